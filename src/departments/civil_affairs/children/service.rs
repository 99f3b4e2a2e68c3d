//! The rules of left-behind children, their guardians, and orphans.

use super::super::service::approved_months;
use super::mutation::{GuardianAssignInput, LeftBehindChildRecordInput, OrphanRecordInput};
use crate::{
    clock::months_after,
    household::{NO_MEMBER, member, members_named},
    writing::{Code, Done, Door, Mistake, Mistakes, Stop},
};
use ::entity::{
    civil_affairs::{codes::GuardianCare, left_behind_child, orphan},
    household::person,
};
use async_graphql::ID;
use time::Date;

pub const NOT_A_CHILD: Code = Code::new(
    "NOT_A_CHILD",
    "此人当日已超龄（留守儿童不满十六周岁，孤儿不满十八周岁）：请核对人员。",
    "The person is too old on this day (a left-behind child is under 16, an orphan under 18): check the person.",
);
pub const CASE_OPEN: Code = Code::new(
    "CASE_OPEN",
    "此儿童在此日期已有留守儿童档案：变更监护人请在该档案中指定。",
    "The child has a case on this day: assign the guardian in that case.",
);
pub const CASE_CLOSED: Code = Code::new(
    "CASE_CLOSED",
    "该留守儿童档案已结案：不能再变更。",
    "This case is closed: it can't be changed any more.",
);
pub const ONE_GUARDIAN: Code = Code::new(
    "ONE_GUARDIAN",
    "监护人须为家庭成员或填写姓名，二者取一。",
    "A guardian is a member of the household or a name: give one of the two.",
);
pub const OWN_GUARDIAN: Code = Code::new(
    "OWN_GUARDIAN",
    "儿童不能是自己的监护人：请更正。",
    "A child is not its own guardian: correct it.",
);
pub const NOBODY_CARES: Code = Code::new(
    "NOBODY_CARES",
    "已有监护人的，照料情况不能为无人照料：请更正。",
    "With a guardian it is not nobody who cares: correct it.",
);
pub const ON_ALLOWANCE: Code = Code::new(
    "ON_ALLOWANCE",
    "此儿童在此期间已享受孤儿基本生活费。",
    "The child draws an orphan's allowance in this period already.",
);

/// Under how many years one is a left-behind child, and an orphan. Source: general knowledge (国发〔2016〕13号、国办发〔2010〕54号),
/// as in the demonstration.
const LEFT_BEHIND_YEARS: i32 = 16;
const ORPHAN_YEARS: i32 = 18;

fn is_under(person: &person::Model, years: i32, day: Date) -> bool {
    day < months_after(person.birth_date, 12 * years)
}

