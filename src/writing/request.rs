//! Requests that took effect, by the number their client gave them: asked again they change nothing.

use super::{
    Call, Stop,
    payload::{Answer, Done},
};
use crate::{
    authz::{Access, Viewer},
    clock::Clock,
    db::{BATCH, Class, Database, DbError, Param, Purge, Statement, Transaction},
    graphql::plan::{Refusal, acquire, failed},
    vault::Vault,
};
use ::entity::shared::request_record;
use async_graphql::{Context, Name};
use async_graphql_value::ConstValue;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Map, Value as Json};

/// The keyed hash of a mutation's name and arguments. Keyed, because arguments hold what can be guessed, such as citizen
/// numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digest([u8; 32]);

/// Arguments that don't change what is asked for.
const ASIDE: [&str; 2] = ["requestId", "dryRun"];

impl Digest {
    /// Of the field at hand.
    pub fn of(ctx: &Context<'_>, vault: &Vault) -> Result<Self, Refusal> {
        let arguments = ctx.field().arguments().map_err(|_| Refusal::internal())?;
        let arguments: Map<String, Json> = arguments
            .into_iter()
            .filter(|(name, _)| !ASIDE.contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), canonical(value)))
            .collect();
        for (name, value) in &arguments {
            let path = vec![name.clone()];
            if let Some(path) = unwritable(value, path) {
                let path: Vec<_> = path.iter().map(String::as_str).collect();
                return Err(Refusal::unwritable(&path));
            }
        }
        let name: &Name = &ctx.item.node.name.node;
        let text = format!("{name} {}", Json::from(arguments));
        Ok(Digest(vault.digest(text.as_bytes()).0))
    }
}

/// The same value however the client ordered its fields: `serde_json` keeps maps sorted.
fn canonical(value: ConstValue) -> Json {
    match value {
        ConstValue::Object(fields) => Json::Object(
            fields
                .into_iter()
                // A field that is left out and one that is null are the same to every input.
                .filter(|(_, value)| *value != ConstValue::Null)
                .map(|(name, value)| (name.to_string(), canonical(value)))
                .collect(),
        ),
        ConstValue::List(values) => values.into_iter().map(canonical).collect(),
        other => other.into_json().unwrap_or_default(),
    }
}

/// Whether the request took effect before. What precedes a write, such as a look-up that is counted and recorded, is left out
/// then: [`change`](super::change) answers from the record, or refuses other content.
///
/// # Errors
/// The database.
pub async fn is_done(ctx: &Context<'_>, call: &Call) -> Result<bool, Refusal> {
    if call.is_dry_run() {
        return Ok(false);
    }
    let viewer = &ctx.data_unchecked::<Access>().viewer;
    let sql = "SELECT 1 FROM request_record WHERE user_id = $1 AND client = $2 AND request_id = $3";
    let text = |text: &str| Param::Text(text.into());
    let params = vec![text(&viewer.user), text(&viewer.client), text(&call.key())];
    let statement = Statement::new(Class::ByIdentity, sql, params);
    let mut session = acquire(ctx).await?;
    let rows = session.one(statement).await;
    rows.map(|rows| !rows.is_empty())
        .map_err(|error| failed(&error))
}

/// Where a text stands that no column can hold.
fn unwritable(value: &Json, path: Vec<String>) -> Option<Vec<String>> {
    let below = |name: String, value| unwritable(value, [path.as_slice(), &[name]].concat());
    match value {
        Json::String(text) => text.contains('\0').then_some(path),
        Json::Array(values) => {
            let mut values = values.iter().enumerate();
            values.find_map(|(place, value)| below(place.to_string(), value))
        }
        Json::Object(fields) => fields
            .iter()
            .find_map(|(name, value)| below(name.clone(), value)),
        _ => None,
    }
}

/// Enters the request; or gives the answer of the one that took effect before under this number.
///
/// It is the first statement of the write: whoever comes second with the same number waits here for the first.
///
/// # Errors
/// The number was used for another content; or the database.
pub(super) async fn enter(
    transaction: &Transaction,
    viewer: &Viewer,
    operation: &'static str,
    call: &Call,
    digest: Digest,
    at_ms: i64,
) -> Result<Option<Answer>, Stop> {
    let values = vec![
        viewer.user.clone().into(),
        viewer.client.clone().into(),
        call.key().into(),
        operation.into(),
        digest.0.to_vec().into(),
        at_ms.into(),
    ];
    let entered = transaction.execute_raw(sea_orm::Statement::from_sql_and_values(
        transaction.get_database_backend(),
        ENTER,
        values,
    ));
    match entered.await.map_err(DbError::from)?.rows_affected() {
        0 => before(transaction, viewer, operation, call, digest)
            .await
            .map(Some),
        _ => Ok(None),
    }
}

/// Without an answer, which comes with the last statement of the write.
const ENTER: &str = "INSERT INTO request_record (user_id, client, request_id, operation, digest, answer, at_ms) \
                     VALUES ($1, $2, $3, $4, $5, '', $6) ON CONFLICT DO NOTHING";

async fn before(
    transaction: &Transaction,
    viewer: &Viewer,
    operation: &'static str,
    call: &Call,
    digest: Digest,
) -> Result<Answer, Stop> {
    let key = (viewer.user.clone(), viewer.client.clone(), call.key());
    let record = request_record::Entity::find_by_id(key)
        .one(&**transaction)
        .await
        .map_err(DbError::from)?;
    // Taken back between the two statements: the next run finds nothing and does it.
    let record = record.ok_or(DbError::Locked)?;
    if record.operation != operation || record.digest != digest.0 {
        return Err(Refusal::argument(
            "REQUEST_ID_REUSED",
            &["requestId"],
            "请求编号已用于另一内容：请换一个新的编号。",
            "This requestId was used for another content: choose a new one.",
        )
        .into());
    }
    let answer = serde_json::from_str::<Done>(&record.answer);
    let answer = answer.map_err(|_| DbError::fault("an answer on record can't be read"))?;
    Ok(Answer::Done(answer))
}

/// How long a request is known by its number.
const KEPT_DAYS: i64 = 400;
const DAY_MS: i64 = 86_400_000;

/// Requests that are so old that nobody sends them again.
#[derive(Clone)]
pub struct OldRequests {
    pub database: Database,
    pub clock: Clock,
}

impl Purge for OldRequests {
    const WHAT: &'static str = "requests";

    async fn batch(&self) -> Result<bool, DbError> {
        let oldest_ms = self.clock.now_ms() - KEPT_DAYS * DAY_MS;
        self.database
            .write("purge requests", |transaction| async move {
                let sql = format!(
                    "DELETE FROM request_record WHERE (user_id, client, request_id) IN (SELECT user_id, client, request_id \
                     FROM request_record WHERE at_ms < {oldest_ms} ORDER BY at_ms LIMIT {BATCH})"
                );
                let removed = transaction.execute_unprepared(&sql).await?;
                Ok(removed.rows_affected() == BATCH)
            })
            .await
    }
}
