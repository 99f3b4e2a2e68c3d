//! Income forms, and what the allowance comes to.

use super::{
    super::{
        FIRST_SURVEY_YEAR, LAST_DAY,
        dice::Dice,
        family::{Family, Income, Member, yuan},
        plants::poverty_line,
    },
    paths::in_year,
};
use entity::household::codes::{HouseholdStatus, LabourCapacity};
use time::{Date, Month};

/// Income forms, and the allowance that they leave room for.
pub(super) fn earn(family: &mut Family) {
    // Those under appraisal have not been surveyed yet.
    if family.status() == HouseholdStatus::UnderAppraisal {
        return;
    }
    let mut dice = family.dice("income");
    for year in FIRST_SURVEY_YEAR..=LAST_DAY.year() {
        let survey = in_year(year, (Month::November, 5), (Month::December, 20), &mut dice);
        let members = family.members_on(survey).count();
        let open =
            family.begins_on() <= survey && family.closed_on().is_none_or(|end| survey < end);
        if !open || members == 0 {
            continue;
        }
        let form = form(
            family,
            survey,
            i64::try_from(members).unwrap_or(1),
            &mut dice,
        );
        family.incomes.push(form);
    }
    price(family);
    support(family);
}

/// What civil affairs gives is income of the years it is paid in.
fn support(family: &mut Family) {
    let mut incomes = std::mem::take(&mut family.incomes);
    let assistance = family.assistance();
    for form in &mut incomes {
        let months = family
            .allowance
            .map(|allowance| allowance.months(form.year));
        let allowance: i64 = months.into_iter().flatten().map(|(_, due)| due).sum();
        let others = assistance.paid_in(form.year);
        let given = allowance + others.iter().map(|(_, fen)| fen).sum::<i64>();
        form.transfer += given;
        if given > 0 {
            stay_poor(family, given, form);
        }
    }
    family.incomes = incomes;
}

/// A form without the allowance: the poor stay below the lines of the years, the others above.
fn form(family: &Family, survey: Date, members: i64, dice: &mut Dice) -> Income {
    let grown = i64::from(survey.year() - FIRST_SURVEY_YEAR) * 160;
    let yuan_a_head = match family
        .status_on(Date::from_calendar_date(survey.year(), Month::December, 31).unwrap_or(LAST_DAY))
    {
        Some(HouseholdStatus::Exited) => dice.between(4_300, 8_400) + grown,
        Some(HouseholdStatus::StruckOff) => dice.between(9_500, 15_000),
        // Above the line, and where there is an allowance below its standard.
        Some(HouseholdStatus::Candidate) if family.allowance.is_some() => {
            dice.between(3_000, 3_400)
        }
        Some(HouseholdStatus::Candidate) => dice.between(3_000, 4_600),
        _ => dice.between(1_750, 2_750) + grown,
    };
    let works = |member: &&Member| {
        matches!(
            member.labour,
            LabourCapacity::Normal | LabourCapacity::Skilled
        )
    };
    let elders = family
        .members_on(survey)
        .filter(|member| member.age(survey) >= 60)
        .count();
    let total = yuan_a_head * members * 100 + dice.between(0, 9_999);
    let wage = match family.members_on(survey).any(|member| works(&member)) {
        true => total * dice.between(30, 65) / 100,
        false => 0,
    };
    let property = total * dice.between(0, 6) / 100;
    let pension = i64::try_from(elders).unwrap_or(0) * 12 * yuan(110);
    let transfer = (pension + dice.between(0, 40_000)).min(total - wage - property);
    let costs = dice.between(8, 30) * total / 100;
    Income {
        year: survey.year(),
        wage,
        business: total - wage - property - transfer + costs,
        property,
        transfer,
        costs,
        members,
        surveyed_on: survey,
    }
}

/// The allowance is what the income of the year before lacks to the standard.
fn price(family: &mut Family) {
    let Some(mut allowance) = family.allowance else {
        return;
    };
    allowance.persons = i64::try_from(family.members_on(allowance.from).count()).unwrap_or(1);
    let before = family
        .incomes
        .iter()
        .rfind(|form| form.year < allowance.from.year());
    let Some(form) = before.or(family.incomes.first()) else {
        family.allowance = None;
        return;
    };
    let means = form.net() * allowance.persons / form.members;
    allowance.yearly = (allowance.standard * allowance.persons - means).max(0);
    family.allowance = Some(allowance);
}

/// Who is on file has lost of its own income what would be above the line with what is given: else it should leave.
fn stay_poor(family: &Family, given: i64, form: &mut Income) {
    let last = Date::from_calendar_date(form.year, Month::December, 31).unwrap_or(LAST_DAY);
    let Some(line) = poverty_line(form.year).filter(|_| family.on_file(last)) else {
        return;
    };
    let below = yuan(family.dice(&form.year.to_string()).between(20, 390));
    let mut excess = form.net() - (line - below) * form.members;
    for (part, least) in [
        (&mut form.business, 0),
        (&mut form.wage, 0),
        (&mut form.property, 0),
        (&mut form.transfer, given),
    ] {
        let lost = excess.clamp(0, (*part - least).max(0));
        *part -= lost;
        excess -= lost;
    }
}
