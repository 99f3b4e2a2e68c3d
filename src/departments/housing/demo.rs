//! Rows of the demonstration: a house for each family, and how the dangerous ones are left behind: by renovation, by
//! relocation, by a house rented or swapped; a few by nothing yet.

use crate::demo::{
    DemoError, Demonstration, Dice, Due, Family, Finding, LAST_DAY, Ledger, Plant, RECORDED_AT_MS,
    Report, family::yuan,
};
use ::entity::{
    codes::Department,
    household::codes::HouseholdStatus,
    housing::{
        codes::{
            HouseGrade, HouseSolution, RelocationKind, RelocationMode, RelocationStage,
            RenovationState,
        },
        homestead, house, housing_arrangement, relocation, relocation_project, renovation,
    },
    region_code::RegionCode,
};
use sea_orm::Set;
use serde_json::json;
use std::collections::BTreeMap;
use time::{Date, Duration, macros::date};

/// A family's house, and what becomes of it.
struct Dwelling {
    grade: HouseGrade,
    area_dm2: i64,
    built_year: i32,
    surveyed_on: Date,
    future: Future,
}

enum Future {
    /// The house is safe, or nothing is planned for it.
    Stays,
    Renovated(Works),
    Moved(Move),
    Arranged(Arrangement),
}

/// A renovation: the house of record before it, and the one after it when it is accepted.
#[derive(Clone, Copy)]
struct Works {
    solution: HouseSolution,
    state: RenovationState,
    approved_on: Date,
    accepted_on: Option<Date>,
    subsidy_fen: i64,
    area_after_dm2: i64,
}

/// A relocation.
#[derive(Clone, Copy)]
struct Move {
    kind: RelocationKind,
    mode: RelocationMode,
    stage: RelocationStage,
    year: i32,
    persons: i64,
    area_dm2: i64,
    decided_on: Option<Date>,
    finished_on: Option<Date>,
    moved_in_on: Option<Date>,
    removed_on: Option<Date>,
    settled_on: Option<Date>,
}

/// A house that is not built.
#[derive(Clone, Copy)]
struct Arrangement {
    solution: HouseSolution,
    from: Date,
    rent_fen: Option<i64>,
    area_dm2: i64,
}

/// Where the money of a relocation comes from, fen.
#[derive(Clone, Copy, Default)]
struct Funding {
    central: i64,
    region: i64,
    city: i64,
    county: i64,
    bond: i64,
    loan: i64,
    own: i64,
}

/// The relocations of a township and plan year.
type Projects = BTreeMap<(RegionCode, i32), Vec<usize>>;

/// Adds houses and what becomes of them, and what is due of it.
pub(super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let families = &demonstration.families;
    let mut dwellings: Vec<Dwelling> = families.iter().map(dwelling).collect();
    let projects = projects(families, &mut dwellings);
    for (family, dwelling) in demonstration.families.iter().zip(&dwellings) {
        dwelling.count(demonstration.ledger, family);
    }
    let houses = add_houses(demonstration, &dwellings).await?;
    add_renovations(demonstration, &dwellings, &houses).await?;
    add_relocations(demonstration, &dwellings, &houses, projects).await?;
    add_arrangements(demonstration, &dwellings).await?;
    add_homesteads(demonstration, &dwellings).await?;
    let dues = demonstration.families.iter().zip(&dwellings).enumerate();
    let dues = dues.filter_map(|(place, (_, dwelling))| dwelling.due(place));
    let dues: Vec<Due> = dues.collect();
    demonstration.dues.extend(dues);
    contradict(demonstration, &dwellings);
    Ok(())
}

/// Dangerous houses without a plan and old houses that still stand, as they are; and what is planted: a relocated
/// household on the list of renovations.
fn contradict(demonstration: &mut Demonstration<'_>, dwellings: &[Dwelling]) {
    let mut findings = Vec::new();
    for (place, dwelling) in dwellings.iter().enumerate() {
        let family = &mut demonstration.families[place];
        let mut find = |check, values| findings.push((place, Finding::of(check, None, values)));
        match &dwelling.future {
            Future::Stays if matches!(dwelling.grade, HouseGrade::C | HouseGrade::D) => {
                find("RC-46", json!({ "grade": dwelling.grade.to_string() }));
            }
            Future::Moved(of) => {
                if let (Some(moved_in_on), None) = (of.moved_in_on, of.removed_on) {
                    find("RC-47", json!({ "movedInOn": moved_in_on.to_string() }));
                }
                if family.has(Plant::SecondHousing) {
                    let values = json!({ "year": of.year });
                    find("RC-43", values.clone());
                    family.reports.push(Report {
                        agency: "HOUSING",
                        kind: "RENOVATION",
                        member: None,
                        reported_on: LAST_DAY,
                        values,
                    });
                }
            }
            _ => {}
        }
    }
    demonstration.find(findings);
}

