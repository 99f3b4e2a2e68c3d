//! XLSX: what spreadsheets write, and what only somebody who means harm does.

use crate::{
    bombs::{HEADINGS, Parts, sheet},
    codes, kind, lines, refusal, rows, told,
};
use sheets::{Limits, Line, Sheets};
use std::io::{Cursor, Read, repeat};

fn book(rows: &str) -> Vec<u8> {
    Parts::of(&sheet(&format!("{HEADINGS}{rows}"))).zipped()
}

/// A row with a name and these cells as number and day.
fn dead(row: u32, number: &str, day: &str) -> String {
    format!(
        r#"<row r="{row}"><c r="A{row}" t="str"><f>A1</f><v>张三</v></c><c r="B{row}"{number}</c><c r="C{row}"{day}</c></row>"#
    )
}

#[test]
fn cells_are_what_a_spreadsheet_shows() {
    let kind = kind("death");
    let text = r#" t="inlineStr"><is><t>11010519491231002x</t></is>"#;
    let good = "name=Text(\"张三\") citizen_number=11010519491231002X";
    let is = |day: &str| {
        let read = rows(&book(&dead(7, text, day)), &kind);
        assert_eq!((read.len(), read[0].number), (1, 7));
        let read = told(&read[0], &kind);
        read.strip_prefix(good).expect(&read).trim().to_owned()
    };
    let march = "died_on=Date(2018-03-01)";
    assert_eq!(is(r#" s="1"><v>43160</v>"#), march);
    assert_eq!(is(r#" s="1"><v>43160.999</v>"#), march);
    assert_eq!(is("><v>43160</v>"), march);
    assert_eq!(is("><v>20180301</v>"), march);
    assert_eq!(is(r#" t="d"><v>2018-03-01T00:00:00</v>"#), march);
    assert_eq!(
        is(
            r#" t="inlineStr"><is><r><t>2018年</t></r><r><t xml:space="preserve">3月1日 </t></r><rPh sb="0" eb="1"><t>ni</t></rPh></is>"#
        ),
        march
    );
    assert_eq!(is(r#" s="1"><v>1</v>"#), "died_on=Date(1900-01-01)");
    for damaged in ["60", "0", "-1", "-43160", "1e300", "99999999"] {
        assert_eq!(
            is(&format!(r#" s="1"><v>{damaged}</v>"#)),
            "died_on!DATE_SERIAL",
            "{damaged}"
        );
    }
    assert_eq!(is("><v>2018</v>"), "died_on!DATE_SERIAL");
    assert_eq!(is(r#" t="e"><v>#N/A</v>"#), "died_on!FORMULA_ERROR");
    assert_eq!(is("><f>TODAY()</f>"), "died_on!NOT_COMPUTED");
    assert_eq!(is("><f>TODAY()</f><v></v>"), "died_on!NOT_COMPUTED");
    assert_eq!(is(r#" t="str"><f>""</f><v></v>"#), "died_on!REQUIRED");
    assert_eq!(is(r#" t="b"><v>1</v>"#), "died_on!DATE");
    assert_eq!(is("/><c>"), "died_on!REQUIRED");
    let days = sheet(&format!(
        "{HEADINGS}{}",
        dead(2, text, r#" s="1"><v>41698</v>"#)
    ));
    let mut of_1904 = Parts::of(&days);
    of_1904.epoch_1904 = true;
    assert_eq!(
        told(&rows(&of_1904.zipped(), &kind)[0], &kind),
        format!("{good} {march}")
    );
}

#[test]
fn numbers_that_were_rounded_are_damaged() {
    let kind = kind("death");
    let is = |number: &str| {
        let read = rows(&book(&dead(2, number, "><v>43160</v>")), &kind);
        told(&read[0], &kind)
            .split(' ')
            .nth(1)
            .expect("a number")
            .to_owned()
    };
    for damaged in [
        "4.2E+17",
        "1.5092119900101E+17",
        "150921199001011000",
        "150921199001011237",
    ] {
        assert_eq!(
            is(&format!("><v>{damaged}</v>")),
            "citizen_number!DAMAGED_NUMBER",
            "{damaged}"
        );
        assert_eq!(
            is(&format!(r#" t="str"><v>{damaged}</v>"#)).contains("DAMAGED"),
            damaged != "150921199001011237"
        );
    }
    assert_eq!(
        is("><v>110105491231002</v>"),
        "citizen_number=110105491231002"
    );
    assert_eq!(
        is(r#" t="str"><v>'11010519491231002X</v>"#),
        "citizen_number=11010519491231002X"
    );
}

#[test]
fn shared_texts_are_found() {
    let kind = kind("death");
    let rows_of = |shared: &str, cell: &str| {
        let sheet = sheet(&format!(
            r#"{HEADINGS}<row><c t="s"><v>{cell}</v></c><c t="s"><v>1</v></c><c><v>43160</v></c></row>"#
        ));
        let mut parts = Parts::of(&sheet);
        parts.shared = Box::new(shared.as_bytes());
        lines(&parts.zipped(), &kind)
    };
    let shared = r#"<x:sst xmlns:x="m"><x:si><x:t>a&amp;_x4E2D_&#25991;</x:t></x:si><x:si><x:t>11010519491231002X</x:t></x:si><x:si/></x:sst>"#;
    let read = rows_of(shared, "0").expect("a table");
    let Ok(Line::Row(row)) = &read[0] else {
        panic!("{read:?}")
    };
    assert_eq!(
        told(row, &kind),
        "name=Text(\"a&中文\") citizen_number=11010519491231002X died_on=Date(2018-03-01)"
    );
    assert_eq!(row.texts, ["a&中文", "11010519491231002X", "43160"]);
    for broken in ["3", "-1", "x", ""] {
        let read = rows_of(shared, broken).expect("a table");
        assert_eq!(
            read[0].as_ref().expect_err("an error").code.as_str(),
            "BROKEN_WORKBOOK",
            "{broken}"
        );
    }
    let cut = rows_of("<sst><si><t>张", "0")
        .err()
        .map(|problems| codes(&problems));
    assert_eq!(cut, Some(vec!["BROKEN_WORKBOOK"]));
}

#[test]
fn bombs_end_in_an_error() {
    let kind = kind("death");
    let refused = |parts: Parts<'_>| codes(&refusal(&parts.zipped(), &kind));
    let zeros = Parts {
        sheet: Box::new(repeat(b'0').take(64 << 20)),
        ..Parts::of("")
    };
    assert_eq!(refused(zeros), ["BROKEN_WORKBOOK"]);
    let blanks = "<row/>".repeat(16);
    let empty_rows = Parts {
        sheet: Box::new(
            "<worksheet><sheetData>"
                .as_bytes()
                .chain(Cursor::new(blanks.repeat(1 << 18))),
        ),
        ..Parts::of("")
    };
    assert_eq!(refused(empty_rows), ["TOO_MANY_ROWS"]);
    let comments = Parts {
        sheet: Box::new(Cursor::new("<!-- -->".repeat(4 << 20))),
        ..Parts::of("")
    };
    let limits = Limits {
        unpacked_bytes: 8 << 20,
        ..Limits::default()
    };
    let mut sheets = Sheets::of(Cursor::new(comments.zipped()), limits).expect("a workbook");
    assert_eq!(
        codes(&sheets.table(&kind, 0).err().expect("a refusal")),
        ["UNPACKED_TOO_LARGE"]
    );
    let texts = Parts {
        shared: Box::new(b"<sst>".chain(Cursor::new("<si/>".repeat(5 << 20)))),
        ..Parts::of("")
    };
    assert_eq!(refused(texts), ["UNPACKED_TOO_LARGE"]);
    let entities = r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet><sheetData>&b;</sheetData></worksheet>"#;
    assert_eq!(refused(Parts::of(entities)), ["BROKEN_WORKBOOK"]);
    assert_eq!(
        refused(Parts::of(
            "<worksheet><sheetData>&b;</sheetData></worksheet>"
        )),
        ["BROKEN_WORKBOOK"]
    );
}

#[test]
fn sheets_without_measure_end_in_an_error() {
    let kind = kind("death");
    let refused = |rows: &str| codes(&refusal(&book(rows), &kind));
    let cells = |count: usize, cell: &str| format!(r#"<row r="2">{}</row>"#, cell.repeat(count));
    assert_eq!(
        refused(&cells(1_000_000, "<c><v>1</v></c>")),
        ["TOO_MANY_COLUMNS"]
    );
    let formatted = cells(16_384, r#"<c s="1"/>"#)
        + &dead(3, r#" t="str"><v>11010519491231002X</v>"#, "><v>43160</v>");
    assert_eq!(refused(&formatted), [""; 0]);
    assert_eq!(
        refused(r#"<row r="1048577"><c><v>1</v></c></row>"#),
        ["TOO_MANY_ROWS"]
    );
    for broken in [
        r#"<row r="1"><c><v>1</v></c></row>"#,
        r#"<row r="-2"><c><v>1</v></c></row>"#,
        r#"<row r="2"><c r="XFE2"><v>1</v></c></row>"#,
        r#"<row r="2"><c r="2"><v>1</v></c></row>"#,
        r#"<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>"#,
        r#"<row r="2"><c><v>one</v></c></row>"#,
        r#"<row r="2"><c><v>1</v></row>"#,
        r#"<row r="2"><c><v>"#,
        r#"<row r="2"><c r="#,
        r#"<row r="2"><c><v>NaN</v></c></row>"#,
    ] {
        assert_eq!(refused(broken), ["BROKEN_WORKBOOK"], "{broken}");
    }
    let long = format!(
        r#"<row r="2"><c t="str"><v>{}</v></c></row>"#,
        "x".repeat(200_000)
    );
    assert_eq!(refused(&long), ["CELL_TOO_LONG"]);
    let wide = cells(
        900,
        &format!(r#"<c t="str"><v>{}</v></c>"#, "x".repeat(2_000)),
    );
    assert_eq!(refused(&wide), ["ROW_TOO_LONG"]);
}

#[test]
fn other_archives_are_told() {
    let kind = kind("death");
    let with = |name: &str, bytes: &[u8]| {
        let mut parts = Parts::of("");
        parts.more = vec![(name.to_owned(), bytes.to_vec())];
        codes(&refusal(&parts.zipped(), &kind))
    };
    assert_eq!(with("xl/workbook.bin", b""), ["BINARY_WORKBOOK"]);
    let zip = |parts: &[(&str, &[u8])]| {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default())
                .expect("a part");
            std::io::Write::write_all(&mut zip, bytes).expect("a part");
        }
        zip.finish().expect("an archive").into_inner()
    };
    let inner = book("");
    for (bytes, code) in [
        (zip(&[("a.xlsx", &inner)]), "OTHER_ZIP"),
        (zip(&[]), "OTHER_ZIP"),
        (
            zip(&[("mimetype", b""), ("content.xml", b"")]),
            "OPEN_DOCUMENT",
        ),
        (
            zip(&[("_rels/.rels", b""), ("word/document.xml", b"")]),
            "OTHER_ZIP",
        ),
        (
            zip(&[("xl/workbook.xml", b"<workbook/>")]),
            "BROKEN_WORKBOOK",
        ),
    ] {
        assert_eq!(codes(&refusal(&bytes, &kind)), [code]);
    }
    let names: Vec<String> = (0..5_000).map(|at| format!("{at}")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(codes(&refusal(&zip(&many), &kind)), ["OTHER_ZIP"]);
}

#[test]
fn sheets_are_listed_with_those_that_are_hidden() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let kind = kind("death");
    for (name, hidden) in [("说明", false), ("名单", false), ("旧", true)] {
        let sheet = book
            .add_worksheet()
            .set_name(name)
            .expect("a name")
            .set_hidden(hidden);
        if name == "名单" {
            sheet
                .write_row(3, 1, ["姓名", "证件号码", "死亡日期"])
                .expect("a row");
            sheet
                .write_row(4, 1, ["张三", "110105194912310029", "2018.3.1"])
                .expect("a row");
        }
    }
    let bytes = book.save_to_buffer().expect("a workbook");
    let mut sheets = Sheets::of(Cursor::new(bytes), Limits::default()).expect("a file");
    let listed: Vec<_> = sheets
        .sheets()
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.hidden))
        .collect();
    assert_eq!(listed, [("说明", false), ("名单", false), ("旧", true)]);
    let problems = sheets.table(&kind, 0).err().expect("no headings");
    assert_eq!(
        (codes(&problems), problems[0].sheet.as_deref()),
        (vec!["NO_HEADING"], Some("说明"))
    );
    let read: Vec<_> = sheets.table(&kind, 1).expect("a table").collect();
    let Ok(Line::Row(row)) = &read[0] else {
        panic!("{read:?}")
    };
    assert_eq!(
        (row.number, row.texts[0].as_str(), row.texts[1].as_str()),
        (5, "", "张三")
    );
    assert_eq!(
        codes(&sheets.table(&kind, 3).err().expect("no sheet")),
        ["NO_SUCH_SHEET"]
    );
}
