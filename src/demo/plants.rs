//! Planted contradictions: a known share of the families told last breaks one check of the domain reference each
//! (section 11), so that whoever looks for contradictions can be held to what is there.
//!
//! [`PLANTINGS`] says what is planted, how often and in which families. A plant changes facts of its family, adds what
//! another agency reports of it, or is a mark that one room reads with [`Family::has`] and obeys. What follows from the
//! facts is found here, in every family, so that side effects are told as well; what only a room knows the room tells with
//! `Demonstration::find`, and so it tells what chance makes (a loan overdue, a dangerous house without a plan). The
//! first families and 东湖渔业村 are never planted; in the village nothing is out of order.
//!
//! The manifest has a line of JSON for each finding: the check, the plant that caused it (null where chance did), the
//! household by key, card number and region, the person by key where one is meant, and the values that contradict each
//! other. How a check is read, where the reference leaves it open, is said beside its function.

use super::{
    LAST_DAY,
    assistance::Disability,
    family::{Family, Income, Member, yuan},
};
use entity::{
    codes::StudentStage,
    household::codes::{
        HealthStatus, HouseholdClass, HouseholdStatus, LabourCapacity, LeftReason, PovertyCause,
    },
    region_code::RegionLevel,
};
use serde_json::{Value, json};
use time::{Date, Duration, Month, macros::date};

/// How often each planting comes, of a hundred thousand families: where it fits fewer, it comes less often.
const SHARE: u64 = 150;
const WHOLE: u64 = 100_000;

/// The line of the year below which a family is poor (国家扶贫标准), fen of income a head. The sources give those of 2014
/// and 2015; the others are general knowledge.
pub fn poverty_line(year: i32) -> Option<i64> {
    Some(match year {
        2014 => yuan(2_800),
        2015 => yuan(2_968),
        2016 | 2017 => yuan(2_952),
        2018 => yuan(2_995),
        _ => return None,
    })
}

/// The yearly standard of the minimum living allowance, fen a person.
pub const DIBAO_STANDARD: i64 = yuan(3_906);

/// What is planted in a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    AllowanceWithClass,
    AllowanceWithoutFile,
    BoardsOnPaper,
    BornOtherwise,
    Car,
    CauseMissing,
    CivilIncome,
    ClaimedByTwoFirms,
    ClosedCard,
    ClassWithoutAllowance,
    DeathOfPaid,
    DeathReported,
    EarlyLoan,
    ExitBelowLine,
    GraceOver,
    Guaranteed,
    HeadMissing,
    HelperMissing,
    LargeLoan,
    LateRecognition,
    LeftAlone,
    MemberElsewhere,
    NamedOtherwise,
    NobodyLeft,
    NotAided,
    NotEnrolled,
    NoLivingAllowance,
    NoNursingAllowance,
    NotIll,
    OldBorrower,
    OverlappingStay,
    Overpaid,
    PaidWithoutSchool,
    PoorOffFile,
    SecondAid,
    SecondCash,
    SecondHousing,
    SecondSupport,
    SettledAsOther,
    StagesAboveCost,
    TwoGoodYears,
    UncappedSubsidy,
    Uncertified,
    Unsupported,
    VillageUnknown,
    WrongNumber,
}

/// Something that another agency has reported of a family, as the reported records keep it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The agency as it calls itself, and what it sends.
    pub agency: &'static str,
    pub kind: &'static str,
    /// The human being, by its place among the members.
    pub member: Option<usize>,
    pub reported_on: Date,
    pub values: Value,
}

impl Family {
    /// Whether this is planted in the family.
    pub fn has(&self, plant: Plant) -> bool {
        self.plant == Some(plant)
    }
}

/// A contradiction that is there.
#[derive(Clone, Debug)]
pub struct Finding {
    pub check: &'static str,
    /// Key of the membership.
    pub person: Option<i64>,
    pub values: Value,
}

impl Finding {
    pub fn of(check: &'static str, person: Option<i64>, values: Value) -> Self {
        Finding {
            check,
            person,
            values,
        }
    }
}

