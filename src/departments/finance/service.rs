//! What banks are asked before they write: that it is their own, and for whom.

use super::store;
use crate::{
    graphql::plan::Refusal,
    household::PersonShown,
    writing::{Code, Door, INVALID_VALUE, Mistakes, Stop},
};
use ::entity::household::person;

pub const PERSON_NOT_AVAILABLE: Code = Code::new(
    "PERSON_NOT_AVAILABLE",
    "查无此人或不能办理：请核对证件号码。",
    "Nothing can be recorded for a person of this number: check it.",
);

/// The bank that writes, which is the viewer's.
///
/// # Errors
/// The viewer belongs to none.
pub fn own_bank(door: &Door) -> Result<String, Stop> {
    let bank = door.access().viewer.institution.clone();
    bank.ok_or_else(|| {
        Refusal::new(
            "FORBIDDEN",
            "账号没有所属机构，不能办理：请使用本机构账号。",
            "The account belongs to no institution: use one of the bank's own.",
        )
        .into()
    })
}

/// The member whose citizen number was shown to the bank.
///
/// # Errors
/// The database.
pub async fn customer(
    door: &Door,
    shown: PersonShown,
    mistakes: &mut Mistakes,
) -> Result<Option<person::Model>, Stop> {
    let path = &["input", "citizenNumber"];
    let customer = match shown {
        PersonShown::Member(key) => store::member(door, key).await?,
        PersonShown::Nobody | PersonShown::Unreadable => None,
    };
    match shown {
        PersonShown::Unreadable => mistakes.unless_saying(
            false,
            &INVALID_VALUE,
            path,
            "公民身份号码有误：请核对位数、出生日期和校验码。",
            "Not a citizen number: check its length, birth date and check character.",
        ),
        _ => mistakes.unless(customer.is_some(), &PERSON_NOT_AVAILABLE, path),
    }
    Ok(customer)
}
