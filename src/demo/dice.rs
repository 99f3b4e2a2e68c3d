//! Chance that falls the same way every time (splitmix64), so that the demonstration is the same everywhere.

use time::{Date, Duration};

/// A stream of numbers that its seed decides.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The stream of a seed and a word: each use has a stream of its own, so that one more throw in one place moves
    /// nothing in another.
    pub fn of(seed: u64, word: &str) -> Self {
        // FNV-1a, because the hashes of the standard library may change with it.
        let mixed = word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Dice(seed ^ mixed)
    }

    /// The next number of the stream.
    pub fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        Dice::mix(self.0)
    }

    /// A number far from that of any other: neighbours have nothing in common. Zero stays zero.
    pub(super) fn mix(number: u64) -> u64 {
        let mut mixed = number;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included. The lean towards low numbers is below what anybody can see.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).unsigned_abs() + 1;
        low.saturating_add_unsigned(self.throw() % span)
    }

    /// An index below `count`, which must not be zero.
    pub fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.throw() % count as u64).unwrap_or_default()
    }

    /// Whether it happens, with so many chances in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.throw() % 100 < percent
    }

    /// One of a list that is not empty.
    pub fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.index(list.len())]
    }

    /// A day from `first` to `last`, both included.
    pub fn day(&mut self, first: Date, last: Date) -> Date {
        first + Duration::days(self.between(0, (last - first).whole_days()))
    }

    /// Puts a list into an order of chance.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.index(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same() {
        let mut dice = Dice(1_234_567);
        // The first outputs that the authors of splitmix64 give for this seed.
        assert_eq!(dice.throw(), 6_457_827_717_110_365_317);
        assert_eq!(dice.throw(), 3_203_168_211_198_807_973);
        let throws = |word| {
            let mut dice = Dice::of(7, word);
            [
                dice.between(1, 6),
                dice.between(1, 6),
                dice.between(1, 6),
                dice.between(1, 6),
            ]
        };
        assert_eq!(throws("income"), throws("income"));
        assert_ne!(throws("income"), throws("health"));
    }

    #[test]
    fn a_throw_stays_between_its_bounds() {
        let mut dice = Dice::of(1, "bounds");
        for _ in 0..1_000 {
            assert!((-3..=3).contains(&dice.between(-3, 3)));
        }
        assert_eq!(dice.between(5, 5), 5);
    }
}
