//! Institutions (机构): schools, hospitals, banks and insurers, which bound what their users may see.

use sea_orm::entity::prelude::*;

use crate::codes::{HospitalLevel, InstitutionKind, SchoolKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "institution")]
pub struct Model {
    /// Code of the institution in its own register, for firms GB 32100 (机构代码).
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Kind (机构类别).
    pub kind: InstitutionKind,
    /// Name (名称).
    pub name: String,
    /// Region where it stands, 12 digits.
    pub region_code: i64,
    /// Insurance level, hospitals only (医疗机构级别).
    pub hospital_level: Option<HospitalLevel>,
    /// Whether it is designated: what is treated elsewhere is not payable (定点医疗机构).
    pub designated: bool,
    /// Kind of a school, and the stages it teaches as words with commas between (学校类别、学段).
    pub school_kind: Option<SchoolKind>,
    pub stages: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
