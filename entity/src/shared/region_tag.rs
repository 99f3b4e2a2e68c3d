//! What a region counts as (区域类型): poor county, contiguous area, border. Source: the committed list, and the poverty office for villages.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "region_tag")]
pub struct Model {
    /// Region code of 12 digits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub region_code: i64,
    /// The tag (区域类型), a word of `RegionTag`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
