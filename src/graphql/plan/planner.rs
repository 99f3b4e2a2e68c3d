//! Compiles a selection to a plan: the statements to run, and how each response key is written from their rows.

use super::{Belongs, Filter, Object, Refusal, Rows};
use crate::{
    authz::{Access, Rights},
    db::{BadCell, Cell, Dialect},
    graphql::document::DocumentHash,
};
use async_graphql::{
    Context, Name, Pos, Positioned,
    parser::types::{Field, Selection, SelectionSet},
};
use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// One response key of the query: every field of that key merged, fragments dissolved. `@skip` and `@include` are
/// already applied: async-graphql removes what they exclude before it executes.
pub struct Selected<'q> {
    field: &'q Positioned<Field>,
    pos: Pos,
    sets: Vec<&'q SelectionSet>,
}

impl<'q> Selected<'q> {
    #[must_use]
    pub fn of(field: &'q Positioned<Field>) -> Self {
        Selected {
            field,
            pos: field.pos,
            sets: vec![&field.node.selection_set.node],
        }
    }
    #[must_use]
    pub fn name(&self) -> &'q str {
        self.field.node.name.node.as_str()
    }
    /// The first place of the key in the document: a fragment may stand before what spreads it.
    #[must_use]
    pub fn pos(&self) -> Pos {
        self.pos
    }
    #[must_use]
    pub fn key(&self) -> &'q str {
        self.field.node.response_key().node.as_str()
    }
}

/// How one response key is written.
pub enum Write {
    Constant(Box<[u8]>),
    Column {
        at: usize,
        write: fn(Cell<'_>, &mut Vec<u8>) -> Result<(), BadCell>,
    },
    /// An object that lives on the same row.
    Object(ObjectPlan),
    /// The rows of another statement that belong to the key in this row's column `key_at`.
    Rows {
        statement: usize,
        key_at: usize,
        one: bool,
        object: ObjectPlan,
    },
    /// What is null when anything in it fails.
    Nullable(Box<Write>),
    /// Null, and one error for all places of this selection.
    Refused(Refusal),
}

pub struct PlannedField {
    pub key: Name,
    pub json_key: Box<[u8]>,
    pub pos: Pos,
    pub write: Write,
}

pub struct ObjectPlan {
    pub fields: Vec<PlannedField>,
}

/// By which column the rows of a statement are handed to their parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// A list below the parent that its rows belong to.
    Parent,
    /// A list below another parent, which its rows name by this column.
    Column(&'static str),
    /// A row that the parent refers to.
    Key,
}

/// Which ids a statement below the root is asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// The households of the root's rows.
    Households,
    /// The values of this column of the root's rows.
    Column(usize),
}

