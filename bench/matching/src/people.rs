//! A made-up register: families in villages that share surnames, with twins and namesakes.

use crate::{
    dice::Dice,
    names::{self, People},
};
use matching::Sex;
use std::collections::HashSet;
use time::{Date, Duration, Month, macros::date};

pub const TODAY: Date = date!(2018 - 12 - 31);
const COUNTIES: [u64; 8] = [
    150_921, 150_922, 150_923, 150_924, 150_926, 150_927, 150_928, 150_981,
];
const TOWNSHIPS: u64 = 12;
const VILLAGES: u64 = 9;

pub struct Human {
    pub key: i64,
    pub household: u32,
    pub name: String,
    pub number: String,
    /// What the register has for it: of one in a hundred nothing, of two in a thousand a wrong digit.
    pub registered_number: String,
    pub born: Date,
    pub sex: Sex,
    pub village: u64,
    pub relation: u8,
}

/// Where people live, and which surnames are common there.
struct Village {
    code: u64,
    surnames: Vec<String>,
}

pub struct Making {
    dice: Dice,
    villages: Vec<Village>,
    numbers: HashSet<u64>,
    pub humans: Vec<Human>,
    household: u32,
}

/// What a family hands on.
struct Family {
    people: People,
    surname: String,
    village: usize,
    generation: Option<char>,
}

