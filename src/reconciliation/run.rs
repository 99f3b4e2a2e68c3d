//! A run: the checks over the households of a region, held against the findings that are there.
//!
//! Households are taken in stretches by their keys. The checks of a stretch and the findings of its households are read down one
//! connection, some stretches beside each other; what differs is written stretch by stretch, through the door. Memory holds a
//! few stretches, however large the region is. A run that is cut off has done whole pieces of its work, and the next one does
//! the rest: nothing is written where a finding says already what the data say.

use super::{
    check::{Check, Checks, Here},
    deadline::Deadlines,
    store::{self, Found, Known, Outcome},
};
use crate::{
    authz::{Purpose, Roles, Viewer},
    db::{BadCell, Class, DbError, Param, Row, Statement},
    graphql::{plan::Text as _, scalars::Fen},
    writing::{Own, Stop},
};
use entity::{
    codes::{CodeList as _, Department, Role},
    reconciliation::codes::{FindingEventKind, FindingState},
    region_code::RegionCode,
};
use futures_util::{StreamExt as _, pin_mut, stream};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use time::Date;

/// Households of a stretch.
const AT_ONCE: usize = 10_000;
/// Stretches that are read beside each other.
const BESIDE: usize = 3;
/// Findings of one write.
const WRITTEN_AT_ONCE: usize = 500;
/// How much wider than its households the keys of a stretch may be for a range to lead to them.
const SPREAD: i64 = 4;

/// What is run.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub region: RegionCode,
    /// The day on which the data are looked at.
    pub as_of: Date,
    /// One check only.
    pub check: Option<String>,
    /// Only these households.
    pub households: Option<Arc<[i64]>>,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub found: u64,
    pub changed: u64,
    pub still_open: u64,
    pub closed: u64,
    pub reopened: u64,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Tally {
            found,
            changed,
            still_open,
            closed,
            reopened,
        } = self;
        write!(
            f,
            "{found} new, {changed} changed, {still_open} still open, {closed} closed, {reopened} reopened"
        )
    }
}

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub households: u64,
    /// By check, all that were run.
    pub checks: BTreeMap<String, Tally>,
}

impl Report {
    /// All checks together.
    #[must_use]
    pub fn total(&self) -> Tally {
        let checks = self.checks.values();
        checks.fold(Tally::default(), |sum, of| Tally {
            found: sum.found + of.found,
            changed: sum.changed + of.changed,
            still_open: sum.still_open + of.still_open,
            closed: sum.closed + of.closed,
            reopened: sum.reopened + of.reopened,
        })
    }

    fn tally(&mut self, check: &str) -> &mut Tally {
        self.checks.entry(check.to_owned()).or_default()
    }
}

/// Why a run stops. What it has written until then stands.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("database: {0}")]
    Database(#[from] DbError),
    #[error("{check}: {error}")]
    Check { check: String, error: DbError },
    #[error("there is no check {0}")]
    Unknown(String),
    #[error("a write was refused")]
    Refused,
}

impl From<BadCell> for RunError {
    fn from(bad: BadCell) -> Self {
        RunError::Database(bad.into())
    }
}

impl From<Stop> for RunError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Database(error) => RunError::Database(error),
            Stop::Refused(_) | Stop::Conflict(_) | Stop::Refusal(_) => RunError::Refused,
        }
    }
}

/// A value that a finding rests on, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    pub name: String,
    /// Whose record it stands in.
    pub of: String,
    /// The type and field whose readers see it.
    pub field: String,
    pub value: Option<String>,
    pub on: Option<String>,
}

/// Runs checks.
#[derive(Clone)]
pub struct Reconciler {
    own: Own,
    checks: Arc<Checks>,
    deadlines: Deadlines,
}

/// The households of a stretch, with their villages.
struct Stretch {
    homes: Vec<(i64, i64)>,
    here: Here,
}

