//! Payments to households and members (补贴发放). One payee gets one payment of a kind for a programme and period, for ever.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{PaymentKind, PaymentState};
use crate::codes::Department;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The member, for benefits of a person, and the human being behind it, who stays the same in another household.
    pub person_id: Option<i64>,
    pub identity_id: Option<i64>,
    /// Department whose benefit it is (发放部门).
    pub department: Department,
    /// Benefit as its pack names it (项目), and the year or month, YYYY or YYYY-MM (发放期).
    pub programme: String,
    pub period: String,
    /// Kind and amount, fen (发放类别、金额).
    pub kind: PaymentKind,
    pub amount_fen: i64,
    /// State (发放状态).
    pub state: PaymentState,
    /// Days due and paid (应发、实发日期).
    pub due_on: Option<Date>,
    pub paid_on: Option<Date>,
    /// The day it came back or failed, as far as the bank tells it (退回日期).
    pub returned_on: Option<Date>,
    /// The card it went to, and the batch it was sent with.
    pub bank_card_id: Option<i64>,
    pub batch_id: Option<i64>,
    /// Moment of recording, epoch milliseconds.
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
