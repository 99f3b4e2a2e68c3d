//! `#[derive(Record)]`: from the one declaration of a GraphQL object it makes the columns, the row decoder and the plan.
//!
//! On the struct:
//! - `#[record(entity = "civil_affairs::dibao")]`: the rows are those of this table, alias `t`. Every column that a field
//!   names by being called like it must be a column of the entity, or the crate does not compile. Without `entity` the
//!   object has no rows of its own and lives on its parent's row.
//! - `from = ".."` where the table needs joins; `household`, `parent`, `key`, `order`, `region` where they are not
//!   `t.household_id`, the household, `t.id`, the key and `t.region_code`.
//! - `bounds(School = "t.school_code = {institution}")`: what narrows the rows for viewers of this department, or of several
//!   before one sign (`Civil, Edu = ".."`).
//! - `linked = "person_id"`: the column by which other tables name this object, where that ties it to an institution.
//! - `of_region`: the rows belong to a region, not to a household, and have lists only where `household` names the region.
//! - `beyond = "OfferedMember"`: the opening by which its columns look beyond the viewer's regions, where they do.
//! - `reference`: the rows of a reference table, which exist for everyone.
//! - `prefix = "r"`: the alias of the columns of an object that lives on a joined row.
//! - `on = "Household"`: the GraphQL type that a room's part is merged into.
//!
//! A record with `id: NodeId<..>` is a node: it also knows its key and the name its ids carry.
//!
//! On a field: `#[record(column = "..")]` where the value is another column or an expression, `#[record(filter = "..")]` a
//! condition on the rows of a list, `#[record(parent = "..")]` the column by which the rows of a list name the row at hand
//! where that is not their type's own, `#[record(object)]` an object on the same row, `#[record(method)]` where a method of the same name with arguments stands in the schema
//! and the plan serves the field when it is asked without arguments.

use proc_macro::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Ident, LitStr, Result, parse_macro_input};

