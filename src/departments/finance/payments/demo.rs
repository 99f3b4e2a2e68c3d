//! The cards of the demonstration, and the payments of what all rooms granted, sent in batches to the townships.

use crate::{
    demo::{
        DemoError, Demonstration, Dice, Due, Family, Finding, LAST_DAY, Ledger, Member, Plant,
        RECORDED_AT_MS, family::yuan,
    },
    identifiers::BankCardNumber,
    vault::Place,
};
use ::entity::{
    codes::Department,
    finance::{
        bank_card,
        codes::{CardClosing, PaymentBatchState, PaymentKind, PaymentState},
        payment, payment_batch,
    },
    household::codes::LeftReason,
    region_code::RegionCode,
};
use sea_orm::Set;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use time::{Date, Duration, macros::date};

/// A card of a family, and the days from and until which it is open.
struct Card<'a> {
    family: &'a Family,
    member: &'a Member,
    receiving: bool,
    from: Date,
    to: Option<Date>,
    closing: Option<CardClosing>,
}

/// The receiving cards of a household: key, and the days from and until which they are open.
type Receiving = HashMap<i64, Vec<(i64, Date, Option<Date>)>>;

/// What one batch pays: township, department, programme, period, and the month in which it is due.
type BatchKey<'a> = (RegionCode, Department, &'static str, &'a str, (i32, u8));

/// A batch, its payments by their places among the dues, and how far it has come.
struct Batch<'a> {
    key: BatchKey<'a>,
    dues: Vec<usize>,
    /// Not sent yet: a draft, or approved.
    held: Option<PaymentBatchState>,
}

/// Adds cards, batches and payments.
pub(in super::super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let cards = add_cards(demonstration).await?;
    add_payments(demonstration, &cards).await
}

