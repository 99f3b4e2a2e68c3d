//! Counts what stands on file in regions.

use super::types::{CauseTotal, ClassTotal, StatusChanges, TotalsCore};
use crate::{
    clock::Clock,
    db::{BadCell, Class, Dialect, Opening, Param, Reads, Row, Statement},
    graphql::{
        plan::{Outcome, Refusal, failed},
        scalars::{Day, Percent},
    },
};
use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use entity::{household::codes::HouseholdStatus, region_code::RegionCode};
use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    marker::PhantomData,
    sync::Arc,
};
use time::Date;

/// What can be counted in regions: figures of one kind, put together from the rows of a few statements.
pub trait Counted: Clone + Default + Send + Sync + 'static {
    /// The statements that count regions; the first column of each is the code of the region.
    fn statements(asked: &CountedIn) -> Vec<Statement>;

    /// Adds a row of the statement at a place in [`Self::statements`].
    ///
    /// # Errors
    /// The row does not hold what the statement promises.
    fn add(&mut self, statement: usize, row: &Row) -> Result<(), BadCell>;
}

/// Regions that are counted together.
#[derive(Clone, Debug)]
pub struct CountedIn {
    codes: Arc<[i64]>,
    dialect: Dialect,
    pub from: Date,
    /// The day counted, and the last one of the period.
    pub to: Date,
}

impl CountedIn {
    /// The condition that leaves the regions asked for, in a statement whose first parameter is theirs.
    #[must_use]
    pub fn only(&self, column: &str) -> String {
        self.dialect.any(column, 1)
    }

    /// The condition that row `alias` lies inside region `x`. It names the county first, by which rows are indexed.
    #[must_use]
    pub fn inside(alias: &str) -> String {
        format!(
            "{alias}.county_code BETWEEN x.code / 1000000 AND ({LAST_INSIDE}) / 1000000 \
             AND {alias}.region_code BETWEEN x.code AND {LAST_INSIDE}"
        )
    }

    /// The condition that a household is on file on a day, both given as expressions.
    #[must_use]
    pub fn on_file(household: &str, day: &str) -> String {
        format!(
            "EXISTS (SELECT 1 FROM household_status_period s WHERE s.household_id = {household} \
             AND s.status IN ('REGISTERED', 'RETURNED') AND s.valid_from <= {day} \
             AND (s.valid_to IS NULL OR s.valid_to > {day}))"
        )
    }

    /// The calendar year of a day, given as an expression.
    #[must_use]
    pub fn year_of(&self, day: &str) -> String {
        match self.dialect {
            Dialect::Postgres => format!("CAST(extract(year FROM {day}) AS BIGINT)"),
            Dialect::Sqlite => format!("CAST(substr({day}, 1, 4) AS INTEGER)"),
        }
    }

    /// A statement over the regions asked for, which are its first parameter.
    #[must_use]
    pub fn statement(&self, sql: String, rest: &[Param]) -> Statement {
        let mut params = vec![Param::I64s(self.codes.clone())];
        params.extend_from_slice(rest);
        Statement::new(Class::ByScope, sql, params)
    }
}

/// Counts regions for stock resolution: one set of statements for all regions of a request that are asked alike.
pub struct Counter {
    reads: Reads,
}

impl Counter {
    /// The counter of one request.
    #[must_use]
    pub fn new(reads: Reads) -> Self {
        Counter { reads }
    }
}

/// A region on a day, with the start of the period for changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TotalsOf {
    pub code: i64,
    pub from: Date,
    pub to: Date,
    /// Whether everybody may know them, wherever the region lies.
    pub public: bool,
}

impl TotalsOf {
    /// The figures of a day, today when none is given, with the changes of its year until then.
    #[must_use]
    pub fn on(ctx: &Context<'_>, code: RegionCode, day: Option<Day>) -> Self {
        let to = day.map_or_else(|| ctx.data_unchecked::<Clock>().today(), |day| day.0);
        TotalsOf {
            code: code.get(),
            from: Date::from_ordinal_date(to.year(), 1).unwrap_or(to),
            to,
            public: false,
        }
    }

    /// The same of figures that everybody may know.
    #[must_use]
    pub fn public(self) -> Self {
        TotalsOf {
            public: true,
            ..self
        }
    }

    /// The figures of one kind.
    ///
    /// # Errors
    /// They could not be read.
    pub async fn count<C: Counted>(self, ctx: &Context<'_>) -> Result<Arc<C>, Refusal> {
        let counter = ctx.data_unchecked::<DataLoader<Counter>>();
        let counted = counter.load_one(Key::<C>(self, PhantomData)).await;
        match counted {
            Ok(Some(counted)) => Ok(counted),
            Ok(None) => Ok(Arc::default()),
            Err(CountFailed) => Err(Refusal::internal()),
        }
    }

