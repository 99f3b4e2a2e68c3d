//! The odds that a row and a candidate are one person, and what follows from them.

use crate::{
    Decision, Grade, Ground, NameFinding, NumberFinding, Odds, Reason, RosterConfig, Row, Written,
    finding::{
        BirthFinding, PlaceFinding, RelationFinding, Sex, SexFinding, compare_births,
        compare_places, compare_relations, compare_sexes,
    },
    frequencies::Frequencies,
    name::compare_letters,
};
use rustc_hash::FxHashSet;
use time::Date;

/// Candidates that a match tells at most.
const TOLD: usize = 5;

/// Somebody in the register who may be the person of a row.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'c> {
    pub key: i64,
    pub name: &'c str,
    pub number: KnownNumber<'c>,
    pub birth_date: Option<Date>,
    pub sex: Option<Sex>,
    /// Region code of twelve digits.
    pub village: Option<u64>,
    /// Relation to the head, two digits of GB/T 4761.
    pub relation: Option<u8>,
    /// What a person said of this row and this candidate.
    pub decided: Option<Decision>,
}

/// What is known of a candidate's citizen number.
#[derive(Clone, Copy, Debug)]
pub enum KnownNumber<'c> {
    /// The register has none.
    None,
    /// The text.
    Written(&'c Written),
    /// It was found by one of the row's lookups, [`Lookups::numbers`](crate::Lookups), whose finding this is.
    Found(NumberFinding),
    /// It was found by none of them, and is valid.
    NotFound,
    /// It was found by none of them, and is no valid number.
    NotFoundAndWrong,
}

/// Whose row it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    pub grade: Grade,
    /// The probability of the best candidate, between 0 and 1.
    pub score: f64,
    /// Why: of the best candidate, and what limits the grade.
    pub reasons: Vec<Reason>,
    /// The best first, five at most; none where the grade is.
    pub candidates: Vec<Scored>,
}

/// A candidate with what speaks for and against it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    pub key: i64,
    /// Between 0 and 1; of all candidates of a row, and nobody, together 1.
    pub probability: f64,
    pub reasons: Vec<Reason>,
}

/// Scores candidates that somebody else has found.
#[derive(Clone, Debug)]
pub struct Scorer {
    pub config: RosterConfig,
    pub frequencies: Frequencies,
}

/// What a row and a candidate have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Findings {
    pub number: NumberFinding,
    pub name: NameFinding,
    pub birth_date: BirthFinding,
    pub sex: SexFinding,
    pub place: PlaceFinding,
    pub relation: RelationFinding,
}

/// A candidate as it is compared.
pub struct Compared<'c> {
    pub letters: &'c [char],
    pub birth_date: Option<Date>,
    pub sex: Option<Sex>,
    pub village: Option<u64>,
    pub relation: Option<u8>,
}

/// A candidate that has been compared.
#[derive(Clone, Copy, Debug)]
pub struct Weighed {
    pub key: i64,
    pub findings: Findings,
    /// Each with its weight, in the order of the findings.
    pub weights: [f64; 6],
    pub total: f64,
    pub decided: Option<Decision>,
}

impl Scorer {
    /// Whose row it is among these candidates; in whatever order they come, the answer is the same.
    ///
    /// ```
    /// use matching::{Candidate, Frequencies, Grade, KnownNumber, NumberFinding, RosterConfig, Row, RowText, Scorer};
    /// use time::macros::date;
    ///
    /// let scorer = Scorer { config: RosterConfig::shipped()?, frequencies: Frequencies::of(1_000_000) };
    /// let text = RowText { name: "劉喆", number: "11010519491231003X", village: Some(150_921_101_201), ..RowText::default() };
    /// let row = Row::read(&text, date!(2018 - 12 - 31));
    /// let candidate = Candidate {
    ///     key: 7,
    ///     name: "刘哲",
    ///     number: KnownNumber::Found(NumberFinding::OneDigitOff { place: 16 }),
    ///     birth_date: Some(date!(1949 - 12 - 31)),
    ///     sex: None,
    ///     village: Some(150_921_101_201),
    ///     relation: None,
    ///     decided: None,
    /// };
    /// let found = scorer.score(&row, &[candidate]);
    /// assert_eq!((found.grade, found.candidates[0].key), (Grade::Probable, 7));
    /// # Ok::<(), matching::ConfigError>(())
    /// ```
    pub fn score(&self, row: &Row, candidates: &[Candidate]) -> Match {
        let weighed = candidates.iter().map(|candidate| {
            let name = crate::Name::read(candidate.name);
            let compared = Compared {
                letters: name.letters(),
                birth_date: candidate.birth_date,
                sex: candidate.sex,
                village: candidate.village,
                relation: candidate.relation,
            };
            let number = number_finding(row, candidate.number);
            self.weigh(row, candidate.key, number, &compared, candidate.decided)
        });
        self.judge(weighed.collect())
    }

