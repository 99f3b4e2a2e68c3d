//! Disability certificates (残疾人证). Owner: disabled persons' federation. The details are sensitive.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{DisabilityCategory, DisabilityGrade};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disability_certificate")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The member (家庭成员).
    pub person_id: i64,
    /// Number (残疾人证号): ciphertext, blind index (32 bytes) and mask. It holds the citizen number. Sensitive.
    pub certificate_cipher: Vec<u8>,
    pub certificate_index: Vec<u8>,
    pub certificate_mask: String,
    /// Category and grade (残疾类别、残疾等级), the last two characters of the number.
    pub category: DisabilityCategory,
    pub grade: DisabilityGrade,
    /// Validity, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
