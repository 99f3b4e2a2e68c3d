//! POST and GET `/graphql`: from the bytes of a request to the bytes of an answer.

use super::{
    App, authn,
    negotiation::Media,
    refusal::Refusal,
    request::{Parameters, discard_rest},
};
use crate::{
    authz::Viewer,
    config::{DocumentRule, Introspection},
    db::{Freshness, Position},
    graphql::{
        document::{Document, NoOperation, Operation},
        execute::RequestId,
        language::Language,
        response::{is_request_error, to_json},
        rewrite,
    },
    schema::POSITION,
    telemetry,
};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    web,
};
use async_graphql::{Request, Response, Value, Variables, parser::types::OperationType, value};
use entity::codes::Role;
use futures_util::FutureExt;
use sha2::{Digest, Sha256};
use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::Instrument;

/// Up to where writes have come, in an answer; what to read at least, in a request.
pub(super) const POSITION_HEADER: HeaderName = HeaderName::from_static("x-yihu-position");

/// How the parameters came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
    /// A message of a socket.
    Message,
}

/// Everything about one request that its answer depends on, beside its parameters.
pub(super) struct Asked {
    media: Media,
    pub(super) language: Language,
    pub(super) request_id: RequestId,
    /// How fresh what is read has to be, where a replica may be asked.
    freshness: Option<Freshness>,
    started: Instant,
}

pub(super) async fn post(
    app: web::Data<App>,
    request: HttpRequest,
    mut payload: web::Payload,
) -> HttpResponse {
    let answer = answer(&app, &request, Some(&mut payload))
        .instrument(span(&request))
        .await;
    let refused = !answer.status().is_success();
    if refused && answer.status() != StatusCode::REQUEST_TIMEOUT {
        discard_rest(&mut payload).await;
    }
    answer
}

pub(super) async fn get(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(&app, &request, None)
        .instrument(span(&request))
        .await
}

/// The span of a request: its id is in every line and trace that the request causes. It joins the trace of who asks.
pub(super) fn span(request: &HttpRequest) -> tracing::Span {
    let id = request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default();
    let span = tracing::info_span!(
        "request",
        request_id = id,
        department = tracing::field::Empty,
        operation = tracing::field::Empty
    );
    let parent = request.headers().get("traceparent");
    if let Some(parent) = parent.and_then(|value| value.to_str().ok()) {
        telemetry::join(&span, parent);
    }
    span
}

pub(super) async fn other_method(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let refusal = Refusal::of(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD",
        "只接受 POST，查询也可用 GET。",
        "POST only, or GET for queries.",
    )
    .header(header::ALLOW, "GET, POST");
    refuse(
        &app,
        &Asked::of(&app, &request, Media::Json),
        None,
        None,
        &refusal,
    )
}

impl Asked {
    pub(super) fn of(app: &App, request: &HttpRequest, media: Media) -> Self {
        let header = request
            .headers()
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let request_id = request.extensions().get::<RequestId>().cloned();
        Asked {
            media,
            language: Language::accepted(header, app.config.graphql.language),
            request_id: request_id.unwrap_or_else(|| RequestId(String::new())),
            freshness: None,
            started: Instant::now(),
        }
    }
}

async fn answer(
    app: &App,
    request: &HttpRequest,
    payload: Option<&mut web::Payload>,
) -> HttpResponse {
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    let media = Media::accepted(accept);
    let mut asked = Asked::of(app, request, media.unwrap_or(Media::Json));
    // First of all who it is: a stranger's bytes are not looked at.
    let viewer = match authn::viewer(app, request).await {
        Ok(viewer) => Arc::new(viewer),
        Err(refusal) => return refuse(app, &asked, None, None, &refusal),
    };
    if media.is_none() {
        let refusal = Refusal::of(
            StatusCode::NOT_ACCEPTABLE,
            "NOT_ACCEPTABLE",
            "Accept 需要包含 application/json。",
            "Accept must include application/json.",
        );
        return refuse(app, &asked, Some(&viewer), None, &refusal);
    }
    match freshness(request) {
        Ok(freshness) => asked.freshness = Some(freshness),
        Err(refusal) => return refuse(app, &asked, Some(&viewer), None, &refusal),
    }
    let (method, parameters) = match payload {
        Some(payload) => (
            Method::Post,
            Parameters::of_post(request, payload, &app.config.http).await,
        ),
        None => (Method::Get, Parameters::of_get(request)),
    };
    let outcome = match parameters {
        Ok(parameters) => run(app, &asked, &viewer, method, parameters).await,
        Err(refusal) => Err((refusal, None)),
    };
    match outcome {
        Ok(answer) => answer,
        Err((refusal, cost)) => refuse(app, &asked, Some(&viewer), cost, &refusal),
    }
}

