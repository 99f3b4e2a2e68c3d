//! The rules of income forms. Domain reference, section 5, rule 6.

use super::mutation::IncomeFormFileInput;
use crate::{
    household::members_on,
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use ::entity::household::{codes::IncomeKind, household, income_form, income_item};

pub const FILED_ALREADY: Code = Code::new(
    "FILED_ALREADY",
    "该户该年度收入表已填报：不能重复填报。",
    "The household has an income form of this year already: it is filed once.",
);
pub const NO_MEMBERS: Code = Code::new(
    "NO_MEMBERS",
    "调查日该户没有成员：请核对调查日期。",
    "The household has no members on the day of the survey: check the day.",
);
pub const MEMBERS_DIFFER: Code = Code::new(
    "MEMBERS_DIFFER",
    "家庭人口与调查日在册成员数不符：请核对成员。",
    "The household had another number of members on the day of the survey: check the members.",
);
pub const DOES_NOT_ADD_UP: Code = Code::new(
    "DOES_NOT_ADD_UP",
    "人均纯收入与明细计算结果不符：请核对明细、支出和人口。",
    "The net income per head differs from what the items come to: check items, costs and members.",
);

/// The most items of a form.
const MOST_ITEMS: usize = 100;
/// The first year with a form: registration began then.
const FIRST_YEAR: i32 = 2013;
/// The most that one amount can be: ten billion yuan. Sums of a form stay far inside of 64 bits.
const MOST_FEN: i64 = 1_000_000_000_000;

/// What the items come to, fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    wage: i64,
    business: i64,
    property: i64,
    transfer: i64,
    costs: i64,
}

impl Sums {
    fn of(input: &IncomeFormFileInput) -> Self {
        let mut sums = Sums {
            costs: input.business_costs.0,
            ..Sums::default()
        };
        for item in &input.items {
            let sum = match item.kind {
                IncomeKind::Wage => &mut sums.wage,
                IncomeKind::Business => &mut sums.business,
                IncomeKind::Property => &mut sums.property,
                IncomeKind::Transfer => &mut sums.transfer,
            };
            *sum += item.amount.0;
        }
        sums
    }

    fn net(&self) -> i64 {
        self.wage + self.business + self.property + self.transfer - self.costs
    }

    /// Net income per head, fen, half up.
    fn per_head(&self, members: i64) -> i64 {
        (2 * self.net() + members).div_euclid(2 * members)
    }
}

/// Files a form.
pub async fn file(door: Door, input: &IncomeFormFileInput) -> Result<Done, Stop> {
    let path = ["input", "householdId"];
    let household = door
        .find::<household::Entity>(&input.household_id, &path)
        .await?;
    let mut mistakes = Mistakes::default();
    amounts(input, &mut mistakes);
    mistakes.text(&input.surveyor, 40, &["input", "surveyor"]);
    let surveyed_on = input.surveyed_on.0;
    mistakes.not_in_future(surveyed_on, door.today(), &["input", "surveyedOn"]);
    mistakes.unless_saying(
        (FIRST_YEAR..=surveyed_on.year()).contains(&input.year),
        &INVALID_VALUE,
        &["input", "year"],
        "年度须不早于 2013 年，且不晚于调查日期所在年度。",
        "The year is 2013 or later, and not after the day of the survey.",
    );
    let members = members_on(&door, household.id, surveyed_on).await?.len();
    let members = i32::try_from(members).unwrap_or(i32::MAX);
    mistakes.unless(members > 0, &NO_MEMBERS, &["input", "surveyedOn"]);
    let given = input.members.unwrap_or(members);
    mistakes.unless(given == members, &MEMBERS_DIFFER, &["input", "members"]);
    mistakes.none()?;
    let sums = Sums::of(input);
    let per_head = sums.per_head(members.into());
    let said = input.per_capita_net_income.map_or(per_head, |fen| fen.0);
    let path = ["input", "perCapitaNetIncome"];
    mistakes.unless(said == per_head, &DOES_NOT_ADD_UP, &path);
    mistakes.none()?;
    let form = income_form::Model {
        id: door.new_key::<income_form::Entity>().await?,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        year: input.year,
        wage_fen: sums.wage,
        business_fen: sums.business,
        property_fen: sums.property,
        transfer_fen: sums.transfer,
        business_costs_fen: sums.costs,
        members,
        net_income_fen: sums.net(),
        per_capita_fen: per_head,
        surveyor: Some(input.surveyor.trim().to_owned()),
        surveyed_on: Some(surveyed_on),
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let taken = || Mistake::new(&FILED_ALREADY, &["input", "year"]);
    let form = door
        .insert::<income_form::Entity>(form)
        .await
        .map_err(|stop| stop.meaning("income_form_once_a_year", taken()))?;
    itemise(&door, &form, input).await?;
    Ok(Done::of(form.id))
}

fn amounts(input: &IncomeFormFileInput, mistakes: &mut Mistakes) {
    let path = ["input", "items"];
    mistakes.unless_saying(
        input.items.len() <= MOST_ITEMS,
        &INVALID_VALUE,
        &path,
        "收入明细最多 100 条。",
        "An income form has at most 100 items.",
    );
    let costs = [("businessCosts", input.business_costs.0)];
    for (field, fen) in costs {
        amount(fen, &["input", field], mistakes);
    }
    for (place, item) in input.items.iter().enumerate().take(MOST_ITEMS) {
        let place = place.to_string();
        amount(
            item.amount.0,
            &["input", "items", &place, "amount"],
            mistakes,
        );
        mistakes.text(&item.source, 80, &["input", "items", &place, "source"]);
    }
}

fn amount(fen: i64, path: &[&str], mistakes: &mut Mistakes) {
    mistakes.unless_saying(
        (0..=MOST_FEN).contains(&fen),
        &INVALID_VALUE,
        path,
        "金额须在 0 至一百亿元之间：请更正。",
        "An amount lies between 0 and ten billion yuan: correct it.",
    );
}

async fn itemise(
    door: &Door,
    form: &income_form::Model,
    input: &IncomeFormFileInput,
) -> Result<(), Stop> {
    for item in &input.items {
        let item = income_item::Model {
            id: door.new_key::<income_item::Entity>().await?,
            household_id: form.household_id,
            region_code: form.region_code,
            county_code: form.county_code,
            income_form_id: form.id,
            kind: item.kind,
            source: item.source.trim().to_owned(),
            amount_fen: item.amount.0,
        };
        door.insert::<income_item::Entity>(item).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Sums;

    #[test]
    fn per_head_is_rounded_half_up() {
        let example = Sums {
            wage: 1_200_000,
            business: 650_000,
            property: 30_000,
            transfer: 240_050,
            costs: 210_000,
        };
        assert_eq!((example.net(), example.per_head(4)), (1_910_050, 477_513));
        let loss = Sums {
            costs: 5,
            ..Sums::default()
        };
        assert_eq!((loss.net(), loss.per_head(2)), (-5, -2));
    }
}