fn dwelling(family: &Family) -> Dwelling {
    use HouseGrade::{A, B, C, D};
    let mut dice = family.dice("house");
    let grade = match family.card_number {
        Some(_) => dice.one_of(&[A, B, B, B, B, B, C, C, D]),
        None => dice.one_of(&[A, A, B, B, B]),
    };
    let people = people(family);
    Dwelling {
        grade,
        area_dm2: (dice.between(16, 26) * people.min(4)).max(30) * 100,
        built_year: i32::try_from(match grade {
            A => dice.between(2006, 2013),
            B => dice.between(1992, 2006),
            C | D => dice.between(1968, 1990),
        })
        .unwrap_or(1990),
        surveyed_on: family.begins_on(),
        future: future(family, grade, &mut dice),
    }
}

fn people(family: &Family) -> i64 {
    i64::try_from(family.members.len()).unwrap_or(1)
}

fn future(family: &Family, grade: HouseGrade, dice: &mut Dice) -> Future {
    if let Some(of) = relocated(family) {
        return Future::Moved(of);
    }
    let dangerous = matches!(grade, HouseGrade::C | HouseGrade::D);
    if !dangerous || dice.chance(8) && !family.published {
        return Future::Stays;
    }
    let old = family.head().is_some_and(|head| head.age(LAST_DAY) >= 66);
    let open = family.closed_on().is_none();
    if old && open && dice.chance(35) {
        return Future::Arranged(arrangement(family, dice));
    }
    Future::Renovated(works(family, grade, people(family), dice))
}

fn works(family: &Family, grade: HouseGrade, people: i64, dice: &mut Dice) -> Works {
    let (solution, subsidy_fen) = match grade {
        HouseGrade::D => (HouseSolution::Rebuild, yuan(28_000)),
        _ => (HouseSolution::Reinforce, yuan(12_000)),
    };
    let starts = family.begins_on().max(date!(2016 - 03 - 01)) + Duration::days(60);
    let approved_on = dice.day(
        starts.min(LAST_DAY),
        date!(2018 - 06 - 30).max(starts).min(LAST_DAY),
    );
    let accepted_on = approved_on + Duration::days(dice.between(90, 150));
    // Time for the payment, and a few that are still being built.
    let paid_by = accepted_on + Duration::days(30);
    let open = family.closed_on().is_none_or(|closed| paid_by < closed);
    let done = open && accepted_on < date!(2018 - 12 - 01) && dice.chance(85);
    Works {
        solution,
        state: match done {
            true => RenovationState::Paid,
            false => dice.one_of(&[RenovationState::Approved, RenovationState::Building]),
        },
        approved_on,
        accepted_on: done.then_some(accepted_on),
        subsidy_fen,
        area_after_dm2: (20 * people).clamp(40, 80) * 100,
    }
}

/// Cheap ways for those who live alone or in old age.
fn arrangement(family: &Family, dice: &mut Dice) -> Arrangement {
    use HouseSolution::{MutualHome, PublicHousing, Rent, Swap};
    let solution = dice.one_of(&[MutualHome, MutualHome, Rent, PublicHousing, Swap]);
    let rent_fen = match solution {
        Rent => Some(yuan(dice.between(6, 15) * 10)),
        PublicHousing => Some(yuan(dice.between(3, 8) * 10)),
        _ => None,
    };
    let first = family.begins_on().max(date!(2017 - 03 - 01));
    Arrangement {
        solution,
        from: dice.day(first.min(LAST_DAY), LAST_DAY),
        rent_fen,
        area_dm2: dice.between(25, 45) * 100,
    }
}

