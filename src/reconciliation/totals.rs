//! How often the departments contradict each other in a region.

use crate::{
    db::{BadCell, Param, Row, Statement},
    graphql::{
        plan::Outcome,
        scalars::{Day, Percent},
    },
    household::{Counted, CountedIn, TotalsOf, number, word},
};
use async_graphql::{Context, Object, SimpleObject};
use entity::codes::Department;
use time::{Date, Duration, format_description::BorrowedFormatItem, macros::format_description};

/// How a day stands in a row.
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// Reconciliation's part of the figures of a region.
pub struct OnTotals(TotalsOf);

impl From<TotalsOf> for OnTotals {
    fn from(of: TotalsOf) -> Self {
        OnTotals(of)
    }
}

#[Object(name = "ReconciliationOnTotals")]
impl OnTotals {
    /// What checks have found (核查统计). ST-19.
    async fn findings(&self, ctx: &Context<'_>) -> Outcome<FindingTotals> {
        self.0.counted(ctx).await
    }
}

/// Findings in a region (核查统计): opened and closed in the period, open at the end of the day.
#[derive(SimpleObject, Clone, Default)]
pub struct FindingTotals {
    /// Opened (新发现).
    opened: i32,
    /// Closed (已办结).
    closed: i32,
    /// Open, explained ones among them (未办结).
    open: i32,
    /// By check (按核查项).
    by_check: Vec<FindingCheckTotal>,
    /// By the department asked (按责任部门).
    by_department: Vec<FindingDepartmentTotal>,
    /// By week (按周), in their order: those in which any was opened or closed.
    by_week: Vec<FindingWeekTotal>,
    /// Households compared when their village was last compared (核查户数). 0: never.
    checked_households: i32,
    /// Households with an open finding (有问题户数).
    found_households: i32,
    /// Their share (差错率), percent of the households compared. Null where none was.
    error_percent: Option<Percent>,
}

/// Findings of a check (按核查项统计).
#[derive(SimpleObject, Clone)]
pub struct FindingCheckTotal {
    /// The check (核查项), such as "RC-17".
    check: String,
    /// Opened (新发现).
    opened: i32,
    /// Closed (已办结).
    closed: i32,
    /// Open (未办结).
    open: i32,
}

/// Findings by the department asked (按责任部门统计).
#[derive(SimpleObject, Clone)]
pub struct FindingDepartmentTotal {
    /// The department (责任部门).
    department: Department,
    /// Opened (新发现).
    opened: i32,
    /// Closed (已办结).
    closed: i32,
    /// Open (未办结).
    open: i32,
}

/// Findings by week (按周统计).
#[derive(SimpleObject, Clone)]
pub struct FindingWeekTotal {
    /// The week of ISO 8601 (周), such as "2018-W09": it belongs to the year of its Thursday.
    week: String,
    /// Its first day (周一日期).
    monday: Day,
    /// Opened (新发现).
    opened: i32,
    /// Closed (已办结).
    closed: i32,
}

