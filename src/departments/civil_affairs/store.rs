//! Whom the income benefits cover, month by month: dibao, special support and cash subsidy exclude each other.

use super::support::CoveredPerson;
use crate::{
    db::DbError,
    writing::{Door, Stop, written},
};
use ::entity::{civil_affairs::income_benefit_period, household::person};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect,
    sea_query::SimpleExpr,
};
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

/// A member whom a grant covers, as the register knows them now.
#[derive(Clone, Copy, Debug)]
pub struct Covered {
    pub person_id: i64,
    pub identity_id: Option<i64>,
}

impl From<&person::Model> for Covered {
    fn from(person: &person::Model) -> Self {
        Covered {
            person_id: person.id,
            identity_id: person.identity_id,
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
    pub async fn household(self, door: &Door, members: &[Covered]) -> Result<(), Stop> {
        let people = std::iter::once(None).chain(members.iter().copied().map(Some));
        self.take(door, people.collect()).await
    }

    /// Takes the months for one person.
    ///
    /// # Errors
    /// A month is taken already.
    pub async fn person(self, door: &Door, person: Covered) -> Result<(), Stop> {
        self.take(door, vec![Some(person)]).await
    }

    async fn take(self, door: &Door, people: Vec<Option<Covered>>) -> Result<(), Stop> {
        let keys = door
            .new_keys::<income_benefit_period::Entity>(people.len())
            .await?;
        let periods = keys.zip(people).map(|(id, person)| self.period(id, person));
        door.insert_all::<income_benefit_period::Entity>(periods.collect())
            .await
    }

    fn period(self, id: i64, person: Option<Covered>) -> income_benefit_period::Model {
        let (dibao_id, special_support_id, cash_subsidy_id) = match self.grant {
            Grant::Dibao(id) => (Some(id), None, None),
            Grant::SpecialSupport(id) => (None, Some(id), None),
            Grant::CashSubsidy(id) => (None, None, Some(id)),
        };
        income_benefit_period::Model {
            id,
            household_id: self.household_id,
            region_code: self.region_code,
            county_code: self.county_code,
            person_id: person.map(|person| person.person_id),
            identity_id: person.and_then(|person| person.identity_id),
            dibao_id,
            special_support_id,
            cash_subsidy_id,
            whole_household_id: None,
            human_key: None,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}

/// The months that a grant takes and that have not ended.
pub struct OpenCover(Vec<Open>);

#[derive(FromQueryResult)]
struct Open {
    #[sea_orm(nested)]
    period: income_benefit_period::Model,
    /// The human being as whom the member is known now.
    identity_now: Option<i64>,
}

impl OpenCover {
    /// # Errors
    /// The database.
    pub async fn of(door: &Door, grant: Grant) -> Result<Self, Stop> {
        let person = income_benefit_period::Entity::belongs_to(person::Entity)
            .from(income_benefit_period::Column::PersonId)
            .to(person::Column::Id);
        let open = income_benefit_period::Entity::find()
            .column_as(person::Column::IdentityId, "identity_now")
            .join(JoinType::LeftJoin, person.into())
            .filter(grant.is_of())
            .filter(income_benefit_period::Column::ValidTo.is_null())
            .into_model()
            .all(door.transaction())
            .await
            .map_err(DbError::from)?;
        Ok(OpenCover(open))
    }

    /// Whom it covers.
    pub fn members(&self) -> Vec<Covered> {
        let members = self.0.iter().filter_map(|open| {
            Some(Covered {
                person_id: open.period.person_id?,
                identity_id: open.identity_now,
            })
        });
        members.collect()
    }

    /// Ends it.
    ///
    /// # Errors
    /// The database.
    pub async fn end(self, door: &Door, day: Date) -> Result<(), Stop> {
        let ended = self.0.into_iter().map(|Open { period, .. }| {
            let mut ended = period.clone();
            ended.valid_to = Some(day.max(period.valid_from));
            (period, ended)
        });
        door.update_all::<income_benefit_period::Entity>(ended.collect())
            .await
    }
}
