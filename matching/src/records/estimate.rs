//! How often true pairs and strangers come to each outcome of a field.

use super::{config::LinkConfig, table::Table};
use rustc_hash::FxHashMap;

/// The outcome of each field of a pair; [`MISSING`] where a value is blank.
pub type Pattern = Vec<u8>;

pub const MISSING: u8 = u8::MAX;
const ROUNDS: usize = 100;
/// True pairs a record at most, on average.
const MOST_PAIRS: f64 = 4.0;
/// Pairs of strangers that are looked at.
const STRANGERS: usize = 200_000;
/// What is never seen is not held to be impossible.
const LEAST: f64 = 1e-6;
/// True pairs differ in a field at most this often. Where there are few of them, what strangers of one block share would
/// else be taken for a kind of true pair.
const MOST_DIFFERING: f64 = 0.4;

/// Comparisons of a column's values that are remembered.
const MOST_KNOWN: usize = 1 << 20;

/// Compares values; each two of them once, while there is room.
pub struct Comparison<'t> {
    config: &'t LinkConfig,
    table: &'t Table,
    known: Vec<FxHashMap<(u32, u32), u8>>,
    partners: Vec<Option<usize>>,
}

/// Shares of each outcome, field by field.
pub struct Shares {
    pub m: Vec<Vec<f64>>,
    pub u: Vec<Vec<f64>>,
    /// The share of true pairs among all pairs.
    pub prior: f64,
}

impl<'t> Comparison<'t> {
    pub fn new(config: &'t LinkConfig, table: &'t Table) -> Self {
        let partner = |field: &super::Field| {
            field
                .swapped_with
                .as_deref()
                .and_then(|name| config.place(name))
        };
        Self {
            config,
            table,
            known: vec![FxHashMap::default(); config.fields.len()],
            partners: config.fields.iter().map(partner).collect(),
        }
    }

    pub fn pattern(&mut self, (one, other): (u32, u32)) -> Pattern {
        (0..self.config.fields.len())
            .map(|field| self.outcome(field, one as usize, other as usize))
            .collect()
    }

    fn outcome(&mut self, field: usize, one: usize, other: usize) -> u8 {
        let column = &self.table.columns[field];
        let (a, b) = (column.of_row[one], column.of_row[other]);
        let plain = match (a, b) {
            (0, 0) => return MISSING,
            (0, _) | (_, 0) => MISSING,
            _ if a == b => return 0,
            _ => {
                let settings = &self.config.fields[field];
                let known = &mut self.known[field];
                if known.len() > MOST_KNOWN {
                    known.clear();
                }
                *known.entry((a.min(b), a.max(b))).or_insert_with(|| {
                    let alike = settings
                        .compare
                        .similarity(&column.values[a as usize], &column.values[b as usize]);
                    let level = settings.levels.iter().position(|level| alike >= *level);
                    narrow(level.map_or(settings.outcomes() - 1, |level| level + 1))
                })
            }
        };
        match self.partners[field] {
            Some(partner) if self.is_exchanged(field, partner, one, other) => {
                narrow(self.config.fields[field].outcomes() - 2)
            }
            _ => plain,
        }
    }

    /// One side has here what the other has in the partner column.
    fn is_exchanged(&self, field: usize, partner: usize, one: usize, other: usize) -> bool {
        let value = |field: usize, row: usize| {
            let column = &self.table.columns[field];
            column.values[column.of_row[row] as usize].as_str()
        };
        let same = |a: &str, b: &str| !a.is_empty() && a == b;
        same(value(field, one), value(partner, other))
            || same(value(partner, one), value(field, other))
    }
}

impl Shares {
    /// Estimates over the patterns of pairs that share a block; what the configuration gives stays.
    pub fn estimate(comparison: &mut Comparison, patterns: &[Pattern], counts: &[u64]) -> Self {
        let config = comparison.config;
        let u = strangers(comparison);
        let mut shares = Self {
            m: config
                .fields
                .iter()
                .map(|field| {
                    field
                        .m
                        .clone()
                        .unwrap_or_else(|| first_guess(field.outcomes()))
                })
                .collect(),
            u,
            prior: 0.0,
        };
        let pairs: u64 = counts.iter().sum();
        let counted: Vec<_> = patterns
            .iter()
            .zip(counts.iter().map(|count| *count as f64))
            .collect();
        let mut share = 0.1;
        for _ in 0..ROUNDS {
            let matched = shares.round(config, &counted, share);
            let matched = matched.min(comparison.table.rows as f64 * MOST_PAIRS);
            let next = (matched / pairs.max(1) as f64).clamp(LEAST, 1.0 - LEAST);
            let still = (next - share).abs() < 1e-9;
            share = next;
            if still {
                break;
            }
        }
        shares.prior = (share * pairs as f64 / comparison.table.pairs().max(1.0))
            .clamp(f64::MIN_POSITIVE, 0.5);
        shares
    }

