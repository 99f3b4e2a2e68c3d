//! Rows of the demonstration: which villages are poor, what they earn in common, and who is posted in them.

use crate::demo::{
    DemoError, Demonstration, Dice, LAST_DAY, Ledger, RECORDED_AT_MS, family::yuan, names,
};
use ::entity::{
    codes::{CodeList, RegionTag},
    household::{
        codes::{VillagePostGrade, VillagePostRole, VillagePostState},
        collective_income, village_post, village_post_attendance,
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
    add_collective_incomes(demonstration, &villages).await?;

    let mut posts = Vec::new();
    for village in &villages {
        let team = posts_of(*village);
        for (post, days) in &team {
            count_post(demonstration.ledger, *village, post, days.unwrap_or(0));
        }
        posts.extend(team);
    }
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

/// Of two years; in the second the villages earn more.
async fn add_collective_incomes(
    demonstration: &mut Demonstration<'_>,
    villages: &BTreeSet<RegionCode>,
) -> Result<(), DemoError> {
    let mut rows = Vec::new();
    for village in villages {
        for (year, grown) in [(LAST_DAY.year() - 1, 100), (LAST_DAY.year(), 135)] {
            let amount_fen = collective_income(*village) / 100 * grown;
            count_collective_income(demonstration.ledger, *village, year, amount_fen);
            rows.push(collective_income::ActiveModel {
                region_code: Set(village.get()),
                year: Set(year),
                amount_fen: Set(amount_fen),
                version: Set(1),
                recorded_at_ms: Set(RECORDED_AT_MS),
                ..Default::default()
            });
        }
    }
    let key = |row: &mut collective_income::ActiveModel, id| row.id = Set(id);
    demonstration.add("collective_income", rows, key).await
}

/// Every tenth village earns nothing, a third more than the 50,000 yuan that are asked for.
fn collective_income(village: RegionCode) -> i64 {
    let mut dice = dice(village, "collective income");
    match dice.between(1, 100) {
        1..=10 => 0,
        11..=65 => yuan(dice.between(3, 360) * 100),
        _ => yuan(dice.between(500, 1_400) * 100),
    }
}

fn count_collective_income(ledger: &mut Ledger, village: RegionCode, year: i32, amount_fen: i64) {
    let mut add = |of: &str, value| ledger.add(&format!("ST-20 {of} in {year}"), village, value);
    add("villages", 1);
    add("at zero", i64::from(amount_fen == 0));
    add("at 50,000", i64::from(amount_fen >= yuan(50_000)));
    add("amount", amount_fen);
}

/// Those posted today, and the days of all in the last year. A team has one leader.
fn count_post(
    ledger: &mut Ledger,
    village: RegionCode,
    post: &village_post::ActiveModel,
    days: i32,
) {
    let role = *post.role.as_ref();
    let of = |roles: &[VillagePostRole]| {
        i64::from(post.valid_to.try_as_ref().is_none() && roles.contains(&role))
    };
    let values = [
        ("teams", of(&[VillagePostRole::TeamLeader])),
        (
            "team members",
            of(&[VillagePostRole::TeamLeader, VillagePostRole::TeamMember]),
        ),
        ("first secretaries", of(&[VillagePostRole::FirstSecretary])),
        ("days in 2018", i64::from(days)),
    ];
    ledger.add_all("ST-21", village, values);
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
        person_name: Set(names::someone(dice)),
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
