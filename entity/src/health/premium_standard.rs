//! What a county asks for medical insurance in a year (医保缴费标准). Owner: medical insurance office.

use sea_orm::entity::prelude::*;

use super::codes::MedicalInsurance;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "premium_standard")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// County, 12 digits.
    pub region_code: i64,
    /// Calendar year (参保年度), and which insurance (险种).
    pub year: i32,
    pub insurance: MedicalInsurance,
    /// Premium of a person, and what of it is subsidised for a registered one, fen (个人缴费标准、建档立卡补贴).
    pub premium_fen: i64,
    pub premium_subsidy_fen: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
