//! Rows that are answered at once.

use super::{
    find::{Asking, Registers, relation_code, told_sex},
    store::record,
    types::RosterMatch,
};
use crate::{
    authz::Access,
    clock::Clock,
    db::{Class, Database, Param, Reads, Statement},
    graphql::{
        language::Language,
        plan::{Outcome, Refusal, acquire, failed},
        scalars::{Day, RegionId},
    },
    vault::Vault,
};
use async_graphql::{Context, InputObject, Object};
use entity::{
    household::codes::{RelationToHead, Sex},
    region_code::RegionCode,
};
use matching::{ConfigError, Row, RowText};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use time::Date;

/// The most rows of a request.
const MOST_ROWS: usize = 500;
/// The most rows of a user in a minute. A longer list is sent as a file.
const MOST_IN_A_MINUTE: usize = 3_000;
/// The longest text of a row, characters.
const LONGEST_TEXT: usize = 100;

/// A row of another agency's list (名单行), as it is written there. Right or wrong, whatever stands there helps.
#[derive(InputObject)]
pub struct RosterRowInput {
    /// What you call the row (行标签): it comes back with the answer.
    label: Option<String>,
    /// The name (姓名).
    name: Option<String>,
    /// The citizen number (公民身份号码), of 18 or 15 characters, with its slips.
    citizen_number: Option<String>,
    /// The birth date (出生日期).
    birth_date: Option<Day>,
    /// The sex (性别).
    sex: Option<Sex>,
    /// The village or township (行政村代码).
    village_code: Option<RegionId>,
    /// The relation to the head (与户主关系).
    relation: Option<RelationToHead>,
    /// The number of the household card (户编号): it tells the village where no other is given.
    card_number: Option<String>,
}

impl RosterRowInput {
    fn read(&self, today: Date) -> Row {
        let village = self.village_code.map(|village| village.0);
        let of_card = || village_of_card(self.card_number.as_deref()?);
        let village = village.or_else(of_card);
        let text = RowText {
            name: self.name.as_deref().unwrap_or_default(),
            number: self.citizen_number.as_deref().unwrap_or_default(),
            birth_date: self.birth_date.map(|day| day.0),
            sex: self.sex.and_then(told_sex),
            village: village.map(|village| village.get().unsigned_abs()),
            relation: self.relation.and_then(relation_code),
        };
        Row::read(&text, today)
    }

    /// The first text that is longer than any of a list.
    fn too_long(&self) -> Option<&'static str> {
        let texts = [
            ("label", &self.label),
            ("name", &self.name),
            ("citizenNumber", &self.citizen_number),
            ("cardNumber", &self.card_number),
        ];
        let is_long = |text: &String| text.chars().count() > LONGEST_TEXT;
        let mut long = texts
            .into_iter()
            .filter(|(_, text)| text.as_ref().is_some_and(is_long));
        long.next().map(|(name, _)| name)
    }
}

/// The village in the number of a household card.
pub(super) fn village_of_card(card: &str) -> Option<RegionCode> {
    RegionCode::parse(card.trim().get(..12)?).ok()
}

/// What answering rows needs besides the database: what registers are like, and how many rows each user has sent.
pub struct Rosters {
    pub(super) registers: Registers,
    asked: Mutex<(i64, HashMap<String, usize>)>,
}

impl Rosters {
    /// With the configuration that is shipped.
    ///
    /// # Errors
    /// None that a test would not find.
    pub fn shipped() -> Result<Self, ConfigError> {
        Ok(Rosters {
            registers: Registers::shipped()?,
            asked: Mutex::default(),
        })
    }

    /// Counts rows of a user in a minute, and tells how many there are.
    fn count(&self, user: &str, minute: i64, rows: usize) -> usize {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.0 != minute {
            *asked = (minute, HashMap::new());
        }
        let count = asked.1.entry(user.to_owned()).or_default();
        *count += rows;
        *count
    }
}

/// What can be asked of lists.
#[derive(Default)]
pub struct Query;

