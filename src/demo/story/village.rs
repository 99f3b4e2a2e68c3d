//! 东湖渔业村 with its published figures (domain reference, sections 9, 12 and 15): 552 households and 1,480 persons, of them
//! 31 and 119 poor, by class, main cause and planned year of exit as given.
//!
//! The source does not say where the village lies nor of which year it speaks. It stands here in a region that does not
//! exist, under the province code 99 which nobody has, so that it is in no total of 乌兰察布. The figures are those of the end
//! of 2017. In 2018 the ten households planned for that year leave poverty with 35 persons and one child is born, which
//! leaves 85 (`st-bal-02`); somebody else in the village dies, so that 1,480 persons live there at the end of it as well.

use super::{
    super::{
        DemoError, LAST_DAY,
        dice::Dice,
        family::{Family, StatusSpan},
        people::{People, Role},
    },
    Part, Serials,
    income::earn,
    leaving, open_file,
    paths::{in_year, registration},
    places::Named,
    registration::unpriced,
};
use entity::{
    household::codes::{
        HealthStatus, HouseholdClass, HouseholdStatus, LabourCapacity, LeftReason, PovertyCause,
        RelationToHead, Sex,
    },
    region_code::RegionCode,
};
use time::{Date, Month, macros::date};

/// Rural persons (乡村户籍人口) of the village, and so of all regions it lies in.
pub(super) const PERSONS: i64 = 1_480;
/// Households.
pub(in super::super) const HOUSEHOLDS: u64 = 552;

/// From the province to the village.
const REGIONS: [(i64, &str); 5] = [
    (990_000_000_000, "示例省"),
    (990_100_000_000, "示例市"),
    (990_101_000_000, "东湖县"),
    (990_101_100_000, "东湖镇"),
    (990_101_100_200, "东湖渔业村"),
];

/// How the county is called in the numbers of its papers.
pub(super) const PAPERS: &str = "东";

/// Poor households that are alike.
struct Poor {
    households: usize,
    size: u8,
    cause: PovertyCause,
    class: HouseholdClass,
    planned_exit_year: Option<i32>,
}

const POOR: [Poor; 12] = {
    use PovertyCause::{Disability, Illness, LackOfLabour, Other};
    const fn poor(households: usize, size: u8, cause: PovertyCause, year: Option<i32>) -> Poor {
        Poor {
            households,
            size,
            cause,
            class: HouseholdClass::General,
            planned_exit_year: year,
        }
    }
    [
        // Ten households with 35 persons.
        poor(2, 3, Illness, Some(2018)),
        poor(3, 3, LackOfLabour, Some(2018)),
        poor(5, 4, Other, Some(2018)),
        // Ten with 40.
        poor(1, 4, Illness, Some(2019)),
        poor(2, 4, LackOfLabour, Some(2019)),
        poor(7, 4, Other, Some(2019)),
        // Seven with 27: 102 persons are to exit in all.
        poor(6, 4, Other, Some(2020)),
        poor(1, 3, Other, Some(2020)),
        // Four with 17 whose exit is not planned, the one on the minimum living allowance among them.
        poor(1, 4, Other, None),
        poor(1, 3, Other, None),
        poor(1, 3, Other, None),
        Poor {
            class: HouseholdClass::Dibao,
            ..poor(1, 7, Disability, None)
        },
    ]
};

/// The others, as many as there are of each size: 521 households with 1,361 persons.
const OTHERS: [(usize, u8); 4] = [(60, 1), (202, 2), (199, 3), (60, 5)];

/// The county and the township with their names.
pub(super) fn county_and_township() -> Result<(Named, Named), DemoError> {
    let [_, _, county, township, _] = REGIONS;
    Ok((named(county)?, named(township)?))
}

/// The regions, which the national list does not have.
pub(super) fn regions() -> impl Iterator<Item = Named> {
    REGIONS.into_iter().filter_map(|region| named(region).ok())
}

fn named((code, name): (i64, &'static str)) -> Result<Named, DemoError> {
    let code = RegionCode::try_from(code).map_err(|_| DemoError::Invented("region"))?;
    Ok((code, name))
}

/// Tells the village. Its families have no keys yet.
pub(super) fn tell(root: u64, people: &mut People) -> Result<Part, DemoError> {
    let (county, township) = county_and_township()?;
    let (village, name) = named(REGIONS[4])?;
    let mut teller = Teller {
        seed: root ^ village.get().unsigned_abs(),
        village,
        address: format!("{}{}{name}", county.1, township.1),
        serials: Serials::default(),
        people,
        families: Vec::new(),
    };
    for poor in &POOR {
        for _ in 0..poor.households {
            teller.tell_poor(poor)?;
        }
    }
    for (households, size) in OTHERS {
        for _ in 0..households {
            teller.tell_other(size)?;
        }
    }
    let mut families = teller.families;
    bear_and_bury(&mut families, people)?;
    families.iter_mut().for_each(earn);
    Ok(Part {
        counties: vec![county],
        townships: vec![township],
        families,
    })
}

struct Teller<'a> {
    seed: u64,
    village: RegionCode,
    address: String,
    serials: Serials,
    people: &'a mut People,
    families: Vec<Family>,
}

