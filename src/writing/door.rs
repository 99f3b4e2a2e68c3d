//! The door to the tables inside of a write.

use super::{
    journal::{Journal, kept},
    mistake::{Conflict, Mistake, NOT_FOUND, Stop},
};
use crate::{
    authz::Access,
    clock::day_of,
    db::{Database, DbError, Opening, Param, Statement, Transaction},
    graphql::{
        plan::{RootQuery, Rows},
        scalars::{NodeName, parse_global_id},
    },
    vault::{Place, Sealed, Sensitive, Vault},
};
use entity::codes::{ChangeAction, Slice};
use futures_util::future::try_join_all;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    Iterable, ModelTrait, QueryFilter, Value, sea_query::Expr,
};
use std::{
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A table that mutations write.
pub trait Written:
    EntityTrait<Model: IntoActiveModel<Self::ActiveModel> + FromQueryResult + Send + Sync>
{
    /// The part of the file that its rows belong to.
    const SLICE: Slice;
    /// Columns that the database makes from others.
    const GENERATED: &'static [&'static str] = &["county_code"];
}

/// A table whose rows are an object of the graph: they are found as reads find it, in the viewer's scope.
pub trait Findable: Written {
    /// The object.
    type Row: Rows;
}

/// Says of tables which slice and, where they are one, which object of the graph their rows are:
/// `written! { Civil: dibao => Dibao; }`.
macro_rules! written {
    ($($slice:ident : $($entity:ident)::+ $(=> $row:ty)? $(, generated $($column:literal)+)?;)+) => { $(
        impl crate::writing::Written for $($entity)::+::Entity {
            const SLICE: ::entity::codes::Slice = ::entity::codes::Slice::$slice;
            $( const GENERATED: &'static [&'static str] = &["county_code" $(, $column)+]; )?
        }
        crate::writing::findable! { $($entity)::+ $(=> $row)? }
    )+ };
}
/// The part of [`written`] for tables whose rows are an object.
macro_rules! findable {
    ($($entity:ident)::+) => {};
    ($($entity:ident)::+ => $row:ty) => {
        impl crate::writing::Findable for $($entity)::+::Entity {
            type Row = $row;
        }
    };
}
pub(crate) use findable;
pub(crate) use written;

/// What a service works with: the transaction, and who asks. Handed over by value; its clones are the same door.
#[derive(Clone)]
pub struct Door {
    transaction: Transaction,
    shared: Arc<Shared>,
}

struct Shared {
    access: Access,
    database: Database,
    vault: Arc<Vault>,
    now_ms: i64,
    journal: Mutex<Journal>,
}

impl Door {
    pub(super) fn new(
        transaction: Transaction,
        access: Access,
        database: Database,
        vault: Arc<Vault>,
        now_ms: i64,
    ) -> Self {
        let shared = Shared {
            access,
            database,
            vault,
            now_ms,
            journal: Mutex::default(),
        };
        Door {
            transaction,
            shared: Arc::new(shared),
        }
    }

    pub(super) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.shared
            .journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The transaction, for the questions of a room's store. Nothing may be written with it but through the door.
    #[must_use]
    pub fn transaction(&self) -> &impl ConnectionTrait {
        &*self.transaction
    }

    /// A statement of the read side, for asking it inside of the write.
    ///
    /// # Errors
    /// A list among its parameters.
    pub fn orm_statement(&self, statement: Statement) -> Result<sea_orm::Statement, Stop> {
        Ok(self.shared.database.orm_statement(statement)?)
    }

    #[must_use]
    pub fn access(&self) -> &Access {
        &self.shared.access
    }

