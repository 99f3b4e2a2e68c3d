//! Users tied to a household (联系户): its helpers (帮扶责任人) and its own members.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::LinkKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_link")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// Issuer and subject of the token, joined by `|`.
    pub user_id: String,
    /// Kind of the tie (联系户类别).
    pub kind: LinkKind,
    /// The member who the user is, for `OWN`.
    pub person_id: Option<i64>,
    /// Time of the tie, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
