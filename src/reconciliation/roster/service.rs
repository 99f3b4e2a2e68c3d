//! The rules of lists that are sent and of rows that are decided.

use super::{
    mutation::{RosterDecideInput, RosterMatchBeginInput},
    store,
};
use crate::{
    db::DbError,
    household::member,
    identifiers::looks_sensitive,
    jobs::{self, FileState, JobRequest},
    reconciliation::service::SENSITIVE,
    text::is_plain,
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use async_graphql::ID;
use entity::{codes::JobKind, reconciliation::roster_decision};
use serde::{Deserialize, Serialize};

/// The most characters of the name of a file.
const MOST_NAME: usize = 100;
/// The most characters of a reason.
const MOST_REASON: usize = 500;
/// Bytes of the key of a row.
const KEY_LENGTH: usize = 32;

pub(super) const BAD_NAME: Code = Code::new(
    "BAD_FILE_NAME",
    "文件名应为 1 至 100 个字符，不含路径。",
    "A file's name has 1 to 100 characters and no path.",
);
pub(super) const ALREADY_DECIDED: Code = Code::new(
    "ALREADY_DECIDED",
    "该行在本地区已有人工认定：如有误，请先撤销。",
    "This row was decided in your region: withdraw the decision first if it is wrong.",
);
pub(super) const WITHDRAWN: Code = Code::new(
    "DECISION_WITHDRAWN",
    "该认定已撤销。",
    "The decision was withdrawn before.",
);

/// What is asked of the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wanted {
    pub file_name: String,
}

/// Enters the job that waits for a list.
pub(super) async fn announce(door: Door, input: &RosterMatchBeginInput) -> Result<Done, Stop> {
    let name = input.file_name.trim();
    let is_name = (1..=MOST_NAME).contains(&name.chars().count())
        && !name.contains(['/', '\\', '\0'])
        && is_plain(name);
    if !is_name {
        return Err(Mistake::new(&BAD_NAME, &["input", "fileName"]).into());
    }
    let wanted = Wanted {
        file_name: name.to_owned(),
    };
    let wanted = serde_json::to_string(&wanted);
    let request = JobRequest {
        kind: JobKind::Roster,
        region: input.region.0,
        input: wanted.map_err(|error| DbError::fault(error.to_string()))?,
        format: input.format,
        file_name: format!("roster-{}", input.region.0),
        file: FileState::Awaited,
    };
    jobs::request(&door, request).await
}

/// Keeps whose row it is in the region of who decides.
pub(super) async fn decide(door: Door, input: &RosterDecideInput) -> Result<Done, Stop> {
    let mut mistakes = Mistakes::default();
    let row_key = hex::decode(&input.row_key).ok();
    let row_key = row_key.filter(|key| key.len() == KEY_LENGTH);
    mistakes.unless_saying(
        row_key.is_some(),
        &INVALID_VALUE,
        &["input", "rowKey"],
        "请填写比对结果给出的行标识（64 位十六进制）。",
        "This is the key of a row as the answer tells it, 64 hexadecimal digits.",
    );
    let reason = input.reason.trim();
    let path = ["input", "reason"];
    mistakes.text(reason, MOST_REASON, &path);
    mistakes.unless(!looks_sensitive(reason), &SENSITIVE, &path);
    let person = match &input.person_id {
        Some(id) => Some(member(&door, id, &["input", "personId"]).await?.id),
        None => None,
    };
    mistakes.none()?;
    let row_key = row_key.unwrap_or_default();
    let region = door.access().span().0;
    let decided = || Mistake::new(&ALREADY_DECIDED, &["input", "rowKey"]);
    if store::in_force(&door, region, &row_key).await?.is_some() {
        return Err(decided().into());
    }
    let viewer = &door.access().viewer;
    let decision = roster_decision::Model {
        id: door.new_key::<roster_decision::Entity>().await?,
        region_code: region,
        county_code: region / 1_000_000,
        row_key,
        person_id: person,
        reason: reason.to_owned(),
        department: viewer.department,
        user_id: viewer.user.clone(),
        decided_at_ms: door.now_ms(),
        withdrawn_at_ms: None,
        withdrawn_by: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let entered = door.insert::<roster_decision::Entity>(decision).await;
    let entered = entered.map_err(|stop| stop.meaning("roster_decision_once", decided()))?;
    Ok(Done::of(entered.id))
}

/// Takes a decision back.
pub(super) async fn withdraw(door: Door, id: &ID, version: i32) -> Result<Done, Stop> {
    let before = door
        .find_version::<roster_decision::Entity>(id, version, &["id"])
        .await?;
    if before.withdrawn_at_ms.is_some() {
        return Err(Mistake::new(&WITHDRAWN, &["id"]).into());
    }
    let after = roster_decision::Model {
        withdrawn_at_ms: Some(door.now_ms()),
        withdrawn_by: Some(door.access().viewer.user.clone()),
        ..before.clone()
    };
    let after = door
        .update::<roster_decision::Entity>(&before, after)
        .await?;
    Ok(Done::of(after.id))
}
