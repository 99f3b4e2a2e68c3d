//! Citizen numbers (GB 11643): how a list writes one, and what it may have been before somebody mistyped it.

use std::fmt;
use time::{Date, Month};

/// Characters of a citizen number.
const LENGTH: usize = 18;
/// Digits before the check character.
const DIGITS: usize = LENGTH - 1;
/// Characters of a number from before 1999: two digits of the year, no check character.
const OLD_LENGTH: usize = 15;
/// Weight of each of the first 17 digits (ISO 7064 MOD 11-2).
const WEIGHTS: [u32; DIGITS] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character at the place of the remainder.
const CHECKS: [u8; 11] = *b"10X98765432";
/// What has fewer digits is no citizen number, however many slips are in it.
const FEWEST_DIGITS: usize = 12;
/// Where the birth date begins.
const DATE_AT: usize = 6;

/// A valid citizen number, in eight bytes. Prints as its first digit and stars.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitizenNumber(u64);

/// Why a text is no citizen number. Tested in this order; the first that holds is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NumberFault {
    #[error("a citizen number has 18 characters, or 15 digits in its old form")]
    Format,
    #[error("the birth date in the citizen number does not exist or lies in the future")]
    BirthDate,
    #[error("the check character of the citizen number is wrong")]
    CheckDigit,
}

/// What a list has where a citizen number should be.
///
/// ```
/// use matching::{NumberFault, Written};
/// use time::macros::date;
///
/// let today = date!(2018 - 12 - 31);
/// let new = Written::read(" 11010519491231002x ", today);
/// let old = Written::read("１１０１０５４９１２３１００２", today);
/// assert_eq!(new.valid(), old.valid());
/// assert!(old.is_converted() && !new.is_converted());
/// assert_eq!(Written::read("110105194912310021", today).fault(), Some(NumberFault::CheckDigit));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Written {
    /// Normalised: see [`Written::text`].
    text: String,
    converted: bool,
    telling: bool,
    valid: Result<CitizenNumber, NumberFault>,
}

/// How two written numbers relate. Places count from 0, in the number of 18 characters that is right, or that is longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberFinding {
    /// At least one side has none, or nothing like one.
    Missing,
    Equal,
    /// Equal once the old form of one of them has become the new one.
    ConvertedFrom15,
    /// The same text on both sides, which is no valid number.
    EqualButWrong,
    OneDigitOff {
        place: u8,
    },
    /// Two neighbours stand the other way round; the place is that of the first.
    Swapped {
        place: u8,
    },
    /// One side has a character less.
    DigitLost {
        place: u8,
    },
    /// Two such slips.
    TwoSlips,
    /// At least one is not valid, and they are not alike.
    Differs,
    /// Both are valid and name two persons.
    OtherPerson,
}

/// A number to look for, and what was done to what is written to come to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearNumber {
    pub number: CitizenNumber,
    pub finding: NumberFinding,
}

impl NumberFinding {
    /// The same text or number.
    pub const fn is_same(self) -> bool {
        matches!(
            self,
            Self::Equal | Self::ConvertedFrom15 | Self::EqualButWrong
        )
    }

    /// One slip apart.
    pub const fn is_slip(self) -> bool {
        matches!(
            self,
            Self::OneDigitOff { .. } | Self::Swapped { .. } | Self::DigitLost { .. }
        )
    }

    /// One or two slips apart.
    pub const fn is_alike(self) -> bool {
        self.is_slip() || matches!(self, Self::TwoSlips)
    }
}

impl CitizenNumber {
    /// The number of 17 digits and the check character that they ask for.
    fn of_digits(digits: &[u8; DIGITS], today: Date) -> Option<Self> {
        birth_date_in(digits).filter(|date| *date <= today)?;
        Some(Self(value_of(digits)))
    }

    /// Its 17 digits as one number, by which it is found and kept.
    pub const fn code(self) -> u64 {
        self.0
    }

    /// The 18 characters. Whoever calls this answers for where they go.
    pub fn reveal(self) -> String {
        let digits = self.digits();
        let mut text: String = digits
            .iter()
            .map(|digit| char::from(b'0' + digit))
            .collect();
        text.push(char::from(check_of(&digits)));
        text
    }

    /// The birth date in the number.
    pub fn birth_date(self) -> Option<Date> {
        birth_date_in(&self.digits())
    }

    /// Whether the order number is odd, which is a man's.
    pub const fn is_male(self) -> bool {
        self.0 % 2 == 1
    }

