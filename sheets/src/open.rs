//! A file is what its first bytes say, not what its name does.

use crate::{
    delimited::{Delimited, delimiter},
    encoding::{self, Decoded, Encoding, not_readable},
    kind::Kind,
    problem::{Code, Problem},
    source::{Limits, Source},
    table::Table,
    workbook::{Sheet, Workbook},
    xml::broken,
};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};
use zip::{ZipArchive, result::ZipError};

/// What a file can be read from.
pub trait Stream: Read + Seek + Send {}
impl<S: Read + Seek + Send> Stream for S {}

type Bytes = Box<dyn Stream>;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv { encoding: Encoding, delimiter: u8 },
    Xlsx,
}

/// A department's file.
pub struct Sheets {
    content: Content,
    sheets: Vec<Sheet>,
    limits: Limits,
}

enum Content {
    Csv {
        bytes: Bytes,
        encoding: Encoding,
        mark_bytes: u64,
        delimiter: u8,
    },
    Xlsx(Box<Workbook<Bytes>>),
}

impl Sheets {
    /// The file at a path.
    ///
    /// # Errors
    /// As [`Sheets::of`].
    pub fn open(path: &Path, limits: Limits) -> Result<Self, Problem> {
        Self::of(
            File::open(path).map_err(|error| not_readable(&error))?,
            limits,
        )
    }

    /// A file as a stream.
    ///
    /// # Errors
    /// It is no CSV and no XLSX, is larger than the limits, or is damaged.
    pub fn of(stream: impl Stream + 'static, limits: Limits) -> Result<Self, Problem> {
        let mut bytes: Bytes = Box::new(stream);
        let unreadable = |error: io::Error| not_readable(&error);
        let length = bytes.seek(SeekFrom::End(0)).map_err(unreadable)?;
        bytes.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let mut first = Vec::new();
        bytes
            .by_ref()
            .take(PROBED_BYTES)
            .read_to_end(&mut first)
            .map_err(unreadable)?;
        if first.iter().all(u8::is_ascii_whitespace) && length <= PROBED_BYTES {
            return Err(empty());
        }
        let is_zip = first.starts_with(b"PK\x03\x04") || first.starts_with(b"PK\x05\x06");
        let is_ole = first.starts_with(b"\xd0\xcf\x11\xe0");
        let most = if is_zip || is_ole {
            limits.xlsx_bytes
        } else {
            limits.csv_bytes
        };
        if length > most {
            return Err(too_large(most));
        }
        if is_ole {
            let encrypted = count(&mut bytes, ENCRYPTED)? > 0;
            return Err(if encrypted {
                with_password()
            } else {
                old_xls()
            });
        }
        if is_zip {
            let book = Workbook::open(archive(bytes)?, limits)?;
            let sheets = book.sheets.clone();
            let content = Content::Xlsx(Box::new(book));
            return Ok(Sheets {
                content,
                sheets,
                limits,
            });
        }
        not_a_text(&first)?;
        let (encoding, mark_bytes) = encoding::detect(&mut bytes)?;
        bytes
            .seek(SeekFrom::Start(mark_bytes))
            .map_err(unreadable)?;
        let delimiter = delimiter(&mut bytes, encoding)?;
        let content = Content::Csv {
            bytes,
            encoding,
            mark_bytes,
            delimiter,
        };
        let sheets = vec![Sheet {
            name: String::new(),
            hidden: false,
        }];
        Ok(Sheets {
            content,
            sheets,
            limits,
        })
    }

    /// How the file is written.
    #[must_use]
    pub fn format(&self) -> Format {
        match self.content {
            Content::Csv {
                encoding,
                delimiter,
                ..
            } => Format::Csv {
                encoding,
                delimiter,
            },
            Content::Xlsx(_) => Format::Xlsx,
        }
    }
    /// The sheets in their order. A CSV file has one without a name.
    #[must_use]
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// The table on a sheet, by its place in [`Sheets::sheets`], read as a kind of file.
    ///
    /// # Errors
    /// Everything that keeps it from being read: its headings, the part it stands in.
    pub fn table(&mut self, kind: &Arc<Kind>, sheet: usize) -> Result<Table<'_>, Vec<Problem>> {
        let Some(Sheet { name, .. }) = self.sheets.get(sheet) else {
            return Err(vec![no_such_sheet(sheet, self.sheets.len())]);
        };
        let name: Arc<str> = name.as_str().into();
        let limits = self.limits;
        match &mut self.content {
            Content::Xlsx(book) => {
                let rows = book
                    .rows(sheet)
                    .map_err(|problem| vec![problem.on_sheet(Some(&name))])?;
                Table::new(kind, Some(name), Box::new(rows))
            }
            Content::Csv {
                bytes,
                encoding,
                mark_bytes,
                delimiter,
            } => {
                let sought = bytes.seek(SeekFrom::Start(*mark_bytes));
                sought.map_err(|error| vec![not_readable(&error)])?;
                let text = Decoded::new(bytes, *encoding, limits.row_bytes);
                let rows: Box<dyn Source + '_> = Box::new(Delimited::new(text, *delimiter, limits));
                Table::new(kind, None, rows)
            }
        }
    }
}

const PROBED_BYTES: u64 = 8 << 10;
/// The entry that an encrypted workbook has.
const ENCRYPTED: &[u8] = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
/// What begins each entry of an archive's directory.
const ENTRY: &[u8] = b"PK\x01\x02";
/// A workbook has some dozens of parts.
const MOST_ENTRIES: usize = 4_096;

