//! Who the poor persons of a region are.

use crate::{
    db::{BadCell, Param, Row, Statement},
    graphql::plan::codes,
    household::region::{Counted, CountedIn, number, on_file, word},
};
use age::AgeBand;
use async_graphql::SimpleObject;
use entity::{
    codes::CodeList,
    household::codes::{EthnicGroup, HealthStatus, LabourCapacity, Sex},
};
use time::Date;

codes!(AgeBand);

/// Bands of age as words of the graph.
pub mod age {
    entity::code_lists! {
        /// Band of age in whole years (年龄段). The bands are made here: school age is that of compulsory school.
        AgeBand "年龄段" {
            UnderSix "UNDER_6" "6岁以下" "Under 6";
            SixToFifteen "FROM_6_TO_15" "6至15岁" "6 to 15";
            SixteenToFiftyNine "FROM_16_TO_59" "16至59岁" "16 to 59";
            SixtyAndOver "SIXTY_AND_OVER" "60岁及以上" "60 and over";
        }
    }
}

/// Who the poor persons of a region are (贫困人口构成). Each list adds up to all persons but those of whom it is not known.
#[derive(SimpleObject, Clone, Default)]
pub struct PeopleTotals {
    /// By band of age (按年龄段). ST-08.
    by_age_band: Vec<AgeBandTotal>,
    /// By sex (按性别). ST-08.
    by_sex: Vec<SexTotal>,
    /// By ethnic group (按民族). ST-08.
    by_ethnic_group: Vec<EthnicGroupTotal>,
    /// By labour capacity (按劳动能力). ST-09.
    by_labour_capacity: Vec<LabourCapacityTotal>,
    /// By health (按健康状况). ST-09.
    by_health: Vec<HealthTotal>,
}

/// Declares persons of a code, and how they are counted.
macro_rules! persons_by {
    ($(#[$doc:meta] $total:ident { #[$field_doc:meta] $field:ident : $code:ty })+) => { $(
        #[$doc]
        #[derive(SimpleObject, Clone)]
        pub struct $total {
            #[$field_doc]
            $field: $code,
            /// Persons (人数).
            persons: i32,
        }

        impl $total {
            fn add(list: &mut Vec<Self>, $field: Option<$code>, persons: i32) {
                let Some($field) = $field else { return };
                match list.binary_search_by_key(&$field, |total| total.$field) {
                    Ok(at) => list[at].persons += persons,
                    Err(at) => list.insert(at, $total { $field, persons }),
                }
            }
        }
    )+ };
}

persons_by! {
    /// Persons of a band of age (按年龄段统计).
    AgeBandTotal {
        /// The band (年龄段).
        age_band: AgeBand
    }
    /// Persons of a sex (按性别统计).
    SexTotal {
        /// The sex (性别).
        sex: Sex
    }
    /// Persons of an ethnic group (按民族统计).
    EthnicGroupTotal {
        /// The ethnic group (民族).
        ethnic_group: EthnicGroup
    }
    /// Persons of a labour capacity (按劳动能力统计).
    LabourCapacityTotal {
        /// The labour capacity (劳动能力).
        labour_capacity: LabourCapacity
    }
    /// Persons of a health (按健康状况统计).
    HealthTotal {
        /// The health (健康状况).
        health_status: HealthStatus
    }
}

impl Counted for PeopleTotals {
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let band = |band: AgeBand| band.word();
        let sql = format!(
            "SELECT code, band, sex, ethnic_group, labour_capacity, health, count(*) FROM \
             (SELECT f.code, p.sex, p.ethnic_group, p.labour_capacity, p.health, \
             CASE WHEN p.birth_date > $3 THEN '{}' WHEN p.birth_date > $4 THEN '{}' \
             WHEN p.birth_date > $5 THEN '{}' ELSE '{}' END AS band \
             FROM (SELECT x.code AS code, h.id AS id {}) f JOIN person p ON p.household_id = f.id \
             AND p.valid_from <= $2 AND (p.valid_to IS NULL OR p.valid_to > $2)) g \
             GROUP BY code, band, sex, ethnic_group, labour_capacity, health",
            band(AgeBand::UnderSix),
            band(AgeBand::SixToFifteen),
            band(AgeBand::SixteenToFiftyNine),
            band(AgeBand::SixtyAndOver),
            on_file(&asked.only("x.code")),
        );
        let born = |age| Param::Day(years_before(asked.to, age));
        let days = [Param::Day(asked.to), born(6), born(16), born(60)];
        vec![asked.statement(sql, &days)]
    }

    fn add(&mut self, _: usize, row: &Row) -> Result<(), BadCell> {
        let persons = number(row, 6)?;
        AgeBandTotal::add(&mut self.by_age_band, word(row, 1)?, persons);
        SexTotal::add(&mut self.by_sex, word(row, 2)?, persons);
        EthnicGroupTotal::add(&mut self.by_ethnic_group, word(row, 3)?, persons);
        LabourCapacityTotal::add(&mut self.by_labour_capacity, word(row, 4)?, persons);
        HealthTotal::add(&mut self.by_health, word(row, 5)?, persons);
        Ok(())
    }
}

/// The day on which who is `years` old today was born; of a leap day, the day before.
fn years_before(day: Date, years: i32) -> Date {
    let year = day.year() - years;
    day.replace_year(year)
        .or_else(|_| day.replace_day(28).and_then(|day| day.replace_year(year)))
        .unwrap_or(Date::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_birthday_of_a_leap_day_comes_before_its_end() {
        assert_eq!(
            years_before(date!(2018 - 12 - 31), 6),
            date!(2012 - 12 - 31)
        );
        assert_eq!(
            years_before(date!(2020 - 02 - 29), 6),
            date!(2014 - 02 - 28)
        );
    }
}
