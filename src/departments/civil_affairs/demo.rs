//! Rows of the demonstration: what civil affairs gives, by its folders, and whom the income benefits cover.

use super::{children, dibao, disability, support};
use crate::demo::{DemoError, Demonstration, Due, Family, assistance::month_after};
use ::entity::{civil_affairs::income_benefit_period, codes::Department};
use sea_orm::Set;
use time::Date;

/// Adds everything, and what is due of it.
pub(super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut periods = dibao::add(demonstration).await?;
    periods.extend(support::add(demonstration).await?);
    let key = |row: &mut income_benefit_period::ActiveModel, id| row.id = Set(id);
    demonstration
        .add("income_benefit_period", periods, key)
        .await?;
    disability::add(demonstration).await?;
    children::add(demonstration).await
}

/// Whom a grant of the household covers: the household as such, and who is a member on the first day, until he leaves.
/// `grant` is a row that names it.
pub(super) fn periods(
    family: &Family,
    (from, to): (Date, Option<Date>),
    grant: &income_benefit_period::ActiveModel,
) -> Vec<income_benefit_period::ActiveModel> {
    let row = income_benefit_period::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(None),
        identity_id: Set(None),
        valid_from: Set(from),
        valid_to: Set(to),
        ..grant.clone()
    };
    let members = family.members_on(from).map(|member| {
        let ends = [member.to.map(month_after), to];
        income_benefit_period::ActiveModel {
            person_id: Set(Some(member.id)),
            identity_id: Set(Some(member.identity)),
            valid_to: Set(ends.into_iter().flatten().min()),
            ..row.clone()
        }
    });
    std::iter::once(row.clone()).chain(members).collect()
}

/// Money of civil affairs for a household, to be completed.
pub(super) fn due(family: usize, programme: &'static str, amount_fen: i64, due_on: Date) -> Due {
    Due {
        family,
        person: None,
        department: Department::Civil,
        programme,
        period: month_of(due_on),
        one_off: false,
        amount_fen,
        due_on,
    }
}

/// A month as payments name it: `2018-09`.
pub(super) fn month_of(day: Date) -> String {
    format!("{}-{:02}", day.year(), u8::from(day.month()))
}
