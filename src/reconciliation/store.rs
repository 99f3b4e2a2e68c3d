//! The rows of findings: those that a room raises when it meets one, and those that the checks find.

use super::{
    check::{Filled, Here},
    deadline::Deadlines,
    requested::Started,
    run::{Report, Wanted},
    types::Finding,
};
use crate::{
    db::{BadCell, Class, DbError, Dialect, Row, Statement},
    writing::{Code, Door, Own, Stop, written},
};
use ::entity::{
    codes::{CodeList, Department},
    household::household,
    reconciliation::{
        checked_village,
        codes::{BlockedStep, FindingEventKind, FindingSeverity, FindingState},
        finding, finding_event, reconciliation_run,
    },
    region_code::RegionCode,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;
use time::Date;

written! {
    Core: finding => Finding, generated "owner_key";
    Core: finding_event, generated "owner_key";
    Core: checked_village;
    Core: reconciliation_run;
}

/// What is raised, and who is asked.
pub struct Raised {
    /// The check of the domain that would find it.
    pub check: &'static str,
    pub severity: FindingSeverity,
    pub department: Department,
    /// What it stops while it is open.
    pub stops: &'static [BlockedStep],
    /// Whether the check sees it in the data, and so closes it; what it does not see stays until somebody answers.
    pub is_seen: bool,
}

/// Raises a finding against a household, unless the same one is open.
///
/// # Errors
/// The database.
pub async fn raise(
    door: &Door,
    household: &household::Model,
    raised: &Raised,
    deadlines: Deadlines,
) -> Result<(), Stop> {
    let by = (!raised.is_seen).then_some(door.access().viewer.department);
    let before = finding::Entity::find()
        .filter(finding::Column::HouseholdId.eq(household.id))
        .filter(finding::Column::CheckId.eq(raised.check))
        .filter(finding::Column::PersonId.is_null())
        .filter(finding::Column::Subject.eq(0))
        .filter(match by {
            Some(by) => finding::Column::RaisedBy.eq(by),
            None => finding::Column::RaisedBy.is_null(),
        })
        .order_by_desc(finding::Column::Id)
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    if let Some(before) = before {
        if before.closed_on.is_some() {
            let again = Happening {
                before,
                kind: FindingEventKind::Reopened,
                evidence: None,
            };
            happen(door, vec![again], (door.today(), deadlines)).await?;
        }
        return Ok(());
    }
    let row = finding::Model {
        id: door.new_key::<finding::Entity>().await?,
        raised_by: by,
        stops: words(raised.stops),
        due_on: deadlines.of(raised.severity, door.today()),
        ..blank(
            (Owner::Household(household.id), household.region_code),
            raised.check,
            (raised.severity, raised.department),
            door.today(),
        )
    };
    door.insert::<finding::Entity>(row).await?;
    Ok(())
}

/// Words of a code list as a column keeps them: with a space before and after each.
#[must_use]
pub fn words<L: CodeList>(of: &[L]) -> String {
    let words: String = of.iter().map(|one| format!(" {}", one.word())).collect();
    words + " "
}

/// On what a finding stands: the key of a household, or the code of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    Household(i64),
    Region(i64),
}

/// A finding of which nothing is known yet: on what it stands, and in which region.
pub fn blank(
    (owner, region): (Owner, i64),
    check: &str,
    (severity, department): (FindingSeverity, Department),
    opened_on: Date,
) -> finding::Model {
    finding::Model {
        id: 0,
        household_id: match owner {
            Owner::Household(key) => Some(key),
            Owner::Region(_) => None,
        },
        region_code: region,
        county_code: region / 1_000_000,
        owner_key: match owner {
            Owner::Household(key) => key,
            Owner::Region(code) => -code,
        },
        person_id: None,
        subject: 0,
        check_id: check.to_owned(),
        severity,
        department,
        parties: words(&[department]),
        stops: " ".to_owned(),
        raised_by: None,
        state: FindingState::Open,
        officer: None,
        evidence: "[]".to_owned(),
        opened_on,
        reopened_on: None,
        due_on: None,
        closed_on: None,
        explanation: None,
        explained_until: None,
        resolution: None,
        correction_request_id: None,
        version: 1,
        recorded_at_ms: 0,
    }
}

/// A contradiction as a check finds it.
#[derive(Clone, Debug)]
pub struct Found {
    pub check: String,
    pub owner: Owner,
    pub person: Option<i64>,
    pub subject: i64,
    /// The values as JSON.
    pub evidence: String,
}

/// A finding that is to be added.
#[derive(Clone, Debug)]
pub struct New {
    pub found: Found,
    /// The village of the household, or the region itself.
    pub region: i64,
    pub parties: String,
    pub stops: String,
    pub severity: FindingSeverity,
    pub department: Department,
    pub opened_on: Date,
    pub due_on: Option<Date>,
}

