//! Invents the families: where they live, who they are, and what happened to their files. A part at a time, because a
//! large demonstration does not fit into memory.

mod first;
mod income;
mod leaving;
mod paths;
mod places;
mod registration;
mod village;

use super::{
    DemoError, Institutions, LAST_DAY, Wanted,
    dice::Dice,
    family::{Family, StatusSpan},
    people::{KINDS, People},
    plants::{Plant, Planter},
    quotas::Quotas,
};
use crate::{db::Keys, identifiers::CardNumber};
use entity::{codes::CodeList, household::codes::HouseholdStatus, region_code::RegionCode};
use first::First;
use income::earn;
use leaving::{Chances, leave};
use paths::{PATHS, path_of};
use places::{COUNTIES, Named, Township};
pub(super) use registration::unpriced;
use registration::{Support, register};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use time::{Date, Duration};

pub(super) use first::FIRST_FAMILIES;
pub(super) use village::HOUSEHOLDS as VILLAGE_HOUSEHOLDS;

/// The dice of the seed that is taken where none is given.
const ROOT: u64 = 150_921_150_922;

/// Townships are put together into a part until it has so many families.
const PART: usize = 1_000;

/// Of the families that are told last.
const LEAVING: Chances = Chances {
    death: 6,
    moving: 12,
};

/// All that is to be told.
pub(super) struct Story {
    root: u64,
    people: People,
    /// The first families, until their townships are told.
    first: Vec<Family>,
    /// The townships still to come, the next one last.
    townships: Vec<Township>,
    opened: BTreeSet<RegionCode>,
    paths: Quotas,
    kinds: Quotas,
    told: u64,
    planter: Option<Planter>,
    /// Whether the village of fixed figures is still to come.
    village: bool,
}

/// Townships with all their families.
pub(super) struct Part {
    /// The counties whose first township is in this part.
    pub counties: Vec<Named>,
    pub townships: Vec<Named>,
    pub families: Vec<Family>,
}

impl Story {
    /// The story that is wanted, of [`FIRST_FAMILIES`] at the least, and where it plays.
    pub(super) fn new(wanted: Wanted, keys: &Keys) -> Result<(Self, Setting), DemoError> {
        let root = ROOT ^ Dice::mix(wanted.seed ^ super::SEED);
        let mut people = People::default();
        let mut townships = places::townships()?;
        let first = first::tell(root, &mut people, &townships)?;
        let mut living: BTreeMap<RegionCode, u64> = BTreeMap::new();
        for township in first
            .iter()
            .filter_map(|(family, _)| family.village.parent())
        {
            *living.entry(township).or_default() += 1;
        }
        let more = wanted.households.saturating_sub(FIRST_FAMILIES);
        places::settle(&mut townships, more, &living);
        let populations = places::populations(&townships, &living);
        townships.retain(|township| township.is_inhabited(&living));
        let mut setting = Setting::new(&townships, &living, populations);
        if wanted.village {
            setting.add_village()?;
        }
        let (paths, kinds) = quotas(more, root, &first);
        let mut first: Vec<Family> = first.into_iter().map(|(family, _)| family).collect();
        people.number(&mut first, keys);
        let story = Story {
            root,
            people,
            first,
            townships: townships.into_iter().rev().collect(),
            opened: BTreeSet::new(),
            paths,
            kinds,
            told: FIRST_FAMILIES,
            planter: wanted.plants.then(Planter::default),
            village: wanted.village,
        };
        Ok((story, setting))
    }

    /// The next part, with the keys of its families and their people.
    pub(super) fn next_part(&mut self, keys: &Keys) -> Result<Option<Part>, DemoError> {
        let mut part = Part {
            counties: Vec::new(),
            townships: Vec::new(),
            families: Vec::new(),
        };
        let mut more = Vec::new();
        while part.families.len() + more.len() < PART
            && let Some(township) = self.townships.pop()
        {
            if self.opened.insert(township.county.0) {
                part.counties.push(township.county);
            }
            part.townships.push(township.region);
            let first = self.first_of(&township);
            more.extend(self.tell(&township, &first)?);
            part.families.extend(first);
        }
        if part.townships.is_empty() {
            return self.next_village(keys);
        }
        // The first families have their keys already and come in their order.
        part.families.sort_by_key(|family| family.id);
        self.people.number(&mut more, keys);
        part.families.append(&mut more);
        name_neighbours(&mut part.families);
        Ok(Some(part))
    }

