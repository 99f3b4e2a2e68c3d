//! Counts what stands on file in regions.

use super::types::{CauseTotal, ClassTotal, RegionTotals, StatusChanges};
use crate::{
    db::{BadCell, Class, Param, Reads, Row, Statement},
    graphql::{plan::failed, scalars::Percent},
};
use async_graphql::dataloader::Loader;
use entity::household::codes::HouseholdStatus;
use std::{collections::HashMap, sync::Arc};
use time::Date;

/// Counts regions for stock resolution: one set of statements for all regions of a request that are asked alike.
pub struct Totals {
    reads: Reads,
}

impl Totals {
    /// The loader of one request.
    #[must_use]
    pub fn new(reads: Reads) -> Self {
        Totals { reads }
    }
}

/// A region on a day, with the start of the period for changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TotalsOf {
    pub code: i64,
    pub from: Date,
    pub to: Date,
}

/// The figures could not be read; the cause is in the log.
#[derive(Clone, Debug)]
pub struct TotalsFailed;

impl From<BadCell> for TotalsFailed {
    fn from(_: BadCell) -> Self {
        tracing::error!("a total does not hold what its Rust type says");
        TotalsFailed
    }
}

/// The last code inside region `x`, from the zeros at its end.
const LAST_INSIDE: &str = "x.code + CASE WHEN x.code % 10000000000 = 0 THEN 9999999999 \
     WHEN x.code % 100000000 = 0 THEN 99999999 WHEN x.code % 1000000 = 0 THEN 999999 \
     WHEN x.code % 1000 = 0 THEN 999 ELSE 0 END";

/// The members of household `h` on day `$2`.
const PERSONS: &str = "(SELECT count(*) FROM person p WHERE p.household_id = h.id AND p.valid_from <= $2 \
     AND (p.valid_to IS NULL OR p.valid_to > $2))";

/// The households on file in region `x` on day `$2`.
fn on_file(regions: &str) -> String {
    format!(
        "FROM region x JOIN household_status_period s ON s.region_code BETWEEN x.code AND {LAST_INSIDE} \
         JOIN household h ON h.id = s.household_id \
         WHERE {regions} AND s.status IN ('REGISTERED', 'RETURNED') \
         AND s.valid_from <= $2 AND (s.valid_to IS NULL OR s.valid_to > $2)"
    )
}

impl Loader<TotalsOf> for Totals {
    type Value = Arc<RegionTotals>;
    type Error = TotalsFailed;

    async fn load(
        &self,
        keys: &[TotalsOf],
    ) -> Result<HashMap<TotalsOf, Arc<RegionTotals>>, TotalsFailed> {
        let mut alike: HashMap<(Date, Date), Vec<i64>> = HashMap::new();
        for key in keys {
            alike.entry((key.from, key.to)).or_default().push(key.code);
        }
        let mut loaded = HashMap::with_capacity(keys.len());
        for ((from, to), codes) in alike {
            for (code, totals) in self.count(&codes, from, to).await? {
                loaded.insert(TotalsOf { code, from, to }, Arc::new(totals));
            }
        }
        Ok(loaded)
    }
}

impl Totals {
    async fn count(
        &self,
        codes: &[i64],
        from: Date,
        to: Date,
    ) -> Result<HashMap<i64, RegionTotals>, TotalsFailed> {
        let statements = self.statements(codes.into(), from, to);
        let mut answers = Vec::with_capacity(statements.len());
        for rows in self.reads.batch(statements).await {
            answers.push(rows.map_err(|error| {
                failed(&error);
                TotalsFailed
            })?);
        }
        let mut totals: HashMap<i64, RegionTotals> = codes
            .iter()
            .map(|code| (*code, RegionTotals::default()))
            .collect();
        let [groups, other_causes, changes, populations] = answers.as_slice() else {
            return Err(TotalsFailed);
        };
        for row in groups {
            of_region(&mut totals, row)?.add_group(row)?;
        }
        for row in other_causes {
            of_region(&mut totals, row)?.add_other_cause(row)?;
        }
        for row in changes {
            of_region(&mut totals, row)?.changes.add(row)?;
        }
        for row in populations {
            let totals = of_region(&mut totals, row)?;
            totals.incidence_percent = Percent::of(totals.persons.into(), row.cell(1).int()?);
        }
        Ok(totals)
    }

    /// Groups by class and main cause, other causes, changes in the period, rural population: one statement each.
    fn statements(&self, codes: Arc<[i64]>, from: Date, to: Date) -> Vec<Statement> {
        let dialect = self.reads.dialect();
        let regions = dialect.any("x.code", 1);
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
            dialect.any("x.region_code", 1)
        );
        let statement = |sql: String, rest: &[Param]| {
            let mut params = vec![Param::I64s(codes.clone())];
            params.extend_from_slice(rest);
            Statement::new(Class::ByScope, sql, params)
        };
        vec![
            statement(groups, &[Param::Day(to)]),
            statement(other_causes, &[Param::Day(to)]),
            statement(changes, &[Param::Day(from), Param::Day(to)]),
            statement(populations, &[Param::I64(to.year().into())]),
        ]
    }
}

impl RegionTotals {
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

impl RegionTotals {
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

fn of_region<'t>(
    totals: &'t mut HashMap<i64, RegionTotals>,
    row: &Row,
) -> Result<&'t mut RegionTotals, BadCell> {
    totals.get_mut(&row.cell(0).int()?).ok_or(BadCell::UNKNOWN)
}

fn number(row: &Row, at: usize) -> Result<i32, BadCell> {
    row.cell(at).int()?.try_into().map_err(|_| BadCell::UNKNOWN)
}

fn word<C: entity::codes::CodeList>(row: &Row, at: usize) -> Result<Option<C>, BadCell> {
    let cell = row.cell(at);
    if cell.is_null() {
        return Ok(None);
    }
    C::of_word(cell.text()?).map(Some).ok_or(BadCell::UNKNOWN)
}
