//! Whatever the spelling, the value is the same.

use crate::{
    kind, rows,
    samples::{csv_of, xlsx_of},
};
use encoding_rs::GB18030;
use proptest::prelude::*;
use sheets::{Cell, Kind, Type, Value};
use std::sync::{Arc, LazyLock};
use time::{Date, Month};

static HOUSEHOLD: LazyLock<Arc<Kind>> = LazyLock::new(|| kind("household"));
static PAYMENT: LazyLock<Arc<Kind>> = LazyLock::new(|| kind("payment"));
static CLAIM: LazyLock<Arc<Kind>> = LazyLock::new(|| kind("claim"));

/// What the cell of a column comes to: from a text, and from a workbook.
fn read(kind: &Arc<Kind>, column: &str, text: &str) -> [Cell; 2] {
    let at = kind.column(column).expect("a column");
    let headings: Vec<String> = kind
        .columns
        .iter()
        .filter(|of| of.required || &*of.name == column)
        .map(|of| of.heading.to_string())
        .collect();
    let heading = &*kind.columns[at].heading;
    let values = headings.iter().map(|of| {
        if of == heading {
            text.to_owned()
        } else {
            "1".to_owned()
        }
    });
    let table = [headings.clone(), values.collect()];
    let csv = csv_of(&table);
    let of = |bytes: &[u8]| rows(bytes, kind)[0].cells[at].clone();
    assert_eq!(of(csv.as_bytes()), of(&GB18030.encode(&csv).0));
    [of(csv.as_bytes()), of(&xlsx_of(&table))]
}

fn is(kind: &Arc<Kind>, column: &str, text: &str, value: &Value) -> Result<(), TestCaseError> {
    for cell in read(kind, column, text) {
        prop_assert_eq!(cell, Cell::Value(value.clone()), "{}", text);
    }
    Ok(())
}

fn full_width(text: &str) -> String {
    let wide = |sign: char| {
        char::from_u32(u32::from(sign) + 0xfee0)
            .filter(|_| sign.is_ascii_graphic())
            .unwrap_or(sign)
    };
    text.chars().map(wide).collect()
}

fn spelled(text: String, wide: bool) -> String {
    if wide { full_width(&text) } else { text }
}

fn any_day() -> impl Strategy<Value = Date> {
    (-43_829_i32..=66_000).prop_map(|days| {
        let first = Date::from_calendar_date(1970, Month::January, 1).expect("a day");
        first + time::Duration::days(i64::from(days))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn days(day in any_day(), spelling in 0..7, wide in any::<bool>()) {
        let (year, month, of_month) = (day.year(), u8::from(day.month()), day.day());
        let text = match spelling {
            0 => format!("{year}{month:02}{of_month:02}"),
            1 => format!("{year}-{month}-{of_month}"),
            2 => format!("{year}年{month}月{of_month}日"),
            3 => format!("{year}/{month:02}/{of_month:02}"),
            4 => format!("{year}.{month}.{of_month}"),
            5 => format!("{year}-{month:02}-{of_month:02} 00:00:00"),
            _ => format!(" {year} 年 {month} 月 {of_month} 日 "),
        };
        is(&CLAIM, "settled_on", &spelled(text, wide), &Value::Date(day))?;
    }

    #[test]
    fn serials(serial in 10_000_i64..91_000) {
        let day = Date::from_calendar_date(1899, Month::December, 30).expect("a day") + time::Duration::days(serial);
        is(&CLAIM, "settled_on", &serial.to_string(), &Value::Date(day))?;
    }

    #[test]
    fn months(year in 1900..2100, month in 1_u8..=12, spelling in 0..4, wide in any::<bool>()) {
        let text = match spelling {
            0 => format!("{year}{month:02}"),
            1 => format!("{year}-{month}"),
            2 => format!("{year}年{month}月"),
            _ => format!("{year}/{month:02}"),
        };
        is(&PAYMENT, "period", &spelled(text, wide), &Value::Month { year, month })?;
        is(&PAYMENT, "period", &spelled(format!("{year}年度"), wide), &Value::Year(year))?;
    }

    #[test]
    fn amounts(fen in 0_i64..=1_000_000_000_000, spelling in 0..5, wide in any::<bool>()) {
        let (yuan, rest) = (fen / 100, fen % 100);
        let text = match spelling {
            0 => format!("{yuan}.{rest:02}"),
            1 => format!("¥{yuan}.{rest:02}元"),
            2 => format!("{}.{:06}万元", fen / 1_000_000, fen % 1_000_000),
            3 => format!("{yuan}.{rest:02}0"),
            _ => {
                let digits = yuan.to_string();
                let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group)).collect();
                format!("{}.{rest:02}", groups.join(","))
            }
        };
        is(&CLAIM, "total_cost", &spelled(text, wide), &Value::Fen(fen))?;
    }

    #[test]
    fn citizen_numbers(digits in "[1-9][0-9]{16}", spelling in 0..5) {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        let number = format!("{digits}{}", char::from(b"10X98765432"[sum as usize % 11]));
        let text = match spelling {
            0 => number.clone(),
            1 => number.to_lowercase(),
            2 => full_width(&number),
            3 => format!("'{number}\t"),
            _ => format!(" {} {} {} ", &number[..6], &number[6..14], &number[14..]),
        };
        for cell in read(&HOUSEHOLD, "citizen_number", &text) {
            let Cell::Value(Value::Sensitive(read)) = cell else { panic!("{cell:?}") };
            prop_assert_eq!(read.reveal(), number.as_str());
        }
    }

    #[test]
    fn codes(pick in any::<prop::sample::Index>(), wide in any::<bool>(), blank in any::<bool>()) {
        let relation = HOUSEHOLD.columns.iter().find_map(|column| match &column.is {
            Type::Code(list) if &*list.name == "RelationToHead" => Some(list.clone()),
            _ => None,
        }).expect("the list");
        let (code, label) = pick.get(&relation.codes);
        let text = if blank { label.chars().map(|sign| format!("{sign}　")).collect() } else { label.clone() };
        is(&HOUSEHOLD, "relation", &spelled(text, wide), &Value::Code(code.clone()))?;
    }

    #[test]
    fn texts(text in "[^\\p{C}\\s'][^\\p{C}]{0,40}") {
        prop_assume!(!text.ends_with(char::is_whitespace) && !text.contains('\u{fffd}') && !text.contains("_x"));
        // What reads as a number becomes one in a workbook, and a date a day.
        prop_assume!(text.parse::<f64>().is_err() && !text.ends_with('%') && text.len() != 10);
        is(&HOUSEHOLD, "address", &text, &Value::Text(text.clone()))?;
    }
}