    pub(crate) fn weigh(
        &self,
        row: &Row,
        key: i64,
        number: NumberFinding,
        compared: &Compared,
        decided: Option<Decision>,
    ) -> Weighed {
        let findings = findings(row, number, compared);
        let weights = self.weights(row, compared, &findings);
        Weighed {
            key,
            findings,
            weights,
            total: weights.iter().sum(),
            decided,
        }
    }

    fn weights(&self, row: &Row, compared: &Compared, findings: &Findings) -> [f64; 6] {
        let (config, frequencies) = (&self.config, &self.frequencies);
        let weight = |odds: Option<Odds>, u| odds.map_or(0.0, |odds| odds.weight(u));
        let number = weight(config.number.of(findings.number), None);
        let birth_date = weight(config.birth_date.of(findings.birth_date), None);
        let of_name = frequencies.of_name(findings.name, row.name.letters(), compared.letters);
        let is_village = findings.place == PlaceFinding::VillageEqual;
        let of_village = row
            .village
            .filter(|_| is_village)
            .and_then(|village| frequencies.of_village(village));
        // A number holds the birth date: what both agree in counts once.
        let (number, birth_date) = match (findings.birth_date, findings.number.is_alike()) {
            (BirthFinding::Equal, true) if number < birth_date => (0.0, birth_date),
            (BirthFinding::Equal, true) => (number, 0.0),
            _ => (number, birth_date),
        };
        [
            number,
            weight(config.name.of(findings.name), of_name),
            birth_date,
            weight(config.sex.of_sex(findings.sex), None),
            weight(config.place.of(findings.place), of_village),
            weight(config.relation.of_relation(findings.relation), None),
        ]
    }

    pub(crate) fn judge(&self, mut weighed: Vec<Weighed>) -> Match {
        weighed.retain(|candidate| candidate.decided != Some(Decision::Different));
        // By weight and key: neither the answer nor the last bit of a sum hangs on the order they came in.
        weighed.sort_by(|a, b| {
            let first = |candidate: &Weighed| candidate.decided != Some(Decision::Same);
            (first(a).cmp(&first(b)))
                .then(b.total.total_cmp(&a.total))
                .then(a.key.cmp(&b.key))
        });
        let mut seen = FxHashSet::default();
        weighed.retain(|candidate| seen.insert(candidate.key));
        let prior = (self.config.in_register / self.frequencies.persons().max(1.0)).log2();
        let odds = |candidate: &Weighed| (prior + candidate.total).exp2();
        let all = 1.0 - self.config.in_register + weighed.iter().rev().map(odds).sum::<f64>();
        let candidates: Vec<Scored> = (weighed.iter().take(TOLD))
            .map(|candidate| Scored {
                key: candidate.key,
                probability: match candidate.decided {
                    Some(_) => 1.0,
                    None => odds(candidate) / all,
                },
                reasons: candidate.reasons(),
            })
            .filter(|candidate| candidate.probability >= self.config.possible)
            .collect();
        self.graded(&weighed, candidates)
    }

