//! The families of the demonstration as plain facts. Every room writes its rows from them, and what two rooms must agree
//! on is said here once.

use super::{
    dice::Dice,
    plants::{Plant, Report},
};
use crate::{identifiers::CardNumber, identifiers::CitizenNumber, vault::PhoneNumber};
use entity::{
    codes::StudentStage,
    household::codes::{
        EducationLevel, EthnicGroup, HealthStatus, HouseholdClass, HouseholdStatus, LabourCapacity,
        LeftReason, PovertyCause, RelationToHead, Sex, WorkPlace,
    },
    region_code::{RegionCode, RegionLevel},
};
use time::{Date, Month, macros::date};

/// A family, its file and its people.
#[derive(Clone, Debug)]
pub struct Family {
    /// Key of the household.
    pub id: i64,
    pub village: RegionCode,
    /// The group of the village, from 1.
    pub group: i64,
    pub address: String,
    /// Families that were never registered have none.
    pub card_number: Option<CardNumber>,
    pub class: Option<HouseholdClass>,
    /// The main cause first.
    pub causes: Vec<PovertyCause>,
    pub water_safe: bool,
    /// The statuses in their order, without a gap; the last one is open.
    pub history: Vec<StatusSpan>,
    /// Everybody who is or was a member, the head first.
    pub members: Vec<Member>,
    /// The income forms, oldest first.
    pub incomes: Vec<Income>,
    /// The year in which it is to leave poverty, where one is planned.
    pub planned_exit_year: Option<i32>,
    /// The minimum living allowance (低保): it makes the class and is income, so more than one room knows it.
    pub allowance: Option<Allowance>,
    /// What is planted in it, which some rooms obey, and what other agencies report of it.
    pub plant: Option<Plant>,
    pub reports: Vec<Report>,
    /// Whether its figures are published ones: then nothing is out of order.
    pub published: bool,
    pub(super) seed: u64,
}

/// A status from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusSpan {
    pub status: HouseholdStatus,
    pub from: Date,
}

/// A membership. Who moved to another family of the demonstration is a member of both, at different times.
#[derive(Clone, Debug)]
pub struct Member {
    /// Key of the membership.
    pub id: i64,
    /// Key of the human being, and whether this is its first membership.
    pub identity: i64,
    pub first: bool,
    pub name: String,
    pub citizen_number: CitizenNumber,
    pub ethnic_group: EthnicGroup,
    pub relation: RelationToHead,
    pub is_head: bool,
    pub education: Option<EducationLevel>,
    /// How far the education goes, for the young.
    pub track: Track,
    pub health: HealthStatus,
    pub labour: LabourCapacity,
    pub phone: Option<PhoneNumber>,
    pub from: Date,
    /// The first day that the membership no longer holds.
    pub to: Option<Date>,
    pub left: Option<LeftReason>,
}

/// Work away from the fields in the last year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away {
    pub place: WorkPlace,
    pub months: i32,
}

impl Away {
    fn of(place: WorkPlace, months: i64) -> Option<Self> {
        let months = i32::try_from(months).ok()?;
        Some(Away { place, months })
    }
}

/// How far somebody's education goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// Nine years of compulsory school.
    Compulsory,
    /// Senior high school.
    Senior,
    /// University after senior high school.
    University,
    /// A vocational high school.
    Vocational,
    /// A vocational college after the vocational high school.
    College,
}

/// A time in which a child of school age was not at school.
#[derive(Clone, Copy, Debug)]
pub struct Absence<'a> {
    pub member: &'a Member,
    pub from: Date,
    /// The day the child was back.
    pub to: Option<Date>,
}

/// An income form, amounts in fen.
#[derive(Clone, Copy, Debug)]
pub struct Income {
    pub year: i32,
    pub wage: i64,
    pub business: i64,
    pub property: i64,
    pub transfer: i64,
    pub costs: i64,
    pub members: i64,
    pub surveyed_on: Date,
}

/// A grant of the minimum living allowance: what the income lacks to the standard.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    pub persons: i64,
    /// Yearly standard of a person, and the yearly amount of the household, fen.
    pub standard: i64,
    pub yearly: i64,
    pub approved_on: Date,
    pub from: Date,
    /// The first day that the grant no longer holds.
    pub to: Option<Date>,
    /// The last day of the twelve months after exit.
    pub gradual_exit_until: Option<Date>,
}

impl Family {
    /// The chance of this family in one place of the demonstration.
    pub fn dice(&self, word: &str) -> Dice {
        Dice::of(self.seed, word)
    }

    /// The township. A few families are planted to be on file in it instead of in a village.
    pub fn township(&self) -> Option<RegionCode> {
        match self.village.level() {
            RegionLevel::Village => self.village.parent(),
            _ => Some(self.village),
        }
    }

