//! Which records are one entity.

use super::{
    config::LinkConfig,
    estimate::{Comparison, MISSING, Pattern, Shares, probability},
    table::Table,
};
use crate::grade::Grade;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// A rare value weighs at most this much more than a usual one, in bits: it may be a slip made twice.
const RARE: f64 = 4.0;

/// Two records that may be one entity.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The place of the record in the first list, or of the earlier one in the only list.
    pub left: usize,
    /// The place of the record in the second list, or of the later one in the only list.
    pub right: usize,
    pub grade: Grade,
    /// Between 0 and 1.
    pub probability: f64,
    /// What each field says, in their order.
    pub agreements: Vec<Agreement>,
}

/// What a field says of a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// 0 is equal; the last of the field's outcomes is differing. None where a value is blank.
    pub outcome: Option<u8>,
    /// The logarithm to base 2 of the odds that it gives.
    pub weight: f64,
}

/// Links the records of two lists.
///
/// Rows hold their values in the order of the fields of `config`. Links come in the order of the records of the first list.
pub fn link(config: &LinkConfig, left: &[Vec<String>], right: &[Vec<String>]) -> Vec<Link> {
    let table = Table::new(config, left, Some(right));
    let mut links = Judge::new(config, &table).links();
    if config.one_to_one {
        links = one_to_one(links);
    }
    for link in &mut links {
        link.right -= left.len();
    }
    links
}

/// Finds the records of one list that are one entity: all pairs of each entity.
///
/// Records that are linked over a third are one entity too, if the records of both sides are more alike than not on average: such
/// a pair is probable, with the probability of the weakest link of its entity. A link that joins what is not alike is possible.
pub fn dedupe(config: &LinkConfig, rows: &[Vec<String>]) -> Vec<Link> {
    let table = Table::new(config, rows, None);
    let mut judge = Judge::new(config, &table);
    let mut links: BTreeMap<(usize, usize), Link> = judge
        .links()
        .into_iter()
        .map(|link| (link.pair(), link))
        .collect();
    let entity_of = judge.entities(rows.len(), links.values());
    let mut weakest: BTreeMap<usize, f64> = BTreeMap::new();
    for link in links.values_mut().filter(|link| link.grade.is_automatic()) {
        if entity_of[link.left] != entity_of[link.right] {
            link.grade = Grade::Possible;
            continue;
        }
        let weakest = weakest.entry(entity_of[link.left]).or_insert(1.0);
        *weakest = weakest.min(link.probability);
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, entity) in entity_of.into_iter().enumerate() {
        members.entry(entity).or_default().push(row);
    }
    for (entity, rows) in members {
        let probability = weakest.get(&entity).copied().unwrap_or_default();
        for (place, one) in rows.iter().enumerate() {
            for pair in rows[place + 1..].iter().map(|other| (*one, *other)) {
                if links
                    .get(&pair)
                    .is_none_or(|link| !link.grade.is_automatic())
                {
                    links.extend(
                        judge
                            .over_a_third(pair, probability)
                            .map(|link| (pair, link)),
                    );
                }
            }
        }
    }
    links.into_values().collect()
}

/// Judges pairs by shares that are estimated once.
struct Judge<'t> {
    config: &'t LinkConfig,
    table: &'t Table,
    comparison: Comparison<'t>,
    pairs: Vec<(u32, u32)>,
    /// Each pattern once, and the place of that of each pair.
    patterns: Vec<Pattern>,
    pattern_of: Vec<u32>,
    shares: Shares,
}

