//! A grant of the minimum living allowance.

use super::super::support::CoveredPerson;
use crate::{
    departments::Household,
    graphql::{
        plan::{Many, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId},
    },
};
use async_graphql::SimpleObject;
use entity::civil_affairs::codes::{DibaoClass, DibaoState};

codes!(DibaoClass, DibaoState);

/// A grant of the minimum living allowance (低保).
#[derive(SimpleObject, Record)]
#[record(entity = "civil_affairs::dibao", order = "t.valid_from DESC, t.id")]
pub struct Dibao {
    /// The global id (全局编号).
    id: NodeId<Dibao>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The number of the certificate (低保证号).
    dibao_number: String,
    /// The class (低保类别).
    class: DibaoClass,
    /// The members covered (保障人数), persons.
    persons: i32,
    /// Who is covered (保障对象), with those who were and have left. A family's.
    #[record(parent = "t.dibao_id", filter = "t.person_id IS NOT NULL")]
    covered_persons: Many<CoveredPerson>,
    /// The standard per head (保障标准), yuan.
    #[graphql(name = "standard")]
    standard_fen: Fen,
    /// The amount paid each month to the household (月保障金额), yuan.
    #[graphql(name = "monthlyAmount")]
    monthly_fen: Fen,
    /// The state of the grant (状态).
    state: DibaoState,
    /// The day of approval (批准日期).
    approved_on: Day,
    /// The first day in force (起始日期).
    valid_from: Day,
    /// The day it ended (终止日期). Null: in force.
    valid_to: Option<Day>,
    /// The last day of gradual exit (渐退截止日期). Null: not in gradual exit.
    gradual_exit_until: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
