//! Households (户): the hinge of all departments. Owners: township (basics), poverty office (status, class, causes, dates).

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{HouseholdClass, HouseholdStatus, PolicyAfterExit, PovertyCause};
use crate::codes::Department;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Village, 12 digits (区划代码); the first six are the county (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// Village group (村民小组).
    pub group_name: Option<String>,
    /// Card number (户卡编号); candidates have none. The order puts them last (generated).
    pub card_number: Option<String>,
    pub card_order: String,
    /// Status (户状态).
    pub status: HouseholdStatus,
    /// Class (贫困户属性).
    pub class: Option<HouseholdClass>,
    /// Whether policies go on after exit (脱贫后政策).
    pub policy_after_exit: Option<PolicyAfterExit>,
    /// Main cause of poverty and up to two others (致贫原因).
    pub main_cause: Option<PovertyCause>,
    pub second_cause: Option<PovertyCause>,
    pub third_cause: Option<PovertyCause>,
    /// Year of the identification standard (识别标准).
    pub standard_year: Option<i32>,
    /// Dates of registration, exit, return and closing (建档、脱贫、返贫、销户日期).
    pub registered_on: Option<Date>,
    pub exited_on: Option<Date>,
    pub returned_on: Option<Date>,
    pub closed_on: Option<Date>,
    /// Address (住址).
    pub address: Option<String>,
    /// Phone (联系电话): ciphertext, blind index (32 bytes) and mask. Sensitive.
    pub phone_cipher: Option<Vec<u8>>,
    pub phone_index: Option<Vec<u8>>,
    pub phone_mask: Option<String>,
    /// Whether drinking water is safe (饮水安全).
    pub water_safe: Option<bool>,
    /// Power, hardened road, sanitary toilet, broadcast, fibre and clean energy at the house (生活用电、入户路、卫生厕所、广播电视、
    /// 宽带、清洁能源).
    pub power: Option<bool>,
    pub hardened_road: Option<bool>,
    pub sanitary_toilet: Option<bool>,
    pub broadcast: Option<bool>,
    pub fibre: Option<bool>,
    pub clean_energy: Option<bool>,
    /// Distance to the main road of the village, metres (与村主干路距离).
    pub road_distance_m: Option<i32>,
    /// Place of the household registration (户籍所在地), and what the family wishes (发展意愿).
    pub registration_place: Option<String>,
    pub wishes: Option<String>,
    /// Year in which the household is to exit (计划脱贫年度). Owner: poverty office.
    pub planned_exit_year: Option<i32>,
    /// The department that opened it, and the day the township confirmed the basics (建立部门、乡镇核实日期).
    pub opened_by: Option<Department>,
    pub confirmed_on: Option<Date>,
    /// Why it returned to poverty (返贫原因).
    pub return_cause: Option<PovertyCause>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