    fn digits(self) -> [u8; DIGITS] {
        let mut digits = [0; DIGITS];
        let mut rest = self.0;
        for digit in digits.iter_mut().rev() {
            *digit = u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        digits
    }
}

impl fmt::Debug for CitizenNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "CitizenNumber({}{})",
            self.digits()[0],
            "*".repeat(DIGITS)
        )
    }
}

impl Written {
    /// Reads what is written. `today` is the last day that may be a birth date.
    ///
    /// Blanks inside and around it go, full-width characters become ASCII, x becomes X, and 15 digits become 18 characters.
    pub fn read(text: &str, today: Date) -> Self {
        let narrow: String = text
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .map(narrow_upper)
            .collect();
        let converted =
            narrow.len() == OLD_LENGTH && narrow.bytes().all(|byte| byte.is_ascii_digit());
        let text = if converted {
            lengthened(&narrow)
        } else {
            narrow
        };
        let valid = judged(&text, today);
        let digits = || text.bytes().filter(u8::is_ascii_digit);
        let first = digits().next();
        let telling =
            digits().count() >= FEWEST_DIGITS && digits().any(|digit| Some(digit) != first);
        Self {
            text,
            converted,
            telling,
            valid,
        }
    }

    /// Nothing is written.
    pub fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    /// It may be a citizen number with slips: not 无, not zeros only, not the number of a house.
    pub const fn is_telling(&self) -> bool {
        self.telling
    }

    /// It had the 15 digits of the old form.
    pub const fn is_converted(&self) -> bool {
        self.converted
    }

    pub fn valid(&self) -> Option<CitizenNumber> {
        self.valid.ok()
    }

    /// What is wrong with it, if it is not blank.
    pub fn fault(&self) -> Option<NumberFault> {
        self.valid.err().filter(|_| !self.is_blank())
    }

    /// The normalised text, valid or not. Sensitive like the number itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The birth date that stands in it, which may be right where the number is not.
    pub fn birth_date(&self) -> Option<Date> {
        let digits = values_of(&self.text).filter(|digits| digits.len() == LENGTH)?;
        birth_date_in(&digits)
    }

    /// The numbers to look for: itself where it is valid, else all that one slip makes of a valid number.
    ///
    /// A slip is a wrong digit, two neighbours the other way round, or a digit too many or too few. Each number once, with
    /// the first slip in that order; a number from 15 digits shows no wrong check, so only an impossible date is mended.
    pub fn near(&self, today: Date) -> Vec<NearNumber> {
        if let Ok(number) = self.valid {
            let finding = if self.converted {
                NumberFinding::ConvertedFrom15
            } else {
                NumberFinding::Equal
            };
            return vec![NearNumber { number, finding }];
        }
        let mut near = Near {
            today,
            found: vec![],
        };
        let Some(characters) = values_of(&self.text) else {
            return near.found;
        };
        match (self.converted, characters.len()) {
            (true, _) => near.dates(&characters[..DIGITS]),
            (false, LENGTH) => {
                near.replaced(&characters);
                near.swapped(&characters);
            }
            (false, DIGITS) => near.lengthened(&characters),
            (false, 19) => near.shortened(&characters),
            _ => {}
        }
        near.found
    }

    /// How this relates to what is written elsewhere; the same whichever side asks.
    pub fn compare(&self, other: &Self) -> NumberFinding {
        if !self.is_telling() || !other.is_telling() {
            return NumberFinding::Missing;
        }
        if let (Ok(mine), Ok(theirs)) = (self.valid, other.valid) {
            return match (mine == theirs, self.converted == other.converted) {
                (true, true) => NumberFinding::Equal,
                (true, false) => NumberFinding::ConvertedFrom15,
                (false, _) => NumberFinding::OtherPerson,
            };
        }
        let cut = if self.converted || other.converted {
            DIGITS
        } else {
            usize::MAX
        };
        compare_texts(clipped(&self.text, cut), clipped(&other.text, cut))
    }
}

impl From<CitizenNumber> for Written {
    fn from(number: CitizenNumber) -> Self {
        Self {
            text: number.reveal(),
            converted: false,
            telling: true,
            valid: Ok(number),
        }
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.text.chars().count();
        write!(formatter, "Written({length} characters, {:?})", self.valid)
    }
}

/// Valid numbers that a slip away from what is written.
struct Near {
    today: Date,
    found: Vec<NearNumber>,
}

