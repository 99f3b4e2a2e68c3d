//! Where the rows of a root query lie: scope and asked region as one range.

use super::Rows;
use crate::db::Param;

/// A region code of 12 digits divided by this is its county's code of 6.
pub const COUNTY: i64 = 1_000_000;

/// A range of region codes, and the columns of a table that hold them.
pub(super) struct Regions {
    region: &'static str,
    range: (i64, i64),
    /// Whether an index is led by the region itself and not only by the county.
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
    /// the index is led by: the village alone where it can be, else the county.
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
        let whole = lo % COUNTY == 0 && hi % COUNTY == COUNTY - 1;
        let rest = match (one_county, whole) {
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

fn between(column: &str, (lo, hi): (i64, i64), params: &mut Vec<Param>) -> String {
    params.extend([Param::I64(lo), Param::I64(hi)]);
    format!(
        "{column} BETWEEN ${} AND ${}",
        params.len() - 1,
        params.len()
    )
}
