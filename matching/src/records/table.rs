//! Records with each value once, and which pairs of them are worth a comparison.

use super::config::{Block, Key, LinkConfig};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::{Hash, Hasher};

/// The place of a value among those of its column; zero is none.
pub type ValueId = u32;

/// Letters of a value that are compared; comparisons grow with the square of them.
const LONGEST: usize = 200;

/// Columns of values of two lists, one behind the other, or of one.
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: usize,
    /// Rows from here on are of the second list.
    pub second_from: Option<usize>,
}

/// What stands in a column.
pub struct Column {
    pub values: Vec<String>,
    /// How often each value stands there.
    pub counts: Vec<u32>,
    pub of_row: Vec<ValueId>,
}

impl Column {
    fn of<'r>(texts: impl Iterator<Item = &'r str>) -> Self {
        let mut column = Self {
            values: vec![String::new()],
            counts: vec![0],
            of_row: vec![],
        };
        let mut ids = FxHashMap::default();
        ids.insert(String::new(), 0);
        for text in texts {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let value: String = words.to_lowercase().chars().take(LONGEST).collect();
            let next = ValueId::try_from(column.values.len()).unwrap_or(0);
            let id = *ids.entry(value).or_insert_with_key(|value| {
                column.values.push(value.clone());
                column.counts.push(0);
                next
            });
            column.counts[id as usize] += 1;
            column.of_row.push(id);
        }
        column
    }
}

impl Table {
    /// Values in the order of the fields of `config`; what a row lacks is blank.
    pub fn new(config: &LinkConfig, left: &[Vec<String>], right: Option<&[Vec<String>]>) -> Self {
        let rows = || left.iter().chain(right.unwrap_or_default());
        let columns = (0..config.fields.len())
            .map(|place| Column::of(rows().map(|row| row.get(place).map_or("", String::as_str))));
        Self {
            columns: columns.collect(),
            rows: rows().count(),
            second_from: right.map(|_| left.len()),
        }
    }

    /// Whether two rows may be one entity at all: of two lists, one of each.
    fn may_pair(&self, one: usize, other: usize) -> bool {
        self.second_from
            .is_none_or(|from| (one < from) != (other < from))
    }

    /// How many pairs there are.
    pub fn pairs(&self) -> f64 {
        let rows = self.rows as f64;
        self.second_from.map_or(rows * (rows - 1.0) / 2.0, |from| {
            from as f64 * (rows - from as f64)
        })
    }

    /// Pairs that share a block, in order, each once.
    pub fn candidates(&self, config: &LinkConfig) -> Vec<(u32, u32)> {
        let mut pairs = FxHashSet::default();
        for group in self.groups(config) {
            if pairs.len() >= config.most_pairs {
                break;
            }
            for (place, one) in group.iter().enumerate() {
                let others = group[place + 1..].iter();
                let others = others.filter(|other| self.may_pair(*one as usize, **other as usize));
                pairs.extend(others.map(|other| (*one, *other)));
            }
        }
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_unstable();
        pairs
    }

    /// Rows that share a block, the smallest groups first.
    fn groups(&self, config: &LinkConfig) -> Vec<Vec<u32>> {
        let mut all = vec![];
        for block in &config.blocks {
            let mut groups: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
            for row in (0..self.rows).flat_map(u32::try_from) {
                for key in self.keys(config, block, row as usize) {
                    groups.entry(key).or_default().push(row);
                }
            }
            all.extend(
                groups
                    .into_values()
                    .filter(|group| (2..=config.largest_group).contains(&group.len())),
            );
        }
        all.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        all
    }

    /// What a row is found by in a block.
    fn keys(&self, config: &LinkConfig, block: &Block, row: usize) -> Vec<u64> {
        match block {
            Block::All(keys) => self.key(config, keys, row).into_iter().collect(),
            Block::Word { word_of } => {
                let places = word_of.iter().filter_map(|name| config.place(name));
                let mut words: Vec<u64> = places
                    .flat_map(|place| self.value(place, row).split(' '))
                    .filter(|word| !word.is_empty())
                    .map(hash_of)
                    .collect();
                words.sort_unstable();
                words.dedup();
                words
            }
        }
    }

    fn value(&self, column: usize, row: usize) -> &str {
        let column = &self.columns[column];
        &column.values[column.of_row[row] as usize]
    }

    /// What rows of one block share; none where a part is blank.
    fn key(&self, config: &LinkConfig, block: &[Key], row: usize) -> Option<u64> {
        let mut hasher = FxHasher::default();
        for key in block {
            let value = self.value(config.place(key.name())?, row);
            if value.is_empty() {
                return None;
            }
            match key {
                Key::Whole(_) => value.hash(&mut hasher),
                Key::Start { letters, .. } => value
                    .chars()
                    .take(*letters)
                    .for_each(|letter| letter.hash(&mut hasher)),
            }
        }
        Some(hasher.finish())
    }

    /// Pairs spread evenly over all that there are, as many as `wanted` or all.
    pub fn strangers(&self, wanted: usize) -> Vec<(u32, u32)> {
        let rows = self.rows as u64;
        let mut pairs = vec![];
        let steps = wanted as u64 / rows.max(1) + 1;
        // Each row with as many others as are wanted, evenly far from it.
        let stride = (rows / (steps + 1)).max(1);
        for offset in (1..=steps)
            .map(|step| step * stride)
            .take_while(|offset| *offset < rows)
        {
            for one in 0..rows {
                let other = (one + offset) % rows;
                let (low, high) = (one.min(other), one.max(other));
                if low != high && self.may_pair(low as usize, high as usize) {
                    pairs.extend(u32::try_from(low).ok().zip(u32::try_from(high).ok()));
                }
            }
        }
        pairs
    }
}

fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
