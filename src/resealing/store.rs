//! Ciphertexts and indexes as they are written anew.

use super::Stored;
use crate::db::{Database, DbError, Opening};
use ::entity::shared::vault_state;
use sea_orm::{ConnectionTrait, EntityTrait, Set, Statement, Value, sea_query::OnConflict};

/// What is written over a stored value, if it is still the one that was read.
#[derive(Clone)]
pub struct Renewed {
    key: i64,
    /// The ciphertext that was read.
    read: Vec<u8>,
    pub cipher: Vec<u8>,
    /// The blind index, where it is computed anew.
    pub index: Option<Vec<u8>>,
}

impl Renewed {
    pub(super) fn same(row: &Stored) -> Self {
        Renewed {
            key: row.key,
            read: row.cipher.clone(),
            cipher: row.cipher.clone(),
            index: None,
        }
    }
}

/// Writes the values of a batch and says how many were still the ones that had been read.
///
/// # Errors
/// The database.
pub async fn write(
    database: &Database,
    table: &'static str,
    column: &'static str,
    renewed: &[Renewed],
) -> Result<u64, DbError> {
    if renewed.is_empty() {
        return Ok(0);
    }
    let index_column = column.replace("_cipher", "_index");
    let statements: &Vec<Statement> = &renewed
        .iter()
        .map(|value| {
            let mut values: Vec<Value> = vec![
                value.cipher.clone().into(),
                value.key.into(),
                value.read.clone().into(),
            ];
            let mut index = String::new();
            if let Some(computed) = &value.index {
                values.push(computed.clone().into());
                index = format!(", {index_column} = $4");
            }
            let sql =
                format!("UPDATE {table} SET {column} = $1{index} WHERE id = $2 AND {column} = $3");
            database.orm_values(sql, values)
        })
        .collect();
    database
        .opened(Opening::Resealing)
        .write("keys", |transaction| async move {
            let mut written = 0;
            for statement in statements {
                written += transaction
                    .execute_raw(statement.clone())
                    .await?
                    .rows_affected();
            }
            Ok::<_, DbError>(written)
        })
        .await
}

/// Gives each human being the index of the number that its memberships hold now.
///
/// # Errors
/// The database.
pub async fn reindex_identities(database: &Database) -> Result<(), DbError> {
    let sql = "UPDATE identity SET citizen_number_index = \
               (SELECT p.citizen_number_index FROM person p \
                WHERE p.identity_id = identity.id AND p.citizen_number_index IS NOT NULL ORDER BY p.id DESC LIMIT 1) \
               WHERE EXISTS (SELECT 1 FROM person p WHERE p.identity_id = identity.id AND p.citizen_number_index IS NOT NULL)";
    let statement = &database.orm_text(sql);
    database
        .opened(Opening::Resealing)
        .write("keys_identities", |transaction| async move {
            transaction.execute_raw(statement.clone()).await?;
            Ok(())
        })
        .await
}

/// The check of the index key, where one is kept.
///
/// # Errors
/// The database.
pub async fn index_check(database: &Database) -> Result<Option<Vec<u8>>, DbError> {
    let state = vault_state::Entity::find_by_id(1)
        .one(database.reader())
        .await?;
    Ok(state.map(|state| state.index_check))
}

/// Keeps the check of the index key.
///
/// # Errors
/// The database.
pub async fn set_index_check(database: &Database, check: &[u8; 32]) -> Result<(), DbError> {
    let state = &vault_state::ActiveModel {
        id: Set(1),
        index_check: Set(check.to_vec()),
    };
    database
        .write("keys_check", |transaction| async move {
            vault_state::Entity::insert(state.clone())
                .on_conflict(
                    OnConflict::column(vault_state::Column::Id)
                        .update_column(vault_state::Column::IndexCheck)
                        .to_owned(),
                )
                .exec_without_returning(&*transaction)
                .await?;
            Ok(())
        })
        .await
}
