//! Pages to print: a fixed operation runs through the graph as who asks, and a room makes a page of what it gave. So nothing
//! is shown that a request would not be given, and what does not exist for who asks is not found.

use super::{App, own};
use crate::room::PrintedPage;
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, PreEscaped, html};
use sha2::{Digest as _, Sha256};

pub(super) async fn print(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    page: PrintedPage,
) -> HttpResponse {
    let asked = (page.operation, id.as_str());
    own::answer(&app, &request, asked, |data, _| {
        let body = (page.body)(data).ok_or_else(own::not_found)?;
        Ok(written(&page, body))
    })
    .await
}

/// The whole page. It runs no script and loads nothing; its style is the one whose hash the policy names.
fn written(page: &PrintedPage, body: String) -> HttpResponse {
    let hash = STANDARD.encode(Sha256::digest(page.style));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    );
    let page = html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (page.title) }
                style { (PreEscaped(page.style)) }
            }
            body { (PreEscaped(body)) }
        }
    };
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(page.into_string())
}
