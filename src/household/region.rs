//! Regions and what stands on file in them.

use crate::{
    authz::Access,
    db::{BadCell, Param, Reads, Row, Statement},
    graphql::{
        plan::{Many, Outcome, Record, Ref, Refusal, codes, failed},
        scalars::{Day, Percent, RegionId},
    },
};
use async_graphql::{
    ComplexObject, Context, SimpleObject,
    dataloader::{DataLoader, Loader},
};
use entity::{
    household::codes::{HouseholdClass, HouseholdStatus, PovertyCause},
    region_code::RegionCode,
};
use level::RegionLevel;
use std::{collections::HashMap, sync::Arc};
use time::Date;

codes!(RegionLevel);

/// Levels of regions as words of the graph.
pub mod level {
    entity::code_lists! {
        /// The level of a region (行政级别).
        RegionLevel "行政级别" {
            Province "PROVINCE" "省、自治区、直辖市" "Province";
            Prefecture "PREFECTURE" "市、盟、州" "Prefecture";
            County "COUNTY" "县、区、旗" "County";
            Township "TOWNSHIP" "乡镇、街道、苏木" "Township";
            Village "VILLAGE" "村、社区、嘎查" "Village";
        }
    }
}

/// An administrative region (行政区划).
#[derive(SimpleObject, Record)]
#[graphql(complex)]
#[record(
    entity = "shared::region",
    from = "region r",
    prefix = "r",
    household = "r.parent_code",
    key = "r.code",
    region = "r.code"
)]
pub struct Region {
    /// The code (行政区划代码), 12 digits.
    code: RegionId,
    /// The name (名称).
    name: String,
    /// The level (行政级别).
    level: RegionLevel,
}

#[ComplexObject]
impl Region {
    /// The region this one is part of (上级行政区划). Null for a province.
    async fn parent(&self) -> Ref<Region> {
        Ref::to(self.code.0.parent().map(RegionCode::get))
    }

    /// The regions directly below, by code (下级行政区划). A few hundred at the most.
    async fn children(&self) -> Many<Region> {
        Many::below(self.code.0.get())
    }

    /// The figures of the region (统计). Null where the region is not wholly inside your own.
    async fn totals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day counted (统计日期). Today when left out.")] as_of: Option<Day>,
        #[graphql(
            desc = "The first day of the period for changes (变动起始日期). The first of January when left out."
        )]
        from: Option<Day>,
    ) -> Outcome<RegionTotals> {
        let access = ctx.data_unchecked::<Access>();
        if !access.covers(self.code.0.range()) {
            return Ok(None).into();
        }
        totals(ctx, self.code.0, as_of, from).await.into()
    }
}

async fn totals(
    ctx: &Context<'_>,
    code: RegionCode,
    as_of: Option<Day>,
    from: Option<Day>,
) -> Result<Option<RegionTotals>, Refusal> {
    let today = ctx.data_unchecked::<crate::clock::Clock>().today();
    let to = as_of.map_or(today, |day| day.0);
    let new_year = Date::from_ordinal_date(to.year(), 1).unwrap_or(to);
    let from = from.map_or(new_year, |day| day.0);
    if from > to {
        return Err(Refusal::argument(
            "PERIOD_REVERSED",
            &["from"],
            "起始日期晚于统计日期。",
            "The period begins after the day counted.",
        ));
    }
    let loader = ctx.data_unchecked::<DataLoader<Totals>>();
    let key = TotalsOf {
        code: code.get(),
        from,
        to,
    };
    let totals = loader
        .load_one(key)
        .await
        .map_err(|TotalsFailed| Refusal::internal())?;
    Ok(Some(
        totals.map(|totals| (*totals).clone()).unwrap_or_default(),
    ))
}

