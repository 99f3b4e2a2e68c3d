//! A connection: one page of a list in keyset order.

use super::{
    Refusal, RootQuery, Rows, Selected,
    column::RowReader,
    planner::{ObjectPlan, Planner, Plans, json_key},
    root::{Order, RootPlan, Shape, acquire, failed, finish},
    write::{Path, Stopped, Writer},
};
use crate::{
    authz::Access,
    db::{BadCell, Cell, Param, Row},
    graphql::response::{write_integer, write_string},
};
use async_graphql::{
    Context, ContextSelectionSet, Name, OutputType, Positioned, ServerResult, SimpleObject,
    TypeName, Value, parser::types::Field, registry::Registry,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{borrow::Cow, marker::PhantomData};

/// Where a page stands in its list (分页信息).
#[derive(SimpleObject, Clone)]
pub struct PageInfo {
    /// Whether there are rows after this page (有下一页).
    has_next_page: bool,
    /// Whether there are rows before this page (有上一页).
    has_previous_page: bool,
    /// The cursor of the first row of this page (起始游标). Null when the page is empty.
    start_cursor: Option<String>,
    /// The cursor of the last row of this page (结束游标): ask for `after` it to go on. Null when the page is empty.
    end_cursor: Option<String>,
}

/// One page of a list.
pub struct Connection<T> {
    rows: Vec<(String, T)>,
    info: PageInfo,
}

/// The two ways a page is answered.
pub enum Page<T: Rows> {
    Json(Value),
    Stock(Connection<T>),
}

/// One page of a list (分页列表).
#[async_graphql::Object(name_type)]
impl<T: Rows> Connection<T> {
    /// The rows of this page with their cursors (条目).
    async fn edges(&self) -> Vec<EdgeRef<'_, T>> {
        self.rows.iter().map(EdgeRef).collect()
    }
    /// The rows of this page (内容).
    async fn nodes(&self) -> Vec<&T> {
        self.rows.iter().map(|(_, node)| node).collect()
    }
    /// Where this page stands (分页信息).
    async fn page_info(&self) -> PageInfo {
        self.info.clone()
    }
}

impl<T: Rows> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// A row of a page and where it stands.
pub struct EdgeRef<'p, T>(&'p (String, T));

/// A row of a page and where it stands (分页条目).
#[async_graphql::Object(name_type)]
impl<T: Rows> EdgeRef<'_, T> {
    /// Where the row stands in the list (游标): opaque, valid for the same list and order.
    async fn cursor(&self) -> &str {
        &self.0.0
    }
    /// The row (内容).
    async fn node(&self) -> &T {
        &self.0.1
    }
}

impl<T: Rows> TypeName for EdgeRef<'_, T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// What kind of value a key of an order is: it comes back in a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    Text,
    Integer,
    /// An integer of 32 bits.
    Year,
    Day,
}

impl Order {
    fn cursor(&self, row: &Row, from: usize) -> Result<String, BadCell> {
        let mut json = format!("[\"{}\"", self.name).into_bytes();
        for (index, (_, kind)) in self.keys.iter().enumerate() {
            json.push(b',');
            write_key(*kind, row.cell(from + index), &mut json)?;
        }
        json.push(b']');
        Ok(URL_SAFE_NO_PAD.encode(json))
    }

    /// The keys in a cursor of this very order.
    fn keys_of(&self, cursor: &str) -> Option<Vec<Param>> {
        let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let values: Vec<serde_json::Value> = serde_json::from_slice(&json).ok()?;
        let (name, values) = values.split_first()?;
        if name.as_str() != Some(self.name) || values.len() != self.keys.len() {
            return None;
        }
        self.keys
            .iter()
            .zip(values)
            .map(|((_, kind), value)| read_key(*kind, value))
            .collect()
    }

    fn after(&self, query: &mut RootQuery, keys: Vec<Param>) {
        let columns: Vec<_> = self.keys.iter().map(|(column, _)| *column).collect();
        let placeholders: Vec<_> = keys.into_iter().map(|key| query.bind(key)).collect();
        let sign = if self.descending { '<' } else { '>' };
        query.and(format!(
            "({}) {sign} ({})",
            columns.join(", "),
            placeholders.join(", ")
        ));
    }
}

fn write_key(kind: KeyKind, cell: Cell<'_>, json: &mut Vec<u8>) -> Result<(), BadCell> {
    match kind {
        KeyKind::Text => write_string(cell.text()?, json),
        KeyKind::Integer | KeyKind::Year => write_integer(cell.int()?, json),
        KeyKind::Day => {
            json.push(b'"');
            json.extend_from_slice(cell.day()?.to_string().as_bytes());
            json.push(b'"');
        }
    }
    Ok(())
}