/// What the data say now of a finding that is there: other values, or none where they agree.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub finding: i64,
    pub evidence: Option<String>,
}

/// What decides how a finding goes on.
#[derive(Clone, Debug)]
pub struct Known {
    pub id: i64,
    pub owner: Owner,
    pub person: Option<i64>,
    pub subject: i64,
    pub state: FindingState,
    evidence: String,
    explained_until: Option<String>,
}

/// The findings of these households, or of these regions, that these checks have found.
#[must_use]
pub fn known(dialect: Dialect, here: &Here, checks: Vec<String>) -> Statement {
    let mut filled = Filled::new(dialect, here);
    let rows = match here {
        Here::Regions(_) => format!("t.household_id IS NULL AND {}", filled.here("t")),
        Here::Range(..) | Here::Keys(_) => filled.here("t"),
    };
    let check = filled.any_text("t.check_id", checks);
    let sql = format!(
        "SELECT t.check_id, t.id, t.owner_key, t.person_id, t.subject, t.state, t.evidence, \
         CAST(t.explained_until AS TEXT) FROM finding t WHERE {rows} AND t.raised_by IS NULL AND {check}"
    );
    Statement::new(Class::Job, sql, filled.into_params())
}

impl Known {
    /// A row of [`known`], with its check.
    ///
    /// # Errors
    /// A value that the column can't have.
    pub fn of(row: &Row) -> Result<(String, Self), BadCell> {
        let person = row.cell(3);
        let until = row.cell(7);
        let state = FindingState::of_word(row.cell(5).text()?);
        let known = Known {
            id: row.cell(1).int()?,
            owner: match row.cell(2).int()? {
                code if code < 0 => Owner::Region(-code),
                key => Owner::Household(key),
            },
            person: match person.is_null() {
                true => None,
                false => Some(person.int()?),
            },
            subject: row.cell(4).int()?,
            state: state.ok_or(BadCell::UNKNOWN)?,
            evidence: row.cell(6).text()?.to_owned(),
            explained_until: match until.is_null() {
                true => None,
                false => Some(until.text()?.to_owned()),
            },
        };
        Ok((row.cell(0).text()?.to_owned(), known))
    }

    /// What happens to the finding, where anything does.
    #[must_use]
    pub fn next(&self, evidence: Option<&str>, today: Date) -> Option<FindingEventKind> {
        let expired = self
            .explained_until
            .as_ref()
            .is_none_or(|until| **until < *today.to_string());
        next(self.state, (&self.evidence, expired), evidence)
    }
}

/// What happens to a finding of this state and evidence, whose explanation may have expired, when the data say this now.
fn next(
    state: FindingState,
    (before, expired): (&str, bool),
    evidence: Option<&str>,
) -> Option<FindingEventKind> {
    use FindingEventKind::{Changed, Closed, Expired, Reopened};
    let same = |evidence: &str| evidence == before;
    match (state, evidence) {
        (FindingState::Closed, None) => None,
        (_, None) => Some(Closed),
        (FindingState::Corrected | FindingState::Closed, Some(_)) => Some(Reopened),
        (FindingState::Explained, Some(evidence)) if !same(evidence) => Some(Reopened),
        (FindingState::Explained, Some(_)) => expired.then_some(Expired),
        (FindingState::Open | FindingState::InWork, Some(evidence)) => {
            (!same(evidence)).then_some(Changed)
        }
    }
}

/// Adds findings.
///
/// # Errors
/// The database.
pub async fn add(own: &Own, new: &[New]) -> Result<(), Stop> {
    own.write("reconcile", |door| add_through(door, new)).await
}

async fn add_through(door: Door, new: &[New]) -> Result<(), Stop> {
    let keys = door.new_keys::<finding::Entity>(new.len()).await?;
    let rows = keys.zip(new).map(|(id, new)| finding::Model {
        id,
        person_id: new.found.person,
        subject: new.found.subject,
        parties: new.parties.clone(),
        stops: new.stops.clone(),
        evidence: new.found.evidence.clone(),
        due_on: new.due_on,
        ..blank(
            (new.found.owner, new.region),
            &new.found.check,
            (new.severity, new.department),
            new.opened_on,
        )
    });
    door.insert_all::<finding::Entity>(rows.collect()).await
}

/// Takes findings on to where the data say they are.
///
/// # Errors
/// The database.
pub async fn settle(
    own: &Own,
    outcomes: &[Outcome],
    today: Date,
    deadlines: Deadlines,
) -> Result<(), Stop> {
    own.write("reconcile", |door| {
        settle_through(door, outcomes, today, deadlines)
    })
    .await
}

