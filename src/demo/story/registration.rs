//! Class and causes of a registered family, and whether it lives on the minimum living allowance.

use super::super::{
    LAST_DAY,
    dice::Dice,
    family::{Allowance, Family, Member},
    plants::DIBAO_STANDARD,
};
use entity::household::codes::{HouseholdClass, HouseholdStatus, PovertyCause};
use time::{Date, Duration, macros::date};

/// Who lives on the minimum living allowance.
#[derive(Clone, Copy)]
pub(super) struct Support {
    /// Of a hundred families that may.
    pub percent: u64,
    /// Since when a family does that was registered in 2017.
    pub newly: fn(Date) -> Date,
}

/// Class and causes, from the people of the family.
pub(super) fn register(family: &mut Family, support: Support) {
    let dice = &mut family.dice("registration");
    let begins = family.begins_on();
    let labour = family.members.iter().any(Member::can_work);
    let helpless = !labour && family.on_file(LAST_DAY);
    let alone = family.members.len() == 1 && !labour;
    let registered = family.since(HouseholdStatus::Registered).unwrap_or(begins);
    let class = match family.status() {
        HouseholdStatus::Closed => HouseholdClass::SpecialSupport,
        _ if alone && dice.chance(60) => HouseholdClass::SpecialSupport,
        status if status == HouseholdStatus::StruckOff || dice.chance(support.percent) => {
            match allowance(family, registered, support) {
                None => HouseholdClass::General,
                allowance => {
                    family.allowance = allowance;
                    match labour {
                        true => HouseholdClass::DibaoPoor,
                        false => HouseholdClass::Dibao,
                    }
                }
            }
        }
        _ => HouseholdClass::General,
    };
    // Who is on file and can't work lives on something.
    let class = match (class, allowance(family, registered, support)) {
        (HouseholdClass::General, Some(allowance)) if helpless => {
            family.allowance = Some(allowance);
            HouseholdClass::Dibao
        }
        (HouseholdClass::General, None) if helpless => HouseholdClass::SpecialSupport,
        (class, _) => class,
    };
    family.class = Some(class);
    family.causes = causes(family, labour, dice);
    family.planned_exit_year = planned_exit_year(family);
}

/// By 2020 everybody is to have exited.
fn planned_exit_year(family: &Family) -> Option<i32> {
    let next = family.dice("planned exit").one_of(&[2019, 2019, 2020]);
    let exited = family.since(HouseholdStatus::Exited);
    match family.on_file(LAST_DAY) {
        true => Some(next),
        false => exited.map(Date::year),
    }
}

/// When the minimum living allowance began and ends; none for files that it would not fit.
fn allowance(family: &Family, registered: Date, support: Support) -> Option<Allowance> {
    let early = unpriced(date!(2017 - 01 - 01));
    match family.status() {
        HouseholdStatus::Registered => match registered.year() {
            ..=2016 => Some(early),
            2017 => Some(unpriced((support.newly)(registered))),
            _ => None,
        },
        HouseholdStatus::Returned => {
            let returned = family.since(HouseholdStatus::Returned)?;
            (returned.year() == 2017).then(|| unpriced(date!(2018 - 01 - 01)))
        }
        // Twelve more months after the exit.
        HouseholdStatus::Exited => {
            let exited = family.since(HouseholdStatus::Exited)?;
            let until = exited
                .replace_year(exited.year() + 1)
                .ok()?
                .previous_day()?;
            let begun = match registered.year() {
                2017 => unpriced((support.newly)(registered)),
                _ => early,
            };
            (exited.year() == 2018).then_some(Allowance {
                gradual_exit_until: Some(until),
                ..begun
            })
        }
        // Stopped with the end of the month in which the family was struck off.
        HouseholdStatus::StruckOff => {
            let struck = family.since(HouseholdStatus::StruckOff)?;
            let month = struck.month();
            let end = struck
                .replace_day(month.length(struck.year()))
                .ok()?
                .next_day()?;
            Some(Allowance {
                to: Some(end),
                ..unpriced(date!(2016 - 01 - 01))
            })
        }
        _ => None,
    }
}

/// A grant whose amount waits for the income forms.
pub(in super::super) fn unpriced(from: Date) -> Allowance {
    Allowance {
        persons: 0,
        standard: DIBAO_STANDARD,
        yearly: 0,
        approved_on: from - Duration::days(18),
        from,
        to: None,
        gradual_exit_until: None,
    }
}

fn causes(family: &Family, labour: bool, dice: &mut Dice) -> Vec<PovertyCause> {
    use PovertyCause::{
        Disability, Disaster, Illness, LackOfFunds, LackOfLabour, LackOfMotivation, LackOfSkills,
        LackOfWater, PoorTransport, Schooling,
    };
    use entity::household::codes::HealthStatus::{Chronic, Disabled, MajorIllness};
    let any = |is: &dyn Fn(&Member) -> bool| family.members.iter().any(is);
    let mut causes = Vec::new();
    let mut add = |cause, holds: bool| {
        if holds && !causes.contains(&cause) && causes.len() < 3 {
            causes.push(cause);
        }
    };
    add(Illness, any(&|member| member.health == MajorIllness));
    add(Disability, any(&|member| member.health == Disabled));
    add(
        Schooling,
        any(&|member| member.studies(2018).is_some() && member.age(LAST_DAY) >= 16),
    );
    add(LackOfLabour, !labour);
    add(
        Illness,
        any(&|member| member.health == Chronic) && dice.chance(60),
    );
    let others = [
        LackOfFunds,
        LackOfSkills,
        Disaster,
        LackOfWater,
        PoorTransport,
        LackOfMotivation,
    ];
    add(dice.one_of(&others), true);
    add(dice.one_of(&others), dice.chance(35));
    causes
}
