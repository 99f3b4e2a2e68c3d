//! The rules of a file. Domain reference, sections 4, 5 and 7.1.

use super::{
    mutation::{
        HouseholdAmendInput, HouseholdOpenInput, HouseholdRegisterInput, HouseholdStatusRecordInput,
    },
    store,
};
use crate::{
    db::Opening,
    household::{
        ONE_HEAD, help, household_row, is_head, members_today, open_household, parts,
        people::{self, NewMemberInput, NumberGiven},
        phone_number, trimmed,
    },
    identifiers::CardNumber,
    reconciliation::{OPEN_FINDINGS, is_blocked},
    vault::Place,
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use ::entity::{
    codes::{CodeList, Department},
    household::{
        codes::{HouseholdStatus, PovertyCause},
        household, household_status_period,
    },
    reconciliation::codes::BlockedStep,
    region_code::{RegionCode, RegionLevel},
};
use async_graphql::{ID, MaybeUndefined};
use time::Date;

pub const NO_VILLAGE: Code = Code::new(
    "NO_VILLAGE",
    "行政区划代码须为您辖区内的村（12 位）：请核对。",
    "This must be a village of yours, 12 digits: check the code.",
);
pub const NOTHING_TO_CONFIRM: Code = Code::new(
    "NOTHING_TO_CONFIRM",
    "该户无需乡镇核实：由乡镇建立或已核实。",
    "There is nothing to confirm: the township opened this household, or has confirmed it.",
);
pub const STATUS_NOT_ALLOWED: Code = Code::new(
    "STATUS_NOT_ALLOWED",
    "户状态不能这样变更：请查看说明中可选的状态。",
    "The status can't change so: see the message for what it can change to.",
);
pub const NOT_CONFIRMED: Code = Code::new(
    "NOT_CONFIRMED",
    "该户基本信息尚未经乡镇核实：请先由乡镇办理 householdConfirm。",
    "The township has not confirmed the basics yet: ask it for householdConfirm.",
);
pub const CARD_NUMBER: Code = Code::new(
    "CARD_NUMBER",
    "户编号须为该村 12 位代码加 4 位序号、未被使用；原有户编号的不得更改。",
    "A card number is the village's 12 digits and a serial of 4 that is free; a household that had one keeps it.",
);
pub const STILL_MEMBERS: Code = Code::new(
    "STILL_MEMBERS",
    "该户仍有成员：最后一名成员死亡或迁出后方可销户。",
    "The household still has members: it is closed when the last one has died or left.",
);

/// The most members of a household.
pub const MOST_MEMBERS: usize = 20;

/// The citizen numbers among new members, each with its place in the input.
pub fn numbers_of(members: &[NewMemberInput]) -> Vec<NumberGiven<'_>> {
    let numbers = members.iter().enumerate();
    let numbers = numbers.filter_map(|(place, member)| {
        let place = place.to_string();
        member.number_given(&["input", "members", &place])
    });
    numbers.take(MOST_MEMBERS).collect()
}

/// Opens a candidate.
pub async fn open(door: Door, input: &HouseholdOpenInput) -> Result<Done, Stop> {
    let mut mistakes = Mistakes::default();
    let village = village(&door, input.village.0, &mut mistakes).await?;
    for (text, most, field) in [
        (&input.group, 20, "group"),
        (&input.address, 100, "address"),
    ] {
        if let Some(text) = text {
            mistakes.text(text, most, &["input", field]);
        }
    }
    let phone = phone_number(input.phone.as_deref(), &["input", "phone"], &mut mistakes);
    members_fit(input.members.len(), &["input", "members"], &mut mistakes);
    let heads = input
        .members
        .iter()
        .filter(|member| is_head(member.relation));
    mistakes.unless(heads.count() == 1, &ONE_HEAD, &["input", "members"]);
    let mut members = vec![];
    for (place, member) in input.members.iter().enumerate().take(MOST_MEMBERS) {
        let place = place.to_string();
        let path = ["input", "members", &place];
        members.push(people::read(&door, member, &path, &mut mistakes).await?);
    }
    people::no_number_twice(&members, &["input", "members"], &mut mistakes);
    mistakes.none()?;
    let mut household = blank(&door, village).await?;
    household.group_name = trimmed(input.group.as_ref());
    household.address = trimmed(input.address.as_ref());
    let place = Place::new("household", "phone_cipher", household.id);
    let phone = phone.map(|phone| door.seal(place, &phone)).transpose()?;
    (
        household.phone_cipher,
        household.phone_index,
        household.phone_mask,
    ) = parts(phone);
    let from = members
        .iter()
        .filter_map(|member| Some(member.as_ref()?.from()));
    let from = from.min().unwrap_or(door.today());
    let household = open_new(&door, household, from).await?;
    for member in members.into_iter().flatten() {
        people::add(&door, &household, member).await?;
    }
    Ok(Done::of(household.id))
}

