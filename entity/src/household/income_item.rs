//! Items of an income form (收入明细): of each kind they add up to the form. Owner: township.

use sea_orm::entity::prelude::*;

use super::codes::IncomeKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "income_item")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The form.
    pub income_form_id: i64,
    /// Kind of income (收入类别), what it came from (来源), fen a year.
    pub kind: IncomeKind,
    pub source: String,
    pub amount_fen: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
