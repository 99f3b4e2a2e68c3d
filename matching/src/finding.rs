//! How birth dates, sexes, places and relations of two records relate.

use time::Date;

/// Two months: what lies between a day by the old calendar and the new one, and the month after a leap month.
const NEAR_DAYS: i32 = 62;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    Male,
    Female,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BirthFinding {
    /// At least one side has none, or it was read from a number that is equal anyhow.
    Missing,
    Equal,
    DayMonthSwapped,
    /// One of the eight digits.
    OneDigitOff,
    /// Within two months.
    Near,
    SameYear,
    Differs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SexFinding {
    Missing,
    Equal,
    Differs,
}

/// The narrowest region that both are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlaceFinding {
    Missing,
    VillageEqual,
    TownshipEqual,
    CountyEqual,
    Differs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelationFinding {
    Missing,
    Equal,
    Differs,
}

pub fn compare_births(one: Option<Date>, other: Option<Date>) -> BirthFinding {
    let (Some(one), Some(other)) = (one, other) else {
        return BirthFinding::Missing;
    };
    if one == other {
        return BirthFinding::Equal;
    }
    let same_year = one.year() == other.year();
    let turned = (u8::from(one.month()), one.day()) == (other.day(), u8::from(other.month()));
    if same_year && turned {
        return BirthFinding::DayMonthSwapped;
    }
    if digits_off(one, other) == 1 {
        return BirthFinding::OneDigitOff;
    }
    if (one.to_julian_day() - other.to_julian_day()).abs() <= NEAR_DAYS {
        return BirthFinding::Near;
    }
    match same_year {
        true => BirthFinding::SameYear,
        false => BirthFinding::Differs,
    }
}

/// How many of the digits yyyymmdd are not the same.
fn digits_off(one: Date, other: Date) -> usize {
    let (mut one, mut other) = (number_of(one), number_of(other));
    let mut off = 0;
    while one != 0 || other != 0 {
        off += usize::from(one % 10 != other % 10);
        (one, other) = (one / 10, other / 10);
    }
    off
}

/// The date as yyyymmdd.
pub fn number_of(date: Date) -> u32 {
    date.year().unsigned_abs() * 10_000
        + u32::from(u8::from(date.month())) * 100
        + u32::from(date.day())
}

pub fn compare_sexes(one: Option<Sex>, other: Option<Sex>) -> SexFinding {
    match (one, other) {
        (Some(one), Some(other)) if one == other => SexFinding::Equal,
        (Some(_), Some(_)) => SexFinding::Differs,
        _ => SexFinding::Missing,
    }
}

/// Compares codes of twelve digits, those of townships and counties ending in zeros.
pub fn compare_places(one: Option<u64>, other: Option<u64>) -> PlaceFinding {
    let (Some(one), Some(other)) = (one, other) else {
        return PlaceFinding::Missing;
    };
    let is_village = one % 1_000 != 0;
    match () {
        () if one == other && is_village => PlaceFinding::VillageEqual,
        () if one / 1_000 == other / 1_000 && one / 1_000 % 1_000 != 0 => {
            PlaceFinding::TownshipEqual
        }
        () if one / 1_000_000 == other / 1_000_000 => PlaceFinding::CountyEqual,
        () => PlaceFinding::Differs,
    }
}

/// Compares codes of two digits (GB/T 4761); a code that ends in zero is equal to each of its group, and so are 01 and 02, the head.
pub fn compare_relations(one: Option<u8>, other: Option<u8>) -> RelationFinding {
    let (Some(one), Some(other)) = (one, other) else {
        return RelationFinding::Missing;
    };
    let (group, same_group) = (one / 10, one / 10 == other / 10);
    let is_group = one % 10 == 0 || other % 10 == 0 || group == 0;
    match one == other || (same_group && is_group) {
        true => RelationFinding::Equal,
        false => RelationFinding::Differs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn births() {
        let day = date!(1965 - 03 - 08);
        for (other, finding) in [
            (date!(1965 - 03 - 08), BirthFinding::Equal),
            (date!(1965 - 08 - 03), BirthFinding::DayMonthSwapped),
            (date!(1956 - 08 - 03), BirthFinding::Differs),
            (date!(1965 - 03 - 18), BirthFinding::OneDigitOff),
            (date!(1975 - 03 - 08), BirthFinding::OneDigitOff),
            (date!(1965 - 04 - 19), BirthFinding::Near),
            (date!(1965 - 05 - 09), BirthFinding::Near),
            (date!(1965 - 05 - 10), BirthFinding::SameYear),
            (date!(1964 - 12 - 20), BirthFinding::Differs),
        ] {
            assert_eq!(compare_births(Some(day), Some(other)), finding, "{other}");
            assert_eq!(compare_births(Some(other), Some(day)), finding, "{other}");
        }
        assert_eq!(compare_births(Some(day), None), BirthFinding::Missing);
    }

    #[test]
    fn places() {
        let village = Some(150_921_101_201);
        for (other, finding) in [
            (Some(150_921_101_201), PlaceFinding::VillageEqual),
            (Some(150_921_101_202), PlaceFinding::TownshipEqual),
            (Some(150_921_101_000), PlaceFinding::TownshipEqual),
            (Some(150_921_102_201), PlaceFinding::CountyEqual),
            (Some(150_921_000_000), PlaceFinding::CountyEqual),
            (Some(150_922_101_201), PlaceFinding::Differs),
            (None, PlaceFinding::Missing),
        ] {
            assert_eq!(compare_places(village, other), finding, "{other:?}");
            assert_eq!(compare_places(other, village), finding, "{other:?}");
        }
        let county = Some(150_921_000_000);
        assert_eq!(compare_places(county, county), PlaceFinding::CountyEqual);
    }

    #[test]
    fn relations() {
        for (one, other, finding) in [
            (1, 2, RelationFinding::Equal),
            (20, 22, RelationFinding::Equal),
            (21, 22, RelationFinding::Differs),
            (10, 20, RelationFinding::Differs),
        ] {
            assert_eq!(
                compare_relations(Some(one), Some(other)),
                finding,
                "{one} {other}"
            );
            assert_eq!(
                compare_relations(Some(other), Some(one)),
                finding,
                "{other} {one}"
            );
        }
        assert_eq!(compare_relations(None, Some(1)), RelationFinding::Missing);
    }
}
