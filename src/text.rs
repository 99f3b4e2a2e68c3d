//! Texts that people write.

/// Whether a text shows all that it holds: no control characters, and none that hide, break or turn what stands around them.
/// What joins letters in Mongolian is not among them.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(|one| one.is_control() || misleads(one))
}

fn misleads(one: char) -> bool {
    matches!(
        one,
        // A space without width, marks of the byte order, ends of lines and paragraphs.
        '\u{200b}' | '\u{feff}' | '\u{2028}' | '\u{2029}'
        // Marks of direction, embeddings, overrides, isolates.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Interlinear annotations and tags.
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn nothing_is_hidden_in_a_plain_text() {
        for plain in [
            "",
            "张三丰",
            "ᠮᠣᠩᠭᠣᠯ\u{202f}ᠤᠨ",
            "a\u{200d}b",
            "三组 12 号",
            "É",
        ] {
            assert!(is_plain(plain), "{plain:?}");
        }
        for hiding in [
            "\0",
            "\u{1b}[31m",
            "a\nb",
            "\u{85}",
            "\u{202e}fdp",
            "a\u{200b}b",
            "\u{feff}a",
            "a\u{2028}",
            "\u{e0041}",
        ] {
            assert!(!is_plain(hiding), "{hiding:?}");
        }
    }
}
