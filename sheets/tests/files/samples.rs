//! Files of each kind, made up: the same rows as a text and as a workbook.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use sheets::{Column, Kind, Type};

/// The headings and rows of a kind, as texts.
pub fn table_of(kind: &Kind, rows: usize) -> Vec<Vec<String>> {
    let headings = kind.columns.iter().map(|column| match column.is {
        Type::Distance => format!("{}（米）", column.heading),
        _ => column.heading.to_string(),
    });
    let rows = (0..rows).map(|row| {
        kind.columns
            .iter()
            .enumerate()
            .map(|(at, column)| sample(column, at, row))
            .collect()
    });
    std::iter::once(headings.collect()).chain(rows).collect()
}

/// A value of a column in one of its spellings.
fn sample(column: &Column, at: usize, row: usize) -> String {
    let seed = at * 7 + row * 13;
    if !column.required && seed.is_multiple_of(11) {
        return String::new();
    }
    let day = format!(
        "{:04}-{:02}-{:02}",
        2010 + seed % 10,
        1 + seed % 12,
        1 + seed % 28
    );
    match &column.is {
        Type::Text | Type::SensitiveText => {
            ["张三", "李四（大）", "欧阳,娜", "王\"五", "𠮷野"][row % 5].to_owned()
        }
        Type::CitizenNumber => [
            "11010519491231002X",
            "440524188001010014",
            "110105491231002",
        ][row % 3]
            .to_owned(),
        Type::DisabilityCertificate => {
            ["11010519491231002X42", "44052418800101001411"][row % 2].to_owned()
        }
        Type::BankCard => ["6222021234567890123", "6228480402564890018"][row % 2].to_owned(),
        Type::HouseholdCard => format!("150921100200{:04}", row + 1),
        Type::Identifier => ["蒙低保字0012号", "0015", "A-77"][row % 3].to_owned(),
        Type::Phone => format!("1380013{:04}", row + 1),
        Type::VillageCode => "150921100201".to_owned(),
        Type::Whole { from, to } => (from + seed as i64 % (to - from + 1).min(50)).to_string(),
        Type::Yuan => format!("{}.{:02}", seed * 37, seed % 100),
        Type::Area => format!("{}.5", 60 + seed),
        Type::Distance => (seed * 10).to_string(),
        Type::Rate => "4.35%".to_owned(),
        Type::Date => day,
        Type::Month | Type::Period => day[..7].to_owned(),
        Type::Year => day[..4].to_owned(),
        Type::SchoolYear => "2018-2019".to_owned(),
        Type::YesNo(_) => ["是", "否"][seed % 2].to_owned(),
        Type::Code(list) => list.codes[seed % list.codes.len()].1.clone(),
        Type::Codes(list) => {
            let label = |at: usize| list.codes[at % list.codes.len()].1.as_str();
            [label(seed), label(seed + 1)].join("、")
        }
    }
}

/// A table as CSV.
pub fn csv_of(table: &[Vec<String>]) -> String {
    let mut writer = csv::Writer::from_writer(vec![]);
    for row in table {
        writer.write_record(row).expect("a row");
    }
    String::from_utf8(writer.into_inner().expect("a text")).expect("UTF-8")
}

/// A table as a workbook, with days and amounts as a spreadsheet has them.
pub fn xlsx_of(table: &[Vec<String>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let (day_format, percent) = (
        Format::new().set_num_format("yyyy/m/d"),
        Format::new().set_num_format("0.00%"),
    );
    let sheet = book.add_worksheet();
    for (line, row) in (0..).zip(table) {
        for (at, text) in (0..).zip(row) {
            let day = (text.len() == 10)
                .then(|| ExcelDateTime::parse_from_str(text).ok())
                .flatten();
            let number = text
                .parse::<f64>()
                .ok()
                .filter(|_| text.contains('.') || (text.len() < 5 && !text.starts_with('0')));
            let rate = text
                .strip_suffix('%')
                .and_then(|percent| percent.parse::<f64>().ok());
            let written = match (day, number, rate) {
                _ if text.is_empty() => continue,
                (Some(day), ..) => sheet.write_with_format(line, at, day, &day_format),
                (_, Some(number), _) => sheet.write(line, at, number),
                (.., Some(rate)) => sheet.write_with_format(line, at, rate / 100.0, &percent),
                _ => sheet.write(line, at, text),
            };
            written.expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}
