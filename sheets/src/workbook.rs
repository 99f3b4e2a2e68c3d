//! XLSX: the parts of a workbook, and the rows of its sheets as they are unpacked.

use crate::{
    day::Epoch,
    delimited::{cell_too_long, too_many_columns},
    problem::{Code, Problem},
    source::{Limits, RawRow, Source},
    texts::{Collected, Texts},
    value::{Raw, Style},
    xml::{Budget, Part, Said, attribute, broken, name},
};
use quick_xml::events::BytesStart;
use std::{
    collections::HashMap,
    io::{Read, Seek},
};
use zip::{ZipArchive, result::ZipError};

/// A sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub name: String,
    pub hidden: bool,
}

/// A workbook, with what all of its sheets share.
pub struct Workbook<R> {
    archive: ZipArchive<R>,
    pub sheets: Vec<Sheet>,
    /// The part of each sheet.
    parts: Vec<String>,
    epoch: Epoch,
    styles: Vec<Style>,
    texts: Texts,
    /// The part that holds the texts, until it is read.
    shared: Option<String>,
    budget: Budget,
    limits: Limits,
}

impl<R: Read + Seek> Workbook<R> {
    /// Reads everything but the sheets and the texts.
    ///
    /// # Errors
    /// It is no workbook, or a damaged one.
    pub fn open(archive: ZipArchive<R>, limits: Limits) -> Result<Self, Problem> {
        let mut book = Workbook {
            archive,
            sheets: vec![],
            parts: vec![],
            epoch: Epoch::default(),
            styles: vec![],
            texts: Texts::default(),
            shared: None,
            budget: Budget::new(&limits),
            limits,
        };
        let main = book.relations("", "_rels/.rels")?;
        let main = main.into_values().find(|of| of.kind == "officeDocument");
        let main = main.map_or_else(|| "xl/workbook.xml".to_owned(), |of| of.target);
        let (folder, file) = main.rsplit_once('/').unwrap_or(("", &main));
        let rels = format!("{folder}/_rels/{file}.rels");
        let relations = book.relations(folder, rels.trim_start_matches('/'))?;
        book.read_main(&main, &relations)?;
        let of_kind = |kind: &str| {
            relations
                .values()
                .find(|of| of.kind == kind)
                .map(|of| of.target.clone())
        };
        book.shared = of_kind("sharedStrings");
        if let Some(styles) = of_kind("styles") {
            book.read_styles(&styles)?;
        }
        Ok(book)
    }

