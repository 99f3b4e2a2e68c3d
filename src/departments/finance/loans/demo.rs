//! The micro-loans of the demonstration: most are repaid, a few go on, and finance bears the interest.

use crate::demo::{
    DemoError, Demonstration, Dice, Due, Family, Finding, LAST_DAY, Ledger, Plant, RECORDED_AT_MS,
    family::yuan,
};
use ::entity::{
    codes::Department,
    finance::{
        codes::{LoanExtensionKind, LoanKind, LoanState},
        interest_subsidy, loan, loan_extension, loan_repayment,
    },
    household::codes::{HouseholdStatus, LabourCapacity},
};
use sea_orm::Set;
use serde_json::json;
use std::collections::BTreeMap;
use time::{Date, Duration, macros::date};

/// Finance bears interest of at most five percent, in these years.
const WINDOW: (Date, Date) = (date!(2017 - 01 - 01), date!(2020 - 12 - 31));
const MOST_RATE_BP: i64 = 500;
/// The principal of a micro-loan is not above this, fen, nor is that of all open ones of a household.
const MOST_PRINCIPAL_FEN: i64 = yuan(50_000);
/// Nobody who is older begins a loan.
const OLDEST: i32 = 65;

/// A loan as the story tells it.
#[derive(Clone)]
struct Lent {
    person: i64,
    identity: i64,
    state: LoanState,
    principal_fen: i64,
    rate_bp: i64,
    granted_on: Date,
    /// The end agreed on first, and the end today.
    ends_on: Date,
    due_on: Date,
    /// What was paid back at the end.
    repaid_fen: i64,
    guarantor: bool,
    /// Whether finance bears interest above what it may bear.
    uncapped: bool,
}

/// The rows of loans and of what happens to them.
#[derive(Default)]
struct Rows {
    loans: Vec<loan::ActiveModel>,
    repayments: Vec<loan_repayment::ActiveModel>,
    extensions: Vec<loan_extension::ActiveModel>,
    subsidies: Vec<interest_subsidy::ActiveModel>,
}

/// Adds the loans of all families, and the subsidies that are due.
pub(in super::super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut rows = Rows::default();
    let (mut dues, mut findings) = (Vec::new(), Vec::new());
    for (place, family) in demonstration.families.iter().enumerate() {
        let banks = demonstration.institutions.banks(family.village);
        let Some(bank) = banks.first() else { continue };
        let lent = loans_of(family);
        let found = contradictions(family, &lent).into_iter();
        findings.extend(found.map(|finding| (place, finding)));
        count(demonstration.ledger, family, &lent);
        let ids = demonstration.ids("loan", lent.len()).await?;
        for (loan, id) in lent.iter().zip(ids.clone()) {
            let of = Of { family, bank, id };
            rows.loans.push(of.loan(loan));
            rows.repayments.extend(of.repayments(loan));
            rows.extensions
                .extend(of.extension(loan, ids.clone().nth(1)));
            rows.subsidies.extend(of.subsidies(loan));
            dues.extend(subsidised(loan).map(|year| due(place, loan, year)));
        }
    }
    for (row, id) in number(demonstration, "loan_repayment", &mut rows.repayments).await? {
        row.id = Set(id);
    }
    for (row, id) in number(demonstration, "loan_extension", &mut rows.extensions).await? {
        row.id = Set(id);
    }
    for (row, id) in number(demonstration, "interest_subsidy", &mut rows.subsidies).await? {
        row.id = Set(id);
    }
    demonstration.inserts.add(rows.loans);
    demonstration.inserts.add(rows.repayments);
    demonstration.inserts.add(rows.extensions);
    demonstration.inserts.add(rows.subsidies);
    demonstration.dues.extend(dues);
    demonstration.find(findings);
    Ok(())
}

/// Loans by the year in which they were granted, and the household once a year.
fn count(ledger: &mut Ledger, family: &Family, lent: &[Lent]) {
    let mut years: BTreeMap<i32, bool> = BTreeMap::new();
    for loan in lent {
        let year = loan.granted_on.year();
        *years.entry(year).or_default() |= family.on_file(loan.granted_on);
        let values = [("loans", 1), ("principal", loan.principal_fen)];
        ledger.add_all(&format!("ST-16 in {year}"), family.village, values);
    }
    for (year, on_file) in years {
        let registered = i64::from(on_file);
        let values = [("households", 1), ("registered households", registered)];
        ledger.add_all(&format!("ST-16 in {year}"), family.village, values);
    }
}

