//! `node` and `nodes`: any object by its global id, as far as it exists for the viewer.

use crate::{
    authz::Access,
    departments,
    graphql::{node::AnyNode, plan::Refusal, scalars::parse_global_id},
};
use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::Field,
    registry::{MetaField, MetaType, MetaTypeId, Registry},
};
use std::{borrow::Cow, collections::HashMap};

/// An object with a global id (节点).
#[derive(Clone)]
pub struct Node(AnyNode);

impl OutputType for Node {
    fn type_name() -> Cow<'static, str> {
        "Node".into()
    }
    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Interface, |registry| {
            let kinds = departments::node_kinds();
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

/// The nodes of the ids in this argument, in their order; null where nothing of that id exists for the viewer. One statement a type.
///
/// # Errors
/// An id that no field of the graph gave, or of a type the viewer may not read: refused before any look-up.
pub async fn fetch_nodes(
    ctx: &Context<'_>,
    argument: &str,
    ids: &[String],
) -> Result<Vec<Option<Node>>, Refusal> {
    let access = ctx.data_unchecked::<Access>();
    let kinds = departments::node_kinds();
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
                &[argument],
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
            found.insert((kind, key), Node(node));
        }
    }
    Ok(places
        .iter()
        .map(|place| found.get(place).cloned())
        .collect())
}
