//! Rows of the demonstration: special support, cash subsidies, temporary and medical assistance.

use super::super::demo::{due, month_of, periods};
use crate::demo::{
    DemoError, Demonstration, Due, Family, LAST_DAY, RECORDED_AT_MS,
    assistance::{CashSubsidy, MedicalAssistance, SpecialSupport, TemporaryAssistance},
};
use ::entity::{
    civil_affairs::{
        cash_subsidy,
        codes::{CareLevel, MedicalAssistanceKind, SupportMode, TemporaryAssistanceReason},
        income_benefit_period, medical_assistance, special_support, temporary_assistance,
    },
    household::codes::PovertyCause,
};
use sea_orm::Set;
use time::{Date, Duration, Month};

/// Adds grants and decisions, and what is due of them; gives back whom the grants cover.
pub async fn add(
    demonstration: &mut Demonstration<'_>,
) -> Result<Vec<income_benefit_period::ActiveModel>, DemoError> {
    let mut covered = add_special_support(demonstration).await?;
    covered.extend(add_cash_subsidies(demonstration).await?);
    add_decisions(demonstration).await?;
    Ok(covered)
}

async fn add_special_support(
    demonstration: &mut Demonstration<'_>,
) -> Result<Vec<income_benefit_period::ActiveModel>, DemoError> {
    let granted = |family: &Family| family.assistance().special_support.is_some();
    let families = demonstration.families.iter().enumerate();
    let granted: Vec<_> = families.filter(|(_, family)| granted(family)).collect();
    let ids = demonstration.ids("special_support", granted.len()).await?;
    let (mut rows, mut covered, mut dues) = (Vec::new(), Vec::new(), Vec::new());
    for ((place, family), id) in granted.into_iter().zip(ids) {
        let Some(support) = family.assistance().special_support else {
            continue;
        };
        rows.push(special_support_row(id, family, &support));
        covered.push(income_benefit_period::ActiveModel {
            household_id: Set(family.id),
            region_code: Set(family.village.get()),
            person_id: Set(Some(support.member.id)),
            identity_id: Set(Some(support.member.identity)),
            special_support_id: Set(Some(id)),
            valid_from: Set(support.months.from),
            valid_to: Set(support.months.to),
            ..Default::default()
        });
        let person = Some((support.member.id, support.member.identity));
        let months = support.paid_months(LAST_DAY.year());
        dues.extend(months.map(|first| Due {
            person,
            ..due(
                place,
                "special-support",
                support.a_month(),
                first + Duration::days(9),
            )
        }));
    }
    demonstration.inserts.add(rows);
    demonstration.dues.extend(dues);
    Ok(covered)
}

