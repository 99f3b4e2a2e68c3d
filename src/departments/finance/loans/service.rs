//! The rules of loans. What is owed never falls below zero: the table refuses it, and a repayment says the version of the loan
//! that it reduces, so that of two at once one is told of the other.

use super::{
    super::service::{customer, own_bank},
    mutation::{LoanExtendInput, LoanGrantInput, LoanRenewInput, LoanRepayInput},
};
use crate::{
    household::{PersonShown, trimmed},
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use ::entity::finance::{
    codes::{LoanExtensionKind, LoanState},
    loan, loan_extension, loan_repayment,
};
use async_graphql::ID;
use time::Date;

pub const LOAN_ENDED: Code = Code::new(
    "LOAN_ENDED",
    "该贷款未发放、已还清或已续贷：请核对。",
    "The loan is not granted, or it is repaid or renewed: check it.",
);
pub const LOAN_ON_RECORD: Code = Code::new(
    "LOAN_ON_RECORD",
    "本行已有此编号的贷款：请核对贷款编号。",
    "A loan of this bank has this number already: check the number.",
);
pub const MORE_THAN_OWED: Code = Code::new(
    "MORE_THAN_OWED",
    "偿还本金超过贷款余额：请核对金额。",
    "More principal is repaid than is owed: check the amount.",
);

/// Grants a loan.
pub async fn grant(
    door: Door,
    borrower: PersonShown,
    input: &LoanGrantInput,
) -> Result<Done, Stop> {
    let (bank, mut mistakes) = (own_bank(&door)?, Mistakes::default());
    let borrower = customer(&door, borrower, &mut mistakes).await?;
    mistakes.positive(input.principal.0, &["input", "principal"]);
    let balance = input.balance.unwrap_or(input.principal);
    mistakes.unless_saying(
        input.balance.is_none() || (1..=input.principal.0).contains(&balance.0),
        &INVALID_VALUE,
        &["input", "balance"],
        "贷款余额须大于零，且不超过贷款本金。",
        "What is still owed lies above zero and not above the principal.",
    );
    numbered(input.loan_number.as_ref(), &mut mistakes);
    rate(&mut mistakes, input.rate_basis_points);
    let (from, due) = (input.granted_on.0, input.due_on.0);
    mistakes.not_in_future(from, door.today(), &["input", "grantedOn"]);
    later(&mut mistakes, from, due, &["input", "dueOn"]);
    mistakes.none()?;
    let Some(borrower) = borrower else {
        return Err(Mistake::new(&INVALID_VALUE, &["input", "citizenNumber"]).into());
    };
    let loan = loan::Model {
        id: door.new_key::<loan::Entity>().await?,
        household_id: borrower.household_id,
        region_code: borrower.region_code,
        county_code: borrower.county_code,
        person_id: borrower.id,
        bank_code: bank,
        loan_number: trimmed(input.loan_number.as_ref()),
        kind: input.kind,
        state: LoanState::Granted,
        principal_fen: input.principal.0,
        balance_fen: balance.0,
        rate_bp: input.rate_basis_points,
        granted_on: from,
        due_on: due,
        guarantor: input.guarantor,
        collateral: input.collateral,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let loan = door.insert::<loan::Entity>(loan).await;
    Ok(Done::of(loan.map_err(on_record)?.id))
}

fn numbered(number: Option<&String>, mistakes: &mut Mistakes) {
    if let Some(number) = number {
        mistakes.text(number, 40, &["input", "loanNumber"]);
    }
}

fn on_record(stop: Stop) -> Stop {
    let mistake = Mistake::new(&LOAN_ON_RECORD, &["input", "loanNumber"]);
    stop.meaning("loan_number", mistake)
}

/// Records a repayment.
pub async fn repay(door: Door, input: &LoanRepayInput) -> Result<Done, Stop> {
    let path = &["input", "loanId"];
    let before = owed(&door, &input.loan_id, input.version, path).await?;
    let (mut mistakes, day) = (Mistakes::default(), input.paid_on.0);
    let (principal, interest) = (input.principal.0, input.interest.0);
    happened(&door, &before, day, &["input", "paidOn"], &mut mistakes);
    mistakes.not_negative(principal, &["input", "principal"]);
    mistakes.not_negative(interest, &["input", "interest"]);
    mistakes.unless_saying(
        principal != 0 || interest != 0,
        &INVALID_VALUE,
        &["input", "principal"],
        "请填写偿还的本金或利息。",
        "Give the principal or the interest that was paid.",
    );
    let owed = principal <= before.balance_fen;
    mistakes.unless(owed, &MORE_THAN_OWED, &["input", "principal"]);
    mistakes.none()?;
    let repayment = loan_repayment::Model {
        id: door.new_key::<loan_repayment::Entity>().await?,
        household_id: before.household_id,
        region_code: before.region_code,
        county_code: before.county_code,
        loan_id: before.id,
        bank_code: before.bank_code.clone(),
        paid_on: day,
        principal_fen: principal,
        interest_fen: interest,
        recorded_at_ms: door.now_ms(),
    };
    door.insert::<loan_repayment::Entity>(repayment).await?;
    let mut after = before.clone();
    after.balance_fen -= principal;
    if after.balance_fen == 0 {
        after.state = LoanState::Repaid;
    }
    // Of interest alone the loan keeps its version: nothing of it changes.
    let after = door.update::<loan::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// Extends a loan.
pub async fn extend(
    door: Door,
    id: &ID,
    version: i32,
    input: &LoanExtendInput,
) -> Result<Done, Stop> {
    let before = owed(&door, id, version, &["id"]).await?;
    let (mut mistakes, due) = (Mistakes::default(), input.due_on.0);
    let (day, path) = (input.decided_on.0, &["input", "decidedOn"]);
    happened(&door, &before, day, path, &mut mistakes);
    later(&mut mistakes, before.due_on, due, &["input", "dueOn"]);
    mistakes.none()?;
    let mut after = before.clone();
    after.state = LoanState::Extended;
    after.due_on = due;
    let after = door.update::<loan::Entity>(&before, after).await?;
    let extension = extension(&door, &before, LoanExtensionKind::Extension, (day, due)).await?;
    door.insert::<loan_extension::Entity>(extension).await?;
    Ok(Done::of(after.id))
}

/// Renews a loan: the new one is of what is owed.
pub async fn renew(
    door: Door,
    id: &ID,
    version: i32,
    input: &LoanRenewInput,
) -> Result<Done, Stop> {
    let before = owed(&door, id, version, &["id"]).await?;
    let mut mistakes = Mistakes::default();
    let (decided_on, from, due) = (input.decided_on.0, input.granted_on.0, input.due_on.0);
    let path = &["input", "decidedOn"];
    happened(&door, &before, decided_on, path, &mut mistakes);
    let path = &["input", "grantedOn"];
    happened(&door, &before, from, path, &mut mistakes);
    mistakes.in_order(Some(decided_on), Some(from), path);
    later(
        &mut mistakes,
        before.due_on.max(from),
        due,
        &["input", "dueOn"],
    );
    rate(&mut mistakes, input.rate_basis_points.unwrap_or_default());
    numbered(input.loan_number.as_ref(), &mut mistakes);
    mistakes.none()?;
    let renewal = loan::Model {
        id: door.new_key::<loan::Entity>().await?,
        loan_number: trimmed(input.loan_number.as_ref()),
        state: LoanState::Granted,
        principal_fen: before.balance_fen,
        rate_bp: input.rate_basis_points.unwrap_or(before.rate_bp),
        granted_on: from,
        due_on: due,
        version: 1,
        ..before.clone()
    };
    let renewal = door.insert::<loan::Entity>(renewal).await;
    let renewal = renewal.map_err(on_record)?;
    let mut renewed = before.clone();
    renewed.state = LoanState::Renewed;
    renewed.balance_fen = 0;
    door.update::<loan::Entity>(&before, renewed).await?;
    let kind = LoanExtensionKind::Renewal;
    let extension = loan_extension::Model {
        new_loan_id: Some(renewal.id),
        ..extension(&door, &before, kind, (decided_on, due)).await?
    };
    door.insert::<loan_extension::Entity>(extension).await?;
    Ok(Done::of(renewal.id))
}

/// The loan as the bank knows it, of which something is owed.
async fn owed(door: &Door, id: &ID, version: i32, path: &[&str]) -> Result<loan::Model, Stop> {
    let loan = door.find_version::<loan::Entity>(id, version, path).await?;
    match loan.state {
        LoanState::Granted | LoanState::Extended | LoanState::Overdue => Ok(loan),
        LoanState::Applied | LoanState::Renewed | LoanState::Repaid => {
            Err(Mistake::new(&LOAN_ENDED, path).into())
        }
    }
}

/// What is recorded of a loan happened between its first day and today.
fn happened(door: &Door, loan: &loan::Model, day: Date, path: &[&str], mistakes: &mut Mistakes) {
    mistakes.not_in_future(day, door.today(), path);
    mistakes.in_order(Some(loan.granted_on), Some(day), path);
}

fn later(mistakes: &mut Mistakes, than: Date, due: Date, path: &[&str]) {
    mistakes.unless_saying(
        due > than,
        &INVALID_VALUE,
        path,
        "到期日期须晚于起始日期和原到期日：请更正。",
        "The end must come after the first day and after the end before: correct it.",
    );
}

fn rate(mistakes: &mut Mistakes, basis_points: i32) {
    mistakes.not_negative(basis_points.into(), &["input", "rateBasisPoints"]);
}

async fn extension(
    door: &Door,
    loan: &loan::Model,
    kind: LoanExtensionKind,
    (decided_on, due_after): (Date, Date),
) -> Result<loan_extension::Model, Stop> {
    Ok(loan_extension::Model {
        id: door.new_key::<loan_extension::Entity>().await?,
        household_id: loan.household_id,
        region_code: loan.region_code,
        county_code: loan.county_code,
        loan_id: loan.id,
        bank_code: loan.bank_code.clone(),
        kind,
        decided_on,
        due_before: loan.due_on,
        due_after,
        new_loan_id: None,
        recorded_at_ms: door.now_ms(),
    })
}
