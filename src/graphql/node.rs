//! `node` and `nodes`: any object by its global id, as far as it exists for the viewer.

use super::{
    plan::{Object, Refusal, RootQuery, Rows, stock_rows},
    scalars::parse_global_id,
};
use crate::{
    authz::Access,
    db::{Param, Reads},
};
use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    futures_util::future::BoxFuture,
    indexmap::IndexMap,
    parser::types::Field,
    registry::{MetaField, MetaType, MetaTypeId, Registry},
};
use std::{borrow::Cow, collections::HashMap, sync::Arc};

/// A kind of node: a type whose rows can be found by key.
#[derive(Clone, Copy)]
pub struct NodeKind {
    pub type_name: fn() -> Cow<'static, str>,
    register: fn(&mut Registry) -> String,
    fetch: Fetch,
}

/// Finds the nodes of these keys that exist for the viewer.
type Fetch = for<'a> fn(&'a Context<'a>, Vec<i64>) -> BoxFuture<'a, Result<Nodes, Refusal>>;
type Nodes = HashMap<i64, Node>;

impl NodeKind {
    /// The rows of `T` as nodes.
    #[must_use]
    pub fn of<T: Rows + Keyed>() -> Self {
        NodeKind {
            type_name: T::type_name,
            register: T::create_type_info,
            fetch: |ctx, keys| Box::pin(fetch::<T>(ctx, keys)),
        }
    }
}

/// An object that knows its own key.
pub trait Keyed {
    fn key(&self) -> i64;
}

async fn fetch<T: Rows + Keyed>(
    ctx: &Context<'_>,
    keys: Vec<i64>,
) -> Result<HashMap<i64, Node>, Refusal> {
    let mut query = RootQuery::scoped::<T>(ctx.data_unchecked::<Access>());
    query.limit = keys.len();
    let reads = ctx.data_unchecked::<Reads>();
    query.any(reads, T::KEY, Param::I64s(keys.into()));
    let rows = stock_rows::<T>(ctx, &query).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.key(), Node(Arc::new(row))))
        .collect())
}

/// An object with a global id (节点).
#[derive(Clone)]
pub struct Node(Arc<dyn AnyNode>);

/// An object whose type is known only at run time.
trait AnyNode: Send + Sync {
    fn resolve<'a>(
        &'a self,
        ctx: &'a ContextSelectionSet<'a>,
        field: &'a Positioned<Field>,
    ) -> BoxFuture<'a, ServerResult<Value>>;
    fn type_name(&self) -> Cow<'static, str>;
}

impl<T: Object + 'static> AnyNode for T {
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

impl OutputType for Node {
    fn type_name() -> Cow<'static, str> {
        "Node".into()
    }
    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Interface, |registry| {
            let kinds = crate::departments::node_kinds();
            for kind in &kinds {
                (kind.register)(registry);
                registry.add_implements(&(kind.type_name)(), "Node");
            }
            let mut id = MetaField::new("id", "ID!");
            id.description = Some("The global id (全局编号): opaque, valid for ever.".to_owned());
            MetaType::Interface {
                name: "Node".to_owned(),
                description: Some("An object with a global id (节点).".to_owned()),
                fields: IndexMap::from([("id".to_owned(), id)]),
                possible_types: kinds
                    .iter()
                    .map(|kind| (kind.type_name)().into_owned())
                    .collect(),
                extends: false,
                inaccessible: false,
                tags: vec![],
                keys: None,
                visible: None,
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: vec![],
                requires_scopes: vec![],
            }
        })
    }
    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

/// The nodes of these ids, in their order; null where nothing of that id exists for the viewer. One statement a type.
///
/// # Errors
/// An id that no field of the graph gave, or of a type the viewer may not read: refused before any look-up.
pub async fn fetch_nodes(ctx: &Context<'_>, ids: &[String]) -> Result<Vec<Option<Node>>, Refusal> {
    let access = ctx.data_unchecked::<Access>();
    let kinds = crate::departments::node_kinds();
    let mut asked: IndexMap<usize, Vec<i64>> = IndexMap::new();
    let mut places = Vec::with_capacity(ids.len());
    for id in ids {
        let known = parse_global_id(id).and_then(|(name, key)| {
            let kind = kinds.iter().position(|kind| (kind.type_name)() == name)?;
            Some((kind, key))
        });
        let (kind, key) = known.ok_or_else(|| {
            Refusal::argument(
                "INVALID_ID",
                &["id"],
                "编号无效：请使用本系统返回的编号。",
                "This is not an id of this graph: use an id that a field gave.",
            )
        })?;
        let type_name = (kinds[kind].type_name)();
        if !access.matrix().may_read_type(access.rights(), &type_name) {
            return Err(Refusal::forbidden());
        }
        asked.entry(kind).or_default().push(key);
        places.push((kind, key));
    }
    let mut found = HashMap::new();
    for (kind, keys) in asked {
        for (key, node) in (kinds[kind].fetch)(ctx, keys).await? {
            found.insert((kind, key), node);
        }
    }
    Ok(places
        .iter()
        .map(|place| found.get(place).cloned())
        .collect())
}