/// What is planted, and in which families.
struct Planting {
    plant: Plant,
    fits: fn(&Family) -> bool,
    /// Changes the facts before the income forms are written.
    before: fn(&mut Family),
    /// Changes them after.
    after: fn(&mut Family),
}

const fn mark(plant: Plant, fits: fn(&Family) -> bool) -> Planting {
    Planting {
        plant,
        fits,
        before: |_| {},
        after: |_| {},
    }
}

const fn before(plant: Plant, fits: fn(&Family) -> bool, before: fn(&mut Family)) -> Planting {
    Planting {
        before,
        ..mark(plant, fits)
    }
}

const fn after(plant: Plant, fits: fn(&Family) -> bool, after: fn(&mut Family)) -> Planting {
    Planting {
        after,
        ..mark(plant, fits)
    }
}

const PLANTINGS: &[Planting] = &[
    mark(Plant::WrongNumber, poor),
    after(Plant::MemberElsewhere, poor, |family| {
        report(family, "TOWNSHIP", "MEMBER", LAST_DAY, json!({}));
    }),
    after(Plant::DeathReported, old_and_unpaid, |family| {
        report(family, "POLICE", "DEATH", date!(2018 - 06 - 11), json!({}));
    }),
    after(Plant::DeathOfPaid, vocational, |family| {
        let student = family.members.iter().position(learns_a_trade);
        family.reports.push(Report {
            member: student,
            ..reported("POLICE", "DEATH", date!(2017 - 10 - 20), json!({}))
        });
    }),
    after(Plant::BornOtherwise, poor, |family| {
        let born = family.members[0].birth_date();
        let other = born.replace_year(born.year() - 2).unwrap_or(LAST_DAY);
        let values = json!({ "birthDate": other.to_string() });
        report(family, "TOWNSHIP", "ROSTER", LAST_DAY, values);
    }),
    after(Plant::NamedOtherwise, poor, |family| {
        let values = json!({ "name": format!("{}儿", family.members[0].name) });
        report(family, "POLICE", "IDENTITY", LAST_DAY, values);
    }),
    mark(Plant::HeadMissing, poor),
    before(Plant::NobodyLeft, exited_alone, |family| {
        for member in &mut family.members {
            member.to = Some(date!(2018 - 12 - 29));
            member.left = Some(LeftReason::Died);
        }
    }),
    before(Plant::VillageUnknown, candidate, |family| {
        family.village = family.village.parent().unwrap_or(family.village);
    }),
    before(Plant::AllowanceWithoutFile, early_candidate, |family| {
        family.allowance = Some(super::story::unpriced(date!(2018 - 01 - 01)));
    }),
    before(Plant::Unsupported, plain_poor, |family| {
        let workers = family.members.iter_mut();
        for worker in workers.filter(|member| member.can_work()) {
            worker.labour = LabourCapacity::Lost;
        }
    }),
    after(Plant::SecondSupport, on_allowance, |family| {
        report(
            family,
            "CIVIL",
            "SPECIAL_SUPPORT",
            date!(2018 - 03 - 01),
            json!({}),
        );
    }),
    after(Plant::CivilIncome, on_allowance, |family| {
        if let Some(form) = family.incomes.last() {
            let values = json!({ "year": form.year, "perHeadFen": form.per_head() - yuan(640) });
            report(family, "CIVIL", "DIBAO_INCOME", LAST_DAY, values);
        }
    }),
    before(Plant::GraceOver, exited_in_2017, |family| {
        family.class = Some(HouseholdClass::Dibao);
        let mut allowance = super::story::unpriced(date!(2017 - 01 - 01));
        allowance.gradual_exit_until = Some(date!(2018 - 10 - 31));
        family.allowance = Some(allowance);
    }),
    before(Plant::ClassWithoutAllowance, on_allowance, |family| {
        family.allowance = None;
    }),
    before(Plant::AllowanceWithClass, on_allowance, |family| {
        family.class = Some(HouseholdClass::General);
    }),
    after(Plant::SecondCash, on_allowance, |family| {
        let values = json!({ "year": 2018 });
        report(
            family,
            "FINANCE",
            "CASH_SUBSIDY",
            date!(2018 - 07 - 10),
            values,
        );
    }),
    mark(Plant::Uncertified, disabled),
    mark(Plant::NoNursingAllowance, severely_disabled),
    mark(Plant::NoLivingAllowance, disabled_on_allowance),
    mark(Plant::LeftAlone, with_two_earners),
    mark(Plant::NotEnrolled, poor),
    mark(Plant::StagesAboveCost, gravely_ill),
    mark(Plant::SettledAsOther, gravely_ill),
    mark(Plant::OverlappingStay, gravely_ill),
    before(Plant::NotIll, plain_and_healthy, |family| {
        family.causes = vec![PovertyCause::Illness];
    }),
    mark(Plant::PaidWithoutSchool, vocational),
    mark(Plant::LateRecognition, vocational),
    after(Plant::SecondAid, vocational, |family| {
        let student = family.members.iter().position(learns_a_trade);
        family.reports.push(Report {
            member: student,
            ..reported(
                "SCHOOL",
                "STUDENT_SUPPORT",
                date!(2018 - 10 - 25),
                json!({ "schoolYear": 2018 }),
            )
        });
    }),
    mark(Plant::BoardsOnPaper, with_a_pupil),
    mark(Plant::NotAided, with_a_senior),
    mark(Plant::SecondHousing, old_file),
    mark(Plant::LargeLoan, works_at_home),
    mark(Plant::Guaranteed, works_at_home),
    mark(Plant::EarlyLoan, registered_in_2017),
    mark(Plant::UncappedSubsidy, works_at_home),
    before(Plant::OldBorrower, old_head, |family| {
        family.members[0].labour = LabourCapacity::Normal;
    }),
    mark(Plant::Overpaid, on_allowance),
    mark(Plant::ClosedCard, on_allowance),
    after(Plant::ExitBelowLine, exited_in_2018, |family| {
        set_per_head(family, 2018, yuan(2_700));
    }),
    mark(Plant::HelperMissing, poor),
    after(Plant::TwoGoodYears, plain_poor, |family| {
        set_per_head(family, 2017, yuan(3_300));
        set_per_head(family, 2018, yuan(3_600));
    }),
    after(Plant::PoorOffFile, candidate, |family| {
        set_per_head(family, 2018, yuan(2_450));
    }),
    after(Plant::Car, poor, |family| {
        let values = json!({ "registeredOn": "2018-04-02" });
        report(family, "POLICE", "VEHICLE", LAST_DAY, values);
    }),
    before(Plant::CauseMissing, poor, |family| family.causes.clear()),
    after(Plant::ClaimedByTwoFirms, poor, |family| {
        for firm in ["91150900MA0QYH201X", "91150900MA0QYH202X"] {
            let values = json!({ "firm": firm });
            report(family, "BANK", "FIRM_ROSTER", date!(2018 - 09 - 30), values);
        }
    }),
];