#[proc_macro_derive(Record, attributes(record, graphql))]
pub fn record(input: TokenStream) -> TokenStream {
    expand(&parse_macro_input!(input as DeriveInput))
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

fn expand(input: &DeriveInput) -> Result<proc_macro2::TokenStream> {
    let name = &input.ident;
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(name, "Record is for structs"));
    };
    let table = Table::read(&input.attrs)?;
    let owner = table
        .on
        .clone()
        .or_else(|| graphql_name(&input.attrs))
        .unwrap_or_else(|| name.to_string());
    let mut parts = Parts::default();
    for field in &data.fields {
        parts.add(field, &table, &owner)?;
    }
    let Parts {
        arms,
        columns,
        decoders,
        describers,
        checks,
    } = parts;
    let rows = table.rows(name);
    let node = data.fields.iter().find(|field| is_node_id(&field.ty));
    let node = node.map(|field| node_impls(name, &owner, field));
    Ok(quote! {
        impl crate::graphql::plan::Object for #name {
            fn plan(
                field: &crate::graphql::plan::Selected<'_>,
                planner: &mut crate::graphql::plan::Planner<'_>,
            ) -> Option<crate::graphql::plan::Write> {
                match field.name() { #(#arms)* _ => None }
            }
            fn columns(into: &mut Vec<&'static str>) { #(#columns)* }
            fn decode(row: &mut crate::graphql::plan::RowReader<'_>) -> Result<Self, crate::db::BadCell> {
                Ok(Self { #(#decoders)* })
            }
            fn describe(into: &mut crate::graphql::plan::Described) {
                if into.enter::<Self>() { #(#describers)* }
            }
        }
        impl crate::graphql::plan::Field for #name {
            fn plan(
                planner: &mut crate::graphql::plan::Planner<'_>,
                _: &'static crate::graphql::plan::Spec,
                field: &crate::graphql::plan::Selected<'_>,
            ) -> Option<crate::graphql::plan::Write> {
                planner.object::<Self>(field).map(crate::graphql::plan::Write::Object)
            }
            fn columns(_: &'static crate::graphql::plan::Spec, into: &mut Vec<&'static str>) {
                <Self as crate::graphql::plan::Object>::columns(into)
            }
            fn decode(
                row: &mut crate::graphql::plan::RowReader<'_>,
                _: &'static crate::graphql::plan::Spec,
            ) -> Result<Self, crate::db::BadCell> {
                <Self as crate::graphql::plan::Object>::decode(row)
            }
            fn describe(_: &'static crate::graphql::plan::Spec, into: &mut crate::graphql::plan::Described) {
                <Self as crate::graphql::plan::Object>::describe(into)
            }
        }
        #rows
        #node
        #(#checks)*
    })
}

/// What makes a record a node: its key, and the type that its global id names.
fn node_impls(name: &syn::Ident, owner: &str, id: &syn::Field) -> proc_macro2::TokenStream {
    let id = &id.ident;
    quote! {
        impl crate::graphql::node::Keyed for #name {
            fn key(&self) -> i64 { self.#id.0 }
        }
        impl crate::graphql::scalars::NodeName for #name {
            const NAME: &'static str = #owner;
        }
    }
}

#[derive(Default)]
struct Parts {
    arms: Vec<proc_macro2::TokenStream>,
    columns: Vec<proc_macro2::TokenStream>,
    decoders: Vec<proc_macro2::TokenStream>,
    describers: Vec<proc_macro2::TokenStream>,
    checks: Vec<proc_macro2::TokenStream>,
}

impl Parts {
    fn add(&mut self, field: &syn::Field, table: &Table, owner: &str) -> Result<()> {
        let ident = field
            .ident
            .as_ref()
            .ok_or_else(|| syn::Error::new_spanned(field, "Record needs named fields"))?;
        let ty = &field.ty;
        let attributes = FieldAttributes::read(&field.attrs)?;
        let key = attributes
            .name
            .clone()
            .unwrap_or_else(|| camel_case(&ident.to_string()));
        let column = attributes
            .column
            .clone()
            .unwrap_or_else(|| format!("{}.{ident}", table.prefix));
        let filter = attributes
            .filter
            .as_ref()
            .map_or_else(|| quote!(None), |filter| quote!(Some(#filter)));
        let parent = attributes
            .parent
            .as_ref()
            .map_or_else(|| quote!(None), |parent| quote!(Some(#parent)));
        let spec = quote! {{
            static SPEC: crate::graphql::plan::Spec = crate::graphql::plan::Spec {
                owner: #owner, name: #key, column: #column, filter: #filter, parent: #parent,
            };
            &SPEC
        }};
        if !attributes.skip || attributes.method {
            self.arms.push(
                quote!(#key => <#ty as crate::graphql::plan::Field>::plan(planner, #spec, field),),
            );
        }
        self.columns
            .push(quote!(<#ty as crate::graphql::plan::Field>::columns(#spec, into);));
        self.decoders
            .push(quote!(#ident: <#ty as crate::graphql::plan::Field>::decode(row, #spec)?,));
        self.describers
            .push(quote!(<#ty as crate::graphql::plan::Field>::describe(#spec, into);));
        let checked = attributes.column.is_none() && !attributes.object && is_column(ty);
        if let (Some(entity), true) = (&table.entity, checked) {
            let entity: syn::Path = syn::parse_str(&format!("::entity::{}", entity.value()))?;
            let variant = format_ident!("{}", pascal_case(&ident.to_string()));
            self.checks
                .push(quote!(const _: #entity::Column = #entity::Column::#variant;));
        }
        Ok(())
    }
}

fn is_node_id(ty: &syn::Type) -> bool {
    let syn::Type::Path(path) = ty else {
        return false;
    };
    let last = path.path.segments.last();
    last.is_some_and(|segment| segment.ident == "NodeId")
}

/// Whether the field is a column of the row: lists and keys only look like fields.
fn is_column(ty: &syn::Type) -> bool {
    let syn::Type::Path(path) = ty else {
        return true;
    };
    let Some(last) = path.path.segments.last() else {
        return true;
    };
    let syn::PathArguments::AngleBracketed(inner) = &last.arguments else {
        return true;
    };
    let wraps_column = inner.args.iter().all(
        |argument| !matches!(argument, syn::GenericArgument::Type(inner) if !is_column(inner)),
    );
    last.ident != "Many" && last.ident != "One" && last.ident != "Ref" && wraps_column
}

#[derive(Default)]
struct Table {
    prefix: String,
    entity: Option<LitStr>,
    from: Option<LitStr>,
    household: Option<LitStr>,
    parent: Option<LitStr>,
    key: Option<LitStr>,
    order: Option<LitStr>,
    region: Option<LitStr>,
    on: Option<String>,
    linked: Option<LitStr>,
    beyond: Option<Ident>,
    belongs: Option<Ident>,
    bounds: Vec<(syn::Ident, LitStr)>,
}

impl Table {
    fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut table = Table {
            prefix: "t".into(),
            ..Table::default()
        };
        for attribute in attributes.iter().filter(|a| a.path().is_ident("record")) {
            attribute.parse_nested_meta(|meta| table.option(&meta))?;
        }
        Ok(table)
    }

    fn option(&mut self, meta: &syn::meta::ParseNestedMeta<'_>) -> Result<()> {
        let name = meta
            .path
            .get_ident()
            .map(ToString::to_string)
            .unwrap_or_default();
        if name == "bounds" {
            let mut bounded = Vec::new();
            return meta.parse_nested_meta(|inner| {
                let department = inner
                    .path
                    .get_ident()
                    .cloned()
                    .ok_or_else(|| inner.error("expected a department"))?;
                bounded.push(department);
                if !inner.input.peek(syn::Token![=]) {
                    return Ok(());
                }
                let condition: LitStr = inner.value()?.parse()?;
                let alike = bounded.drain(..);
                self.bounds
                    .extend(alike.map(|department| (department, condition.clone())));
                Ok(())
            });
        }
        if let Some(belongs) = belongs(&name) {
            self.belongs = Some(format_ident!("{belongs}"));
            return Ok(());
        }
        let value: LitStr = meta.value()?.parse()?;
        match name.as_str() {
            "prefix" => self.prefix = value.value(),
            "on" => self.on = Some(value.value()),
            "entity" => self.entity = Some(value),
            "from" => self.from = Some(value),
            "household" => self.household = Some(value),
            "parent" => self.parent = Some(value),
            "key" => self.key = Some(value),
            "order" => self.order = Some(value),
            "region" => self.region = Some(value),
            "linked" => self.linked = Some(value),
            "beyond" => self.beyond = Some(format_ident!("{}", value.value())),
            _ => {
                return Err(meta.error(
                    "expected entity, from, prefix, on, household, parent, key, order, region, linked, beyond, of_region, reference or bounds",
                ));
            }
        }
        Ok(())
    }

    fn rows(&self, name: &syn::Ident) -> proc_macro2::TokenStream {
        let Some(entity) = &self.entity else {
            return quote!();
        };
        let value = entity.value();
        let table = value.rsplit("::").next().unwrap_or_default();
        let literal = |text: &str| LitStr::new(text, entity.span());
        let from = self
            .from
            .clone()
            .unwrap_or_else(|| literal(&format!("{table} t")));
        let belongs = self
            .belongs
            .clone()
            .unwrap_or_else(|| format_ident!("ToHousehold"));
        let household = self
            .household
            .clone()
            .unwrap_or_else(|| literal(household_of(&belongs)));
        let parent = self.parent.clone().unwrap_or_else(|| household.clone());
        let key = self.key.clone().unwrap_or_else(|| literal("t.id"));
        let order = self.order.clone().unwrap_or_else(|| key.clone());
        let region = self
            .region
            .clone()
            .unwrap_or_else(|| literal("t.region_code"));
        let departments = self.bounds.iter().map(|(department, _)| department);
        let conditions = self.bounds.iter().map(|(_, condition)| condition);
        let linked = self
            .linked
            .as_ref()
            .map_or_else(|| quote!(None), |linked| quote!(Some(#linked)));
        let beyond = self.beyond.as_ref().map_or_else(
            || quote!(None),
            |opening| quote!(Some(crate::db::Opening::#opening)),
        );
        quote! {
            impl crate::graphql::plan::Rows for #name {
                const BELONGS: crate::graphql::plan::Belongs = crate::graphql::plan::Belongs::#belongs;
                const FROM: &'static str = #from;
                const HOUSEHOLD: &'static str = #household;
                const PARENT: &'static str = #parent;
                const KEY: &'static str = #key;
                const ORDER: &'static str = #order;
                const REGION: &'static str = #region;
                const BOUNDS: &'static [(::entity::codes::Department, &'static str)] =
                    &[#((::entity::codes::Department::#departments, #conditions)),*];
                const LINKED: Option<&'static str> = #linked;
                const BEYOND: Option<crate::db::Opening> = #beyond;
            }
        }
    }
}

/// What an option of the struct says of the rows' owner.
fn belongs(option: &str) -> Option<&'static str> {
    match option {
        "of_region" => Some("ToRegion"),
        "reference" => Some("ToNobody"),
        _ => None,
    }
}

/// Keys are positive, so that of no household is 0 and lists below it are empty.
fn household_of(belongs: &Ident) -> &'static str {
    if belongs == "ToRegion" {
        "CAST(0 AS BIGINT)"
    } else {
        "t.household_id"
    }
}

#[derive(Default)]
struct FieldAttributes {
    column: Option<String>,
    filter: Option<String>,
    parent: Option<String>,
    name: Option<String>,
    skip: bool,
    method: bool,
    object: bool,
}

impl FieldAttributes {
    fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut found = FieldAttributes::default();
        for attribute in attributes {
            if attribute.path().is_ident("record") {
                attribute.parse_nested_meta(|meta| found.option(&meta))?;
            } else if attribute.path().is_ident("graphql") {
                attribute.parse_nested_meta(|meta| {
                    found.skip |= meta.path.is_ident("skip");
                    let Ok(value) = meta.value() else {
                        return Ok(());
                    };
                    let value: syn::Expr = value.parse()?;
                    if meta.path.is_ident("name") {
                        found.name = text_of(&value);
                    }
                    Ok(())
                })?;
            }
        }
        Ok(found)
    }

    fn option(&mut self, meta: &syn::meta::ParseNestedMeta<'_>) -> Result<()> {
        if meta.path.is_ident("method") {
            self.method = true;
            return Ok(());
        }
        if meta.path.is_ident("object") {
            self.object = true;
            return Ok(());
        }
        let value = meta.value()?.parse::<LitStr>()?.value();
        if meta.path.is_ident("column") {
            self.column = Some(value);
        } else if meta.path.is_ident("filter") {
            self.filter = Some(value);
        } else if meta.path.is_ident("parent") {
            self.parent = Some(value);
        } else {
            return Err(meta.error("expected column, filter, parent, method or object"));
        }
        Ok(())
    }
}

/// `#[graphql(name = "..")]` on the struct.
fn graphql_name(attributes: &[Attribute]) -> Option<String> {
    let mut name = None;
    for attribute in attributes.iter().filter(|a| a.path().is_ident("graphql")) {
        // Other options of async-graphql are its own to check.
        let _ = attribute.parse_nested_meta(|meta| {
            if let Ok(value) = meta.value() {
                let value: syn::Expr = value.parse()?;
                if meta.path.is_ident("name") {
                    name = text_of(&value);
                }
            }
            Ok(())
        });
    }
    name
}

fn text_of(value: &syn::Expr) -> Option<String> {
    match value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

fn pascal_case(snake: &str) -> String {
    snake
        .split('_')
        .map(|part| {
            let mut letters = part.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}

/// The name async-graphql gives a field; a test compares every name with the live schema.
fn camel_case(snake: &str) -> String {
    let pascal = pascal_case(snake);
    let mut letters = pascal.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