impl Counted for FindingTotals {
    /// By check and department, households with a finding, households compared, by day.
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let (only, inside) = (asked.only("x.code"), CountedIn::inside("t"));
        let sum = |condition: &str| {
            format!(", CAST(sum(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT)")
        };
        let open = "(t.closed_on IS NULL OR t.closed_on > $3)";
        let findings = format!(
            "SELECT x.code, t.check_id, t.department{}{}{} FROM region x JOIN finding t ON {inside} \
             WHERE {only} AND t.opened_on <= $3 AND (t.closed_on IS NULL OR t.closed_on >= $2) \
             GROUP BY x.code, t.check_id, t.department",
            sum("t.opened_on >= $2"),
            sum("t.closed_on <= $3"),
            sum(open),
        );
        let households = format!(
            "SELECT x.code, count(DISTINCT t.household_id) FROM region x JOIN finding t ON {inside} \
             WHERE {only} AND t.opened_on <= $2 AND (t.closed_on IS NULL OR t.closed_on > $2) GROUP BY x.code"
        );
        let compared = format!(
            "SELECT x.code, CAST(sum(t.households) AS BIGINT) FROM region x JOIN checked_village t ON {inside} \
             WHERE {only} AND t.checked_on = (SELECT max(l.checked_on) FROM checked_village l \
             WHERE l.region_code = t.region_code AND l.checked_on <= $2) GROUP BY x.code"
        );
        let days = |day: &str, opened: i32| {
            format!(
                "SELECT x.code, CAST(t.{day} AS TEXT), CAST({opened} AS BIGINT), count(*) FROM region x JOIN finding t ON {inside} \
                 WHERE {only} AND t.{day} >= $2 AND t.{day} <= $3 GROUP BY x.code, t.{day}"
            )
        };
        let days = format!(
            "{} UNION ALL {}",
            days("opened_on", 1),
            days("closed_on", 0)
        );
        vec![
            asked.statement(findings, &[Param::Day(asked.from), Param::Day(asked.to)]),
            asked.statement(households, &[Param::Day(asked.to)]),
            asked.statement(compared, &[Param::Day(asked.to)]),
            asked.statement(days, &[Param::Day(asked.from), Param::Day(asked.to)]),
        ]
    }

    fn add(&mut self, statement: usize, row: &Row) -> Result<(), BadCell> {
        match statement {
            0 => self.add_findings(row)?,
            1 => self.found_households = number(row, 1)?,
            3 => self.add_day(row)?,
            _ => self.checked_households = number(row, 1)?,
        }
        let (found, checked) = (self.found_households, self.checked_households);
        self.error_percent = Percent::of(found.into(), checked.into());
        Ok(())
    }
}

impl FindingTotals {
    /// Adds a row of code, day, whether it is of those opened, and how many.
    fn add_day(&mut self, row: &Row) -> Result<(), BadCell> {
        let day = Date::parse(row.cell(1).text()?, DAY).map_err(|_| BadCell::UNKNOWN)?;
        let (of_opened, count) = (row.cell(2).int()? != 0, number(row, 3)?);
        let (year, week, weekday) = day.to_iso_week_date();
        let since = Duration::days(weekday.number_days_from_monday().into());
        let monday = Day(day.checked_sub(since).ok_or(BadCell::UNKNOWN)?);
        let at = match self
            .by_week
            .binary_search_by_key(&monday.0, |of| of.monday.0)
        {
            Ok(at) => at,
            Err(at) => {
                let new = FindingWeekTotal {
                    week: format!("{year}-W{week:02}"),
                    monday,
                    opened: 0,
                    closed: 0,
                };
                self.by_week.insert(at, new);
                at
            }
        };
        let of = &mut self.by_week[at];
        match of_opened {
            true => of.opened += count,
            false => of.closed += count,
        }
        Ok(())
    }

    /// Adds a row of code, check, department, opened, closed, open.
    fn add_findings(&mut self, row: &Row) -> Result<(), BadCell> {
        let check = row.cell(1).text()?;
        let department = word(row, 2)?.ok_or(BadCell::UNKNOWN)?;
        let (opened, closed, open) = (number(row, 3)?, number(row, 4)?, number(row, 5)?);
        self.opened += opened;
        self.closed += closed;
        self.open += open;
        let same = |of: &&mut FindingCheckTotal| of.check == check;
        match self.by_check.iter_mut().find(same) {
            Some(of) => {
                of.opened += opened;
                of.closed += closed;
                of.open += open;
            }
            None => self.by_check.push(FindingCheckTotal {
                check: check.to_owned(),
                opened,
                closed,
                open,
            }),
        }
        let same = |of: &&mut FindingDepartmentTotal| of.department == department;
        match self.by_department.iter_mut().find(same) {
            Some(of) => {
                of.opened += opened;
                of.closed += closed;
                of.open += open;
            }
            None => self.by_department.push(FindingDepartmentTotal {
                department,
                opened,
                closed,
                open,
            }),
        }
        self.by_check.sort_by(|one, two| one.check.cmp(&two.check));
        self.by_department.sort_by_key(|of| of.department);
        Ok(())
    }
}
