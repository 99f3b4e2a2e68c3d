//! Rows of the demonstration: the grants of the minimum living allowance, whom they cover, and what they pay each month of
//! the last year.

use super::super::demo::{due, periods};
use crate::demo::{Allowance, DemoError, Demonstration, Due, Family, LAST_DAY, RECORDED_AT_MS};
use ::entity::civil_affairs::{
    codes::{DibaoClass, DibaoState},
    dibao, income_benefit_period,
};
use sea_orm::Set;
use time::Duration;

/// Adds the grants, and what is due of them; gives back whom they cover.
pub async fn add(
    demonstration: &mut Demonstration<'_>,
) -> Result<Vec<income_benefit_period::ActiveModel>, DemoError> {
    let granted = |family: &Family| family.allowance;
    let count = demonstration.families.iter().filter_map(granted).count();
    let mut ids = demonstration.ids("dibao", count).await?;
    let mut rows = Vec::new();
    let mut dues = Vec::new();
    let mut covered = Vec::new();
    for (place, family) in demonstration.families.iter().enumerate() {
        if let Some(allowance) = &family.allowance
            && let Some(id) = ids.next()
        {
            rows.push(grant(id, family, allowance));
            dues.extend(monthly(place, allowance));
            let of_grant = income_benefit_period::ActiveModel {
                dibao_id: Set(Some(id)),
                ..Default::default()
            };
            let life = (allowance.from, allowance.to);
            covered.extend(periods(family, life, &of_grant));
        }
    }
    demonstration.inserts.add(rows);
    demonstration.dues.extend(dues);
    Ok(covered)
}

fn grant(id: i64, family: &Family, allowance: &Allowance) -> dibao::ActiveModel {
    let county = family.village.county().unwrap_or_default();
    dibao::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        dibao_number: Set(format!("DB{county}{}{id:04}", allowance.from.year())),
        // The counties fill the gap to the standard and know no classes.
        class: Set(DibaoClass::GapFilling),
        persons: Set(i32::try_from(allowance.persons).unwrap_or(i32::MAX)),
        standard_fen: Set(allowance.standard),
        monthly_fen: Set(allowance.monthly()),
        state: Set(match allowance {
            Allowance { to: Some(_), .. } => DibaoState::Stopped,
            Allowance {
                gradual_exit_until: Some(_),
                ..
            } => DibaoState::GradualExit,
            _ => DibaoState::Paid,
        }),
        approved_on: Set(allowance.approved_on),
        valid_from: Set(allowance.from),
        valid_to: Set(allowance.to),
        gradual_exit_until: Set(allowance.gradual_exit_until),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

fn monthly(family: usize, allowance: &Allowance) -> impl Iterator<Item = Due> + use<> {
    allowance
        .months(LAST_DAY.year())
        .map(move |(first, fen)| due(family, "dibao", fen, first + Duration::days(9)))
}
