//! The first wall: a whole document against the matrix, before anything is looked up.
//!
//! A field that is declared `Guarded` becomes null with one error; any other field the viewer may not read refuses the
//! whole request. So does an input field: sorting or filtering by what one may not read would find it by bisection.

use super::{Access, Rights};
use crate::graphql::shape::SchemaShape;
use async_graphql::{
    Name, Pos, Variables,
    parser::types::{
        ExecutableDocument, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
    },
};
use async_graphql_value::{ConstValue, Value};
use std::collections::{HashMap, HashSet};

/// What the viewer asked for and may not read.
#[derive(Debug, PartialEq, Eq)]
pub struct Forbidden {
    /// `Type.field` of the schema: never a name the client chose.
    pub what: String,
    pub pos: Pos,
}

/// Checks one operation of a document. `guarded`: the fields that are null rather than refused.
///
/// # Errors
/// The first field, argument or type that the viewer may not read.
pub fn check_document(
    access: &Access,
    shape: &SchemaShape,
    guarded: &HashSet<(&'static str, &'static str)>,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<(), Forbidden> {
    let fragments = document
        .fragments
        .iter()
        .map(|(name, fragment)| (name.clone(), &fragment.node))
        .collect();
    let mut walk = Walk {
        access,
        rights: access.rights(),
        shape,
        guarded,
        variables,
        defaults: operation
            .variable_definitions
            .iter()
            .filter_map(|definition| {
                let default = definition.node.default_value.as_ref()?;
                Some((definition.node.name.node.clone(), &default.node))
            })
            .collect(),
        fragments,
        seen: HashSet::new(),
    };
    // A root the schema does not have is found by validation, with a better message.
    shape
        .root_type(operation.ty)
        .map_or(Ok(()), |root| walk.set(root, &operation.selection_set.node))
}

/// Whether the outcome depends on the values of variables: on which input fields are given, or by which word is sorted.
#[must_use]
pub fn depends_on_variables(shape: &SchemaShape, operation: &OperationDefinition) -> bool {
    operation.variable_definitions.iter().any(|definition| {
        let declared = definition.node.var_type.node.to_string();
        shape.is_governed_input(base_type(&declared))
    })
}

struct Walk<'a> {
    access: &'a Access,
    rights: Rights,
    shape: &'a SchemaShape,
    guarded: &'a HashSet<(&'static str, &'static str)>,
    variables: &'a Variables,
    defaults: HashMap<Name, &'a ConstValue>,
    fragments: HashMap<Name, &'a FragmentDefinition>,
    /// Fragments already walked: each is on one type, so once is enough.
    seen: HashSet<Name>,
}

impl<'a> Walk<'a> {
    fn set(&mut self, type_name: &str, set: &'a SelectionSet) -> Result<(), Forbidden> {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => self.field(type_name, &field.node, field.pos)?,
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    let on = on.map_or(type_name, |condition| condition.node.on.node.as_str());
                    self.fragment(on, &fragment.node.selection_set.node, item.pos)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.fragments.get(name).copied() else {
                        continue;
                    };
                    if self.seen.insert(name.clone()) {
                        let on = fragment.type_condition.node.on.node.as_str();
                        self.fragment(on, &fragment.selection_set.node, item.pos)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A type the viewer may not read is refused whether or not an object of it exists.
    fn fragment(&mut self, on: &str, set: &'a SelectionSet, pos: Pos) -> Result<(), Forbidden> {
        // A union has no fields of its own; what is selected of its members stands in fragments on them.
        let known = self.shape.field_count(on) > 0;
        if known && !self.access.matrix().may_read_type(self.rights, on) {
            return Err(Forbidden {
                what: on.to_owned(),
                pos,
            });
        }
        self.set(on, set)
    }

    fn field(
        &mut self,
        type_name: &str,
        field: &'a async_graphql::parser::types::Field,
        pos: Pos,
    ) -> Result<(), Forbidden> {
        let name = field.name.node.as_str();
        if name.starts_with("__") {
            return Ok(());
        }
        // What the schema does not have is found by validation, with a better message.
        let Some(meta) = self.shape.field(type_name, name) else {
            return Ok(());
        };
        if !self.access.may_read(type_name, name) {
            let soft = self.guarded.contains(&(type_name, name));
            return if soft {
                Ok(())
            } else {
                Err(refuse(type_name, name, pos))
            };
        }
        for (argument, value) in &field.arguments {
            if let Some(input) = meta.args.get(argument.node.as_str()) {
                self.value(&input.ty, &value.node, pos)?;
            }
        }
        let below = base_type(&meta.ty).to_owned();
        self.set(&below, &field.selection_set.node)
    }

    fn value(&self, ty: &str, value: &Value, pos: Pos) -> Result<(), Forbidden> {
        match value {
            Value::Variable(name) => match self.variables.get(name) {
                Some(value) => self.constant(ty, value, pos),
                None => match self.defaults.get(name) {
                    Some(default) => self.constant(ty, default, pos),
                    None => Ok(()),
                },
            },
            Value::List(items) => items.iter().try_for_each(|item| self.value(ty, item, pos)),
            Value::Object(fields) => fields.iter().try_for_each(|(name, value)| {
                let below = self.input(ty, name, *value == Value::Null, pos)?;
                self.value(&below, value, pos)
            }),
            Value::Enum(word) => self.word(ty, word, pos),
            _ => Ok(()),
        }
    }

    fn constant(&self, ty: &str, value: &ConstValue, pos: Pos) -> Result<(), Forbidden> {
        match value {
            ConstValue::List(items) => items
                .iter()
                .try_for_each(|item| self.constant(ty, item, pos)),
            ConstValue::Object(fields) => fields.iter().try_for_each(|(name, value)| {
                let below = self.input(ty, name, *value == ConstValue::Null, pos)?;
                self.constant(&below, value, pos)
            }),
            ConstValue::Enum(word) => self.word(ty, word, pos),
            // A word arrives as a string in variables.
            ConstValue::String(word) => self.word(ty, word, pos),
            _ => Ok(()),
        }
    }

    /// An input field that is given; gives its type. What stands in a scalar is for the resolver to check.
    fn input(&self, ty: &str, name: &str, is_null: bool, pos: Pos) -> Result<String, Forbidden> {
        let type_name = base_type(ty);
        let governed = self.shape.is_governed_input(type_name);
        if governed && !is_null && !self.access.may_read(type_name, name) {
            return Err(refuse(type_name, name, pos));
        }
        let below = self.shape.input_field(type_name, name);
        Ok(below.map(|field| field.ty.clone()).unwrap_or_default())
    }

    /// A word of an order: sorting by it shows the order of what it names.
    fn word(&self, ty: &str, word: &str, pos: Pos) -> Result<(), Forbidden> {
        let type_name = base_type(ty);
        if type_name.ends_with("Sort") && !self.access.may_read(type_name, word) {
            return Err(refuse(type_name, word, pos));
        }
        Ok(())
    }
}

fn refuse(type_name: &str, name: &str, pos: Pos) -> Forbidden {
    Forbidden {
        what: format!("{type_name}.{name}"),
        pos,
    }
}

/// The name inside lists and non-nulls.
fn base_type(ty: &str) -> &str {
    ty.trim_matches(|c| matches!(c, '[' | ']' | '!'))
}
