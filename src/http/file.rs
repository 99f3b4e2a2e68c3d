//! The file of a job. It leaves piece by piece, so memory holds one, however large the file is.

use super::{App, own, refusal::Refusal};
use crate::{graphql::scalars::parse_global_id, jobs::JobFiles};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{ContentDisposition, DispositionParam, DispositionType},
    },
    web,
};
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;
use std::{io, sync::Arc};

/// What repeats what was sent, numbers of persons too, or tells what one user may read: for nobody but who asked.
const OWN: [&str; 3] = ["IMPORT", "EXPORT", "ROSTER"];
const OPERATION: &str = "query JobFile($id: ID!) { job(id: $id) { kind state fileName format } }";

pub(super) async fn fetch(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> HttpResponse {
    let asked = (OPERATION, id.as_str());
    let mut shown = None;
    let answer = own::answer(&app, &request, asked, |data, viewer| {
        let job = &data["job"];
        let is_own = OWN.iter().any(|kind| job["kind"] == *kind);
        shown = Some((named(job)?, is_own, viewer.user.clone()));
        Ok(HttpResponse::Ok().finish())
    })
    .await;
    let key = parse_global_id(&id).map(|(_, key)| key);
    let Some(((named, is_own, user), job)) = shown.zip(key) else {
        return answer;
    };
    if is_own && !app.files.is_of(job, &user).await.unwrap_or_default() {
        return own::answer(&app, &request, asked, |_, _| Err(own::not_found())).await;
    }
    tracing::info!(job, user, "the file of a job is fetched");
    sent(app.files.clone(), job, named)
}

/// The name and the media type of the file of a job.
fn named(job: &Value) -> Result<(String, &'static str), Refusal> {
    let told = |name: &str| job[name].as_str();
    let (state, name) = told("state")
        .zip(told("fileName"))
        .ok_or_else(own::not_found)?;
    if state != "DONE" {
        return Err(Refusal::of(
            StatusCode::CONFLICT,
            "JOB_NOT_DONE",
            "任务没有可下载的文件：请查看任务状态。",
            "The job has no file to fetch: see its state.",
        ));
    }
    let media = match told("format") {
        Some("XLSX") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("PARQUET") => "application/vnd.apache.parquet",
        Some("CSV_GB18030") => "text/csv; charset=gb18030",
        _ => "text/csv; charset=utf-8",
    };
    Ok((name.to_owned(), media))
}

fn sent(files: Arc<dyn JobFiles>, job: i64, (name, media): (String, &'static str)) -> HttpResponse {
    let pieces = stream::try_unfold((files, 0), move |(files, number)| async move {
        let piece = files.piece(job, number).await;
        let piece = piece.map_err(|error| {
            tracing::error!(%error, job, "the file of a job breaks off");
            io::Error::other("the file breaks off")
        })?;
        Ok::<_, io::Error>(piece.map(|piece| (Bytes::from(piece), (files, number + 1))))
    });
    HttpResponse::Ok()
        .content_type(media)
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(name)],
        })
        .streaming(pieces)
}
