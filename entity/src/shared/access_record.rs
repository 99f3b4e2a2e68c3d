//! Who looked at whose data (查阅记录), kept at least three years. Appended, never changed.

use sea_orm::entity::prelude::*;

use crate::codes::{AccessAction, Department, Role};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_record")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// When, epoch milliseconds.
    pub at_ms: i64,
    /// Who: user and client application.
    pub user_id: String,
    pub client: String,
    /// In which department and role.
    pub department: Department,
    pub role: Role,
    /// Registered purpose, where one was stated (用途).
    pub purpose: Option<String>,
    /// What was done (查阅方式).
    pub action: AccessAction,
    /// The household and its region at that time, where one was found.
    pub household_id: Option<i64>,
    pub region_code: Option<i64>,
    /// The person, where one was concerned.
    pub person_id: Option<i64>,
    /// Blind index of a number that was looked up.
    pub query_index: Option<Vec<u8>>,
    /// Whether anything was found and shown.
    pub found: bool,
    /// The number of the case it was done for (案件编号), and which values were shown: words, joined by one comma.
    pub case_number: Option<String>,
    pub fields: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
