//! Rows of the demonstration: the families' bank cards, their micro-loans, and the payments of what other rooms granted.

use crate::{
    demo::{DemoError, Demonstration, Due, Family, LAST_DAY, Member, RECORDED_AT_MS, family::yuan},
    identifiers::BankCardNumber,
    vault::Place,
};
use ::entity::{
    finance::{
        bank_card,
        codes::{LoanKind, LoanState, PaymentKind, PaymentState},
        loan, payment,
    },
    household::codes::{HouseholdStatus, LabourCapacity},
};
use sea_orm::Set;
use std::collections::{HashMap, HashSet};
use time::{Date, Duration, macros::date};

/// A card of a family.
struct Card<'a> {
    family: &'a Family,
    member: &'a Member,
    receiving: bool,
}

/// Adds cards, loans and payments.
pub(super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let cards = add_cards(demonstration).await?;
    add_loans(demonstration).await?;
    add_payments(demonstration, &cards).await
}

/// Gives back the receiving card of each household that has one.
async fn add_cards(demonstration: &mut Demonstration<'_>) -> Result<HashMap<i64, i64>, DemoError> {
    let paid: HashSet<usize> = demonstration.dues.iter().map(|due| due.family).collect();
    let families = demonstration.families.iter().enumerate();
    let cards = families.flat_map(|(place, family)| cards_of(family, paid.contains(&place)));
    let cards: Vec<Card<'_>> = cards.collect();
    let ids = demonstration.ids("bank_card", cards.len()).await?;
    let mut receiving = HashMap::new();
    let mut rows = Vec::new();
    for (card, id) in cards.iter().zip(ids) {
        let family = card.family;
        let place = Place::new("bank_card", "card_cipher", id);
        let sealed = demonstration.seal(place, &card_number(id)?)?;
        if card.receiving {
            receiving.insert(family.id, id);
        }
        let banks = demonstration.institutions.banks(family.village);
        let bank = if card.receiving {
            banks.first()
        } else {
            banks.last()
        };
        rows.push(bank_card::ActiveModel {
            id: Set(id),
            household_id: Set(family.id),
            region_code: Set(family.village.get()),
            person_id: Set(card.member.id),
            bank_code: Set(bank.copied().unwrap_or_default().to_owned()),
            card_cipher: Set(sealed.cipher),
            card_index: Set(sealed.index.0.to_vec()),
            card_mask: Set(sealed.mask),
            receiving: Set(card.receiving),
            valid_from: Set(card.member.from),
            valid_to: Set(card.member.to),
            version: Set(1),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        });
    }
    demonstration.inserts.add(rows);
    Ok(receiving)
}

/// The head of a family on file has a card that receives, and so has that of a family that is paid anything; some spouses
/// have one that does not.
fn cards_of(family: &Family, paid: bool) -> impl Iterator<Item = Card<'_>> {
    let granted = family.card_number.is_some() || paid;
    let heads = family
        .members
        .iter()
        .filter(move |member| granted && member.is_head);
    let heads = heads.map(move |member| Card {
        family,
        member,
        receiving: true,
    });
    let wants = granted && family.dice("second card").chance(25);
    let grown = |member: &&Member| !member.is_head && (25..66).contains(&member.age(LAST_DAY));
    let second = family
        .members
        .iter()
        .filter(move |_| wants)
        .filter(grown)
        .take(1);
    heads.chain(second.map(move |member| Card {
        family,
        member,
        receiving: false,
    }))
}

/// A number of 19 digits with its check digit (Luhn), another one for each key; its first six are no known bank's.
fn card_number(id: i64) -> Result<BankCardNumber, DemoError> {
    let body = format!("629999{:012}", id * 7_919);
    let sum: u32 = body
        .bytes()
        .rev()
        .zip(0_u32..)
        .map(|(digit, place)| {
            let value = u32::from(digit - b'0') * (2 - place % 2);
            value / 10 + value % 10
        })
        .sum();
    let check = (10 - sum % 10) % 10;
    BankCardNumber::parse(&format!("{body}{check}")).map_err(|_| DemoError::Invented("bank card"))
}

