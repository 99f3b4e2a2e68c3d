//! What a mutation answers: the changed object, the client's mistakes, and who was faster.

use super::mistake::{COMMON, Code, Mistake};
use crate::{
    authz::Access,
    db::Param,
    graphql::{
        language::Language,
        plan::{Found, Outcome, Refusal, RootQuery, Rows},
        scalars::Moment,
        shape::SchemaShape,
    },
};
use async_graphql::{
    Context, ContextSelectionSet, Name, Object, OutputType, Positioned, ServerResult, SimpleObject,
    TypeName, Value,
    parser::types::{Field, OperationType},
    registry::{MetaEnumValue, MetaType, MetaTypeId, Registry},
};
use entity::codes::{ChangeAction, Department};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, marker::PhantomData, sync::Arc};

/// A business action: one mutation.
pub trait Action: Send + Sync + 'static {
    /// The field of the mutation root.
    const NAME: &'static str;
    /// The object that it changes.
    type Changed: Rows;
    /// What can go wrong besides what always can.
    const CODES: &'static [&'static Code];
    /// Whether it is about a household, so that a department above its own level does not do it.
    const BELOW_HOUSEHOLD: bool = true;
    /// Whether it moves money or decides on what somebody is entitled to: such a thing is not done while what is recorded of
    /// it would not be sealed.
    const NEEDS_SEALS: bool = false;
}

impl Done {
    /// The object of this key was changed.
    #[must_use]
    pub fn of(key: i64) -> Self {
        Done {
            key,
            others: vec![],
        }
    }
    /// The object of the first key was changed, and for that the others of its kind.
    #[must_use]
    pub fn with(key: i64, others: Vec<i64>) -> Self {
        Done { key, others }
    }
}

/// What was done: stored with the request, so that asked again it is answered again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The key of the changed object.
    pub key: i64,
    /// The keys of those that had to change with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<i64>,
}

/// How a mutation ended.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Done(Done),
    Preview(Vec<PreviewedChange>),
    Refused(Vec<Mistake>, Option<WriteConflict>),
}

/// The answer of a mutation.
pub struct Payload<M> {
    answer: Answer,
    of: PhantomData<fn() -> M>,
}

impl<M> Payload<M> {
    pub(super) fn new(answer: Answer) -> Self {
        Payload {
            answer,
            of: PhantomData,
        }
    }

    /// The mistakes that are answered.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        match &self.answer {
            Answer::Refused(mistakes, _) => mistakes,
            Answer::Done(_) | Answer::Preview(_) => &[],
        }
    }
}

/// `dibaoGrant` as the beginning of a type's name.
fn type_of<M: Action>(suffix: &str) -> Cow<'static, str> {
    let (first, rest) = M::NAME.split_at(1);
    format!("{}{rest}{suffix}", first.to_uppercase()).into()
}

impl<M: Action> TypeName for Payload<M> {
    fn type_name() -> Cow<'static, str> {
        type_of::<M>("Payload")
    }
}

/// What came of a change (办理结果).
#[Object(name_type)]
impl<M: Action> Payload<M> {
    /// What was changed, as you may read it (变更后的记录). Null: nothing was changed, see `userErrors`; or it was a dry run.
    async fn changed(&self, ctx: &Context<'_>) -> Outcome<Found<M::Changed>> {
        self.answer.changed::<M>(ctx).await.into()
    }

    /// The mistakes (填报错误), all that were found. Empty where the change was made.
    async fn user_errors(&self) -> Vec<UserError<'_, M>> {
        UserError::all(self.mistakes())
    }

    /// Who was faster (版本冲突). Null unless `userErrors` says CONFLICT.
    async fn conflict(&self) -> Option<&WriteConflict> {
        self.answer.conflict()
    }

    /// What the change would write (预演结果). Null unless this was a dry run without mistakes.
    async fn preview(&self) -> Option<&[PreviewedChange]> {
        self.answer.preview()
    }
}

