//! The graph: schema, scalars, limits and the read path.

pub mod document;
pub mod language;
pub mod limits;
pub mod response;
pub mod shape;

use crate::authz::Viewer;
use async_graphql::{Context, EmptyMutation, EmptySubscription, Object, Schema};
use entity::codes::Department;

/// Who asks (当前用户).
pub struct ViewerInfo(pub Department);

#[Object(name = "Viewer")]
impl ViewerInfo {
    /// The department of the viewer (部门).
    async fn department(&self) -> Department {
        self.0
    }
}

pub struct Query;

#[Object]
impl Query {
    /// Who asks and what they may do (当前用户及权限).
    async fn viewer(&self, ctx: &Context<'_>) -> ViewerInfo {
        ViewerInfo(ctx.data_unchecked::<std::sync::Arc<Viewer>>().department)
    }
}

pub type HouseholdSchema = Schema<Query, EmptyMutation, EmptySubscription>;