/// Chooses the families, each planting as often as it should come.
#[derive(Clone, Debug)]
pub(super) struct Planter {
    /// What each planting has to its credit: a family when it is whole.
    credits: Vec<u64>,
}

impl Default for Planter {
    fn default() -> Self {
        // The first ones come early, so that a demonstration of the usual size has a few of each.
        Planter {
            credits: vec![WHOLE / 2; PLANTINGS.len()],
        }
    }
}

impl Planter {
    /// Plants in a family, if it is one's turn. Gives back what is to be done after the income forms are written.
    pub(super) fn plant(&mut self, family: &mut Family) -> fn(&mut Family) {
        for credit in &mut self.credits {
            *credit += SHARE;
        }
        let due = |at: &usize| self.credits[*at] >= WHOLE && (PLANTINGS[*at].fits)(family);
        let Some(at) = (0..PLANTINGS.len())
            .filter(due)
            .max_by_key(|at| self.credits[*at])
        else {
            return |_| {};
        };
        self.credits[at] -= WHOLE;
        family.plant = Some(PLANTINGS[at].plant);
        (PLANTINGS[at].before)(family);
        PLANTINGS[at].after
    }
}

/// On file today.
fn poor(family: &Family) -> bool {
    family.on_file(LAST_DAY)
}

