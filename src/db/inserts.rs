//! Rows of several tables that are put together first and written by one write, many rows to a statement.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, Iterable,
    QueryTrait, Statement, sea_query,
};

use super::{DbError, Dialect};

/// SQLite takes no more parameters in a statement than 32,766, PostgreSQL 65,535.
const PARAMETERS: usize = 32_000;

/// The rows, as statements in the order in which they were added.
#[derive(Clone, Debug)]
pub struct Inserts {
    backend: DbBackend,
    statements: Vec<Statement>,
    rows: usize,
}

impl Inserts {
    /// No rows, for a database of this kind.
    pub fn new(dialect: Dialect) -> Self {
        let backend = match dialect {
            Dialect::Sqlite => DbBackend::Sqlite,
            Dialect::Postgres => DbBackend::Postgres,
        };
        Inserts {
            backend,
            statements: Vec::new(),
            rows: 0,
        }
    }

    /// Adds rows of a table; rows that others refer to come first.
    pub fn add<A: ActiveModelTrait>(&mut self, rows: Vec<A>) {
        let columns = <A::Entity as EntityTrait>::Column::iter().count().max(1);
        let mut rest = rows.into_iter().peekable();
        while rest.peek().is_some() {
            let batch: Vec<A> = rest.by_ref().take(PARAMETERS / columns).collect();
            self.rows += batch.len();
            let insert: sea_query::InsertStatement = A::Entity::insert_many(batch).into_query();
            self.statements.push(self.backend.build(&insert));
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Writes the rows.
    ///
    /// # Errors
    /// The first statement that the database refused.
    pub async fn run(&self, transaction: &DatabaseTransaction) -> Result<(), DbError> {
        for statement in &self.statements {
            transaction.execute_raw(statement.clone()).await?;
        }
        Ok(())
    }
}