/// What the request must not be answered from before: the position that an answer to a write has told.
fn freshness(request: &HttpRequest) -> Result<Freshness, Refusal> {
    let mut newest = Position::default();
    for value in request.headers().get_all(POSITION_HEADER) {
        let position = value
            .to_str()
            .ok()
            .and_then(|text| text.trim().parse().ok());
        let position: Position = position.ok_or_else(|| {
            Refusal::bad_request(
                "请求头 X-Yihu-Position 必须是此前应答给出的值。",
                "The header X-Yihu-Position must be a value that an answer has given.",
            )
        })?;
        newest = newest.max(position);
    }
    Ok(Freshness::From(newest))
}

/// A refusal, with the cost where it was already known.
pub(super) type Refused = (Refusal, Option<u64>);

async fn run(
    app: &App,
    asked: &Asked,
    viewer: &Arc<Viewer>,
    method: Method,
    parameters: Parameters,
) -> Result<HttpResponse, Refused> {
    let document = document(app, viewer, &parameters).map_err(free)?;
    run_document(app, asked, viewer, method, (&document, parameters)).await
}

/// Runs an operation of the server's own as who asks: it need not be registered, and passes every other wall.
pub(super) async fn ask(
    app: &App,
    asked: &Asked,
    viewer: &Arc<Viewer>,
    operation: &str,
    variables: Variables,
) -> Result<HttpResponse, Refused> {
    let document = app.documents.fetch(operation, app.graph.shape());
    let document = document.map_err(|refusal| free(Refusal::limit(&refusal)))?;
    let parameters = Parameters {
        variables,
        ..Parameters::default()
    };
    run_document(app, asked, viewer, Method::Post, (&document, parameters)).await
}

async fn run_document(
    app: &App,
    asked: &Asked,
    viewer: &Arc<Viewer>,
    method: Method,
    (document, parameters): (&Arc<Document>, Parameters),
) -> Result<HttpResponse, Refused> {
    let (operation, cost) = admitted(app, viewer, method, document, &parameters)?;
    let permit = app
        .room
        .enter(cost)
        .await
        .map_err(|refusal| (refusal, Some(cost)))?;
    let response = execute(
        app,
        asked,
        viewer,
        document,
        operation,
        parameters.variables,
    )
    .await;
    drop(permit);
    let response = response.map_err(|refusal| (refusal, Some(cost)))?;
    Ok(finish(app, asked, viewer, operation, cost, response))
}

fn free(refusal: Refusal) -> Refused {
    (refusal, None)
}

/// The operation of a request that passes every wall before it runs, and its cost.
pub(super) fn admitted<'d>(
    app: &App,
    viewer: &Viewer,
    method: Method,
    document: &'d Document,
    parameters: &Parameters,
) -> Result<(&'d Operation, u64), Refused> {
    let operation = document
        .operation(parameters.operation_name.as_deref())
        .map_err(|none| free(no_operation(none)))?;
    check_kind(app, viewer, method, document, operation).map_err(free)?;
    if let Some(definition) = document.definition(operation) {
        let checked = app
            .graph
            .shape()
            .check_variables(definition, &parameters.variables);
        let checked =
            checked.and_then(|()| document.check_switches(definition, &parameters.variables));
        checked.map_err(|bad| free(Refusal::variable(&bad)))?;
    }
    let cost = operation
        .measured
        .cost(&parameters.variables, app.documents.limits())
        .map_err(|over| {
            let used = match over {
                crate::graphql::limits::Refusal::Over { value, .. } => Some(value),
                _ => None,
            };
            (Refusal::limit(&over), used)
        })?;
    app.metrics
        .cost
        .with_label_values(&[&app.metrics.label(operation.name.as_deref())])
        .observe(u32::try_from(cost).map_or(f64::INFINITY, f64::from));
    Ok((operation, cost))
}

