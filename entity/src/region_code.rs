//! Codes of administrative regions.
//!
//! A code has 12 digits, 2 + 2 + 2 + 3 + 3: province, prefecture, county
//! (GB/T 2260), township (GB/T 10114) and village (list of the statistics
//! bureau). Trailing zeros make the code of a higher level. Because the code is
//! kept as an integer, everything below a region is one range of integers: a
//! department's scope is two comparisons that an index answers.
//!
//! Whether a code exists is the table's business, not this type's: codes of
//! abolished regions live on in old records.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const LOWEST: i64 = 100_000_000_000;
const HIGHEST: i64 = 999_999_999_999;

/// Code of an administrative region: 12 digits as an integer, the first not 0.
///
/// Ordered as the digits are, so a region comes before what lies in it. Serde
/// reads what [`RegionCode::parse`] reads and writes the 12 digits as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegionCode(i64);

/// Level of a region, the widest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RegionLevel {
    /// 省, 自治区 or a city under the central government.
    Province,
    /// 市, 盟 or 州.
    Prefecture,
    /// 县, 区, 县级市 or 旗.
    County,
    /// 乡, 镇, 街道 or 苏木.
    Township,
    /// 村, 嘎查 or 社区.
    Village,
}

/// Why a text or a number is not a region code. Never repeats the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionCodeError {
    /// Something other than the digits 0 to 9, blanks and signs included.
    NotDigits,
    /// Digits only, but not 2, 4, 6, 9 or 12 of them.
    Length {
        /// How many digits there were.
        digits: usize,
    },
    /// The first digit is 0, or the number has not 12 digits.
    OutOfRange,
}

impl RegionCode {
    /// Reads the 2, 4, 6, 9 or 12 digits of a code and fills it up with zeros:
    /// `1509` is the prefecture `150900000000`. ASCII digits only.
    pub fn parse(text: &str) -> Result<Self, RegionCodeError> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(RegionCodeError::NotDigits);
        }
        let level = RegionLevel::ALL
            .into_iter()
            .find(|level| level.digits() == text.len())
            .ok_or(RegionCodeError::Length { digits: text.len() })?;
        let written = text
            .bytes()
            .fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
        Self::try_from(written * level.span())
    }

    /// The 12 digits as an integer, the form the database keeps.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The level of the last group that is not all zeros.
    pub const fn level(self) -> RegionLevel {
        if self.0 % RegionLevel::Province.span() == 0 {
            RegionLevel::Province
        } else if self.0 % RegionLevel::Prefecture.span() == 0 {
            RegionLevel::Prefecture
        } else if self.0 % RegionLevel::County.span() == 0 {
            RegionLevel::County
        } else if self.0 % RegionLevel::Township.span() == 0 {
            RegionLevel::Township
        } else {
            RegionLevel::Village
        }
    }

    /// The code with its last non-zero group set to zero; none for a province.
    ///
    /// A township of a city without counties (东莞, 441900003) has the city as
    /// its parent, two levels up.
    pub const fn parent(self) -> Option<Self> {
        let above = match self.level() {
            RegionLevel::Province => return None,
            RegionLevel::Prefecture => RegionLevel::Province,
            RegionLevel::County => RegionLevel::Prefecture,
            RegionLevel::Township => RegionLevel::County,
            RegionLevel::Village => RegionLevel::Township,
        };
        Some(Self(self.0 - self.0 % above.span()))
    }

    /// First and last code of the region and everything below it, both inclusive.
    pub const fn range(self) -> (i64, i64) {
        (self.0, self.0 + self.level().span() - 1)
    }

    /// Whether `other` is this region or lies in it.
    pub const fn contains(self, other: Self) -> bool {
        let (low, high) = self.range();
        low <= other.0 && other.0 <= high
    }

    /// The first six digits from the county level downwards; none above it.
    ///
    /// The same number as the database's generated column `county_code` has.
    /// For a township of a city without counties it is the city, ending in 00.
    pub const fn county(self) -> Option<i64> {
        match self.level() {
            RegionLevel::Province | RegionLevel::Prefecture => None,
            RegionLevel::County | RegionLevel::Township | RegionLevel::Village => {
                Some(self.0 / RegionLevel::County.span())
            }
        }
    }
}

