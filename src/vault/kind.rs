//! What sorts of values are sensitive, how each is written, and what may be shown of it.

use std::{fmt, ops::RangeInclusive};

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::Secret;
use crate::identifiers::{
    BankCardNumber, CitizenNumber, DisabilityCertificate, normalise_citizen_number,
};

/// A sort of sensitive value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Citizen number (公民身份号码).
    CitizenNumber,
    /// Number of a disability certificate (残疾人证号), which begins with the citizen number.
    DisabilityCertificate,
    /// Bank card number (银行卡号).
    BankCard,
    /// Phone number (电话).
    Phone,
    /// Diagnosis (诊断), an ICD-10 code.
    Diagnosis,
}

impl Kind {
    /// All kinds, in the order of their declaration.
    pub const ALL: [Kind; 5] = [
        Kind::CitizenNumber,
        Kind::DisabilityCertificate,
        Kind::BankCard,
        Kind::Phone,
        Kind::Diagnosis,
    ];

    /// The word that separates the blind indexes of the kinds. It must never change: all indexes stand on it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::CitizenNumber => "citizen number",
            Kind::DisabilityCertificate => "disability certificate",
            Kind::BankCard => "bank card",
            Kind::Phone => "phone",
            Kind::Diagnosis => "diagnosis",
        }
    }

    /// The one way to write a value of this kind, valid or not; writing it so twice changes nothing.
    pub fn normalise(self, text: &str) -> Secret {
        match self {
            Kind::CitizenNumber => normalise_citizen_number(text),
            Kind::DisabilityCertificate | Kind::BankCard | Kind::Diagnosis => narrow(text),
            Kind::Phone => {
                let number = narrow(text);
                // The country, in front of a mobile number only: +86 138...
                let home = number
                    .trim_start_matches('+')
                    .trim_start_matches("0086")
                    .trim_start_matches("86");
                match is_mobile(home) {
                    true => Zeroizing::new(home.to_owned()),
                    false => number,
                }
            }
        }
    }

    /// What may be shown of a value written the one way.
    fn mask(self, text: &str) -> String {
        match self {
            Kind::CitizenNumber | Kind::DisabilityCertificate => shown(text, 1, 0),
            Kind::BankCard => shown(text, 0, 4),
            Kind::Phone => shown(text, 3, 4),
            Kind::Diagnosis => chapter(text).unwrap_or("*").to_owned(),
        }
    }
}

/// A value that must not be seen: it is sealed by [`super::Vault`] and prints as its mask.
pub trait Sensitive {
    /// What sort of value.
    fn kind(&self) -> Kind;

    /// The text, in the one way to write it. Whoever calls this answers for where it goes.
    fn reveal(&self) -> &str;

    /// What may be shown.
    fn masked(&self) -> String;
}

impl Sensitive for CitizenNumber {
    fn kind(&self) -> Kind {
        Kind::CitizenNumber
    }

    fn reveal(&self) -> &str {
        CitizenNumber::reveal(self)
    }

    fn masked(&self) -> String {
        CitizenNumber::masked(self)
    }
}

impl Sensitive for DisabilityCertificate {
    fn kind(&self) -> Kind {
        Kind::DisabilityCertificate
    }

    fn reveal(&self) -> &str {
        DisabilityCertificate::reveal(self)
    }

    fn masked(&self) -> String {
        DisabilityCertificate::masked(self)
    }
}

impl Sensitive for BankCardNumber {
    fn kind(&self) -> Kind {
        Kind::BankCard
    }

    fn reveal(&self) -> &str {
        BankCardNumber::reveal(self)
    }

    fn masked(&self) -> String {
        BankCardNumber::masked(self)
    }
}

/// A sensitive value as somebody gave it or as it was opened, valid or not; another agency's wrong number is on record
/// with its fault, and is as sensitive as a right one.
#[derive(Clone, PartialEq, Eq)]
pub struct SensitiveText {
    kind: Kind,
    text: Secret,
}

impl SensitiveText {
    /// The value, in the one way to write it.
    pub fn new(kind: Kind, text: &str) -> Self {
        SensitiveText {
            kind,
            text: kind.normalise(text),
        }
    }
}

impl Sensitive for SensitiveText {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn reveal(&self) -> &str {
        &self.text
    }

    fn masked(&self) -> String {
        self.kind.mask(&self.text)
    }
}

impl fmt::Debug for SensitiveText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({})", self.kind, self.masked())
    }
}

impl fmt::Display for SensitiveText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.masked())
    }
}

impl Serialize for SensitiveText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}

/// A text is not a value of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableValue {
    /// Neither a mobile number nor a number of the fixed network.
    #[error(
        "a phone number is a mobile number of 11 digits or a number of the fixed network with 7 to 12 digits"
    )]
    Phone,
    /// Not an ICD-10 code.
    #[error("a diagnosis is an ICD-10 code such as C34.9")]
    Diagnosis,
}