    fn graded(&self, weighed: &[Weighed], candidates: Vec<Scored>) -> Match {
        let (Some(best), Some(scored)) = (weighed.first(), candidates.first()) else {
            return Match {
                grade: Grade::None,
                score: 0.0,
                reasons: vec![],
                candidates,
            };
        };
        let second = weighed
            .get(1)
            .map_or(f64::NEG_INFINITY, |second| second.total);
        let is_best_without_number = weighed
            .iter()
            .skip(1)
            .all(|other| other.without_number() < best.without_number());
        let mut reasons = scored.reasons.clone();
        let limits = [
            (
                best.total - second < self.config.margin.log2(),
                Ground::NotAlone,
            ),
            (
                best.findings.has_another_name(is_best_without_number),
                Ground::AnotherName,
            ),
            (best.findings.is_name_only(), Ground::NameOnly),
        ];
        let limited = limits
            .into_iter()
            .filter(|(holds, _)| *holds && best.decided.is_none());
        reasons.extend(limited.map(|(_, ground)| Reason {
            ground,
            weight: 0.0,
        }));
        let is_limited = reasons.len() > scored.reasons.len()
            || best.findings.number == NumberFinding::OtherPerson;
        let grade = match best.decided {
            Some(_) => Grade::Exact,
            None if is_limited || scored.probability < self.config.probable => Grade::Possible,
            None if best.findings.is_exact() => Grade::Exact,
            None => Grade::Probable,
        };
        Match {
            grade,
            score: scored.probability,
            reasons,
            candidates,
        }
    }
}

impl Findings {
    /// Number and name are the same and nothing speaks against it.
    const fn is_exact(&self) -> bool {
        matches!(
            self.number,
            NumberFinding::Equal | NumberFinding::ConvertedFrom15
        ) && matches!(self.name, NameFinding::Equal | NameFinding::Variant)
            && matches!(self.birth_date, BirthFinding::Missing | BirthFinding::Equal)
            && matches!(self.sex, SexFinding::Missing | SexFinding::Equal)
    }

    /// The name speaks for somebody else: a twin, or one whose number a list gave by mistake, as it does of relatives.
    ///
    /// A name of which a part agrees will do beside the same number (or one with a slip) where nothing else speaks against it and,
    /// but for the number, nobody fits better.
    fn has_another_name(&self, is_best_without_number: bool) -> bool {
        let is_same_number = self.number.is_same();
        let is_slip = self.number.is_slip();
        let is_born_otherwise = matches!(
            self.birth_date,
            BirthFinding::SameYear | BirthFinding::Differs
        );
        match self.name {
            NameFinding::Differs => true,
            NameFinding::OneOff { .. } => is_same_number && is_born_otherwise,
            // Relatives share the surname, not the given name.
            NameFinding::GivenEqual => !(is_same_number || is_slip) || is_born_otherwise,
            NameFinding::SurnameEqual => {
                !(is_same_number || is_slip) || is_born_otherwise || !is_best_without_number
            }
            _ => false,
        }
    }

    /// Neither number nor birth date is nearly the same: a village has namesakes.
    const fn is_name_only(&self) -> bool {
        matches!(
            self.number,
            NumberFinding::Missing | NumberFinding::Differs | NumberFinding::OtherPerson
        ) && matches!(
            self.birth_date,
            BirthFinding::Missing | BirthFinding::SameYear | BirthFinding::Differs
        )
    }
}

impl Weighed {
    fn without_number(&self) -> f64 {
        self.weights[1..].iter().sum()
    }

    fn reasons(&self) -> Vec<Reason> {
        let findings = &self.findings;
        let grounds = [
            Ground::Number(findings.number),
            Ground::Name(findings.name),
            Ground::BirthDate(findings.birth_date),
            Ground::Sex(findings.sex),
            Ground::Place(findings.place),
            Ground::Relation(findings.relation),
        ];
        let found = grounds
            .into_iter()
            .zip(self.weights)
            .filter(|(ground, _)| ground.as_str().is_some());
        let decided = self
            .decided
            .map(|decision| (Ground::Decided(decision), 0.0));
        decided
            .into_iter()
            .chain(found)
            .map(|(ground, weight)| Reason { ground, weight })
            .collect()
    }
}

