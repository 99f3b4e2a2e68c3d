//! The rules of members. Domain reference, section 5.

use super::{
    mutation::{
        DeathRecordInput, HeadChangeInput, HouseholdMergeInput, HouseholdSplitInput,
        MemberAmendInput, MemberRelationInput, MemberRemoveInput, MemberTransferAcceptInput,
        MemberTransferInput, NewMemberInput,
    },
    store,
};
use crate::{
    db::{DbError, Opening},
    graphql::plan::Refusal,
    household::{
        Disclosure, MembersNamed, ONE_HEAD, held, help, household_row, is_head, members_named,
        members_today, open_household, parts, phone_number, registration, settle_name, trimmed,
    },
    identifiers::{CitizenNumber, CitizenNumberError},
    reconciliation::{self, Deadlines},
    text::is_plain,
    vault::{Kind, PhoneNumber, Place, Sealed},
    writing::{
        Action, Call, Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Payload, Stop, leave,
    },
};
use ::entity::{
    codes::Department,
    household::{
        codes::{CitizenNumberState, LeftReason, MemberOfferState, RelationToHead, Sex},
        household, identity, member_offer, person,
    },
    reconciliation::codes::{BlockedStep, FindingSeverity},
    region_code::RegionLevel,
};
use async_graphql::{Context, ID, MaybeUndefined};
use time::Date;

pub const INVALID_CITIZEN_NUMBER: Code = Code::new(
    "INVALID_CITIZEN_NUMBER",
    "公民身份号码有误：请核对位数、出生日期和校验码，不能填写带星号的号码。",
    "Not a citizen number: check its length, birth date and check character, and give it without stars.",
);
pub const NUMBER_DISAGREES: Code = Code::new(
    "NUMBER_DISAGREES",
    "与公民身份号码不符：性别和出生日期以公民身份号码为准，请核对。",
    "This differs from the citizen number, which sex and birth date follow: check both.",
);
pub const ALREADY_MEMBER: Code = Code::new(
    "ALREADY_MEMBER",
    "此人在此期间已是您辖区内某户的成员：请办理成员转移。",
    "This person is a member of a household of yours in this time: transfer the member instead.",
);
pub const PERSON_DIED: Code = Code::new(
    "PERSON_DIED",
    "此人已登记死亡：请核对公民身份号码。",
    "A death is recorded of this person: check the citizen number.",
);
pub const PERSON_NOT_AVAILABLE: Code = Code::new(
    "PERSON_NOT_AVAILABLE",
    "此人暂不能登记在该户：请联系上级扶贫办。",
    "This person can't be entered here: ask the poverty office above.",
);
pub const LEFT_ALREADY: Code = Code::new(
    "LEFT_ALREADY",
    "此人已不是该户成员。",
    "This person is no member of the household any more.",
);
pub const HEAD_LEAVES: Code = Code::new(
    "HEAD_LEAVES",
    "户主离开前须先变更户主：请先办理 headChange。",
    "Before the head leaves another member becomes the head: do headChange first.",
);
pub const OFFERED_ALREADY: Code = Code::new(
    "OFFERED_ALREADY",
    "此人已移交待接收：请等待接收地办理。",
    "This member has been offered already: the other township has to accept.",
);
pub const NO_TOWNSHIP: Code = Code::new(
    "NO_TOWNSHIP",
    "接收地须为您辖区以外的乡镇或村：请核对代码。",
    "This must be a township or village outside of your region: check the code.",
);
pub const OFFER_ENDED: Code = Code::new(
    "OFFER_ENDED",
    "该移交已办结，或此人已离开原户。",
    "This offer has been accepted, or the member has left otherwise.",
);
pub const NO_MEMBER: Code = Code::new(
    "NO_MEMBER",
    "此人不是该户的现有成员，或重复填写：请核对。",
    "This person is no member of the household today, or stands here twice: check it.",
);
pub const EVERY_MEMBER: Code = Code::new(
    "EVERY_MEMBER",
    "须填写每名成员与户主的关系：请补全。",
    "The relation of every member to the head is needed: add those that are missing.",
);

/// How many persons of other files one answer tells of at most: what more there are is told when these are gone.
pub const MOST_TOLD: usize = 20;

/// A citizen number that a client gives, and the field it stands in.
pub struct NumberGiven<'i> {
    path: Vec<String>,
    text: &'i str,
}

/// A new member whose values have been read.
pub struct NewMember<'i> {
    input: &'i NewMemberInput,
    number: Option<CitizenNumber>,
    sex: Sex,
    birth_date: Date,
    phone: Option<PhoneNumber>,
    from: Date,
}

impl NewMemberInput {
    /// The citizen number, where one is given.
    pub fn number_given(&self, path: &[&str]) -> Option<NumberGiven<'_>> {
        let text = self.citizen_number.as_deref()?;
        let path = path.iter().chain(&["citizenNumber"]);
        let path = path.map(ToString::to_string).collect();
        Some(NumberGiven { path, text })
    }
}

