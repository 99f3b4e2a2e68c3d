//! Decimal numbers as people and spreadsheets write them, exactly.

/// A number of so many tenths, hundredths and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: i128,
    places: u32,
}

/// More digits than any quantity has.
const MOST_DIGITS: usize = 24;

impl Decimal {
    /// Digits with at most one point and a sign, thousands apart by commas; nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let whole = without_commas(whole)?;
        let digits = format!("{whole}{part}");
        if digits.is_empty()
            || digits.len() > MOST_DIGITS
            || !digits.bytes().all(|c| c.is_ascii_digit())
        {
            return None;
        }
        let digits: i128 = digits.parse().ok()?;
        Some(Decimal {
            digits: if negative { -digits } else { digits },
            places: u32::try_from(part.len()).ok()?,
        })
    }

    /// What a spreadsheet shows of a floating number: 15 digits.
    pub fn of_float(float: f64) -> Option<Self> {
        let shown = format!("{float:.14e}");
        let (mantissa, exponent) = shown.split_once('e')?;
        let exponent: i32 = exponent.parse().ok()?;
        let Decimal { mut digits, places } = Decimal::parse(mantissa)?;
        let mut places = i32::try_from(places).ok()? - exponent;
        while digits % 10 == 0 && digits != 0 && places > 0 {
            digits /= 10;
            places -= 1;
        }
        if digits == 0 {
            return Some(Decimal { digits, places: 0 });
        }
        if !(-9..=30).contains(&places) {
            return None;
        }
        let power = 10_i128.checked_pow(u32::try_from(-places).unwrap_or(0))?;
        Some(Decimal {
            digits: digits.checked_mul(power)?,
            places: u32::try_from(places).unwrap_or(0),
        })
    }

    pub fn is_negative(self) -> bool {
        self.digits < 0
    }

    /// How many of the parts it is, of which one has so many; none where it is no whole number of them.
    pub fn times(self, parts: i64) -> Option<i64> {
        let whole = self.digits.checked_mul(i128::from(parts))?;
        let divisor = 10_i128.checked_pow(self.places)?;
        match whole % divisor {
            0 => i64::try_from(whole / divisor).ok(),
            _ => None,
        }
    }
}

/// `1,234,567` without the commas, which stand before groups of three.
fn without_commas(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || !(1..=3).contains(&first.len()) {
            return None;
        }
        digits += group;
    }
    Some(digits)
}

/// `4.2E+17`: what a spreadsheet shows of a number that is too long for it.
pub fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    are_digits(exponent)
        && mantissa.contains(|c: char| c.is_ascii_digit())
        && mantissa.bytes().all(|c| c.is_ascii_digit() || c == b'.')
}

/// How many digits of a number a spreadsheet keeps.
const KEPT_DIGITS: usize = 15;

/// Whether the digits look as a spreadsheet leaves them when it keeps the first 15: three noughts at least.
pub fn lost_its_end(digits: &str) -> bool {
    digits.len() >= KEPT_DIGITS + 3 && digits.bytes().skip(KEPT_DIGITS).all(|c| c == b'0')
}

/// The check character of the first 17 digits of a citizen number (ISO 7064 MOD 11-2).
pub fn has_its_check_character(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = number.bytes().map(|c| u32::from(c.wrapping_sub(b'0')));
    let sum: u32 = digits
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let check = b"10X98765432".get(sum as usize % 11);
    number.len() == 18 && check == number.as_bytes().last()
}

/// Whether the last digit of a card's number follows from the others (ISO/IEC 7812).
pub fn has_its_check_digit(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, c)| {
            let digit = u32::from(c.wrapping_sub(b'0')) * (1 + at as u32 % 2);
            digit / 10 + digit % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(text: &str, parts: i64) -> Option<i64> {
        Decimal::parse(text).and_then(|decimal| decimal.times(parts))
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(times("1,234.56", 100), Some(123_456));
        assert_eq!(times("0.123456", 1_000_000), Some(123_456));
        assert_eq!(times("1.005", 100), None);
        assert_eq!(times("-.5", 100), Some(-50));
        assert_eq!(times("1.500000", 1), None);
        assert_eq!(times("2.000", 1), Some(2));
        for none in [
            "",
            ".",
            "-",
            "1,23",
            "1234,567",
            ",123",
            "1e3",
            "1 2",
            "１",
            "9999999999999999999999999",
        ] {
            assert_eq!(Decimal::parse(none), None, "{none}");
        }
        assert_eq!(times("999999999999999999999999", 100), None);
    }

    #[test]
    fn floats_are_what_is_shown_of_them() {
        let fen = |float| Decimal::of_float(float).and_then(|decimal| decimal.times(100));
        assert_eq!(fen(1234.56), Some(123_456));
        assert_eq!(fen(0.1 + 0.2), Some(30));
        assert_eq!(fen(-0.0), Some(0));
        assert_eq!(fen(1e12), Some(100_000_000_000_000));
        assert_eq!(fen(0.005), None);
        for none in [f64::NAN, f64::INFINITY, 1e300, 1e-300] {
            assert_eq!(Decimal::of_float(none), None, "{none}");
        }
    }

    #[test]
    fn damage_is_seen() {
        assert!(is_scientific("4.2E+17") && is_scientific("1.50921e17"));
        assert!(
            !is_scientific("E17")
                && !is_scientific("1E")
                && !is_scientific("12")
                && !is_scientific("1A2E3")
        );
        assert!(lost_its_end("150921199001011000") && !lost_its_end("150921199001010100"));
        assert!(has_its_check_character("11010519491231002X"));
        assert!(!has_its_check_character("110105194912310021"));
        assert!(
            has_its_check_digit("6222021234567890128")
                || !has_its_check_digit("6222021234567890127")
        );
    }
}
