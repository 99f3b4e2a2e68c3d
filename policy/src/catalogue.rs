//! All packs together: which rule holds where and when.

use crate::{
    PackError,
    pack::{Benefit, Pack},
};
use std::collections::HashSet;
use time::Date;
use yaml::{Place, do_you_mean};

/// The packs, and which of them holds where.
#[derive(Debug, Default)]
pub struct Catalogue(Vec<Pack>);

/// How far packs may inherit: national, province, prefecture, county, village.
const DEEPEST: usize = 5;

impl Catalogue {
    /// Packs that go together.
    ///
    /// # Errors
    /// The first that does not.
    pub fn of(packs: Vec<Pack>) -> Result<Self, PackError> {
        for (place, pack) in packs.iter().enumerate() {
            if let Some(other) = packs[..place].iter().find(|other| other.id == pack.id) {
                let problem = format!("the pack {} is there already, in {}", pack.id, other.file);
                return Err(pack.error(pack.place, problem));
            }
        }
        let catalogue = Catalogue(packs);
        for pack in &catalogue.0 {
            let chain = catalogue.chain(pack);
            let Some(above) = chain.last().and_then(|last| last.inherits.as_deref()) else {
                continue;
            };
            let problem = match catalogue.pack(above) {
                Some(_) => {
                    let chain: Vec<_> = chain.iter().map(|pack| pack.id.as_str()).collect();
                    format!(
                        "packs inherit in a circle, or too deep: {} inherits {above}",
                        chain.join(" inherits ")
                    )
                }
                None => {
                    let names = catalogue.0.iter().map(|pack| pack.id.as_str());
                    format!(
                        "there is no pack {above} to inherit from{}",
                        do_you_mean(above, names)
                    )
                }
            };
            return Err(pack.error(pack.place_of_inherits, problem));
        }
        catalogue.no_overlap()?;
        Ok(catalogue)
    }

    fn no_overlap(&self) -> Result<(), PackError> {
        for (place, pack) in self.0.iter().enumerate() {
            for other in &self.0[..place] {
                let Some(region) = pack
                    .regions
                    .iter()
                    .find(|region| other.regions.contains(region))
                else {
                    continue;
                };
                let both = |benefit: &&Benefit| {
                    other
                        .benefit(&benefit.id)
                        .is_some_and(|of| overlap(benefit, of))
                };
                if let Some(benefit) = pack.benefits.iter().find(both) {
                    let (id, other) = (&benefit.id, &other.id);
                    let problem =
                        format!("{id} is in force in {region} at the same time as that of {other}");
                    return Err(pack.error(benefit.place, problem));
                }
            }
        }
        Ok(())
    }

    #[must_use]
    pub fn packs(&self) -> &[Pack] {
        &self.0
    }
    #[must_use]
    pub fn pack(&self, id: &str) -> Option<&Pack> {
        self.0.iter().find(|pack| pack.id == id)
    }

    /// A pack and those it inherits from, nearest first.
    #[must_use]
    pub fn chain<'c>(&'c self, pack: &'c Pack) -> Vec<&'c Pack> {
        let mut chain = vec![pack];
        let mut next = pack.inherits.as_deref().and_then(|id| self.pack(id));
        while let Some(above) = next.filter(|_| chain.len() < DEEPEST) {
            chain.push(above);
            next = above.inherits.as_deref().and_then(|id| self.pack(id));
        }
        chain
    }

    /// The benefit of a pack, or of those it inherits from.
    #[must_use]
    pub fn benefit(&self, pack: &str, benefit: &str) -> Option<&Benefit> {
        let pack = self.pack(pack)?;
        self.chain(pack)
            .into_iter()
            .find_map(|pack| pack.benefit(benefit))
    }

    /// All rules in force for a village on a day, each once.
    #[must_use]
    pub fn all_in_force(&self, village: &str, on: Date) -> Vec<(&Pack, &Benefit)> {
        let mut seen = HashSet::new();
        let ids = self.0.iter().flat_map(|pack| &pack.benefits);
        ids.filter(|benefit| seen.insert(benefit.id.as_str()))
            .filter_map(|benefit| self.in_force(village, &benefit.id, on))
            .collect()
    }

    /// The rule in force for a village on a day, of the pack with the longest matching region.
    #[must_use]
    pub fn in_force(&self, village: &str, benefit: &str, on: Date) -> Option<(&Pack, &Benefit)> {
        let reach = |pack: &Pack| -> Option<usize> {
            let matching = pack
                .regions
                .iter()
                .filter(|region| village.starts_with(region.as_str()));
            matching.map(String::len).max()
        };
        let mut packs: Vec<_> = self
            .0
            .iter()
            .filter_map(|pack| Some((reach(pack)?, pack)))
            .collect();
        packs.sort_by_key(|(reach, _)| std::cmp::Reverse(*reach));
        let chains = packs.into_iter().flat_map(|(_, pack)| self.chain(pack));
        let mut found = chains.filter_map(|pack| Some((pack, pack.benefit(benefit)?)));
        found.find(|(_, benefit)| benefit.is_effective(on))
    }
}

fn overlap(one: &Benefit, other: &Benefit) -> bool {
    match (one.effective, other.effective) {
        (Some(one), Some(other)) => one.0 <= other.1 && other.0 <= one.1,
        _ => true,
    }
}

impl Pack {
    fn error(&self, at: Place, problem: String) -> PackError {
        PackError {
            file: self.file.clone(),
            line: at.line,
            column: at.column,
            problem,
        }
    }
}

impl Benefit {
    /// Whether the rule is in force on a day.
    #[must_use]
    pub fn is_effective(&self, on: Date) -> bool {
        self.effective
            .is_none_or(|(from, to)| from <= on && on <= to)
    }
}
