//! A root field that gives rows: what it asks, and its two ways of being answered.

use super::{
    Belongs, Faults, KeyKind, Object, Refusal, RowReader, Rows, Selected,
    planner::{Ids, ObjectPlan, PlanKey, Planner, Plans, Statement as Planned},
    regions::Regions,
    write::{Loaded, Path, Stopped, Writer, logged},
};
use crate::{
    authz::Access,
    db::{BadCell, Class, DbError, Opening, Param, Reads, Row, Session, Statement},
    graphql::{document::Document, response::raw_json, scalars::Day},
};
use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
};
use std::{
    any::TypeId,
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// Turns plans off for a request, so that a test can compare both ways.
pub struct StockOnly;

/// The conditions of a root statement, with their values. Starts with the viewer's scope: nothing can be asked without.
pub struct RootQuery {
    class: Class,
    /// Why the columns look beyond the viewer's regions, where they do.
    beyond: Option<Opening>,
    /// Where the rows lie, besides the conditions.
    regions: Option<Regions>,
    conditions: Vec<String>,
    params: Vec<Param>,
    /// Expressions selected besides the plan's columns: the keys of the cursor.
    pub extra: Vec<&'static str>,
    pub order: Option<Order>,
    pub limit: usize,
}

/// A keyset order: expressions that together are unique.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// The list and the order, so that a cursor of another one is known.
    pub name: &'static str,
    pub keys: &'static [(&'static str, KeyKind)],
    pub descending: bool,
}

impl RootQuery {
    /// The rows of `T` that exist for the viewer.
    #[must_use]
    pub fn scoped<T: Rows>(access: &Access) -> Self {
        if T::BELONGS == Belongs::ToNobody {
            return RootQuery::reference();
        }
        let mut query = RootQuery::of(Class::ByScope);
        query.beyond = T::BEYOND;
        access.restrict::<T>(&mut query);
        query
    }

    /// Rows of a reference table, which exist for everyone.
    #[must_use]
    pub fn reference() -> Self {
        RootQuery::of(Class::Reference)
    }

    fn of(class: Class) -> Self {
        RootQuery {
            class,
            beyond: None,
            regions: None,
            conditions: vec![],
            params: vec![],
            extra: vec![],
            order: None,
            limit: 1,
        }
    }

    /// Leaves the rows of this range of regions. Asked again it leaves what lies in both: a scope only ever narrows.
    pub fn within<T: Rows>(&mut self, range: (i64, i64)) {
        self.regions = Some(match self.regions.take() {
            Some(before) => before.and(range),
            None => Regions::of::<T>(range),
        });
    }

    /// How the rows are found, where it is not by scope.
    pub fn found_by(&mut self, class: Class) {
        self.class = class;
    }

    /// What was in force on this day; today, when no day is asked.
    pub fn in_force(&mut self, alias: &str, day: Option<Day>) {
        let Some(day) = day else {
            return self.and(format!("{alias}.valid_to IS NULL"));
        };
        let day = self.bind(Param::Day(day.0));
        self.and(format!(
            "{alias}.valid_from <= {day} AND ({alias}.valid_to IS NULL OR {alias}.valid_to > {day})"
        ));
    }

    /// The value of `column` in the first row the query gives.
    ///
    /// # Errors
    /// The database could not be asked.
    pub async fn first_key<T: Rows>(
        &self,
        ctx: &Context<'_>,
        column: &str,
    ) -> Result<Option<i64>, Refusal> {
        let mut session = acquire(ctx).await?;
        let statement = self.statement(&format!("SELECT {column} FROM {}", T::FROM));
        let rows = session
            .one(statement)
            .await
            .map_err(|error| failed(&error))?;
        let key = rows.first().map(|row| row.cell(0).int());
        key.transpose().map_err(|error| {
            let _ = Stopped::from(error);
            Refusal::internal()
        })
    }

