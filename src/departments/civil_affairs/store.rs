//! Whom the income benefits cover, month by month: dibao, special support and cash subsidy exclude each other.

use super::support::CoveredPerson;
use crate::{
    db::DbError,
    writing::{Door, Stop, written},
};
use ::entity::{civil_affairs::income_benefit_period, household::person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::SimpleExpr};
use time::Date;

written! {
    Civil: income_benefit_period => CoveredPerson, generated "whole_household_id" "human_key";
}

/// A grant of one of the three, by its key.
#[derive(Clone, Copy, Debug)]
pub enum Grant {
    Dibao(i64),
    SpecialSupport(i64),
    CashSubsidy(i64),
}

impl Grant {
    fn is_of(self) -> SimpleExpr {
        match self {
            Grant::Dibao(id) => income_benefit_period::Column::DibaoId.eq(id),
            Grant::SpecialSupport(id) => income_benefit_period::Column::SpecialSupportId.eq(id),
            Grant::CashSubsidy(id) => income_benefit_period::Column::CashSubsidyId.eq(id),
        }
    }
}

/// The months that a grant takes in a household.
#[derive(Clone, Copy, Debug)]
pub struct Cover {
    pub grant: Grant,
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
}

impl Cover {
    /// Takes the months for the household as such and for each of these members.
    ///
    /// # Errors
    /// A month is taken already.
    pub async fn household(self, door: &Door, members: &[person::Model]) -> Result<(), Stop> {
        for person in std::iter::once(None).chain(members.iter().map(Some)) {
            self.take(door, person).await?;
        }
        Ok(())
    }

    /// Takes the months for one person.
    ///
    /// # Errors
    /// A month is taken already.
    pub async fn person(self, door: &Door, person: &person::Model) -> Result<(), Stop> {
        self.take(door, Some(person)).await
    }

    async fn take(self, door: &Door, person: Option<&person::Model>) -> Result<(), Stop> {
        let mut period = income_benefit_period::Model {
            id: door.new_key::<income_benefit_period::Entity>().await?,
            household_id: self.household_id,
            region_code: self.region_code,
            county_code: self.county_code,
            person_id: person.map(|person| person.id),
            identity_id: person.and_then(|person| person.identity_id),
            dibao_id: None,
            special_support_id: None,
            cash_subsidy_id: None,
            whole_household_id: None,
            human_key: None,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        };
        match self.grant {
            Grant::Dibao(id) => period.dibao_id = Some(id),
            Grant::SpecialSupport(id) => period.special_support_id = Some(id),
            Grant::CashSubsidy(id) => period.cash_subsidy_id = Some(id),
        }
        door.insert::<income_benefit_period::Entity>(period).await?;
        Ok(())
    }
}

/// Whom the grant covers today.
///
/// # Errors
/// The database.
pub async fn covered_today(door: &Door, grant: Grant) -> Result<Vec<person::Model>, Stop> {
    let open = open_periods(door, grant).await?;
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
pub async fn end_cover(door: &Door, grant: Grant, day: Date) -> Result<(), Stop> {
    for period in open_periods(door, grant).await? {
        let mut ended = period.clone();
        ended.valid_to = Some(day.max(period.valid_from));
        door.update::<income_benefit_period::Entity>(&period, ended)
            .await?;
    }
    Ok(())
}

async fn open_periods(
    door: &Door,
    grant: Grant,
) -> Result<Vec<income_benefit_period::Model>, Stop> {
    let periods = income_benefit_period::Entity::find()
        .filter(grant.is_of())
        .filter(income_benefit_period::Column::ValidTo.is_null())
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(periods)
}