impl RegionLevel {
    /// All levels, the widest first.
    pub const ALL: [Self; 5] = [
        Self::Province,
        Self::Prefecture,
        Self::County,
        Self::Township,
        Self::Village,
    ];

    /// The word the interface uses, such as `COUNTY`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Province => "PROVINCE",
            Self::Prefecture => "PREFECTURE",
            Self::County => "COUNTY",
            Self::Township => "TOWNSHIP",
            Self::Village => "VILLAGE",
        }
    }

    /// How many leading digits of a code say which region of this level it is.
    pub const fn digits(self) -> usize {
        match self {
            Self::Province => 2,
            Self::Prefecture => 4,
            Self::County => 6,
            Self::Township => 9,
            Self::Village => 12,
        }
    }

    /// How many codes a region of this level spans, itself included.
    const fn span(self) -> i64 {
        match self {
            Self::Province => 10_000_000_000,
            Self::Prefecture => 100_000_000,
            Self::County => 1_000_000,
            Self::Township => 1_000,
            Self::Village => 1,
        }
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // All 12 digits without padding: the first is never 0.
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl FromStr for RegionCode {
    type Err = RegionCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<i64> for RegionCode {
    type Error = RegionCodeError;

    /// Takes the 12 digits as the database keeps them.
    fn try_from(value: i64) -> Result<Self, Self::Error> {
        if (LOWEST..=HIGHEST).contains(&value) {
            Ok(Self(value))
        } else {
            Err(RegionCodeError::OutOfRange)
        }
    }
}

impl TryFrom<String> for RegionCode {
    type Error = RegionCodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<RegionCode> for i64 {
    fn from(code: RegionCode) -> Self {
        code.0
    }
}

impl From<RegionCode> for String {
    fn from(code: RegionCode) -> Self {
        code.to_string()
    }
}

impl fmt::Display for RegionLevel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Display for RegionCodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDigits => formatter.write_str("a region code has digits only"),
            Self::Length { digits } => write!(
                formatter,
                "a region code has 2, 4, 6, 9 or 12 digits, not {digits}"
            ),
            Self::OutOfRange => {
                formatter.write_str("a region code lies between 100000000000 and 999999999999")
            }
        }
    }
}

impl Error for RegionCodeError {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const REGIONS: &str = include_str!("../../data/regions/regions.tsv");
    const ABOLISHED: &str = include_str!("../../data/regions/abolished.tsv");

    fn code(text: &str) -> RegionCode {
        RegionCode::parse(text).unwrap()
    }

    fn rows(file: &'static str) -> Vec<Vec<&'static str>> {
        file.lines()
            .skip(1)
            .map(|line| line.split('\t').collect())
            .collect()
    }

    fn regions() -> BTreeMap<RegionCode, &'static str> {
        rows(REGIONS)
            .into_iter()
            .map(|row| (code(row[0]), row[1]))
            .collect()
    }

    #[test]
    fn parse_fills_up_with_zeros() {
        for (text, value, level) in [
            ("15", 150_000_000_000, RegionLevel::Province),
            ("1509", 150_900_000_000, RegionLevel::Prefecture),
            ("150921", 150_921_000_000, RegionLevel::County),
            ("150921100", 150_921_100_000, RegionLevel::Township),
            ("150921100201", 150_921_100_201, RegionLevel::Village),
            ("150921000000", 150_921_000_000, RegionLevel::County),
            ("1500", 150_000_000_000, RegionLevel::Province),
            ("441900003", 441_900_003_000, RegionLevel::Township),
            ("10", LOWEST, RegionLevel::Province),
            ("999999999999", HIGHEST, RegionLevel::Village),
        ] {
            let parsed = code(text);
            assert_eq!(parsed.get(), value, "{text}");
            assert_eq!(parsed.level(), level, "{text}");
            assert_eq!(parsed.to_string(), value.to_string());
            assert_eq!(parsed.to_string().len(), 12);
            assert_eq!(text.parse(), Ok(parsed));
            assert_eq!(RegionCode::try_from(value), Ok(parsed));
        }
    }