impl Answer {
    async fn changed<M: Action>(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<Found<M::Changed>>, Refusal> {
        match self {
            Answer::Done(done) => changed::<M>(ctx, done.key).await,
            Answer::Preview(_) | Answer::Refused(..) => Ok(None),
        }
    }

    fn conflict(&self) -> Option<&WriteConflict> {
        match self {
            Answer::Refused(_, conflict) => conflict.as_ref(),
            Answer::Done(_) | Answer::Preview(_) => None,
        }
    }

    fn preview(&self) -> Option<&[PreviewedChange]> {
        match self {
            Answer::Preview(changes) => Some(changes),
            Answer::Done(_) | Answer::Refused(..) => None,
        }
    }
}

async fn changed<M: Action>(
    ctx: &Context<'_>,
    key: i64,
) -> Result<Option<Found<M::Changed>>, Refusal> {
    let mut query = RootQuery::scoped::<M::Changed>(ctx.data_unchecked::<Access>());
    query.equals(<M::Changed as Rows>::KEY, Param::I64(key));
    Found::fetch(ctx, query).await
}

async fn others<M: Action>(
    ctx: &Context<'_>,
    keys: &[i64],
) -> Result<Vec<Found<M::Changed>>, Refusal> {
    let mut others = Vec::with_capacity(keys.len());
    for key in keys {
        others.extend(changed::<M>(ctx, *key).await?);
    }
    Ok(others)
}

/// The answer of a mutation that may have to change others of its kind.
pub struct WidePayload<M>(pub Payload<M>);

impl<M: Action> TypeName for WidePayload<M> {
    fn type_name() -> Cow<'static, str> {
        type_of::<M>("Payload")
    }
}

/// What came of a change (办理结果).
#[Object(name_type)]
impl<M: Action> WidePayload<M> {
    /// What was changed, as you may read it (变更后的记录). Null: nothing was changed, see `userErrors`; or it was a dry run.
    async fn changed(&self, ctx: &Context<'_>) -> Outcome<Found<M::Changed>> {
        self.0.answer.changed::<M>(ctx).await.into()
    }

    /// What had to change with it, in their order (随之变更的记录), as far as it exists for you. Empty: nothing else changed.
    async fn also_changed(&self, ctx: &Context<'_>) -> Outcome<Vec<Found<M::Changed>>> {
        let Answer::Done(done) = &self.0.answer else {
            return Ok::<_, Refusal>(Some(vec![])).into();
        };
        others::<M>(ctx, &done.others).await.map(Some).into()
    }

    /// The mistakes (填报错误), all that were found. Empty where the change was made.
    async fn user_errors(&self) -> Vec<UserError<'_, M>> {
        UserError::all(self.0.mistakes())
    }

    /// Who was faster (版本冲突). Null unless `userErrors` says CONFLICT.
    async fn conflict(&self) -> Option<&WriteConflict> {
        self.0.answer.conflict()
    }

    /// What the change would write (预演结果). Null unless this was a dry run without mistakes.
    async fn preview(&self) -> Option<&[PreviewedChange]> {
        self.0.answer.preview()
    }
}

/// The answers to the inputs of a list, in their order.
pub struct ListPayload<M>(pub(super) Vec<Payload<M>>);

impl<M: Action> TypeName for ListPayload<M> {
    fn type_name() -> Cow<'static, str> {
        type_of::<M>("ListPayload")
    }
}

/// What came of a list of changes (批量办理结果).
#[Object(name_type)]
impl<M: Action> ListPayload<M> {
    /// What came of each input, in their order (逐条结果).
    async fn results(&self) -> &[Payload<M>] {
        &self.0
    }
}

/// A mistake in what was sent.
pub struct UserError<'p, M>(&'p Mistake, PhantomData<fn() -> M>);

impl<'p, M> UserError<'p, M> {
    fn all(mistakes: &'p [Mistake]) -> Vec<Self> {
        let mistakes = mistakes.iter();
        mistakes
            .map(|mistake| UserError(mistake, PhantomData))
            .collect()
    }
}

impl<M: Action> TypeName for UserError<'_, M> {
    fn type_name() -> Cow<'static, str> {
        type_of::<M>("Error")
    }
}

