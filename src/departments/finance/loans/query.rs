//! The rolls of loans: by the day they are due; repayments and interest subsidies by their day.

use super::types::{InterestSubsidy, Loan, LoanRepayment};
use crate::{
    db::Reads,
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery},
        scalars::{Day, RegionId},
    },
    household::one_of,
    room::{Roll, roll},
};
use async_graphql::{Context, InputObject, Object};
use entity::finance::codes::{LoanKind, LoanState};

/// Conditions on the roll of loans (贷款名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct LoanFilter {
    /// Everything inside this region (行政区划), by where the borrower's household lives.
    region: Option<RegionId>,
    /// The code of the bank (贷款银行代码).
    bank: Option<String>,
    /// The bank's own number of the loan (贷款编号).
    loan_number: Option<String>,
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
        let number = self.loan_number.as_deref();
        query.is_text("t.loan_number", number, &["filter", "loanNumber"])?;
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

/// Conditions on the roll of repayments (还款名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct LoanRepaymentFilter {
    /// Everything inside this region (行政区划), by where the borrower's household lives.
    region: Option<RegionId>,
    /// The code of the bank (贷款银行代码).
    bank: Option<String>,
    /// Paid on this day or later (还款日期起).
    paid_from: Option<Day>,
    /// Paid on this day or earlier (还款日期止).
    paid_to: Option<Day>,
}

impl Roll for LoanRepaymentFilter {
    type Row = LoanRepayment;
    const ORDER: Order = Order {
        name: "loanRepayments",
        keys: &[("t.paid_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.is_text("t.bank_code", self.bank.as_deref(), &["filter", "bank"])?;
        let days = (self.paid_from, self.paid_to);
        query.in_days("t.paid_on", days, &["filter", "paidFrom"])
    }
}

/// Conditions on the roll of interest subsidies (贴息名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct InterestSubsidyFilter {
    /// Everything inside this region (行政区划), by where the borrower's household lives.
    region: Option<RegionId>,
    /// The code of the bank (贷款银行代码).
    bank: Option<String>,
    /// Decided on this day or later (核定日期起).
    decided_from: Option<Day>,
    /// Decided on this day or earlier (核定日期止).
    decided_to: Option<Day>,
}

impl Roll for InterestSubsidyFilter {
    type Row = InterestSubsidy;
    const ORDER: Order = Order {
        name: "interestSubsidies",
        keys: &[("t.decided_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.is_text("t.bank_code", self.bank.as_deref(), &["filter", "bank"])?;
        let days = (self.decided_from, self.decided_to);
        query.in_days("t.decided_on", days, &["filter", "decidedFrom"])
    }
}

#[derive(Default)]
pub struct Query;

#[Object(name = "LoansQuery")]
impl Query {
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

    /// The roll of repayments (还款名册), newest first.
    async fn loan_repayments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<LoanRepaymentFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<LoanRepayment>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of interest subsidies (贴息名册), newest decision first.
    async fn interest_subsidies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<InterestSubsidyFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<InterestSubsidy>> {
        roll(ctx, filter, first, after).await
    }
}
