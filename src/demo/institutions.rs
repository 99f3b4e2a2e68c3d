//! Schools, hospitals, banks and insurers of the demonstration. All are made up, with codes that tokens may name:
//!
//! | Code | Institution |
//! |---|---|
//! | `21` + county (6) + 01, 02, .. | the primary school of each township of the demonstration, by township code |
//! | `21` + county + 51, 61, 71, 81 | kindergarten, junior, senior high and vocational high school of the county seat |
//! | `2115090091`, `2115090092` | vocational college and university of 乌兰察布 |
//! | `H` + county + 00001 | hospital of the county |
//! | `H` + county + 00101, 00102, .. | hospital of each township of the demonstration |
//! | `H15090000001`, `H15010000001` | hospitals of the city and of the region |
//! | `91` + county + `MA0QYH001`, `MA0QYH002` + check character | credit cooperative and commercial bank of the county: `91150921MA0QYH0012`, `91150921MA0QYH0025` in 卓资县, `91150922MA0QYH001G`, `91150922MA0QYH002K` in 化德县 |
//! | `91150900MA0QYH101A`, `91150900MA0QYH102D` | insurers: critical illness, supplementary |
//!
//! The county is 150921, 150922 or another one of the demonstration.

use crate::identifiers::CreditCode;
use entity::{
    codes::{HospitalLevel, InstitutionKind, SchoolKind, StudentStage},
    region_code::RegionCode,
};
use std::collections::HashMap;

/// The insurer of critical illness.
pub const CRITICAL_ILLNESS_INSURER: &str = "91150900MA0QYH101A";
/// The insurer of the supplementary insurance.
pub const SUPPLEMENTARY_INSURER: &str = "91150900MA0QYH102D";

/// The city of both counties, and the seat of the region above it.
const CITY: i64 = 150_900_000_000;
const CAPITAL: i64 = 150_100_000_000;

/// An institution and what it is for.
#[derive(Clone, Debug)]
pub struct Institution {
    pub code: String,
    pub kind: InstitutionKind,
    pub name: String,
    /// Where it stands: whoever lives in this region uses it.
    pub region: i64,
    pub hospital_level: Option<HospitalLevel>,
    /// The stages that a school teaches.
    pub stages: &'static [StudentStage],
}

/// All institutions.
#[derive(Clone, Debug)]
pub struct Institutions {
    all: Vec<Institution>,
    /// Their places in the list by the region where they stand: a handful in each.
    by_region: HashMap<i64, Vec<usize>>,
}

/// A school, and whether its pupils count as going to school in the county seat.
#[derive(Clone, Copy, Debug)]
pub struct School<'a> {
    pub code: &'a str,
    pub county_seat: bool,
}

impl Institution {
    /// The kind of a school, by its first stage.
    pub fn school_kind(&self) -> Option<SchoolKind> {
        use StudentStage::{
            HigherVocational, Junior, Preschool, Primary, SeniorHigh, Undergraduate,
        };
        Some(match self.stages.first()? {
            Preschool => SchoolKind::Kindergarten,
            Primary => SchoolKind::Primary,
            Junior => SchoolKind::Junior,
            SeniorHigh => SchoolKind::SeniorHigh,
            HigherVocational => SchoolKind::College,
            Undergraduate => SchoolKind::University,
            _ => SchoolKind::Vocational,
        })
    }
}

impl Institutions {
    /// The institutions of counties and their townships, each with its name.
    pub fn around(counties: &[(RegionCode, &str)], townships: &[(RegionCode, &str)]) -> Self {
        let mut all = Vec::new();
        for (county, name) in counties {
            of_county(&mut all, *county, name);
            let inside = townships.iter().filter(|(code, _)| county.contains(*code));
            for ((township, name), number) in inside.zip(1..) {
                of_township(&mut all, *county, *township, name, number);
            }
        }
        of_city(&mut all);
        let mut by_region: HashMap<i64, Vec<usize>> = HashMap::new();
        for (place, one) in all.iter().enumerate() {
            by_region.entry(one.region).or_default().push(place);
        }
        Institutions { all, by_region }
    }

    /// All of them.
    pub fn all(&self) -> &[Institution] {
        &self.all
    }

    /// The nearest school that teaches a stage; students of the university and the college go to the city.
    pub fn school(&self, stage: StudentStage, village: RegionCode) -> Option<School<'_>> {
        let teaching = |school: &&Institution| school.stages.contains(&stage);
        let school = self.nearest(village, teaching)?;
        let county = village.county().map(|county| county * 1_000_000);
        Some(School {
            code: &school.code,
            county_seat: Some(school.region) == county,
        })
    }

    /// The nearest hospital of a level.
    pub fn hospital(&self, level: HospitalLevel, village: RegionCode) -> Option<&str> {
        self.nearest(village, |hospital| hospital.hospital_level == Some(level))
            .map(|hospital| hospital.code.as_str())
    }

    /// The banks of the county of a village.
    pub fn banks(&self, village: RegionCode) -> Vec<&str> {
        let county = village.county().map(|county| county * 1_000_000);
        self.standing_in(county.unwrap_or_default())
            .filter(|one| one.kind == InstitutionKind::Bank)
            .map(|bank| bank.code.as_str())
            .collect()
    }

    /// The one that stands nearest: in the township, in the county, in the city, in the capital.
    fn nearest(
        &self,
        village: RegionCode,
        fits: impl Fn(&&Institution) -> bool,
    ) -> Option<&Institution> {
        // A few families are on file in a township, not in a village.
        let around = std::iter::successors(Some(village), |region| region.parent());
        let around = around.take_while(|region| region.county().is_some());
        around
            .map(RegionCode::get)
            .chain([CITY, CAPITAL])
            .find_map(|region| self.standing_in(region).find(&fits))
    }

    fn standing_in(&self, region: i64) -> impl Iterator<Item = &Institution> {
        let places = self.by_region.get(&region).into_iter().flatten();
        places.filter_map(|place| self.all.get(*place))
    }
}

