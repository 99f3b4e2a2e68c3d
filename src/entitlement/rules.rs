//! The rules that are asked, and which facts each of them needs.

use crate::{
    facts::{AS_OF, FactSource, Facts, YEAR},
    policy::catalogue,
};
use ::policy::{Benefit, Catalogue, Exact, Pack, PackError, Value, read_pack_asking};
use entity::region_code::RegionCode;
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};
use time::Date;

/// Sources of facts, a bit each by their place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sources(u64);

impl Sources {
    /// As many as a number has bits.
    const MOST: usize = 64;

    fn with(self, place: usize) -> Self {
        Sources(self.0 | 1 << place)
    }
    #[must_use]
    pub fn and(self, other: Sources) -> Self {
        Sources(self.0 | other.0)
    }
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..Self::MOST).filter(move |place| self.0 >> place & 1 == 1)
    }
}

/// A rule by its place in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RuleAt {
    pack: usize,
    benefit: usize,
}

/// The sources that a benefit needs.
#[derive(Clone, Copy, Debug, Default)]
struct Needs {
    due: Sources,
    granted: Sources,
}

/// What facts are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// To tell what is due.
    Due,
    /// To compare it with what was granted.
    Compared,
}

/// The rules, and what is known of households.
pub struct Rules {
    pub catalogue: Catalogue,
    pub facts: Arc<Facts>,
    /// The hash of each pack with all that it inherits, by which an answer says what it rests on.
    hashes: HashMap<String, String>,
    /// The sources that any rule of a benefit needs, by the benefit's code.
    needs: HashMap<String, Needs>,
    /// The source of the household's register: who is in it is a member.
    register: usize,
    /// By place in the vocabulary: what is so where there is no record.
    without_records: Vec<Option<Value>>,
    /// The source of each fact, by place in the vocabulary.
    source_of: Vec<Option<usize>>,
}

/// The fact by which the source of the register is known.
const OF_THE_REGISTER: &str = "birth_date";

impl Rules {
    /// The shipped packs and these, with the facts of these sources.
    ///
    /// # Errors
    /// A pack that can't hold.
    ///
    /// # Panics
    /// The list of facts, which is part of the program, has no register or too many sources.
    pub fn of(sources: Vec<FactSource>, more: &[(String, String)]) -> Result<Self, PackError> {
        let facts = Arc::new(Facts::of(sources));
        let catalogue = catalogue(more, &facts.vocabulary)?;
        Ok(Rules::over(catalogue, facts))
    }

    fn over(catalogue: Catalogue, facts: Arc<Facts>) -> Self {
        assert!(facts.sources.len() <= Sources::MOST, "too many sources");
        let mut source_of = vec![None; facts.stated().len()];
        for (place, source) in facts.sources.iter().enumerate() {
            source_of[source.places()].fill(Some(place));
        }
        let register = facts.vocabulary.place(OF_THE_REGISTER);
        let register = register.and_then(|place| source_of[place]);
        let mut rules = Rules {
            hashes: hashes(&catalogue),
            needs: HashMap::new(),
            register: register.expect("a register of members"),
            without_records: (facts.stated().iter())
                .map(|fact| fact.column.without_record())
                .collect(),
            source_of,
            catalogue,
            facts,
        };
        rules.needs = rules.needs();
        rules
    }

    /// The same rules with these packs, by file and text, instead of those of the same name.
    ///
    /// # Errors
    /// A pack that can't hold or does not go with the others.
    pub fn with(&self, packs: Vec<(String, String)>) -> Result<Self, PackError> {
        let mut all: Vec<Pack> = Vec::new();
        for (file, text) in &packs {
            all.push(read_pack_asking(file, text, &self.facts.vocabulary)?);
        }
        for pack in self.catalogue.packs() {
            if !all.iter().any(|new| new.id == pack.id) {
                let text = &pack.text;
                all.push(read_pack_asking(&pack.file, text, &self.facts.vocabulary)?);
            }
        }
        Ok(Rules::over(Catalogue::of(all)?, self.facts.clone()))
    }

    /// The benefits whose rules are not the same in others.
    #[must_use]
    pub fn changed_in(&self, other: &Rules) -> BTreeSet<String> {
        let mut changed = BTreeSet::new();
        for (one, other) in [(self, other), (other, self)] {
            for pack in one.catalogue.packs() {
                let of = other.catalogue.pack(&pack.id);
                let benefits = pack
                    .benefits
                    .iter()
                    .filter(|benefit| !of.is_some_and(|of| is_same((pack, benefit), of)));
                changed.extend(benefits.map(|benefit| benefit.id.clone()));
            }
        }
        changed
    }

    fn needs(&self) -> HashMap<String, Needs> {
        let mut needs: HashMap<String, Needs> = HashMap::new();
        let packs = self.catalogue.packs().iter();
        for benefit in packs.flat_map(|pack| &pack.benefits) {
            let Some(asked) = &benefit.asked else {
                continue;
            };
            let of = needs.entry(benefit.id.clone()).or_default();
            let register = Sources::default().with(self.register);
            let due = asked.facts();
            of.due = of.due.and(register).and(self.sources(&due));
            let granted = asked.facts_of_granted().unwrap_or_default();
            of.granted = of.granted.and(self.sources(granted));
        }
        needs
    }

    fn sources(&self, places: &[usize]) -> Sources {
        let sources = places.iter().filter_map(|place| self.source_of(*place));
        sources.fold(Sources::default(), Sources::with)
    }

