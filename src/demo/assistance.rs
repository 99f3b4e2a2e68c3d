//! What civil affairs gives a family besides the minimum living allowance. It is income too, so more than one room knows it.
//!
//! Amounts are those of 乌兰察布 in 2018 where the policies state them (cash subsidy, disability allowances). That special
//! support is 1.3 times the standard of the minimum living allowance is the rule of the state; what orphans get and single
//! decisions come to is made up.

use super::{
    LAST_DAY,
    family::{Family, Member, yuan},
    plants::Plant,
};
use entity::household::codes::{
    HealthStatus, HouseholdClass, HouseholdStatus, LabourCapacity, PovertyCause, RelationToHead,
};
use time::{Date, Duration, Month, macros::date};

/// The city whose programmes these are: the first four digits of its regions.
const CITY: i64 = 1_509;
const NEW_YEAR: Date = date!(2018 - 01 - 01);

/// Everything civil affairs gives, besides the minimum living allowance.
#[derive(Debug, Default)]
pub struct Assistance<'a> {
    pub special_support: Option<SpecialSupport<'a>>,
    pub cash_subsidy: Option<CashSubsidy>,
    pub disability_allowances: Vec<DisabilityAllowance<'a>>,
    pub orphan: Option<Orphan<'a>>,
    pub temporary: Option<TemporaryAssistance>,
    pub medical: Vec<MedicalAssistance<'a>>,
}

/// Whole months: the first day, and the first day that no longer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Months {
    pub from: Date,
    pub to: Option<Date>,
}

/// Support of somebody without income, labour or supporter (特困供养).
#[derive(Debug)]
pub struct SpecialSupport<'a> {
    pub member: &'a Member,
    pub months: Months,
    /// 0 none, 1 partial, 2 full.
    pub care: usize,
    pub in_institution: bool,
    /// Yearly standard, and the monthly amounts for living and for care, fen.
    pub standard: i64,
    pub monthly: i64,
    pub monthly_care: i64,
}

/// Cash for a family at the edge of the minimum living allowance (现金直补).
#[derive(Clone, Copy, Debug)]
pub struct CashSubsidy {
    pub year: i32,
    pub persons: i64,
    pub per_head: i64,
}

/// One of the two allowances for disabled people (残疾人两项补贴).
#[derive(Debug)]
pub struct DisabilityAllowance<'a> {
    pub member: &'a Member,
    pub for_nursing: bool,
    pub months: Months,
    pub monthly: i64,
}

/// A child without support in fact (事实无人抚养儿童).
#[derive(Debug)]
pub struct Orphan<'a> {
    pub member: &'a Member,
    pub months: Months,
    pub monthly: i64,
}

/// Help in sudden hardship (临时救助).
#[derive(Clone, Copy, Debug)]
pub struct TemporaryAssistance {
    pub cause: Option<PovertyCause>,
    pub amount: i64,
    pub applied_on: Date,
    pub decided_on: Date,
}

/// Help with what outpatient care left to a patient (门诊医疗救助).
#[derive(Debug)]
pub struct MedicalAssistance<'a> {
    pub member: &'a Member,
    pub left: i64,
    pub amount: i64,
    pub decided_on: Date,
}

/// A disability as its certificate says it (残疾): category 1 to 7, grade 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disability {
    pub category: u8,
    pub grade: u8,
    pub issued_on: Date,
}

impl Months {
    /// Whether the month that begins with a day is one of them.
    pub fn hold(self, first: Date) -> bool {
        self.from <= first && self.to.is_none_or(|end| first < end)
    }

    /// The first days of the months of a year.
    pub fn of_year(self, year: i32) -> impl Iterator<Item = Date> {
        (1..=12_u8)
            .filter_map(move |month| {
                Date::from_calendar_date(year, Month::try_from(month).ok()?, 1).ok()
            })
            .filter(move |first| self.hold(*first))
    }

    /// From a day on, as long as somebody is a member, and until another day at the latest.
    fn of(member: &Member, from: Date, until: Option<Date>) -> Option<Self> {
        let ends = [member.to, until].into_iter().flatten().min();
        let (from, to) = (month_after(from.max(member.from)), ends.map(month_after));
        to.is_none_or(|end| from < end)
            .then_some(Months { from, to })
    }
}

/// The first day of the month, if the day is it, or else of the next month.
pub fn month_after(day: Date) -> Date {
    match day.day() {
        1 => day,
        _ => (day + Duration::days(31 - i64::from(day.day()) + 1))
            .replace_day(1)
            .unwrap_or(day),
    }
}

