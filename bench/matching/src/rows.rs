//! Rows of another agency's list, with the slips that such lists have, and whose they are.

use crate::{
    dice::Dice,
    names,
    people::{Human, TODAY},
};
use matching::Sex;
use pinyin::ToPinyin;
use std::collections::HashMap;
use time::{Date, Duration};

/// A kind of slip.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Slip {
    NumberDigitWrong,
    NumberDigitsSwapped,
    NumberDigitLostOrAdded,
    NumberTwoDigitsWrong,
    NumberOf15Digits,
    NumberMissing,
    NumberOfRelative,
    NameVariant,
    NameHomophone,
    NameNearHomophone,
    NameCharacterWrong,
    NameCharacterLostOrAdded,
    NameReordered,
    BirthDigitWrong,
    BirthDayMonthSwapped,
    BirthByOldCalendar,
    MovedVillage,
    SexWrong,
}

pub const SLIPS: [Slip; 18] = [
    Slip::NumberDigitWrong,
    Slip::NumberDigitsSwapped,
    Slip::NumberDigitLostOrAdded,
    Slip::NumberTwoDigitsWrong,
    Slip::NumberOf15Digits,
    Slip::NumberMissing,
    Slip::NumberOfRelative,
    Slip::NameVariant,
    Slip::NameHomophone,
    Slip::NameNearHomophone,
    Slip::NameCharacterWrong,
    Slip::NameCharacterLostOrAdded,
    Slip::NameReordered,
    Slip::BirthDigitWrong,
    Slip::BirthDayMonthSwapped,
    Slip::BirthByOldCalendar,
    Slip::MovedVillage,
    Slip::SexWrong,
];

/// Slips of a column and their shares of all rows, in ten thousandths.
const NUMBER: [(Slip, usize); 7] = [
    (Slip::NumberDigitWrong, 400),
    (Slip::NumberDigitsSwapped, 300),
    (Slip::NumberDigitLostOrAdded, 150),
    (Slip::NumberTwoDigitsWrong, 50),
    (Slip::NumberOf15Digits, 600),
    (Slip::NumberMissing, 500),
    (Slip::NumberOfRelative, 3),
];
const NAME: [(Slip, usize); 6] = [
    (Slip::NameVariant, 400),
    (Slip::NameHomophone, 500),
    (Slip::NameNearHomophone, 150),
    (Slip::NameCharacterWrong, 250),
    (Slip::NameCharacterLostOrAdded, 100),
    (Slip::NameReordered, 50),
];
const BIRTH: [(Slip, usize); 3] = [
    (Slip::BirthDigitWrong, 200),
    (Slip::BirthDayMonthSwapped, 100),
    (Slip::BirthByOldCalendar, 150),
];

/// A row, and whose it is if they are in the register.
pub struct Made {
    pub name: String,
    pub number: String,
    pub birth_date: Option<Date>,
    pub sex: Option<Sex>,
    pub village: Option<u64>,
    pub relation: Option<u8>,
    pub truth: Option<i64>,
    pub slips: Vec<Slip>,
}

pub struct Writer {
    dice: Dice,
    villages: Vec<u64>,
    variants: HashMap<char, Vec<char>>,
    sounds: HashMap<&'static str, Vec<char>>,
    characters: Vec<char>,
}

