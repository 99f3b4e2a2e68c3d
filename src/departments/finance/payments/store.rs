//! The rows of cards and payments.

use super::types::{BankCard, Payment};
use crate::{
    db::DbError,
    writing::{Door, Stop, corrected, written},
};
use ::entity::{
    finance::{bank_card, codes::PaymentKind, payment},
    household::person,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

written! {
    Finance: bank_card => BankCard;
    Finance: payment => Payment;
}

corrected! {
    Bank by "bank_code": bank_card;
    Finance: payment;
}

/// Whether the bank has an open card of this number.
///
/// # Errors
/// The database.
pub async fn open_card_of(
    door: &Door,
    bank: &str,
    number: &[u8],
) -> Result<Option<bank_card::Model>, Stop> {
    let card = bank_card::Entity::find()
        .filter(bank_card::Column::CardIndex.eq(number))
        .filter(bank_card::Column::BankCode.eq(bank))
        .filter(bank_card::Column::ValidTo.is_null())
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(card)
}

/// The open card that receives the payments of a household.
///
/// # Errors
/// The database.
pub async fn receiving_card(door: &Door, household: i64) -> Result<Option<bank_card::Model>, Stop> {
    let found = bank_card::Entity::find()
        .filter(bank_card::Column::HouseholdId.eq(household))
        .filter(bank_card::Column::Receiving.eq(true))
        .filter(bank_card::Column::ValidTo.is_null())
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}

/// Whether a person is a member of the household today.
///
/// # Errors
/// The database.
pub async fn is_member(door: &Door, person: i64) -> Result<bool, Stop> {
    let count = person::Entity::find_by_id(person)
        .filter(person::Column::ValidTo.is_null())
        .count(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(count > 0)
}

/// The payment to the same payee of the same kind for the same programme and period, as it is once nobody else changes it.
///
/// # Errors
/// The database.
pub async fn of_same(door: &Door, new: &payment::Model) -> Result<Option<payment::Model>, Stop> {
    use payment::Column;
    let payee = match new.person_id {
        Some(person) => Column::PersonId.eq(person),
        None => Column::PersonId.is_null(),
    };
    let found = payment::Entity::find()
        .filter(Column::HouseholdId.eq(new.household_id))
        .filter(payee)
        .filter(Column::Programme.eq(&*new.programme))
        .filter(Column::Period.eq(&*new.period))
        .filter(Column::Kind.eq(new.kind))
        .lock_exclusive()
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}

/// The payments to a household (first) and this member of it, or to the household as such, for a programme and period, as they are
/// once nobody else changes them.
///
/// # Errors
/// The database.
pub async fn of_period(
    door: &Door,
    (household, person): (i64, Option<i64>),
    (programme, period): (&str, &str),
    kind: Option<PaymentKind>,
) -> Result<Vec<payment::Model>, Stop> {
    use payment::Column;
    let payee = match person {
        Some(person) => Column::PersonId.eq(person),
        None => Column::PersonId.is_null(),
    };
    let mut found = payment::Entity::find()
        .filter(Column::HouseholdId.eq(household))
        .filter(payee)
        .filter(Column::Programme.eq(programme))
        .filter(Column::Period.eq(period));
    if let Some(kind) = kind {
        found = found.filter(Column::Kind.eq(kind));
    }
    let found = found
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}

/// A payment as it is once nobody else changes it. On SQLite a write is alone from its beginning.
///
/// # Errors
/// The database.
pub async fn locked(door: &Door, key: i64) -> Result<Option<payment::Model>, Stop> {
    let found = payment::Entity::find_by_id(key)
        .lock_exclusive()
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}
