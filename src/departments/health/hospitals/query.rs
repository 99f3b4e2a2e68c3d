//! The list of hospitals, and one of them by its code.

use super::types::Hospital;
use crate::{
    db::Reads,
    graphql::{
        plan::{Found, KeyKind, Order, Outcome, Page, Refusal, RootQuery},
        scalars::RegionId,
    },
    household::one_of,
    room::{Roll, roll},
};
use async_graphql::{Context, InputObject, Object};
use entity::codes::HospitalLevel;

/// Conditions on the list of hospitals (医疗机构目录条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct HospitalFilter {
    /// Everything inside this region (行政区划), by where the hospital stands.
    region: Option<RegionId>,
    /// One of these insurance levels (医疗机构级别).
    level: Option<Vec<HospitalLevel>>,
    /// Designated, or not (是否定点).
    designated: Option<bool>,
}

impl Roll for HospitalFilter {
    type Row = Hospital;
    const ORDER: Order = Order {
        name: "hospitals",
        keys: &[("i.code", KeyKind::Text)],
        descending: false,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.and(IS_HOSPITAL);
        one_of(reads, query, "i.hospital_level", self.level.as_deref());
        if let Some(designated) = self.designated {
            query.and(if designated {
                "i.designated"
            } else {
                "NOT i.designated"
            });
        }
        Ok(())
    }
}

/// Institutions are of several kinds.
const IS_HOSPITAL: &str = "i.kind = 'HOSPITAL'";

async fn hospital_of(ctx: &Context<'_>, code: String) -> Result<Option<Found<Hospital>>, Refusal> {
    let mut query = RootQuery::reference();
    query.and(IS_HOSPITAL);
    query.is_text("i.code", Some(&code), &["code"])?;
    Found::fetch(ctx, query).await
}

/// The rows of the hospital or clinic with this code.
pub(in super::super) fn at_institution(
    query: &mut RootQuery,
    code: Option<&str>,
) -> Result<(), Refusal> {
    query.is_text("t.institution_code", code, &["filter", "institution"])
}

#[derive(Default)]
pub struct Query;

#[Object(name = "HospitalsQuery")]
impl Query {
    /// The hospitals and clinics (医疗机构目录), by code.
    async fn hospitals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<HospitalFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Hospital>> {
        roll(ctx, filter, first, after).await
    }

    /// A hospital or clinic by its code (医疗机构). Null where none has it.
    async fn hospital(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code (医疗机构代码).")] code: String,
    ) -> Outcome<Found<Hospital>> {
        hospital_of(ctx, code).await.into()
    }
}
