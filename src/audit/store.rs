//! Audit records and seals in the database. Everything is read as it stands: what can't be read is a finding, not a fault.

use std::ops::Range;

use entity::shared::audit_seal;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QueryOrder, Set};

use super::{
    record::{self, Record, RecordKey},
    seal::{self, Seal},
    tree::{Hasher, Tree},
};
use crate::db::{BadCell, Class, Database, DbError, Param, Reads, Row, Session, Statement, only};

/// Rows read at once.
const PAGE: i64 = 1_000;

/// Why a range could not be walked.
#[derive(Debug, thiserror::Error)]
pub(super) enum WalkError {
    #[error(transparent)]
    Database(#[from] DbError),
    /// A record holds what its column can't; the records before it could be read.
    #[error("the record after the first {0} of a range can't be read")]
    Unreadable(u64),
}

/// The seal with the highest number.
pub(super) async fn newest(reads: &Reads) -> Result<Option<Seal>, DbError> {
    let columns = seal::COLUMNS;
    let sql = format!("SELECT {columns} FROM audit_seal ORDER BY number DESC LIMIT 1");
    seal_of(reads, sql, vec![]).await
}

/// The seal of this number.
pub(super) async fn numbered(reads: &Reads, number: i64) -> Result<Option<Seal>, DbError> {
    let columns = seal::COLUMNS;
    let sql = format!("SELECT {columns} FROM audit_seal WHERE number = $1");
    seal_of(reads, sql, vec![number.into()]).await
}

/// The seal over a transaction.
pub(super) async fn seal_over(reads: &Reads, transaction: i64) -> Result<Option<Seal>, DbError> {
    let columns = seal::COLUMNS;
    let sql = format!(
        "SELECT {columns} FROM audit_seal WHERE from_transaction <= $1 AND to_transaction > $1 \
         ORDER BY from_transaction DESC LIMIT 1"
    );
    seal_of(reads, sql, vec![transaction.into()]).await
}

async fn seal_of(reads: &Reads, sql: String, params: Vec<Param>) -> Result<Option<Seal>, DbError> {
    let rows = rows(reads, sql, params).await?;
    let seal = rows.first().map(Seal::of_row).transpose();
    seal.map_err(|_| DbError::fault("a seal can't be read: run `yihu audit verify`"))
}

/// The seals after a number, in their order: at most a page of them.
pub(super) async fn seals_after(
    reads: &Reads,
    number: i64,
) -> Result<Vec<Result<Seal, BadCell>>, DbError> {
    let columns = seal::COLUMNS;
    let sql =
        format!("SELECT {columns} FROM audit_seal WHERE number > $1 ORDER BY number LIMIT {PAGE}");
    let rows = rows(reads, sql, vec![number.into()]).await?;
    Ok(rows.iter().map(Seal::of_row).collect())
}

/// How many seals have numbers up to this one.
pub(super) async fn count_seals_to(reads: &Reads, number: i64) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM audit_seal WHERE number <= $1";
    count(reads, sql, vec![number.into()]).await
}

/// How many records are below a transaction.
pub(super) async fn count_records_below(reads: &Reads, below: i64) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM audit_record WHERE transaction_id < $1";
    count(reads, sql, vec![below.into()]).await
}

/// How many records begin at a transaction or later.
pub(super) async fn count_records_from(reads: &Reads, from: i64) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM audit_record WHERE transaction_id >= $1";
    count(reads, sql, vec![from.into()]).await
}

/// How many records of a range stand before this one.
pub(super) async fn count_records_before(
    reads: &Reads,
    from: i64,
    key: RecordKey,
) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM audit_record \
               WHERE transaction_id >= $1 AND (transaction_id, ordinal) < ($2, $3)";
    let params = vec![from.into(), key.transaction_id.into(), key.ordinal.into()];
    count(reads, sql, params).await
}

async fn count(reads: &Reads, sql: &str, params: Vec<Param>) -> Result<i64, DbError> {
    let rows = rows(reads, sql.to_owned(), params).await?;
    let row = rows.first().ok_or(BadCell::UNKNOWN)?;
    Ok(row.cell(0).int()?)
}

/// The row of a record.
pub(super) async fn record(reads: &Reads, key: RecordKey) -> Result<Option<Row>, DbError> {
    let columns = record::columns();
    let sql =
        format!("SELECT {columns} FROM audit_record WHERE transaction_id = $1 AND ordinal = $2");
    let params = vec![key.transaction_id.into(), key.ordinal.into()];
    Ok(rows(reads, sql, params).await?.pop())
}

