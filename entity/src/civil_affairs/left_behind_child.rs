//! Cases of left-behind children (农村留守儿童): parents away, and who guards the child.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{GuardianCare, ParentalAbsence};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "left_behind_child")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The member (家庭成员).
    pub person_id: i64,
    /// Which parents are away (父母外出情况), and who looks after the child (监护照料).
    pub absence: ParentalAbsence,
    pub care: GuardianCare,
    /// The guardian, as a member of the household or by name (监护人). Neither: none on record.
    pub guardian_person_id: Option<i64>,
    pub guardian_name: Option<String>,
    /// The case, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