impl Making {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut villages = vec![];
        for county in COUNTIES {
            for township in 0..TOWNSHIPS {
                for village in 0..VILLAGES {
                    let code = county * 1_000_000 + (100 + township) * 1_000 + 200 + village;
                    let surnames = (0..4).map(|_| names::surname(&mut dice)).collect();
                    villages.push(Village { code, surnames });
                }
            }
        }
        Self {
            dice,
            villages,
            numbers: HashSet::new(),
            humans: vec![],
            household: 0,
        }
    }

    /// Fills the villages up to this number of persons.
    pub fn fill(mut self, persons: usize) -> Self {
        while self.humans.len() < persons {
            self.household();
        }
        self.humans.truncate(persons);
        self
    }

    pub fn villages(&self) -> Vec<u64> {
        self.villages.iter().map(|village| village.code).collect()
    }

    fn household(&mut self) {
        self.household += 1;
        let village = self.dice.below(self.villages.len());
        let people = match self.dice.below(100) {
            0..2 => People::Uyghur,
            2..7 => People::Mongol,
            _ => People::Han,
        };
        let surname = match self.dice.chance(0.7) {
            true => {
                let place = self.dice.ranked(4, 0.9);
                self.villages[village].surnames[place].clone()
            }
            false => names::surname(&mut self.dice),
        };
        let mut family = Family {
            people,
            surname,
            village,
            generation: None,
        };
        let head_year = i32::try_from(self.dice.between(1935, 1992)).unwrap_or(1960);
        let head_is_male = self.dice.chance(0.85);
        let head_born = self.day_in(head_year);
        self.person(&family, &family.surname.clone(), head_born, head_is_male, 2);
        if self.dice.chance(0.8) {
            let other = names::surname(&mut self.dice);
            let year = head_year + self.offset(5);
            let born = self.day_in(year);
            self.person(&family, &other, born, !head_is_male, 10);
        }
        if self.dice.chance(0.25) {
            let year = head_year - 24 + self.offset(4);
            let (born, is_male) = (self.day_in(year), self.dice.chance(0.4));
            let surname = if is_male {
                family.surname.clone()
            } else {
                names::surname(&mut self.dice)
            };
            self.person(
                &family,
                &surname,
                born,
                is_male,
                if is_male { 51 } else { 52 },
            );
        }
        family.generation = self.generation(people, head_year + 25);
        self.children(&family, head_year + 23);
    }

    /// The character that the names of brothers and sisters begin with, in two of five families.
    fn generation(&mut self, people: People, year: i32) -> Option<char> {
        let wanted = people == People::Han && self.dice.chance(0.4);
        wanted
            .then(|| {
                names::given(&mut self.dice, true, year, None)
                    .chars()
                    .next()
            })
            .flatten()
    }

    fn children(&mut self, family: &Family, first_year: i32) {
        let mut year = first_year;
        for _ in 0..self.dice.one_of(&[0, 1, 1, 2, 2, 2, 3, 4]) {
            year += i32::try_from(self.dice.between(1, 4)).unwrap_or(2);
            if year > 2017 {
                return;
            }
            let (born, is_male) = (self.day_in(year), self.dice.chance(0.53));
            self.person(
                family,
                &family.surname,
                born,
                is_male,
                if is_male { 20 } else { 30 },
            );
            if self.dice.chance(0.012) {
                let is_male = if self.dice.chance(0.65) {
                    is_male
                } else {
                    !is_male
                };
                self.person(
                    family,
                    &family.surname,
                    born,
                    is_male,
                    if is_male { 20 } else { 30 },
                );
            }
        }
    }

    fn person(&mut self, family: &Family, surname: &str, born: Date, is_male: bool, relation: u8) {
        let name = match family.people {
            People::Han => {
                let generation = family.generation.filter(|_| (20..40).contains(&relation));
                format!(
                    "{surname}{}",
                    names::given(&mut self.dice, is_male, born.year(), generation)
                )
            }
            people => names::minority(&mut self.dice, people, is_male),
        };
        let village = self.villages[family.village].code;
        let number = self.number(village / 1_000_000, born, is_male);
        let registered_number = self.registered(&number);
        self.humans.push(Human {
            key: i64::try_from(self.humans.len()).unwrap_or_default() * 7 + 1_000,
            household: self.household,
            name,
            registered_number,
            number,
            born,
            sex: if is_male { Sex::Male } else { Sex::Female },
            village,
            relation,
        });
    }

    fn registered(&mut self, number: &str) -> String {
        match self.dice.below(1_000) {
            0..10 => String::new(),
            10..12 => {
                let place = self.dice.below(17);
                let digit = if number[place..].starts_with('7') {
                    "1"
                } else {
                    "7"
                };
                format!("{}{digit}{}", &number[..place], &number[place + 1..])
            }
            _ => number.to_owned(),
        }
    }

    /// A number that nobody has yet; those of twins follow on one another.
    fn number(&mut self, county: u64, born: Date, is_male: bool) -> String {
        let county = if self.dice.chance(0.9) {
            county
        } else {
            self.dice.one_of(&COUNTIES)
        };
        let day = born.year().unsigned_abs() as u64 * 10_000
            + u64::from(u8::from(born.month())) * 100
            + u64::from(born.day());
        let mut order = (self.dice.below(200) * 2) as u64 + u64::from(is_male);
        loop {
            order = if order > 998 {
                u64::from(is_male) + 2
            } else {
                order.max(1)
            };
            let digits = (county * 100_000_000 + day) * 1_000 + order;
            if order > 0 && self.numbers.insert(digits) {
                return with_check(digits);
            }
            order += 2;
        }
    }

    fn day_in(&mut self, year: i32) -> Date {
        let start = Date::from_calendar_date(year.min(2018), Month::January, 1).unwrap_or(TODAY);
        // Where nobody knew the day, the first of January was written.
        match self.dice.chance(if year < 1950 { 0.03 } else { 0.005 }) {
            true => start,
            false => start + Duration::days(self.dice.between(0, 364)),
        }
    }

    fn offset(&mut self, years: i64) -> i32 {
        i32::try_from(self.dice.between(-years, years)).unwrap_or_default()
    }
}

/// 17 digits with their check character.
pub fn with_check(digits: u64) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let text = format!("{digits:017}");
    let sum: u32 = text
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{text}{}", char::from(b"10X98765432"[sum as usize % 11]))
}
