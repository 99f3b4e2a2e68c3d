//! What the finance bureau, the banks and, with their cards, the townships do.

use super::{loans::LoanMutation, payments::PaymentMutation, projects::FundMutation};
use async_graphql::MergedObject;

/// What the finance bureau, the banks and, with their cards, the townships do.
#[derive(MergedObject, Default)]
#[graphql(name = "FinanceMutation")]
pub struct Mutation(LoanMutation, PaymentMutation, FundMutation);
