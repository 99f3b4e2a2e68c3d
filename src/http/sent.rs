//! A file that is sent for a job, kept piece by piece as it comes: memory holds one. Sent again it begins anew.

use super::{App, own, refusal::Refusal};
use crate::{db::DbError, graphql::scalars::parse_global_id, jobs::JobFiles};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{sync::Arc, time::Duration};

const OPERATION: &str = "query JobInput($id: ID!) { job(id: $id) { state } }";
/// Bytes of a piece.
const PIECE: usize = 1 << 20;

pub(super) async fn take(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    mut payload: web::Payload,
) -> HttpResponse {
    let asked = (OPERATION, id.as_str());
    // Asked before a byte is read; then the bytes are read, and told what became of them.
    let mut user = None;
    let shown = own::answer(&app, &request, asked, |data, viewer| {
        awaits(&data["job"])?;
        user = Some(viewer.user.clone());
        Ok(HttpResponse::Ok().finish())
    })
    .await;
    let key = parse_global_id(&id).map(|(_, key)| key);
    let Some((user, job)) = user.zip(key) else {
        return shown;
    };
    let limits = (
        app.config.jobs.upload_bytes,
        Duration::from_secs(app.config.http.body_seconds),
    );
    let kept = keep(app.files.clone(), (job, &user), limits, &mut payload).await;
    own::answer(&app, &request, asked, |_, _| {
        let hash = kept?;
        tracing::info!(job, user, hash, "the file of a job was sent");
        Ok(HttpResponse::Ok().json(json!({ "fileHash": hash })))
    })
    .await
}

fn awaits(job: &Value) -> Result<(), Refusal> {
    match job["state"].as_str() {
        None => Err(own::not_found()),
        Some("AWAITING_FILE") => Ok(()),
        Some(_) => Err(not_awaited()),
    }
}

fn not_awaited() -> Refusal {
    Refusal::of(
        StatusCode::CONFLICT,
        "FILE_NOT_AWAITED",
        "该任务不等待文件，或由他人建立：请重新开始导入。",
        "The job awaits no file, or not from you: begin another import.",
    )
}

/// Keeps the file, and gives its hash.
async fn keep(
    files: Arc<dyn JobFiles>,
    (job, user): (i64, &str),
    (most_bytes, patience): (u64, Duration),
    payload: &mut web::Payload,
) -> Result<String, Refusal> {
    if !files.begin(job, user).await.map_err(down)? {
        return Err(not_awaited());
    }
    let (mut hash, mut bytes, mut number) = (Sha256::new(), 0_u64, 0);
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        let chunk = tokio::time::timeout(patience, payload.next()).await;
        let chunk = chunk.map_err(|_| cut_off())?;
        let Some(chunk) = chunk else { break };
        let chunk = chunk.map_err(|_| cut_off())?;
        bytes += chunk.len() as u64;
        if bytes > most_bytes {
            return Err(Refusal::of(
                StatusCode::PAYLOAD_TOO_LARGE,
                "FILE_TOO_LARGE",
                "文件过大：请拆分后分别导入。",
                "The file is too large: split it.",
            ));
        }
        hash.update(&chunk);
        piece.extend_from_slice(&chunk);
        if piece.len() >= PIECE {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE));
            files.add(job, number, full).await.map_err(down)?;
            number += 1;
        }
    }
    files.add(job, number, piece).await.map_err(down)?;
    let hash = hex::encode(hash.finalize());
    match files.end(job, &hash).await.map_err(down)? {
        true => Ok(hash),
        false => Err(not_awaited()),
    }
}

fn cut_off() -> Refusal {
    Refusal::of(
        StatusCode::REQUEST_TIMEOUT,
        "FILE_CUT_OFF",
        "文件没有传完：请重新上传。",
        "The file did not arrive whole: send it again.",
    )
}

fn down(error: DbError) -> Refusal {
    tracing::error!(%error, "a file can't be kept");
    Refusal::of(
        StatusCode::SERVICE_UNAVAILABLE,
        "UNAVAILABLE",
        "暂时不能保存文件：请稍后重新上传。",
        "The file can't be kept now: send it again later.",
    )
}
