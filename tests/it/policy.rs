//! `yihu policy`: packs are checked, worked examples are run.

use entity::codes::CodeList as _;
use std::{fs, path::Path, process::Command};

/// The exit code and what was printed, line by line.
fn run(arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yihu"));
    let done = command
        .arg("policy")
        .args(arguments)
        .output()
        .expect("it runs");
    let text = String::from_utf8([done.stdout, done.stderr].concat()).expect("a text");
    (
        done.status.code(),
        text.lines().map(ToOwned::to_owned).collect(),
    )
}

/// A file of this text.
fn file(name: &str, text: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("policy");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join(name);
    fs::write(&file, text).expect("a file");
    file.display().to_string()
}

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/policy/tests/examples.json");

#[test]
fn every_worked_example_holds() {
    let (code, lines) = run(&["test", EXAMPLES]);
    assert_eq!(
        (code, lines),
        (Some(0), vec!["196 passed, 0 failed".to_owned()])
    );
}

#[test]
fn every_difference_is_a_line() {
    let text = r#"[
        { "id": "a", "pack": "ulanqab-2018", "benefit": "dibao", "inputs": { "members": 3, "annual_income": "6000.00" },
          "expected": { "annual": "5718.01", "monthly_jan_to_nov": "476.50", "month": "1.00" } },
        { "id": "b", "pack": "nowhere", "benefit": "dibao", "inputs": {}, "expected": {} },
        { "id": "c", "pack": "ulanqab-2018", "benefit": "nothing", "inputs": {}, "expected": {} },
        { "id": "d", "pack": "ulanqab-2018", "benefit": "dibao", "inputs": { "member": 3 }, "expected": {} },
        { "id": "e", "pack": "ulanqab-2018", "benefit": "net-income", "inputs": { "wage": "1.00", "business": "0.00", "property": "0.00",
          "transfer": "0.00", "business_costs": "0.00", "members": 1 }, "expected": { "net": "1.00", "per_capita": "1.00" } },
        { "id": "f", "pack": "gansu-county-2018", "benefit": "relocation-lump-2016-2017", "inputs": { "project_year": 2018, "members": 1 },
          "expected": { "status": "NO_RULE_IN_FORCE" } }
    ]"#;
    let (code, lines) = run(&["test", &file("examples.json", text)]);
    assert_eq!(code, Some(1));
    assert_eq!(
        lines,
        [
            r#"a: annual: expected "5718.01", got "5718.00""#,
            r#"a: december: expected nothing, got "476.50""#,
            r#"a: month: expected "1.00", got nothing"#,
            "b: there is no pack nowhere",
            "c: there is no benefit nothing in ulanqab-2018",
            "d: there is no input `member`",
            "2 passed, 4 failed",
        ]
    );
    for (name, text) in [
        ("no.json", "{"),
        ("other.json", "[1]"),
        ("object.json", "{}"),
    ] {
        let (code, lines) = run(&["test", &file(name, text)]);
        assert!(
            code == Some(1) && lines.len() == 1 && lines[0].contains(name),
            "{lines:?}"
        );
    }
    assert_eq!(run(&["test", "no such file"]).0, Some(1));
}

#[test]
fn a_pack_is_checked_with_the_shipped_ones() {
    let (code, lines) = run(&["check"]);
    assert_eq!(
        (code, lines),
        (
            Some(0),
            vec!["11 packs with 77 benefits, 11 of them shipped: no mistakes".to_owned()]
        )
    );
    let county = "pack: county\nname: 某旗\nregions: [\"150921\"]\ninherits: ulanqab-2018\nsources: { c: 旗文件 }\nbenefits:\n  dibao:\n    \
        chinese: 低保\n    english: Dibao\n    departments: CIVIL\n    unit: household\n    effective: 2018-01-01 to 2018-12-31\n    cite: c\n    \
        figures: { standard: 4200.00 yuan }\n    facts: { members: count, annual_income: yuan }\n    gives:\n      annual: max(0, standard * members - annual_income)\n";
    let good = file("county.yaml", county);
    assert_eq!(run(&["check", &good]).0, Some(0));
    let bad = file("bad.yaml", &county.replace("annual_income)", "income)"));
    let (code, lines) = run(&["check", &bad]);
    assert_eq!(
        (code, lines),
        (
            Some(1),
            vec![format!("yihu: {bad}:17:43: there is no `income`")]
        )
    );
    let example = r#"[{ "id": "a", "pack": "county", "benefit": "dibao", "inputs": { "members": 1, "annual_income": "200.00" }, "expected": { "annual": "4000.00" } }]"#;
    let (code, lines) = run(&["test", &file("county.json", example), "--pack", &good]);
    assert_eq!(
        (code, lines),
        (Some(0), vec!["1 passed, 0 failed".to_owned()])
    );
}

/// A benefit of a shape that is known needs no build: the pack that the README shows, in a folder of its own.
#[test]
fn the_pack_of_the_readme_works_as_it_stands() {
    let readme = include_str!("../../README.md");
    let (_, pack) = readme.split_once("```yaml\npack:").expect("a pack");
    let (pack, _) = pack.split_once("```").expect("its end");
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        fs::write(&file, bytes).expect("a file");
        file.display().to_string()
    };
    let county = write("county.yaml", format!("pack:{pack}").as_bytes());
    let examples = r#"[
        { "id": "old", "pack": "county-2018", "benefit": "elderly", "inputs": { "registered": true, "age": 81 }, "expected": { "annual": "1320.00", "refused": [] } },
        { "id": "young", "pack": "county-2018", "benefit": "elderly", "inputs": { "registered": false, "age": 79 },
          "expected": { "annual": "0.00", "refused": ["NOT_REGISTERED", "AGE"] } }
    ]"#;
    let examples = write("examples.json", examples.as_bytes());
    assert_eq!(
        run(&["test", &examples, "--pack", &county]),
        (Some(0), vec!["2 passed, 0 failed".to_owned()])
    );
    let (gbk, ..) = encoding_rs::GBK.encode(pack);
    let gbk = write("gbk.yaml", &gbk);
    let told =
        format!("yihu: {gbk}:2:8: the file is not UTF-8, it is GBK perhaps: save it as UTF-8");
    assert_eq!(run(&["check", &gbk]), (Some(1), vec![told]));
}

#[test]
fn a_pack_names_the_departments_of_the_graph() {
    let departments = entity::codes::Department::ENTRIES
        .iter()
        .map(|entry| entry.word);
    assert!(::policy::DEPARTMENTS.into_iter().eq(departments));
}

#[test]
fn a_pack_names_the_stages_of_the_graph() {
    let kinds = entity::health::codes::ClaimStageKind::ENTRIES.iter();
    assert!(
        ::policy::STAGE_KINDS
            .into_iter()
            .eq(kinds.map(|entry| entry.word))
    );
}

#[test]
fn every_pack_of_the_folder_is_shipped() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let files = fs::read_dir(folder)
        .expect("the packs")
        .map(|entry| entry.expect("a file").file_name());
    let mut files: Vec<_> = files
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    files.sort();
    let shipped: Vec<_> = yihu::policy::SHIPPED
        .iter()
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(files, shipped);
}