impl<'t> Judge<'t> {
    fn new(config: &'t LinkConfig, table: &'t Table) -> Self {
        let pairs = table.candidates(config);
        let mut comparison = Comparison::new(config, table);
        let mut places: FxHashMap<Pattern, u32> = FxHashMap::default();
        let mut counts: Vec<u64> = vec![];
        let mut pattern_of = Vec::with_capacity(pairs.len());
        for pair in &pairs {
            let next = u32::try_from(counts.len()).unwrap_or(u32::MAX);
            let place = *places.entry(comparison.pattern(*pair)).or_insert(next);
            if place == next {
                counts.push(0);
            }
            counts[place as usize] += 1;
            pattern_of.push(place);
        }
        let mut patterns = vec![vec![]; counts.len()];
        places
            .into_iter()
            .for_each(|(pattern, place)| patterns[place as usize] = pattern);
        let shares = Shares::estimate(&mut comparison, &patterns, &counts);
        Self {
            config,
            table,
            comparison,
            pairs,
            patterns,
            pattern_of,
            shares,
        }
    }

    /// Pairs that may be one entity.
    fn links(&self) -> Vec<Link> {
        let prior = self.prior();
        let judged = (self.pairs.iter())
            .zip(&self.pattern_of)
            .filter_map(|(pair, pattern)| {
                let pattern = &self.patterns[*pattern as usize];
                let agreements = self.agreements(pattern, pair.0);
                let weight: f64 = agreements.iter().map(|agreement| agreement.weight).sum();
                let probability = probability((prior + weight).exp2());
                let grade = match pattern.iter().all(|outcome| *outcome == 0) {
                    _ if probability < self.config.possible => return None,
                    _ if probability < self.config.probable => Grade::Possible,
                    true => Grade::Exact,
                    false => Grade::Probable,
                };
                Some(Link {
                    left: pair.0 as usize,
                    right: pair.1 as usize,
                    grade,
                    probability,
                    agreements,
                })
            });
        judged.collect()
    }

    /// The entity of each row. The likeliest links join first.
    fn entities<'l>(&mut self, rows: usize, links: impl Iterator<Item = &'l Link>) -> Vec<usize> {
        let mut links: Vec<&Link> = links.filter(|link| link.grade.is_automatic()).collect();
        links.sort_by(|a, b| {
            b.weight()
                .total_cmp(&a.weight())
                .then(a.pair().cmp(&b.pair()))
        });
        let mut entity_of: Vec<usize> = (0..rows).collect();
        let mut members: Vec<Vec<usize>> = (0..rows).map(|row| vec![row]).collect();
        for link in links {
            let (one, other) = (entity_of[link.left], entity_of[link.right]);
            if one == other || !self.are_alike(&members[one], &members[other]) {
                continue;
            }
            let moved = std::mem::take(&mut members[one.max(other)]);
            moved
                .iter()
                .for_each(|row| entity_of[*row] = one.min(other));
            members[one.min(other)].extend(moved);
        }
        entity_of
    }

    /// Whether the pairs between two entities speak for one, on average.
    fn are_alike(&mut self, one: &[usize], other: &[usize]) -> bool {
        let mut sum = 0.0;
        for row in one {
            for pair in other.iter().map(|other| (*row.min(other), *row.max(other))) {
                sum += self
                    .over_a_third(pair, 0.0)
                    .map_or(0.0, |link| link.weight());
            }
        }
        sum / (one.len() * other.len()) as f64 + self.prior() > 0.0
    }

    /// The logarithm of the odds that two records drawn by chance are one entity.
    fn prior(&self) -> f64 {
        (self.shares.prior / (1.0 - self.shares.prior)).log2()
    }

    fn over_a_third(&mut self, (left, right): (usize, usize), probability: f64) -> Option<Link> {
        let pair = (u32::try_from(left).ok()?, u32::try_from(right).ok()?);
        let pattern = self.comparison.pattern(pair);
        let agreements = self.agreements(&pattern, pair.0);
        Some(Link {
            left,
            right,
            grade: Grade::Probable,
            probability,
            agreements,
        })
    }

    fn agreements(&self, pattern: &Pattern, row: u32) -> Vec<Agreement> {
        let each = pattern.iter().enumerate();
        each.map(|(field, outcome)| agreement(self.table, &self.shares, field, *outcome, row))
            .collect()
    }
}

