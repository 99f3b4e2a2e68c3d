//! Why a match is what it is, for programs and for people.

use crate::{
    NameFinding, NumberFinding,
    finding::{BirthFinding, PlaceFinding, RelationFinding, SexFinding},
};

/// Something that speaks for or against a match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    pub ground: Ground,
    /// The logarithm to base 2 of the odds that it gives: above zero it speaks for the match. Zero where it only limits the grade.
    pub weight: f64,
}

/// The field, and what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ground {
    Number(NumberFinding),
    Name(NameFinding),
    BirthDate(BirthFinding),
    Sex(SexFinding),
    Place(PlaceFinding),
    Relation(RelationFinding),
    /// Another candidate is nearly as likely.
    NotAlone,
    /// The name is another's: perhaps a twin, or one whose number was given by mistake.
    AnotherName,
    /// Neither number nor birth date is nearly the same.
    NameOnly,
    /// A person has said so before.
    Decided(Decision),
}

/// What a person said of a row and a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    Same,
    Different,
}

/// A language for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    Chinese,
    English,
}

impl Ground {
    /// The word the interface uses. None where nothing was found.
    pub fn as_str(self) -> Option<&'static str> {
        self.texts().map(|(code, ..)| code)
    }

    /// A sentence for people. Places of digits and characters are counted from 1.
    ///
    /// ```
    /// use matching::{Ground, Language, NumberFinding};
    ///
    /// let ground = Ground::Number(NumberFinding::OneDigitOff { place: 16 });
    /// assert_eq!(ground.text(Language::English).as_deref(), Some("one digit of the citizen number is another (place 17)"));
    /// assert_eq!(ground.text(Language::Chinese).as_deref(), Some("身份证号有一位不同（第17位）"));
    /// ```
    pub fn text(self, language: Language) -> Option<String> {
        let (_, chinese, english) = self.texts()?;
        let place = self.place().map(|place| u32::from(place) + 1);
        Some(match (language, place) {
            (Language::Chinese, None) => chinese.to_owned(),
            (Language::English, None) => english.to_owned(),
            (Language::Chinese, Some(place)) => format!("{chinese}（第{place}位）"),
            (Language::English, Some(place)) => format!("{english} (place {place})"),
        })
    }

    /// Where the slip is, counted from 0.
    pub const fn place(self) -> Option<u8> {
        match self {
            Self::Number(
                NumberFinding::OneDigitOff { place }
                | NumberFinding::Swapped { place }
                | NumberFinding::DigitLost { place },
            )
            | Self::Name(NameFinding::OneOff { place }) => Some(place),
            _ => None,
        }
    }

    /// Code, Chinese, English.
    const fn texts(self) -> Option<(&'static str, &'static str, &'static str)> {
        match self {
            Self::Number(finding) => number_texts(finding),
            Self::Name(finding) => name_texts(finding),
            Self::BirthDate(finding) => birth_texts(finding),
            Self::Sex(finding) => match finding {
                SexFinding::Missing => None,
                SexFinding::Equal => Some(("SEX_EQUAL", "性别相同", "the sex is the same")),
                SexFinding::Differs => Some(("SEX_DIFFERS", "性别不同", "the sex is another")),
            },
            Self::Place(finding) => place_texts(finding),
            Self::Relation(finding) => match finding {
                RelationFinding::Missing => None,
                RelationFinding::Equal => Some((
                    "RELATION_EQUAL",
                    "与户主关系相同",
                    "the relation to the head is the same",
                )),
                RelationFinding::Differs => Some((
                    "RELATION_DIFFERS",
                    "与户主关系不同",
                    "the relation to the head is another",
                )),
            },
            Self::NotAlone => Some((
                "NOT_ALONE",
                "另有相近的人选",
                "another candidate is nearly as likely",
            )),
            Self::AnotherName => Some((
                "ANOTHER_NAME",
                "姓名不符，可能为他人，或误用他人号码",
                "the name is not the same: it may be somebody else, or somebody else's number",
            )),
            Self::NameOnly => Some((
                "NAME_ONLY",
                "身份证号和出生日期均无法印证",
                "neither citizen number nor birth date supports it",
            )),
            Self::Decided(Decision::Same) => Some((
                "DECIDED_SAME",
                "人工已确认为同一人",
                "a person has confirmed it",
            )),
            Self::Decided(Decision::Different) => Some((
                "DECIDED_DIFFERENT",
                "人工已确认不是同一人",
                "a person has ruled it out",
            )),
        }
    }
}

