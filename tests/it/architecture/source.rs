//! The paths that a source file names, without a compiler: comments and texts taken out, `use` trees spread,
//! `super` and `self` resolved by the place of the file. What only tests import does not count.

use std::fs;
use std::path::Path;

pub(crate) struct Source {
    /// From the root of the checkout, with `/`.
    pub(crate) file: String,
    /// `src/departments/health/store.rs` is `departments, health, store`.
    pub(crate) module: Vec<String>,
    /// Each path with `crate`, or the name of an outer crate, in front.
    pub(crate) paths: Vec<Vec<String>>,
}

impl Source {
    pub(crate) fn of(file: &str, text: &str) -> Source {
        let module = module_of(file);
        let words = without_test_modules(words(text));
        let paths = named_paths(&words)
            .into_iter()
            .map(|path| resolved(path, &module))
            .collect();
        Source {
            file: file.to_owned(),
            module,
            paths,
        }
    }

    pub(crate) fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.file.starts_with(place))
    }
}

/// Every source of the server below `src`.
pub(crate) fn read_all(root: &Path) -> Vec<Source> {
    let (mut sources, mut folders) = (Vec::new(), vec![root.join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a source folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let file = path
                    .strip_prefix(root)
                    .expect("below the root")
                    .to_string_lossy()
                    .replace('\\', "/");
                if file.ends_with("/tests.rs") {
                    continue;
                }
                sources.push(Source::of(
                    &file,
                    &fs::read_to_string(&path).expect("a source text"),
                ));
            }
        }
    }
    sources
}

fn module_of(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

fn resolved(path: Vec<String>, module: &[String]) -> Vec<String> {
    let in_crate =
        |parents: &[String], rest: &[String]| [&["crate".to_owned()], parents, rest].concat();
    let supers = path.iter().take_while(|word| *word == "super").count();
    match path.first().map(String::as_str) {
        Some("super") => in_crate(
            &module[..module.len().saturating_sub(supers)],
            &path[supers..],
        ),
        Some("self") => in_crate(module, &path[1..]),
        Some("yihu") => in_crate(&[], &path[1..]),
        Some("departments") => in_crate(&[], &path),
        _ => path,
    }
}

/// Identifiers, `::` and single signs.
fn words(text: &str) -> Vec<String> {
    let signs: Vec<char> = text.chars().collect();
    let (mut words, mut at) = (Vec::new(), 0);
    while at < signs.len() {
        let skipped = past_silent_text(&signs, at);
        if skipped > at {
            at = skipped;
            continue;
        }
        let end = match signs[at] {
            sign if is_word(sign) => {
                at + signs[at..]
                    .iter()
                    .take_while(|sign| is_word(**sign))
                    .count()
            }
            ':' if signs.get(at + 1) == Some(&':') => at + 2,
            _ => at + 1,
        };
        if !signs[at].is_whitespace() {
            words.push(signs[at..end].iter().collect());
        }
        at = end;
    }
    words
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

/// The place after the comment, text or character that begins here; here where none does.
fn past_silent_text(signs: &[char], at: usize) -> usize {
    let rest = &signs[at..];
    let begins = |with: &str| with.chars().eq(rest.iter().copied().take(with.len()));
    let inside_word = at > 0 && is_word(signs[at - 1]);
    let length = if begins("//") {
        rest.iter().take_while(|sign| **sign != '\n').count()
    } else if begins("/*") {
        comment_length(rest)
    } else if begins("\"") {
        text_length(rest)
    } else if !inside_word && (begins("r\"") || begins("r#\"") || begins("r##\"")) {
        raw_text_length(rest)
    } else if begins("'\\") {
        // The escaped sign may itself be a quote.
        3 + rest[3..].iter().take_while(|sign| **sign != '\'').count() + 1
    } else if begins("'") && rest.get(2) == Some(&'\'') {
        3
    } else {
        0
    };
    (at + length).min(signs.len())
}

fn comment_length(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at + 1 < rest.len() {
        match (rest[at], rest[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn text_length(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn raw_text_length(rest: &[char]) -> usize {
    let hashes = rest[1..].iter().take_while(|sign| **sign == '#').count();
    let body = 2 + hashes;
    let closes = |at: usize| {
        rest[at] == '"'
            && rest[at + 1..]
                .iter()
                .take(hashes)
                .filter(|sign| **sign == '#')
                .count()
                == hashes
    };
    let end = (body..rest.len())
        .find(|at| closes(*at))
        .unwrap_or(rest.len());
    end + 1 + hashes
}

/// Takes out `#[cfg(test)] mod tests { .. }`.
fn without_test_modules(words: Vec<String>) -> Vec<String> {
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < words.len() {
        let head: Vec<&str> = words[at..].iter().take(10).map(String::as_str).collect();
        if let ["#", "[", "cfg", "(", "test", ")", "]", "mod", _, "{"] = head[..] {
            at = after_block(&words, at + 9);
        } else {
            kept.push(words[at].clone());
            at += 1;
        }
    }
    kept
}

fn after_block(words: &[String], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate().skip(open) {
        match word.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    words.len()
}

fn named_paths(words: &[String]) -> Vec<Vec<String>> {
    let (mut paths, mut at) = (Vec::new(), 0);
    while at < words.len() {
        let is_import = words[at] == "use" && words.get(at + 1).is_some_and(|next| next != "<");
        if is_import {
            at = spread(words, at + 1, &[], &mut paths);
        } else if words[at].starts_with(is_word) {
            let mut path = vec![words[at].clone()];
            while words.get(at + 1).is_some_and(|word| word == "::")
                && words
                    .get(at + 2)
                    .is_some_and(|word| word.starts_with(is_word))
            {
                path.push(words[at + 2].clone());
                at += 2;
            }
            if path.len() > 1 {
                paths.push(path);
            }
            at += 1;
        } else {
            at += 1;
        }
    }
    paths
}

/// Spreads one `use` tree into paths; gives the place of the sign that ends it.
fn spread(words: &[String], mut at: usize, stem: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    let (begin, mut path) = (at, stem.to_vec());
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "::" => at += 1,
            "as" => at += 2,
            "{" => loop {
                at = spread(words, at + 1, &path, paths);
                if words.get(at).is_none_or(|word| word != ",") {
                    return at + 1;
                }
            },
            "," | "}" | ";" => break,
            // `{self, ..}` names the stem.
            "self" if !path.is_empty() => at += 1,
            _ => {
                path.push(word.clone());
                at += 1;
            }
        }
    }
    if at > begin {
        paths.push(path);
    }
    at
}

#[test]
fn a_use_tree_is_spread() {
    let source = Source::of(
        "src/household/types.rs",
        "use super::{a::{self, b as c}, d::*,}; use std::fmt; fn f<'a>(x: &'a str) -> impl Sized + use<'a> { '{' }",
    );
    let paths: Vec<String> = source.paths.iter().map(|path| path.join("::")).collect();
    let expected = [
        "crate::household::a",
        "crate::household::a::b",
        "crate::household::d::*",
        "std::fmt",
    ];
    assert_eq!(paths, expected);
}
