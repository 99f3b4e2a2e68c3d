//! A run of the checks over a region that has come to its end (核查记录).

use sea_orm::entity::prelude::*;
use time::Date;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reconciliation_run")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The region of 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// The day on which the data are looked at (核查日期).
    pub as_of: Date,
    /// The one check that is run; none: all of them (核查项).
    pub check_id: Option<String>,
    /// Whether only households touched since the last run are looked at (是否增量).
    pub incremental: bool,
    /// Households looked at, and findings: new, changed, unchanged, closed, reopened.
    pub households: i64,
    pub found: i64,
    pub changed: i64,
    pub still_open: i64,
    pub closed: i64,
    pub reopened: i64,
    /// The checks that did not come to their end, by their numbers with blanks between; none: all did (未完成核查项).
    pub unfinished: Option<String>,
    /// Below which transaction it has seen all changes.
    pub followed_transaction: i64,
    /// Moments of beginning and end, epoch milliseconds.
    pub started_at_ms: i64,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
