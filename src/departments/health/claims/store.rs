//! The rows of claims.

use super::types::Claim;
use crate::{
    db::{Class, DbError, Param, Statement},
    writing::{Door, Stop, corrected, written},
};
use ::entity::health::medical_claim;
use sea_orm::{ColumnTrait, ConnectionTrait as _, EntityTrait, PaginatorTrait, QueryFilter};
use time::Date;

written! {
    Health: medical_claim => Claim;
}

corrected! {
    Medins: medical_claim;
}

/// Whether a claim of the county has this number.
///
/// # Errors
/// The database.
pub async fn has_number(door: &Door, county: i64, number: &str) -> Result<bool, Stop> {
    use medical_claim::Column;
    let count = medical_claim::Entity::find()
        .filter(Column::CountyCode.eq(county))
        .filter(Column::ClaimNumber.eq(number))
        .count(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(count > 0)
}

/// The condition that a household was registered on a day, as settlements and RC-21 read it: it was on file, or had left poverty
/// and keeps the policies.
#[must_use]
pub fn registered(household: &str, day: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM household_status_period x JOIN household h ON h.id = x.household_id \
         WHERE x.household_id = {household} AND x.valid_from <= {day} AND (x.valid_to IS NULL OR x.valid_to > {day}) \
         AND (x.status IN ('REGISTERED', 'RETURNED') OR x.status = 'EXITED' AND h.policy_after_exit = 'KEPT'))"
    )
}

/// Whether the household was registered on a day.
///
/// # Errors
/// The database.
pub async fn was_registered(door: &Door, household: i64, day: Date) -> Result<bool, Stop> {
    let sql = format!("SELECT {} AS registered", registered("$1", "$2"));
    let params = vec![Param::I64(household), Param::Day(day)];
    let statement = door.orm_statement(Statement::new(Class::ByHousehold, sql, params))?;
    let row = door.transaction().query_one_raw(statement).await;
    let row = row.map_err(DbError::from)?;
    let row = row.ok_or_else(|| DbError::fault("a condition without an answer"))?;
    Ok(row.try_get("", "registered").map_err(DbError::from)?)
}
