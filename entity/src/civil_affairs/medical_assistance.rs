//! Decisions on medical assistance for a person (医疗救助).

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::MedicalAssistanceKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "medical_assistance")]
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
    /// Kind (救助类别).
    pub kind: MedicalAssistanceKind,
    /// Number of the claim it was decided on, for one of a single claim (结算单号).
    pub claim_number: Option<String>,
    /// What was left with the patient, and what is paid of it, fen (个人自付、救助金额).
    pub left_fen: i64,
    pub amount_fen: i64,
    /// Day of the decision (批准日期).
    pub decided_on: Date,
    /// Moment of the record in epoch milliseconds.
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
