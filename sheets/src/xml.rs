//! The parts of a workbook as XML, within limits: nothing is unpacked further than it is read, and no document defines anything.

use crate::{
    problem::{Code, Problem},
    source::Limits,
};
use quick_xml::{
    Reader,
    events::{BytesEnd, BytesStart, Event},
};
use std::{
    borrow::Cow,
    io::{self, BufRead, BufReader, Read},
};
use zip::read::ZipFile;

/// How much of a document may stand between two of its signs: a cell has less.
const EVENT_BYTES: usize = 1 << 20;
/// How deep elements may be in each other; those of a sheet are seven deep.
const DEEPEST: usize = 64;
/// A part may be as large as this however small it is packed.
const ANY_RATIO_BYTES: u64 = 16 << 20;

/// What of the limit of a workbook is left.
pub struct Budget {
    left: u64,
    ratio: u64,
}

impl Budget {
    pub fn new(limits: &Limits) -> Self {
        Budget {
            left: limits.unpacked_bytes,
            ratio: limits.unpacked_ratio,
        }
    }
    /// Takes what a part came to.
    pub fn spend(&mut self, bytes: u64) {
        self.left = self.left.saturating_sub(bytes);
    }
    /// How many bytes a part of this packed size may come to.
    fn of(&self, packed: u64) -> u64 {
        let by_ratio = packed.saturating_mul(self.ratio).max(ANY_RATIO_BYTES);
        self.left.min(by_ratio)
    }
}

/// Counts what is read, and stops at the limits.
struct Metered<R> {
    inner: R,
    read: u64,
    most: u64,
    since: usize,
    fault: Option<Problem>,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.read > self.most {
            self.fault = Some(too_large());
        } else if self.since > EVENT_BYTES {
            self.fault = Some(broken("a part of it is longer than a cell can be"));
        }
        match self.fault {
            Some(_) => Err(io::Error::other("the part ends here")),
            None => self.inner.fill_buf(),
        }
    }
    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
        self.read += amount as u64;
        self.since += amount;
    }
}

/// What a part says, one after the other.
pub enum Said<'b> {
    /// An element begins.
    Start(BytesStart<'b>),
    /// An element that has nothing in it.
    Empty(BytesStart<'b>),
    End(BytesEnd<'b>),
    Text(Cow<'b, str>),
    /// A sign by its name or number.
    Sign(char),
    /// A comment and the like.
    Nothing,
    /// The part ends.
    Eof,
}

/// A part of a workbook.
pub struct Part<'z> {
    reader: Reader<Metered<BufReader<Box<dyn Read + 'z>>>>,
    buffer: Vec<u8>,
    /// How many elements are open.
    depth: usize,
}

impl<'z> Part<'z> {
    pub fn new<R: Read>(file: ZipFile<'z, R>, budget: &Budget) -> Self {
        let most = budget.of(file.compressed_size());
        Part::of(Box::new(file), most)
    }

    fn of(bytes: Box<dyn Read + 'z>, most: u64) -> Self {
        let mut reader = Reader::from_reader(Metered {
            inner: BufReader::with_capacity(64 << 10, bytes),
            read: 0,
            most,
            since: 0,
            fault: None,
        });
        reader.config_mut().allow_dangling_amp = false;
        Part {
            reader,
            buffer: Vec::new(),
            depth: 0,
        }
    }

    /// How many bytes were unpacked so far.
    pub fn read(&self) -> u64 {
        self.reader.get_ref().read
    }

    /// What comes next.
    pub fn next(&mut self) -> Result<Said<'_>, Problem> {
        self.buffer.clear();
        self.reader.get_mut().since = 0;
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::Eof) if self.depth > 0 => Err(broken("a part of it is cut off")),
            Ok(event) => {
                match event {
                    Event::Start(_) if self.depth == DEEPEST => {
                        return Err(broken("it is too deep in itself"));
                    }
                    Event::Start(_) => self.depth += 1,
                    Event::End(_) => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                said(event)
            }
            Err(error) => {
                let fault = self.reader.get_mut().fault.take();
                Err(fault.unwrap_or_else(|| broken(&error.to_string())))
            }
        }
    }
}

fn said(event: Event<'_>) -> Result<Said<'_>, Problem> {
    Ok(match event {
        Event::Start(start) => Said::Start(start),
        Event::Empty(start) => Said::Empty(start),
        Event::End(end) => Said::End(end),
        Event::Text(text) => Said::Text(text.into_inner()),
        Event::CData(text) => Said::Text(text.into_inner()),
        Event::GeneralRef(entity) => Said::Sign(resolved(&entity)?),
        Event::Eof => Said::Eof,
        Event::DocType(_) => {
            return Err(broken(
                "it defines entities of its own, which no spreadsheet does",
            ));
        }
        Event::Comment(_) | Event::PI(_) | Event::Decl(_) => Said::Nothing,
    })
}

/// `&amp;` and `&#20013;`.
fn resolved(entity: &quick_xml::events::BytesRef<'_>) -> Result<char, Problem> {
    if let Ok(Some(sign)) = entity.resolve_char_ref() {
        return Ok(sign);
    }
    match entity.xml10_content().as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(broken("it names an entity that is not defined")),
    }
}

/// The value of an attribute, by its name without the prefix.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Problem> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| broken(&error.to_string()))?;
        if attribute.key.local_name().as_ref() == name {
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
            return value
                .map(|value| Some(value.into_owned()))
                .map_err(|error| broken(&error.to_string()));
        }
    }
    Ok(None)
}

/// The name of an element without the prefix.
pub fn name<'e>(element: &'e BytesStart<'_>) -> &'e str {
    element.local_name().into_inner()
}

pub fn broken(why: &str) -> Problem {
    let why = crate::fold::told(why);
    Problem::new(
        Code::BrokenWorkbook,
        format!(
            "the workbook is damaged ({why}): open it in a spreadsheet, save it as XLSX, and send it again"
        ),
        "工作簿已损坏，请用表格软件打开并另存为XLSX后重新上传",
    )
}

fn too_large() -> Problem {
    Problem::new(
        Code::UnpackedTooLarge,
        "the workbook is too large when it is unpacked: take empty formatted rows away, or split it",
        "工作簿解压后过大，请删除多余的空白格式行，或拆分为多个文件",
    )
}
