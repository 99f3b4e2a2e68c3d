//! Days, months and years as people and spreadsheets write them.

use time::{Date, Duration, Month};

/// From which day a workbook counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Epoch {
    #[default]
    Of1900,
    Of1904,
}

/// Why something is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDay {
    /// It is not written as one.
    Form,
    /// There is no such day, or it is too far away.
    Absent,
}

/// The years that a file may speak of.
const YEARS: std::ops::RangeInclusive<i32> = 1850..=2150;

/// The day of a spreadsheet's number. A time of the day is left out.
///
/// Number 60 of the system of 1900 is 29 February 1900, which never was: spreadsheets count it, and it is refused.
pub fn of_serial(serial: f64, epoch: Epoch) -> Result<Date, NoDay> {
    let whole = serial.floor();
    let last = 150_000.0;
    if !(0.0..last).contains(&whole) {
        return Err(NoDay::Absent);
    }
    // Within the bounds above.
    #[expect(clippy::cast_possible_truncation, reason = "0 to 150,000")]
    let whole = whole as i64;
    let (first, days) = match (epoch, whole) {
        (Epoch::Of1904, _) => (Date::from_calendar_date(1904, Month::January, 1), whole),
        (Epoch::Of1900, 0 | 60) => return Err(NoDay::Absent),
        (Epoch::Of1900, 1..60) => (Date::from_calendar_date(1899, Month::December, 31), whole),
        (Epoch::Of1900, _) => (Date::from_calendar_date(1899, Month::December, 30), whole),
    };
    let day = first
        .ok()
        .and_then(|first| first.checked_add(Duration::days(days)));
    day.filter(|day| YEARS.contains(&day.year()))
        .ok_or(NoDay::Absent)
}

/// The numbers of a text that are apart by signs of a date; and whether it is written as one.
fn parts(text: &str) -> Option<Vec<(u32, usize)>> {
    let text = text.strip_suffix(['日', '号']).unwrap_or(text);
    let mut parts = Vec::new();
    for part in text.split(['-', '/', '.', '年', '月']) {
        let part = part.trim();
        if part.is_empty() || part.len() > 8 || !part.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        parts.push((part.parse().ok()?, part.len()));
    }
    Some(parts)
}

fn date(year: u32, month: u32, day: u32) -> Result<Date, NoDay> {
    let (year, month) = (i32::try_from(year), u8::try_from(month).ok());
    let month = month.and_then(|month| Month::try_from(month).ok());
    let (Ok(year), Some(month), Ok(day)) = (year, month, u8::try_from(day)) else {
        return Err(NoDay::Absent);
    };
    let date = Date::from_calendar_date(year, month, day).ok();
    date.filter(|date| YEARS.contains(&date.year()))
        .ok_or(NoDay::Absent)
}

/// `2018-03-01 00:00:00` without the time.
fn without_time(text: &str) -> &str {
    let apart = text.split_once([' ', 'T']);
    let is_time = |time: &str| {
        let numbers = time.trim().trim_end_matches('Z').split([':', '.']);
        time.contains(':')
            && numbers.clone().count() <= 4
            && numbers.into_iter().all(|part| {
                (1..=9).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit())
            })
    };
    match apart {
        Some((day, time)) if is_time(time) => day.trim_end(),
        _ => text,
    }
}

/// A day: 20180301, 2018-3-1, 2018/3/1, 2018.3.1, 2018年3月1日, or the number a spreadsheet has for it (five digits).
pub fn parse(text: &str) -> Result<Date, NoDay> {
    match parts(without_time(text)).as_deref() {
        Some(&[(all, 8)]) => date(all / 10_000, all / 100 % 100, all % 100),
        // A text of five digits comes from a sheet that counts from 1900, as nearly all do.
        Some(&[(serial, 5)]) => of_serial(f64::from(serial), Epoch::Of1900),
        Some(&[(year, 4), (month, 1 | 2), (day, 1 | 2)]) => date(year, month, day),
        _ => Err(NoDay::Form),
    }
}

/// A month: 201803, 2018-3, 2018年3月, or any day of it.
///
/// `2018.1` is refused: as a number it may have been 2018.10.
pub fn parse_month(text: &str) -> Result<(i32, u8), NoDay> {
    let (year, month) = match parts(
        text.strip_suffix('份')
            .unwrap_or(text)
            .trim_end_matches('月'),
    )
    .as_deref()
    {
        Some(&[(_, 4), (1, 1)]) if text.contains('.') => return Err(NoDay::Form),
        Some(&[(all, 6)]) => (all / 100, all % 100),
        Some(&[(year, 4), (month, 1 | 2)]) => (year, month),
        _ => return parse(text).map(month_of),
    };
    date(year, month, 1).map(month_of)
}

