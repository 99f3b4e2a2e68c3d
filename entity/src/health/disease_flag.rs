//! Flags of chronic, major and severe disease (慢病、大病、重病标识). Owner: health bureau.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::DiseaseClass;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disease_flag")]
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
    /// Class (疾病类别).
    pub class: DiseaseClass,
    /// Disease (病种): ciphertext, blind index (32 bytes), and the chapter only as mask. Sensitive.
    pub disease_cipher: Option<Vec<u8>>,
    pub disease_index: Option<Vec<u8>>,
    pub disease_mask: Option<String>,
    /// Half-open: from the day of the diagnosis to that of the cure (确诊、治愈日期).
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
