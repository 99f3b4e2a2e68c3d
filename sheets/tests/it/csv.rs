//! CSV in its encodings, with its delimiters, and what is wrong with it.

use crate::{cell, codes, kind, lines, refusal, rows, told};
use encoding_rs::GB18030;
use sheets::{Beside, Cell, Code, Encoding, Format, Limits, Line, Sheets, Value};
use std::io::{self, Cursor, Read, Seek, SeekFrom};

const HOUSEHOLDS: &str = "\
某县建档立卡户名单,,,,,,\r
填报单位：某镇,,,,单位：人,,\r
*户编号,姓　名,性别,证件号码,与户主\n关系,健康状况（可多选）,出生年月\r
1509211002000001,张三,男,11010519491231002X,户主,\"长期慢性病,残疾\",\r
１５０９２１１００２０００００１,李四,女,110105491231002,之女,健康,\r
\r
,,,,,,\r
1509211002000002,'=王五,男,4.2E+17,本人或户主,健康,\r
1509211002000002,赵六,男,11010519491231,配尔,健康,\r
,,,,,,\r
合　计,4,,,,,\r
填表人：张三,,,审核：李四,,,\r
";

/// The headings with a line break stand in quotes.
fn households() -> String {
    HOUSEHOLDS
        .replace("与户主\n关系", "\"与户主\n关系\"")
        .replace('\r', "")
}

#[test]
fn a_list_of_households_is_read_to_the_value() {
    let kind = kind("household");
    let mut sheets =
        Sheets::of(Cursor::new(households().into_bytes()), Limits::default()).expect("a file");
    assert_eq!(
        sheets.format(),
        Format::Csv {
            encoding: Encoding::Utf8,
            delimiter: b','
        }
    );
    let table = sheets.table(&kind, 0).expect("a table");
    let (row, headings) = table.headings();
    assert_eq!((row, headings.len()), (3, 7));
    assert_eq!(table.above().len(), 2);
    assert_eq!(table.above()[0], (1, vec!["某县建档立卡户名单".to_owned()]));
    let notices: Vec<_> = table.notices().iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "row 3, column 出生年月: the heading is not known, do you mean 出生年月日?: the column is left out"
        ]
    );
    let lines: Vec<_> = table.map(|line| line.expect("a line")).collect();
    let shown: Vec<_> = lines
        .iter()
        .map(|line| match line {
            Line::Row(row) => format!("{} {}", row.number, told(row, &kind)),
            Line::Beside { number, what, .. } => format!("{number} {what:?}"),
        })
        .collect();
    assert_eq!(
        shown,
        [
            "4 card_number=Text(\"1509211002000001\") name=Text(\"张三\") sex=Code(\"MALE\") citizen_number=11010519491231002X relation=Code(\"HEAD\") health=Codes([\"CHRONIC\", \"DISABLED\"])",
            "5 card_number=Text(\"1509211002000001\") name=Text(\"李四\") sex=Code(\"FEMALE\") citizen_number=110105491231002 relation=Code(\"DAUGHTER\") health=Codes([\"HEALTHY\"])",
            "8 card_number=Text(\"1509211002000002\") name=Text(\"=王五\") sex=Code(\"MALE\") citizen_number!DAMAGED_NUMBER relation=Code(\"HEAD\") health=Codes([\"HEALTHY\"])",
            "9 card_number=Text(\"1509211002000002\") name=Text(\"赵六\") sex=Code(\"MALE\") citizen_number!CITIZEN_NUMBER relation!UNKNOWN_WORD health=Codes([\"HEALTHY\"])",
            "11 Total",
            "12 Note",
        ]
    );
    let Line::Row(row) = &lines[3] else {
        panic!("a row")
    };
    let problems: Vec<_> = row
        .problems()
        .map(|problem| (problem.to_string(), problem.in_chinese()))
        .collect();
    assert_eq!(
        problems[0].0,
        "row 9, column 证件号码: a citizen number has 18 characters, or 15 digits in its old form; this has 14"
    );
    assert_eq!(
        problems[0].1,
        "第9行“证件号码”列：身份证号应为18位（旧号15位），此处为14位，请核对"
    );
    assert!(
        problems[1]
            .0
            .starts_with("row 9, column 与户主 关系: `配尔` is not known here; do you mean 配偶?"),
        "{}",
        problems[1].0
    );
    assert_eq!(
        row.texts,
        [
            "1509211002000002",
            "赵六",
            "男",
            "11010519491231",
            "配尔",
            "健康"
        ]
    );
}

