//! What can be done with households, their people, income and help.

use super::{
    help::HelpMutation,
    income::IncomeMutation,
    people::PeopleMutation,
    registration::{LoadMutation, RegistrationMutation},
};
use async_graphql::MergedObject;

/// What can be done with households, their people, income and help.
#[derive(MergedObject, Default)]
#[graphql(name = "HouseholdMutation")]
pub struct Mutation(
    RegistrationMutation,
    LoadMutation,
    PeopleMutation,
    HelpMutation,
    IncomeMutation,
);
