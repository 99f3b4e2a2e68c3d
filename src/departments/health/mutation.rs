//! What medical insurance and health do.

use super::{
    care::CareMutation,
    claims::{ClaimMutation, SettlementMutation},
    illness::IllnessMutation,
    insurance::InsuranceMutation,
};
use async_graphql::MergedObject;

/// What medical insurance and health do.
#[derive(MergedObject, Default)]
#[graphql(name = "HealthMutation")]
pub struct Mutation(
    InsuranceMutation,
    CareMutation,
    IllnessMutation,
    ClaimMutation,
    SettlementMutation,
);
