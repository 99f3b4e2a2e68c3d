//! The rules of what is taken over.

use super::mutation::{HouseholdLoadInput, LoadedHouseholdInput, LoadedMemberInput};
use crate::{
    db::Opening,
    household::{
        ONE_HEAD, is_head, parts,
        people::{self, MOST_TOLD, NewMember, NumberGiven, PERSON_NOT_AVAILABLE},
        phone_number,
        registration::{
            CARD_NUMBER, MOST_MEMBERS, NO_VILLAGE, blank_row, causes_differ, members_fit,
            standard_of_its_time, store,
        },
        trimmed,
    },
    identifiers::CardNumber,
    vault::{PhoneNumber, Place},
    writing::{Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use ::entity::{
    household::{codes::HouseholdStatus, household, household_status_period, person},
    region_code::RegionLevel,
};
use std::collections::HashSet;
use time::Date;

/// The most households that are taken over at once.
const MOST_HOUSEHOLDS: usize = 100;

/// The citizen numbers of an input, each with its place.
pub fn numbers_of(input: &HouseholdLoadInput) -> Vec<NumberGiven<'_>> {
    let households = input.households.iter().enumerate();
    let numbers = households.flat_map(|(at, household)| {
        let members = household.members.iter().enumerate();
        members.filter_map(move |(place, member)| {
            let (at, place) = (at.to_string(), place.to_string());
            let path = ["input", "households", &at, "members", &place];
            member.basics.number_given(&path)
        })
    });
    numbers.collect()
}

/// A household whose values have been read.
struct Loaded<'i> {
    input: &'i LoadedHouseholdInput,
    members: Vec<NewMember<'i>>,
    phone: Option<PhoneNumber>,
}

/// Takes households over, all or none.
pub async fn load(door: Door, input: &HouseholdLoadInput) -> Result<Done, Stop> {
    let mut mistakes = Mistakes::default();
    mistakes.unless_saying(
        (1..=MOST_HOUSEHOLDS).contains(&input.households.len()),
        &INVALID_VALUE,
        &["input", "households"],
        "一次可导入 1 至 100 户。",
        "From 1 to 100 households at a time.",
    );
    mistakes.none()?;
    let households = &input.households;
    let read = places(households).map(|(household, at)| {
        let path = ["input", "households", &at];
        read(door.today(), household, &path, &mut mistakes)
    });
    let read: Vec<Option<Loaded>> = read.collect();
    are_free(&door, households, &mut mistakes).await?;
    are_villages(&door, households, &mut mistakes).await?;
    are_on_no_file(&door, &read, &mut mistakes).await?;
    mistakes.none()?;
    enter(&door, read.into_iter().flatten().collect()).await
}

fn places(
    households: &[LoadedHouseholdInput],
) -> impl Iterator<Item = (&LoadedHouseholdInput, String)> {
    let households = households.iter().enumerate();
    households.map(|(at, household)| (household, at.to_string()))
}

/// Reads a household; none where a member can't be read.
fn read<'i>(
    today: Date,
    input: &'i LoadedHouseholdInput,
    path: &[&str],
    mistakes: &mut Mistakes,
) -> Option<Loaded<'i>> {
    let at = |field| [path, &[field]].concat();
    for (text, most, field) in [
        (&input.group, 20, "group"),
        (&input.address, 100, "address"),
        (&input.registration_place, 100, "registrationPlace"),
        (&input.wishes, 200, "wishes"),
    ] {
        if let Some(text) = text {
            mistakes.text(text, most, &at(field));
        }
    }
    let phone = phone_number(input.phone.as_deref(), &at("phone"), mistakes);
    standing(today, input, path, mistakes);
    causes_differ(
        input.main_cause,
        &input.other_causes,
        &at("otherCauses"),
        mistakes,
    );
    let card = CardNumber::parse(&input.card_number).ok();
    let of_village = card.is_some_and(|card| card.village() == input.village.0);
    mistakes.unless(of_village, &CARD_NUMBER, &at("cardNumber"));
    members_fit(input.members.len(), &at("members"), mistakes);
    let heads = input.members.iter();
    let heads = heads.filter(|member| is_head(member.basics.relation));
    mistakes.unless(heads.count() == 1, &ONE_HEAD, &at("members"));
    let since = Some(input.registered_on.0);
    let mut members = vec![];
    for (place, member) in input.members.iter().enumerate().take(MOST_MEMBERS) {
        let place = place.to_string();
        let path = [path, &["members", &place]].concat();
        works(member, &path, mistakes);
        members.push(people::told(
            &member.basics,
            (today, since),
            &path,
            mistakes,
        ));
    }
    people::no_number_twice(&members, &at("members"), mistakes);
    let members: Option<Vec<_>> = members.into_iter().collect();
    Some(Loaded {
        input,
        members: members?,
        phone,
    })
}

