//! What a GraphQL object is besides `SimpleObject`, and the kinds of field that reach further than a column:
//! `Many<T>` and `One<T>` (rows of another table) and `Guarded<T>` (null for who may not read it).

use super::{
    Budget, Column, Planner, RowReader, Selected, Write, faults::Faults, loader::Of,
    planner::Grouping,
};
use crate::{
    authz::Access,
    db::{BadCell, Opening, Param},
};
use async_graphql::{
    ContextSelectionSet, Error, OutputType, Positioned, ServerResult, Value as GraphValue,
    dataloader::DataLoader, parser::types, registry::Registry, resolver_utils::resolve_list,
};
use entity::codes::Department;
use std::{any::TypeId, borrow::Cow, collections::HashSet, marker::PhantomData, sync::Arc};

/// What the declaration says of one field.
#[derive(Debug)]
pub struct Spec {
    /// The GraphQL type that has the field: the line of the matrix.
    pub owner: &'static str,
    /// The name of the field in the schema.
    pub name: &'static str,
    /// The column or expression it is read from.
    pub column: &'static str,
    /// A condition on the rows of a list.
    pub filter: Option<&'static str>,
    /// The column by which the rows of a list name the row at hand, where that is not their type's own.
    pub parent: Option<&'static str>,
}

impl Spec {
    fn grouping(&self) -> Grouping {
        self.parent.map_or(Grouping::Parent, Grouping::Column)
    }
}

/// A GraphQL object the planner knows. Derived; composed types (`Household`) ask each of their parts.
pub trait Object: OutputType + Sized {
    /// How the plan writes this field; `None`: not this object's, or only stock resolution can answer it.
    fn plan(field: &Selected<'_>, planner: &mut Planner<'_>) -> Option<Write>;
    fn columns(into: &mut Vec<&'static str>);
    fn decode(row: &mut RowReader<'_>) -> Result<Self, BadCell>;
    fn describe(into: &mut Described);
}

/// Where the rows of a slice come from. Every slice can be read by household, so one page needs one statement a slice.
pub trait Rows: Object + 'static {
    const FROM: &'static str;
    const HOUSEHOLD: &'static str;
    const PARENT: &'static str;
    const KEY: &'static str;
    const ORDER: &'static str;
    const REGION: &'static str;
    /// What narrows the rows for viewers of single departments; `{institution}` and `{department}` stand for theirs.
    const BOUNDS: &'static [(Department, &'static str)];
    /// Of what ties rows to an institution: the column that names this object (`household_id`, `person_id`).
    const LINKED: Option<&'static str>;
    /// Why columns of the object look beyond the viewer's regions, where they do; the rows themselves never lie there.
    const BEYOND: Option<Opening> = None;
    /// To whom the rows belong.
    const BELONGS: Belongs = Belongs::ToHousehold;
}

/// To whom the rows of a table belong: that says who sees them and how they are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// To a household, and by it to a village.
    ToHousehold,
    /// To a region, as a batch of payments to its township: who reads by region sees what lies inside of it. Besides, a row
    /// exists for whoever sees a row that refers to it.
    ToRegion,
    /// To nobody: the rows of a reference table exist for everyone who may read the type.
    ToNobody,
}

/// What may stand as a field of an object.
pub trait Field: Sized {
    fn plan(planner: &mut Planner<'_>, spec: &'static Spec, field: &Selected<'_>) -> Option<Write>;
    fn columns(spec: &'static Spec, into: &mut Vec<&'static str>);
    fn decode(row: &mut RowReader<'_>, spec: &'static Spec) -> Result<Self, BadCell>;
    fn describe(_: &'static Spec, _: &mut Described) {}
}

/// The fields of the schema that are null, not refused as a whole, for a viewer who may not read them.
#[derive(Default)]
pub struct Described {
    seen: HashSet<TypeId>,
    pub guarded: HashSet<(&'static str, &'static str)>,
    /// The fields that are columns.
    pub fields: Vec<&'static Spec>,
}

impl Described {
    pub fn enter<T: 'static>(&mut self) -> bool {
        self.seen.insert(TypeId::of::<T>())
    }
}

impl<C: Column> Field for C {
    fn plan(planner: &mut Planner<'_>, spec: &'static Spec, _: &Selected<'_>) -> Option<Write> {
        Some(Write::Column {
            at: planner.column(spec.column),
            write: C::write,
        })
    }
    fn columns(spec: &'static Spec, into: &mut Vec<&'static str>) {
        into.push(spec.column);
    }
    fn decode(row: &mut RowReader<'_>, _: &'static Spec) -> Result<Self, BadCell> {
        C::read(row.take())
    }
    fn describe(spec: &'static Spec, into: &mut Described) {
        into.fields.push(spec);
    }
}

/// A value an argument gives to the condition of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    Integer(i64),
    Text(String),
    Day(time::Date),
}

