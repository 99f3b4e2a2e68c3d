//! Pieces of the result of a job, in their order (任务结果分块).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_part")]
pub struct Model {
    /// The job.
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_id: i64,
    /// Of what: INPUT, the file that was sent; LINES, of which a file will be made; FILE, which can be fetched.
    #[sea_orm(primary_key, auto_increment = false)]
    pub stage: String,
    /// Its place: 0, 1, 2 and so on.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    /// The region of the job, 12 digits, and its first 6 digits (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// The bytes.
    pub content: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
