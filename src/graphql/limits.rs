//! The pre-pass: what a document may ask for, decided before anything is resolved.
//!
//! Two steps. [`scan`] counts tokens and brackets in the text before the parser sees it, so that neither the parser's
//! time nor its stack depends on the sender. [`measure`] walks the parsed document once, each fragment once, with
//! saturating arithmetic: 24 fragments that each spread the next twice expand to 16 million fields, and expanding them
//! in order to count them would be the attack itself.

use super::{language::Language, shape::SchemaShape};
use async_graphql::{
    Pos, Positioned, Variables,
    parser::types::{
        ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType,
        Selection, SelectionSet,
    },
    registry::MetaTypeName,
};
use async_graphql_value::{ConstValue, Name, Value};
use std::collections::HashMap;

/// Brackets of any kind that may be open at once: the parser recurses on each of them.
const OPEN_BRACKETS: u64 = 48;
/// Objects a page holds where the client names no `first`.
const PAGE_DEFAULT: u64 = 20;

/// Fields whose objects are computed one by one: for how many each stands in the cost.
const COMPUTED: [(&str, &str, u64); 5] = [
    ("Household", "entitlements", 20),
    ("Person", "entitlements", 10),
    // As many rows as a list may have.
    ("Query", "rosterMatch", 500),
    // Two rules over thousands of households.
    ("Query", "simulation", 1_000),
    // A search over the rule.
    ("Explanation", "nearestChange", 50),
];

/// Lists that look at so many objects to find those they give.
const SEARCHED: [(&str, &str, u64); 1] = [("Query", "entitled", 1_000)];

/// Limits of one document.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Lexical tokens of a document.
    pub tokens: u64,
    /// Fragment definitions of a document.
    pub fragments: u64,
    /// Aliases in one selection, through its fragments.
    pub aliases: u64,
    /// Fields at the root of one operation.
    pub root_fields: u64,
    /// Directives of a document.
    pub directives: u64,
    /// Selections after fragments are expanded.
    pub fields: u64,
    /// Fields below one another. The introspection query of GraphiQL needs 13 to 15.
    pub depth: u64,
    /// Selections of any kind below one another: fields, fragments and inline fragments.
    pub nesting: u64,
    /// Cost: expanded fields, each multiplied by the sizes of the pages above it. A page of 100 households with every
    /// field of every slice costs about 101,000.
    pub cost: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            tokens: 2_000,
            fragments: 50,
            aliases: 30,
            root_fields: 10,
            directives: 50,
            fields: 5_000,
            depth: 15,
            nesting: 30,
            cost: 120_000,
        }
    }
}

/// Which limit a document went over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Tokens,
    Brackets,
    Fragments,
    Aliases,
    RootFields,
    Directives,
    Fields,
    Depth,
    Nesting,
    Cost,
}

impl Limit {
    /// The code of the refusal.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Limit::Tokens => "LIMIT_TOKENS",
            Limit::Brackets => "LIMIT_BRACKETS",
            Limit::Fragments => "LIMIT_FRAGMENTS",
            Limit::Aliases => "LIMIT_ALIASES",
            Limit::RootFields => "LIMIT_ROOT_FIELDS",
            Limit::Directives => "LIMIT_DIRECTIVES",
            Limit::Fields => "LIMIT_FIELDS",
            Limit::Depth => "LIMIT_DEPTH",
            Limit::Nesting => "LIMIT_NESTING",
            Limit::Cost => "LIMIT_COST",
        }
    }

    /// What is counted, and what the client can do.
    fn words(self, language: Language) -> (&'static str, &'static str) {
        match self {
            Limit::Tokens => language.pick(
                ("词法单元", "请把文档拆成几次请求"),
                ("tokens", "split the document into several requests"),
            ),
            Limit::Brackets => language.pick(
                ("同时打开的括号", "请减少嵌套层数"),
                ("open brackets", "nest less"),
            ),
            Limit::Fragments => language.pick(
                ("片段定义", "请合并片段"),
                ("fragment definitions", "merge fragments"),
            ),
            Limit::Aliases => language.pick(
                ("一个选择集中的别名", "请改用列表字段，例如 nodes(ids:)"),
                (
                    "aliases in one selection",
                    "use a list field such as nodes(ids:)",
                ),
            ),
            Limit::RootFields => language.pick(
                ("根字段", "请拆成几次请求"),
                ("root fields", "split the operation into several requests"),
            ),
            Limit::Directives => language.pick(
                ("指令", "请减少 @skip 和 @include"),
                ("directives", "use fewer @skip and @include"),
            ),
            Limit::Fields => language.pick(
                ("展开后的字段", "请减少字段或片段展开"),
                (
                    "fields after expansion",
                    "select fewer fields or spread fewer fragments",
                ),
            ),
            Limit::Depth => language.pick(
                ("字段深度", "请从更近的对象开始查询，例如 node(id:)"),
                (
                    "depth of fields",
                    "start nearer to the object, for example with node(id:)",
                ),
            ),
            Limit::Nesting => language.pick(
                ("选择集嵌套", "请减少嵌套的片段"),
                ("nested selections", "nest fewer fragments"),
            ),
            Limit::Cost => language.pick(
                ("查询成本", "请减小 first 或减少每页的字段"),
                (
                    "cost",
                    "ask for smaller pages (first) or fewer fields of each",
                ),
            ),
        }
    }
}

