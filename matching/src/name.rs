//! Names as lists write them, and how two of them relate.

use crate::glyph::{Glyph, Syllable, surname_key};
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};
use unicode_normalization::UnicodeNormalization;

/// A name without what lists add or leave out: blanks, middle dots, remarks in brackets, width and case of letters.
///
/// ```
/// use matching::{Name, NameFinding};
///
/// let name = |text| Name::read(text);
/// assert_eq!(name("买买提·艾力").compare(&name("买买提．艾力 ")), NameFinding::Equal);
/// assert_eq!(name("刘哲").compare(&name("劉喆")), NameFinding::Variant);
/// assert_eq!(name("张建国").compare(&name("张健国")), NameFinding::Homophone);
/// assert_eq!(name("陈红梅").compare(&name("程红梅")), NameFinding::NearHomophone);
/// assert_eq!(name("张建国").compare(&name("张建华")), NameFinding::OneOff { place: 2 });
/// assert_eq!(name("王小明").compare(&name("王明小")), NameFinding::Reordered);
/// assert_eq!(name("王伟").compare(&name("王芳")), NameFinding::SurnameEqual);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Name(Vec<char>);

/// How two names relate. Places count from 0, in the longer name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameFinding {
    /// At least one side has none.
    Missing,
    Equal,
    /// Equal once other writings of a character are the standard one.
    Variant,
    /// Each character can be read as that of the other name.
    Homophone,
    /// The same for one who does not tell zh from z, n from l, -ang from -an.
    NearHomophone,
    /// The same characters in another order.
    Reordered,
    /// One character is another, or is missing, and three or more are there.
    OneOff {
        place: u8,
    },
    /// They begin alike.
    SurnameEqual,
    /// Of two characters the second is alike.
    GivenEqual,
    Differs,
}

impl Name {
    pub fn read(text: &str) -> Self {
        let mut letters = vec![];
        clean(text, &mut letters);
        Self(letters)
    }

    pub fn is_blank(&self) -> bool {
        self.0.is_empty()
    }

    /// The name with the standard writing of each character: what equal names share.
    pub fn standard(&self) -> String {
        self.0
            .iter()
            .map(|letter| Glyph::of(*letter).standard)
            .collect()
    }

    /// What names that sound alike share, as 16 hexadecimal digits; it changes only with the table of readings.
    pub fn sound(&self) -> String {
        format!("{:016x}", sound_of(&self.0))
    }

    /// The sounds of its first and its last character, by which a name is found of which only one end is right; they change only
    /// with the table of readings. None for a blank name.
    pub fn ends(&self) -> Option<(u32, u32)> {
        let mut syllables = syllables(&self.0);
        let first = syllables.next()?;
        Some((first, syllables.last().unwrap_or(first)))
    }

    pub fn compare(&self, other: &Self) -> NameFinding {
        compare_letters(&self.0, &other.0)
    }

    pub(crate) fn letters(&self) -> &[char] {
        &self.0
    }
}

/// Appends the letters of a name that count.
pub fn clean(text: &str, letters: &mut Vec<char>) {
    let plain = |letter: char| matches!(u32::from(letter), 0x4E00..=0x9FFF);
    if text.chars().all(plain) {
        letters.extend(text.chars());
        return;
    }
    let mut brackets = 0_u32;
    for letter in text.nfkc() {
        match letter {
            '(' | '[' | '【' | '〔' | '<' => brackets += 1,
            ')' | ']' | '】' | '〕' | '>' => brackets = brackets.saturating_sub(1),
            _ if brackets == 0 && letter.is_alphanumeric() => letters.extend(letter.to_uppercase()),
            _ => {}
        }
    }
}

/// What equal names share, as a number.
pub fn standard_of(letters: &[char]) -> u64 {
    let mut hasher = FxHasher::default();
    for letter in letters {
        Glyph::of(*letter).standard.hash(&mut hasher);
    }
    hasher.finish()
}

