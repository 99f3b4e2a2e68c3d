//! The rules of cards and payments. That nobody is paid twice is the table's: one payment of a kind to a payee for a programme
//! and period, whoever asks at the same time.

use super::{
    super::service::{customer, own_bank},
    mutation::{
        BankCardCloseInput, BankCardRegisterInput, PaymentFailInput, PaymentRecordInput,
        PaymentResultRecordInput,
    },
    store,
};
use crate::{
    household::PersonShown,
    identifiers::BankCardNumber,
    reconciliation::{OPEN_FINDINGS, is_blocked},
    vault::Place,
    writing::{
        Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, NOT_FOUND, OLDER_RESULT,
        SAME_ON_RECORD, Stop,
    },
};
use ::entity::{
    finance::{bank_card, codes::PaymentState, payment},
    household::{household, person},
    reconciliation::codes::BlockedStep,
};
use async_graphql::ID;
use time::Date;

pub const CARD_REGISTERED: Code = Code::new(
    "CARD_REGISTERED",
    "本行已登记此卡且未销卡：请核对卡号。",
    "Your bank has an open card of this number on record: check it.",
);
pub const CARD_CLOSED: Code = Code::new(
    "CARD_CLOSED",
    "该卡已销卡：请选择其他银行卡。",
    "This card is closed: take another one.",
);
pub const HOLDER_LEFT: Code = Code::new(
    "HOLDER_LEFT",
    "持卡人已不是该户成员：请选择其他成员的银行卡。",
    "The holder is no member of the household any more: take the card of another one.",
);
pub const OTHER_CARD_CHOSEN: Code = Code::new(
    "OTHER_CARD_CHOSEN",
    "他人同时指定了另一张收款卡：请核对后重新提交。",
    "Somebody has chosen another card at the same time: look again and submit again.",
);
pub const NO_MEMBER: Code = Code::new(
    "NO_MEMBER",
    "此人不是该户成员：请核对。",
    "This person is no member of the household: check it.",
);
pub const DIED_BEFORE: Code = Code::new(
    "DIED_BEFORE",
    "此人在发放期之前已死亡：不能发放。",
    "The member had died before the period: nothing is paid.",
);
pub const NOT_RECEIVING: Code = Code::new(
    "NOT_RECEIVING",
    "该卡不是该户当前的收款卡：请由乡镇指定收款卡后再发放。",
    "This is not the card that receives the payments of the household: have the township choose it first.",
);
pub const ALREADY_RECORDED: Code = Code::new(
    "ALREADY_RECORDED",
    "该项目该发放期的同类发放已有记录：不能重复发放。",
    "The payment of this kind for programme and period is on record: it is not paid twice.",
);
pub const OTHER_AMOUNT: Code = Code::new(
    "OTHER_AMOUNT",
    "与未成功的发放记录金额或部门不一致：请按原记录发放。",
    "Amount or department differ from the payment that is on record as not made: pay that one.",
);
pub const ALREADY_FAILED: Code = Code::new(
    "ALREADY_FAILED",
    "该笔发放已登记为失败或退票。",
    "This payment is on record as failed already.",
);

pub const NOT_ON_RECORD: Code = Code::new(
    "NOT_ON_RECORD",
    "没有该项目该发放期的应发记录：请先登记发放，再登记结果。",
    "No payment of this programme and period is on record: record the payment before its result.",
);
pub const SEVERAL_PAYMENTS: Code = Code::new(
    "SEVERAL_PAYMENTS",
    "该项目该发放期有多笔发放：请注明发放类别。",
    "There are several payments of this programme and period: name the kind.",
);

/// What is said of a number that can't be that of the card, whoever else has it.
const NOT_A_CARD: (&str, &str) = (
    "银行卡号有误，不能登记：请核对位数和校验位。",
    "This can't be the number of the card: check its length and check digit.",
);
/// The first year that a payment may be of.
const FIRST_YEAR: i32 = 2000;

