//! Objects of memory whose fields are all plain, written straight to JSON: a long list of them costs a future and a value for
//! each field otherwise.

use super::{StockOnly, planner::json_key};
use crate::graphql::response::raw_json;
use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, QueryPathSegment, ServerResult, Value,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
    resolver_utils::resolve_list,
};
use std::borrow::Cow;

/// An object whose fields take no arguments, fail never and are no objects.
pub trait Plain: OutputType {
    /// Writes the field of this name as stock resolution would.
    fn write(&self, field: &str, json: &mut Vec<u8>);
}

/// A list of plain objects.
pub struct PlainList<T>(pub Vec<T>);

impl<T: Plain> OutputType for PlainList<T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }
    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }
    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let fields = plain_fields(ctx);
        if let Some(json) = fields.and_then(|fields| raw_json(self.written(&fields))) {
            return Ok(json);
        }
        resolve_list(ctx, field, self.0.iter(), Some(self.0.len())).await
    }
}

impl<T: Plain> PlainList<T> {
    fn written(&self, fields: &[Keyed<'_>]) -> Vec<u8> {
        let type_name = T::type_name();
        let mut json = Vec::with_capacity(2 + self.0.len() * fields.len() * 32);
        json.push(b'[');
        for (index, item) in self.0.iter().enumerate() {
            json.extend_from_slice(if index > 0 { b",{" } else { b"{" });
            for (at, (key, name)) in fields.iter().enumerate() {
                if at > 0 {
                    json.push(b',');
                }
                json.extend_from_slice(key);
                match *name {
                    "__typename" => {
                        json.push(b'"');
                        json.extend_from_slice(type_name.as_bytes());
                        json.push(b'"');
                    }
                    name => item.write(name, &mut json),
                }
            }
            json.push(b'}');
        }
        json.push(b']');
        json
    }
}

/// A response key as JSON, and the field that stands there.
type Keyed<'c> = (Box<[u8]>, &'c str);

/// The response keys of the list's objects with their fields; none where stock resolution has to answer: the library merges
/// what it resolves for one response key in two places, and written JSON can't be merged.
fn plain_fields<'c>(ctx: &ContextSelectionSet<'c>) -> Option<Vec<Keyed<'c>>> {
    if ctx.data_opt::<StockOnly>().is_some() || !stands_alone(ctx) {
        return None;
    }
    let mut fields: Vec<Keyed<'c>> = Vec::new();
    for item in &ctx.item.node.items {
        let Selection::Field(field) = &item.node else {
            return None;
        };
        let field = &field.node;
        let key = json_key(&field.response_key().node);
        if !field.directives.is_empty() || fields.iter().any(|(seen, _)| *seen == key) {
            return None;
        }
        fields.push((key, field.name.node.as_str()));
    }
    Some(fields)
}

/// Whether each response key on the way from the root to here occurs in one place, and none of it in a fragment.
fn stands_alone(ctx: &ContextSelectionSet<'_>) -> bool {
    let mut keys = Vec::new();
    let mut node = ctx.path_node.as_ref();
    while let Some(here) = node {
        match here.segment {
            QueryPathSegment::Name(key) => keys.push(key),
            QueryPathSegment::Index(_) => return false,
        }
        node = here.parent;
    }
    let mut set = &ctx.query_env.operation.node.selection_set.node;
    for key in keys.into_iter().rev() {
        match only(set, key) {
            Some(below) => set = below,
            None => return false,
        }
    }
    true
}

/// What is selected below the one field of this key.
fn only<'s>(set: &'s SelectionSet, key: &str) -> Option<&'s SelectionSet> {
    let mut found = None;
    for item in &set.items {
        let Selection::Field(field) = &item.node else {
            return None;
        };
        if field.node.response_key().node == key && found.replace(&field.node).is_some() {
            return None;
        }
    }
    found.map(|field| &field.selection_set.node)
}
