//! Safe housing without building (其他住房安排): a house swapped or rented, public housing, a mutual home. Owner: housing bureau.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::HouseSolution;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "housing_arrangement")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// Which way it is (方式).
    pub solution: HouseSolution,
    /// Number of the contract (合同编号).
    pub contract_number: Option<String>,
    /// Who lets or runs the house (出租方).
    pub landlord: Option<String>,
    /// Floor area, square decimetres (面积).
    pub area_dm2: Option<i64>,
    /// Rent, fen a month (月租金).
    pub rent_fen: Option<i64>,
    /// Time of the contract, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