    /// When the write happens, epoch milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.shared.now_ms
    }

    /// The day of the write in China.
    #[must_use]
    pub fn today(&self) -> time::Date {
        day_of(self.shared.now_ms)
    }

    /// Runs statements of the work beyond the viewer's regions, for this reason. The second wall is closed behind them.
    ///
    /// # Errors
    /// Those of the statements, or the wall could not be opened or closed.
    pub async fn beyond<T>(
        &self,
        opening: Opening,
        work: impl Future<Output = Result<T, Stop>>,
    ) -> Result<T, Stop> {
        let database = &self.shared.database;
        database
            .opened(opening)
            .raise_wall(&self.transaction)
            .await?;
        let done = work.await;
        // After a refused statement PostgreSQL takes no further one, but then nothing of the transaction stays either.
        let closed = database.raise_wall(&self.transaction).await;
        let done = done?;
        closed?;
        Ok(done)
    }

    /// Keys for so many new rows.
    ///
    /// # Errors
    /// As [`Door::new_key`].
    pub async fn new_keys<E: Written>(&self, count: usize) -> Result<Range<i64>, Stop> {
        let count = u32::try_from(count).map_err(|_| DbError::fault("too many new rows"))?;
        Ok(self.shared.database.next_ids(table::<E>(), count).await?)
    }

    /// A key for a new row.
    ///
    /// # Errors
    /// None is at hand; the write is run again when there is.
    pub async fn new_key<E: Written>(&self) -> Result<i64, Stop> {
        Ok(self.shared.database.next_id(table::<E>()).await?)
    }

    /// Seals a sensitive value for the place where it will be stored.
    ///
    /// # Errors
    /// The vault could not; the cause is logged.
    pub fn seal(&self, place: Place<'_>, value: &impl Sensitive) -> Result<Sealed, Stop> {
        let sealed = self.shared.vault.seal(place, value);
        sealed.map_err(|error| DbError::fault(error.to_string()).into())
    }

    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.shared.vault
    }

    /// The row of this global id, where it exists for the viewer.
    ///
    /// # Errors
    /// `NOT_FOUND` at this path.
    pub async fn find<E: Findable>(&self, id: &str, path: &[&str]) -> Result<E::Model, Stop>
    where
        E::Row: NodeName,
    {
        let key = parse_global_id(id)
            .filter(|(name, _)| name == <E::Row as NodeName>::NAME)
            .map(|(_, key)| key);
        let found = match key {
            Some(key) => self.find_by_key::<E>(key).await?,
            None => None,
        };
        found.ok_or_else(|| Mistake::new(&NOT_FOUND, path).into())
    }

    /// The row of this key, where it exists for the viewer.
    ///
    /// # Errors
    /// The database.
    pub async fn find_by_key<E: Findable>(&self, key: i64) -> Result<Option<E::Model>, Stop> {
        let mut query = RootQuery::scoped::<E::Row>(&self.shared.access);
        query.equals(<E::Row as Rows>::KEY, Param::I64(key));
        let select = format!("SELECT {} FROM {}", named::<E>(), <E::Row as Rows>::FROM);
        let statement = query.statement(&select);
        let statement = self.shared.database.orm_statement(statement)?;
        let found = E::find().from_raw_sql(statement);
        Ok(found.one(&*self.transaction).await.map_err(DbError::from)?)
    }

    /// The row of this global id as the client knows it: of another version it is a conflict.
    ///
    /// # Errors
    /// `NOT_FOUND` at this path, or the conflict.
    pub async fn find_version<E: Findable>(
        &self,
        id: &str,
        version: i32,
        path: &[&str],
    ) -> Result<E::Model, Stop>
    where
        E::Row: NodeName,
    {
        let row = self.find::<E>(id, path).await?;
        match Door::same_version::<E>(&row, version) {
            Ok(()) => Ok(row),
            Err(Stop::Conflict(conflict)) => Err(Stop::Conflict(Conflict {
                path: beside(path),
                ..conflict
            })),
            Err(stop) => Err(stop),
        }
    }

    /// Holds a row, found otherwise, against the version that the client knows.
    ///
    /// # Errors
    /// The conflict.
    pub fn same_version<E: Written>(row: &E::Model, version: i32) -> Result<(), Stop> {
        let current = number::<E>(row, "version").unwrap_or_default();
        if current == i64::from(version) {
            return Ok(());
        }
        Err(Stop::Conflict(Conflict {
            table: table::<E>(),
            key: number::<E>(row, "id").unwrap_or_default(),
            current: i32::try_from(current).unwrap_or_default(),
            given: version,
            path: vec!["version".to_owned()],
        }))
    }

    /// Adds a row. Its version begins at 1 and it is recorded as of now.
    ///
    /// # Errors
    /// A constraint, see [`Stop::meaning`].
    pub async fn insert<E: Written>(&self, mut row: E::Model) -> Result<E::Model, Stop> {
        set::<E>(&mut row, "version", 1_i32.into());
        set::<E>(&mut row, "recorded_at_ms", self.shared.now_ms.into());
        E::insert(active_row::<E>(&row))
            .exec_without_returning(&*self.transaction)
            .await
            .map_err(DbError::from)?;
        self.journal()
            .add(kept::<E>(ChangeAction::Create, None, Some(&row)));
        Ok(row)
    }

    /// Adds rows that belong together in as few statements as the databases take, recorded one by one.
    ///
    /// # Errors
    /// As [`Door::insert`]; all of them are refused.
    pub async fn insert_all<E: Written>(&self, mut rows: Vec<E::Model>) -> Result<(), Stop> {
        for row in &mut rows {
            set::<E>(row, "version", 1_i32.into());
            set::<E>(row, "recorded_at_ms", self.shared.now_ms.into());
        }
        for together in rows.chunks(MOST_VALUES / E::Column::iter().count()) {
            E::insert_many(together.iter().map(active_row::<E>))
                .exec_without_returning(&*self.transaction)
                .await
                .map_err(DbError::from)?;
        }
        let mut journal = self.journal();
        for row in &rows {
            journal.add(kept::<E>(ChangeAction::Create, None, Some(row)));
        }
        Ok(())
    }

    /// Changes a row to what `after` says; what is the same is not written. Nothing is where nothing differs.
    ///
    /// # Errors
    /// A constraint, see [`Stop::meaning`]. Where somebody was faster the write is run again, and finds the conflict.
    pub async fn update<E: Written>(
        &self,
        before: &E::Model,
        after: E::Model,
    ) -> Result<E::Model, Stop> {
        if changed::<E>(before, &after).is_empty() {
            return Ok(after);
        }
        self.renew::<E>(before, after).await
    }

    /// The same for rows that belong together, each as it was and as it becomes: those that change alike are changed by one
    /// statement, and recorded one by one.
    ///
    /// # Errors
    /// As [`Door::update`].
    pub async fn update_all<E: Written>(
        &self,
        rows: Vec<(E::Model, E::Model)>,
    ) -> Result<(), Stop> {
        let mut alike: Vec<Alike<E::Model>> = Vec::new();
        for (before, mut after) in rows {
            if changed::<E>(&before, &after).is_empty() {
                continue;
            }
            self.stamp::<E>(&before, &mut after);
            let changed = changed::<E>(&before, &after);
            match alike.iter_mut().find(|(change, _)| *change == changed) {
                Some((_, rows)) => rows.push((before, after)),
                None => alike.push((changed, vec![(before, after)])),
            }
        }
        // Polled together, they go out without waiting for each other's answers.
        let mut changes = Vec::new();
        for (changed, rows) in &alike {
            let rows: Vec<_> = rows.iter().map(|(before, after)| (before, after)).collect();
            for together in rows.chunks(MOST_VALUES / 2) {
                let together = together.to_vec();
                changes.push(async move { self.change_alike::<E>(changed, &together).await });
            }
        }
        try_join_all(changes).await?;
        Ok(())
    }

    /// Changes a row whose parts in other tables change: it gets a new version even where nothing of itself differs.
    ///
    /// # Errors
    /// As [`Door::update`].
    pub async fn renew<E: Written>(
        &self,
        before: &E::Model,
        mut after: E::Model,
    ) -> Result<E::Model, Stop> {
        self.stamp::<E>(before, &mut after);
        let changed = changed::<E>(before, &after);
        self.change_alike::<E>(&changed, &[(before, &after)])
            .await?;
        Ok(after)
    }

    /// The next version, recorded now.
    fn stamp<E: Written>(&self, before: &E::Model, after: &mut E::Model) {
        let version = number::<E>(before, "version").unwrap_or_default();
        let next = i32::try_from(version + 1).unwrap_or(i32::MAX);
        set::<E>(after, "version", next.into());
        set::<E>(after, "recorded_at_ms", self.shared.now_ms.into());
    }

    /// Writes the same change to each of these rows, which are all of the same version.
    async fn change_alike<E: Written>(
        &self,
        changed: &Changed,
        rows: &[(&E::Model, &E::Model)],
    ) -> Result<(), Stop> {
        let mut update = E::update_many();
        for (name, value) in changed {
            if let Some(column) = column::<E>(name) {
                update = update.col_expr(column, Expr::value(value.clone()));
            }
        }
        if let Some(id) = column::<E>("id") {
            update = update.filter(id.is_in(rows.iter().map(|(before, _)| before.get(id))));
        }
        if let (Some(version), [(before, _), ..]) = (column::<E>("version"), rows) {
            update = update.filter(version.eq(before.get(version)));
        }
        let done = update
            .exec(&*self.transaction)
            .await
            .map_err(DbError::from)?;
        if done.rows_affected != rows.len() as u64 {
            return Err(DbError::Locked.into());
        }
        let mut journal = self.journal();
        for (before, after) in rows {
            journal.add(kept::<E>(ChangeAction::Update, Some(before), Some(after)));
        }
        Ok(())
    }

    /// Removes a row that others take the place of. What it was stays in the audit records.
    ///
    /// # Errors
    /// A constraint. Where somebody was faster the write is run again.
    pub async fn remove<E: Written>(&self, row: &E::Model) -> Result<(), Stop> {
        let mut delete = E::delete_many();
        for name in ["id", "version"] {
            if let Some(column) = column::<E>(name) {
                delete = delete.filter(column.eq(row.get(column)));
            }
        }
        let done = delete
            .exec(&*self.transaction)
            .await
            .map_err(DbError::from)?;
        if done.rows_affected != 1 {
            return Err(DbError::Locked.into());
        }
        self.journal()
            .add(kept::<E>(ChangeAction::Delete, Some(row), None));
        Ok(())
    }
}

