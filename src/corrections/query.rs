//! The roll of correction requests.

use super::types::CorrectionRequest;
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
use entity::codes::{CorrectionState, Department};

/// Conditions on the roll of correction requests (更正申请筛选); all given ones must hold.
#[derive(InputObject, Default)]
pub struct CorrectionRequestFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these states (状态).
    state: Option<Vec<CorrectionState>>,
    /// One of these departments owns the field (信息主管部门).
    owner: Option<Vec<Department>>,
    /// One of these departments raised it (申请部门).
    raised_by: Option<Vec<Department>>,
    /// About records of this type (对象类型), such as "House".
    object_type: Option<String>,
    /// Raised on this day or later (申请日期下限).
    raised_from: Option<Day>,
    /// Raised on this day or before (申请日期上限).
    raised_to: Option<Day>,
}

impl Roll for CorrectionRequestFilter {
    type Row = CorrectionRequest;
    const ORDER: Order = Order {
        name: "correctionRequests",
        keys: &[("t.raised_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.state", self.state.as_deref());
        one_of(reads, query, "t.owner", self.owner.as_deref());
        one_of(reads, query, "t.raised_by", self.raised_by.as_deref());
        let path = ["filter", "objectType"];
        query.is_text("t.object_type", self.object_type.as_deref(), &path)?;
        let days = (self.raised_from, self.raised_to);
        query.in_days("t.raised_on", days, &["filter", "raisedFrom"])
    }
}

/// What can be asked of correction requests.
#[derive(Default)]
pub struct Query;

#[Object(name = "CorrectionsQuery")]
impl Query {
    /// The requests to correct something (更正申请), newest first: those of your department and those to it.
    async fn correction_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<CorrectionRequestFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<CorrectionRequest>> {
        roll(ctx, filter, first, after).await
    }
}
