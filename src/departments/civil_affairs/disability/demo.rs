//! Rows of the demonstration: a certificate for everybody whom the file calls disabled, and the two allowances.

use super::{super::demo::due, service::of_digit};
use crate::{
    demo::{
        DemoError, Demonstration, Due, Family, LAST_DAY, Member, Plant, RECORDED_AT_MS,
        assistance::{Disability, DisabilityAllowance},
    },
    identifiers::DisabilityCertificate,
    vault::Place,
};
use ::entity::civil_affairs::{
    codes::DisabilityAllowanceKind, disability_allowance, disability_certificate,
};
use sea_orm::Set;
use std::collections::BTreeMap;
use time::{Date, Duration, macros::date};

/// When the allowances of the year are paid.
const PAID_ON: Date = date!(2018 - 12 - 18);

/// Adds certificates and allowances, and what is due of these.
pub async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    add_certificates(demonstration).await?;
    let (mut rows, mut dues) = (Vec::new(), Vec::new());
    for (place, family) in demonstration.families.iter().enumerate() {
        let allowances = family.assistance().disability_allowances;
        rows.extend(allowances.iter().map(|one| allowance_row(family, one)));
        dues.extend(dues_of(place, family, &allowances));
    }
    demonstration.dues.extend(dues);
    let key = |row: &mut disability_allowance::ActiveModel, id| row.id = Set(id);
    demonstration.add("disability_allowance", rows, key).await
}

async fn add_certificates(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let certified = |family: &&Family| !family.has(Plant::Uncertified);
    let members = demonstration
        .families
        .iter()
        .filter(certified)
        .flat_map(|family| family.members.iter().map(move |member| (family, member)));
    let disabled: Vec<(&Family, &Member, Disability)> = members
        .filter_map(|(family, member)| Some((family, member, member.disability()?)))
        .collect();
    let ids = demonstration
        .ids("disability_certificate", disabled.len())
        .await?;
    let mut rows = Vec::new();
    for ((family, member, disability), id) in disabled.into_iter().zip(ids) {
        rows.push(certificate_row(
            demonstration,
            id,
            family,
            (member, disability),
        )?);
    }
    demonstration.inserts.add(rows);
    Ok(())
}

fn certificate_row(
    demonstration: &Demonstration<'_>,
    id: i64,
    family: &Family,
    (member, disability): (&Member, Disability),
) -> Result<disability_certificate::ActiveModel, DemoError> {
    let number = member.citizen_number.reveal();
    let Disability {
        category, grade, ..
    } = disability;
    let certificate = DisabilityCertificate::parse(&format!("{number}{category}{grade}"), number)
        .map_err(|_| DemoError::Invented("disability certificate"))?;
    let place = Place::new("disability_certificate", "certificate_cipher", id);
    let sealed = demonstration.seal(place, &certificate)?;
    Ok(disability_certificate::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(member.id),
        certificate_cipher: Set(sealed.cipher),
        certificate_index: Set(sealed.index.0.to_vec()),
        certificate_mask: Set(sealed.mask),
        category: Set(of_digit(certificate.category()).ok_or(DemoError::Invented("disability"))?),
        grade: Set(of_digit(certificate.grade()).ok_or(DemoError::Invented("disability"))?),
        valid_from: Set(disability.issued_on.min(member.to.unwrap_or(LAST_DAY))),
        valid_to: Set(member.to),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    })
}

fn allowance_row(
    family: &Family,
    allowance: &DisabilityAllowance<'_>,
) -> disability_allowance::ActiveModel {
    disability_allowance::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(allowance.member.id),
        kind: Set(match allowance.for_nursing {
            true => DisabilityAllowanceKind::Nursing,
            false => DisabilityAllowanceKind::Living,
        }),
        monthly_fen: Set(allowance.monthly),
        approved_on: Set(allowance.months.from - Duration::days(10)),
        valid_from: Set(allowance.months.from),
        valid_to: Set(allowance.months.to),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

/// Both allowances of a person are paid together, once a year; in a family that was closed before, not after its end.
fn dues_of(place: usize, family: &Family, allowances: &[DisabilityAllowance<'_>]) -> Vec<Due> {
    let year = LAST_DAY.year();
    let last_chance = family.closed_on().map(|end| end - Duration::days(12));
    let due_on = last_chance.map_or(PAID_ON, |last| last.min(PAID_ON));
    let mut sums: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    for allowance in allowances {
        let months = i64::try_from(allowance.months.of_year(year).count()).unwrap_or(0);
        let person = (allowance.member.id, allowance.member.identity);
        *sums.entry(person).or_default() += months * allowance.monthly;
    }
    let paid = sums.into_iter().filter(|(_, fen)| *fen > 0);
    paid.map(|(person, fen)| Due {
        person: Some(person),
        period: year.to_string(),
        ..due(place, "disability-allowances", fen, due_on)
    })
    .collect()
}
