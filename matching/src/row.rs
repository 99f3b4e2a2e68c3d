//! A row of a list, and what to look for in the register.

use crate::{CitizenNumber, Name, NearNumber, Written, finding::Sex, finding::number_of};
use time::Date;

/// What a list says of a person, as it is written there.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowText<'t> {
    pub name: &'t str,
    /// The citizen number; blank where the list has none.
    pub number: &'t str,
    pub birth_date: Option<Date>,
    pub sex: Option<Sex>,
    /// Region code of twelve digits; the last three are zeros where only the township is known.
    pub village: Option<u64>,
    /// Relation to the head, two digits of GB/T 4761; a code of one digit times ten.
    pub relation: Option<u8>,
}

/// A row that has been read.
#[derive(Clone, Debug)]
pub struct Row {
    pub(crate) name: Name,
    pub(crate) number: Written,
    pub(crate) birth_date: Option<Date>,
    pub(crate) sex: Option<Sex>,
    pub(crate) village: Option<u64>,
    pub(crate) relation: Option<u8>,
    /// The list has no birth date or no sex of its own: they are those of the number, the date even of a wrong one.
    pub(crate) birth_from_number: bool,
    pub(crate) sex_from_number: bool,
    near: Vec<NearNumber>,
}

/// What the register is asked for, for one row. Whoever fits one of them is a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookups<'r> {
    /// The number, or the valid numbers that it may have been.
    pub numbers: &'r [NearNumber],
    /// The name in its standard writing: [`Name::standard`].
    pub name: String,
    /// What names that sound alike share: [`Name::sound`].
    pub sound: String,
    /// The birth date; if the row has none, the one in the number, even of a wrong number.
    pub birth_date: Option<Date>,
    /// The number as it is written, where it is no valid one: who has the same text may be meant.
    pub wrong_number: Option<&'r str>,
    /// The first nine digits of the village's code.
    pub township: Option<u64>,
    /// The sounds of the ends of the name: [`Name::ends`].
    pub ends: Option<(u32, u32)>,
    /// Of persons with a name of this sound, and nothing else to find them by, only if there are no more than these.
    pub most_namesakes: usize,
}

impl Row {
    /// `today` is the last day that may be a birth date.
    pub fn read(text: &RowText, today: Date) -> Self {
        let number = Written::read(text.number, today);
        let told = number.valid();
        Self {
            name: Name::read(text.name),
            near: number.near(today),
            birth_date: text
                .birth_date
                .or_else(|| number.birth_date().filter(|date| *date <= today)),
            sex: text.sex.or_else(|| told.map(sex_of)),
            village: text.village,
            relation: text.relation,
            birth_from_number: text.birth_date.is_none(),
            sex_from_number: text.sex.is_none(),
            number,
        }
    }

    /// What to look for in the register.
    ///
    /// ```
    /// use matching::{NumberFinding, Row, RowText};
    /// use time::macros::date;
    ///
    /// // The last digits were 002X.
    /// let text = RowText { name: "劉喆", number: "110105194912310092", ..RowText::default() };
    /// let row = Row::read(&text, date!(2018 - 12 - 31));
    /// let lookups = row.lookups();
    /// assert_eq!(lookups.name, "刘哲");
    /// assert!(lookups.numbers.iter().any(|near| near.finding == NumberFinding::OneDigitOff { place: 17 }));
    /// ```
    pub fn lookups(&self) -> Lookups<'_> {
        Lookups {
            numbers: &self.near,
            name: self.name.standard(),
            sound: self.name.sound(),
            birth_date: self.birth_date,
            wrong_number: self.has_wrong_number().then(|| self.number.text()),
            township: self.village.map(|village| village / 1_000),
            ends: self.name.ends(),
            most_namesakes: self.most_namesakes(),
        }
    }

    /// A name alone finds too many: fewer are looked at where there is a valid number to find the person by.
    pub(crate) fn most_namesakes(&self) -> usize {
        match self.number.valid() {
            Some(_) => 50,
            None => 400,
        }
    }

    /// Whether its number is compared with those of candidates as texts, because it may be one with slips.
    pub fn has_wrong_number(&self) -> bool {
        self.number.is_telling() && self.number.valid().is_none()
    }

    /// The name that is looked for.
    pub fn name(&self) -> &Name {
        &self.name
    }

    pub(crate) fn lookups_of_numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.near.iter().map(|near| near.number.code())
    }

    /// The row in one text, by which a decision on it is kept and found again. Sensitive: to be stored only as a keyed hash.
    pub fn canonical(&self) -> String {
        let date = self.birth_date.map(number_of).unwrap_or_default();
        let (village, relation) = (
            self.village.unwrap_or_default(),
            self.relation.unwrap_or_default(),
        );
        let sex = self.sex.map_or(0, |sex| sex as u8 + 1);
        // The number comes last: it may be any text where it is wrong.
        format!(
            "{}|{date}|{sex}|{village}|{relation}|{}",
            self.name.standard(),
            self.number.text()
        )
    }
}

pub fn sex_of(number: CitizenNumber) -> Sex {
    if number.is_male() {
        Sex::Male
    } else {
        Sex::Female
    }
}
