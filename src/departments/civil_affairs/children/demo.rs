//! Rows of the demonstration: children whose parents work far away, and those whom nobody supports in fact.

use super::super::demo::due;
use crate::demo::{
    DemoError, Demonstration, Dice, Due, Family, Finding, LAST_DAY, Member, Plant, RECORDED_AT_MS,
    assistance::Orphan, names,
};
use ::entity::{
    civil_affairs::{
        codes::{GuardianCare, OrphanClass, OrphanPlacement, ParentalAbsence},
        left_behind_child, orphan,
    },
    codes::CodeList,
    household::codes::{LabourCapacity, RelationToHead, Sex, WorkPlace},
};
use sea_orm::Set;
use serde_json::json;
use time::{Duration, macros::date};

/// Adds cases and orphans, and what is due of these.
pub async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let (mut cases, mut findings) = (Vec::new(), Vec::new());
    for (place, family) in demonstration.families.iter().enumerate() {
        for case in cases_of(family) {
            if family.has(Plant::LeftAlone) {
                let (child, care) = (*case.person_id.as_ref(), case.care.as_ref().word());
                let finding = Finding::of("RC-81", Some(child), json!({ "care": care }));
                findings.push((place, finding));
            }
            cases.push(case);
        }
    }
    demonstration.find(findings);
    let key = |row: &mut left_behind_child::ActiveModel, id| row.id = Set(id);
    demonstration.add("left_behind_child", cases, key).await?;
    let (mut rows, mut dues) = (Vec::new(), Vec::new());
    for (place, family) in demonstration.families.iter().enumerate() {
        if let Some(orphan) = family.assistance().orphan {
            rows.push(orphan_row(family, &orphan));
            let months = orphan.months.of_year(LAST_DAY.year());
            dues.extend(months.map(|first| Due {
                person: Some((orphan.member.id, orphan.member.identity)),
                ..due(
                    place,
                    "orphan-allowance",
                    orphan.monthly,
                    first + Duration::days(9),
                )
            }));
        }
    }
    demonstration.dues.extend(dues);
    let key = |row: &mut orphan::ActiveModel, id| row.id = Set(id);
    demonstration.add("orphan", rows, key).await
}

/// Children under 16 of parents who are both far away for half a year and more, or of whom the one at home cannot guard them.
fn cases_of(family: &Family) -> Vec<left_behind_child::ActiveModel> {
    let Some(absence) = absence(family) else {
        return Vec::new();
    };
    let mut dice = family.dice("left behind");
    let here = || family.members.iter().filter(|member| member.to.is_none());
    let grandparent = here().find(|member| {
        matches!(
            member.relation,
            RelationToHead::Mother | RelationToHead::Father
        )
    });
    let relative = some_name(&mut dice);
    let related = dice.chance(80);
    let opened_on = dice.day(date!(2018 - 03 - 05), date!(2018 - 11 - 30));
    let care = match (grandparent, related) {
        (Some(_), _) => GuardianCare::Grandparents,
        (None, true) => GuardianCare::Relatives,
        (None, false) => GuardianCare::Others,
    };
    // Nobody looks after a few, as is planted.
    let alone = family.has(Plant::LeftAlone);
    let (care, grandparent) = match alone {
        true => (GuardianCare::Nobody, None),
        false => (care, grandparent),
    };
    let row = |child: &Member| left_behind_child::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(child.id),
        absence: Set(absence),
        care: Set(care),
        guardian_person_id: Set(grandparent.map(|member| member.id)),
        guardian_name: Set((grandparent.is_none() && !alone).then(|| relative.clone())),
        valid_from: Set(opened_on.max(child.from)),
        valid_to: Set(None),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    };
    here().filter(|member| is_child(member)).map(row).collect()
}

fn is_child(member: &Member) -> bool {
    let relation = matches!(
        member.relation,
        RelationToHead::Son | RelationToHead::Daughter
    );
    relation && member.age(LAST_DAY) < 16
}

fn absence(family: &Family) -> Option<ParentalAbsence> {
    let parent = |sex| {
        family.members.iter().find(move |member| {
            let parent = matches!(member.relation, RelationToHead::Head | RelationToHead::Wife);
            parent && member.to.is_none() && member.sex() == sex
        })
    };
    let far = |member: &Member| {
        let away = family.away(member);
        away.is_some_and(|away| away.months >= 6 && away.place != WorkPlace::Township)
    };
    let unable =
        |member: &Member| matches!(member.labour, LabourCapacity::Lost | LabourCapacity::None);
    let (father, mother) = (parent(Sex::Male)?, parent(Sex::Female)?);
    match (far(father), far(mother)) {
        (true, true) => Some(ParentalAbsence::Both),
        (true, false) if unable(mother) => Some(ParentalAbsence::Father),
        (false, true) if unable(father) => Some(ParentalAbsence::Mother),
        _ => None,
    }
}

fn some_name(dice: &mut Dice) -> String {
    let sex = dice.one_of(&[Sex::Male, Sex::Female]);
    let surname = names::surname(dice);
    names::han(dice, surname, sex)
}

fn orphan_row(family: &Family, orphan: &Orphan<'_>) -> orphan::ActiveModel {
    orphan::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(orphan.member.id),
        class: Set(OrphanClass::DeFacto),
        placement: Set(OrphanPlacement::Scattered),
        monthly_fen: Set(orphan.monthly),
        approved_on: Set(orphan.months.from - Duration::days(15)),
        valid_from: Set(orphan.months.from),
        valid_to: Set(orphan.months.to),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}
