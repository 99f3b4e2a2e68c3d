//! How the poor households of a region are helped, and how far exits have come.

use crate::{
    db::{BadCell, Param, Row, Statement},
    graphql::scalars::Percent,
    household::region::{Counted, CountedIn, number, word},
};
use async_graphql::SimpleObject;
use entity::household::codes::MeasureBatch;

/// The measures in force on the day for households on file (帮扶措施统计). A measure is in force from its first day to its
/// last unless it is only planned.
#[derive(SimpleObject, Clone, Default)]
pub struct MeasureTotals {
    /// Households with a measure (有帮扶措施户数), each once.
    households: i32,
    /// Their members on the day (有帮扶措施人数), persons.
    persons: i32,
    /// By batch (按五个一批); a household may count in several.
    by_batch: Vec<MeasureBatchTotal>,
}

/// Households and persons with a measure of a batch (按批次统计).
#[derive(SimpleObject, Clone)]
pub struct MeasureBatchTotal {
    /// The batch (五个一批).
    batch: MeasureBatch,
    /// Households (户数).
    households: i32,
    /// Persons (人数).
    persons: i32,
}

impl Counted for MeasureTotals {
    /// All, then by batch.
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let counted = |columns: &str, group: &str| {
            format!(
                "SELECT {group}, count(*), CAST(sum((SELECT count(*) FROM person p WHERE p.household_id = f.household_id \
                 AND p.valid_from <= $2 AND (p.valid_to IS NULL OR p.valid_to > $2))) AS BIGINT) FROM \
                 (SELECT DISTINCT x.code AS code, {columns} FROM region x JOIN help_measure t ON {} WHERE {} \
                 AND t.state <> 'PLANNED' AND t.starts_on <= $2 AND (t.ends_on IS NULL OR t.ends_on >= $2) AND {}) f \
                 GROUP BY {group}",
                CountedIn::inside("t"),
                asked.only("x.code"),
                CountedIn::on_file("t.household_id", "$2"),
            )
        };
        let statement = |sql| asked.statement(sql, &[Param::Day(asked.to)]);
        vec![
            statement(counted("t.household_id", "code")),
            statement(counted("t.household_id, t.batch", "code, batch")),
        ]
    }

    fn add(&mut self, statement: usize, row: &Row) -> Result<(), BadCell> {
        if statement == 0 {
            self.households = number(row, 1)?;
            self.persons = number(row, 2)?;
            return Ok(());
        }
        self.by_batch.push(MeasureBatchTotal {
            batch: word(row, 1)?.ok_or(BadCell::UNKNOWN)?,
            households: number(row, 2)?,
            persons: number(row, 3)?,
        });
        self.by_batch.sort_by_key(|total| total.batch);
        Ok(())
    }
}

/// Exits planned and done (脱贫计划与完成情况), whatever the day counted.
#[derive(SimpleObject, Clone, Default)]
pub struct ExitPlan {
    /// By calendar year (按年度), oldest first.
    by_year: Vec<ExitYear>,
}

/// Exits of a calendar year (年度脱贫情况).
#[derive(SimpleObject, Clone, Default)]
pub struct ExitYear {
    /// The calendar year (年度).
    year: i32,
    /// Households planned to exit in the year (计划脱贫户数).
    planned_households: i32,
    /// Households that exited in the year (实际脱贫户数), planned or not.
    exited_households: i32,
    /// Exited of planned (完成率), percent. Null where none was planned.
    exited_percent: Option<Percent>,
}

impl ExitPlan {
    fn year(&mut self, year: i32) -> &mut ExitYear {
        let at = match self.by_year.binary_search_by_key(&year, |of| of.year) {
            Ok(at) => at,
            Err(at) => {
                let new = ExitYear {
                    year,
                    ..Default::default()
                };
                self.by_year.insert(at, new);
                at
            }
        };
        &mut self.by_year[at]
    }
}

