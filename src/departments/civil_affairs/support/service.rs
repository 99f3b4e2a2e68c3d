//! The rules of special support, cash subsidies, temporary and medical assistance.

use super::super::{
    service::{approved_months, first_of_month, taken},
    store::{Cover, Covered, Grant, OpenCover},
};
use super::{
    mutation::{
        CashSubsidyGrantInput, MedicalAssistanceDecideInput, SpecialSupportGrantInput,
        SpecialSupportStopInput, TemporaryAssistanceGrantInput,
    },
    store,
};
use crate::{
    household::{has_policies, member, members_today},
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use ::entity::{
    civil_affairs::{
        cash_subsidy, codes::SupportMode, medical_assistance, special_support, temporary_assistance,
    },
    household::household,
};
use async_graphql::ID;
use time::{Date, Month};

pub const ON_SPECIAL_SUPPORT: Code = Code::new(
    "ON_SPECIAL_SUPPORT",
    "此人在此期间已享受特困供养：请先停发原有供养。",
    "The person is on special support in this period: stop that support first.",
);
pub const ON_DISABILITY_ALLOWANCE: Code = Code::new(
    "ON_DISABILITY_ALLOWANCE",
    "此人正在领取残疾人补贴，不能同时集中供养：请核对供养方式或补贴。",
    "The person draws a disability allowance, which support in an institution excludes: check the mode or the allowance.",
);
pub const ENDED: Code = Code::new(
    "ENDED",
    "该特困供养已停发：不能再变更。",
    "This support has ended: it can't be changed any more.",
);
pub const NOT_REGISTERED: Code = Code::new(
    "NOT_REGISTERED",
    "该户不是在册户，也不在脱贫后享受政策期：现金直补只发给建档立卡户。",
    "The household is not on file and keeps no policies after exit: a cash subsidy is for registered households.",
);
pub const SUBSIDISED: Code = Code::new(
    "SUBSIDISED",
    "该户此年度已有现金直补：每年只发一次。",
    "The household has a cash subsidy of this year: there is one a year.",
);
pub const ABOVE_LEFT: Code = Code::new(
    "ABOVE_LEFT",
    "救助金额超过救助前个人自付：请更正金额。",
    "The amount is above what was left with the patient: correct it.",
);
pub const NO_CLAIM: Code = Code::new(
    "NO_CLAIM",
    "此人没有该结算单：请核对单号；不针对单次结算的救助请留空。",
    "The person has no claim of this number: check it, or leave it out where the decision is on no single claim.",
);
pub const CLAIM_DECIDED: Code = Code::new(
    "CLAIM_DECIDED",
    "该结算单已有同类医疗救助：每单每类只救助一次。",
    "Assistance of this kind was decided on this claim before: there is one a claim.",
);

/// Grants special support.
pub async fn grant_special_support(
    door: Door,
    person: &ID,
    input: &SpecialSupportGrantInput,
) -> Result<Done, Stop> {
    let person = member(&door, person, &["personId"]).await?;
    let from = input.valid_from.0;
    let mut mistakes = Mistakes::default();
    mistakes.text(&input.support_number, 40, &["input", "supportNumber"]);
    for (fen, field) in [
        (input.standard, "standard"),
        (input.monthly_amount, "monthlyAmount"),
        (input.monthly_care_amount, "monthlyCareAmount"),
    ] {
        mistakes.not_negative(fen.0, &["input", field]);
    }
    approved_months(&mut mistakes, &door, input.approved_on.0, from);
    let excluded = input.mode == SupportMode::Centralised
        && store::draws_disability_allowance(&door, person.id, from).await?;
    mistakes.unless(!excluded, &ON_DISABILITY_ALLOWANCE, &["input", "mode"]);
    mistakes.none()?;
    let support = special_support::Model {
        id: door.new_key::<special_support::Entity>().await?,
        household_id: person.household_id,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: person.id,
        support_number: input.support_number.trim().to_owned(),
        mode: input.mode,
        care_level: input.care_level,
        standard_fen: input.standard.0,
        monthly_fen: input.monthly_amount.0,
        monthly_care_fen: input.monthly_care_amount.0,
        approved_on: input.approved_on.0,
        valid_from: from,
        valid_to: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let path = ["input", "validFrom"];
    let support = door.insert::<special_support::Entity>(support).await;
    let support = support.map_err(|stop| {
        let mistake = Mistake::new(&ON_SPECIAL_SUPPORT, &path);
        stop.meaning("special_support_one_at_a_time", mistake)
    })?;
    let cover = Cover {
        grant: Grant::SpecialSupport(support.id),
        household_id: support.household_id,
        region_code: support.region_code,
        county_code: support.county_code,
        valid_from: from,
        valid_to: None,
    };
    let covered = cover.person(&door, Covered::from(&person)).await;
    covered.map_err(|stop| taken(stop, &path))?;
    Ok(Done::of(support.id))
}

/// Ends special support.
pub async fn stop_special_support(
    door: Door,
    id: &ID,
    version: i32,
    input: &SpecialSupportStopInput,
) -> Result<Done, Stop> {
    let before = door
        .find_version::<special_support::Entity>(id, version, &["id"])
        .await?;
    let mut mistakes = Mistakes::default();
    mistakes.unless(before.valid_to.is_none(), &ENDED, &["id"]);
    let path = ["input", "from"];
    first_of_month(&mut mistakes, input.from.0, &path);
    mistakes.in_order(Some(before.valid_from), Some(input.from.0), &path);
    mistakes.none()?;
    let cover = OpenCover::of(&door, Grant::SpecialSupport(before.id)).await?;
    cover.end(&door, input.from.0).await?;
    let mut after = before.clone();
    after.valid_to = Some(input.from.0);
    let after = door
        .update::<special_support::Entity>(&before, after)
        .await?;
    Ok(Done::of(after.id))
}

/// Grants the cash subsidy of a year: for the whole household, for the whole year.
pub async fn grant_cash_subsidy(
    door: Door,
    household: &ID,
    input: &CashSubsidyGrantInput,
) -> Result<Done, Stop> {
    let household = door
        .find::<household::Entity>(household, &["householdId"])
        .await?;
    let today = door.today();
    let mut mistakes = Mistakes::default();
    mistakes.unless(has_policies(&household), &NOT_REGISTERED, &["householdId"]);
    mistakes.unless_saying(
        [today.year(), today.year() + 1].contains(&input.year),
        &INVALID_VALUE,
        &["input", "year"],
        "只能批准本年度或下一年度的补贴：请更正。",
        "A subsidy is granted for this year or the next one: correct it.",
    );
    mistakes.positive(input.per_head.0, &["input", "perHead"]);
    mistakes.not_in_future(input.approved_on.0, today, &["input", "approvedOn"]);
    mistakes.none()?;
    let members = members_today(&door, household.id).await?;
    let persons = i32::try_from(members.len()).unwrap_or(i32::MAX);
    let id = door.new_key::<cash_subsidy::Entity>().await?;
    let cover = Cover {
        grant: Grant::CashSubsidy(id),
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        valid_from: new_year(input.year),
        valid_to: Some(new_year(input.year + 1)),
    };
    let subsidy = cash_subsidy::Model {
        id,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        year: input.year,
        persons,
        per_head_fen: input.per_head.0,
        amount_fen: i64::from(persons) * input.per_head.0,
        approved_on: input.approved_on.0,
        valid_from: cover.valid_from,
        valid_to: cover.valid_to,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let path = ["input", "year"];
    let subsidy = door.insert::<cash_subsidy::Entity>(subsidy).await;
    let subsidy = subsidy.map_err(|stop| {
        stop.meaning("cash_subsidy_once_a_year", Mistake::new(&SUBSIDISED, &path))
    })?;
    let members: Vec<_> = members.iter().map(Covered::from).collect();
    let covered = cover.household(&door, &members).await;
    covered.map_err(|stop| taken(stop, &path))?;
    Ok(Done::of(subsidy.id))
}

fn new_year(year: i32) -> Date {
    Date::from_calendar_date(year, Month::January, 1).unwrap_or(Date::MAX)
}

/// Grants temporary assistance.
pub async fn grant_temporary_assistance(
    door: Door,
    household: &ID,
    input: &TemporaryAssistanceGrantInput,
) -> Result<Done, Stop> {
    let household = door
        .find::<household::Entity>(household, &["householdId"])
        .await?;
    let (applied_on, decided_on) = (input.applied_on.0, input.decided_on.0);
    let mut mistakes = Mistakes::default();
    mistakes.positive(input.amount.0, &["input", "amount"]);
    mistakes.in_order(Some(applied_on), Some(decided_on), &["input", "decidedOn"]);
    mistakes.not_in_future(decided_on, door.today(), &["input", "decidedOn"]);
    mistakes.none()?;
    let assistance = temporary_assistance::Model {
        id: door.new_key::<temporary_assistance::Entity>().await?,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        reason: input.reason,
        amount_fen: input.amount.0,
        applied_on,
        decided_on,
        recorded_at_ms: door.now_ms(),
    };
    let assistance = door
        .insert::<temporary_assistance::Entity>(assistance)
        .await?;
    Ok(Done::of(assistance.id))
}

/// Decides on medical assistance.
pub async fn decide_medical_assistance(
    door: Door,
    person: &ID,
    input: &MedicalAssistanceDecideInput,
) -> Result<Done, Stop> {
    let person = member(&door, person, &["personId"]).await?;
    let (left, amount) = (input.left_with_patient.0, input.amount.0);
    let claim_number = input.claim_number.as_deref().map(str::trim);
    let path = ["input", "claimNumber"];
    let mut mistakes = Mistakes::default();
    mistakes.not_negative(left, &["input", "leftWithPatient"]);
    mistakes.not_negative(amount, &["input", "amount"]);
    mistakes.unless(amount <= left, &ABOVE_LEFT, &["input", "amount"]);
    mistakes.not_in_future(input.decided_on.0, door.today(), &["input", "decidedOn"]);
    if let Some(number) = claim_number {
        // Only of the person's own claims it is told what was decided on them.
        let own = store::has_claim(&door, person.id, number).await?;
        mistakes.unless(own, &NO_CLAIM, &path);
    }
    mistakes.none()?;
    let assistance = medical_assistance::Model {
        id: door.new_key::<medical_assistance::Entity>().await?,
        household_id: person.household_id,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: person.id,
        kind: input.kind,
        claim_number: claim_number.map(str::to_owned),
        left_fen: left,
        amount_fen: amount,
        decided_on: input.decided_on.0,
        recorded_at_ms: door.now_ms(),
    };
    let assistance = door.insert::<medical_assistance::Entity>(assistance).await;
    let assistance = assistance.map_err(|stop| {
        let mistake = Mistake::new(&CLAIM_DECIDED, &path);
        stop.meaning("medical_assistance_once_a_claim", mistake)
    })?;
    Ok(Done::of(assistance.id))
}
