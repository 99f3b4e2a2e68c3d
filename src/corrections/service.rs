//! The rules of correction requests.

use super::mutation::{CorrectionRequestAnswerInput, CorrectionRequestRaiseInput};
use crate::{
    authz::Viewer,
    departments,
    graphql::scalars::{global_id, parse_global_id},
    identifiers::looks_sensitive,
    writing::{
        Asked, Code, Correctable, Done, Door, Fields, INVALID_VALUE, Mistake, Mistakes, NOT_FOUND,
        Stop, Subject, is_masked,
    },
};
use async_graphql::ID;
use entity::{
    codes::{CorrectionAnswer, CorrectionState, Department},
    shared::correction_request,
};

/// The record has no such field for the viewer.
pub const NO_FIELD: Code = Code::new(
    "NO_FIELD",
    "该记录没有这个字段，或您无权查看：请核对字段名。",
    "The record has no such field for you: check its name.",
);
/// What nobody corrects on request.
pub const NOT_CORRECTABLE: Code = Code::new(
    "NOT_CORRECTABLE",
    "此类记录不能申请更正：请直接联系填报人。",
    "Records of this type are not corrected on request: speak to whoever made it.",
);
/// The viewer owns the field.
pub const OWN_FIELD: Code = Code::new(
    "OWN_FIELD",
    "该信息由本部门主管：请直接修改。",
    "Your own department owns this field: change it yourself.",
);
/// A full value never stands in a request.
pub const SENSITIVE: Code = Code::new(
    "SENSITIVE",
    "申请中不得填写证件号码、电话、卡号等敏感信息：请不填，只在理由中说明情况。",
    "A request holds no number of a person, phone or card: leave it out, and only say in the reason what is wrong.",
);
/// The proposed value stands there already.
pub const NO_DIFFERENCE: Code = Code::new(
    "NO_DIFFERENCE",
    "建议值与记录值相同：无需更正。",
    "The proposed value is the one on record: there is nothing to correct.",
);
/// The department waits for an answer about this value.
pub const ALREADY_RAISED: Code = Code::new(
    "ALREADY_RAISED",
    "本部门已就该信息提出申请，尚未办结：请等待答复或先撤回。",
    "Your department has an open request about this value: wait for the answer, or withdraw it first.",
);
/// The request is another's to deal with.
pub const NOT_YOURS: Code = Code::new(
    "NOT_YOURS",
    "只有信息主管部门可以办理，只有申请部门可以撤回。",
    "Only the department that owns the field answers a request, and only the one that raised it takes it back.",
);
/// The request has ended.
pub const NOT_OPEN: Code = Code::new(
    "NOT_OPEN",
    "该申请已办结：请查看结果。",
    "The request has ended: see what came of it.",
);
/// What hangs on a decision or on money.
pub const BY_ACTION: Code = Code::new(
    "BY_ACTION",
    "该信息须通过相应业务办理更正：办理后请答复申请。",
    "This field is corrected by its own action: do that, and answer the request.",
);

/// Asks the owner of a field to correct it.
pub async fn raise(
    door: Door,
    fields: &Fields,
    input: &CorrectionRequestRaiseInput,
) -> Result<Done, Stop> {
    let at = ["input", "subject"];
    let (of, key) = correctable(&input.subject, &at)?;
    let viewer = door.access().viewer.clone();
    let asked = Asked {
        column: column(&door, fields, &of, &input.field)?,
        proposed: trimmed(input.proposed_value.as_deref()),
    };
    let subject = (of.look)(door.clone(), key, asked.clone()).await?;
    let subject = subject.ok_or_else(|| Mistake::new(&NOT_FOUND, &at))?;
    let owner = of.owner(asked.column);
    let mut mistakes = checked(&of, &asked, &subject);
    let own = owner == viewer.department && subject.institution == institution(&viewer);
    mistakes.unless(!own, &OWN_FIELD, &["input", "field"]);
    told(&input.reason, &["input", "reason"], &mut mistakes);
    if let Some(number) = &input.document_number {
        mistakes.text(number, 60, &["input", "documentNumber"]);
    }
    mistakes.none()?;
    let request = correction_request::Model {
        id: door.new_key::<correction_request::Entity>().await?,
        household_id: subject.household,
        region_code: subject.region,
        county_code: subject.county,
        person_id: subject.person,
        subject: global_id(of.type_name, key),
        object_type: of.type_name.to_owned(),
        field: input.field.clone(),
        owner,
        owner_institution: subject.institution,
        raised_by: viewer.department,
        raised_institution: institution(&viewer).to_owned(),
        recorded_value: subject.value,
        proposed_value: asked.proposed,
        reason: input.reason.trim().to_owned(),
        document_number: trimmed(input.document_number.as_deref()),
        state: CorrectionState::Open,
        answer: None,
        raised_on: door.today(),
        closed_on: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let inserted = door.insert::<correction_request::Entity>(request).await;
    let request = inserted.map_err(|stop| {
        let twice = Mistake::new(&ALREADY_RAISED, &["input", "field"]);
        stop.meaning("correction_request_open_once", twice)
    })?;
    Ok(Done::of(request.id))
}

/// What is wrong with the proposed value.
fn checked(of: &Correctable, asked: &Asked, subject: &Subject) -> Mistakes {
    let path = ["input", "proposedValue"];
    let mut mistakes = Mistakes::default();
    if is_masked(asked.column) {
        mistakes.unless(asked.proposed.is_none(), &SENSITIVE, &path);
        return mistakes;
    }
    mistakes.unless(asked.proposed != subject.value, &NO_DIFFERENCE, &path);
    // The numbers of grants are as long as those of people.
    if !asked.column.ends_with("_number") {
        no_number_of_people(asked.proposed.as_deref(), &path, &mut mistakes);
    }
    if of.takes_over(asked.column) {
        mistakes.unless(subject.fits, &INVALID_VALUE, &path);
    } else if let Some(text) = &asked.proposed {
        mistakes.text(text, 200, &path);
    }
    mistakes
}

/// What somebody says in words of their own.
fn told(text: &str, path: &[&str], mistakes: &mut Mistakes) {
    mistakes.text(text, 500, path);
    no_number_of_people(Some(text), path, mistakes);
}

/// No citizen number, phone or card stands in plain in a request, which is listed to two departments.
fn no_number_of_people(text: Option<&str>, path: &[&str], mistakes: &mut Mistakes) {
    mistakes.unless(!text.is_some_and(looks_sensitive), &SENSITIVE, path);
}

/// The kind of record of this global id, and its key.
fn correctable(id: &str, path: &[&str]) -> Result<(Correctable, i64), Stop> {
    let named = parse_global_id(id).ok_or_else(|| Mistake::new(&NOT_FOUND, path))?;
    let mut tables = departments::corrections().into_iter();
    let found = tables.find(|table| table.type_name == named.0);
    let found = found.ok_or_else(|| Mistake::new(&NOT_CORRECTABLE, path))?;
    Ok((found, named.1))
}

/// The column behind a field that the viewer may read.
fn column(
    door: &Door,
    fields: &Fields,
    of: &Correctable,
    field: &str,
) -> Result<&'static str, Stop> {
    let column = fields
        .column(of.table, field)
        .filter(|column| !KEPT_BY_THE_SYSTEM.contains(column));
    let readable = column.filter(|_| door.access().may_read(of.type_name, field));
    readable.ok_or_else(|| Mistake::new(&NO_FIELD, &["input", "field"]).into())
}