/// Why a document is refused before it runs. No text of the document is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Over a limit. Counting stops early, so `value` may be only the first value beyond it.
    Over {
        limit: Limit,
        allowed: u64,
        value: u64,
        position: Option<Pos>,
    },
    /// A fragment spreads itself, directly or through others.
    FragmentCycle { position: Pos },
    /// The text is no GraphQL document.
    Syntax { position: Option<Pos> },
}

impl Refusal {
    /// The stable code of this refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Over { limit, .. } => limit.code(),
            Refusal::FragmentCycle { .. } => "FRAGMENT_CYCLE",
            Refusal::Syntax { .. } => "SYNTAX",
        }
    }

    #[must_use]
    pub fn position(&self) -> Option<Pos> {
        match self {
            Refusal::Over { position, .. } | Refusal::Syntax { position } => *position,
            Refusal::FragmentCycle { position } => Some(*position),
        }
    }

    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Refusal::Over {
                limit,
                allowed,
                value,
                ..
            } => {
                let (what, remedy) = limit.words(language);
                match language {
                    Language::Chinese => {
                        format!("{what}超过上限：上限 {allowed}，本次 {value}。{remedy}。")
                    }
                    Language::English => {
                        format!(
                            "Over the limit of {what}: {allowed} are allowed, this document has {value}; {remedy}."
                        )
                    }
                }
            }
            Refusal::FragmentCycle { .. } => language
                .pick(
                    "片段不能包含自身，请去掉循环。",
                    "A fragment must not contain itself; remove the cycle.",
                )
                .to_owned(),
            Refusal::Syntax { .. } => language
                .pick(
                    "GraphQL 文档有语法错误，请检查所示位置。",
                    "The GraphQL document has a syntax error; see the position.",
                )
                .to_owned(),
        }
    }
}

/// A variable that does not fit its declared type. Its value is not in here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadVariable {
    /// For example `$input.lines[2].amount`; `.*` where the input has a field that its type has not.
    pub path: String,
    /// The declared type of the variable.
    pub expected: String,
    pub position: Pos,
}

/// Counts tokens, open brackets and directives of a text, without parsing it.
///
/// # Errors
/// As soon as one is over its limit.
pub fn scan(text: &str, limits: &Limits) -> Result<u64, Refusal> {
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut open, mut directives) = (0, 0_u64, 0_u64, 0_u64);
    while at < bytes.len() {
        let start = at;
        at = match bytes[at] {
            b' ' | b'\t' | b'\r' | b'\n' | b',' | 0xEF | 0xBB | 0xBF => {
                at += 1;
                continue;
            }
            b'#' => {
                at = bytes[at..]
                    .iter()
                    .position(|b| matches!(b, b'\n' | b'\r'))
                    .map_or(bytes.len(), |n| at + n);
                continue;
            }
            b'"' => {
                let end = string_end(bytes, at);
                if has_half_character(&bytes[at..end]) {
                    let position = Some(position_of(bytes, at));
                    return Err(Refusal::Syntax { position });
                }
                end
            }
            b'.' if bytes[at..].starts_with(b"...") => at + 3,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' | b'-' => word_end(bytes, at),
            _ => at + 1,
        };
        tokens += 1;
        match bytes[start] {
            b'{' | b'(' | b'[' => open += 1,
            b'}' | b')' | b']' => open = open.saturating_sub(1),
            b'@' => directives += 1,
            _ => {}
        }
        for (limit, value, allowed) in [
            (Limit::Tokens, tokens, limits.tokens),
            (Limit::Brackets, open, OPEN_BRACKETS),
            (Limit::Directives, directives, limits.directives),
        ] {
            if value > allowed {
                let position = Some(position_of(bytes, start));
                return Err(Refusal::Over {
                    limit,
                    allowed,
                    value,
                    position,
                });
            }
        }
    }
    Ok(tokens)
}