    fn next_village(&mut self, keys: &Keys) -> Result<Option<Part>, DemoError> {
        if !std::mem::take(&mut self.village) {
            return Ok(None);
        }
        let mut part = village::tell(self.root, &mut self.people)?;
        self.people.number(&mut part.families, keys);
        Ok(Some(part))
    }

    /// The first families of a township.
    fn first_of(&mut self, township: &Township) -> Vec<Family> {
        let (here, elsewhere) = std::mem::take(&mut self.first)
            .into_iter()
            .partition(|family| township.region.0.contains(family.village));
        self.first = elsewhere;
        here
    }

    /// The families of a township besides the first ones, village by village.
    fn tell(&mut self, township: &Township, first: &[Family]) -> Result<Vec<Family>, DemoError> {
        let mut serials = Serials::default();
        let given = first.iter().filter_map(|family| family.card_number);
        given.for_each(|number| serials.give(number));
        let count = usize::try_from(township.families).unwrap_or(usize::MAX);
        let villages = township.settled();
        let mut families = Vec::with_capacity(count);
        for place in 0..count {
            let (village, name) = &villages[place * villages.len() / count];
            families.push(self.family(*village, township.address(name), &mut serials)?);
        }
        Ok(families)
    }

    fn family(
        &mut self,
        village: RegionCode,
        address: String,
        serials: &mut Serials,
    ) -> Result<Family, DemoError> {
        let seed = self.root.wrapping_add(self.told);
        self.told += 1;
        let path = &PATHS[self.paths.draw()];
        let history = path.history(&mut Dice::of(seed, "history"));
        let mut family = open_file(seed, village, address, history);
        // A closed family was an old person alone.
        let kind = (path.status != HouseholdStatus::Closed).then(|| KINDS[self.kinds.draw()].0);
        self.people.settle(&mut family, kind)?;
        if let Some(registered) = family.since(HouseholdStatus::Registered) {
            family.card_number = Some(serials.next(village)?);
            register(&mut family, support(registered));
        }
        leave(&mut family, LEAVING);
        let after = match &mut self.planter {
            Some(planter) => planter.plant(&mut family),
            None => |_: &mut Family| {},
        };
        earn(&mut family);
        after(&mut family);
        Ok(family)
    }
}

/// Who is reported as a member of another household is so of the next one in the part.
fn name_neighbours(families: &mut [Family]) {
    let open = |family: &Family| family.closed_on().is_none() && family.plant.is_none();
    let neighbours: Vec<i64> = families
        .iter()
        .filter(|family| open(family))
        .map(|family| family.id)
        .collect();
    let elsewhere = |family: &&mut Family| family.has(Plant::MemberElsewhere);
    for family in families.iter_mut().filter(elsewhere) {
        let next = neighbours.iter().find(|id| **id > family.id);
        if let Some(next) = next.or(neighbours.first())
            && let Some(report) = family.reports.first_mut()
        {
            report.values = json!({ "household": next });
        }
    }
}

/// What share of families lives on the minimum living allowance: with those in special support it makes 63,000 of the
/// 84,000 persons on file at the end of 2017, 9,684 of them newly.
fn support(registered: Date) -> Support {
    Support {
        percent: if registered.year() == 2017 { 42 } else { 92 },
        // The first day of a month, when the case is decided.
        newly: |registered| {
            let decided = registered + Duration::days(45);
            decided.replace_day(1).unwrap_or(decided)
        },
    }
}