/// Whether and how a family on file is relocated: one in eight.
fn relocated(family: &Family) -> Option<Move> {
    let mut dice = family.dice("relocation");
    let stays = matches!(
        family.status(),
        HouseholdStatus::StruckOff | HouseholdStatus::Closed
    );
    let chosen = dice.chance(13) || family.has(Plant::SecondHousing);
    if stays || family.card_number.is_none() || !chosen {
        return None;
    }
    let year = dice.one_of(&[2016, 2017, 2017, 2018]);
    let of = moved(family, RelocationKind::Registered, year, &mut dice)?;
    family
        .on_file(of.decided_on.unwrap_or(LAST_DAY))
        .then_some(of)
}

/// A relocation of a plan year: those of earlier years have come further.
fn moved(family: &Family, kind: RelocationKind, year: i32, dice: &mut Dice) -> Option<Move> {
    use RelocationStage::{
        Approved, Building, Finished, MovedIn, OldHouseRemoved, Planned, Settled,
    };
    let stage = match year {
        2016 => dice.one_of(&[Settled, Settled, Settled, OldHouseRemoved, MovedIn]),
        2017 => dice.one_of(&[Settled, OldHouseRemoved, OldHouseRemoved, MovedIn, Finished]),
        _ => dice.one_of(&[Planned, Approved, Building, Building, Building, Finished]),
    };
    let stage = match stage {
        MovedIn if family.published => OldHouseRemoved,
        stage => stage,
    };
    let decides = dice.day(
        Date::from_calendar_date(year, time::Month::February, 15).ok()?,
        Date::from_calendar_date(year, time::Month::May, 31).ok()?,
    );
    let finishes = match year {
        2016 => dice.day(date!(2017 - 03 - 01), date!(2017 - 09 - 30)),
        2017 => dice.day(date!(2017 - 12 - 01), date!(2018 - 06 - 30)),
        _ => dice.day(date!(2018 - 10 - 01), date!(2018 - 11 - 30)),
    };
    let moves_in = finishes + Duration::days(dice.between(20, 80));
    let removes = moves_in + Duration::days(dice.between(10, 60));
    let settles = moves_in + Duration::days(dice.between(60, 90));
    let from = |least, day| (stage >= least).then_some(day);
    let decided_on = from(Approved, decides);
    if family.begins_on() > decided_on.unwrap_or(LAST_DAY) {
        return None;
    }
    let persons = family.members_on(decided_on.unwrap_or(LAST_DAY)).count();
    let persons = i64::try_from(persons).ok().filter(|persons| *persons > 0)?;
    Some(Move {
        kind,
        mode: mode(family, dice),
        stage,
        year,
        persons,
        area_dm2: area(kind, persons, dice),
        decided_on,
        finished_on: from(Finished, finishes),
        moved_in_on: from(MovedIn, moves_in),
        removed_on: from(OldHouseRemoved, removes),
        settled_on: from(Settled, settles),
    })
}

fn mode(family: &Family, dice: &mut Dice) -> RelocationMode {
    use RelocationMode::{Concentrated, MutualHome, Scattered, SelfChosen, Town};
    if family.head().is_some_and(|head| head.age(LAST_DAY) >= 70) && dice.chance(50) {
        return MutualHome;
    }
    dice.one_of(&[
        Concentrated,
        Concentrated,
        Concentrated,
        Concentrated,
        Scattered,
        Town,
        SelfChosen,
    ])
}

/// Of families on file at most 25 square metres a head, and 50, 60 and 80 for two, three and more.
fn area(kind: RelocationKind, persons: i64, dice: &mut Dice) -> i64 {
    let metres = match (kind, persons) {
        (RelocationKind::Accompanying, _) => return (dice.between(22, 30) * persons).max(40) * 100,
        (_, 1) => 25,
        (_, 2) => 50,
        (_, 3) => 60,
        _ => 80,
    };
    metres * 100 - dice.between(0, metres * 6)
}

impl Move {
    /// 20,000 yuan a head on file, 10,000 of those who accompany them.
    fn subsidy_fen(self) -> i64 {
        let head = match self.kind {
            RelocationKind::Registered => yuan(20_000),
            RelocationKind::Accompanying => yuan(10_000),
        };
        head * self.persons
    }

