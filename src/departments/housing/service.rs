//! The rules of houses, renovations and relocations.

use super::{
    mutation::{
        HouseSurveyInput, OldHouseDemolishInput, RelocationAdvanceInput, RelocationMoveInInput,
        RelocationPlanFundingInput, RelocationPlanInput, RenovationAcceptInput,
        RenovationApproveInput,
    },
    store,
};
use crate::{
    graphql::scalars::Fen,
    household::members_today,
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, NOT_FOUND, Stop},
};
use ::entity::{
    household::{codes::HouseholdStatus, household},
    housing::{
        codes::{HouseGrade, HouseSolution, RelocationKind, RelocationStage, RenovationState},
        house, relocation, relocation_project, renovation,
    },
};
use async_graphql::ID;
use time::Date;

pub const NO_PROJECT: Code = Code::new(
    "NO_PROJECT",
    "本旗县没有此名称的搬迁项目，或有同名项目：请核对项目名称，或选择项目。",
    "The county has no relocation project of this name, or several: check the name, or choose the project.",
);
pub const HAS_HOUSE: Code = Code::new(
    "HAS_HOUSE",
    "该户在此日期已有登记住房：请填写原住房及其版本，日期不早于其起始日期。",
    "The household has a house of record on this day: name it with its version, and give a day not before its first.",
);
pub const NOT_OF_RECORD: Code = Code::new(
    "NOT_OF_RECORD",
    "该住房已不是现住房：请核对。",
    "This is not the house of record any more: check it.",
);
pub const NOT_DANGEROUS: Code = Code::new(
    "NOT_DANGEROUS",
    "只有 C、D 级危房可以改造，D 级方可拆除重建：请核对房屋等级。",
    "Only a house of grade C or D is renovated, only one of grade D rebuilt: check its grade.",
);
pub const ONE_HOUSING_BENEFIT: Code = Code::new(
    "ONE_HOUSING_BENEFIT",
    "该户已享受易地搬迁或危房改造补助：每户只能享受一项、一次。",
    "The household has a subsidy for relocation or renovation: only one is possible, once.",
);
pub const NOT_IN_WORK: Code = Code::new(
    "NOT_IN_WORK",
    "该危房改造不在已批准或施工阶段：不能验收。",
    "This renovation is not approved or being built: it can't be accepted.",
);
pub const STILL_DANGEROUS: Code = Code::new(
    "STILL_DANGEROUS",
    "改造后仍为危房，不能验收：整改后再验收。",
    "The house is still dangerous: have it put right before it is accepted.",
);
pub const PERSONS_DIFFER: Code = Code::new(
    "PERSONS_DIFFER",
    "核定人口与该户现有成员人数不一致：请先核对并更正家庭成员。",
    "The number of persons is not that of the household's members: check it, and correct the members first.",
);
pub const NOT_ON_FILE: Code = Code::new(
    "NOT_ON_FILE",
    "该户不在册：请核对搬迁对象类别。",
    "The household is not on file: check as what it takes part.",
);
pub const NO_MEMBERS: Code = Code::new(
    "NO_MEMBERS",
    "该户没有现有成员：请核对。",
    "The household has no members today: check it.",
);
pub const PROJECT_FINISHED: Code = Code::new(
    "PROJECT_FINISHED",
    "该搬迁项目已竣工：请选择其他项目。",
    "This project is finished: choose another one.",
);
pub const ALREADY_RELOCATED: Code = Code::new(
    "ALREADY_RELOCATED",
    "该户已列入搬迁计划：每户只搬迁一次。",
    "The household is in a plan of relocation already: it is relocated once.",
);
pub const WRONG_STAGE: Code = Code::new(
    "WRONG_STAGE",
    "搬迁户尚未到或已过上一阶段：请核对搬迁阶段。",
    "The relocation is not at the stage before this one: check how far it has come.",
);

/// The first plan year of renovations and the first year a house may have been built in.
const FIRST_PLAN_YEAR: i32 = 2008;
const FIRST_YEAR_BUILT: i32 = 1800;

