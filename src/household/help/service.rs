//! The rules of help for a household.

use super::{
    mutation::{
        HelperAssignInput, MeasurePlanInput, MeasureRecordInput, NeedRecordInput, VisitRecordInput,
    },
    store,
};
use crate::{
    graphql::scalars::{NodeName, parse_global_id},
    household::{HouseholdCore, open_household, parts, phone_number, trimmed},
    vault::Place,
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, NOT_FOUND, Stop},
};
use ::entity::{
    codes::Department,
    household::{
        codes::{LinkKind, MeasureState},
        help_measure, help_visit, helper, household, household_link, need,
    },
};
use async_graphql::ID;
use time::{Date, Duration};

pub const HELPS_ALREADY: Code = Code::new(
    "HELPS_ALREADY",
    "此人现已是该户的帮扶责任人：无需重复安排，更换请填写 replaces。",
    "This person helps the household already: to take over from somebody say whom in `replaces`.",
);
pub const ACCOUNT_HELPS_ALREADY: Code = Code::new(
    "ACCOUNT_HELPS_ALREADY",
    "该账号在此期间已关联该户：请核对账号和开始日期。",
    "This account is tied to the household in this time already: check the account and the first day.",
);
pub const NO_HELPER: Code = Code::new(
    "NO_HELPER",
    "被接替人不是该户现任帮扶责任人：请核对。",
    "Who is replaced does not help this household today: check it.",
);
pub const MEASURE_STATE: Code = Code::new(
    "MEASURE_STATE",
    "措施只能由计划转为实施中、已完成或已中止，由实施中转为已完成或已中止；已完成、已中止的不再变更。",
    "A planned measure gets under way, done or stopped, one under way done or stopped; after that it changes no more.",
);
pub const NOT_LINKED_THEN: Code = Code::new(
    "NOT_LINKED_THEN",
    "走访当日您不是该户的帮扶责任人：请核对走访日期。",
    "You were no helper of this household on that day: check the day of the visit.",
);

/// How long after the end of a tie its visits are still taken. Villages are offline for weeks.
const VISITS_TAKEN: Duration = Duration::days(90);