/// The most values of one statement, of both databases.
const MOST_VALUES: usize = 32_766;

/// The columns in which a row differs from what it was, by name, with their new values.
type Changed = Vec<(&'static str, Value)>;

/// Rows that change alike, each as it was and as it becomes.
type Alike<M> = (Changed, Vec<(M, M)>);

fn changed<E: Written>(before: &E::Model, after: &E::Model) -> Changed {
    E::Column::iter()
        .filter(|column| !is_generated::<E>(column) && before.get(*column) != after.get(*column))
        .map(|column| (sea_orm::IdenStatic::as_str(&column), after.get(column)))
        .collect()
}

/// The row as it is inserted: without what the database makes.
fn active_row<E: Written>(row: &E::Model) -> E::ActiveModel {
    let mut active = row.clone().into_active_model().reset_all();
    for column in E::Column::iter().filter(|column| is_generated::<E>(column)) {
        active.not_set(column);
    }
    active
}

/// The path of the version that stands beside the id of this path.
fn beside(id: &[&str]) -> Vec<String> {
    let above = id.split_last().map_or(id, |(_, above)| above).iter();
    above.chain(&["version"]).map(ToString::to_string).collect()
}

/// The columns of a table by name: what a newer schema adds is not asked for, and changes nothing of what is prepared.
fn named<E: EntityTrait>() -> String {
    let columns = E::Column::iter();
    let columns = columns.map(|column| format!("t.\"{}\"", sea_orm::IdenStatic::as_str(&column)));
    columns.collect::<Vec<_>>().join(", ")
}

/// The name of a table.
pub(super) fn table<E: EntityTrait>() -> &'static str {
    E::default().table_name()
}

pub(super) fn is_generated<E: Written>(column: &E::Column) -> bool {
    E::GENERATED.contains(&sea_orm::IdenStatic::as_str(column))
}

pub(super) fn column<E: EntityTrait>(name: &str) -> Option<E::Column> {
    E::Column::iter().find(|column| sea_orm::IdenStatic::as_str(column) == name)
}

/// The whole number in a column, where the table has it and it is not null.
pub(super) fn number<E: EntityTrait>(row: &E::Model, name: &str) -> Option<i64> {
    match row.get(column::<E>(name)?) {
        Value::BigInt(number) => number,
        Value::Int(number) => number.map(i64::from),
        _ => None,
    }
}

fn set<E: EntityTrait>(row: &mut E::Model, name: &str, value: Value) {
    if let Some(column) = column::<E>(name) {
        row.set(column, value);
    }
}
