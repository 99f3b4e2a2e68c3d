//! Rows of the demonstration: households, their people, statuses, income forms and links.

use super::{help, living, parts, publicity, service::NameKeys, village};
use crate::{
    demo::{
        DemoError, Demonstration, Dice, Family, HELPER, LAST_DAY, Member, OWN_FAMILY, Plant,
        RECORDED_AT_MS, document_number,
    },
    identifiers::CitizenNumber,
    vault::{Kind, Place, Sealed, SensitiveText, mask_name},
};
use ::entity::{
    codes::StudentStage,
    household::{
        codes::{
            CitizenNumberState, HouseholdStatus, LabourCapacity, LinkKind, MaritalStatus,
            PolicyAfterExit, RelationToHead,
        },
        household, household_link, household_status_period, identity, income_form, income_item,
        person,
    },
};
use sea_orm::Set;
use std::collections::HashMap;
use time::macros::date;

/// The county of the helper's families and of the family with an account.
const COUNTY: i64 = 150_921;

/// Adds the rows of the families and their people.
///
/// # Errors
/// The database gave no keys, or the vault refused.
pub async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    add_households(demonstration)?;
    add_people(demonstration)?;
    add_statuses(demonstration).await?;
    add_income(demonstration).await?;
    let links = add_links(demonstration).await?;
    help::demonstrate(demonstration, &links).await?;
    living::demonstrate(demonstration).await?;
    village::demonstrate(demonstration).await?;
    publicity::demonstrate(demonstration).await
}

fn add_households(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut rows = Vec::new();
    for family in &demonstration.families {
        let place = Place::new("household", "phone_cipher", family.id);
        let phone = family.head().and_then(|head| head.phone.as_ref());
        let phone = phone
            .map(|phone| demonstration.seal(place, phone))
            .transpose()?;
        rows.push(household_row(family, phone));
    }
    demonstration.inserts.add(rows);
    Ok(())
}

