//! What would have to change for a no to become a yes.

use crate::{
    answer::NoAnswer,
    asked::{Verdict, Vocabulary},
    number::Exact,
    pack::Benefit,
    value::{Type, Value},
};

/// A change that would turn a no into a yes.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The known fact, by place.
    pub fact: usize,
    pub to: Value,
}

/// The most changes that are named together.
const MOST_CHANGES: usize = 3;
/// The most answers that are tried for them.
const MOST_TRIES: usize = 500;

impl Benefit {
    /// The smallest change of facts that would make a yes of a no; none where none of those tried does.
    ///
    /// # Errors
    /// As [`Benefit::entitled`].
    pub fn nearest_change(
        &self,
        vocabulary: &Vocabulary,
        known: &[Option<Value>],
    ) -> Result<Vec<Change>, NoAnswer> {
        let search = Search {
            benefit: self,
            vocabulary,
            known: known.to_vec(),
            tries: 0,
        };
        search.found()
    }
}

/// The search for what would have to change.
struct Search<'a> {
    benefit: &'a Benefit,
    vocabulary: &'a Vocabulary,
    known: Vec<Option<Value>>,
    tries: usize,
}

impl Search<'_> {
    fn is_yes(&mut self) -> Result<bool, NoAnswer> {
        self.tries += 1;
        Ok(self.benefit.entitled(&self.known)?.status == Verdict::Entitled)
    }

    fn found(mut self) -> Result<Vec<Change>, NoAnswer> {
        let candidates = self.candidates();
        for size in 1..=MOST_CHANGES {
            if let Some(found) = self.among(&candidates, size)? {
                return self.nearest(found);
            }
        }
        Ok(vec![])
    }

    /// The other values that each fact of the benefit might have.
    fn candidates(&self) -> Vec<Change> {
        let Some(asked) = &self.benefit.asked else {
            return vec![];
        };
        let literals = self.benefit.literals();
        let mut candidates = Vec::new();
        for fact in asked.facts() {
            let known = &self.vocabulary.facts()[fact];
            let Some(now) = self.known[fact].as_ref().filter(|_| !known.fixed) else {
                continue;
            };
            let to = others(now, known.ty.known(), &literals);
            candidates.extend(to.into_iter().map(|to| Change { fact, to }));
        }
        candidates
    }

    /// Changes of so many facts, of those left, that make a yes.
    fn among(
        &mut self,
        candidates: &[Change],
        size: usize,
    ) -> Result<Option<Vec<Change>>, NoAnswer> {
        for (place, change) in candidates.iter().enumerate() {
            if self.tries >= MOST_TRIES {
                return Ok(None);
            }
            let before = self.known[change.fact].replace(change.to.clone());
            // One fact has one value.
            let rest = candidates[place..]
                .iter()
                .position(|other| other.fact != change.fact)
                .map_or(&[][..], |ahead| &candidates[place + ahead..]);
            let found = match size {
                1 => self.is_yes()?.then(Vec::new),
                _ => self.among(rest, size - 1)?,
            };
            self.known[change.fact] = before;
            if let Some(mut found) = found {
                found.insert(0, change.clone());
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The same changes, with each number as near to what it is as a yes allows.
    fn nearest(&mut self, mut changes: Vec<Change>) -> Result<Vec<Change>, NoAnswer> {
        let before = self.known.clone();
        for change in &changes {
            self.known[change.fact] = Some(change.to.clone());
        }
        for change in &mut changes {
            if let (Value::Number(to), Some(Value::Number(now))) =
                (&change.to, &before[change.fact])
            {
                let unit = match self.vocabulary.facts()[change.fact].ty.known() {
                    Type::Yuan => Exact::whole(1).over(Exact::whole(100)),
                    _ => Some(Exact::whole(1)),
                };
                if let Some(unit) = unit {
                    change.to = Value::Number(self.halved(change.fact, (*now, *to), unit)?);
                }
            }
        }
        Ok(changes)
    }

    /// Between a no and a yes, the yes nearest to the no, in steps of a unit.
    fn halved(
        &mut self,
        fact: usize,
        (no, yes): (Exact, Exact),
        unit: Exact,
    ) -> Result<Exact, NoAnswer> {
        let steps = |number: Exact| number.over(unit).and_then(Exact::integer);
        let (Some(mut no), Some(mut nearest)) = (steps(no), steps(yes)) else {
            return Ok(yes);
        };
        let mut found = yes;
        while (nearest - no).abs() > 1 {
            let middle = no + (nearest - no) / 2;
            let Some(value) = Exact::whole(middle).times(unit) else {
                break;
            };
            self.known[fact] = Some(Value::Number(value));
            match self.is_yes()? {
                true => (nearest, found) = (middle, value),
                false => no = middle,
            }
        }
        self.known[fact] = Some(Value::Number(found));
        Ok(found)
    }
}

/// Numbers that are tried beside those of the rule: nothing, and more than any rule asks for.
const FAR: [i64; 2] = [0, 1_000_000];

/// Other values of a fact: the other answer, and what the rule compares with.
fn others(now: &Value, ty: &Type, literals: &[Value]) -> Vec<Value> {
    let mut others: Vec<Value> = match ty {
        Type::Bool => vec![Value::Bool(*now != Value::Bool(true))],
        Type::Yuan | Type::Number | Type::Area => {
            let stated = literals.iter().filter(
                |literal| matches!(literal, Value::Number(number) if number.integer().is_some()),
            );
            let far = FAR.map(|far| Value::Number(Exact::whole(far)));
            stated.cloned().chain(far).collect()
        }
        Type::Word(_) => {
            let words = literals
                .iter()
                .filter(|literal| matches!(literal, Value::Word(_)));
            words.cloned().collect()
        }
        Type::Date => {
            let days = literals
                .iter()
                .filter(|literal| matches!(literal, Value::Date(_)));
            days.cloned().collect()
        }
        _ => vec![],
    };
    if *now != Value::None && ty != &Type::Bool {
        others.retain(|other| other != now);
    }
    others
}
