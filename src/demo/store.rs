//! Rows of the tables that belong to no room, and whether there is anything yet.

use super::{Demonstration, HELPER, LAST_DAY, dice::Dice};
use crate::{
    db::{Database, DbError},
    household::listed_regions,
};
use ::entity::{
    household::{household, household_link, person},
    region_code::{RegionCode, RegionLevel},
    shared::{institution, region_population},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Set};
use std::collections::BTreeMap;

/// How many households and memberships there are.
pub(super) async fn present(database: &Database) -> Result<(u64, u64), DbError> {
    let reader = database.reader();
    let households = household::Entity::find().count(reader).await?;
    let persons = person::Entity::find().count(reader).await?;
    Ok((households, persons))
}

/// Whether the households are the demonstration's: only there the helper of a demonstration has some.
pub(super) async fn is_demonstration(database: &Database) -> Result<bool, DbError> {
    let links = household_link::Entity::find()
        .filter(household_link::Column::UserId.eq(HELPER))
        .count(database.reader())
        .await?;
    Ok(links > 0)
}

/// Institutions and the rural population of the counties, their townships and villages.
pub(super) fn add(demonstration: &mut Demonstration<'_>) {
    let institutions = demonstration.institutions.all().iter();
    let institutions = institutions.map(|one| institution::ActiveModel {
        code: Set(one.code.clone()),
        kind: Set(one.kind),
        name: Set(one.name.clone()),
        region_code: Set(one.region),
        hospital_level: Set(one.hospital_level),
    });
    let institutions: Vec<_> = institutions.collect();
    demonstration.inserts.add(institutions);

    let populations = populations(&demonstration.counties).into_iter();
    let populations = populations.map(|(code, persons)| region_population::ActiveModel {
        region_code: Set(code.get()),
        year: Set(LAST_DAY.year()),
        rural_persons: Set(persons),
    });
    demonstration.inserts.add(populations.collect());
}

/// Every rural village has some hundred people; a township and a county have those of their villages.
fn populations(counties: &[(RegionCode, &str)]) -> BTreeMap<RegionCode, i64> {
    let mut populations = BTreeMap::new();
    let inside = |code: RegionCode| counties.iter().any(|(county, _)| county.contains(code));
    for region in listed_regions().filter(|region| inside(region.code)) {
        let rural = (200..400).contains(&(region.code.get() % 1_000));
        if region.code.level() != RegionLevel::Village || !rural {
            continue;
        }
        let persons = Dice::of(region.code.get().unsigned_abs(), "population").between(380, 1_480);
        let mut code = Some(region.code);
        while let Some(region) = code.filter(|code| code.county().is_some()) {
            *populations.entry(region).or_default() += persons;
            code = region.parent();
        }
    }
    populations
}
