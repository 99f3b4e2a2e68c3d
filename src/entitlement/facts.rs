//! The facts of a family on a day, as the rules ask for them.

use super::rules::{Rules, Sources};
use crate::{
    db::{DbError, Row, Session},
    facts::FactRow,
};
use ::policy::{Benefit, Entitled, Subject, Value};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use time::Date;

/// Whom an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// The loan it is about.
    #[must_use]
    pub fn loan(self) -> Option<i64> {
        match self {
            SubjectId::Loan(loan, _) => Some(loan),
            SubjectId::Household | SubjectId::Member(_) => None,
        }
    }

    fn kind(self) -> Subject {
        match self {
            SubjectId::Household => Subject::Household,
            SubjectId::Member(_) => Subject::Member,
            SubjectId::Loan(..) => Subject::Loan,
        }
    }
}

/// The record that a fact stands in, and since when or of which day it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    pub record: Option<i64>,
    pub on: Option<Date>,
}

/// All that is known for one subject: what is its own, and what is its household's.
#[derive(Clone, Debug)]
pub struct SubjectFacts {
    pub id: SubjectId,
    /// By place in the vocabulary; `None` is what nobody recorded.
    pub known: Vec<Option<Value>>,
    /// By source; `None` where it had no row.
    stands: Vec<Option<Stand>>,
}

impl SubjectFacts {
    /// Where a fact stands.
    #[must_use]
    pub fn stand(&self, rules: &Rules, place: usize) -> Option<Stand> {
        self.stands[rules.source_of(place)?]
    }
}

/// The facts of a family.
#[derive(Clone, Debug)]
pub struct Family {
    pub subjects: Vec<Arc<SubjectFacts>>,
}

/// One rule asked of one subject.
#[derive(Clone, Debug)]
pub struct Asked {
    pub facts: Arc<SubjectFacts>,
    pub entitled: Entitled,
}

impl Family {
    /// Those a rule is asked of; of a person only, where one is named.
    pub fn asked_of(
        &self,
        benefit: &Benefit,
        only: Option<i64>,
    ) -> impl Iterator<Item = &Arc<SubjectFacts>> {
        let of = benefit.asked.as_ref().map(|asked| asked.subject);
        let subjects = self.subjects.iter();
        subjects.filter(move |facts| {
            Some(facts.id.kind()) == of && (only.is_none() || facts.id.person() == only)
        })
    }
}

/// The rows of one subject, by source. Of several rows of a source the first counts.
type Rows = Vec<Option<FactRow>>;

/// What the statements gave of one household.
#[derive(Default)]
struct Gathered {
    own: Rows,
    members: BTreeMap<i64, Rows>,
    /// With the borrower.
    loans: BTreeMap<i64, (i64, Rows)>,
}

impl Gathered {
    fn take(&mut self, of: Subject, (source, sources): (usize, usize), row: FactRow) {
        let empty = || std::iter::repeat_with(|| None).take(sources).collect();
        let rows = match (of, row.person, row.record) {
            (Subject::Household, ..) => {
                if self.own.is_empty() {
                    self.own = empty();
                }
                &mut self.own
            }
            (Subject::Member, Some(person), _) => self.members.entry(person).or_insert_with(empty),
            (Subject::Loan, Some(person), Some(loan)) => {
                let entry = self.loans.entry(loan);
                &mut entry.or_insert_with(|| (person, empty())).1
            }
            _ => return,
        };
        rows[source].get_or_insert(row);
    }

    /// Members are those who are in the household's register on the day.
    fn family(mut self, rules: &Rules, day: Date) -> Family {
        let register = rules.register();
        self.members.retain(|_, rows| rows[register].is_some());
        let nobody = Rows::new();
        let mut subjects = vec![facts(rules, day, SubjectId::Household, [&self.own])];
        for (person, rows) in &self.members {
            subjects.push(facts(
                rules,
                day,
                SubjectId::Member(*person),
                [&self.own, rows],
            ));
        }
        for (loan, (person, rows)) in &self.loans {
            let id = SubjectId::Loan(*loan, *person);
            let borrower = self.members.get(person).unwrap_or(&nobody);
            subjects.push(facts(rules, day, id, [&self.own, borrower, rows]));
        }
        Family { subjects }
    }
}

fn facts<const LAYERS: usize>(
    rules: &Rules,
    day: Date,
    id: SubjectId,
    layers: [&Rows; LAYERS],
) -> Arc<SubjectFacts> {
    let mut known = rules.without_records().to_vec();
    rules.set_day(&mut known, day);
    let sources = &rules.facts.sources;
    let mut stands = vec![None; sources.len()];
    for rows in layers {
        for ((source, row), stand) in sources.iter().zip(rows).zip(&mut stands) {
            let Some(row) = row else { continue };
            known[source.places()].clone_from_slice(&row.values);
            let (record, on) = (row.record, row.on);
            *stand = Some(Stand { record, on });
        }
    }
    Arc::new(SubjectFacts { id, known, stands })
}

/// Reads the facts of households on a day: a statement a source, whatever the number of households.
///
/// # Errors
/// The database; a cell that is not what its source says.
pub async fn families(
    rules: &Rules,
    session: &mut Session,
    households: Arc<[i64]>,
    day: Date,
    sources: Sources,
) -> Result<HashMap<i64, Family>, DbError> {
    let read: Vec<usize> = sources.iter().collect();
    let dialect = session.dialect();
    let statements = read.iter().map(|source| {
        let source = &rules.facts.sources[*source];
        source.statement(dialect, &households, day)
    });
    let results = session.batch(statements.collect()).await;
    let results: Vec<Vec<Row>> = results.into_iter().collect::<Result<_, _>>()?;
    let mut gathered: HashMap<i64, Gathered> = HashMap::with_capacity(households.len());
    for household in &*households {
        gathered.entry(*household).or_default();
    }
    let count = rules.facts.sources.len();
    for (place, rows) in read.into_iter().zip(results) {
        let source = &rules.facts.sources[place];
        for row in &rows {
            let row = source.read(row)?;
            if let Some(of) = gathered.get_mut(&row.household) {
                of.take(source.of(), (place, count), row);
            }
        }
    }
    let families = gathered.into_iter();
    Ok(families
        .map(|(household, gathered)| (household, gathered.family(rules, day)))
        .collect())
}
