//! A load: very many rows written in one transaction, as a whole or not at all, on a connection of its own.
//!
//! PostgreSQL takes the rows by COPY, SQLite by statements of many rows. Where a load checks at its end, what makes every
//! row slow (indexes, keys, exclusions, triggers) is taken off the empty tables first and put back from the catalog's own
//! definitions; the databases check all rows then. Limits of time do not hold here, and loads wait for each other.

mod inserts;
mod rebuild;

pub use inserts::Inserts;

use super::{Database, DbError, Dialect, settings};
use inserts::{COPY_END, COPY_HEAD, Form, Head};
use sqlx::{
    AssertSqlSafe, ColumnIndex, Connection, Decode, PgConnection, Row, SqliteConnection, Type,
    raw_sql, sqlite::SqliteArguments,
};
use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Bytes sent to PostgreSQL at once.
const SLICE: usize = 1 << 20;

/// Bytes of a table that are sent together. The end of a COPY waits for the acknowledgement of what was sent before it,
/// which the other side delays by 40 ms: thousands of small ones would mostly wait.
const TOGETHER: usize = 2 << 20;

/// When the constraints of the tables are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// With every row, as always.
    WithEachRow,
    /// All at once before the commit: much faster where there are many rows.
    AtTheEnd,
}

/// A load that has begun. Dropped before it is committed, it has changed nothing.
pub struct Load {
    line: Line,
    checks: Checks,
    /// What puts back what was taken off, in order.
    put_back: Vec<String>,
    /// What lets row security hold again.
    forced: Vec<String>,
    /// Rows for PostgreSQL that wait for more of their table, where no constraint asks for an order.
    waiting: BTreeMap<Head, Vec<u8>>,
    rows: u64,
}

/// The connection.
enum Line {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Database {
    /// Begins a load. Of several, also in other processes, one runs and the others wait for its end.
    ///
    /// # Errors
    /// The database can't be reached, or on SQLite somebody else writes for too long.
    pub async fn load(&self, checks: Checks) -> Result<Load, DbError> {
        let line = match self.dialect() {
            Dialect::Sqlite => Line::Sqlite(settings::sqlite_loader(&self.url, checks).await?),
            Dialect::Postgres => Line::Postgres(settings::postgres_loader(&self.url).await?),
        };
        let mut load = Load {
            line,
            checks,
            put_back: Vec::new(),
            forced: Vec::new(),
            waiting: BTreeMap::new(),
            rows: 0,
        };
        load.run(match &load.line {
            Line::Sqlite(_) => "BEGIN IMMEDIATE",
            Line::Postgres(_) => "BEGIN; SELECT pg_advisory_xact_lock(hashtext('yihu load'))",
        })
        .await?;
        Ok(load)
    }
}

impl Load {
    /// Makes ready for the rows. On PostgreSQL nobody else reads the empty tables from here to the end of a load that
    /// checks at its end.
    ///
    /// # Errors
    /// The catalog could not be read or changed.
    pub async fn prepare(&mut self) -> Result<(), DbError> {
        self.pass_row_security().await?;
        match self.checks {
            Checks::WithEachRow => Ok(()),
            Checks::AtTheEnd => self.take_off().await,
        }
    }

    /// Writes rows, table by table; in the order in which they were added, where each row is checked.
    ///
    /// # Errors
    /// The first refusal of the database.
    pub async fn write(&mut self, inserts: Inserts) -> Result<(), DbError> {
        self.rows += inserts.rows() as u64;
        for batch in inserts.into_batches()? {
            match (&mut self.line, batch.form) {
                (Line::Sqlite(line), Form::Statements(statements)) => {
                    insert(line, &batch.head, statements).await?;
                }
                (Line::Postgres(_), Form::Copy(rows)) => self.collect(batch.head, rows).await?,
                _ => return Err(DbError::fault("rows for another database")),
            }
        }
        Ok(())
    }

    /// Copies the rows of a table when there are enough of them.
    async fn collect(&mut self, head: Head, rows: Vec<u8>) -> Result<(), DbError> {
        let mut together = self.waiting.remove(&head).unwrap_or_default();
        together.extend_from_slice(&rows);
        if self.checks == Checks::AtTheEnd && together.len() < TOGETHER {
            self.waiting.insert(head, together);
            return Ok(());
        }
        self.copy(&head, &together).await
    }

    /// Copies all rows that still wait.
    async fn copy_waiting(&mut self) -> Result<(), DbError> {
        for (head, rows) in std::mem::take(&mut self.waiting) {
            self.copy(&head, &rows).await?;
        }
        Ok(())
    }

    async fn copy(&mut self, head: &Head, rows: &[u8]) -> Result<(), DbError> {
        let Line::Postgres(line) = &mut self.line else {
            return Err(DbError::fault("rows for another database"));
        };
        let mut into = line.copy_in_raw(&head.copy()).await?;
        into.send(COPY_HEAD).await?;
        for slice in rows.chunks(SLICE) {
            into.send(slice).await?;
        }
        into.send(COPY_END).await?;
        into.finish().await?;
        Ok(())
    }

