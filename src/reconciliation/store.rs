//! Findings that a room raises when it meets one: the checks find the others.

use super::types::Finding;
use crate::{
    db::DbError,
    writing::{Door, Stop, written},
};
use ::entity::{
    codes::Department,
    household::household,
    reconciliation::{
        codes::{FindingSeverity, FindingState},
        finding,
    },
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

written! {
    Core: finding => Finding;
}

/// What is raised, and who is asked.
pub struct Raised {
    /// The check of the domain that would find it.
    pub check: &'static str,
    pub severity: FindingSeverity,
    pub department: Department,
}

/// Raises a finding against a household, unless the same one is open.
///
/// # Errors
/// The database.
pub async fn raise(door: &Door, household: &household::Model, raised: &Raised) -> Result<(), Stop> {
    let open = finding::Entity::find()
        .filter(finding::Column::HouseholdId.eq(household.id))
        .filter(finding::Column::CheckId.eq(raised.check))
        .filter(finding::Column::State.eq(FindingState::Open))
        .count(door.transaction())
        .await
        .map_err(DbError::from)?;
    if open > 0 {
        return Ok(());
    }
    let finding = finding::Model {
        id: door.new_key::<finding::Entity>().await?,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        person_id: None,
        check_id: raised.check.to_owned(),
        severity: raised.severity,
        department: raised.department,
        state: FindingState::Open,
        opened_on: door.today(),
        due_on: None,
        closed_on: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    door.insert::<finding::Entity>(finding).await?;
    Ok(())
}
