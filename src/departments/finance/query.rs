//! What can be asked of finance: the rolls of its parts, and households by what they owe and are paid.

use super::{loans, payments, payments::query::in_period, projects, projects::types::Project};
use crate::{
    db::{Param, Reads},
    graphql::{
        plan::{Refusal, RootQuery},
        scalars::Day,
    },
    household::one_of,
    room::HouseholdConditions,
};
use async_graphql::{ID, InputObject, MergedObject};
use entity::{
    codes::Department,
    finance::codes::{LoanState, PaymentState},
};

/// The rolls of finance.
#[derive(MergedObject, Default)]
#[graphql(name = "FinanceQuery")]
pub struct Query(loans::Query, payments::Query, projects::Query);

/// Conditions on what finance and banks keep of a household (财政金融条件).
#[derive(InputObject)]
#[graphql(name = "FinanceHouseholdFilter")]
pub struct HouseholdFilter {
    /// Some loan of the household has one of these states (贷款状态).
    loan_state: Option<Vec<LoanState>>,
    /// Whether the household owes on a loan (有无未还清贷款): granted, extended or overdue.
    has_open_loan: Option<bool>,
    /// Some loan of the household was past its end on this day (在该日逾期), neither repaid nor renewed.
    overdue_on: Option<Day>,
    /// The household or a member of it has such a payment (发放).
    payment: Option<PaymentCondition>,
    /// Whether an open card of the household receives its payments (是否有收款卡).
    has_receiving_card: Option<bool>,
    /// The household benefits from this project, named by its global id (受益项目).
    project: Option<ID>,
}

/// What a payment of the household is to be (发放条件); all given conditions hold of the same one.
#[derive(InputObject)]
#[graphql(name = "HouseholdPaymentCondition")]
pub struct PaymentCondition {
    /// A benefit of one of these departments (发放部门).
    department: Option<Vec<Department>>,
    /// The benefit, as the policy pack names it (项目).
    programme: Option<String>,
    /// What it is for (发放期): a month, YYYY-MM, or a year, YYYY, with the payments of its months.
    period: Option<String>,
    /// One of these states (发放状态).
    state: Option<Vec<PaymentState>>,
}

/// On these something is still owed.
const OPEN: [LoanState; 3] = [LoanState::Granted, LoanState::Extended, LoanState::Overdue];

impl HouseholdConditions for HouseholdFilter {
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        if let Some(states) = &self.loan_state {
            query.has(true, "loan", |query| {
                one_of(reads, query, "o.state", Some(states));
                Ok(())
            })?;
        }
        if let Some(wanted) = self.has_open_loan {
            query.has(wanted, "loan", |query| {
                one_of(reads, query, "o.state", Some(&OPEN));
                Ok(())
            })?;
        }
        if let Some(day) = self.overdue_on {
            query.has(true, "loan", |query| {
                one_of(reads, query, "o.state", Some(&OPEN));
                let day = query.bind(Param::Day(day.0));
                query.and(format!("o.due_on < {day}"));
                Ok(())
            })?;
        }
        if let Some(of) = &self.payment {
            query.has(true, "payment", |query| of.restrict(reads, query))?;
        }
        if let Some(wanted) = self.has_receiving_card {
            query.has(wanted, "bank_card", |query| {
                query.and("o.receiving");
                query.in_force("o", None);
                Ok(())
            })?;
        }
        if let Some(project) = &self.project {
            query.has(true, "project_beneficiary", |query| {
                let path = &["filter", "finance", "project"];
                query.is_row::<Project>("o.project_id", Some(project), path)
            })?;
        }
        Ok(())
    }
}

impl PaymentCondition {
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        let path = |field| ["filter", "finance", "payment", field];
        one_of(reads, query, "o.department", self.department.as_deref());
        let programme = self.programme.as_deref();
        query.is_text("o.programme", programme, &path("programme"))?;
        if let Some(period) = &self.period {
            in_period(query, "o.period", period, &path("period"))?;
        }
        one_of(reads, query, "o.state", self.state.as_deref());
        Ok(())
    }
}