impl From<&Value> for Param {
    fn from(value: &Value) -> Self {
        match value {
            Value::Integer(number) => Param::I64(*number),
            Value::Text(text) => Param::Text(text.as_str().into()),
            Value::Day(day) => Param::Day(*day),
        }
    }
}

/// A condition on the rows of a list; `{}` stands for its value, `{1}`, `{2}`, .. for the values where there are several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    pub condition: &'static str,
    pub values: Vec<Value>,
}

/// All rows of `T` that belong to the row at hand. A family's, so never paged.
pub struct Many<T> {
    household: i64,
    parent: i64,
    filter: Option<Filter>,
    grouping: Grouping,
    of: PhantomData<fn() -> T>,
}

/// The first row of `T` that belongs to the row at hand, or null: nothing recorded.
pub struct One<T>(Many<T>);

/// The row of `T` that a column of the row at hand refers to; null where that row does not exist for the viewer.
pub struct Ref<T>(Many<T>);

impl<T> Many<T> {
    /// The same list under another condition, for a method with arguments.
    #[must_use]
    pub fn filtered(
        &self,
        condition: &'static str,
        values: impl IntoIterator<Item = Value>,
    ) -> Self {
        let values = values.into_iter().collect();
        Many {
            filter: Some(Filter { condition, values }),
            of: PhantomData,
            ..*self
        }
    }
    /// The same list as declared, for a method whose arguments were left out.
    #[must_use]
    pub fn whole(&self) -> Self {
        Many {
            filter: self.filter.clone(),
            of: PhantomData,
            ..*self
        }
    }
}

impl<T> Many<T> {
    /// The rows of a reference table below this key, for a method.
    #[must_use]
    pub fn below(key: i64) -> Self {
        Many {
            household: key,
            parent: key,
            filter: None,
            grouping: Grouping::Parent,
            of: PhantomData,
        }
    }
}

impl<T> Ref<T> {
    /// The row with this key. Whoever refers to it refers to the same, so that it is loaded once.
    #[must_use]
    pub fn to(key: Option<i64>) -> Self {
        // Keys are positive: 0 refers to nothing.
        let key = key.unwrap_or_default();
        Ref(Many {
            grouping: Grouping::Key,
            ..Many::below(key)
        })
    }
}

fn declared(spec: &'static Spec) -> Option<Filter> {
    spec.filter.map(|condition| Filter {
        condition,
        values: vec![],
    })
}

impl<T: Rows> Field for Many<T> {
    fn plan(planner: &mut Planner<'_>, spec: &'static Spec, field: &Selected<'_>) -> Option<Write> {
        planner.rows::<T>(field, spec.grouping(), spec.filter, false)
    }
    fn columns(_: &'static Spec, _: &mut Vec<&'static str>) {}
    fn decode(row: &mut RowReader<'_>, spec: &'static Spec) -> Result<Self, BadCell> {
        Ok(Many {
            household: row.household()?,
            parent: row.key()?,
            filter: declared(spec),
            grouping: spec.grouping(),
            of: PhantomData,
        })
    }
    fn describe(_: &'static Spec, into: &mut Described) {
        T::describe(into);
    }
}

impl<T: Rows> Field for One<T> {
    fn plan(planner: &mut Planner<'_>, spec: &'static Spec, field: &Selected<'_>) -> Option<Write> {
        planner.rows::<T>(field, spec.grouping(), spec.filter, true)
    }
    fn columns(_: &'static Spec, _: &mut Vec<&'static str>) {}
    fn decode(row: &mut RowReader<'_>, spec: &'static Spec) -> Result<Self, BadCell> {
        <Many<T> as Field>::decode(row, spec).map(One)
    }
    fn describe(_: &'static Spec, into: &mut Described) {
        T::describe(into);
    }
}

impl<T: Rows> Field for Ref<T> {
    fn plan(planner: &mut Planner<'_>, spec: &'static Spec, field: &Selected<'_>) -> Option<Write> {
        planner.reference::<T>(field, spec.column)
    }
    fn columns(spec: &'static Spec, into: &mut Vec<&'static str>) {
        into.push(spec.column);
    }
    fn decode(row: &mut RowReader<'_>, _: &'static Spec) -> Result<Self, BadCell> {
        let cell = row.take();
        let key = (!cell.is_null()).then(|| cell.int()).transpose()?;
        Ok(Ref::to(key))
    }
    fn describe(_: &'static Spec, into: &mut Described) {
        T::describe(into);
    }
}

