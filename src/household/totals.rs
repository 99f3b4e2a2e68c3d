//! What the file counts in a region besides households and persons: who they are, what they live on, how they are
//! helped, what villages earn in common and what is posted for objections.

use super::{
    help::totals::{ExitPlan, HelpTotals, MeasureTotals},
    income::totals::IncomeTotals,
    people::totals::PeopleTotals,
    publicity::totals::PublicityTotals,
    region::TotalsOf,
    village::totals::CollectiveIncomeTotals,
};
use crate::graphql::plan::Outcome;
use async_graphql::{Context, Object};

pub use super::people::totals::age::code_lists;

/// The file's further part of the figures of a region.
pub struct MoreTotals(TotalsOf);

impl From<TotalsOf> for MoreTotals {
    fn from(of: TotalsOf) -> Self {
        MoreTotals(of)
    }
}

#[Object(name = "HouseholdMoreOnTotals")]
impl MoreTotals {
    /// Who the poor persons are (贫困人口构成). ST-08, ST-09.
    async fn people(&self, ctx: &Context<'_>) -> Outcome<PeopleTotals> {
        self.0.counted(ctx).await
    }

    /// What the poor households live on (收入构成). ST-10.
    async fn income(&self, ctx: &Context<'_>) -> Outcome<IncomeTotals> {
        self.0.counted(ctx).await
    }

    /// The measures in force (帮扶措施). ST-07.
    async fn measures(&self, ctx: &Context<'_>) -> Outcome<MeasureTotals> {
        self.0.counted(ctx).await
    }

    /// Exits planned and done (脱贫计划与完成). ST-11.
    async fn exit_plan(&self, ctx: &Context<'_>) -> Outcome<ExitPlan> {
        self.0.counted(ctx).await
    }

    /// Who helps (帮扶力量). ST-21.
    async fn help(&self, ctx: &Context<'_>) -> Outcome<HelpTotals> {
        self.0.counted(ctx).await
    }

    /// What villages earn in common (村集体经济收入). ST-20.
    async fn collective_income(&self, ctx: &Context<'_>) -> Outcome<CollectiveIncomeTotals> {
        self.0.counted(ctx).await
    }

    /// What is posted for objections (公示). ST-22.
    async fn publicity(&self, ctx: &Context<'_>) -> Outcome<PublicityTotals> {
        self.0.counted(ctx).await
    }
}