    /// The rows of a sheet.
    ///
    /// # Errors
    /// The sheet or the texts are damaged.
    pub fn rows(&mut self, sheet: usize) -> Result<SheetRows<'_>, Problem> {
        if let Some(shared) = self.shared.take() {
            self.read_texts(&shared)?;
        }
        let part = self
            .parts
            .get(sheet)
            .map(String::as_str)
            .unwrap_or_default();
        let part = part_of(&mut self.archive, part, &self.budget)?;
        let part = part.ok_or_else(|| broken("a sheet is missing"))?;
        Ok(SheetRows {
            part,
            texts: &self.texts,
            styles: &self.styles,
            epoch: self.epoch,
            limits: self.limits,
            row: 0,
            ended: false,
        })
    }

    /// Goes through a part, if there is one.
    fn each(
        &mut self,
        path: &str,
        mut see: impl FnMut(&Said<'_>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let Some(mut part) = part_of(&mut self.archive, path, &self.budget)? else {
            return Ok(());
        };
        loop {
            let said = part.next()?;
            if matches!(said, Said::Eof) {
                break;
            }
            see(&said)?;
        }
        let read = part.read();
        drop(part);
        self.budget.spend(read);
        Ok(())
    }

    /// What a part refers to, by the names it has for it.
    fn relations(
        &mut self,
        folder: &str,
        path: &str,
    ) -> Result<HashMap<String, Relation>, Problem> {
        let mut relations = HashMap::new();
        self.each(path, |said| {
            let (Said::Start(element) | Said::Empty(element)) = said else {
                return Ok(());
            };
            let of = |name| Ok(attribute(element, name)?.unwrap_or_default());
            if name(element) == "Relationship" {
                let relation = Relation::new(folder, &of("Target")?, &of("Type")?);
                relations.insert(of("Id")?, relation);
            }
            match relations.len() > MOST_RELATIONS {
                true => Err(broken("it refers to too many parts")),
                false => Ok(()),
            }
        })?;
        Ok(relations)
    }

    fn read_main(
        &mut self,
        path: &str,
        relations: &HashMap<String, Relation>,
    ) -> Result<(), Problem> {
        let (mut sheets, mut parts, mut epoch) = (Vec::new(), Vec::new(), Epoch::Of1900);
        let most = self.limits.sheets;
        self.each(path, |said| {
            let (Said::Start(element) | Said::Empty(element)) = said else {
                return Ok(());
            };
            match name(element) {
                "workbookPr" if is_true(attribute(element, "date1904")?.as_deref()) => {
                    epoch = Epoch::Of1904
                }
                "sheet" => {
                    let part = sheet_id(element)?
                        .and_then(|id| relations.get(&id))
                        .filter(|of| of.kind == "worksheet");
                    if let Some(part) = part {
                        sheets.push(Sheet {
                            name: attribute(element, "name")?.unwrap_or_default(),
                            hidden: attribute(element, "state")?
                                .is_some_and(|state| state != "visible"),
                        });
                        parts.push(part.target.clone());
                    }
                }
                _ => {}
            }
            match sheets.len() > most {
                true => Err(too_many_sheets(most)),
                false => Ok(()),
            }
        })?;
        if sheets.is_empty() {
            return Err(broken("it has no sheet"));
        }
        (self.sheets, self.parts, self.epoch) = (sheets, parts, epoch);
        Ok(())
    }

    /// Which formats show a number as a day or in percent.
    fn read_styles(&mut self, path: &str) -> Result<(), Problem> {
        let (mut formats, mut styles, mut of_cells) = (HashMap::new(), Vec::new(), false);
        self.each(path, |said| {
            match said {
                Said::Start(element) | Said::Empty(element) => match name(element) {
                    "numFmt" => {
                        let code = attribute(element, "formatCode")?.unwrap_or_default();
                        formats.insert(number(element, "numFmtId")?, style_of_code(&code));
                    }
                    "cellXfs" => of_cells = true,
                    "xf" if of_cells => styles.push(number(element, "numFmtId")?),
                    _ => {}
                },
                Said::End(end) if end.local_name().into_inner() == "cellXfs" => of_cells = false,
                _ => {}
            }
            match styles.len().max(formats.len()) > MOST_STYLES {
                true => Err(broken("it has too many formats")),
                false => Ok(()),
            }
        })?;
        let style = |id: &u64| {
            formats
                .get(id)
                .copied()
                .unwrap_or_else(|| style_of_number(*id))
        };
        self.styles = styles.iter().map(style).collect();
        Ok(())
    }

    fn read_texts(&mut self, path: &str) -> Result<(), Problem> {
        let mut texts = Texts::new(self.limits.shared_bytes, self.limits.shared_texts);
        let mut collected = Collected::default();
        let most = self.limits.cell_characters;
        self.each(path, |said| {
            if collected.see(said, "si", most)? {
                texts.push(collected.text())?;
            }
            Ok(())
        })?;
        self.texts = texts;
        Ok(())
    }
}

const MOST_RELATIONS: usize = 4_096;
const MOST_STYLES: usize = 65_536;

/// What a part refers to.
struct Relation {
    /// The last word of its type.
    kind: String,
    target: String,
}

impl Relation {
    fn new(folder: &str, target: &str, kind: &str) -> Self {
        let path = match target.strip_prefix('/') {
            Some(whole) => whole.to_owned(),
            None => format!("{folder}/{target}"),
        };
        let mut parts = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        Relation {
            kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
            target: parts.join("/"),
        }
    }
}

/// The part of this name; none where there is none.
fn part_of<'z, R: Read + Seek>(
    archive: &'z mut ZipArchive<R>,
    path: &str,
    budget: &Budget,
) -> Result<Option<Part<'z>>, Problem> {
    match archive.by_name(path) {
        Ok(file) => Ok(Some(Part::new(file, budget))),
        Err(ZipError::FileNotFound) => Ok(None),
        Err(error) => Err(broken(&error.to_string())),
    }
}

/// `r:id`, which is no `sheetId`.
fn sheet_id(element: &BytesStart<'_>) -> Result<Option<String>, Problem> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| broken(&error.to_string()))?;
        if attribute.key.local_name().into_inner() == "id" && attribute.key.prefix().is_some() {
            return Ok(Some(attribute.value.into_owned()));
        }
    }
    Ok(None)
}

fn is_true(text: Option<&str>) -> bool {
    matches!(text, Some("1" | "true"))
}

