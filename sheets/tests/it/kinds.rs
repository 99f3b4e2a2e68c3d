//! The kinds that are shipped, and what is told of files of kinds that are wrong.

use crate::root;
use sheets::{Code, Kinds, Meaning, Type};
use std::{collections::BTreeMap, fs, path::Path};

#[test]
fn the_shipped_kinds_are_those_of_the_folder() {
    let embedded = Kinds::embedded().expect("kinds");
    let folder = Kinds::from_dir(&root().join("files/columns")).expect("kinds");
    let names: Vec<_> = embedded.names().collect();
    assert_eq!(names, folder.names().collect::<Vec<_>>());
    assert_eq!(
        names,
        [
            "card",
            "claim",
            "death",
            "dibao",
            "disability",
            "house",
            "household",
            "income_form",
            "loan",
            "medical_enrolment",
            "payment",
            "rain_dew",
            "relocation",
            "roster",
            "school_roll",
            "special_support"
        ]
    );
    for name in names {
        assert_eq!(embedded.kind(name, ""), folder.kind(name, ""));
        assert_eq!(embedded.kind(name, "").expect("a kind").name.as_ref(), name);
    }
}

/// The code lists of the entities: codes with labels and national codes, from their source.
fn lists_of_entities() -> BTreeMap<String, Vec<(String, String, Option<String>)>> {
    let (mut lists, mut name) = (BTreeMap::<_, Vec<_>>::new(), String::new());
    let folder = root().join("entity/src");
    let departments = fs::read_dir(&folder)
        .expect("the entities")
        .map(|entry| entry.expect("an entry").path().join("codes.rs"));
    for file in departments
        .chain([folder.join("codes.rs")])
        .filter(|file| file.exists())
    {
        for line in fs::read_to_string(file).expect("a source").lines() {
            let quoted: Vec<_> = line
                .split('"')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect();
            let first = line.split_whitespace().next().unwrap_or_default();
            match quoted.as_slice() {
                [_] if line.starts_with("    ") && line.ends_with("\" {") => {
                    name = first.to_owned()
                }
                [code, label, _english, national @ ..]
                    if line.ends_with(';') && !name.is_empty() =>
                {
                    let entry = (code.clone(), label.clone(), national.first().cloned());
                    lists.entry(name.clone()).or_default().push(entry);
                }
                _ => {}
            }
        }
    }
    lists
}

#[test]
fn code_lists_are_those_of_the_graph() {
    let (kinds, entities) = (Kinds::embedded().expect("kinds"), lists_of_entities());
    let mut seen = BTreeMap::new();
    for name in kinds.names() {
        for column in &kinds.kind(name, "").expect("a kind").columns {
            if let Type::Code(list) | Type::Codes(list) = &column.is {
                seen.insert(list.name.to_string(), list.clone());
            }
        }
    }
    assert_eq!(seen.len(), 37);
    for (name, list) in seen {
        let entity = &entities[&name];
        let codes: Vec<_> = list
            .codes
            .iter()
            .map(|(code, label)| (code.to_string(), label.clone()))
            .collect();
        assert_eq!(
            codes,
            entity
                .iter()
                .map(|(code, label, _)| (code.clone(), label.clone()))
                .collect::<Vec<_>>(),
            "{name}"
        );
        for (code, label, national) in entity {
            for word in [Some(code), Some(label), national.as_ref()]
                .into_iter()
                .flatten()
            {
                assert_eq!(
                    list.meaning(word),
                    Some(Meaning::Code(code.as_str().into())),
                    "{name} {word}"
                );
            }
        }
    }
}

#[test]
fn every_code_has_a_word_of_its_own() {
    let mut words: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), Code::ALL.len());
    assert!(
        words
            .iter()
            .all(|word| word.bytes().all(|c| c.is_ascii_uppercase() || c == b'_'))
    );
}

const SHARED: &str = "columns:\n  name: { is: text, heading: 姓名 }\nignored: [序号]\nendings: { totals: [合计], notes: [注] }\nlists:\n  YesNo: { YES: [是], NO: [否] }\n  Sex: { MALE: [男], FEMALE: [女] }\n";
const KIND: &str = "name: trial\nchinese: 试\nenglish: Trial\ncolumns:\n  name: { required: yes }\n  sex: { is: code of Sex, heading: 性别 }\n";