fn read_key(kind: KeyKind, value: &serde_json::Value) -> Option<Param> {
    match kind {
        // PostgreSQL knows no text with a NUL.
        KeyKind::Text => value
            .as_str()
            .filter(|text| !text.contains('\0'))
            .map(|text| Param::Text(text.into())),
        KeyKind::Integer => value.as_i64().map(Param::I64),
        KeyKind::Year => value
            .as_i64()
            .filter(|year| i32::try_from(*year).is_ok())
            .map(Param::I64),
        KeyKind::Day => {
            let format = time::macros::format_description!("[year]-[month]-[day]");
            time::Date::parse(value.as_str()?, format)
                .ok()
                .filter(|day| day.year() > 0)
                .map(Param::Day)
        }
    }
}

/// A page as asked: the rows in scope that the filters leave, in this order, `first` of them after a cursor.
pub struct PageRequest {
    pub query: RootQuery,
    pub order: Order,
    pub first: Option<i32>,
    pub after: Option<String>,
}

/// Rows of a page unless told.
const FIRST: usize = 20;

impl PageRequest {
    /// How many rows are asked for.
    ///
    /// # Errors
    /// None, or too many.
    pub fn first(&self, access: &Access) -> Result<usize, Refusal> {
        let most = access.page_limit();
        let first = match self.first {
            None => FIRST,
            Some(first) => usize::try_from(first).unwrap_or_default(),
        };
        if first == 0 || first > most {
            return Err(Refusal::argument(
                "FIRST_OUT_OF_RANGE",
                &["first"],
                format!("first 须在 1 至 {most} 之间。"),
                format!("first must be from 1 to {most}."),
            ));
        }
        Ok(first)
    }

    fn prepare(&mut self, access: &Access) -> Result<usize, Refusal> {
        let first = self.first(access)?;
        self.begin(first)?;
        Ok(first)
    }

    /// Asks for so many rows after the cursor, and one that tells whether there are more.
    fn begin(&mut self, length: usize) -> Result<(), Refusal> {
        if let Some(cursor) = &self.after {
            let keys = self.order.keys_of(cursor).ok_or_else(|| {
                Refusal::argument(
                    "INVALID_CURSOR",
                    &["after"],
                    "游标无效：请使用同一列表、同一排序所返回的 endCursor。",
                    "This cursor is not one of this list and order: use the endCursor that this list gave.",
                )
            })?;
            self.order.after(&mut self.query, keys);
        }
        self.query.extra = self.order.keys.iter().map(|(column, _)| *column).collect();
        self.query.limit = length + 1;
        self.query.order = Some(self.order);
        Ok(())
    }
}

/// A stretch of a list in keyset order, for lists that keep only some of its rows.
pub struct Stretch<T> {
    rows: Vec<Row>,
    order: Order,
    /// Where the cursor's keys are among the columns, and after them the extra one.
    keys_at: usize,
    more: bool,
    later: bool,
    of: PhantomData<fn() -> T>,
}

impl<T: Rows> Stretch<T> {
    /// At most so many rows after the cursor, each with one more column.
    ///
    /// # Errors
    /// A cursor of another list; the database could not be asked.
    pub async fn fetch(
        ctx: &Context<'_>,
        mut request: PageRequest,
        length: usize,
        extra: &'static str,
    ) -> Result<Self, Refusal> {
        request.begin(length)?;
        request.query.extra.push(extra);
        let select = request.query.stock_select::<T>();
        let mut connection = acquire(ctx).await?;
        let rows = connection.one(request.query.statement(&select)).await;
        let mut rows = rows.map_err(|error| failed(&error))?;
        let more = rows.len() > length;
        rows.truncate(length);
        let mut columns = vec!["", "", ""];
        T::columns(&mut columns);
        Ok(Stretch {
            rows,
            order: request.order,
            keys_at: columns.len(),
            more,
            later: request.after.is_some(),
            of: PhantomData,
        })
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
    /// The key of a row.
    ///
    /// # Errors
    /// A fault, as of those after it: the statement gave something else than it was asked for.
    pub fn key(&self, at: usize) -> Result<i64, Refusal> {
        self.cell(at, 1)
    }
    /// The extra column.
    pub fn extra(&self, at: usize) -> Result<i64, Refusal> {
        self.cell(at, self.keys_at + self.order.keys.len())
    }
    /// The row as an object.
    pub fn node(&self, at: usize) -> Result<T, Refusal> {
        T::decode(&mut RowReader::new(&self.rows[at])).map_err(|_| Refusal::internal())
    }
    /// Where a row stands.
    pub fn cursor(&self, at: usize) -> Result<String, Refusal> {
        let cursor = self.order.cursor(&self.rows[at], self.keys_at);
        cursor.map_err(|_| Refusal::internal())
    }
    /// Where a page stands that took this many rows.
    pub fn info(&self, taken: usize) -> Result<PageInfo, Refusal> {
        let cut = Cut {
            rows: &self.rows[..taken],
            keys_at: self.keys_at,
            order: self.order,
            more: self.more || taken < self.rows.len(),
            later: self.later,
        };
        cut.info().map_err(|_| Refusal::internal())
    }

    fn cell(&self, at: usize, column: usize) -> Result<i64, Refusal> {
        let cell = self.rows[at].cell(column).int();
        cell.map_err(|_| Refusal::internal())
    }
}

/// The rows of a page and the cursors of its ends.
struct Cut<'r> {
    rows: &'r [Row],
    keys_at: usize,
    order: Order,
    more: bool,
    later: bool,
}

