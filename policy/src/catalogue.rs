//! All packs together: which rule holds where and when.

use crate::pack::{Benefit, Pack};
use std::collections::HashSet;
use time::Date;

/// The packs, and which of them holds where.
#[derive(Debug, Default)]
pub struct Catalogue(Vec<Pack>);

/// Why packs do not go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    #[error("the pack {0} is there twice")]
    Twice(String),
    #[error("the pack {0} inherits {1}, which is not there or inherits in a circle")]
    Inherits(String, String),
    #[error("{benefit} of {one} and of {other} are in force in one region at the same time")]
    Overlap {
        benefit: String,
        one: String,
        other: String,
    },
}

/// How far packs may inherit: national, province, prefecture, county, village.
const DEEPEST: usize = 5;

impl Catalogue {
    /// Packs that go together.
    ///
    /// # Errors
    /// The first two that do not.
    pub fn of(packs: Vec<Pack>) -> Result<Self, CatalogueError> {
        let mut ids = HashSet::new();
        for pack in &packs {
            if !ids.insert(pack.id.as_str()) {
                return Err(CatalogueError::Twice(pack.id.clone()));
            }
        }
        let catalogue = Catalogue(packs);
        for pack in &catalogue.0 {
            let chain = catalogue.chain(pack);
            let last = chain.last().and_then(|last| last.inherits.clone());
            if let Some(lost) = last {
                return Err(CatalogueError::Inherits(pack.id.clone(), lost));
            }
        }
        catalogue.no_overlap()?;
        Ok(catalogue)
    }

    fn no_overlap(&self) -> Result<(), CatalogueError> {
        for (place, one) in self.0.iter().enumerate() {
            let others = self.0[place + 1..].iter();
            for other in others.filter(|other| {
                other
                    .regions
                    .iter()
                    .any(|region| one.regions.contains(region))
            }) {
                let mut both = one
                    .benefits
                    .iter()
                    .filter_map(|benefit| Some((benefit, other.benefit(&benefit.id)?)));
                if let Some((benefit, _)) = both.find(|(one, other)| overlap(one, other)) {
                    return Err(CatalogueError::Overlap {
                        benefit: benefit.id.clone(),
                        one: one.id.clone(),
                        other: other.id.clone(),
                    });
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
    fn chain<'c>(&'c self, pack: &'c Pack) -> Vec<&'c Pack> {
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

impl Benefit {
    /// Whether the rule is in force on a day.
    #[must_use]
    pub fn is_effective(&self, on: Date) -> bool {
        self.effective
            .is_none_or(|(from, to)| from <= on && on <= to)
    }
}