/// On file since before 2017, so that there are income forms of two years, and without support.
fn plain_poor(family: &Family) -> bool {
    let old = |day: Date| day.year() < 2017;
    family.status() == HouseholdStatus::Registered
        && family.since(HouseholdStatus::Registered).is_some_and(old)
        && family.class == Some(HouseholdClass::General)
}

fn plain_and_healthy(family: &Family) -> bool {
    let ill = |member: &Member| member.health != HealthStatus::Healthy;
    plain_poor(family) && !family.members.iter().any(ill)
}

fn old_file(family: &Family) -> bool {
    poor(family) && family.begins_on().year() <= 2015
}

fn on_allowance(family: &Family) -> bool {
    let whole_year = |from: Date| from <= date!(2018 - 01 - 01);
    poor(family)
        && family
            .allowance
            .is_some_and(|allowance| whole_year(allowance.from))
}

fn candidate(family: &Family) -> bool {
    family.status() == HouseholdStatus::Candidate && family.begins_on().year() == 2018
}

fn early_candidate(family: &Family) -> bool {
    family.status() == HouseholdStatus::Candidate && family.begins_on().year() == 2017
}

fn exited_in(family: &Family, year: i32) -> bool {
    let in_year = |day: Date| day.year() == year;
    family.status() == HouseholdStatus::Exited
        && family.since(HouseholdStatus::Exited).is_some_and(in_year)
}

fn exited_in_2017(family: &Family) -> bool {
    let disabled = |member: &Member| member.health == HealthStatus::Disabled;
    exited_in(family, 2017)
        && family.begins_on().year() < 2016
        && !family.members.iter().any(disabled)
}

fn exited_in_2018(family: &Family) -> bool {
    exited_in(family, 2018) && family.allowance.is_none()
}

fn exited_alone(family: &Family) -> bool {
    exited_in(family, 2016) && family.members.len() == 1
}

fn gravely_ill(family: &Family) -> bool {
    let ill = |member: &Member| member.health == HealthStatus::MajorIllness;
    poor(family) && family.members.iter().any(ill)
}

fn old_head(family: &Family) -> bool {
    let old = |head: &Member| head.age(LAST_DAY) >= 70;
    let registered = family.status() == HouseholdStatus::Registered;
    old_file(family) && registered && family.head().is_some_and(old)
}

/// Late enough to have had a loan before.
fn registered_in_2017(family: &Family) -> bool {
    let registered = family.since(HouseholdStatus::Registered);
    let lately = registered.is_some_and(|day| day.year() == 2017 && u8::from(day.month()) < 12);
    let works = |head: &Member| head.labour == LabourCapacity::Normal;
    lately && poor(family) && family.head().is_some_and(works)
}

/// An old head who gets no money as a person.
fn old_and_unpaid(family: &Family) -> bool {
    let fits = |head: &Member| head.age(LAST_DAY) >= 70 && head.health == HealthStatus::Healthy;
    poor(family) && family.head().is_some_and(fits)
}

fn works_at_home(family: &Family) -> bool {
    let works = |head: &Member| head.labour == LabourCapacity::Normal;
    old_file(family) && family.head().is_some_and(works)
}

fn learns_a_trade(member: &Member) -> bool {
    use StudentStage::{HigherVocational, VocationalHigh};
    let trade = |(stage, _)| matches!(stage, VocationalHigh | HigherVocational);
    let grown = member.age(date!(2018 - 08 - 31)) >= 16;
    grown && member.studies(2018).is_some_and(trade)
}

fn vocational(family: &Family) -> bool {
    poor(family) && family.begins_on().year() < 2017 && family.members.iter().any(learns_a_trade)
}

/// The disabled of today, but for those so new that an allowance has not begun.
fn disabled_ones(family: &Family) -> impl Iterator<Item = Disability> {
    let members = family.members_on(date!(2018 - 01 - 01));
    let here = members.filter(|member| member.to.is_none());
    here.filter_map(Member::disability)
}

