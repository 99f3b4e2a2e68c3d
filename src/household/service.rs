//! Looking a person up by a full sensitive value: limited, recorded, and never more than the scope shows. And how sensitive
//! values are read that a client writes, and whom the rooms' mutations are about.

use super::store::{LookedUp, record_disclosure, record_look_up};
use crate::{
    authz::Access,
    clock::{Clock, start_of_day_ms},
    db::{Class, Database, Opening, Param, Reads, Statement},
    graphql::plan::{Refusal, RootQuery, Rows, acquire, failed, session},
    identifiers::CitizenNumber,
    text::is_plain,
    vault::{PhoneNumber, Vault, mask_name},
    writing::{Call, Code, Door, FileRow, Mistake, Mistakes, Stop, is_done},
};
use ::entity::household::{
    codes::{HouseholdStatus, PolicyAfterExit, RelationToHead},
    household, person,
};
use async_graphql::{Context, ID};
use matching::Name;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

pub const NOT_OPEN: Code = Code::new(
    "HOUSEHOLD_NOT_OPEN",
    "该户已清退或销户：不能办理。",
    "The household is struck off or closed: this can't be done any more.",
);
pub const ONE_HEAD: Code = Code::new(
    "ONE_HEAD",
    "每户须有且只有一名户主：请核对与户主关系。",
    "A household has exactly one head: check the relations to the head.",
);

/// How many look-ups a user may make in a minute.
const PER_MINUTE: u32 = 30;
/// How many the rows of a user's files may make in a day, looked at and taken over: a bank's list is no clerk who types.
const PER_DAY_OF_FILES: i64 = 20_000;
const MINUTE_MS: i64 = 60_000;

/// Counts the look-ups of each user in the minute at hand, refused ones too. Those of other instances are counted in the
/// access records.
#[derive(Default)]
pub struct LookUps(Mutex<(i64, HashMap<String, u32>)>);

impl LookUps {
    fn admit(&self, user: &str, minute: i64) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.0 != minute {
            *counts = (minute, HashMap::new());
        }
        let count = counts.1.entry(user.to_owned()).or_default();
        *count += 1;
        *count <= PER_MINUTE
    }

    /// Counts what may come to that many answers, unless they would be too many.
    fn hold(&self, user: &str, minute: i64, count: usize) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.0 != minute {
            *counts = (minute, HashMap::new());
        }
        let held = counts.1.entry(user.to_owned()).or_default();
        let all = u32::try_from(count)
            .unwrap_or(PER_MINUTE)
            .saturating_add(*held);
        if all <= PER_MINUTE {
            *held = all;
        }
        all <= PER_MINUTE
    }

    fn give_back(&self, user: &str, minute: i64, count: usize) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.0 == minute
            && let Some(held) = counts.1.get_mut(user)
        {
            *held = held.saturating_sub(u32::try_from(count).unwrap_or_default());
        }
    }
}

/// Answers that may tell of a person on another file. They count before they are known: to be limited only when the person is
/// on another file would tell it. Those that told nothing are given back.
pub struct Held {
    look_ups: Arc<LookUps>,
    user: String,
    minute: i64,
    count: usize,
}

impl Held {
    /// So many told something.
    pub fn keep(&mut self, told: usize) {
        self.count = self.count.saturating_sub(told);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.look_ups.give_back(&self.user, self.minute, self.count);
    }
}

/// Holds that many answers about citizen numbers.
///
/// # Errors
/// Too many in this minute.
pub async fn held(ctx: &Context<'_>, count: usize) -> Result<Held, Refusal> {
    let user = ctx.data_unchecked::<Access>().viewer.user.clone();
    let minute = ctx.data_unchecked::<Clock>().now_ms() / MINUTE_MS;
    let look_ups = ctx.data_unchecked::<Arc<LookUps>>().clone();
    if count > 0 {
        let before = recorded(ctx, (minute * MINUTE_MS, PER_MINUTE.into())).await?;
        let fits = usize::try_from(before).unwrap_or_default() + count <= PER_MINUTE as usize;
        if !fits || !look_ups.hold(&user, minute, count) {
            return Err(too_many_in_a_minute());
        }
    }
    Ok(Held {
        look_ups,
        user,
        minute,
        count,
    })
}