impl NewMember<'_> {
    /// The first day as a member.
    pub fn from(&self) -> Date {
        self.from
    }

    /// By what it is known whether the person is on file: the number, and the first day as a member.
    pub fn known_by(&self) -> Option<(&CitizenNumber, Date)> {
        Some((self.number.as_ref()?, self.from))
    }
}

/// Reads a new member; none where something is wrong with it.
pub async fn read<'i>(
    door: &Door,
    input: &'i NewMemberInput,
    path: &[&str],
    mistakes: &mut Mistakes,
) -> Result<Option<NewMember<'i>>, Stop> {
    let new = told(input, (door.today(), None), path, mistakes);
    if let Some((number, from)) = new.as_ref().and_then(NewMember::known_by) {
        let codes = on_file(door, &[(number, from)]).await?;
        for code in codes.into_iter().flatten() {
            mistakes.add(Mistake::new(code, &[path, &["citizenNumber"]].concat()));
        }
    }
    Ok(new)
}

/// Reads what an input tells of a new member, and not yet whether the person is on file. Where it does not tell the first day as
/// a member, that is the day since when the household is on file, or that of birth; today where there is no such day.
pub fn told<'i>(
    input: &'i NewMemberInput,
    (today, on_file_since): (Date, Option<Date>),
    path: &[&str],
    mistakes: &mut Mistakes,
) -> Option<NewMember<'i>> {
    let at = |field| [path, &[field]].concat();
    mistakes.text(&input.name, 40, &at("name"));
    let phone = phone_number(input.phone.as_deref(), &at("phone"), mistakes);
    let number = number_told(input, today, path, mistakes)?;
    let (sex, birth_date) = match &number {
        Some(number) => (number.sex(), number.birth_date()),
        None => {
            mistakes.unless(input.sex.is_some(), &INVALID_VALUE, &at("sex"));
            let born = input.birth_date.map(|day| day.0);
            mistakes.unless(born.is_some(), &INVALID_VALUE, &at("birthDate"));
            input.sex.zip(born)?
        }
    };
    let since = on_file_since.map_or(today, |day| day.max(birth_date));
    let from = input.from.map_or(since, |day| day.0);
    mistakes.not_in_future(from, today, &at("from"));
    let wrong = if number.is_some() {
        "from"
    } else {
        "birthDate"
    };
    mistakes.in_order(Some(birth_date), Some(from), &at(wrong));
    Some(NewMember {
        input,
        number,
        sex,
        birth_date,
        phone,
        from,
    })
}

/// The citizen number of an input, where it has one and nothing beside it disagrees; none where it is wrong.
#[expect(
    clippy::option_option,
    reason = "wrong, and not given, are different things"
)]
fn number_told(
    input: &NewMemberInput,
    today: Date,
    path: &[&str],
    mistakes: &mut Mistakes,
) -> Option<Option<CitizenNumber>> {
    let at = |field| [path, &[field]].concat();
    let Some(text) = &input.citizen_number else {
        return Some(None);
    };
    let read = match is_plain(text) {
        true => CitizenNumber::parse(text, today),
        false => Err(CitizenNumberError::Format),
    };
    let number = match read {
        Ok(number) => number,
        Err(error) => {
            mistakes.add(invalid_number(error, &at("citizenNumber")));
            return None;
        }
    };
    let agrees = input.sex.is_none_or(|sex| sex == number.sex());
    mistakes.unless(agrees, &NUMBER_DISAGREES, &at("sex"));
    let born = input.birth_date.map(|day| day.0);
    let agrees = born.is_none_or(|born| born == number.birth_date());
    mistakes.unless(agrees, &NUMBER_DISAGREES, &at("birthDate"));
    Some(Some(number))
}

fn invalid_number(error: CitizenNumberError, path: &[&str]) -> Mistake {
    let (chinese, english) = match error {
        CitizenNumberError::Format => (
            "须为完整的 15 位或 18 位公民身份号码，不能填写带星号的号码。",
            "A citizen number has 15 or 18 characters, in full and without stars.",
        ),
        CitizenNumberError::BirthDate => (
            "公民身份号码中的出生日期不存在或晚于今天：请核对。",
            "The birth date in the citizen number does not exist or lies ahead: check it.",
        ),
        CitizenNumberError::CheckDigit => (
            "公民身份号码校验码错误：请核对每一位。",
            "The check character of the citizen number is wrong: check every digit.",
        ),
    };
    Mistake::saying(&INVALID_CITIZEN_NUMBER, path, chinese, english)
}

