//! What of a text does not count: width, blanks, marks around a heading; and what of it may be told.

use std::borrow::Cow;

/// A full-width sign as the ASCII one that it stands for.
fn narrow(sign: char) -> char {
    match sign {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(sign) - 0xfee0).unwrap_or(sign),
        '\u{3000}' | '\u{a0}' => ' ',
        '—' | '–' | '−' | '‐' | '‑' | '―' => '-',
        '【' | '〔' => '[',
        '】' | '〕' => ']',
        '￥' => '¥',
        other => other,
    }
}

/// Signs without width, which copied texts bring along.
fn is_invisible(sign: char) -> bool {
    matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Nothing but blanks.
pub fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|sign| sign.is_whitespace() || is_invisible(sign))
}

/// A value in ASCII where it can be, without outer blanks and without the mark that makes a spreadsheet take it for a text.
pub fn value(text: &str) -> String {
    if text.is_ascii() {
        return without_mark(text).to_owned();
    }
    let visible = text.chars().filter(|sign| !is_invisible(*sign));
    let narrowed: String = visible.map(narrow).collect();
    without_mark(&narrowed).to_owned()
}

fn without_mark(text: &str) -> &str {
    let bare = text.trim();
    bare.strip_prefix(['\'', '‘', '’', '`'])
        .unwrap_or(bare)
        .trim()
}

/// A word to be looked up: a value without any blanks, in capitals.
pub fn word(text: &str) -> String {
    let mut word = value(text);
    word.retain(|sign| !sign.is_whitespace());
    word.make_ascii_uppercase();
    word
}

/// Longer than any heading, word of a code, or beginning of a note, bytes.
pub const LONGER_THAN_WORDS: usize = 400;

/// A heading taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Heading {
    /// With what stands in brackets.
    pub whole: String,
    /// Without.
    pub bare: String,
    /// What stands in brackets.
    pub inside: Vec<String>,
}

pub fn heading(text: &str) -> Heading {
    let kept: String = word(text)
        .chars()
        .filter(|sign| !matches!(sign, '*' | '★' | '※' | ':' | '"'))
        .collect();
    let whole = without_number(&kept).replace('[', "(").replace(']', ")");
    let (mut bare, mut inside, mut open) = (String::new(), Vec::new(), None::<String>);
    for sign in whole.chars() {
        match (sign, &mut open) {
            ('(', None) => open = Some(String::new()),
            (')', Some(_)) => inside.extend(open.take()),
            (_, Some(text)) => text.push(sign),
            (_, None) => bare.push(sign),
        }
    }
    inside.extend(open);
    Heading {
        whole,
        bare,
        inside,
    }
}

/// `3、姓名` is `姓名`.
fn without_number(text: &str) -> &str {
    let rest = text.trim_start_matches(|sign: char| sign.is_ascii_digit());
    if rest.len() == text.len() {
        return text;
    }
    rest.strip_prefix(['、', '.'])
        .filter(|rest| !rest.is_empty())
        .unwrap_or(text)
}

/// How many digits may be told together: a day has eight.
const DIGITS_TOLD: usize = 8;
/// How much of a text is told.
const SIGNS_TOLD: usize = 30;

/// A text as it may stand in a sentence: short, and with stars for the digits of what may be the number of a person or a card.
pub fn told(text: &str) -> String {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let digits = text
        .chars()
        .filter(|sign| narrow(*sign).is_ascii_digit())
        .count();
    let mut seen = 0;
    let masked = text.chars().map(|sign| {
        let is_digit = narrow(sign).is_ascii_digit();
        seen += usize::from(is_digit);
        match is_digit && digits > DIGITS_TOLD && seen > 2 {
            true => '*',
            false if sign.is_control() || is_invisible(sign) => '?',
            false => sign,
        }
    });
    let told: String = masked.take(SIGNS_TOLD).collect();
    match text.chars().nth(SIGNS_TOLD) {
        Some(_) => told + "…",
        None => told,
    }
}

/// Takes back what the writer of files does to a text that a spreadsheet would take for a formula: a `'` before it.
pub fn unescaped(text: &str) -> Cow<'_, str> {
    let Some(rest) = text.strip_prefix('\'') else {
        return text.into();
    };
    match rest.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') if rest.parse::<f64>().is_err() => rest.into(),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_what_it_says() {
        let apart = |text: &str| {
            let Heading {
                whole,
                bare,
                inside,
            } = heading(text);
            (whole, bare, inside.join("|"))
        };
        let of = |whole: &str, bare: &str, inside: &str| {
            (whole.to_owned(), bare.to_owned(), inside.to_owned())
        };
        assert_eq!(apart("*姓　名："), of("姓名", "姓名", ""));
        assert_eq!(
            apart("补助金额\n（万元）"),
            of("补助金额(万元)", "补助金额", "万元")
        );
        assert_eq!(
            apart("３、与户主\r\n关系"),
            of("与户主关系", "与户主关系", "")
        );
        assert_eq!(
            apart("面积【㎡】(必填"),
            of("面积(㎡)(必填", "面积", "㎡|必填")
        );
        assert_eq!(apart("2018"), of("2018", "2018", ""));
    }

    #[test]
    fn no_number_is_told_in_full() {
        assert_eq!(told("11010519491231002X"), "11***************X");
        assert_eq!(told("６２２８ 4804 0256 4890"), "６２** **** **** ****");
        assert_eq!(told("20180301"), "20180301");
        assert_eq!(told("2018年13月1日"), "2018年13月1日");
        assert_eq!(told("a\u{202e}\n b"), "a? b");
        assert_eq!(told(&"户".repeat(40)), format!("{}…", "户".repeat(30)));
    }

    #[test]
    fn what_hid_a_formula_is_taken_back() {
        assert_eq!(unescaped("'=1+1"), "=1+1");
        assert_eq!(unescaped("'-x"), "-x");
        assert_eq!(unescaped("'-5"), "'-5");
        assert_eq!(unescaped("'abc"), "'abc");
        assert_eq!(unescaped("=1"), "=1");
    }
}