    /// How the subsidy is shared is not known; central money and bonds are those of other regions, the rest is made up.
    fn funding(self) -> Funding {
        let n = self.persons;
        let built = self.area_dm2 * yuan(1_450) / 100;
        let lacking = (built - self.subsidy_fen()).max(0);
        match self.kind {
            RelocationKind::Registered => {
                let own = lacking.min(yuan(2_500) * n).min(yuan(10_000));
                Funding {
                    central: yuan(8_000) * n,
                    bond: yuan(9_740) * n,
                    region: yuan(1_260) * n,
                    county: yuan(1_000) * n,
                    loan: lacking - own,
                    own,
                    ..Funding::default()
                }
            }
            RelocationKind::Accompanying => Funding {
                region: yuan(6_000) * n,
                city: yuan(2_000) * n,
                county: yuan(2_000) * n,
                own: lacking,
                ..Funding::default()
            },
        }
    }
}

impl Funding {
    fn plus(self, other: Funding) -> Funding {
        Funding {
            central: self.central + other.central,
            region: self.region + other.region,
            city: self.city + other.city,
            county: self.county + other.county,
            bond: self.bond + other.bond,
            loan: self.loan + other.loan,
            own: self.own + other.own,
        }
    }

    fn cost(self) -> i64 {
        self.central + self.region + self.city + self.county + self.bond + self.loan + self.own
    }
}

impl Dwelling {
    /// How safe housing is reached, as far as that is decided.
    fn solution(&self) -> HouseSolution {
        match &self.future {
            Future::Stays => HouseSolution::None,
            Future::Renovated(works) => works.solution,
            Future::Moved(_) => HouseSolution::Relocate,
            Future::Arranged(arrangement) => arrangement.solution,
        }
    }

    /// The day the next house became the house of record.
    fn replaced_on(&self) -> Option<Date> {
        match &self.future {
            Future::Renovated(works) => works.accepted_on,
            Future::Moved(of) => of.moved_in_on,
            Future::Stays | Future::Arranged(_) => None,
        }
    }

    /// The dangerous house of a family on file, and what became of houses by year.
    fn count(&self, ledger: &mut Ledger, family: &Family) {
        let village = family.village;
        let dangerous = matches!(self.grade, HouseGrade::C | HouseGrade::D);
        let left = self.replaced_on().is_some();
        let value = i64::from(dangerous && !left && family.on_file(LAST_DAY));
        ledger.add("ST-15 dangerous", village, value);
        let mut done = |what: &str, day: Option<Date>, value| {
            if let Some(day) = day {
                let statistic = format!("ST-15 {what} in {}", day.year());
                ledger.add(&statistic, village, value);
            }
        };
        match &self.future {
            Future::Renovated(works) => done("renovated", works.accepted_on, 1),
            Future::Moved(of) => {
                let registered = i64::from(of.kind == RelocationKind::Registered);
                done("finished", of.finished_on, 1);
                done("moved in", of.moved_in_on, 1);
                done("persons moved in", of.moved_in_on, of.persons);
                done("registered moved in", of.moved_in_on, registered);
            }
            Future::Stays | Future::Arranged(_) => {}
        }
    }

    /// Renovation is paid when it is accepted; of relocation what the family builds or buys itself is paid in cash.
    fn due(&self, family: usize) -> Option<Due> {
        let due = |department, programme, amount_fen, done_on: Date| Due {
            family,
            person: None,
            department,
            programme,
            period: done_on.year().to_string(),
            one_off: true,
            amount_fen,
            due_on: done_on + Duration::days(20),
        };
        match &self.future {
            Future::Renovated(works) => works.accepted_on.map(|accepted_on| {
                let department = Department::Housing;
                due(
                    department,
                    "house-renovation",
                    works.subsidy_fen,
                    accepted_on,
                )
            }),
            Future::Moved(of) => {
                let cash = matches!(
                    of.mode,
                    RelocationMode::SelfChosen | RelocationMode::Scattered
                );
                let finished_on = of.finished_on.filter(|_| cash)?;
                let department = Department::Reloc;
                Some(due(
                    department,
                    "relocation-housing",
                    of.subsidy_fen(),
                    finished_on,
                ))
            }
            Future::Stays | Future::Arranged(_) => None,
        }
    }
}