impl SpecialSupport<'_> {
    /// The months of a year that are paid, by their first days: not that in which somebody dies before the payment.
    pub fn paid_months(&self, year: i32) -> impl Iterator<Item = Date> {
        let member = self.member;
        let paid = move |first: &Date| member.holds(*first + Duration::days(20));
        self.months.of_year(year).filter(paid)
    }

    /// What a month brings.
    pub fn a_month(&self) -> i64 {
        self.monthly + self.monthly_care
    }
}

impl CashSubsidy {
    /// What the family gets.
    pub fn amount(&self) -> i64 {
        self.persons * self.per_head
    }
}

impl Member {
    /// The disability, of whom the file calls disabled.
    pub fn disability(&self) -> Option<Disability> {
        if self.health != HealthStatus::Disabled {
            return None;
        }
        let mut dice = super::Dice::of(0, self.citizen_number.reveal());
        let category = match dice.between(1, 100) {
            1..=12 => 1,
            13..=26 => 2,
            27..=29 => 3,
            30..=79 => 4,
            80..=87 => 5,
            88..=95 => 6,
            _ => 7,
        };
        let grade = match dice.between(1, 100) {
            1..=12 => 1,
            13..=37 => 2,
            38..=70 => 3,
            _ => 4,
        };
        let issued_on = dice.day(date!(2010 - 03 - 01), date!(2016 - 12 - 20));
        let child = self.birth_date() + Duration::days(400);
        Some(Disability {
            category,
            grade,
            issued_on: issued_on.max(child).min(LAST_DAY),
        })
    }
}

impl Family {
    /// What civil affairs gives the family.
    pub fn assistance(&self) -> Assistance<'_> {
        if !self.is_of_the_city() {
            return Assistance::default();
        }
        let special_support = self.special_support();
        let in_institution = special_support
            .as_ref()
            .filter(|support| support.in_institution)
            .map(|support| support.member.id);
        let mut disability_allowances = self.disability_allowances();
        disability_allowances.retain(|one| Some(one.member.id) != in_institution);
        Assistance {
            cash_subsidy: self.cash_subsidy(),
            disability_allowances,
            orphan: self.orphan(),
            temporary: self.temporary_assistance(),
            medical: self.medical_assistance(),
            special_support,
        }
    }

    /// Whether the family lives where these programmes are.
    pub(super) fn is_of_the_city(&self) -> bool {
        self.village.get() / 100_000_000 == CITY
    }

    fn special_support(&self) -> Option<SpecialSupport<'_>> {
        if self.class != Some(HouseholdClass::SpecialSupport) {
            return None;
        }
        let member = self.head()?;
        let registered = self.since(HouseholdStatus::Registered)?;
        let mut dice = self.dice("special support");
        let care = match dice.between(1, 100) {
            1..=62 => 0,
            63..=86 => 1,
            _ => 2,
        };
        Some(SpecialSupport {
            member,
            months: Months::of(member, registered, None)?,
            care,
            in_institution: dice.chance(20),
            standard: yuan(3_906) * 13 / 10,
            monthly: yuan(3_906) * 13 / 120,
            monthly_care: [0, yuan(100), yuan(250)][care],
        })
    }

    /// For some that are on file through a year without the minimum living allowance.
    fn cash_subsidy(&self) -> Option<CashSubsidy> {
        let general = self.class == Some(HouseholdClass::General) && self.allowance.is_none();
        let whole = |year| {
            let day = |month, day| Date::from_calendar_date(year, month, day).ok();
            let (first, last) = (day(Month::January, 1)?, day(Month::November, 30)?);
            (self.on_file(first) && self.on_file(last)).then_some((year, first))
        };
        let (year, first) = whole(2018).or_else(|| whole(2017))?;
        if !general || !self.dice("cash subsidy").chance(16) {
            return None;
        }
        Some(CashSubsidy {
            year,
            persons: i64::try_from(self.members_on(first).count()).ok()?,
            per_head: if year == 2017 {
                yuan(2_800)
            } else {
                yuan(3_000)
            },
        })
    }

    /// Living: of families on the minimum living allowance. Nursing: grades 1 and 2.
    fn disability_allowances(&self) -> Vec<DisabilityAllowance<'_>> {
        let mut allowances = Vec::new();
        if self.has(Plant::Uncertified) {
            return allowances;
        }
        for member in &self.members {
            let Some(disability) = member.disability() else {
                continue;
            };
            let from = disability.issued_on.max(NEW_YEAR);
            let mut add = |for_nursing, months: Option<Months>| {
                allowances.extend(months.map(|months| DisabilityAllowance {
                    member,
                    for_nursing,
                    months,
                    monthly: yuan(80),
                }));
            };
            if let Some(allowance) = self
                .allowance
                .filter(|_| !self.has(Plant::NoLivingAllowance))
            {
                let from = from.max(allowance.from);
                add(false, Months::of(member, from, allowance.to));
            }
            if disability.grade <= 2 && !self.has(Plant::NoNursingAllowance) {
                add(true, Months::of(member, from, self.closed_on()));
            }
        }
        allowances
    }

    /// The child of somebody alone who cannot work any more.
    fn orphan(&self) -> Option<Orphan<'_>> {
        let [head, child] = self.members.as_slice() else {
            return None;
        };
        let minor = matches!(
            child.relation,
            RelationToHead::Son | RelationToHead::Daughter
        ) && child.age(LAST_DAY) < 18;
        let alone = matches!(head.labour, LabourCapacity::Lost | LabourCapacity::Weak);
        if !minor || !alone {
            return None;
        }
        Some(Orphan {
            member: child,
            months: Months::of(child, NEW_YEAR, None)?,
            monthly: yuan(600),
        })
    }

    fn temporary_assistance(&self) -> Option<TemporaryAssistance> {
        let mut dice = self.dice("temporary assistance");
        let applied_on = dice.day(date!(2018 - 02 - 01), date!(2018 - 11 - 20));
        let amount = yuan(dice.between(5, 30) * 100);
        let decided_on = applied_on + Duration::days(dice.between(4, 20));
        let open = self.begins_on() < applied_on && self.closed_on().is_none();
        let struck = self.status() == HouseholdStatus::StruckOff;
        (dice.chance(5) && open && !struck).then(|| TemporaryAssistance {
            cause: self.causes.first().copied(),
            amount,
            applied_on,
            decided_on,
        })
    }

    /// For some of the gravely ill.
    fn medical_assistance(&self) -> Vec<MedicalAssistance<'_>> {
        let mut dice = self.dice("medical assistance");
        let ill = |member: &&Member| member.health == HealthStatus::MajorIllness;
        let mut decisions = Vec::new();
        for member in self.members.iter().filter(ill) {
            let decided_on = dice.day(date!(2018 - 03 - 01), date!(2018 - 12 - 10));
            let left = yuan(dice.between(20, 90) * 100);
            let amount = left * dice.between(3, 6) / 10;
            let granted = dice.chance(40);
            if granted && self.on_file(decided_on) && member.holds(decided_on) {
                decisions.push(MedicalAssistance {
                    member,
                    left,
                    amount,
                    decided_on,
                });
            }
        }
        decisions
    }
}

