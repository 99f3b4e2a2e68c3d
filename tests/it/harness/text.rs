//! Texts that are committed and must say what the code does: schema, matrix, statements.

use async_graphql_parser::{
    parse_schema,
    types::{BaseType, Type, TypeKind, TypeSystemDefinition},
};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// Holds a committed text to what the code says now; `YIHU_WRITE_TEXTS=1` writes it anew instead.
///
/// The test's name begins with `committed_text`, so that `just matrix` finds it.
pub(crate) fn assert_committed_text(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let committed = fs::read_to_string(&path).unwrap_or_default();
    if committed == text {
        return;
    }
    if std::env::var("YIHU_WRITE_TEXTS").is_ok_and(|write| write == "1") {
        fs::write(&path, text).unwrap_or_else(|error| panic!("{file}: {error}"));
        return;
    }
    let differs = committed
        .lines()
        .zip(text.lines())
        .position(|(old, new)| old != new)
        .unwrap_or_else(|| committed.lines().count().min(text.lines().count()));
    panic!(
        "{file} is stale from line {}:\n  committed: {}\n  now:       {}\nWrite it anew with YIHU_WRITE_TEXTS=1.",
        differs + 1,
        committed.lines().nth(differs).unwrap_or("(the end)"),
        text.lines().nth(differs).unwrap_or("(the end)"),
    );
}

#[test]
fn a_stale_text_is_refused() {
    let licence = include_str!("../../../LICENSE-MIT");
    assert_committed_text("LICENSE-MIT", licence);
    if std::env::var_os("YIHU_WRITE_TEXTS").is_none() {
        let stale =
            std::panic::catch_unwind(|| assert_committed_text("LICENSE-MIT", "other words\n"));
        assert!(stale.is_err());
    }
}

/// The object types of the committed schema, each with its fields.
pub(crate) fn objects() -> HashMap<String, Vec<(String, String)>> {
    fn named(ty: &Type) -> String {
        match &ty.base {
            BaseType::Named(name) => name.to_string(),
            BaseType::List(inner) => named(inner),
        }
    }
    let text = std::fs::read_to_string("schema.graphql").expect("the committed schema");
    let definitions = parse_schema(text).expect("a schema").definitions;
    let objects = definitions.into_iter().filter_map(|definition| {
        let TypeSystemDefinition::Type(ty) = definition else {
            return None;
        };
        let TypeKind::Object(object) = ty.node.kind else {
            return None;
        };
        let fields = object.fields.into_iter();
        let fields =
            fields.map(|field| (field.node.name.node.to_string(), named(&field.node.ty.node)));
        Some((ty.node.name.node.to_string(), fields.collect()))
    });
    objects.collect()
}
