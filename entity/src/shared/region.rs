//! Regions (行政区划) from province to village. Reference table, copied everywhere.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "region")]
pub struct Model {
    /// Region code of 12 digits (区划代码); trailing zeros for a higher level.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: i64,
    /// Code of the region above; none for a province.
    pub parent_code: Option<i64>,
    /// Level (级别): PROVINCE, PREFECTURE, COUNTY, TOWNSHIP or VILLAGE.
    pub level: String,
    /// Name (名称), as printed in the national list.
    pub name: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