/// The document of a request: from its text, from the client's manifest, or from a hash that was registered.
pub(super) fn document(
    app: &App,
    viewer: &Viewer,
    parameters: &Parameters,
) -> Result<Arc<Document>, Refusal> {
    let fetch = |text: &str| {
        app.documents
            .fetch(text, app.graph.shape())
            .map_err(|refusal| Refusal::limit(&refusal))
    };
    if app.config.graphql.documents == DocumentRule::Trusted {
        let hash = parameters.hash.or_else(|| {
            parameters
                .query
                .as_ref()
                .map(|text| Sha256::digest(text).into())
        });
        let text = hash.and_then(|hash| app.trusted.find(&viewer.client, &hash));
        return fetch(&text.ok_or_else(|| Refusal::of_document(
            "DOCUMENT_NOT_TRUSTED",
            "此客户端没有登记这个文档，请联系管理员登记。",
            "This document is not registered for this client application; ask the operator to register it.",
        ))?);
    }
    match (&parameters.query, parameters.hash) {
        (Some(text), None) => fetch(text),
        (Some(text), Some(hash)) => {
            if hash != <[u8; 32]>::from(Sha256::digest(text)) {
                return Err(Refusal::bad_request(
                    "sha256Hash 与 query 不符。",
                    "sha256Hash is not the hash of query.",
                ));
            }
            let document = fetch(text)?;
            if document.memorable {
                app.persisted.keep(hash, &document.text);
            }
            Ok(document)
        }
        (None, Some(hash)) => {
            let text = app.persisted.find(&hash).ok_or_else(|| {
                // Said to programs: urql knows the message, Apollo either, and both send the text then.
                let message = "PersistedQueryNotFound";
                Refusal::of_document("PERSISTED_QUERY_NOT_FOUND", message, message)
            })?;
            fetch(&text)
        }
        (None, None) => Err(Refusal::bad_request(
            "缺少参数 query。",
            "The parameter query is missing.",
        )),
    }
}

fn no_operation(none: NoOperation) -> Refusal {
    match none {
        NoOperation::NameRequired => Refusal::of_document(
            "OPERATION_NAME",
            "文档有多个操作，请用 operationName 指定一个。",
            "The document has several operations; name one with operationName.",
        ),
        NoOperation::UnknownName => Refusal::of_document(
            "OPERATION_NAME",
            "文档中没有这个名称的操作。",
            "The document has no operation of this name.",
        ),
    }
}

fn check_kind(
    app: &App,
    viewer: &Viewer,
    method: Method,
    document: &Document,
    operation: &Operation,
) -> Result<(), Refusal> {
    let subscribes = operation.kind == OperationType::Subscription;
    if subscribes && method != Method::Message {
        return Err(Refusal::of_document(
            "OPERATION_KIND",
            "订阅请使用 WebSocket（graphql-transport-ws）。",
            "Subscribe over WebSocket (graphql-transport-ws).",
        ));
    }
    if !subscribes && method == Method::Message {
        return Err(Refusal::of_document(
            "OPERATION_KIND",
            "WebSocket 只用于订阅，查询和变更请使用 POST。",
            "The socket is for subscriptions; send queries and mutations by POST.",
        ));
    }
    if method == Method::Get && operation.kind != OperationType::Query {
        return Err(Refusal::of(
            StatusCode::METHOD_NOT_ALLOWED,
            "METHOD",
            "GET 只能用于查询，变更请使用 POST。",
            "GET is for queries only; send mutations by POST.",
        )
        .header(header::ALLOW, "POST"));
    }
    let may_introspect = match app.config.graphql.introspection {
        Introspection::On => true,
        Introspection::Off => false,
        Introspection::Admin => viewer.roles.has(Role::SystemAdmin),
    };
    if document.introspects && !may_introspect {
        return Err(Refusal::of_document(
            "INTROSPECTION",
            "此服务器不提供架构自省，请使用 schema.graphql。",
            "This server does not tell its schema; use schema.graphql.",
        ));
    }
    Ok(())
}

/// Runs an operation. A panic of a resolver ends here: the library lets it through.
async fn execute(
    app: &App,
    asked: &Asked,
    viewer: &Arc<Viewer>,
    document: &Arc<Document>,
    operation: &Operation,
    variables: Variables,
) -> Result<Response, Refusal> {
    let mut request = Request::new("")
        .variables(variables)
        .data(asked.request_id.clone());
    if let Some(freshness) = asked.freshness {
        request = request.data(freshness);
    }
    request.operation_name = operation.name.as_ref().map(ToString::to_string);
    let run = app
        .graph
        .execute(request, document, viewer.clone(), asked.language);
    let run = AssertUnwindSafe(run).catch_unwind();
    let outcome = match operation.kind {
        // Dropping a query is harmless. A mutation is never dropped half-way: its own statements have timeouts.
        OperationType::Query => {
            tokio::time::timeout(Duration::from_secs(app.config.http.query_seconds), run)
                .await
                .map_err(|_| {
                    Refusal::of(
                        StatusCode::SERVICE_UNAVAILABLE,
                        "TIMEOUT",
                        "查询超时，请减小范围。",
                        "The query took too long; ask for less.",
                    )
                    .header(header::RETRY_AFTER, "5")
                })?
        }
        _ => run.await,
    };
    outcome.map_err(|_| {
        app.metrics.panics.inc();
        tracing::error!("a resolver panicked");
        internal()
    })
}

