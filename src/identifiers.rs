//! Numbers that stand for a person, a card, a firm or a household.
//!
//! Pure: no database and no clock; the day is a parameter. Sources: GB 11643
//! (citizen number), GB 32100 (unified social credit code), ISO/IEC 7812
//! (bank card), the layout of the disability certificate, and the card number
//! of the household register.
//!
//! Invariant: a citizen number, and what contains one, is never printed by
//! accident. Debug, Display and Serialize show the mask; the text comes only
//! from a method named `reveal`. Errors never repeat their input.

use std::fmt;

use entity::household::codes::Sex;
use entity::region_code::{RegionCode, RegionLevel};
use serde::{Serialize, Serializer};
use thiserror::Error;
use time::{Date, Month};
use zeroize::Zeroizing;

/// Characters of a citizen number.
const CITIZEN_LENGTH: usize = 18;
/// Characters of a citizen number from before 1999: two digits of the year, no
/// check character.
const OLD_CITIZEN_LENGTH: usize = 15;
/// Weight of each of the first 17 digits (ISO 7064 MOD 11-2).
const CITIZEN_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character at the place of the remainder.
const CITIZEN_CHECKS: [u8; 11] = *b"10X98765432";
/// Citizen number, category, grade.
const CERTIFICATE_LENGTH: usize = CITIZEN_LENGTH + 2;
/// Digits of a bank card number.
const BANK_CARD_LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;
/// Digits of a bank card number that its mask shows.
const BANK_CARD_SHOWN: usize = 4;
/// The characters of GB 32100 in the order of their values; I, O, S, V and Z
/// are left out because they look like digits or one another.
const CREDIT_CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Characters of a unified social credit code.
const CREDIT_LENGTH: usize = 18;
/// Digits of a card number: village code and serial number.
const CARD_LENGTH: usize = 16;
const CARD_SERIALS: std::ops::RangeInclusive<u16> = 1..=9_999;

/// Why a text is no citizen number. Tested in this order; the first that holds
/// is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum CitizenNumberError {
    /// Neither 15 digits nor 17 digits and a digit or X.
    #[error("a citizen number has 18 characters, or 15 digits in its old form")]
    Format,
    /// The date does not exist or lies in the future.
    #[error("the birth date in the citizen number does not exist or lies in the future")]
    BirthDate,
    /// The last character does not follow from the others.
    #[error("the check character of the citizen number is wrong")]
    CheckDigit,
}

impl CitizenNumberError {
    /// The word the interface uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Format => "FORMAT",
            Self::BirthDate => "BIRTH_DATE",
            Self::CheckDigit => "CHECK_DIGIT",
        }
    }
}

/// Why no citizen number can be built from its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum CitizenNumberPartError {
    /// The region is not a number of six digits.
    #[error("the region of a citizen number has six digits")]
    Region,
    /// The year is not one of the years 1 to 9999.
    #[error("the birth year of a citizen number has four digits")]
    BirthDate,
    /// The order number is not one of 1 to 999.
    #[error("the order number of a citizen number lies between 1 and 999")]
    Order,
}

/// A valid citizen number (GB 11643): 6 region, 8 birth date, 3 order, 1 check.
///
/// Prints as its first character and 17 stars; wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct CitizenNumber {
    text: Zeroizing<String>,
    birth_date: Date,
    sex: Sex,
}

impl CitizenNumber {
    /// Reads a citizen number in its new form of 18 or its old form of 15
    /// characters, written with any digits, case and outer blanks.
    ///
    /// The region part is only held to be digits: codes of abolished counties
    /// stay valid. `today` is the last day that may be a birth date.
    pub fn parse(text: &str, today: Date) -> Result<Self, CitizenNumberError> {
        let text = normalise_citizen_number(text);
        if !has_citizen_format(&text) {
            return Err(CitizenNumberError::Format);
        }
        let birth_date = birth_date_in(text.as_bytes())
            .filter(|date| *date <= today)
            .ok_or(CitizenNumberError::BirthDate)?;
        if text.bytes().last() != Some(citizen_check(text.as_bytes())) {
            return Err(CitizenNumberError::CheckDigit);
        }
        let sex = sex_in(text.as_bytes());
        Ok(Self {
            text,
            birth_date,
            sex,
        })
    }

    /// Builds a valid number from its parts, for demonstration data and tests.
    ///
    /// `region` has six digits, `order` lies between 1 and 999 and tells the
    /// sex: odd is male. The date may lie in the future; there is no clock here.
    pub fn from_parts(
        region: u32,
        birth_date: Date,
        order: u16,
    ) -> Result<Self, CitizenNumberPartError> {
        if !(100_000..=999_999).contains(&region) {
            return Err(CitizenNumberPartError::Region);
        }
        if !(1..=9_999).contains(&birth_date.year()) {
            return Err(CitizenNumberPartError::BirthDate);
        }
        if !(1..=999).contains(&order) {
            return Err(CitizenNumberPartError::Order);
        }
        let (year, month, day) = birth_date.to_calendar_date();
        let mut text = Zeroizing::new(format!(
            "{region}{year:04}{:02}{day:02}{order:03}",
            u8::from(month)
        ));
        let check = citizen_check(text.as_bytes());
        text.push(char::from(check));
        let sex = sex_in(text.as_bytes());
        Ok(Self {
            text,
            birth_date,
            sex,
        })
    }