impl Near {
    /// Keeps 18 characters (the last may be 10, an X) that make a valid number.
    fn keep(&mut self, characters: &[u8], finding: NumberFinding) {
        let Some((check, digits)) = characters.split_last() else {
            return;
        };
        let Ok(digits) = <&[u8; DIGITS]>::try_from(digits) else {
            return;
        };
        if digits.iter().all(|digit| *digit < 10) && value_of_check(check_of(digits)) == *check {
            self.keep_digits(digits, finding);
        }
    }

    fn keep_digits(&mut self, digits: &[u8; DIGITS], finding: NumberFinding) {
        let Some(number) = CitizenNumber::of_digits(digits, self.today) else {
            return;
        };
        if self.found.iter().all(|near| near.number != number) {
            self.found.push(NearNumber { number, finding });
        }
    }

    fn replaced(&mut self, characters: &[u8]) {
        let mut changed = characters.to_vec();
        for place in 0..LENGTH {
            for value in 0..=10 {
                changed[place] = value;
                self.keep(
                    &changed,
                    NumberFinding::OneDigitOff {
                        place: narrow(place),
                    },
                );
            }
            changed[place] = characters[place];
        }
    }

    fn swapped(&mut self, characters: &[u8]) {
        let mut changed = characters.to_vec();
        for place in 0..LENGTH - 1 {
            changed.swap(place, place + 1);
            self.keep(
                &changed,
                NumberFinding::Swapped {
                    place: narrow(place),
                },
            );
            changed.swap(place, place + 1);
        }
    }

    fn lengthened(&mut self, characters: &[u8]) {
        for place in 0..LENGTH {
            for value in 0..=10 {
                let mut changed = characters.to_vec();
                changed.insert(place, value);
                self.keep(
                    &changed,
                    NumberFinding::DigitLost {
                        place: narrow(place),
                    },
                );
            }
        }
    }

    fn shortened(&mut self, characters: &[u8]) {
        for place in 0..characters.len() {
            let mut changed = characters.to_vec();
            changed.remove(place);
            self.keep(
                &changed,
                NumberFinding::DigitLost {
                    place: narrow(place),
                },
            );
        }
    }

    /// Mends the date of a number that has no check character of its own.
    fn dates(&mut self, digits: &[u8]) {
        let Ok(mut changed) = <[u8; DIGITS]>::try_from(digits) else {
            return;
        };
        // The century was never written.
        let written = DATE_AT + 2..DATE_AT + 8;
        for place in written.clone() {
            let before = changed[place];
            for value in 0..10 {
                changed[place] = value;
                self.keep_digits(
                    &changed,
                    NumberFinding::OneDigitOff {
                        place: narrow(place),
                    },
                );
            }
            changed[place] = before;
        }
        for place in written.start..written.end - 1 {
            changed.swap(place, place + 1);
            self.keep_digits(
                &changed,
                NumberFinding::Swapped {
                    place: narrow(place),
                },
            );
            changed.swap(place, place + 1);
        }
    }
}

/// Two texts of which at least one is no valid number.
fn compare_texts(one: &str, other: &str) -> NumberFinding {
    if one == other {
        return NumberFinding::EqualButWrong;
    }
    let (short, long): (Vec<char>, Vec<char>) = if one.chars().count() <= other.chars().count() {
        (one.chars().collect(), other.chars().collect())
    } else {
        (other.chars().collect(), one.chars().collect())
    };
    // Anything but a number with a slip is not worth the distance.
    if long.len() > LENGTH + 2 || long.len() - short.len() > 2 {
        return NumberFinding::Differs;
    }
    let start = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    let end = (short[start..].iter().rev().zip(long[start..].iter().rev()))
        .take_while(|(a, b)| a == b)
        .count();
    let place = narrow(start);
    match (short.len() - start - end, long.len() - start - end) {
        (1, 1) => NumberFinding::OneDigitOff { place },
        (2, 2) if short[start] == long[start + 1] && short[start + 1] == long[start] => {
            NumberFinding::Swapped { place }
        }
        (0, 1) => NumberFinding::DigitLost { place },
        _ if strsim::generic_damerau_levenshtein(&short, &long) <= 2 => NumberFinding::TwoSlips,
        _ => NumberFinding::Differs,
    }
}

