//! The text of a table, from which each format is made: CSV as it goes out, or as it is read to be written otherwise.

use super::{BYTE_ORDER_MARK, Column, Format, harmless};

/// The beginning of the text: the mark for Excel, and the names of the columns.
#[must_use]
pub fn head(columns: &[Column]) -> Vec<u8> {
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    [BYTE_ORDER_MARK, names.join(",").as_bytes(), b"\n"].concat()
}

/// Rows as lines of the text.
///
/// # Errors
/// None that rows of one length could cause.
pub fn lines<const COLUMNS: usize>(
    format: Format,
    rows: &[[String; COLUMNS]],
) -> Result<Vec<u8>, csv::Error> {
    let mut text = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    for row in rows {
        for cell in row {
            match format {
                Format::Csv => text.write_field(&*harmless(cell))?,
                Format::Xlsx | Format::Parquet => text.write_field(cell)?,
            }
        }
        text.write_record(None::<&[u8]>)?;
    }
    text.into_inner()
        .map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}
