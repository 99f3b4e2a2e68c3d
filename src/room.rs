//! What a room hands to the register. A department is a room: one folder, its tables, one word in `departments/mod.rs`.
//!
//! By name a room's module exports `Query` (its root fields), `OnHousehold`, `OnPerson` and `OnTotals` (its parts of the
//! objects that all rooms meet in: household, person, and the figures of a region; [`Nothing`] where it adds nothing), and
//! `HouseholdFilter` (its conditions on lists of households). Everything else it hands over through [`Room`].

use crate::{
    authz::{Access, InstitutionLink, SliceField},
    db::{BadCell, Reads},
    demo::{DemoError, Demonstration},
    facts::FactSource,
    files::{Export, Import},
    graphql::{
        node::NodeKind,
        plan::{
            Described, Object, Order, Outcome, Page, PageRequest, Planner, Refusal, RootQuery,
            RowReader, Rows, Selected, Write,
        },
        scalars::{NodeName, RegionId},
    },
    household::{TotalsOf, in_region},
    reconciliation::Recomputed,
    vault::Kind,
    writing::Correctable,
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
    /// The parts of a household's file that it keeps, each with a field whose readers are told that something in it changed.
    const SLICES: &'static [SliceField] = &[];
    /// What it states of households for the rules.
    const FACTS: &'static [FactSource] = &[];
    /// The files of others that become its records.
    const IMPORTS: &'static [Import] = &[];
    /// Its lists that go out as files.
    const EXPORTS: &'static [Export] = &[];
    /// Its objects as pages to print.
    const PAGES: &'static [PrintedPage] = &[];
    /// The checks that hold its records against what the rules come to.
    const RECOMPUTED: &'static [Recomputed] = &[];

    /// The code lists of its fields.
    fn code_lists() -> Vec<NamedList>;
    /// Its objects that can be asked by id.
    fn nodes() -> Vec<NodeKind>;
    /// Its columns that leave masked.
    fn sensitive() -> Vec<SensitiveColumn> {
        vec![]
    }
    /// Its tables whose owner is asked to correct what others find wrong.
    fn corrections() -> Vec<Correctable> {
        vec![]
    }
    /// Adds its rows of the demonstration, and tells what it grants: [`Demonstration::dues`].
    ///
    /// # Errors
    /// The database gave no keys, or the vault refused.
    fn demonstrate(
        _demonstration: &mut Demonstration<'_>,
    ) -> impl Future<Output = Result<(), DemoError>> + Send {
        async { Ok(()) }
    }

    /// Adds the rows that follow from what all rooms granted.
    ///
    /// # Errors
    /// The database gave no keys, or the vault refused.
    fn pay(
        _demonstration: &mut Demonstration<'_>,
    ) -> impl Future<Output = Result<(), DemoError>> + Send {
        async { Ok(()) }
    }
}

/// An object as a page to print: what a fixed operation gives to who asks, so that nothing is shown that they may not read.
#[derive(Clone, Copy, Debug)]
pub struct PrintedPage {
    /// Where it is, with `{id}` for the global id of the object.
    pub path: &'static str,
    /// The title (标题).
    pub title: &'static str,
    /// The operation, with the variable `$id`.
    pub operation: &'static str,
    /// The style of the page.
    pub style: &'static str,
    /// The body of the page of what the operation gave, as escaped HTML; none where there is nothing to print.
    pub body: fn(&serde_json::Value) -> Option<String>,
}

/// A column that leaves masked, and in full only through a recorded read.
#[derive(Clone, Copy)]
pub struct SensitiveColumn {
    /// The object of the graph and its field that shows the mask: who may read that may ask for the value.
    pub type_name: &'static str,
    pub field: &'static str,
    /// Where the ciphertext is stored.
    pub table: &'static str,
    pub column: &'static str,
    pub kind: Kind,
    /// Selects key, household, region, person and ciphertext of a row.
    pub select: &'static str,
    pub key: &'static str,
    /// The rows that exist for a viewer.
    pub scoped: fn(&Access) -> RootQuery,
}

impl SensitiveColumn {
    /// A column of the rows of `T`; `select` gives key, household, region, person and ciphertext from its table, alias `t`.
    #[must_use]
    pub fn of<T: Rows + NodeName>(
        kind: Kind,
        field: &'static str,
        (table, column): (&'static str, &'static str),
        select: &'static str,
    ) -> Self {
        SensitiveColumn {
            type_name: T::NAME,
            field,
            table,
            column,
            kind,
            select,
            key: T::KEY,
            scoped: RootQuery::scoped::<T>,
        }
    }
}

/// A room's conditions on a list of households.
pub trait HouseholdConditions {
    /// Adds the conditions to a query over `household t`.
    ///
    /// # Errors
    /// A condition that can't be served.
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal>;
}

/// The filter of a roll, which is the list of a table at the root of the graph. It says what the rows are, how they are
/// ordered and what its fields ask for; [`roll`] adds what is the same for all: scope, region, page.
pub trait Roll: Default + Send + Sync {
    type Row: Rows;
    const ORDER: Order;

    /// The region asked for, if any.
    fn region(&self) -> Option<RegionId>;
    /// Adds its conditions to a query over the rows, `t`.
    ///
    /// # Errors
    /// A condition that can't be served.
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal>;
}

/// A page of a roll, as far as its rows exist for the viewer.
pub async fn roll<R: Roll>(
    ctx: &Context<'_>,
    filter: Option<R>,
    first: Option<i32>,
    after: Option<String>,
) -> Outcome<Page<R::Row>> {
    page_of(ctx, filter.unwrap_or_default(), first, after)
        .await
        .into()
}

async fn page_of<R: Roll>(
    ctx: &Context<'_>,
    filter: R,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Page<R::Row>, Refusal> {
    let mut query = RootQuery::scoped::<R::Row>(ctx.data_unchecked());
    in_region::<R::Row>(ctx, &mut query, filter.region()).await?;
    filter.restrict(ctx.data_unchecked(), &mut query)?;
    let request = PageRequest {
        query,
        order: R::ORDER,
        first,
        after,
    };
    Page::fetch(ctx, request).await
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

impl From<TotalsOf> for Nothing {
    fn from(_: TotalsOf) -> Self {
        Nothing
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
