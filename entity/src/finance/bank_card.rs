//! Bank cards of members (一卡通). Owner: bank; the township chooses the one that receives payments.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::CardClosing;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bank_card")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The holder, a member of the household.
    pub person_id: i64,
    /// Bank (开户行代码).
    pub bank_code: String,
    /// Card number (银行卡号): ciphertext, blind index (32 bytes) and mask. Sensitive.
    pub card_cipher: Vec<u8>,
    pub card_index: Vec<u8>,
    pub card_mask: String,
    /// Whether payments of the household go to this card (收款卡); one open card does.
    pub receiving: bool,
    /// Life of the card, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Why it was closed (销卡原因).
    pub closing: Option<CardClosing>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
