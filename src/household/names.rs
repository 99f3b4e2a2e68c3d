//! What follows from a person's name, for finding it as other agencies' lists write it. Whoever writes a name writes this with it.

use crate::vault::mask_name;
use ::entity::household::person;
use matching::Name;

/// What is kept beside a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameKeys {
    /// The standard writing of its characters.
    pub standard: String,
    /// What names that sound alike share.
    pub sound: String,
    /// How its first and its last character sound.
    pub first: i64,
    pub last: i64,
}

impl NameKeys {
    #[must_use]
    pub fn of(name: &str) -> Self {
        let name = Name::read(name);
        let (first, last) = name.ends().unwrap_or_default();
        NameKeys {
            standard: name.standard(),
            sound: name.sound(),
            first: first.into(),
            last: last.into(),
        }
    }
}

/// Gives a person what follows from the name that stands there.
pub fn settle_name(person: &mut person::Model) {
    let keys = NameKeys::of(&person.name);
    person.name_mask = mask_name(&person.name);
    person.name_standard = keys.standard;
    person.name_sound = keys.sound;
    person.name_first = keys.first;
    person.name_last = keys.last;
}