pub fn findings(row: &Row, number: NumberFinding, compared: &Compared) -> Findings {
    // What was read from the number says nothing beside a number that agrees, or nearly.
    let is_told = number.is_same() || number.is_alike();
    let birth_date = row
        .birth_date
        .filter(|_| !(is_told && row.birth_from_number));
    let sex = row.sex.filter(|_| !(is_told && row.sex_from_number));
    Findings {
        number,
        name: compare_letters(row.name.letters(), compared.letters),
        birth_date: compare_births(birth_date, compared.birth_date),
        sex: compare_sexes(sex, compared.sex),
        place: compare_places(row.village, compared.village),
        relation: compare_relations(row.relation, compared.relation),
    }
}

fn number_finding(row: &Row, known: KnownNumber) -> NumberFinding {
    if !row.number.is_telling() {
        return NumberFinding::Missing;
    }
    match known {
        KnownNumber::None => NumberFinding::Missing,
        KnownNumber::Written(other) => row.number.compare(other),
        KnownNumber::Found(finding) => finding,
        KnownNumber::NotFound if row.number.valid().is_some() => NumberFinding::OtherPerson,
        KnownNumber::NotFound | KnownNumber::NotFoundAndWrong => NumberFinding::Differs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Name, RowText};
    use proptest::prelude::*;
    use time::{Duration, macros::date};

    const TODAY: Date = date!(2018 - 12 - 31);

    #[derive(Clone, Debug)]
    struct Side {
        name: String,
        number: String,
        days: Option<i64>,
        is_male: Option<bool>,
        village: Option<u64>,
        relation: Option<u8>,
    }

    fn sides() -> impl Strategy<Value = Side> {
        let names = prop_oneof!["[张章王汪單单][偉伟卫小晓]{1,2}", ".{0,4}"];
        let numbers = prop_oneof!["", "1101051949123100[0-3]X", "110105491231002", ".{0,19}"];
        let places = prop::option::of(0_u64..4)
            .prop_map(|place| place.map(|place| 150_921_101_200 + place * 800));
        (
            names,
            numbers,
            prop::option::of(0_i64..400),
            any::<Option<bool>>(),
            places,
            prop::option::of(0_u8..30),
        )
            .prop_map(|(name, number, days, is_male, village, relation)| Side {
                name,
                number,
                days,
                is_male,
                village,
                relation,
            })
    }

    fn born(side: &Side) -> Option<Date> {
        side.days
            .map(|days| date!(1949 - 12 - 01) + Duration::days(days))
    }

    fn sex(side: &Side) -> Option<Sex> {
        side.is_male
            .map(|is_male| if is_male { Sex::Male } else { Sex::Female })
    }

    /// What one side as a row and the other as a candidate come to; the row has nothing from its number that it does not say itself.
    fn compared(one: &Side, other: &Side) -> (Findings, [f64; 6]) {
        let mut scorer = Scorer {
            config: RosterConfig::shipped().unwrap(),
            frequencies: Frequencies::of(1_000),
        };
        for side in ["张伟", "张伟", "章卫", "单小晓", "王偉"] {
            scorer.frequencies.add_name(&Name::read(side), 3);
        }
        let text = RowText {
            name: &one.name,
            number: &one.number,
            birth_date: born(one),
            sex: sex(one),
            village: one.village,
            relation: one.relation,
        };
        let mut row = Row::read(&text, TODAY);
        (row.birth_date, row.birth_from_number) = (born(one), false);
        (row.sex, row.sex_from_number) = (sex(one), false);
        let name = Name::read(&other.name);
        let candidate = Compared {
            letters: name.letters(),
            birth_date: born(other),
            sex: sex(other),
            village: other.village,
            relation: other.relation,
        };
        let number = number_finding(
            &row,
            KnownNumber::Written(&Written::read(&other.number, TODAY)),
        );
        let weighed = scorer.weigh(&row, 1, number, &candidate, None);
        (weighed.findings, weighed.weights)
    }

    proptest! {
        #[test]
        fn it_is_the_same_which_of_them_is_the_row(one in sides(), other in sides()) {
            prop_assert_eq!(compared(&one, &other), compared(&other, &one));
        }
    }
}