impl Cut<'_> {
    fn cursor(&self, row: &Row) -> Result<String, BadCell> {
        self.order.cursor(row, self.keys_at)
    }
    fn info(&self) -> Result<PageInfo, BadCell> {
        Ok(PageInfo {
            has_next_page: self.more,
            has_previous_page: self.later,
            start_cursor: self.rows.first().map(|row| self.cursor(row)).transpose()?,
            end_cursor: self.rows.last().map(|row| self.cursor(row)).transpose()?,
        })
    }
}

impl<T: Rows> Page<T> {
    pub async fn fetch(ctx: &Context<'_>, mut request: PageRequest) -> Result<Self, Refusal> {
        let first = request.prepare(ctx.data_unchecked())?;
        let plan = RootPlan::<Shaped>::of::<T>(ctx);
        let select = match &plan {
            Some(plan) => plan.select(&request.query.extra),
            None => request.query.stock_select::<T>(),
        };
        let mut connection = acquire(ctx).await?;
        let statement = request.query.statement(&select);
        let rows = connection
            .one(statement)
            .await
            .map_err(|error| failed(&error))?;
        let kept = &rows[..rows.len().min(first)];
        let mut columns = vec!["", "", ""];
        T::columns(&mut columns);
        let cut = Cut {
            rows: kept,
            keys_at: plan.as_ref().map_or(columns.len(), |plan| plan.width),
            order: request.order,
            more: rows.len() > kept.len(),
            later: request.after.is_some(),
        };
        let Some(plan) = plan else {
            drop(connection);
            return Self::stock(&cut).map_err(|_| Refusal::internal());
        };
        let stopped = |_| Refusal::internal();
        let slices = plan
            .slices(ctx, &mut connection, kept)
            .await
            .map_err(stopped)?;
        drop(connection);
        let start = super::faults::path_of(ctx);
        let mut writer = Writer {
            slices: &slices,
            budget: ctx.data_unchecked(),
            json: Vec::with_capacity(1024 * kept.len() + 256),
            nulls: vec![],
        };
        plan.shape
            .write(&mut writer, &cut, Path::Start(&start))
            .map_err(stopped)?;
        finish(ctx, writer).map(Page::Json)
    }

    fn stock(cut: &Cut<'_>) -> Result<Self, Stopped> {
        let mut rows = Vec::with_capacity(cut.rows.len());
        for row in cut.rows {
            rows.push((cut.cursor(row)?, T::decode(&mut RowReader::new(row))?));
        }
        Ok(Page::Stock(Connection {
            rows,
            info: cut.info()?,
        }))
    }
}

impl<T: Rows> OutputType for Page<T> {
    fn type_name() -> Cow<'static, str> {
        <Connection<T> as TypeName>::type_name()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        <Connection<T> as OutputType>::create_type_info(registry)
    }
    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match self {
            Page::Json(json) => Ok(json.clone()),
            Page::Stock(connection) => connection.resolve(ctx, field).await,
        }
    }
}

/// The fields of an object that is not a row, each with its key in the answer.
type Fields<F> = Vec<(Name, Box<[u8]>, F)>;

/// How a connection is written.
struct Shaped(Fields<Part>);

enum Part {
    TypeName(String),
    Nodes(ObjectPlan),
    Edges(Fields<EdgePart>),
    Info(Fields<InfoPart>),
}

enum EdgePart {
    TypeName(String),
    Cursor,
    Node(ObjectPlan),
}

enum InfoPart {
    TypeName,
    HasNextPage,
    HasPreviousPage,
    StartCursor,
    EndCursor,
}

/// What the plans of pages are kept in: put it in the schema's data.
#[must_use]
pub fn page_plans(limit: usize) -> impl std::any::Any + Send + Sync {
    Plans::<RootPlan<Shaped>>::new(limit)
}