fn clipped(text: &str, length: usize) -> &str {
    text.get(..length).unwrap_or(text)
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

/// 15 digits in the form of 18 characters.
fn lengthened(old: &str) -> String {
    let (region, rest) = old.split_at(DATE_AT);
    let mut text = format!("{region}19{rest}");
    let check = values_of(&text)
        .and_then(|values| values.try_into().ok())
        .map(|digits| check_of(&digits));
    text.extend(check.map(char::from));
    text
}

fn judged(text: &str, today: Date) -> Result<CitizenNumber, NumberFault> {
    let characters = values_of(text).ok_or(NumberFault::Format)?;
    let Some((check, digits)) = characters.split_last() else {
        return Err(NumberFault::Format);
    };
    let digits: &[u8; DIGITS] = digits.try_into().map_err(|_| NumberFault::Format)?;
    if digits.contains(&10) {
        return Err(NumberFault::Format);
    }
    let number = CitizenNumber::of_digits(digits, today).ok_or(NumberFault::BirthDate)?;
    if value_of_check(check_of(digits)) != *check {
        return Err(NumberFault::CheckDigit);
    }
    Ok(number)
}

/// What each character counts, X ten; nothing if another character is among them.
fn values_of(text: &str) -> Option<Vec<u8>> {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'X' => Some(10),
            _ => None,
        })
        .collect()
}

const fn value_of_check(check: u8) -> u8 {
    if check == b'X' { 10 } else { check - b'0' }
}

fn value_of(digits: &[u8]) -> u64 {
    digits
        .iter()
        .fold(0, |value, digit| value * 10 + u64::from(*digit))
}

/// The check character that belongs to 17 digits.
fn check_of(digits: &[u8; DIGITS]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(*digit) * weight)
        .sum();
    CHECKS[sum as usize % CHECKS.len()]
}

/// The birth date in the first 17 digits, if that day exists.
fn birth_date_in(digits: &[u8]) -> Option<Date> {
    let part = |from: usize, length: usize| digits.get(from..from + length).map(value_of);
    let year = i32::try_from(part(DATE_AT, 4)?).ok()?;
    let month = Month::try_from(u8::try_from(part(DATE_AT + 4, 2)?).ok()?).ok()?;
    let day = u8::try_from(part(DATE_AT + 6, 2)?).ok()?;
    // The calendar knows a year 0 only by reckoning; nobody has it in a number.
    Date::from_calendar_date(year, month, day)
        .ok()
        .filter(|_| year > 0)
}

