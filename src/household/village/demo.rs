//! Rows of the demonstration: which villages are poor, and who is posted in the villages.

use crate::demo::{DemoError, Demonstration, Dice, LAST_DAY, RECORDED_AT_MS, names};
use ::entity::{
    codes::{CodeList, RegionTag},
    household::{
        codes::{Sex, VillagePostGrade, VillagePostRole, VillagePostState},
        village_post, village_post_attendance,
    },
    region_code::{RegionCode, RegionLevel},
    shared::region_tag,
};
use sea_orm::Set;
use std::collections::BTreeSet;
use time::{Date, Duration, macros::date};

/// The units that send people into villages.
const UNITS: [&str; 6] = [
    "县扶贫开发办公室",
    "县农牧业局",
    "县交通运输局",
    "县财政局",
    "县水利局",
    "县教育局",
];

/// A team has at least five people, the first secretary among them.
const TEAM: [VillagePostRole; 5] = [
    VillagePostRole::FirstSecretary,
    VillagePostRole::TeamLeader,
    VillagePostRole::TeamMember,
    VillagePostRole::TeamMember,
    VillagePostRole::TeamMember,
];

/// When the present teams came into their villages.
const POSTED_ON: Date = date!(2017 - 03 - 06);

/// The counties without villages in deep poverty: they are not poor at the national level.
const BETTER_OFF: [i64; 3] = [150_902, 150_925, 150_981];

/// Adds tags, posts and their days for the villages in which the families live.
pub async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let families = demonstration.families.iter();
    let villages: BTreeSet<RegionCode> = families
        .map(|family| family.village)
        .filter(|code| code.level() == RegionLevel::Village)
        .collect();
    let tags = villages.iter().flat_map(|village| tags_of(*village));
    demonstration.inserts.add(tags.collect());

    let posts: Vec<_> = villages
        .iter()
        .flat_map(|village| posts_of(*village))
        .collect();
    let ids = demonstration.ids("village_post", posts.len()).await?;
    let attended = posts.iter().filter(|(_, days)| days.is_some()).count();
    let mut attendance_ids = demonstration
        .ids("village_post_attendance", attended)
        .await?;
    let (mut rows, mut attendance) = (Vec::new(), Vec::new());
    for ((post, days), id) in posts.into_iter().zip(ids) {
        if let Some(days) = days
            && let Some(attendance_id) = attendance_ids.next()
        {
            attendance.push(village_post_attendance::ActiveModel {
                id: Set(attendance_id),
                village_post_id: Set(id),
                region_code: post.region_code.clone(),
                year: Set(LAST_DAY.year()),
                days: Set(days),
                ..Default::default()
            });
        }
        rows.push(village_post::ActiveModel {
            id: Set(id),
            ..post
        });
    }
    demonstration.inserts.add(rows);
    demonstration.inserts.add(attendance);
    Ok(())
}

fn dice(village: RegionCode, word: &str) -> Dice {
    Dice::of(village.get().unsigned_abs(), word)
}

/// Of the poor villages a fifth is in deep poverty.
fn tags_of(village: RegionCode) -> Vec<region_tag::ActiveModel> {
    let mut dice = dice(village, "poor village");
    let (poor, deeply) = (dice.chance(60), dice.chance(20));
    let deeply = deeply
        && village
            .county()
            .is_some_and(|county| !BETTER_OFF.contains(&county));
    let tags = [
        (RegionTag::PoorVillage, poor),
        (RegionTag::DeepPoverty, poor && deeply),
    ];
    tags.into_iter()
        .filter(|(_, holds)| *holds)
        .map(|(tag, _)| region_tag::ActiveModel {
            region_code: Set(village.get()),
            tag: Set(tag.word().to_owned()),
        })
        .collect()
}

/// The team of today with its days of the last year, of which 200 are asked for; and in every fourth village a first secretary
/// who was recalled before.
fn posts_of(village: RegionCode) -> Vec<(village_post::ActiveModel, Option<i32>)> {
    use VillagePostGrade::{Average, Excellent, Good};
    use VillagePostState::{Graded, Posted, Recalled};
    let mut dice = dice(village, "team");
    let unit = dice.one_of(&UNITS);
    let post = |role, dice: &mut Dice| village_post::ActiveModel {
        region_code: Set(village.get()),
        person_name: Set(some_name(dice)),
        unit: Set(unit.to_owned()),
        role: Set(role),
        valid_from: Set(POSTED_ON),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    };
    let mut posts = Vec::new();
    for role in TEAM {
        let (state, grade) = match dice.between(1, 100) {
            1..=20 => (Posted, None),
            21..=50 => (Graded, Some(Excellent)),
            _ => (Graded, Some(Good)),
        };
        let today = village_post::ActiveModel {
            state: Set(state),
            grade: Set(grade),
            ..post(role, &mut dice)
        };
        let days = i32::try_from(dice.between(188, 262)).unwrap_or_default();
        posts.push((today, Some(days)));
    }
    if dice.chance(26) {
        let recalled = village_post::ActiveModel {
            state: Set(Recalled),
            grade: Set(Some(Average)),
            valid_from: Set(POSTED_ON - Duration::days(400)),
            valid_to: Set(Some(POSTED_ON)),
            ..post(VillagePostRole::FirstSecretary, &mut dice)
        };
        posts.push((recalled, None));
    }
    posts
}

fn some_name(dice: &mut Dice) -> String {
    let sex = dice.one_of(&[Sex::Male, Sex::Male, Sex::Female]);
    let surname = names::surname(dice);
    names::han(dice, surname, sex)
}