fn works(member: &LoadedMemberInput, path: &[&str], mistakes: &mut Mistakes) {
    if let Some(work) = &member.work {
        mistakes.text(work, 40, &[path, &["work"]].concat());
    }
    mistakes.unless_saying(
        member
            .work_months
            .is_none_or(|months| (0..=12).contains(&months)),
        &INVALID_VALUE,
        &[path, &["workMonths"]].concat(),
        "务工月数须为 0 至 12。",
        "Months of work are 0 to 12.",
    );
}

/// The status, and the days that go with it: registered, exited, returned, one after the other.
fn standing(today: Date, input: &LoadedHouseholdInput, path: &[&str], mistakes: &mut Mistakes) {
    use HouseholdStatus::{Exited, Registered, Returned};
    let at = |field| [path, &[field]].concat();
    let on = input.registered_on.0;
    mistakes.not_in_future(on, today, &at("registeredOn"));
    if let Some(year) = input.standard_year {
        standard_of_its_time(year, on, &at("standardYear"), mistakes);
    }
    mistakes.unless_saying(
        matches!(input.status, Registered | Exited | Returned),
        &INVALID_VALUE,
        &at("status"),
        "只能导入在册、已脱贫或返贫的户。",
        "Only households on file, exited or returned are taken over.",
    );
    let (exited, returned) = (
        input.exited_on.map(|day| day.0),
        input.returned_on.map(|day| day.0),
    );
    let has_left = matches!(input.status, Exited | Returned);
    mistakes.unless_saying(
        exited.is_some() == has_left,
        &INVALID_VALUE,
        &at("exitedOn"),
        "已脱贫或返贫的户须填写脱贫日期，其他户不填。",
        "The day of exit is that of a household which has exited, or returned since.",
    );
    mistakes.unless_saying(
        returned.is_some() == (input.status == Returned),
        &INVALID_VALUE,
        &at("returnedOn"),
        "返贫的户须填写返贫日期，其他户不填。",
        "The day of return is that of a household which has returned.",
    );
    mistakes.unless_saying(
        input.policy_after_exit.is_some() == (input.status == Exited),
        &INVALID_VALUE,
        &at("policyAfterExit"),
        "已脱贫的户须填写脱贫后政策，其他户不填。",
        "Whether policies are kept is told of a household that has exited.",
    );
    for (day, before, field) in [
        (exited, Some(on), "exitedOn"),
        (returned, exited, "returnedOn"),
    ] {
        mistakes.in_order(before, day, &at(field));
        if let Some(day) = day {
            mistakes.not_in_future(day, today, &at(field));
        }
    }
}

/// No card number is given yet, or stands here twice.
async fn are_free(
    door: &Door,
    households: &[LoadedHouseholdInput],
    mistakes: &mut Mistakes,
) -> Result<(), Stop> {
    let cards: Vec<&str> = households
        .iter()
        .map(|one| one.card_number.as_str())
        .collect();
    let given = store::cards_given(door, &cards);
    let given = door.beyond(Opening::NextCardNumber, given).await?;
    let mut seen = HashSet::new();
    for (household, at) in places(households) {
        let card = household.card_number.as_str();
        let is_free = seen.insert(card) && !given.contains(card);
        let path = ["input", "households", &at, "cardNumber"];
        mistakes.unless(is_free, &CARD_NUMBER, &path);
    }
    Ok(())
}

/// Every village is one of the viewer's.
async fn are_villages(
    door: &Door,
    households: &[LoadedHouseholdInput],
    mistakes: &mut Mistakes,
) -> Result<(), Stop> {
    let mut codes: Vec<i64> = households.iter().map(|one| one.village.0.get()).collect();
    codes.sort_unstable();
    codes.dedup();
    let known = store::regions_among(door, &codes).await?;
    for (household, at) in places(households) {
        let village = household.village.0;
        let is_ours = village.level() == RegionLevel::Village
            && door.access().covers(village.range())
            && known.contains(&village.get());
        let path = ["input", "households", &at, "village"];
        mistakes.unless(is_ours, &NO_VILLAGE, &path);
    }
    Ok(())
}