/// Why human beings can't become members from these days on, if so. What lies outside of the viewer's scope is told in one word,
/// whatever it is.
pub async fn on_file(
    door: &Door,
    asked: &[(&CitizenNumber, Date)],
) -> Result<Vec<Option<&'static Code>>, Stop> {
    let indexes = asked.iter().map(|(number, _)| door.vault().index(*number));
    let indexes: Vec<Vec<u8>> = indexes.map(|index| index.0.to_vec()).collect();
    let known = store::identities_of(door, &indexes).await?;
    let ids: Vec<i64> = known.values().copied().collect();
    let memberships = store::memberships_of(door, &ids);
    let memberships = match ids.is_empty() {
        true => vec![],
        false => door.beyond(Opening::OnFileElsewhere, memberships).await?,
    };
    let mut codes = Vec::with_capacity(asked.len());
    for ((_, from), index) in asked.iter().zip(&indexes) {
        let identity = known.get(index).copied();
        let of_asked = memberships.iter().filter(|one| one.identity_id == identity);
        let of_asked: Vec<_> = of_asked.filter(|_| identity.is_some()).collect();
        codes.push(why_not(door, &of_asked, *from).await?);
    }
    Ok(codes)
}

async fn why_not(
    door: &Door,
    memberships: &[&person::Model],
    from: Date,
) -> Result<Option<&'static Code>, Stop> {
    let mut told = None;
    for membership in memberships {
        let ends = membership.valid_to;
        let shares_a_day = ends.is_none_or(|end| end > from && end > membership.valid_from);
        if !shares_a_day && membership.died_on.is_none() {
            continue;
        }
        let visible = door.find_by_key::<person::Entity>(membership.id).await?;
        match visible {
            None => return Ok(Some(&PERSON_NOT_AVAILABLE)),
            Some(_) if membership.died_on.is_some() => told = Some(&PERSON_DIED),
            Some(_) => told = told.or(Some(&ALREADY_MEMBER)),
        }
    }
    Ok(told)
}