/// Assigns a helper.
pub async fn assign(door: Door, input: &HelperAssignInput) -> Result<Done, Stop> {
    let mut mistakes = Mistakes::default();
    let household = open(&door, &input.household_id, &mut mistakes).await?;
    mistakes.text(&input.name, 40, &["input", "name"]);
    mistakes.text(&input.unit, 80, &["input", "unit"]);
    let phone = phone_number(input.phone.as_deref(), &["input", "phone"], &mut mistakes);
    if let Some(account) = &input.account {
        let names_both = matches!(account.split_once('|'), Some((issuer, subject)) if !issuer.is_empty() && !subject.is_empty());
        mistakes.text(account, 300, &["input", "account"]);
        mistakes.unless(names_both, &INVALID_VALUE, &["input", "account"]);
    }
    let from = input.from.map_or(door.today(), |day| day.0);
    mistakes.not_in_future(from, door.today(), &["input", "from"]);
    let replaced = replaced(&door, input, &household, from, &mut mistakes).await?;
    mistakes.none()?;
    if let Some(replaced) = &replaced {
        store::end(&door, replaced, from).await?;
    }
    let link = link(&door, input, &household, from).await?;
    let id = door.new_key::<helper::Entity>().await?;
    let place = Place::new("helper", "phone_cipher", id);
    let phone = phone.map(|phone| door.seal(place, &phone)).transpose()?;
    let (phone_cipher, phone_index, phone_mask) = parts(phone);
    let helper = helper::Model {
        id,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        kind: input.kind,
        name: input.name.trim().to_owned(),
        unit: input.unit.trim().to_owned(),
        phone_cipher,
        phone_index,
        phone_mask,
        household_link_id: link,
        valid_from: from,
        valid_to: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let taken = || Mistake::new(&HELPS_ALREADY, &["input", "name"]);
    let helper = door
        .insert::<helper::Entity>(helper)
        .await
        .map_err(|stop| stop.meaning("helper_open_once", taken()))?;
    Ok(Done::of(helper.id))
}

/// The helper who is replaced, if one is: of this household, and helping until then.
async fn replaced(
    door: &Door,
    input: &HelperAssignInput,
    household: &household::Model,
    from: Date,
    mistakes: &mut Mistakes,
) -> Result<Option<helper::Model>, Stop> {
    let Some(id) = &input.replaces else {
        return Ok(None);
    };
    let path = ["input", "replaces"];
    let replaced = door.find::<helper::Entity>(id, &path).await?;
    let helps = replaced.household_id == household.id && replaced.valid_to.is_none();
    mistakes.unless(helps, &NO_HELPER, &path);
    mistakes.in_order(Some(replaced.valid_from), Some(from), &["input", "from"]);
    Ok(Some(replaced))
}

/// Ties the helper's account to the household.
async fn link(
    door: &Door,
    input: &HelperAssignInput,
    household: &household::Model,
    from: Date,
) -> Result<Option<i64>, Stop> {
    let Some(account) = &input.account else {
        return Ok(None);
    };
    let link = household_link::Model {
        id: door.new_key::<household_link::Entity>().await?,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        user_id: account.trim().to_owned(),
        kind: LinkKind::Helper,
        person_id: None,
        valid_from: from,
        valid_to: None,
    };
    let taken = || Mistake::new(&ACCOUNT_HELPS_ALREADY, &["input", "account"]);
    let link = door
        .insert::<household_link::Entity>(link)
        .await
        .map_err(|stop| stop.meaning("household_link_one_at_a_time", taken()))?;
    Ok(Some(link.id))
}

/// Plans a measure.
pub async fn plan(door: Door, input: &MeasurePlanInput) -> Result<Done, Stop> {
    let mut mistakes = Mistakes::default();
    let household = open(&door, &input.household_id, &mut mistakes).await?;
    mistakes.text(&input.what, 500, &["input", "what"]);
    mistakes.not_negative(input.amount.map_or(0, |fen| fen.0), &["input", "amount"]);
    let (starts_on, ends_on) = (input.starts_on.0, input.ends_on.map(|day| day.0));
    mistakes.in_order(Some(starts_on), ends_on, &["input", "endsOn"]);
    mistakes.none()?;
    let measure = help_measure::Model {
        id: door.new_key::<help_measure::Entity>().await?,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        batch: input.batch,
        department: input.department,
        what: input.what.trim().to_owned(),
        amount_fen: input.amount.map(|fen| fen.0),
        state: MeasureState::Planned,
        starts_on,
        ends_on,
        result: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let measure = door.insert::<help_measure::Entity>(measure).await?;
    Ok(Done::of(measure.id))
}

/// Records how a measure went on.
pub async fn record_progress(
    door: Door,
    id: &ID,
    version: i32,
    input: &MeasureRecordInput,
) -> Result<Done, Stop> {
    use MeasureState::{Active, Done as Finished, Planned, Stopped};
    let before = door
        .find_version::<help_measure::Entity>(id, version, &["id"])
        .await?;
    let mut mistakes = Mistakes::default();
    let goes_on = matches!(
        (before.state, input.state),
        (Planned | Active, Active | Finished | Stopped)
    );
    mistakes.unless(goes_on, &MEASURE_STATE, &["input", "state"]);
    mistakes.not_negative(input.amount.map_or(0, |fen| fen.0), &["input", "amount"]);
    if let Some(result) = &input.result {
        mistakes.text(result, 500, &["input", "result"]);
    }
    let ends_on = input.ends_on.map(|day| day.0).or(before.ends_on);
    mistakes.in_order(Some(before.starts_on), ends_on, &["input", "endsOn"]);
    if input.state == Finished {
        mistakes.unless_saying(
            ends_on.is_some(),
            &INVALID_VALUE,
            &["input", "endsOn"],
            "已完成的措施须填写结束日期。",
            "A measure that is done has a last day: give it.",
        );
    }
    mistakes.none()?;
    let mut after = before.clone();
    after.state = input.state;
    after.amount_fen = input.amount.map(|fen| fen.0).or(before.amount_fen);
    after.ends_on = ends_on;
    after.result = trimmed(input.result.as_ref()).or(after.result);
    let after = door.update::<help_measure::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// Records a need.
pub async fn record_need(door: Door, input: &NeedRecordInput) -> Result<Done, Stop> {
    let mut mistakes = Mistakes::default();
    let household = open(&door, &input.household_id, &mut mistakes).await?;
    let this_year = door.today().year();
    mistakes.unless_saying(
        (this_year..=this_year + 1).contains(&input.year),
        &INVALID_VALUE,
        &["input", "year"],
        "只能登记本年度或下年度的需求。",
        "Needs are recorded for this year or the next.",
    );
    mistakes.text(&input.what, 500, &["input", "what"]);
    mistakes.none()?;
    let need = need::Model {
        id: door.new_key::<need::Entity>().await?,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        year: input.year,
        what: input.what.trim().to_owned(),
        sector: input.sector,
        answer: None,
        answered_on: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let need = door.insert::<need::Entity>(need).await?;
    Ok(Done::of(need.id))
}

/// Records a visit.
pub async fn record_visit(door: Door, input: &VisitRecordInput) -> Result<Done, Stop> {
    let mut mistakes = Mistakes::default();
    let (household, helper) = visited(&door, input, &mut mistakes).await?;
    let visited_on = input.visited_on.0;
    mistakes.not_in_future(visited_on, door.today(), &["input", "visitedOn"]);
    mistakes.text(&input.what, 1_000, &["input", "what"]);
    for (text, field) in [(&input.result, "result"), (&input.next_step, "nextStep")] {
        if let Some(text) = text {
            mistakes.text(text, 1_000, &["input", field]);
        }
    }
    let helper_id = helper.as_ref().map(|helper| helper.id);
    let own_name = helper.map(|helper| helper.name);
    let visitor = input.visitor.clone().or(own_name).unwrap_or_default();
    mistakes.text(&visitor, 40, &["input", "visitor"]);
    mistakes.none()?;
    let visit = help_visit::Model {
        id: door.new_key::<help_visit::Entity>().await?,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        visited_on,
        way: input.way,
        helper_id,
        visitor: visitor.trim().to_owned(),
        what: input.what.trim().to_owned(),
        result: trimmed(input.result.as_ref()),
        next_step: trimmed(input.next_step.as_ref()),
        recorded_at_ms: door.now_ms(),
    };
    let visit = door.insert::<help_visit::Entity>(visit).await?;
    Ok(Done::of(visit.id))
}

/// The household visited, and the helper who came, where it was one: tied to it on that day, and not for too long no more.
async fn visited(
    door: &Door,
    input: &VisitRecordInput,
    mistakes: &mut Mistakes,
) -> Result<(household::Model, Option<helper::Model>), Stop> {
    let path = ["input", "householdId"];
    if door.access().viewer.department != Department::Helper {
        let household = door
            .find::<household::Entity>(&input.household_id, &path)
            .await?;
        return Ok((household, None));
    }
    let none = || Stop::from(Mistake::new(&NOT_FOUND, &path));
    let key = parse_global_id(&input.household_id)
        .filter(|(name, _)| name == HouseholdCore::NAME)
        .map(|(_, key)| key)
        .ok_or_else(none)?;
    let ties = store::ties_since(door, key, door.today() - VISITS_TAKEN).await?;
    let (_, household) = ties.first().cloned().ok_or_else(none)?;
    let day = input.visited_on.0;
    let then = ties
        .iter()
        .find(|(link, _)| link.valid_from <= day && link.valid_to.is_none_or(|end| end > day));
    mistakes.unless(then.is_some(), &NOT_LINKED_THEN, &["input", "visitedOn"]);
    let helper = match then.or(ties.first()) {
        Some((link, _)) => store::helper_of(door, link.id).await?,
        None => None,
    };
    Ok((household, helper))
}

/// The household, for which help is still arranged.
async fn open(door: &Door, id: &ID, mistakes: &mut Mistakes) -> Result<household::Model, Stop> {
    let path = ["input", "householdId"];
    let household = door.find::<household::Entity>(id, &path).await?;
    open_household(&household, &path, mistakes);
    Ok(household)
}
