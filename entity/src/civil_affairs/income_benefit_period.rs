//! Who draws one of the three income benefits (收入型救助), month by month: dibao, special support and cash subsidy exclude each other.

use sea_orm::entity::prelude::*;
use time::Date;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "income_benefit_period")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The member covered; none stands for the household as such, of which all grants but special support are.
    pub person_id: Option<i64>,
    /// The human being, where known.
    pub identity_id: Option<i64>,
    /// The grant, exactly one of the three.
    pub dibao_id: Option<i64>,
    pub special_support_id: Option<i64>,
    pub cash_subsidy_id: Option<i64>,
    /// What a month can have only once (generated): the household as such, or the human being, by identity or else by the
    /// membership below zero.
    pub whole_household_id: Option<i64>,
    pub human_key: Option<i64>,
    /// Cover, in whole months, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
