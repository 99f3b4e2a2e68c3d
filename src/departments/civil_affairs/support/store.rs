//! The rows of special support, cash subsidies and assistance.

use super::types::{CashSubsidy, MedicalAssistance, SpecialSupport, TemporaryAssistance};
use crate::{
    db::DbError,
    writing::{Door, Stop, corrected, written},
};
use ::entity::civil_affairs::{
    cash_subsidy, disability_allowance, medical_assistance, special_support, temporary_assistance,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Query},
};
use time::Date;

written! {
    Civil: special_support => SpecialSupport;
    Civil: cash_subsidy => CashSubsidy;
    Civil: temporary_assistance => TemporaryAssistance;
    Civil: medical_assistance => MedicalAssistance;
}

corrected! {
    Civil: special_support "support_number" "approved_on";
    Civil: cash_subsidy "approved_on";
    Civil: temporary_assistance "reason" "applied_on";
    Civil: medical_assistance;
}

/// Whether a person draws a disability allowance on this day or later.
///
/// # Errors
/// The database.
pub async fn draws_disability_allowance(
    door: &Door,
    person: i64,
    from: Date,
) -> Result<bool, Stop> {
    let goes_on = Condition::any()
        .add(disability_allowance::Column::ValidTo.is_null())
        .add(disability_allowance::Column::ValidTo.gt(from));
    let allowances = disability_allowance::Entity::find()
        .filter(disability_allowance::Column::PersonId.eq(person))
        .filter(goes_on)
        .count(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(allowances > 0)
}

/// Whether a person has a claim of this number.
///
/// # Errors
/// The database.
pub async fn has_claim(door: &Door, person: i64, claim_number: &str) -> Result<bool, Stop> {
    let claims = Query::select()
        .expr(Expr::val(1))
        .from("medical_claim")
        .and_where(Expr::col("person_id").eq(person))
        .and_where(Expr::col("claim_number").eq(claim_number))
        .to_owned();
    let claim = door.transaction().query_one(&claims).await;
    Ok(claim.map_err(DbError::from)?.is_some())
}