/// Puts the relocations of a township and year together, and lets others of the township move with them: at most one
/// person for two on file.
fn projects(families: &[Family], dwellings: &mut [Dwelling]) -> Projects {
    let mut projects = Projects::new();
    let mut room: BTreeMap<(RegionCode, i32), i64> = BTreeMap::new();
    for (place, (family, dwelling)) in families.iter().zip(&*dwellings).enumerate() {
        if let (Future::Moved(of), Some(township)) = (&dwelling.future, family.township()) {
            projects.entry((township, of.year)).or_default().push(place);
            *room.entry((township, of.year)).or_default() += of.persons;
        }
    }
    for (place, (family, dwelling)) in families.iter().zip(dwellings).enumerate() {
        let mut dice = family.dice("accompanies");
        let stays = !matches!(dwelling.future, Future::Stays);
        if family.card_number.is_some() || stays || !dice.chance(40) {
            continue;
        }
        let Some(township) = family.township() else {
            continue;
        };
        for year in [2017, 2018] {
            let Some(room) = room.get_mut(&(township, year)) else {
                continue;
            };
            let of = moved(family, RelocationKind::Accompanying, year, &mut dice);
            if let Some(of) = of.filter(|of| 2 * of.persons <= *room) {
                *room -= 2 * of.persons;
                projects.entry((township, year)).or_default().push(place);
                dwelling.future = Future::Moved(of);
                break;
            }
        }
    }
    projects
}

/// Gives back the house of each family in which it lived before.
async fn add_houses(
    demonstration: &mut Demonstration<'_>,
    dwellings: &[Dwelling],
) -> Result<Vec<i64>, DemoError> {
    let replaced = dwellings.iter().filter_map(Dwelling::replaced_on).count();
    let count = dwellings.len() + replaced;
    let mut ids = demonstration.ids("house", count).await?;
    let (mut rows, mut before) = (Vec::new(), Vec::new());
    for (family, dwelling) in demonstration.families.iter().zip(dwellings) {
        let Some(first) = ids.next() else { break };
        before.push(first);
        rows.push(house_before(first, family, dwelling));
        if let Some(replaced_on) = dwelling.replaced_on()
            && let Some(second) = ids.next()
        {
            rows.push(house_after(second, family, dwelling, replaced_on));
        }
    }
    demonstration.inserts.add(rows);
    Ok(before)
}

