//! Rows of the demonstration: land, animals and the items of the last income form, as the last survey found them.

use crate::demo::{DemoError, Demonstration, Dice, Family, Income, LAST_DAY, RECORDED_AT_MS};
use ::entity::household::{
    codes::{AnimalKind, IncomeKind, LabourCapacity},
    income_item, land_holding, livestock,
};
use sea_orm::Set;

/// Adds land and animals of the families whose file is open.
pub async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let families = demonstration.families.iter();
    let open: Vec<&Family> = families
        .filter(|family| family.closed_on().is_none())
        .collect();
    let land = open.iter().map(|family| land_of(family)).collect();
    let animals = open.iter().flat_map(|family| animals_of(family)).collect();
    let key = |row: &mut land_holding::ActiveModel, id| row.id = Set(id);
    demonstration.add("land_holding", land, key).await?;
    let key = |row: &mut livestock::ActiveModel, id| row.id = Set(id);
    demonstration.add("livestock", animals, key).await
}

fn land_of(family: &Family) -> land_holding::ActiveModel {
    let mut dice = family.dice("land");
    let heads = i64::try_from(family.members.len()).unwrap_or(1);
    let forest = match dice.chance(35) {
        true => dice.between(5, 120),
        false => 0,
    };
    let grass = match dice.chance(25) {
        true => dice.between(50, 900),
        false => 0,
    };
    land_holding::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        year: Set(LAST_DAY.year()),
        farmland_tenth_mu: Set(heads * dice.between(20, 85)),
        forest_land_tenth_mu: Set(forest),
        grassland_tenth_mu: Set(grass),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

/// Who can work keeps animals of one or two kinds.
fn animals_of(family: &Family) -> Vec<livestock::ActiveModel> {
    let works = |labour| !matches!(labour, LabourCapacity::None | LabourCapacity::Lost);
    let mut dice = family.dice("animals");
    let herds = [
        (AnimalKind::Sheep, 55, (3, 40)),
        (AnimalKind::Cattle, 20, (1, 6)),
        (AnimalKind::Pig, 35, (1, 4)),
        (AnimalKind::Poultry, 40, (5, 25)),
    ];
    let mut rows = Vec::new();
    for (kind, percent, (low, high)) in herds {
        if !dice.chance(percent) || rows.len() == 2 {
            continue;
        }
        rows.push(livestock::ActiveModel {
            household_id: Set(family.id),
            region_code: Set(family.village.get()),
            year: Set(LAST_DAY.year()),
            kind: Set(kind),
            heads: Set(i32::try_from(dice.between(low, high)).unwrap_or_default()),
            version: Set(1),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        });
    }
    match family.members.iter().any(|member| works(member.labour)) {
        true => rows,
        false => Vec::new(),
    }
}

/// The items of a form, without keys: of each kind they add up to it.
pub fn items_of(family: &Family, form: &Income, form_id: i64) -> Vec<income_item::ActiveModel> {
    let mut items = Vec::new();
    let mut add = |kind, source: &str, fen: i64| {
        if fen > 0 {
            items.push(income_item::ActiveModel {
                household_id: Set(family.id),
                region_code: Set(family.village.get()),
                income_form_id: Set(form_id),
                kind: Set(kind),
                source: Set(source.to_owned()),
                amount_fen: Set(fen),
                ..Default::default()
            });
        }
    };
    let mut dice: Dice = family.dice("income items");
    let wages = dice.one_of(&["外出务工", "就近务工", "公益性岗位"]);
    add(IncomeKind::Wage, wages, form.wage);
    let crops = form.business * dice.between(40, 80) / 100;
    add(IncomeKind::Business, "种植业", crops);
    add(IncomeKind::Business, "养殖业", form.business - crops);
    add(IncomeKind::Property, "土地流转", form.property);
    let dibao: i64 = family
        .allowance
        .iter()
        .flat_map(|allowance| allowance.months(form.year))
        .map(|(_, due)| due)
        .sum();
    add(IncomeKind::Transfer, "农村低保金", dibao);
    add(
        IncomeKind::Transfer,
        "养老金和惠农补贴",
        form.transfer - dibao,
    );
    items
}
