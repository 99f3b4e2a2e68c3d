//! Requests that took effect (请求记录), kept 400 days: the same request asked again changes nothing.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "request_record")]
pub struct Model {
    /// User and client application; never the token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub client: String,
    /// The UUID that the client chose (请求编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub request_id: String,
    /// The mutation, and the keyed hash of its name and arguments, 32 bytes.
    pub operation: String,
    pub digest: Vec<u8>,
    /// What it did: ids, versions and codes as JSON, never values.
    pub answer: String,
    /// When, epoch milliseconds.
    pub at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
