//! Who changed what (审计记录). Appended, never changed, sealed in batches.

use sea_orm::entity::prelude::*;

use crate::codes::{ChangeAction, Department};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_record")]
pub struct Model {
    /// The number of the transaction, and the place of the record in it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub transaction_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i32,
    /// When, epoch milliseconds.
    pub at_ms: i64,
    /// Who: user and client application.
    pub user_id: String,
    pub client: String,
    /// In which department, with which role words (joined by one space), of which institution, for which purpose.
    pub department: Department,
    pub roles: String,
    pub institution_code: Option<String>,
    pub purpose: Option<String>,
    /// The mutation or job, and the client's number of the request.
    pub operation: String,
    pub request_id: Option<String>,
    /// What was done to which row: its table and key.
    pub action: ChangeAction,
    pub object_type: String,
    pub object_id: i64,
    /// The household of the row and its region after the change, where it has them.
    pub household_id: Option<i64>,
    pub region_code: Option<i64>,
    /// The changed columns as JSON, sensitive values as blind index.
    pub before_json: Option<String>,
    pub after_json: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