    /// The 18 characters. Whoever calls this answers for where they go.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// First character and stars, as long as the number.
    pub fn masked(&self) -> String {
        mask_after_first(&self.text)
    }

    /// The birth date in the number.
    pub const fn birth_date(&self) -> Date {
        self.birth_date
    }

    /// The sex that the order number tells: odd is male, even is female.
    pub const fn sex(&self) -> Sex {
        self.sex
    }

    /// The first six digits: the county of first registration, perhaps long
    /// abolished.
    pub fn region(&self) -> u32 {
        number_in(self.text.as_bytes(), 0, 6)
    }
}

impl fmt::Debug for CitizenNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Birth date and sex are left out: with the county they nearly name a person.
        write!(formatter, "CitizenNumber({})", self.masked())
    }
}

impl fmt::Display for CitizenNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.masked())
    }
}

impl Serialize for CitizenNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}

/// The one way to write a citizen number, whether it is valid or not.
///
/// Outer blanks go, full-width digits and letters become ASCII, x becomes X,
/// and 15 digits become 18 characters (19 before the date, check character
/// behind). What else is in the text stays, so that a wrong number from another
/// agency can still be found by what it says. Sensitive like the number itself.
pub fn normalise_citizen_number(text: &str) -> Zeroizing<String> {
    let narrow = normalise(text);
    if narrow.len() != OLD_CITIZEN_LENGTH || !all_digits(&narrow) {
        return narrow;
    }
    let (region, rest) = narrow.split_at(6);
    // Room for all 18, so that no shorter copy is left behind in memory.
    let mut long = Zeroizing::new(String::with_capacity(CITIZEN_LENGTH));
    long.push_str(region);
    long.push_str("19");
    long.push_str(rest);
    let check = citizen_check(long.as_bytes());
    long.push(char::from(check));
    long
}

/// What is wrong with the number of a disability certificate, told in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum DisabilityCertificateProblem {
    /// Not 20 characters; told alone, for nothing more can be said.
    #[error("a disability certificate has 20 characters")]
    Length,
    /// The first 18 characters are not the holder's citizen number.
    #[error("the disability certificate does not begin with the holder's citizen number")]
    IdMismatch,
    /// The 19th character is not one of 1 to 7.
    #[error("the category of the disability certificate is not one of 1 to 7")]
    Category,
    /// The 20th character is not one of 1 to 4.
    #[error("the grade of the disability certificate is not one of 1 to 4")]
    Grade,
}

impl DisabilityCertificateProblem {
    /// The word the interface uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Length => "LENGTH",
            Self::IdMismatch => "ID_MISMATCH",
            Self::Category => "CATEGORY",
            Self::Grade => "GRADE",
        }
    }
}

/// Number of a disability certificate: citizen number (18), category, grade.
///
/// Prints as its first character and 19 stars, since it holds a citizen number.
#[derive(Clone, PartialEq, Eq)]
pub struct DisabilityCertificate {
    text: Zeroizing<String>,
    category: u8,
    grade: u8,
}

impl DisabilityCertificate {
    /// Reads the certificate of a person with this citizen number.
    ///
    /// `id_number` is taken as text, because the certificate of a person whose
    /// citizen number is on record with a fault is to be judged too; both are
    /// normalised. The error holds at least one problem, in their order.
    pub fn parse(text: &str, id_number: &str) -> Result<Self, Vec<DisabilityCertificateProblem>> {
        let text = normalise(text);
        let characters = Zeroizing::new(text.chars().collect::<Vec<char>>());
        if characters.len() != CERTIFICATE_LENGTH {
            return Err(vec![DisabilityCertificateProblem::Length]);
        }
        let holder = normalise_citizen_number(id_number);
        let matches = holder
            .chars()
            .eq(characters.iter().copied().take(CITIZEN_LENGTH));
        let category = digit_up_to(characters[CITIZEN_LENGTH], 7);
        let grade = digit_up_to(characters[CITIZEN_LENGTH + 1], 4);
        match (matches, category, grade) {
            (true, Some(category), Some(grade)) => Ok(Self {
                text,
                category,
                grade,
            }),
            _ => Err([
                (!matches, DisabilityCertificateProblem::IdMismatch),
                (category.is_none(), DisabilityCertificateProblem::Category),
                (grade.is_none(), DisabilityCertificateProblem::Grade),
            ]
            .into_iter()
            .filter_map(|(found, problem)| found.then_some(problem))
            .collect()),
        }
    }

    /// The 20 characters. Whoever calls this answers for where they go.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// First character and stars, as long as the number.
    pub fn masked(&self) -> String {
        mask_after_first(&self.text)
    }

    /// Category of GB/T 26341, 1 (sight) to 7 (multiple).
    pub const fn category(&self) -> u8 {
        self.category
    }

    /// Grade of GB/T 26341, 1 (most severe) to 4.
    pub const fn grade(&self) -> u8 {
        self.grade
    }
}

impl fmt::Debug for DisabilityCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DisabilityCertificate({})", self.masked())
    }
}

impl fmt::Display for DisabilityCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.masked())
    }
}

impl Serialize for DisabilityCertificate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}

/// Why a text is no bank card number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum BankCardNumberError {
    /// Not 13 to 19 digits.
    #[error("a bank card number has 13 to 19 digits")]
    Format,
    /// The last digit does not follow from the others (Luhn).
    #[error("the check digit of the bank card number is wrong")]
    CheckDigit,
}

