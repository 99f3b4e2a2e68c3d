//! The text of a table, from which each format is made: CSV as it goes out, or as it is read to be written otherwise.

use super::{BYTE_ORDER_MARK, Column, Format, harmless};

/// The beginning of the text: the mark for Excel, and the names of the columns.
///
/// # Errors
/// None that names could cause.
pub fn head(format: Format, columns: &[Column]) -> Result<Vec<u8>, csv::Error> {
    let names: Vec<String> = columns
        .iter()
        .map(|column| column.name.clone().into_owned())
        .collect();
    let names = lines(format, &[names])?;
    Ok([BYTE_ORDER_MARK, &names].concat())
}

/// Rows as lines of the text.
///
/// # Errors
/// None that rows of one length could cause.
pub fn lines<R: AsRef<[String]>>(format: Format, rows: &[R]) -> Result<Vec<u8>, csv::Error> {
    let mut text = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    for row in rows {
        for cell in row.as_ref() {
            match format {
                Format::Csv | Format::CsvGb18030 => text.write_field(&*harmless(cell))?,
                Format::Xlsx | Format::Parquet => text.write_field(cell)?,
            }
        }
        text.write_record(None::<&[u8]>)?;
    }
    text.into_inner()
        .map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}