impl Writer {
    pub fn new(seed: u64, villages: Vec<u64>) -> Self {
        let characters = names::characters();
        let mut variants = HashMap::new();
        for line in include_str!("../../../matching/data/variants.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            if let Some((standard, others)) = line.split_once(' ') {
                variants.insert(
                    standard.chars().next().unwrap_or(' '),
                    others.chars().collect(),
                );
            }
        }
        let mut sounds: HashMap<&str, Vec<char>> = HashMap::new();
        for character in &characters {
            if let Some(reading) = character.to_pinyin() {
                sounds.entry(reading.plain()).or_default().push(*character);
            }
        }
        Self {
            dice: Dice::new(seed),
            villages,
            variants,
            sounds,
            characters,
        }
    }

    /// The row of a person. `relative` is somebody of the same household.
    pub fn row(&mut self, human: &Human, relative: Option<&Human>, is_registered: bool) -> Made {
        let mut made = Made {
            name: human.name.clone(),
            number: human.number.clone(),
            birth_date: self.dice.chance(0.6).then_some(human.born),
            sex: self.dice.chance(0.9).then_some(human.sex),
            village: self.dice.chance(0.97).then_some(human.village),
            relation: self.dice.chance(0.7).then_some(human.relation),
            truth: is_registered.then_some(human.key),
            slips: vec![],
        };
        if self.dice.chance(0.2) {
            made.relation = made.relation.map(|_| 20);
        }
        if let Some(slip) = self.drawn(&NUMBER) {
            self.slip_number(&mut made, slip, human, relative);
        }
        if let Some(slip) = self.drawn(&NAME) {
            self.slip_name(&mut made, slip);
        }
        if let Some(slip) = self.drawn(&BIRTH) {
            self.slip_birth(&mut made, slip, human.born);
        }
        if self.dice.chance(0.06) {
            made.village = made.village.map(|village| self.moved(village));
            made.slips.extend(made.village.map(|_| Slip::MovedVillage));
        }
        if self.dice.chance(0.005) && made.sex.is_some() {
            made.sex = Some(if human.sex == Sex::Male {
                Sex::Female
            } else {
                Sex::Male
            });
            made.slips.push(Slip::SexWrong);
        }
        self.decorate(&mut made);
        made
    }

    fn drawn(&mut self, of: &[(Slip, usize)]) -> Option<Slip> {
        let mut left = self.dice.below(10_000);
        for (slip, share) in of {
            if left < *share {
                return Some(*slip);
            }
            left -= share;
        }
        None
    }

    fn slip_number(
        &mut self,
        made: &mut Made,
        slip: Slip,
        human: &Human,
        relative: Option<&Human>,
    ) {
        let mut digits = made.number.clone().into_bytes();
        match slip {
            Slip::NumberDigitWrong => self.wrong_digit(&mut digits),
            Slip::NumberTwoDigitsWrong => {
                self.wrong_digit(&mut digits);
                self.wrong_digit(&mut digits);
            }
            Slip::NumberDigitsSwapped => {
                let place = self.dice.below(17);
                if digits[place] == digits[place + 1] {
                    return;
                }
                digits.swap(place, place + 1);
            }
            Slip::NumberDigitLostOrAdded => {
                let place = self.dice.below(18);
                if self.dice.chance(0.7) {
                    digits.remove(place);
                } else {
                    let digit = b'0' + u8::try_from(self.dice.below(10)).unwrap_or(0);
                    digits.insert(place, digit);
                }
            }
            Slip::NumberOf15Digits if human.born.year() < 2000 => {
                digits.truncate(17);
                digits.drain(6..8);
            }
            Slip::NumberMissing => {
                digits.clear();
                // A list without numbers says when people were born.
                made.birth_date = Some(human.born);
            }
            Slip::NumberOfRelative => match relative {
                Some(relative) => {
                    digits = relative.number.clone().into_bytes();
                    made.birth_date = Some(human.born);
                }
                None => return,
            },
            _ => return,
        }
        if made.number.as_bytes() != digits {
            made.number = String::from_utf8(digits).unwrap_or_default();
            made.slips.push(slip);
        }
    }

    fn wrong_digit(&mut self, digits: &mut [u8]) {
        let place = self.dice.below(18);
        let before = digits[place];
        while digits[place] == before {
            digits[place] = b'0' + u8::try_from(self.dice.below(10)).unwrap_or(0);
        }
    }

    fn slip_name(&mut self, made: &mut Made, slip: Slip) {
        let mut letters: Vec<char> = made.name.chars().collect();
        let before = letters.clone();
        let place = if self.dice.chance(0.15) {
            0
        } else {
            self.dice.below(letters.len())
        };
        match slip {
            Slip::NameVariant => {
                for letter in &mut letters {
                    if let Some(others) = self.variants.get(letter) {
                        *letter = self.dice.one_of(others);
                    }
                }
            }
            Slip::NameHomophone => {
                let place = (0..letters.len())
                    .map(|step| (place + step) % letters.len())
                    .find(|place| self.homophone(letters[*place], str::to_owned).is_some());
                if let Some(place) = place {
                    letters[place] = self
                        .homophone(letters[place], str::to_owned)
                        .unwrap_or(letters[place]);
                }
            }
            Slip::NameNearHomophone => {
                if let Some(other) = self.homophone(letters[place], neighbour) {
                    letters[place] = other;
                }
            }
            Slip::NameCharacterWrong => letters[place] = self.dice.one_of(&self.characters),
            Slip::NameCharacterLostOrAdded if letters.len() > 2 && self.dice.chance(0.6) => {
                letters.remove(place.max(1));
            }
            Slip::NameCharacterLostOrAdded => {
                letters.insert(place.max(1), self.dice.one_of(&self.characters))
            }
            Slip::NameReordered => {
                let place = place.min(letters.len() - 2);
                letters.swap(place, place + 1);
            }
            _ => {}
        }
        if letters != before {
            made.name = letters.into_iter().collect();
            made.slips.push(slip);
        }
    }

    /// Another character that is read in the same way, or in the way that is made of it.
    fn homophone(&mut self, letter: char, made: fn(&str) -> String) -> Option<char> {
        let reading = made(letter.to_pinyin()?.plain());
        let others: Vec<char> = self
            .sounds
            .get(reading.as_str())?
            .iter()
            .copied()
            .filter(|other| *other != letter)
            .collect();
        (!others.is_empty()).then(|| self.dice.one_of(&others))
    }

    fn slip_birth(&mut self, made: &mut Made, slip: Slip, born: Date) {
        let other = match slip {
            Slip::BirthDayMonthSwapped => time::Month::try_from(born.day())
                .and_then(|month| {
                    Date::from_calendar_date(born.year(), month, u8::from(born.month()))
                })
                .ok(),
            Slip::BirthByOldCalendar => Some(born - Duration::days(self.dice.between(20, 50))),
            _ => {
                let text = format!(
                    "{:04}{:02}{:02}",
                    born.year(),
                    u8::from(born.month()),
                    born.day()
                );
                let mut digits = text.into_bytes();
                let place = 2 + self.dice.below(6);
                digits[place] = b'0' + u8::try_from(self.dice.below(10)).unwrap_or(0);
                date_of(&digits)
            }
        };
        let other = other.filter(|other| *other != born && *other <= TODAY);
        if made.birth_date.is_some() && other.is_some() {
            made.birth_date = other;
            made.slips.push(slip);
        }
    }

    /// Another village: of the township in half of the moves, of the county in most others.
    fn moved(&mut self, village: u64) -> u64 {
        let within = match self.dice.below(10) {
            0..5 => 1_000,
            5..8 => 1_000_000,
            _ => 1,
        };
        let others: Vec<u64> = (self.villages.iter().copied())
            .filter(|other| {
                *other != village && (within == 1 || other / within == village / within)
            })
            .collect();
        self.dice.one_of(&others)
    }

    /// What is written otherwise and means the same.
    fn decorate(&mut self, made: &mut Made) {
        if self.dice.chance(0.05) {
            made.name = made
                .name
                .chars()
                .map(String::from)
                .collect::<Vec<_>>()
                .join(" ");
        }
        if self.dice.chance(0.02) {
            made.name.push_str("（户主）");
        }
        made.name = made
            .name
            .replace('·', self.dice.one_of(&["·", ".", "•", ""]));
        match self.dice.below(40) {
            0 => made.number = made.number.to_lowercase(),
            1 => made.number = made.number.chars().map(wide).collect(),
            2 => made.number.push(' '),
            _ => {}
        }
    }
}