/// When the first record was written that no seal is over.
pub(super) async fn oldest_unsealed_ms(reads: &Reads) -> Result<Option<i64>, DbError> {
    let sql = "SELECT at_ms FROM audit_record WHERE transaction_id >= \
               COALESCE((SELECT to_transaction FROM audit_seal ORDER BY number DESC LIMIT 1), 0) \
               ORDER BY transaction_id, ordinal LIMIT 1";
    let rows = rows(reads, sql.to_owned(), vec![]).await?;
    Ok(rows.first().map(|row| row.cell(0).int()).transpose()?)
}

async fn rows(reads: &Reads, sql: String, params: Vec<Param>) -> Result<Vec<Row>, DbError> {
    let mut session = reads.acquire().await?;
    session.one(Statement::new(Class::Job, sql, params)).await
}

/// The tree over the records of a range of transactions, page by page, down one connection.
pub(super) async fn tree(
    reads: &Reads,
    hasher: Hasher,
    range: Range<i64>,
    wanted: Option<u64>,
) -> Result<Tree, WalkError> {
    let mut tree = match wanted {
        Some(index) => Tree::proving(hasher, index),
        None => Tree::new(hasher),
    };
    let mut session = reads.acquire().await?;
    let (mut buffer, mut last) = (Vec::new(), None);
    loop {
        let rows = page(&mut session, &range, last).await?;
        let seen = usize::from(last.is_some());
        for row in rows.iter().skip(seen) {
            let unreadable = || WalkError::Unreadable(tree.size());
            let record = Record::of_row(row).map_err(|_| unreadable())?;
            last = Some(record.key().ok_or_else(unreadable)?);
            tree.push(record.leaf(hasher, &mut buffer));
        }
        if rows.len() <= PAGE as usize {
            return Ok(tree);
        }
    }
}

/// The next records of a range. A page begins with the last record of the one before: a second record of that key, which
/// only somebody who has removed the primary key could add, isn't skipped.
async fn page(
    session: &mut Session,
    range: &Range<i64>,
    last: Option<RecordKey>,
) -> Result<Vec<Row>, DbError> {
    let columns = record::columns();
    let sql = format!(
        "SELECT {columns} FROM audit_record WHERE transaction_id >= $1 AND transaction_id < $2 \
         AND (transaction_id, ordinal) >= ($3, $4) ORDER BY transaction_id, ordinal LIMIT {}",
        PAGE + 1
    );
    let start = last.unwrap_or(RecordKey {
        transaction_id: range.start - 1,
        ordinal: 0,
    });
    let params = [range.start, range.end, start.transaction_id, start.ordinal];
    let params = params.map(Param::from).to_vec();
    session.one(Statement::new(Class::Job, sql, params)).await
}

/// Adds a seal, unless another one has come after `previous` in the meantime.
pub(super) async fn add(
    database: &Database,
    previous: Option<&Seal>,
    seal: &Seal,
) -> Result<bool, DbError> {
    let before = previous.map(|seal| seal.number);
    let added: Result<bool, DbError> = database
        .write("audit_seal", |transaction| async move {
            if transaction.get_database_backend() == DbBackend::Postgres {
                // Held to the end of the transaction: of several instances one seals at a time.
                let lock = "SELECT pg_advisory_xact_lock(hashtext('yihu audit seals'))";
                transaction.execute_unprepared(lock).await?;
            }
            let newest = audit_seal::Entity::find().order_by_desc(audit_seal::Column::Number);
            let newest = only(newest, audit_seal::Column::Number);
            let newest: Option<i64> = newest.one(&*transaction).await?;
            if newest != before {
                return Ok(false);
            }
            audit_seal::Entity::insert(row(seal))
                .exec_without_returning(&*transaction)
                .await?;
            Ok(true)
        })
        .await;
    match added {
        Err(error) if error.violates("audit_seal_from") => Ok(false),
        added => added,
    }
}

fn row(seal: &Seal) -> audit_seal::ActiveModel {
    audit_seal::ActiveModel {
        number: Set(seal.number),
        from_transaction: Set(seal.from_transaction),
        to_transaction: Set(seal.to_transaction),
        records: Set(seal.records),
        root: Set(seal.root.0.to_vec()),
        previous: Set(seal.previous.0.to_vec()),
        sealed_at_ms: Set(seal.sealed_at_ms),
        algorithm: Set(seal.algorithm.clone()),
        key_id: Set(seal.key_id.clone()),
        signature: Set(seal.signature.0.to_vec()),
    }
}
