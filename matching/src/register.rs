//! A register in memory, small enough for a million persons, and whose rows a list has.

use crate::{
    Decision, Match, NumberFinding, RosterConfig, Row, Scorer, Written,
    finding::{Sex, number_of},
    frequencies::Frequencies,
    glyph::Syllable,
    name::{clean, sound_of, syllables},
    score::{Compared, Weighed},
};
use rustc_hash::{FxHashMap, FxHasher};
use std::{
    collections::hash_map::Entry,
    hash::{Hash, Hasher},
};
use time::Date;

/// More persons than this share a key that says too little to look at them all.
const LARGEST_GROUP: usize = 2_000;

/// Somebody in the register.
#[derive(Clone, Copy, Debug, Default)]
pub struct Person<'p> {
    pub key: i64,
    pub name: &'p str,
    /// The citizen number; blank where there is none.
    pub number: &'p str,
    pub birth_date: Option<Date>,
    pub sex: Option<Sex>,
    /// Region code of twelve digits.
    pub village: Option<u64>,
    /// Relation to the head, two digits of GB/T 4761.
    pub relation: Option<u8>,
}

/// A register in memory: 48 bytes a person, each name once, and 16 bytes for each of a person's eight keys.
pub struct Matcher {
    scorer: Scorer,
    persons: Vec<Stored>,
    names: Names,
    /// Numbers that are written and not valid.
    wrong: Vec<Written>,
    /// Hash of a key and place of a person, in order.
    keys: Vec<(u64, u32)>,
}

/// Names one behind the other.
#[derive(Default)]
struct Names {
    letters: Vec<char>,
    /// Where each ends.
    ends: Vec<u32>,
}

impl Names {
    fn of(&self, name: u32) -> &[char] {
        let place = name as usize;
        let start = place
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or_default();
        let end = self.ends.get(place).copied().unwrap_or_default();
        self.letters
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// Appends a name and tells its place.
    fn push(&mut self, letters: &[char]) -> u32 {
        self.letters.extend(letters);
        self.ends
            .push(u32::try_from(self.letters.len()).unwrap_or(u32::MAX));
        u32::try_from(self.ends.len() - 1).unwrap_or(u32::MAX)
    }
}

struct Stored {
    key: i64,
    village: u64,
    number: StoredNumber,
    birth_date: Option<Date>,
    name: u32,
    sex: Option<Sex>,
    relation: Option<u8>,
}

#[derive(Clone, Copy)]
enum StoredNumber {
    None,
    Valid(crate::CitizenNumber),
    /// Its place among the wrong ones.
    Wrong(u32),
}

/// By what persons are found. Each finds those whose other fields may all be wrong.
#[derive(Hash)]
enum Key {
    Number(u64),
    WrongNumber(u64),
    SoundAndYear(u64, u32),
    SoundAndDay(u64, u32),
    SoundAndTownship(u64, u64),
    Sound(u64),
    BirthAndFirst(u32, Syllable),
    BirthAndLast(u32, Syllable),
    BirthAndTownship(u32, u64),
}

impl Matcher {
    /// Takes the persons in; in whatever order they come, answers are the same. `today` is the last day that may be a birth date.
    ///
    /// ```
    /// use matching::{Grade, Matcher, Person, RosterConfig, Row, RowText};
    /// use time::macros::date;
    ///
    /// let today = date!(2018 - 12 - 31);
    /// let persons = [Person { key: 7, name: "刘哲", number: "11010519491231002X", ..Person::default() }];
    /// let matcher = Matcher::new(RosterConfig::shipped()?, persons, today);
    /// let text = RowText { name: "劉喆", number: "110105491231002", ..RowText::default() };
    /// let found = matcher.find(&Row::read(&text, today), |_| None);
    /// assert_eq!((found.grade, found.candidates[0].key), (Grade::Exact, 7));
    /// # Ok::<(), matching::ConfigError>(())
    /// ```
    pub fn new<'p>(
        config: RosterConfig,
        persons: impl IntoIterator<Item = Person<'p>>,
        today: Date,
    ) -> Self {
        let mut building = Building::default();
        for person in persons {
            building.add(&person, today);
        }
        building.done(config)
    }

    /// Whose row it is. `decided` tells what a person has said of this row and the person with the key.
    pub fn find(&self, row: &Row, decided: impl Fn(i64) -> Option<Decision>) -> Match {
        let weighed = self.candidates(row).into_iter().filter_map(|place| {
            let person = self.persons.get(place as usize)?;
            let compared = Compared {
                letters: self.names.of(person.name),
                birth_date: person.birth_date,
                sex: person.sex,
                village: Some(person.village).filter(|village| *village != 0),
                relation: person.relation,
            };
            let number = self.number_finding(row, person.number);
            Some(
                self.scorer
                    .weigh(row, person.key, number, &compared, decided(person.key)),
            )
        });
        self.scorer.judge(weighed.collect::<Vec<Weighed>>())
    }

    /// How many persons it holds.
    pub fn len(&self) -> usize {
        self.persons.len()
    }

