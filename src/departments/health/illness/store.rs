//! The rows of disease flags and chronic handbooks.

use super::types::{ChronicHandbook, DiseaseFlag};
use crate::{
    db::DbError,
    writing::{Door, Stop, corrected, written},
};
use ::entity::health::{
    chronic_handbook,
    codes::{DiseaseClass, HandbookState},
    disease_flag,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use time::Date;

written! {
    Health: disease_flag => DiseaseFlag;
    Health: chronic_handbook => ChronicHandbook;
}

corrected! {
    Health: disease_flag;
    Medins: chronic_handbook "handbook_number";
}

/// Whether the person has a flag of a class, of no named disease, on a day of this time.
///
/// # Errors
/// The database.
pub async fn flagged(
    door: &Door,
    person: i64,
    class: DiseaseClass,
    (from, to): (Date, Option<Date>),
) -> Result<bool, Stop> {
    use disease_flag::Column;
    let mut query = disease_flag::Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::Class.eq(class))
        .filter(Column::DiseaseIndex.is_null())
        .filter(
            Condition::any()
                .add(Column::ValidTo.is_null())
                .add(Column::ValidTo.gt(from)),
        );
    if let Some(to) = to {
        query = query.filter(Column::ValidFrom.lt(to));
    }
    let count = query.count(door.transaction()).await;
    Ok(count.map_err(DbError::from)? > 0)
}

/// The application of a person for a handbook for a disease.
///
/// # Errors
/// The database.
pub async fn application(
    door: &Door,
    person: i64,
    disease: &[u8],
) -> Result<Option<chronic_handbook::Model>, Stop> {
    use chronic_handbook::Column;
    let found = chronic_handbook::Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::DiseaseIndex.eq(disease))
        .filter(Column::State.eq(HandbookState::Applied))
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}

/// Whether a handbook of the county has this number.
///
/// # Errors
/// The database.
pub async fn has_number(door: &Door, county: i64, number: &str) -> Result<bool, Stop> {
    use chronic_handbook::Column;
    let count = chronic_handbook::Entity::find()
        .filter(Column::CountyCode.eq(county))
        .filter(Column::HandbookNumber.eq(number))
        .count(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(count > 0)
}
