//! Fills the families with people who could live together.

use super::{
    DemoError, LAST_DAY,
    dice::Dice,
    family::{Family, Member, Track, age, studies},
    names,
};
use crate::{db::Keys, identifiers::CitizenNumber, vault::PhoneNumber};
use entity::{
    codes::StudentStage,
    household::codes::{
        EducationLevel, EthnicGroup, HealthStatus, HouseholdStatus, LabourCapacity, RelationToHead,
        Sex,
    },
};
use std::collections::HashMap;
use time::Date;

/// The neighbouring counties, where some who married in were registered at birth.
const NEIGHBOURS: [u32; 4] = [150_923, 150_925, 150_926, 150_928];

/// Who lives together, ages on the last day of the demonstration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An old person alone.
    Alone,
    /// An old couple.
    OldCouple,
    /// A couple with one to three children.
    Couple,
    /// A couple, one or two children, one or two grandparents.
    Generations,
    /// A mother or father with a child.
    Single,
    /// A couple with a grown son and a grown daughter, and a grandmother.
    Grown,
}

/// How often they come, in a hundred: poor families are small, 2.2 persons in 乌兰察布.
pub(super) const KINDS: [(Kind, u64); 5] = [
    (Kind::Alone, 30),
    (Kind::OldCouple, 38),
    (Kind::Couple, 18),
    (Kind::Generations, 6),
    (Kind::Single, 8),
];

/// What a new person is to be, the age on the last day.
#[derive(Clone, Copy)]
pub(super) struct Role {
    pub relation: RelationToHead,
    pub sex: Sex,
    pub age: i64,
}

/// Everybody invented so far, so that nobody is invented twice.
#[derive(Default)]
pub(super) struct People {
    /// How many human beings there are, and how many of them have their keys.
    identities: i64,
    numbered: i64,
    phones: u32,
    /// How many numbers of a county, day and sex are given out.
    orders: HashMap<(u32, Date, bool), u16>,
}

/// The names and the origin that a family has in common.
struct Origin {
    surname: &'static str,
    mongol: bool,
    county: u32,
}

impl People {
    /// Gives a family its members, of a kind of family or of any.
    pub(super) fn settle(
        &mut self,
        family: &mut Family,
        kind: Option<Kind>,
    ) -> Result<Kind, DemoError> {
        let mut dice = family.dice("people");
        let kind = match kind {
            _ if family.status() == HouseholdStatus::Closed => Kind::Alone,
            Some(kind) => kind,
            None => match dice.between(1, 100) {
                1..=14 => Kind::Alone,
                15..=32 => Kind::OldCouple,
                33..=66 => Kind::Couple,
                67..=90 => Kind::Generations,
                _ => Kind::Single,
            },
        };
        let roles = |dice: &mut Dice| roles(kind, dice);
        self.populate(family, &mut dice, roles)?;
        Ok(kind)
    }

    /// Adds members to a family.
    pub(super) fn settle_as(
        &mut self,
        family: &mut Family,
        roles: &[Role],
    ) -> Result<(), DemoError> {
        let word = format!("people {}", family.members.len());
        self.populate(family, &mut family.dice(&word), |_| roles.to_vec())
    }

    fn populate(
        &mut self,
        family: &mut Family,
        dice: &mut Dice,
        roles: impl FnOnce(&mut Dice) -> Vec<Role>,
    ) -> Result<(), DemoError> {
        let county = family
            .village
            .county()
            .and_then(|code| u32::try_from(code).ok());
        let head = family.head();
        let of_head = head.and_then(|head| names::surname_of(&head.name));
        let origin = Origin {
            surname: of_head.unwrap_or_else(|| names::surname(dice)),
            mongol: match head {
                Some(head) => head.ethnic_group == EthnicGroup::Mongol,
                None => dice.chance(8),
            },
            county: county.ok_or(DemoError::Invented("county"))?,
        };
        let begins = family.begins_on();
        for role in roles(dice) {
            let member = self.invent(role, &origin, begins, dice)?;
            family.members.push(member);
        }
        Ok(())
    }

    /// Gives families and people told since the last time the keys of the database.
    pub(super) fn number(&mut self, families: &mut [Family], keys: &Keys) {
        let memberships = families.iter().map(|family| family.members.len()).sum();
        let mut households = keys.take("household", families.len());
        let mut persons = keys.take("person", memberships);
        let new = usize::try_from(self.identities - self.numbered).unwrap_or(0);
        let before_first = keys.take("identity", new).start - self.numbered;
        self.numbered = self.identities;
        for family in families {
            family.id = households.next().unwrap_or_default();
            for member in &mut family.members {
                member.id = persons.next().unwrap_or_default();
                member.identity += before_first;
            }
        }
    }

