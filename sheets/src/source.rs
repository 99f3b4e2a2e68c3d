//! What a file gives, row by row, whatever its format is.

use crate::{problem::Problem, value::Raw};

/// A row as it stands in the file.
#[derive(Debug, Default)]
pub struct RawRow {
    /// As a spreadsheet shows it, from 1.
    pub number: u64,
    pub cells: Vec<Raw>,
}

impl RawRow {
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Raw::is_blank)
    }
}

/// Rows from the first one on.
pub trait Source {
    /// The next row that has anything in it.
    ///
    /// # Errors
    /// The rest of the file can't be read.
    fn next_row(&mut self) -> Result<Option<RawRow>, Problem>;
}

/// The largest file and the largest parts of it that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub csv_bytes: u64,
    pub xlsx_bytes: u64,
    /// What all parts of a workbook that are read come to when they are unpacked.
    pub unpacked_bytes: u64,
    /// How often the packed size that is, for parts of more than 16 MB.
    pub unpacked_ratio: u64,
    /// What the texts of a workbook take in memory, and how many there are.
    pub shared_bytes: usize,
    pub shared_texts: usize,
    pub sheets: usize,
    pub columns: usize,
    pub rows: u64,
    pub row_bytes: usize,
    pub cell_characters: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            csv_bytes: 2 << 30,
            xlsx_bytes: 64 << 20,
            unpacked_bytes: 640 << 20,
            unpacked_ratio: 200,
            shared_bytes: 96 << 20,
            shared_texts: 4 << 20,
            sheets: 255,
            columns: 1_000,
            rows: 1_048_576,
            row_bytes: 1 << 20,
            cell_characters: 32_767,
        }
    }
}
