//! What is compared of records, and how.

use super::compare::Comparator;
use crate::yaml::{self, ConfigError};
use serde::Deserialize;

/// How records of text are linked: a YAML file, described in `configs/febrl.yaml`.
///
/// ```
/// use matching::records::LinkConfig;
///
/// let config = LinkConfig::from_yaml("
/// identifier: rec_id
/// fields:
///   - { name: surname, compare: jaro_winkler, levels: [0.9] }
///   - { name: date_of_birth, compare: date }
/// blocks: [[surname], [date_of_birth]]
/// ")?;
/// assert_eq!(config.probable, 0.5);
/// assert_eq!(config.columns(&["rec_id", "date_of_birth", "surname"])?, (0, vec![2, 1]));
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
    /// # Errors
    /// It is no YAML of this shape, or names what is not there.
    pub fn from_yaml(text: &str) -> Result<Self, ConfigError> {
        let config: Self = yaml::read(text)?;
        config.check()?;
        Ok(config)
    }

    /// Where in a file with these headings the identifier stands, and where the fields, in their order.
    ///
    /// # Errors
    /// A column is not there.
    pub fn columns(&self, headings: &[&str]) -> Result<(usize, Vec<usize>), ConfigError> {
        let find = |name: &str| {
            let place = headings.iter().position(|heading| heading.trim() == name);
            place.ok_or_else(|| ConfigError(format!("no column `{name}`")))
        };
        let fields: Result<_, _> = self.fields.iter().map(|field| find(&field.name)).collect();
        Ok((find(&self.identifier)?, fields?))
    }

    /// The place of a field by its name.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let no = |problem: String| Err(ConfigError(problem));
        let keys = self.blocks.iter().flat_map(Block::names);
        let partners = self
            .fields
            .iter()
            .filter_map(|field| field.swapped_with.as_deref());
        if let Some(name) = keys.chain(partners).find(|name| self.place(name).is_none()) {
            return no(format!("`{name}` is none of the fields"));
        }
        if self.blocks.is_empty() || self.blocks.iter().any(|block| block.names().is_empty()) {
            return no("blocks: at least one, each with a field".to_owned());
        }
        if !(0.0 < self.possible && self.possible <= self.probable && self.probable <= 1.0) {
            return no("0 < possible <= probable <= 1 does not hold".to_owned());
        }
        for field in &self.fields {
            if !field.levels.is_sorted_by(|a, b| a > b)
                || field.levels.iter().any(|level| !(0.0..1.0).contains(level))
            {
                return no(format!("{}: levels fall from below 1 to 0", field.name));
            }
            for given in [&field.m, &field.u].into_iter().flatten() {
                if given.len() != field.outcomes()
                    || !given.iter().all(|share| 0.0 < *share && *share < 1.0)
                {
                    return no(format!(
                        "{}: m and u are {} shares between 0 and 1",
                        field.name,
                        field.outcomes()
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Field {
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

const fn many_records() -> usize {
    1_000
}
