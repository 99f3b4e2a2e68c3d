//! Tables that go out as files: CSV, XLSX and Parquet, by the extension of the file.
//!
//! A table is written as a part beside the file it becomes, so that a run that was cut off goes on where the last checkpoint
//! stands, and nobody sees a file that is not whole.

mod export;
mod gb18030;
mod import;
mod lines;
mod parquet;
mod part;
mod xlsx;

pub use export::{At, Below, By, Condition, Export, ExportColumn, On};
pub use import::{
    About, Import, ImportRow, Listed, Many, Only, Place, Recorded, Reported, Says, Seen,
};
pub use lines::{head, lines};
pub use part::Part;

use std::{
    borrow::Cow,
    ffi::OsStr,
    fs::{self, File},
    io::{self, BufReader, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

/// What the values of a column are. Each is written as a text, empty where there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Yuan with two places.
    Yuan,
    /// YYYY-MM-DD.
    Day,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: Cow<'static, str>,
    pub kind: Kind,
}

impl Column {
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Column {
            name: Cow::Borrowed(name),
            kind,
        }
    }

    /// One that a file has named.
    #[must_use]
    pub fn named(name: String, kind: Kind) -> Self {
        Column {
            name: Cow::Owned(name),
            kind,
        }
    }
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// In UTF-8.
    Csv,
    /// In GB18030, for programs that take every CSV file for it.
    CsvGb18030,
    Xlsx,
    Parquet,
}

impl Format {
    /// By the extension of a file.
    ///
    /// # Errors
    /// It has another one.
    pub fn of(path: &Path) -> Result<Self, FileError> {
        let extension = path.extension().and_then(OsStr::to_str);
        match extension.map(str::to_lowercase).as_deref() {
            Some("csv") => Ok(Format::Csv),
            Some("xlsx") => Ok(Format::Xlsx),
            Some("parquet") => Ok(Format::Parquet),
            _ => Err(FileError::Extension(path.to_owned())),
        }
    }
}

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{}: the name has to end in .csv, .xlsx or .parquet", .0.display())]
    Extension(PathBuf),
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("{}: {problem}", path.display())]
    Written { path: PathBuf, problem: String },
    #[error(
        "{}: this is a part of another table: finish that with the same region, day and benefits, or take the part away",
        .0.display()
    )]
    OtherPart(PathBuf),
}

impl FileError {
    fn at(path: &Path) -> impl Fn(io::Error) -> FileError {
        move |error| FileError::File {
            path: path.to_owned(),
            error,
        }
    }
    fn written(path: &Path) -> impl Fn(String) -> FileError {
        move |problem| FileError::Written {
            path: path.to_owned(),
            problem,
        }
    }
}

/// Makes the table at `part` to a file of the format that its name has. A part is a CSV file as it goes out.
fn finish(part: &Path, path: &Path, columns: &[Column]) -> Result<(), FileError> {
    let format = Format::of(path)?;
    if format == Format::Csv {
        return fs::rename(part, path).map_err(FileError::at(path));
    }
    let whole = beside(path, "whole");
    made(part, &whole, format, columns)?;
    let synced = File::open(&whole).and_then(|file| file.sync_all());
    synced.map_err(FileError::at(&whole))?;
    fs::rename(&whole, path).map_err(FileError::at(path))
}

/// Writes the table whose lines stand at `part` as a file of a format.
///
/// # Errors
/// The disk, or the format can't hold it.
pub fn made(part: &Path, path: &Path, format: Format, columns: &[Column]) -> Result<(), FileError> {
    if format == Format::Csv {
        return fs::rename(part, path).map_err(FileError::at(path));
    }
    let rows = File::open(part).and_then(|mut file| {
        file.seek(SeekFrom::Start(BYTE_ORDER_MARK.len() as u64))?;
        Ok(csv::Reader::from_reader(BufReader::new(file)))
    });
    let rows = rows.map_err(FileError::at(part))?;
    let written = match format {
        Format::Parquet => parquet::write(rows, path, columns),
        Format::Xlsx | Format::Csv => xlsx::write(rows, path, columns),
        Format::CsvGb18030 => gb18030::write(part, path),
    };
    written.map_err(FileError::written(path))
}

/// The file of another name in the same folder.
fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(what);
    path.with_file_name(name)
}

type Rows = csv::Reader<BufReader<File>>;

/// Excel takes a CSV file for UTF-8 by its first three bytes.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> Cow<'_, str> {
    let is_number = text.parse::<f64>().is_ok();
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') if !is_number => format!("'{text}").into(),
        _ => text.into(),
    }
}