/// What names that sound alike share, as a number (FNV-1a, so that it may be kept).
pub fn sound_of(letters: &[char]) -> u64 {
    let mut sound = 0xCBF2_9CE4_8422_2325_u64;
    for syllable in syllables(letters) {
        for byte in syllable.to_le_bytes() {
            sound = (sound ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    sound
}

/// The usual readings of a name, the first as that of a surname.
pub fn syllables(letters: &[char]) -> impl Iterator<Item = Syllable> + '_ {
    let standard = |place: usize| letters.get(place).map(|letter| Glyph::of(*letter).standard);
    let surname = standard(0).and_then(|first| surname_key(first, standard(1)));
    let usual = letters.iter().map(|letter| Glyph::of(*letter).key());
    surname
        .into_iter()
        .chain(usual.skip(usize::from(surname.is_some())))
}

pub fn compare_letters(one: &[char], other: &[char]) -> NameFinding {
    let (Some(first), Some(second)) = (one.first(), other.first()) else {
        return NameFinding::Missing;
    };
    if one == other {
        return NameFinding::Equal;
    }
    let pairs = || {
        one.iter()
            .zip(other)
            .map(|(a, b)| (Glyph::of(*a), Glyph::of(*b)))
    };
    if one.len() == other.len() {
        let all = |holds: fn(&Glyph, &Glyph) -> bool| {
            pairs().all(|(a, b)| a.standard == b.standard || holds(&a, &b))
        };
        if all(|_, _| false) {
            return NameFinding::Variant;
        }
        if all(Glyph::sounds_like) {
            return NameFinding::Homophone;
        }
        if all(Glyph::sounds_near) {
            return NameFinding::NearHomophone;
        }
        if is_reordered(one, other) {
            return NameFinding::Reordered;
        }
    }
    if let Some(place) = one_off(one, other) {
        return NameFinding::OneOff { place };
    }
    match (one, other) {
        _ if alike(*first, *second) => NameFinding::SurnameEqual,
        ([_, last], [_, other]) if alike(*last, *other) => NameFinding::GivenEqual,
        _ => NameFinding::Differs,
    }
}

/// The same character, or one that sounds the same.
fn alike(one: char, other: char) -> bool {
    if one == other {
        return true;
    }
    let (one, other) = (Glyph::of(one), Glyph::of(other));
    one.standard == other.standard || one.sounds_like(&other)
}

fn is_reordered(one: &[char], other: &[char]) -> bool {
    let sorted = |letters: &[char]| {
        let mut letters: Vec<char> = letters
            .iter()
            .map(|letter| Glyph::of(*letter).standard)
            .collect();
        letters.sort_unstable();
        letters
    };
    sorted(one) == sorted(other)
}

/// The place of the one character that is another or missing.
fn one_off(one: &[char], other: &[char]) -> Option<u8> {
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    if long.len() < 3 || long.len() - short.len() > 1 {
        return None;
    }
    let start = short
        .iter()
        .zip(long)
        .take_while(|(a, b)| alike(**a, **b))
        .count();
    let rest = short[start..].iter().rev().zip(long[start..].iter().rev());
    let end = rest.take_while(|(a, b)| alike(**a, **b)).count();
    (long.len() - start - end <= 1).then(|| u8::try_from(start).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compare(one: &str, other: &str) -> NameFinding {
        Name::read(one).compare(&Name::read(other))
    }

    #[test]
    fn what_lists_add_or_leave_out() {
        for (written, name) in [
            (" 张 伟 ", "张伟"),
            ("买买提・艾力", "买买提艾力"),
            ("买买提.艾力", "买买提艾力"),
            ("买买提•艾力（户主）", "买买提艾力"),
            ("王秀英(大)", "王秀英"),
            ("ｗａｎｇ wei", "WANGWEI"),
            ("張偉", "張偉"),
            ("()", ""),
            ("）张（三", "张"),
        ] {
            assert_eq!(
                Name::read(written),
                Name(name.chars().collect()),
                "{written}"
            );
        }
    }

    #[test]
    fn findings() {
        use NameFinding::*;
        for (one, other, finding) in [
            ("张伟", "", Missing),
            ("张伟", "张 伟", Equal),
            ("陳昇", "陈升", Variant),
            ("单小兵", "善小冰", Homophone),
            ("曾乐", "增悦", Homophone),
            ("刘娜", "刘拉", NearHomophone),
            ("明王小", "王小明", Reordered),
            ("张明", "张小明", OneOff { place: 1 }),
            ("张晓民", "张小明明", SurnameEqual),
            ("李小明", "王小明", OneOff { place: 0 }),
            ("李伟", "王伟", GivenEqual),
            ("李伟", "王芳", Differs),
            ("张建华", "章健花", Homophone),
            ("张建国", "章健花", OneOff { place: 2 }),
        ] {
            assert_eq!(compare(one, other), finding, "{one} {other}");
            assert_eq!(compare(other, one), finding, "{other} {one}");
        }
    }

    /// These are written into databases.
    #[test]
    fn what_is_kept_stays_the_same() {
        assert_eq!(Name::read("張偉").sound(), Name::read("章卫").sound());
        assert_eq!(Name::read("张伟").sound(), "b3a969e7286841e6");
        assert_eq!(Name::read("劉喆").standard(), "刘哲");
        assert_eq!(Name::read("張三偉").ends(), Name::read("章四卫").ends());
        assert_eq!(Name::read("张伟").ends(), Some((26_670, 23_721)));
        assert_eq!(Name::read("").ends(), None);
    }

    proptest! {
        #[test]
        fn any_two_names_compare_alike_from_both_sides(one in "[张章王汪伟卫·a-c ]{0,6}|.{0,12}", other in "[张章王汪伟卫·a-c ]{0,6}|.{0,12}") {
            let finding = compare(&one, &other);
            prop_assert_eq!(finding, compare(&other, &one));
            let (one, other) = (Name::read(&one), Name::read(&other));
            prop_assert_eq!(Name::read(&one.standard()).standard(), one.standard());
            let shared = !one.is_blank() && one.standard() == other.standard();
            prop_assert_eq!(shared, matches!(finding, NameFinding::Equal | NameFinding::Variant));
        }
    }
}
