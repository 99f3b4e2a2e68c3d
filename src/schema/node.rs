//! `node` and `nodes`: any object by its global id, as far as it exists for the viewer.

use crate::{
    authz::Access,
    departments,
    graphql::{
        node::{AnyNode, NodeKind},
        plan::Refusal,
        scalars::parse_global_id,
    },
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
    let mut places = Vec::with_capacity(ids.len());
    for id in ids {
        let known = parse_global_id(id).and_then(|(name, key)| {
            let kind = kinds.iter().find(|kind| (kind.type_name)() == name)?;
            Some((*kind, key))
        });
        let (kind, key) = known.ok_or_else(|| {
            Refusal::argument(
                "INVALID_ID",
                &[argument],
                "编号无效：请使用本系统返回的编号。",
                "This is not an id of this graph: use an id that a field gave.",
            )
        })?;
        let type_name = (kind.type_name)();
        if !access.matrix().may_read_type(access.rights(), &type_name) {
            return Err(Refusal::forbidden());
        }
        places.push(Some((kind, key)));
    }
    fetch_places(ctx, &places).await
}

/// A row: what kind it is of and its key.
pub type Place = (NodeKind, i64);

/// The objects in these places, in their order; null where nothing exists for the viewer. One statement a type.
///
/// # Errors
/// The database could not be asked.
pub async fn fetch_places(
    ctx: &Context<'_>,
    places: &[Option<Place>],
) -> Result<Vec<Option<Node>>, Refusal> {
    let mut asked: IndexMap<Cow<'static, str>, (NodeKind, Vec<i64>)> = IndexMap::new();
    for (kind, key) in places.iter().flatten() {
        let of_kind = asked.entry((kind.type_name)());
        of_kind.or_insert((*kind, vec![])).1.push(*key);
    }
    let mut found = HashMap::new();
    for (type_name, (kind, keys)) in asked {
        for (key, node) in (kind.fetch)(ctx, keys).await? {
            found.insert((type_name.clone(), key), Node(node));
        }
    }
    let node = |(kind, key): &Place| found.get(&((kind.type_name)(), *key)).cloned();
    Ok(places
        .iter()
        .map(|place| place.as_ref().and_then(node))
        .collect())
}
