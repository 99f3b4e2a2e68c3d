//! What a room hands to the register. A department is a room: one folder, its tables, one word in `departments/mod.rs`.
//!
//! By name a room's module exports `Query` (its root fields), `OnHousehold` and `OnPerson` (its parts of the two objects
//! that all rooms meet in; [`Nothing`] where it adds nothing), and `HouseholdFilter` (its conditions on lists of
//! households). Everything else it hands over through [`Room`].

use crate::{
    authz::InstitutionLink,
    db::{BadCell, Reads},
    demo::{DemoError, Demonstration},
    graphql::{
        node::NodeKind,
        plan::{Described, Object, Planner, Refusal, RootQuery, RowReader, Selected, Write},
    },
};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    parser::types::Field,
    registry::{MetaType, MetaTypeId, ObjectBuilder, Registry},
};
use entity::codes::NamedList;
use std::borrow::Cow;

/// A room of the house.
pub trait Room {
    /// The folder: how the room is called in logs and in its parts' names.
    const NAME: &'static str;
    /// Who may read which of its fields, see [`crate::authz::Matrix`].
    const MATRIX: &'static str;
    /// The tables that tie households and persons to institutions.
    const LINKS: &'static [InstitutionLink] = &[];

    /// The code lists of its fields.
    fn code_lists() -> Vec<NamedList>;
    /// Its objects that can be asked by id.
    fn nodes() -> Vec<NodeKind>;
    /// Finds the fields that are null, not refused, for who may not read them.
    fn describe(into: &mut Described);
    /// Adds its rows of the demonstration, in the order of the register: who pays what others grant comes after them.
    ///
    /// # Errors
    /// The database gave no keys, or the vault refused.
    fn demonstrate(
        demonstration: &mut Demonstration<'_>,
    ) -> impl Future<Output = Result<(), DemoError>> + Send;
}

/// A room's conditions on a list of households.
pub trait HouseholdConditions {
    /// Adds the conditions to a query over `household t`.
    ///
    /// # Errors
    /// A condition that can't be served.
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal>;
}

/// What a room adds to an object it has nothing to say of.
pub struct Nothing;

impl OutputType for Nothing {
    fn type_name() -> Cow<'static, str> {
        "Nothing".into()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |_| -> MetaType {
            ObjectBuilder::new("Nothing", async_graphql::indexmap::IndexMap::default())
                .rust_typename(std::any::type_name::<Self>())
                .build()
        })
    }
    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}

impl ContainerType for Nothing {
    async fn resolve_field(&self, _: &Context<'_>) -> ServerResult<Option<Value>> {
        Ok(None)
    }
}

impl async_graphql::ObjectType for Nothing {}

impl Object for Nothing {
    fn plan(_: &Selected<'_>, _: &mut Planner<'_>) -> Option<Write> {
        None
    }
    fn columns(_: &mut Vec<&'static str>) {}
    fn decode(_: &mut RowReader<'_>) -> Result<Self, BadCell> {
        Ok(Nothing)
    }
    fn describe(_: &mut Described) {}
}
