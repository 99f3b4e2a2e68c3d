//! Days in the village of a post and calendar year (驻村天数). Owner: organisation department.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "village_post_attendance")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The post.
    pub village_post_id: i64,
    /// The village of 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// Calendar year, and days in the village (年度、驻村天数).
    pub year: i32,
    pub days: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
