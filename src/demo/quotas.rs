//! Shares that are kept exactly: chance would miss the published figures by what chance misses.

use super::dice::Dice;

/// So many draws have each outcome in its share; inside of them their order is chance.
const STRETCH: usize = 100;

/// Draws one of several outcomes again and again, so that after all draws each has come as often as it should.
#[derive(Clone, Debug)]
pub(super) struct Quotas {
    totals: Vec<u64>,
    given: Vec<u64>,
    drawn: Vec<usize>,
    dice: Dice,
}

impl Quotas {
    /// Quotas for `draws` draws, in proportion to the weights; `before` counts outcomes that have come without a draw and
    /// count as well.
    pub(super) fn new(draws: u64, weights: &[u64], before: &[u64], dice: Dice) -> Self {
        let all = draws + before.iter().sum::<u64>();
        let wanted = apportion(all, weights);
        let lacking: Vec<u64> = wanted
            .iter()
            .zip(before)
            .map(|(wanted, before)| wanted.saturating_sub(*before))
            .collect();
        let totals = apportion(draws, &lacking);
        Quotas {
            given: vec![0; totals.len()],
            totals,
            drawn: Vec::new(),
            dice,
        }
    }

    /// The next outcome, by its place among the weights.
    pub(super) fn draw(&mut self) -> usize {
        if self.drawn.is_empty() {
            for _ in 0..STRETCH {
                let next = self.most_behind();
                self.drawn.extend(next);
            }
            self.dice.shuffle(&mut self.drawn);
        }
        self.drawn.pop().unwrap_or_default()
    }

    /// The outcome that is most behind its share, if any is left.
    fn most_behind(&mut self) -> Option<usize> {
        let (given, totals): (u64, u64) = (self.given.iter().sum(), self.totals.iter().sum());
        let behind = |at: &usize| {
            let due = u128::from(self.totals[*at]) * u128::from(given + 1);
            let given = u128::from(self.given[*at]) * u128::from(totals);
            i128::try_from(due).unwrap_or(i128::MAX) - i128::try_from(given).unwrap_or(i128::MAX)
        };
        let left = (0..self.totals.len()).filter(|at| self.given[*at] < self.totals[*at]);
        // Of equals the first.
        let most = left.rev().max_by_key(behind)?;
        self.given[most] += 1;
        Some(most)
    }
}

/// Splits a whole in proportion to weights (largest remainders; of equal ones the first).
pub(super) fn apportion(whole: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u128 = weights.iter().copied().map(u128::from).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: &u64| u128::from(whole) * u128::from(*weight);
    let mut parts: Vec<u64> = weights
        .iter()
        .map(|weight| u64::try_from(exact(weight) / sum).unwrap_or(u64::MAX))
        .collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|at| std::cmp::Reverse(exact(&weights[*at]) % sum));
    let left = whole - parts.iter().sum::<u64>();
    for at in by_remainder
        .into_iter()
        .take(usize::try_from(left).unwrap_or(usize::MAX))
    {
        parts[at] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_is_split_without_a_rest() {
        assert_eq!(apportion(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(apportion(7, &[0, 5, 2]), [0, 5, 2]);
        assert_eq!(apportion(5, &[]), Vec::<u64>::new());
        assert_eq!(apportion(5, &[0, 0]), [0, 0]);
    }

    #[test]
    fn every_quota_is_kept_and_what_came_before_counts() {
        let mut quotas = Quotas::new(950, &[700, 290, 10], &[50, 0, 0], Dice::of(1, "test"));
        let mut counts = [0_u64; 3];
        for draw in 1..=950_u64 {
            counts[quotas.draw()] += 1;
            // After each stretch all are in their share.
            if draw % 100 == 0 {
                assert!(
                    counts[1].abs_diff(290 * draw / 950) <= 1,
                    "{draw}: {counts:?}"
                );
            }
        }
        assert_eq!(counts, [650, 290, 10]);
    }
}
