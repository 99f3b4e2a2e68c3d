//! What a character of a name stands for: its standard writing and how it may be read.

use pinyin::{ToPinyin, ToPinyinMulti};
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// Readings of one character that are kept; those after them are of classical texts.
const READINGS: usize = 4;
/// The block that nearly all characters of names are in.
const BLOCK: std::ops::RangeInclusive<u32> = 0x4E00..=0x9FFF;
/// Letters of the longest syllable, `zhuang`.
const LETTERS: usize = 6;

/// A syllable without its tone; zero is none.
pub type Syllable = u32;

/// What a character stands for.
#[derive(Clone, Copy, Debug)]
pub struct Glyph {
    /// The standard writing, 昇 as 升; itself where there is none.
    pub standard: char,
    /// How it may be read, the usual way first.
    readings: [Syllable; READINGS],
    /// The same where neighbouring sounds are one: zh and z, n and l, -ang and -an.
    near: [Syllable; READINGS],
}

impl Glyph {
    pub fn of(letter: char) -> Self {
        let place = u32::from(letter).checked_sub(*BLOCK.start());
        let known = place.and_then(|place| block().get(place as usize));
        known.copied().unwrap_or_else(|| Self::looked_up(letter))
    }

    fn looked_up(letter: char) -> Self {
        let standard = standards().get(&letter).copied().unwrap_or(letter);
        let mut glyph = Self {
            standard,
            readings: [0; READINGS],
            near: [0; READINGS],
        };
        let main = standard.to_pinyin().map(|reading| reading.plain());
        let multi = standard.to_pinyin_multi().into_iter().flatten();
        let all = main.into_iter().chain(multi.map(|reading| reading.plain()));
        let mut kept = 0;
        for text in all {
            let syllable = packed(text);
            if kept < READINGS && !glyph.readings[..kept].contains(&syllable) {
                glyph.readings[kept] = syllable;
                glyph.near[kept] = packed(&blurred(text));
                kept += 1;
            }
        }
        glyph
    }

    /// A reading that both have.
    pub fn sounds_like(&self, other: &Self) -> bool {
        shares(&self.readings, &other.readings)
    }

    /// A reading that both have for somebody who does not tell neighbouring sounds apart.
    pub fn sounds_near(&self, other: &Self) -> bool {
        shares(&self.near, &other.near)
    }

    /// The usual reading with neighbouring sounds made one; the character itself where it is not read.
    pub fn key(&self) -> Syllable {
        match self.near[0] {
            0 => u32::from(self.standard) | 1 << 31,
            syllable => syllable,
        }
    }
}

/// How the first character of a name is read where that is not its usual reading: as a surname, of one character or two.
pub fn surname_key(surname: char, next: Option<char>) -> Option<Syllable> {
    let reading = match (surname, next) {
        ('单', Some('于')) => "chan",
        ('万', Some('俟')) => "mo",
        ('尉', Some('迟')) => "yu",
        ('长', Some('孙')) => "zhang",
        _ => SURNAMES.iter().find(|(other, _)| *other == surname)?.1,
    };
    Some(packed(&blurred(reading)))
}

const SURNAMES: [(char, &str); 27] = [
    ('单', "shan"),
    ('解', "xie"),
    ('仇', "qiu"),
    ('曾', "zeng"),
    ('查', "zha"),
    ('朴', "piao"),
    ('盖', "ge"),
    ('区', "ou"),
    ('覃', "qin"),
    ('乐', "yue"),
    ('翟', "zhai"),
    ('缪', "miao"),
    ('员', "yun"),
    ('黑', "he"),
    ('折', "she"),
    ('种', "chong"),
    ('繁', "po"),
    ('秘', "bi"),
    ('乜', "nie"),
    ('隗', "wei"),
    ('郇', "xun"),
    ('洗', "xian"),
    ('祭', "zhai"),
    ('召', "shao"),
    ('会', "gui"),
    ('阚', "kan"),
    ('佴', "nai"),
];

fn shares(one: &[Syllable; READINGS], other: &[Syllable; READINGS]) -> bool {
    one.iter()
        .any(|syllable| *syllable != 0 && other.contains(syllable))
}

