//! What housing counts in a region.

use crate::{
    db::{BadCell, Param, Row, Statement},
    graphql::plan::Outcome,
    household::{Counted, CountedIn, TotalsOf, number},
};
use async_graphql::{Context, Object, SimpleObject};

/// Housing's part of the figures of a region.
pub struct OnTotals(TotalsOf);

impl From<TotalsOf> for OnTotals {
    fn from(of: TotalsOf) -> Self {
        OnTotals(of)
    }
}

#[Object(name = "HousingOnTotals")]
impl OnTotals {
    /// What housing counts (住建、搬迁统计). ST-15.
    async fn housing(&self, ctx: &Context<'_>) -> Outcome<HousingTotals> {
        self.0.counted(ctx).await
    }
}

/// Houses in a region (住房统计): dangerous ones of households on file on the day, and what became of houses in the period.
#[derive(SimpleObject, Clone, Default)]
pub struct HousingTotals {
    /// Households on file whose house of record is of grade C or D on the day (危房户数).
    dangerous_households: i32,
    /// Renovations accepted in the period (危房改造验收户数).
    renovated_households: i32,
    /// Households whose new house was finished in the period (搬迁住房竣工户数), registered and accompanying ones.
    relocated_households: i32,
    /// Households that moved in in the period (搬迁入住户数).
    moved_in_households: i32,
    /// The persons who moved in (搬迁入住人数), as many as the relocation counts.
    moved_in_persons: i32,
    /// Of the households that moved in, the registered ones (其中建档立卡户).
    moved_in_registered_households: i32,
}

impl Counted for HousingTotals {
    /// Houses, renovations, relocations: one statement each.
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let (only, inside) = (asked.only("x.code"), CountedIn::inside("t"));
        let dangerous = format!(
            "SELECT x.code, count(DISTINCT t.household_id) FROM region x JOIN house t ON {inside} WHERE {only} \
             AND t.grade IN ('C', 'D') AND t.valid_from <= $2 AND (t.valid_to IS NULL OR t.valid_to > $2) AND {}",
            CountedIn::on_file("t.household_id", "$2"),
        );
        let renovated = format!(
            "SELECT x.code, count(*) FROM region x JOIN renovation t ON {inside} WHERE {only} \
             AND t.accepted_on BETWEEN $2 AND $3"
        );
        let relocated = format!(
            "SELECT x.code, CAST(sum(CASE WHEN t.finished_on BETWEEN $2 AND $3 THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN t.moved_in_on BETWEEN $2 AND $3 THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN t.moved_in_on BETWEEN $2 AND $3 THEN t.persons ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN t.moved_in_on BETWEEN $2 AND $3 AND t.kind = 'REGISTERED' THEN 1 ELSE 0 END) AS BIGINT) \
             FROM region x JOIN relocation t ON {inside} WHERE {only}"
        );
        let period = [Param::Day(asked.from), Param::Day(asked.to)];
        let by_region = |sql: String| format!("{sql} GROUP BY x.code");
        vec![
            asked.statement(by_region(dangerous), &[Param::Day(asked.to)]),
            asked.statement(by_region(renovated), &period),
            asked.statement(by_region(relocated), &period),
        ]
    }

    fn add(&mut self, statement: usize, row: &Row) -> Result<(), BadCell> {
        match statement {
            0 => self.dangerous_households = number(row, 1)?,
            1 => self.renovated_households = number(row, 1)?,
            _ => {
                self.relocated_households = number(row, 1)?;
                self.moved_in_households = number(row, 2)?;
                self.moved_in_persons = number(row, 3)?;
                self.moved_in_registered_households = number(row, 4)?;
            }
        }
        Ok(())
    }
}