/// Records a survey: the house until then stays as it was, the surveyed one follows it.
pub async fn survey(door: Door, household: &ID, input: &HouseSurveyInput) -> Result<Done, Stop> {
    let household = door
        .find::<household::Entity>(household, &["householdId"])
        .await?;
    let before = previous(&door, &household, input).await?;
    let (mut mistakes, today) = (Mistakes::default(), door.today());
    let from = input.surveyed_on.0;
    mistakes.not_in_future(from, today, &["input", "surveyedOn"]);
    let since = before.as_ref().map(|before| before.valid_from);
    mistakes.in_order(since, Some(from), &["input", "surveyedOn"]);
    let area = input.area.map(|area| area.0);
    let area = area.or(before.as_ref().map(|before| before.area_dm2));
    has_area(&mut mistakes, area, &["input", "area"]);
    mistakes.unless_saying(
        input
            .built_year
            .is_none_or(|year| (FIRST_YEAR_BUILT..=today.year()).contains(&year)),
        &INVALID_VALUE,
        &["input", "builtYear"],
        "建成年份有误：请更正。",
        "This year is wrong: correct it.",
    );
    mistakes.none()?;
    let built_year = input.built_year;
    let built_year = built_year.or(before.as_ref().and_then(|before| before.built_year));
    let solution = input.solution;
    let solution = solution.or(before.as_ref().map(|before| before.solution));
    let house = house::Model {
        grade: input.grade,
        area_dm2: area.unwrap_or_default(),
        built_year,
        solution: solution.unwrap_or(HouseSolution::None),
        ..new_house(&door, &household, from).await?
    };
    let house = follow(&door, before, house, &["input", "surveyedOn"]).await?;
    Ok(Done::of(house.id))
}

/// The house that the client surveyed before.
async fn previous(
    door: &Door,
    household: &household::Model,
    input: &HouseSurveyInput,
) -> Result<Option<house::Model>, Stop> {
    let path = &["input", "previousHouseId"];
    match (&input.previous_house_id, input.previous_version) {
        (Some(id), Some(version)) => {
            let house = door
                .find_version::<house::Entity>(id, version, path)
                .await?;
            let of_record = house.valid_to.is_none();
            match house.household_id == household.id {
                true if of_record => Ok(Some(house)),
                true => Err(Mistake::new(&NOT_OF_RECORD, path).into()),
                false => Err(Mistake::new(&NOT_FOUND, path).into()),
            }
        }
        (None, None) => match store::house_of_record(door, household.id).await? {
            Some(_) => Err(Mistake::new(&HAS_HOUSE, path).into()),
            None => Ok(None),
        },
        _ => Err(Mistake::saying(
            &INVALID_VALUE,
            &["input", "previousVersion"],
            "原住房和其版本须同时填写。",
            "Give the house until now and its version, or neither.",
        )
        .into()),
    }
}

/// Approves a renovation: the one that was applied for, or a new one.
pub async fn approve(door: Door, input: &RenovationApproveInput) -> Result<Done, Stop> {
    let house = door
        .find::<house::Entity>(&input.house_id, &["input", "houseId"])
        .await?;
    let (mut mistakes, today) = (Mistakes::default(), door.today());
    let of_record = house.valid_to.is_none();
    mistakes.unless(of_record, &NOT_OF_RECORD, &["input", "houseId"]);
    mistakes.unless_saying(
        (FIRST_PLAN_YEAR..=today.year() + 1).contains(&input.year),
        &INVALID_VALUE,
        &["input", "year"],
        "计划年度有误：最早为 2008 年，最晚为明年。",
        "This year is wrong: from 2008 to the next one.",
    );
    let fits = match (input.solution, house.grade) {
        (HouseSolution::Rebuild, grade) => grade == HouseGrade::D,
        (_, grade) => matches!(grade, HouseGrade::C | HouseGrade::D),
    };
    mistakes.unless_saying(
        matches!(
            input.solution,
            HouseSolution::Rebuild | HouseSolution::Reinforce
        ),
        &INVALID_VALUE,
        &["input", "solution"],
        "改造方式须为拆除重建或加固：请更正。",
        "A renovation rebuilds or reinforces: correct it.",
    );
    mistakes.unless(fits, &NOT_DANGEROUS, &["input", "solution"]);
    mistakes.positive(input.subsidy.0, &["input", "subsidy"]);
    mistakes.not_in_future(input.approved_on.0, today, &["input", "approvedOn"]);
    mistakes.none()?;
    let mut planned = house.clone();
    planned.solution = input.solution;
    door.update::<house::Entity>(&house, planned).await?;
    let before = store::to_be_approved(&door, house.id).await?;
    let id = match &before {
        Some(before) => before.id,
        None => door.new_key::<renovation::Entity>().await?,
    };
    let approved = renovation::Model {
        id,
        household_id: house.household_id,
        region_code: house.region_code,
        county_code: house.county_code,
        house_id: house.id,
        year: input.year,
        solution: input.solution,
        state: RenovationState::Approved,
        grade_before: house.grade,
        area_after_dm2: None,
        subsidy_fen: Some(input.subsidy.0),
        approved_on: Some(input.approved_on.0),
        accepted_on: None,
        version: before.as_ref().map_or(1, |before| before.version),
        recorded_at_ms: door.now_ms(),
    };
    let written = match &before {
        Some(before) => door.update::<renovation::Entity>(before, approved).await,
        None => door.insert::<renovation::Entity>(approved).await,
    };
    let written = written.map_err(|stop| one_benefit(stop, &["input", "subsidy"]))?;
    Ok(Done::of(written.id))
}