    /// Nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.persons.is_empty()
    }

    /// Places of persons who share a key with the row, each once, in order.
    fn candidates(&self, row: &Row) -> Vec<u32> {
        let mut found = vec![];
        let numbers = row.lookups_of_numbers().map(Key::Number);
        let wrong = wrong_key(&row.number);
        let village = row.village.unwrap_or_default();
        let others = keys(row.name.letters(), row.birth_date, village);
        for key in numbers.chain(wrong).chain(others) {
            let group = self.group(hash_of(&key));
            let is_name = matches!(key, Key::Sound(_));
            let largest = if is_name {
                row.most_namesakes()
            } else {
                LARGEST_GROUP
            };
            if group.len() <= largest {
                found.extend(group.iter().map(|(_, place)| *place));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn group(&self, key: u64) -> &[(u64, u32)] {
        let start = self.keys.partition_point(|(other, _)| *other < key);
        let rest = self.keys.get(start..).unwrap_or_default();
        let length = rest.iter().take_while(|(other, _)| *other == key).count();
        rest.get(..length).unwrap_or_default()
    }

    fn number_finding(&self, row: &Row, stored: StoredNumber) -> NumberFinding {
        match (stored, row.number.valid()) {
            _ if !row.number.is_telling() => NumberFinding::Missing,
            (StoredNumber::None, _) => NumberFinding::Missing,
            (StoredNumber::Valid(number), Some(own)) if number != own => NumberFinding::OtherPerson,
            (StoredNumber::Valid(number), _) => row.number.compare(&Written::from(number)),
            (StoredNumber::Wrong(place), _) => (self.wrong.get(place as usize))
                .map_or(NumberFinding::Differs, |written| {
                    row.number.compare(written)
                }),
        }
    }
}

/// A register that takes persons in.
#[derive(Default)]
struct Building {
    persons: Vec<Stored>,
    names: Names,
    wrong: Vec<Written>,
    keys: Vec<(u64, u32)>,
    /// The name with a hash, and how many have it.
    known: FxHashMap<u64, (u32, u32)>,
    villages: FxHashMap<u64, u32>,
}

impl Building {
    fn add(&mut self, person: &Person, today: Date) {
        let Ok(place) = u32::try_from(self.persons.len()) else {
            return;
        };
        let mut letters = vec![];
        clean(person.name, &mut letters);
        let written = Written::read(person.number, today);
        let told = written.valid();
        let birth_date = person
            .birth_date
            .or_else(|| told.and_then(crate::CitizenNumber::birth_date));
        let village = person.village.unwrap_or_default();
        let near = written
            .near(today)
            .into_iter()
            .map(|near| Key::Number(near.number.code()));
        let wrong = wrong_key(&written);
        let others = keys(&letters, birth_date, village);
        self.keys.extend(
            near.chain(wrong)
                .chain(others)
                .map(|key| (hash_of(&key), place)),
        );
        *self.villages.entry(village).or_default() += 1;
        let stored = Stored {
            key: person.key,
            village,
            number: self.number(written),
            birth_date,
            name: self.name(&letters),
            sex: person.sex.or_else(|| told.map(crate::row::sex_of)),
            relation: person.relation,
        };
        self.persons.push(stored);
    }

    fn number(&mut self, written: Written) -> StoredNumber {
        match written.valid() {
            Some(number) => StoredNumber::Valid(number),
            None if !written.is_telling() => StoredNumber::None,
            None => {
                let place = u32::try_from(self.wrong.len()).unwrap_or(u32::MAX);
                self.wrong.push(written);
                StoredNumber::Wrong(place)
            }
        }
    }

    /// The place of a name, each once.
    fn name(&mut self, letters: &[char]) -> u32 {
        let (name, count) = match self.known.entry(hash_of(&letters)) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert((self.names.push(letters), 0)),
        };
        // Another name with the same hash is kept beside it, uncounted.
        if self.names.of(*name) != letters {
            return self.names.push(letters);
        }
        *count += 1;
        *name
    }

    fn done(mut self, config: RosterConfig) -> Matcher {
        self.keys.sort_unstable();
        self.keys.dedup();
        let mut frequencies = Frequencies::of(self.persons.len() as u64);
        for (name, count) in self.known.into_values() {
            frequencies.add_letters(self.names.of(name), count);
        }
        for (village, count) in self.villages {
            frequencies.add_village(village, count);
        }
        Matcher {
            scorer: Scorer {
                config,
                frequencies,
            },
            persons: self.persons,
            names: self.names,
            wrong: self.wrong,
            keys: self.keys,
        }
    }
}

/// The key of what is written and no valid number.
fn wrong_key(written: &Written) -> Option<Key> {
    let is_wrong = written.is_telling() && written.valid().is_none();
    is_wrong.then(|| Key::WrongNumber(hash_of(&written.text())))
}

/// The keys of a row or a person, but for those of numbers.
fn keys(letters: &[char], birth_date: Option<Date>, village: u64) -> impl Iterator<Item = Key> {
    let sound = (!letters.is_empty()).then(|| sound_of(letters));
    let born = birth_date.map(number_of);
    let township = (village != 0).then_some(village / 1_000);
    let (first, last) = (syllables(letters).next(), syllables(letters).last());
    let both = |one: Option<Syllable>| born.zip(one);
    [
        sound.map(Key::Sound),
        sound
            .zip(born)
            .map(|(sound, born)| Key::SoundAndYear(sound, born / 10_000)),
        sound
            .zip(born)
            .map(|(sound, born)| Key::SoundAndDay(sound, born % 10_000)),
        sound
            .zip(township)
            .map(|(sound, township)| Key::SoundAndTownship(sound, township)),
        both(first).map(|(born, first)| Key::BirthAndFirst(born, first)),
        both(last).map(|(born, last)| Key::BirthAndLast(born, last)),
        born.zip(township)
            .map(|(born, township)| Key::BirthAndTownship(born, township)),
    ]
    .into_iter()
    .flatten()
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
