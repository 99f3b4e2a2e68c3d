//! A change as clients see it.

use super::cursor::Position;
use crate::graphql::{
    plan::{Plain, PlainList, Text},
    response::write_string,
    scalars::{Moment, RegionId, global_id},
};
use async_graphql::{Enum, ID, Object, SimpleObject};
use entity::codes::{ChangeAction, CodeList, Slice};

/// What happened, as the follower sees it (变更方式).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowedAction {
    /// An object was added (新增).
    Create,
    /// An object was changed (修改).
    Update,
    /// An object was deleted (删除).
    Delete,
    /// The household left what is followed or may be read (移出范围).
    LeftScope,
}

impl From<ChangeAction> for FollowedAction {
    fn from(action: ChangeAction) -> Self {
        match action {
            ChangeAction::Create => FollowedAction::Create,
            ChangeAction::Update => FollowedAction::Update,
            ChangeAction::Delete => FollowedAction::Delete,
        }
    }
}

/// The word of [`FollowedAction::LeftScope`]; the others are those of [`ChangeAction`].
const LEFT_SCOPE: &str = "LEFT_SCOPE";

#[derive(Clone, Debug)]
pub struct Change {
    pub(super) position: Position,
    pub(super) household: Option<i64>,
    pub(super) at: Moment,
    /// None where the household left the scope.
    pub(super) told: Option<Told>,
}

/// What is told of a change inside of the scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) slice: Slice,
    pub(super) action: ChangeAction,
    /// The type and key of the object, where it has an id.
    pub(super) object: Option<(&'static str, i64)>,
    pub(super) region: Option<RegionId>,
}

impl Change {
    fn told_object(&self) -> Option<(&'static str, i64)> {
        self.told.and_then(|told| told.object)
    }

    fn told_region(&self) -> Option<RegionId> {
        self.told.and_then(|told| told.region)
    }
}

/// A change (变更), without values: what it concerns is read by its id.
#[Object]
impl Change {
    /// The position after this change (游标): give it as `after` to go on from here.
    async fn cursor(&self) -> String {
        self.position.cursor()
    }
    /// The part of the file (信息板块). Null where the household left the scope.
    async fn slice(&self) -> Option<Slice> {
        self.told.map(|told| told.slice)
    }
    /// What happened (变更方式).
    async fn action(&self) -> FollowedAction {
        self.told
            .map_or(FollowedAction::LeftScope, |told| told.action.into())
    }
    /// The GraphQL type of the object (对象类型). Null where it has no id of its own, and for institutions.
    async fn object_type(&self) -> Option<&'static str> {
        self.told_object().map(|(name, _)| name)
    }
    /// The global id of the object (对象编号). Null where its type is.
    async fn object(&self) -> Option<ID> {
        self.told_object()
            .map(|(name, key)| ID(global_id(name, key)))
    }
    /// The global id of the household (农户编号). Null for what belongs to a region.
    async fn household(&self) -> Option<ID> {
        self.household.map(|key| ID(global_id("Household", key)))
    }
    /// The region it lies in (行政区划), after the change. Null where the household left the scope.
    async fn region(&self) -> Option<RegionId> {
        self.told_region()
    }
    /// When it was recorded (变更时间).
    async fn at(&self) -> Moment {
        self.at
    }
}

impl Plain for Change {
    fn write(&self, field: &str, json: &mut Vec<u8>) {
        match field {
            "cursor" => write_string(&self.position.cursor(), json),
            "slice" => word(self.told.map(|told| told.slice.word()), json),
            "action" => {
                let action = self.told.map_or(LEFT_SCOPE, |told| told.action.word());
                word(Some(action), json);
            }
            "objectType" => word(self.told_object().map(|(name, _)| name), json),
            "object" => id(self.told_object(), json),
            "household" => id(self.household.map(|key| ("Household", key)), json),
            "region" => text(self.told_region().as_ref(), json),
            "at" => text(Some(&self.at), json),
            // Validation has refused every other name.
            _ => json.extend_from_slice(b"null"),
        }
    }
}

fn word(word: Option<&str>, json: &mut Vec<u8>) {
    match word {
        Some(word) => write_string(word, json),
        None => json.extend_from_slice(b"null"),
    }
}

fn id(object: Option<(&str, i64)>, json: &mut Vec<u8>) {
    let id = object.map(|(name, key)| global_id(name, key));
    word(id.as_deref(), json);
}

fn text(text: Option<&impl Text>, json: &mut Vec<u8>) {
    let Some(text) = text else {
        return json.extend_from_slice(b"null");
    };
    json.push(b'"');
    text.text(json);
    json.push(b'"');
}

/// Changes in their order (变更列表), from a position on.
#[derive(SimpleObject)]
pub struct ChangePage {
    /// The changes (变更), oldest first.
    pub(super) entries: PlainList<Change>,
    /// The position up to which everything was read (结束游标): the `after` of the next page, also where this one is empty.
    pub(super) end_cursor: String,
    /// Whether there is more to read now (是否还有).
    pub(super) has_more: bool,
}
