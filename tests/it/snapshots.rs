//! A snapshot file that no test reads says nothing, but looks as if it did.

use std::fs;
use std::path::{Path, PathBuf};

/// The files under a folder whose name ends so.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found
}

/// Does the source that the snapshot says it is of still name it? insta calls the file after module and name, the
/// name being the test's, with a number from its second snapshot on, unless the test gives one.
fn is_named_by_its_source(
    file: &str,
    snapshot: &str,
    source_text: impl Fn(&str) -> Option<String>,
) -> bool {
    let source = snapshot
        .lines()
        .find_map(|line| line.strip_prefix("source: "));
    let name = file
        .trim_end_matches(".snap")
        .rsplit("__")
        .next()
        .unwrap_or_default();
    let name = name
        .trim_end_matches(|sign: char| sign.is_ascii_digit())
        .trim_end_matches('-');
    source
        .and_then(|source| source_text(source.trim_matches('"')))
        .is_some_and(|text| text.contains(name))
}

/// The operation of `examples/operations` whose answer this is: those snapshots are named by their files.
fn operation_of(file: &str) -> Option<&str> {
    file.strip_prefix("it__operations__")?.strip_suffix(".snap")
}

#[test]
fn no_snapshot_is_left_over() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["tests", "src", "entity", "migration", "derive"] {
        for path in files(&root.join(folder), ".snap") {
            let snapshot = fs::read_to_string(&path).expect("a snapshot's text");
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let read = |source: &str| fs::read_to_string(root.join(source)).ok();
            let of_operation = operation_of(&file).is_some_and(|name| {
                root.join(format!("examples/operations/{name}.graphql"))
                    .exists()
            });
            assert!(
                of_operation || is_named_by_its_source(&file, &snapshot, read),
                "no test reads {}",
                path.display()
            );
        }
        let pending = files(&root.join(folder), ".snap.new");
        assert!(pending.is_empty(), "snapshots to be reviewed: {pending:?}");
    }
}

#[test]
fn control() {
    let read =
        |source: &str| (source == "tests/it/a.rs").then(|| "fn a_page_is_whole() {}".to_owned());
    let of = |file, source: &str| {
        is_named_by_its_source(file, &format!("---\nsource: {source}\n---\n"), read)
    };
    assert!(of("it__a__a_page_is_whole.snap", "tests/it/a.rs"));
    assert!(of("it__a__a_page_is_whole-2.snap", "tests/it/a.rs"));
    assert!(!of("it__a__a_test_that_went.snap", "tests/it/a.rs"));
    assert!(!of("it__b__a_page_is_whole.snap", "tests/it/b.rs"));
}
