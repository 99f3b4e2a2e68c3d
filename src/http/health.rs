//! `/livez` and `/readyz`: is the process alive, and should it get requests.

use super::{
    App,
    metrics::{Behind, Measure},
};
use crate::{audit::Seals, clock::Clock};
use actix_web::{HttpResponse, web};
use futures_util::future::{BoxFuture, join_all};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long the checks may take: who asks has to hear within two seconds that something is gone.
const CHECK_TIME: Duration = Duration::from_millis(1_500);
/// How long what metrics ask of the database is not asked again, and how long it may take.
const MEASURED_FOR: Duration = Duration::from_secs(5);

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
    let checked = app.checks.iter().map(|check| async move {
        let passed = tokio::time::timeout(CHECK_TIME, check.check()).await;
        (check, passed.unwrap_or(false))
    });
    for (check, passed) in join_all(checked).await {
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

/// What was asked of the database for metrics, and when.
#[derive(Default)]
pub(super) struct Measured(Mutex<Option<(Instant, Behind)>>);

impl Measured {
    /// Asks again only after a while, however often somebody looks.
    async fn behind(&self, measure: &dyn Measure) -> Behind {
        let mut measured = self.0.lock().await;
        match &*measured {
            Some((at, behind)) if at.elapsed() < MEASURED_FOR => behind.clone(),
            _ => {
                let behind = tokio::time::timeout(CHECK_TIME, measure.behind()).await;
                let behind = behind.unwrap_or_default();
                *measured = Some((Instant::now(), behind.clone()));
                behind
            }
        }
    }
}

pub(super) async fn metrics(app: web::Data<App>) -> HttpResponse {
    app.metrics
        .documents
        .set(i64::try_from(app.documents.len()).unwrap_or(i64::MAX));
    app.metrics.set_room(app.room.figures());
    app.metrics.set_memory();
    if let Some(measure) = &app.measure {
        app.metrics.set_database(&measure.database());
        let behind = app.measured.behind(&**measure).await;
        app.metrics.set_behind(&behind);
    }
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(app.metrics.text())
}