fn disabled(family: &Family) -> bool {
    poor(family) && disabled_ones(family).next().is_some()
}

fn severely_disabled(family: &Family) -> bool {
    poor(family) && disabled_ones(family).any(|disability| disability.grade <= 2)
}

fn disabled_on_allowance(family: &Family) -> bool {
    on_allowance(family) && disabled(family)
}

/// A couple that can go away for work, and leave a child.
fn with_two_earners(family: &Family) -> bool {
    use entity::household::codes::RelationToHead::{Daughter, Head, Son, Wife};
    let here = || family.members.iter().filter(|member| member.to.is_none());
    let earns = |relation| {
        here().any(|member| {
            let able = matches!(
                member.labour,
                LabourCapacity::Normal | LabourCapacity::Skilled
            );
            member.relation == relation && able
        })
    };
    let child = |member: &Member| {
        matches!(member.relation, Son | Daughter) && (1..16).contains(&member.age(LAST_DAY))
    };
    poor(family) && earns(Head) && earns(Wife) && here().any(child)
}

fn has_in(family: &Family, stages: &[StudentStage]) -> bool {
    let learns = |member: &Member| {
        let stage = member.studies(2018).map(|(stage, _)| stage);
        member.to.is_none() && stage.is_some_and(|stage| stages.contains(&stage))
    };
    poor(family) && family.begins_on().year() < 2017 && family.members.iter().any(learns)
}

fn with_a_pupil(family: &Family) -> bool {
    has_in(family, &[StudentStage::Primary])
}

fn with_a_senior(family: &Family) -> bool {
    has_in(
        family,
        &[StudentStage::SeniorHigh, StudentStage::Undergraduate],
    )
}

fn reported(agency: &'static str, kind: &'static str, reported_on: Date, values: Value) -> Report {
    Report {
        agency,
        kind,
        member: Some(0),
        reported_on,
        values,
    }
}

/// Adds a report of the head.
fn report(
    family: &mut Family,
    agency: &'static str,
    kind: &'static str,
    reported_on: Date,
    values: Value,
) {
    family
        .reports
        .push(reported(agency, kind, reported_on, values));
}

/// Changes what business brought so that the form of a year comes to an income a head.
fn set_per_head(family: &mut Family, year: i32, per_head: i64) {
    let form = family.incomes.iter_mut().find(|form| form.year == year);
    if let Some(form) = form {
        form.business += per_head * form.members - form.net();
        // Where that is not enough, there were costs.
        form.costs += (-form.business).max(0);
        form.business = form.business.max(0);
    }
}

/// What the facts of a family contradict, planted or not.
pub(super) fn findings(family: &Family) -> Vec<Finding> {
    let mut found = Vec::new();
    membership(family, &mut found);
    support(family, &mut found);
    disability(family, &mut found);
    income(family, &mut found);
    marked(family, &mut found);
    for report in &family.reports {
        found.extend(contradicted(family, report));
    }
    found
}

/// RC-07 to RC-09 and RC-86. RC-30 asks for a member of today with a disease flag; the families that have none, planted
/// all, have no stay or handbook either.
fn membership(family: &Family, found: &mut Vec<Finding>) {
    let mut find = |check, values| found.push(Finding::of(check, None, values));
    let today: Vec<&Member> = family.members_on(LAST_DAY).collect();
    let heads = match family.has(Plant::HeadMissing) {
        true => 0,
        false => today.iter().filter(|member| member.is_head).count(),
    };
    let open = family.status() != HouseholdStatus::Closed;
    if open && heads != 1 {
        find("RC-07", json!({ "heads": heads }));
    }
    if open && today.is_empty() {
        find("RC-08", json!({ "status": family.status().to_string() }));
    }
    if family.village.level() != RegionLevel::Village {
        find("RC-09", json!({ "region": family.village }));
    }
    if !poor(family) {
        return;
    }
    if family.causes.is_empty() {
        find("RC-86", json!({ "mainCause": null }));
    }
    let ill = |member: &&Member| {
        matches!(
            member.health,
            HealthStatus::Chronic | HealthStatus::MajorIllness
        )
    };
    if family.causes.first() == Some(&PovertyCause::Illness) && !today.iter().any(ill) {
        find("RC-30", json!({ "mainCause": "ILLNESS" }));
    }
}

