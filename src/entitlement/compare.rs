//! What is due, compared with what was granted.

use ::policy::{Benefit, Due, Granted, NoAnswer, Value, Verdict};
use entity::codes::GrantDifference;

/// What is due to a subject and what was granted to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    pub due: Due,
    /// None where it is not known, or the rule does not tell.
    pub granted: Option<Granted>,
}

impl Compared {
    /// A rule asked of what is known of a subject.
    ///
    /// # Errors
    /// A number beyond all bounds.
    pub fn of(benefit: &Benefit, known: &[Option<Value>]) -> Result<Self, NoAnswer> {
        Ok(Compared {
            due: benefit.due(known)?,
            granted: benefit.granted(known)?,
        })
    }

    #[must_use]
    pub fn difference(&self) -> GrantDifference {
        let is_due = match self.due.status {
            Verdict::Entitled => true,
            Verdict::NotEntitled => false,
            Verdict::NotConfigured | Verdict::Unknown => return GrantDifference::Unknown,
        };
        let is_granted = match self.granted {
            Some(Granted::Fen(fen)) => fen != 0,
            Some(Granted::InKind(is)) => is,
            None => return GrantDifference::Unknown,
        };
        match (is_due, is_granted) {
            (true, false) => GrantDifference::NotGranted,
            (false, true) => GrantDifference::NotDue,
            (false, false) => GrantDifference::Equal,
            (true, true) => self.of_amounts(),
        }
    }

    fn of_amounts(&self) -> GrantDifference {
        let (Some(due), Some(Granted::Fen(granted))) = (self.due.amount_fen, self.granted) else {
            return GrantDifference::Equal;
        };
        match granted.cmp(&due) {
            std::cmp::Ordering::Less => GrantDifference::Less,
            std::cmp::Ordering::Greater => GrantDifference::More,
            std::cmp::Ordering::Equal => GrantDifference::Equal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entitlement::shipped;
    use ::policy::{Exact, Type};
    use std::collections::BTreeMap;
    use time::Date;

    fn difference(status: Verdict, due: Option<i64>, granted: Option<Granted>) -> GrantDifference {
        let due = Due {
            status,
            amount_fen: due,
        };
        Compared { due, granted }.difference()
    }

    #[test]
    fn each_difference_has_its_name() {
        use GrantDifference::{Equal, Less, More, NotDue, NotGranted, Unknown};
        let (yes, no) = (Verdict::Entitled, Verdict::NotEntitled);
        let fen = |fen| Some(Granted::Fen(fen));
        let kind = |is| Some(Granted::InKind(is));
        for (status, due, granted, expected) in [
            (yes, Some(150_000), fen(0), NotGranted),
            (yes, Some(150_000), fen(149_999), Less),
            (yes, Some(150_000), fen(150_000), Equal),
            (yes, Some(150_000), fen(150_001), More),
            (no, Some(0), fen(1), NotDue),
            (no, None, fen(0), Equal),
            (yes, None, kind(false), NotGranted),
            (yes, None, kind(true), Equal),
            (no, None, kind(true), NotDue),
            (yes, Some(150_000), None, Unknown),
            (Verdict::Unknown, None, fen(0), Unknown),
            (Verdict::NotConfigured, None, fen(5), Unknown),
        ] {
            assert_eq!(
                difference(status, due, granted),
                expected,
                "{due:?} {granted:?}"
            );
        }
    }

    /// Numbers without a pattern, the same in each run.
    struct Random(u64);

    impl Random {
        fn below(&mut self, most: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 >> 33).expect("31 bits") % most
        }

        fn value(&mut self, ty: &Type) -> Option<Value> {
            const WORDS: [&str; 8] = [
                "micro",
                "primary",
                "junior_college",
                "senior_high",
                "class_1",
                "registered",
                "concentrated",
                "technical_school",
            ];
            let number = [0, 1, 2, 3, 7, 16, 60, 2_018, 3_906, 50_000][self.below(10)];
            let day = 2_455_000 + i32::try_from(self.below(4_000)).expect("small");
            Some(match ty.known() {
                _ if self.below(8) == 0 => return None,
                _ if ty != ty.known() && self.below(3) == 0 => Value::None,
                Type::Bool => Value::Bool(self.below(2) == 0),
                Type::Date => Value::Date(Date::from_julian_day(day).expect("a day")),
                Type::Word(_) => Value::Word(WORDS[self.below(WORDS.len())].into()),
                _ => Value::Number(Exact::whole(number)),
            })
        }
    }

    #[test]
    fn the_short_way_says_what_the_long_one_says() {
        let rules = shipped(crate::departments::facts).expect("the rules");
        let mut random = Random(20_181_130);
        let mut seen = BTreeMap::new();
        let packs = rules.catalogue.packs().iter();
        let asked = packs
            .flat_map(|pack| &pack.benefits)
            .filter(|benefit| benefit.asked.is_some());
        for benefit in asked {
            for _ in 0..400 {
                let facts = rules.facts.vocabulary.facts().iter();
                let known: Vec<_> = facts.map(|fact| random.value(&fact.ty)).collect();
                let due = benefit.due(&known);
                let entitled = benefit.entitled(&known).map(|of| Due {
                    status: of.status,
                    amount_fen: of.amount_fen,
                });
                if let Ok(Due { status, .. }) = due {
                    *seen.entry(format!("{status:?}")).or_insert(0) += 1;
                }
                assert_eq!(due.ok(), entitled.ok(), "{} {known:?}", benefit.id);
            }
        }
        assert!(
            seen.values().all(|times| *times > 20) && seen.len() >= 3,
            "{seen:?}"
        );
    }
}