impl<T: Rows> Many<T> {
    async fn load(
        &self,
        ctx: &ContextSelectionSet<'_>,
        pos: async_graphql::Pos,
    ) -> ServerResult<Arc<Vec<T>>> {
        let loader = ctx.data_unchecked::<DataLoader<super::Slices>>();
        let key = Of::<T>::new(
            self.household,
            self.parent,
            self.filter.clone(),
            self.grouping,
        );
        let rows = loader.load_one(key).await.map_err(|fault| {
            let error: Error = fault.into();
            ctx.set_error_path(error.into_server_error(pos))
        })?;
        Ok(rows.unwrap_or_default())
    }
}

/// Room for rows in the answer. The whole request is refused where there is none, so this error is never shown.
fn take(ctx: &ContextSelectionSet<'_>, pos: async_graphql::Pos, rows: usize) -> ServerResult<()> {
    if ctx.data_unchecked::<Budget>().take(rows) {
        return Ok(());
    }
    Err(ctx.set_error_path(async_graphql::ServerError::new("", Some(pos))))
}

impl<T: Rows> OutputType for Many<T> {
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
        field: &Positioned<types::Field>,
    ) -> ServerResult<GraphValue> {
        let rows = self.load(ctx, field.pos).await?;
        take(ctx, field.pos, rows.len())?;
        resolve_list(ctx, field, rows.iter(), Some(rows.len())).await
    }
}

impl<T: Rows> Many<T> {
    async fn resolve_first(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<types::Field>,
    ) -> GraphValue {
        let resolved = async {
            match self.load(ctx, field.pos).await?.first() {
                Some(row) => {
                    take(ctx, field.pos, 1)?;
                    row.resolve(ctx, field).await
                }
                None => Ok(GraphValue::Null),
            }
        };
        Faults::or_null(ctx, field.pos, resolved.await)
    }
}

/// `One` and `Ref` look alike in the schema: an object that may be null.
macro_rules! nullable_object {
    ($($wrapper:ident),+) => { $(
        impl<T: Rows> OutputType for $wrapper<T> {
            fn type_name() -> Cow<'static, str> {
                T::type_name()
            }
            fn qualified_type_name() -> String {
                <Option<T> as OutputType>::qualified_type_name()
            }
            fn create_type_info(registry: &mut Registry) -> String {
                <Option<T> as OutputType>::create_type_info(registry)
            }
            async fn resolve(
                &self,
                ctx: &ContextSelectionSet<'_>,
                field: &Positioned<types::Field>,
            ) -> ServerResult<GraphValue> {
                Ok(self.0.resolve_first(ctx, field).await)
            }
        }
    )+ };
}
nullable_object!(One, Ref);

/// A value that is null with one error FORBIDDEN for a viewer who may not read it, the rest of the answer intact.
pub struct Guarded<T> {
    value: T,
    spec: &'static Spec,
}

impl<T> Guarded<Many<T>> {
    /// The same list under another condition, for a method with arguments.
    #[must_use]
    pub fn filtered(
        &self,
        condition: &'static str,
        values: impl IntoIterator<Item = Value>,
    ) -> Self {
        Guarded {
            value: self.value.filtered(condition, values),
            spec: self.spec,
        }
    }
    /// The same list as declared, for a method whose arguments were left out.
    #[must_use]
    pub fn whole(&self) -> Self {
        Guarded {
            value: self.value.whole(),
            spec: self.spec,
        }
    }
}

impl<T: Field + OutputType> Field for Guarded<T> {
    fn plan(planner: &mut Planner<'_>, spec: &'static Spec, field: &Selected<'_>) -> Option<Write> {
        // The planner has asked the matrix already, as for every field.
        T::plan(planner, spec, field).map(|write| Write::Nullable(Box::new(write)))
    }
    fn columns(spec: &'static Spec, into: &mut Vec<&'static str>) {
        T::columns(spec, into);
    }
    fn decode(row: &mut RowReader<'_>, spec: &'static Spec) -> Result<Self, BadCell> {
        Ok(Guarded {
            value: T::decode(row, spec)?,
            spec,
        })
    }
    fn describe(spec: &'static Spec, into: &mut Described) {
        into.guarded.insert((spec.owner, spec.name));
        T::describe(spec, into);
    }
}

impl<T: Field + OutputType> OutputType for Guarded<T> {
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
        field: &Positioned<types::Field>,
    ) -> ServerResult<GraphValue> {
        let access = ctx.data_unchecked::<Access>();
        if !access.may_read(self.spec.owner, self.spec.name) {
            return Ok(Faults::refused(ctx, self.spec, field.pos));
        }
        Ok(Faults::or_null(
            ctx,
            field.pos,
            self.value.resolve(ctx, field).await,
        ))
    }
}
