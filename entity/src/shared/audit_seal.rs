//! Seals over the audit records (审计封存): a signed Merkle root for each range of transactions, each over the one before.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_seal")]
pub struct Model {
    /// 1, 2, 3 and so on without a gap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// The range of transactions, half-open, and how many records it holds.
    pub from_transaction: i64,
    pub to_transaction: i64,
    pub records: i64,
    /// The root of the tree over the records, and the hash of the seal before.
    pub root: Vec<u8>,
    pub previous: Vec<u8>,
    /// When, epoch milliseconds.
    pub sealed_at_ms: i64,
    /// How, with which key, and the signature.
    pub algorithm: String,
    pub key_id: String,
    pub signature: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
