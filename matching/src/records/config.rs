//! What is compared of records, and how.

use super::compare::Comparator;
use crate::tree::{self, ConfigError};
use serde::Deserialize;

/// How records of text are linked: a YAML file, described in `configs/febrl.yaml`.
///
/// ```
/// use matching::records::LinkConfig;
///
/// let config = LinkConfig::from_yaml("link.yaml", "
/// identifier: rec_id
/// fields:
///   - { name: surname, compare: jaro_winkler, levels: [0.9] }
///   - { name: date_of_birth, compare: date }
/// blocks: [[surname], [date_of_birth]]
/// ")?;
/// assert_eq!(config.probable, 0.5);
/// assert_eq!(config.columns(&["rec_id", "date_of_birth", "surname"]), Ok((0, vec![2, 1])));
/// # Ok::<(), matching::ConfigError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkConfig {
    /// The column that names a record.
    pub identifier: String,
    pub fields: Vec<Field>,
    /// Records are compared that share one of these.
    pub blocks: Vec<Block>,
    /// A pair is one entity from this probability on.
    #[serde(default = "half")]
    pub probable: f64,
    /// A person looks at pairs from this probability on.
    #[serde(default = "hundredth")]
    pub possible: f64,
    /// Between two lists, each record has one partner at most.
    #[serde(default)]
    pub one_to_one: bool,
    /// What more records than this share says too little to compare them for it.
    #[serde(default = "many_records")]
    pub largest_group: usize,
    /// So many pairs are compared at most, those first that share what few share.
    #[serde(default = "many_pairs")]
    pub most_pairs: usize,
}

/// A column that is compared.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub name: String,
    #[serde(default)]
    pub compare: Comparator,
    /// From which similarity on two values agree less and less, highest first; below the last they differ.
    #[serde(default)]
    pub levels: Vec<f64>,
    /// A column with which it may have been exchanged.
    pub swapped_with: Option<String>,
    /// How often true pairs, and pairs of strangers, come to each level: equal, each of `levels`, exchanged (where
    /// `swapped_with` is set), differing. Estimated from the records where it is left out.
    pub m: Option<Vec<f64>>,
    pub u: Option<Vec<f64>>,
}

/// What records share that are worth a comparison.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Block {
    /// All of these.
    All(Vec<Key>),
    /// A word in any of these columns, be it in another one there.
    Word { word_of: Vec<String> },
}

/// A column of a block, or what it begins with.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Key {
    Whole(String),
    Start { name: String, letters: usize },
}

impl LinkConfig {
    /// Reads a configuration. `file` is its name in errors.
    ///
    /// # Errors
    /// It is no YAML of this shape, or names what is not there.
    pub fn from_yaml(file: &str, text: &str) -> Result<Self, ConfigError> {
        let config: Self = tree::read(file, text)?;
        match config.problem() {
            Some(problem) => Err(ConfigError::content(file, problem)),
            None => Ok(config),
        }
    }

    /// Where in a file with these headings the identifier stands, and where the fields, in their order.
    ///
    /// # Errors
    /// The name of a column that is not there.
    pub fn columns(&self, headings: &[&str]) -> Result<(usize, Vec<usize>), String> {
        let find = |name: &str| {
            let place = headings.iter().position(|heading| heading.trim() == name);
            place.ok_or_else(|| name.to_owned())
        };
        let fields: Result<_, _> = self.fields.iter().map(|field| find(&field.name)).collect();
        Ok((find(&self.identifier)?, fields?))
    }

    /// The place of a field by its name.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    fn problem(&self) -> Option<String> {
        let keys = self.blocks.iter().flat_map(Block::names);
        let partners = self
            .fields
            .iter()
            .filter_map(|field| field.swapped_with.as_deref());
        if let Some(name) = keys.chain(partners).find(|name| self.place(name).is_none()) {
            return Some(format!("`{name}` is none of the fields"));
        }
        if self.blocks.is_empty() || self.blocks.iter().any(|block| block.names().is_empty()) {
            return Some("blocks: at least one, each with a field".to_owned());
        }
        if !(0.0 < self.possible && self.possible <= self.probable && self.probable <= 1.0) {
            return Some("0 < possible <= probable <= 1 does not hold".to_owned());
        }
        self.fields.iter().find_map(Field::problem)
    }
}

impl Field {
    fn problem(&self) -> Option<String> {
        let is_falling = self.levels.is_sorted_by(|a, b| a > b);
        if !is_falling || self.levels.iter().any(|level| !(0.0..1.0).contains(level)) {
            return Some(format!("{}: levels fall from below 1 to 0", self.name));
        }
        let outcomes = self.outcomes();
        let is_share = |share: &f64| 0.0 < *share && *share < 1.0;
        let given = [&self.m, &self.u].into_iter().flatten();
        let wrong = given
            .into_iter()
            .find(|given| given.len() != outcomes || !given.iter().all(is_share));
        wrong.map(|_| {
            format!(
                "{}: m and u are {outcomes} shares between 0 and 1",
                self.name
            )
        })
    }

    /// Equal, each level, exchanged, differing.
    pub(crate) fn outcomes(&self) -> usize {
        2 + self.levels.len() + usize::from(self.swapped_with.is_some())
    }
}

impl Block {
    fn names(&self) -> Vec<&str> {
        match self {
            Self::All(keys) => keys.iter().map(Key::name).collect(),
            Self::Word { word_of } => word_of.iter().map(String::as_str).collect(),
        }
    }
}

impl Key {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Whole(name) | Self::Start { name, .. } => name,
        }
    }
}

const fn half() -> f64 {
    0.5
}

const fn hundredth() -> f64 {
    0.01
}

const fn many_pairs() -> usize {
    10_000_000
}

const fn many_records() -> usize {
    1_000
}
