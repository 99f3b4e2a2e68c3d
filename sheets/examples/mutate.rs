//! Reads mutated files and bombs, each in a process of its own, and prints panics, the largest memory and
//! the longest time of the processor.
//!
//! `cargo run --release -p yihu-sheets --example mutate -- --files 10000`

#[path = "../tests/files/bombs.rs"]
mod bombs;
#[path = "../tests/files/mutations.rs"]
mod mutations;
#[path = "../tests/files/samples.rs"]
mod samples;

use bombs::{HEADINGS, Parts, sheet};
use sheets::{Kinds, Stream};
use std::{
    env, fs,
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom, repeat},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

/// What a file may take.
const MOST_TIME: Duration = Duration::from_secs(10);
const MOST_KILOBYTES: u64 = 256 << 10;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--seed", seed] => child(Source::Seed(seed.parse().expect("a number"))),
        ["--bomb", name] => child(Source::Bomb((*name).to_owned())),
        ["--files", files] => trial(files.parse().expect("a number")),
        ["--bombs"] => trial(0),
        _ => {
            eprintln!("mutate --files 10000 | --bombs");
            ExitCode::FAILURE
        }
    }
}

enum Source {
    Seed(u64),
    Bomb(String),
}

/// Reads one file and tells what it took.
fn child(source: Source) -> ExitCode {
    let kinds = Kinds::embedded().expect("kinds");
    let death = kinds.kind("death", "").expect("a kind");
    let (kind, stream): (_, Box<dyn Stream>) = match source {
        Source::Seed(seed) => {
            let (kind, bytes) = mutations::mutated(&kinds, seed);
            (kind, Box::new(Cursor::new(bytes)))
        }
        Source::Bomb(name) => (death, bomb(&name)),
    };
    let begin = processor_time();
    let outcome = mutations::read(stream, &kind);
    let took = processor_time() - begin;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak
        .and_then(|line| line.trim().strip_suffix(" kB"))
        .unwrap_or("0");
    let code = outcome
        .problems
        .last()
        .map_or("-", |problem| problem.code.as_str());
    println!(
        "{} {} {} {} {code}",
        took.as_micros(),
        peak.trim(),
        outcome.leaks,
        outcome.rows
    );
    ExitCode::SUCCESS
}

