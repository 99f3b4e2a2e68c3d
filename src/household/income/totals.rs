//! What the poor households of a region live on.

use crate::{
    db::{BadCell, Param, Row, Statement},
    graphql::scalars::Fen,
    household::region::{Counted, CountedIn, number, on_file},
};
use async_graphql::SimpleObject;

/// What the poor households of a region live on, by the income forms of the calendar year of the day counted (收入构成).
/// Amounts are a head's: the sum over the households by the sum of their members, half up.
#[derive(SimpleObject, Clone, Default)]
pub struct IncomeTotals {
    /// Households with a form (有收入台账户数).
    households: i32,
    /// Their members on the forms (人口), persons.
    members: i32,
    /// Wage income a head (人均工资性收入), yuan a year. Null where no form is on file, as all that follow.
    wage: Option<Fen>,
    /// Business income a head (人均生产经营性收入), yuan a year.
    business: Option<Fen>,
    /// Property income a head (人均财产性收入), yuan a year.
    property: Option<Fen>,
    /// Transfer income a head (人均转移性收入), yuan a year.
    transfer: Option<Fen>,
    /// Business costs a head (人均生产经营性支出), yuan a year.
    business_costs: Option<Fen>,
    /// Net income a head (人均纯收入), yuan a year.
    net_income: Option<Fen>,
}

impl Counted for IncomeTotals {
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let sums = [
            "members",
            "wage_fen",
            "business_fen",
            "property_fen",
            "transfer_fen",
            "business_costs_fen",
            "net_income_fen",
        ];
        let sums = sums.map(|column| format!(", CAST(sum(i.{column}) AS BIGINT)"));
        let sql = format!(
            "SELECT f.code, count(*){} FROM (SELECT x.code AS code, h.id AS id {}) f \
             JOIN income_form i ON i.household_id = f.id AND i.year = $3 GROUP BY f.code",
            sums.concat(),
            on_file(&asked.only("x.code")),
        );
        let year = Param::I64(asked.to.year().into());
        vec![asked.statement(sql, &[Param::Day(asked.to), year])]
    }

    fn add(&mut self, _: usize, row: &Row) -> Result<(), BadCell> {
        let members = row.cell(2).int()?;
        let a_head = |at| Ok::<_, BadCell>(per_head(row.cell(at).int()?, members));
        *self = IncomeTotals {
            households: number(row, 1)?,
            members: number(row, 2)?,
            wage: a_head(3)?,
            business: a_head(4)?,
            property: a_head(5)?,
            transfer: a_head(6)?,
            business_costs: a_head(7)?,
            net_income: a_head(8)?,
        };
        Ok(())
    }
}

/// A sum by persons, half up; nothing by nobody is no amount.
fn per_head(sum_fen: i64, persons: i64) -> Option<Fen> {
    let twice = i128::from(sum_fen) * 2 + i128::from(persons);
    let fen = (persons > 0).then(|| twice.div_euclid(2 * i128::from(persons)))?;
    i64::try_from(fen).ok().map(Fen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_shared_half_up() {
        assert_eq!(per_head(1_910_050, 4), Some(Fen(477_513)));
        assert_eq!(per_head(-5, 2), Some(Fen(-2)));
        assert_eq!(per_head(5, 0), None);
    }
}
