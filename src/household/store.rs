//! What the household room writes, and whom it finds for others: members, and the record of who looked whom up.

use super::{
    service::settle_name,
    types::{HouseholdCore, PersonCore},
};
use crate::{
    authz::Viewer,
    db::{Database, DbError},
    graphql::scalars::{NodeName, parse_global_id},
    vault::Sealed,
    writing::{Corrected, Door, Stop, written},
};
use ::entity::{
    codes::{AccessAction, Department, Role},
    household::{household, person},
    shared::access_record,
};
use async_graphql::ID;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, Set,
};
use time::Date;

written! {
    Core: household => HouseholdCore, generated "card_order";
    Core: person => PersonCore;
}

impl Corrected for household::Entity {
    const OWNER: Department = Department::Township;
    const OTHERS: &'static [(Department, &'static [&'static str])] = &[(
        Department::Poverty,
        &[
            "status",
            "class",
            "policy_after_exit",
            "standard_year",
            "registered_on",
            "exited_on",
            "returned_on",
            "closed_on",
            "main_cause",
            "planned_exit_year",
            "return_cause",
        ],
    )];
    const COLUMNS: &'static [&'static str] = &[
        "group_name",
        "address",
        "registration_place",
        "wishes",
        "water_safe",
        "standard_year",
        "main_cause",
        "planned_exit_year",
        "return_cause",
    ];
}

impl Corrected for person::Entity {
    const OWNER: Department = Department::Township;
    const OTHERS: &'static [(Department, &'static [&'static str])] = &[
        (Department::Police, &["died_on"]),
        (Department::Hrss, &["pension_enrolled"]),
    ];
    const COLUMNS: &'static [&'static str] = &[
        "name",
        "ethnic_group",
        "education_level",
        "student_stage",
        "health",
        "labour_capacity",
        "marital_status",
        "work",
        "work_place",
        "work_months",
        "pension_enrolled",
    ];

    fn settle(after: &mut person::Model) {
        settle_name(after);
    }
}

/// Members that a client named.
pub struct MembersNamed {
    /// Those that are members of the household today, in the order of their keys.
    pub members: Vec<person::Model>,
    /// The places in the client's list that name no such member, or one a second time.
    pub unknown: Vec<usize>,
}

/// The members of a household whose global ids these are.
///
/// # Errors
/// The database.
pub async fn members_named(door: &Door, household: i64, ids: &[ID]) -> Result<MembersNamed, Stop> {
    let members = members_today(door, household).await?;
    let (mut named, mut unknown) = (vec![], vec![]);
    for (place, id) in ids.iter().enumerate() {
        let key = parse_global_id(id).filter(|(name, _)| name == PersonCore::NAME);
        match key {
            Some((_, key))
                if !named.contains(&key) && members.iter().any(|member| member.id == key) =>
            {
                named.push(key);
            }
            _ => unknown.push(place),
        }
    }
    let members = members.into_iter();
    let members = members
        .filter(|member| named.contains(&member.id))
        .collect();
    Ok(MembersNamed { members, unknown })
}

/// A household by its key, wherever it is: one that a member leaves who was offered from elsewhere.
///
/// # Errors
/// The database.
pub async fn household_row(door: &Door, key: i64) -> Result<Option<household::Model>, Stop> {
    let household = household::Entity::find_by_id(key)
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(household)
}

/// The members of a household on a day.
///
/// # Errors
/// The database.
pub async fn members_on(
    door: &Door,
    household: i64,
    day: Date,
) -> Result<Vec<person::Model>, Stop> {
    let members = person::Entity::find()
        .filter(person::Column::HouseholdId.eq(household))
        .filter(person::Column::ValidFrom.lte(day))
        .filter(
            Condition::any()
                .add(person::Column::ValidTo.is_null())
                .add(person::Column::ValidTo.gt(day)),
        )
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(members)
}

/// The members of a household today.
///
/// # Errors
/// The database.
pub async fn members_today(door: &Door, household: i64) -> Result<Vec<person::Model>, Stop> {
    let members = person::Entity::find()
        .filter(person::Column::HouseholdId.eq(household))
        .filter(person::Column::ValidTo.is_null())
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(members)
}

/// Ciphertext, blind index and mask as three columns.
#[must_use]
pub fn parts(sealed: Option<Sealed>) -> SealedParts {
    match sealed {
        Some(sealed) => (
            Some(sealed.cipher),
            Some(sealed.index.0.to_vec()),
            Some(sealed.mask),
        ),
        None => (None, None, None),
    }
}

/// Ciphertext, blind index and mask.
type SealedParts = (Option<Vec<u8>>, Option<Vec<u8>>, Option<String>);

/// A look-up by a full citizen number and what it found.
pub struct LookedUp<'a> {
    pub viewer: &'a Viewer,
    /// The blind index of the number: the number itself is kept nowhere.
    pub index: &'a [u8],
    /// The household found inside the viewer's scope.
    pub household: Option<i64>,
    pub at_ms: i64,
}

/// Keeps the record of a look-up.
///
/// # Errors
/// The database could not keep it.
pub async fn record_look_up(database: &Database, look_up: &LookedUp<'_>) -> Result<(), DbError> {
    let id = database.next_id("access_record").await?;
    let row = &record(id, look_up);
    database
        .write("record_look_up", |transaction| async move {
            row.clone().insert(&*transaction).await?;
            Ok(())
        })
        .await
}

/// Keeps the record that somebody was told that a person is on another file: with the person, so that the family sees it.
///
/// # Errors
/// The database could not keep it.
pub async fn record_disclosure(database: &Database, told: &LookedUp<'_>) -> Result<(), DbError> {
    let id = database.next_id("access_record").await?;
    let row = &record(id, told);
    database
        .write("record_disclosure", |transaction| async move {
            let person = person::Entity::find()
                .filter(person::Column::CitizenNumberIndex.eq(told.index.to_vec()))
                .order_by_desc(person::Column::ValidFrom)
                .one(&*transaction)
                .await?;
            let mut row = access_record::ActiveModel {
                action: Set(AccessAction::Disclose),
                found: Set(person.is_some()),
                ..row.clone()
            };
            if let Some(person) = person {
                row.household_id = Set(Some(person.household_id));
                row.region_code = Set(Some(person.region_code));
                row.person_id = Set(Some(person.id));
            }
            row.insert(&*transaction).await?;
            Ok(())
        })
        .await
}

fn record(id: i64, look_up: &LookedUp<'_>) -> access_record::ActiveModel {
    let viewer = look_up.viewer;
    access_record::ActiveModel {
        id: Set(id),
        at_ms: Set(look_up.at_ms),
        user_id: Set(viewer.user.clone()),
        client: Set(viewer.client.clone()),
        department: Set(viewer.department),
        role: Set(viewer
            .roles
            .to_vec()
            .first()
            .copied()
            .unwrap_or(Role::Reader)),
        purpose: Set(viewer.purpose.as_ref().map(|purpose| purpose.0.clone())),
        action: Set(AccessAction::LookUp),
        household_id: Set(look_up.household),
        region_code: Set(None),
        person_id: Set(None),
        query_index: Set(Some(look_up.index.to_vec())),
        found: Set(look_up.household.is_some()),
        case_number: Set(None),
        fields: Set(None),
    }
}