/// Opens the case of a left-behind child.
pub async fn record_left_behind(
    door: Door,
    person: &ID,
    input: &LeftBehindChildRecordInput,
) -> Result<Done, Stop> {
    let person = member(&door, person, &["personId"]).await?;
    let from = input.valid_from.0;
    let mut mistakes = Mistakes::default();
    let is_child = is_under(&person, LEFT_BEHIND_YEARS, from);
    mistakes.unless(is_child, &NOT_A_CHILD, &["personId"]);
    mistakes.not_in_future(from, door.today(), &["input", "validFrom"]);
    let named = Named {
        care: input.care,
        member: input.guardian_id.as_ref(),
        name: input.guardian_name.as_deref(),
    };
    let (household, child) = (person.household_id, person.id);
    let guardian = guardian(&door, household, child, &named, &mut mistakes).await?;
    mistakes.none()?;
    let case = left_behind_child::Model {
        id: door.new_key::<left_behind_child::Entity>().await?,
        household_id: household,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: child,
        absence: input.absence,
        care: input.care,
        guardian_person_id: guardian,
        guardian_name: named.written(),
        valid_from: from,
        valid_to: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let case = door.insert::<left_behind_child::Entity>(case).await;
    let case = case.map_err(|stop| {
        let mistake = Mistake::new(&CASE_OPEN, &["input", "validFrom"]);
        stop.meaning("left_behind_child_one_case", mistake)
    })?;
    Ok(Done::of(case.id))
}

/// Assigns the guardian of a left-behind child, and says who cares for it from now on.
pub async fn assign_guardian(
    door: Door,
    id: &ID,
    version: i32,
    input: &GuardianAssignInput,
) -> Result<Done, Stop> {
    let before = door
        .find_version::<left_behind_child::Entity>(id, version, &["id"])
        .await?;
    let mut mistakes = Mistakes::default();
    mistakes.unless(before.valid_to.is_none(), &CASE_CLOSED, &["id"]);
    let named = Named {
        care: input.care,
        member: input.guardian_id.as_ref(),
        name: input.guardian_name.as_deref(),
    };
    let given = named.member.is_some() || named.name.is_some();
    mistakes.unless(given, &ONE_GUARDIAN, &["input", "guardianId"]);
    let (household, child) = (before.household_id, before.person_id);
    let guardian = guardian(&door, household, child, &named, &mut mistakes).await?;
    mistakes.none()?;
    let mut after = before.clone();
    after.care = named.care;
    after.guardian_person_id = guardian;
    after.guardian_name = named.written();
    let after = door
        .update::<left_behind_child::Entity>(&before, after)
        .await?;
    Ok(Done::of(after.id))
}

/// A guardian as the client named it.
struct Named<'i> {
    care: GuardianCare,
    member: Option<&'i ID>,
    name: Option<&'i str>,
}

impl Named<'_> {
    fn written(&self) -> Option<String> {
        self.name.map(|name| name.trim().to_owned())
    }
}

/// The key of the guardian who is a member of the household, where one was named.
async fn guardian(
    door: &Door,
    household: i64,
    child: i64,
    named: &Named<'_>,
    mistakes: &mut Mistakes,
) -> Result<Option<i64>, Stop> {
    let path = ["input", "guardianId"];
    let both = named.member.is_some() && named.name.is_some();
    mistakes.unless(!both, &ONE_GUARDIAN, &path);
    let somebody = named.member.is_some() || named.name.is_some();
    let cared_for = !somebody || named.care != GuardianCare::Nobody;
    mistakes.unless(cared_for, &NOBODY_CARES, &["input", "care"]);
    if let Some(name) = named.name {
        mistakes.text(name, 50, &["input", "guardianName"]);
    }
    let Some(id) = named.member else {
        return Ok(None);
    };
    let found = members_named(door, household, std::slice::from_ref(id)).await?;
    let Some(guardian) = found.members.first() else {
        mistakes.unless(false, &NO_MEMBER, &path);
        return Ok(None);
    };
    mistakes.unless(guardian.id != child, &OWN_GUARDIAN, &path);
    Ok(Some(guardian.id))
}

/// Records an orphan, with the allowance.
pub async fn record_orphan(
    door: Door,
    person: &ID,
    input: &OrphanRecordInput,
) -> Result<Done, Stop> {
    let person = member(&door, person, &["personId"]).await?;
    let from = input.valid_from.0;
    let mut mistakes = Mistakes::default();
    let is_child = is_under(&person, ORPHAN_YEARS, from);
    mistakes.unless(is_child, &NOT_A_CHILD, &["personId"]);
    mistakes.not_negative(input.monthly_amount.0, &["input", "monthlyAmount"]);
    approved_months(&mut mistakes, &door, input.approved_on.0, from);
    mistakes.none()?;
    let orphan = orphan::Model {
        id: door.new_key::<orphan::Entity>().await?,
        household_id: person.household_id,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: person.id,
        class: input.class,
        placement: input.placement,
        monthly_fen: input.monthly_amount.0,
        approved_on: input.approved_on.0,
        valid_from: from,
        valid_to: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let orphan = door
        .insert::<orphan::Entity>(orphan)
        .await
        .map_err(|stop| {
            let mistake = Mistake::new(&ON_ALLOWANCE, &["input", "validFrom"]);
            stop.meaning("orphan_one_at_a_time", mistake)
        })?;
    Ok(Done::of(orphan.id))
}