fn word_end(bytes: &[u8], start: usize) -> usize {
    bytes[start + 1..]
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')))
        .map_or(bytes.len(), |n| start + 1 + n)
}

/// The byte after a string or block string; the end of the text where it is not closed.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let block = bytes[start..].starts_with(b"\"\"\"");
    let mut at = start + if block { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if block && bytes[at..].starts_with(b"\\\"\"\"") => at += 4,
            b'\\' if !block => at += 2,
            b'"' if block && bytes[at..].starts_with(b"\"\"\"") => return at + 3,
            b'"' if !block => return at + 1,
            b'\n' | b'\r' if !block => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Whether a string escapes half of a character (U+D800 to U+DFFF): no text holds one, and the parser panics at it.
fn has_half_character(string: &[u8]) -> bool {
    let block = string.starts_with(b"\"\"\"");
    let mut rest = if block { &[] } else { string };
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let escape = &rest[at..];
        if let [
            _,
            b'u',
            b'd' | b'D',
            b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F',
            ..,
        ] = escape
        {
            return true;
        }
        rest = escape.get(2..).unwrap_or_default();
    }
    false
}

fn position_of(bytes: &[u8], offset: usize) -> Pos {
    let before = &bytes[..offset];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let line_start = before
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |n| n + 1);
    Pos {
        line,
        column: String::from_utf8_lossy(&before[line_start..])
            .chars()
            .count()
            + 1,
    }
}

/// What one operation of a document asks for.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Selections after expansion.
    pub fields: u64,
    pub depth: u64,
    pub(super) cost: Cost,
}

impl Measured {
    /// The cost with these variables.
    ///
    /// # Errors
    /// When it is over the limit.
    pub fn cost(&self, variables: &Variables, limits: &Limits) -> Result<u64, Refusal> {
        let value = self.cost.with(variables);
        if value > limits.cost {
            return Err(Refusal::Over {
                limit: Limit::Cost,
                allowed: limits.cost,
                value,
                position: None,
            });
        }
        Ok(value)
    }
}

/// Measures every operation of a parsed document, in the order of `operations.iter()`.
///
/// # Errors
/// When the document is over a limit or a fragment contains itself.
pub fn measure(
    document: &ExecutableDocument,
    shape: &SchemaShape,
    limits: &Limits,
) -> Result<HashMap<Option<Name>, Measured>, Refusal> {
    let count = document.fragments.len() as u64;
    if count > limits.fragments {
        let position = document
            .fragments
            .values()
            .map(|fragment| fragment.pos)
            .max();
        return Err(Refusal::Over {
            limit: Limit::Fragments,
            allowed: limits.fragments,
            value: count,
            position,
        });
    }
    let mut sizes = Sizes {
        document,
        limits,
        fragments: HashMap::new(),
    };
    for (name, fragment) in &document.fragments {
        sizes.fragment(name, fragment, 0)?;
    }
    let mut operations = HashMap::new();
    for (name, operation) in document.operations.iter() {
        let size = sizes.selection(&operation.node.selection_set.node, 0)?;
        sizes.check(size, operation.pos)?;
        // The specification allows a subscription one: each event is of one field.
        let allowed = match operation.node.ty {
            OperationType::Subscription => 1,
            _ => limits.root_fields,
        };
        if size.level_fields > allowed {
            return Err(Refusal::Over {
                limit: Limit::RootFields,
                allowed,
                value: size.level_fields,
                position: Some(operation.pos),
            });
        }
        // Only now: the cost is built by expanding, which the size just bounded.
        let cost = Costs {
            document,
            shape,
            definition: &operation.node,
        }
        .operation();
        let measured = Measured {
            fields: size.fields,
            depth: size.depth,
            cost,
        };
        operations.insert(name.cloned(), measured);
    }
    Ok(operations)
}