fn narrow(place: usize) -> u8 {
    u8::try_from(place).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;

    const TODAY: Date = date!(2018 - 12 - 31);
    const NUMBER: &str = "11010519491231002X";

    fn read(text: &str) -> Written {
        Written::read(text, TODAY)
    }

    #[test]
    fn examples_of_the_standard() {
        let new = read(NUMBER).valid().unwrap();
        assert_eq!(new.birth_date(), Some(date!(1949 - 12 - 31)));
        assert!(!new.is_male());
        let ancient = read("440524188001010014").valid().unwrap();
        assert_eq!(ancient.birth_date(), Some(date!(1880 - 01 - 01)));
        assert!(ancient.is_male());
        assert_eq!(
            read("110105194912310021").fault(),
            Some(NumberFault::CheckDigit)
        );
        let old = read("110105491231002");
        assert_eq!((old.text(), old.valid()), (NUMBER, Some(new)));
    }

    #[test]
    fn faults_in_their_order() {
        for (text, fault) in [
            ("", None),
            (" ", None),
            ("无", Some(NumberFault::Format)),
            ("1101051949123100X2", Some(NumberFault::Format)),
            ("11010519491331002X", Some(NumberFault::BirthDate)),
            ("110105201901010020", Some(NumberFault::BirthDate)),
            ("110105491331002", Some(NumberFault::BirthDate)),
            ("110105194912310021", Some(NumberFault::CheckDigit)),
            ("１１０１０５ 19491231 002ｘ", None),
        ] {
            assert_eq!(read(text).fault(), fault, "{text}");
        }
    }

    #[test]
    fn findings() {
        use NumberFinding::*;
        for (one, other, finding) in [
            (NUMBER, NUMBER, Equal),
            (NUMBER, "110105491231002", ConvertedFrom15),
            ("110105491231002", "110105491231002", Equal),
            (NUMBER, "", Missing),
            ("无", "无", Missing),
            (NUMBER, "000000000000000000", Missing),
            ("110105194912310021", "110105194912310021", EqualButWrong),
            (NUMBER, "440524188001010014", OtherPerson),
            (NUMBER, "11010519491231003X", OneDigitOff { place: 16 }),
            (NUMBER, "110105194912310021", OneDigitOff { place: 17 }),
            (NUMBER, "11010519491321002X", Swapped { place: 11 }),
            (NUMBER, "1010519491231002X", DigitLost { place: 1 }),
            (NUMBER, "110105194912310002X", DigitLost { place: 16 }),
            (NUMBER, "11010519491331003X", TwoSlips),
            (NUMBER, "11010519591331003X", Differs),
            // The check character of a converted number was computed and says nothing.
            (NUMBER, "110105491331002", OneDigitOff { place: 11 }),
        ] {
            assert_eq!(read(one).compare(&read(other)), finding, "{one} {other}");
            assert_eq!(read(other).compare(&read(one)), finding, "{other} {one}");
        }
    }

    #[test]
    fn nothing_prints_a_number() {
        let written = read(NUMBER);
        assert_eq!(
            format!("{written:?}"),
            "Written(18 characters, Ok(CitizenNumber(1*****************)))"
        );
    }

    fn numbers() -> impl Strategy<Value = CitizenNumber> {
        let first = date!(1900 - 01 - 01).to_julian_day();
        (
            100_000_u64..=999_999,
            first..=TODAY.to_julian_day(),
            1_u64..=999,
        )
            .prop_map(|(region, day, order)| {
                let date = Date::from_julian_day(day).unwrap();
                let birth = date.year() as u64 * 10_000
                    + u64::from(u8::from(date.month())) * 100
                    + u64::from(date.day());
                CitizenNumber((region * 100_000_000 + birth) * 1_000 + order)
            })
    }

    fn finds(text: &str, number: CitizenNumber) -> Option<NumberFinding> {
        let near = read(text).near(TODAY);
        near.into_iter()
            .find(|near| near.number == number)
            .map(|near| near.finding)
    }

    proptest! {
        #[test]
        fn every_slip_is_found_again(number in numbers(), place in 0_usize..18, digit in 0_u8..10) {
            let right = number.reveal();
            prop_assert_eq!(finds(&right, number), Some(NumberFinding::Equal));

            let mut wrong = right.clone().into_bytes();
            wrong[place] = b'0' + digit;
            let wrong = String::from_utf8(wrong).unwrap();
            if wrong != right {
                prop_assert_eq!(finds(&wrong, number), Some(NumberFinding::OneDigitOff { place: narrow(place) }));
            }

            let mut swapped = right.clone().into_bytes();
            if place > 0 && swapped[place] != swapped[place - 1] {
                swapped.swap(place - 1, place);
                let swapped = String::from_utf8(swapped).unwrap();
                prop_assert_eq!(finds(&swapped, number), Some(NumberFinding::Swapped { place: narrow(place - 1) }));
            }

            let mut lost = right.clone();
            lost.remove(place);
            let is_lost = |finding| matches!(finding, Some(NumberFinding::DigitLost { .. }));
            prop_assert!(is_lost(finds(&lost, number)));
            let mut more = right;
            more.insert(place, char::from(b'0' + digit));
            prop_assert!(is_lost(finds(&more, number)));
        }

        /// What is looked for has the finding that a comparison of the two texts comes to, up to equal neighbours.
        #[test]
        fn lookups_agree_with_comparisons(number in numbers(), place in 0_usize..18, digit in 0_u8..10) {
            let mut wrong = number.reveal().into_bytes();
            wrong[place] = b'0' + digit;
            let wrong = read(&String::from_utf8(wrong).unwrap());
            for near in wrong.near(TODAY) {
                let found = wrong.compare(&read(&near.number.reveal()));
                prop_assert_eq!(std::mem::discriminant(&found), std::mem::discriminant(&near.finding));
            }
        }

        #[test]
        fn the_old_form_becomes_the_new_one(number in numbers()) {
            prop_assume!(number.birth_date().unwrap().year() < 2000);
            let text = number.reveal();
            let old = read(&format!("{}{}", &text[..6], &text[8..17]));
            prop_assert_eq!(old.valid(), Some(number));
            prop_assert!(old.is_converted());
        }

        #[test]
        fn any_two_texts_compare_alike_from_both_sides(one in ".{0,22}", other in "[0-9０-９Xx ]{0,20}") {
            let (one, other) = (read(&one), read(&other));
            prop_assert_eq!(one.compare(&other), other.compare(&one));
            prop_assert!(one.near(TODAY).len() < 200 && other.near(TODAY).len() < 200);
        }
    }
}
