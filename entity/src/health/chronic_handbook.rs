//! Handbooks for chronic outpatient payment (门诊慢性病就诊手册). Owners: medical insurance office, social security bureau.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::HandbookState;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chronic_handbook")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The person, a member of the household.
    pub person_id: i64,
    /// Number (手册编号), unique; none before it is issued.
    pub handbook_number: Option<String>,
    /// State (手册状态).
    pub state: HandbookState,
    /// Disease (病种): ciphertext, blind index (32 bytes), and the chapter only as mask. Sensitive.
    pub disease_cipher: Vec<u8>,
    pub disease_index: Vec<u8>,
    pub disease_mask: String,
    /// Days of application and issue (申请、发放日期).
    pub applied_on: Date,
    pub issued_on: Option<Date>,
    /// Half-open; of an application what is asked for (有效期).
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