/// The figures of a region on a day (统计), households of status REGISTERED or RETURNED. Definitions: ST-01 to ST-06.
#[derive(SimpleObject, Clone, Default)]
pub struct RegionTotals {
    /// Poor households (贫困户数). ST-01.
    households: i32,
    /// Poor persons (贫困人口数). ST-01.
    persons: i32,
    /// Poverty incidence (贫困发生率): persons per rural registered person, percent, one digit, half up. Null where the
    /// rural population is not on record. ST-02.
    incidence_percent: Option<Percent>,
    /// Status changes in the period (变动情况). ST-03.
    changes: StatusChanges,
    /// By class (按属性). ST-04.
    by_class: Vec<ClassTotal>,
    /// By main cause (按主要致贫原因); the sum equals the whole but for households without a cause. ST-05.
    by_main_cause: Vec<CauseTotal>,
    /// By the other causes (按其他致贫原因); a household may count twice. ST-06.
    by_other_cause: Vec<CauseTotal>,
}

/// Status changes in a period (变动情况), households.
#[derive(SimpleObject, Clone, Default)]
pub struct StatusChanges {
    /// Newly registered (新增).
    registered: i32,
    /// Returned to poverty (返贫).
    returned: i32,
    /// Exited (脱贫).
    exited: i32,
    /// Struck off (清退).
    struck_off: i32,
}

/// Households and persons of a class (按属性统计).
#[derive(SimpleObject, Clone)]
pub struct ClassTotal {
    /// The class (贫困户属性). Null: none recorded.
    class: Option<HouseholdClass>,
    /// Households (户数).
    households: i32,
    /// Persons (人数).
    persons: i32,
}

/// Households and persons of a cause (按致贫原因统计).
#[derive(SimpleObject, Clone)]
pub struct CauseTotal {
    /// The cause (致贫原因). Null: none recorded.
    cause: Option<PovertyCause>,
    /// Households (户数).
    households: i32,
    /// Persons (人数).
    persons: i32,
}

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
    code: i64,
    from: Date,
    to: Date,
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
        let regions = self.reads.dialect().any("x.code", 1);
        let on_file = on_file(&regions);
        let codes: Arc<[i64]> = codes.into();
        let on_day =
            |sql: String| Statement::new(sql, vec![Param::I64s(codes.clone()), Param::Day(to)]);
        let statements = vec![
            on_day(format!(
                "SELECT code, class, main_cause, count(*), CAST(sum(persons) AS BIGINT) FROM \
                 (SELECT x.code AS code, h.class AS class, h.main_cause AS main_cause, {PERSONS} AS persons {on_file}) f \
                 GROUP BY code, class, main_cause ORDER BY code, class, main_cause"
            )),
            on_day(format!(
                "SELECT code, cause, count(*), CAST(sum(persons) AS BIGINT) FROM \
                 (SELECT x.code AS code, h.second_cause AS cause, {PERSONS} AS persons {on_file} \
                 UNION ALL SELECT x.code, h.third_cause, {PERSONS} {on_file}) f \
                 WHERE cause IS NOT NULL GROUP BY code, cause ORDER BY code, cause"
            )),
            Statement::new(
                format!(
                    "SELECT x.code, s.status, count(*) FROM region x JOIN household_status_period s \
                     ON s.region_code BETWEEN x.code AND {LAST_INSIDE} WHERE {regions} \
                     AND s.valid_from >= $2 AND s.valid_from <= $3 GROUP BY x.code, s.status"
                ),
                vec![Param::I64s(codes.clone()), Param::Day(from), Param::Day(to)],
            ),
            Statement::new(
                format!(
                    "SELECT x.region_code, x.rural_persons FROM region_population x WHERE {} AND x.year = \
                     (SELECT max(y.year) FROM region_population y WHERE y.region_code = x.region_code AND y.year <= $2)",
                    self.reads.dialect().any("x.region_code", 1)
                ),
                vec![Param::I64s(codes.clone()), Param::I64(to.year().into())],
            ),
        ];
        let mut answers = Vec::with_capacity(4);
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
        let [by_class_and_cause, by_other_cause, changes, populations] = answers.as_slice() else {
            return Err(TotalsFailed);
        };
        for row in by_class_and_cause {
            of_region(&mut totals, row)?.add_group(row)?;
        }
        for row in by_other_cause {
            let total = CauseTotal {
                cause: word(row, 1)?,
                households: number(row, 2)?,
                persons: number(row, 3)?,
            };
            of_region(&mut totals, row)?.by_other_cause.push(total);
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