/// How often a sequence of bytes is in a file, up to a limit.
fn count(bytes: &mut Bytes, sought: &[u8]) -> Result<usize, Problem> {
    let unreadable = |error: io::Error| not_readable(&error);
    bytes.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let finder = memchr::memmem::Finder::new(sought);
    let (mut block, mut found) = (Vec::new(), 0);
    loop {
        // What is cut at the end of a block is looked at again with the next one.
        let kept = block.len().min(sought.len() - 1);
        block.drain(..block.len() - kept);
        let read = bytes
            .by_ref()
            .take(1 << 20)
            .read_to_end(&mut block)
            .map_err(unreadable)?;
        found += finder.find_iter(&block).count();
        if read == 0 || found > MOST_ENTRIES {
            return Ok(found);
        }
    }
}

/// An archive that holds a workbook.
fn archive(mut bytes: Bytes) -> Result<ZipArchive<Bytes>, Problem> {
    // The directory is read as a whole, so it is counted before.
    if count(&mut bytes, ENTRY)? > MOST_ENTRIES {
        return Err(other_zip());
    }
    bytes
        .seek(SeekFrom::Start(0))
        .map_err(|error| not_readable(&error))?;
    let mut archive = match ZipArchive::new(bytes) {
        Ok(archive) => archive,
        Err(ZipError::Io(error)) => return Err(not_readable(&error)),
        Err(error) => return Err(broken(&error.to_string())),
    };
    let has = |name: &str| archive.index_for_name(name).is_some();
    if has("xl/workbook.bin") {
        return Err(binary_workbook());
    }
    if has("mimetype") && has("content.xml") {
        return Err(open_document());
    }
    if !has("xl/workbook.xml")
        && (!has("_rels/.rels") || has("word/document.xml") || has("ppt/presentation.xml"))
    {
        return Err(other_zip());
    }
    for at in 0..archive.len() {
        let encrypted = archive.by_index_raw(at).is_ok_and(|file| file.encrypted());
        if encrypted {
            return Err(with_password());
        }
    }
    Ok(archive)
}

/// What is no text at all, or a page.
fn not_a_text(first: &[u8]) -> Result<(), Problem> {
    let has_mark = first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff");
    let is_other = [
        &b"%PDF"[..],
        b"Rar!",
        b"7z\xbc\xaf",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"\x1f\x8b",
        b"\x09\x08",
    ];
    if is_other.iter().any(|other| first.starts_with(other)) || (!has_mark && first.contains(&0)) {
        return Err(not_a_table());
    }
    let begin = first
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(first)
        .trim_ascii_start();
    let begin = begin.get(..64).unwrap_or(begin).to_ascii_lowercase();
    let is_page = [
        &b"<html"[..],
        b"<!doctype",
        b"<?xml",
        b"<table",
        b"<meta",
        b"<head",
        b"<style",
        b"<div",
        b"<workbook",
    ];
    match is_page.iter().any(|page| begin.starts_with(page)) {
        true => Err(html_table()),
        false => Ok(()),
    }
}

fn empty() -> Problem {
    Problem::new(Code::EmptyFile, "the file is empty", "文件为空")
}

fn too_large(most: u64) -> Problem {
    let most = most >> 20;
    Problem::new(
        Code::FileTooLarge,
        format!("the file is larger than {most} MB: split it, or save it as CSV"),
        format!("文件超过{most}MB，请拆分，或另存为CSV"),
    )
}

fn old_xls() -> Problem {
    Problem::new(
        Code::OldXls,
        "this is a workbook of Excel 97 to 2003: open it and save it as XLSX",
        "这是旧版Excel（xls）文件，请打开后另存为XLSX",
    )
}

fn with_password() -> Problem {
    Problem::new(
        Code::EncryptedWorkbook,
        "the workbook has a password: take it away and save the file anew",
        "工作簿设有密码，请取消密码后重新保存",
    )
}

fn binary_workbook() -> Problem {
    Problem::new(
        Code::BinaryWorkbook,
        "this is a binary workbook (XLSB): save it as XLSX",
        "这是二进制工作簿（xlsb），请另存为XLSX",
    )
}

fn open_document() -> Problem {
    Problem::new(
        Code::OpenDocument,
        "this is an OpenDocument file: save it as XLSX",
        "这是OpenDocument文件（ods），请另存为XLSX",
    )
}

fn other_zip() -> Problem {
    Problem::new(
        Code::OtherZip,
        "this is an archive or another kind of document, no workbook: unpack it and send the table itself",
        "这是压缩包或其他文档，不是工作簿，请解压后上传表格本身",
    )
}

fn html_table() -> Problem {
    Problem::new(
        Code::HtmlTable,
        "this is a web page or XML under the name of a table: open it in a spreadsheet and save it as XLSX",
        "该文件实为网页或XML，请用表格软件打开后另存为XLSX",
    )
}

fn not_a_table() -> Problem {
    Problem::new(
        Code::NotATable,
        "this is no table: send CSV or XLSX",
        "该文件不是表格，请上传CSV或XLSX",
    )
}

fn no_such_sheet(sheet: usize, sheets: usize) -> Problem {
    Problem::new(
        Code::NoSuchSheet,
        format!("there is no sheet {}: the file has {sheets}", sheet + 1),
        format!("没有第{}个工作表，文件共有{sheets}个", sheet + 1),
    )
}
