//! Special support of a person (特困供养): without income, labour or supporter.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{CareLevel, SupportMode};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "special_support")]
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
    /// Number of the certificate (特困供养证号).
    pub support_number: String,
    /// Where the person is supported (供养方式), and how much care is needed (照料护理等级).
    pub mode: SupportMode,
    pub care_level: CareLevel,
    /// Yearly standard of basic living, and monthly amounts for living and for care, fen (供养标准、月供养金、月护理费).
    pub standard_fen: i64,
    pub monthly_fen: i64,
    pub monthly_care_fen: i64,
    /// Day of the approval (批准日期).
    pub approved_on: Date,
    /// Support, in whole months, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
