//! `/livez` and `/readyz`: is the process alive, and should it get requests.

use super::App;
use crate::{audit::Seals, clock::Clock};
use actix_web::{HttpResponse, web};
use futures_util::future::BoxFuture;
use serde_json::json;
use std::time::Duration;

/// Seconds a check may take.
const CHECK_SECONDS: u64 = 2;

/// Something without which requests fail: the database, its migrations, keys.
pub trait ReadyCheck: Send + Sync + 'static {
    /// One word for the answer of `/readyz`.
    fn name(&self) -> &'static str;
    /// Whether it is there now. What is wrong belongs in the log.
    fn check(&self) -> BoxFuture<'_, bool>;
    /// Whether nothing can be answered without it. What only some requests need is told, and the server stays ready.
    fn is_needed(&self) -> bool {
        true
    }
}

/// Whether audit records are sealed in time. Where not, money and decisions are refused, and everything else goes on.
pub struct SealsInTime {
    pub seals: Seals,
    pub clock: Clock,
}

impl ReadyCheck for SealsInTime {
    fn name(&self) -> &'static str {
        "seals"
    }

    fn check(&self) -> BoxFuture<'_, bool> {
        Box::pin(async {
            match self.seals.overdue(self.clock.now_ms()).await {
                Ok(overdue) => !overdue,
                Err(error) => {
                    tracing::warn!(%error, "whether records are sealed in time is not known");
                    false
                }
            }
        })
    }

    fn is_needed(&self) -> bool {
        false
    }
}

pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok")
}

pub(super) async fn ready(app: web::Data<App>) -> HttpResponse {
    let mut checks = serde_json::Map::new();
    let mut all = app.is_ready();
    checks.insert("serving".to_owned(), json!(all));
    let keys = !app.keys.is_empty();
    checks.insert("keys".to_owned(), json!(keys));
    all &= keys;
    for check in &app.checks {
        let passed = tokio::time::timeout(Duration::from_secs(CHECK_SECONDS), check.check())
            .await
            .unwrap_or(false);
        checks.insert(check.name().to_owned(), json!(passed));
        all &= passed || !check.is_needed();
    }
    let mut answer = if all {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    answer.json(json!({ "ready": all, "checks": checks }))
}

pub(super) async fn metrics(app: web::Data<App>) -> HttpResponse {
    app.metrics
        .documents
        .set(i64::try_from(app.documents.len()).unwrap_or(i64::MAX));
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(app.metrics.text())
}