#[test]
fn every_encoding_reads_the_same() {
    let kind = kind("household");
    let text = households();
    let expected = rows(text.as_bytes(), &kind);
    assert_eq!(expected.len(), 4);
    let utf16 = |to_bytes: fn(u16) -> [u8; 2]| {
        std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(to_bytes)
            .collect::<Vec<u8>>()
    };
    let marked = format!("\u{feff}{text}").into_bytes();
    for (name, bytes) in [
        ("GB18030", GB18030.encode(&text).0.into_owned()),
        ("UTF-8 with mark", marked),
        ("UTF-16LE", utf16(u16::to_le_bytes)),
        ("UTF-16BE", utf16(u16::to_be_bytes)),
        ("CRLF", text.replace('\n', "\r\n").into_bytes()),
    ] {
        let read = rows(&bytes, &kind);
        assert_eq!(read.len(), 4, "{name}");
        for (read, expected) in read.iter().zip(&expected) {
            assert_eq!(
                (read.number, told(read, &kind)),
                (expected.number, told(expected, &kind)),
                "{name}"
            );
        }
    }
}

#[test]
fn every_delimiter_is_found() {
    let kind = kind("death");
    let rows_of = |delimiter: &str, first: &str| {
        let head = ["姓名", "证件号码", "死亡日期", "户籍地址"].join(delimiter);
        let row = ["张三", "11010519491231002X", "2018年3月1日", "某村,一组"].join(delimiter);
        let row = if delimiter == "," {
            row.replace("某村,一组", "\"某村,一组\"")
        } else {
            row
        };
        rows(format!("{first}{head}\n{row}\n").as_bytes(), &kind)
    };
    for delimiter in [",", "\t", ";"] {
        let read = rows_of(delimiter, "");
        assert_eq!(
            told(&read[0], &kind),
            "name=Text(\"张三\") citizen_number=11010519491231002X died_on=Date(2018-03-01) address=Text(\"某村,一组\")"
        );
    }
    assert_eq!(rows_of(";", "sep=;\n")[0].number, 3);
}

/// All of Unicode that texts are made of: no controls, no private use, no halves of surrogates, no marks that are folded away.
fn assigned() -> impl Iterator<Item = char> {
    let all = ('\u{a1}'..='\u{10fffd}').filter(|sign| !sign.is_control() && !sign.is_whitespace());
    all.filter(|sign| !matches!(sign, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. | '\u{fffd}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'))
}

#[test]
fn every_character_survives() {
    let kind = kind("death");
    let signs: Vec<char> = assigned().collect();
    assert!(signs.len() > 900_000);
    let names: Vec<String> = signs
        .chunks(1_000)
        .map(|chunk| format!("张{}三", chunk.iter().collect::<String>()))
        .collect();
    let mut text = "姓名,证件号码,死亡日期\n".to_owned();
    for name in &names {
        text += &format!("{name},11010519491231002X,20180301\n");
    }
    let (bytes, _, lost) = GB18030.encode(&text);
    assert!(!lost);
    for bytes in [bytes.as_ref(), text.as_bytes()] {
        let read = rows(bytes, &kind);
        assert_eq!(read.len(), names.len());
        for (row, name) in read.iter().zip(&names) {
            assert!(
                cell(row, &kind, "name") == &Cell::Value(Value::Text(name.clone())),
                "row {}",
                row.number
            );
        }
    }
}

#[test]
fn bytes_of_no_encoding_are_told_by_line() {
    let kind = kind("death");
    let head = "姓名,证件号码,死亡日期\n张三,11010519491231002X,20180301\n".as_bytes();
    let with = |tail: &[u8]| [head, tail].concat();
    let problems = refusal(&with(b"\xff\xff\xff,,\n"), &kind);
    assert_eq!(codes(&problems), ["ENCODING"]);
    assert!(
        problems[0].english.starts_with("line 3 of the text"),
        "{}",
        problems[0]
    );
    // Behind what is looked at to find the encoding, in the middle of a character.
    let mut late = head.to_vec();
    while late.len() < 3 << 20 {
        late.extend("李四,11010519491231002X,20180301\n".as_bytes());
    }
    let line = late.iter().filter(|c| **c == b'\n').count() + 1;
    late.extend(b"\xe5\xbc,,\n");
    let read = lines(&late, &kind).expect("a table");
    let error = read.last().expect("a line").as_ref().expect_err("an error");
    assert_eq!((error.code, error.row), (Code::Encoding, Some(line as u64)));
    assert!(
        error.english.starts_with(&format!("line {line} ")),
        "{error}"
    );
    assert_eq!(read.len(), line - 1);
    // A file that is cut off within a character.
    assert_eq!(
        codes(&refusal(&with("王".as_bytes()[..2].as_ref()), &kind)),
        ["ENCODING"]
    );
    let lost = rows(
        &with("王\u{fffd}五,11010519491231002X,20180301\n".as_bytes()),
        &kind,
    );
    assert_eq!(
        told(&lost[1], &kind),
        "name!LOST_CHARACTERS citizen_number=11010519491231002X died_on=Date(2018-03-01)"
    );
}