macro_rules! sensitive_newtype {
    ($(#[$doc:meta])* $name:ident, $kind:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub struct $name(SensitiveText);

        impl Sensitive for $name {
            fn kind(&self) -> Kind {
                $kind
            }

            fn reveal(&self) -> &str {
                self.0.reveal()
            }

            fn masked(&self) -> String {
                self.0.masked()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.masked())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

sensitive_newtype!(
    /// A phone number, mobile or fixed. Shows three digits in front and four behind.
    PhoneNumber,
    Kind::Phone
);

sensitive_newtype!(
    /// A diagnosis as an ICD-10 code. Shows the chapter only.
    Diagnosis,
    Kind::Diagnosis
);

impl PhoneNumber {
    /// Reads a number; blanks, hyphens and the code of the country are left out.
    pub fn parse(text: &str) -> Result<Self, UnreadableValue> {
        let number = SensitiveText::new(Kind::Phone, text);
        let digits = number.reveal();
        let fixed =
            (7..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        // Eleven digits that begin with 1 are a mobile number or nothing.
        let mobile_like = digits.len() == 11 && digits.starts_with('1');
        match is_mobile(digits) || (fixed && !mobile_like) {
            true => Ok(PhoneNumber(number)),
            false => Err(UnreadableValue::Phone),
        }
    }
}

impl Diagnosis {
    /// Reads a code, in the national or the international edition. The chapter that its mask shows is none.
    pub fn parse(text: &str) -> Result<Self, UnreadableValue> {
        let code = SensitiveText::new(Kind::Diagnosis, text);
        if CHAPTERS
            .iter()
            .any(|(_, name)| narrow(name).as_str() == code.reveal())
        {
            return Err(UnreadableValue::Diagnosis);
        }
        let plausible = code.reveal().len() <= 16
            && code
                .reveal()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".+*/".contains(&byte))
            && chapter(code.reveal()).is_some();
        match plausible {
            true => Ok(Diagnosis(code)),
            false => Err(UnreadableValue::Diagnosis),
        }
    }

    /// The category, the first three characters: what lists of diseases are written in.
    pub fn category(&self) -> &str {
        self.reveal().get(..3).unwrap_or_default()
    }
}

/// Full-width characters to ASCII, letters to capitals, blanks and hyphens out.
fn narrow(text: &str) -> Secret {
    // Room for everything at once, so that no shorter copy is left behind in memory.
    let mut narrow = Zeroizing::new(String::with_capacity(text.len()));
    for letter in text.chars() {
        let letter = match letter {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
            letter => letter,
        };
        let separator =
            letter.is_whitespace() || matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{feff}');
        if !separator {
            narrow.push(letter.to_ascii_uppercase());
        }
    }
    narrow
}

fn is_mobile(number: &str) -> bool {
    let digits = number.as_bytes();
    digits.len() == 11
        && digits.iter().all(u8::is_ascii_digit)
        && digits[0] == b'1'
        && (b'3'..=b'9').contains(&digits[1])
}

/// Stars, except for `front` characters in front and `back` behind; all stars when that would show more than half.
fn shown(text: &str, front: usize, back: usize) -> String {
    let length = text.chars().count();
    let (front, back) = match (front + back) * 3 <= length * 2 {
        true => (front, back),
        false => (0, 0),
    };
    text.chars()
        .enumerate()
        .map(|(place, letter)| {
            if place < front || place >= length - back {
                letter
            } else {
                '*'
            }
        })
        .collect()
}

/// The chapters of ICD-10, by their first and last category.
const CHAPTERS: [(RangeInclusive<&str>, &str); 22] = [
    ("A00"..="B99", "A00-B99"),
    ("C00"..="D48", "C00-D48"),
    ("D50"..="D89", "D50-D89"),
    ("E00"..="E90", "E00-E90"),
    ("F00"..="F99", "F00-F99"),
    ("G00"..="G99", "G00-G99"),
    ("H00"..="H59", "H00-H59"),
    ("H60"..="H95", "H60-H95"),
    ("I00"..="I99", "I00-I99"),
    ("J00"..="J99", "J00-J99"),
    ("K00"..="K93", "K00-K93"),
    ("L00"..="L99", "L00-L99"),
    ("M00"..="M99", "M00-M99"),
    ("N00"..="N99", "N00-N99"),
    ("O00"..="O99", "O00-O99"),
    ("P00"..="P96", "P00-P96"),
    ("Q00"..="Q99", "Q00-Q99"),
    ("R00"..="R99", "R00-R99"),
    ("S00"..="T98", "S00-T98"),
    ("U00"..="U99", "U00-U99"),
    ("V01"..="Y98", "V01-Y98"),
    ("Z00"..="Z99", "Z00-Z99"),
];

fn chapter(code: &str) -> Option<&'static str> {
    let category = code.get(..3)?;
    if !category.bytes().skip(1).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    CHAPTERS
        .iter()
        .find(|(range, _)| range.contains(&category))
        .map(|(_, name)| *name)
}
