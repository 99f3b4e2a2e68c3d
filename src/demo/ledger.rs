//! The ledger: what was made, counted while it was made and by nothing else, so that figures of the graph can be held
//! against it. No query and no table takes part in it: what every room knows is counted by family, what a room grants or
//! pays by that room, as it makes it.
//!
//! A line has the name of a statistic, a region and a value. Names begin with the number in the domain reference and
//! go on with what is counted, of which code, in which year where that is not the last: `ST-04 households GENERAL`,
//! `ST-01 persons on 2016-12-31`, `ST-03 households EXITED in 2017`. Values are counted in the village and add up to all
//! regions around it. Amounts are in fen.

use super::{
    LAST_DAY,
    family::{Family, Member},
};
use entity::{codes::CodeList, household::codes::HouseholdStatus, region_code::RegionCode};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{self, Write},
};
use time::{Date, Month};

/// The first year of which the ledger tells who was on file at its end.
const FIRST_YEAR: i32 = 2015;

/// Values by statistic and village.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger(BTreeMap<String, BTreeMap<RegionCode, i64>>);

impl Ledger {
    /// Adds a value in a village.
    pub fn add(&mut self, statistic: &str, village: RegionCode, value: i64) {
        let values = match self.0.get_mut(statistic) {
            Some(values) => values,
            None => self.0.entry(statistic.to_owned()).or_default(),
        };
        *values.entry(village).or_default() += value;
    }

    /// The value of a statistic in a region of any level; nothing is zero.
    pub fn value(&self, statistic: &str, region: RegionCode) -> i64 {
        let (first, last) = region.range();
        let values = self.0.get(statistic).into_iter().flatten();
        let inside = values.filter(|(village, _)| (first..=last).contains(&village.get()));
        inside.map(|(_, value)| value).sum()
    }

    /// Adds values of one name each, which begin with the number of the statistic.
    pub fn add_all<const N: usize>(
        &mut self,
        statistic: &str,
        village: RegionCode,
        values: [(&str, i64); N],
    ) {
        for (of, value) in values {
            self.add(&format!("{statistic} {of}"), village, value);
        }
    }

    /// Writes a line of JSON for each statistic and each region in which it is not zero: `{"statistic":
    /// "ST-01 households", "region": "150921000000", "value": 117}`.
    ///
    /// # Errors
    /// The lines could not be written.
    pub fn write(&self, into: &mut dyn Write) -> io::Result<()> {
        for (statistic, villages) in &self.0 {
            let mut regions: BTreeMap<RegionCode, i64> = BTreeMap::new();
            for (village, value) in villages {
                let mut region = Some(*village);
                while let Some(code) = region {
                    *regions.entry(code).or_default() += value;
                    region = code.parent();
                }
            }
            for (region, value) in regions.into_iter().filter(|(_, value)| *value != 0) {
                let line = json!({ "statistic": statistic, "region": region, "value": value });
                writeln!(into, "{line}")?;
            }
        }
        Ok(())
    }

    /// Counts what every room knows of a family.
    pub(super) fn count(&mut self, family: &Family) {
        self.count_file(family);
        if family.on_file(LAST_DAY) {
            self.count_poor(family);
        }
    }

