//! What is null in an answer and why: one error for each selection, with a count, not one for each row.

use super::Spec;
use crate::graphql::{
    language::Language,
    rewrite::{self, INTERNAL, UNAVAILABLE},
};
use async_graphql::{
    ContextSelectionSet, Error, ErrorExtensions, OutputType, PathSegment, Pos, Positioned,
    ServerError, ServerResult, Value, parser::types::Field, registry::Registry,
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

/// The code of a server with too much to do.
const OVERLOADED: &str = "OVERLOADED";

/// Why a field was not answered: a stable code, the argument it is about, and a sentence in both languages.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub code: &'static str,
    /// The path of the argument that is wrong, from the field's argument downwards. Empty where none is.
    pub argument: Vec<String>,
    pub chinese: String,
    pub english: String,
}

impl Refusal {
    #[must_use]
    pub fn new(code: &'static str, chinese: impl Into<String>, english: impl Into<String>) -> Self {
        Refusal {
            code,
            argument: vec![],
            chinese: chinese.into(),
            english: english.into(),
        }
    }
    /// An argument that can't be served.
    #[must_use]
    pub fn argument(
        code: &'static str,
        path: &[&str],
        chinese: impl Into<String>,
        english: impl Into<String>,
    ) -> Self {
        Refusal {
            argument: path.iter().map(ToString::to_string).collect(),
            ..Refusal::new(code, chinese, english)
        }
    }
    /// A text that no column can hold.
    #[must_use]
    pub fn unwritable(path: &[&str]) -> Self {
        Refusal::argument(
            "INVALID_TEXT",
            path,
            "文本不能含有 NUL 字符。",
            "A text must not hold the character NUL.",
        )
    }
    #[must_use]
    pub fn forbidden() -> Self {
        Refusal::new(
            "FORBIDDEN",
            "您的部门或角色无权读取此项。",
            "Your department or role may not read this.",
        )
    }
    /// A fault of ours: already logged with its causes where it happened.
    #[must_use]
    pub fn internal() -> Self {
        Refusal::new(
            INTERNAL,
            "服务器出错，请稍后重试；如仍出错，请告知请求编号。",
            "The server failed. Try again later; if it fails again, report the request id.",
        )
    }

    /// All connections to the database are in use.
    #[must_use]
    pub fn overloaded() -> Self {
        Refusal::new(
            OVERLOADED,
            "服务繁忙，请稍后重试。",
            "The server is busy. Try again later.",
        )
    }
    /// The database can't be reached.
    #[must_use]
    pub fn unavailable() -> Self {
        Refusal::new(
            UNAVAILABLE,
            rewrite::unavailable(Language::Chinese),
            rewrite::unavailable(Language::English),
        )
    }

    /// Whether the same may well succeed a moment later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        [INTERNAL, OVERLOADED, UNAVAILABLE].contains(&self.code)
    }

    /// What an error below says of its cause: an argument of the client that does not fit its type, else a fault of ours.
    fn of(error: &ServerError) -> Self {
        rewrite::misfit(error).unwrap_or_else(Refusal::internal)
    }

    #[must_use]
    pub fn into_error(self, language: Language) -> Error {
        let argument = self.argument;
        Error::new(language.pick(self.chinese, self.english)).extend_with(|_, extensions| {
            extensions.set("code", self.code);
            if !argument.is_empty() {
                extensions.set(
                    "argument",
                    argument.into_iter().map(Value::from).collect::<Vec<_>>(),
                );
            }
        })
    }
}

/// The nulls of one request, by selection.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<BTreeMap<Vec<String>, Nulls>>>);

struct Nulls {
    refusal: Refusal,
    pos: Pos,
    at: BTreeSet<Place>,
}

/// A path of the answer that sorts as the answer is read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Index(usize),
    Field(String),
}
type Place = Vec<Step>;

