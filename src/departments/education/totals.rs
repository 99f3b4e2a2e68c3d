//! What education counts in a region.

use crate::{
    db::{BadCell, Param, Row, Statement},
    graphql::{plan::Outcome, scalars::Fen},
    household::{Counted, CountedIn, TotalsOf, number, word},
};
use async_graphql::{Context, Object, SimpleObject};
use entity::{
    codes::{CodeList, StudentStage},
    education::codes::SchoolTerm,
};
use time::Date;

/// Education's part of the figures of a region.
pub struct OnTotals(TotalsOf);

impl From<TotalsOf> for OnTotals {
    fn from(of: TotalsOf) -> Self {
        OnTotals(of)
    }
}

#[Object(name = "EducationOnTotals")]
impl OnTotals {
    /// What education counts (教育统计). ST-14.
    async fn education(&self, ctx: &Context<'_>) -> Outcome<EducationTotals> {
        self.0.counted(ctx).await
    }
}

/// Pupils of households on file in the term of the day, and what was paid for studies in the period (教育统计). The autumn
/// term lasts from September to February, the spring term from March to August.
#[derive(SimpleObject, Clone, Default)]
pub struct EducationTotals {
    /// Pupils and students (在校生人数), persons.
    pupils: i32,
    /// By stage (按学段).
    by_stage: Vec<StageTotal>,
    /// Who was paid a study allowance in the period (发放教育资助人数), persons.
    allowance_persons: i32,
    /// What they came to (发放教育资助金额), yuan.
    allowance_amount: Option<Fen>,
    /// Who was paid Rain and Dew in the period (发放雨露计划补助人数), persons.
    rain_dew_persons: i32,
    /// What they came to (发放雨露计划补助金额), yuan.
    rain_dew_amount: Option<Fen>,
}

/// Pupils and students of a stage (按学段统计).
#[derive(SimpleObject, Clone)]
pub struct StageTotal {
    /// The stage (学段).
    stage: StudentStage,
    /// Pupils and students (人数).
    pupils: i32,
}

impl Counted for EducationTotals {
    /// Pupils, allowances, Rain and Dew.
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let (only, inside) = (asked.only("x.code"), CountedIn::inside("t"));
        let pupils = format!(
            "SELECT x.code, t.stage, count(*) FROM region x JOIN school_enrolment t ON {inside} \
             WHERE {only} AND t.school_year = $3 AND t.term = $4 AND {} GROUP BY x.code, t.stage",
            CountedIn::on_file("t.household_id", "$2"),
        );
        let paid = |table: &str| {
            format!(
                "SELECT x.code, count(DISTINCT t.person_id), CAST(sum(t.amount_fen) AS BIGINT) FROM region x JOIN {table} t ON {inside} \
                 WHERE {only} AND t.state = 'PAID' AND t.paid_on BETWEEN $2 AND $3 GROUP BY x.code"
            )
        };
        let (school_year, term) = term_of(asked.to);
        let term = [
            Param::Day(asked.to),
            Param::I64(school_year.into()),
            Param::Text(term.word().into()),
        ];
        let period = [Param::Day(asked.from), Param::Day(asked.to)];
        vec![
            asked.statement(pupils, &term),
            asked.statement(paid("study_allowance"), &period),
            asked.statement(paid("rain_dew_application"), &period),
        ]
    }

    fn add(&mut self, statement: usize, row: &Row) -> Result<(), BadCell> {
        match statement {
            0 => {
                let total = StageTotal {
                    stage: word(row, 1)?.ok_or(BadCell::UNKNOWN)?,
                    pupils: number(row, 2)?,
                };
                self.pupils += total.pupils;
                self.by_stage.push(total);
                self.by_stage.sort_by_key(|total| total.stage);
            }
            1 => {
                self.allowance_persons = number(row, 1)?;
                self.allowance_amount = Some(Fen(row.cell(2).int()?));
            }
            _ => {
                self.rain_dew_persons = number(row, 1)?;
                self.rain_dew_amount = Some(Fen(row.cell(2).int()?));
            }
        }
        Ok(())
    }
}

/// The school year and term of a day.
fn term_of(day: Date) -> (i32, SchoolTerm) {
    match u8::from(day.month()) {
        1 | 2 => (day.year() - 1, SchoolTerm::Autumn),
        3..=8 => (day.year() - 1, SchoolTerm::Spring),
        _ => (day.year(), SchoolTerm::Autumn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_school_year_begins_in_autumn() {
        assert_eq!(term_of(date!(2018 - 12 - 31)), (2018, SchoolTerm::Autumn));
        assert_eq!(term_of(date!(2019 - 02 - 28)), (2018, SchoolTerm::Autumn));
        assert_eq!(term_of(date!(2019 - 03 - 01)), (2018, SchoolTerm::Spring));
        assert_eq!(term_of(date!(2019 - 09 - 01)), (2019, SchoolTerm::Autumn));
    }
}