fn number(element: &BytesStart<'_>, name: &str) -> Result<u64, Problem> {
    let text = attribute(element, name)?;
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// The formats that every spreadsheet has.
fn style_of_number(id: u64) -> Style {
    match id {
        9 | 10 => Style::Percent,
        // 27 to 36 and 50 to 58 are dates in the Chinese, Japanese and Korean editions.
        14..=22 | 27..=36 | 45..=47 | 50..=58 => Style::Date,
        _ => Style::Plain,
    }
}

/// A format in its own words: days have a year, a month or a day outside of quotes and brackets.
fn style_of_code(code: &str) -> Style {
    let (mut quoted, mut bracket, mut escaped) = (false, false, false);
    for sign in code.chars() {
        match sign {
            _ if escaped => escaped = false,
            '\\' | '_' | '*' => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' => bracket = true,
            ']' => bracket = false,
            _ if bracket => {}
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' => return Style::Date,
            '%' => return Style::Percent,
            ';' => break,
            _ => {}
        }
    }
    Style::Plain
}

fn too_many_sheets(most: usize) -> Problem {
    Problem::new(
        Code::TooManySheets,
        format!("the workbook has more than {most} sheets: split it"),
        format!("工作簿超过{most}个工作表，请拆分"),
    )
}

/// The rows of a sheet, unpacked as they are asked for.
pub struct SheetRows<'b> {
    part: Part<'b>,
    texts: &'b Texts,
    styles: &'b [Style],
    epoch: Epoch,
    limits: Limits,
    row: u64,
    ended: bool,
}

/// What a cell says of itself.
#[derive(Default)]
struct CellHead {
    column: usize,
    kind: String,
    style: usize,
}

impl SheetRows<'_> {
    /// The number of the row that begins.
    fn begin(&mut self, element: &BytesStart<'_>) -> Result<(), Problem> {
        let said = attribute(element, "r")?;
        let row = match said.map(|text| text.parse::<u64>()) {
            None => self.row + 1,
            Some(Ok(row)) if row > self.row => row,
            Some(_) => return Err(broken("its rows are out of order").at_row(self.row)),
        };
        if row > self.limits.rows {
            return Err(too_many_rows(self.limits.rows));
        }
        self.row = row;
        Ok(())
    }

    fn row_of(&mut self) -> Result<RawRow, Problem> {
        let mut row = RawRow {
            number: self.row,
            cells: vec![],
        };
        let (mut column, mut bytes) = (0, 0);
        loop {
            let head = match self.part.next()? {
                Said::Start(element) if name(&element) == "c" => (head(&element, column)?, true),
                Said::Empty(element) if name(&element) == "c" => (head(&element, column)?, false),
                Said::End(end) if end.local_name().into_inner() == "row" => return Ok(row),
                Said::Eof => return Err(broken("a row does not end")),
                _ => continue,
            };
            let (head, has_value) = head;
            column = head.column + 1;
            if !has_value {
                continue;
            }
            let raw = self.cell(&head)?;
            if raw == Raw::Empty {
                continue;
            }
            if head.column >= self.limits.columns {
                return Err(too_many_columns(self.limits.columns));
            }
            if row.cells.len() > head.column {
                return Err(broken("its cells are out of order"));
            }
            bytes += raw.size();
            if bytes > self.limits.row_bytes {
                return Err(row_too_long(self.limits.row_bytes));
            }
            row.cells.resize(head.column, Raw::Empty);
            row.cells.push(raw);
        }
    }

    fn cell(&mut self, head: &CellHead) -> Result<Raw, Problem> {
        let (mut value, mut formula) = (None::<String>, false);
        let (mut within, mut inline) = (false, Collected::default());
        let mut has_inline = false;
        let most = self.limits.cell_characters;
        loop {
            let said = self.part.next()?;
            has_inline |= inline.see(&said, "is", most)?;
            match said {
                Said::Start(element) => match name(&element) {
                    "v" => {
                        within = true;
                        value.get_or_insert_default();
                    }
                    "f" => formula = true,
                    _ => {}
                },
                Said::Empty(element) if name(&element) == "f" => formula = true,
                Said::Text(text) if within => value.get_or_insert_default().push_str(&text),
                Said::Sign(sign) if within => value.get_or_insert_default().push(sign),
                Said::End(end) => match end.local_name().into_inner() {
                    "v" => within = false,
                    "c" => break,
                    _ => {}
                },
                Said::Eof => return Err(broken("a cell does not end")),
                _ => {}
            }
            let length = value.as_ref().map_or(0, String::len);
            if length > most * MOST_BYTES_OF_A_SIGN {
                return Err(cell_too_long(most));
            }
        }
        if has_inline {
            return Ok(text(inline.text().to_owned()));
        }
        match value {
            // A formula of texts may come to nothing.
            Some(value) if value.is_empty() && formula && head.kind != "str" => {
                Ok(Raw::NotComputed)
            }
            None if formula => Ok(Raw::NotComputed),
            None => Ok(Raw::Empty),
            Some(value) => self.valued(head, value),
        }
    }

    fn valued(&self, head: &CellHead, value: String) -> Result<Raw, Problem> {
        Ok(match head.kind.as_str() {
            "s" => {
                let shared = value.trim().parse().ok().and_then(|at| self.texts.get(at));
                text(
                    shared
                        .ok_or_else(|| broken("a cell names a text that is not there"))?
                        .to_owned(),
                )
            }
            "str" | "inlineStr" => text(unescaped(&value)),
            "b" => Raw::Bool(value.trim() == "1"),
            "e" => Raw::Error(value),
            "d" => text(value),
            _ if value.trim().is_empty() => Raw::Empty,
            _ => match value.trim().parse::<f64>() {
                Ok(float) if float.is_finite() => Raw::Number {
                    stored: value.trim().to_owned(),
                    float,
                    style: self.styles.get(head.style).copied().unwrap_or_default(),
                    epoch: self.epoch,
                },
                _ => return Err(broken("a cell of numbers holds something else")),
            },
        })
    }
}

