//! Whoever reads the schema finds the Chinese term of everything in it.

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{TypeDefinition, TypeKind, TypeSystemDefinition},
    },
};

type Described<'a> = (String, &'a Option<Positioned<String>>);

/// What of this text has no description with a Chinese term, as `Type.field(argument)`.
fn undescribed(sdl: &str) -> Vec<String> {
    let document = parse_schema(sdl).expect("a schema");
    let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let types = document.definitions.iter().filter_map(|of| match of {
        TypeSystemDefinition::Type(of) => Some(&of.node),
        // The directives are those of the specification.
        _ => None,
    });
    types
        .flat_map(parts)
        .filter(|(_, text)| !text.as_ref().is_some_and(|text| chinese(&text.node)))
        .map(|(path, _)| path)
        .collect()
}

/// A type and everything it declares.
fn parts(of: &TypeDefinition) -> Vec<Described<'_>> {
    let path = |name: &dyn std::fmt::Display| format!("{}.{name}", of.name.node);
    let mut parts = vec![(of.name.node.to_string(), &of.description)];
    let fields = match &of.kind {
        TypeKind::Object(object) => object.fields.as_slice(),
        TypeKind::Interface(interface) => &interface.fields,
        TypeKind::InputObject(input) => {
            let fields = input.fields.iter().map(|field| &field.node);
            parts.extend(fields.map(|field| (path(&field.name), &field.description)));
            &[]
        }
        TypeKind::Enum(list) => {
            let values = list.values.iter().map(|value| &value.node);
            parts.extend(values.map(|value| (path(&value.value), &value.description)));
            &[]
        }
        TypeKind::Scalar | TypeKind::Union(_) => &[],
    };
    for field in fields.iter().map(|field| &field.node) {
        parts.push((path(&field.name), &field.description));
        let arguments = field.arguments.iter().map(|argument| &argument.node);
        parts.extend(arguments.map(|argument| {
            let path = format!("{}({})", path(&field.name), argument.name);
            (path, &argument.description)
        }));
    }
    parts
}

#[test]
fn everything_has_its_chinese_term() {
    assert_eq!(undescribed(&yihu::schema::sdl()), Vec::<String>::new());
}

#[test]
fn what_lacks_it_is_found() {
    let sdl = "type Query { a(b: Int): Int } input I { c: Int } enum E { V } \"English\" scalar S \"标量\" scalar T";
    let lacking = [
        "Query",
        "Query.a",
        "Query.a(b)",
        "I",
        "I.c",
        "E",
        "E.V",
        "S",
    ];
    assert_eq!(undescribed(sdl), lacking);
}
