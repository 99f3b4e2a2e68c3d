//! What the server asks of the graph itself in order to answer another kind of request: as who asks, so that nothing leaves
//! that a request of theirs would not be given.

use super::{
    App, authn,
    graphql::{self, Asked},
    negotiation::Media,
    refusal::Refusal,
};
use crate::{authz::Viewer, graphql::rewrite::UNAVAILABLE};
use actix_web::{HttpRequest, HttpResponse, body::MessageBody as _, http::StatusCode};
use async_graphql::{Name, Value, Variables};
use serde_json::Value as Json;
use std::sync::Arc;
use tracing::Instrument as _;

/// Runs an operation with the variable `$id`, and answers with what is made of its data.
pub(super) async fn answer(
    app: &App,
    request: &HttpRequest,
    (operation, id): (&str, &str),
    make: impl FnOnce(&Json, &Viewer) -> Result<HttpResponse, Refusal>,
) -> HttpResponse {
    let answering = async {
        let asked = Asked::of(app, request, Media::Json);
        let viewer = match authn::viewer(app, request).await {
            Ok(viewer) => Arc::new(viewer),
            Err(refusal) => return graphql::refuse(app, &asked, None, None, &refusal),
        };
        let mut variables = Variables::default();
        variables.insert(Name::new("id"), Value::from(id));
        let given = graphql::ask(app, &asked, &viewer, operation, variables).await;
        let made = given.and_then(|given| {
            let made = data(given).and_then(|data| make(&data, &viewer));
            made.map_err(|refusal| (refusal, None))
        });
        made.unwrap_or_else(|(refusal, cost)| {
            graphql::refuse(app, &asked, Some(&viewer), cost, &refusal)
        })
    };
    answering.instrument(graphql::span(request)).await
}

/// The data of an answer of the graph.
fn data(given: HttpResponse) -> Result<Json, Refusal> {
    let bytes = given.into_body().try_into_bytes().ok();
    let answer: Option<Json> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let mut answer = answer.ok_or_else(graphql::internal)?;
    let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
    let told = |error: &Json| {
        let code = error["extensions"]["code"].as_str();
        matches!(code, Some("FORBIDDEN" | "INVALID_ID"))
    };
    let is_gone = |error: &Json| error["extensions"]["code"] == UNAVAILABLE;
    if errors.iter().any(is_gone) {
        return Err(Refusal::unavailable());
    }
    // What lacks something that could not be read must not look whole.
    if !errors.iter().all(told) {
        return Err(graphql::internal());
    }
    Ok(answer["data"].take())
}

/// What does not exist for who asks.
pub(super) fn not_found() -> Refusal {
    Refusal::of(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        "没有这一页，或不在您的范围内：请核对编号。",
        "There is no such page for you: check the id.",
    )
}