/// What is wrong with the loans of a family: some are overdue, and some are planted.
fn contradictions(family: &Family, loans: &[Lent]) -> Vec<Finding> {
    let mut found = Vec::new();
    for loan in loans {
        let mut find = |check, values| found.push(Finding::of(check, Some(loan.person), values));
        let granted_on = loan.granted_on.to_string();
        if loan.principal_fen > MOST_PRINCIPAL_FEN {
            find("RC-52", json!({ "principalFen": loan.principal_fen }));
        }
        if loan.guarantor {
            find(
                "RC-53",
                json!({ "guarantor": true, "grantedOn": granted_on }),
            );
        }
        let age = family.head().map_or(0, |head| head.age(loan.granted_on));
        if age > OLDEST {
            find("RC-54", json!({ "age": age, "grantedOn": granted_on }));
        }
        let rate_bp = loan.borne_bp();
        if rate_bp > MOST_RATE_BP {
            for (from, _) in subsidised(loan) {
                find(
                    "RC-56",
                    json!({ "rateBp": rate_bp, "validFrom": from.to_string() }),
                );
            }
        }
        if !family.on_file(loan.granted_on) {
            for (from, _) in subsidised(loan) {
                find(
                    "RC-55",
                    json!({ "grantedOn": granted_on, "validFrom": from.to_string() }),
                );
            }
        }
        if loan.state == LoanState::Overdue {
            find("RC-58", json!({ "dueOn": loan.due_on.to_string() }));
        }
    }
    let open = loans.iter().filter(|loan| loan.is_open());
    let principal_fen: i64 = open.map(|loan| loan.principal_fen).sum();
    if principal_fen > MOST_PRINCIPAL_FEN {
        let values = json!({ "principalFen": principal_fen });
        found.push(Finding::of("RC-57", None, values));
    }
    found
}

/// Rows, each with a key of their table.
async fn number<'r, R>(
    demonstration: &Demonstration<'_>,
    table: &'static str,
    rows: &'r mut [R],
) -> Result<impl Iterator<Item = (&'r mut R, i64)>, DemoError> {
    let ids = demonstration.ids(table, rows.len()).await?;
    Ok(rows.iter_mut().zip(ids))
}

/// A micro-loan of a head who can work, granted while the family was on file; and the one that renews it.
fn loans_of(family: &Family) -> Vec<Lent> {
    let Some(first) = first_loan(family) else {
        return Vec::new();
    };
    let renewal = (first.state == LoanState::Renewed)
        .then(|| {
            let due_on = next_year(first.ends_on)?;
            Some(Lent {
                state: LoanState::Granted,
                granted_on: first.ends_on,
                ends_on: due_on,
                due_on,
                ..first.clone()
            })
        })
        .flatten();
    std::iter::once(first).chain(renewal).collect()
}

fn first_loan(family: &Family) -> Option<Lent> {
    let mut dice = family.dice("loan");
    let head = family.head().filter(|head| {
        matches!(
            head.labour,
            LabourCapacity::Normal | LabourCapacity::Skilled
        )
    })?;
    let registered_on = family.since(HouseholdStatus::Registered)?;
    let planted = matches!(
        family.plant,
        Some(Plant::Guaranteed | Plant::LargeLoan | Plant::OldBorrower | Plant::UncappedSubsidy)
    );
    let early = family.has(Plant::EarlyLoan);
    let granted_on = match planted {
        _ if early => registered_on - Duration::days(20),
        true => date!(2017 - 04 - 10),
        false => dice.day(date!(2016 - 03 - 01), date!(2018 - 10 - 31)),
    };
    let wants = planted || dice.chance(80);
    let fits = early || wants && registered_on <= granted_on && family.on_file(granted_on);
    if !fits || !head.holds(granted_on) {
        return None;
    }
    let years = i32::try_from(dice.between(1, 3)).unwrap_or(1);
    let ends_on = granted_on.replace_year(granted_on.year() + years).ok()?;
    let principal_fen = dice.between(2, 10) * yuan(5_000);
    let principal_fen = match family.has(Plant::LargeLoan) {
        true => MOST_PRINCIPAL_FEN + yuan(10_000),
        false => principal_fen,
    };
    let state = match state(ends_on, years, &mut dice) {
        LoanState::Overdue if family.published => LoanState::Repaid,
        state => state,
    };
    Some(Lent {
        person: head.id,
        identity: head.identity,
        state,
        principal_fen,
        rate_bp: match family.has(Plant::UncappedSubsidy) {
            true => MOST_RATE_BP + 120,
            false => dice.one_of(&[435, 435, 475, 500]),
        },
        granted_on,
        ends_on,
        due_on: match state {
            LoanState::Extended => next_year(ends_on)?,
            _ => ends_on,
        },
        repaid_fen: match state {
            LoanState::Repaid => principal_fen,
            LoanState::Overdue => principal_fen / 4 * 3,
            _ => 0,
        },
        guarantor: family.has(Plant::Guaranteed),
        uncapped: family.has(Plant::UncappedSubsidy),
    })
}