fn quotas(more: u64, root: u64, first: &[First]) -> (Quotas, Quotas) {
    let mut paths = vec![0; PATHS.len()];
    let mut kinds = vec![0; KINDS.len()];
    for (family, kind) in first {
        paths[path_of(&family.history)] += 1;
        if let Some(at) = KINDS.iter().position(|(of, _)| of == kind) {
            kinds[at] += 1;
        }
    }
    let weights: Vec<u64> = PATHS.iter().map(|path| path.households).collect();
    let paths = Quotas::new(more, &weights, &paths, Dice::of(root, "paths"));
    let weights: Vec<u64> = KINDS.iter().map(|(_, weight)| *weight).collect();
    let kinds = Quotas::new(more, &weights, &kinds, Dice::of(root, "kinds"));
    (paths, kinds)
}

/// Where a story plays.
pub(super) struct Setting {
    counties: Vec<Named>,
    /// Those of first families come first, so that the numbers of their institutions don't depend on the size.
    townships: Vec<Named>,
    /// Regions that the national list does not have.
    pub regions: Vec<Named>,
    /// Rural persons by region and year.
    pub populations: BTreeMap<(RegionCode, i32), i64>,
}

impl Setting {
    fn new(
        townships: &[Township],
        living: &BTreeMap<RegionCode, u64>,
        populations: BTreeMap<RegionCode, i64>,
    ) -> Self {
        let mut counties: Vec<Named> = townships.iter().map(|township| township.county).collect();
        counties.dedup();
        let mut named: Vec<Named> = townships.iter().map(|township| township.region).collect();
        named.sort_by_key(|(code, _)| !living.contains_key(code));
        let populations = populations.into_iter();
        Setting {
            counties,
            townships: named,
            regions: Vec::new(),
            populations: populations
                .map(|(code, persons)| ((code, LAST_DAY.year()), persons))
                .collect(),
        }
    }

    fn add_village(&mut self) -> Result<(), DemoError> {
        let (county, township) = village::county_and_township()?;
        self.counties.push(county);
        self.townships.push(township);
        self.regions.extend(village::regions());
        for (code, _) in village::regions() {
            for year in [LAST_DAY.year() - 1, LAST_DAY.year()] {
                self.populations.insert((code, year), village::PERSONS);
            }
        }
        Ok(())
    }

    /// Every institution of the demonstration.
    pub(super) fn institutions(&self) -> Institutions {
        Institutions::around(&self.counties, &self.townships)
    }
}

fn open_file(seed: u64, village: RegionCode, address: String, history: Vec<StatusSpan>) -> Family {
    let mut dice = Dice::of(seed, "file");
    let group = dice.between(1, 6);
    Family {
        id: 0,
        village,
        group,
        address: format!("{address}{group}组"),
        card_number: None,
        class: None,
        causes: Vec::new(),
        water_safe: dice.chance(88),
        history,
        members: Vec::new(),
        incomes: Vec::new(),
        planned_exit_year: None,
        allowance: None,
        plant: None,
        reports: Vec::new(),
        published: false,
        seed,
    }
}

/// The serials of card numbers given out in each village.
#[derive(Default)]
struct Serials(BTreeMap<RegionCode, u16>);

impl Serials {
    fn next(&mut self, village: RegionCode) -> Result<CardNumber, DemoError> {
        let serial = self.0.get(&village).copied().unwrap_or(0) + 1;
        let number = CardNumber::with_serial(village, serial);
        let number = number.map_err(|_| DemoError::Invented("card number"))?;
        self.give(number);
        Ok(number)
    }

    fn give(&mut self, number: CardNumber) {
        let serial = self.0.entry(number.village()).or_default();
        *serial = number.serial().max(*serial);
    }
}

/// The paper that decided a status, none where nobody decides: `卓扶发〔2016〕12号`.
pub(crate) fn document_number(family: &Family, span: StatusSpan) -> Option<String> {
    let decided = matches!(
        span.status,
        HouseholdStatus::Registered
            | HouseholdStatus::Exited
            | HouseholdStatus::Returned
            | HouseholdStatus::StruckOff
    );
    if !decided {
        return None;
    }
    let county = COUNTIES
        .iter()
        .find(|county| family.village.county() == Some(county.code));
    let papers = county.map_or(village::PAPERS, |county| county.papers);
    let number = family.dice(span.status.word()).between(3, 96);
    Some(format!("{papers}扶发〔{}〕{number}号", span.from.year()))
}