/// Registers a card.
pub async fn register(
    door: Door,
    holder: PersonShown,
    input: &BankCardRegisterInput,
) -> Result<Done, Stop> {
    let (bank, mut mistakes) = (own_bank(&door)?, Mistakes::default());
    let holder = customer(&door, holder, &mut mistakes).await?;
    let path = &["input", "cardNumber"];
    let number = mistakes.readable(&input.card_number, BankCardNumber::parse, path, NOT_A_CARD);
    if let Some(number) = &number {
        let index = door.vault().index(number);
        if let Some(card) = store::open_card_of(&door, &bank, index.as_ref()).await? {
            let same = holder.as_ref().map(|holder| holder.id) == Some(card.person_id)
                && card.valid_from == input.opened_on.0;
            let code = if same {
                &SAME_ON_RECORD
            } else {
                &CARD_REGISTERED
            };
            mistakes.add(Mistake::new(code, path));
        }
    }
    mistakes.not_in_future(input.opened_on.0, door.today(), &["input", "openedOn"]);
    mistakes.none()?;
    let (Some(holder), Some(number)) = (holder, number) else {
        return Err(Mistake::new(&INVALID_VALUE, path).into());
    };
    let id = door.new_key::<bank_card::Entity>().await?;
    let sealed = door.seal(Place::new("bank_card", "card_cipher", id), &number)?;
    let card = bank_card::Model {
        id,
        household_id: holder.household_id,
        region_code: holder.region_code,
        county_code: holder.county_code,
        person_id: holder.id,
        bank_code: bank,
        card_cipher: sealed.cipher,
        card_index: sealed.index.0.to_vec(),
        card_mask: sealed.mask,
        receiving: false,
        valid_from: input.opened_on.0,
        valid_to: None,
        closing: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    // Another bank has it: nothing is said of that.
    let wrong = || Mistake::saying(&INVALID_VALUE, path, NOT_A_CARD.0, NOT_A_CARD.1);
    let card = door.insert::<bank_card::Entity>(card).await;
    let card = card.map_err(|stop| stop.meaning("bank_card_open_once", wrong()))?;
    Ok(Done::of(card.id))
}

/// Closes a card. That it received payments until then stays on record.
pub async fn close(
    door: Door,
    id: &ID,
    version: i32,
    input: &BankCardCloseInput,
) -> Result<Done, Stop> {
    let before = open_card(&door, id, version).await?;
    let (mut mistakes, day) = (Mistakes::default(), input.closed_on.0);
    let path = &["input", "closedOn"];
    mistakes.not_in_future(day, door.today(), path);
    mistakes.in_order(Some(before.valid_from), Some(day), path);
    mistakes.none()?;
    let mut after = before.clone();
    after.valid_to = Some(day);
    after.closing = Some(input.reason);
    let after = door.update::<bank_card::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// Chooses the card that receives the payments of the household.
pub async fn choose(door: Door, id: &ID, version: i32) -> Result<Done, Stop> {
    let before = open_card(&door, id, version).await?;
    if !store::is_member(&door, before.person_id).await? {
        return Err(Mistake::new(&HOLDER_LEFT, &["id"]).into());
    }
    let until_now = store::receiving_card(&door, before.household_id).await?;
    if let Some(until_now) = until_now.filter(|card| card.id != before.id) {
        let mut other = until_now.clone();
        other.receiving = false;
        door.update::<bank_card::Entity>(&until_now, other).await?;
    }
    let mut after = before.clone();
    after.receiving = true;
    let other = || Mistake::new(&OTHER_CARD_CHOSEN, &["id"]);
    let after = door.update::<bank_card::Entity>(&before, after).await;
    let after = after.map_err(|stop| stop.meaning("bank_card_one_receiving", other()))?;
    Ok(Done::of(after.id))
}

/// The card as the client knows it, which is open.
async fn open_card(door: &Door, id: &ID, version: i32) -> Result<bank_card::Model, Stop> {
    let card = door
        .find_version::<bank_card::Entity>(id, version, &["id"])
        .await?;
    match card.valid_to {
        None => Ok(card),
        Some(_) => Err(Mistake::new(&CARD_CLOSED, &["id"]).into()),
    }
}

/// Records a payment: a new one, or the one on record that was not made.
pub async fn record(door: Door, household: &ID, input: &PaymentRecordInput) -> Result<Done, Stop> {
    let household = door
        .find::<household::Entity>(household, &["householdId"])
        .await?;
    let mut mistakes = Mistakes::default();
    rules(&door, input, &mut mistakes);
    let person = match &input.person_id {
        Some(id) => Some(payee(&door, &household, id, input, &mut mistakes).await?),
        None => None,
    };
    let card = match &input.bank_card_id {
        Some(id) => Some(receiving(&door, &household, id, &mut mistakes).await?),
        None => None,
    };
    let payee = person.as_ref().map(|person| person.id);
    let blocked = is_blocked(&door, household.id, payee, BlockedStep::Payment).await?;
    mistakes.unless(!blocked, &OPEN_FINDINGS, &["householdId"]);
    mistakes.none()?;
    let new = payment::Model {
        id: 0,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        person_id: payee,
        identity_id: person.and_then(|person| person.identity_id),
        department: input.department,
        programme: input.programme.trim().to_owned(),
        period: input.period.clone(),
        kind: input.kind,
        amount_fen: input.amount.0,
        state: match input.paid_on {
            Some(_) => PaymentState::Paid,
            None => PaymentState::Pending,
        },
        due_on: input.due_on.map(|day| day.0),
        paid_on: input.paid_on.map(|day| day.0),
        returned_on: None,
        bank_card_id: card.map(|card| card.id),
        batch_id: None,
        recorded_at_ms: door.now_ms(),
    };
    match store::of_same(&door, &new).await? {
        Some(before) => carry_on(&door, before, new).await,
        None => add(&door, new).await,
    }
}

fn rules(door: &Door, input: &PaymentRecordInput, mistakes: &mut Mistakes) {
    mistakes.text(&input.programme, 60, &["input", "programme"]);
    let period = year_and_month(&input.period);
    let latest = door.today().year() + 1;
    mistakes.unless_saying(
        period.is_some_and(|(year, _)| (FIRST_YEAR..=latest).contains(&year)),
        &INVALID_VALUE,
        &["input", "period"],
        "发放期须为年度（如 2018）或月份（如 2018-06）：请更正。",
        "The period is a year such as 2018 or a month such as 2018-06: correct it.",
    );
    mistakes.positive(input.amount.0, &["input", "amount"]);
    if let Some(paid_on) = input.paid_on {
        mistakes.not_in_future(paid_on.0, door.today(), &["input", "paidOn"]);
    }
}

/// The year and, of a month, the month.
fn year_and_month(period: &str) -> Option<(i32, Option<u8>)> {
    let (year, month) = match period.split_once('-') {
        None => (period, None),
        Some((year, month)) => (year, Some(month)),
    };
    let digits =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(year, 4) || month.is_some_and(|month| !digits(month, 2)) {
        return None;
    }
    let month = match month {
        None => None,
        Some(month) => Some(
            month
                .parse()
                .ok()
                .filter(|month| (1..=12).contains(month))?,
        ),
    };
    Some((year.parse().ok()?, month))
}

/// The member that the payment is for: of the household, now or before, and alive when the period began.
async fn payee(
    door: &Door,
    household: &household::Model,
    id: &ID,
    input: &PaymentRecordInput,
    mistakes: &mut Mistakes,
) -> Result<person::Model, Stop> {
    let path = &["input", "personId"];
    let person = door.find::<person::Entity>(id, path).await?;
    let of_household = person.household_id == household.id;
    mistakes.unless(of_household, &NO_MEMBER, path);
    let begins = year_and_month(&input.period).map(|(year, month)| (year, month.unwrap_or(1)));
    let died = person
        .died_on
        .map(|day| (day.year(), u8::from(day.month())));
    let alive = died.zip(begins).is_none_or(|(died, begins)| begins <= died);
    mistakes.unless(alive, &DIED_BEFORE, path);
    Ok(person)
}

/// The card that the township has chosen.
async fn receiving(
    door: &Door,
    household: &household::Model,
    id: &ID,
    mistakes: &mut Mistakes,
) -> Result<bank_card::Model, Stop> {
    let path = &["input", "bankCardId"];
    let card = door.find::<bank_card::Entity>(id, path).await?;
    let receives = card.household_id == household.id && card.receiving && card.valid_to.is_none();
    mistakes.unless(receives, &NOT_RECEIVING, path);
    Ok(card)
}

async fn add(door: &Door, new: payment::Model) -> Result<Done, Stop> {
    let payment = payment::Model {
        id: door.new_key::<payment::Entity>().await?,
        ..new
    };
    let twice = || Mistake::new(&ALREADY_RECORDED, &["input", "period"]);
    let added = door.insert::<payment::Entity>(payment).await;
    let added = added.map_err(|stop| {
        stop.meaning("payment_once_household", twice())
            .meaning("payment_once_person", twice())
            .meaning("payment_once_identity", twice())
    })?;
    Ok(Done::of(added.id))
}

/// Pays what is on record and was not paid.
async fn carry_on(door: &Door, before: payment::Model, new: payment::Model) -> Result<Done, Stop> {
    let open = match before.state {
        PaymentState::Failed | PaymentState::Bounced => true,
        PaymentState::Pending => new.state == PaymentState::Paid,
        PaymentState::Paid => false,
    };
    if !open {
        return Err(Mistake::new(&ALREADY_RECORDED, &["input", "period"]).into());
    }
    if (before.amount_fen, before.department) != (new.amount_fen, new.department) {
        return Err(Mistake::new(&OTHER_AMOUNT, &["input", "amount"]).into());
    }
    let after = payment::Model {
        state: new.state,
        due_on: new.due_on.or(before.due_on),
        paid_on: new.paid_on,
        // Until it is paid again, what came before the return stays older.
        returned_on: before.returned_on.filter(|_| new.paid_on.is_none()),
        bank_card_id: new.bank_card_id,
        recorded_at_ms: door.now_ms(),
        ..before.clone()
    };
    let after = door.update::<payment::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// Records what came of the payment that is on record for a payee.
pub async fn result(
    door: Door,
    household: &ID,
    input: &PaymentResultRecordInput,
) -> Result<Done, Stop> {
    let household = door
        .find::<household::Entity>(household, &["householdId"])
        .await?;
    let (mut mistakes, path) = (Mistakes::default(), &["input", "personId"]);
    let payee = door.find::<person::Entity>(&input.person_id, path).await?;
    mistakes.unless(payee.household_id == household.id, &NO_MEMBER, path);
    mistakes.unless_saying(
        (input.state == PaymentState::Paid) == input.paid_on.is_some()
            && input.state != PaymentState::Pending,
        &INVALID_VALUE,
        &["input", "state"],
        "已发放的须填实发日期，未发放的不填：请更正。",
        "What was paid has its day, what was not has none: correct it.",
    );
    for (day, field) in [(input.paid_on, "paidOn"), (input.returned_on, "returnedOn")] {
        if let Some(day) = day {
            mistakes.not_in_future(day.0, door.today(), &["input", field]);
        }
    }
    mistakes.none()?;
    let before = of_result(&door, &household, &payee, input).await?;
    if before.amount_fen != input.amount.0 {
        return Err(Mistake::new(&OTHER_AMOUNT, &["input", "amount"]).into());
    }
    let returned_on = input.returned_on.map(|day| day.0);
    let told = (input.state, input.paid_on.map(|day| day.0));
    if (before.state, before.paid_on) == told
        && (returned_on.is_none() || before.returned_on.is_some())
    {
        return Err(Mistake::new(&SAME_ON_RECORD, &["input", "state"]).into());
    }
    if is_older(&before, input) {
        return Err(Mistake::new(&OLDER_RESULT, &["input", "state"]).into());
    }
    if input.state != PaymentState::Paid {
        return not_made(&door, before, (input.state, returned_on)).await;
    }
    let blocked = is_blocked(&door, household.id, before.person_id, BlockedStep::Payment);
    if blocked.await? {
        return Err(Mistake::new(&OPEN_FINDINGS, &["householdId"]).into());
    }
    let paid = payment::Model {
        state: PaymentState::Paid,
        paid_on: input.paid_on.map(|day| day.0),
        ..before.clone()
    };
    carry_on(&door, before, paid).await
}

/// Whether a result is from before what is on record: a file that is sent again does not undo what has come since.
fn is_older(before: &payment::Model, input: &PaymentResultRecordInput) -> bool {
    let told = input.paid_on.or(input.returned_on).map(|day| day.0);
    match (before.state, before.paid_on.or(before.returned_on)) {
        (PaymentState::Paid, on_record) => input.state != PaymentState::Paid && told < on_record,
        (_, on_record) => told.is_some() && told <= on_record,
    }
}

/// The payment that a result is of: the payee's own, else the household's.
async fn of_result(
    door: &Door,
    household: &household::Model,
    payee: &person::Model,
    input: &PaymentResultRecordInput,
) -> Result<payment::Model, Stop> {
    let programme = input.programme.trim();
    for person in [Some(payee.id), None] {
        let of = (household.id, person);
        let found = store::of_period(door, of, (programme, &input.period), input.kind).await?;
        match <[payment::Model; 1]>::try_from(found) {
            Ok([payment]) => return Ok(payment),
            Err(none) if none.is_empty() => {}
            Err(_) => return Err(Mistake::new(&SEVERAL_PAYMENTS, &["input", "kind"]).into()),
        }
    }
    Err(Mistake::new(&NOT_ON_RECORD, &["input", "programme"]).into())
}

/// Records that a payment failed.
pub async fn fail(door: Door, id: &ID, input: &PaymentFailInput) -> Result<Done, Stop> {
    let found = door.find::<payment::Entity>(id, &["id"]).await?;
    let before = store::locked(&door, found.id).await?;
    let before = before.ok_or_else(|| Mistake::new(&NOT_FOUND, &["id"]))?;
    let mut mistakes = Mistakes::default();
    let failure = matches!(input.state, PaymentState::Failed | PaymentState::Bounced);
    mistakes.unless_saying(
        failure,
        &INVALID_VALUE,
        &["input", "state"],
        "须为发放失败或退票：请更正。",
        "A payment fails or bounces: correct it.",
    );
    let (returned_on, path) = (input.returned_on.map(|day| day.0), ["input", "returnedOn"]);
    if let Some(day) = returned_on {
        mistakes.not_in_future(day, door.today(), &path);
    }
    // An older result of the bank is told from a later one by this day.
    mistakes.unless_saying(
        before.paid_on.is_none() || returned_on >= before.paid_on,
        &INVALID_VALUE,
        &path,
        "已发放的须填退回日期，且不早于实发日期：请更正。",
        "What was paid has the day it came back, not before the day paid: correct it.",
    );
    mistakes.none()?;
    not_made(&door, before, (input.state, returned_on)).await
}

async fn not_made(
    door: &Door,
    before: payment::Model,
    (state, returned_on): (PaymentState, Option<Date>),
) -> Result<Done, Stop> {
    let open = match before.state {
        PaymentState::Pending | PaymentState::Paid => true,
        // What is on record without its day may still be given it.
        failed => failed == state && before.returned_on.is_none() && returned_on.is_some(),
    };
    if !open {
        return Err(Mistake::new(&ALREADY_FAILED, &["id"]).into());
    }
    let after = payment::Model {
        state,
        paid_on: None,
        returned_on,
        ..before.clone()
    };
    let after = door.update::<payment::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

#[cfg(test)]
mod tests {
    use super::year_and_month;

    #[test]
    fn a_period_is_a_year_or_a_month() {
        assert_eq!(year_and_month("2018"), Some((2018, None)));
        assert_eq!(year_and_month("2018-06"), Some((2018, Some(6))));
        for wrong in [
            "",
            "18",
            "2018-",
            "2018-0",
            "2018-13",
            "2018-00",
            "2018/06",
            "+018",
            "2018-06-01",
            "２０１８",
        ] {
            assert_eq!(year_and_month(wrong), None, "{wrong}");
        }
    }
}