/// Most loans that came to their end are repaid. One that ended in the last year may go on, to three years in all.
fn state(ends_on: Date, years: i32, dice: &mut Dice) -> LoanState {
    let lately = ends_on.year() == LAST_DAY.year() && years < 3;
    match dice.between(1, 100) {
        _ if ends_on > LAST_DAY => LoanState::Granted,
        1..=14 => LoanState::Overdue,
        15..=34 if lately => LoanState::Extended,
        35..=49 if lately => LoanState::Renewed,
        _ => LoanState::Repaid,
    }
}

fn next_year(day: Date) -> Option<Date> {
    day.replace_year(day.year() + 1).ok()
}

/// The years of a loan that are over, each from its first day to the first day of the next.
fn years(loan: &Lent) -> impl Iterator<Item = (Date, Date)> {
    let from = loan.granted_on;
    let ends = loan.ends_on.min(LAST_DAY);
    (0..3)
        .map_while(move |year| {
            let first = from.replace_year(from.year() + year).ok()?;
            Some((first, next_year(first)?))
        })
        .filter(move |(_, next)| *next <= ends)
}

/// Those of them whose subsidy is decided.
fn subsidised(loan: &Lent) -> impl Iterator<Item = (Date, Date)> {
    years(loan).filter(|year| year.1 > WINDOW.0 && decided_on(*year) <= LAST_DAY)
}

/// Months and days of a year of the loan that lie inside the window.
fn inside((from, to): (Date, Date)) -> (i64, i64) {
    let from = from.max(WINDOW.0);
    let mut months = i64::from(to.year() - from.year()) * 12 + i64::from(u8::from(to.month()))
        - i64::from(u8::from(from.month()));
    if to.day() < from.day() {
        months -= 1;
    }
    let whole = (0..months).try_fold(from, |day, _| {
        let next = day.month().next();
        let year = day.year() + i32::from(next == time::Month::January);
        Date::from_calendar_date(year, next, from.day().min(next.length(year))).ok()
    });
    (months, (to - whole.unwrap_or(to)).whole_days())
}

impl Lent {
    /// The interest of months and days besides, a day being the 360th part of a year, half up.
    fn interest_fen(&self, rate_bp: i64, (months, days): (i64, i64)) -> i64 {
        let parts = 10_000 * 360;
        let of_time = self.principal_fen * rate_bp * (30 * months + days);
        (2 * of_time + parts) / (2 * parts)
    }

    fn subsidy_fen(&self, year: (Date, Date)) -> i64 {
        self.interest_fen(self.borne_bp(), inside(year))
    }

    /// The rate that finance bears.
    fn borne_bp(&self) -> i64 {
        match self.uncapped {
            true => self.rate_bp,
            false => self.rate_bp.min(MOST_RATE_BP),
        }
    }

    fn is_open(&self) -> bool {
        !matches!(self.state, LoanState::Repaid | LoanState::Renewed)
    }
}

fn decided_on((_, next): (Date, Date)) -> Date {
    next + Duration::days(10)
}

fn due(family: usize, loan: &Lent, year: (Date, Date)) -> Due {
    Due {
        family,
        person: Some((loan.person, loan.identity)),
        department: Department::Finance,
        programme: "micro-loan-interest",
        period: year.1.year().to_string(),
        one_off: false,
        amount_fen: loan.subsidy_fen(year),
        due_on: decided_on(year),
    }
}

/// Whose loan it is.
struct Of<'a> {
    family: &'a Family,
    bank: &'a str,
    id: i64,
}

