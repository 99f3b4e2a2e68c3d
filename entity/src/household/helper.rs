//! Helpers of a household (帮扶责任人). Owner: poverty office. What a helper may see stands in `household_link`.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::HelperKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "helper")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// Kind of helper (帮扶人类别).
    pub kind: HelperKind,
    /// Name and unit (姓名、单位).
    pub name: String,
    pub unit: String,
    /// Phone (联系电话): ciphertext, blind index (32 bytes) and mask. Sensitive.
    pub phone_cipher: Option<Vec<u8>>,
    pub phone_index: Option<Vec<u8>>,
    pub phone_mask: Option<String>,
    /// The tie of the helper's account to this household, for a helper who has one.
    pub household_link_id: Option<i64>,
    /// Time of help, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
