//! Files that something went wrong with, drawn by a seed.

use crate::samples::{csv_of, table_of, xlsx_of};
use encoding_rs::{BIG5, EUC_KR, GB18030, SHIFT_JIS};
use sheets::{Kind, Kinds, Limits, Line, Problem, Sheets, Stream};
use std::{
    io::{Cursor, Read, Write},
    sync::Arc,
};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// Numbers that look random and come again by their seed (SplitMix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }
    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// What is put into a file where it does not belong.
const INTRUDERS: &[&str] = &[
    "\"",
    ",",
    "\n",
    "\r",
    "\t",
    ";",
    "\0",
    "-1",
    "-43160",
    "1e308",
    "4.2E+17",
    "99999999999999999999",
    "2018-02-30",
    "NaN",
    "\u{feff}",
    "\u{202e}",
    "&x;",
    "&#0;",
    "&#xFFFFFFFF;",
    "<",
    ">",
    "</row>",
    "<row>",
    "<c t=\"s\"><v>-1</v></c>",
    "<c r=\"ZZZZ9\">",
    "<!--",
    "]]>",
    "<!DOCTYPE a [<!ENTITY x \"y\">]>",
    "r=\"A0\"",
    "t=\"s\"",
    "t=\"e\"",
    "s=\"-1\"",
    "date1904=\"1\"",
    "姓名",
    "户编号",
    "合计",
    "11010519491231002X",
    "６２２２０２１２３４５６７８９０１２３",
    "万元",
    "_x0000_",
    "_xD800_",
    "%",
    "(",
    "（",
];

/// One of the mutated files: the kind it is of, and its bytes.
pub fn mutated(kinds: &Kinds, seed: u64) -> (Arc<Kind>, Vec<u8>) {
    let mut draw = Draw(seed);
    let names: Vec<&str> = kinds.names().collect();
    let kind = kinds.kind(draw.of(&names), "").expect("a kind");
    let rows = 1 + draw.below(40);
    let table = table_of(&kind, rows);
    let mut bytes = match draw.below(3) {
        0 => csv_of(&table).into_bytes(),
        1 => in_other_signs(&csv_of(&table), &mut draw),
        _ => in_its_parts(&xlsx_of(&table), &mut draw),
    };
    for _ in 0..draw.below(4) {
        scratch(&mut bytes, &mut draw);
    }
    (kind, bytes)
}

fn in_other_signs(text: &str, draw: &mut Draw) -> Vec<u8> {
    match draw.below(6) {
        0 | 1 => GB18030.encode(text).0.into_owned(),
        2 => BIG5.encode(text).0.into_owned(),
        3 => [SHIFT_JIS, EUC_KR][draw.below(2)]
            .encode(text)
            .0
            .into_owned(),
        4 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        // Read as GB18030 and written as UTF-8 once more.
        _ => GB18030.decode(text.as_bytes()).0.into_owned().into_bytes(),
    }
}

/// A workbook one of whose parts was changed before it was packed.
fn in_its_parts(book: &[u8], draw: &mut Draw) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(book)).expect("a workbook");
    let changed = draw.below(archive.len() * 2);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).expect("a part");
        let (name, mut bytes) = (part.name().expect("a name").into_owned(), Vec::new());
        part.read_to_end(&mut bytes).expect("a part");
        if at == changed || name.contains("sheet1") {
            for _ in 0..draw.below(5) {
                scratch(&mut bytes, draw);
            }
        }
        zip.start_file(name, SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(&bytes).expect("a part");
    }
    zip.finish().expect("a workbook").into_inner()
}

/// One fault.
fn scratch(bytes: &mut Vec<u8>, draw: &mut Draw) {
    let at = draw.below(bytes.len() + 1);
    let end = (at + draw.below(200)).min(bytes.len());
    match draw.below(9) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let byte = u8::try_from(draw.below(256)).unwrap_or(0);
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        3 => {
            let piece = bytes[at..end].to_vec();
            let to = draw.below(bytes.len() + 1);
            bytes.splice(to..to, piece);
        }
        4 => {
            let piece = bytes[at..end].repeat(1 + draw.below(2_000));
            bytes.splice(at..end, piece);
        }
        5 => bytes[at..end].fill(0),
        _ => {
            let intruder = draw.of(INTRUDERS).as_bytes();
            bytes.splice(at..at, intruder.iter().copied());
        }
    }
}

/// What came of a file.
#[derive(Default)]
pub struct Outcome {
    pub rows: u64,
    /// What is wrong with the file, its headings and its cells, the first thousand.
    pub problems: Vec<Problem>,
    /// Sentences that hold a number that nobody may read there.
    pub leaks: u64,
}

impl Outcome {
    fn note(&mut self, problem: Problem) {
        for sentence in [problem.to_string(), problem.in_chinese()] {
            let leaks = [
                "11010519491231002",
                "44052418800101001",
                "622202123456789",
                "622848040256489",
                "110105491231002",
            ];
            self.leaks += u64::from(leaks.iter().any(|number| sentence.contains(number)));
        }
        if self.problems.len() < 1_000 {
            self.problems.push(problem);
        }
    }
}

/// Reads all sheets of a file to their end.
pub fn read(stream: impl Stream + 'static, kind: &Arc<Kind>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut sheets = match Sheets::of(stream, Limits::default()) {
        Ok(sheets) => sheets,
        Err(problem) => {
            outcome.note(problem);
            return outcome;
        }
    };
    for sheet in 0..sheets.sheets().len() {
        let table = match sheets.table(kind, sheet) {
            Ok(table) => table,
            Err(problems) => {
                problems
                    .into_iter()
                    .for_each(|problem| outcome.note(problem));
                continue;
            }
        };
        table
            .notices()
            .to_vec()
            .into_iter()
            .for_each(|notice| outcome.note(notice));
        for line in table {
            match line {
                Ok(Line::Row(row)) => {
                    outcome.rows += 1;
                    row.problems()
                        .cloned()
                        .for_each(|problem| outcome.note(problem));
                }
                Ok(Line::Beside { .. }) => {}
                Err(problem) => outcome.note(problem),
            }
        }
    }
    outcome
}
