//! Keys that change (换钥): what is sealed with an older key or the other suite is sealed anew while the server runs, and
//! the blind indexes are computed anew while it does not.
//!
//! Which index key a database was filled with is kept beside it, as a keyed hash that tells nothing of the key. A server
//! with another one would find nobody and let everybody in twice, so it does not start.

mod store;

use crate::{
    db::{BadCell, Class, Database, DbError, Opening, Param, Row, Statement},
    departments,
    room::SensitiveColumn,
    vault::{Place, Vault, VaultError},
};
use store::Renewed;

/// Why the keys could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    #[error("{0}")]
    Database(#[from] DbError),
    #[error("{table}.{column} of row {row}: {error}")]
    Value {
        table: &'static str,
        column: &'static str,
        row: i64,
        error: VaultError,
    },
    #[error("a row can't be read: {0}")]
    Row(#[from] BadCell),
    #[error(
        "the index key (YIHU_INDEX_KEY) or the suite (vault.suite) is not the one this database was filled with: \
         set it right, or stop all servers and run `yihu keys reindex`"
    )]
    OtherIndexKey,
    #[error(
        "`yihu keys reindex` has begun on this database and not ended: run it again to its end before anything is served"
    )]
    Reindexing,
}

/// What was done with one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resealed {
    pub table: &'static str,
    pub column: &'static str,
    /// Values looked at, and those that were written anew.
    pub values: u64,
    pub renewed: u64,
}

/// Rows of one statement.
const BATCH: usize = 500;

/// Seals anew what is sealed with an older key or the other suite. The server may run, as long as it has the newest key:
/// a value that somebody changes meanwhile is left as they wrote it.
///
/// # Errors
/// The first value that can't be opened; those before it stay renewed, and the next run goes on.
pub async fn rotate(database: &Database, vault: &Vault) -> Result<Vec<Resealed>, ResealError> {
    let mut done = Vec::new();
    for column in departments::sensitive() {
        let renew = |row: &Stored| renewed_cipher(vault, &column, row);
        done.push(each(database, &column, renew).await?);
    }
    Ok(done)
}

/// Computes all blind indexes anew, with the index key and the suite of this vault. No server may run.
///
/// # Errors
/// As [`rotate`]; until a run has come to its end no server starts.
pub async fn reindex(database: &Database, vault: &Vault) -> Result<Vec<Resealed>, ResealError> {
    store::set_index_check(database, &REINDEXING).await?;
    let mut done = Vec::new();
    for column in departments::sensitive() {
        let renew = |row: &Stored| {
            let opened = open(vault, &column, row)?;
            let index = vault.index(&opened).0.to_vec();
            let mut renewed =
                renewed_cipher(vault, &column, row)?.unwrap_or_else(|| Renewed::same(row));
            renewed.index = Some(index);
            Ok(Some(renewed))
        };
        done.push(each(database, &column, renew).await?);
    }
    store::reindex_identities(database).await?;
    store::set_index_check(database, &check_of(vault)).await?;
    Ok(done)
}

/// Holds the index key against the one the database was filled with; the first server says which that is.
///
/// # Errors
/// Another key, or indexes that are only half computed anew.
pub async fn check_index_key(database: &Database, vault: &Vault) -> Result<(), ResealError> {
    let own = check_of(vault);
    match store::index_check(database).await? {
        None => Ok(store::set_index_check(database, &own).await?),
        Some(kept) if kept == own => Ok(()),
        Some(kept) if kept == REINDEXING => Err(ResealError::Reindexing),
        Some(_) => Err(ResealError::OtherIndexKey),
    }
}

/// Stands in the place of the check while indexes are computed.
const REINDEXING: [u8; 32] = [0; 32];

fn check_of(vault: &Vault) -> [u8; 32] {
    vault.digest(b"which index key").0
}

/// A value as it is stored.
struct Stored {
    key: i64,
    cipher: Vec<u8>,
}

fn open(
    vault: &Vault,
    column: &SensitiveColumn,
    row: &Stored,
) -> Result<crate::vault::SensitiveText, ResealError> {
    let place = Place::new(column.table, column.column, row.key);
    vault
        .open(column.kind, place, &row.cipher)
        .map_err(|error| fault(column, row.key, error))
}

fn renewed_cipher(
    vault: &Vault,
    column: &SensitiveColumn,
    row: &Stored,
) -> Result<Option<Renewed>, ResealError> {
    if !vault.is_outdated(&row.cipher) {
        return Ok(None);
    }
    let opened = open(vault, column, row)?;
    let place = Place::new(column.table, column.column, row.key);
    let sealed = vault
        .seal(place, &opened)
        .map_err(|error| fault(column, row.key, error))?;
    let mut renewed = Renewed::same(row);
    renewed.cipher = sealed.cipher;
    Ok(Some(renewed))
}

fn fault(column: &SensitiveColumn, row: i64, error: VaultError) -> ResealError {
    ResealError::Value {
        table: column.table,
        column: column.column,
        row,
        error,
    }
}

/// Walks the values of a column by key, and writes what `renew` gives.
async fn each(
    database: &Database,
    column: &SensitiveColumn,
    renew: impl Fn(&Stored) -> Result<Option<Renewed>, ResealError>,
) -> Result<Resealed, ResealError> {
    let mut done = Resealed {
        table: column.table,
        column: column.column,
        values: 0,
        renewed: 0,
    };
    let sql = format!(
        "SELECT id, {cipher} FROM {table} WHERE id > $1 AND {cipher} IS NOT NULL ORDER BY id LIMIT {BATCH}",
        cipher = column.column,
        table = column.table,
    );
    let mut after = 0;
    loop {
        let statement = Statement::new(Class::Job, sql.as_str(), vec![Param::I64(after)]);
        let reads = database.reads().opened(Opening::Resealing);
        let rows = reads.acquire().await?.one(statement).await?;
        let Some(last) = rows.last() else {
            return Ok(done);
        };
        after = last.cell(0).int()?;
        let mut renewed = Vec::new();
        for row in &rows {
            let stored = stored(row)?;
            renewed.extend(renew(&stored)?);
        }
        done.values += rows.len() as u64;
        done.renewed += store::write(database, column.table, column.column, &renewed).await?;
    }
}

fn stored(row: &Row) -> Result<Stored, BadCell> {
    Ok(Stored {
        key: row.cell(0).int()?,
        cipher: row.cell(1).bytes()?.to_vec(),
    })
}
