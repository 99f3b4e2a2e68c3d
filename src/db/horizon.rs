//! Below which number every transaction has ended.

use super::{Class, Database, DbError, Dialect, Statement};

impl Database {
    /// The number below which every transaction that leaves records has ended: whoever reads only rows of transactions
    /// below it misses none, and none appears there later. It never falls.
    ///
    /// On PostgreSQL it is the oldest transaction that runs anywhere in the cluster; on SQLite, where one writes at a
    /// time, the one after the newest.
    ///
    /// # Errors
    /// The database does not answer, or has no `transaction_clock`.
    pub async fn horizon(&self) -> Result<i64, DbError> {
        let sql = format!("SELECT {}", self.dialect().horizon());
        let mut session = self.reads().acquire().await?;
        let rows = session.one(Statement::new(Class::Job, sql, vec![])).await?;
        let row = rows
            .first()
            .ok_or_else(|| DbError::fault("transaction_clock is empty"))?;
        Ok(row.cell(0).int()?)
    }
}

impl Dialect {
    /// The same as an expression, for a statement whose rows stay below the horizon of their own moment.
    #[must_use]
    pub fn horizon(self) -> &'static str {
        match self {
            Dialect::Postgres => {
                "(SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + c.added FROM transaction_clock c)"
            }
            // One writer: what is numbered is committed.
            Dialect::Sqlite => "(SELECT c.added + 1 FROM transaction_clock c)",
        }
    }
}