/// RC-10, where not on file is who never was or was struck off; RC-11 by the newest form; RC-15; RC-16 of families on file.
fn support(family: &Family, found: &mut Vec<Finding>) {
    use HouseholdStatus::{Exited, Registered, Returned};
    let mut find = |check, values| found.push(Finding::of(check, None, values));
    let open = family.allowance.filter(|allowance| allowance.to.is_none());
    let supported = family.assistance().special_support;
    let supported = supported.is_some_and(|support| support.months.to.is_none());
    if (open.is_some() || supported) && !matches!(family.status(), Registered | Returned | Exited) {
        find("RC-10", json!({ "status": family.status().to_string() }));
    }
    let disabled = |member: &Member| member.health == HealthStatus::Disabled;
    let until = open.and_then(|allowance| allowance.gradual_exit_until);
    if let Some(until) = until.filter(|until| *until < LAST_DAY)
        && !family.members_on(LAST_DAY).any(disabled)
    {
        find("RC-15", json!({ "gradualExitUntil": until.to_string() }));
    }
    if !poor(family) {
        return;
    }
    let class = family.class;
    let on_roll = matches!(
        class,
        Some(HouseholdClass::Dibao | HouseholdClass::DibaoPoor)
    );
    let special = class == Some(HouseholdClass::SpecialSupport);
    if on_roll != open.is_some() || special != supported {
        let class = class.map(|class| class.to_string());
        find(
            "RC-16",
            json!({ "class": class, "onDibao": open.is_some(), "onSpecialSupport": supported }),
        );
    }
    let income = family.incomes.last().map(Income::per_head);
    if let Some(income) = income.filter(|income| *income < DIBAO_STANDARD)
        && !family.members_on(LAST_DAY).any(Member::can_work)
        && open.is_none()
        && !supported
    {
        find("RC-11", json!({ "perHeadFen": income }));
    }
}

/// RC-31; RC-32 and RC-33 for the last month, where the programmes are, of whom no institution cares for.
fn disability(family: &Family, found: &mut Vec<Finding>) {
    let month = date!(2018 - 12 - 01);
    let assistance = family.assistance();
    let cared_for = assistance.special_support.as_ref();
    let cared_for =
        cared_for.filter(|support| support.in_institution && support.months.to.is_none());
    let cared_for = cared_for.map(|support| support.member.id);
    let on_allowance = family
        .allowance
        .is_some_and(|allowance| allowance.holds(month));
    for member in family.members_on(LAST_DAY) {
        let Some(disability) = member.disability() else {
            continue;
        };
        let mut find = |check, values| found.push(Finding::of(check, Some(member.id), values));
        if family.has(Plant::Uncertified) {
            find(
                "RC-31",
                json!({ "health": "DISABLED", "certificate": null }),
            );
            continue;
        }
        let gets = |nursing| {
            let mut allowances = assistance.disability_allowances.iter();
            allowances.any(|one| {
                one.member.id == member.id && one.for_nursing == nursing && one.months.hold(month)
            })
        };
        if !family.is_of_the_city() || cared_for == Some(member.id) {
            continue;
        }
        let values = json!({ "grade": disability.grade, "month": "2018-12" });
        if disability.grade <= 2 && !gets(true) {
            find("RC-32", values.clone());
        }
        if on_allowance && !gets(false) {
            find("RC-33", values);
        }
    }
}

