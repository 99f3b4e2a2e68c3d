//! Stages of a settled claim (一站式结算明细), in the order they ran. Written with the settlement.

use sea_orm::entity::prelude::*;

use super::codes::ClaimStageKind;
use crate::codes::Department;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "claim_stage")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The claim, of the same household.
    pub claim_id: i64,
    /// Place in the order, from 1.
    pub position: i32,
    /// Stage (结算环节).
    pub stage: ClaimStageKind,
    /// Department that pays, and the insurer where it is one (支付方).
    pub payer: Department,
    pub insurer_code: Option<String>,
    /// Amount paid, fen (支付金额).
    pub paid_fen: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
