//! The roots as clients see them: every description ends with who may read the field, from the matrix.

use super::{Mutation, Query, federation, matrix};
use crate::changes::Subscription;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, Response,
    ServerResult, SubscriptionType, Value,
    parser::types::Field,
    registry::{MetaType, Registry},
};
use futures_util::Stream;
use std::{borrow::Cow, pin::Pin};

/// The query root with its readers described. `KEYED` also declares the keys of entities: for the text of the subgraph
/// only, because a schema that knows keys resolves `_entities` by itself, one object after another.
#[derive(Default)]
pub struct DescribedQuery<const KEYED: bool = false>(Query);

impl<const KEYED: bool> OutputType for DescribedQuery<KEYED> {
    fn type_name() -> Cow<'static, str> {
        Query::type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        let name = Query::create_type_info(registry);
        describe_readers(registry);
        if KEYED {
            federation::declare_keys(registry);
        }
        name
    }
    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

impl<const KEYED: bool> ContainerType for DescribedQuery<KEYED> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.0.resolve_field(ctx).await
    }
}

impl<const KEYED: bool> ObjectType for DescribedQuery<KEYED> {}

/// The mutation root with those described who may do it.
#[derive(Default)]
pub struct DescribedMutation(Mutation);

impl OutputType for DescribedMutation {
    fn type_name() -> Cow<'static, str> {
        Mutation::type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        let name = Mutation::create_type_info(registry);
        let root = registry.types.get_mut(&*Mutation::type_name());
        if let (Ok(matrix), Some(MetaType::Object { fields, .. })) = (matrix(), root) {
            for field in fields.values_mut() {
                let writers = matrix.readers(&Mutation::type_name(), &field.name);
                add(&mut field.description, "Done by", writers);
            }
        }
        name
    }
    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

impl ContainerType for DescribedMutation {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.0.resolve_field(ctx).await
    }
}

impl ObjectType for DescribedMutation {}

/// The root of subscriptions with its readers described.
#[derive(Default)]
pub struct DescribedSubscription(Subscription);

impl SubscriptionType for DescribedSubscription {
    fn type_name() -> Cow<'static, str> {
        Subscription::type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        let name = Subscription::create_type_info(registry);
        // The types below it are those of the query root, which has described them.
        if let (Ok(matrix), Some(MetaType::Object { fields, .. })) = (
            matrix(),
            registry.types.get_mut(Subscription::type_name().as_ref()),
        ) {
            for field in fields.values_mut() {
                let readers = matrix.readers(&Subscription::type_name(), &field.name);
                add(&mut field.description, "Readable by", readers);
            }
        }
        name
    }
    fn create_field_stream<'a>(
        &'a self,
        ctx: &'a Context<'_>,
    ) -> Option<Pin<Box<dyn Stream<Item = Response> + Send + 'a>>> {
        self.0.create_field_stream(ctx)
    }
}

/// In place of the root of subscriptions, for a schema that only executes what has been validated. Being the last to be
/// registered, it leaves nothing in the registry but empty roots: execution goes by the types of Rust, and the library walks
/// all of the registry at every root field to see whether one has a key.
pub struct Untold;

impl SubscriptionType for Untold {
    fn type_name() -> Cow<'static, str> {
        Subscription::type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        let roots = [Query::type_name(), Mutation::type_name()];
        registry
            .types
            .retain(|name, _| roots.contains(&name.into()));
        for root in registry.types.values_mut() {
            if let MetaType::Object { fields, .. } = root {
                fields.clear();
            }
        }
        Self::type_name().into_owned()
    }
    fn create_field_stream<'a>(
        &'a self,
        _ctx: &'a Context<'_>,
    ) -> Option<Pin<Box<dyn Stream<Item = Response> + Send + 'a>>> {
        None
    }
}

/// Adds the readers to each field's description. A schema whose matrix is not complete is refused elsewhere.
fn describe_readers(registry: &mut Registry) {
    let Ok(matrix) = matrix() else {
        return;
    };
    for (type_name, meta) in &mut registry.types {
        match meta {
            MetaType::Object { fields, .. } | MetaType::Interface { fields, .. } => {
                for field in fields.values_mut() {
                    add(
                        &mut field.description,
                        "Readable by",
                        matrix.readers(type_name, &field.name),
                    );
                }
            }
            MetaType::InputObject { input_fields, .. } => {
                for field in input_fields.values_mut() {
                    add(
                        &mut field.description,
                        "Usable by",
                        matrix.readers(type_name, &field.name),
                    );
                }
            }
            _ => {}
        }
    }
}

fn add(description: &mut Option<String>, verb: &str, readers: Option<String>) {
    let Some(readers) = readers else {
        return;
    };
    let readers = readers.replace("EVERYONE", "everyone").replace(' ', ", ");
    let text = description.get_or_insert_default();
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(&format!("{verb} {readers}."));
}