/// What is equal weighs by how rare it is.
fn agreement(table: &Table, shares: &Shares, field: usize, outcome: u8, row: u32) -> Agreement {
    let plain = shares.weight(field, outcome);
    let weight = match outcome {
        0 => {
            let column = &table.columns[field];
            let count = column.counts[column.of_row[row as usize] as usize];
            let filled = table.rows - column.counts[0] as usize;
            (shares.m[field][0] * filled as f64 / f64::from(count.max(2)))
                .log2()
                .min(plain + RARE)
        }
        _ => plain,
    };
    Agreement {
        outcome: (outcome != MISSING).then_some(outcome),
        weight,
    }
}

/// The likelier pair first, each record once.
fn one_to_one(mut links: Vec<Link>) -> Vec<Link> {
    links.sort_by(|a, b| {
        b.weight()
            .total_cmp(&a.weight())
            .then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    let mut taken = FxHashSet::default();
    links.retain(|link| {
        let free = !taken.contains(&link.left) && !taken.contains(&link.right);
        if free && link.grade.is_automatic() {
            taken.extend([link.left, link.right]);
        }
        free
    });
    links.sort_by_key(|link| (link.left, link.right));
    links
}

impl Link {
    fn pair(&self) -> (usize, usize) {
        (self.left, self.right)
    }

    fn weight(&self) -> f64 {
        self.agreements
            .iter()
            .map(|agreement| agreement.weight)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Block;
    use proptest::prelude::*;

    fn config(more: &str) -> LinkConfig {
        let text = format!(
            "identifier: id
fields:
  - {{ name: given, compare: jaro_winkler, levels: [0.8], swapped_with: family }}
  - {{ name: family, compare: jaro_winkler, levels: [0.8], swapped_with: given }}
  - {{ name: born, compare: date, levels: [0.8] }}
  - {{ name: town }}
blocks: [[born], [given, family], [family, {{ name: town, letters: 3 }}], [town]]
{more}"
        );
        LinkConfig::from_yaml("it", &text).unwrap()
    }

    const GIVEN: [&str; 8] = [
        "anna", "bruno", "clara", "david", "emil", "frida", "georg", "hanna",
    ];
    const FAMILY: [&str; 9] = [
        "adler", "brandt", "conrad", "dorn", "ebert", "fuchs", "graf", "huber", "jung",
    ];
    const TOWN: [&str; 5] = ["aachen", "bonn", "celle", "dresden", "emden"];

    /// 72 persons of whom no two share a whole name.
    fn people() -> Vec<Vec<String>> {
        let person = |number: usize| {
            let born = format!(
                "{}{:02}{:02}",
                1930 + number % 71,
                1 + number % 12,
                10 + number % 17
            );
            vec![
                GIVEN[number % 8].to_owned(),
                FAMILY[number % 9].to_owned(),
                born,
                TOWN[number % 5].to_owned(),
            ]
        };
        (0..72).map(person).collect()
    }

    fn slipped() -> Vec<Vec<String>> {
        let mut rows = people();
        for (number, row) in rows.iter_mut().enumerate() {
            match number % 4 {
                0 => row.swap(0, 1),
                1 => row[1].push('t'),
                2 => row[2].replace_range(3..4, "x"),
                _ => row[3].clear(),
            }
        }
        rows.reverse();
        rows
    }

    #[test]
    fn slips_are_linked_and_strangers_are_not() {
        let links = link(&config("one_to_one: true"), &people(), &slipped());
        let probable: Vec<_> = links
            .iter()
            .filter(|link| link.grade == Grade::Probable)
            .map(Link::pair)
            .collect();
        assert_eq!(
            probable,
            (0..72)
                .map(|number| (number, 71 - number))
                .collect::<Vec<_>>()
        );
        let exchanged = &links[0];
        assert_eq!(
            exchanged
                .agreements
                .iter()
                .map(|agreement| agreement.outcome)
                .collect::<Vec<_>>(),
            [Some(2), Some(2), Some(0), Some(0)]
        );
        let equal = link(&config("one_to_one: true"), &people(), &people());
        assert_eq!(
            equal
                .iter()
                .filter(|link| link.grade == Grade::Exact)
                .count(),
            72
        );
    }

    #[test]
    fn what_is_linked_over_a_third_is_one_entity() {
        let mut rows = people();
        // The first and the last share no block.
        for (born, town) in [("19330411", "ulm"), ("19330411", "wismar"), ("", "wismar")] {
            rows.push(["xaver", "zorn", born, town].map(str::to_owned).to_vec());
        }
        let mut config = config("");
        config
            .blocks
            .retain(|block| matches!(block, Block::All(keys) if keys.len() == 1));
        let links = dedupe(&config, &rows);
        let pairs: Vec<_> = links
            .iter()
            .filter(|link| link.grade.is_automatic())
            .map(Link::pair)
            .collect();
        assert_eq!(pairs, [(72, 73), (72, 74), (73, 74)]);
    }

    /// A record of which nearly all is missing is like two namesakes, and does not make them one.
    #[test]
    fn namesakes_stay_apart() {
        let mut rows = people();
        for (born, town) in [
            ("19330411", "ulm"),
            ("19330411", "ulm"),
            ("", ""),
            ("19710802", "worms"),
            ("19710802", "worms"),
        ] {
            rows.push(["xaver", "zorn", born, town].map(str::to_owned).to_vec());
        }
        let links = dedupe(&config(""), &rows);
        let of = |grade| -> Vec<_> {
            links
                .iter()
                .filter(|link| link.grade == grade && link.left >= 72)
                .map(Link::pair)
                .collect()
        };
        assert_eq!(of(Grade::Exact), [(72, 73), (75, 76)]);
        assert_eq!(of(Grade::Probable), [(72, 74), (73, 74)]);
        assert_eq!(of(Grade::Possible), [(74, 75), (74, 76)]);
    }

    #[test]
    fn the_shipped_configuration_is_read() {
        let config =
            LinkConfig::from_yaml("febrl.yaml", include_str!("../../configs/febrl.yaml")).unwrap();
        assert_eq!(config.fields.len(), 10);
        assert!(config.one_to_one);
    }

    #[test]
    fn configurations_that_are_refused() {
        let base = "identifier: id\nfields: [{ name: a, levels: [0.5] }]\n";
        for (text, problem) in [
            ("blocks: [[b]]", "`b` is none of the fields"),
            ("blocks: []", "blocks: at least one, each with a field"),
            (
                "blocks: [[a]]\npossible: 0.9",
                "0 < possible <= probable <= 1 does not hold",
            ),
            (
                "blocks: [[a]]\nmore: 1",
                "unknown field `more`, expected one of `identifier`, `fields`, `blocks`, `probable`, `possible`, `one_to_one`, `largest_group`, `most_pairs`",
            ),
        ] {
            let refused = LinkConfig::from_yaml("it", &format!("{base}{text}")).unwrap_err();
            assert_eq!(refused.to_string(), format!("it: {problem}"));
        }
        let refused = LinkConfig::from_yaml(
            "it",
            "identifier: id\nfields: [{ name: a, m: [0.5] }]\nblocks: [[a]]",
        )
        .unwrap_err();
        assert_eq!(
            refused.to_string(),
            "it: a: m and u are 2 shares between 0 and 1"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_linked(
            left in prop::collection::vec(prop::collection::vec("[ab]{0,3}|.{0,9}", 0..6), 0..6),
            right in prop::collection::vec(prop::collection::vec("[ab]{0,3}|.{0,9}", 0..6), 0..6),
        ) {
            let config = config("one_to_one: true");
            for found in link(&config, &left, &right) {
                prop_assert!(found.left < left.len() && found.right < right.len());
                prop_assert!((0.0..=1.0).contains(&found.probability));
            }
            for found in dedupe(&config, &left) {
                prop_assert!(found.left < found.right && found.right < left.len());
            }
        }
    }
}
