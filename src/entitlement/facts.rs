//! The facts of a family on a day, as the rules ask for them.

use crate::{
    db::{BadCell, Dialect, Row, Statement},
    facts::{AS_OF, FactSource, Facts, Found, Of, YEAR},
    policy::catalogue,
};
use ::policy::{Benefit, Catalogue, Entitled, Exact, NoAnswer, Pack, PackError, Subject, Value};
use entity::region_code::RegionCode;
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use time::Date;

/// The rules, and what is known of households.
pub struct Rules {
    pub catalogue: Catalogue,
    pub facts: Facts,
    /// The hash of each pack with all that it inherits, by which an answer says what it rests on.
    hashes: HashMap<String, String>,
}

impl Rules {
    /// The shipped packs and these, with the facts of these sources.
    ///
    /// # Errors
    /// A pack that can't hold.
    pub fn of(sources: Vec<FactSource>, more: &[(String, String)]) -> Result<Self, PackError> {
        let facts = Facts::of(sources);
        let catalogue = catalogue(more, &facts.vocabulary)?;
        let hash = |pack: &Pack| {
            let mut hasher = Sha256::new();
            for pack in catalogue.chain(pack) {
                hasher.update(pack.text.as_bytes());
                hasher.update([0]);
            }
            (pack.id.clone(), hex::encode(hasher.finalize()))
        };
        let hashes = catalogue.packs().iter().map(hash).collect();
        Ok(Rules {
            catalogue,
            facts,
            hashes,
        })
    }

    /// The hash of a pack, SHA-256 in hexadecimal.
    #[must_use]
    pub fn hash(&self, pack: &str) -> &str {
        self.hashes.get(pack).map_or("", String::as_str)
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
    pub fn asked(&self, village: RegionCode, on: Date) -> Vec<(&Pack, &Benefit)> {
        let mut rules = self.catalogue.all_in_force(&village.to_string(), on);
        rules.retain(|(_, benefit)| benefit.asked.is_some());
        rules
    }

    /// The statements that read the facts of households on a day: first where they live, then each source.
    #[must_use]
    pub fn statements(&self, dialect: Dialect, households: &Of, day: Date) -> Vec<Statement> {
        let sources = [&VILLAGES].into_iter().chain(&self.facts.sources);
        sources
            .map(|source| source.statement(dialect, households, day))
            .collect()
    }

    /// The families of what those statements gave, in their order.
    ///
    /// # Errors
    /// A cell that is not what its source says.
    pub fn families(
        &self,
        results: &[Vec<Row>],
        day: Date,
    ) -> Result<BTreeMap<i64, Family>, BadCell> {
        let mut families = BTreeMap::new();
        let mut results = results.iter();
        for row in results.next().map_or(&[][..], Vec::as_slice) {
            let household = row.cell(0).int()?;
            let village = RegionCode::try_from(row.cell(4).int()?).map_err(|_| BadCell::UNKNOWN)?;
            families.insert(household, Family::empty(self, village, day));
        }
        let mut first = 2;
        for (source, rows) in self.facts.sources.iter().zip(results) {
            for row in rows {
                let row = source.read(row)?;
                if let Some(family) = families.get_mut(&row.household) {
                    family.take(source.of, first, row.person, row.record, row.found);
                }
            }
            first += source.facts.len();
        }
        Ok(families)
    }
}

/// Where households live.
const VILLAGES: FactSource = FactSource {
    department: entity::codes::Department::Poverty,
    of: Subject::Household,
    record: "",
    facts: &[],
    sql: "SELECT t.id, NULL, NULL, NULL, t.region_code FROM household t WHERE {household}",
    household: "t.id",
};

/// Facts by place in the vocabulary; none where the source had no row.
type Known = Vec<Option<Found>>;

/// The facts of a family.
#[derive(Clone, Debug)]
pub struct Family {
    pub village: RegionCode,
    own: Known,
    members: BTreeMap<i64, Known>,
    /// With the borrower.
    loans: BTreeMap<i64, (i64, Known)>,
}

/// Whom an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectId {
    Household,
    Member(i64),
    /// The loan and its borrower.
    Loan(i64, i64),
}

impl SubjectId {
    /// The member it is about, or whose loan it is.
    #[must_use]
    pub fn person(self) -> Option<i64> {
        match self {
            SubjectId::Household => None,
            SubjectId::Member(person) | SubjectId::Loan(_, person) => Some(person),
        }
    }
}

