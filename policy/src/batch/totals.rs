//! Sums over all subjects of a batch.

use super::{Compiled, Kind, Lines, Output, Status};

/// What a batch comes to, by benefit.
#[derive(Clone, Debug)]
pub struct Totals(Vec<Total>);

#[derive(Clone, Debug)]
struct Total {
    id: String,
    outputs: Vec<Output>,
    /// By [`Status`].
    rows: [u64; 4],
    sums: Vec<i128>,
    /// For each output, how many rows have each of its codes.
    codes: Vec<Vec<u64>>,
}

impl Totals {
    #[must_use]
    pub fn of(compiled: &Compiled<'_>) -> Self {
        let totals = compiled.benefits.iter().map(|part| Total {
            id: part.benefit.id.clone(),
            outputs: part.outputs.clone(),
            rows: [0; 4],
            sums: vec![0; part.outputs.len()],
            codes: part
                .outputs
                .iter()
                .map(|output| vec![0; codes(output)])
                .collect(),
        });
        Totals(totals.collect())
    }

    /// Adds the answers of a block.
    pub fn add(&mut self, lines: &Lines<'_>) {
        let Some(total) = self.0.get_mut(lines.benefit) else {
            return;
        };
        for status in lines.status() {
            total.rows[place(*status)] += 1;
        }
        for (output, of) in lines.outputs.iter().enumerate() {
            let numbers = lines.numbers(output);
            match of.kind {
                Kind::Fen | Kind::Bool => {
                    total.sums[output] += numbers
                        .iter()
                        .map(|number| i128::from(*number))
                        .sum::<i128>();
                }
                Kind::Codes(_) => {
                    for (bit, count) in total.codes[output].iter_mut().enumerate() {
                        *count += numbers
                            .iter()
                            .map(|held| (held >> bit & 1).unsigned_abs())
                            .sum::<u64>();
                    }
                }
                Kind::Parts(_) | Kind::Word | Kind::Date | Kind::Month => {}
            }
        }
    }

    /// The sum of what a benefit gives: whole fen of an amount, rows that hold of a condition; none of what has no sum.
    #[must_use]
    pub fn sum(&self, benefit: &str, output: &str) -> Option<i128> {
        let total = self.total(benefit)?;
        let place = total.outputs.iter().position(|of| of.name == output)?;
        let summed = matches!(total.outputs[place].kind, Kind::Fen | Kind::Bool);
        summed.then(|| total.sums[place])
    }
    /// How many rows of a benefit came to this.
    #[must_use]
    pub fn rows(&self, benefit: &str, status: Status) -> Option<u64> {
        self.total(benefit).map(|total| total.rows[place(status)])
    }
    /// How many rows of a benefit have each code.
    #[must_use]
    pub fn codes(&self, benefit: &str) -> Vec<(&str, u64)> {
        let Some(total) = self.total(benefit) else {
            return vec![];
        };
        let outputs = total.outputs.iter().zip(&total.codes);
        let named = outputs.filter_map(|(output, counts)| match &output.kind {
            Kind::Codes(codes) => {
                Some(codes.iter().map(|code| &**code).zip(counts.iter().copied()))
            }
            _ => None,
        });
        named.flatten().collect()
    }

    fn total(&self, benefit: &str) -> Option<&Total> {
        self.0.iter().find(|total| total.id == benefit)
    }
}

fn codes(output: &Output) -> usize {
    match &output.kind {
        Kind::Codes(codes) => codes.len(),
        _ => 0,
    }
}

fn place(status: Status) -> usize {
    match status {
        Status::Answered => 0,
        Status::NotInForce => 1,
        Status::Missing => 2,
        Status::Failed => 3,
    }
}