#[Object(name = "RosterQuery")]
impl Query {
    /// Whose rows another agency's list has (名单比对), up to 500 rows at a time, in their order. Each is exact, probable, possible or
    /// nobody's, with the reasons and at most five candidates of your region; a row of somebody of another region is answered as one
    /// of nobody. Each look is on record with the person. Longer lists: `rosterMatchBegin`. At most 3000 rows in a minute.
    async fn roster_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows (名单行), 1 to 500.")] rows: Vec<RosterRowInput>,
    ) -> Outcome<Vec<RosterMatch>> {
        Box::pin(answer(ctx, rows)).await.into()
    }
}

async fn answer(
    ctx: &Context<'_>,
    rows: Vec<RosterRowInput>,
) -> Result<Option<Vec<RosterMatch>>, Refusal> {
    check(&rows)?;
    let (access, clock) = (
        ctx.data_unchecked::<Access>(),
        ctx.data_unchecked::<Clock>(),
    );
    let (rosters, now_ms) = (ctx.data_unchecked::<Arc<Rosters>>(), clock.now_ms());
    admit(ctx, rosters, (rows.len(), now_ms)).await?;
    let today = clock.today();
    let asking = Asking {
        registers: &rosters.registers,
        reads: ctx.data_unchecked::<Reads>(),
        access,
        vault: ctx.data_unchecked::<Arc<Vault>>(),
        today,
        now_ms,
    };
    let read: Vec<Row> = rows.iter().map(|row| row.read(today)).collect();
    let matched = asking.matched(&read).await;
    let matched = matched.map_err(|error| failed(&error))?;
    let database = ctx.data_unchecked::<Database>();
    record(database, &access.viewer, (None, now_ms), &matched)
        .await
        .map_err(|error| failed(&error))?;
    let language = *ctx.data_unchecked::<Language>();
    let answers = rows.into_iter().zip(&matched);
    let answers = answers.map(|(row, matched)| RosterMatch::of(row.label, matched, language));
    Ok(Some(answers.collect()))
}

fn check(rows: &[RosterRowInput]) -> Result<(), Refusal> {
    if rows.is_empty() || rows.len() > MOST_ROWS {
        return Err(Refusal::argument(
            "TOO_MANY_ROWS",
            &["rows"],
            format!("一次可比对 1 至 {MOST_ROWS} 行：更长的名单请以文件上传（rosterMatchBegin）。"),
            format!(
                "From 1 to {MOST_ROWS} rows at a time: send a longer list as a file (rosterMatchBegin)."
            ),
        ));
    }
    let mut long = rows.iter().enumerate();
    match long.find_map(|(place, row)| Some((place, row.too_long()?))) {
        None => Ok(()),
        Some((place, field)) => Err(Refusal::argument(
            "INVALID_VALUE",
            &["rows", &place.to_string(), field],
            format!("不得超过 {LONGEST_TEXT} 个字。"),
            format!("At most {LONGEST_TEXT} characters."),
        )),
    }
}

/// Counts the rows against what the user may ask in a minute: here, and as any instance has recorded it.
async fn admit(
    ctx: &Context<'_>,
    rosters: &Rosters,
    (rows, now_ms): (usize, i64),
) -> Result<(), Refusal> {
    let user = &ctx.data_unchecked::<Access>().viewer.user;
    let minute = now_ms / 60_000;
    let here = rosters.count(user, minute, rows);
    let sql = "SELECT count(*) FROM access_record WHERE user_id = $1 AND at_ms >= $2 AND action = 'MATCH' AND case_number IS NULL";
    let params = vec![
        Param::Text(user.as_str().into()),
        Param::I64(minute * 60_000),
    ];
    let mut session = acquire(ctx).await?;
    let recorded = session
        .one(Statement::new(Class::ByScope, sql, params))
        .await
        .map_err(|error| failed(&error))?;
    let recorded = recorded.first().and_then(|row| row.cell(0).int().ok());
    let recorded = usize::try_from(recorded.unwrap_or_default()).unwrap_or(usize::MAX);
    // Every candidate has a record: of those that are, some are of one row.
    if here <= MOST_IN_A_MINUTE && recorded < MOST_IN_A_MINUTE * 5 {
        return Ok(());
    }
    Err(Refusal::new(
        "RATE_LIMITED",
        "一分钟内比对的行数过多：请稍后再试，或以文件上传（rosterMatchBegin）。",
        "Too many rows in this minute: wait, or send the list as a file (rosterMatchBegin).",
    ))
}
