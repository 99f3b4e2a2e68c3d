//! Figures that a rule reads from a table.

use crate::{number::Exact, pack::Cite, value::Type};
use std::sync::Arc;
use time::Date;

/// A table of a pack.
#[derive(Clone, Debug)]
pub enum Table {
    Bands(Arc<Bands>),
    Codes(Arc<Codes>),
    Steps(Arc<Steps>),
}

/// Marginal bands (分段): each slice of an amount is paid at its own rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Bands {
    /// Upper bounds, rising, and the rate of the slice below each.
    pub below: Vec<(Exact, Exact)>,
    /// The rate of what is above all bounds.
    pub above: Exact,
}

impl Bands {
    /// What is paid on an amount, at rates that are raised by so much, never above all of it; of an amount below zero nothing.
    #[must_use]
    pub fn on(&self, amount: Exact, raised: Exact) -> Option<Exact> {
        let zero = Exact::whole(0);
        let rate = |rate: Exact| rate.plus(raised).map(|rate| rate.min(Exact::whole(1)));
        let (mut paid, mut from) = (zero, zero);
        for (bound, of) in &self.below {
            let slice = amount.min(*bound).minus(from)?.max(zero);
            paid = paid.plus(slice.times(rate(*of)?)?)?;
            from = *bound;
        }
        let rest = amount.minus(from)?.max(zero);
        paid.plus(rest.times(rate(self.above)?)?)
    }
}

/// A figure for each word, or whole number.
#[derive(Clone, Debug, PartialEq)]
pub struct Codes {
    pub unit: Type,
    pub entries: Vec<(Arc<str>, Exact)>,
}

impl Codes {
    #[must_use]
    pub fn of(&self, word: &str) -> Option<Exact> {
        let mut entries = self.entries.iter();
        entries
            .find(|(key, _)| &**key == word)
            .map(|(_, figure)| *figure)
    }
}

/// A figure from each size on.
#[derive(Clone, Debug, PartialEq)]
pub struct Steps {
    pub unit: Type,
    /// Rising.
    pub from: Vec<(Exact, Exact)>,
}

impl Steps {
    #[must_use]
    pub fn at(&self, size: Exact) -> Option<Exact> {
        let reached = self.from.iter().take_while(|(from, _)| *from <= size);
        reached.last().map(|(_, figure)| *figure)
    }
}

/// A figure that changes within the time of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Dated {
    pub name: Arc<str>,
    pub unit: Type,
    /// From which day on each value holds, rising.
    pub values: Vec<DatedValue>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DatedValue {
    pub from: Date,
    pub is: Exact,
    pub cite: Option<Cite>,
}

impl Dated {
    #[must_use]
    pub fn on(&self, day: Date) -> Option<Exact> {
        let reached = self.values.iter().take_while(|value| value.from <= day);
        reached.last().map(|value| value.is)
    }
}