    /// The status today.
    pub fn status(&self) -> HouseholdStatus {
        self.history
            .last()
            .map_or(HouseholdStatus::Candidate, |span| span.status)
    }

    /// The status on a day; none before the file begins.
    pub fn status_on(&self, day: Date) -> Option<HouseholdStatus> {
        self.history
            .iter()
            .rev()
            .find(|span| span.from <= day)
            .map(|span| span.status)
    }

    /// The first day of the latest time in a status.
    pub fn since(&self, status: HouseholdStatus) -> Option<Date> {
        self.history
            .iter()
            .rev()
            .find(|span| span.status == status)
            .map(|span| span.from)
    }

    /// Whether the family counts as poor on a day: registered or returned.
    pub fn on_file(&self, day: Date) -> bool {
        matches!(
            self.status_on(day),
            Some(HouseholdStatus::Registered | HouseholdStatus::Returned)
        )
    }

    /// Whether the policies for the poor are kept once the family has left poverty.
    pub fn keeps_policies(&self) -> bool {
        self.dice("policy").chance(90)
    }

    /// Whether the policies for the poor are for the family on a day: it is on file, or left and keeps them.
    pub fn supported(&self, day: Date) -> bool {
        let exited = self.status_on(day) == Some(HouseholdStatus::Exited);
        self.on_file(day) || exited && self.keeps_policies()
    }

    /// The time in which a child of the family was not at junior school, as some are: for a spring, or since a summer.
    pub fn absence(&self) -> Option<Absence<'_>> {
        let mut dice = self.dice("absence");
        if !dice.chance(12) || self.published {
            return None;
        }
        let junior =
            |member: &Member, year| matches!(member.studies(year), Some((StudentStage::Junior, _)));
        let member = self
            .members
            .iter()
            .find(|member| member.to.is_none() && junior(member, 2017) && junior(member, 2018))?;
        let (from, to) = match dice.chance(50) {
            true => (date!(2018 - 08 - 28), None),
            false => (date!(2018 - 02 - 26), Some(date!(2018 - 08 - 27))),
        };
        Some(Absence { member, from, to })
    }

    /// Whether a pupil of the family is at school on a day.
    pub fn attends(&self, member: &Member, day: Date) -> bool {
        self.absence().is_none_or(|absence| {
            let gone = absence.from <= day && absence.to.is_none_or(|back| day < back);
            absence.member.id != member.id || !gone
        })
    }

    /// The first day of the file.
    pub fn begins_on(&self) -> Date {
        self.history.first().map_or(Date::MAX, |span| span.from)
    }

    /// The day the file was closed.
    pub fn closed_on(&self) -> Option<Date> {
        self.since(HouseholdStatus::Closed)
    }

    /// The members of a day.
    pub fn members_on(&self, day: Date) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(move |member| member.holds(day))
    }

    /// Where somebody works away from the fields, and for how many months of the last year. Some couples leave together.
    pub fn away(&self, member: &Member) -> Option<Away> {
        let able = matches!(
            member.labour,
            LabourCapacity::Normal | LabourCapacity::Skilled
        );
        if !able || member.to.is_some() {
            return None;
        }
        let mut couple = self.dice("couple away");
        let married = matches!(member.relation, RelationToHead::Head | RelationToHead::Wife);
        if (couple.chance(20) || self.has(Plant::LeftAlone)) && married {
            let place = couple.one_of(&[WorkPlace::Province, WorkPlace::Elsewhere]);
            return Away::of(place, couple.between(8, 11));
        }
        let mut alone = self.dice(&format!("away {}", member.birth_date()));
        let place = alone.one_of(&[
            WorkPlace::Township,
            WorkPlace::County,
            WorkPlace::County,
            WorkPlace::Province,
            WorkPlace::Elsewhere,
        ]);
        let away = Away::of(place, alone.between(3, 11));
        away.filter(|_| alone.chance(35))
    }

    /// The head, of today or the last one.
    pub fn head(&self) -> Option<&Member> {
        self.members.iter().find(|member| member.is_head)
    }
}

impl Member {
    /// Man or woman.
    pub fn sex(&self) -> Sex {
        self.citizen_number.sex()
    }

    /// The day of birth.
    pub fn birth_date(&self) -> Date {
        self.citizen_number.birth_date()
    }

    /// Whether the member has labour capacity, if only a weak one.
    pub fn can_work(&self) -> bool {
        !matches!(self.labour, LabourCapacity::Lost | LabourCapacity::None)
    }