/// Nobody is on file already, or stands here in two households.
async fn are_on_no_file(
    door: &Door,
    households: &[Option<Loaded<'_>>],
    mistakes: &mut Mistakes,
) -> Result<(), Stop> {
    let mut paths = vec![];
    let mut asked = vec![];
    for (at, household) in households.iter().enumerate() {
        let members = household.iter().flat_map(|household| &household.members);
        for (place, member) in members.enumerate() {
            if let Some(known_by) = member.known_by() {
                paths.push([at.to_string(), place.to_string()]);
                asked.push(known_by);
            }
        }
    }
    let codes = people::on_file(door, &asked).await?;
    let (mut seen, mut told) = (HashSet::new(), 0);
    for ((code, [at, place]), (number, _)) in codes.into_iter().zip(&paths).zip(&asked) {
        let path = ["input", "households", at, "members", place, "citizenNumber"];
        mistakes.unless_saying(
            seen.insert(door.vault().index(*number).0),
            &INVALID_VALUE,
            &path,
            "同一公民身份号码填写了两次：请核对。",
            "This citizen number stands here twice: check it.",
        );
        let Some(code) = code else { continue };
        told += usize::from(*code == PERSON_NOT_AVAILABLE);
        if told <= MOST_TOLD {
            mistakes.add(Mistake::new(code, &path));
        }
    }
    Ok(())
}

async fn enter(door: &Door, loaded: Vec<Loaded<'_>>) -> Result<Done, Stop> {
    let (mut households, mut periods, mut members) = (vec![], vec![], vec![]);
    let keys = door.new_keys::<household::Entity>(loaded.len()).await?;
    let count = loaded.iter().map(|one| one.members.len()).sum();
    let mut person_keys = door.new_keys::<person::Entity>(count).await?;
    for (
        id,
        Loaded {
            input,
            members: of_household,
            phone,
        },
    ) in keys.clone().zip(loaded)
    {
        let household = row(door, id, input, phone)?;
        periods.extend(statuses(&household));
        for (member, (told, id)) in of_household
            .into_iter()
            .zip(input.members.iter().zip(&mut person_keys))
        {
            members.push(person::Model {
                work: trimmed(told.work.as_ref()),
                work_place: told.work_place,
                work_months: told.work_months,
                pension_enrolled: told.pension_enrolled,
                ..people::row(door, &household, member, id)?
            });
        }
        households.push(household);
    }
    let period_keys = door
        .new_keys::<household_status_period::Entity>(periods.len())
        .await?;
    for (period, id) in periods.iter_mut().zip(period_keys) {
        period.id = id;
    }
    let entered = door.insert_all::<household::Entity>(households).await;
    entered.map_err(|stop| stop.raced("household_card"))?;
    door.insert_all::<household_status_period::Entity>(periods)
        .await?;
    people::add_all(door, members).await?;
    Ok(Done::with(keys.start, (keys.start + 1..keys.end).collect()))
}

fn row(
    door: &Door,
    id: i64,
    input: &LoadedHouseholdInput,
    phone: Option<PhoneNumber>,
) -> Result<household::Model, Stop> {
    let place = Place::new("household", "phone_cipher", id);
    let phone = phone.map(|phone| door.seal(place, &phone)).transpose()?;
    let (phone_cipher, phone_index, phone_mask) = parts(phone);
    let registered_on = input.registered_on.0;
    Ok(household::Model {
        group_name: trimmed(input.group.as_ref()),
        card_number: Some(input.card_number.clone()),
        status: input.status,
        class: Some(input.class),
        policy_after_exit: input.policy_after_exit,
        main_cause: Some(input.main_cause),
        second_cause: input.other_causes.first().copied(),
        third_cause: input.other_causes.get(1).copied(),
        standard_year: Some(input.standard_year.unwrap_or(registered_on.year())),
        registered_on: Some(registered_on),
        exited_on: input.exited_on.map(|day| day.0),
        returned_on: input.returned_on.map(|day| day.0),
        address: trimmed(input.address.as_ref()),
        phone_cipher,
        phone_index,
        phone_mask,
        water_safe: input.water_safe,
        power: input.power,
        hardened_road: input.hardened_road,
        sanitary_toilet: input.sanitary_toilet,
        broadcast: input.broadcast,
        fibre: input.fibre,
        clean_energy: input.clean_energy,
        road_distance_m: input.road_distance_m,
        registration_place: trimmed(input.registration_place.as_ref()),
        wishes: trimmed(input.wishes.as_ref()),
        planned_exit_year: input.planned_exit_year,
        ..blank_row(door, id, input.village.0.get())
    })
}

/// What the household has been since it is on file. The papers of those decisions stand in the national register.
fn statuses(household: &household::Model) -> Vec<household_status_period::Model> {
    use HouseholdStatus::{Exited, Registered, Returned};
    let days = [
        (Registered, household.registered_on),
        (Exited, household.exited_on),
        (Returned, household.returned_on),
    ];
    let entered: Vec<_> = days
        .into_iter()
        .filter_map(|(status, day)| Some((status, day?)))
        .collect();
    let ends = entered.iter().skip(1).map(|(_, day)| Some(*day));
    let ends = ends.chain([None]);
    let periods = entered.iter().zip(ends);
    periods
        .map(|((status, day), end)| household_status_period::Model {
            id: 0,
            household_id: household.id,
            region_code: household.region_code,
            county_code: household.county_code,
            status: *status,
            valid_from: *day,
            valid_to: end,
            document_number: None,
        })
        .collect()
}
