//! Rows of the demonstration: a house for each family, and the renovation of the dangerous ones.

use crate::demo::{
    DemoError, Demonstration, Dice, Due, Family, LAST_DAY, RECORDED_AT_MS, family::yuan,
};
use ::entity::{
    codes::Department,
    housing::{
        codes::{HouseGrade, HouseSolution, RenovationState},
        house, renovation,
    },
};
use sea_orm::Set;
use time::{Date, macros::date};

/// A house, and what becomes of it.
struct Dwelling {
    grade: HouseGrade,
    area_dm2: i64,
    built_year: i32,
    surveyed_on: Date,
    works: Option<Works>,
}

/// A renovation: the house of record before it, and the one after it when it is accepted.
#[derive(Clone, Copy)]
struct Works {
    grade_before: HouseGrade,
    solution: HouseSolution,
    state: RenovationState,
    approved_on: Date,
    accepted_on: Option<Date>,
    subsidy_fen: i64,
    area_after_dm2: i64,
}

/// Adds houses and renovations, and what is due of those.
pub(super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let families = &demonstration.families;
    let dwellings: Vec<Dwelling> = families.iter().map(dwelling).collect();
    let works = || dwellings.iter().filter_map(|dwelling| dwelling.works);
    let accepted = works().filter(|works| works.accepted_on.is_some()).count();
    let mut houses = demonstration
        .ids("house", dwellings.len() + accepted)
        .await?;
    let mut renovations = demonstration.ids("renovation", works().count()).await?;
    let (mut house_rows, mut renovation_rows, mut dues) = (Vec::new(), Vec::new(), Vec::new());
    for (place, (family, dwelling)) in families.iter().zip(&dwellings).enumerate() {
        let Some(first) = houses.next() else { break };
        house_rows.push(house_before(first, family, dwelling));
        let Some(works) = dwelling.works else {
            continue;
        };
        if let Some(accepted_on) = works.accepted_on
            && let Some(second) = houses.next()
        {
            house_rows.push(house_after(second, family, dwelling, works, accepted_on));
            dues.push(Due {
                family: place,
                person: None,
                department: Department::Housing,
                programme: "house-renovation",
                period: accepted_on.year().to_string(),
                one_off: true,
                amount_fen: works.subsidy_fen,
                due_on: accepted_on + time::Duration::days(20),
            });
        }
        if let Some(id) = renovations.next() {
            renovation_rows.push(renovation_row(id, first, family, works));
        }
    }
    demonstration.inserts.add(house_rows);
    demonstration.inserts.add(renovation_rows);
    demonstration.dues.extend(dues);
    Ok(())
}

fn dwelling(family: &Family) -> Dwelling {
    use HouseGrade::{A, B, C, D};
    let mut dice = family.dice("house");
    let grade = match family.card_number {
        Some(_) => dice.one_of(&[A, B, B, B, B, B, C, C, D]),
        None => dice.one_of(&[A, A, B, B, B]),
    };
    let people = i64::try_from(family.members.len()).unwrap_or(1);
    Dwelling {
        grade,
        area_dm2: (dice.between(16, 26) * people.min(4)).max(30) * 100,
        built_year: i32::try_from(match grade {
            A => dice.between(2006, 2013),
            B => dice.between(1992, 2006),
            C | D => dice.between(1968, 1990),
        })
        .unwrap_or(1990),
        surveyed_on: family.begins_on(),
        works: matches!(grade, C | D).then(|| works(family, grade, people, &mut dice)),
    }
}

fn works(family: &Family, grade_before: HouseGrade, people: i64, dice: &mut Dice) -> Works {
    let (solution, subsidy_fen) = match grade_before {
        HouseGrade::D => (HouseSolution::Rebuild, yuan(28_000)),
        _ => (HouseSolution::Reinforce, yuan(12_000)),
    };
    let starts = family.begins_on().max(date!(2016 - 03 - 01)) + time::Duration::days(60);
    let approved_on = dice.day(
        starts.min(LAST_DAY),
        date!(2018 - 06 - 30).max(starts).min(LAST_DAY),
    );
    let accepted_on = approved_on + time::Duration::days(dice.between(90, 150));
    // Time for the payment, and a few that are still being built.
    let paid_by = accepted_on + time::Duration::days(30);
    let open = family.closed_on().is_none_or(|closed| paid_by < closed);
    let done = open && accepted_on < date!(2018 - 12 - 01) && dice.chance(85);
    Works {
        grade_before,
        solution,
        state: match done {
            true => RenovationState::Paid,
            false => dice.one_of(&[RenovationState::Approved, RenovationState::Building]),
        },
        approved_on,
        accepted_on: done.then_some(accepted_on),
        subsidy_fen,
        area_after_dm2: (20 * people).clamp(40, 80) * 100,
    }
}

fn house_before(id: i64, family: &Family, dwelling: &Dwelling) -> house::ActiveModel {
    let works = dwelling.works;
    let replaced = works.and_then(|works| works.accepted_on);
    house::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        grade: Set(dwelling.grade),
        surveyed_on: Set(dwelling.surveyed_on),
        area_dm2: Set(dwelling.area_dm2),
        built_year: Set(Some(dwelling.built_year)),
        solution: Set(HouseSolution::None),
        valid_from: Set(dwelling.surveyed_on),
        valid_to: Set(replaced),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

fn house_after(
    id: i64,
    family: &Family,
    dwelling: &Dwelling,
    works: Works,
    accepted_on: Date,
) -> house::ActiveModel {
    let (grade, area_dm2, built_year) = match works.solution {
        HouseSolution::Rebuild => (HouseGrade::A, works.area_after_dm2, accepted_on.year()),
        _ => (HouseGrade::B, dwelling.area_dm2, dwelling.built_year),
    };
    house::ActiveModel {
        id: Set(id),
        grade: Set(grade),
        surveyed_on: Set(accepted_on),
        area_dm2: Set(area_dm2),
        built_year: Set(Some(built_year)),
        solution: Set(works.solution),
        valid_from: Set(accepted_on),
        valid_to: Set(None),
        ..house_before(id, family, dwelling)
    }
}

fn renovation_row(id: i64, house: i64, family: &Family, works: Works) -> renovation::ActiveModel {
    let rebuilt = works.accepted_on.is_some() && works.solution == HouseSolution::Rebuild;
    renovation::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        house_id: Set(house),
        year: Set(works.approved_on.year()),
        solution: Set(works.solution),
        state: Set(works.state),
        grade_before: Set(works.grade_before),
        area_after_dm2: Set(rebuilt.then_some(works.area_after_dm2)),
        subsidy_fen: Set(Some(works.subsidy_fen)),
        approved_on: Set(Some(works.approved_on)),
        accepted_on: Set(works.accepted_on),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}