    /// The file from year to year, whatever its status is now.
    fn count_file(&mut self, family: &Family) {
        let village = family.village;
        let today = number(family.members_on(LAST_DAY).count());
        let status = family.status().word();
        self.both(village, &format!("all {status}"), today);
        for year in FIRST_YEAR..=LAST_DAY.year() {
            let day = Date::from_calendar_date(year, Month::December, 31).unwrap_or(LAST_DAY);
            if family.on_file(day) {
                let persons = number(family.members_on(day).count());
                self.add(&format!("ST-01 households on {day}"), village, 1);
                self.add(&format!("ST-01 persons on {day}"), village, persons);
            }
        }
        for span in &family.history {
            let (status, year) = (span.status.word(), span.from.year());
            let before = span.from.previous_day().unwrap_or(span.from);
            // Who leaves is counted as of the day before, who comes on the day.
            let day = match span.status {
                HouseholdStatus::Closed => before,
                _ => span.from,
            };
            let persons = number(family.members_on(day).count());
            self.add(&format!("ST-03 households {status} in {year}"), village, 1);
            self.add(
                &format!("ST-03 persons {status} in {year}"),
                village,
                persons,
            );
        }
        if let Some(year) = family.planned_exit_year {
            let exited = family.since(HouseholdStatus::Exited);
            let done = i64::from(exited.is_some_and(|day| day.year() <= year));
            self.add(&format!("ST-11 planned in {year}"), village, 1);
            self.add(&format!("ST-11 planned in {year}, exited"), village, done);
        }
    }

    /// Households and persons on file today.
    fn count_poor(&mut self, family: &Family) {
        let village = family.village;
        let members: Vec<&Member> = family.members_on(LAST_DAY).collect();
        let persons = number(members.len());
        self.both(village, "ST-01", persons);
        let class = family.class.map_or("none", CodeList::word);
        self.both(village, &format!("ST-04 {class}"), persons);
        let main = family
            .causes
            .first()
            .copied()
            .map_or("none", CodeList::word);
        self.both(village, &format!("ST-05 {main}"), persons);
        for cause in family.causes.iter().skip(1) {
            self.both(village, &format!("ST-06 {}", cause.word()), persons);
        }
        for member in members {
            let band = match member.age(LAST_DAY) {
                ..6 => "UNDER_6",
                6..16 => "FROM_6_TO_15",
                16..60 => "FROM_16_TO_59",
                _ => "SIXTY_AND_OVER",
            };
            self.add(&format!("ST-08 persons {band}"), village, 1);
            for of in [member.sex().word(), member.ethnic_group.word()] {
                self.add(&format!("ST-08 persons {of}"), village, 1);
            }
            for of in [member.labour.word(), member.health.word()] {
                self.add(&format!("ST-09 persons {of}"), village, 1);
            }
        }
        let form = family.incomes.last();
        if let Some(form) = form.filter(|form| form.year == LAST_DAY.year()) {
            for (item, value) in [
                ("households", 1),
                ("members", form.members),
                ("wage", form.wage),
                ("business", form.business),
                ("property", form.property),
                ("transfer", form.transfer),
                ("business costs", form.costs),
                ("net", form.net()),
            ] {
                self.add(&format!("ST-10 {item}"), village, value);
            }
        }
    }

    /// A household and its persons.
    fn both(&mut self, village: RegionCode, of: &str, persons: i64) {
        let (statistic, code) = of.split_once(' ').unwrap_or((of, ""));
        for (unit, value) in [("households", 1), ("persons", persons)] {
            let name = format!("{statistic} {unit} {code}");
            self.add(name.trim_end(), village, value);
        }
    }
}

/// A count as a value.
pub fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_village_counts_in_every_region_around_it() {
        let code = |text| RegionCode::parse(text).expect("a region");
        let mut ledger = Ledger::default();
        ledger.add("ST-01 households", code("150921107200"), 2);
        ledger.add("ST-01 households", code("150921107200"), 1);
        ledger.add("ST-01 households", code("150922104200"), 4);
        for (region, value) in [("150921107200", 3), ("150921", 3), ("1509", 7), ("1510", 0)] {
            assert_eq!(ledger.value("ST-01 households", code(region)), value);
        }
        assert_eq!(ledger.value("ST-01 persons", code("1509")), 0);
        let mut lines = Vec::new();
        ledger.write(&mut lines).expect("lines");
        let lines = String::from_utf8(lines).expect("a text");
        assert_eq!(lines.lines().count(), 8);
        let prefecture = r#"{"statistic":"ST-01 households","region":"150900000000","value":7}"#;
        assert!(lines.lines().any(|line| line == prefecture), "{lines}");
    }
}
