//! The rows of help: helpers and their accounts' ties, measures, needs, visits.

use super::types::{HelpMeasure, HelpVisit, Helper, Need};
use crate::{
    db::DbError,
    writing::{Door, Stop, corrected, written},
};
use ::entity::household::{
    codes::LinkKind, help_measure, help_visit, helper, household, household_link, need,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use time::Date;

written! {
    Core: helper => Helper;
    Core: need => Need;
    Core: help_measure => HelpMeasure;
    Core: help_visit => HelpVisit;
    Core: household_link;
}

corrected! {
    Poverty: helper "name" "unit";
    Poverty: need "what" "sector";
    Poverty: help_measure "what" "result";
}

/// The user's ties to a household as its helper that were open on the day or later, newest first, with the household.
///
/// # Errors
/// The database.
pub async fn ties_since(
    door: &Door,
    household: i64,
    day: Date,
) -> Result<Vec<(household_link::Model, household::Model)>, Stop> {
    let viewer = &door.access().viewer;
    let links = household_link::Entity::find()
        .filter(household_link::Column::UserId.eq(&viewer.user))
        .filter(household_link::Column::Kind.eq(LinkKind::Helper))
        .filter(household_link::Column::HouseholdId.eq(household))
        .filter(
            Condition::any()
                .add(household_link::Column::ValidTo.is_null())
                .add(household_link::Column::ValidTo.gte(day)),
        )
        .filter(household_link::Column::RegionCode.between(viewer.region.0, viewer.region.1))
        .order_by_desc(household_link::Column::ValidFrom)
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    let household = household::Entity::find_by_id(household)
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    let ties = links
        .into_iter()
        .filter_map(|link| Some((link, household.clone()?)));
    Ok(ties.collect())
}

/// The helper of the file who has this tie.
///
/// # Errors
/// The database.
pub async fn helper_of(door: &Door, link: i64) -> Result<Option<helper::Model>, Stop> {
    let helper = helper::Entity::find()
        .filter(helper::Column::HouseholdLinkId.eq(link))
        .order_by_desc(helper::Column::ValidFrom)
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(helper)
}

/// Ends the help of a helper, and the tie of the account with it.
///
/// # Errors
/// The database.
pub async fn end(door: &Door, before: &helper::Model, day: Date) -> Result<(), Stop> {
    let mut after = before.clone();
    after.valid_to = Some(day.max(before.valid_from));
    door.update::<helper::Entity>(before, after).await?;
    let Some(link) = before.household_link_id else {
        return Ok(());
    };
    let link = household_link::Entity::find_by_id(link)
        .filter(household_link::Column::ValidTo.is_null())
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    if let Some(link) = link {
        end_link(door, &link, day).await?;
    }
    Ok(())
}

/// Ends all help for a household, and every tie of an account to it.
///
/// # Errors
/// The database.
pub async fn end_all(door: &Door, household: i64, day: Date) -> Result<(), Stop> {
    let helpers = helper::Entity::find()
        .filter(helper::Column::HouseholdId.eq(household))
        .filter(helper::Column::ValidTo.is_null())
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    for helper in helpers {
        end(door, &helper, day).await?;
    }
    let ties = household_link::Entity::find()
        .filter(household_link::Column::HouseholdId.eq(household))
        .filter(household_link::Column::ValidTo.is_null())
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    for tie in ties {
        end_link(door, &tie, day).await?;
    }
    Ok(())
}

/// Ends a tie.
///
/// # Errors
/// The database.
pub async fn end_link(door: &Door, before: &household_link::Model, day: Date) -> Result<(), Stop> {
    let mut after = before.clone();
    after.valid_to = Some(day.max(before.valid_from));
    door.update::<household_link::Entity>(before, after).await?;
    Ok(())
}