/// Columns that say where a row belongs and when it was written.
const KEPT_BY_THE_SYSTEM: [&str; 6] = [
    "id",
    "household_id",
    "person_id",
    "region_code",
    "version",
    "recorded_at_ms",
];

/// Takes the proposed value over.
pub async fn accept(door: Door, fields: &Fields, id: &ID, version: i32) -> Result<Done, Stop> {
    let before = to_answer(&door, id, version).await?;
    let (of, key) = correctable(&before.subject, &["id"])?;
    let column = fields
        .column(of.table, &before.field)
        .filter(|column| of.takes_over(column));
    let column = column.ok_or_else(|| Mistake::new(&BY_ACTION, &["id"]))?;
    let asked = Asked {
        column,
        proposed: before.proposed_value.clone(),
    };
    (of.correct)(door.clone(), key, asked, before.recorded_value.clone()).await?;
    close(&door, before, CorrectionState::Accepted, None).await
}

/// Answers without taking the proposed value over.
pub async fn answer(
    door: Door,
    id: &ID,
    version: i32,
    input: &CorrectionRequestAnswerInput,
) -> Result<Done, Stop> {
    let before = to_answer(&door, id, version).await?;
    let mut mistakes = Mistakes::default();
    told(&input.explanation, &["input", "explanation"], &mut mistakes);
    mistakes.none()?;
    let state = match input.answer {
        CorrectionAnswer::Corrected => CorrectionState::Corrected,
        CorrectionAnswer::Declined => CorrectionState::Declined,
    };
    let said = trimmed(Some(&input.explanation));
    close(&door, before, state, said).await
}

/// Takes a request back.
pub async fn withdraw(door: Door, id: &ID, version: i32) -> Result<Done, Stop> {
    let before = find(&door, id, version).await?;
    let raiser = (before.raised_by, before.raised_institution.as_str());
    open_for(&door, raiser, before.state)?;
    close(&door, before, CorrectionState::Withdrawn, None).await
}

async fn find(door: &Door, id: &ID, version: i32) -> Result<correction_request::Model, Stop> {
    door.find_version::<correction_request::Entity>(id, version, &["id"])
        .await
}

async fn to_answer(door: &Door, id: &ID, version: i32) -> Result<correction_request::Model, Stop> {
    let found = find(door, id, version).await?;
    let owner = (found.owner, found.owner_institution.as_str());
    open_for(door, owner, found.state)?;
    Ok(found)
}

/// The request is open, and it is the viewer's turn.
fn open_for(door: &Door, turn: (Department, &str), state: CorrectionState) -> Result<(), Stop> {
    let viewer = &door.access().viewer;
    let mut mistakes = Mistakes::default();
    let yours = turn == (viewer.department, institution(viewer));
    mistakes.unless(yours, &NOT_YOURS, &["id"]);
    mistakes.unless(state == CorrectionState::Open, &NOT_OPEN, &["id"]);
    mistakes.none()
}

async fn close(
    door: &Door,
    before: correction_request::Model,
    state: CorrectionState,
    answer: Option<String>,
) -> Result<Done, Stop> {
    let after = correction_request::Model {
        state,
        answer,
        closed_on: Some(door.today()),
        ..before.clone()
    };
    let after = door
        .update::<correction_request::Entity>(&before, after)
        .await?;
    Ok(Done::of(after.id))
}

fn institution(viewer: &Viewer) -> &str {
    viewer.institution.as_deref().unwrap_or_default()
}

/// A text without spaces around it; none where nothing is left.
fn trimmed(text: Option<&str>) -> Option<String> {
    let text = text?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