    /// A phone number that nobody has: the range 140 is not given to people.
    pub(super) fn phone(&mut self) -> Option<PhoneNumber> {
        self.phones += 1;
        PhoneNumber::parse(&format!("140{:08}", 4_710_000 + self.phones)).ok()
    }

    fn invent(
        &mut self,
        role: Role,
        origin: &Origin,
        begins: Date,
        dice: &mut Dice,
    ) -> Result<Member, DemoError> {
        let birth = birth(role.age, dice);
        let (name, ethnic_group) = name(role, origin, dice);
        let married_in = matches!(role.relation, RelationToHead::Wife | RelationToHead::Mother);
        let region = match married_in && dice.chance(45) {
            true => dice.one_of(&NEIGHBOURS),
            false => origin.county,
        };
        let health = health(role.age, dice);
        let track = track(role.age, dice);
        let learns = studies(birth, track, LAST_DAY.year());
        let labour = labour(role.age, health, learns.is_some(), dice);
        self.identities += 1;
        Ok(Member {
            id: 0,
            identity: self.identities - 1,
            first: true,
            name,
            citizen_number: self.citizen_number(region, birth, role.sex)?,
            ethnic_group,
            relation: role.relation,
            is_head: role.relation == RelationToHead::Head,
            education: education(birth, track, learns.map(|(stage, _)| stage), dice),
            track,
            health,
            labour,
            phone: match role.age >= 18
                && (role.relation == RelationToHead::Head || dice.chance(40))
            {
                true => self.phone(),
                false => None,
            },
            from: begins.max(birth),
            to: None,
            left: None,
        })
    }

    fn citizen_number(
        &mut self,
        region: u32,
        birth: Date,
        sex: Sex,
    ) -> Result<CitizenNumber, DemoError> {
        let male = sex == Sex::Male;
        let given = self.orders.entry((region, birth, male)).or_default();
        *given += 1;
        // Odd numbers are men's. Registers begin at 1 and hardly reach 900; where many are born on a day, a few reach below.
        let order = match *given {
            ..50 => 900 + 2 * *given,
            _ => 600 + 2 * *given,
        } + u16::from(male);
        CitizenNumber::from_parts(region, birth, order)
            .map_err(|_| DemoError::Invented("citizen number"))
    }
}

fn roles(kind: Kind, dice: &mut Dice) -> Vec<Role> {
    use RelationToHead::{Daughter, Father, Head, Mother, Son, Wife};
    let role = |relation, sex, age| Role { relation, sex, age };
    let man = |age| role(Head, Sex::Male, age);
    let mut roles = Vec::new();
    let mut children = 0;
    let head = match kind {
        Kind::Alone => dice.between(66, 85),
        Kind::OldCouple => dice.between(60, 79),
        Kind::Couple | Kind::Single => dice.between(31, 52),
        Kind::Generations => dice.between(33, 49),
        Kind::Grown => 50,
    };
    match kind {
        Kind::Alone => {
            let sex = dice.one_of(&[Sex::Male, Sex::Male, Sex::Female]);
            return vec![role(Head, sex, head)];
        }
        Kind::OldCouple => {}
        Kind::Couple => children = dice.one_of(&[1, 1, 2, 2, 2, 3]),
        Kind::Generations => children = dice.between(1, 2),
        Kind::Single => {
            let child = dice.between(5, 24.min(head - 21));
            let (relation, sex) = dice.one_of(&[(Son, Sex::Male), (Daughter, Sex::Female)]);
            return vec![
                role(Head, dice.one_of(&[Sex::Male, Sex::Female]), head),
                role(relation, sex, child),
            ];
        }
        Kind::Grown => {
            return vec![
                man(head),
                role(Wife, Sex::Female, 48),
                role(Son, Sex::Male, 26),
                role(Daughter, Sex::Female, 23),
                role(Mother, Sex::Female, 72),
            ];
        }
    }
    let wife = head - dice.between(-2, 4);
    roles.push(man(head));
    roles.push(role(Wife, Sex::Female, wife));
    let mut child = (wife - dice.between(20, 25)).min(27);
    for _ in 0..children {
        if child < 0 {
            break;
        }
        let (relation, sex) = dice.one_of(&[(Son, Sex::Male), (Daughter, Sex::Female)]);
        roles.push(role(relation, sex, child));
        child -= dice.between(2, 6);
    }
    if matches!(kind, Kind::Generations) {
        let parent = head + dice.between(21, 30);
        roles.push(role(Mother, Sex::Female, parent));
        if dice.chance(40) {
            roles.push(role(Father, Sex::Male, parent + dice.between(0, 4)));
        }
    }
    roles
}