/// One housing benefit a household. Source: policy catalogue, I-38.
fn one_benefit(stop: Stop, path: &[&str]) -> Stop {
    let taken = || Mistake::new(&ONE_HOUSING_BENEFIT, path);
    stop.meaning("one_housing_benefit", taken())
        .meaning("renovation_one_subsidy", taken())
}

/// Accepts a renovation: the house until then stays as it was, the renovated one follows it.
pub async fn accept(
    door: Door,
    id: &ID,
    version: i32,
    input: &RenovationAcceptInput,
) -> Result<Done, Stop> {
    let before = door
        .find_version::<renovation::Entity>(id, version, &["id"])
        .await?;
    let old = store::house_of_record(&door, before.household_id).await?;
    let (mut mistakes, day) = (Mistakes::default(), input.accepted_on.0);
    let in_work = matches!(
        before.state,
        RenovationState::Approved | RenovationState::Building
    );
    mistakes.unless(in_work, &NOT_IN_WORK, &["id"]);
    let path = &["input", "acceptedOn"];
    mistakes.not_in_future(day, door.today(), path);
    let since = before
        .approved_on
        .max(old.as_ref().map(|old| old.valid_from));
    mistakes.in_order(since, Some(day), path);
    let safe = matches!(input.grade_after, HouseGrade::A | HouseGrade::B);
    mistakes.unless(safe, &STILL_DANGEROUS, &["input", "gradeAfter"]);
    let rebuilt = before.solution == HouseSolution::Rebuild;
    let same = old.as_ref().filter(|_| !rebuilt).map(|old| old.area_dm2);
    let area = input.area_after.map(|area| area.0).or(same);
    has_area(&mut mistakes, area, &["input", "areaAfter"]);
    mistakes.none()?;
    let household = the_household(&door, before.household_id).await?;
    let built_year = match rebuilt {
        true => Some(day.year()),
        false => old.as_ref().and_then(|old| old.built_year),
    };
    let house = house::Model {
        grade: input.grade_after,
        area_dm2: area.unwrap_or_default(),
        built_year,
        solution: before.solution,
        ..new_house(&door, &household, day).await?
    };
    follow(&door, old, house, path).await?;
    let after = renovation::Model {
        state: RenovationState::Accepted,
        area_after_dm2: input.area_after.map(|area| area.0),
        accepted_on: Some(day),
        ..before.clone()
    };
    let after = door.update::<renovation::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// Plans a relocation.
pub async fn plan(door: Door, household: &ID, input: &RelocationPlanInput) -> Result<Done, Stop> {
    let household = door
        .find::<household::Entity>(household, &["householdId"])
        .await?;
    let project = project(&door, &household, input).await?;
    let mut mistakes = Mistakes::default();
    let on_file = matches!(
        household.status,
        HouseholdStatus::Registered | HouseholdStatus::Returned
    );
    let fits = on_file || input.kind == RelocationKind::Accompanying;
    mistakes.unless(fits, &NOT_ON_FILE, &["input", "kind"]);
    let persons = members(&door, &household, &mut mistakes, &["householdId"]).await?;
    let said = input.persons.unwrap_or(persons);
    mistakes.unless(said == persons, &PERSONS_DIFFER, &["input", "persons"]);
    let open = project.stage < RelocationStage::Finished;
    mistakes.unless(open, &PROJECT_FINISHED, &["input", "projectId"]);
    if let Some(area) = input.area {
        has_area(&mut mistakes, Some(area.0), &["input", "area"]);
    }
    let cost_fen = cost(&input.funding, &mut mistakes);
    mistakes.unless_saying(
        (0..=cost_fen).contains(&input.subsidy.0),
        &INVALID_VALUE,
        &["input", "subsidy"],
        "搬迁补助须在零和投资总额之间：请更正。",
        "The subsidy lies between zero and the cost: correct it.",
    );
    mistakes.none()?;
    let old_house = store::house_of_record(&door, household.id).await?;
    let planned = planned(&door, &household, input, (persons, cost_fen)).await?;
    let planned = relocation::Model {
        relocation_project_id: project.id,
        old_house_id: old_house.map(|house| house.id),
        ..planned
    };
    let added = door.insert::<relocation::Entity>(planned).await;
    let added = added.map_err(|stop| {
        let again = Mistake::new(&ALREADY_RELOCATED, &["householdId"]);
        one_benefit(
            stop.meaning("relocation_once", again),
            &["input", "subsidy"],
        )
    })?;
    Ok(Done::of(added.id))
}

/// The project that a plan names.
async fn project(
    door: &Door,
    household: &household::Model,
    input: &RelocationPlanInput,
) -> Result<relocation_project::Model, Stop> {
    if let Some(id) = &input.project_id {
        let path = &["input", "projectId"];
        return door.find::<relocation_project::Entity>(id, path).await;
    }
    let none = || Mistake::new(&NO_PROJECT, &["input", "projectName"]);
    let name = input.project_name.as_deref().map(str::trim);
    let name = name.filter(|name| !name.is_empty()).ok_or_else(none)?;
    let named = store::projects_named(door, household.county_code, name).await?;
    let [key] = named[..] else {
        return Err(none().into());
    };
    let found = door.find_by_key::<relocation_project::Entity>(key).await?;
    Ok(found.ok_or_else(none)?)
}

/// The new row of a plan, without its project and the old house.
async fn planned(
    door: &Door,
    household: &household::Model,
    input: &RelocationPlanInput,
    (persons, cost_fen): (i32, i64),
) -> Result<relocation::Model, Stop> {
    let fen = |source: Option<Fen>| source.map_or(0, |fen| fen.0);
    let of = &input.funding;
    Ok(relocation::Model {
        id: door.new_key::<relocation::Entity>().await?,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        relocation_project_id: 0,
        kind: input.kind,
        mode: input.mode,
        stage: RelocationStage::Planned,
        persons,
        decided_on: None,
        area_dm2: input.area.map(|area| area.0),
        subsidy_fen: input.subsidy.0,
        cost_fen,
        central_fen: fen(of.central),
        region_fen: fen(of.region),
        city_fen: fen(of.city),
        county_fen: fen(of.county),
        bond_fen: fen(of.bond),
        construction_fund_fen: fen(of.construction_fund),
        loan_fen: fen(of.loan),
        self_fen: fen(of.own),
        old_house_id: None,
        finished_on: None,
        moved_in_on: None,
        old_house_removed_on: None,
        settled_on: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    })
}

/// What the sources add up to.
fn cost(of: &RelocationPlanFundingInput, mistakes: &mut Mistakes) -> i64 {
    let sources = [
        (of.central, "central"),
        (of.region, "region"),
        (of.city, "city"),
        (of.county, "county"),
        (of.bond, "bond"),
        (of.construction_fund, "constructionFund"),
        (of.loan, "loan"),
        (of.own, "self"),
    ];
    let mut sum: i64 = 0;
    for (source, name) in sources {
        let fen = source.map_or(0, |fen| fen.0);
        mistakes.not_negative(fen, &["input", "funding", name]);
        sum = sum.saturating_add(fen);
    }
    sum
}

/// Says that a relocation has come to its next stage.
pub async fn advance(
    door: Door,
    id: &ID,
    version: i32,
    input: &RelocationAdvanceInput,
) -> Result<Done, Stop> {
    use RelocationStage::{Approved, Building, Finished, Planned};
    let before = door
        .find_version::<relocation::Entity>(id, version, &["id"])
        .await?;
    let (mut mistakes, day) = (Mistakes::default(), input.on.0);
    let next = matches!(
        (before.stage, input.stage),
        (Planned, Approved) | (Approved, Building) | (Building, Finished)
    );
    mistakes.unless(next, &WRONG_STAGE, &["input", "stage"]);
    mistakes.not_in_future(day, door.today(), &["input", "on"]);
    mistakes.in_order(before.decided_on, Some(day), &["input", "on"]);
    let mut after = before.clone();
    after.stage = input.stage;
    match input.stage {
        Approved => {
            let household = the_household(&door, before.household_id).await?;
            after.persons = members(&door, &household, &mut mistakes, &["id"]).await?;
            after.decided_on = Some(day);
        }
        Finished => after.finished_on = Some(day),
        _ => {}
    }
    mistakes.none()?;
    let after = door.update::<relocation::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// Says that a household has moved in: the house until then stays as it was, the new one follows it.
pub async fn move_in(
    door: Door,
    id: &ID,
    version: i32,
    input: &RelocationMoveInInput,
) -> Result<Done, Stop> {
    let before = door
        .find_version::<relocation::Entity>(id, version, &["id"])
        .await?;
    let old = store::house_of_record(&door, before.household_id).await?;
    let (mut mistakes, day) = (Mistakes::default(), input.moved_in_on.0);
    let finished = before.stage == RelocationStage::Finished;
    mistakes.unless(finished, &WRONG_STAGE, &["id"]);
    let path = &["input", "movedInOn"];
    mistakes.not_in_future(day, door.today(), path);
    let since = before
        .finished_on
        .max(old.as_ref().map(|old| old.valid_from));
    mistakes.in_order(since, Some(day), path);
    let area = input.area.map(|area| area.0).or(before.area_dm2);
    has_area(&mut mistakes, area, &["input", "area"]);
    mistakes.none()?;
    let household = the_household(&door, before.household_id).await?;
    let left = old.as_ref().map(|old| old.id);
    let house = house::Model {
        area_dm2: area.unwrap_or_default(),
        built_year: before.finished_on.map(Date::year),
        solution: HouseSolution::Relocate,
        ..new_house(&door, &household, day).await?
    };
    follow(&door, old, house, path).await?;
    let after = relocation::Model {
        stage: RelocationStage::MovedIn,
        moved_in_on: Some(day),
        area_dm2: area,
        old_house_id: before.old_house_id.or(left),
        ..before.clone()
    };
    let after = door.update::<relocation::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// Says that the old house was removed.
pub async fn demolish(
    door: Door,
    id: &ID,
    version: i32,
    input: &OldHouseDemolishInput,
) -> Result<Done, Stop> {
    let before = door
        .find_version::<relocation::Entity>(id, version, &["id"])
        .await?;
    let (mut mistakes, day) = (Mistakes::default(), input.removed_on.0);
    let moved_in = before.stage == RelocationStage::MovedIn;
    mistakes.unless(moved_in, &WRONG_STAGE, &["id"]);
    let path = &["input", "removedOn"];
    mistakes.not_in_future(day, door.today(), path);
    mistakes.in_order(before.moved_in_on, Some(day), path);
    mistakes.none()?;
    let after = relocation::Model {
        stage: RelocationStage::OldHouseRemoved,
        old_house_removed_on: Some(day),
        ..before.clone()
    };
    let after = door.update::<relocation::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

/// The members of today, of whom there is one.
async fn members(
    door: &Door,
    household: &household::Model,
    mistakes: &mut Mistakes,
    path: &[&str],
) -> Result<i32, Stop> {
    let members = members_today(door, household.id).await?;
    mistakes.unless(!members.is_empty(), &NO_MEMBERS, path);
    Ok(i32::try_from(members.len()).unwrap_or(i32::MAX))
}

/// The household of a row that exists for the viewer.
async fn the_household(door: &Door, key: i64) -> Result<household::Model, Stop> {
    let found = door.find_by_key::<household::Entity>(key).await?;
    found.ok_or_else(|| Mistake::new(&NOT_FOUND, &["id"]).into())
}

fn has_area(mistakes: &mut Mistakes, dm2: Option<i64>, path: &[&str]) {
    mistakes.unless_saying(
        dm2.is_some_and(|dm2| dm2 > 0),
        &INVALID_VALUE,
        path,
        "请填写大于零的面积。",
        "Give an area above zero.",
    );
}

/// A new house of record, safe unless said otherwise.
async fn new_house(
    door: &Door,
    household: &household::Model,
    from: Date,
) -> Result<house::Model, Stop> {
    Ok(house::Model {
        id: door.new_key::<house::Entity>().await?,
        household_id: household.id,
        region_code: household.region_code,
        county_code: household.county_code,
        grade: HouseGrade::A,
        surveyed_on: from,
        area_dm2: 0,
        built_year: None,
        solution: HouseSolution::None,
        valid_from: from,
        valid_to: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    })
}

/// Makes a house the house of record from its first day on.
async fn follow(
    door: &Door,
    before: Option<house::Model>,
    house: house::Model,
    path: &[&str],
) -> Result<house::Model, Stop> {
    if let Some(before) = before {
        let mut ended = before.clone();
        ended.valid_to = Some(house.valid_from);
        door.update::<house::Entity>(&before, ended).await?;
    }
    let taken = || Mistake::new(&HAS_HOUSE, path);
    let added = door.insert::<house::Entity>(house).await;
    added.map_err(|stop| stop.meaning("house_one_of_record", taken()))
}
