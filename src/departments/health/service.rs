//! What all parts of the room ask before they write: whether the person was a member, whether there is such a hospital.

use super::store;
use crate::writing::{Code, Door, Mistakes, Stop};
use ::entity::{household::person, shared::institution};
use async_graphql::ID;
use time::Date;

pub const NOT_A_MEMBER: Code = Code::new(
    "NOT_A_MEMBER",
    "此人当日不是该户成员：请核对人员和日期。",
    "The person was no member of the household on this day: check person and day.",
);
pub const NO_HOSPITAL: Code = Code::new(
    "NO_HOSPITAL",
    "没有此医疗机构：请核对机构代码。",
    "There is no hospital or clinic of this code: check it.",
);

/// What is said of a diagnosis or disease that can't be read.
pub const NOT_A_DISEASE: (&str, &str) = (
    "须为 ICD-10 编码，如 C34.9：请更正。",
    "This must be an ICD-10 code such as C34.9: correct it.",
);

/// The person of `personId`, who was a member on the day. Who died or left on the day still was.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn member(
    door: &Door,
    id: &ID,
    day: Date,
    mistakes: &mut Mistakes,
) -> Result<person::Model, Stop> {
    let path = &["input", "personId"];
    let person = door.find::<person::Entity>(id, path).await?;
    let member = person.valid_from <= day && person.valid_to.is_none_or(|left| day <= left);
    mistakes.unless(member, &NOT_A_MEMBER, path);
    Ok(person)
}

/// The hospital or clinic of `institutionCode`.
///
/// # Errors
/// The database.
pub async fn hospital(
    door: &Door,
    code: &str,
    mistakes: &mut Mistakes,
) -> Result<Option<institution::Model>, Stop> {
    let hospital = store::hospital(door, code).await?;
    let path = &["input", "institutionCode"];
    mistakes.unless(hospital.is_some(), &NO_HOSPITAL, path);
    Ok(hospital)
}
