//! Requests to the owner of a field to correct it (更正申请).

use sea_orm::entity::prelude::*;
use time::Date;

use crate::codes::{CorrectionState, Department};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "correction_request")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The member it is about, where it is about one.
    pub person_id: Option<i64>,
    /// The object and its field, as the graph names them (对象、字段).
    pub subject: String,
    pub object_type: String,
    pub field: String,
    /// Who owns the field and who has raised it (信息主管部门、申请部门), each with its institution, empty for none.
    pub owner: Department,
    pub owner_institution: String,
    pub raised_by: Department,
    pub raised_institution: String,
    /// The value on record that day and the proposed one, as text (记录值、建议值). None of a sensitive value.
    pub recorded_value: Option<String>,
    pub proposed_value: Option<String>,
    /// Why, and the document that shows it (理由、佐证材料).
    pub reason: String,
    pub document_number: Option<String>,
    /// State (状态).
    pub state: CorrectionState,
    /// What the owner says (答复).
    pub answer: Option<String>,
    /// Days: raised, ended (申请、办结日期).
    pub raised_on: Date,
    pub closed_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