/// What this process has had of the processor, whatever else the machine does.
fn processor_time() -> Duration {
    let told = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = told.split(' ').next().and_then(|word| word.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

#[derive(Default)]
struct Totals {
    files: u64,
    panics: u64,
    leaks: u64,
    kilobytes: u64,
    time: Duration,
    slowest: String,
    largest: String,
}

fn trial(files: u64) -> ExitCode {
    let folder = env::temp_dir().join("yihu-sheets-bombs");
    fs::create_dir_all(&folder).expect("a folder");
    let mut totals = Totals::default();
    for seed in 0..files {
        run(&["--seed", &seed.to_string()], &mut totals);
    }
    println!("mutated: {}", totals.told());
    let mut of_bombs = Totals::default();
    for name in BOMBS {
        make(name, &file_of(name));
        println!("{name:24} {}", run(&["--bomb", name], &mut of_bombs));
    }
    println!("bombs: {}", of_bombs.told());
    fs::remove_dir_all(&folder).expect("the folder");
    let held = [totals, of_bombs].iter().all(|totals| {
        totals.panics + totals.leaks == 0
            && totals.time <= MOST_TIME
            && totals.kilobytes <= MOST_KILOBYTES
    });
    if held {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn run(arguments: &[&str], totals: &mut Totals) -> String {
    let program = env::current_exe().expect("this program");
    let output = Command::new(program)
        .args(arguments)
        .output()
        .expect("a process");
    totals.files += 1;
    let told = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let numbers: Vec<u64> = told
        .split(' ')
        .map_while(|word| word.parse().ok())
        .collect();
    let (&[micros, kilobytes, leaks, rows], true) = (numbers.as_slice(), output.status.success())
    else {
        totals.panics += 1;
        eprintln!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        return "panicked".to_owned();
    };
    let time = Duration::from_micros(micros);
    totals.leaks += leaks;
    if time > totals.time {
        (totals.time, totals.slowest) = (time, arguments.join(" "));
    }
    if kilobytes > totals.kilobytes {
        (totals.kilobytes, totals.largest) = (kilobytes, arguments.join(" "));
    }
    let code = told.rsplit(' ').next().unwrap_or_default();
    format!(
        "{time:>8.2?} {:>4} MB {rows:>8} rows {code}",
        kilobytes >> 10
    )
}

impl Totals {
    fn told(&self) -> String {
        let Totals {
            files,
            panics,
            leaks,
            time,
            slowest,
            largest,
            ..
        } = self;
        let megabytes = self.kilobytes >> 10;
        format!(
            "{files} files, {panics} panics, {leaks} leaks, at most {megabytes} MB ({largest}) and {time:.2?} ({slowest})"
        )
    }
}

/// Files that mean harm, and two that are only large.
const BOMBS: &[&str] = &[
    "zeros-10gb",
    "comments",
    "empty-rows",
    "blank-cells",
    "million-columns",
    "entities",
    "many-texts",
    "long-texts",
    "broken-texts",
    "negative-days",
    "nested-zip",
    "deep",
    "many-parts",
    "attributes",
    "character-references",
    "line-1gb",
    "quote-1gb",
    "million-rows-xlsx",
    "fifteen-million-cells",
    "million-rows-csv",
];

fn file_of(name: &str) -> PathBuf {
    env::temp_dir().join("yihu-sheets-bombs").join(name)
}

/// What a bomb is read from: a file that was made, or a line that nobody holds.
fn bomb(name: &str) -> Box<dyn Stream> {
    let line = |first: &'static [u8], sign| {
        Box::new(Endless {
            at: 0,
            length: 1 << 30,
            first,
            sign,
        })
    };
    match name {
        "line-1gb" => line("姓名,证件号码,死亡日期\n".as_bytes(), b','),
        "quote-1gb" => line("姓名,证件号码,死亡日期\n\"".as_bytes(), b'x'),
        _ => Box::new(File::open(file_of(name)).expect("a bomb")),
    }
}

const BEGIN: &str = "<worksheet><sheetData>";
const PERSON: &str = r#"<row><c t="inlineStr"><is><t>张三</t></is></c><c t="str"><v>11010519491231002X</v></c><c s="1"><v>43160</v></c></row>"#;

/// A row with twelve more cells.
fn wide(row: &str, cell: &str) -> String {
    row.replace("</row>", &(cell.repeat(12) + "</row>"))
}

fn make(name: &str, path: &Path) {
    let with_sheet = |unit: &str, bytes: u64| {
        let rows = Cycle::of(unit, bytes);
        Parts {
            sheet: Box::new(BEGIN.as_bytes().chain(HEADINGS.as_bytes()).chain(rows)),
            ..Parts::of("")
        }
    };
    let with_texts = |unit: &str, bytes: u64| Parts {
        shared: Box::new("<sst>".as_bytes().chain(Cycle::of(unit, bytes))),
        ..Parts::of(BEGIN)
    };
    let person = |cell: &str| {
        sheet(&format!(
            r#"{HEADINGS}<row><c t="str"><v>张三</v></c><c t="str"><v>11010519491231002X</v></c>{cell}</row>"#
        ))
    };
    let (negative, broken) = (
        person(r#"<c s="1"><v>-43160</v></c>"#),
        person(r#"<c t="s"><v>4294967296</v></c>"#),
    );
    let entities = format!(
        "<!DOCTYPE x [{}]>{BEGIN}&e9;",
        (0..10)
            .map(|at| format!(
                "<!ENTITY e{} \"{}\">",
                at + 1,
                format!("&e{at};").repeat(10)
            ))
            .collect::<String>()
    );
    let parts = match name {
        "zeros-10gb" => Parts {
            sheet: Box::new(repeat(0).take(10 << 30)),
            ..Parts::of("")
        },
        "comments" => with_sheet("<!-- no row -->", 10 << 30),
        "empty-rows" => with_sheet("<row></row>", 4 << 30),
        "blank-cells" => with_sheet(
            &format!("<row>{}</row>", r#"<c s="1"/>"#.repeat(16_384)),
            4 << 30,
        ),
        "million-columns" => with_sheet(
            &format!("<row>{}</row>", "<c><v>1</v></c>".repeat(1_000_000)),
            16 << 20,
        ),
        "entities" => Parts::of(&entities),
        "many-texts" => with_texts("<si/>", 4 << 30),
        "long-texts" => with_texts(&format!("<si><t>{}</t></si>", "长".repeat(30_000)), 4 << 30),
        "broken-texts" => Parts::of(&broken),
        "negative-days" => Parts::of(&negative),
        "deep" => with_sheet("<a>", 4 << 30),
        "attributes" => with_sheet(&format!("<row {}/>", r#"a="1" "#.repeat(100_000)), 4 << 30),
        "character-references" => with_sheet(
            &format!(
                "<row><c t=\"str\"><v>{}</v></c></row>",
                "&#20013;".repeat(32_000)
            ),
            4 << 30,
        ),
        "million-rows-xlsx" => with_sheet(PERSON, PERSON.len() as u64 * 1_000_000),
        "fifteen-million-cells" => {
            let headings = wide(HEADINGS, r#"<c t="str"><v>备注</v></c>"#);
            let row = wide(PERSON, "<c><v>12.5</v></c>");
            let rows = Cycle::of(&row, row.len() as u64 * 1_000_000);
            Parts {
                sheet: Box::new(Cursor::new(format!("{BEGIN}{headings}")).chain(rows)),
                ..Parts::of("")
            }
        }
        "nested-zip" => {
            let mut outer = Parts::of("");
            outer.more = vec![("inner.xlsx".to_owned(), Parts::of(BEGIN).zipped())];
            outer
        }
        "many-parts" => {
            let mut parts = Parts::of("");
            parts.more = (0..60_000)
                .map(|at| (format!("part{at}"), vec![]))
                .collect();
            parts
        }
        "million-rows-csv" => {
            let rows = Cycle::of("张三,11010519491231002X,2018年3月1日\n", 46_000_000);
            let mut text = "姓名,证件号码,死亡日期\n".as_bytes().chain(rows);
            io::copy(&mut text, &mut File::create(path).expect("a file")).expect("a file");
            return;
        }
        _ => return,
    };
    fs::write(path, parts.zipped()).expect("a file");
}

/// A text over and over.
struct Cycle {
    unit: Cursor<Vec<u8>>,
    left: u64,
}

impl Cycle {
    fn of(unit: &str, bytes: u64) -> Self {
        // Copied in pieces that are not too small.
        let times = 1 + (64 << 10) / unit.len();
        Cycle {
            unit: Cursor::new(unit.repeat(times).into_bytes()),
            left: bytes / unit.len() as u64 * unit.len() as u64,
        }
    }
}

impl Read for Cycle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.unit.position() == self.unit.get_ref().len() as u64 {
            self.unit.set_position(0);
        }
        let read = self.unit.by_ref().take(self.left).read(buffer)?;
        self.left -= read as u64;
        Ok(read)
    }
}

/// A line that nobody holds.
struct Endless {
    at: u64,
    length: u64,
    first: &'static [u8],
    sign: u8,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        let first = self
            .first
            .get(usize::try_from(self.at).unwrap_or(usize::MAX)..)
            .unwrap_or_default();
        let head = first.len().min(length);
        buffer[..head].copy_from_slice(&first[..head]);
        buffer[head..length].fill(self.sign);
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(behind) => self.length.saturating_add_signed(behind),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}