    /// The figures of one kind, as a field answers them.
    pub async fn counted<C: Counted>(self, ctx: &Context<'_>) -> Outcome<C> {
        self.count::<C>(ctx)
            .await
            .map(|counted| Some(Arc::unwrap_or_clone(counted)))
            .into()
    }
}

/// Figures of a kind, of a region.
struct Key<C>(TotalsOf, PhantomData<fn() -> C>);

impl<C> Clone for Key<C> {
    fn clone(&self) -> Self {
        Key(self.0, PhantomData)
    }
}
impl<C> PartialEq for Key<C> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<C> Eq for Key<C> {}
impl<C> Hash for Key<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// The figures could not be read; the cause is in the log.
#[derive(Clone, Debug)]
pub struct CountFailed;

impl From<BadCell> for CountFailed {
    fn from(_: BadCell) -> Self {
        tracing::error!("a total does not hold what its Rust type says");
        CountFailed
    }
}

impl<C: Counted> Loader<Key<C>> for Counter {
    type Value = Arc<C>;
    type Error = CountFailed;

    async fn load(&self, keys: &[Key<C>]) -> Result<HashMap<Key<C>, Arc<C>>, CountFailed> {
        let mut alike: HashMap<(Date, Date, bool), Vec<i64>> = HashMap::new();
        for Key(key, _) in keys {
            let asked = (key.from, key.to, key.public);
            alike.entry(asked).or_default().push(key.code);
        }
        let mut loaded = HashMap::with_capacity(keys.len());
        for ((from, to, public), codes) in alike {
            let reads = match public {
                true => self.reads.opened(Opening::PublicFigures),
                false => self.reads.clone(),
            };
            for (code, counted) in count::<C>(&reads, codes.into(), from, to).await? {
                let of = TotalsOf {
                    code,
                    from,
                    to,
                    public,
                };
                let key = Key(of, PhantomData);
                loaded.insert(key, Arc::new(counted));
            }
        }
        Ok(loaded)
    }
}

async fn count<C: Counted>(
    reads: &Reads,
    codes: Arc<[i64]>,
    from: Date,
    to: Date,
) -> Result<HashMap<i64, C>, CountFailed> {
    let asked = CountedIn {
        codes: codes.clone(),
        dialect: reads.dialect(),
        from,
        to,
    };
    let mut counted: HashMap<i64, C> = codes.iter().map(|code| (*code, C::default())).collect();
    let answers = reads.batch(C::statements(&asked)).await;
    for (statement, rows) in answers.into_iter().enumerate() {
        let rows = rows.map_err(|error| {
            failed(&error);
            CountFailed
        })?;
        for row in &rows {
            let region = counted.get_mut(&row.cell(0).int()?);
            region.ok_or(BadCell::UNKNOWN)?.add(statement, row)?;
        }
    }
    Ok(counted)
}

/// The last code inside region `x`, from the zeros at its end.
const LAST_INSIDE: &str = "x.code + CASE WHEN x.code % 10000000000 = 0 THEN 9999999999 \
     WHEN x.code % 100000000 = 0 THEN 99999999 WHEN x.code % 1000000 = 0 THEN 999999 \
     WHEN x.code % 1000 = 0 THEN 999 ELSE 0 END";

/// The members of household `h` on day `$2`.
const PERSONS: &str = "(SELECT count(*) FROM person p WHERE p.household_id = h.id AND p.valid_from <= $2 \
     AND (p.valid_to IS NULL OR p.valid_to > $2))";

/// The households on file in region `x` on day `$2`.
pub(in crate::household) fn on_file(regions: &str) -> String {
    format!(
        "FROM region x JOIN household_status_period s ON s.region_code BETWEEN x.code AND {LAST_INSIDE} \
         JOIN household h ON h.id = s.household_id \
         WHERE {regions} AND s.status IN ('REGISTERED', 'RETURNED') \
         AND s.valid_from <= $2 AND (s.valid_to IS NULL OR s.valid_to > $2)"
    )
}

