//! The rolls of payments by period, of their batches, and of cards.

use super::types::{BankCard, Payment, PaymentBatch};
use crate::{
    db::{Param, Reads},
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery, year_of},
        scalars::RegionId,
    },
    household::one_of,
    room::{Roll, roll},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::{
    codes::Department,
    finance::codes::{PaymentBatchState, PaymentState},
};

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
    /// The global id of the batch (发放批次).
    batch: Option<ID>,
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
            in_period(query, "t.period", period, &["filter", "period"])?;
        }
        one_of(reads, query, "t.state", self.state.as_deref());
        query.is_row::<PaymentBatch>("t.batch_id", self.batch.as_ref(), &["filter", "batch"])
    }
}

/// Conditions on the roll of batches (发放批次名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct PaymentBatchFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// Benefits of one of these departments (发放部门).
    department: Option<Vec<Department>>,
    /// The benefit, as the policy pack names it (项目).
    programme: Option<String>,
    /// What the payments are for (发放期): a month, YYYY-MM, or a year, YYYY, with the batches of its months.
    period: Option<String>,
    /// One of these states (发放批次状态).
    state: Option<Vec<PaymentBatchState>>,
}

impl Roll for PaymentBatchFilter {
    type Row = PaymentBatch;
    const ORDER: Order = Order {
        name: "paymentBatches",
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
            in_period(query, "t.period", period, &["filter", "period"])?;
        }
        one_of(reads, query, "t.state", self.state.as_deref());
        Ok(())
    }
}

/// Conditions on the roll of bank cards (银行卡名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct BankCardFilter {
    /// Everything inside this region (行政区划), by where the holder's household lives.
    region: Option<RegionId>,
    /// The code of the bank (开户行代码).
    bank: Option<String>,
    /// Whether payments of the household go to the card (是否收款卡). Both when left out.
    receiving: Option<bool>,
    /// Whether the card is open (是否有效). Both when left out.
    open: Option<bool>,
}

impl Roll for BankCardFilter {
    type Row = BankCard;
    const ORDER: Order = Order {
        name: "bankCards",
        keys: &[("t.valid_from", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.is_text("t.bank_code", self.bank.as_deref(), &["filter", "bank"])?;
        match self.receiving {
            Some(true) => query.and("t.receiving"),
            Some(false) => query.and("NOT t.receiving"),
            None => {}
        }
        match self.open {
            Some(true) => query.and("t.valid_to IS NULL"),
            Some(false) => query.and("t.valid_to IS NOT NULL"),
            None => {}
        }
        Ok(())
    }
}

#[derive(Default)]
pub struct Query;

#[Object(name = "PaymentsQuery")]
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

    /// The roll of batches of payments (发放批次名册), newest period first.
    async fn payment_batches(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<PaymentBatchFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<PaymentBatch>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of bank cards (银行卡名册), newest first.
    async fn bank_cards(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<BankCardFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<BankCard>> {
        roll(ctx, filter, first, after).await
    }
}

/// A month is compared; a year is the range of texts that begin with it, so that the period can lead an index.
pub(in super::super) fn in_period(
    query: &mut RootQuery,
    column: &str,
    period: &str,
    path: &[&str],
) -> Result<(), Refusal> {
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
        query.equals(column, Param::Text(period.into()));
        return Ok(());
    }
    let from = query.bind(Param::Text(period.into()));
    let until = query.bind(Param::Text((year + 1).to_string().into()));
    query.and(format!("{column} >= {from} AND {column} < {until}"));
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
