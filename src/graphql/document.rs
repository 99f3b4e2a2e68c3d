//! Documents parsed, measured and validated once, by their text.

use super::{
    limits::{self, BadVariable, Limits, Measured, Refusal},
    shape::SchemaShape,
};
use crate::identifiers::looks_sensitive;
use async_graphql::{
    Name, Positioned, Variables,
    parser::{
        self,
        types::{
            Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
            SelectionSet,
        },
    },
};
use async_graphql_value::{ConstValue, Value};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// The SHA-256 of a document's text.
pub type DocumentHash = [u8; 32];

/// A document within the limits, parsed.
pub struct Document {
    pub text: Arc<str>,
    pub hash: DocumentHash,
    parsed: ExecutableDocument,
    operations: HashMap<Option<Name>, Operation>,
    switches: Vec<Name>,
    /// Asks for `__schema` or `__type`, or for `_service`, which tells the same.
    pub introspects: bool,
    /// Whether anything may be remembered of this document: not of one that is too long, or that holds what looks like the
    /// number of a person or a card.
    pub memorable: bool,
}

/// One operation of a document.
pub struct Operation {
    /// The name it has in the document.
    pub name: Option<Name>,
    pub kind: OperationType,
    pub measured: Measured,
    /// Variables inside lists and objects: strict validation skips a literal whose variables are absent.
    inner_variables: Vec<Name>,
    validated: AtomicBool,
}

impl Operation {
    /// Whether strict validation has passed once, so that only the variables are still to be checked.
    #[must_use]
    pub fn is_validated(&self) -> bool {
        self.validated.load(Ordering::Relaxed)
    }

    /// Strict validation passed with these variables.
    pub fn set_validated(&self, variables: &Variables) {
        if self
            .inner_variables
            .iter()
            .all(|name| variables.contains_key(name))
        {
            self.validated.store(true, Ordering::Relaxed);
        }
    }
}

/// Which operation a request means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoOperation {
    /// Several operations and no `operationName`.
    NameRequired,
    /// No operation of that name.
    UnknownName,
}

impl Document {
    /// Scans, parses and measures a text.
    ///
    /// # Errors
    /// When the text is no document or over a limit.
    pub fn parse(text: &str, shape: &SchemaShape, limits: &Limits) -> Result<Self, Refusal> {
        limits::scan(text, limits)?;
        // The parser's message repeats the line, so only its position is kept.
        let parsed = parser::parse_query(text).map_err(|error| Refusal::Syntax {
            position: error.positions().next(),
        })?;
        let mut measured = limits::measure(&parsed, shape, limits)?;
        let mut found = Found::default();
        for fragment in parsed.fragments.values() {
            found.selection(&fragment.node.selection_set.node);
        }
        let operations = parsed
            .operations
            .iter()
            .filter_map(|(name, operation)| {
                let measured = measured.remove(&name.cloned())?;
                found.selection(&operation.node.selection_set.node);
                Some((
                    name.cloned(),
                    Operation {
                        name: name.cloned(),
                        kind: operation.node.ty,
                        measured,
                        inner_variables: Vec::new(),
                        validated: AtomicBool::new(false),
                    },
                ))
            })
            .collect::<HashMap<_, _>>();
        Ok(Document::of(text, parsed, operations, found))
    }

    fn of(
        text: &str,
        parsed: ExecutableDocument,
        mut operations: HashMap<Option<Name>, Operation>,
        found: Found,
    ) -> Self {
        for operation in operations.values_mut() {
            operation.inner_variables = found.inner.iter().cloned().collect();
        }
        Document {
            text: text.into(),
            hash: Sha256::digest(text).into(),
            parsed,
            operations,
            switches: found.switches.into_iter().collect(),
            introspects: found.introspects,
            memorable: true,
        }
    }

    #[must_use]
    pub fn parsed(&self) -> &ExecutableDocument {
        &self.parsed
    }

    /// The operation that a request with this `operationName` means.
    ///
    /// # Errors
    /// When there is none, or more than one and no name.
    pub fn operation(&self, name: Option<&str>) -> Result<&Operation, NoOperation> {
        match name {
            Some(name) => self
                .operations
                .get(&Some(Name::new(name)))
                .ok_or(NoOperation::UnknownName),
            None if self.operations.len() == 1 => self
                .operations
                .values()
                .next()
                .ok_or(NoOperation::UnknownName),
            None => Err(NoOperation::NameRequired),
        }
    }

    /// The definition of an operation of this document.
    #[must_use]
    pub fn definition(&self, operation: &Operation) -> Option<&OperationDefinition> {
        self.parsed
            .operations
            .iter()
            .find(|(name, _)| *name == operation.name.as_ref())
            .map(|(_, definition)| &definition.node)
    }

