//! Interest subsidies of loans (贷款贴息). Owner: finance bureau.

use sea_orm::entity::prelude::*;
use time::Date;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "interest_subsidy")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The loan, of the same household, and its bank (贷款、银行代码).
    pub loan_id: i64,
    pub bank_code: String,
    /// The interest period, half-open; none is open and no two of a loan overlap (计息期间).
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// The time in which the policy pays, both days included (贴息政策期).
    pub window_from: Date,
    pub window_to: Date,
    /// Months, and days besides, of the period inside the window (贴息月数、天数).
    pub months: i32,
    pub days: i32,
    /// Principal, fen, and the subsidised rate, basis points a year (贴息本金、贴息利率).
    pub principal_fen: i64,
    pub rate_bp: i32,
    /// Subsidy, fen (贴息金额).
    pub amount_fen: i64,
    /// Day of the decision (核定日期).
    pub decided_on: Date,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
