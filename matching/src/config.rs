//! How much each finding weighs, and from where on a match is made.

use crate::{
    NameFinding, NumberFinding,
    finding::{BirthFinding, PlaceFinding, RelationFinding, SexFinding},
    tree::{self, ConfigError},
};
use serde::Deserialize;

const SHIPPED: &str = include_str!("../configs/roster.yaml");

/// How often one person (m) and two persons drawn by chance (u) come to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Odds {
    pub m: f64,
    pub u: f64,
}

/// How a list is matched with the register: a YAML file, described in `configs/roster.yaml`, which is the default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterConfig {
    pub in_register: f64,
    pub probable: f64,
    pub possible: f64,
    pub margin: f64,
    pub number: NumberOdds,
    pub name: NameOdds,
    pub birth_date: BirthOdds,
    pub sex: SameOdds,
    pub place: PlaceOdds,
    pub relation: SameOdds,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberOdds {
    pub equal: Odds,
    pub equal_but_wrong: Odds,
    pub one_slip: Odds,
    pub two_slips: Odds,
    pub differs: Odds,
    pub other_person: Odds,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameOdds {
    pub equal: Odds,
    pub variant: Odds,
    pub homophone: Odds,
    pub near_homophone: Odds,
    pub reordered: Odds,
    pub one_off: Odds,
    pub surname_equal: Odds,
    pub given_equal: Odds,
    pub differs: Odds,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BirthOdds {
    pub equal: Odds,
    pub day_month_swapped: Odds,
    pub one_digit_off: Odds,
    pub near: Odds,
    pub same_year: Odds,
    pub differs: Odds,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceOdds {
    pub village_equal: Odds,
    pub township_equal: Odds,
    pub county_equal: Odds,
    pub differs: Odds,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SameOdds {
    pub equal: Odds,
    pub differs: Odds,
}

impl RosterConfig {
    /// The configuration that is shipped.
    ///
    /// # Errors
    /// None, unless the crate was built with a broken file.
    pub fn shipped() -> Result<Self, ConfigError> {
        Self::from_yaml("roster.yaml", SHIPPED)
    }

    /// Reads a configuration. `file` is its name in errors.
    ///
    /// # Errors
    /// It is no YAML of this shape, or holds what is no share.
    pub fn from_yaml(file: &str, text: &str) -> Result<Self, ConfigError> {
        let config: Self = tree::read(file, text)?;
        match config.problem() {
            Some(problem) => Err(ConfigError::content(file, problem)),
            None => Ok(config),
        }
    }

    fn problem(&self) -> Option<String> {
        let shares = self
            .odds()
            .into_iter()
            .flat_map(|odds| [odds.m, odds.u])
            .chain([self.in_register]);
        if let Some(share) = shares
            .into_iter()
            .find(|share| !(*share > 0.0 && *share <= 1.0))
        {
            return Some(format!(
                "{share} is no share: it lies above 0 and not above 1"
            ));
        }
        if self.in_register >= 1.0 || self.margin < 1.0 {
            return Some("in_register lies below 1, and margin is 1 at least".to_owned());
        }
        let is_ordered =
            0.0 < self.possible && self.possible <= self.probable && self.probable <= 1.0;
        (!is_ordered).then(|| "0 < possible <= probable <= 1 does not hold".to_owned())
    }

    fn odds(&self) -> Vec<Odds> {
        let (number, name, birth, place) =
            (&self.number, &self.name, &self.birth_date, &self.place);
        let mut all = vec![
            number.equal,
            number.equal_but_wrong,
            number.one_slip,
            number.two_slips,
        ];
        all.extend([number.differs, number.other_person]);
        all.extend([
            name.equal,
            name.variant,
            name.homophone,
            name.near_homophone,
        ]);
        all.extend([
            name.reordered,
            name.one_off,
            name.surname_equal,
            name.given_equal,
            name.differs,
        ]);
        all.extend([birth.equal, birth.day_month_swapped, birth.one_digit_off]);
        all.extend([birth.near, birth.same_year, birth.differs]);
        all.extend([
            place.village_equal,
            place.township_equal,
            place.county_equal,
            place.differs,
        ]);
        all.extend([
            self.sex.equal,
            self.sex.differs,
            self.relation.equal,
            self.relation.differs,
        ]);
        all
    }
}

impl Odds {
    /// The logarithm of m / u to base 2, with another u where one is known.
    pub fn weight(self, u: Option<f64>) -> f64 {
        (self.m / u.unwrap_or(self.u)).log2()
    }
}

/// The odds of a finding; none where nothing was found.
impl NumberOdds {
    pub const fn of(&self, finding: NumberFinding) -> Option<Odds> {
        Some(match finding {
            NumberFinding::Missing => return None,
            NumberFinding::Equal | NumberFinding::ConvertedFrom15 => self.equal,
            NumberFinding::EqualButWrong => self.equal_but_wrong,
            NumberFinding::OneDigitOff { .. }
            | NumberFinding::Swapped { .. }
            | NumberFinding::DigitLost { .. } => self.one_slip,
            NumberFinding::TwoSlips => self.two_slips,
            NumberFinding::Differs => self.differs,
            NumberFinding::OtherPerson => self.other_person,
        })
    }
}

impl NameOdds {
    pub const fn of(&self, finding: NameFinding) -> Option<Odds> {
        Some(match finding {
            NameFinding::Missing => return None,
            NameFinding::Equal => self.equal,
            NameFinding::Variant => self.variant,
            NameFinding::Homophone => self.homophone,
            NameFinding::NearHomophone => self.near_homophone,
            NameFinding::Reordered => self.reordered,
            NameFinding::OneOff { .. } => self.one_off,
            NameFinding::SurnameEqual => self.surname_equal,
            NameFinding::GivenEqual => self.given_equal,
            NameFinding::Differs => self.differs,
        })
    }
}

impl BirthOdds {
    pub const fn of(&self, finding: BirthFinding) -> Option<Odds> {
        Some(match finding {
            BirthFinding::Missing => return None,
            BirthFinding::Equal => self.equal,
            BirthFinding::DayMonthSwapped => self.day_month_swapped,
            BirthFinding::OneDigitOff => self.one_digit_off,
            BirthFinding::Near => self.near,
            BirthFinding::SameYear => self.same_year,
            BirthFinding::Differs => self.differs,
        })
    }
}

impl PlaceOdds {
    pub const fn of(&self, finding: PlaceFinding) -> Option<Odds> {
        Some(match finding {
            PlaceFinding::Missing => return None,
            PlaceFinding::VillageEqual => self.village_equal,
            PlaceFinding::TownshipEqual => self.township_equal,
            PlaceFinding::CountyEqual => self.county_equal,
            PlaceFinding::Differs => self.differs,
        })
    }
}

impl SameOdds {
    pub const fn of_sex(&self, finding: SexFinding) -> Option<Odds> {
        match finding {
            SexFinding::Missing => None,
            SexFinding::Equal => Some(self.equal),
            SexFinding::Differs => Some(self.differs),
        }
    }

    pub const fn of_relation(&self, finding: RelationFinding) -> Option<Odds> {
        match finding {
            RelationFinding::Missing => None,
            RelationFinding::Equal => Some(self.equal),
            RelationFinding::Differs => Some(self.differs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_configuration_is_read() {
        let config = RosterConfig::shipped().unwrap();
        assert_eq!(config.sex.equal, Odds { m: 0.995, u: 0.5 });
        assert_eq!(config.odds().len(), 29);
    }

    #[test]
    fn configurations_that_are_refused() {
        for (line, other, problem) in [
            (
                "margin: 20",
                "margin: 0.5",
                "in_register lies below 1, and margin is 1 at least",
            ),
            (
                "in_register: 0.9",
                "in_register: 1.0",
                "in_register lies below 1, and margin is 1 at least",
            ),
            (
                "probable: 0.95",
                "probable: 0.01",
                "0 < possible <= probable <= 1 does not hold",
            ),
            (
                "equal: { m: 0.995, u: 0.5 }",
                "equal: { m: 0.995, u: 0.0 }",
                "0 is no share: it lies above 0 and not above 1",
            ),
            (
                "equal: { m: 0.995, u: 0.5 }",
                "equal: { m: 0.995 }",
                "missing field `u`",
            ),
        ] {
            assert!(SHIPPED.contains(line));
            let refused = RosterConfig::from_yaml("it", &SHIPPED.replace(line, other)).unwrap_err();
            assert_eq!(refused.to_string(), format!("it: {problem}"));
        }
    }
}