    /// What the request gives for each variable that `@skip` and `@include` look at: part of the key of a plan.
    #[must_use]
    pub fn switches(&self, variables: &Variables) -> Vec<Option<bool>> {
        self.switches
            .iter()
            .map(|name| match variables.get(name) {
                Some(ConstValue::Boolean(on)) => Some(*on),
                _ => None,
            })
            .collect()
    }

    /// Gives the variables of `@skip` and `@include` their defaults, which the library applies to arguments only.
    pub fn default_switches(&self, operation: &OperationDefinition, variables: &mut Variables) {
        for definition in &operation.variable_definitions {
            let name = &definition.node.name.node;
            if let Some(default) = &definition.node.default_value
                && self.switches.contains(name)
                && !variables.contains_key(name)
            {
                variables.insert(name.clone(), default.node.clone());
            }
        }
    }

    /// Refuses a variable of `@skip` or `@include` that is given as null: its type may allow that, the directives don't.
    ///
    /// # Errors
    /// The first such variable.
    pub fn check_switches(
        &self,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Result<(), BadVariable> {
        let null = operation.variable_definitions.iter().find(|definition| {
            let name = &definition.node.name.node;
            self.switches.contains(name) && variables.get(name) == Some(&ConstValue::Null)
        });
        null.map_or(Ok(()), |definition| {
            Err(BadVariable {
                path: format!("${}", definition.node.name.node),
                expected: "Boolean!".to_owned(),
                position: definition.pos,
            })
        })
    }

    /// The names of the variables that `@skip` and `@include` look at, sorted.
    #[must_use]
    pub fn switch_names(&self) -> &[Name] {
        &self.switches
    }
}

/// What a walk over all selections finds.
#[derive(Default)]
struct Found {
    switches: BTreeSet<Name>,
    inner: BTreeSet<Name>,
    introspects: bool,
}

impl Found {
    fn selection(&mut self, set: &SelectionSet) {
        for item in &set.items {
            self.directives(item.node.directives());
            match &item.node {
                Selection::Field(field) => self.field(&field.node),
                Selection::InlineFragment(inline) => {
                    self.selection(&inline.node.selection_set.node)
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn field(&mut self, field: &Field) {
        self.introspects |= matches!(field.name.node.as_str(), "__schema" | "__type" | "_service");
        for (_, value) in &field.arguments {
            if !matches!(value.node, Value::Variable(_)) {
                self.inner_variables(&value.node);
            }
        }
        self.selection(&field.selection_set.node);
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        for directive in directives {
            if !matches!(directive.node.name.node.as_str(), "skip" | "include") {
                continue;
            }
            if let Some(Value::Variable(name)) =
                directive.node.get_argument("if").map(|value| &value.node)
            {
                self.switches.insert(name.clone());
            }
        }
    }

    fn inner_variables(&mut self, value: &Value) {
        match value {
            Value::Variable(name) => {
                self.inner.insert(name.clone());
            }
            Value::List(items) => items.iter().for_each(|item| self.inner_variables(item)),
            Value::Object(fields) => fields
                .values()
                .for_each(|field| self.inner_variables(field)),
            _ => {}
        }
    }
}

/// How much the cache may hold.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheLimits {
    /// Documents kept parsed.
    pub documents: usize,
    /// Bytes of document text kept. A parsed document takes about 15 times its text.
    pub text_bytes: usize,
    /// Longer documents are parsed each time.
    pub longest_text_bytes: usize,
}

impl Default for CacheLimits {
    fn default() -> Self {
        CacheLimits {
            documents: 1_000,
            text_bytes: 4 << 20,
            longest_text_bytes: 64 << 10,
        }
    }
}

struct Kept {
    document: Arc<Document>,
    last_used: AtomicU64,
    used_again: AtomicBool,
}

#[derive(Default)]
struct Shelf {
    by_text: HashMap<Arc<str>, Kept>,
    text_bytes: usize,
}

/// The documents this process has seen and may see again.
///
/// Only documents that parsed and are within the limits are kept; those used once leave before those used again, so
/// that a client which makes up a new text for each request does not push out everybody else's.
pub struct Documents {
    shelf: RwLock<Shelf>,
    clock: AtomicU64,
    limits: Limits,
    cache: CacheLimits,
}

impl Documents {
    #[must_use]
    pub fn new(limits: Limits, cache: CacheLimits) -> Self {
        Documents {
            shelf: RwLock::default(),
            clock: AtomicU64::new(0),
            limits,
            cache,
        }
    }

    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The document of a text, parsed now or before.
    ///
    /// # Errors
    /// When the text is no document or over a limit.
    pub fn fetch(&self, text: &str, shape: &SchemaShape) -> Result<Arc<Document>, Refusal> {
        if let Some(document) = self.find(text) {
            return Ok(document);
        }
        let mut document = Document::parse(text, shape, &self.limits)?;
        document.memorable = text.len() <= self.cache.longest_text_bytes && !looks_sensitive(text);
        let document = Arc::new(document);
        if document.memorable {
            self.keep(&document);
        }
        Ok(document)
    }

    /// How many documents are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shelf
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .by_text
            .len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn find(&self, text: &str) -> Option<Arc<Document>> {
        let shelf = self.shelf.read().unwrap_or_else(PoisonError::into_inner);
        let kept = shelf.by_text.get(text)?;
        kept.last_used.store(
            self.clock.fetch_add(1, Ordering::Relaxed),
            Ordering::Relaxed,
        );
        kept.used_again.store(true, Ordering::Relaxed);
        Some(kept.document.clone())
    }

    fn keep(&self, document: &Arc<Document>) {
        let mut shelf = self.shelf.write().unwrap_or_else(PoisonError::into_inner);
        while shelf.by_text.len() >= self.cache.documents
            || shelf.text_bytes + document.text.len() > self.cache.text_bytes
        {
            let order = |kept: &Kept| {
                (
                    kept.used_again.load(Ordering::Relaxed),
                    kept.last_used.load(Ordering::Relaxed),
                )
            };
            let oldest = shelf.by_text.iter().min_by_key(|(_, kept)| order(kept));
            let Some(text) = oldest.map(|(text, _)| text.clone()) else {
                return;
            };
            shelf.by_text.remove(&text);
            shelf.text_bytes -= text.len();
        }
        let kept = Kept {
            document: document.clone(),
            last_used: AtomicU64::new(self.clock.fetch_add(1, Ordering::Relaxed)),
            used_again: AtomicBool::new(false),
        };
        if shelf.by_text.insert(document.text.clone(), kept).is_none() {
            shelf.text_bytes += document.text.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::limits::Limit;
    use async_graphql::{EmptyMutation, SimpleObject, value};
    use std::time::{Duration, Instant};

    struct Root;
    #[derive(SimpleObject)]
    struct Household {
        id: i32,
    }
    #[async_graphql::Object]
    impl Root {
        async fn me(&self) -> Root {
            Root
        }
        async fn name(&self) -> &str {
            ""
        }
        async fn households(&self, first: Option<i32>) -> Vec<Household> {
            let _ = first;
            vec![Household { id: 1 }]
        }
    }

    fn parse(text: &str) -> Result<Document, Refusal> {
        Document::parse(
            text,
            &SchemaShape::of::<Root, EmptyMutation>(),
            &Limits::default(),
        )
    }
    fn refused(text: &str) -> Limit {
        let timed = || {
            let start = Instant::now();
            let refusal = parse(text).err().expect("refused");
            (start.elapsed(), refusal)
        };
        // The fastest of five: the machine is shared, and the code is not optimised here.
        let fastest = (0..5).map(|_| timed().0).min().expect("five");
        assert!(fastest < Duration::from_millis(5), "{fastest:?}");
        match timed().1 {
            Refusal::Over {
                limit,
                value,
                allowed,
                ..
            } => {
                assert!(value > allowed);
                limit
            }
            other => panic!("{other:?}"),
        }
    }

    fn bomb(levels: usize, fan_out: usize) -> String {
        let mut text = "{me{...F0}}".to_owned();
        for level in 0..levels {
            let below = format!("...F{} ", level + 1).repeat(fan_out);
            text += &format!("fragment F{level} on Root{{{below}}}");
        }
        text + &format!("fragment F{levels} on Root{{name}}")
    }

    #[test]
    fn fragment_bombs_of_any_shape_are_refused_at_once() {
        for levels in 13..=31 {
            for fan_out in [2, 3, 10, 50] {
                let limit = refused(&bomb(levels, fan_out));
                assert!(
                    matches!(limit, Limit::Fields | Limit::Nesting | Limit::Tokens),
                    "{levels} {fan_out} {limit:?}"
                );
            }
        }
        assert_eq!(refused(&bomb(24, 2)), Limit::Fields);
        assert_eq!(refused(&bomb(3, 50)), Limit::Fields);
        // A bomb whose last fuse is missing expands to no field at all.
        assert_eq!(
            refused(&bomb(24, 2).replace("fragment F24 on Root{name}", "")),
            Limit::Fields
        );
    }

    #[test]
    fn each_limit_holds_and_one_below_it_passes() {
        let names = |n: usize, sep: &str| {
            (0..n)
                .map(|i| format!("a{i}:name"))
                .collect::<Vec<_>>()
                .join(sep)
        };
        assert_eq!(
            refused(&format!("{{me{{{}}}}}", names(31, " "))),
            Limit::Aliases
        );
        assert!(parse(&format!("{{me{{{}}}}}", names(30, " "))).is_ok());
        assert_eq!(
            refused(&format!("{{me{{{}}}}}", names(100_000, " "))),
            Limit::Tokens
        );
        assert_eq!(
            refused(&format!("{{{}}}", names(11, ","))),
            Limit::RootFields
        );
        assert_eq!(
            refused(&format!("{}name{}", "{me".repeat(15) + "{", "}".repeat(16))).code(),
            "LIMIT_DEPTH"
        );
        assert_eq!(
            refused(&format!("{{name{}}}", " @skip(if:false)".repeat(51))),
            Limit::Directives
        );
        assert_eq!(refused(&"{".repeat(200_000)), Limit::Brackets);
        assert_eq!(
            refused(&format!("{{a(b:{}", "[".repeat(200_000))),
            Limit::Brackets
        );
        let fragments: String = (0..51)
            .map(|n| format!("fragment F{n} on Root{{name}}"))
            .collect();
        assert_eq!(refused(&format!("{{name}}{fragments}")), Limit::Fragments);
    }

    #[test]
    fn a_cycle_is_refused() {
        let cycle = "{me{...A}} fragment A on Root{me{...B}} fragment B on Root{...A}";
        assert!(matches!(parse(cycle), Err(Refusal::FragmentCycle { .. })));
    }

    #[test]
    fn pages_multiply_what_is_below() {
        let cost = |text: &str, variables| {
            let document = parse(text).unwrap_or_else(|_| panic!("within limits"));
            let operation = document.operation(None).unwrap();
            operation
                .measured
                .cost(&Variables::from_value(variables), &Limits::default())
        };
        assert_eq!(cost("{name}", value!({})), Ok(1));
        assert_eq!(cost("{households{id}}", value!({})), Ok(21));
        assert_eq!(cost("{households(first:100){id}}", value!({})), Ok(101));
        let page = "query($n:Int=5){me{...F}} fragment F on Root{households(first:$n){id}}";
        assert_eq!(cost(page, value!({})), Ok(7));
        assert_eq!(cost(page, value!({"n": 40})), Ok(42));
        assert!(cost(page, value!({"n": 9_000_000_000_000_000_000_u64})).is_err());
        assert_eq!(cost(page, value!({"n": -1})), Ok(22));
    }

    #[test]
    fn syntax_errors_are_not_kept_and_the_cache_is_bounded() {
        let shape = SchemaShape::of::<Root, EmptyMutation>();
        let documents = Documents::new(
            Limits::default(),
            CacheLimits {
                documents: 3,
                ..CacheLimits::default()
            },
        );
        assert!(documents.fetch("{name", &shape).is_err());
        assert!(documents.is_empty());
        let first = documents.fetch("{name}", &shape).unwrap();
        for n in 0..20 {
            documents.fetch(&format!("{{a{n}:name}}"), &shape).unwrap();
            assert!(Arc::ptr_eq(
                &first,
                &documents.fetch("{name}", &shape).unwrap()
            ));
        }
        assert_eq!(documents.len(), 3);
    }

    #[test]
    fn numbers_of_persons_are_not_kept() {
        let shape = SchemaShape::of::<Root, EmptyMutation>();
        let documents = Documents::new(Limits::default(), CacheLimits::default());
        for text in [
            "{name} # 15260119800101123X",
            "{me{name}} # 6222020200112233445",
        ] {
            assert!(!documents.fetch(text, &shape).unwrap().memorable);
        }
        assert!(documents.is_empty());
        assert!(documents.fetch("{name}", &shape).unwrap().memorable);
        assert_eq!(documents.len(), 1);
    }

    #[test]
    fn switches_are_the_variables_of_skip_and_include() {
        let document = parse("query($b:Boolean!,$a:Boolean!){name @skip(if:$b) me{...F}} fragment F on Root{name @include(if:$a)}").ok().unwrap();
        assert_eq!(document.switch_names(), [Name::new("a"), Name::new("b")]);
        assert_eq!(
            document.switches(&Variables::from_value(value!({"b": true}))),
            [None, Some(true)]
        );
    }

    #[test]
    fn comments_and_strings_do_not_hide_or_make_tokens() {
        let limits = Limits::default();
        assert_eq!(
            limits::scan("{a(b:\"{{{{ \\\" {{\") # {{{\n c}", &limits),
            Ok(9)
        );
        assert_eq!(limits::scan("\"\"\" \\\"\"\" {{{ \"\"\" a", &limits), Ok(2));
        assert_eq!(limits::scan("\"\"\" never closed {{{", &limits), Ok(1));
    }
}