/// One rule asked of one subject.
#[derive(Clone, Debug)]
pub struct Asked {
    pub subject: SubjectId,
    pub known: Vec<Option<Value>>,
    pub entitled: Entitled,
    found: Vec<Option<Found>>,
}

impl Asked {
    /// Where a fact stands.
    #[must_use]
    pub fn found(&self, place: usize) -> Option<&Found> {
        self.found.get(place)?.as_ref()
    }
}

impl Family {
    fn empty(rules: &Rules, village: RegionCode, day: Date) -> Self {
        let mut own = vec![None; rules.facts.vocabulary.facts().len()];
        for (name, value) in [
            (AS_OF, Value::Date(day)),
            (YEAR, Value::Number(Exact::whole(day.year().into()))),
        ] {
            if let Some(place) = rules.facts.vocabulary.place(name) {
                own[place] = Some(Found {
                    value: Some(value),
                    record: None,
                    on: None,
                });
            }
        }
        Family {
            village,
            own,
            members: BTreeMap::new(),
            loans: BTreeMap::new(),
        }
    }

    fn take(
        &mut self,
        of: Subject,
        first: usize,
        person: Option<i64>,
        record: Option<i64>,
        found: Vec<Found>,
    ) {
        let empty = || vec![None; self.own.len()];
        let known = match (of, person, record) {
            (Subject::Household, ..) => Some(&mut self.own),
            (Subject::Member, Some(person), _) => {
                let empty = empty();
                Some(self.members.entry(person).or_insert(empty))
            }
            (Subject::Loan, Some(person), Some(loan)) => {
                let empty = empty();
                Some(&mut self.loans.entry(loan).or_insert((person, empty)).1)
            }
            _ => None,
        };
        let Some(known) = known else { return };
        for (place, found) in found.into_iter().enumerate() {
            // Of several rows the first counts.
            known[first + place].get_or_insert(found);
        }
    }

    /// Whom rules about this kind of subject are asked of. A member is who is in the household's register on the day.
    fn subjects(&self, rules: &Rules, of: Subject) -> Vec<SubjectId> {
        let register = rules.facts.vocabulary.place("birth_date");
        let is_member = |known: &Known| register.is_some_and(|place| known[place].is_some());
        match of {
            Subject::Household => vec![SubjectId::Household],
            Subject::Member => {
                let members = self.members.iter().filter(|(_, known)| is_member(known));
                members
                    .map(|(person, _)| SubjectId::Member(*person))
                    .collect()
            }
            Subject::Loan => {
                let loans = self.loans.iter();
                loans
                    .map(|(loan, (person, _))| SubjectId::Loan(*loan, *person))
                    .collect()
            }
        }
    }

    fn found(&self, subject: SubjectId) -> Vec<Option<Found>> {
        let mut found = self.own.clone();
        let mut overlay = |known: Option<&Known>| {
            for (place, known) in known.into_iter().flatten().enumerate() {
                if known.is_some() {
                    found[place].clone_from(known);
                }
            }
        };
        match subject {
            SubjectId::Household => {}
            SubjectId::Member(person) => overlay(self.members.get(&person)),
            SubjectId::Loan(loan, person) => {
                overlay(self.members.get(&person));
                overlay(self.loans.get(&loan).map(|(_, known)| known));
            }
        }
        found
    }

    /// A rule asked of all whom it is about.
    ///
    /// # Errors
    /// A number beyond all bounds.
    pub fn ask(
        &self,
        rules: &Rules,
        benefit: &Benefit,
        only: Option<i64>,
    ) -> Result<Vec<Asked>, NoAnswer> {
        let Some(of) = benefit.asked.as_ref().map(|asked| asked.subject) else {
            return Ok(vec![]);
        };
        let mut asked = Vec::new();
        for subject in self.subjects(rules, of) {
            if only.is_some() && subject.person() != only {
                continue;
            }
            let found = self.found(subject);
            let value = |(place, found): (usize, &Option<Found>)| match found {
                Some(found) => found.value.clone(),
                None => rules.facts.column(place).1.without_record(),
            };
            let known: Vec<_> = found.iter().enumerate().map(value).collect();
            let entitled = benefit.entitled(&known)?;
            asked.push(Asked {
                subject,
                known,
                entitled,
                found,
            });
        }
        Ok(asked)
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