    /// COPY knows no row security: until the commit it does not hold for the owner of the tables, who loads, and for nobody
    /// else, since the tables are locked.
    async fn pass_row_security(&mut self) -> Result<(), DbError> {
        if matches!(self.line, Line::Sqlite(_)) {
            return Ok(());
        }
        let forced = "SELECT oid::regclass::text FROM pg_class \
                      WHERE relnamespace = current_schema()::regnamespace AND relforcerowsecurity";
        for table in self.texts(forced).await?.into_iter().flatten() {
            let force = format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY");
            self.run(&force.replace(" FORCE ", " NO FORCE ")).await?;
            self.forced.push(force);
        }
        Ok(())
    }

    /// How many rows are written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Puts back what was taken off, tells the database which keys are taken, and makes everything hold.
    ///
    /// # Errors
    /// Rows that the constraints do not allow.
    pub async fn commit(mut self, keys: &Keys) -> Result<(), DbError> {
        self.copy_waiting().await?;
        self.put_back().await?;
        let taken: Vec<_> = keys
            .stand()
            .iter()
            .map(|(name, next)| format!("('{name}', {next})"))
            .collect();
        if !taken.is_empty() {
            let greatest = match self.line {
                Line::Sqlite(_) => "max",
                Line::Postgres(_) => "greatest",
            };
            self.run(&format!(
                "INSERT INTO id_block (name, next_id) VALUES {} ON CONFLICT (name) \
                 DO UPDATE SET next_id = {greatest}(id_block.next_id, excluded.next_id)",
                taken.join(", ")
            ))
            .await?;
        }
        for force in std::mem::take(&mut self.forced) {
            self.run(&force).await?;
        }
        self.run("COMMIT").await?;
        // All is done; how the line ends does not matter.
        drop(match self.line {
            Line::Sqlite(line) => line.close().await,
            Line::Postgres(line) => line.close().await,
        });
        Ok(())
    }

    async fn run(&mut self, sql: &str) -> Result<(), DbError> {
        let sql = raw_sql(AssertSqlSafe(sql));
        match &mut self.line {
            Line::Sqlite(line) => sql.execute(line).await.map(|_| ())?,
            Line::Postgres(line) => sql.execute(line).await.map(|_| ())?,
        }
        Ok(())
    }

    /// The rows of a statement whose columns are texts.
    async fn texts(&mut self, sql: &str) -> Result<Vec<Vec<String>>, DbError> {
        let sql = AssertSqlSafe(sql);
        match &mut self.line {
            Line::Sqlite(line) => cells(&sqlx::query(sql).fetch_all(line).await?),
            Line::Postgres(line) => cells(&sqlx::query(sql).fetch_all(line).await?),
        }
    }
}

fn cells<R: Row>(rows: &[R]) -> Result<Vec<Vec<String>>, DbError>
where
    usize: ColumnIndex<R>,
    String: for<'r> Decode<'r, R::Database> + Type<R::Database>,
{
    let cells = |row: &R| (0..row.len()).map(|at| row.try_get(at)).collect();
    let rows: Result<_, sqlx::Error> = rows.iter().map(cells).collect();
    Ok(rows?)
}

async fn insert(
    line: &mut SqliteConnection,
    head: &Head,
    statements: Vec<(usize, SqliteArguments)>,
) -> Result<(), DbError> {
    for (rows, arguments) in statements {
        sqlx::query_with(AssertSqlSafe(head.insert(rows)), arguments)
            // Only the statement of full length comes again.
            .persistent(rows == head.rows_at_once())
            .execute(&mut *line)
            .await?;
    }
    Ok(())
}

/// Keys for the rows of a load: counted in memory from where the database stands, told to it when the load is committed.
/// The same rows get the same keys every time.
#[derive(Debug)]
pub struct Keys(Mutex<BTreeMap<String, i64>>);

impl Keys {
    /// The keys from where the database stands.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn of(load: &mut Load) -> Result<Self, DbError> {
        let rows = load
            .texts("SELECT name, CAST(next_id AS TEXT) FROM id_block")
            .await?;
        let stand = rows.into_iter().filter_map(|row| {
            let [name, next] = <[String; 2]>::try_from(row).ok()?;
            Some((name, next.parse().ok()?))
        });
        Ok(Keys(Mutex::new(stand.collect())))
    }

    /// `count` keys of a table that follow each other.
    pub fn take(&self, table: &str, count: usize) -> Range<i64> {
        let mut stand = self.stand();
        let first = stand.get(table).copied().unwrap_or(1);
        let end = first.saturating_add_unsigned(count as u64);
        if count > 0 {
            stand.insert(table.to_owned(), end);
        }
        first..end
    }

    fn stand(&self) -> MutexGuard<'_, BTreeMap<String, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
