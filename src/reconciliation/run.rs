//! A run: the checks over the households of a region, and over the region itself, held against the findings that are there.
//!
//! Households are taken in stretches by their keys. The checks of a stretch and the findings of its households are read down one
//! connection, some stretches beside each other; what differs is written stretch by stretch, through the door. Memory holds a
//! few stretches, however large the region is. A run that is cut off has done whole pieces of its work, and the next one does
//! the rest: nothing is written where a finding says already what the data say.

use super::{
    check::{Check, Checks, Here},
    deadline::Deadlines,
    recomputed::Differing,
    store::{self, Found, Known, Outcome, Owner},
};
use crate::{
    authz::{Purpose, Roles, Viewer},
    db::{BadCell, Class, DbError, Dialect, Param, Row, Statement},
    entitlement::Rules,
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
    sync::{Arc, Mutex, PoisonError},
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
    /// Only what may differ since an earlier run.
    pub since: Option<Since>,
}

/// What is looked at where all was looked at before.
#[derive(Clone, Debug)]
pub struct Since {
    /// The day that was looked at then. Checks that tell one day from another look at all households again when it is another.
    pub seen_on: Date,
    /// Of the other checks only these households.
    pub households: Arc<[i64]>,
}

impl Wanted {
    /// Whether a check of households looks at all of them: it does where it may find something else today than it last did.
    fn looks_everywhere(&self, check: &Check) -> bool {
        let since = self.since.as_ref();
        since.is_none_or(|since| check.differs_between(since.seen_on, self.as_of))
    }
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
    /// Those that did not come to their end, with why. What they had found before stands as it was where they were not run.
    pub unfinished: BTreeMap<String, String>,
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

/// Why a run stops. What it has written until then stands. A check whose own statement fails stops nothing: see [`Report`].
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
    rules: Arc<Rules>,
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

/// By what a finding of a check is known: check, household or region, member, record.
type Key = (String, Owner, Option<i64>, i64);

impl Reconciler {
    #[must_use]
    pub fn new(own: Own, checks: Arc<Checks>, rules: Arc<Rules>, deadlines: Deadlines) -> Self {
        Reconciler {
            own,
            checks,
            rules,
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

    /// How many households a run looks at.
    ///
    /// # Errors
    /// The database could not be asked.
    pub(super) async fn looked_at(&self, wanted: &Wanted) -> Result<u64, RunError> {
        let asked = self.asked(wanted)?;
        let mut checks = asked.iter().map(|at| &self.checks.all()[*at]);
        let everywhere = checks.any(|at| !at.is_of_regions() && wanted.looks_everywhere(at));
        let since = wanted.since.as_ref().filter(|_| !everywhere);
        let database = self.own.database().within(wanted.region.range());
        let mut params = range(wanted.region).to_vec();
        let households = since.map(|since| &since.households);
        let only = only(database.dialect(), households, &mut params);
        let sql = format!(
            "SELECT COUNT(*) FROM household t WHERE t.county_code BETWEEN $1 AND $2 AND t.region_code BETWEEN $3 AND $4{only}"
        );
        let statement = Statement::new(Class::Job, sql, params);
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
        let mut report = Report::default();
        let (mut of_households, of_regions): (Vec<_>, Vec<_>) = (self.asked(wanted)?.into_iter())
            .partition(|at| !self.checks.all()[*at].is_of_regions());
        for at in of_households.iter().chain(&of_regions) {
            report.tally(&self.checks.all()[*at].id);
        }
        let unfinished = Unfinished::default();
        let reading = |asked: Vec<usize>, households: Option<Arc<[i64]>>| {
            Arc::new(Reading {
                unfinished: unfinished.clone(),
                own: own.clone(),
                checks: self.checks.clone(),
                rules: self.rules.clone(),
                asked,
                wanted: wanted.clone(),
                households,
            })
        };
        let mut villages: BTreeMap<i64, i32> = BTreeMap::new();
        if let Some(since) = &wanted.since {
            let (again, touched): (Vec<_>, Vec<_>) = (of_households.into_iter())
                .partition(|at| wanted.looks_everywhere(&self.checks.all()[*at]));
            let reading = reading(touched, Some(since.households.clone()));
            self.pass(reading, &mut report, &mut villages, &mut progress)
                .await?;
            of_households = again;
        }
        let whole = reading(of_households, None);
        self.pass(whole, &mut report, &mut villages, &mut progress)
            .await?;
        let reading = reading(of_regions, None);
        let of_regions = reading.read_regions().await?;
        self.settle(&own, wanted, of_regions, &mut report).await?;
        if wanted.check.is_none() && wanted.since.is_none() {
            store::compared(&own, wanted.as_of, &villages).await?;
        }
        report.unfinished = unfinished.all();
        Ok(report)
    }

    /// The places of the checks that are run.
    fn asked(&self, wanted: &Wanted) -> Result<Vec<usize>, RunError> {
        let all = self.checks.all().iter().enumerate();
        let asked: Vec<usize> = all
            .filter(|(_, check)| wanted.check.as_ref().is_none_or(|id| check.id == *id))
            .map(|(at, _)| at)
            .collect();
        match &wanted.check {
            Some(id) if asked.is_empty() => Err(RunError::Unknown(id.clone())),
            _ => Ok(asked),
        }
    }

    /// Runs checks over households, stretch by stretch.
    async fn pass(
        &self,
        reading: Arc<Reading>,
        report: &mut Report,
        villages: &mut BTreeMap<i64, i32>,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), RunError> {
        if reading.asked.is_empty() {
            return Ok(());
        }
        let (own, wanted) = (reading.own.clone(), reading.wanted.clone());
        let listing = reading.clone();
        let listed = stream::unfold(Some(i64::MIN), move |after| listing.clone().listed(after));
        let read = listed
            .map(move |stretch| reading.clone().read(stretch))
            .buffered(BESIDE);
        pin_mut!(read);
        let mut households = 0;
        while let Some(stretch) = read.next().await {
            let stretch = stretch?;
            for (_, village) in &stretch.homes {
                *villages.entry(*village).or_default() += 1;
            }
            households += stretch.homes.len() as u64;
            // Who is looked at by some checks and then by others is one household.
            report.households = report.households.max(households);
            self.settle(&own, &wanted, stretch, report).await?;
            progress(report.households);
        }
        Ok(())
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
            let key = (of.check.clone(), of.owner, of.person, of.subject);
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
        let region = match found.owner {
            Owner::Household(key) => villages.get(&key).copied(),
            Owner::Region(code) => Some(code),
        };
        Ok(store::New {
            parties: store::words(&check.between),
            stops: store::words(&check.stops),
            severity: check.severity,
            department: check.asked,
            opened_on: wanted.as_of,
            due_on: self.deadlines.of(check.severity, wanted.as_of),
            region: region.ok_or(BadCell::UNKNOWN)?,
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

/// The condition that only these households are read, where only some are.
fn only(dialect: Dialect, households: Option<&Arc<[i64]>>, params: &mut Vec<Param>) -> String {
    let Some(households) = households else {
        return String::new();
    };
    params.push(Param::I64s(households.clone()));
    format!(" AND {}", dialect.any("t.id", params.len()))
}

/// What is read, apart from what is written.
struct Reading {
    own: Own,
    checks: Arc<Checks>,
    rules: Arc<Rules>,
    /// The places of those that are run.
    asked: Vec<usize>,
    wanted: Wanted,
    /// Only these households.
    households: Option<Arc<[i64]>>,
    unfinished: Unfinished,
}

/// Checks that did not come to their end, with why: they are asked no more in this run.
#[derive(Clone, Default)]
struct Unfinished(Arc<Mutex<BTreeMap<String, String>>>);

impl Unfinished {
    fn all(&self) -> BTreeMap<String, String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.clone()
    }

    /// Keeps that a check did not come to its end.
    ///
    /// # Errors
    /// It is not the check's fault: the database can't be asked.
    fn keep(&self, check: &Check, error: DbError) -> Result<(), RunError> {
        if matches!(
            error,
            DbError::Busy | DbError::Unavailable(_) | DbError::Unusable(_)
        ) {
            let check = check.id.clone();
            return Err(RunError::Check { check, error });
        }
        tracing::warn!(check = check.id, %error, "a check did not come to its end");
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(check.id.clone()).or_insert(error.to_string());
        Ok(())
    }
}

impl Reading {
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
        let only = only(reads.dialect(), self.households.as_ref(), &mut params);
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
        let (found, known) = self.compare(&here).await?;
        Ok(Read {
            homes,
            found,
            known,
        })
    }

    /// Reads the same of the regions, all at once: a row or a few for each village.
    async fn read_regions(&self) -> Result<Read, RunError> {
        let here = Here::Regions(self.wanted.region.range());
        let (found, known) = match self.asked.is_empty() {
            true => Default::default(),
            false => self.compare(&here).await?,
        };
        Ok(Read {
            homes: vec![],
            found,
            known,
        })
    }

    /// What checks find, and what they found before. Of one that fails neither is told.
    async fn compare(&self, here: &Here) -> Result<(Vec<Found>, HashMap<Key, Known>), RunError> {
        let reads = self.own.database().reads();
        let (dialect, day) = (reads.dialect(), self.wanted.as_of);
        let given_up = self.unfinished.all();
        let asked = self.asked.iter().map(|at| &self.checks.all()[*at]);
        let checks: Vec<&Check> = asked
            .filter(|check| !given_up.contains_key(&check.id))
            .collect();
        let ids = checks.iter().map(|check| check.id.clone()).collect();
        let mut statements = vec![store::known(dialect, here, ids)];
        let asked = checks.iter();
        statements.extend(asked.map(|check| check.statement(dialect, here, day)));
        let mut session = reads.acquire().await?;
        let mut answers = session.batch(statements).await.into_iter();
        drop(session);
        let mut known = HashMap::new();
        for row in answers.next().unwrap_or_else(|| Ok(vec![]))? {
            let (check, of) = Known::of(&row)?;
            known.insert((check, of.owner, of.person, of.subject), of);
        }
        let mut found = Vec::new();
        for (check, answer) in checks.iter().zip(answers) {
            match answer.and_then(|rows| Ok(self.told_by(check, &rows)?)) {
                Ok(mut of_check) => found.append(&mut of_check),
                // Nobody knows whether the data agree: what it found before is left alone.
                Err(error) => {
                    self.unfinished.keep(check, error)?;
                    known.retain(|(of, ..), _| *of != check.id);
                }
            }
        }
        Ok((found, known))
    }

    /// What the rows of a check's statement come to.
    fn told_by(&self, check: &Check, rows: &[Row]) -> Result<Vec<Found>, BadCell> {
        let mut found = match check.recomputed {
            Some(of) => recomputed(check, (of.find)(&self.rules, rows)?),
            None => (rows.iter().map(|row| told(check, row))).collect::<Result<Vec<_>, _>>()?,
        };
        // Two reports of the same are one contradiction.
        found.dedup_by_key(|found| (found.owner, found.person, found.subject));
        Ok(found)
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
    for place in 0..check.evidence.len() {
        values.push((text(3 + 2 * place)?, text(4 + 2 * place)?));
    }
    Ok(Found {
        check: check.id.clone(),
        owner: match check.is_of_regions() {
            true => Owner::Region(row.cell(0).int()?),
            false => Owner::Household(row.cell(0).int()?),
        },
        person: match person.is_null() {
            true => None,
            false => Some(person.int()?),
        },
        subject: row.cell(2).int()?,
        evidence: kept(check, values),
    })
}

/// What a check finds by computing.
fn recomputed(check: &Check, differing: Vec<Differing>) -> Vec<Found> {
    let found = differing.into_iter().map(|of| Found {
        check: check.id.clone(),
        owner: Owner::Household(of.household),
        person: Some(of.person),
        subject: of.subject,
        evidence: kept(check, of.values),
    });
    found.collect()
}

/// The values and days of a check's evidence, as a finding keeps them.
fn kept(check: &Check, values: Vec<(Option<String>, Option<String>)>) -> String {
    let values = check.evidence.iter().zip(values);
    let values: Vec<Value> = values
        .map(|(evidence, (value, on))| {
            let (type_name, field) = &evidence.field;
            Value {
                name: evidence.name.clone(),
                of: evidence.of.word().to_owned(),
                field: format!("{type_name}.{field}"),
                value: match evidence.name.ends_with("_fen") {
                    true => value.and_then(|fen| yuan(&fen)),
                    false => value,
                },
                on,
            }
        })
        .collect();
    serde_json::to_string(&values).unwrap_or_default()
}

fn yuan(fen: &str) -> Option<String> {
    let mut text = Vec::new();
    Fen(fen.parse().ok()?).text(&mut text);
    String::from_utf8(text).ok()
}
