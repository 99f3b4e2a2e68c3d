//! Members (家庭成员): one row a membership. After a transfer the old household keeps its row. Owner: township.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{
    CitizenNumberState, EducationLevel, EthnicGroup, HealthStatus, LabourCapacity, LeftReason,
    MaritalStatus, RelationToHead, Sex, WorkPlace,
};
use crate::codes::StudentStage;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The human being; none while the citizen number is missing or invalid.
    pub identity_id: Option<i64>,
    /// Name and its mask (姓名).
    pub name: String,
    pub name_mask: String,
    /// What follows from the name, for finding it as others write it: the standard writing of its characters, what names that
    /// sound alike share, and how its first and its last character sound.
    pub name_standard: String,
    pub name_sound: String,
    pub name_first: i64,
    pub name_last: i64,
    /// Sex and birth date; they follow the citizen number (性别、出生日期).
    pub sex: Sex,
    pub birth_date: Date,
    /// Citizen number (身份证号): ciphertext, blind index (32 bytes) and mask. Sensitive.
    pub citizen_number_cipher: Option<Vec<u8>>,
    pub citizen_number_index: Option<Vec<u8>>,
    pub citizen_number_mask: Option<String>,
    /// What the check of the number found.
    pub citizen_number_state: CitizenNumberState,
    /// Ethnic group (民族).
    pub ethnic_group: Option<EthnicGroup>,
    /// Relation to the head (与户主关系), and whether this member is the head.
    pub relation: RelationToHead,
    pub is_head: bool,
    /// Education level reached (文化程度), and stage of a pupil or student (在校生学段).
    pub education_level: Option<EducationLevel>,
    pub student_stage: Option<StudentStage>,
    /// Health and labour capacity (健康状况、劳动能力).
    pub health: Option<HealthStatus>,
    pub labour_capacity: Option<LabourCapacity>,
    /// Marital status (婚姻状况).
    pub marital_status: Option<MaritalStatus>,
    /// Work, where, and how many months of the year (从事工作、务工区域、务工月数), as the survey found them.
    pub work: Option<String>,
    pub work_place: Option<WorkPlace>,
    pub work_months: Option<i32>,
    /// Whether enrolled in the residents' pension (是否参加城乡居民养老保险). Owner: social security bureau.
    pub pension_enrolled: Option<bool>,
    /// Phone (联系电话): ciphertext, blind index (32 bytes) and mask. Sensitive.
    pub phone_cipher: Option<Vec<u8>>,
    pub phone_index: Option<Vec<u8>>,
    pub phone_mask: Option<String>,
    /// Membership, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Why the membership ended (减少原因), and the date of death (死亡日期).
    pub left_reason: Option<LeftReason>,
    pub died_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
