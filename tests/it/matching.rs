//! `yihu match`: lists of any columns, linked without a database.

use crate::harness::yihu;
use std::{fs, path::Path};

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/matching/configs/febrl.yaml");
const HEADINGS: &str = "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id";

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let done = yihu(folder)
        .args(["match", "--config", CONFIG])
        .args(arguments)
        .output();
    let done = done.expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("a text");
    (done.status.code(), text(done.stdout), text(done.stderr))
}

/// Made-up records, each another person.
fn persons() -> Vec<[String; 10]> {
    let given = [
        "emma", "jack", "mia", "noah", "olivia", "lachlan", "isabella", "joshua",
    ];
    let surnames = [
        "clarke", "nguyen", "webb", "white", "campbell", "green", "reid", "ryan", "morrison",
    ];
    let suburbs = ["toowoomba", "carindale", "bunbury", "kalgoorlie", "glenelg"];
    (0..60_usize)
        .map(|at| {
            [
                given[at % 8].to_owned(),
                surnames[at * 7 % 9].to_owned(),
                (at * 13 % 97 + 1).to_string(),
                format!("{} street", surnames[at * 5 % 9]),
                String::new(),
                suburbs[at % 5].to_owned(),
                (2_000 + at * 31 % 900).to_string(),
                "nsw".to_owned(),
                format!(
                    "19{:02}{:02}{:02}",
                    20 + at % 70,
                    at % 12 + 1,
                    at * 7 % 28 + 1
                ),
                (1_000_003 + at * 104_729).to_string(),
            ]
        })
        .collect()
}

fn list(kind: &str, persons: &[[String; 10]]) -> String {
    let rows = persons
        .iter()
        .enumerate()
        .map(|(at, person)| format!("rec-{at}-{kind}, {}\n", person.join(", ")));
    format!("{HEADINGS}\n{}", rows.collect::<String>())
}

#[test]
fn slips_are_linked_and_strangers_are_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let persons = persons();
    let mut slipped = persons.clone();
    for (at, person) in slipped.iter_mut().enumerate() {
        match at % 4 {
            0 => person.swap(0, 1),
            1 => person[9].replace_range(3..4, "9"),
            2 => person[1].push('e'),
            _ => person[8].clear(),
        }
    }
    slipped.truncate(50);
    fs::write(folder.path().join("a.csv"), list("org", &persons)).expect("a file");
    fs::write(folder.path().join("b.csv"), list("dup-0", &slipped)).expect("a file");
    let (code, pairs, said) = run(folder.path(), &["a.csv", "b.csv"]);
    let mut lines = pairs.lines();
    assert_eq!(
        (code, lines.next()),
        (Some(0), Some("left,right,grade,probability")),
        "{said}"
    );
    let mut found: Vec<_> = lines
        .map(|line| {
            line.split(',')
                .take(2)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    found.sort();
    let mut expected: Vec<_> = (0..50)
        .map(|at| vec![format!("rec-{at}-org"), format!("rec-{at}-dup-0")])
        .collect();
    expected.sort();
    assert_eq!(found, expected);
    // One list held against itself.
    let both = list("org", &persons) + list("dup-0", &slipped).split_once('\n').expect("rows").1;
    fs::write(folder.path().join("both.csv"), both).expect("a file");
    let (code, _, said) = run(folder.path(), &["both.csv", "--out", "pairs.csv"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        fs::read_to_string(folder.path().join("pairs.csv"))
            .expect("a file")
            .lines()
            .count(),
        51
    );
}

#[test]
fn what_can_not_be_read_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.csv"), "rec_id,given_name\n1,x\n").expect("a file");
    fs::write(folder.path().join("bad.yaml"), "identifier: [").expect("a file");
    for (arguments, expected) in [
        (&["none.csv"][..], "none.csv: No such file"),
        (&["a.csv"], "a.csv: no column `surname`"),
        (
            &["a.csv", "--config", "bad.yaml"],
            "cannot be used multiple times",
        ),
    ] {
        let (code, told, complained) = run(folder.path(), arguments);
        assert!(
            code != Some(0) && told.is_empty() && complained.contains(expected),
            "{arguments:?}: {complained}"
        );
    }
}
