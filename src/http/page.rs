//! Pages to print: a fixed operation runs through the graph as who asks, and a room makes a page of what it gave. So nothing
//! is shown that a request would not be given, and what does not exist for who asks is not found.

use super::{
    App, authn,
    graphql::{self, Asked},
    negotiation::Media,
    refusal::Refusal,
};
use crate::room::PrintedPage;
use actix_web::{
    HttpRequest, HttpResponse,
    body::MessageBody as _,
    http::{StatusCode, header},
    web,
};
use async_graphql::{Name, Value, Variables};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, PreEscaped, html};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use tracing::Instrument as _;

pub(super) async fn print(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    page: PrintedPage,
) -> HttpResponse {
    answer(&app, &request, &id, &page)
        .instrument(graphql::span(&request))
        .await
}

async fn answer(app: &App, request: &HttpRequest, id: &str, page: &PrintedPage) -> HttpResponse {
    let asked = Asked::of(app, request, Media::Json);
    let viewer = match authn::viewer(app, request).await {
        Ok(viewer) => Arc::new(viewer),
        Err(refusal) => return graphql::refuse(app, &asked, None, None, &refusal),
    };
    let mut variables = Variables::default();
    variables.insert(Name::new("id"), Value::from(id));
    let given = graphql::ask(app, &asked, &viewer, page.operation, variables).await;
    let refused =
        |refusal: &Refusal, cost| graphql::refuse(app, &asked, Some(&viewer), cost, refusal);
    let given = match given {
        Ok(given) => given,
        Err((refusal, cost)) => return refused(&refusal, cost),
    };
    match rendered(given, page) {
        Ok(html) => written(page, html),
        Err(refusal) => refused(&refusal, None),
    }
}

/// The page of an answer of the graph.
fn rendered(given: HttpResponse, page: &PrintedPage) -> Result<String, Refusal> {
    let bytes = given.into_body().try_into_bytes().ok();
    let answer: Option<Json> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let answer = answer.ok_or_else(graphql::internal)?;
    let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
    let told = |error: &Json| {
        let code = error["extensions"]["code"].as_str();
        matches!(code, Some("FORBIDDEN" | "INVALID_ID"))
    };
    // A page that lacks what could not be read must not look whole.
    if !errors.iter().all(told) {
        return Err(graphql::internal());
    }
    (page.body)(&answer["data"]).ok_or_else(|| {
        Refusal::of(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "没有这一页，或不在您的范围内：请核对编号。",
            "There is no such page for you: check the id.",
        )
    })
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