fn too_many_in_a_minute() -> Refusal {
    Refusal::new(
        "RATE_LIMITED",
        "按公民身份号码查询过于频繁，请一分钟后再试。",
        "Too many look-ups by citizen number: wait a minute.",
    )
}

fn too_many_by_files() -> Refusal {
    Refusal::new(
        "RATE_LIMITED",
        "今日文件按公民身份号码查询已达上限，其余各行请明日再导入。",
        "Too many look-ups by citizen number from files today: take over the other rows tomorrow.",
    )
}

/// That a person is on another file, told to the viewer.
pub struct Disclosure(Arc<[u8]>);

impl Disclosure {
    /// Of this citizen number, which has been read before.
    ///
    /// # Errors
    /// It is none.
    pub fn of(ctx: &Context<'_>, number: &str) -> Result<Self, Refusal> {
        let today = ctx.data_unchecked::<Clock>().today();
        let number = CitizenNumber::parse(number, today).map_err(|_| Refusal::internal())?;
        let index = ctx.data_unchecked::<Arc<Vault>>().index(&number);
        Ok(Disclosure(index.as_ref().into()))
    }

    /// Records it, before the answer leaves.
    ///
    /// # Errors
    /// The record could not be kept: then nothing is answered.
    pub async fn record(&self, ctx: &Context<'_>) -> Result<(), Refusal> {
        let told = LookedUp {
            viewer: &ctx.data_unchecked::<Access>().viewer,
            index: &self.0,
            household: None,
            at_ms: ctx.data_unchecked::<Clock>().now_ms(),
        };
        let database = ctx.data_unchecked::<Database>();
        record_disclosure(&database.opened(Opening::OnFileElsewhere), &told)
            .await
            .map_err(|error| failed(&error))
    }
}

/// The look-ups that any instance has recorded of the viewer since a moment, counted as far as that many.
async fn recorded(ctx: &Context<'_>, (since_ms, most): (i64, i64)) -> Result<i64, Refusal> {
    let user = ctx.data_unchecked::<Access>().viewer.user.as_str();
    let sql = "SELECT count(*) FROM (SELECT 1 FROM access_record WHERE user_id = $1 AND at_ms >= $2 \
               AND action IN ('LOOK_UP', 'DISCLOSE') LIMIT $3) x";
    let params = vec![
        Param::Text(user.into()),
        Param::I64(since_ms),
        Param::I64(most),
    ];
    let statement = Statement::new(Class::ByScope, sql, params);
    let mut session = session(&ctx.data_unchecked::<Reads>().newest()).await?;
    let rows = session
        .one(statement)
        .await
        .map_err(|error| failed(&error))?;
    let count = rows.first().and_then(|row| row.cell(0).int().ok());
    count.ok_or_else(Refusal::internal)
}

/// Counts a look-up against what the user may do in a minute, or by files in a day in China.
async fn admit(ctx: &Context<'_>) -> Result<(), Refusal> {
    let clock = ctx.data_unchecked::<Clock>();
    if ctx.data_opt::<FileRow>().is_some() {
        let today = start_of_day_ms(clock.today());
        let before = recorded(ctx, (today, PER_DAY_OF_FILES)).await?;
        return (before < PER_DAY_OF_FILES)
            .then_some(())
            .ok_or_else(too_many_by_files);
    }
    let minute = clock.now_ms() / MINUTE_MS;
    let user = &ctx.data_unchecked::<Access>().viewer.user;
    let admitted = ctx.data_unchecked::<Arc<LookUps>>().admit(user, minute)
        && recorded(ctx, (minute * MINUTE_MS, PER_MINUTE.into())).await? < PER_MINUTE.into();
    admitted.then_some(()).ok_or_else(too_many_in_a_minute)
}