impl Assistance<'_> {
    /// What is paid in a year, by what it is called in the income form.
    pub fn paid_in(&self, year: i32) -> Vec<(&'static str, i64)> {
        let count = |months: Months| i64::try_from(months.of_year(year).count()).unwrap_or(0);
        let of_year = |day: Date, amount: i64| if day.year() == year { amount } else { 0 };
        let support = self.special_support.as_ref().map_or(0, |support| {
            let months = i64::try_from(support.paid_months(year).count()).unwrap_or(0);
            months * support.a_month()
        });
        let cash = self.cash_subsidy.filter(|cash| cash.year == year);
        let disability = self.disability_allowances.iter();
        let temporary = self.temporary;
        let medical = self.medical.iter();
        vec![
            ("特困供养金", support),
            ("现金直补", cash.map_or(0, |cash| cash.amount())),
            (
                "残疾人两项补贴",
                disability.map(|one| count(one.months) * one.monthly).sum(),
            ),
            (
                "孤儿基本生活费",
                self.orphan
                    .as_ref()
                    .map_or(0, |orphan| count(orphan.months) * orphan.monthly),
            ),
            (
                "临时救助金",
                temporary.map_or(0, |one| of_year(one.decided_on, one.amount)),
            ),
            (
                "医疗救助金",
                medical.map(|one| of_year(one.decided_on, one.amount)).sum(),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_on_its_first_day() {
        for (day, month) in [
            (date!(2018 - 03 - 01), date!(2018 - 03 - 01)),
            (date!(2018 - 01 - 31), date!(2018 - 02 - 01)),
            (date!(2018 - 02 - 02), date!(2018 - 03 - 01)),
            (date!(2018 - 12 - 15), date!(2019 - 01 - 01)),
        ] {
            assert_eq!(month_after(day), month, "{day}");
        }
    }

    #[test]
    fn the_months_of_a_year_are_those_that_hold() {
        let months = Months {
            from: date!(2017 - 11 - 01),
            to: Some(date!(2018 - 03 - 01)),
        };
        assert_eq!(months.of_year(2017).count(), 2);
        let of_2018: Vec<Date> = months.of_year(2018).collect();
        assert_eq!(of_2018, [date!(2018 - 01 - 01), date!(2018 - 02 - 01)]);
    }
}
