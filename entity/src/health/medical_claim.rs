//! Claims (医疗费用报销): one hospital stay or visit. Owner: medical insurance office.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{ClaimKind, ClaimState};
use crate::codes::HospitalLevel;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "medical_claim")]
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
    /// Claim number (报销单号), unique.
    pub claim_number: String,
    /// Kind and state (报销类别、状态).
    pub kind: ClaimKind,
    pub state: ClaimState,
    /// Hospital and its insurance level (就诊机构、级别).
    pub institution_code: String,
    pub hospital_level: HospitalLevel,
    /// First and last day; one day for a visit (入院、出院日期).
    pub admitted_on: Date,
    pub discharged_on: Date,
    /// Whole cost, and its eligible part, fen (总费用、合规费用).
    pub total_cost_fen: i64,
    pub eligible_cost_fen: i64,
    /// Deductible that basic insurance applied, fen; none before the settlement and for visits (起付线).
    pub deductible_fen: Option<i64>,
    /// Diagnosis (诊断): ciphertext, blind index (32 bytes), and the chapter only as mask. Sensitive.
    pub diagnosis_cipher: Option<Vec<u8>>,
    pub diagnosis_index: Option<Vec<u8>>,
    pub diagnosis_mask: Option<String>,
    /// Whether the household was registered on the day of discharge (出院时在册).
    pub registered_at_discharge: bool,
    /// Day of the settlement (结算日期).
    pub settled_on: Option<Date>,
    /// What a commercial insurer reported, and what was decided as a backstop, fen: inputs of the settlement (商业保险赔付、兜底补偿).
    pub commercial_reported_fen: Option<i64>,
    pub backstop_decision_fen: Option<i64>,
    /// The rules it was settled by: pack and hash; and what they had not set, with semicolons between (政策包、标注).
    pub pack: Option<String>,
    pub pack_hash: Option<String>,
    pub marks: Option<String>,
    /// Whether another office settled it, before it was taken over: nobody here settles it again (在别处结算).
    pub settled_elsewhere: bool,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
