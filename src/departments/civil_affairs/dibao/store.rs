//! The rows of dibao grants, and whom they cover.

use super::super::support::CoveredPerson;
use super::types::Dibao;
use crate::{
    db::DbError,
    writing::{Door, Stop, written},
};
use ::entity::{
    civil_affairs::{dibao, income_benefit_period},
    household::person,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use time::Date;

written! {
    Civil: dibao => Dibao;
    Civil: income_benefit_period => CoveredPerson, generated "whole_household_id" "human_key";
}

/// Takes the months of a grant: for the household as such and for each member covered.
///
/// # Errors
/// A month is taken already.
pub async fn cover(
    door: &Door,
    grant: &dibao::Model,
    members: &[person::Model],
) -> Result<(), Stop> {
    let of = |person: Option<&person::Model>, id| income_benefit_period::Model {
        id,
        household_id: grant.household_id,
        region_code: grant.region_code,
        county_code: grant.county_code,
        person_id: person.map(|person| person.id),
        identity_id: person.and_then(|person| person.identity_id),
        dibao_id: Some(grant.id),
        special_support_id: None,
        cash_subsidy_id: None,
        whole_household_id: None,
        human_key: None,
        valid_from: grant.valid_from,
        valid_to: grant.valid_to,
    };
    for person in std::iter::once(None).chain(members.iter().map(Some)) {
        let id = door.new_key::<income_benefit_period::Entity>().await?;
        door.insert::<income_benefit_period::Entity>(of(person, id))
            .await?;
    }
    Ok(())
}

/// Whom the grant covers today.
///
/// # Errors
/// The database.
pub async fn covered_today(door: &Door, grant: i64) -> Result<Vec<person::Model>, Stop> {
    let open = periods(door, grant).await?;
    let ids = open.iter().filter_map(|period| period.person_id);
    let members = person::Entity::find()
        .filter(person::Column::Id.is_in(ids))
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(members)
}

/// Ends what the grant covers.
///
/// # Errors
/// The database.
pub async fn end_cover(door: &Door, grant: i64, day: Date) -> Result<(), Stop> {
    for period in periods(door, grant).await? {
        let mut ended = period.clone();
        ended.valid_to = Some(day.max(period.valid_from));
        door.update::<income_benefit_period::Entity>(&period, ended)
            .await?;
    }
    Ok(())
}

async fn periods(door: &Door, grant: i64) -> Result<Vec<income_benefit_period::Model>, Stop> {
    let periods = income_benefit_period::Entity::find()
        .filter(income_benefit_period::Column::DibaoId.eq(grant))
        .filter(income_benefit_period::Column::ValidTo.is_null())
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(periods)
}
