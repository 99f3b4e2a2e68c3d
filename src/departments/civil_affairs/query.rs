//! What can be asked of civil affairs, and conditions on what it keeps of households.

use super::{
    children::ChildrenQuery, dibao::DibaoQuery, disability::DisabilityQuery, support::SupportQuery,
};
use crate::{
    db::Reads,
    graphql::plan::{Refusal, RootQuery},
    room::HouseholdConditions,
};
use async_graphql::{InputObject, MergedObject};

/// What can be asked of civil affairs.
#[derive(MergedObject, Default)]
#[graphql(name = "CivilAffairsQuery")]
pub struct Query(DibaoQuery, SupportQuery, DisabilityQuery, ChildrenQuery);

/// Conditions on what civil affairs keeps of a household (民政条件).
#[derive(InputObject)]
#[graphql(name = "CivilAffairsHouseholdFilter")]
pub struct HouseholdFilter {
    /// On dibao today, or not (是否低保).
    on_dibao: Option<bool>,
    /// With a member on special support today, or without (是否有特困供养人员).
    on_special_support: Option<bool>,
    /// With a member who has a valid disability certificate, or without (是否有残疾人).
    has_disabled_member: Option<bool>,
    /// With the open case of a left-behind child, or without (是否有留守儿童).
    has_left_behind_child: Option<bool>,
}

impl HouseholdConditions for HouseholdFilter {
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        let today = [
            ("dibao", self.on_dibao),
            ("special_support", self.on_special_support),
            ("disability_certificate", self.has_disabled_member),
            ("left_behind_child", self.has_left_behind_child),
        ];
        for (table, wanted) in today {
            if let Some(wanted) = wanted {
                query.has(wanted, table, |query| {
                    query.and("o.valid_to IS NULL");
                    Ok(())
                })?;
            }
        }
        Ok(())
    }
}