impl Counted for TotalsCore {
    /// Groups by class and main cause, other causes, changes in the period, rural population: one statement each.
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let (from, to) = (asked.from, asked.to);
        let regions = asked.only("x.code");
        let on_file = on_file(&regions);
        let groups = format!(
            "SELECT code, class, main_cause, count(*), CAST(sum(persons) AS BIGINT) FROM \
             (SELECT x.code AS code, h.class AS class, h.main_cause AS main_cause, {PERSONS} AS persons {on_file}) f \
             GROUP BY code, class, main_cause"
        );
        let other_causes = format!(
            "SELECT code, cause, count(*), CAST(sum(persons) AS BIGINT) FROM \
             (SELECT x.code AS code, h.second_cause AS cause, {PERSONS} AS persons {on_file} \
             UNION ALL SELECT x.code, h.third_cause, {PERSONS} {on_file}) f \
             WHERE cause IS NOT NULL GROUP BY code, cause"
        );
        let changes = format!(
            "SELECT x.code, s.status, count(*) FROM region x JOIN household_status_period s \
             ON s.region_code BETWEEN x.code AND {LAST_INSIDE} WHERE {regions} \
             AND s.valid_from >= $2 AND s.valid_from <= $3 GROUP BY x.code, s.status"
        );
        let populations = format!(
            "SELECT x.region_code, x.rural_persons FROM region_population x WHERE {} AND x.year = \
             (SELECT max(y.year) FROM region_population y WHERE y.region_code = x.region_code AND y.year <= $2)",
            asked.only("x.region_code")
        );
        vec![
            asked.statement(groups, &[Param::Day(to)]),
            asked.statement(other_causes, &[Param::Day(to)]),
            asked.statement(changes, &[Param::Day(from), Param::Day(to)]),
            asked.statement(populations, &[Param::I64(to.year().into())]),
        ]
    }

    fn add(&mut self, statement: usize, row: &Row) -> Result<(), BadCell> {
        match statement {
            0 => self.add_group(row),
            1 => self.add_other_cause(row),
            2 => self.changes.add(row),
            // The last statement, when all persons are counted.
            _ => {
                self.incidence_percent = Percent::of(self.persons.into(), row.cell(1).int()?);
                Ok(())
            }
        }
    }
}

impl TotalsCore {
    /// Adds a row of code, class, main cause, households, persons.
    fn add_group(&mut self, row: &Row) -> Result<(), BadCell> {
        let (households, persons) = (number(row, 3)?, number(row, 4)?);
        self.households += households;
        self.persons += persons;
        let class = word(row, 1)?;
        match self.by_class.iter_mut().find(|total| total.class == class) {
            Some(total) => {
                total.households += households;
                total.persons += persons;
            }
            None => self.by_class.push(ClassTotal {
                class,
                households,
                persons,
            }),
        }
        let cause = word(row, 2)?;
        match self
            .by_main_cause
            .iter_mut()
            .find(|total| total.cause == cause)
        {
            Some(total) => {
                total.households += households;
                total.persons += persons;
            }
            None => self.by_main_cause.push(CauseTotal {
                cause,
                households,
                persons,
            }),
        }
        self.by_class.sort_by_key(|total| total.class);
        self.by_main_cause.sort_by_key(|total| total.cause);
        Ok(())
    }
}

impl TotalsCore {
    /// Adds a row of code, other cause, households, persons.
    fn add_other_cause(&mut self, row: &Row) -> Result<(), BadCell> {
        self.by_other_cause.push(CauseTotal {
            cause: word(row, 1)?,
            households: number(row, 2)?,
            persons: number(row, 3)?,
        });
        self.by_other_cause.sort_by_key(|total| total.cause);
        Ok(())
    }
}

impl StatusChanges {
    /// Adds a row of code, status, households.
    fn add(&mut self, row: &Row) -> Result<(), BadCell> {
        let households = number(row, 2)?;
        match word::<HouseholdStatus>(row, 1)? {
            Some(HouseholdStatus::Registered) => self.registered += households,
            Some(HouseholdStatus::Returned) => self.returned += households,
            Some(HouseholdStatus::Exited) => self.exited += households,
            Some(HouseholdStatus::StruckOff) => self.struck_off += households,
            _ => {}
        }
        Ok(())
    }
}

/// A count in a row.
///
/// # Errors
/// There is none, or one beyond reason.
pub fn number(row: &Row, at: usize) -> Result<i32, BadCell> {
    row.cell(at).int()?.try_into().map_err(|_| BadCell::UNKNOWN)
}

/// A word of a code list in a row, or none.
///
/// # Errors
/// No word of the list.
pub fn word<C: entity::codes::CodeList>(row: &Row, at: usize) -> Result<Option<C>, BadCell> {
    let cell = row.cell(at);
    if cell.is_null() {
        return Ok(None);
    }
    C::of_word(cell.text()?).map(Some).ok_or(BadCell::UNKNOWN)
}
