//! A change as clients see it.

use crate::graphql::scalars::{Moment, RegionId};
use async_graphql::{Enum, ID, SimpleObject};
use entity::codes::{ChangeAction, Slice};

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

/// A change (变更), without values: what it concerns is read by its id.
#[derive(SimpleObject, Clone, Debug)]
pub struct Change {
    /// The position after this change (游标): give it as `after` to go on from here.
    pub(super) cursor: String,
    /// The part of the file (信息板块). Null where the household left the scope.
    pub(super) slice: Option<Slice>,
    /// What happened (变更方式).
    pub(super) action: FollowedAction,
    /// The GraphQL type of the object (对象类型). Null where it has no id of its own, and for institutions.
    pub(super) object_type: Option<String>,
    /// The global id of the object (对象编号). Null where its type is.
    pub(super) object: Option<ID>,
    /// The global id of the household (农户编号). Null for what belongs to a region.
    pub(super) household: Option<ID>,
    /// The region it lies in (行政区划), after the change. Null where the household left the scope.
    pub(super) region: Option<RegionId>,
    /// When it was recorded (变更时间).
    pub(super) at: Moment,
}

/// Changes in their order (变更列表), from a position on.
#[derive(SimpleObject)]
pub struct ChangePage {
    /// The changes (变更), oldest first.
    pub(super) entries: Vec<Change>,
    /// The position up to which everything was read (结束游标): the `after` of the next page, also where this one is empty.
    pub(super) end_cursor: String,
    /// Whether there is more to read now (是否还有).
    pub(super) has_more: bool,
}
