//! The rules of care.

use super::{
    super::service::{hospital, member},
    mutation::{CheckupRecordInput, DoctorContractSignInput, DoctorVisitRecordInput},
    store,
};
use crate::writing::{Code, Done, Door, Mistake, Mistakes, Stop};
use ::entity::health::{check_up, doctor_contract, doctor_visit};

pub const FREE_CHECK_UP_USED: Code = Code::new(
    "FREE_CHECK_UP_USED",
    "此人本年度已享受免费体检：请登记为非免费。",
    "The person has had the free check-up of this year: record this one as not free.",
);
pub const HAS_DOCTOR: Code = Code::new(
    "HAS_DOCTOR",
    "此人在该日期及以后已有签约：请填写晚于已有签约起始日的日期。",
    "The person has a contract from this day on or later: give a day after its first one.",
);
pub const NO_CONTRACT_THEN: Code = Code::new(
    "NO_CONTRACT_THEN",
    "随访日期不在签约期内：请核对日期和签约。",
    "The contract was not in force on this day: check day and contract.",
);

/// Records a check-up.
pub async fn check_up(door: Door, input: &CheckupRecordInput) -> Result<Done, Stop> {
    let (mut mistakes, day) = (Mistakes::default(), input.checked_on.0);
    let person = member(&door, &input.person_id, day, &mut mistakes).await?;
    mistakes.not_in_future(day, door.today(), &["input", "checkedOn"]);
    hospital(&door, &input.institution_code, &mut mistakes).await?;
    mistakes.none()?;
    let row = check_up::Model {
        id: door.new_key::<check_up::Entity>().await?,
        household_id: person.household_id,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: person.id,
        checked_on: day,
        year: day.year(),
        institution_code: input.institution_code.clone(),
        free: input.free,
        result: input.result,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let used = || Mistake::new(&FREE_CHECK_UP_USED, &["input", "free"]);
    let added = door.insert::<check_up::Entity>(row).await;
    let added = added.map_err(|stop| stop.meaning("check_up_one_free_a_year", used()))?;
    Ok(Done::of(added.id))
}

/// Signs a contract. What a doctor was responsible for until then stays as it was.
pub async fn sign(door: Door, input: &DoctorContractSignInput) -> Result<Done, Stop> {
    let (mut mistakes, from) = (Mistakes::default(), input.valid_from.0);
    let person = member(&door, &input.person_id, from, &mut mistakes).await?;
    mistakes.not_in_future(from, door.today(), &["input", "validFrom"]);
    mistakes.text(&input.doctor_name, 40, &["input", "doctorName"]);
    hospital(&door, &input.institution_code, &mut mistakes).await?;
    mistakes.none()?;
    let before = store::contract_in_force(&door, person.id).await?;
    if let Some(before) = before.filter(|before| before.valid_from < from) {
        let mut ended = before.clone();
        ended.valid_to = Some(from);
        door.update::<doctor_contract::Entity>(&before, ended)
            .await?;
    }
    let contract = doctor_contract::Model {
        id: door.new_key::<doctor_contract::Entity>().await?,
        household_id: person.household_id,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: person.id,
        institution_code: input.institution_code.clone(),
        doctor_name: input.doctor_name.trim().to_owned(),
        focus: input.focus,
        valid_from: from,
        valid_to: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let taken = || Mistake::new(&HAS_DOCTOR, &["input", "validFrom"]);
    let added = door.insert::<doctor_contract::Entity>(contract).await;
    let added = added.map_err(|stop| stop.meaning("doctor_contract_one_at_a_time", taken()))?;
    Ok(Done::of(added.id))
}

/// Records a visit.
pub async fn visit(door: Door, input: &DoctorVisitRecordInput) -> Result<Done, Stop> {
    let path = &["input", "contractId"];
    let contract = door
        .find::<doctor_contract::Entity>(&input.contract_id, path)
        .await?;
    let (mut mistakes, day) = (Mistakes::default(), input.visited_on.0);
    let path = &["input", "visitedOn"];
    mistakes.not_in_future(day, door.today(), path);
    let in_force = contract.valid_from <= day && contract.valid_to.is_none_or(|end| day < end);
    mistakes.unless(in_force, &NO_CONTRACT_THEN, path);
    mistakes.none()?;
    let visit = doctor_visit::Model {
        id: door.new_key::<doctor_visit::Entity>().await?,
        household_id: contract.household_id,
        region_code: contract.region_code,
        county_code: contract.county_code,
        person_id: contract.person_id,
        contract_id: contract.id,
        visited_on: day,
        way: input.way,
        medicine_adjusted: input.medicine_adjusted,
        recorded_at_ms: door.now_ms(),
    };
    let visit = door.insert::<doctor_visit::Entity>(visit).await?;
    Ok(Done::of(visit.id))
}