/// A syllable in four bytes: five bits a letter.
fn packed(syllable: &str) -> Syllable {
    syllable.chars().take(LETTERS).fold(0, |value, letter| {
        let letter = match letter {
            'a'..='z' => u32::from(letter) - u32::from('a') + 1,
            'ü' => 27,
            _ => 28,
        };
        value << 5 | letter
    })
}

/// The syllable as one who hears no difference between neighbouring sounds types it.
fn blurred(syllable: &str) -> String {
    let mut sound = syllable.to_owned();
    for (wide, plain) in [("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l")] {
        if let Some(rest) = sound.strip_prefix(wide) {
            sound = format!("{plain}{rest}");
        }
    }
    // -ang, -eng and -ing are -an, -en and -in to them; -ong has no such neighbour.
    match sound.strip_suffix("ng") {
        Some(stem) if !stem.ends_with('o') => format!("{stem}n"),
        _ => sound,
    }
}

fn block() -> &'static [Glyph] {
    static GLYPHS: OnceLock<Vec<Glyph>> = OnceLock::new();
    GLYPHS.get_or_init(|| {
        BLOCK
            .filter_map(char::from_u32)
            .map(Glyph::looked_up)
            .collect()
    })
}

fn standards() -> &'static FxHashMap<char, char> {
    static STANDARDS: OnceLock<FxHashMap<char, char>> = OnceLock::new();
    STANDARDS.get_or_init(|| {
        let lines = include_str!("../data/variants.txt")
            .lines()
            .filter(|line| !line.starts_with('#'));
        let pairs =
            lines
                .filter_map(|line| line.split_once(' '))
                .filter_map(|(standard, others)| {
                    let mut letters = standard.chars();
                    Some((letters.next().filter(|_| letters.next().is_none())?, others))
                });
        pairs
            .flat_map(|(standard, others)| others.chars().map(move |other| (other, standard)))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(one: char, other: char) -> (bool, bool) {
        let (one, other) = (Glyph::of(one), Glyph::of(other));
        (one.sounds_like(&other), one.sounds_near(&other))
    }

    #[test]
    fn other_writings_become_the_standard_one() {
        for (other, standard) in [
            ('劉', '刘'),
            ('昇', '升'),
            ('喆', '哲'),
            ('堃', '坤'),
            ('峯', '峰'),
            ('髙', '高'),
            ('囯', '国'),
            ('强', '强'),
            ('英', '英'),
            ('A', 'A'),
            ('𠀀', '𠀀'),
        ] {
            assert_eq!(Glyph::of(other).standard, standard, "{other}");
        }
    }

    #[test]
    fn no_standard_has_a_standard() {
        for (other, standard) in standards() {
            assert_eq!(Glyph::of(*standard).standard, *standard, "{other}");
        }
        assert_eq!(standards().len(), 4_050);
    }

    #[test]
    fn sounds() {
        assert_eq!(like('伟', '卫'), (true, true));
        assert_eq!(like('张', '章'), (true, true));
        assert_eq!(like('单', '山'), (true, true));
        assert_eq!(like('陈', '程'), (false, true));
        assert_eq!(like('刘', '牛'), (false, true));
        assert_eq!(like('红', '魂'), (false, false));
        assert_eq!(like('劉', '流'), (true, true));
        assert_eq!(like('A', 'A'), (false, false));
    }

    #[test]
    fn surnames_are_read_as_surnames() {
        for (surname, like) in [
            ('单', '善'),
            ('解', '谢'),
            ('仇', '丘'),
            ('曾', '增'),
            ('查', '扎'),
            ('区', '欧'),
        ] {
            assert_eq!(
                surname_key(surname, None),
                Some(Glyph::of(like).key()),
                "{surname}"
            );
        }
        assert_eq!(surname_key('单', Some('于')), Some(Glyph::of('缠').key()));
        assert_eq!(surname_key('王', None), None);
    }

    #[test]
    fn usual_readings_are_not_in_the_table() {
        let usual = SURNAMES
            .iter()
            .filter(|(surname, _)| surname_key(*surname, None) == Some(Glyph::of(*surname).key()));
        assert_eq!(usual.map(|(surname, _)| *surname).collect::<String>(), "");
    }
}
