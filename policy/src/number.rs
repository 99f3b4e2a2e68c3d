//! Exact numbers. Nothing is rounded but where a rule says so.

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Signed, Zero};

/// An exact number. Amounts of money are yuan, areas square metres, rates parts of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(Ratio<i128>);

/// Fen in a yuan.
const FEN: i128 = 100;

impl Exact {
    #[must_use]
    pub fn whole(value: i64) -> Self {
        Exact(Ratio::from_integer(value.into()))
    }

    /// So many parts of the whole; none where the whole has no parts.
    #[must_use]
    pub fn parts(count: i64, of: i64) -> Option<Self> {
        (of != 0).then(|| Exact(Ratio::new(count.into(), of.into())))
    }
    /// How many of so many parts it is, in lowest terms, where both are not too large.
    pub(crate) fn in_parts(self) -> Option<(i64, i64)> {
        let part = |part: &i128| i64::try_from(*part).ok();
        Some((part(self.0.numer())?, part(self.0.denom())?))
    }
    /// How many parts it is where the whole has so many; none where it is no whole number of them.
    pub(crate) fn count_of(self, parts: i64) -> Option<i64> {
        let count = self.0.checked_mul(&Ratio::from_integer(parts.into()))?;
        count
            .is_integer()
            .then(|| i64::try_from(count.to_integer()).ok())?
    }

    /// A decimal such as `-1234.56`: digits, at most one point, no exponent, no separators.
    #[must_use]
    pub fn decimal(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(part) || whole.len() + part.len() > LONGEST {
            return None;
        }
        let scale = 10_i128.pow(u32::try_from(part.len()).ok()?);
        let value = whole.parse::<i128>().ok()? * scale + part.parse::<i128>().ok()?;
        let value = if negative { -value } else { value };
        Some(Exact(Ratio::new(value, scale)))
    }

    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0.is_negative()
    }
    #[must_use]
    pub fn negated(self) -> Self {
        Exact(-self.0)
    }
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        bounded(self.0.checked_add(&other.0)?)
    }
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        bounded(self.0.checked_sub(&other.0)?)
    }
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        bounded(self.0.checked_mul(&other.0)?)
    }
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        bounded(self.0.checked_div(&other.0)?)
    }

    /// Half up at this many digits after the point; half away from zero below it.
    #[must_use]
    pub fn rounded(self, digits: u32) -> Option<Self> {
        let scale = Ratio::from_integer(10_i128.checked_pow(digits)?);
        let Exact(scaled) = bounded(self.0.checked_mul(&scale)?)?;
        Some(Exact(scaled.round() / scale))
    }
    #[must_use]
    pub fn floor(self) -> Self {
        Exact(self.0.floor())
    }
    #[must_use]
    pub fn ceiling(self) -> Self {
        Exact(self.0.ceil())
    }
    /// Down to the fen.
    #[must_use]
    pub fn down_to_fen(self) -> Option<Self> {
        let fen = Ratio::from_integer(FEN);
        let Exact(scaled) = bounded(self.0.checked_mul(&fen)?)?;
        Some(Exact(scaled.floor() / fen))
    }

    /// The number as a whole one, where it is.
    #[must_use]
    pub fn integer(self) -> Option<i64> {
        self.0
            .is_integer()
            .then(|| i64::try_from(self.0.to_integer()).ok())?
    }
    /// Whole fen, where the amount is one.
    #[must_use]
    pub fn fen(self) -> Option<i64> {
        self.count_of(100)
    }
    /// With exactly this many digits after the point; none where it has more.
    #[must_use]
    pub fn fixed(self, digits: u32) -> Option<String> {
        let scale = 10_i128.checked_pow(digits)?;
        let scaled = self.0.checked_mul(&Ratio::from_integer(scale))?;
        if !scaled.is_integer() {
            return None;
        }
        let value = scaled.to_integer();
        let (sign, value) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
        let scale = scale.unsigned_abs();
        if digits == 0 {
            return Some(format!("{sign}{value}"));
        }
        let width = usize::try_from(digits).ok()?;
        Some(format!("{sign}{}.{:0width$}", value / scale, value % scale))
    }
    /// As many digits after the point as it has, at most six.
    #[must_use]
    pub fn trimmed(self) -> Option<String> {
        (0..=6).find_map(|digits| self.fixed(digits))
    }
}

/// A number that is rounded and negated without a thought of overflow.
fn bounded(number: Ratio<i128>) -> Option<Exact> {
    let fits = |part: &i128| part.unsigned_abs() < LARGEST;
    (fits(number.numer()) && fits(number.denom())).then_some(Exact(number))
}

/// Numerator and denominator are below it, so that their sum is a number still.
const LARGEST: u128 = 1 << 125;

/// The most digits of a decimal: any such number and its products with rates fit.
const LONGEST: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::decimal(text).expect("a decimal")
    }

    #[test]
    fn half_goes_up_once() {
        let third = exact("1000").over(exact("12")).expect("no overflow");
        assert_eq!(
            third.down_to_fen().and_then(|fen| fen.fixed(2)).as_deref(),
            Some("83.33")
        );
        let half = exact("0.005").rounded(2).expect("no overflow");
        assert_eq!(half.fixed(2).as_deref(), Some("0.01"));
        assert_eq!(
            exact("36.536").rounded(2).and_then(|fen| fen.fen()),
            Some(3_654)
        );
        assert_eq!(exact("0.004999").rounded(2), Some(exact("0")));
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "1e3",
            "1,000",
            "+1",
            "--1",
            "１",
            "0x1",
            "1234567890123456789012345",
        ] {
            assert_eq!(Exact::decimal(text), None, "{text}");
        }
        assert_eq!(exact("-0.50").trimmed().as_deref(), Some("-0.5"));
    }
}