    /// The keys of the rows the query gives, by the text in this column.
    ///
    /// # Errors
    /// The database could not be asked.
    pub async fn keys_by<T: Rows>(
        &self,
        ctx: &Context<'_>,
        column: &str,
    ) -> Result<HashMap<String, i64>, Refusal> {
        let mut session = acquire(ctx).await?;
        let select = format!("SELECT {column}, {} FROM {}", T::KEY, T::FROM);
        let rows = session
            .one(self.statement(&select))
            .await
            .map_err(|error| failed(&error))?;
        let keys = rows
            .iter()
            .map(|row| Ok((row.cell(0).text()?.to_owned(), row.cell(1).int()?)));
        keys.collect::<Result<_, BadCell>>().map_err(|error| {
            let _ = Stopped::from(error);
            Refusal::internal()
        })
    }

    /// Binds a value and gives its placeholder.
    pub fn bind(&mut self, param: Param) -> String {
        self.params.push(param);
        format!("${}", self.params.len())
    }

    /// The number the next bound value will have.
    #[must_use]
    pub fn next_placeholder(&self) -> usize {
        self.params.len() + 1
    }

    pub fn and(&mut self, condition: impl Into<String>) {
        self.conditions.push(condition.into());
    }

    /// `column = value`.
    pub fn equals(&mut self, column: &str, param: Param) {
        let placeholder = self.bind(param);
        self.and(format!("{column} = {placeholder}"));
    }

    /// The household `t` has a row `o` of this table, of which the conditions hold; or has none, where none is wanted.
    ///
    /// # Errors
    /// A condition that can't be served.
    pub fn has(
        &mut self,
        wanted: bool,
        table: &str,
        conditions: impl FnOnce(&mut RootQuery) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let own = std::mem::replace(
            &mut self.conditions,
            vec!["o.household_id = t.id".to_owned()],
        );
        let done = conditions(self);
        let of_row = std::mem::replace(&mut self.conditions, own).join(" AND ");
        let not = if wanted { "" } else { "NOT " };
        self.and(format!(
            "{not}EXISTS (SELECT 1 FROM {table} o WHERE {of_row})"
        ));
        done
    }

    /// The column is one of the values.
    pub fn any(&mut self, reads: &Reads, column: &str, param: Param) {
        self.params.push(param);
        let condition = reads.dialect().any(column, self.params.len());
        self.and(condition);
    }

    /// The statement that selects its rows.
    #[must_use]
    pub fn statement(&self, select: &str) -> Statement {
        let mut sql = select.to_owned();
        let mut params = self.params.clone();
        let regions = self.regions.as_ref();
        let regions = regions.and_then(|regions| regions.condition(&mut params));
        let conditions: Vec<_> = self.conditions.iter().chain(&regions).cloned().collect();
        if !conditions.is_empty() {
            sql += " WHERE ";
            sql += &conditions.join(" AND ");
        }
        if let Some(order) = self.order {
            sql += " ORDER BY ";
            let direction = if order.descending { " DESC" } else { "" };
            let keys: Vec<_> = order
                .keys
                .iter()
                .map(|(column, _)| format!("{column}{direction}"))
                .collect();
            sql += &keys.join(", ");
        }
        // The limit is text: a page has one of few lengths, and a literal lets the database plan for it.
        sql += &format!(" LIMIT {}", self.limit);
        Statement {
            beyond: self.beyond,
            ..Statement::new(self.class, sql, params)
        }
    }

    pub(super) fn stock_select<T: Rows>(&self) -> String {
        let mut columns = vec![T::PARENT, T::KEY, T::HOUSEHOLD];
        T::columns(&mut columns);
        columns.extend(&self.extra);
        format!("SELECT {} FROM {}", columns.join(", "), T::FROM)
    }
}

/// How a root field is written: what stands between the root's rows and the answer.
pub trait Shape: Sized + Send + Sync + 'static {
    fn compile<'q, T: Rows>(planner: &mut Planner<'q>, field: &Selected<'q>) -> Option<Self>;
}

/// A compiled root field.
pub struct RootPlan<S> {
    select: (String, String),
    pub width: usize,
    pub shape: S,
    household_at: usize,
    slices: Vec<(Arc<str>, Ids, bool)>,
}