/// Opens a household that has no members yet, as a candidate from this day on.
pub async fn open_new(
    door: &Door,
    mut household: household::Model,
    from: Date,
) -> Result<household::Model, Stop> {
    let department = door.access().viewer.department;
    household.status = HouseholdStatus::Candidate;
    household.opened_by = Some(department);
    household.confirmed_on = (department == Department::Township).then(|| door.today());
    let household = door.insert::<household::Entity>(household).await?;
    begin(door, &household, from, None).await?;
    Ok(household)
}

/// A household of a village of which nothing is known.
pub async fn blank(door: &Door, village: i64) -> Result<household::Model, Stop> {
    let id = door.new_key::<household::Entity>().await?;
    Ok(blank_row(door, id, village))
}

/// The same with this key.
pub fn blank_row(door: &Door, id: i64, village: i64) -> household::Model {
    household::Model {
        id,
        region_code: village,
        county_code: village / 1_000_000,
        group_name: None,
        card_number: None,
        card_order: String::new(),
        status: HouseholdStatus::Candidate,
        class: None,
        policy_after_exit: None,
        main_cause: None,
        second_cause: None,
        third_cause: None,
        standard_year: None,
        registered_on: None,
        exited_on: None,
        returned_on: None,
        closed_on: None,
        address: None,
        phone_cipher: None,
        phone_index: None,
        phone_mask: None,
        water_safe: None,
        power: None,
        hardened_road: None,
        sanitary_toilet: None,
        broadcast: None,
        fibre: None,
        clean_energy: None,
        road_distance_m: None,
        registration_place: None,
        wishes: None,
        planned_exit_year: None,
        opened_by: None,
        confirmed_on: None,
        return_cause: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    }
}

/// The village, where it is one inside of what the viewer writes.
async fn village(door: &Door, code: RegionCode, mistakes: &mut Mistakes) -> Result<i64, Stop> {
    let known = code.level() == RegionLevel::Village
        && door.access().covers(code.range())
        && store::region_exists(door, code.get()).await?;
    mistakes.unless(known, &NO_VILLAGE, &["input", "village"]);
    Ok(code.get())
}