/// Whom a citizen number stands for, as somebody showed it to who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonShown {
    /// It is no citizen number.
    Unreadable,
    /// Nobody who is a member of a household today.
    Nobody,
    /// The member of this key.
    Member(i64),
}

/// Finds the member of a citizen number in the viewer's region, whether the viewer has seen the household before or not: for
/// an institution whose new customer shows it. Limited as look-ups are, and recorded before anything is answered. For a
/// request that took effect before nobody is looked up.
///
/// # Errors
/// Too many look-ups in a minute; the record could not be kept.
pub async fn person_shown(
    ctx: &Context<'_>,
    call: &Call,
    text: &str,
) -> Result<PersonShown, Refusal> {
    if is_done(ctx, call).await? {
        return Ok(PersonShown::Nobody);
    }
    admit(ctx).await?;
    let clock = ctx.data_unchecked::<Clock>();
    let number = match is_plain(text) {
        true => CitizenNumber::parse(text, clock.today()).ok(),
        false => None,
    };
    let Some(number) = number else {
        return Ok(PersonShown::Unreadable);
    };
    let viewer = &ctx.data_unchecked::<Access>().viewer;
    let index = ctx.data_unchecked::<Arc<Vault>>().index(&number);
    let index: Arc<[u8]> = index.as_ref().into();
    let sql = "SELECT p.id, p.household_id FROM person p WHERE p.citizen_number_index = $1 AND p.valid_to IS NULL \
               AND p.region_code BETWEEN $2 AND $3 ORDER BY p.id LIMIT 1";
    let (lo, hi) = viewer.region;
    let params = vec![Param::Bytes(index.clone()), Param::I64(lo), Param::I64(hi)];
    let statement = Statement::new(Class::ByIdentity, sql, params);
    let mut session = acquire(ctx).await?;
    let rows = session
        .one(statement)
        .await
        .map_err(|error| failed(&error))?;
    drop(session);
    let found = rows
        .first()
        .map(|row| (row.cell(0).int(), row.cell(1).int()));
    let (person, household) = match found {
        None => (PersonShown::Nobody, None),
        Some((Ok(person), Ok(household))) => (PersonShown::Member(person), Some(household)),
        Some(_) => return Err(Refusal::internal()),
    };
    let look_up = LookedUp {
        viewer,
        index: &index,
        household,
        at_ms: clock.now_ms(),
    };
    record_look_up(ctx.data_unchecked::<Database>(), &look_up)
        .await
        .map_err(|error| failed(&error))?;
    Ok(person)
}

/// A value to look up, known only by its blind index.
pub struct LookUp {
    index: Arc<[u8]>,
}

impl LookUp {
    /// The look-up of a citizen number.
    ///
    /// # Errors
    /// A number that is none, without repeating it; too many look-ups in a minute.
    pub async fn citizen_number(ctx: &Context<'_>, text: &str) -> Result<Self, Refusal> {
        admit(ctx).await?;
        let today = ctx.data_unchecked::<Clock>().today();
        let number = CitizenNumber::parse(text, today).map_err(|_| {
            Refusal::argument(
                "INVALID_CITIZEN_NUMBER",
                &["citizenNumber"],
                "公民身份号码有误：请核对位数、出生日期和校验码。",
                "Not a citizen number: check its length, birth date and check character.",
            )
        })?;
        let index = ctx.data_unchecked::<Arc<Vault>>().index(&number);
        Ok(LookUp {
            index: index.as_ref().into(),
        })
    }

    #[must_use]
    pub fn index(&self) -> Param {
        Param::Bytes(self.index.clone())
    }