async fn settle_through(
    door: Door,
    outcomes: &[Outcome],
    today: Date,
    deadlines: Deadlines,
) -> Result<(), Stop> {
    let keys = outcomes.iter().map(|outcome| outcome.finding);
    let findings = finding::Entity::find()
        .filter(finding::Column::Id.is_in(keys))
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    let mut findings: BTreeMap<i64, finding::Model> =
        findings.into_iter().map(|of| (of.id, of)).collect();
    let mut happening = Vec::new();
    for outcome in outcomes {
        let Some(before) = findings.remove(&outcome.finding) else {
            continue;
        };
        let expired = before.explained_until.is_none_or(|until| until < today);
        let evidence = outcome.evidence.as_deref();
        // Somebody may have worked on it since it was read.
        if let Some(kind) = next(before.state, (&before.evidence, expired), evidence) {
            happening.push(Happening {
                before,
                kind,
                evidence,
            });
        }
    }
    happen(&door, happening, (today, deadlines)).await
}

/// Something that happens to a finding and that nobody did.
struct Happening<'a> {
    before: finding::Model,
    kind: FindingEventKind,
    /// What the data say now, where they do.
    evidence: Option<&'a str>,
}

impl Happening<'_> {
    /// The finding when it has happened.
    fn after(&self, today: Date, deadlines: Deadlines) -> finding::Model {
        let mut after = self.before.clone();
        if let Some(evidence) = self.evidence {
            after.evidence = evidence.to_owned();
        }
        match self.kind {
            FindingEventKind::Closed => {
                after.state = FindingState::Closed;
                after.closed_on = self.before.closed_on.or(Some(today));
            }
            FindingEventKind::Reopened | FindingEventKind::Expired => {
                after.state = FindingState::Open;
                after.closed_on = None;
                after.explanation = None;
                after.explained_until = None;
                after.resolution = None;
                after.correction_request_id = None;
                after.reopened_on = Some(today);
                after.due_on = deadlines.of(self.before.severity, today);
            }
            _ => {}
        }
        after
    }
}

async fn happen(
    door: &Door,
    all: Vec<Happening<'_>>,
    (today, deadlines): (Date, Deadlines),
) -> Result<(), Stop> {
    let keys = door.new_keys::<finding_event::Entity>(all.len()).await?;
    let (mut events, mut rows) = (Vec::new(), Vec::new());
    for (id, of) in keys.zip(all) {
        let today = today.max(of.before.opened_on);
        let after = of.after(today, deadlines);
        let changed = after.evidence != of.before.evidence;
        events.push(finding_event::Model {
            evidence: changed.then(|| of.before.evidence.clone()),
            ..event(id, &of.before, (of.kind, today), door.now_ms())
        });
        rows.push((of.before, after));
    }
    door.insert_all::<finding_event::Entity>(events).await?;
    door.update_all::<finding::Entity>(rows).await
}

/// An event of a finding, on a day.
pub fn event(
    id: i64,
    of: &finding::Model,
    (kind, happened_on): (FindingEventKind, Date),
    recorded_at_ms: i64,
) -> finding_event::Model {
    finding_event::Model {
        id,
        household_id: of.household_id,
        region_code: of.region_code,
        county_code: of.county_code,
        owner_key: of.owner_key,
        finding_id: of.id,
        kind,
        happened_on,
        department: None,
        note: None,
        evidence: None,
        recorded_at_ms,
    }
}

/// Keeps how many households of each village were compared on a day.
///
/// # Errors
/// The database.
pub async fn compared(own: &Own, on: Date, villages: &BTreeMap<i64, i32>) -> Result<(), Stop> {
    let villages: Vec<(i64, i32)> = villages
        .iter()
        .map(|(code, count)| (*code, *count))
        .collect();
    for villages in villages.chunks(500) {
        own.write("reconcile", |door| compared_through(door, on, villages))
            .await?;
    }
    Ok(())
}

async fn compared_through(door: Door, on: Date, villages: &[(i64, i32)]) -> Result<(), Stop> {
    use checked_village::Column as C;
    let before = checked_village::Entity::find()
        .filter(C::CheckedOn.eq(on))
        .filter(C::RegionCode.is_in(villages.iter().map(|(code, _)| *code)))
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    let before: BTreeMap<i64, checked_village::Model> =
        before.into_iter().map(|of| (of.region_code, of)).collect();
    for (code, households) in villages.iter().copied() {
        match before.get(&code) {
            Some(of) => {
                let after = checked_village::Model {
                    households,
                    ..of.clone()
                };
                door.update::<checked_village::Entity>(of, after).await?;
            }
            None => {
                let row = checked_village::Model {
                    id: door.new_key::<checked_village::Entity>().await?,
                    region_code: code,
                    county_code: code / 1_000_000,
                    checked_on: on,
                    households,
                    recorded_at_ms: door.now_ms(),
                };
                door.insert::<checked_village::Entity>(row).await?;
            }
        }
    }
    Ok(())
}