    /// The sources that rules need.
    pub fn needed_by(&self, rules: impl IntoIterator<Item = RuleAt>, why: Why) -> Sources {
        let benefits = rules.into_iter().map(|rule| self.at(rule).1);
        let needs = benefits.filter_map(|benefit| self.needs.get(&benefit.id));
        needs.fold(Sources::default(), |all, needs| match why {
            Why::Due => all.and(needs.due),
            Why::Compared => all.and(needs.due).and(needs.granted),
        })
    }

    /// Whether any pack has a rule of this code.
    #[must_use]
    pub fn knows(&self, benefit: &str) -> bool {
        let packs = self.catalogue.packs().iter();
        packs
            .flat_map(|pack| &pack.benefits)
            .any(|rule| rule.id == benefit)
    }

    /// The hash of a pack, SHA-256 in hexadecimal.
    #[must_use]
    pub fn hash(&self, pack: &str) -> &str {
        self.hashes.get(pack).map_or("", String::as_str)
    }

    /// The hash of all packs together, SHA-256 in hexadecimal.
    #[must_use]
    pub fn whole_hash(&self) -> String {
        let mut packs: Vec<_> = self.catalogue.packs().iter().collect();
        packs.sort_by(|one, other| one.id.cmp(&other.id));
        hex::encode(hash_of(packs))
    }

    /// Whether the pack holds in all of a region, or in a part of it.
    #[must_use]
    pub fn holds(&self, pack: &Pack, region: RegionCode) -> bool {
        let region = region.to_string();
        let region = region.trim_end_matches('0');
        let mut regions = pack.regions.iter();
        regions.any(|own| own.starts_with(region) || region.starts_with(own.as_str()))
    }

    /// The rules in force for a village on a day that are asked one by one.
    #[must_use]
    pub fn asked(&self, village: RegionCode, on: Date) -> Vec<RuleAt> {
        let rules = self.catalogue.all_in_force(&village.to_string(), on);
        let asked = rules
            .into_iter()
            .filter(|(_, benefit)| benefit.asked.is_some());
        asked
            .filter_map(|(pack, benefit)| self.place(pack, benefit))
            .collect()
    }

    fn place(&self, pack: &Pack, benefit: &Benefit) -> Option<RuleAt> {
        let mut packs = self.catalogue.packs().iter();
        let mut benefits = pack.benefits.iter();
        Some(RuleAt {
            pack: packs.position(|one| one.id == pack.id)?,
            benefit: benefits.position(|one| one.id == benefit.id)?,
        })
    }

    /// A rule by its place.
    #[must_use]
    pub fn at(&self, rule: RuleAt) -> (&Pack, &Benefit) {
        let pack = &self.catalogue.packs()[rule.pack];
        (pack, &pack.benefits[rule.benefit])
    }

    pub(super) fn register(&self) -> usize {
        self.register
    }
    pub(super) fn without_records(&self) -> &[Option<Value>] {
        &self.without_records
    }
    pub(super) fn source_of(&self, place: usize) -> Option<usize> {
        self.source_of[place]
    }

    /// The day asked about, as facts.
    pub(super) fn set_day(&self, known: &mut [Option<Value>], day: Date) {
        let year = Value::Number(Exact::whole(day.year().into()));
        for (name, value) in [(AS_OF, Value::Date(day)), (YEAR, year)] {
            if let Some(place) = self.facts.vocabulary.place(name) {
                known[place] = Some(value);
            }
        }
    }
}

/// Whether a benefit stands in a pack word for word, and all that its formulas may read outside of it too.
fn is_same((pack, benefit): (&Pack, &Benefit), of: &Pack) -> bool {
    let Some(other) = of.benefit(&benefit.id) else {
        return false;
    };
    pack.outside == of.outside && benefit.text == other.text
}

fn hashes(catalogue: &Catalogue) -> HashMap<String, String> {
    let hash = |pack: &Pack| {
        let hash = hash_of(catalogue.chain(pack));
        (pack.id.clone(), hex::encode(hash))
    };
    catalogue.packs().iter().map(hash).collect()
}

fn hash_of(packs: Vec<&Pack>) -> impl AsRef<[u8]> {
    let mut hasher = Sha256::new();
    for pack in packs {
        hasher.update(pack.text.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize()
}

type ByVillageAndDay = HashMap<(RegionCode, Date), Arc<[RuleAt]>>;

/// The rules in force by village and day, each looked up once.
#[derive(Default)]
pub struct InForce(Mutex<ByVillageAndDay>);

impl InForce {
    /// See [`Rules::asked`].
    pub fn of(&self, rules: &Rules, village: RegionCode, on: Date) -> Arc<[RuleAt]> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.entry((village, on));
        found
            .or_insert_with(|| rules.asked(village, on).into())
            .clone()
    }
}

/// The rules of the shipped packs, read once.
///
/// # Errors
/// A shipped pack that can't hold.
pub fn shipped(sources: fn() -> Vec<FactSource>) -> Result<Arc<Rules>, PackError> {
    static SHIPPED: std::sync::OnceLock<Arc<Rules>> = std::sync::OnceLock::new();
    if let Some(rules) = SHIPPED.get() {
        return Ok(rules.clone());
    }
    let rules = Arc::new(Rules::of(sources(), &[])?);
    Ok(SHIPPED.get_or_init(|| rules).clone())
}
