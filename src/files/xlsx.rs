//! XLSX, row by row: memory does not grow with the table.

use super::{Column, Kind, Rows};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use std::path::Path;

/// The most characters of a cell.
const CELL_CHARACTERS: usize = 32_767;
/// The most rows of a sheet, its heading included.
const SHEET_ROWS: u32 = 1_048_576;

pub(super) fn write(mut rows: Rows, path: &Path, columns: &[Column]) -> Result<(), String> {
    let told = |error: XlsxError| error.to_string();
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold();
    let yuan = Format::new().set_num_format("0.00");
    let mut row = csv::StringRecord::new();
    let mut more = true;
    while more {
        let sheet = workbook
            .add_worksheet_with_constant_memory()
            .map_err(told)?;
        for (at, column) in (0..).zip(columns) {
            sheet
                .write_string_with_format(0, at, &*column.name, &bold)
                .map_err(told)?;
        }
        for line in 1.. {
            more = rows
                .read_record(&mut row)
                .map_err(|error| error.to_string())?;
            if !more {
                break;
            }
            write_row(sheet, line, &row, (columns, &yuan)).map_err(told)?;
            if line + 1 == SHEET_ROWS {
                break;
            }
        }
    }
    workbook.save(path).map_err(told)
}

fn write_row(
    sheet: &mut Worksheet,
    line: u32,
    row: &csv::StringRecord,
    (columns, yuan): (&[Column], &Format),
) -> Result<(), XlsxError> {
    for (at, (text, column)) in (0..).zip(row.iter().zip(columns)) {
        match (column.kind, text.parse::<f64>()) {
            _ if text.is_empty() => {}
            // A sheet knows floating numbers only; two places of amounts below 10^13 yuan are exact when shown.
            (Kind::Yuan, Ok(amount)) => {
                sheet.write_number_with_format(line, at, amount, yuan)?;
            }
            _ => {
                let cell: String = text.chars().take(CELL_CHARACTERS).collect();
                sheet.write_string(line, at, cell)?;
            }
        }
    }
    Ok(())
}