fn household_row(family: &Family, phone: Option<Sealed>) -> household::ActiveModel {
    let registered_on = family.since(HouseholdStatus::Registered);
    let exited = family.status() == HouseholdStatus::Exited;
    let kept = match family.keeps_policies() {
        true => PolicyAfterExit::Kept,
        false => PolicyAfterExit::Ended,
    };
    let (phone_cipher, phone_index, phone_mask) = parts(phone);
    let mut dice = family.dice("living");
    household::ActiveModel {
        id: Set(family.id),
        region_code: Set(family.village.get()),
        group_name: Set(Some(format!("{}组", family.group))),
        card_number: Set(family.card_number.map(|number| number.to_string())),
        status: Set(family.status()),
        class: Set(family.class),
        policy_after_exit: Set(exited.then_some(kept)),
        main_cause: Set(family.causes.first().copied()),
        second_cause: Set(family.causes.get(1).copied()),
        third_cause: Set(family.causes.get(2).copied()),
        standard_year: Set(registered_on.map(time::Date::year)),
        registered_on: Set(registered_on),
        exited_on: Set(family.since(HouseholdStatus::Exited)),
        returned_on: Set(family.since(HouseholdStatus::Returned)),
        closed_on: Set(family.closed_on()),
        address: Set(Some(family.address.clone())),
        phone_cipher: Set(phone_cipher),
        phone_index: Set(phone_index),
        phone_mask: Set(phone_mask),
        water_safe: Set(Some(family.water_safe)),
        power: Set(Some(dice.chance(99))),
        hardened_road: Set(Some(dice.chance(82))),
        sanitary_toilet: Set(Some(dice.chance(55))),
        broadcast: Set(Some(dice.chance(95))),
        fibre: Set(Some(dice.chance(45))),
        clean_energy: Set(Some(dice.chance(30))),
        road_distance_m: Set(i32::try_from(dice.between(0, 120) * 20).ok()),
        registration_place: Set(Some(family.address.clone())),
        wishes: Set(wishes(family, &mut dice)),
        planned_exit_year: Set(family.planned_exit_year),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

fn wishes(family: &Family, dice: &mut Dice) -> Option<String> {
    const WISHES: [&str; 5] = [
        "扩大养殖规模",
        "外出务工",
        "改善住房",
        "供子女完成学业",
        "治好病",
    ];
    let wish = dice.one_of(&WISHES);
    family.on_file(LAST_DAY).then(|| wish.to_owned())
}

fn add_people(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut identities = Vec::new();
    let mut rows = Vec::new();
    for family in &demonstration.families {
        let mut dice = family.dice("work");
        for member in &family.members {
            // Who has changed the household is one human being still.
            if member.first {
                identities.push(identity::ActiveModel {
                    id: Set(member.identity),
                    citizen_number_index: Set(demonstration.index(&member.citizen_number)),
                });
            }
            let row = person_row(demonstration, family, member)?;
            rows.push(at_work(row, family, member, &mut dice));
        }
    }
    demonstration.inserts.add(identities);
    demonstration.inserts.add(rows);
    Ok(())
}

fn person_row(
    demonstration: &Demonstration<'_>,
    family: &Family,
    member: &Member,
) -> Result<person::ActiveModel, DemoError> {
    let place = Place::new("person", "citizen_number_cipher", member.id);
    let (number, state) = match member.is_head && family.has(Plant::WrongNumber) {
        true => {
            let wrong = wrong_number(&member.citizen_number);
            let number = demonstration.seal(place, &wrong)?;
            (number, CitizenNumberState::CheckDigit)
        }
        false => {
            let number = demonstration.seal(place, &member.citizen_number)?;
            (number, CitizenNumberState::Valid)
        }
    };
    let place = Place::new("person", "phone_cipher", member.id);
    let phone = member.phone.as_ref();
    let phone = phone
        .map(|phone| demonstration.seal(place, phone))
        .transpose()?;
    let (citizen_number_cipher, citizen_number_index, citizen_number_mask) = parts(Some(number));
    let (phone_cipher, phone_index, phone_mask) = parts(phone);
    let keys = NameKeys::of(&member.name);
    Ok(person::ActiveModel {
        id: Set(member.id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        identity_id: Set(Some(member.identity)),
        name: Set(member.name.clone()),
        name_mask: Set(mask_name(&member.name)),
        name_standard: Set(keys.standard),
        name_sound: Set(keys.sound),
        name_first: Set(keys.first),
        name_last: Set(keys.last),
        sex: Set(member.sex()),
        birth_date: Set(member.birth_date()),
        citizen_number_cipher: Set(citizen_number_cipher),
        citizen_number_index: Set(citizen_number_index),
        citizen_number_mask: Set(citizen_number_mask),
        citizen_number_state: Set(state),
        ethnic_group: Set(Some(member.ethnic_group)),
        relation: Set(member.relation),
        is_head: Set(member.is_head && !family.has(Plant::HeadMissing)),
        education_level: Set(member.education),
        student_stage: Set(student_stage(family, member)),
        health: Set(Some(member.health)),
        labour_capacity: Set(Some(member.labour)),
        phone_cipher: Set(phone_cipher),
        phone_index: Set(phone_index),
        phone_mask: Set(phone_mask),
        valid_from: Set(member.from),
        valid_to: Set(member.to),
        left_reason: Set(member.left),
        died_on: Set(member.died_on()),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    })
}

/// Marriage, work and pension: who can work stays in the fields, or works elsewhere for some months.
fn at_work(
    row: person::ActiveModel,
    family: &Family,
    member: &Member,
    dice: &mut Dice,
) -> person::ActiveModel {
    let grown = member.age(LAST_DAY) >= 16 && student_stage(family, member).is_none();
    let works = grown && !matches!(member.labour, LabourCapacity::None | LabourCapacity::Lost);
    let enrolled = dice.chance(92);
    let away = family.away(member);
    let work = if away.is_some() { "务工" } else { "务农" };
    person::ActiveModel {
        marital_status: Set(Some(marital_status(family, member))),
        work: Set(works.then(|| work.to_owned())),
        work_place: Set(away.map(|away| away.place)),
        work_months: Set(away.map(|away| away.months)),
        pension_enrolled: Set(grown.then_some(enrolled)),
        ..row
    }
}

/// From who else lives in the family: a couple is married, an old person alone is widowed.
fn marital_status(family: &Family, member: &Member) -> MaritalStatus {
    use RelationToHead::{DaughterInLaw, Father, Head, Mother, Son, Wife};
    let lives_here = |relation| family.members.iter().any(|one| one.relation == relation);
    let married_to = match member.relation {
        Head => Wife,
        Wife => Head,
        Mother => Father,
        Father => Mother,
        DaughterInLaw => Son,
        Son if member.age(LAST_DAY) >= 22 => DaughterInLaw,
        _ => return MaritalStatus::Single,
    };
    match (lives_here(married_to), member.relation) {
        (true, _) | (_, DaughterInLaw) => MaritalStatus::Married,
        (_, Son) => MaritalStatus::Single,
        _ if member.age(LAST_DAY) >= 60 => MaritalStatus::Widowed,
        _ => MaritalStatus::Divorced,
    }
}

/// The number with another check character.
fn wrong_number(number: &CitizenNumber) -> SensitiveText {
    let (body, check) = number.reveal().split_at(17);
    let check = if check == "7" { "8" } else { "7" };
    SensitiveText::new(Kind::CitizenNumber, &format!("{body}{check}"))
}

fn student_stage(family: &Family, member: &Member) -> Option<StudentStage> {
    let (stage, _) = member.studies(LAST_DAY.year())?;
    family.attends(member, LAST_DAY).then_some(stage)
}

async fn add_statuses(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let families = &demonstration.families;
    let count = families.iter().map(|family| family.history.len()).sum();
    let mut ids = demonstration.ids("household_status_period", count).await?;
    let mut rows = Vec::new();
    for family in families {
        let ends = family
            .history
            .iter()
            .skip(1)
            .map(|next| Some(next.from))
            .chain([None]);
        for ((span, end), id) in family.history.iter().zip(ends).zip(&mut ids) {
            rows.push(household_status_period::ActiveModel {
                id: Set(id),
                household_id: Set(family.id),
                region_code: Set(family.village.get()),
                status: Set(span.status),
                valid_from: Set(span.from),
                valid_to: Set(end),
                document_number: Set(document_number(family, *span)),
                ..Default::default()
            });
        }
    }
    demonstration.inserts.add(rows);
    Ok(())
}

async fn add_income(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let families = &demonstration.families;
    let count = families.iter().map(|family| family.incomes.len()).sum();
    let mut ids = demonstration.ids("income_form", count).await?;
    let mut rows = Vec::new();
    let mut items = Vec::new();
    for family in families {
        for (form, id) in family.incomes.iter().zip(&mut ids) {
            if form.year == LAST_DAY.year() {
                items.extend(living::items_of(family, form, id));
            }
            rows.push(income_form::ActiveModel {
                id: Set(id),
                household_id: Set(family.id),
                region_code: Set(family.village.get()),
                year: Set(form.year),
                wage_fen: Set(form.wage),
                business_fen: Set(form.business),
                property_fen: Set(form.property),
                transfer_fen: Set(form.transfer),
                business_costs_fen: Set(form.costs),
                members: Set(i32::try_from(form.members).unwrap_or(i32::MAX)),
                net_income_fen: Set(form.net()),
                per_capita_fen: Set(form.per_head()),
                surveyor: Set(Some("驻村工作队".to_owned())),
                surveyed_on: Set(Some(form.surveyed_on)),
                version: Set(1),
                recorded_at_ms: Set(RECORDED_AT_MS),
                ..Default::default()
            });
        }
    }
    demonstration.inserts.add(rows);
    let key = |row: &mut income_item::ActiveModel, id| row.id = Set(id);
    demonstration.add("income_item", items, key).await
}

/// The helper has five families on file; the family with an account is one with an allowance. Gives back the helper's ties
/// by household.
async fn add_links(demonstration: &mut Demonstration<'_>) -> Result<HashMap<i64, i64>, DemoError> {
    let on_file =
        |family: &&Family| family.village.county() == Some(COUNTY) && family.on_file(LAST_DAY);
    let families = &demonstration.families;
    let helped = families.iter().filter(on_file).take(5);
    let own = families
        .iter()
        .filter(on_file)
        .find(|family| family.allowance.is_some());
    let links = helped
        .map(|family| (family, HELPER, LinkKind::Helper, None))
        .chain(own.map(|family| {
            let head = family.head().map(|head| head.id);
            (family, OWN_FAMILY, LinkKind::Own, head)
        }));
    let links: Vec<_> = links.collect();
    let ids = demonstration.ids("household_link", links.len()).await?;
    let helped = links
        .iter()
        .zip(ids.clone())
        .filter(|((_, _, kind, _), _)| *kind == LinkKind::Helper)
        .map(|((family, ..), id)| (family.id, id))
        .collect();
    let rows = links
        .into_iter()
        .zip(ids)
        .map(
            |((family, user, kind, person), id)| household_link::ActiveModel {
                id: Set(id),
                household_id: Set(family.id),
                region_code: Set(family.village.get()),
                user_id: Set(user.to_owned()),
                kind: Set(kind),
                person_id: Set(person),
                valid_from: Set(date!(2018 - 01 - 01)),
                valid_to: Set(None),
                ..Default::default()
            },
        );
    let rows: Vec<_> = rows.collect();
    demonstration.inserts.add(rows);
    Ok(helped)
}