const fn number_texts(
    finding: NumberFinding,
) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match finding {
        NumberFinding::Missing => return None,
        NumberFinding::Equal => (
            "NUMBER_EQUAL",
            "身份证号相同",
            "the citizen number is the same",
        ),
        NumberFinding::ConvertedFrom15 => (
            "NUMBER_CONVERTED_FROM_15",
            "15位身份证号换算为18位后相同",
            "the citizen number is the same once 15 digits are converted",
        ),
        NumberFinding::EqualButWrong => (
            "NUMBER_EQUAL_BUT_WRONG",
            "身份证号相同，但不合规则",
            "the citizen number is the same, though it is no valid one",
        ),
        NumberFinding::OneDigitOff { .. } => (
            "NUMBER_ONE_DIGIT_OFF",
            "身份证号有一位不同",
            "one digit of the citizen number is another",
        ),
        NumberFinding::Swapped { .. } => (
            "NUMBER_SWAPPED",
            "身份证号相邻两位颠倒",
            "two neighbouring digits of the citizen number are exchanged",
        ),
        NumberFinding::DigitLost { .. } => (
            "NUMBER_DIGIT_LOST",
            "身份证号多一位或少一位",
            "the citizen number has a digit too many or too few",
        ),
        NumberFinding::TwoSlips => (
            "NUMBER_TWO_SLIPS",
            "身份证号有两处差异",
            "the citizen numbers are two slips apart",
        ),
        NumberFinding::Differs => (
            "NUMBER_DIFFERS",
            "身份证号不同",
            "the citizen numbers are not alike",
        ),
        NumberFinding::OtherPerson => (
            "NUMBER_OF_OTHER_PERSON",
            "两个身份证号均有效而不同",
            "both citizen numbers are valid, and they are different",
        ),
    })
}

const fn name_texts(finding: NameFinding) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match finding {
        NameFinding::Missing => return None,
        NameFinding::Equal => ("NAME_EQUAL", "姓名相同", "the name is the same"),
        NameFinding::Variant => (
            "NAME_VARIANT",
            "姓名仅有繁体或异体字之别",
            "the name is the same in another writing",
        ),
        NameFinding::Homophone => ("NAME_HOMOPHONE", "姓名同音", "the names sound the same"),
        NameFinding::NearHomophone => (
            "NAME_NEAR_HOMOPHONE",
            "姓名音近",
            "the names sound nearly the same",
        ),
        NameFinding::Reordered => (
            "NAME_REORDERED",
            "姓名用字相同而次序不同",
            "the name has the same characters in another order",
        ),
        NameFinding::OneOff { .. } => (
            "NAME_ONE_OFF",
            "姓名有一字不同",
            "one character of the name is another",
        ),
        NameFinding::SurnameEqual => (
            "NAME_SURNAME_EQUAL",
            "仅姓氏相同",
            "only the surname is the same",
        ),
        NameFinding::GivenEqual => (
            "NAME_GIVEN_EQUAL",
            "仅名相同",
            "only the given name is the same",
        ),
        NameFinding::Differs => ("NAME_DIFFERS", "姓名不同", "the name is another"),
    })
}

const fn birth_texts(finding: BirthFinding) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match finding {
        BirthFinding::Missing => return None,
        BirthFinding::Equal => (
            "BIRTH_DATE_EQUAL",
            "出生日期相同",
            "the birth date is the same",
        ),
        BirthFinding::DayMonthSwapped => (
            "BIRTH_DATE_SWAPPED",
            "出生月日颠倒",
            "day and month of the birth date are exchanged",
        ),
        BirthFinding::OneDigitOff => (
            "BIRTH_DATE_ONE_DIGIT_OFF",
            "出生日期有一位不同",
            "one digit of the birth date is another",
        ),
        BirthFinding::Near => (
            "BIRTH_DATE_NEAR",
            "出生日期相近，可能为农历与公历之差",
            "the birth dates are near: one may be by the old calendar",
        ),
        BirthFinding::SameYear => (
            "BIRTH_YEAR_EQUAL",
            "仅出生年份相同",
            "only the year of birth is the same",
        ),
        BirthFinding::Differs => (
            "BIRTH_DATE_DIFFERS",
            "出生日期不同",
            "the birth date is another",
        ),
    })
}

const fn place_texts(finding: PlaceFinding) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match finding {
        PlaceFinding::Missing => return None,
        PlaceFinding::VillageEqual => ("VILLAGE_EQUAL", "同村", "the village is the same"),
        PlaceFinding::TownshipEqual => ("TOWNSHIP_EQUAL", "同乡镇", "the township is the same"),
        PlaceFinding::CountyEqual => ("COUNTY_EQUAL", "同县", "the county is the same"),
        PlaceFinding::Differs => ("PLACE_DIFFERS", "不同县", "the county is another"),
    })
}