#[test]
fn what_is_no_table_is_told() {
    let kind = kind("death");
    for (bytes, code) in [
        (&b""[..], "EMPTY_FILE"),
        (b" \r\n\r\n ", "EMPTY_FILE"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 workbook", "OLD_XLS"),
        (
            b"\xd0\xcf\x11\xe0 E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0",
            "ENCRYPTED_WORKBOOK",
        ),
        (
            b"<html><body><table><tr><td>1</td></tr></table>",
            "HTML_TABLE",
        ),
        (
            b"\xef\xbb\xbf\n<?xml version='1.0'?><Workbook/>",
            "HTML_TABLE",
        ),
        (b"%PDF-1.4", "NOT_A_TABLE"),
        (b"MZ\0\0\x01", "NOT_A_TABLE"),
        (b"PK\x03\x04 and no more", "BROKEN_WORKBOOK"),
        (b"a,b,c\n1,2,3\n", "NO_HEADING"),
        ("姓名,证件号码\n张三,1\n".as_bytes(), "MISSING_COLUMN"),
        (
            "姓名,证件号码,死亡日期,死亡时间\n".as_bytes(),
            "DUPLICATE_HEADING",
        ),
        (
            "姓名,证件号码,死亡\n,,死亡日期\n张三,1,2\n".as_bytes(),
            "TWO_ROW_HEADING",
        ),
    ] {
        assert_eq!(
            codes(&refusal(bytes, &kind))[0],
            code,
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn broken_quotes_are_told() {
    let kind = kind("death");
    let head = "姓名,证件号码,死亡日期,户籍地址\n";
    let row = "张三,11010519491231002X,20180301,某村\n";
    let open = format!("{head}{row}李四,\"11010519491231002X,20180301,某村\n{row}{row}");
    let read = lines(open.as_bytes(), &kind).expect("a table");
    let error = read.last().expect("a line").as_ref().expect_err("an error");
    assert_eq!(
        (error.code, error.row, read.len()),
        (Code::BrokenQuote, Some(3), 2)
    );
    // A line break in a cell is no fault.
    let inside = format!("{head}张三,11010519491231002X,20180301,\"某村\n一组\"\n{row}");
    let read = rows(inside.as_bytes(), &kind);
    assert_eq!(
        cell(&read[0], &kind, "address"),
        &Cell::Value(Value::Text("某村\n一组".to_owned()))
    );
    assert_eq!(read[1].number, 3);
    let shifted = rows(
        format!("{head}张三,11010519491231002X,20180301,某村,一组\n").as_bytes(),
        &kind,
    );
    assert_eq!(
        shifted[0].problem.as_ref().map(|problem| problem.code),
        Some(Code::RowShifted)
    );
}

/// A stream that goes on repeating itself: nobody holds it in memory.
struct Endless {
    at: u64,
    length: u64,
    head: &'static [u8],
    sign: u8,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length - self.at.min(self.length)).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        for (at, byte) in (self.at..).zip(&mut buffer[..length]) {
            *byte = usize::try_from(at)
                .ok()
                .and_then(|at| self.head.get(at).copied())
                .unwrap_or(self.sign);
        }
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

#[test]
fn a_line_without_an_end_ends_at_the_limit() {
    let kind = kind("death");
    let endless = |length, sign| Endless {
        at: 0,
        length,
        head: "姓名,证件号码,死亡日期\n张三,11010519491231002X,20180301\n\"".as_bytes(),
        sign,
    };
    for sign in [b',', b'x', b'"'] {
        let mut sheets = Sheets::of(endless(4 << 20, sign), Limits::default()).expect("a file");
        let read: Vec<_> = match sheets.table(&kind, 0) {
            Ok(table) => table.collect(),
            Err(problems) => problems.into_iter().map(Err).collect(),
        };
        let error = read.last().expect("a line").as_ref().expect_err("an error");
        assert_eq!((error.code, error.row), (Code::RowTooLong, Some(3)));
    }
    let refused = Sheets::of(endless(3 << 30, b'x'), Limits::default())
        .err()
        .expect("a refusal");
    assert_eq!(refused.code, Code::FileTooLarge);
    let wide = format!("姓名,证件号码,死亡日期\n{}1\n", ",".repeat(1_000));
    assert_eq!(
        codes(&refusal(wide.as_bytes(), &kind)),
        ["TOO_MANY_COLUMNS"]
    );
    let long = format!("姓名,证件号码,死亡日期\n{},,\n", "长".repeat(32_768));
    assert_eq!(codes(&refusal(long.as_bytes(), &kind)), ["CELL_TOO_LONG"]);
}

#[test]
fn a_run_goes_on_behind_the_row_it_ended_with() {
    let kind = kind("household");
    let mut sheets =
        Sheets::of(Cursor::new(households().into_bytes()), Limits::default()).expect("a file");
    let mut table = sheets.table(&kind, 0).expect("a table");
    table.skip_to(8);
    let numbers: Vec<_> = table
        .map(|line| match line.expect("a line") {
            Line::Row(row) => (row.number, None),
            Line::Beside { number, what, .. } => (number, Some(what)),
        })
        .collect();
    assert_eq!(
        numbers,
        [
            (9, None),
            (11, Some(Beside::Total)),
            (12, Some(Beside::Note))
        ]
    );
}

#[test]
fn words_where_numbers_should_stand_are_told() {
    let kind = kind("household");
    let wrong = |column: &str, text: &str| {
        let file = format!("户编号,姓名,与户主关系,{column}\n1,张三,户主,{text}\n");
        let read = rows(file.as_bytes(), &kind);
        let problems: Vec<_> = read[0]
            .problems()
            .map(|problem| problem.code.as_str())
            .collect();
        problems.join(" ")
    };
    for text in [
        "建档立卡搬迁",
        "110105194912310知",
        "11010519491231002Y",
        "1101051949123100２",
        "1",
    ] {
        assert_eq!(wrong("证件号码", text), "CITIZEN_NUMBER", "{text}");
    }
    for (column, text, code) in [
        ("出生日期", "二〇一八年", "DATE"),
        ("联系电话", "13800138000、13900139000", "PHONE"),
        ("行政村代码", "150921100000", "VILLAGE_CODE"),
        ("行政村代码", "1.50921E+11", "DAMAGED_NUMBER"),
        ("人数", "三四", "WHOLE_NUMBER"),
        ("人数", "0", "OUT_OF_RANGE"),
        ("识别标准年度", "14", "YEAR"),
        ("现役军人", "也许", "YES_NO"),
        ("健康状况", "健康、好", "UNKNOWN_WORD"),
        ("人编号", &"1".repeat(61), "IDENTIFIER"),
    ] {
        assert_eq!(wrong(column, text), code, "{column} {text}");
    }
    assert_eq!(wrong("家庭住址", "一组\u{7}"), "CONTROL_CHARACTER");
    assert_eq!(wrong("家庭住址", "\"一组\n二组\""), "");
    assert_eq!(wrong("人数", "四口"), "");
    assert_eq!(wrong("健康状况", "－"), "");
}

#[test]
fn units_stand_in_headings_and_above_them() {
    let kind = kind("rain_dew");
    let amount = |above: &str, heading: &str, text: &str| {
        let file = format!(
            "{above}\n姓名;证件号码;学年;{heading}\n张三;11010519491231002X;2018-2019;{text}\n"
        );
        lines(file.as_bytes(), &kind).map(|lines| match lines.into_iter().next() {
            Some(Ok(Line::Row(row))) => match cell(&row, &kind, "amount") {
                Cell::Value(Value::Fen(fen)) => Ok(*fen),
                Cell::Wrong(problem) => Err(problem.code.as_str()),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(amount("", "补助金额", "1,500.50"), Ok(Ok(150_050)));
    assert_eq!(amount("", "补助金额（元/年）", "1500"), Ok(Ok(150_000)));
    assert_eq!(amount("", "补助金额（万元）", "0.15"), Ok(Ok(150_000)));
    assert_eq!(amount("", "补助金额万元", "0.15"), Ok(Ok(150_000)));
    assert_eq!(
        amount("单位：人、万元", "补助金额", "0.15"),
        Ok(Ok(150_000))
    );
    assert_eq!(
        amount("单位：万元", "补助金额(元)", "1500元"),
        Ok(Ok(150_000))
    );
    assert_eq!(amount("", "补助金额", "0.15万元"), Ok(Ok(150_000)));
    assert_eq!(
        amount("", "补助金额（万元）", "0.1500001"),
        Ok(Err("AMOUNT"))
    );
    assert_eq!(amount("", "补助金额", "-5"), Ok(Err("NEGATIVE")));
    assert_eq!(amount("", "补助金额", "1.5E+03"), Ok(Err("DAMAGED_NUMBER")));
    assert_eq!(amount("", "补助金额", "一千"), Ok(Err("AMOUNT")));
    let refused = amount("", "补助金额（美元）", "1").expect_err("a unit");
    assert_eq!(codes(&refused), ["UNKNOWN_UNIT"]);
}