    /// The logarithm to base 2 of the odds that a field's outcome gives.
    pub fn weight(&self, field: usize, outcome: u8) -> f64 {
        match outcome {
            MISSING => 0.0,
            _ => (self.m[field][outcome as usize] / self.u[field][outcome as usize]).log2(),
        }
    }

    /// One step of expectation maximisation; the expected number of true pairs.
    fn round(&mut self, config: &LinkConfig, patterns: &[(&Pattern, f64)], share: f64) -> f64 {
        let mut sums: Vec<Vec<f64>> = self.m.iter().map(|m| vec![LEAST; m.len()]).collect();
        let mut matched = 0.0;
        for (pattern, count) in patterns {
            let weight: f64 = pattern
                .iter()
                .enumerate()
                .map(|(field, outcome)| self.weight(field, *outcome))
                .sum();
            let odds = share / (1.0 - share) * weight.exp2();
            let expected = count * probability(odds);
            matched += expected;
            for (field, outcome) in pattern
                .iter()
                .enumerate()
                .filter(|(_, outcome)| **outcome != MISSING)
            {
                sums[field][*outcome as usize] += expected;
            }
        }
        for (field, sums) in sums
            .into_iter()
            .enumerate()
            .filter(|(field, _)| config.fields[*field].m.is_none())
        {
            self.m[field] = held_together(shares_of(&sums));
        }
        matched
    }
}

/// The probability that odds stand for.
pub fn probability(odds: f64) -> f64 {
    match odds.is_finite() {
        true => odds / (1.0 + odds),
        false => 1.0,
    }
}

/// Nine in ten are equal, the rest is spread.
fn first_guess(outcomes: usize) -> Vec<f64> {
    let rest = 0.1 / (outcomes - 1) as f64;
    (0..outcomes)
        .map(|outcome| if outcome == 0 { 0.9 } else { rest })
        .collect()
}

/// The shares with that of differing held down, and the others raised by as much.
fn held_together(mut shares: Vec<f64>) -> Vec<f64> {
    let Some((differing, others)) = shares.split_last_mut() else {
        return shares;
    };
    if *differing > MOST_DIFFERING {
        let raise = (1.0 - MOST_DIFFERING) / (1.0 - *differing).max(LEAST);
        *differing = MOST_DIFFERING;
        others.iter_mut().for_each(|share| *share *= raise);
    }
    shares
}

fn shares_of(counts: &[f64]) -> Vec<f64> {
    let sum: f64 = counts.iter().sum();
    counts
        .iter()
        .map(|count| (count / sum).max(LEAST))
        .collect()
}

/// How often pairs drawn evenly come to each outcome; chance equality is reckoned from how often each value stands there.
fn strangers(comparison: &mut Comparison) -> Vec<Vec<f64>> {
    let (config, table) = (comparison.config, comparison.table);
    let mut counts: Vec<Vec<f64>> = config
        .fields
        .iter()
        .map(|field| vec![1.0; field.outcomes()])
        .collect();
    for pair in table.strangers(STRANGERS) {
        for (field, outcome) in comparison
            .pattern(pair)
            .into_iter()
            .enumerate()
            .filter(|(_, outcome)| *outcome != MISSING)
        {
            counts[field][outcome as usize] += 1.0;
        }
    }
    let share = |(field, counts): (usize, Vec<f64>)| {
        config.fields[field].u.clone().unwrap_or_else(|| {
            let mut shares = shares_of(&counts);
            shares[0] = chance_of_equal(&table.columns[field].counts).max(LEAST);
            shares
        })
    };
    counts.into_iter().enumerate().map(share).collect()
}

/// The chance that two rows that have a value have the same.
fn chance_of_equal(counts: &[u32]) -> f64 {
    let counts = counts.iter().skip(1).map(|count| f64::from(*count));
    let (sum, same) = counts.fold((0.0, 0.0), |(sum, same), count| {
        (sum + count, same + count * (count - 1.0))
    });
    same / (sum * (sum - 1.0)).max(1.0)
}

fn narrow(outcome: usize) -> u8 {
    u8::try_from(outcome).unwrap_or(MISSING - 1)
}
