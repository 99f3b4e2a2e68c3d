//! Parquet, a group of rows at a time.

use super::{Column, Kind, Rows};
use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::parser::parse_message_type,
};
use std::{fs::File, path::Path, sync::Arc};
use time::Date;

/// How many rows are held at a time.
const GROUP: usize = 50_000;

pub(super) fn write(mut rows: Rows, path: &Path, columns: &[Column]) -> Result<(), String> {
    let told = |error: ParquetError| error.to_string();
    let schema = Arc::new(parse_message_type(&message(columns)).map_err(told)?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
    let file = File::create(path).map_err(|error| error.to_string())?;
    let mut writer =
        SerializedFileWriter::new(file, schema, Arc::new(properties.build())).map_err(told)?;
    let mut group = Vec::with_capacity(GROUP);
    loop {
        let mut row = csv::StringRecord::new();
        let more = rows
            .read_record(&mut row)
            .map_err(|error| error.to_string())?;
        if more {
            group.push(row);
        }
        if group.len() == GROUP || !more && !group.is_empty() {
            let mut of_group = writer.next_row_group().map_err(told)?;
            let mut at = 0;
            while let Some(mut column) = of_group.next_column().map_err(told)? {
                write_column(&mut column, columns[at].kind, &group, at).map_err(told)?;
                column.close().map_err(told)?;
                at += 1;
            }
            of_group.close().map_err(told)?;
            group.clear();
        }
        if !more {
            writer.close().map_err(told)?;
            return Ok(());
        }
    }
}

fn message(columns: &[Column]) -> String {
    let fields = columns.iter().map(|Column { name, kind }| match kind {
        Kind::Text => format!("OPTIONAL BYTE_ARRAY {name} (UTF8);"),
        Kind::Yuan => format!("OPTIONAL INT64 {name} (DECIMAL(18,2));"),
        Kind::Day => format!("OPTIONAL INT32 {name} (DATE);"),
    });
    format!("message table {{ {} }}", fields.collect::<String>())
}

fn write_column(
    writer: &mut SerializedColumnWriter<'_>,
    kind: Kind,
    rows: &[csv::StringRecord],
    at: usize,
) -> Result<(), ParquetError> {
    let texts = || rows.iter().map(|row| row.get(at).unwrap_or_default());
    match kind {
        Kind::Text => {
            let (values, known) = values(texts(), |text| {
                (!text.is_empty()).then(|| ByteArray::from(text))
            });
            let typed = writer.typed::<ByteArrayType>();
            typed.write_batch(&values, Some(&known), None)?;
        }
        Kind::Yuan => {
            let (values, known) = values(texts(), hundredths);
            let typed = writer.typed::<Int64Type>();
            typed.write_batch(&values, Some(&known), None)?;
        }
        Kind::Day => {
            let (values, known) = values(texts(), days);
            let typed = writer.typed::<Int32Type>();
            typed.write_batch(&values, Some(&known), None)?;
        }
    }
    Ok(())
}

/// The values that are there, and for each row whether one is.
fn values<'t, V>(
    texts: impl Iterator<Item = &'t str>,
    value: impl Fn(&str) -> Option<V>,
) -> (Vec<V>, Vec<i16>) {
    let (mut values, mut known) = (Vec::new(), Vec::new());
    for text in texts {
        let value = value(text);
        known.push(i16::from(value.is_some()));
        values.extend(value);
    }
    (values, known)
}

fn hundredths(text: &str) -> Option<i64> {
    let (yuan, fen) = text.split_once('.')?;
    format!("{yuan}{fen}").parse().ok()
}

/// Days since 1970.
fn days(text: &str) -> Option<i32> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let day = Date::parse(text, format).ok()?;
    Some(day.to_julian_day() - time::macros::date!(1970 - 01 - 01).to_julian_day())
}
