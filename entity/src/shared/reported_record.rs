//! What another agency reported (外部门上报), as it came: unconstrained on purpose, so that nothing is lost. Checks read it beside the registers.

use sea_orm::entity::prelude::*;
use time::Date;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reported_record")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Agency and kind of record, as the sender names them.
    pub source_agency: String,
    pub kind: String,
    /// File, its hash, and the place in it.
    pub file_name: String,
    pub file_hash: String,
    pub sheet: Option<String>,
    pub row_number: Option<i32>,
    /// Household and region, when known.
    pub household_id: Option<i64>,
    pub region_code: Option<i64>,
    /// Blind index of the citizen number, when there is one.
    pub identity_index: Option<Vec<u8>>,
    /// Date the agency gives.
    pub reported_on: Option<Date>,
    /// Values as JSON, sensitive ones as blind index.
    pub values_json: String,
    /// Arrival, epoch milliseconds.
    pub received_at_ms: i64,
    /// By what a row of a file is known again: a keyed hash of whom it is about and of what.
    pub row_key: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
