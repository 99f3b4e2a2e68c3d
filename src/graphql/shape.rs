//! What the edge needs of the schema: the type below each field, which fields are pages, which names exist, and
//! whether a variable fits its declared type.

use super::limits::BadVariable;
use async_graphql::{
    ContainerType, EmptySubscription, InputType, ObjectType, OutputType, SubscriptionType,
    Variables,
    parser::types::{BaseType, OperationDefinition, OperationType, Type},
    registry::{MetaField, MetaInputValue, MetaType, MetaTypeName, Registry},
};
use async_graphql_value::{ConstValue, RAW_VALUE_TOKEN};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The schema as the edge sees it, without its resolvers.
pub struct SchemaShape {
    registry: Registry,
    names: HashSet<String>,
}

impl SchemaShape {
    /// The shape of a schema without subscriptions.
    #[must_use]
    pub fn of<Query, Mutation>() -> Self
    where
        Query: ObjectType + 'static,
        Mutation: ObjectType + ContainerType + 'static,
    {
        SchemaShape::of_roots::<Query, Mutation, EmptySubscription>()
    }

    /// The shape of the schema with these root types.
    #[must_use]
    pub fn of_roots<Query, Mutation, Subscription>() -> Self
    where
        Query: ObjectType + 'static,
        Mutation: ObjectType + ContainerType + 'static,
        Subscription: SubscriptionType + 'static,
    {
        let mut registry = Registry::default();
        <bool as InputType>::create_type_info(&mut registry);
        <i32 as InputType>::create_type_info(&mut registry);
        <f64 as InputType>::create_type_info(&mut registry);
        <String as InputType>::create_type_info(&mut registry);
        <async_graphql::ID as InputType>::create_type_info(&mut registry);
        registry.query_type = Query::type_name().into_owned();
        <Query as OutputType>::create_type_info(&mut registry);
        if !Mutation::is_empty() {
            registry.mutation_type = Some(Mutation::type_name().into_owned());
            <Mutation as OutputType>::create_type_info(&mut registry);
        }
        if !Subscription::is_empty() {
            registry.subscription_type = Some(Subscription::type_name().into_owned());
            Subscription::create_type_info(&mut registry);
        }
        // The parts of merged objects are not types of the schema.
        registry.remove_unused_types();
        let names = names_of(&registry);
        SchemaShape { registry, names }
    }