    /// Records who looked up what and whether it was found, before the answer leaves.
    ///
    /// # Errors
    /// The record could not be kept: then nothing is answered.
    pub async fn record<T: Rows>(
        &self,
        ctx: &Context<'_>,
        query: &RootQuery,
        column: &str,
    ) -> Result<(), Refusal> {
        let access = ctx.data_unchecked::<Access>();
        let household = query.first_key::<T>(ctx, column).await?;
        let at_ms = ctx.data_unchecked::<Clock>().now_ms();
        let look_up = LookedUp {
            viewer: &access.viewer,
            index: &self.index,
            household,
            at_ms,
        };
        record_look_up(ctx.data_unchecked::<Database>(), &look_up)
            .await
            .map_err(|error| failed(&error))
    }
}

/// The household is neither struck off nor closed.
pub fn open_household(household: &household::Model, path: &[&str], mistakes: &mut Mistakes) {
    let ended = matches!(
        household.status,
        HouseholdStatus::StruckOff | HouseholdStatus::Closed
    );
    mistakes.unless(!ended, &NOT_OPEN, path);
}

/// Whether this is the relation of the head.
#[must_use]
pub fn is_head(relation: RelationToHead) -> bool {
    matches!(relation, RelationToHead::Head | RelationToHead::Oneself)
}

/// A text without the blanks around it.
#[must_use]
pub fn trimmed(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
}

/// A phone number that a client gives. What was masked before is none.
pub fn phone_number(
    text: Option<&str>,
    path: &[&str],
    mistakes: &mut Mistakes,
) -> Option<PhoneNumber> {
    mistakes.readable(
        text?,
        PhoneNumber::parse,
        path,
        (
            "须为完整的 11 位手机号码或 7 至 12 位固定电话号码，不能填写带星号的号码。",
            "This is a mobile number of 11 digits or one of the fixed network with 7 to 12, in full and without stars.",
        ),
    )
}

pub const NO_MEMBER: Code = Code::new(
    "NO_MEMBER",
    "此人不是该户的现有成员：请核对。",
    "This person is no member of the household today: check it.",
);

/// The member of today whose global id this is.
///
/// # Errors
/// `NOT_FOUND` or `NO_MEMBER` at this path.
pub async fn member(door: &Door, id: &ID, path: &[&str]) -> Result<person::Model, Stop> {
    let person = door.find::<person::Entity>(id, path).await?;
    match person.valid_to {
        None => Ok(person),
        Some(_) => Err(Mistake::new(&NO_MEMBER, path).into()),
    }
}

/// Whether a household has what the policies give to registered ones: it is on file, or out of poverty with policies kept.
#[must_use]
pub fn has_policies(household: &household::Model) -> bool {
    match household.status {
        HouseholdStatus::Registered | HouseholdStatus::Returned => true,
        HouseholdStatus::Exited => household.policy_after_exit == Some(PolicyAfterExit::Kept),
        _ => false,
    }
}

/// What follows from a name and is kept beside it, for finding the person as other agencies' lists write it. Whoever writes a name
/// writes this with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameKeys {
    /// The standard writing of its characters.
    pub standard: String,
    /// What names that sound alike share.
    pub sound: String,
    /// How its first and its last character sound.
    pub first: i64,
    pub last: i64,
}

impl NameKeys {
    #[must_use]
    pub fn of(name: &str) -> Self {
        let name = Name::read(name);
        let (first, last) = name.ends().unwrap_or_default();
        NameKeys {
            standard: name.standard(),
            sound: name.sound(),
            first: first.into(),
            last: last.into(),
        }
    }
}

/// Gives a person what follows from the name that stands there.
pub fn settle_name(person: &mut person::Model) {
    let keys = NameKeys::of(&person.name);
    person.name_mask = mask_name(&person.name);
    person.name_standard = keys.standard;
    person.name_sound = keys.sound;
    person.name_first = keys.first;
    person.name_last = keys.last;
}