impl Faults {
    /// Null, and one error more for this selection.
    pub fn add(&self, path: &[PathSegment], pos: Pos, refusal: Refusal) {
        let selection = path
            .iter()
            .filter_map(|segment| match segment {
                PathSegment::Field(key) => Some(key.clone()),
                PathSegment::Index(_) => None,
            })
            .collect();
        let place = place_of(path);
        let mut nulls = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let nulls = nulls.entry(selection).or_insert_with(|| Nulls {
            refusal,
            pos,
            at: BTreeSet::new(),
        });
        nulls.pos = nulls.pos.min(pos);
        nulls.at.insert(place);
    }

    /// Nothing is left of what stood below a null.
    fn forget_below(&self, path: &[PathSegment]) {
        let place = place_of(path);
        let mut nulls = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        nulls.retain(|_, nulls| {
            nulls
                .at
                .retain(|at| at.len() <= place.len() || !at.starts_with(&place));
            !nulls.at.is_empty()
        });
    }

    /// The errors of the answer, in the order of the selections' paths.
    #[must_use]
    pub fn errors(&self, language: Language) -> Vec<ServerError> {
        let nulls = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        nulls
            .values()
            .map(|nulls| {
                let error = nulls
                    .refusal
                    .clone()
                    .into_error(language)
                    .extend_with(|_, extensions| extensions.set("count", nulls.at.len()));
                ServerError {
                    path: nulls
                        .at
                        .first()
                        .map(|place| segments(place))
                        .unwrap_or_default(),
                    ..error.into_server_error(nulls.pos)
                }
            })
            .collect()
    }

    /// In stock resolution: null for a field the viewer may not read.
    pub fn refused(ctx: &ContextSelectionSet<'_>, _: &'static Spec, pos: Pos) -> Value {
        ctx.data_unchecked::<Faults>()
            .add(&path_of(ctx), pos, Refusal::forbidden());
        Value::Null
    }

    /// In stock resolution: the value, or null for what failed below.
    pub fn or_null(ctx: &ContextSelectionSet<'_>, pos: Pos, result: ServerResult<Value>) -> Value {
        result.unwrap_or_else(|error| {
            let (faults, path) = (ctx.data_unchecked::<Faults>(), path_of(ctx));
            faults.forget_below(&path);
            faults.add(&path, pos, Refusal::of(&error));
            Value::Null
        })
    }
}

fn place_of(path: &[PathSegment]) -> Place {
    path.iter()
        .map(|segment| match segment {
            PathSegment::Field(key) => Step::Field(key.clone()),
            PathSegment::Index(index) => Step::Index(*index),
        })
        .collect()
}

fn segments(place: &[Step]) -> Vec<PathSegment> {
    place
        .iter()
        .map(|step| match step {
            Step::Field(key) => PathSegment::Field(key.clone()),
            Step::Index(index) => PathSegment::Index(*index),
        })
        .collect()
}

/// Where in the answer stock resolution is.
pub fn path_of<T>(ctx: &async_graphql::ContextBase<'_, T>) -> Vec<PathSegment> {
    ctx.set_error_path(ServerError::new("", None)).path
}

/// The answer of a root field: null with one error where it was refused, never the whole answer lost.
pub struct Outcome<T>(Result<Option<T>, Refusal>);

impl<T> From<Result<Option<T>, Refusal>> for Outcome<T> {
    fn from(result: Result<Option<T>, Refusal>) -> Self {
        Outcome(result)
    }
}
impl<T> From<Result<T, Refusal>> for Outcome<T> {
    fn from(result: Result<T, Refusal>) -> Self {
        Outcome(result.map(Some))
    }
}

impl<T: OutputType> OutputType for Outcome<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }
    fn qualified_type_name() -> String {
        T::qualified_type_name().trim_end_matches('!').to_owned()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
            .trim_end_matches('!')
            .to_owned()
    }
    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let refusal = match &self.0 {
            Ok(None) => return Ok(Value::Null),
            Ok(Some(value)) => match value.resolve(ctx, field).await {
                Ok(value) => return Ok(value),
                Err(error) => Refusal::of(&error),
            },
            Err(refusal) => refusal.clone(),
        };
        let (faults, path) = (ctx.data_unchecked::<Faults>(), path_of(ctx));
        faults.forget_below(&path);
        faults.add(&path, field.pos, refusal);
        Ok(Value::Null)
    }
}