/// A birthday of somebody who is so old on the last day.
fn birth(years: i64, dice: &mut Dice) -> Date {
    let year = LAST_DAY.year() - i32::try_from(years).unwrap_or(0);
    // The last day is the last of a year, so everybody born in that year has had the birthday.
    let day = u16::try_from(dice.between(1, 365)).unwrap_or(1);
    let birth = Date::from_ordinal_date(year, day).unwrap_or(LAST_DAY);
    debug_assert_eq!(i64::from(age(birth, LAST_DAY)), years);
    birth
}

fn name(role: Role, origin: &Origin, dice: &mut Dice) -> (String, EthnicGroup) {
    if origin.mongol {
        return (names::mongol(dice, role.sex), EthnicGroup::Mongol);
    }
    // Wives and mothers keep their own name; so does a mother who heads her family, whose children have the father's.
    let own = matches!(role.relation, RelationToHead::Wife | RelationToHead::Mother)
        || (role.relation == RelationToHead::Head && role.sex == Sex::Female);
    let surname = match own {
        true => names::surname(dice),
        false => origin.surname,
    };
    (names::han(dice, surname, role.sex), EthnicGroup::Han)
}

fn health(age: i64, dice: &mut Dice) -> HealthStatus {
    use HealthStatus::{Chronic, Disabled, Healthy, MajorIllness};
    // Chances in a hundred of chronic illness, major illness, disability.
    let (chronic, major, disabled) = match age {
        0..=15 => (1, 1, 2),
        16..=39 => (5, 2, 4),
        40..=59 => (18, 6, 7),
        _ => (42, 9, 11),
    };
    match dice.between(1, 100) {
        thrown if thrown <= chronic => Chronic,
        thrown if thrown <= chronic + major => MajorIllness,
        thrown if thrown <= chronic + major + disabled => Disabled,
        _ => Healthy,
    }
}

fn labour(age: i64, health: HealthStatus, learns: bool, dice: &mut Dice) -> LabourCapacity {
    use LabourCapacity::{Lost, None, Normal, Skilled, Weak};
    match (age, health) {
        _ if learns => None,
        (..16, _) | (73.., _) => None,
        (_, HealthStatus::MajorIllness) => Lost,
        (_, HealthStatus::Disabled) => dice.one_of(&[Weak, Lost]),
        (60.., _) => dice.one_of(&[Weak, None, None]),
        (_, HealthStatus::Chronic) => Weak,
        _ => dice.one_of(&[Normal, Normal, Normal, Normal, Skilled]),
    }
}

/// Who is of school age goes on after the nine years.
fn track(age: i64, dice: &mut Dice) -> Track {
    let track = dice.one_of(&[
        Track::Compulsory,
        Track::Senior,
        Track::University,
        Track::University,
        Track::Vocational,
        Track::College,
        Track::College,
    ]);
    match track {
        Track::Compulsory if age < 18 => Track::Senior,
        track => track,
    }
}

/// What a pupil is in, what a grown person has finished.
fn education(
    birth: Date,
    track: Track,
    stage: Option<StudentStage>,
    dice: &mut Dice,
) -> Option<EducationLevel> {
    use EducationLevel::{College, Illiterate, Junior, Primary, Senior, University};
    use StudentStage as Stage;
    match stage {
        Some(Stage::Preschool | Stage::PreschoolFinalYear) => return None,
        Some(Stage::Primary) => return Some(Primary),
        Some(Stage::Junior) => return Some(Junior),
        Some(Stage::SeniorHigh | Stage::VocationalHigh) => return Some(Senior),
        Some(Stage::Undergraduate) => return Some(University),
        Some(_) => return Some(College),
        None => {}
    }
    match age(birth, LAST_DAY) {
        ..6 => None,
        6..=30 => Some(match track {
            Track::Compulsory => Junior,
            Track::Senior | Track::Vocational => Senior,
            Track::University => University,
            Track::College => College,
        }),
        31..=54 => Some(dice.one_of(&[Primary, Primary, Junior, Junior, Junior, Senior])),
        _ => Some(dice.one_of(&[Illiterate, Illiterate, Primary, Primary, Junior])),
    }
}
