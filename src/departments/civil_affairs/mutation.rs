//! What civil affairs does.

use super::dibao::DibaoMutation;
use async_graphql::MergedObject;

/// What civil affairs does.
#[derive(MergedObject, Default)]
#[graphql(name = "CivilAffairsMutation")]
pub struct Mutation(DibaoMutation);
