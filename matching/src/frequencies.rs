//! How often names and villages are in the register: what is common says less.

use crate::{
    NameFinding,
    glyph::Glyph,
    name::{sound_of, standard_of},
};
use rustc_hash::FxHashMap;

/// Of pairs with one surname, how many have names of which one character differs.
const ONE_OFF_OF_SURNAME: f64 = 0.02;
/// A name that is not there may still be met: it counts as half a person.
const UNSEEN: f64 = 0.5;

/// How many persons there are, and how many of a name, a sound, a surname, a village.
///
/// Where nothing is added only the number of persons is known, and the figures of the configuration hold.
#[derive(Clone, Debug)]
pub struct Frequencies {
    persons: u64,
    /// Whether names were counted at all; else a name that is not there says nothing.
    knows_names: bool,
    names: FxHashMap<u64, u32>,
    sounds: FxHashMap<u64, u32>,
    surnames: FxHashMap<char, u32>,
    villages: FxHashMap<u64, u32>,
}

impl Frequencies {
    /// A register of which only the number of persons is known.
    pub fn of(persons: u64) -> Self {
        Self {
            persons,
            knows_names: false,
            names: FxHashMap::default(),
            sounds: FxHashMap::default(),
            surnames: FxHashMap::default(),
            villages: FxHashMap::default(),
        }
    }

    /// So many of the persons have this name.
    pub fn add_name(&mut self, name: &crate::Name, count: u32) {
        self.add_letters(name.letters(), count);
    }

    /// So many of the persons live in this village.
    pub fn add_village(&mut self, village: u64, count: u32) {
        *self.villages.entry(village).or_default() += count;
    }

    /// For who counts the register elsewhere: so many persons have a name of this standard writing. What stood there is replaced.
    pub fn set_name(&mut self, name: &crate::Name, count: u32) {
        self.knows_names = true;
        self.names.insert(standard_of(name.letters()), count);
    }

    /// So many persons have a name of this sound.
    pub fn set_sound(&mut self, name: &crate::Name, count: u32) {
        self.knows_names = true;
        self.sounds.insert(sound_of(name.letters()), count);
    }

    /// So many persons have a name that begins with this character, in its standard writing.
    pub fn set_surname(&mut self, surname: char, count: u32) {
        self.knows_names = true;
        self.surnames.insert(surname, count);
    }

    pub(crate) fn add_letters(&mut self, letters: &[char], count: u32) {
        self.knows_names = true;
        *self.names.entry(standard_of(letters)).or_default() += count;
        *self.sounds.entry(sound_of(letters)).or_default() += count;
        if let Some(surname) = letters.first() {
            *self
                .surnames
                .entry(Glyph::of(*surname).standard)
                .or_default() += count;
        }
    }

    pub(crate) fn persons(&self) -> f64 {
        self.persons as f64
    }

    pub(crate) fn of_village(&self, village: u64) -> Option<f64> {
        (!self.villages.is_empty()).then(|| self.share(self.villages.get(&village).copied()))
    }

    /// The chance that a stranger's name relates in this way.
    pub(crate) fn of_name(
        &self,
        finding: NameFinding,
        one: &[char],
        other: &[char],
    ) -> Option<f64> {
        if !self.knows_names {
            return None;
        }
        let surname = |letters: &[char]| {
            let count = letters
                .first()
                .and_then(|surname| self.surnames.get(&Glyph::of(*surname).standard));
            self.share(count.copied())
        };
        let sound = |letters: &[char]| self.share(self.sounds.get(&sound_of(letters)).copied());
        match finding {
            NameFinding::Equal | NameFinding::Variant => {
                Some(self.share(self.names.get(&standard_of(one)).copied()))
            }
            NameFinding::Homophone | NameFinding::NearHomophone => {
                Some(sound(one).max(sound(other)))
            }
            NameFinding::OneOff { place: 1.. } => {
                Some(ONE_OFF_OF_SURNAME * surname(one).max(surname(other)))
            }
            NameFinding::SurnameEqual => Some(surname(one).max(surname(other))),
            _ => None,
        }
    }

    fn share(&self, count: Option<u32>) -> f64 {
        count.map_or(UNSEEN, f64::from) / self.persons().max(1.0)
    }
}