/// A bank card number of 13 to 19 digits with a right check digit (Luhn).
///
/// Prints as stars and its last four digits.
#[derive(Clone, PartialEq, Eq)]
pub struct BankCardNumber(Zeroizing<String>);

impl BankCardNumber {
    /// Reads a card number; blanks between the groups of digits are left out,
    /// since the card itself is printed with them.
    pub fn parse(text: &str) -> Result<Self, BankCardNumberError> {
        let narrow = normalise(text);
        let mut digits = Zeroizing::new(String::with_capacity(narrow.len()));
        digits.extend(narrow.chars().filter(|letter| !letter.is_whitespace()));
        if !BANK_CARD_LENGTHS.contains(&digits.len()) || !all_digits(&digits) {
            return Err(BankCardNumberError::Format);
        }
        if !luhn_holds(digits.as_bytes()) {
            return Err(BankCardNumberError::CheckDigit);
        }
        Ok(Self(digits))
    }

    /// The digits. Whoever calls this answers for where they go.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Stars and the last four digits, as long as the number.
    pub fn masked(&self) -> String {
        let hidden = self.0.len() - BANK_CARD_SHOWN;
        self.0
            .char_indices()
            .map(|(place, digit)| if place < hidden { '*' } else { digit })
            .collect()
    }
}

impl fmt::Debug for BankCardNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BankCardNumber({})", self.masked())
    }
}

impl fmt::Display for BankCardNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.masked())
    }
}

impl Serialize for BankCardNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}

/// Why a text is no unified social credit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum CreditCodeError {
    /// Not 18 characters of the 31 that the standard allows.
    #[error("a unified social credit code has 18 digits and letters, without I, O, S, V and Z")]
    Format,
    /// The last character does not follow from the others.
    #[error("the check character of the unified social credit code is wrong")]
    CheckDigit,
}

/// Unified social credit code of a firm or co-operative (GB 32100), 18
/// characters. Public, so it prints in full.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CreditCode(String);

impl CreditCode {
    /// Reads a code in either case, with outer blanks or full-width characters.
    pub fn parse(text: &str) -> Result<Self, CreditCodeError> {
        let text = normalise(text);
        let values: Option<Vec<u32>> = text.bytes().map(credit_value).collect();
        let values = values.ok_or(CreditCodeError::Format)?;
        let Some((check, body)) = values
            .split_last()
            .filter(|(_, body)| body.len() == CREDIT_LENGTH - 1)
        else {
            return Err(CreditCodeError::Format);
        };
        if *check != credit_check(body) {
            return Err(CreditCodeError::CheckDigit);
        }
        Ok(Self(text.to_string()))
    }

    /// The code that begins with these 17 characters, upper case.
    pub fn with_body(body: &str) -> Result<Self, CreditCodeError> {
        let values: Option<Vec<u32>> = body.bytes().map(credit_value).collect();
        let values = values.filter(|values| values.len() == CREDIT_LENGTH - 1);
        let check = credit_check(&values.ok_or(CreditCodeError::Format)?);
        let check = usize::try_from(check).ok();
        let check = check.and_then(|check| CREDIT_CHARACTERS.get(check));
        let check = check.ok_or(CreditCodeError::Format)?;
        Ok(Self(format!("{body}{}", char::from(*check))))
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// Why a text or its parts are no card number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum CardNumberError {
    /// Not 16 digits.
    #[error("a card number has 16 digits")]
    Format,
    /// The first 12 digits are not the code of a village.
    #[error("a card number begins with the 12 digits of a village")]
    Village,
    /// The serial number is not one of 1 to 9999.
    #[error("the serial number of a card lies between 1 and 9999")]
    Serial,
}

/// Card number of a household: village code (12) and serial number (4).
///
/// Ordered as its text is: by village, then by serial number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardNumber {
    village: RegionCode,
    serial: u16,
}

impl CardNumber {
    /// Makes the card number of the `serial`-th household of a village.
    pub fn with_serial(village: RegionCode, serial: u16) -> Result<Self, CardNumberError> {
        if village.level() != RegionLevel::Village {
            return Err(CardNumberError::Village);
        }
        if !CARD_SERIALS.contains(&serial) {
            return Err(CardNumberError::Serial);
        }
        Ok(Self { village, serial })
    }

    /// Reads 16 digits, with outer blanks or full-width digits.
    pub fn parse(text: &str) -> Result<Self, CardNumberError> {
        let text = normalise(text);
        if text.len() != CARD_LENGTH || !all_digits(&text) {
            return Err(CardNumberError::Format);
        }
        let (village, serial) = text.split_at(RegionLevel::Village.digits());
        let village = RegionCode::parse(village).map_err(|_| CardNumberError::Village)?;
        let serial = serial.parse().map_err(|_| CardNumberError::Serial)?;
        Self::with_serial(village, serial)
    }

    /// The village that gave the number; the household may live elsewhere now.
    pub const fn village(self) -> RegionCode {
        self.village
    }

    /// The serial number within the village, 1 to 9999.
    pub const fn serial(self) -> u16 {
        self.serial
    }
}

impl fmt::Display for CardNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{:04}", self.village, self.serial)
    }
}

