//! The rules of dibao grants.

use super::super::{
    service::{first_of_month, taken},
    store::{Cover, Covered, Grant, OpenCover},
};
use super::mutation::{
    DibaoAdjustInput, DibaoBeginGradualExitInput, DibaoGrantInput, DibaoStopInput,
};
use crate::{
    clock::months_after,
    household::{MembersNamed, NO_MEMBER, members_named},
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use ::entity::{
    civil_affairs::{codes::DibaoState, dibao},
    household::household,
};
use async_graphql::ID;
use futures_util::{TryFutureExt, future::try_join};

pub const ON_DIBAO: Code = Code::new(
    "ON_DIBAO",
    "该户在此期间已享受低保：请先停发或调整原有低保。",
    "The household is on dibao in this period: stop or adjust that grant first.",
);
pub const ENDED: Code = Code::new(
    "ENDED",
    "该低保已停发：不能再变更。",
    "This grant has ended: it can't be changed any more.",
);
pub const IN_GRADUAL_EXIT: Code = Code::new(
    "IN_GRADUAL_EXIT",
    "该低保已在渐退期。",
    "This grant is in gradual exit already.",
);

/// The most members of a grant.
const MOST_MEMBERS: usize = 50;
/// The months of a gradual exit. Source: domain reference, section 2.
const GRADUAL_EXIT_MONTHS: i32 = 12;

/// Grants dibao.
pub async fn grant(door: Door, household: &ID, input: &DibaoGrantInput) -> Result<Done, Stop> {
    let household = door
        .find::<household::Entity>(household, &["householdId"])
        .await?;
    let mut mistakes = Mistakes::default();
    mistakes.text(&input.dibao_number, 40, &["input", "dibaoNumber"]);
    amounts(
        &mut mistakes,
        Some(input.standard.0),
        Some(input.monthly_amount.0),
    );
    let open = [None, Some(DibaoState::Approved), Some(DibaoState::Paid)];
    mistakes.unless_saying(
        open.contains(&input.state),
        &INVALID_VALUE,
        &["input", "state"],
        "新登记的低保须为已批准或按月发放：请更正。",
        "A grant begins as approved or as paid monthly: correct it.",
    );
    let from = input.valid_from.0;
    first_of_month(&mut mistakes, from, &["input", "validFrom"]);
    mistakes.in_order(
        Some(input.approved_on.0),
        Some(from),
        &["input", "approvedOn"],
    );
    let members = covered(&door, household.id, &input.members, &mut mistakes).await?;
    mistakes.none()?;
    let grant = dibao::Model {
        id: door.new_key::<dibao::Entity>().await?,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        dibao_number: input.dibao_number.trim().to_owned(),
        class: input.class,
        persons: i32::try_from(members.len()).unwrap_or(i32::MAX),
        standard_fen: input.standard.0,
        monthly_fen: input.monthly_amount.0,
        state: input.state.unwrap_or(DibaoState::Approved),
        approved_on: input.approved_on.0,
        valid_from: from,
        valid_to: None,
        gradual_exit_until: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    add(&door, grant, &members, &["input", "validFrom"]).await
}

/// Changes a grant from a month on. A change from its own first day corrects it.
pub async fn adjust(door: Door, input: &DibaoAdjustInput) -> Result<Done, Stop> {
    let before = open(&door, &input.id, input.version, &["input", "id"]).await?;
    let mut mistakes = Mistakes::default();
    let (standard, monthly) = (input.standard, input.monthly_amount);
    amounts(
        &mut mistakes,
        standard.map(|fen| fen.0),
        monthly.map(|fen| fen.0),
    );
    let from = input.from.0;
    first_of_month(&mut mistakes, from, &["input", "from"]);
    mistakes.in_order(Some(before.valid_from), Some(from), &["input", "from"]);
    let cover = OpenCover::of(&door, Grant::Dibao(before.id)).await?;
    let members = match &input.members {
        Some(members) => covered(&door, before.household_id, members, &mut mistakes).await?,
        None => cover.members(),
    };
    mistakes.none()?;
    let mut ended = before.clone();
    ended.valid_to = Some(from);
    ended.state = DibaoState::Stopped;
    let ended = door.update::<dibao::Entity>(&before, ended);
    try_join(cover.end(&door, from), ended).await?;
    let adjusted = dibao::Model {
        id: door.new_key::<dibao::Entity>().await?,
        class: input.class.unwrap_or(before.class),
        persons: i32::try_from(members.len()).unwrap_or(i32::MAX),
        standard_fen: standard.map_or(before.standard_fen, |fen| fen.0),
        monthly_fen: monthly.map_or(before.monthly_fen, |fen| fen.0),
        valid_from: from,
        ..before
    };
    add(&door, adjusted, &members, &["input", "from"]).await
}

/// Begins the gradual exit.
pub async fn begin_gradual_exit(
    door: Door,
    id: &ID,
    version: i32,
    input: &DibaoBeginGradualExitInput,
) -> Result<Done, Stop> {
    let before = open(&door, id, version, &["id"]).await?;
    let mut mistakes = Mistakes::default();
    mistakes.unless(
        before.state != DibaoState::GradualExit,
        &IN_GRADUAL_EXIT,
        &["id"],
    );
    let latest = months_after(door.today(), GRADUAL_EXIT_MONTHS);
    let until = input.until.map_or(latest, |day| day.0);
    mistakes.unless_saying(
        until >= door.today() && until <= latest,
        &INVALID_VALUE,
        &["input", "until"],
        "渐退期最长十二个月：请填写今天起十二个月内的日期。",
        "A gradual exit lasts twelve months at most: give a day within twelve months from today.",
    );
    mistakes.none()?;
    let mut after = before.clone();
    after.state = DibaoState::GradualExit;
    after.gradual_exit_until = Some(until);
    let after = door.update::<dibao::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// Ends a grant.
pub async fn stop(door: Door, id: &ID, version: i32, input: &DibaoStopInput) -> Result<Done, Stop> {
    let before = open(&door, id, version, &["id"]).await?;
    let mut mistakes = Mistakes::default();
    first_of_month(&mut mistakes, input.from.0, &["input", "from"]);
    mistakes.in_order(
        Some(before.valid_from),
        Some(input.from.0),
        &["input", "from"],
    );
    mistakes.none()?;
    let cover = OpenCover::of(&door, Grant::Dibao(before.id)).await?;
    let mut after = before.clone();
    after.state = DibaoState::Stopped;
    after.valid_to = Some(input.from.0);
    let stopped = door.update::<dibao::Entity>(&before, after);
    let (_, after) = try_join(cover.end(&door, input.from.0), stopped).await?;
    Ok(Done::of(after.id))
}

/// The grant as the client knows it, which has not ended.
async fn open(door: &Door, id: &ID, version: i32, path: &[&str]) -> Result<dibao::Model, Stop> {
    let grant = door
        .find_version::<dibao::Entity>(id, version, path)
        .await?;
    match grant.valid_to {
        None => Ok(grant),
        Some(_) => Err(Mistake::new(&ENDED, path).into()),
    }
}

/// The members whose ids are given, each once, all of the household today.
async fn covered(
    door: &Door,
    household: i64,
    ids: &[ID],
    mistakes: &mut Mistakes,
) -> Result<Vec<Covered>, Stop> {
    mistakes.unless_saying(
        !ids.is_empty() && ids.len() <= MOST_MEMBERS,
        &INVALID_VALUE,
        &["input", "members"],
        "保障对象须为 1 至 50 人。",
        "From 1 to 50 members are covered.",
    );
    let MembersNamed { members, unknown } = members_named(door, household, ids).await?;
    for place in unknown {
        mistakes.unless(false, &NO_MEMBER, &["input", "members", &place.to_string()]);
    }
    Ok(members.iter().map(Covered::from).collect())
}

async fn add(
    door: &Door,
    grant: dibao::Model,
    members: &[Covered],
    path: &[&str],
) -> Result<Done, Stop> {
    let id = grant.id;
    let cover = Cover {
        grant: Grant::Dibao(id),
        household_id: grant.household_id,
        region_code: grant.region_code,
        county_code: grant.county_code,
        valid_from: grant.valid_from,
        valid_to: grant.valid_to,
    };
    let on_dibao = |stop: Stop| stop.meaning("dibao_one_grant", Mistake::new(&ON_DIBAO, path));
    let granted = door.insert::<dibao::Entity>(grant).map_err(on_dibao);
    let covered = cover.household(door, members);
    let covered = covered.map_err(|stop| taken(stop, path));
    try_join(granted, covered).await?;
    Ok(Done::of(id))
}

fn amounts(mistakes: &mut Mistakes, standard: Option<i64>, monthly: Option<i64>) {
    for (fen, field) in [(standard, "standard"), (monthly, "monthlyAmount")] {
        mistakes.not_negative(fen.unwrap_or_default(), &["input", field]);
    }
}
