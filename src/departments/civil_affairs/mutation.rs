//! What civil affairs does, and the federation with its certificates.

use super::{
    children::ChildrenMutation, dibao::DibaoMutation, disability::DisabilityMutation,
    support::SupportMutation,
};
use async_graphql::MergedObject;

/// What civil affairs does, and the federation with its certificates.
#[derive(MergedObject, Default)]
#[graphql(name = "CivilAffairsMutation")]
pub struct Mutation(
    DibaoMutation,
    SupportMutation,
    DisabilityMutation,
    ChildrenMutation,
);