impl Of<'_> {
    fn loan(&self, loan: &Lent) -> loan::ActiveModel {
        let balance_fen = match loan.state {
            LoanState::Renewed => 0,
            _ => loan.principal_fen - loan.repaid_fen,
        };
        loan::ActiveModel {
            id: Set(self.id),
            household_id: Set(self.family.id),
            region_code: Set(self.family.village.get()),
            person_id: Set(loan.person),
            bank_code: Set(self.bank.to_owned()),
            loan_number: Set(Some(format!("JK{:08}", self.id))),
            kind: Set(LoanKind::Micro),
            state: Set(loan.state),
            principal_fen: Set(loan.principal_fen),
            balance_fen: Set(balance_fen),
            rate_bp: Set(i32::try_from(loan.rate_bp).unwrap_or(0)),
            granted_on: Set(loan.granted_on),
            due_on: Set(loan.due_on),
            guarantor: Set(loan.guarantor),
            collateral: Set(false),
            version: Set(1),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        }
    }

    /// Interest is paid every year, what is paid back of the principal with the last of it.
    fn repayments(&self, loan: &Lent) -> Vec<loan_repayment::ActiveModel> {
        years(loan)
            .map(|year| {
                let last = year.1 == loan.ends_on;
                loan_repayment::ActiveModel {
                    household_id: Set(self.family.id),
                    region_code: Set(self.family.village.get()),
                    loan_id: Set(self.id),
                    bank_code: Set(self.bank.to_owned()),
                    paid_on: Set(year.1),
                    principal_fen: Set(if last { loan.repaid_fen } else { 0 }),
                    interest_fen: Set(loan.interest_fen(loan.rate_bp, (12, 0))),
                    recorded_at_ms: Set(RECORDED_AT_MS),
                    ..Default::default()
                }
            })
            .collect()
    }

    fn extension(&self, loan: &Lent, renewal: Option<i64>) -> Option<loan_extension::ActiveModel> {
        let (kind, new_loan_id) = match loan.state {
            LoanState::Extended => (LoanExtensionKind::Extension, None),
            LoanState::Renewed => (LoanExtensionKind::Renewal, renewal),
            _ => return None,
        };
        Some(loan_extension::ActiveModel {
            household_id: Set(self.family.id),
            region_code: Set(self.family.village.get()),
            loan_id: Set(self.id),
            bank_code: Set(self.bank.to_owned()),
            kind: Set(kind),
            decided_on: Set(loan.ends_on - Duration::days(10)),
            due_before: Set(loan.ends_on),
            due_after: Set(next_year(loan.ends_on)?),
            new_loan_id: Set(new_loan_id),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        })
    }

    fn subsidies(&self, loan: &Lent) -> Vec<interest_subsidy::ActiveModel> {
        subsidised(loan)
            .map(|year| {
                let (months, days) = inside(year);
                interest_subsidy::ActiveModel {
                    household_id: Set(self.family.id),
                    region_code: Set(self.family.village.get()),
                    loan_id: Set(self.id),
                    bank_code: Set(self.bank.to_owned()),
                    valid_from: Set(year.0),
                    valid_to: Set(Some(year.1)),
                    window_from: Set(WINDOW.0),
                    window_to: Set(WINDOW.1),
                    months: Set(i32::try_from(months).unwrap_or(0)),
                    days: Set(i32::try_from(days).unwrap_or(0)),
                    principal_fen: Set(loan.principal_fen),
                    rate_bp: Set(i32::try_from(loan.borne_bp()).unwrap_or(0)),
                    amount_fen: Set(loan.subsidy_fen(year)),
                    decided_on: Set(decided_on(year)),
                    version: Set(1),
                    recorded_at_ms: Set(RECORDED_AT_MS),
                    ..Default::default()
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked examples of the policy catalogue, of which the last has a rate above the cap.
    #[test]
    fn a_subsidy_is_that_of_the_policy() {
        let lent = |rate_bp, granted_on, ends_on| Lent {
            person: 1,
            identity: 1,
            state: LoanState::Granted,
            principal_fen: yuan(50_000),
            rate_bp,
            granted_on,
            ends_on,
            due_on: ends_on,
            repaid_fen: 0,
            guarantor: false,
            uncapped: false,
        };
        let (from, to) = (date!(2018 - 01 - 01), date!(2019 - 01 - 01));
        assert_eq!(inside((from, to)), (12, 0));
        assert_eq!(lent(500, from, to).subsidy_fen((from, to)), yuan(2_500));
        let (from, to) = (date!(2017 - 06 - 15), date!(2018 - 01 - 20));
        assert_eq!(inside((from, to)), (7, 5));
        assert_eq!(lent(650, from, to).subsidy_fen((from, to)), 149_306);
        assert_eq!(
            inside((date!(2016 - 06 - 15), date!(2017 - 06 - 15))),
            (5, 14)
        );
    }
}