fn told(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    match Kinds::from_dir(folder.path()) {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_wrong_with_a_kind_is_told_with_its_place() {
    let trial = |kind: &str| told(&[("shared.yaml", SHARED), ("trial.yaml", kind)]);
    assert_eq!(trial(KIND), "ok");
    assert_eq!(
        told(&[("trial.yaml", KIND)]),
        "shared.yaml:1:1: the file is missing beside the kinds"
    );
    assert_eq!(
        trial(&KIND.replace("code of Sex", "code of Sexx")),
        "trial.yaml:6:14: no list `Sexx` in shared.yaml; do you mean `Sex`?"
    );
    assert_eq!(
        trial(&KIND.replace("code of Sex", "colour")),
        "trial.yaml:6:14: `colour` is no type of a column"
    );
    assert_eq!(
        trial(&KIND.replace("性别", "姓名")),
        "trial.yaml:6:3: `姓名` is a heading of `name` too"
    );
    assert_eq!(
        trial(&KIND.replace("required: yes", "required: 1")),
        "trial.yaml:5:21: `required` is `yes` or `no`"
    );
    assert_eq!(
        trial(&KIND.replace("heading:", "headings:")),
        "trial.yaml:6:27: `headings` is none of is, required, heading, also, from, to; do you mean `heading`?"
    );
    assert_eq!(
        trial("name: [1"),
        "trial.yaml:2:1: this is not well-formed: while parsing a flow sequence, expected ',' or ']'"
    );
    let twice = SHARED.replace("[女]", "[女, 男]");
    assert_eq!(
        told(&[("shared.yaml", &twice)]),
        "shared.yaml:7:33: `男` is a word of two codes of Sex"
    );
}

#[test]
fn what_is_wrong_with_an_extension_is_told_with_its_place() {
    let extended = |name: &str, text: &str| {
        told(&[("shared.yaml", SHARED), ("trial.yaml", KIND), (name, text)])
    };
    assert_eq!(
        extended(
            "trial.1509.yaml",
            "columns: { name: [名字] }\nlists: { Sex: { MALE: [公] } }"
        ),
        "ok"
    );
    assert_eq!(
        extended("trial.15x9.yaml", "columns: {}"),
        "trial.15x9.yaml:1:1: the region in the name has 2, 4, 6, 9 or 12 digits"
    );
    assert_eq!(
        extended("other.1509.yaml", "columns: {}"),
        "other.1509.yaml:1:1: there is no kind of this name to extend"
    );
    assert_eq!(
        extended("trial.1509.yaml", "columns: { nam: [名] }"),
        "trial.1509.yaml:1:12: `nam` is no column of trial; do you mean `name`?"
    );
    assert_eq!(
        extended("trial.1509.yaml", "columns: { name: [性别] }"),
        "trial.1509.yaml:1:19: `性别` is a heading of `sex` too"
    );
    assert_eq!(
        extended("trial.1509.yaml", "lists: { Sex: { MAL: [公] } }"),
        "trial.1509.yaml:1:17: `MAL` is no code of Sex; do you mean `MALE`?"
    );
    assert_eq!(
        extended("trial.1509.yaml", "lists: { Sex: { MALE: [女] } }"),
        "trial.1509.yaml:1:24: `女` is a word of two codes of Sex"
    );
    assert_eq!(
        extended("trial.1509.yaml", "lists: { Colour: {} }"),
        "trial.1509.yaml:1:10: trial has no column of the list `Colour`"
    );
}

#[test]
fn the_widest_extension_holds_and_the_narrower_adds_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| fs::write(Path::join(folder.path(), name), text).expect("a file");
    write("shared.yaml", SHARED);
    write("trial.yaml", KIND);
    write("trial.1509.yaml", "columns: { name: [名字] }");
    write("trial.150921.yaml", "lists: { Sex: { MALE: [汉子] } }");
    let kinds = Kinds::from_dir(folder.path()).expect("kinds");
    let reads = |region: &str, text: &str| {
        let kind = kinds.kind("trial", region).expect("a kind");
        crate::lines(text.as_bytes(), &kind).is_ok_and(|lines| {
            lines.iter().all(
                |line| matches!(line, Ok(sheets::Line::Row(row)) if row.problems().count() == 0),
            )
        })
    };
    let (heading, word) = ("名字,性别\n张三,男\n", "名字,性别\n张三,汉子\n");
    assert!(!reads("", heading) && !reads("610702000000", heading));
    assert!(reads("150922000000", heading) && !reads("150922000000", word));
    assert!(reads("150921100201", word));
    assert_eq!(kinds.kind("absent", ""), None);
}

#[test]
fn a_county_adds_its_files_to_those_that_are_shipped() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("household.150921.yaml");
    fs::write(&file, "columns: { card_number: [扶贫手册号码] }").expect("a file");
    let (shipped, kinds) = (
        Kinds::embedded().expect("kinds"),
        Kinds::embedded_with(folder.path()).expect("kinds"),
    );
    assert_eq!(
        kinds.names().collect::<Vec<_>>(),
        shipped.names().collect::<Vec<_>>()
    );
    assert_eq!(
        kinds.kind("household", "150922"),
        shipped.kind("household", "")
    );
    let text = "扶贫手册号码,姓名,与户主关系\n1509211002000001,张三,户主\n";
    let read = |region| {
        crate::lines(
            text.as_bytes(),
            &kinds.kind("household", region).expect("a kind"),
        )
        .is_ok()
    };
    assert!(read("150921100201") && !read("150922100201"));
    fs::write(&file, b"columns: \xbb\xa7").expect("a file");
    let error = Kinds::embedded_with(folder.path()).expect_err("an error");
    assert_eq!(
        error.to_string(),
        "household.150921.yaml:1:10: the file is not UTF-8, it is GBK perhaps: save it as UTF-8"
    );
}