fn parts<'q, F>(
    planner: &mut Planner<'q>,
    type_name: &str,
    field: &Selected<'q>,
    mut part: impl FnMut(&mut Planner<'q>, &Selected<'q>) -> Option<F>,
) -> Option<Fields<F>> {
    planner
        .children(type_name, field)?
        .iter()
        .map(|selected| {
            let part = part(planner, selected)?;
            Some((Name::new(selected.key()), json_key(selected.key()), part))
        })
        .collect()
}

impl Shape for Shaped {
    fn compile<'q, T: Rows>(planner: &mut Planner<'q>, field: &Selected<'q>) -> Option<Self> {
        let connection = Page::<T>::type_name();
        let edge = <EdgeRef<'_, T> as TypeName>::type_name();
        parts(planner, &connection, field, |planner, selected| {
            Some(match selected.name() {
                "__typename" => Part::TypeName(connection.to_string()),
                "nodes" => Part::Nodes(planner.object::<T>(selected)?),
                "edges" => Part::Edges(parts(planner, &edge, selected, |planner, selected| {
                    Some(match selected.name() {
                        "__typename" => EdgePart::TypeName(edge.to_string()),
                        "cursor" => EdgePart::Cursor,
                        "node" => EdgePart::Node(planner.object::<T>(selected)?),
                        _ => return None,
                    })
                })?),
                "pageInfo" => Part::Info(parts(planner, "PageInfo", selected, |_, selected| {
                    Some(match selected.name() {
                        "__typename" => InfoPart::TypeName,
                        "hasNextPage" => InfoPart::HasNextPage,
                        "hasPreviousPage" => InfoPart::HasPreviousPage,
                        "startCursor" => InfoPart::StartCursor,
                        "endCursor" => InfoPart::EndCursor,
                        _ => return None,
                    })
                })?),
                _ => return None,
            })
        })
        .map(Shaped)
    }
}

/// Writes an object of parts.
fn object<F>(
    writer: &mut Writer<'_>,
    fields: &Fields<F>,
    mut part: impl FnMut(&mut Writer<'_>, &Name, &F) -> Result<(), Stopped>,
) -> Result<(), Stopped> {
    writer.json.push(b'{');
    for (index, (key, json_key, field)) in fields.iter().enumerate() {
        if index > 0 {
            writer.json.push(b',');
        }
        writer.json.extend_from_slice(json_key);
        part(writer, key, field)?;
    }
    writer.json.push(b'}');
    Ok(())
}

impl Shaped {
    fn write(&self, writer: &mut Writer<'_>, cut: &Cut<'_>, path: Path<'_>) -> Result<(), Stopped> {
        object(writer, &self.0, |writer, key, part| {
            let path = Path::Key(&path, key);
            match part {
                Part::TypeName(name) => write_string(name, &mut writer.json),
                Part::Nodes(node) => writer.list(node, cut.rows, path)?,
                Part::Edges(fields) => write_edges(writer, fields, cut, path)?,
                Part::Info(fields) => write_info(writer, fields, &cut.info()?)?,
            }
            Ok(())
        })
    }
}

fn write_edges(
    writer: &mut Writer<'_>,
    fields: &Fields<EdgePart>,
    cut: &Cut<'_>,
    path: Path<'_>,
) -> Result<(), Stopped> {
    writer.json.push(b'[');
    for (index, row) in cut.rows.iter().enumerate() {
        if index > 0 {
            writer.json.push(b',');
        }
        let path = Path::Index(&path, index);
        object(writer, fields, |writer, key, part| {
            match part {
                EdgePart::TypeName(name) => write_string(name, &mut writer.json),
                EdgePart::Cursor => write_string(&cut.cursor(row)?, &mut writer.json),
                EdgePart::Node(node) => writer.object(node, row, Path::Key(&path, key))?,
            }
            Ok(())
        })?;
    }
    writer.json.push(b']');
    Ok(())
}

fn write_info(
    writer: &mut Writer<'_>,
    fields: &Fields<InfoPart>,
    info: &PageInfo,
) -> Result<(), Stopped> {
    object(writer, fields, |writer, _, part| {
        let json = &mut writer.json;
        let flag = |flag: bool| if flag { "true" } else { "false" };
        match part {
            InfoPart::TypeName => write_string("PageInfo", json),
            InfoPart::HasNextPage => json.extend_from_slice(flag(info.has_next_page).as_bytes()),
            InfoPart::HasPreviousPage => {
                json.extend_from_slice(flag(info.has_previous_page).as_bytes());
            }
            InfoPart::StartCursor => write_cursor(info.start_cursor.as_deref(), json),
            InfoPart::EndCursor => write_cursor(info.end_cursor.as_deref(), json),
        }
        Ok(())
    })
}

fn write_cursor(cursor: Option<&str>, json: &mut Vec<u8>) {
    match cursor {
        Some(cursor) => write_string(cursor, json),
        None => json.extend_from_slice(b"null"),
    }
}
