//! Objects that can be asked by their global id.

use super::plan::{Belongs, Described, Object, Refusal, RootQuery, Rows, stock_rows};
use crate::{
    authz::Access,
    db::{Param, Reads},
};
use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    futures_util::future::BoxFuture, parser::types::Field, registry::Registry,
};
use entity::codes::Department;
use std::{borrow::Cow, collections::HashMap, sync::Arc};

/// A kind of node: a type whose rows can be found by key.
#[derive(Clone, Copy)]
pub struct NodeKind {
    /// The table of its rows.
    pub table: &'static str,
    /// What narrows them for viewers of single departments.
    pub bounds: &'static [(Department, &'static str)],
    pub type_name: fn() -> Cow<'static, str>,
    pub register: fn(&mut Registry) -> String,
    pub fetch: Fetch,
    pub describe: fn(&mut Described),
    from: &'static str,
}

/// Finds the nodes of these keys that exist for the viewer.
pub type Fetch = for<'a> fn(&'a Context<'a>, Vec<i64>) -> BoxFuture<'a, Result<Nodes, Refusal>>;
/// Nodes by key.
pub type Nodes = HashMap<i64, AnyNode>;

impl NodeKind {
    /// The rows of `T` as nodes.
    #[must_use]
    pub fn of<T: Rows + Keyed>() -> Self {
        NodeKind {
            table: T::FROM.split(' ').next().unwrap_or_default(),
            bounds: T::BOUNDS,
            type_name: T::type_name,
            register: T::create_type_info,
            fetch: |ctx, keys| Box::pin(fetch::<T>(ctx, keys)),
            describe: T::describe,
            from: T::FROM,
        }
    }

    /// The table of its rows.
    #[must_use]
    pub fn table(&self) -> &'static str {
        self.from.split(' ').next().unwrap_or_default()
    }
}

/// A field by which other graphs name an object of this one: a key of Federation.
#[derive(Clone, Copy)]
pub struct EntityKey {
    pub kind: NodeKind,
    /// The field of the type.
    pub field: &'static str,
    pub names: Names,
}

/// How the text in a key field leads to a row.
#[derive(Clone, Copy)]
pub enum Names {
    /// It is the global id.
    Id,
    /// It has to be looked up.
    Text(Find),
}

/// The keys of the rows that these texts name, by text. A text that names no row is absent.
pub type Find = for<'a> fn(
    &'a Context<'a>,
    Vec<String>,
) -> BoxFuture<'a, Result<HashMap<String, i64>, Refusal>>;

/// An object that knows its own key. Derived where a record has `id: NodeId<..>`.
pub trait Keyed {
    fn key(&self) -> i64;
}

async fn fetch<T: Rows + Keyed>(
    ctx: &Context<'_>,
    keys: Vec<i64>,
) -> Result<HashMap<i64, AnyNode>, Refusal> {
    let mut query = if T::BELONGS == Belongs::ToNobody {
        RootQuery::reference()
    } else {
        RootQuery::scoped::<T>(ctx.data_unchecked::<Access>())
    };
    query.limit = keys.len();
    let reads = ctx.data_unchecked::<Reads>();
    query.any(reads, T::KEY, Param::I64s(keys.into()));
    let rows = stock_rows::<T>(ctx, &query).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.key(), Arc::new(row) as AnyNode))
        .collect())
}

/// An object whose type is known only at run time.
pub type AnyNode = Arc<dyn Resolved>;

/// An object that resolves itself.
pub trait Resolved: Send + Sync {
    fn resolve<'a>(
        &'a self,
        ctx: &'a ContextSelectionSet<'a>,
        field: &'a Positioned<Field>,
    ) -> BoxFuture<'a, ServerResult<Value>>;
    fn type_name(&self) -> Cow<'static, str>;
}

impl<T: Object + 'static> Resolved for T {
    fn resolve<'a>(
        &'a self,
        ctx: &'a ContextSelectionSet<'a>,
        field: &'a Positioned<Field>,
    ) -> BoxFuture<'a, ServerResult<Value>> {
        Box::pin(OutputType::resolve(self, ctx, field))
    }
    fn type_name(&self) -> Cow<'static, str> {
        T::type_name()
    }
}
