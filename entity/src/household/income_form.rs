//! Income form of a household and calendar year (收入测算表). Owner: township.

use sea_orm::entity::prelude::*;
use time::Date;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "income_form")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// Calendar year.
    pub year: i32,
    /// Wage, business, property and transfer income, fen (工资性、经营性、财产性、转移性收入).
    pub wage_fen: i64,
    pub business_fen: i64,
    pub property_fen: i64,
    pub transfer_fen: i64,
    /// Costs of the business, fen (生产经营支出).
    pub business_costs_fen: i64,
    /// Members counted (家庭人口).
    pub members: i32,
    /// Net income of the household and per head, fen, half up (纯收入、人均纯收入).
    pub net_income_fen: i64,
    pub per_capita_fen: i64,
    /// Surveyor and day of the survey (调查人、调查日期).
    pub surveyor: Option<String>,
    pub surveyed_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