impl Serialize for CardNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Outer blanks cut off, full-width digits and letters in ASCII, upper case.
fn normalise(text: &str) -> Zeroizing<String> {
    let text = text.trim();
    // Narrow characters take no more bytes than wide ones: no copy is left
    // behind by growing.
    let mut narrow = Zeroizing::new(String::with_capacity(text.len()));
    narrow.extend(text.chars().map(narrow_upper));
    narrow
}

/// Chinese keyboards write digits and letters as wide as a Chinese character.
fn narrow_upper(letter: char) -> char {
    let narrow = match letter {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => u32::from(letter)
            .checked_sub(u32::from('０') - u32::from('0'))
            .and_then(char::from_u32)
            .unwrap_or(letter),
        _ => letter,
    };
    narrow.to_ascii_uppercase()
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn mask_after_first(text: &str) -> String {
    text.char_indices()
        .map(|(place, letter)| if place == 0 { letter } else { '*' })
        .collect()
}

/// 17 digits and a digit or X; then bytes and characters are the same.
fn has_citizen_format(text: &str) -> bool {
    text.len() == CITIZEN_LENGTH
        && text.bytes().enumerate().all(|(place, byte)| {
            byte.is_ascii_digit() || (byte == b'X' && place == CITIZEN_LENGTH - 1)
        })
}

/// The number that `length` digits from `start` make; digits only are given.
fn number_in(digits: &[u8], start: usize, length: usize) -> u32 {
    digits
        .iter()
        .skip(start)
        .take(length)
        .fold(0, |value, digit| value * 10 + u32::from(digit & 0x0F))
}

/// The birth date of a number of 18 characters, if that day exists.
fn birth_date_in(number: &[u8]) -> Option<Date> {
    let year = i32::try_from(number_in(number, 6, 4)).ok()?;
    let month = u8::try_from(number_in(number, 10, 2)).ok()?;
    let day = u8::try_from(number_in(number, 12, 2)).ok()?;
    // The calendar knows a year 0 only by reckoning; nobody has it in a number.
    if year == 0 {
        return None;
    }
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

fn sex_in(number: &[u8]) -> Sex {
    if number_in(number, 14, 3) % 2 == 1 {
        Sex::Male
    } else {
        Sex::Female
    }
}

/// The check character that belongs to the first 17 digits.
fn citizen_check(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip(CITIZEN_WEIGHTS)
        .map(|(digit, weight)| u32::from(digit & 0x0F) * weight)
        .sum();
    CITIZEN_CHECKS[sum as usize % CITIZEN_CHECKS.len()]
}

/// The digit 1 to `highest` that the character is.
fn digit_up_to(letter: char, highest: u32) -> Option<u8> {
    letter
        .to_digit(10)
        .filter(|digit| (1..=highest).contains(digit))
        .and_then(|digit| u8::try_from(digit).ok())
}

/// Luhn: every second digit from the right, beginning left of the check digit,
/// counts double, with the digits of a two-digit product added up.
fn luhn_holds(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit & 0x0F) * (1 + place as u32 % 2);
            value / 10 + value % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

fn credit_value(byte: u8) -> Option<u32> {
    let place = CREDIT_CHARACTERS
        .iter()
        .position(|allowed| *allowed == byte)?;
    u32::try_from(place).ok()
}

/// The value of the check character: weights are the powers of 3 modulo 31.
fn credit_check(body: &[u32]) -> u32 {
    let (sum, _) = body.iter().fold((0, 1), |(sum, weight), value| {
        (sum + value * weight, weight * 3 % 31)
    });
    (31 - sum % 31) % 31
}

/// Whether a text holds a number as long as a mobile (11, from 1), a citizen number (15, 17 or 18) or a card
/// (13 to 19), with or without blanks and hyphens between its digits, and not inside a longer word such as a hash.
#[must_use]
pub fn looks_sensitive(text: &str) -> bool {
    let bytes: Vec<u8> = text
        .chars()
        .map(|c| ascii_digit(c).unwrap_or(if c.is_ascii() { c as u8 } else { b'|' }))
        .collect();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let start = at;
        let (mut digits, mut letters, mut hyphens) = (0_usize, 0_usize, 0_usize);
        while at < bytes.len() {
            let joined = matches!(bytes[at], b' ' | b'-')
                && at > start
                && bytes[at - 1].is_ascii_digit()
                && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
            match bytes[at] {
                b'0'..=b'9' => digits += 1,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => letters += 1,
                _ if joined => hyphens += 1,
                _ => break,
            }
            at += 1;
        }
        let check_letter = letters == 1 && matches!(bytes[at - 1], b'x' | b'X');
        let number = letters == 0 || (check_letter && digits == 17);
        let mobile = digits == 11 && bytes[start] == b'1';
        if number && hyphens <= 6 && (mobile || (13..=19).contains(&digits)) {
            return true;
        }
    }
    false
}

/// A digit in ASCII or full width (１２３).
fn ascii_digit(c: char) -> Option<u8> {
    match c {
        '0'..='9' => Some(c as u8),
        '０'..='９' => u8::try_from(c as u32 - '０' as u32)
            .ok()
            .map(|digit| b'0' + digit),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use entity::codes::CodeList;
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    const TODAY: Date = date!(2018 - 12 - 31);
    const NUMBER: &str = "11010519491231002X";

    fn refusal(text: &str) -> &'static str {
        CitizenNumber::parse(text, TODAY).unwrap_err().as_str()
    }

    fn problems(text: &str, id_number: &str) -> Vec<&'static str> {
        match DisabilityCertificate::parse(text, id_number) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(|problem| problem.as_str()).collect(),
        }
    }

    #[test]
    fn cn_id_01_new_form() {
        let number = CitizenNumber::parse(NUMBER, TODAY).unwrap();
        assert_eq!(number.reveal(), "11010519491231002X");
        assert_eq!(number.birth_date(), date!(1949 - 12 - 31));
        assert_eq!(number.sex().word(), "FEMALE");
        assert_eq!(number.region(), 110_105);
    }

    #[test]
    fn cn_id_02_very_old_person() {
        let number = CitizenNumber::parse("440524188001010014", TODAY).unwrap();
        assert_eq!(number.reveal(), "440524188001010014");
        assert_eq!(number.birth_date(), date!(1880 - 01 - 01));
        assert_eq!(number.sex().word(), "MALE");
    }

    #[test]
    fn cn_id_03_check_digit() {
        assert_eq!(refusal("110105194912310021"), "CHECK_DIGIT");
    }

    #[test]
    fn cn_id_04_old_form() {
        let number = CitizenNumber::parse("110105491231002", TODAY).unwrap();
        assert_eq!(number.reveal(), "11010519491231002X");
        assert_eq!(number.birth_date(), date!(1949 - 12 - 31));
        assert_eq!(number.sex().word(), "FEMALE");
    }

    #[test]
    fn citizen_number_in_other_hands() {
        let expected = CitizenNumber::parse(NUMBER, TODAY).unwrap();
        for text in [
            "11010519491231002x",
            "  11010519491231002X\t\n",
            "\u{3000}11010519491231002X\u{a0}",
            "１１０１０５１９４９１２３１００２X",
            "１１０１０５１９４９１２３１００２Ｘ",
            "１１０１０５１９４９１２３１００２ｘ",
            "１１０１０５４９１２３１００２",
            " 110105491231002 ",
        ] {
            assert_eq!(
                CitizenNumber::parse(text, TODAY),
                Ok(expected.clone()),
                "{text}"
            );
        }
    }

    #[test]
    fn citizen_number_format() {
        for text in [
            "",
            " ",
            "1",
            "11010519491231002",
            "11010519491231002XX",
            "110105 19491231002X",
            "110105-19491231-002X",
            "X1010519491231002X",
            "1101051949123100X2",
            "11010549123100X",
            "1101054912310020",
            "11010519491231002Y",
            "-1010519491231002X",
            // As many bytes as a number has, or as many characters.
            "户户户户户户",
            "户户户户户户户户户户户户户户户户户户",
            "11010549123户户",
            "1101051949123100é",
            "110105194912310\0\0\0",
            // Digits to Unicode, but not to the standard.
            "١١٠١٠٥١٩٤٩١٢٣١٠٠٢X",
        ] {
            assert_eq!(refusal(text), "FORMAT", "{text}");
        }
    }

    #[test]
    fn citizen_number_birth_date() {
        for text in [
            "110105194913310020",
            "110105194900310020",
            "110105194912320020",
            "110105194912000020",
            "110105194902290020",
            "110105190002290020",
            "110105000001010020",
            // Tomorrow.
            "110105201901010020",
            "110105999912310020",
            // Old form: 1949-02-29 and month 13.
            "110105490229002",
            "110105491331002",
        ] {
            assert_eq!(refusal(text), "BIRTH_DATE", "{text}");
        }
    }

    #[test]
    fn born_today_is_valid_and_a_day_earlier_not_yet() {
        let newborn = CitizenNumber::from_parts(150_921, TODAY, 7).unwrap();
        assert_eq!(
            CitizenNumber::parse(newborn.reveal(), TODAY),
            Ok(newborn.clone())
        );
        assert_eq!(
            CitizenNumber::parse(newborn.reveal(), date!(2018 - 12 - 30)),
            Err(CitizenNumberError::BirthDate)
        );
    }

    #[test]
    fn date_is_tested_before_check_digit() {
        assert_eq!(refusal("110105194902300029"), "BIRTH_DATE");
        assert_eq!(refusal("11010519490230002X"), "BIRTH_DATE");
    }

    #[test]
    fn abolished_and_unknown_regions_are_accepted() {
        for region in [610_721, 150_921, 999_999] {
            let number = CitizenNumber::from_parts(region, date!(1960 - 02 - 29), 12).unwrap();
            assert_eq!(
                CitizenNumber::parse(number.reveal(), TODAY)
                    .unwrap()
                    .region(),
                region
            );
        }
    }

    #[test]
    fn every_check_character_comes_from_its_remainder() {
        for (order, check) in [
            (1, '1'),
            (2, 'X'),
            (3, '8'),
            (4, '6'),
            (5, '4'),
            (6, '2'),
            (7, '0'),
            (8, '9'),
            (9, '7'),
            (18, '5'),
            (19, '3'),
        ] {
            let number = CitizenNumber::from_parts(110_105, date!(1949 - 12 - 31), order).unwrap();
            assert_eq!(number.reveal(), format!("11010519491231{order:03}{check}"));
        }
    }

    #[test]
    fn from_parts_refuses_what_does_not_fit() {
        let day = date!(1949 - 12 - 31);
        for region in [0, 99_999, 1_000_000, u32::MAX] {
            assert_eq!(
                CitizenNumber::from_parts(region, day, 1),
                Err(CitizenNumberPartError::Region)
            );
        }
        for order in [0, 1_000, u16::MAX] {
            assert_eq!(
                CitizenNumber::from_parts(110_105, day, order),
                Err(CitizenNumberPartError::Order)
            );
        }
        for day in [date!(0000 - 01 - 01), Date::MIN] {
            assert_eq!(
                CitizenNumber::from_parts(110_105, day, 1),
                Err(CitizenNumberPartError::BirthDate)
            );
        }
    }

    #[test]
    fn normalise_keeps_what_it_cannot_read() {
        assert_eq!(*normalise_citizen_number(" 无x１ "), "无X1");
        assert_eq!(*normalise_citizen_number(""), "");
        assert_eq!(
            *normalise_citizen_number("110105491331002"),
            "110105194913310021"
        );
        assert_eq!(
            *normalise_citizen_number("11010549123100X"),
            "11010549123100X"
        );
    }

    #[test]
    fn sensitive_numbers_are_masked_wherever_they_print() {
        let number = CitizenNumber::parse(NUMBER, TODAY).unwrap();
        assert_eq!(format!("{number}"), "1*****************");
        assert_eq!(format!("{number:?}"), "CitizenNumber(1*****************)");
        assert_eq!(format!("{number:#?}"), "CitizenNumber(1*****************)");
        assert_eq!(
            serde_json::to_string(&number).unwrap(),
            "\"1*****************\""
        );

        let certificate = DisabilityCertificate::parse("11010519491231002X42", NUMBER).unwrap();
        assert_eq!(certificate.reveal(), "11010519491231002X42");
        assert_eq!(format!("{certificate}"), "1*******************");
        assert_eq!(
            format!("{certificate:?}"),
            "DisabilityCertificate(1*******************)"
        );
        assert_eq!(
            serde_json::to_string(&certificate).unwrap(),
            "\"1*******************\""
        );

        let card = BankCardNumber::parse("4111111111111111").unwrap();
        assert_eq!(format!("{card}"), "************1111");
        assert_eq!(format!("{card:?}"), "BankCardNumber(************1111)");
        assert_eq!(
            serde_json::to_string(&card).unwrap(),
            "\"************1111\""
        );
    }

    #[test]
    fn cn_dis_01_valid() {
        let certificate = DisabilityCertificate::parse("11010519491231002X42", NUMBER).unwrap();
        assert_eq!((certificate.category(), certificate.grade()), (4, 2));
    }

    #[test]
    fn cn_dis_02_category() {
        assert_eq!(problems("11010519491231002X82", NUMBER), ["CATEGORY"]);
    }

    #[test]
    fn certificate_problems_keep_their_order() {
        assert_eq!(problems("11010519491231002X40", NUMBER), ["GRADE"]);
        assert_eq!(
            problems("11010519491231002X05", NUMBER),
            ["CATEGORY", "GRADE"]
        );
        assert_eq!(problems("44052418800101001442", NUMBER), ["ID_MISMATCH"]);
        assert_eq!(
            problems("44052418800101001499", NUMBER),
            ["ID_MISMATCH", "CATEGORY", "GRADE"]
        );
        assert_eq!(problems("44052418800101001499 1", NUMBER), ["LENGTH"]);
        assert_eq!(problems("11010519491231002X4", NUMBER), ["LENGTH"]);
        assert_eq!(problems("", ""), ["LENGTH"]);
        // 20 characters, not 20 bytes.
        assert_eq!(
            problems("户户户户户户户户户户户户户户户户户户户户", NUMBER),
            ["ID_MISMATCH", "CATEGORY", "GRADE"]
        );
        assert_eq!(problems("户户户户户户12", NUMBER), ["LENGTH"]);
        assert_eq!(
            problems("11010519491231002X٤٢", NUMBER),
            ["CATEGORY", "GRADE"]
        );
    }

    #[test]
    fn certificate_is_read_in_any_writing() {
        for (text, id_number) in [
            (" 11010519491231002x42 ", NUMBER),
            ("１１０１０５１９４９１２３１００２Ｘ４２", NUMBER),
            ("11010519491231002X42", "110105491231002"),
            ("11010519491231002X42", "11010519491231002x"),
        ] {
            assert_eq!(problems(text, id_number), Vec::<&str>::new(), "{text}");
        }
        for category in 1..=7 {
            for grade in 1..=4 {
                let text = format!("{NUMBER}{category}{grade}");
                let certificate = DisabilityCertificate::parse(&text, NUMBER).unwrap();
                assert_eq!(
                    (certificate.category(), certificate.grade()),
                    (category, grade)
                );
            }
        }
    }

    #[test]
    fn bank_cards() {
        for text in [
            "4222222222222",
            "378282246310005",
            "4111111111111111",
            "6011111111111117",
            " 4111 1111 1111 1111 ",
            "４１１１ １１１１ １１１１ １１１１",
        ] {
            assert!(BankCardNumber::parse(text).is_ok(), "{text}");
        }
        assert_eq!(
            BankCardNumber::parse("4111 1111 1111 1111")
                .unwrap()
                .reveal(),
            "4111111111111111"
        );
        assert_eq!(
            BankCardNumber::parse("4111111111111112"),
            Err(BankCardNumberError::CheckDigit)
        );
        for text in [
            "",
            "422222222222",
            "00000000000000000000",
            "4111-1111-1111-1111",
            "户户户户户",
            "411111111111111X",
        ] {
            assert_eq!(
                BankCardNumber::parse(text),
                Err(BankCardNumberError::Format),
                "{text}"
            );
        }
    }

    #[test]
    fn bank_card_length_is_13_to_19() {
        for length in 0..=30 {
            let accepted = BankCardNumber::parse(&"0".repeat(length)).is_ok();
            assert_eq!(accepted, (13..=19).contains(&length), "{length}");
        }
    }

    #[test]
    fn credit_codes() {
        // The first is the standard's own example.
        for text in ["91350100M000100Y43", "91110108551385082Q"] {
            assert_eq!(CreditCode::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(
            CreditCode::parse(" 91350100m000100y43 ")
                .unwrap()
                .to_string(),
            "91350100M000100Y43"
        );
        assert_eq!(
            CreditCode::parse("91350100M000100Y44"),
            Err(CreditCodeError::CheckDigit)
        );
        // All zeros add up to 0: the check is 31, which is written 0.
        assert!(CreditCode::parse("000000000000000000").is_ok());
        for text in [
            "",
            "91350100M000100Y4",
            "91350100M000100Y433",
            "91350100I000100Y43",
            "91350100O000100Y43",
            "91350100S000100Y43",
            "91350100V000100Y43",
            "91350100Z000100Y43",
            "户户户户户户",
        ] {
            assert_eq!(
                CreditCode::parse(text),
                Err(CreditCodeError::Format),
                "{text}"
            );
        }
    }

    #[test]
    fn card_numbers() {
        let village = RegionCode::parse("150921100201").unwrap();
        let card = CardNumber::with_serial(village, 7).unwrap();
        assert_eq!(card.to_string(), "1509211002010007");
        assert_eq!(CardNumber::parse(" 150921100201000７ "), Ok(card));
        assert_eq!((card.village(), card.serial()), (village, 7));
        assert_eq!(
            serde_json::to_string(&card).unwrap(),
            "\"1509211002010007\""
        );
        assert!(card < CardNumber::parse("1509211002010010").unwrap());
        assert!(card < CardNumber::parse("1509211002020001").unwrap());
        for (text, error) in [
            ("", CardNumberError::Format),
            ("150921100201000", CardNumberError::Format),
            ("15092110020100071", CardNumberError::Format),
            ("150921100201-007", CardNumberError::Format),
            ("15092110020户户", CardNumberError::Format),
            ("1509211000000007", CardNumberError::Village),
            ("0509211002010007", CardNumberError::Village),
            ("1509211002010000", CardNumberError::Serial),
        ] {
            assert_eq!(CardNumber::parse(text), Err(error), "{text}");
        }
        for serial in [0, 10_000, u16::MAX] {
            assert_eq!(
                CardNumber::with_serial(village, serial),
                Err(CardNumberError::Serial)
            );
        }
    }

    fn citizen_numbers() -> impl Strategy<Value = CitizenNumber> {
        let first = date!(1850 - 01 - 01).to_julian_day();
        (
            100_000_u32..=999_999,
            first..=TODAY.to_julian_day(),
            1_u16..=999,
        )
            .prop_map(|(region, day, order)| {
                let birth_date = Date::from_julian_day(day).unwrap();
                CitizenNumber::from_parts(region, birth_date, order).unwrap()
            })
    }

    /// Texts that look like numbers until their bytes are counted.
    fn hostile() -> impl Strategy<Value = String> {
        let letters = prop::sample::select(vec![
            '0', '1', '9', 'X', 'x', 'Z', ' ', '-', '\0', '０', '９', 'Ｘ', 'é', '户', '𠀀',
            '\u{3000}', '\u{301}', '\u{202e}', '٣',
        ]);
        let texts =
            prop::collection::vec(letters, 0..24).prop_map(|text| text.into_iter().collect());
        prop_oneof![texts, any::<String>()]
    }

    fn wide(text: &str) -> String {
        text.chars()
            .map(|letter| char::from_u32(u32::from(letter) + 0xFEE0).unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn valid_stays_valid_through_normalise(number in citizen_numbers()) {
            let text = number.reveal();
            for written in [
                text.to_owned(),
                text.to_lowercase(),
                format!(" {text}\u{3000}"),
                wide(text),
                wide(text).to_lowercase(),
                normalise_citizen_number(text).to_string(),
            ] {
                prop_assert_eq!(CitizenNumber::parse(&written, TODAY), Ok(number.clone()));
                prop_assert_eq!(&*normalise_citizen_number(&written), text);
            }
        }

        #[test]
        fn old_form_becomes_new_form(number in citizen_numbers()) {
            prop_assume!((1900..2000).contains(&number.birth_date().year()));
            let text = number.reveal();
            let old = format!("{}{}", &text[..6], &text[8..17]);
            prop_assert_eq!(CitizenNumber::parse(&old, TODAY), Ok(number));
        }

        #[test]
        fn parts_come_back(
            region in 100_000_u32..=999_999,
            days in 0_i32..60_000,
            order in 1_u16..=999,
        ) {
            let birth_date = Date::from_julian_day(TODAY.to_julian_day() - days).unwrap();
            let built = CitizenNumber::from_parts(region, birth_date, order).unwrap();
            let read = CitizenNumber::parse(built.reveal(), TODAY).unwrap();
            prop_assert_eq!(read.region(), region);
            prop_assert_eq!(read.birth_date(), birth_date);
            prop_assert_eq!(read.sex() == Sex::Male, order % 2 == 1);
            prop_assert_eq!(read, built);
        }

        /// Every place and every other character, not one drawn at random.
        #[test]
        fn check_character_catches_every_single_error(number in citizen_numbers()) {
            let right = number.reveal().as_bytes();
            for place in 0..right.len() {
                for other in b"0123456789X" {
                    let mut wrong = right.to_vec();
                    wrong[place] = *other;
                    if wrong == right {
                        continue;
                    }
                    let text = String::from_utf8(wrong.clone()).unwrap();
                    prop_assert!(CitizenNumber::parse(&text, TODAY).is_err());
                    // Where the date would not already betray it.
                    if has_citizen_format(&text) {
                        prop_assert_ne!(citizen_check(&wrong[..17]), wrong[17]);
                    }
                }
            }
        }

        #[test]
        fn check_character_catches_every_transposition(number in citizen_numbers()) {
            let right = number.reveal().as_bytes();
            for place in 0..right.len() - 1 {
                let mut wrong = right.to_vec();
                wrong.swap(place, place + 1);
                if wrong == right {
                    continue;
                }
                let text = String::from_utf8(wrong.clone()).unwrap();
                prop_assert!(CitizenNumber::parse(&text, TODAY).is_err());
                if has_citizen_format(&text) {
                    prop_assert_ne!(citizen_check(&wrong[..17]), wrong[17]);
                }
            }
        }

        #[test]
        fn nothing_panics_and_nothing_leaks(text in hostile(), other in hostile()) {
            let normalised = normalise_citizen_number(&text);
            prop_assert_eq!(&normalise_citizen_number(&normalised), &normalised);
            if let Ok(number) = CitizenNumber::parse(&text, TODAY) {
                prop_assert_eq!(number.masked().len(), 18);
            }
            if let Ok(certificate) = DisabilityCertificate::parse(&text, &other) {
                prop_assert_eq!(certificate.masked().chars().count(), certificate.reveal().chars().count());
            }
            if let Ok(card) = BankCardNumber::parse(&text) {
                prop_assert_eq!(card.masked().len(), card.reveal().len());
            }
            let _ = CreditCode::parse(&text);
            if let Ok(card) = CardNumber::parse(&text) {
                prop_assert_eq!(&Zeroizing::new(card.to_string()), &normalise(&text));
            }
        }

        #[test]
        fn luhn_catches_every_single_error(body in "[0-9]{12,18}") {
            let right = (b'0'..=b'9')
                .map(|check| format!("{body}{}", char::from(check)))
                .filter(|text| BankCardNumber::parse(text).is_ok())
                .collect::<Vec<_>>();
            prop_assert_eq!(right.len(), 1);
            let right = right[0].as_bytes();
            for place in 0..right.len() {
                for other in b'0'..=b'9' {
                    let mut wrong = right.to_vec();
                    wrong[place] = other;
                    if wrong != right {
                        let text = String::from_utf8(wrong).unwrap();
                        prop_assert_eq!(
                            BankCardNumber::parse(&text),
                            Err(BankCardNumberError::CheckDigit)
                        );
                    }
                }
            }
        }

        #[test]
        fn credit_code_catches_every_single_error(
            body in prop::collection::vec(0_u32..31, 17),
            place in 0_usize..18,
            step in 1_u32..31,
        ) {
            let mut values = body.clone();
            values.push(credit_check(&body));
            let write = |values: &[u32]| -> String {
                values
                    .iter()
                    .map(|value| char::from(CREDIT_CHARACTERS[*value as usize]))
                    .collect()
            };
            prop_assert!(CreditCode::parse(&write(&values)).is_ok());
            values[place] = (values[place] + step) % 31;
            prop_assert_eq!(
                CreditCode::parse(&write(&values)),
                Err(CreditCodeError::CheckDigit)
            );
        }

        #[test]
        fn card_number_comes_back(village in 100_000_000_000_i64..=999_999_999_999, serial in 1_u16..=9_999) {
            let village = RegionCode::try_from(village).unwrap();
            prop_assume!(village.level() == RegionLevel::Village);
            let card = CardNumber::with_serial(village, serial).unwrap();
            prop_assert_eq!(CardNumber::parse(&card.to_string()), Ok(card));
        }
    }

    #[test]
    fn numbers_of_persons_are_seen() {
        for number in [
            "152601198001011234",
            "15260119800101123X",
            "身份证152601198001011234号",
            "152601800101123",
            "6222020200112233445",
            "6222 0202 0011 2233",
            "6222-0202-0011-2233",
            "13812345678",
            "138 1234 5678",
            "１３８１２３４５６７８",
            "{\"id\":\"15260119800101123x\"}",
        ] {
            assert!(looks_sensitive(number), "{number}");
        }
        for other in [
            "150921",
            "150921101",
            "150921101201",
            "2026-11-21",
            "0190a5b2c3d4e5f60718293a4b5c6d7e",
            "q123456789012345678",
            "{viewer{department}}",
            "100000",
        ] {
            assert!(!looks_sensitive(other), "{other}");
        }
    }
}