/// No two of the members have one citizen number.
pub fn no_number_twice(members: &[Option<NewMember<'_>>], path: &[&str], mistakes: &mut Mistakes) {
    for (place, member) in members.iter().enumerate() {
        let number = member.as_ref().and_then(|member| member.number.as_ref());
        let mut before = members[..place].iter().flatten();
        if number.is_some() && before.any(|other| other.number.as_ref() == number) {
            let place = place.to_string();
            let path = [path, &[&place, "citizenNumber"]].concat();
            mistakes.add(Mistake::saying(
                &INVALID_VALUE,
                &path,
                "同一公民身份号码填写了两次：请核对。",
                "This citizen number stands here twice: check it.",
            ));
        }
    }
}

/// Enters a member who has been read.
pub async fn add(
    door: &Door,
    household: &household::Model,
    new: NewMember<'_>,
) -> Result<person::Model, Stop> {
    let id = door.new_key::<person::Entity>().await?;
    let mut member = row(door, household, new, id)?;
    if let Some(index) = &member.citizen_number_index {
        member.identity_id = Some(human_being(door, index).await?);
    }
    enter(door, member).await
}

/// The row of a member who has been read, which does not know its human being yet.
pub fn row(
    door: &Door,
    household: &household::Model,
    new: NewMember<'_>,
    id: i64,
) -> Result<person::Model, Stop> {
    let place = Place::new("person", "citizen_number_cipher", id);
    let sealed = new.number.as_ref().map(|number| door.seal(place, number));
    let sealed = sealed.transpose()?;
    let state = match sealed {
        Some(_) => CitizenNumberState::Valid,
        None => CitizenNumberState::Missing,
    };
    let (citizen_number_cipher, citizen_number_index, citizen_number_mask) = parts(sealed);
    let place = Place::new("person", "phone_cipher", id);
    let phone = new
        .phone
        .map(|phone| door.seal(place, &phone))
        .transpose()?;
    let (phone_cipher, phone_index, phone_mask) = parts(phone);
    let (input, name) = (new.input, new.input.name.trim());
    let mut member = person::Model {
        id,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        identity_id: None,
        name: name.to_owned(),
        name_mask: String::new(),
        name_standard: String::new(),
        name_sound: String::new(),
        name_first: 0,
        name_last: 0,
        sex: new.sex,
        birth_date: new.birth_date,
        citizen_number_cipher,
        citizen_number_index,
        citizen_number_mask,
        citizen_number_state: state,
        ethnic_group: input.ethnic_group,
        relation: input.relation,
        is_head: is_head(input.relation),
        education_level: input.education_level,
        student_stage: input.student_stage,
        health: input.health_status,
        labour_capacity: input.labour_capacity,
        marital_status: input.marital_status,
        work: None,
        work_place: None,
        work_months: None,
        pension_enrolled: None,
        phone_cipher,
        phone_index,
        phone_mask,
        valid_from: new.from,
        valid_to: None,
        left_reason: None,
        died_on: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    settle_name(&mut member);
    Ok(member)
}

/// Inserts a membership. Where another one of the same human being was entered in between, the write is run again and finds it.
async fn enter(door: &Door, member: person::Model) -> Result<person::Model, Stop> {
    let entered = door.insert::<person::Entity>(member).await;
    entered.map_err(|stop| stop.raced("person_one_membership"))
}

/// Enters members of new households at once, each human being known from now on. No two of them are the same one.
pub async fn add_all(door: &Door, mut members: Vec<person::Model>) -> Result<(), Stop> {
    let indexes = members
        .iter()
        .filter_map(|one| one.citizen_number_index.clone());
    let indexes: Vec<_> = indexes.collect();
    let mut known = store::identities_of(door, &indexes).await?;
    let unknown = indexes
        .into_iter()
        .filter(|index| !known.contains_key(index));
    let unknown: Vec<_> = unknown.collect();
    let keys = door.new_keys::<identity::Entity>(unknown.len()).await?;
    let new = keys
        .zip(unknown)
        .map(|(id, citizen_number_index)| identity::Model {
            id,
            citizen_number_index,
        });
    let new: Vec<_> = new.collect();
    known.extend(
        new.iter()
            .map(|one| (one.citizen_number_index.clone(), one.id)),
    );
    let entered = door.insert_all::<identity::Entity>(new).await;
    entered.map_err(|stop| stop.raced("identity_citizen_number"))?;
    for member in &mut members {
        let index = member.citizen_number_index.as_ref();
        member.identity_id = index.and_then(|index| known.get(index).copied());
    }
    let entered = door.insert_all::<person::Entity>(members).await;
    entered.map_err(|stop| stop.raced("person_one_membership"))
}

/// The human being of a blind index, known from now on.
async fn human_being(door: &Door, index: &[u8]) -> Result<i64, Stop> {
    let known = store::identities_of(door, &[index.to_vec()]).await?;
    if let Some(known) = known.get(index) {
        return Ok(*known);
    }
    let new = identity::Model {
        id: door.new_key::<identity::Entity>().await?,
        citizen_number_index: index.to_vec(),
    };
    let entered = door.insert::<identity::Entity>(new).await;
    let entered = entered.map_err(|stop| stop.raced("identity_citizen_number"))?;
    Ok(entered.id)
}

/// Adds a member.
pub async fn add_member(door: Door, household: &ID, input: &NewMemberInput) -> Result<Done, Stop> {
    let path = ["householdId"];
    let household = door.find::<household::Entity>(household, &path).await?;
    let mut mistakes = Mistakes::default();
    open_household(&household, &path, &mut mistakes);
    let field = ["input", "relation"];
    one_head(&door, &household, input.relation, &field, &mut mistakes).await?;
    let new = read(&door, input, &["input"], &mut mistakes).await?;
    mistakes.none()?;
    // Where nothing is wrong it has been read.
    let new = new.ok_or_else(Refusal::internal)?;
    Ok(Done::of(add(&door, &household, new).await?.id))
}

/// A head comes only into a household that has none.
async fn one_head(
    door: &Door,
    household: &household::Model,
    relation: RelationToHead,
    path: &[&str],
    mistakes: &mut Mistakes,
) -> Result<(), Stop> {
    let members = members_today(door, household.id).await?;
    let has_one = members.iter().any(|member| member.is_head);
    mistakes.unless(!(has_one && is_head(relation)), &ONE_HEAD, path);
    Ok(())
}

/// Changes a member's basics.
pub async fn amend(
    door: Door,
    id: &ID,
    version: i32,
    input: &MemberAmendInput,
) -> Result<Done, Stop> {
    let before = member(&door, id, version).await?;
    let mut mistakes = Mistakes::default();
    let mut after = before.clone();
    told_by_number(&before, input, &mut mistakes);
    after.sex = input.sex.unwrap_or(before.sex);
    after.birth_date = input.birth_date.map_or(before.birth_date, |day| day.0);
    let born = Some(after.birth_date);
    let path = ["input", "birthDate"];
    mistakes.in_order(born, Some(before.valid_from), &path);
    if let Some(name) = &input.name {
        mistakes.text(name, 40, &["input", "name"]);
        name.trim().clone_into(&mut after.name);
        settle_name(&mut after);
    }
    if let Some(relation) = input.relation {
        let path = ["input", "relation"];
        mistakes.unless(is_head(relation) == before.is_head, &ONE_HEAD, &path);
        after.relation = relation;
    }
    input.ethnic_group.take_over(&mut after.ethnic_group);
    input.education_level.take_over(&mut after.education_level);
    input.student_stage.take_over(&mut after.student_stage);
    input.health_status.take_over(&mut after.health);
    input.labour_capacity.take_over(&mut after.labour_capacity);
    input.marital_status.take_over(&mut after.marital_status);
    if !input.phone.is_undefined() {
        let given = input.phone.value().map(String::as_str);
        let phone = phone_number(given, &["input", "phone"], &mut mistakes);
        let place = Place::new("person", "phone_cipher", before.id);
        let phone = phone.map(|phone| door.seal(place, &phone)).transpose()?;
        (after.phone_cipher, after.phone_index, after.phone_mask) = parts(phone);
    }
    mistakes.none()?;
    let after = door.update::<person::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// Sex and birth date stand in a citizen number: where there is one they are not changed beside it.
fn told_by_number(before: &person::Model, input: &MemberAmendInput, mistakes: &mut Mistakes) {
    let numbered = before.citizen_number_state == CitizenNumberState::Valid;
    let agrees = !numbered || input.sex.is_none_or(|sex| sex == before.sex);
    mistakes.unless(agrees, &NUMBER_DISAGREES, &["input", "sex"]);
    let born = input.birth_date.map(|day| day.0);
    let agrees = !numbered || born.is_none_or(|born| born == before.birth_date);
    mistakes.unless(agrees, &NUMBER_DISAGREES, &["input", "birthDate"]);
}

/// A change that may leave a value, take it away or replace it.
trait TakeOver<T> {
    fn take_over(&self, column: &mut Option<T>);
}

impl<T: Copy> TakeOver<T> for MaybeUndefined<T> {
    fn take_over(&self, column: &mut Option<T>) {
        match self {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => *column = None,
            MaybeUndefined::Value(value) => *column = Some(*value),
        }
    }
}

/// Ends a membership.
pub async fn remove(
    door: Door,
    id: &ID,
    version: i32,
    input: &MemberRemoveInput,
) -> Result<Done, Stop> {
    let before = member(&door, id, version).await?;
    let mut mistakes = Mistakes::default();
    let path = ["input", "reason"];
    mistakes.unless_saying(
        input.reason != LeftReason::Transferred,
        &INVALID_VALUE,
        &path,
        "转入其他户请办理 memberTransfer。",
        "Who moves to another household is transferred: do memberTransfer.",
    );
    may_leave(&door, &before, input.on.0, &["input", "on"], &mut mistakes).await?;
    mistakes.none()?;
    end(&door, &before, input.reason, input.on.0).await?;
    registration::close_when_empty(&door, before.household_id, input.on.0).await?;
    Ok(Done::of(before.id))
}

/// The member as the client knows the row, who has not left.
async fn member(door: &Door, id: &ID, version: i32) -> Result<person::Model, Stop> {
    let member = door
        .find_version::<person::Entity>(id, version, &["id"])
        .await?;
    match member.valid_to {
        None => Ok(member),
        Some(_) => Err(Mistake::new(&LEFT_ALREADY, &["id"]).into()),
    }
}

/// A member leaves after having come, not in the days to come, and not as the head of those who stay.
async fn may_leave(
    door: &Door,
    member: &person::Model,
    on: Date,
    path: &[&str],
    mistakes: &mut Mistakes,
) -> Result<(), Stop> {
    mistakes.in_order(Some(member.valid_from), Some(on), path);
    mistakes.not_in_future(on, door.today(), path);
    let others = members_today(door, member.household_id).await?.len() > 1;
    mistakes.unless(!(member.is_head && others), &HEAD_LEAVES, &["id"]);
    Ok(())
}

/// Ends a membership, and what the member's own account sees by it.
async fn end(door: &Door, before: &person::Model, why: LeftReason, on: Date) -> Result<(), Stop> {
    let mut after = before.clone();
    after.valid_to = Some(on);
    after.left_reason = Some(why);
    after.died_on = (why == LeftReason::Died).then_some(on);
    door.update::<person::Entity>(before, after).await?;
    for tie in store::own_ties(door, before.id).await? {
        help::end_link(door, &tie, on).await?;
    }
    Ok(())
}

/// Moves a member, or offers the member to another township.
pub async fn transfer(
    door: Door,
    id: &ID,
    version: i32,
    input: &MemberTransferInput,
) -> Result<Done, Stop> {
    let before = member(&door, id, version).await?;
    let mut mistakes = Mistakes::default();
    may_leave(&door, &before, input.on.0, &["input", "on"], &mut mistakes).await?;
    match (&input.household_id, input.relation, input.to_region) {
        (Some(household), Some(relation), None) => {
            let target = Target {
                household,
                relation,
            };
            let target = target.find(&door, &mut mistakes).await?;
            mistakes.unless(
                target.id != before.household_id,
                &INVALID_VALUE,
                &["input", "householdId"],
            );
            mistakes.none()?;
            let moved = relocate(&door, &before, &target, relation, input.on.0).await?;
            registration::close_when_empty(&door, before.household_id, input.on.0).await?;
            Ok(Done::of(moved.id))
        }
        (None, None, Some(region)) => {
            let region = region.0;
            let elsewhere = matches!(region.level(), RegionLevel::Township | RegionLevel::Village)
                && !door.access().covers(region.range())
                && registration::region_exists(&door, region.get()).await?;
            mistakes.unless(elsewhere, &NO_TOWNSHIP, &["input", "toRegion"]);
            mistakes.none()?;
            offer(&door, &before, region.get(), input.on.0).await?;
            Ok(Done::of(before.id))
        }
        _ => {
            mistakes.add(Mistake::saying(
                &INVALID_VALUE,
                &["input", "householdId"],
                "请填写转入户及与其户主关系，或只填写接收地。",
                "Give a household with the relation to its head, or a region alone.",
            ));
            mistakes.none().map(|()| Done::of(before.id))
        }
    }
}

/// A household that a member moves into.
struct Target<'i> {
    household: &'i ID,
    relation: RelationToHead,
}

impl Target<'_> {
    async fn find(&self, door: &Door, mistakes: &mut Mistakes) -> Result<household::Model, Stop> {
        let path = ["input", "householdId"];
        let target = door.find::<household::Entity>(self.household, &path);
        let target = target.await?;
        open_household(&target, &path, mistakes);
        let field = ["input", "relation"];
        one_head(door, &target, self.relation, &field, mistakes).await?;
        Ok(target)
    }
}

async fn offer(door: &Door, member: &person::Model, region: i64, on: Date) -> Result<(), Stop> {
    let offer = member_offer::Model {
        id: door.new_key::<member_offer::Entity>().await?,
        region_code: region,
        county_code: region / 1_000_000,
        person_id: member.id,
        from_region: member.region_code,
        leaves_on: on,
        state: MemberOfferState::Offered,
        offered_on: door.today(),
        accepted_on: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let taken = || Mistake::new(&OFFERED_ALREADY, &["id"]);
    let offered = door.insert::<member_offer::Entity>(offer).await;
    offered.map_err(|stop| stop.meaning("member_offer_open_once", taken()))?;
    Ok(())
}

/// Takes on a member who was offered.
pub async fn accept(
    door: Door,
    id: &ID,
    version: i32,
    input: &MemberTransferAcceptInput,
) -> Result<Done, Stop> {
    let before = door
        .find_version::<member_offer::Entity>(id, version, &["id"])
        .await?;
    let mut mistakes = Mistakes::default();
    let member = store::membership(&door, before.person_id);
    let member = door.beyond(Opening::TakingOver, member).await?;
    let member = member
        .filter(|member| before.state == MemberOfferState::Offered && member.valid_to.is_none());
    let Some(member) = member else {
        return Err(Mistake::new(&OFFER_ENDED, &["id"]).into());
    };
    let on = before.leaves_on;
    let leaves = may_leave(&door, &member, on, &["id"], &mut mistakes);
    door.beyond(Opening::TakingOver, leaves).await?;
    let (household, relation) = (&input.household_id, input.relation);
    let target = Target {
        household,
        relation,
    };
    let target = target.find(&door, &mut mistakes).await?;
    mistakes.none()?;
    door.beyond(Opening::TakingOver, async {
        relocate(&door, &member, &target, relation, on).await?;
        registration::close_when_empty(&door, member.household_id, on).await
    })
    .await?;
    let mut after = before.clone();
    after.state = MemberOfferState::Accepted;
    after.accepted_on = Some(door.today());
    let after = door.update::<member_offer::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// Ends the membership in one household and begins it in another: the values go along, sealed anew for their new place.
async fn relocate(
    door: &Door,
    before: &person::Model,
    to: &household::Model,
    relation: RelationToHead,
    on: Date,
) -> Result<person::Model, Stop> {
    end(door, before, LeftReason::Transferred, on).await?;
    let id = door.new_key::<person::Entity>().await?;
    let keys = (before.id, id);
    let number = before.citizen_number_cipher.as_deref();
    let number = reseal(
        door,
        Kind::CitizenNumber,
        "citizen_number_cipher",
        keys,
        number,
    )?;
    let phone = before.phone_cipher.as_deref();
    let phone = reseal(door, Kind::Phone, "phone_cipher", keys, phone)?;
    let (citizen_number_cipher, citizen_number_index, citizen_number_mask) = parts(number);
    let (phone_cipher, phone_index, phone_mask) = parts(phone);
    let moved = person::Model {
        id,
        household_id: to.id,
        region_code: to.region_code,
        county_code: to.county_code,
        citizen_number_cipher,
        citizen_number_index,
        citizen_number_mask,
        phone_cipher,
        phone_index,
        phone_mask,
        relation,
        is_head: is_head(relation),
        valid_from: on,
        valid_to: None,
        left_reason: None,
        died_on: None,
        ..before.clone()
    };
    enter(door, moved).await
}

/// A sealed value is bound to its row: for another row it is opened and sealed again.
fn reseal(
    door: &Door,
    kind: Kind,
    column: &'static str,
    (from, to): (i64, i64),
    cipher: Option<&[u8]>,
) -> Result<Option<Sealed>, Stop> {
    let Some(cipher) = cipher else {
        return Ok(None);
    };
    let opened = door
        .vault()
        .open(kind, Place::new("person", column, from), cipher);
    let opened = opened.map_err(|error| DbError::fault(error.to_string()))?;
    door.seal(Place::new("person", column, to), &opened)
        .map(Some)
}

/// Makes another member the head.
pub async fn change_head(door: Door, input: &HeadChangeInput) -> Result<Done, Stop> {
    let path = ["input", "householdId"];
    let household = door
        .find::<household::Entity>(&input.household_id, &path)
        .await?;
    let mut mistakes = Mistakes::default();
    open_household(&household, &path, &mut mistakes);
    let head = std::slice::from_ref(&input.head);
    let head = members_named(&door, household.id, head)
        .await?
        .members
        .pop();
    mistakes.unless(head.is_some(), &NO_MEMBER, &["input", "head"]);
    let others = related(
        &door,
        &household,
        &input.relations,
        "relations",
        &mut mistakes,
    )
    .await?;
    let everybody = members_today(&door, household.id).await?.len();
    let path = ["input", "relations"];
    mistakes.unless(others.len() + 1 == everybody, &EVERY_MEMBER, &path);
    for (place, (member, relation)) in others.iter().enumerate() {
        let is_the_head = head.as_ref().is_some_and(|head| head.id == member.id);
        let path = ["input", "relations", &place.to_string()];
        mistakes.unless(!is_the_head && !is_head(*relation), &ONE_HEAD, &path);
    }
    mistakes.none()?;
    // The one before first: there is never more than one.
    for (before, relation) in others {
        set_relation(&door, &before, relation).await?;
    }
    if let Some(head) = head {
        set_relation(&door, &head, RelationToHead::Head).await?;
    }
    Ok(Done::of(household.id))
}

async fn set_relation(
    door: &Door,
    before: &person::Model,
    relation: RelationToHead,
) -> Result<(), Stop> {
    let mut after = before.clone();
    after.relation = relation;
    after.is_head = is_head(relation);
    door.update::<person::Entity>(before, after).await?;
    Ok(())
}

/// The members named with their relations, in the order given.
async fn related(
    door: &Door,
    household: &household::Model,
    given: &[MemberRelationInput],
    field: &str,
    mistakes: &mut Mistakes,
) -> Result<Vec<(person::Model, RelationToHead)>, Stop> {
    let mut found: Vec<(person::Model, RelationToHead)> = vec![];
    for (place, one) in given.iter().enumerate().take(MOST_MEMBERS) {
        let id = std::slice::from_ref(&one.member);
        let MembersNamed { mut members, .. } = members_named(door, household.id, id).await?;
        let known = members.pop();
        let new = known.filter(|member| found.iter().all(|(other, _)| other.id != member.id));
        match new {
            Some(member) => found.push((member, one.relation)),
            None => {
                let path = ["input", field, &place.to_string(), "member"];
                mistakes.add(Mistake::new(&NO_MEMBER, &path));
            }
        }
    }
    Ok(found)
}

/// The most members that one request names.
const MOST_MEMBERS: usize = 50;

/// Lets members found a household of their own.
pub async fn split(door: Door, input: &HouseholdSplitInput) -> Result<Done, Stop> {
    let path = ["input", "householdId"];
    let household = door
        .find::<household::Entity>(&input.household_id, &path)
        .await?;
    let mut mistakes = Mistakes::default();
    open_household(&household, &path, &mut mistakes);
    for (text, most, field) in [
        (&input.group, 20, "group"),
        (&input.address, 100, "address"),
    ] {
        if let Some(text) = text {
            mistakes.text(text, most, &["input", field]);
        }
    }
    let leaving = related(&door, &household, &input.members, "members", &mut mistakes).await?;
    together(&door, &leaving, input.on.0, &mut mistakes);
    let path = ["input", "members"];
    let heads = leaving.iter().filter(|(_, relation)| is_head(*relation));
    mistakes.unless(heads.count() == 1, &ONE_HEAD, &path);
    let head_stays = leaving.iter().all(|(member, _)| !member.is_head);
    mistakes.unless(head_stays, &HEAD_LEAVES, &path);
    mistakes.none()?;
    let new = registration::blank(&door, household.region_code).await?;
    let new = household::Model {
        group_name: trimmed(input.group.as_ref()).or(household.group_name),
        address: trimmed(input.address.as_ref()).or(household.address),
        ..new
    };
    let new = registration::open_new(&door, new, input.on.0).await?;
    for (member, relation) in leaving {
        relocate(&door, &member, &new, relation, input.on.0).await?;
    }
    Ok(Done::of(new.id))
}

/// Members move on one day that has come, each after having come.
fn together(
    door: &Door,
    members: &[(person::Model, RelationToHead)],
    on: Date,
    mistakes: &mut Mistakes,
) {
    let path = ["input", "on"];
    mistakes.not_in_future(on, door.today(), &path);
    let came = members.iter().map(|(member, _)| member.valid_from).max();
    mistakes.in_order(came, Some(on), &path);
}

/// Lets a household go into another one.
pub async fn merge(door: Door, input: &HouseholdMergeInput) -> Result<Done, Stop> {
    let mut mistakes = Mistakes::default();
    let (stays, goes) = (["input", "householdId"], ["input", "mergedId"]);
    let household = door
        .find::<household::Entity>(&input.household_id, &stays)
        .await?;
    let merged = door
        .find::<household::Entity>(&input.merged_id, &goes)
        .await?;
    open_household(&household, &stays, &mut mistakes);
    open_household(&merged, &goes, &mut mistakes);
    mistakes.unless(household.id != merged.id, &INVALID_VALUE, &goes);
    let moving = related(&door, &merged, &input.members, "members", &mut mistakes).await?;
    together(&door, &moving, input.on.0, &mut mistakes);
    let path = ["input", "members"];
    let everybody = members_today(&door, merged.id).await?.len();
    mistakes.unless(moving.len() == everybody, &EVERY_MEMBER, &path);
    let no_head = moving.iter().all(|(_, relation)| !is_head(*relation));
    mistakes.unless(no_head, &ONE_HEAD, &path);
    mistakes.none()?;
    for (member, relation) in moving {
        relocate(&door, &member, &household, relation, input.on.0).await?;
    }
    registration::close_when_empty(&door, merged.id, input.on.0).await?;
    Ok(Done::of(household.id))
}

/// Records a death. Where a head dies, the township answers within these deadlines.
pub async fn record_death(
    door: Door,
    input: &DeathRecordInput,
    deadlines: Deadlines,
) -> Result<Done, Stop> {
    let path = ["input", "personId"];
    let before = door.find::<person::Entity>(&input.person_id, &path).await?;
    let mut mistakes = Mistakes::default();
    mistakes.unless(before.valid_to.is_none(), &LEFT_ALREADY, &path);
    let (died_on, field) = (input.died_on.0, ["input", "diedOn"]);
    mistakes.in_order(Some(before.valid_from), Some(died_on), &field);
    mistakes.not_in_future(died_on, door.today(), &field);
    mistakes.none()?;
    end(&door, &before, LeftReason::Died, died_on).await?;
    let orphaned = before.is_head && !members_today(&door, before.household_id).await?.is_empty();
    if orphaned && let Some(household) = household_row(&door, before.household_id).await? {
        // The police knows of the death, the township who is the head now.
        let finding = reconciliation::Raised {
            check: "RC-07",
            severity: FindingSeverity::Block,
            department: Department::Township,
            stops: &[
                BlockedStep::Payment,
                BlockedStep::Exit,
                BlockedStep::Confirmation,
            ],
            is_seen: true,
        };
        reconciliation::raise(&door, &household, &finding, deadlines).await?;
    }
    registration::close_when_empty(&door, before.household_id, died_on).await?;
    Ok(Done::of(before.id))
}

/// Runs a change that may tell that a person is on a file which does not exist for the viewer: such answers are limited, and
/// each is on record before it leaves. Where there is a household of the viewer's, the office above is told.
pub async fn disclosing<M, W>(
    ctx: &Context<'_>,
    call: &Call,
    household: Option<&ID>,
    numbers: &[NumberGiven<'_>],
    work: W,
) -> Result<Payload<M>, Refusal>
where
    M: Action,
    W: Future<Output = Result<Payload<M>, Refusal>>,
{
    let mut held = held(ctx, numbers.len().min(MOST_TOLD)).await?;
    let payload = work.await?;
    let told = payload.mistakes().iter();
    let told: Vec<_> = told
        .filter(|mistake| *mistake.code == PERSON_NOT_AVAILABLE)
        .filter_map(|mistake| numbers.iter().find(|number| number.path == mistake.path))
        .collect();
    held.keep(told.len());
    for number in &told {
        Disclosure::of(ctx, number.text)?.record(ctx).await?;
    }
    if let (false, Some(household)) = (told.is_empty(), household) {
        let deadlines = *ctx.data_unchecked::<Deadlines>();
        leave::<M, _, _>(ctx, call, |door| tell_above(door, household, deadlines)).await?;
    }
    Ok(payload)
}

/// The poverty office is told that somebody of another file was to be entered here.
async fn tell_above(door: Door, household: &ID, deadlines: Deadlines) -> Result<(), Stop> {
    let path = ["householdId"];
    let household = door.find::<household::Entity>(household, &path).await?;
    let finding = reconciliation::Raised {
        check: "RC-02",
        severity: FindingSeverity::High,
        department: Department::Poverty,
        stops: &[],
        is_seen: false,
    };
    reconciliation::raise(&door, &household, &finding, deadlines).await
}