    #[test]
    fn parse_refuses_everything_else() {
        for digits in (0..40).filter(|digits| ![2, 4, 6, 9, 12].contains(digits)) {
            assert_eq!(
                RegionCode::parse(&"1".repeat(digits)),
                Err(RegionCodeError::Length { digits })
            );
        }
        for text in [
            " 15",
            "15 ",
            "+5",
            "-1",
            "1x",
            "１５",
            "15\0\0",
            "内蒙古自",
            "15.0",
            "0x15",
        ] {
            assert_eq!(
                RegionCode::parse(text),
                Err(RegionCodeError::NotDigits),
                "{text}"
            );
        }
        for text in ["00", "0150", "000000", "000000001", "099999999999"] {
            assert_eq!(
                RegionCode::parse(text),
                Err(RegionCodeError::OutOfRange),
                "{text}"
            );
        }
        for value in [i64::MIN, -1, 0, LOWEST - 1, HIGHEST + 1, i64::MAX] {
            assert_eq!(
                RegionCode::try_from(value),
                Err(RegionCodeError::OutOfRange)
            );
        }
    }

    #[test]
    fn serde_reads_text_and_refuses_the_rest() {
        use serde::de::value::{Error, StrDeserializer};

        let read = |text| RegionCode::deserialize(StrDeserializer::<Error>::new(text));
        assert_eq!(read("1509"), Ok(code("1509")));
        assert_eq!(
            read("15090").unwrap_err().to_string(),
            "a region code has 2, 4, 6, 9 or 12 digits, not 5"
        );
        assert_eq!(String::from(code("1509")), "150900000000");
    }

    #[test]
    fn parents_of_a_village() {
        let mut chain = vec![code("150921100201")];
        while let Some(parent) = chain[chain.len() - 1].parent() {
            chain.push(parent);
        }
        let chain: Vec<i64> = chain.into_iter().map(RegionCode::get).collect();
        assert_eq!(
            chain,
            [
                150_921_100_201,
                150_921_100_000,
                150_921_000_000,
                150_900_000_000,
                150_000_000_000
            ]
        );
    }

    #[test]
    fn city_without_counties_is_parent_of_its_townships() {
        let township = code("441900003");
        assert_eq!(township.parent(), Some(code("4419")));
        assert_eq!(township.county(), Some(441_900));
        assert_eq!(code("4419").county(), None);
        assert!(code("4419").contains(township));
    }

    #[test]
    fn range_is_inclusive() {
        for (text, low, high) in [
            ("15", 150_000_000_000, 159_999_999_999),
            ("1509", 150_900_000_000, 150_999_999_999),
            ("150921", 150_921_000_000, 150_921_999_999),
            ("150921100", 150_921_100_000, 150_921_100_999),
            ("150921100201", 150_921_100_201, 150_921_100_201),
            ("99", 990_000_000_000, HIGHEST),
        ] {
            assert_eq!(code(text).range(), (low, high), "{text}");
        }
    }

    #[test]
    fn contains_itself_and_what_lies_below() {
        let county = code("150921");
        assert!(county.contains(county));
        assert!(county.contains(code("150921100")));
        assert!(county.contains(code("150921999999")));
        assert!(!county.contains(code("150920999999")));
        assert!(!county.contains(code("150922")));
        assert!(!county.contains(code("1509")));
        assert!(!code("150921100201").contains(code("150921100202")));
    }

    #[test]
    fn county_is_the_first_six_digits() {
        assert_eq!(code("15").county(), None);
        assert_eq!(code("1509").county(), None);
        assert_eq!(code("150921").county(), Some(150_921));
        assert_eq!(code("150921100").county(), Some(150_921));
        assert_eq!(code("150921100201").county(), Some(150_921));
    }

    /// Every combination of an empty, lowest and highest value in each group,
    /// against the rules said with digits of text instead of arithmetic.
    #[test]
    fn arithmetic_agrees_with_the_digits() {
        let pairs = ["00", "01", "10", "99"];
        let triples = ["000", "001", "100", "999"];
        let mut all = Vec::new();
        for province in ["10", "15", "99"] {
            for prefecture in pairs {
                for county in pairs {
                    for township in triples {
                        for village in triples {
                            all.push([province, prefecture, county, township, village].concat());
                        }
                    }
                }
            }
        }
        assert_eq!(all.len(), 768);

        for text in &all {
            let region = code(text);
            assert_eq!(&region.to_string(), text);
            assert_eq!(region.level(), level_by_digits(text));
            assert_eq!(
                region.parent().map(|parent| parent.to_string()),
                parent_by_digits(text)
            );
            let (low, high) = region.range();
            assert_eq!((low, low <= high), (region.get(), true));
            if let Some(parent) = region.parent() {
                assert!(parent.level() < region.level());
                assert!(parent.contains(region) && !region.contains(parent));
                assert!(parent.range().0 < low && high <= parent.range().1);
            }
            let prefix = &text[..region.level().digits()];
            for other in &all {
                assert_eq!(region.contains(code(other)), other.starts_with(prefix));
            }
        }
    }

