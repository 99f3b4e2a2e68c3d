//! Where the rows of a root query lie: scope and asked region as one range.

use super::Rows;
use crate::db::Param;

/// A region code of 12 digits divided by this is its county's code of 6.
pub const COUNTY: i64 = 1_000_000;
/// Divided by this it is its township's code of 9.
const TOWNSHIP: i64 = 1_000;

/// A range of region codes, and the columns of a table that hold them.
pub(super) struct Regions {
    region: &'static str,
    range: (i64, i64),
    /// Whether indexes are led by the village and by the township and not only by the county.
    indexed: bool,
}

impl Regions {
    pub(super) fn of<T: Rows>(range: (i64, i64)) -> Self {
        Regions {
            region: T::REGION,
            range,
            indexed: T::KEY == T::HOUSEHOLD,
        }
    }

    pub(super) fn and(self, (lo, hi): (i64, i64)) -> Self {
        let range = (self.range.0.max(lo), self.range.1.min(hi));
        Regions { range, ..self }
    }

    /// The condition on the rows; none where the range is the whole country. A plan that is made once for all values takes
    /// a range of regions for a narrow one and conditions on county and region for independent, so no more is named than
    /// the index is led by: the village alone where it can be, else the county, with the township where it is one.
    pub(super) fn condition(&self, params: &mut Vec<Param>) -> Option<String> {
        let (lo, hi) = self.range;
        if lo <= 0 && hi >= 999_999_999_999 {
            return None;
        }
        if lo > hi {
            return Some("1 = 0".to_owned());
        }
        let mut equal = |column: &str, code: i64| {
            params.push(Param::I64(code));
            format!("{column} = ${}", params.len())
        };
        if lo == hi && self.indexed {
            return Some(equal(self.region, lo));
        }
        let county_column = self.region.replace("region_code", "county_code");
        let counties = (lo / COUNTY, hi / COUNTY);
        let one_county = counties.0 == counties.1;
        let county = one_county.then(|| equal(&county_column, counties.0));
        if is_whole((lo, hi), TOWNSHIP) && lo / TOWNSHIP == hi / TOWNSHIP && self.indexed {
            // As the index has it, digit for digit. Behind row security what divides uses no index: there the county leads one.
            let township = equal(&format!("{} / {TOWNSHIP}", self.region), lo / TOWNSHIP);
            return county.map(|county| format!("{county} AND {township}"));
        }
        let rest = match (one_county, is_whole((lo, hi), COUNTY)) {
            (true, true) => None,
            (false, true) => Some(between(&county_column, counties, params)),
            (_, false) => Some(between(self.region, self.range, params)),
        };
        Some(
            county
                .into_iter()
                .chain(rest)
                .collect::<Vec<_>>()
                .join(" AND "),
        )
    }
}

/// Whether the range is made of whole regions of this size.
fn is_whole((lo, hi): (i64, i64), size: i64) -> bool {
    lo % size == 0 && hi % size == size - 1
}

fn between(column: &str, (lo, hi): (i64, i64), params: &mut Vec<Param>) -> String {
    params.extend([Param::I64(lo), Param::I64(hi)]);
    format!(
        "{column} BETWEEN ${} AND ${}",
        params.len() - 1,
        params.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(indexed: bool, range: (i64, i64)) -> Option<(String, usize)> {
        let region = "t.region_code";
        let mut params = Vec::new();
        let regions = Regions {
            region,
            range,
            indexed,
        };
        let condition = regions.condition(&mut params)?;
        Some((condition, params.len()))
    }

    #[test]
    fn a_condition_is_what_an_index_is_led_by() {
        let village = (150_923_101_205, 150_923_101_205);
        let township = (150_923_101_000, 150_923_101_999);
        let county = (150_923_000_000, 150_923_999_999);
        let walked = "t.county_code = $1 AND t.region_code BETWEEN $2 AND $3";
        for (indexed, range, expected, params) in [
            (true, village, "t.region_code = $1", 1),
            (
                true,
                township,
                "t.county_code = $1 AND t.region_code / 1000 = $2",
                2,
            ),
            (true, county, "t.county_code = $1", 1),
            (true, (township.0, village.0), walked, 3),
            (false, village, walked, 3),
            (false, township, walked, 3),
            (false, county, "t.county_code = $1", 1),
        ] {
            let found = condition(indexed, range);
            assert_eq!(found, Some((expected.to_owned(), params)), "{range:?}");
        }
        assert_eq!(condition(true, (0, 999_999_999_999)), None);
        let nothing = condition(true, (township.1, township.0));
        assert_eq!(nothing, Some(("1 = 0".to_owned(), 0)));
    }
}