/// By what the rows of a statement are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// This column holds one of the ids.
    Holds(&'static str),
    /// A row of this statement names the key in this column: what belongs to no household is not found by it.
    Named(usize, &'static str),
}

/// One statement; columns are added while fields are planned, so only what was asked for is read.
pub struct Statement {
    record: TypeId,
    parent: Option<usize>,
    condition: Option<&'static str>,
    grouping: Grouping,
    pub ids: Ids,
    from: &'static str,
    belongs: Belongs,
    household: &'static str,
    asked: Asked,
    order: String,
    key: &'static str,
    bound: Bound,
    columns: Vec<&'static str>,
}

/// What bounds the rows of a statement besides its ids.
pub type Bound = Option<String>;

impl Statement {
    fn root<T: Rows>() -> Self {
        Statement {
            record: TypeId::of::<T>(),
            parent: None,
            condition: None,
            grouping: Grouping::Parent,
            ids: Ids::Households,
            from: T::FROM,
            belongs: T::BELONGS,
            household: T::HOUSEHOLD,
            asked: Asked::Holds(T::HOUSEHOLD),
            order: String::new(),
            key: T::KEY,
            bound: None,
            columns: vec![T::KEY],
        }
    }

    fn below<T: Rows>(
        parent: usize,
        grouping: Grouping,
        (ids, asked): (Ids, Asked),
        condition: Option<&'static str>,
        access: &Access,
    ) -> Self {
        let group = group_column::<T>(grouping);
        Statement {
            record: TypeId::of::<T>(),
            parent: Some(parent),
            condition,
            grouping,
            ids,
            from: T::FROM,
            belongs: T::BELONGS,
            household: T::HOUSEHOLD,
            asked,
            order: order_of::<T>(grouping),
            key: T::KEY,
            bound: access.bound::<T>(2),
            columns: vec![group],
        }
    }

    /// All rows of a set of ids: `$1` the ids, `$2` the viewer's institution where it bounds the rows.
    #[must_use]
    pub fn of_ids(&self, dialect: Dialect, all: &[Statement]) -> Arc<str> {
        let sql = format!(
            "SELECT {} FROM {} WHERE {} ORDER BY {}",
            self.columns.join(", "),
            self.from,
            self.conditions(dialect, all),
            self.order
        );
        sql.into()
    }

    fn conditions(&self, dialect: Dialect, all: &[Statement]) -> String {
        let mut sql = match self.asked {
            Asked::Holds(column) => dialect.any(column, 1),
            Asked::Named(parent, column) => {
                let (key, from) = (self.key, all[parent].from);
                let naming = all[parent].conditions(dialect, all);
                format!("{key} IN (SELECT {column} FROM {from} WHERE {naming})")
            }
        };
        // A row that names none of the parents is nobody's here.
        if let Grouping::Column(column) = self.grouping {
            sql += &format!(" AND {column} IS NOT NULL");
        }
        for condition in self.condition.into_iter().chain(self.bound.as_deref()) {
            sql += " AND ";
            sql += condition;
        }
        sql
    }

    /// Whether the statement needs the viewer's institution, its own rows or those that name them.
    #[must_use]
    pub fn is_bound(&self, all: &[Statement]) -> bool {
        let naming = match self.asked {
            Asked::Holds(_) => false,
            Asked::Named(parent, _) => all[parent].is_bound(all),
        };
        naming || self.bound.is_some()
    }

    /// The beginning of the root's statement: up to its columns, and from there to its conditions.
    #[must_use]
    pub fn select(&self) -> (String, String) {
        (
            format!("SELECT {}", self.columns.join(", ")),
            format!(" FROM {}", self.from),
        )
    }

    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.len()
    }
}

pub fn group_column<T: Rows>(grouping: Grouping) -> &'static str {
    match grouping {
        Grouping::Parent => T::PARENT,
        Grouping::Column(column) => column,
        Grouping::Key => T::KEY,
    }
}

/// Rows come grouped by parent, in their order within it.
pub fn order_of<T: Rows>(grouping: Grouping) -> String {
    format!("{}, {}", group_column::<T>(grouping), T::ORDER)
}

pub struct Planner<'q> {
    ctx: &'q Context<'q>,
    access: &'q Access,
    statements: Vec<Statement>,
    current: usize,
}

impl<'q> Planner<'q> {
    /// A planner whose first statement gives the rows of `T`.
    #[must_use]
    pub fn rooted<T: Rows>(ctx: &'q Context<'q>) -> Self {
        Planner {
            ctx,
            access: ctx.data_unchecked(),
            statements: vec![Statement::root::<T>()],
            current: 0,
        }
    }
    #[must_use]
    pub fn into_statements(self) -> Vec<Statement> {
        self.statements
    }

    /// The position of this column in the row at hand.
    pub fn column(&mut self, sql: &'static str) -> usize {
        let columns = &mut self.statements[self.current].columns;
        columns
            .iter()
            .position(|column| *column == sql)
            .unwrap_or_else(|| {
                columns.push(sql);
                columns.len() - 1
            })
    }

    /// The position of the root's household id.
    pub fn household_column(&mut self) -> usize {
        let household = self.statements[self.current].household;
        self.column(household)
    }

