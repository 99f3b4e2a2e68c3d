//! A record of who looked, and a value that was shown.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Record, Ref, codes},
        scalars::{Moment, Words},
    },
};
use async_graphql::{ID, SimpleObject};
use entity::codes::{AccessAction, Role, SensitiveField};

codes!(AccessAction, Role, SensitiveField);

/// A record of somebody's looking at a file (查阅记录), kept at least three years.
#[derive(SimpleObject, Record)]
#[record(
    entity = "shared::access_record",
    from = "access_record t LEFT JOIN household h ON h.id = t.household_id",
    region = "h.region_code",
    order = "t.at_ms DESC, t.id"
)]
pub struct AccessRecord {
    /// When (查阅时间).
    #[graphql(name = "at")]
    #[record(column = "t.at_ms")]
    at_ms: Moment,
    /// The user (查阅人): issuer and subject of the token.
    #[graphql(name = "user")]
    #[record(column = "t.user_id")]
    user_id: String,
    /// The client application (应用).
    client: String,
    /// The department of the user (查阅部门).
    department: entity::codes::Department,
    /// The role of the user (角色).
    role: Role,
    /// What was done (查阅方式).
    action: AccessAction,
    /// What for (查阅用途): a registered purpose, or a word of `RevealPurpose`. Null: none was stated.
    purpose: Option<String>,
    /// The number of the case (案件编号). Null: none was stated.
    case_number: Option<String>,
    /// Which full values were shown (查看内容).
    #[record(column = "t.fields")]
    fields: Words<SensitiveField>,
    /// The household (农户). Null: nothing was found.
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The person (人员). Null: it was about the household, or nothing was found.
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// Whether anything was found and shown (是否查到).
    found: bool,
}

/// Full values behind masks (敏感信息).
#[derive(SimpleObject)]
pub struct SensitiveValues {
    /// The values (内容), in the order of the subjects. A subject without such a value has none.
    pub values: Vec<SensitiveValue>,
}

/// A full value behind a mask (敏感信息内容).
#[derive(SimpleObject)]
pub struct SensitiveValue {
    /// The object it belongs to (对象), by global id.
    pub subject: ID,
    /// Which value (字段).
    pub field: SensitiveField,
    /// The full value (完整内容). It is nowhere stored as an answer: ask again, and it is recorded again.
    pub value: String,
}