pub fn month_of(day: Date) -> (i32, u8) {
    (day.year(), day.month().into())
}

/// A year: 2018, 2018年, 2018年度.
pub fn parse_year(text: &str) -> Result<i32, NoDay> {
    let bare = text.trim_end_matches("度").trim_end_matches('年');
    if bare.len() != 4 || !bare.bytes().all(|c| c.is_ascii_digit()) {
        return Err(NoDay::Form);
    }
    let year = bare.parse().map_err(|_| NoDay::Form)?;
    Some(year)
        .filter(|year| YEARS.contains(year))
        .ok_or(NoDay::Absent)
}

/// The year that a school year begins in: 2018, 2018-2019, 2018-2019学年.
pub fn parse_school_year(text: &str) -> Result<i32, NoDay> {
    let bare = text
        .trim_end_matches('度')
        .trim_end_matches("学年")
        .trim_end_matches('年');
    let Some((from, to)) = bare.split_once(['-', '/', '~', '至']) else {
        return parse_year(bare);
    };
    let from = parse_year(from.trim())?;
    match to.trim().parse::<i32>() {
        Ok(to) if to == from + 1 || (to < 100 && to == (from + 1) % 100) => Ok(from),
        Ok(_) => Err(NoDay::Absent),
        Err(_) => Err(NoDay::Form),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn days_in_all_spellings() {
        for text in [
            "20180301",
            "2018-3-1",
            "2018-03-01",
            "2018/3/1",
            "2018.3.1",
            "2018年3月1日",
            "2018年03月01日",
            "2018-03-01 00:00:00",
            "2018-03-01T08:30:00.000Z",
            "43160",
            "2018年 3月 1日",
        ] {
            assert_eq!(parse(text), Ok(date!(2018 - 03 - 01)), "{text}");
        }
        for text in [
            "20180230",
            "2018-13-1",
            "2018-0-1",
            "2017-2-29",
            "0001-01-01",
            "99991231",
            "99999999",
        ] {
            assert_eq!(parse(text), Err(NoDay::Absent), "{text}");
        }
        for text in [
            "",
            "2018",
            "2018-3",
            "18-3-1",
            "-2018-3-1",
            "2018-3-1-1",
            "20180301 noon",
            "一",
            "2018-3-001",
        ] {
            assert_eq!(parse(text), Err(NoDay::Form), "{text}");
        }
    }

    #[test]
    fn numbers_of_spreadsheets() {
        assert_eq!(of_serial(1.0, Epoch::Of1900), Ok(date!(1900 - 01 - 01)));
        assert_eq!(of_serial(59.0, Epoch::Of1900), Ok(date!(1900 - 02 - 28)));
        assert_eq!(of_serial(60.0, Epoch::Of1900), Err(NoDay::Absent));
        assert_eq!(of_serial(61.0, Epoch::Of1900), Ok(date!(1900 - 03 - 01)));
        assert_eq!(
            of_serial(43160.75, Epoch::Of1900),
            Ok(date!(2018 - 03 - 01))
        );
        assert_eq!(of_serial(41698.0, Epoch::Of1904), Ok(date!(2018 - 03 - 01)));
        assert_eq!(of_serial(0.0, Epoch::Of1904), Ok(date!(1904 - 01 - 01)));
        for none in [-1.0, -0.5, 0.0, 1e9, f64::NAN, f64::NEG_INFINITY, 149_999.0] {
            assert_eq!(of_serial(none, Epoch::Of1900), Err(NoDay::Absent), "{none}");
        }
    }

    #[test]
    fn months_and_years() {
        for text in [
            "201803",
            "2018-3",
            "2018/03",
            "2018年3月",
            "2018年3月份",
            "2018.3",
            "2018-03-15",
        ] {
            assert_eq!(parse_month(text), Ok((2018, 3)), "{text}");
        }
        assert_eq!(parse_month("2018.1"), Err(NoDay::Form));
        assert_eq!(parse_month("2018.10"), Ok((2018, 10)));
        assert_eq!(parse_month("2018.01"), Ok((2018, 1)));
        assert_eq!(parse_month("201813"), Err(NoDay::Absent));
        assert_eq!(parse_year("2018年度"), Ok(2018));
        assert_eq!(parse_year("218"), Err(NoDay::Form));
        assert_eq!(parse_year("1066"), Err(NoDay::Absent));
        for text in [
            "2018",
            "2018-2019",
            "2018-2019学年",
            "2018学年",
            "2018-19学年度",
            "2018/2019",
        ] {
            assert_eq!(parse_school_year(text), Ok(2018), "{text}");
        }
        assert_eq!(parse_school_year("2018-2020"), Err(NoDay::Absent));
        assert_eq!(parse_school_year("99-00"), Err(NoDay::Form));
    }
}