    pub fn object<T: Object>(&mut self, field: &Selected<'_>) -> Option<ObjectPlan> {
        let type_name = T::type_name();
        let mut fields = Vec::new();
        for selected in self.fields(&type_name, &field.sets)? {
            let write = match selected.name() {
                "__typename" => Write::Constant(format!("\"{type_name}\"").into_bytes().into()),
                name if !self.access.may_read(&type_name, name) => {
                    Write::Refused(Refusal::forbidden())
                }
                _ => T::plan(&selected, self)?,
            };
            fields.push(PlannedField {
                key: Name::new(selected.key()),
                json_key: json_key(selected.key()),
                pos: selected.pos(),
                write,
            });
        }
        Some(ObjectPlan { fields })
    }

    /// Rows of `T` below the row at hand, from one statement however often they are selected.
    pub fn rows<T: Rows>(
        &mut self,
        field: &Selected<'_>,
        grouping: Grouping,
        condition: Option<&'static str>,
        one: bool,
    ) -> Option<Write> {
        let key_at = self.column(self.statements[self.current].key);
        let found = (Ids::Households, Asked::Holds(T::HOUSEHOLD));
        let rows = self.below::<T>(field, key_at, grouping, found, condition, one)?;
        // A list that fails takes the object it stands in with it; a single row is null by itself.
        Some(if one {
            Write::Nullable(Box::new(rows))
        } else {
            rows
        })
    }

    /// The row of `T` that this column of the row at hand refers to.
    pub fn reference<T: Rows>(
        &mut self,
        field: &Selected<'_>,
        column: &'static str,
    ) -> Option<Write> {
        let key_at = self.column(column);
        // Rows of a household refer to rows of the same one. Those of a region may name any.
        let same = T::BELONGS == Belongs::ToHousehold
            && self.statements[self.current].belongs == Belongs::ToHousehold;
        let found = match (self.current, same) {
            (0, _) => (Ids::Column(key_at), Asked::Holds(T::KEY)),
            (_, true) => (Ids::Households, Asked::Holds(T::HOUSEHOLD)),
            (parent, _) => (Ids::Households, Asked::Named(parent, column)),
        };
        let row = self.below::<T>(field, key_at, Grouping::Key, found, None, true)?;
        Some(Write::Nullable(Box::new(row)))
    }

    fn below<T: Rows>(
        &mut self,
        field: &Selected<'_>,
        key_at: usize,
        grouping: Grouping,
        found: (Ids, Asked),
        condition: Option<&'static str>,
        one: bool,
    ) -> Option<Write> {
        let parent = self.current;
        let known = self.statements.iter().position(|statement| {
            statement.record == TypeId::of::<T>()
                && statement.parent == Some(parent)
                && statement.condition == condition
                && statement.grouping == grouping
                && (statement.ids, statement.asked) == found
        });
        let statement = known.unwrap_or_else(|| {
            let statement = Statement::below::<T>(parent, grouping, found, condition, self.access);
            self.statements.push(statement);
            self.statements.len() - 1
        });
        self.current = statement;
        let object = self.object::<T>(field);
        self.current = parent;
        Some(Write::Rows {
            statement,
            key_at,
            one,
            object: object?,
        })
    }

    /// The response keys below `field`, in order, for an object of this type.
    #[must_use]
    pub fn children(&self, type_name: &str, field: &Selected<'q>) -> Option<Vec<Selected<'q>>> {
        self.fields(type_name, &field.sets)
    }

    fn fields<'s>(&self, type_name: &str, sets: &[&'s SelectionSet]) -> Option<Vec<Selected<'s>>>
    where
        'q: 's,
    {
        let mut into = Vec::new();
        for set in sets {
            self.flatten(type_name, set, &mut into)?;
        }
        Some(into)
    }

    fn flatten<'s>(
        &self,
        type_name: &str,
        set: &'s SelectionSet,
        into: &mut Vec<Selected<'s>>,
    ) -> Option<()>
    where
        'q: 's,
    {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => select(field, into)?,
                Selection::InlineFragment(fragment) => {
                    let condition = fragment
                        .node
                        .type_condition
                        .as_ref()
                        .map(|condition| condition.node.on.node.as_str());
                    if condition.is_none_or(|condition| self.applies(type_name, condition)) {
                        self.flatten(type_name, &fragment.node.selection_set.node, into)?;
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let fragment = &self.ctx.query_env.fragments.get(name)?.node;
                    if self.applies(type_name, fragment.type_condition.node.on.node.as_str()) {
                        self.flatten(type_name, &fragment.selection_set.node, into)?;
                    }
                }
            }
        }
        Some(())
    }

    fn applies(&self, type_name: &str, condition: &str) -> bool {
        type_name == condition
            || self
                .ctx
                .schema_env
                .registry
                .implements
                .get(type_name)
                .is_some_and(|interfaces| interfaces.contains(condition))
    }
}