/// Confirms a candidate that another department opened.
pub async fn confirm(door: Door, id: &ID, version: i32) -> Result<Done, Stop> {
    let before = door
        .find_version::<household::Entity>(id, version, &["id"])
        .await?;
    let mut mistakes = Mistakes::default();
    let waits = before.opened_by.is_some() && before.confirmed_on.is_none();
    mistakes.unless(waits, &NOTHING_TO_CONFIRM, &["id"]);
    mistakes.none()?;
    let mut after = before.clone();
    after.confirmed_on = Some(door.today());
    let after = door.update::<household::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// Puts a household under appraisal on file.
pub async fn register(
    door: Door,
    id: &ID,
    version: i32,
    input: &HouseholdRegisterInput,
) -> Result<Done, Stop> {
    let before = door
        .find_version::<household::Entity>(id, version, &["id"])
        .await?;
    let mut mistakes = Mistakes::default();
    if before.status != HouseholdStatus::UnderAppraisal {
        mistakes.add(not_allowed(before.status, &["id"]));
    }
    let confirmed = before.opened_by.is_none() || before.confirmed_on.is_some();
    mistakes.unless(confirmed, &NOT_CONFIRMED, &["id"]);
    let members = members_today(&door, before.id).await?;
    let heads = members.iter().filter(|member| member.is_head).count();
    mistakes.unless(heads == 1, &ONE_HEAD, &["id"]);
    let blocked = is_blocked(&door, before.id, None, BlockedStep::Confirmation).await?;
    mistakes.unless(!blocked, &OPEN_FINDINGS, &["id"]);
    let path = ["input", "otherCauses"];
    causes_differ(input.main_cause, &input.other_causes, &path, &mut mistakes);
    let on = input.registered_on.0;
    let standard_year = input.standard_year.unwrap_or(on.year());
    let path = ["input", "standardYear"];
    standard_of_its_time(standard_year, on, &path, &mut mistakes);
    let path = ["input", "registeredOn"];
    let document = decided(
        &door,
        &before,
        on,
        &path,
        &input.document_number,
        &mut mistakes,
    );
    let document = document.await?;
    let card = card(&door, &before, input.card_number.as_deref(), &mut mistakes).await?;
    mistakes.none()?;
    let mut after = before.clone();
    after.card_number = Some(card);
    after.class = Some(input.class);
    after.main_cause = Some(input.main_cause);
    after.second_cause = input.other_causes.first().copied();
    after.third_cause = input.other_causes.get(1).copied();
    after.standard_year = Some(standard_year);
    after.registered_on = Some(on);
    after.status = HouseholdStatus::Registered;
    let done = enter(&door, &before, after, on, Some(document)).await;
    done.map_err(|stop| match input.card_number {
        // The next serial was taken in between: the next one is.
        None => stop.raced("household_card"),
        Some(_) => stop.meaning(
            "household_card",
            Mistake::new(&CARD_NUMBER, &["input", "cardNumber"]),
        ),
    })
}

/// There are at most three causes, and none stands twice.
pub fn causes_differ(
    main: PovertyCause,
    others: &[PovertyCause],
    path: &[&str],
    mistakes: &mut Mistakes,
) {
    let mut causes = [others, &[main]].concat();
    let count = causes.len();
    causes.sort_unstable();
    causes.dedup();
    mistakes.unless_saying(
        count <= 3 && causes.len() == count,
        &INVALID_VALUE,
        path,
        "其他致贫原因最多两项，且不得与主要原因或彼此重复。",
        "There are at most two other causes, and no cause stands twice.",
    );
}

/// The standard of a registration is one of its time.
pub fn standard_of_its_time(year: i32, on: Date, path: &[&str], mistakes: &mut Mistakes) {
    mistakes.unless_saying(
        (2014..=on.year()).contains(&year),
        &INVALID_VALUE,
        path,
        "识别标准年度须不早于 2014 年，且不晚于建档年度。",
        "The year of the standard is 2014 or later, and not after the registration.",
    );
}

/// A household has members, and not too many.
pub fn members_fit(count: usize, path: &[&str], mistakes: &mut Mistakes) {
    mistakes.unless_saying(
        (1..=MOST_MEMBERS).contains(&count),
        &INVALID_VALUE,
        path,
        "每户成员须为 1 至 20 人。",
        "A household has 1 to 20 members.",
    );
}

/// The card number: the one it had, the one given, or the next of the village.
async fn card(
    door: &Door,
    household: &household::Model,
    given: Option<&str>,
    mistakes: &mut Mistakes,
) -> Result<String, Stop> {
    let path = ["input", "cardNumber"];
    let given = match given.map(CardNumber::parse) {
        Some(Ok(card)) if card.village().get() == household.region_code => Some(card.to_string()),
        Some(_) => {
            mistakes.add(Mistake::new(&CARD_NUMBER, &path));
            None
        }
        None => None,
    };
    if let Some(own) = &household.card_number {
        let keeps = given.as_ref().is_none_or(|given| given == own);
        mistakes.unless(keeps, &CARD_NUMBER, &path);
        return Ok(own.clone());
    }
    if let Some(given) = given {
        return Ok(given);
    }
    let highest = store::highest_card(door, household.region_code);
    let highest = door.beyond(Opening::NextCardNumber, highest).await?;
    let highest = highest.and_then(|card| CardNumber::parse(&card).ok());
    let serial = highest.map_or(1, |card| card.serial() + 1);
    let village = RegionCode::try_from(household.region_code).ok();
    match village.and_then(|village| CardNumber::with_serial(village, serial).ok()) {
        Some(card) => Ok(card.to_string()),
        None => Err(Mistake::new(&CARD_NUMBER, &path).into()),
    }
}

/// Changes basics.
pub async fn amend(
    door: Door,
    id: &ID,
    version: i32,
    input: &HouseholdAmendInput,
) -> Result<Done, Stop> {
    let before = door
        .find_version::<household::Entity>(id, version, &["id"])
        .await?;
    let HouseholdAmendInput {
        group,
        address,
        phone,
        registration_place,
        wishes,
    } = input;
    let mut mistakes = Mistakes::default();
    open_household(&before, &["id"], &mut mistakes);
    let mut after = before.clone();
    let texts = [
        (group, 20, "group", &mut after.group_name),
        (address, 100, "address", &mut after.address),
        (
            registration_place,
            100,
            "registrationPlace",
            &mut after.registration_place,
        ),
        (wishes, 200, "wishes", &mut after.wishes),
    ];
    for (change, most, field, column) in texts {
        match change {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => *column = None,
            MaybeUndefined::Value(text) => {
                mistakes.text(text, most, &["input", field]);
                *column = Some(text.trim().to_owned());
            }
        }
    }
    if !phone.is_undefined() {
        let phone = phone_number(
            phone.value().map(String::as_str),
            &["input", "phone"],
            &mut mistakes,
        );
        let place = Place::new("household", "phone_cipher", before.id);
        let phone = phone.map(|phone| door.seal(place, &phone)).transpose()?;
        (after.phone_cipher, after.phone_index, after.phone_mask) = parts(phone);
    }
    mistakes.none()?;
    let after = door.update::<household::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// Records a decision on the status.
pub async fn record_status(
    door: Door,
    id: &ID,
    version: i32,
    input: &HouseholdStatusRecordInput,
) -> Result<Done, Stop> {
    use HouseholdStatus::{Closed, Exited, Returned};
    let before = door
        .find_version::<household::Entity>(id, version, &["id"])
        .await?;
    let mut mistakes = Mistakes::default();
    let path = ["input", "status"];
    if !allowed(before.status).contains(&input.status) {
        mistakes.add(not_allowed(before.status, &path));
    }
    let on = input.on.0;
    let at = ["input", "on"];
    let document = decided(
        &door,
        &before,
        on,
        &at,
        &input.document_number,
        &mut mistakes,
    );
    let document = document.await?;
    let mut after = before.clone();
    after.status = input.status;
    match input.status {
        Exited => {
            let blocked = is_blocked(&door, before.id, None, BlockedStep::Exit).await?;
            mistakes.unless(!blocked, &OPEN_FINDINGS, &path);
            let field = ["input", "policyAfterExit"];
            mistakes.unless(input.policy_after_exit.is_some(), &INVALID_VALUE, &field);
            after.policy_after_exit = input.policy_after_exit;
            after.exited_on = Some(on);
        }
        Returned => {
            let field = ["input", "returnCause"];
            mistakes.unless(input.return_cause.is_some(), &INVALID_VALUE, &field);
            after.return_cause = input.return_cause;
            after.returned_on = Some(on);
        }
        Closed => {
            let empty = members_today(&door, before.id).await?.is_empty();
            mistakes.unless(empty, &STILL_MEMBERS, &path);
        }
        _ => {}
    }
    mistakes.none()?;
    enter(&door, &before, after, on, Some(document)).await
}

/// What a status can become. Registration has its own mutation. Source: domain reference, section 7.1.
pub fn allowed(status: HouseholdStatus) -> &'static [HouseholdStatus] {
    use HouseholdStatus::{
        Candidate, Closed, Exited, Registered, Returned, StruckOff, UnderAppraisal,
    };
    match status {
        Candidate => &[UnderAppraisal, Closed],
        UnderAppraisal => &[Candidate, Closed],
        Registered | Returned => &[Exited, StruckOff, Closed],
        Exited => &[Returned, StruckOff, Closed],
        StruckOff => &[UnderAppraisal],
        Closed => &[],
    }
}

/// Says which statuses are possible.
fn not_allowed(status: HouseholdStatus, path: &[&str]) -> Mistake {
    let now = status.entry();
    let mut next: Vec<_> = allowed(status).iter().map(|next| next.entry()).collect();
    if status == HouseholdStatus::UnderAppraisal {
        next.push(HouseholdStatus::Registered.entry());
    }
    let chinese: Vec<_> = next.iter().map(|next| next.chinese).collect();
    let english: Vec<_> = next.iter().map(|next| next.word).collect();
    let (chinese, english) = match next.is_empty() {
        true => ("（无）".to_owned(), "nothing".to_owned()),
        false => (chinese.join("、"), english.join(", ")),
    };
    Mistake::saying(
        &STATUS_NOT_ALLOWED,
        path,
        format!("该户现为{}，只能转为：{chinese}。", now.chinese),
        format!("The household is {}; it can become: {english}.", now.word),
    )
}

/// The day and the paper of a decision: not before the status that it ends, and not ahead.
async fn decided(
    door: &Door,
    household: &household::Model,
    on: Date,
    path: &[&str],
    document: &str,
    mistakes: &mut Mistakes,
) -> Result<String, Stop> {
    mistakes.not_in_future(on, door.today(), path);
    let period = store::period_today(door, household.id).await?;
    mistakes.in_order(period.map(|period| period.valid_from), Some(on), path);
    mistakes.text(document, 60, &["input", "documentNumber"]);
    Ok(document.trim().to_owned())
}

/// Enters a status: the period before it ends, the household says what holds now. A household that is closed has no helpers
/// any more.
async fn enter(
    door: &Door,
    before: &household::Model,
    mut after: household::Model,
    on: Date,
    document: Option<String>,
) -> Result<Done, Stop> {
    if let Some(period) = store::period_today(door, before.id).await? {
        let mut ended = period.clone();
        ended.valid_to = Some(on.max(period.valid_from));
        door.update::<household_status_period::Entity>(&period, ended)
            .await?;
    }
    begin(door, &after, on, document).await?;
    if after.status == HouseholdStatus::Closed {
        after.closed_on = Some(on);
        help::end_all(door, before.id, on).await?;
    }
    let after = door.update::<household::Entity>(before, after).await?;
    Ok(Done::of(after.id))
}

async fn begin(
    door: &Door,
    household: &household::Model,
    on: Date,
    document: Option<String>,
) -> Result<(), Stop> {
    let period = household_status_period::Model {
        id: door.new_key::<household_status_period::Entity>().await?,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        status: household.status,
        valid_from: on,
        valid_to: None,
        document_number: document,
    };
    door.insert::<household_status_period::Entity>(period)
        .await?;
    Ok(())
}

/// Closes a household, wherever it is, when its last member has left. One that was struck off stays so: it is not open.
pub async fn close_when_empty(door: &Door, household: i64, on: Date) -> Result<(), Stop> {
    if !members_today(door, household).await?.is_empty() {
        return Ok(());
    }
    let closable =
        |before: &household::Model| allowed(before.status).contains(&HouseholdStatus::Closed);
    let Some(before) = household_row(door, household).await?.filter(closable) else {
        return Ok(());
    };
    let mut after = before.clone();
    after.status = HouseholdStatus::Closed;
    let since = store::period_today(door, household).await?;
    let on = since.map_or(on, |period| on.max(period.valid_from));
    enter(door, &before, after, on, None).await?;
    Ok(())
}