impl<S: Shape> RootPlan<S> {
    /// The plan of this field for this viewer, compiled once; `None` where only stock resolution can answer.
    pub fn of<T: Rows>(ctx: &Context<'_>) -> Option<Arc<Self>> {
        if ctx.data_opt::<StockOnly>().is_some() || !stands_alone(ctx) {
            return None;
        }
        let compile = || Self::compile::<T>(ctx);
        let document = ctx.data_opt::<Arc<Document>>();
        let Some(document) = document.filter(|document| document.memorable) else {
            return compile().map(Arc::new);
        };
        let operation = document.operation(ctx.query_env.operation_name.as_deref());
        let fields = operation.map_or(0, |operation| operation.measured.fields);
        let key = PlanKey {
            document: document.hash,
            operation: ctx.query_env.operation_name.clone(),
            switches: document.switches(&ctx.query_env.variables),
            field: ctx.item.node.response_key().node.to_string(),
            record: TypeId::of::<T>(),
            rights: ctx.data_unchecked::<Access>().rights(),
        };
        ctx.data_unchecked::<Plans<RootPlan<S>>>()
            .get_or_compile(key, fields, compile)
    }

    fn compile<T: Rows>(ctx: &Context<'_>) -> Option<Self> {
        let dialect = ctx.data_unchecked::<Reads>().dialect();
        let mut planner = Planner::rooted::<T>(ctx);
        let household_at = planner.household_column();
        let shape = S::compile::<T>(&mut planner, &Selected::of(ctx.item))?;
        let statements = planner.into_statements();
        let slices = statements[1..]
            .iter()
            .map(|statement: &Planned| {
                (
                    statement.of_ids(dialect, &statements),
                    statement.ids,
                    statement.is_bound(&statements),
                )
            })
            .collect();
        Some(RootPlan {
            select: statements[0].select(),
            width: statements[0].width(),
            shape,
            household_at,
            slices,
        })
    }

    /// The beginning of the statement, up to its conditions, with these expressions after the plan's columns.
    #[must_use]
    pub fn select(&self, extra: &[&str]) -> String {
        let (columns, from) = &self.select;
        let mut sql = columns.clone();
        for expression in extra {
            sql += ", ";
            sql += expression;
        }
        sql + from
    }

    /// The slices below these rows, down the connection that read the rows. A slice that failed is absent.
    pub async fn slices(
        &self,
        ctx: &Context<'_>,
        connection: &mut Session,
        rows: &[Row],
    ) -> Result<Vec<Option<Loaded>>, Stopped> {
        if rows.is_empty() || self.slices.is_empty() {
            let empty = || Loaded::of(vec![]).map(Some).map_err(Stopped::from);
            return self.slices.iter().map(|_| empty()).collect();
        }
        let access = ctx.data_unchecked::<Access>();
        let mut statements = Vec::with_capacity(self.slices.len());
        for (sql, ids, bound) in &self.slices {
            let at = match ids {
                Ids::Households => self.household_at,
                Ids::Column(at) => *at,
            };
            let mut params = vec![Param::I64s(ids_of(rows, at)?)];
            if *bound {
                params.push(access.institution());
            }
            statements.push(Statement::new(Class::ByHousehold, sql.clone(), params));
        }
        let results = connection.batch(statements).await;
        Ok(results.into_iter().map(loaded).collect())
    }
}

fn loaded(rows: Result<Vec<Row>, DbError>) -> Option<Loaded> {
    let rows = rows.map_err(|error| logged(&error)).ok()?;
    Loaded::of(rows).map_err(Stopped::from).ok()
}

fn ids_of(rows: &[Row], at: usize) -> Result<Arc<[i64]>, Stopped> {
    let mut ids = BTreeSet::new();
    for row in rows {
        let cell = row.cell(at);
        if !cell.is_null() {
            ids.insert(cell.int()?);
        }
    }
    Ok(ids.into_iter().collect())
}

/// Hands what was written to the answer.
pub fn finish(ctx: &Context<'_>, writer: Writer<'_>) -> Result<Value, Refusal> {
    let faults = ctx.data_unchecked::<Faults>();
    for null in writer.nulls {
        faults.add(&null.path, null.pos, null.refusal);
    }
    raw_json(writer.json).ok_or_else(Refusal::internal)
}

pub async fn acquire(ctx: &Context<'_>) -> Result<Session, Refusal> {
    session(ctx.data_unchecked::<Reads>()).await
}

/// A connection for a read outside of a field.
pub async fn session(reads: &Reads) -> Result<Session, Refusal> {
    reads.acquire().await.map_err(|error| {
        tracing::warn!(error = %error, "no connection for a read");
        match error {
            DbError::Unavailable(_) => Refusal::unavailable(),
            _ => Refusal::overloaded(),
        }
    })
}

