//! Files that something went wrong with end in rows and errors, never in a panic. `--example mutate` reads ten thousand.

#[path = "files/mutations.rs"]
mod mutations;
#[path = "files/samples.rs"]
mod samples;

use sheets::Kinds;
use std::io::Cursor;

const FILES: u64 = 400;

#[test]
fn mutated_files_end_in_rows_or_errors() {
    let kinds = Kinds::embedded().expect("kinds");
    let (mut whole, mut wrong) = (0, 0);
    for seed in 0..FILES {
        let (kind, bytes) = mutations::mutated(&kinds, seed);
        let outcome = mutations::read(Cursor::new(bytes), &kind);
        assert_eq!(outcome.leaks, 0, "file {seed}");
        whole += u64::from(outcome.rows > 0);
        wrong += u64::from(!outcome.problems.is_empty());
        for problem in &outcome.problems {
            assert!(
                !problem.english.is_empty() && !problem.chinese.is_empty(),
                "file {seed}: {problem:?}"
            );
        }
    }
    // Most of them are read in part, and in most something is wrong: the files are neither whole nor noise.
    assert!(
        whole > FILES / 3 && wrong > FILES / 3,
        "{whole} with rows, {wrong} with problems"
    );
}