async fn add_loans(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut rows = Vec::new();
    for family in &demonstration.families {
        let banks = demonstration.institutions.banks(family.village);
        if let (Some(row), Some(bank)) = (loan_of(family), banks.first()) {
            rows.push(loan::ActiveModel {
                bank_code: Set((*bank).to_owned()),
                ..row
            });
        }
    }
    let ids = demonstration.ids("loan", rows.len()).await?;
    for (row, id) in rows.iter_mut().zip(ids) {
        row.id = Set(id);
    }
    demonstration.inserts.add(rows);
    Ok(())
}

/// A micro-loan of a head who can work, granted while the family was on file.
fn loan_of(family: &Family) -> Option<loan::ActiveModel> {
    let mut dice = family.dice("loan");
    let head = family.head().filter(|head| {
        matches!(
            head.labour,
            LabourCapacity::Normal | LabourCapacity::Skilled
        )
    })?;
    let registered_on = family.since(HouseholdStatus::Registered)?;
    let granted_on = dice.day(date!(2016 - 03 - 01), date!(2018 - 10 - 31));
    let fits = registered_on <= granted_on && family.on_file(granted_on) && dice.chance(80);
    if !fits || !head.holds(granted_on) {
        return None;
    }
    let years = i32::try_from(dice.between(1, 3)).unwrap_or(1);
    let due_on = granted_on.replace_year(granted_on.year() + years).ok()?;
    let principal_fen = dice.between(2, 10) * yuan(5_000);
    let state = match due_on <= LAST_DAY {
        true => dice.one_of(&[
            LoanState::Repaid,
            LoanState::Repaid,
            LoanState::Repaid,
            LoanState::Overdue,
        ]),
        false => dice.one_of(&[
            LoanState::Granted,
            LoanState::Granted,
            LoanState::Granted,
            LoanState::Extended,
        ]),
    };
    let balance_fen = match state {
        LoanState::Repaid => 0,
        LoanState::Overdue => principal_fen / 4,
        _ => principal_fen,
    };
    Some(loan::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(head.id),
        kind: Set(LoanKind::Micro),
        state: Set(state),
        principal_fen: Set(principal_fen),
        balance_fen: Set(balance_fen),
        rate_bp: Set(dice.one_of(&[435, 435, 475, 500])),
        granted_on: Set(granted_on),
        due_on: Set(due_on),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    })
}

async fn add_payments(
    demonstration: &mut Demonstration<'_>,
    cards: &HashMap<i64, i64>,
) -> Result<(), DemoError> {
    let dues = &demonstration.dues;
    let ids = demonstration.ids("payment", dues.len()).await?;
    let mut rows = Vec::new();
    for (due, id) in dues.iter().zip(ids) {
        let family = demonstration.families.get(due.family);
        let family = family.ok_or(DemoError::Invented("family of a payment"))?;
        rows.push(payment_row(id, family, due, cards.get(&family.id).copied()));
    }
    demonstration.inserts.add(rows);
    Ok(())
}

fn payment_row(id: i64, family: &Family, due: &Due, card: Option<i64>) -> payment::ActiveModel {
    let state = state(family, due);
    let paid_on = due.due_on + Duration::days(family.dice(&due.period).between(0, 5));
    payment::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(due.person.map(|(person, _)| person)),
        identity_id: Set(due.person.map(|(_, identity)| identity)),
        department: Set(due.department),
        programme: Set(due.programme.to_owned()),
        period: Set(due.period.clone()),
        kind: Set(if due.one_off {
            PaymentKind::OneOff
        } else {
            PaymentKind::Regular
        }),
        amount_fen: Set(due.amount_fen),
        state: Set(state),
        due_on: Set(Some(due.due_on)),
        paid_on: Set((state == PaymentState::Paid).then_some(paid_on.min(LAST_DAY))),
        bank_card_id: Set(card),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

/// Nearly all is paid. Of the last month's a few are still to come, and now and then the bank sends money back.
fn state(family: &Family, due: &Due) -> PaymentState {
    const LAST_MONTH: Date = date!(2018 - 12 - 01);
    // What a renovation or a study allowance says is paid is paid.
    if due.one_off || due.person.is_some() {
        return PaymentState::Paid;
    }
    let mut dice = family.dice(&format!("{} {}", due.programme, due.period));
    match dice.between(1, 100) {
        1..=12 if due.due_on >= LAST_MONTH => PaymentState::Pending,
        13 => PaymentState::Bounced,
        _ => PaymentState::Paid,
    }
}