impl Counted for ExitPlan {
    /// Planned, then exited.
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let (only, inside) = (asked.only("x.code"), CountedIn::inside("t"));
        let planned = format!(
            "SELECT x.code, t.planned_exit_year, count(*) FROM region x JOIN household t ON {inside} \
             WHERE {only} AND t.planned_exit_year IS NOT NULL GROUP BY x.code, t.planned_exit_year"
        );
        let exited = format!(
            "SELECT code, year, count(*) FROM (SELECT x.code AS code, {} AS year FROM region x \
             JOIN household_status_period t ON {inside} WHERE {only} AND t.status = 'EXITED') f GROUP BY code, year",
            asked.year_of("t.valid_from"),
        );
        vec![asked.statement(planned, &[]), asked.statement(exited, &[])]
    }

    fn add(&mut self, statement: usize, row: &Row) -> Result<(), BadCell> {
        let (year, households) = (number(row, 1)?, number(row, 2)?);
        let of = self.year(year);
        match statement {
            0 => of.planned_households = households,
            _ => of.exited_households = households,
        }
        of.exited_percent = Percent::of(of.exited_households.into(), of.planned_households.into());
        Ok(())
    }
}

/// Who helps in a region (帮扶力量统计): posts and helpers on the day, visits in the period, days of its calendar year.
#[derive(SimpleObject, Clone, Default)]
pub struct HelpTotals {
    /// Villages with a work team (驻村工作队数).
    teams: i32,
    /// Members of the teams, leaders among them (工作队队员数), persons.
    team_members: i32,
    /// First secretaries (第一书记数), persons.
    first_secretaries: i32,
    /// Days in the village of all of them in the calendar year of the day (驻村天数).
    days: i32,
    /// Households on file with a helper (有帮扶责任人户数).
    helped_households: i32,
    /// Visits in the period (走访次数).
    visits: i32,
}

impl Counted for HelpTotals {
    /// Posts, days, helpers, visits.
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let (only, inside) = (asked.only("x.code"), CountedIn::inside("t"));
        let on_day = "t.valid_from <= $2 AND (t.valid_to IS NULL OR t.valid_to > $2)";
        let posts = format!(
            "SELECT x.code, count(DISTINCT CASE WHEN t.role <> 'FIRST_SECRETARY' THEN t.region_code END), \
             CAST(sum(CASE WHEN t.role <> 'FIRST_SECRETARY' THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN t.role = 'FIRST_SECRETARY' THEN 1 ELSE 0 END) AS BIGINT) \
             FROM region x JOIN village_post t ON {inside} WHERE {only} AND {on_day} GROUP BY x.code"
        );
        let days = format!(
            "SELECT x.code, CAST(sum(t.days) AS BIGINT) FROM region x JOIN village_post_attendance t ON {inside} \
             WHERE {only} AND t.year = $2 GROUP BY x.code"
        );
        let helped = format!(
            "SELECT x.code, count(DISTINCT t.household_id) FROM region x JOIN helper t ON {inside} \
             WHERE {only} AND {on_day} AND {} GROUP BY x.code",
            CountedIn::on_file("t.household_id", "$2"),
        );
        let visits = format!(
            "SELECT x.code, count(*) FROM region x JOIN help_visit t ON {inside} \
             WHERE {only} AND t.visited_on BETWEEN $2 AND $3 GROUP BY x.code"
        );
        let on = [Param::Day(asked.to)];
        let within = [Param::Day(asked.from), Param::Day(asked.to)];
        vec![
            asked.statement(posts, &on),
            asked.statement(days, &[Param::I64(asked.to.year().into())]),
            asked.statement(helped, &on),
            asked.statement(visits, &within),
        ]
    }

    fn add(&mut self, statement: usize, row: &Row) -> Result<(), BadCell> {
        match statement {
            0 => {
                self.teams = number(row, 1)?;
                self.team_members = number(row, 2)?;
                self.first_secretaries = number(row, 3)?;
            }
            1 => self.days = number(row, 1)?,
            2 => self.helped_households = number(row, 1)?,
            _ => self.visits = number(row, 1)?,
        }
        Ok(())
    }
}