/// RC-70 and with it the veto on income of RC-71, RC-75, and RC-76 by the newest form.
fn income(family: &Family, found: &mut Vec<Finding>) {
    let mut find = |check, values| found.push(Finding::of(check, None, values));
    let form = |year| family.incomes.iter().find(move |form| form.year == year);
    let above = |form: &Income| {
        let line = poverty_line(form.year);
        line.is_some_and(|line| form.per_head() > line)
    };
    match family.status() {
        HouseholdStatus::Exited => {
            let exited = family.since(HouseholdStatus::Exited).unwrap_or(LAST_DAY);
            if let Some(form) = form(exited.year()).filter(|form| !above(form)) {
                let values = json!({ "year": form.year, "perHeadFen": form.per_head() });
                find("RC-70", values.clone());
                find("RC-71", values);
            }
        }
        HouseholdStatus::Registered | HouseholdStatus::Returned => {
            let good = |year| form(year).is_some_and(above);
            if good(2017) && good(2018) {
                find("RC-75", json!({ "years": [2017, 2018] }));
            }
        }
        HouseholdStatus::Candidate | HouseholdStatus::UnderAppraisal => {
            let below = |form: &&Income| {
                let line = poverty_line(form.year);
                line.is_some_and(|line| form.per_head() < line)
            };
            if let Some(form) = family.incomes.last().filter(below) {
                let values = json!({ "year": form.year, "perHeadFen": form.per_head() });
                find("RC-76", values);
            }
        }
        _ => {}
    }
}

/// What the marks mean that a room obeys without a further condition.
fn marked(family: &Family, found: &mut Vec<Finding>) {
    let head = family.head().map(|head| head.id);
    let (check, person, values) = match family.plant {
        Some(Plant::WrongNumber) => ("RC-01", head, json!({ "state": "CHECK_DIGIT" })),
        Some(Plant::NotEnrolled) => ("RC-17", head, json!({ "year": 2018 })),
        Some(Plant::HelperMissing) => ("RC-74", None, json!({ "missing": "helper" })),
        _ => return,
    };
    found.push(Finding::of(check, person, values));
}

/// What the file says against a report. A firm's roster contradicts only another one: told once.
fn contradicted(family: &Family, report: &Report) -> Option<Finding> {
    let member = family.members.get(report.member?)?;
    let (reported, on) = (&report.values, report.reported_on.to_string());
    let (check, person, values) = match report.kind {
        "MEMBER" => ("RC-02", true, reported.clone()),
        "DEATH" => ("RC-03", true, json!({ "diedOn": on })),
        "ROSTER" => {
            let values =
                json!({ "reported": reported, "birthDate": member.birth_date().to_string() });
            ("RC-05", true, values)
        }
        "IDENTITY" => {
            let values = json!({ "reported": reported, "name": member.name });
            ("RC-06", true, values)
        }
        "CASH_SUBSIDY" => ("RC-12", false, reported.clone()),
        "SPECIAL_SUPPORT" => ("RC-13", true, json!({ "since": on })),
        "DIBAO_INCOME" => {
            let form = family.incomes.last()?;
            let values = json!({ "reported": reported, "perHeadFen": form.per_head() });
            ("RC-14", false, values)
        }
        "VEHICLE" => ("RC-85", true, reported.clone()),
        "FIRM_ROSTER" if reported["firm"] == "91150900MA0QYH201X" => {
            ("RC-92", false, reported.clone())
        }
        _ => return None,
    };
    Some(Finding::of(check, person.then_some(member.id), values))
}

/// Whether a period of payment, a year or a month, begins after the month of a day.
pub(super) fn begins_after(period: &str, day: Date) -> bool {
    let (year, month) = period.split_once('-').unwrap_or((period, "01"));
    let begins = year.parse().ok().zip(month.parse().ok());
    let begins = begins.and_then(|(year, month): (i32, u8)| {
        Date::from_calendar_date(year, Month::try_from(month).ok()?, 1).ok()
    });
    let next = day.replace_day(28).unwrap_or(day) + Duration::days(4);
    begins.is_some_and(|begins| begins >= next.replace_day(1).unwrap_or(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_begins_after_the_month_it_does_not_belong_to() {
        let died = date!(2018 - 06 - 11);
        for (period, after) in [
            ("2018-05", false),
            ("2018-06", false),
            ("2018-07", true),
            ("2018", false),
            ("2019", true),
        ] {
            assert_eq!(begins_after(period, died), after, "{period}");
        }
    }
}