/// What was read of a stretch.
struct Read {
    homes: Vec<(i64, i64)>,
    found: Vec<Found>,
    known: HashMap<Key, Known>,
}

/// By what a finding of a check is known: check, household, member, record.
type Key = (String, i64, Option<i64>, i64);

impl Reconciler {
    #[must_use]
    pub fn new(own: Own, checks: Arc<Checks>, deadlines: Deadlines) -> Self {
        Reconciler {
            own,
            checks,
            deadlines,
        }
    }

    /// As whom it writes.
    #[must_use]
    pub fn own(&self) -> &Own {
        &self.own
    }

    #[must_use]
    pub fn checks(&self) -> &Checks {
        &self.checks
    }

    /// How many households a region has.
    ///
    /// # Errors
    /// The database could not be asked.
    pub async fn households(&self, region: RegionCode) -> Result<u64, RunError> {
        let sql = "SELECT COUNT(*) FROM household t WHERE t.county_code BETWEEN $1 AND $2 AND t.region_code BETWEEN $3 AND $4";
        let statement = Statement::new(Class::Job, sql, range(region).to_vec());
        let database = self.own.database().within(region.range());
        let rows = database.reads().acquire().await?.one(statement).await?;
        let count = rows.first().map_or(Ok(0), |row| row.cell(0).int())?;
        Ok(count.unsigned_abs())
    }

    /// Runs the checks, and tells after each stretch how many households are done.
    ///
    /// # Errors
    /// The database, or a check that is not there.
    pub async fn run(
        &self,
        wanted: &Wanted,
        mut progress: impl FnMut(u64),
    ) -> Result<Report, RunError> {
        let own = self.own.within(wanted.region.range());
        let reading = Arc::new(Reading {
            own: own.clone(),
            checks: self.checks.clone(),
            wanted: wanted.clone(),
        });
        let mut report = Report::default();
        for check in reading.asked()? {
            report.tally(&check.id);
        }
        let mut villages: BTreeMap<i64, i32> = BTreeMap::new();
        let listing = reading.clone();
        let listed = stream::unfold(Some(i64::MIN), move |after| listing.clone().listed(after));
        let read = listed
            .map(move |stretch| reading.clone().read(stretch))
            .buffered(BESIDE);
        pin_mut!(read);
        while let Some(stretch) = read.next().await {
            let stretch = stretch?;
            for (_, village) in &stretch.homes {
                *villages.entry(*village).or_default() += 1;
            }
            report.households += stretch.homes.len() as u64;
            self.settle(&own, wanted, stretch, &mut report).await?;
            progress(report.households);
        }
        if wanted.check.is_none() && wanted.households.is_none() {
            store::compared(&own, wanted.as_of, &villages).await?;
        }
        Ok(report)
    }

    /// Writes what differs between what was found and what is known.
    async fn settle(
        &self,
        own: &Own,
        wanted: &Wanted,
        read: Read,
        report: &mut Report,
    ) -> Result<(), RunError> {
        let Read {
            homes,
            found,
            mut known,
        } = read;
        let villages: HashMap<i64, i64> = homes.into_iter().collect();
        let (mut new, mut outcomes) = (Vec::new(), Vec::new());
        for of in found {
            let key = (of.check.clone(), of.household, of.person, of.subject);
            let tally = report.tally(&of.check);
            let Some(before) = known.remove(&key) else {
                tally.found += 1;
                new.push(self.finding(wanted, of, &villages)?);
                continue;
            };
            let kind = before.next(Some(&of.evidence), wanted.as_of);
            match kind {
                Some(FindingEventKind::Reopened) if before.state != FindingState::Explained => {
                    tally.reopened += 1;
                }
                Some(FindingEventKind::Changed | FindingEventKind::Reopened) => tally.changed += 1,
                _ => tally.still_open += 1,
            }
            outcomes.extend(kind.map(|_| Outcome {
                finding: before.id,
                evidence: Some(of.evidence),
            }));
        }
        for ((check, ..), before) in known {
            if before.next(None, wanted.as_of).is_some() {
                report.tally(&check).closed += 1;
                outcomes.push(Outcome {
                    finding: before.id,
                    evidence: None,
                });
            }
        }
        outcomes.sort_by_key(|outcome| outcome.finding);
        for new in new.chunks(WRITTEN_AT_ONCE) {
            store::add(own, new).await?;
        }
        for outcomes in outcomes.chunks(WRITTEN_AT_ONCE) {
            store::settle(own, outcomes, wanted.as_of, self.deadlines).await?;
        }
        Ok(())
    }

