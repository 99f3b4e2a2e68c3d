//! Users known to this server (用户). The token says who it is; a row here can narrow or disable it.

use sea_orm::entity::prelude::*;

use crate::codes::Department;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "app_user")]
pub struct Model {
    /// Issuer and subject of the token, joined by `|`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Department (部门).
    pub department: Department,
    /// Role words, joined by one space (角色).
    pub roles: String,
    /// Region of the user, 12 digits; none for users bounded by an institution.
    pub region_code: Option<i64>,
    /// Institution of a school, bank or insurer.
    pub institution_code: Option<String>,
    /// Disabled users are refused (停用).
    pub disabled: bool,
    /// Last change, epoch milliseconds.
    pub updated_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