async fn add_cards(demonstration: &mut Demonstration<'_>) -> Result<Receiving, DemoError> {
    let paid: HashSet<usize> = demonstration.dues.iter().map(|due| due.family).collect();
    let families = demonstration.families.iter().enumerate();
    let cards = families.flat_map(|(place, family)| cards_of(family, paid.contains(&place)));
    let cards: Vec<Card<'_>> = cards.collect();
    let ids = demonstration.ids("bank_card", cards.len()).await?;
    let mut receiving = Receiving::new();
    let mut rows = Vec::new();
    for (card, id) in cards.iter().zip(ids) {
        let family = card.family;
        let place = Place::new("bank_card", "card_cipher", id);
        let sealed = demonstration.seal(place, &card_number(id)?)?;
        let banks = demonstration.institutions.banks(family.village);
        let bank = if card.receiving {
            let cards = receiving.entry(family.id).or_default();
            cards.push((id, card.from, card.to));
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
            valid_from: Set(card.from),
            valid_to: Set(card.to),
            closing: Set(card.closing),
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
fn cards_of(family: &Family, paid: bool) -> Vec<Card<'_>> {
    if family.card_number.is_none() && !paid {
        return Vec::new();
    }
    let head = family.members.iter().find(|member| member.is_head);
    let mut cards = head.map_or_else(Vec::new, |head| receiving_cards(family, head));
    let grown = |member: &&Member| !member.is_head && (25..66).contains(&member.age(LAST_DAY));
    let second = family.members.iter().find(grown);
    if let Some(second) = second.filter(|_| family.dice("second card").chance(25)) {
        cards.push(card_of(family, second, false));
    }
    cards
}

fn card_of<'a>(family: &'a Family, member: &'a Member, receiving: bool) -> Card<'a> {
    Card {
        family,
        member,
        receiving,
        from: member.from,
        to: member.to,
        closing: member.left.map(|left| match left {
            LeftReason::Died => CardClosing::HolderDied,
            _ => CardClosing::HolderLeft,
        }),
    }
}

/// Now and then a card was lost or replaced in the last year.
fn receiving_cards<'a>(family: &'a Family, head: &'a Member) -> Vec<Card<'a>> {
    let mut dice = family.dice("replaced card");
    let card = card_of(family, head, true);
    // Nobody is told, and what is paid goes to it further on.
    if family.has(Plant::ClosedCard) {
        return vec![Card {
            to: Some(date!(2018 - 07 - 01)),
            closing: Some(CardClosing::Lost),
            ..card
        }];
    }
    let day = dice.day(date!(2018 - 02 - 01), date!(2018 - 11 - 20));
    if !dice.chance(5) || card.from >= day || card.to.is_some() {
        return vec![card];
    }
    let closing = dice.one_of(&[
        CardClosing::Replaced,
        CardClosing::Replaced,
        CardClosing::Lost,
    ]);
    vec![
        Card {
            to: Some(day),
            closing: Some(closing),
            ..card_of(family, head, true)
        },
        Card { from: day, ..card },
    ]
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

async fn add_payments(
    demonstration: &mut Demonstration<'_>,
    cards: &Receiving,
) -> Result<(), DemoError> {
    let (families, dues) = (&demonstration.families, &demonstration.dues);
    let batches = batches(families, dues)?;
    let batch_ids = demonstration.ids("payment_batch", batches.len()).await?;
    let mut ids = demonstration.ids("payment", dues.len()).await?;
    let (mut batch_rows, mut rows, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for (batch, batch_id) in batches.iter().zip(batch_ids) {
        let dues = batch.dues.iter().filter_map(|place| dues.get(*place));
        let mut states = Vec::new();
        for (due, id) in dues.clone().zip(&mut ids) {
            let family = families.get(due.family);
            let family = family.ok_or(DemoError::Invented("family of a payment"))?;
            let state = state(family, due, batch.held);
            states.push(state);
            count(demonstration.ledger, family, due, state);
            let cards = cards.get(&family.id).map_or(&[][..], Vec::as_slice);
            let row = payment_row((id, batch_id), family, due, state, cards);
            let found = wrongly_paid(due, &row, cards).into_iter();
            findings.extend(found.map(|finding| (due.family, finding)));
            rows.push(row);
        }
        let paid = rows.iter().rev().take(states.len());
        let total_fen = paid.map(|row| *row.amount_fen.as_ref()).sum();
        batch_rows.push(batch.row(batch_id, dues, &states, total_fen));
    }
    demonstration.inserts.add(batch_rows);
    demonstration.inserts.add(rows);
    demonstration.find(findings);
    Ok(())
}

/// What is wrong with a payment: it goes to a closed card, or is not what is due.
fn wrongly_paid(
    due: &Due,
    row: &payment::ActiveModel,
    cards: &[(i64, Date, Option<Date>)],
) -> Vec<Finding> {
    let mut found = Vec::new();
    let person = due.person.map(|(person, _)| person);
    let mut find = |check, more: (&str, Value)| {
        let mut values = json!({ "programme": due.programme, "period": due.period });
        values[more.0] = more.1;
        found.push(Finding::of(check, person, values));
    };
    let Some(paid_on) = *row.paid_on.as_ref() else {
        return found;
    };
    let card = cards
        .iter()
        .find(|(id, ..)| row.bank_card_id == Set(Some(*id)));
    if let Some((_, _, Some(closed_on))) =
        card.filter(|(_, _, to)| to.is_some_and(|to| to <= paid_on))
    {
        find("RC-60", ("cardClosedOn", closed_on.to_string().into()));
    }
    let paid_fen = *row.amount_fen.as_ref();
    if paid_fen != due.amount_fen {
        find(
            "RC-59",
            ("fen", json!({ "due": due.amount_fen, "paid": paid_fen })),
        );
    }
    found
}

/// Money is sent to the township, which pays by card: a batch holds all that falls due there of a programme and period in
/// one month.
fn batches<'a>(families: &[Family], dues: &'a [Due]) -> Result<Vec<Batch<'a>>, DemoError> {
    let mut grouped: BTreeMap<BatchKey<'a>, Vec<usize>> = BTreeMap::new();
    for (place, due) in dues.iter().enumerate() {
        let family = families.get(due.family);
        let township = family.and_then(Family::township);
        let township = township.ok_or(DemoError::Invented("township of a payment"))?;
        let month = (due.due_on.year(), u8::from(due.due_on.month()));
        let key = (
            township,
            due.department,
            due.programme,
            due.period.as_str(),
            month,
        );
        grouped.entry(key).or_default().push(place);
    }
    let batch = |(key, places): (BatchKey<'a>, Vec<usize>)| {
        let all = places.iter().filter_map(|place| dues.get(*place));
        let held = all.clone().all(may_wait).then(|| held(key)).flatten();
        Batch {
            key,
            dues: places,
            held,
        }
    };
    Ok(grouped.into_iter().map(batch).collect())
}

/// What a renovation or a study allowance says is paid is paid; of the allowances of the last month a few are still to come.
fn may_wait(due: &Due) -> bool {
    !due.one_off && due.person.is_none() && due.due_on >= date!(2018 - 12 - 01)
}

/// Here and there the last month's batch is still being prepared.
fn held((township, _, programme, period, _): BatchKey<'_>) -> Option<PaymentBatchState> {
    let word = format!("{programme} {period}");
    match Dice::of(township.get().unsigned_abs(), &word).between(1, 100) {
        1..=8 => Some(PaymentBatchState::Draft),
        9..=20 => Some(PaymentBatchState::Approved),
        _ => None,
    }
}

/// Nearly all is paid. Of the last month's a few are still to come, and now and then the bank sends money back.
fn state(family: &Family, due: &Due, held: Option<PaymentBatchState>) -> PaymentState {
    if held.is_some() {
        return PaymentState::Pending;
    }
    if due.one_off || due.person.is_some() {
        return PaymentState::Paid;
    }
    let mut dice = family.dice(&format!("{} {}", due.programme, due.period));
    match dice.between(1, 100) {
        1..=12 if may_wait(due) => PaymentState::Pending,
        13 => PaymentState::Bounced,
        14 if due.due_on.year() == LAST_DAY.year() => PaymentState::Failed,
        _ => PaymentState::Paid,
    }
}

/// What was ordered to be paid, and of it what is paid.
fn count(ledger: &mut Ledger, family: &Family, due: &Due, state: PaymentState) {
    if due.due_on > LAST_DAY {
        return;
    }
    let ordered = due.amount_fen + overpaid_fen(family, due);
    let paid = match state {
        PaymentState::Paid => ordered,
        _ => 0,
    };
    let statistic = format!("ST-18 in {}", due.due_on.year());
    let values = [("payments", 1), ("due", ordered), ("paid", paid)];
    ledger.add_all(&statistic, family.village, values);
}

fn payment_row(
    (id, batch): (i64, i64),
    family: &Family,
    due: &Due,
    state: PaymentState,
    cards: &[(i64, Date, Option<Date>)],
) -> payment::ActiveModel {
    let days = family.dice(&due.period).between(0, 5);
    let paid_on = (due.due_on + Duration::days(days)).min(LAST_DAY);
    let open = |(_, from, to): &&(i64, Date, Option<Date>)| {
        *from <= paid_on && to.is_none_or(|end| paid_on < end)
    };
    let card = cards.iter().find(open).or(cards.first());
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
        amount_fen: Set(due.amount_fen + overpaid_fen(family, due)),
        state: Set(state),
        due_on: Set(Some(due.due_on)),
        paid_on: Set((state == PaymentState::Paid).then_some(paid_on)),
        bank_card_id: Set(card.map(|(id, ..)| *id)),
        batch_id: Set(Some(batch)),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

/// What is planted to be paid too much, in August of the last year.
fn overpaid_fen(family: &Family, due: &Due) -> i64 {
    let planted =
        family.has(Plant::Overpaid) && due.period == "2018-08" && due.programme == "dibao";
    if planted { yuan(50) } else { 0 }
}

impl Batch<'_> {
    fn row<'d>(
        &self,
        id: i64,
        dues: impl Iterator<Item = &'d Due>,
        states: &[PaymentState],
        total_fen: i64,
    ) -> payment_batch::ActiveModel {
        let (township, department, programme, period, (year, month)) = self.key;
        let any = |state| states.contains(&state);
        let state = match self.held {
            Some(held) => held,
            None if any(PaymentState::Bounced) || any(PaymentState::Failed) => {
                PaymentBatchState::PartlyFailed
            }
            None if any(PaymentState::Pending) => PaymentBatchState::Sent,
            None => PaymentBatchState::Done,
        };
        let sent_on = dues.map(|due| due.due_on).min();
        let digits = township.get() / 1_000;
        payment_batch::ActiveModel {
            id: Set(id),
            region_code: Set(township.get()),
            number: Set(format!("{digits}-{programme}-{period}-{year}{month:02}")),
            department: Set(department),
            programme: Set(programme.to_owned()),
            period: Set(period.to_owned()),
            state: Set(state),
            payments: Set(i64::try_from(states.len()).unwrap_or(i64::MAX)),
            total_fen: Set(total_fen),
            approved_on: Set(sent_on
                .filter(|_| state != PaymentBatchState::Draft)
                .map(|day| day - Duration::days(3))),
            sent_on: Set(sent_on.filter(|_| self.held.is_none())),
            version: Set(1),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        }
    }
}