/// Arguments and custom directives below the root are left to stock resolution.
fn select<'s>(field: &'s Positioned<Field>, into: &mut Vec<Selected<'s>>) -> Option<()> {
    if !field.node.arguments.is_empty() || !field.node.directives.is_empty() {
        return None;
    }
    let key = field.node.response_key().node.as_str();
    match into.iter_mut().find(|seen| seen.key() == key) {
        Some(seen) if seen.name() == field.node.name.node.as_str() => {
            seen.sets.push(&field.node.selection_set.node);
            seen.pos = seen.pos.min(field.pos);
        }
        Some(_) => return None,
        None => into.push(Selected::of(field)),
    }
    Some(())
}

#[must_use]
pub fn json_key(key: &str) -> Box<[u8]> {
    format!("\"{key}\":").into_bytes().into()
}

/// Compiled plans. `None` is remembered too: this selection needs stock resolution.
pub struct Plans<P> {
    known: Mutex<Known<P>>,
    limit: usize,
}

struct Known<P> {
    plans: HashMap<PlanKey, Option<Arc<P>>>,
    fields: u64,
}

/// Fields of all plans kept: fragments make few words to many fields.
const MOST_FIELDS: u64 = 400_000;

/// What a plan depends on: text and operation, the variables of `@skip` and `@include`, the field, the viewer's rights.
#[derive(PartialEq, Eq, Hash)]
pub struct PlanKey {
    pub document: DocumentHash,
    pub operation: Option<String>,
    pub switches: Vec<Option<bool>>,
    pub field: String,
    pub record: TypeId,
    pub rights: Rights,
}

impl<P> Plans<P> {
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Plans {
            known: Mutex::new(Known {
                plans: HashMap::new(),
                fields: 0,
            }),
            limit,
        }
    }

    /// The plan of this key, of at most as many fields.
    pub fn get_or_compile(
        &self,
        key: PlanKey,
        fields: u64,
        compile: impl FnOnce() -> Option<P>,
    ) -> Option<Arc<P>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = known.plans.get(&key) {
            return plan.clone();
        }
        drop(known);
        let plan = compile().map(Arc::new);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.plans.len() >= self.limit || known.fields + fields > MOST_FIELDS {
            // Documents of real clients are few: a full table means texts that differ each time, so start over.
            known.plans.clear();
            known.fields = 0;
        }
        known.plans.insert(key, plan.clone());
        known.fields += fields;
        plan
    }
}

/// The conditions of a list as stock resolution asks them: `$1` the ids, then the institution, then the filter's values.
#[must_use]
pub fn conditions(filter: Option<&Filter>, bound: Option<&str>, first: usize) -> (String, usize) {
    let mut sql = String::new();
    let mut next = first;
    if let Some(bound) = bound {
        sql += " AND ";
        sql += bound;
        next += 1;
    }
    if let Some(filter) = filter {
        sql += " AND ";
        let mut condition = filter.condition.replace("{}", &format!("${next}"));
        for (index, _) in filter.values.iter().enumerate() {
            let value = format!("{{{}}}", index + 1);
            condition = condition.replace(&value, &format!("${}", next + index));
        }
        sql += &condition;
    }
    (sql, next)
}
