//! What people have decided of rows of other agencies' lists (名单比对人工认定).

use sea_orm::entity::prelude::*;

use crate::codes::Department;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roster_decision")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The region of who decided, 12 digits, in which it holds, and its first 6 digits (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// Keyed hash of the row, 32 bytes: what stood in it is kept nowhere.
    pub row_key: Vec<u8>,
    /// The person whose row it is; none: it is nobody's in the region.
    pub person_id: Option<i64>,
    /// Why (认定理由).
    pub reason: String,
    /// Who decided, of which department, and when, epoch milliseconds (认定人、部门、时间).
    pub department: Department,
    pub user_id: String,
    pub decided_at_ms: i64,
    /// When it was withdrawn, and by whom (撤销时间、撤销人).
    pub withdrawn_at_ms: Option<i64>,
    pub withdrawn_by: Option<String>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