/// Something that open findings stop.
pub const OPEN_FINDINGS: Code = Code::new(
    "OPEN_FINDINGS",
    "该户有未办结的阻断级核查问题：请先办结；已整改的，经再次核查一致后解除。",
    "Findings that block this step are open against the household: resolve them first. What was corrected blocks until a run finds that the data agree.",
);

/// Whether an open finding stops a step of a household, or of one of its members: one about another member does not. What
/// is explained stops nothing until that day is over. Of what a check has found nobody's word is taken that it was corrected:
/// it stops until a run closes it. What somebody raised no run looks at, so it ends with that word.
///
/// # Errors
/// The database.
pub async fn is_blocked(
    door: &Door,
    household: i64,
    person: Option<i64>,
    step: BlockedStep,
) -> Result<bool, Stop> {
    use finding::Column as C;
    let expired = Condition::all()
        .add(C::State.eq(FindingState::Explained))
        .add(C::ExplainedUntil.lt(door.today()));
    let unseen = Condition::all()
        .add(C::State.eq(FindingState::Corrected))
        .add(C::Severity.eq(FindingSeverity::Block))
        .add(C::RaisedBy.is_null());
    let is_open = Condition::any()
        .add(C::State.is_in([FindingState::Open, FindingState::InWork]))
        .add(expired)
        .add(unseen);
    let mut open = finding::Entity::find()
        .filter(C::HouseholdId.eq(household))
        .filter(is_open)
        .filter(C::Stops.contains(words(&[step])));
    if let Some(person) = person {
        let of_person = Condition::any()
            .add(C::PersonId.is_null())
            .add(C::PersonId.eq(person));
        open = open.filter(of_person);
    }
    let count = open.count(door.transaction()).await;
    Ok(count.map_err(DbError::from)? > 0)
}

/// Keeps what came of a run that has come to its end.
///
/// # Errors
/// The database.
pub async fn keep_run(
    own: &Own,
    wanted: &Wanted,
    (started_at_ms, horizon): (i64, i64),
    report: &Report,
) -> Result<(), Stop> {
    let count = |of: u64| i64::try_from(of).unwrap_or(i64::MAX);
    let total = &report.total();
    let unfinished: Vec<&str> = report.unfinished.keys().map(String::as_str).collect();
    let unfinished = (!unfinished.is_empty()).then(|| unfinished.join(" "));
    let unfinished = &unfinished;
    own.write("reconcile", |door| async move {
        let row = reconciliation_run::Model {
            id: door.new_key::<reconciliation_run::Entity>().await?,
            region_code: wanted.region.get(),
            county_code: wanted.region.get() / 1_000_000,
            as_of: wanted.as_of,
            check_id: wanted.check.clone(),
            incremental: wanted.since.is_some(),
            households: count(report.households),
            found: count(total.found),
            changed: count(total.changed),
            still_open: count(total.still_open),
            closed: count(total.closed),
            reopened: count(total.reopened),
            unfinished: unfinished.clone(),
            followed_transaction: horizon,
            started_at_ms,
            recorded_at_ms: door.now_ms(),
        };
        door.insert::<reconciliation_run::Entity>(row).await?;
        Ok(())
    })
    .await
}

/// When runs of all checks over a region began last, and when one was ordered. One in which a check did not come to its end
/// counts: begun again at once, it would do so again.
///
/// # Errors
/// The database.
pub async fn last_started(own: &Own, region: RegionCode) -> Result<Started, DbError> {
    let sql = "SELECT MAX(CASE WHEN t.incremental THEN NULL ELSE t.started_at_ms END), MAX(t.started_at_ms), \
               (SELECT MAX(j.requested_at_ms) FROM job j WHERE j.region_code = $1 AND j.kind = 'RECONCILIATION') \
               FROM reconciliation_run t WHERE t.region_code = $1 AND t.check_id IS NULL";
    let params = vec![region.get().into()];
    let mut session = own.database().reads().acquire().await?;
    let rows = session.one(Statement::new(Class::Job, sql, params)).await?;
    let Some(row) = rows.first() else {
        return Ok(Started::default());
    };
    let moment = |at: usize| match row.cell(at) {
        cell if cell.is_null() => Ok(None),
        cell => cell.int().map(Some),
    };
    Ok(Started {
        full_ms: moment(0)?,
        any_ms: moment(1)?,
        ordered_ms: moment(2)?,
    })
}