    /// A finding that is not there yet.
    fn finding(
        &self,
        wanted: &Wanted,
        found: Found,
        villages: &HashMap<i64, i64>,
    ) -> Result<store::New, RunError> {
        let check = self.checks.of_id(&found.check);
        let check = check.ok_or_else(|| RunError::Unknown(found.check.clone()))?;
        let village = villages.get(&found.household).copied();
        Ok(store::New {
            parties: store::words(&check.between),
            stops: store::words(&check.stops),
            severity: check.severity,
            department: check.asked,
            opened_on: wanted.as_of,
            due_on: self.deadlines.of(check.severity, wanted.as_of),
            village: village.ok_or(BadCell::UNKNOWN)?,
            found,
        })
    }
}

/// The server as who runs the checks, for the records.
#[must_use]
pub fn server() -> Viewer {
    Viewer {
        user: "yihu".to_owned(),
        client: "yihu".to_owned(),
        department: Department::Poverty,
        roles: Roles::of(&[Role::Service]),
        region: (0, i64::MAX),
        institution: None,
        purpose: Some(Purpose("RECONCILIATION".to_owned())),
    }
}

/// The region as parameters of statements: counties and villages.
fn range(region: RegionCode) -> [Param; 4] {
    const COUNTY: i64 = 1_000_000;
    let (lo, hi) = region.range();
    [lo / COUNTY, hi / COUNTY, lo, hi].map(Param::I64)
}

/// What is read, apart from what is written.
struct Reading {
    own: Own,
    checks: Arc<Checks>,
    wanted: Wanted,
}

impl Reading {
    /// The checks that are run.
    fn asked(&self) -> Result<Vec<&Check>, RunError> {
        let Some(id) = &self.wanted.check else {
            return Ok(self.checks.all().iter().collect());
        };
        let check = self.checks.of_id(id);
        let check = check.ok_or_else(|| RunError::Unknown(id.clone()))?;
        Ok(vec![check])
    }

    /// The next stretch, and after which household the one after it begins.
    async fn listed(
        self: Arc<Self>,
        after: Option<i64>,
    ) -> Option<(Result<Stretch, RunError>, Option<i64>)> {
        match self.stretch(after?).await {
            Ok(stretch) => {
                let (last, _) = *stretch.homes.last()?;
                let next = (stretch.homes.len() == AT_ONCE).then_some(last);
                Some((Ok(stretch), next))
            }
            Err(error) => Some((Err(error), None)),
        }
    }

    async fn stretch(&self, after: i64) -> Result<Stretch, RunError> {
        let reads = self.own.database().reads();
        let mut params = range(self.wanted.region).to_vec();
        params.push(Param::I64(after));
        let mut only = String::new();
        if let Some(households) = &self.wanted.households {
            params.push(Param::I64s(households.clone()));
            only = format!(" AND {}", reads.dialect().any("t.id", params.len()));
        }
        let sql = format!(
            "SELECT t.id, t.region_code FROM household t WHERE t.county_code BETWEEN $1 AND $2 \
             AND t.region_code BETWEEN $3 AND $4 AND t.id > $5{only} ORDER BY t.id LIMIT {AT_ONCE}"
        );
        let statement = Statement::new(Class::Job, sql, params);
        let rows = reads.acquire().await?.one(statement).await?;
        let home = |row: &Row| Ok::<_, BadCell>((row.cell(0).int()?, row.cell(1).int()?));
        let homes: Vec<(i64, i64)> = rows.iter().map(home).collect::<Result<_, _>>()?;
        Ok(Stretch {
            here: here(&homes, self.wanted.region),
            homes,
        })
    }