fn house_before(id: i64, family: &Family, dwelling: &Dwelling) -> house::ActiveModel {
    house::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        grade: Set(dwelling.grade),
        surveyed_on: Set(dwelling.surveyed_on),
        area_dm2: Set(dwelling.area_dm2),
        built_year: Set(Some(dwelling.built_year)),
        solution: Set(dwelling.solution()),
        valid_from: Set(dwelling.surveyed_on),
        valid_to: Set(dwelling.replaced_on()),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

fn house_after(id: i64, family: &Family, dwelling: &Dwelling, from: Date) -> house::ActiveModel {
    let new = |area_dm2| (HouseGrade::A, area_dm2, from.year());
    let (grade, area_dm2, built_year) = match &dwelling.future {
        Future::Moved(of) => new(of.area_dm2),
        Future::Renovated(works) if works.solution == HouseSolution::Rebuild => {
            new(works.area_after_dm2)
        }
        _ => (HouseGrade::B, dwelling.area_dm2, dwelling.built_year),
    };
    house::ActiveModel {
        id: Set(id),
        grade: Set(grade),
        surveyed_on: Set(from),
        area_dm2: Set(area_dm2),
        built_year: Set(Some(built_year)),
        valid_from: Set(from),
        valid_to: Set(None),
        ..house_before(id, family, dwelling)
    }
}

async fn add_renovations(
    demonstration: &mut Demonstration<'_>,
    dwellings: &[Dwelling],
    houses: &[i64],
) -> Result<(), DemoError> {
    let works = |dwelling: &Dwelling| match dwelling.future {
        Future::Renovated(works) => Some(works),
        _ => None,
    };
    let count = dwellings.iter().filter_map(works).count();
    let mut ids = demonstration.ids("renovation", count).await?;
    let families = demonstration.families.iter().zip(dwellings).zip(houses);
    let rows: Vec<_> = families
        .filter_map(|((family, dwelling), house)| {
            let works = works(dwelling)?;
            let id = ids.next()?;
            Some(renovation_row(id, *house, family, dwelling.grade, works))
        })
        .collect();
    demonstration.inserts.add(rows);
    Ok(())
}

fn renovation_row(
    id: i64,
    house: i64,
    family: &Family,
    grade_before: HouseGrade,
    works: Works,
) -> renovation::ActiveModel {
    let rebuilt = works.accepted_on.is_some() && works.solution == HouseSolution::Rebuild;
    renovation::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        house_id: Set(house),
        year: Set(works.approved_on.year()),
        solution: Set(works.solution),
        state: Set(works.state),
        grade_before: Set(grade_before),
        area_after_dm2: Set(rebuilt.then_some(works.area_after_dm2)),
        subsidy_fen: Set(Some(works.subsidy_fen)),
        approved_on: Set(Some(works.approved_on)),
        accepted_on: Set(works.accepted_on),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

async fn add_relocations(
    demonstration: &mut Demonstration<'_>,
    dwellings: &[Dwelling],
    houses: &[i64],
    projects: Projects,
) -> Result<(), DemoError> {
    let count = projects.values().map(Vec::len).sum();
    let mut ids = demonstration.ids("relocation", count).await?;
    let project_ids = demonstration
        .ids("relocation_project", projects.len())
        .await?;
    let (mut project_rows, mut rows) = (Vec::new(), Vec::new());
    for (((township, year), places), project) in projects.into_iter().zip(project_ids) {
        let mut moves = Vec::new();
        for place in places {
            let family = demonstration.families.get(place);
            let future = dwellings.get(place).map(|dwelling| &dwelling.future);
            if let (Some(family), Some(Future::Moved(of)), Some(id)) = (family, future, ids.next())
            {
                moves.push(*of);
                let house = houses.get(place).copied();
                rows.push(relocation_row((id, project), family, house, *of));
            }
        }
        let name = demonstration.townships.iter();
        let name = name.clone().find(|(code, _)| *code == township);
        let name = name.map_or("", |(_, name)| *name);
        project_rows.push(project_row(project, (township, name), year, &moves));
    }
    demonstration.inserts.add(project_rows);
    demonstration.inserts.add(rows);
    Ok(())
}

/// A project is what its households are together.
fn project_row(
    id: i64,
    (township, name): (RegionCode, &str),
    year: i32,
    moves: &[Move],
) -> relocation_project::ActiveModel {
    let houses = |of: &dyn Fn(&&Move) -> bool| {
        i64::try_from(moves.iter().filter(of).count()).unwrap_or(i64::MAX)
    };
    let persons = |kind| -> i64 {
        let of_kind = moves.iter().filter(|of| of.kind == kind);
        of_kind.map(|of| of.persons).sum()
    };
    let stage = moves.iter().map(|of| of.stage).min();
    let stage = stage.unwrap_or(RelocationStage::Planned);
    let finished = moves.iter().map(|of| of.finished_on).max().flatten();
    let begins = Date::from_calendar_date(year, time::Month::February, 1).unwrap_or(LAST_DAY);
    let funding = moves.iter().map(|of| of.funding());
    let funding = funding.fold(Funding::default(), Funding::plus);
    relocation_project::ActiveModel {
        id: Set(id),
        region_code: Set(township.get()),
        name: Set(format!("{name}{year}年易地扶贫搬迁项目")),
        site: Set(format!("{name}移民新村")),
        year: Set(year),
        stage: Set(stage),
        planned_houses: Set(houses(&|_| true)),
        finished_houses: Set(houses(&|of| of.finished_on.is_some())),
        registered_persons: Set(persons(RelocationKind::Registered)),
        accompanying_persons: Set(persons(RelocationKind::Accompanying)),
        whole_village: Set(false),
        cost_fen: Set(funding.cost()),
        central_fen: Set(funding.central),
        region_fen: Set(funding.region),
        city_fen: Set(funding.city),
        county_fen: Set(funding.county),
        bond_fen: Set(funding.bond),
        construction_fund_fen: Set(0),
        loan_fen: Set(funding.loan),
        self_fen: Set(funding.own),
        approved_on: Set((stage > RelocationStage::Planned).then_some(begins)),
        finished_on: Set(finished.filter(|_| stage >= RelocationStage::Finished)),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

fn relocation_row(
    (id, project): (i64, i64),
    family: &Family,
    house: Option<i64>,
    of: Move,
) -> relocation::ActiveModel {
    let funding = of.funding();
    relocation::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        relocation_project_id: Set(project),
        kind: Set(of.kind),
        mode: Set(of.mode),
        stage: Set(of.stage),
        persons: Set(i32::try_from(of.persons).unwrap_or(i32::MAX)),
        decided_on: Set(of.decided_on),
        area_dm2: Set(of.decided_on.map(|_| of.area_dm2)),
        subsidy_fen: Set(of.subsidy_fen()),
        cost_fen: Set(funding.cost()),
        central_fen: Set(funding.central),
        region_fen: Set(funding.region),
        city_fen: Set(funding.city),
        county_fen: Set(funding.county),
        bond_fen: Set(funding.bond),
        construction_fund_fen: Set(0),
        loan_fen: Set(funding.loan),
        self_fen: Set(funding.own),
        old_house_id: Set(house),
        finished_on: Set(of.finished_on),
        moved_in_on: Set(of.moved_in_on),
        old_house_removed_on: Set(of.removed_on),
        settled_on: Set(of.settled_on),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

async fn add_arrangements(
    demonstration: &mut Demonstration<'_>,
    dwellings: &[Dwelling],
) -> Result<(), DemoError> {
    let arranged = |dwelling: &Dwelling| match dwelling.future {
        Future::Arranged(arrangement) => Some(arrangement),
        _ => None,
    };
    let count = dwellings.iter().filter_map(arranged).count();
    let mut ids = demonstration.ids("housing_arrangement", count).await?;
    let mut rows = Vec::new();
    for (family, dwelling) in demonstration.families.iter().zip(dwellings) {
        let Some(of) = arranged(dwelling) else {
            continue;
        };
        let Some(id) = ids.next() else { break };
        let landlord = match of.solution {
            HouseSolution::Rent => Some("村集体"),
            HouseSolution::PublicHousing => Some("住房保障中心"),
            HouseSolution::MutualHome => Some("互助幸福院"),
            _ => None,
        };
        rows.push(housing_arrangement::ActiveModel {
            id: Set(id),
            household_id: Set(family.id),
            region_code: Set(family.village.get()),
            solution: Set(of.solution),
            contract_number: Set(Some(format!("ZF{}{id:06}", of.from.year()))),
            landlord: Set(landlord.map(ToOwned::to_owned)),
            area_dm2: Set(Some(of.area_dm2)),
            rent_fen: Set(of.rent_fen),
            valid_from: Set(of.from),
            valid_to: Set(None),
            version: Set(1),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        });
    }
    demonstration.inserts.add(rows);
    Ok(())
}

/// The plots of those who move: returned when the old house is gone, reclaimed soon after.
async fn add_homesteads(
    demonstration: &mut Demonstration<'_>,
    dwellings: &[Dwelling],
) -> Result<(), DemoError> {
    let moved = |dwelling: &Dwelling| match dwelling.future {
        Future::Moved(of) => Some(of),
        _ => None,
    };
    let count = dwellings.iter().filter_map(moved).count();
    let mut ids = demonstration.ids("homestead", count).await?;
    let mut rows = Vec::new();
    for (family, dwelling) in demonstration.families.iter().zip(dwellings) {
        let Some(of) = moved(dwelling) else { continue };
        let Some(id) = ids.next() else { break };
        let mut dice = family.dice("homestead");
        let area_dm2 = dice.between(20, 33) * 1_000;
        let reclaims = of.removed_on;
        let reclaims = reclaims.map(|removed| removed + Duration::days(dice.between(5, 30)));
        let reclaimed_on = reclaims.filter(|day| *day <= LAST_DAY && dice.chance(70));
        let built = Date::from_ordinal_date(dwelling.built_year, 1);
        rows.push(homestead::ActiveModel {
            id: Set(id),
            household_id: Set(family.id),
            region_code: Set(family.village.get()),
            certificate_number: Set(Some(format!("ZJD{}{id:06}", family.village))),
            area_dm2: Set(area_dm2),
            valid_from: Set(built.unwrap_or(dwelling.surveyed_on)),
            valid_to: Set(of.removed_on),
            reclaimed_on: Set(reclaimed_on),
            reclaimed_dm2: Set(reclaimed_on.map(|_| area_dm2 * 9 / 10)),
            version: Set(1),
            recorded_at_ms: Set(RECORDED_AT_MS),
            ..Default::default()
        });
    }
    demonstration.inserts.add(rows);
    Ok(())
}
