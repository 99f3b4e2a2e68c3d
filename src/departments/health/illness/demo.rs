//! Disease in the demonstration, and the handbooks of chronic patients.

use super::super::{
    claims::demo::ChronicPatients,
    demo::{Illness, filed, illness, seal},
};
use crate::{
    demo::{DemoError, Demonstration, Family, LAST_DAY, Member, RECORDED_AT_MS},
    vault::Place,
};
use ::entity::health::{
    chronic_handbook,
    codes::{DiseaseClass, HandbookState},
    disease_flag,
};
use sea_orm::Set;
use time::{Duration, macros::date};

/// Adds handbooks and flags.
pub(in super::super) async fn add(
    demonstration: &mut Demonstration<'_>,
    patients: &ChronicPatients,
) -> Result<(), DemoError> {
    add_handbooks(demonstration, patients).await?;
    add_disease_flags(demonstration).await
}

/// Who was paid for as a chronic patient has a handbook for all that time, most of the others have one too.
async fn add_handbooks(
    demonstration: &mut Demonstration<'_>,
    patients: &ChronicPatients,
) -> Result<(), DemoError> {
    let mut found = Vec::new();
    for family in &demonstration.families {
        let mut dice = family.dice("handbook");
        for member in &family.members {
            let Some(Illness {
                class: DiseaseClass::Chronic,
                disease,
            }) = illness(family, member)
            else {
                continue;
            };
            let needed = patients.contains(&member.id);
            let state = match dice.between(1, 100) {
                _ if needed => HandbookState::Issued,
                ..=80 => HandbookState::Issued,
                81..=92 => HandbookState::Applied,
                _ => HandbookState::Expired,
            };
            if needed || filed(family, member).is_some() && member.holds(LAST_DAY) {
                let days = dice.between(0, 40);
                found.push((family, member, disease, state, days));
            }
        }
    }
    let ids = demonstration.ids("chronic_handbook", found.len()).await?;
    let mut rows = Vec::new();
    for ((family, member, disease, state, days), id) in found.into_iter().zip(ids) {
        let sealed = seal(
            demonstration,
            Place::new("chronic_handbook", "disease_cipher", id),
            disease,
        )?;
        let row = handbook_row(family, member, state, days);
        let county = family.village.county().unwrap_or_default();
        rows.push(chronic_handbook::ActiveModel {
            id: Set(id),
            handbook_number: Set(row.issued_on.as_ref().map(|_| format!("MB{county}{id:08}"))),
            disease_cipher: Set(sealed.cipher),
            disease_index: Set(sealed.index.0.to_vec()),
            disease_mask: Set(sealed.mask),
            ..row
        });
    }
    demonstration.inserts.add(rows);
    Ok(())
}

fn handbook_row(
    family: &Family,
    member: &Member,
    state: HandbookState,
    days: i64,
) -> chronic_handbook::ActiveModel {
    let (issued, from, to) = match state {
        HandbookState::Issued => (true, date!(2017 - 01 - 01), date!(2020 - 01 - 01)),
        HandbookState::Expired => (true, date!(2015 - 07 - 01), date!(2018 - 07 - 01)),
        HandbookState::Applied => (false, date!(2019 - 01 - 01), date!(2022 - 01 - 01)),
    };
    let from = from.max(member.from);
    let to = member.to.map_or(to, |end| end.min(to)).max(from);
    let ended = issued && to <= LAST_DAY;
    let applied_on = from.min(LAST_DAY) - Duration::days(20 + days);
    chronic_handbook::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(member.id),
        state: Set(if ended { HandbookState::Expired } else { state }),
        applied_on: Set(applied_on),
        issued_on: Set(issued.then_some(from.min(LAST_DAY))),
        valid_from: Set(from),
        valid_to: Set(Some(to)),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

async fn add_disease_flags(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut found = Vec::new();
    for family in &demonstration.families {
        let mut dice = family.dice("diagnosis");
        for member in &family.members {
            let day = dice.day(date!(2013 - 01 - 01), date!(2016 - 12 - 31));
            if let (Some(illness), Some(_)) = (illness(family, member), filed(family, member)) {
                found.push((family, member, illness, day.max(member.from)));
            }
        }
    }
    let ids = demonstration.ids("disease_flag", found.len()).await?;
    let mut rows = Vec::new();
    for ((family, member, illness, from), id) in found.into_iter().zip(ids) {
        let place = Place::new("disease_flag", "disease_cipher", id);
        let sealed = seal(demonstration, place, illness.disease)?;
        rows.push(disease_flag::ActiveModel {
            id: Set(id),
            household_id: Set(family.id),
            region_code: Set(family.village.get()),
            person_id: Set(member.id),
            class: Set(illness.class),
            disease_cipher: Set(Some(sealed.cipher)),
            disease_index: Set(Some(sealed.index.0.to_vec())),
            disease_mask: Set(Some(sealed.mask)),
            valid_from: Set(from),
            valid_to: Set(None),
            version: Set(1),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        });
    }
    demonstration.inserts.add(rows);
    Ok(())
}