    /// Reads what the checks find in a stretch and what was found there before.
    async fn read(self: Arc<Self>, stretch: Result<Stretch, RunError>) -> Result<Read, RunError> {
        let Stretch { homes, here } = stretch?;
        let (checks, day) = (self.asked()?, self.wanted.as_of);
        let reads = self.own.database().reads();
        let dialect = reads.dialect();
        let mut statements = vec![store::known(dialect, &here, self.wanted.check.as_deref())];
        let asked = checks.iter();
        statements.extend(asked.map(|check| check.statement(dialect, &here, day)));
        let mut session = reads.acquire().await?;
        let mut answers = session.batch(statements).await.into_iter();
        drop(session);
        let mut known = HashMap::new();
        for row in answers.next().unwrap_or_else(|| Ok(vec![]))? {
            let (check, of) = Known::of(&row)?;
            known.insert((check, of.household, of.person, of.subject), of);
        }
        let mut found = Vec::new();
        for (check, answer) in checks.iter().zip(answers) {
            let rows = answer.map_err(|error| RunError::Check {
                check: check.id.clone(),
                error,
            })?;
            let of_check = rows.iter().map(|row| told(check, row));
            let mut of_check: Vec<Found> = of_check.collect::<Result<_, _>>()?;
            // Two reports of the same are one contradiction.
            of_check.dedup_by_key(|found| (found.household, found.person, found.subject));
            found.append(&mut of_check);
        }
        Ok(Read {
            homes,
            found,
            known,
        })
    }
}

/// How the rows of these households are found: by the range of their keys where nearly all keys in it are theirs.
fn here(homes: &[(i64, i64)], region: RegionCode) -> Here {
    let keys = homes.first().zip(homes.last());
    let (first, last) = keys.map_or((0, 0), |((first, _), (last, _))| (*first, *last));
    let households = i64::try_from(homes.len()).unwrap_or(i64::MAX);
    match last.saturating_sub(first) < households.saturating_mul(SPREAD) {
        true => Here::Range((first, last), region.range()),
        false => Here::Keys(homes.iter().map(|(household, _)| *household).collect()),
    }
}

/// A row of a check's statement.
fn told(check: &Check, row: &Row) -> Result<Found, BadCell> {
    let text = |at| match row.cell(at) {
        cell if cell.is_null() => Ok(None),
        cell => cell.text().map(|text| Some(text.to_owned())),
    };
    let person = row.cell(1);
    let mut values = Vec::with_capacity(check.evidence.len());
    for (place, evidence) in check.evidence.iter().enumerate() {
        let value: Option<String> = text(3 + 2 * place)?;
        let (type_name, field) = &evidence.field;
        values.push(Value {
            name: evidence.name.clone(),
            of: evidence.of.word().to_owned(),
            field: format!("{type_name}.{field}"),
            value: match evidence.name.ends_with("_fen") {
                true => value.and_then(|fen| yuan(&fen)),
                false => value,
            },
            on: text(4 + 2 * place)?,
        });
    }
    Ok(Found {
        check: check.id.clone(),
        household: row.cell(0).int()?,
        person: match person.is_null() {
            true => None,
            false => Some(person.int()?),
        },
        subject: row.cell(2).int()?,
        evidence: serde_json::to_string(&values).unwrap_or_default(),
    })
}

fn yuan(fen: &str) -> Option<String> {
    let mut text = Vec::new();
    Fen(fen.parse().ok()?).text(&mut text);
    String::from_utf8(text).ok()
}