impl Teller<'_> {
    fn open(&self, history: impl FnOnce(&mut Dice) -> Vec<StatusSpan>) -> Family {
        let seed = self.seed.wrapping_add(self.families.len() as u64);
        let history = history(&mut Dice::of(seed, "history"));
        let mut family = open_file(seed, self.village, self.address.clone(), history);
        family.published = true;
        family
    }

    fn tell_poor(&mut self, poor: &Poor) -> Result<(), DemoError> {
        let mut family = self.open(|dice| {
            let mut history = registration(2014, dice);
            if poor.planned_exit_year == Some(LAST_DAY.year()) {
                let (first, last) = ((Month::December, 5), (Month::December, 25));
                history.push(StatusSpan {
                    status: HouseholdStatus::Exited,
                    from: in_year(LAST_DAY.year(), first, last, dice),
                });
            }
            history
        });
        family.card_number = Some(self.serials.next(self.village)?);
        family.class = Some(poor.class);
        family.causes = vec![poor.cause];
        family.planned_exit_year = poor.planned_exit_year;
        if poor.class == HouseholdClass::Dibao {
            family.allowance = Some(unpriced(date!(2017 - 01 - 01)));
        }
        let roles = roles(poor.size, poor.cause == PovertyCause::LackOfLabour, &family);
        self.people.settle_as(&mut family, &roles)?;
        strike(&mut family, poor.cause);
        self.families.push(family);
        Ok(())
    }

    fn tell_other(&mut self, size: u8) -> Result<(), DemoError> {
        let mut family = self.open(|dice| {
            let from = dice.day(date!(2017 - 03 - 01), date!(2017 - 10 - 31));
            vec![StatusSpan {
                status: HouseholdStatus::Candidate,
                from,
            }]
        });
        let roles = roles(size, false, &family);
        self.people.settle_as(&mut family, &roles)?;
        self.families.push(family);
        Ok(())
    }
}

/// Who lives in a family of a size. Nobody is born in the last year; families that lack labour are old people with their
/// grandchildren.
fn roles(size: u8, without_parents: bool, family: &Family) -> Vec<Role> {
    use RelationToHead::{Daughter, Father, Granddaughter, Grandson, Head, Mother, Son, Wife};
    let mut dice = family.dice("roles");
    let role = |relation, sex, age| Role { relation, sex, age };
    let head = match (size, without_parents) {
        (..=2, _) => dice.between(60, 78),
        (_, true) => dice.between(62, 68),
        _ => dice.between(41, 50),
    };
    let wife = head - dice.between(0, 3);
    let child = match without_parents {
        true => wife - dice.between(47, 52),
        false => wife - dice.between(23, 26),
    };
    let (boy, girl) = match without_parents {
        true => (Grandson, Granddaughter),
        false => (Son, Daughter),
    };
    let mut roles = vec![
        role(Head, Sex::Male, head),
        role(Wife, Sex::Female, wife),
        role(boy, Sex::Male, child),
        role(girl, Sex::Female, child - 4),
    ];
    let parents = [
        role(Mother, Sex::Female, head + 24),
        role(Father, Sex::Male, head + 27),
    ];
    match size {
        5 => roles.push(parents[0]),
        7 => {
            roles.push(role(girl, Sex::Female, child - 7));
            roles.extend(parents);
        }
        size => roles.truncate(size.into()),
    }
    roles
}

/// The cause is seen in the people, and somebody can work in each family.
fn strike(family: &mut Family, cause: PovertyCause) {
    let labour = match cause {
        PovertyCause::LackOfLabour => LabourCapacity::Weak,
        _ => LabourCapacity::Normal,
    };
    let struck = match cause {
        PovertyCause::Illness => Some((HealthStatus::MajorIllness, LabourCapacity::Lost)),
        PovertyCause::Disability => Some((HealthStatus::Disabled, LabourCapacity::Weak)),
        _ => None,
    };
    let mut members = family.members.iter_mut();
    if let Some(head) = members.next() {
        (head.health, head.labour) = (HealthStatus::Healthy, labour);
    }
    if let (Some(wife), Some(struck)) = (members.next(), struck) {
        (wife.health, wife.labour) = struck;
    }
}

/// The child born in 2018 to a family that stays poor, and the death of that year in one that is not.
fn bear_and_bury(families: &mut [Family], people: &mut People) -> Result<(), DemoError> {
    let stays = |family: &&mut Family| {
        family.planned_exit_year == Some(2019) && family.causes == [PovertyCause::Other]
    };
    if let Some(family) = families.iter_mut().find(stays) {
        let child = Role {
            relation: RelationToHead::Son,
            sex: Sex::Male,
            age: 0,
        };
        people.settle_as(family, &[child])?;
    }
    let couple = |family: &&mut Family| family.card_number.is_none() && family.members.len() == 2;
    if let Some(family) = families.iter_mut().find(couple)
        && let Some(wife) = family.members.last_mut()
    {
        leaving::end(wife, DEATH, LeftReason::Died);
    }
    Ok(())
}

/// The day of that death.
const DEATH: Date = date!(2018 - 05 - 17);
