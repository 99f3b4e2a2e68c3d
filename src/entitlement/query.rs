//! The rules, to be browsed.

use super::{rules::Rules, types::Policy};
use crate::graphql::{
    plan::{Outcome, Refusal},
    scalars::{Day, RegionId},
};
use async_graphql::{Context, Object};
use std::sync::Arc;

/// What can be asked of the rules.
#[derive(Default)]
pub struct Query;

#[Object(name = "EntitlementQuery")]
impl Query {
    /// The packs of rules (政策包), by name.
    async fn policies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that hold in this region (地区).")] region: Option<RegionId>,
        #[graphql(desc = "Only those with a rule in force on this day (日期).")] on: Option<Day>,
    ) -> Vec<Policy> {
        let rules = ctx.data_unchecked::<Arc<Rules>>();
        let packs = rules.catalogue.packs().iter();
        let mut packs: Vec<_> = packs
            .filter(|pack| {
                let holds = region.is_none_or(|region| rules.holds(pack, region.0));
                let in_force = |day: Day| pack.benefits.iter().any(|rule| rule.is_effective(day.0));
                holds && on.is_none_or(in_force)
            })
            .collect();
        packs.sort_by(|one, other| one.id.cmp(&other.id));
        packs
            .into_iter()
            .map(|pack| Policy::of(rules, pack))
            .collect()
    }

    /// A pack of rules (政策包) by its name. Null: there is none of that name.
    async fn policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the pack (政策包), such as \"ulanqab-2018\".")] pack: String,
    ) -> Outcome<Policy> {
        let rules = ctx.data_unchecked::<Arc<Rules>>();
        let pack = rules.catalogue.pack(&pack);
        Ok::<_, Refusal>(pack.map(|pack| Policy::of(rules, pack))).into()
    }
}