fn wide(letter: char) -> char {
    char::from_u32(u32::from(letter) + 0xFEE0).unwrap_or(letter)
}

/// A syllable that is taken for this one where people do not tell them apart.
fn neighbour(reading: &str) -> String {
    for (from, to) in [
        ("zh", "z"),
        ("ch", "c"),
        ("sh", "s"),
        ("n", "l"),
        ("l", "n"),
        ("z", "zh"),
        ("c", "ch"),
        ("s", "sh"),
    ] {
        if let Some(rest) = reading.strip_prefix(from) {
            return format!("{to}{rest}");
        }
    }
    for (from, to) in [
        ("ang", "an"),
        ("eng", "en"),
        ("ing", "in"),
        ("an", "ang"),
        ("en", "eng"),
        ("in", "ing"),
    ] {
        if let Some(stem) = reading.strip_suffix(from) {
            return format!("{stem}{to}");
        }
    }
    String::new()
}

fn date_of(digits: &[u8]) -> Option<Date> {
    let number = |from: usize, to: usize| {
        std::str::from_utf8(digits.get(from..to)?)
            .ok()?
            .parse::<u16>()
            .ok()
    };
    let month = time::Month::try_from(u8::try_from(number(4, 6)?).ok()?).ok()?;
    Date::from_calendar_date(
        i32::from(number(0, 4)?),
        month,
        u8::try_from(number(6, 8)?).ok()?,
    )
    .ok()
}