fn special_support_row(
    id: i64,
    family: &Family,
    support: &SpecialSupport<'_>,
) -> special_support::ActiveModel {
    let county = family.village.county().unwrap_or_default();
    let levels = [CareLevel::SelfCare, CareLevel::Partial, CareLevel::Full];
    let year = support.months.from.year();
    special_support::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(support.member.id),
        support_number: Set(format!("TK{county}{year}{id:04}")),
        mode: Set(match support.in_institution {
            true => SupportMode::Centralised,
            false => SupportMode::Scattered,
        }),
        care_level: Set(levels[support.care]),
        standard_fen: Set(support.standard),
        monthly_fen: Set(support.monthly),
        monthly_care_fen: Set(support.monthly_care),
        approved_on: Set(support.months.from - Duration::days(12)),
        valid_from: Set(support.months.from),
        valid_to: Set(support.months.to),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

async fn add_cash_subsidies(
    demonstration: &mut Demonstration<'_>,
) -> Result<Vec<income_benefit_period::ActiveModel>, DemoError> {
    let families = demonstration.families.iter().enumerate();
    let granted: Vec<(usize, &Family, CashSubsidy)> = families
        .filter_map(|(place, family)| Some((place, family, family.assistance().cash_subsidy?)))
        .collect();
    let ids = demonstration.ids("cash_subsidy", granted.len()).await?;
    let (mut rows, mut covered, mut dues) = (Vec::new(), Vec::new(), Vec::new());
    for ((place, family, subsidy), id) in granted.into_iter().zip(ids) {
        let new_year = |year| Date::from_ordinal_date(year, 1).unwrap_or(LAST_DAY);
        let life = (new_year(subsidy.year), Some(new_year(subsidy.year + 1)));
        rows.push(cash_subsidy_row(id, family, subsidy, life));
        let of_grant = income_benefit_period::ActiveModel {
            cash_subsidy_id: Set(Some(id)),
            ..Default::default()
        };
        covered.extend(periods(family, life, &of_grant));
        if subsidy.year == LAST_DAY.year() {
            let july = Date::from_calendar_date(subsidy.year, Month::July, 10).unwrap_or(LAST_DAY);
            dues.push(Due {
                period: subsidy.year.to_string(),
                ..due(place, "cash-direct", subsidy.amount(), july)
            });
        }
    }
    demonstration.inserts.add(rows);
    demonstration.dues.extend(dues);
    Ok(covered)
}

fn cash_subsidy_row(
    id: i64,
    family: &Family,
    subsidy: CashSubsidy,
    (from, to): (Date, Option<Date>),
) -> cash_subsidy::ActiveModel {
    cash_subsidy::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        year: Set(subsidy.year),
        persons: Set(i32::try_from(subsidy.persons).unwrap_or(i32::MAX)),
        per_head_fen: Set(subsidy.per_head),
        amount_fen: Set(subsidy.amount()),
        approved_on: Set(from - Duration::days(12)),
        valid_from: Set(from),
        valid_to: Set(to),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

async fn add_decisions(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let (mut temporary, mut medical, mut dues) = (Vec::new(), Vec::new(), Vec::new());
    for (place, family) in demonstration.families.iter().enumerate() {
        let assistance = family.assistance();
        if let Some(decision) = assistance.temporary {
            temporary.push(temporary_row(family, decision));
            let paid_on = decision.decided_on + Duration::days(5);
            dues.push(Due {
                one_off: true,
                ..due(place, "temporary-assistance", decision.amount, paid_on)
            });
        }
        for decision in &assistance.medical {
            medical.push(medical_row(family, decision));
            let paid_on = decision.decided_on + Duration::days(7);
            dues.push(Due {
                person: Some((decision.member.id, decision.member.identity)),
                period: month_of(decision.decided_on),
                one_off: true,
                ..due(place, "medical-assistance", decision.amount, paid_on)
            });
        }
    }
    demonstration.dues.extend(dues);
    let key = |row: &mut temporary_assistance::ActiveModel, id| row.id = Set(id);
    demonstration
        .add("temporary_assistance", temporary, key)
        .await?;
    let key = |row: &mut medical_assistance::ActiveModel, id| row.id = Set(id);
    demonstration.add("medical_assistance", medical, key).await
}

fn temporary_row(
    family: &Family,
    decision: TemporaryAssistance,
) -> temporary_assistance::ActiveModel {
    use TemporaryAssistanceReason::{Accident, Disaster, Illness, Other, Schooling};
    temporary_assistance::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        reason: Set(match decision.cause {
            Some(PovertyCause::Illness | PovertyCause::Disability) => Illness,
            Some(PovertyCause::Schooling) => Schooling,
            Some(PovertyCause::Disaster) => Disaster,
            Some(PovertyCause::LackOfLabour) => Other,
            _ => Accident,
        }),
        amount_fen: Set(decision.amount),
        applied_on: Set(decision.applied_on),
        decided_on: Set(decision.decided_on),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

fn medical_row(
    family: &Family,
    decision: &MedicalAssistance<'_>,
) -> medical_assistance::ActiveModel {
    medical_assistance::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(decision.member.id),
        // What the stages of a claim pay is settled at once; these are decisions afterwards.
        kind: Set(MedicalAssistanceKind::Outpatient),
        claim_number: Set(None),
        left_fen: Set(decision.left),
        amount_fen: Set(decision.amount),
        decided_on: Set(decision.decided_on),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}
