//! The figures that everybody may know, without the small ones: of few people it can be guessed who they are.

use crate::graphql::scalars::Percent;
use crate::household::region::types::{CauseTotal, ClassTotal, TotalsCore};
use async_graphql::SimpleObject;
use entity::household::codes::{HouseholdClass, PovertyCause};

/// Counts from one up to this are not told.
const FEWEST: i32 = 5;

/// The published figures of a region on a day (公开统计), households of status REGISTERED or RETURNED. Counts from 1 to 4 are
/// null, and so is the next smallest of a list where a single one could be worked out from the rest. The limit is made here.
#[derive(SimpleObject, Debug, PartialEq)]
pub struct PublicTotals {
    /// Poor households (贫困户数). Null: from 1 to 4.
    households: Option<i32>,
    /// Poor persons (贫困人口数). Null: from 1 to 4, or of so few households.
    persons: Option<i32>,
    /// Poverty incidence (贫困发生率), percent, one digit, half up. Null where the persons are, or where the rural population is not
    /// on record.
    incidence_percent: Option<Percent>,
    /// By class (按属性). Empty where the households are null.
    by_class: Vec<PublicClassTotal>,
    /// By main cause (按主要致贫原因). Empty where the households are null.
    by_main_cause: Vec<PublicCauseTotal>,
}

/// Published households and persons of a class (按属性公开统计).
#[derive(SimpleObject, Debug, PartialEq)]
pub struct PublicClassTotal {
    /// The class (贫困户属性). Null: none recorded.
    class: Option<HouseholdClass>,
    /// Households (户数). Null: not told.
    households: Option<i32>,
    /// Persons (人数). Null: not told.
    persons: Option<i32>,
}

/// Published households and persons of a cause (按致贫原因公开统计).
#[derive(SimpleObject, Debug, PartialEq)]
pub struct PublicCauseTotal {
    /// The cause (致贫原因). Null: none recorded.
    cause: Option<PovertyCause>,
    /// Households (户数). Null: not told.
    households: Option<i32>,
    /// Persons (人数). Null: not told.
    persons: Option<i32>,
}

impl PublicTotals {
    pub(in crate::household::region) fn of(core: &TotalsCore) -> Self {
        if is_few((core.households, core.persons)) {
            return PublicTotals {
                households: None,
                persons: None,
                incidence_percent: None,
                by_class: Vec::new(),
                by_main_cause: Vec::new(),
            };
        }
        let class = |total: &ClassTotal| (total.households, total.persons);
        let cause = |total: &CauseTotal| (total.households, total.persons);
        let classes = core.by_class.iter().zip(told(&core.by_class, class));
        let causes = core
            .by_main_cause
            .iter()
            .zip(told(&core.by_main_cause, cause));
        PublicTotals {
            households: Some(core.households),
            persons: Some(core.persons),
            incidence_percent: core.incidence_percent,
            by_class: classes
                .map(|(total, told)| PublicClassTotal {
                    class: total.class,
                    households: told.then_some(total.households),
                    persons: told.then_some(total.persons),
                })
                .collect(),
            by_main_cause: causes
                .map(|(total, told)| PublicCauseTotal {
                    cause: total.cause,
                    households: told.then_some(total.households),
                    persons: told.then_some(total.persons),
                })
                .collect(),
        }
    }
}

/// So few households or persons that they could be guessed.
fn is_few((households, persons): (i32, i32)) -> bool {
    [households, persons]
        .iter()
        .any(|count| (1..FEWEST).contains(count))
}

/// Which rows of a list are told: not the small ones, and not what would give away the only small one, because the sum is
/// known.
fn told<T>(rows: &[T], counts: impl Fn(&T) -> (i32, i32)) -> Vec<bool> {
    let mut told: Vec<bool> = rows.iter().map(|row| !is_few(counts(row))).collect();
    if told.iter().filter(|told| !**told).count() == 1 {
        let next = (0..rows.len())
            .filter(|at| told[*at] && counts(&rows[*at]).0 > 0)
            .min_by_key(|at| counts(&rows[*at]));
        if let Some(next) = next {
            told[next] = false;
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_not_told_nor_given_away() {
        let rows = |counts: &[(i32, i32)]| told(counts, |counts| *counts);
        assert_eq!(rows(&[(9, 30), (5, 6), (7, 20)]), [true, true, true]);
        // Of 20 households 7 and 10 would leave 3.
        assert_eq!(rows(&[(10, 30), (3, 8), (7, 20)]), [true, false, false]);
        assert_eq!(rows(&[(10, 30), (3, 8), (4, 9)]), [true, false, false]);
        assert_eq!(rows(&[(0, 0), (3, 8)]), [true, false]);
        // Households enough, persons too few.
        assert!(is_few((5, 4)));
        assert!(!is_few((0, 0)));
    }
}
