//! Projects of the project library (脱贫攻坚项目库). Owner: poverty office.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{ProjectKind, ProjectNature, ProjectState};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "project")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Where the project is, 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// Number and name (项目编号、名称).
    pub number: String,
    pub name: String,
    /// Kind, nature and state (项目类别、建设性质、状态).
    pub kind: ProjectKind,
    pub nature: ProjectNature,
    pub state: ProjectState,
    /// Plan year, the place, and the time planned (年度、建设地点、建设期限).
    pub year: i32,
    pub place: String,
    pub starts_on: Date,
    pub ends_on: Date,
    /// Responsible unit and tasks (责任单位、建设任务).
    pub responsible_unit: String,
    pub tasks: String,
    /// The cost, fen, and where the money comes from; the sources add up to it (资金规模及筹资方式).
    pub cost_fen: i64,
    pub central_fen: i64,
    pub region_fen: i64,
    pub city_fen: i64,
    pub county_fen: i64,
    pub social_fen: i64,
    pub loan_fen: i64,
    pub self_fen: i64,
    /// Who benefits (受益户数、人数).
    pub beneficiary_households: i64,
    pub beneficiary_persons: i64,
    /// Performance target, participation of the people, and how the poor benefit (绩效目标、群众参与、带贫减贫机制).
    pub performance_target: String,
    pub participation: String,
    pub benefit: String,
    /// Days of the steps (申报、村公示、乡镇审核、县审定日期).
    pub proposed_on: Date,
    pub village_published_on: Option<Date>,
    pub township_reviewed_on: Option<Date>,
    pub county_approved_on: Option<Date>,
    /// First day of the county's publicity and for how many days (县级公示日期、天数).
    pub published_on: Option<Date>,
    pub publicity_days: Option<i32>,
    /// Days of the later steps (入库、安排资金、完工、验收、调出日期).
    pub library_on: Option<Date>,
    pub funded_on: Option<Date>,
    pub done_on: Option<Date>,
    pub accepted_on: Option<Date>,
    pub removed_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
