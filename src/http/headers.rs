//! Around every request: its id, the headers of its answer, origins that may call, and how long bytes may lie unread.

use super::App;
use crate::graphql::execute::RequestId;
use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        ConnectionType, Method,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use std::{any::Any, sync::atomic::Ordering, time::Duration};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers of every answer that does not say otherwise.
const SECURITY: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
];

/// Counts a request for as long as it is in progress, also when its client goes away.
struct Running(Data<App>);

impl Running {
    fn start(app: Data<App>) -> Self {
        app.metrics.running.inc();
        app.begun.fetch_add(1, Ordering::AcqRel);
        Running(app)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.metrics.running.dec();
    }
}

pub(super) async fn around(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let _running = Running::start(app.clone());
    let id = uuid::Uuid::now_v7().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = origin.filter(|origin| {
        app.config
            .http
            .origins
            .iter()
            .any(|of| of.as_bytes() == origin.as_bytes())
    });
    let preflight = *request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut answer = match (&allowed, preflight) {
        (Some(_), true) => request.into_response(HttpResponse::NoContent().finish()),
        _ => next.call(request).await?.map_into_boxed_body(),
    };
    let headers = answer.headers_mut();
    for (name, value) in SECURITY {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("retry-after, x-request-id, x-yihu-position"),
        );
        if preflight {
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static("GET, POST"),
            );
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                HeaderValue::from_static(
                    "authorization, content-type, accept, accept-language, x-yihu-position",
                ),
            );
            headers.insert(
                header::ACCESS_CONTROL_MAX_AGE,
                HeaderValue::from_static("600"),
            );
        }
    }
    if !app.is_ready() {
        // The client is told, and the connection is closed with this answer.
        answer
            .response_mut()
            .head_mut()
            .set_connection_type(ConnectionType::Close);
    }
    Ok(answer)
}

/// Lets the kernel cut a connection whose client leaves our bytes unread: the server has no timeout of its own for
/// writing.
pub(super) fn limit_unread(connection: &dyn Any, limit: Duration) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>()
        && let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(limit))
    {
        tracing::debug!(%error, "no limit for unread bytes");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (connection, limit);
}