impl Source for SheetRows<'_> {
    fn next_row(&mut self) -> Result<Option<RawRow>, Problem> {
        while !self.ended {
            let begun = match self.part.next()? {
                Said::Start(element) if name(&element) == "row" => Some(element.into_owned()),
                Said::Empty(element) if name(&element) == "row" => {
                    let element = element.into_owned();
                    self.begin(&element)?;
                    None
                }
                Said::Empty(element) if name(&element) == "sheetData" => {
                    self.ended = true;
                    None
                }
                Said::End(end) if end.local_name().into_inner() == "sheetData" => {
                    self.ended = true;
                    None
                }
                Said::Eof => return Err(broken("the sheet does not end")),
                _ => None,
            };
            let Some(element) = begun else {
                continue;
            };
            self.begin(&element)?;
            let row = self.row_of().map_err(|problem| problem.at_row(self.row))?;
            if !row.is_blank() {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }
}

/// Of UTF-8.
pub const MOST_BYTES_OF_A_SIGN: usize = 4;

fn text(text: String) -> Raw {
    match text.is_empty() {
        true => Raw::Empty,
        false => Raw::Text(text),
    }
}

fn head(element: &BytesStart<'_>, next: usize) -> Result<CellHead, Problem> {
    let mut head = CellHead {
        column: next,
        ..CellHead::default()
    };
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| broken(&error.to_string()))?;
        match attribute.key.into_inner() {
            "r" => {
                head.column =
                    column_of(&attribute.value).ok_or_else(|| broken("a cell has no place"))?
            }
            "t" => head.kind = attribute.value.into_owned(),
            "s" => head.style = attribute.value.parse().unwrap_or(0),
            _ => {}
        }
    }
    Ok(head)
}

/// `AB12` is column 27.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_uppercase);
    let mut column = 0_usize;
    for letter in letters {
        column = column * 26 + usize::from(letter - b'A') + 1;
        if column > 16_384 {
            return None;
        }
    }
    column.checked_sub(1)
}

/// `_x000D_` stands for the sign of that number.
pub fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let code = rest
            .get(at + 2..at + 6)
            .filter(|_| rest.get(at + 6..at + 7) == Some("_"));
        let code = code.filter(|code| code.bytes().all(|c| c.is_ascii_hexdigit()));
        let sign = code
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        plain.push_str(&rest[..at]);
        match sign {
            Some(sign) => {
                plain.push(sign);
                rest = &rest[at + 7..];
            }
            None => {
                plain.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    plain + rest
}

fn too_many_rows(most: u64) -> Problem {
    Problem::new(
        Code::TooManyRows,
        format!("the sheet has rows beyond {most}, which no spreadsheet has: split it"),
        format!("工作表超过{most}行，请拆分为多个文件"),
    )
}

fn row_too_long(most: usize) -> Problem {
    let most = most >> 20;
    Problem::new(
        Code::RowTooLong,
        format!("a row holds more than {most} MB: is this the right file?"),
        format!("某一行内容超过{most}MB，请确认文件是否正确"),
    )
}