/// A fault of ours that was logged where it happened.
pub(super) fn internal() -> Refusal {
    Refusal::of(
        StatusCode::INTERNAL_SERVER_ERROR,
        "INTERNAL",
        rewrite::internal(Language::Chinese),
        rewrite::internal(Language::English),
    )
}

fn cost_extension(app: &App, used: u64) -> Value {
    value!({ "used": used, "limit": app.documents.limits().cost })
}

fn finish(
    app: &App,
    asked: &Asked,
    viewer: &Viewer,
    operation: &Operation,
    cost: u64,
    mut response: Response,
) -> HttpResponse {
    let faults = rewrite::rewrite(
        &mut response,
        app.graph.shape(),
        asked.language,
        &asked.request_id.0,
    );
    app.metrics.faults.inc_by(faults as u64);
    if faults > 0 {
        tracing::error!(faults, "resolver errors without a code");
    }
    let refused = is_request_error(&response);
    let absent = is_absent(&response);
    let status = match (absent, refused, asked.media) {
        (true, ..) => StatusCode::SERVICE_UNAVAILABLE,
        (_, true, Media::GraphqlResponse) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let position = match response.extensions.get(POSITION) {
        Some(Value::String(position)) => HeaderValue::from_str(position).ok(),
        _ => None,
    };
    response
        .extensions
        .insert("cost".to_owned(), cost_extension(app, cost));
    let body = to_json(&response);
    let outcome = outcome(absent, refused, faults > 0);
    let name = app.metrics.label(operation.name.as_deref());
    let span = tracing::Span::current();
    span.record("department", tracing::field::display(viewer.department));
    span.record("operation", name.as_str());
    app.metrics
        .requests
        .with_label_values(&[name.as_str(), outcome])
        .inc();
    let elapsed = asked.started.elapsed();
    app.metrics
        .seconds
        .with_label_values(&[&name])
        .observe(elapsed.as_secs_f64());
    tracing::info!(
        department = %viewer.department,
        operation = name,
        status = status.as_u16(),
        errors = response.errors.len(),
        cost,
        bytes = body.len(),
        duration_us = elapsed.as_micros() as u64,
        "{outcome}"
    );
    let mut answer = HttpResponse::build(status);
    answer.content_type(asked.media.content_type());
    if absent {
        answer.insert_header((header::RETRY_AFTER, "1"));
    }
    if let Some(position) = position {
        answer.insert_header((POSITION_HEADER, position));
    }
    answer.body(body)
}

/// The word of metrics and log for how an operation ended.
fn outcome(absent: bool, refused: bool, faulty: bool) -> &'static str {
    match (absent, refused, faulty) {
        (true, ..) => "unavailable",
        (_, true, _) => "refused",
        (.., true) => "fault",
        _ => "done",
    }
}

/// Whether the answer lacks what only a moment later can be given: the database was gone, or nothing of it could be read.
fn is_absent(response: &Response) -> bool {
    let has = |wanted: &str| {
        let mut codes = response.errors.iter().map(rewrite::code_of);
        codes.any(|code| code == Some(wanted))
    };
    let is_empty = match &response.data {
        Value::Object(fields) => fields.values().all(|field| *field == Value::Null),
        data => *data == Value::Null,
    };
    has(rewrite::UNAVAILABLE) || (is_empty && has("OVERLOADED"))
}

pub(super) fn refuse(
    app: &App,
    asked: &Asked,
    viewer: Option<&Viewer>,
    cost: Option<u64>,
    refusal: &Refusal,
) -> HttpResponse {
    app.metrics
        .refusals
        .with_label_values(&[refusal.code()])
        .inc();
    let status = refusal.status(asked.media);
    tracing::info!(
        department = viewer.map(|viewer| tracing::field::display(viewer.department)),
        code = refusal.code(),
        status = status.as_u16(),
        cost,
        duration_us = asked.started.elapsed().as_micros() as u64,
        "refused"
    );
    let cost =
        serde_json::json!({ "used": cost.unwrap_or(0), "limit": app.documents.limits().cost });
    refusal.answer(asked.media, asked.language, &asked.request_id.0, cost)
}