/// A mistake in what was sent (填报错误).
#[Object(name_type)]
impl<M: Action> UserError<'_, M> {
    /// Where (字段路径): the argument and the fields below it. Empty where it is about no field.
    async fn field(&self) -> &[String] {
        &self.0.path
    }
    /// The Chinese name of the field (字段名称). Null where it is about no field.
    async fn label(&self, ctx: &Context<'_>) -> Option<String> {
        label(
            ctx.data_unchecked::<Arc<SchemaShape>>(),
            M::NAME,
            &self.0.path,
        )
    }
    /// What is wrong and what to do (说明), in the language asked for.
    async fn message(&self, ctx: &Context<'_>) -> String {
        let language = ctx.data_unchecked::<Language>();
        match &self.0.said {
            Some((chinese, english)) => language.pick(chinese.clone(), english.clone()),
            None => language
                .pick(self.0.code.chinese, self.0.code.english)
                .to_owned(),
        }
    }
    /// The stable word (错误代码).
    async fn code(&self) -> ErrorCode<M> {
        ErrorCode(self.0.code, PhantomData)
    }
}

/// The Chinese term that the description of an argument or of a field below it has in brackets.
pub(crate) fn label(shape: &SchemaShape, mutation: &str, path: &[String]) -> Option<String> {
    let root = shape.root_type(OperationType::Mutation)?;
    let (first, rest) = path.split_first()?;
    let mut at = shape.field(root, mutation)?.args.get(first.as_str())?;
    for name in rest {
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        at = shape.input_field(at.ty.trim_matches(['[', ']', '!']), name)?;
    }
    let description = at.description.as_deref()?;
    let (_, term) = description.split_once('(')?;
    Some(term.split_once(')')?.0.to_owned())
}

/// The code of a mistake: a word of the mutation's own list.
pub struct ErrorCode<M>(&'static Code, PhantomData<fn() -> M>);

impl<M: Action> OutputType for ErrorCode<M> {
    fn type_name() -> Cow<'static, str> {
        type_of::<M>("ErrorCode")
    }
    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Enum, |_| {
            let codes = COMMON.iter().chain(M::CODES);
            let values = codes.map(|code| (code.word.to_owned(), meta_value(code)));
            MetaType::Enum {
                name: Self::type_name().into_owned(),
                description: Some(what_can_be_wrong::<M>()),
                enum_values: values.collect(),
                visible: None,
                inaccessible: false,
                tags: vec![],
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: vec![],
                requires_scopes: vec![],
            }
        })
    }
    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(Value::Enum(Name::new(self.0.word)))
    }
}

fn what_can_be_wrong<M: Action>() -> String {
    let mut text = "What can be wrong (错误代码).".to_owned();
    if M::NEEDS_SEALS {
        text += " While the audit records are not sealed in time, the request as a whole is refused with SEALS_OVERDUE.";
    }
    text
}

fn meta_value(code: &Code) -> MetaEnumValue {
    MetaEnumValue {
        name: code.word.into(),
        description: Some(format!("{} ({})", code.english, code.chinese)),
        deprecation: async_graphql::registry::Deprecation::NoDeprecated,
        visible: None,
        inaccessible: false,
        tags: vec![],
        directive_invocations: vec![],
    }
}

/// Somebody else has edited the record since you read it (版本冲突).
#[derive(SimpleObject, Clone, Debug)]
pub struct WriteConflict {
    /// The version that the record has now (当前版本): send it when you submit again.
    pub current_version: i32,
    /// The department that changed it last (修改部门). Null: not since the records began.
    pub changed_by: Option<Department>,
    /// The user who changed it last (修改人), issuer and subject of the token.
    pub changed_by_user: Option<String>,
    /// When (修改时间).
    pub changed_at: Option<Moment>,
    /// What has changed since your version, as far as you may read it (变更字段).
    pub fields: Vec<ChangedField>,
}

/// A field before and after (字段变更).
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct ChangedField {
    /// The field, as the graph calls it (字段).
    pub field: String,
    /// The value before, as text (变更前). Null: nothing, or a sensitive value.
    pub before: Option<String>,
    /// The value after, as text (变更后). Null: nothing, or a sensitive value.
    pub after: Option<String>,
}

/// A row that a change would write (预演变更).
#[derive(SimpleObject, Clone, Debug)]
pub struct PreviewedChange {
    /// What would be done (变更方式).
    pub action: ChangeAction,
    /// The type of the object (对象类型).
    pub object: String,
    /// Its fields, as far as you may read them (字段).
    pub fields: Vec<ChangedField>,
}
