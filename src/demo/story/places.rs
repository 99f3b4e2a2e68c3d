//! Where families live: the counties of 乌兰察布, their townships and rural villages.

use super::super::{DemoError, dice::Dice, quotas::apportion};
use crate::household::listed_regions;
use entity::region_code::{RegionCode, RegionLevel};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A county of the demonstration.
pub(super) struct County {
    /// The first six digits of its villages.
    pub code: i64,
    /// How the county is called in the numbers of its papers.
    pub papers: &'static str,
    /// How many families there are in a village, in a hundred of those in a national-level poor county. The source has
    /// no figures by county, only which counties are poor.
    weight: u64,
}

/// 乌兰察布: eight national-level poor counties, two region-level ones (凉城县, 丰镇市), and 集宁区.
pub(super) const COUNTIES: [County; 11] = [
    county(150_902, "集", 35),
    county(150_921, "卓", 100),
    county(150_922, "化", 100),
    county(150_923, "商", 100),
    county(150_924, "兴", 100),
    county(150_925, "凉", 70),
    county(150_926, "前", 100),
    county(150_927, "中", 100),
    county(150_928, "后", 100),
    county(150_929, "四", 100),
    county(150_981, "丰", 70),
];

const fn county(code: i64, papers: &'static str, weight: u64) -> County {
    County {
        code,
        papers,
        weight,
    }
}

/// Villages in which the families of a township live, where they are few.
const VILLAGES: usize = 4;
/// So many families in a village, and the next one is used.
const FAMILIES_A_VILLAGE: u64 = 6;
/// A village has so many people for each of its families at the least.
const PERSONS_A_FAMILY: u64 = 6;

/// A region with its name.
pub(super) type Named = (RegionCode, &'static str);

/// A township, and the families it gets beside those it has.
#[derive(Clone, Debug)]
pub(super) struct Township {
    pub region: Named,
    pub county: Named,
    /// The villages that are not its streets, with their names as people say them.
    pub villages: Vec<(RegionCode, String)>,
    pub families: u64,
}

impl Township {
    /// The address of a village.
    pub fn address(&self, village: &str) -> String {
        format!("{}{}{village}", self.county.1, self.region.1)
    }

    /// Whether any family lives here.
    pub fn is_inhabited(&self, living: &BTreeMap<RegionCode, u64>) -> bool {
        self.families > 0 || living.contains_key(&self.region.0)
    }

    /// The villages in which its families live.
    pub fn settled(&self) -> &[(RegionCode, String)] {
        let wanted = usize::try_from(self.families / FAMILIES_A_VILLAGE).unwrap_or(usize::MAX);
        &self.villages[..wanted.max(VILLAGES).min(self.villages.len())]
    }
}

/// The townships that have rural villages, by code.
pub(super) fn townships() -> Result<Vec<Township>, DemoError> {
    let names: HashMap<RegionCode, &'static str> = listed_regions()
        .map(|region| (region.code, region.name))
        .collect();
    let named = |code: RegionCode| {
        let name = names.get(&code).copied();
        name.map(|name| (code, name))
            .ok_or(DemoError::Invented("region"))
    };
    let mut townships: Vec<Township> = Vec::new();
    for region in listed_regions().filter(|region| is_rural(region.code)) {
        let Some(township) = region.code.parent().filter(|code| weight(*code).is_some()) else {
            continue;
        };
        let county = township.parent().ok_or(DemoError::Invented("county"))?;
        if townships.last().map(|last| last.region.0) != Some(township) {
            townships.push(Township {
                region: named(township)?,
                county: named(county)?,
                villages: Vec::new(),
                families: 0,
            });
        }
        if let Some(last) = townships.last_mut() {
            last.villages.push((region.code, spoken(region.name)));
        }
    }
    Ok(townships)
}

/// Shares out families among townships. Those that live there already count.
pub(super) fn settle(
    townships: &mut [Township],
    families: u64,
    living: &BTreeMap<RegionCode, u64>,
) {
    let living: Vec<u64> = townships
        .iter()
        .map(|township| living.get(&township.region.0).copied().unwrap_or(0))
        .collect();
    let weights: Vec<u64> = townships
        .iter()
        .map(|township| {
            township.villages.len() as u64 * weight(township.region.0).unwrap_or_default()
        })
        .collect();
    let wanted = apportion(families + living.iter().sum::<u64>(), &weights);
    let lacking: Vec<u64> = wanted
        .iter()
        .zip(&living)
        .map(|(wanted, living)| wanted.saturating_sub(*living))
        .collect();
    for (township, families) in townships.iter_mut().zip(apportion(families, &lacking)) {
        township.families = families;
    }
}

/// Rural persons of the villages of all counties in which somebody lives, summed up to the prefecture when that is all of
/// them. A village has some hundred, and more where more families are told.
pub(super) fn populations(
    townships: &[Township],
    living: &BTreeMap<RegionCode, u64>,
) -> BTreeMap<RegionCode, i64> {
    let inhabited: BTreeSet<RegionCode> = townships
        .iter()
        .filter(|township| township.is_inhabited(living))
        .map(|township| township.county.0)
        .collect();
    let whole = inhabited.len() == COUNTIES.len();
    let mut populations = BTreeMap::new();
    for township in townships {
        if !inhabited.contains(&township.county.0) {
            continue;
        }
        let a_village = township.families / township.settled().len().max(1) as u64;
        let told = i64::try_from(a_village * PERSONS_A_FAMILY).unwrap_or(i64::MAX);
        for (village, _) in &township.villages {
            let seed = village.get().unsigned_abs();
            let persons = Dice::of(seed, "population").between(380, 1_480).max(told);
            let mut code = Some(*village);
            while let Some(region) = code {
                if region.county().is_some() || whole && region.level() == RegionLevel::Prefecture {
                    *populations.entry(region).or_default() += persons;
                }
                code = region.parent();
            }
        }
    }
    populations
}

fn weight(code: RegionCode) -> Option<u64> {
    let county = COUNTIES
        .iter()
        .find(|county| code.county() == Some(county.code));
    county.map(|county| county.weight)
}

/// Whether a region is a rural village, not a street.
fn is_rural(code: RegionCode) -> bool {
    code.level() == RegionLevel::Village && (200..400).contains(&(code.get() % 1_000))
}

fn spoken(name: &str) -> String {
    ["村民委员会", "村民委会", "村委会"]
        .iter()
        .fold(name.replace("嘎查委员会", "嘎查"), |name, end| {
            name.replace(end, "村")
        })
}