/// The expanded size of a selection.
#[derive(Clone, Copy, Default)]
struct Size {
    fields: u64,
    depth: u64,
    /// Selections of any kind below one another.
    nesting: u64,
    /// Fields at this level, through fragments.
    level_fields: u64,
    level_aliases: u64,
}

impl Size {
    fn beside(&mut self, other: Size) {
        self.fields = self.fields.saturating_add(other.fields);
        self.depth = self.depth.max(other.depth);
        self.nesting = self.nesting.max(other.nesting);
        self.level_fields = self.level_fields.saturating_add(other.level_fields);
        self.level_aliases = self.level_aliases.saturating_add(other.level_aliases);
    }
}

enum Known {
    Open,
    Done(Size),
}

struct Sizes<'a> {
    document: &'a ExecutableDocument,
    limits: &'a Limits,
    fragments: HashMap<&'a str, Known>,
}

impl<'a> Sizes<'a> {
    fn fragment(
        &mut self,
        name: &'a Name,
        fragment: &'a Positioned<FragmentDefinition>,
        level: u64,
    ) -> Result<Size, Refusal> {
        match self.fragments.get(name.as_str()) {
            Some(Known::Done(size)) => return Ok(*size),
            Some(Known::Open) => {
                return Err(Refusal::FragmentCycle {
                    position: fragment.pos,
                });
            }
            None => {}
        }
        self.fragments.insert(name, Known::Open);
        let size = self.selection(&fragment.node.selection_set.node, level)?;
        self.check(size, fragment.pos)?;
        self.fragments.insert(name, Known::Done(size));
        Ok(size)
    }

    fn selection(&mut self, set: &'a SelectionSet, level: u64) -> Result<Size, Refusal> {
        let mut whole = Size::default();
        for item in &set.items {
            // The walk itself recurses, so its depth is limited on the way down as well.
            if level > self.limits.nesting {
                return Err(self.over(Limit::Nesting, level, item.pos));
            }
            let mut size = match &item.node {
                Selection::Field(field) => {
                    let below = self.selection(&field.node.selection_set.node, level + 1)?;
                    if below.level_aliases > self.limits.aliases {
                        return Err(self.over(Limit::Aliases, below.level_aliases, field.pos));
                    }
                    Size {
                        depth: below.depth + 1,
                        level_fields: 1,
                        level_aliases: u64::from(field.node.alias.is_some()),
                        ..below
                    }
                }
                Selection::InlineFragment(inline) => {
                    self.selection(&inline.node.selection_set.node, level + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    match self
                        .document
                        .fragments
                        .get_key_value(&spread.node.fragment_name.node)
                    {
                        Some((name, fragment)) => self.fragment(name, fragment, level + 1)?,
                        None => Size::default(),
                    }
                }
            };
            size.fields = size.fields.saturating_add(1);
            size.nesting = size.nesting.saturating_add(1);
            whole.beside(size);
        }
        Ok(whole)
    }

    fn check(&self, size: Size, position: Pos) -> Result<(), Refusal> {
        for (limit, value, allowed) in [
            (Limit::Aliases, size.level_aliases, self.limits.aliases),
            (Limit::Fields, size.fields, self.limits.fields),
            (Limit::Depth, size.depth, self.limits.depth),
            (Limit::Nesting, size.nesting, self.limits.nesting),
        ] {
            if value > allowed {
                return Err(self.over(limit, value, position));
            }
        }
        Ok(())
    }

    fn over(&self, limit: Limit, value: u64, position: Pos) -> Refusal {
        let allowed = match limit {
            Limit::Aliases => self.limits.aliases,
            Limit::Fields => self.limits.fields,
            Limit::Depth => self.limits.depth,
            _ => self.limits.nesting,
        };
        Refusal::Over {
            limit,
            allowed,
            value,
            position: Some(position),
        }
    }
}

/// The cost of a selection as a function of the variables: fields, and pages that multiply what is below them.
#[derive(Clone, Debug, Default)]
pub(super) struct Cost {
    fixed: u64,
    pages: Vec<(Times, Cost)>,
}

#[derive(Clone, Debug)]
enum Times {
    Fixed(u64),
    Variable { name: Name, absent: u64 },
}

impl Cost {
    fn with(&self, variables: &Variables) -> u64 {
        self.pages.iter().fold(self.fixed, |sum, (times, below)| {
            let times = match times {
                Times::Fixed(times) => *times,
                Times::Variable { name, absent } => {
                    variables.get(name).and_then(size_of).unwrap_or(*absent)
                }
            };
            sum.saturating_add(times.max(1).saturating_mul(below.with(variables)))
        })
    }

