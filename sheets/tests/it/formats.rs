//! Every kind reads the same from every format, whoever wrote it.

use crate::{
    kind, rows,
    samples::{csv_of, table_of, xlsx_of},
    told,
};
use encoding_rs::GB18030;
use sheets::{Kind, Kinds};
use std::{fs, path::PathBuf, sync::Arc};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).join(name)
}

fn every_kind() -> Vec<Arc<Kind>> {
    let kinds = Kinds::embedded().expect("kinds");
    kinds
        .names()
        .filter_map(|name| kinds.kind(name, ""))
        .collect()
}

fn read(bytes: &[u8], kind: &Arc<Kind>) -> Vec<String> {
    rows(bytes, kind)
        .iter()
        .map(|row| told(row, kind))
        .collect()
}

/// Writes a committed text anew where that is asked for, and compares it else.
fn assert_committed(name: &str, text: &str) {
    if std::env::var_os("YIHU_WRITE_TEXTS").is_some() {
        fs::write(fixture(name), text).expect("a fixture");
    }
    let committed = fs::read_to_string(fixture(name)).expect("a fixture");
    assert!(
        committed == text,
        "{name} is stale: run with YIHU_WRITE_TEXTS=1, then make.py"
    );
}

#[test]
fn every_kind_reads_the_same_from_every_format() {
    let mut all = String::new();
    for kind in every_kind() {
        assert_committed(
            &format!("{}.utf8.csv", kind.name),
            &csv_of(&table_of(&kind, 5)),
        );
    }
    for kind in every_kind() {
        let table = table_of(&kind, 5);
        let text = csv_of(&table);
        let expected = read(text.as_bytes(), &kind);
        assert_eq!(expected.len(), 5);
        assert!(
            expected.iter().all(|row| !row.contains('!')),
            "{}: {expected:?}",
            kind.name
        );
        assert_eq!(
            read(&GB18030.encode(&text).0, &kind),
            expected,
            "{} in GB18030",
            kind.name
        );
        assert_eq!(
            read(&xlsx_of(&table), &kind),
            expected,
            "{} as a workbook",
            kind.name
        );
        for writer in ["gb18030.csv", "openpyxl.xlsx", "libreoffice.xlsx"] {
            let name = format!("{}.{writer}", kind.name);
            let bytes = fs::read(fixture(&name)).expect("a fixture");
            assert_eq!(read(&bytes, &kind), expected, "{name}");
        }
        all += &format!("{}\n{}\n\n", kind.name, expected.join("\n"));
    }
    assert_committed("read.txt", &all);
}

#[test]
fn what_the_writer_of_files_hides_is_read_as_it_was() {
    let kind = kind("death");
    for name in ["=1+1", "+a", "-", "@b", "\t=c", "'d"] {
        let hidden = if name == "'d" {
            name.to_owned()
        } else {
            format!("'{name}")
        };
        let table = [
            ["姓名", "证件号码", "死亡日期"],
            [&hidden, "11010519491231002X", "20180301"],
        ];
        let table: Vec<Vec<String>> = table
            .iter()
            .map(|row| row.map(str::to_owned).to_vec())
            .collect();
        let expected = format!(
            "name=Text({:?}) citizen_number=11010519491231002X died_on=Date(2018-03-01)",
            name.trim()
        );
        assert_eq!(
            read(csv_of(&table).as_bytes(), &kind),
            std::slice::from_ref(&expected)
        );
        assert_eq!(read(&xlsx_of(&table), &kind), [expected]);
    }
}