    fn level_by_digits(text: &str) -> RegionLevel {
        RegionLevel::ALL
            .into_iter()
            .find(|level| text[level.digits()..].bytes().all(|digit| digit == b'0'))
            .unwrap()
    }

    fn parent_by_digits(text: &str) -> Option<String> {
        let kept = match level_by_digits(text) {
            RegionLevel::Province => return None,
            RegionLevel::Prefecture => 2,
            RegionLevel::County => 4,
            RegionLevel::Township => 6,
            RegionLevel::Village => 9,
        };
        Some(format!("{:0<12}", &text[..kept]))
    }

    #[test]
    fn levels_go_from_wide_to_narrow() {
        assert!(RegionLevel::ALL.is_sorted());
        assert_eq!(
            RegionLevel::ALL.map(|level| level.to_string()),
            ["PROVINCE", "PREFECTURE", "COUNTY", "TOWNSHIP", "VILLAGE"]
        );
    }

    #[test]
    fn file_is_sorted_unique_and_complete() {
        assert_eq!(REGIONS.lines().next(), Some("code\tname"));
        let listed = rows(REGIONS);
        assert!(
            listed
                .iter()
                .all(|row| row.len() == 2 && row[0].len() == 12)
        );
        assert!(
            listed
                .iter()
                .all(|row| row[1].trim() == row[1] && !row[1].is_empty())
        );
        assert!(listed.windows(2).all(|pair| pair[0][0] < pair[1][0]));

        let count = |level| {
            regions()
                .keys()
                .filter(|code| code.level() == level)
                .count()
        };
        assert_eq!(RegionLevel::ALL.map(count), [31, 342, 2975, 110, 1517]);
    }

    #[test]
    fn every_region_has_its_parent_in_the_file() {
        let regions = regions();
        let orphans: Vec<RegionCode> = regions
            .keys()
            .copied()
            .filter(|code| {
                code.parent()
                    .is_some_and(|parent| !regions.contains_key(&parent))
            })
            .collect();
        assert_eq!(orphans, []);
    }

    #[test]
    fn townships_and_villages_are_those_of_ulanqab() {
        let ulanqab = code("1509");
        assert!(
            regions()
                .keys()
                .filter(|code| code.level() > RegionLevel::County)
                .all(|code| ulanqab.contains(*code))
        );
    }

    /// The places that the sources of the project name.
    #[test]
    fn file_knows_the_places_of_the_sources() {
        let regions = regions();
        for (text, name) in [
            ("1509", "乌兰察布市"),
            ("150902", "集宁区"),
            ("150921", "卓资县"),
            ("150929", "四子王旗"),
            ("150981", "丰镇市"),
            ("610703", "南郑区"),
            ("610730", "佛坪县"),
            ("621027", "镇原县"),
            ("621126", "岷县"),
            ("420581", "宜都市"),
            ("623001", "合作市"),
            ("23", "黑龙江省"),
            ("4419", "东莞市"),
        ] {
            assert_eq!(regions.get(&code(text)), Some(&name), "{text}");
        }
    }

    #[test]
    fn abolished_counties_are_gone_and_have_a_successor() {
        let regions = regions();
        assert_eq!(
            ABOLISHED.lines().next(),
            Some("code\tname\tsuccessor\tsuccessor_name\tsince")
        );
        let abolished = rows(ABOLISHED);
        assert_eq!(
            abolished,
            [["610721000000", "南郑县", "610703000000", "南郑区", "2017"]]
        );
        for row in abolished {
            assert_eq!(code(row[0]).level(), RegionLevel::County);
            assert!(!regions.contains_key(&code(row[0])));
            assert_eq!(regions.get(&code(row[2])), Some(&row[3]));
        }
    }
}
