//! Texts that are committed and must say what the code does: schema, matrix, statements.

use std::fs;
use std::path::Path;

/// Holds a committed text to what the code says now; `YIHU_WRITE_TEXTS=1` writes it anew instead.
///
/// The test's name begins with `committed_text`, so that `just matrix` finds it.
pub(crate) fn assert_committed_text(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let committed = fs::read_to_string(&path).unwrap_or_default();
    if committed == text {
        return;
    }
    if std::env::var("YIHU_WRITE_TEXTS").is_ok_and(|write| write == "1") {
        fs::write(&path, text).unwrap_or_else(|error| panic!("{file}: {error}"));
        return;
    }
    let differs = committed
        .lines()
        .zip(text.lines())
        .position(|(old, new)| old != new)
        .unwrap_or_else(|| committed.lines().count().min(text.lines().count()));
    panic!(
        "{file} is stale from line {}:\n  committed: {}\n  now:       {}\nWrite it anew with YIHU_WRITE_TEXTS=1.",
        differs + 1,
        committed.lines().nth(differs).unwrap_or("(the end)"),
        text.lines().nth(differs).unwrap_or("(the end)"),
    );
}

#[test]
fn a_stale_text_is_refused() {
    let licence = include_str!("../../../LICENSE-MIT");
    assert_committed_text("LICENSE-MIT", licence);
    if std::env::var_os("YIHU_WRITE_TEXTS").is_none() {
        let stale =
            std::panic::catch_unwind(|| assert_committed_text("LICENSE-MIT", "other words\n"));
        assert!(stale.is_err());
    }
}
