//! Registered rural population (乡村户籍人口) of a region and year: the base of the poverty incidence. Source: statistics.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "region_population")]
pub struct Model {
    /// Region code of 12 digits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub region_code: i64,
    /// Calendar year.
    #[sea_orm(primary_key, auto_increment = false)]
    pub year: i32,
    /// Persons.
    pub rural_persons: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