fn of_county(all: &mut Vec<Institution>, county: RegionCode, name: &str) {
    use StudentStage::{
        Junior, Preschool, PreschoolFinalYear, SecondaryVocational, SeniorHigh, TechnicalSchool,
        VocationalHigh,
    };
    let digits = county.get() / 1_000_000;
    let schools: [(u8, &str, &'static [StudentStage]); 4] = [
        (51, "第一幼儿园", &[Preschool, PreschoolFinalYear]),
        (61, "初级中学", &[Junior]),
        (71, "高级中学", &[SeniorHigh]),
        (
            81,
            "职业中学",
            &[VocationalHigh, SecondaryVocational, TechnicalSchool],
        ),
    ];
    for (number, kind, stages) in schools {
        all.push(school(
            format!("21{digits}{number}"),
            format!("{name}{kind}"),
            county.get(),
            stages,
        ));
    }
    let level = HospitalLevel::County;
    all.push(hospital(
        format!("H{digits}00001"),
        format!("{name}人民医院"),
        county.get(),
        level,
    ));
    for (number, kind) in [(1, "农村信用合作联社"), (2, "惠民村镇银行")] {
        let code = CreditCode::with_body(&format!("91{digits}MA0QYH{number:03}"));
        all.extend(code.map(|code| {
            firm(
                InstitutionKind::Bank,
                code.as_str(),
                format!("{name}{kind}"),
                county.get(),
            )
        }));
    }
}

fn of_township(
    all: &mut Vec<Institution>,
    county: RegionCode,
    township: RegionCode,
    name: &str,
    number: u8,
) {
    let digits = county.get() / 1_000_000;
    all.push(school(
        format!("21{digits}{number:02}"),
        format!("{name}中心小学"),
        township.get(),
        &[StudentStage::Primary],
    ));
    all.push(hospital(
        format!("H{digits}001{number:02}"),
        format!("{name}卫生院"),
        township.get(),
        HospitalLevel::Township,
    ));
}

fn of_city(all: &mut Vec<Institution>) {
    use StudentStage::{HigherVocational, JuniorCollege, Undergraduate};
    all.push(school(
        "2115090091".to_owned(),
        "乌兰察布职业技术学校".to_owned(),
        CITY,
        &[HigherVocational, JuniorCollege],
    ));
    all.push(school(
        "2115090092".to_owned(),
        "乌兰察布学院".to_owned(),
        CITY,
        &[Undergraduate],
    ));
    let (city, region) = (HospitalLevel::City, HospitalLevel::Province);
    all.push(hospital(
        "H15090000001".to_owned(),
        "乌兰察布市第一医院".to_owned(),
        CITY,
        city,
    ));
    all.push(hospital(
        "H15010000001".to_owned(),
        "自治区第一医院".to_owned(),
        CAPITAL,
        region,
    ));
    let insurers = [
        (CRITICAL_ILLNESS_INSURER, "草原大病保险公司"),
        (SUPPLEMENTARY_INSURER, "草原补充医疗保险公司"),
    ];
    for (code, name) in insurers {
        all.push(firm(InstitutionKind::Insurer, code, name.to_owned(), CITY));
    }
}

fn school(code: String, name: String, region: i64, stages: &'static [StudentStage]) -> Institution {
    Institution {
        code,
        kind: InstitutionKind::School,
        name,
        region,
        hospital_level: None,
        stages,
    }
}

fn hospital(code: String, name: String, region: i64, level: HospitalLevel) -> Institution {
    Institution {
        code,
        kind: InstitutionKind::Hospital,
        name,
        region,
        hospital_level: Some(level),
        stages: &[],
    }
}

fn firm(kind: InstitutionKind, code: &str, name: String, region: i64) -> Institution {
    Institution {
        code: code.to_owned(),
        kind,
        name,
        region,
        hospital_level: None,
        stages: &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::CreditCode;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_distinct_and_those_of_firms_valid() {
        let code = |text| RegionCode::parse(text).expect("a region");
        let institutions = Institutions::around(
            &[(code("150921"), "卓资县"), (code("150922"), "化德县")],
            &[
                (code("150921107"), "旗下营镇"),
                (code("150922104"), "朝阳镇"),
            ],
        );
        let codes: BTreeSet<_> = institutions.all().iter().map(|one| &one.code).collect();
        assert_eq!(codes.len(), institutions.all().len());
        let firms = [InstitutionKind::Bank, InstitutionKind::Insurer];
        for firm in institutions
            .all()
            .iter()
            .filter(|one| firms.contains(&one.kind))
        {
            assert!(CreditCode::parse(&firm.code).is_ok(), "{}", firm.code);
        }
        let village = code("150921107201");
        let primary = institutions
            .school(StudentStage::Primary, village)
            .expect("a school");
        assert_eq!((primary.code, primary.county_seat), ("2115092101", false));
        let junior = institutions
            .school(StudentStage::Junior, village)
            .expect("a school");
        assert_eq!((junior.code, junior.county_seat), ("2115092161", true));
        assert_eq!(
            institutions.hospital(HospitalLevel::City, village),
            Some("H15090000001")
        );
        assert_eq!(
            institutions.banks(village),
            ["91150921MA0QYH0012", "91150921MA0QYH0025"]
        );
    }
}
