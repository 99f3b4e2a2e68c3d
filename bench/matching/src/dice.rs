//! Chance, the same from seed to seed on every machine.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub fn chance(&mut self, share: f64) -> bool {
        self.0.random_bool(share)
    }

    /// One of 0 to `count` - 1.
    pub fn below(&mut self, count: usize) -> usize {
        self.0.random_range(0..count.max(1))
    }

    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// A place of `count`, the first the most common: its share falls with the power of its rank.
    pub fn ranked(&mut self, count: usize, power: f64) -> usize {
        // The inverse of the continuous distribution, near enough to Zipf's.
        let part: f64 = self.0.random();
        let top = (count as f64 + 1.0).powf(1.0 - power);
        let rank = (1.0 + part * (top - 1.0)).powf(1.0 / (1.0 - power));
        (rank as usize).clamp(1, count) - 1
    }

    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}
