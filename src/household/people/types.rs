//! A member who is offered to another township.

use crate::{
    graphql::{
        plan::{Record, Ref, codes},
        scalars::{Day, Moment, NodeId},
    },
    household::Region,
};
use async_graphql::SimpleObject;
use entity::household::codes::{MemberOfferState, Sex};

codes!(MemberOfferState);

/// A member who moves here from a household elsewhere (转移待接收): offered by the township that the person leaves.
#[derive(SimpleObject, Record)]
#[record(
    entity = "household::member_offer",
    of_region,
    beyond = "OfferedMember",
    household = "t.region_code",
    order = "t.offered_on DESC, t.id DESC"
)]
pub struct MemberOffer {
    /// The global id (全局编号).
    id: NodeId<MemberOffer>,
    /// The township or village it is offered to (接收地).
    #[record(column = "t.region_code")]
    region: Ref<Region>,
    /// The county that the person leaves (迁出旗县).
    #[record(column = "t.from_region / 1000000 * 1000000")]
    from_county: Ref<Region>,
    /// The name (姓名).
    #[record(column = "(SELECT p.name FROM person p WHERE p.id = t.person_id)")]
    name: String,
    /// The citizen number (公民身份号码), all but the first character hidden. Null where none was reported.
    #[record(column = "(SELECT p.citizen_number_mask FROM person p WHERE p.id = t.person_id)")]
    citizen_number: Option<String>,
    /// The sex (性别).
    #[record(column = "(SELECT p.sex FROM person p WHERE p.id = t.person_id)")]
    sex: Sex,
    /// The day of birth (出生日期).
    #[record(column = "(SELECT p.birth_date FROM person p WHERE p.id = t.person_id)")]
    birth_date: Day,
    /// The first day no longer there (迁出日期).
    leaves_on: Day,
    /// The state (转移状态).
    state: MemberOfferState,
    /// The day of the offer (移交日期).
    offered_on: Day,
    /// The day it was accepted (接收日期). Null: not yet.
    accepted_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
