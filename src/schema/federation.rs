//! Yihu as a subgraph of Federation 2: other graphs name its objects by their keys and extend them.
//!
//! `_entities` is `nodes` by other names: scope, matrix and the number of statements are the same. The library's own
//! `_entities` looks up one object after another and fails where one does not exist, so it is not used.

use super::node::{Node, Place, fetch_places};
use crate::{
    authz::Access,
    departments,
    graphql::{
        language::Language,
        node::{EntityKey, Names},
        plan::{Faults, Refusal, path_of},
        scalars::parse_global_id,
    },
};
use async_graphql::{
    Context, ContextSelectionSet, InputValueError, InputValueResult, Object, OutputType,
    PathSegment, Positioned, Scalar, ScalarType, ServerResult, SimpleObject, Value,
    parser::types::Field,
    registry::{MetaType, MetaTypeId, Registry},
};
use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

/// How many representations `_entities` takes.
const MOST_ENTITIES: usize = 100;

#[derive(Default)]
pub struct FederationQuery;

#[Object]
impl FederationQuery {
    /// What a gateway of Federation asks for (联邦实体): objects by their keys, in the order given. Null where nothing of that
    /// key exists for you. At most 100.
    #[graphql(name = "_entities")]
    async fn entities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The type and a key of each object (实体表示), at most 100.")]
        representations: Vec<Representation>,
    ) -> async_graphql::Result<Vec<Option<Entity>>> {
        entities(ctx, representations)
            .await
            .map_err(|refusal| refusal.into_error(*ctx.data_unchecked::<Language>()))
    }

    /// What a gateway of Federation asks when it composes (联邦服务).
    #[graphql(name = "_service")]
    async fn service(&self) -> Service {
        static SDL: LazyLock<String> = LazyLock::new(super::subgraph_sdl);
        Service { sdl: &SDL }
    }
}

/// This graph as a subgraph (联邦服务).
#[derive(SimpleObject)]
#[graphql(name = "_Service")]
pub struct Service {
    /// The schema with the keys of its entities (子图架构).
    sdl: &'static str,
}

/// An object of this graph as another graph names it.
struct Representation {
    type_name: String,
    fields: Vec<(String, String)>,
}

/// An object as another graph names it (实体表示): `__typename` and the field of one key.
#[Scalar(name = "_Any")]
impl ScalarType for Representation {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::Object(mut fields) = value else {
            return Err(InputValueError::expected_type(value));
        };
        let Some(Value::String(type_name)) = fields.swap_remove("__typename") else {
            return Err(InputValueError::custom("expected __typename and a key"));
        };
        let texts = fields.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((name.to_string(), text)),
            _ => None,
        });
        Ok(Representation {
            type_name,
            fields: texts.collect(),
        })
    }
    fn to_value(&self) -> Value {
        Value::Null
    }
}

/// Whatever has a key.
struct Entity(Node);

impl OutputType for Entity {
    fn type_name() -> Cow<'static, str> {
        "_Entity".into()
    }
    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Union, |registry| {
            let keys = departments::entity_keys();
            for key in &keys {
                (key.kind.register)(registry);
            }
            MetaType::Union {
                name: "_Entity".to_owned(),
                description: Some("Whatever has a key (联邦实体).".to_owned()),
                possible_types: keys
                    .iter()
                    .map(type_name)
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect(),
                visible: None,
                inaccessible: false,
                tags: vec![],
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: vec![],
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

fn type_name(key: &EntityKey) -> String {
    (key.kind.type_name)().into_owned()
}

/// Declares the keys of the entities, and what every graph may have alike.
pub fn declare_keys(registry: &mut Registry) {
    for key in departments::entity_keys() {
        registry.add_keys(&type_name(&key), key.field);
    }
    if let Some(MetaType::Object { shareable, .. }) = registry.types.get_mut("PageInfo") {
        *shareable = true;
    }
}

async fn entities(
    ctx: &Context<'_>,
    representations: Vec<Representation>,
) -> Result<Vec<Option<Entity>>, Refusal> {
    if representations.len() > MOST_ENTITIES {
        return Err(Refusal::argument(
            "TOO_MANY_IDS",
            &["representations"],
            format!("一次最多查询 {MOST_ENTITIES} 个对象。"),
            format!("At most {MOST_ENTITIES} objects at once."),
        ));
    }
    let keys = departments::entity_keys();
    let mut named = Vec::with_capacity(representations.len());
    for (index, representation) in representations.into_iter().enumerate() {
        named.push(match key_of(ctx, &keys, representation) {
            Ok(named) => Some(named),
            Err(refusal) => {
                refuse(ctx, index, refusal);
                None
            }
        });
    }
    let places = places(ctx, &keys, &named).await?;
    let nodes = fetch_places(ctx, &places).await?;
    Ok(nodes.into_iter().map(|node| node.map(Entity)).collect())
}

/// Null at this place of the list, and an error that says why: the rest of the answer is another object's.
fn refuse(ctx: &Context<'_>, index: usize, refusal: Refusal) {
    let mut path = path_of(ctx);
    path.push(PathSegment::Index(index));
    ctx.data_unchecked::<Faults>()
        .add(&path, ctx.item.pos, refusal);
}

/// A key, by its place among all, and the text in it.
type Named = (usize, String);

fn key_of(
    ctx: &Context<'_>,
    keys: &[EntityKey],
    representation: Representation,
) -> Result<Named, Refusal> {
    let Representation {
        type_name: of,
        fields,
    } = representation;
    let named = fields.into_iter().find_map(|(field, text)| {
        let key = keys
            .iter()
            .position(|key| key.field == field && (key.kind.type_name)() == of)?;
        Some((key, text))
    });
    let (key, text) = named.ok_or_else(|| {
        Refusal::argument(
            "INVALID_REPRESENTATION",
            &["representations"],
            "实体表示无效：需要 __typename 和该类型的一个键。",
            "A representation needs __typename and a key of that type.",
        )
    })?;
    let access = ctx.data_unchecked::<Access>();
    if !access.may_read(&of, keys[key].field) {
        return Err(Refusal::forbidden());
    }
    Ok((key, text))
}

/// The rows that are named: one statement for each kind of key that has to be looked up.
async fn places(
    ctx: &Context<'_>,
    keys: &[EntityKey],
    named: &[Option<Named>],
) -> Result<Vec<Option<Place>>, Refusal> {
    let mut texts: HashMap<usize, Vec<String>> = HashMap::new();
    for (key, text) in named.iter().flatten() {
        texts.entry(*key).or_default().push(text.clone());
    }
    let mut found = HashMap::new();
    for (key, texts) in texts {
        found.insert(key, rows(ctx, &keys[key], texts).await?);
    }
    let place = |(key, text): &Named| {
        let row = found.get(key)?.get(text)?;
        Some((keys[*key].kind, *row))
    };
    Ok(named
        .iter()
        .map(|named| named.as_ref().and_then(place))
        .collect())
}

async fn rows(
    ctx: &Context<'_>,
    key: &EntityKey,
    texts: Vec<String>,
) -> Result<HashMap<String, i64>, Refusal> {
    match key.names {
        Names::Text(find) => find(ctx, texts).await,
        Names::Id => {
            let of = type_name(key);
            let row = |id: String| {
                let (name, row) = parse_global_id(&id)?;
                (name == of).then_some((id, row))
            };
            Ok(texts.into_iter().filter_map(row).collect())
        }
    }
}