    /// Whether the schema declares this name, as a type, field, argument, input field or enum value.
    #[must_use]
    pub fn declares(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The type at the root of an operation.
    pub(crate) fn root_type(&self, operation: OperationType) -> Option<&str> {
        match operation {
            OperationType::Query => Some(&self.registry.query_type),
            OperationType::Mutation => self.registry.mutation_type.as_deref(),
            OperationType::Subscription => self.registry.subscription_type.as_deref(),
        }
    }

    pub(crate) fn field(&self, type_name: &str, field: &str) -> Option<&MetaField> {
        self.registry.types.get(type_name)?.field_by_name(field)
    }

    pub(crate) fn input_field(&self, type_name: &str, field: &str) -> Option<&MetaInputValue> {
        match self.registry.types.get(type_name)? {
            MetaType::InputObject { input_fields, .. } => input_fields.get(field),
            _ => None,
        }
    }

    /// Whether values of this type are decided on by the matrix: inputs with fields, and words of orders.
    pub(crate) fn is_governed_input(&self, type_name: &str) -> bool {
        match self.registry.types.get(type_name) {
            Some(MetaType::InputObject { .. }) => !is_of_mutation(type_name),
            Some(MetaType::Enum { .. }) => type_name.ends_with("Sort"),
            _ => false,
        }
    }

    /// How many fields a type has.
    #[must_use]
    pub fn field_count(&self, type_name: &str) -> usize {
        let fields = self
            .registry
            .types
            .get(type_name)
            .and_then(MetaType::fields);
        fields.map_or(0, |fields| fields.len())
    }

    /// What the matrix decides on: the fields of objects, interfaces and inputs, and the words of orders.
    #[must_use]
    pub fn governed(&self) -> BTreeMap<String, BTreeSet<String>> {
        let governed = self
            .registry
            .types
            .iter()
            .filter(|(name, _)| !name.starts_with("__") && !is_of_mutation(name));
        governed
            .filter_map(|(name, meta)| {
                let names: BTreeSet<String> = match meta {
                    MetaType::InputObject { input_fields, .. } => {
                        input_fields.keys().cloned().collect()
                    }
                    MetaType::Enum { enum_values, .. } if name.ends_with("Sort") => {
                        enum_values.keys().cloned().collect()
                    }
                    _ => meta.fields()?.keys().cloned().collect(),
                };
                Some((name.clone(), names))
            })
            .collect()
    }

    /// Checks each variable of an operation against its declared type.
    ///
    /// Strict validation checks variables only where they are used, and the fast mode does not check them at all, so
    /// an unknown field in an input would be dropped silently.
    ///
    /// # Errors
    /// The first variable that does not fit, without its value.
    pub fn check_variables(
        &self,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Result<(), BadVariable> {
        for definition in &operation.variable_definitions {
            let name = &definition.node.name.node;
            let declared = &definition.node.var_type.node;
            let bad = |path: String| BadVariable {
                path: format!("${name}{path}"),
                expected: declared.to_string(),
                position: definition.pos,
            };
            match variables.get(name) {
                None if definition.node.default_value.is_none() && !declared.nullable => {
                    return Err(bad(String::new()));
                }
                None => {}
                Some(value) => self.check_type(declared, value).map_err(bad)?,
            }
        }
        Ok(())
    }

    fn check_type(&self, declared: &Type, value: &ConstValue) -> Result<(), String> {
        if *value == ConstValue::Null {
            return if declared.nullable {
                Ok(())
            } else {
                Err(String::new())
            };
        }
        match (&declared.base, value) {
            (BaseType::List(item), ConstValue::List(values)) => {
                for (index, value) in values.iter().enumerate() {
                    self.check_type(item, value)
                        .map_err(|path| format!("[{index}]{path}"))?;
                }
                Ok(())
            }
            (BaseType::List(item), value) => self.check_type(item, value),
            (BaseType::Named(name), value) => self.check_named(name, value),
        }
    }

    fn check_named(&self, type_name: &str, value: &ConstValue) -> Result<(), String> {
        let fits = match self.registry.types.get(type_name) {
            Some(MetaType::Scalar { is_valid, .. }) => {
                !holds_raw_json(value) && is_valid.as_ref().is_none_or(|is_valid| is_valid(value))
            }
            Some(MetaType::Enum { enum_values, .. }) => match value {
                ConstValue::Enum(word) => enum_values.contains_key(word.as_str()),
                ConstValue::String(word) => enum_values.contains_key(word.as_str()),
                _ => false,
            },
            Some(MetaType::InputObject {
                input_fields,
                oneof,
                ..
            }) => {
                return match value {
                    ConstValue::Object(values) => {
                        if *oneof
                            && (values.len() != 1
                                || values.values().any(|v| *v == ConstValue::Null))
                        {
                            return Err(String::new());
                        }
                        if values
                            .keys()
                            .any(|key| !input_fields.contains_key(key.as_str()))
                        {
                            return Err(".*".to_owned());
                        }
                        input_fields.values().try_for_each(|field| {
                            self.check_input_field(field, values.get(field.name.as_str()))
                        })
                    }
                    _ => Err(String::new()),
                };
            }
            // An unknown type is found by strict validation, with its position.
            _ => true,
        };
        if fits { Ok(()) } else { Err(String::new()) }
    }

    fn check_input_field(
        &self,
        field: &MetaInputValue,
        value: Option<&ConstValue>,
    ) -> Result<(), String> {
        let at = |path: String| format!(".{}{path}", field.name);
        match value {
            None if MetaTypeName::create(&field.ty).is_non_null()
                && field.default_value.is_none() =>
            {
                Err(at(String::new()))
            }
            None => Ok(()),
            Some(value) => match Type::new(&field.ty) {
                Some(declared) => self.check_type(&declared, value).map_err(at),
                None => Err(at(String::new())),
            },
        }
    }
}

/// An input of mutations: who may do the mutation may fill it in.
fn is_of_mutation(type_name: &str) -> bool {
    type_name.ends_with("Input")
}

/// A value with the key that marks ready-made JSON would be copied into an answer without being checked.
fn holds_raw_json(value: &ConstValue) -> bool {
    match value {
        ConstValue::Object(fields) => fields
            .iter()
            .any(|(key, value)| key == RAW_VALUE_TOKEN || holds_raw_json(value)),
        ConstValue::List(values) => values.iter().any(holds_raw_json),
        _ => false,
    }
}

fn names_of(registry: &Registry) -> HashSet<String> {
    let mut names = HashSet::new();
    for (type_name, meta) in &registry.types {
        names.insert(type_name.clone());
        for field in meta.fields().into_iter().flat_map(|fields| fields.values()) {
            names.insert(field.name.clone());
            names.extend(field.args.keys().cloned());
        }
        match meta {
            MetaType::Enum { enum_values, .. } => names.extend(enum_values.keys().cloned()),
            MetaType::InputObject { input_fields, .. } => {
                names.extend(input_fields.keys().cloned())
            }
            _ => {}
        }
    }
    names
}
