//! Homesteads (宅基地): the plots that houses stand on, and their return. Owner: land bureau.

use sea_orm::entity::prelude::*;
use time::Date;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "homestead")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// Number of the certificate (宅基地证号).
    pub certificate_number: Option<String>,
    /// Area, square decimetres (面积).
    pub area_dm2: i64,
    /// Time of the right, half-open: the day it was returned is `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// When it was reclaimed as farmland, and how much of it, square decimetres (复垦日期、面积).
    pub reclaimed_on: Option<Date>,
    pub reclaimed_dm2: Option<i64>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
