//! The rolls of children without their parents.

use super::types::{LeftBehindChild, Orphan};
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
use entity::civil_affairs::codes::{GuardianCare, OrphanClass, OrphanPlacement, ParentalAbsence};

/// Conditions on the roll of left-behind children (留守儿童名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct LeftBehindChildFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// Where these parents are away (父母外出情况).
    absence: Option<Vec<ParentalAbsence>>,
    /// Looked after by one of these (监护照料情况).
    care: Option<Vec<GuardianCare>>,
    /// With a guardian on record, or without (是否落实监护人).
    has_guardian: Option<bool>,
    /// The case was open on this day (在册日期). Cases open today when left out.
    as_of: Option<Day>,
}

impl Roll for LeftBehindChildFilter {
    type Row = LeftBehindChild;
    const ORDER: Order = Order {
        name: "leftBehindChildren",
        keys: &[("t.valid_from", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.absence", self.absence.as_deref());
        one_of(reads, query, "t.care", self.care.as_deref());
        if let Some(has_guardian) = self.has_guardian {
            let not = if has_guardian { "NOT " } else { "" };
            query.and(format!(
                "COALESCE(t.guardian_name, CAST(t.guardian_person_id AS TEXT)) IS {not}NULL"
            ));
        }
        query.in_force("t", self.as_of);
        Ok(())
    }
}

/// Conditions on the roll of orphans (孤儿名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct OrphanFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these classes (孤儿类别).
    class: Option<Vec<OrphanClass>>,
    /// Placed in one of these ways (安置方式).
    placement: Option<Vec<OrphanPlacement>>,
    /// In force on this day (在册日期). Today's roll when left out.
    as_of: Option<Day>,
}

impl Roll for OrphanFilter {
    type Row = Orphan;
    const ORDER: Order = Order {
        name: "orphans",
        keys: &[("t.valid_from", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.class", self.class.as_deref());
        one_of(reads, query, "t.placement", self.placement.as_deref());
        query.in_force("t", self.as_of);
        Ok(())
    }
}

#[derive(Default)]
pub struct ChildrenQuery;

#[Object]
impl ChildrenQuery {
    /// The roll of left-behind children (留守儿童名册): the open cases, opened last first.
    async fn left_behind_children(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<LeftBehindChildFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<LeftBehindChild>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of orphans (孤儿名册): the allowances in force, begun last first.
    async fn orphans(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<OrphanFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Orphan>> {
        roll(ctx, filter, first, after).await
    }
}