/// What is told of a statement that failed.
pub fn failed(error: &DbError) -> Refusal {
    logged(error);
    match error {
        DbError::Unavailable(_) => Refusal::unavailable(),
        DbError::Busy => Refusal::overloaded(),
        _ => Refusal::internal(),
    }
}

/// At most one row of `T`.
pub enum Found<T> {
    Json(Value),
    Stock(T),
}

struct Single(ObjectPlan);

impl Shape for Single {
    fn compile<'q, T: Rows>(planner: &mut Planner<'q>, field: &Selected<'q>) -> Option<Self> {
        planner.object::<T>(field).map(Single)
    }
}

/// What the plans of single objects are kept in: put it in the schema's data.
#[must_use]
pub fn single_plans(limit: usize) -> impl std::any::Any + Send + Sync {
    Plans::<RootPlan<Single>>::new(limit)
}

impl<T: Rows> Found<T> {
    /// The first row the query gives, or nothing.
    pub async fn fetch(ctx: &Context<'_>, query: RootQuery) -> Result<Option<Self>, Refusal> {
        match RootPlan::<Single>::of::<T>(ctx) {
            Some(plan) => Self::planned(ctx, &plan, &query).await,
            None => Ok(stock_rows::<T>(ctx, &query).await?.pop().map(Found::Stock)),
        }
    }

    async fn planned(
        ctx: &Context<'_>,
        plan: &RootPlan<Single>,
        query: &RootQuery,
    ) -> Result<Option<Self>, Refusal> {
        let mut connection = acquire(ctx).await?;
        let statement = query.statement(&plan.select(&[]));
        let rows = connection
            .one(statement)
            .await
            .map_err(|error| failed(&error))?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let stopped = |_| Refusal::internal();
        let slices = plan
            .slices(ctx, &mut connection, &rows[..1])
            .await
            .map_err(stopped)?;
        drop(connection);
        let start = super::faults::path_of(ctx);
        let mut writer = Writer {
            slices: &slices,
            budget: ctx.data_unchecked(),
            json: Vec::with_capacity(2048),
            nulls: vec![],
        };
        writer
            .object(&plan.shape.0, row, Path::Start(&start))
            .map_err(stopped)?;
        finish(ctx, writer).map(|json| Some(Found::Json(json)))
    }
}

/// The rows of a query as objects, for stock resolution.
pub async fn stock_rows<T: Rows>(ctx: &Context<'_>, query: &RootQuery) -> Result<Vec<T>, Refusal> {
    let mut connection = acquire(ctx).await?;
    let statement = query.statement(&query.stock_select::<T>());
    let rows = connection
        .one(statement)
        .await
        .map_err(|error| failed(&error))?;
    rows.iter()
        .map(|row| {
            T::decode(&mut RowReader::new(row)).map_err(|error| {
                let _ = Stopped::from(error);
                Refusal::internal()
            })
        })
        .collect()
}

impl<T: Object> OutputType for Found<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }
    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match self {
            Found::Json(json) => Ok(json.clone()),
            Found::Stock(record) => record.resolve(ctx, field).await,
        }
    }
}

/// async-graphql resolves each occurrence of a root field by itself and merges the answers afterwards; raw JSON can't be
/// merged, so a response key that occurs twice is left to stock resolution.
fn stands_alone(ctx: &Context<'_>) -> bool {
    let at_root = ctx.path_node.is_some_and(|node| node.parent.is_none());
    let set = &ctx.query_env.operation.node.selection_set.node;
    at_root && count(ctx, set, &ctx.item.node.response_key().node) == 1
}

fn count(ctx: &Context<'_>, set: &SelectionSet, key: &str) -> usize {
    set.items
        .iter()
        .map(|item| match &item.node {
            Selection::Field(field) => usize::from(field.node.response_key().node == key),
            Selection::InlineFragment(fragment) => {
                count(ctx, &fragment.node.selection_set.node, key)
            }
            Selection::FragmentSpread(spread) => ctx
                .query_env
                .fragments
                .get(&spread.node.fragment_name.node)
                .map_or(0, |fragment| {
                    count(ctx, &fragment.node.selection_set.node, key)
                }),
        })
        .sum()
}