    fn beside(&mut self, other: Cost) {
        self.fixed = self.fixed.saturating_add(other.fixed);
        self.pages.extend(other.pages);
    }
}

/// How many objects a value of `first`, `ids` or `representations` asks for.
fn size_of(value: &ConstValue) -> Option<u64> {
    match value {
        // A negative or fractional number is refused later; here it must only not be cheap.
        ConstValue::Number(number) => Some(number.as_u64().unwrap_or(PAGE_DEFAULT)),
        ConstValue::List(items) => Some(items.len() as u64),
        _ => None,
    }
}

struct Costs<'a> {
    document: &'a ExecutableDocument,
    shape: &'a SchemaShape,
    definition: &'a OperationDefinition,
}

impl<'a> Costs<'a> {
    fn operation(&self) -> Cost {
        let root = self.shape.root_type(self.definition.ty);
        self.selection(&self.definition.selection_set.node, root)
    }

    fn selection(&self, set: &'a SelectionSet, parent: Option<&'a str>) -> Cost {
        let mut whole = Cost::default();
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => whole.beside(self.field(&field.node, parent)),
                Selection::InlineFragment(inline) => {
                    let on = inline
                        .node
                        .type_condition
                        .as_ref()
                        .map(|on| on.node.on.node.as_str());
                    whole.beside(self.selection(&inline.node.selection_set.node, on.or(parent)));
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) =
                        self.document.fragments.get(&spread.node.fragment_name.node)
                    {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        whole.beside(self.selection(&fragment.node.selection_set.node, Some(on)));
                    }
                }
            }
        }
        whole
    }

    fn field(&self, field: &'a Field, parent: Option<&'a str>) -> Cost {
        let meta = parent.and_then(|parent| self.shape.field(parent, &field.name.node));
        let below_type = meta.map(|meta| MetaTypeName::concrete_typename(&meta.ty));
        let below = self.selection(&field.selection_set.node, below_type);
        let paged = meta.is_some_and(|meta| meta.args.contains_key("first"));
        let argument = ["first", "ids", "representations"]
            .into_iter()
            .find_map(|name| field.get_argument(name));
        let times = match argument.map(|value| &value.node) {
            Some(value) => self.times(value),
            None if paged => Times::Fixed(PAGE_DEFAULT),
            None => {
                let computed = COMPUTED
                    .iter()
                    .find(|(of, name, _)| Some(*of) == parent && *name == field.name.node.as_str());
                if let Some((.., times)) = computed {
                    return Cost {
                        fixed: 1,
                        pages: vec![(Times::Fixed(*times), below)],
                    };
                }
                return Cost {
                    fixed: below.fixed.saturating_add(1),
                    pages: below.pages,
                };
            }
        };
        let searched = SEARCHED
            .iter()
            .find(|(of, name, _)| Some(*of) == parent && *name == field.name.node.as_str());
        Cost {
            fixed: searched.map_or(1, |(.., objects)| *objects),
            pages: vec![(times, below)],
        }
    }

    fn times(&self, value: &Value) -> Times {
        match value {
            Value::Variable(name) => {
                let default = self
                    .definition
                    .variable_definitions
                    .iter()
                    .find(|of| of.node.name.node == *name);
                let absent = default
                    .and_then(|of| of.node.default_value.as_ref())
                    .and_then(|value| size_of(&value.node));
                Times::Variable {
                    name: name.clone(),
                    absent: absent.unwrap_or(PAGE_DEFAULT),
                }
            }
            Value::List(items) => Times::Fixed(items.len() as u64),
            Value::Number(number) => Times::Fixed(number.as_u64().unwrap_or(PAGE_DEFAULT)),
            _ => Times::Fixed(PAGE_DEFAULT),
        }
    }
}