    /// Whether this is a member on a day.
    pub fn holds(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|end| day < end)
    }

    /// The age on a day, whole years.
    pub fn age(&self, day: Date) -> i32 {
        age(self.birth_date(), day)
    }

    /// The day of death.
    pub fn died_on(&self) -> Option<Date> {
        self.to.filter(|_| self.left == Some(LeftReason::Died))
    }

    /// The stage and the grade within it in the school year that begins in the autumn of a year.
    pub fn studies(&self, school_year: i32) -> Option<(StudentStage, i32)> {
        studies(self.birth_date(), self.track, school_year)
    }
}

impl Income {
    /// The four kinds less the costs, fen.
    pub fn net(&self) -> i64 {
        self.wage + self.business + self.property + self.transfer - self.costs
    }

    /// Net income per head, fen, half up.
    pub fn per_head(&self) -> i64 {
        (2 * self.net() + self.members).div_euclid(2 * self.members)
    }
}

impl Allowance {
    /// What a month brings: a twelfth without the rest, which December takes.
    pub fn monthly(&self) -> i64 {
        self.yearly / 12
    }

    /// The first days of the months of a year in which the grant holds, each with what is due.
    pub fn months(&self, year: i32) -> impl Iterator<Item = (Date, i64)> + use<> {
        let allowance = *self;
        (1..=12_u8).filter_map(move |month| {
            let first = Date::from_calendar_date(year, Month::try_from(month).ok()?, 1).ok()?;
            let due = match month {
                12 => allowance.yearly - 11 * allowance.monthly(),
                _ => allowance.monthly(),
            };
            allowance.holds(first).then_some((first, due))
        })
    }

    /// Whether the grant holds on a day.
    pub fn holds(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|end| day < end)
    }
}

/// Yuan in fen.
pub const fn yuan(yuan: i64) -> i64 {
    yuan * 100
}

/// The age on a day, whole years.
pub(super) fn age(birth: Date, day: Date) -> i32 {
    let had_birthday = (day.month() as u8, day.day()) >= (birth.month() as u8, birth.day());
    day.year() - birth.year() - i32::from(!had_birthday)
}

/// What somebody of this birth and track studies in a school year.
pub(super) fn studies(birth: Date, track: Track, school_year: i32) -> Option<(StudentStage, i32)> {
    use StudentStage::{
        HigherVocational, Junior, Preschool, PreschoolFinalYear, Primary, SeniorHigh,
        Undergraduate, VocationalHigh,
    };
    let enters = Date::from_calendar_date(school_year, Month::August, 31).ok()?;
    let age = age(birth, enters);
    match (age, track) {
        (4, _) => Some((Preschool, 1)),
        (5, _) => Some((PreschoolFinalYear, 1)),
        (6..=11, _) => Some((Primary, age - 5)),
        (12..=14, _) => Some((Junior, age - 11)),
        (15..=17, Track::Senior | Track::University) => Some((SeniorHigh, age - 14)),
        (15..=17, Track::Vocational | Track::College) => Some((VocationalHigh, age - 14)),
        (18..=21, Track::University) => Some((Undergraduate, age - 17)),
        (18..=20, Track::College) => Some((HigherVocational, age - 17)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn income_per_head_is_rounded_half_up() {
        let form = Income {
            year: 2018,
            wage: yuan(12_000),
            business: yuan(6_500),
            property: yuan(300),
            transfer: 240_050,
            costs: yuan(2_100),
            members: 4,
            surveyed_on: date!(2018 - 12 - 01),
        };
        assert_eq!((form.net(), form.per_head()), (1_910_050, 477_513));
    }

    #[test]
    fn a_pupil_moves_up_every_autumn() {
        let birth = date!(2006 - 08 - 31);
        assert_eq!(
            studies(birth, Track::Compulsory, 2017),
            Some((StudentStage::Primary, 6))
        );
        assert_eq!(
            studies(birth, Track::Compulsory, 2018),
            Some((StudentStage::Junior, 1))
        );
        assert_eq!(studies(birth, Track::Compulsory, 2021), None);
        assert_eq!(
            studies(birth, Track::College, 2024),
            Some((StudentStage::HigherVocational, 1))
        );
        assert_eq!(age(date!(2000 - 02 - 29), date!(2018 - 02 - 28)), 17);
    }

    #[test]
    fn december_takes_the_rest_of_the_year() {
        let allowance = Allowance {
            persons: 1,
            standard: yuan(3_906),
            yearly: yuan(1_000),
            approved_on: date!(2017 - 12 - 10),
            from: date!(2018 - 01 - 01),
            to: None,
            gradual_exit_until: None,
        };
        let due: Vec<i64> = allowance.months(2018).map(|(_, due)| due).collect();
        assert_eq!(due, [vec![8_333; 11], vec![8_337]].concat());
        assert_eq!(allowance.months(2017).count(), 0);
    }
}
