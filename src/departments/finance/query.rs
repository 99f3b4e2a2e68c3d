//! The rolls of finance and banks: payments by period, loans by the day they are due.

use super::types::{Loan, Payment};
use crate::{
    db::{Param, Reads},
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery, year_of},
        scalars::{Day, RegionId},
    },
    household::{holds_one_of, one_of},
    room::{HouseholdConditions, Roll, roll},
};
use async_graphql::{Context, InputObject, Object};
use entity::{
    codes::Department,
    finance::codes::{LoanKind, LoanState, PaymentState},
};

/// Conditions on what finance and banks keep of a household (财政金融条件).
#[derive(InputObject)]
#[graphql(name = "FinanceHouseholdFilter")]
pub struct HouseholdFilter {
    /// Some loan of the household has one of these states (贷款状态).
    loan_state: Option<Vec<LoanState>>,
}

impl HouseholdConditions for HouseholdFilter {
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        if let Some(states) = &self.loan_state {
            let in_state = holds_one_of(reads, query, "l.state", states);
            query.and(format!(
                "EXISTS (SELECT 1 FROM loan l WHERE l.household_id = t.id AND {in_state})"
            ));
        }
        Ok(())
    }
}

/// Conditions on the roll of payments (发放名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct PaymentFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// Benefits of one of these departments (发放部门).
    department: Option<Vec<Department>>,
    /// The benefit, as the policy pack names it (项目).
    programme: Option<String>,
    /// What the payments are for (发放期): a month, YYYY-MM, or a year, YYYY, with the payments of its months.
    period: Option<String>,
    /// One of these states (发放状态).
    state: Option<Vec<PaymentState>>,
}

impl Roll for PaymentFilter {
    type Row = Payment;
    const ORDER: Order = Order {
        name: "payments",
        keys: &[("t.period", KeyKind::Text), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        let departments = self.department.as_deref();
        one_of(reads, query, "t.department", departments);
        query.is_text(
            "t.programme",
            self.programme.as_deref(),
            &["filter", "programme"],
        )?;
        if let Some(period) = &self.period {
            in_period(query, period)?;
        }
        one_of(reads, query, "t.state", self.state.as_deref());
        Ok(())
    }
}

/// Conditions on the roll of loans (贷款名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct LoanFilter {
    /// Everything inside this region (行政区划), by where the borrower's household lives.
    region: Option<RegionId>,
    /// The code of the bank (贷款银行代码).
    bank: Option<String>,
    /// One of these kinds (贷款类别).
    kind: Option<Vec<LoanKind>>,
    /// One of these states (贷款状态).
    state: Option<Vec<LoanState>>,
    /// Due on this day or later (到期日期起).
    due_from: Option<Day>,
    /// Due on this day or earlier (到期日期止).
    due_to: Option<Day>,
}

impl Roll for LoanFilter {
    type Row = Loan;
    const ORDER: Order = Order {
        name: "loans",
        keys: &[("t.due_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: false,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.is_text("t.bank_code", self.bank.as_deref(), &["filter", "bank"])?;
        one_of(reads, query, "t.kind", self.kind.as_deref());
        one_of(reads, query, "t.state", self.state.as_deref());
        query.in_days(
            "t.due_on",
            (self.due_from, self.due_to),
            &["filter", "dueFrom"],
        )?;
        Ok(())
    }
}

#[derive(Default)]
pub struct Query;

#[Object(name = "FinanceQuery")]
impl Query {
    /// The roll of payments to households and members (发放名册), newest period first.
    async fn payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<PaymentFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Payment>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of loans (贷款名册), by the day they are due, earliest first.
    async fn loans(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<LoanFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Loan>> {
        roll(ctx, filter, first, after).await
    }
}

/// A month is compared; a year is the range of texts that begin with it, so that the period can lead an index.
fn in_period(query: &mut RootQuery, period: &str) -> Result<(), Refusal> {
    let path = &["filter", "period"];
    let (year, month) = parse_period(period).ok_or_else(|| {
        Refusal::argument(
            "INVALID_PERIOD",
            path,
            "发放期应为年份（如 2018）或月份（如 2018-03）。",
            "A period is a year, such as 2018, or a month, such as 2018-03.",
        )
    })?;
    let year = year_of(year, path)?;
    if month.is_some() {
        query.equals("t.period", Param::Text(period.into()));
        return Ok(());
    }
    let from = query.bind(Param::Text(period.into()));
    let until = query.bind(Param::Text((year + 1).to_string().into()));
    query.and(format!("t.period >= {from} AND t.period < {until}"));
    Ok(())
}

/// Year and month of `YYYY` or `YYYY-MM`.
fn parse_period(period: &str) -> Option<(i32, Option<u8>)> {
    let (year, month) = match period.split_once('-') {
        Some((year, month)) => (year, Some(month)),
        None => (period, None),
    };
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(year, 4) || month.is_some_and(|month| !digits(month, 2)) {
        return None;
    }
    let month = month.map(str::parse::<u8>).transpose().ok()?;
    if month.is_some_and(|month| !(1..=12).contains(&month)) {
        return None;
    }
    Some((year.parse().ok()?, month))
}

#[cfg(test)]
mod tests {
    use super::parse_period;

    #[test]
    fn a_period_is_a_year_or_a_month() {
        assert_eq!(parse_period("2018"), Some((2018, None)));
        assert_eq!(parse_period("2018-03"), Some((2018, Some(3))));
        for text in [
            "",
            "18",
            "2018-",
            "2018-3",
            "2018-00",
            "2018-13",
            "+018",
            "2018-+3",
            "2018-03-01",
            "２０１８",
        ] {
            assert_eq!(parse_period(text), None, "{text}");
        }
    }
}
