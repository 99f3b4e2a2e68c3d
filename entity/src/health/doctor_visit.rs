//! Visits of the family doctor (签约医生随访), two a month to a focus patient. Owner: health bureau.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::DoctorVisitWay;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "doctor_visit")]
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
    /// The contract, of the same household.
    pub contract_id: i64,
    /// Day and way (随访日期、方式).
    pub visited_on: Date,
    pub way: DoctorVisitWay,
    /// Whether the doctor changed the medicine (调整用药).
    pub medicine_adjusted: bool,
    /// Moment of the record in epoch milliseconds.
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
