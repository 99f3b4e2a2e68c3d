//! The text of a YAML file that holds rules or lists, with where each part stands, so that what is wrong with it is told with
//! file, line and column.

mod nearest;

pub use nearest::{distance, do_you_mean};
pub use saphyr::MarkedYaml;

use saphyr::{ScalarStyle, YamlData, YamlLoader};
use saphyr_parser::{Event, Marker, Parser, Span, SpannedEventReceiver};
use std::collections::HashSet;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {problem}")]
pub struct FileError {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub problem: String,
}

/// A part of a file.
#[derive(Clone, Copy)]
pub struct Part<'f> {
    file: &'f str,
    node: &'f MarkedYaml<'f>,
    /// The name of the field that it is.
    key: Option<&'f MarkedYaml<'f>>,
}

/// Where something stands in its file, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// The text of a file.
///
/// # Errors
/// It is not UTF-8.
pub fn text_of<'b>(file: &str, bytes: &'b [u8]) -> Result<&'b str, FileError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default());
        let line = before.rsplit('\n').next().unwrap_or_default();
        FileError {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            problem: "the file is not UTF-8, it is GBK perhaps: save it as UTF-8".to_owned(),
        }
    })
}

/// Reads the one document of a file.
///
/// # Errors
/// It is no YAML, or not one document.
pub fn read<'f>(file: &str, text: &'f str) -> Result<MarkedYaml<'f>, FileError> {
    let wrong = |line, column, problem: String| FileError {
        file: file.to_owned(),
        line,
        column,
        problem,
    };
    let told = |at: &Marker, problem: String| wrong(at.line(), at.col() + 1, problem);
    let mut guard = Guard {
        loader: YamlLoader::default(),
        open: vec![],
        wrong: None,
    };
    // Figures stay as they are written.
    guard.loader.early_parse(false);
    let loaded = Parser::new_from_str(text).load(&mut guard, true);
    if let Some((at, problem)) = &guard.wrong {
        return Err(told(at, problem.clone()));
    }
    loaded.map_err(|error| in_words(file, text, &error))?;
    let mut documents = guard.loader.into_documents();
    match (documents.pop(), documents.last()) {
        (Some(document), None) => Ok(document),
        (None, _) => Err(wrong(1, 1, "the file is empty".to_owned())),
        (Some(second), Some(_)) => Err(told(
            &second.span.start,
            "a second document begins here: a file has one".to_owned(),
        )),
    }
}

/// What the reader of YAML says, for somebody who has not read its specification.
fn in_words(file: &str, text: &str, error: &saphyr::ScanError) -> FileError {
    let marker = error.marker();
    let (mut line, mut column, info) = (marker.line(), marker.col() + 1, error.info());
    let problem = if info.contains("tab") {
        // It is told at the end of the line before.
        let lines = text.lines().enumerate().skip(line.saturating_sub(1));
        let mut indents = lines.map(|(at, of)| (at, &of[..of.len() - of.trim_start().len()]));
        if let Some((at, tab)) = indents.find_map(|(at, indent)| Some((at, indent.find('\t')?))) {
            (line, column) = (at + 1, tab + 1);
        }
        "a tab stands before the text: indent with spaces".to_owned()
    } else if info.contains("expected key") || info.contains("block end") {
        "this stands further in or out than the lines beside it, or a bracket or quote is open"
            .to_owned()
    } else if info.contains("recursion") {
        "this is too deep in other parts".to_owned()
    } else {
        format!("this is not well-formed: {info}")
    };
    FileError {
        file: file.to_owned(),
        line,
        column,
        problem,
    }
}

/// Refuses what the loader would take: an alias that stands for ever more text, a field that hides another of its name.
struct Guard<'i> {
    loader: YamlLoader<'i, MarkedYaml<'i>>,
    /// The fields so far of each part that is open; none of a list.
    open: Vec<Option<Names>>,
    wrong: Option<(Marker, String)>,
}

#[derive(Default)]
struct Names {
    seen: HashSet<String>,
    /// Whether a value comes next.
    named: bool,
}

/// How deep parts may be in each other.
const DEEPEST: usize = 30;

impl Guard<'_> {
    fn problem(&mut self, event: &Event<'_>) -> Option<String> {
        match event {
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop();
                return None;
            }
            Event::Alias(_)
            | Event::Scalar(_, _, 1.., _)
            | Event::SequenceStart(1.., _)
            | Event::MappingStart(1.., _) => {
                return Some(
                    "`&` and `*` name and repeat parts, which files of this kind do not: write it out"
                        .to_owned(),
                );
            }
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) => {}
            _ => return None,
        }
        if let Some(Some(names)) = self.open.last_mut() {
            names.named = !names.named;
            match event {
                Event::Scalar(name, ..) if names.named && !names.seen.insert(name.to_string()) => {
                    return Some(format!("`{name}` is there twice: one of both has to go"));
                }
                Event::Scalar(..) => {}
                _ if names.named => return Some("the name of a field is a word".to_owned()),
                _ => {}
            }
        }
        match event {
            Event::SequenceStart(..) => self.open.push(None),
            Event::MappingStart(..) => self.open.push(Some(Names::default())),
            _ => {}
        }
        (self.open.len() > DEEPEST).then(|| "this is too deep in other parts".to_owned())
    }
}

impl<'i> SpannedEventReceiver<'i> for Guard<'i> {
    fn on_event(&mut self, event: Event<'i>, span: Span) {
        if self.wrong.is_some() {
            return;
        }
        match self.problem(&event) {
            Some(problem) => self.wrong = Some((span.start, problem)),
            None => self.loader.on_event(event, span),
        }
    }
}

impl<'f> Part<'f> {
    #[must_use]
    pub fn of(file: &'f str, node: &'f MarkedYaml<'f>) -> Self {
        Part {
            file,
            node,
            key: None,
        }
    }
    /// Where it begins: with the name of the field, where it is one.
    #[must_use]
    pub fn place(&self) -> Place {
        let start = &self.key.unwrap_or(self.node).span.start;
        Place {
            line: start.line(),
            column: start.col() + 1,
        }
    }
    /// What is wrong with the field of this name.
    pub fn error_of_name(&self, problem: impl Into<String>) -> FileError {
        let Place { line, column } = self.place();
        FileError {
            file: self.file.to_owned(),
            line,
            column,
            problem: problem.into(),
        }
    }

    /// What is wrong with it.
    pub fn error(&self, problem: impl Into<String>) -> FileError {
        self.error_at(0, problem)
    }

    /// What is wrong with the text in it, so many bytes after it begins.
    pub fn error_at(&self, at: usize, problem: impl Into<String>) -> FileError {
        let start = &self.node.span.start;
        let inside = match &self.node.data {
            YamlData::Representation(text, ScalarStyle::Plain, _) if !text.contains('\n') => {
                text.get(..at).map_or(0, |before| before.chars().count())
            }
            _ => 0,
        };
        FileError {
            file: self.file.to_owned(),
            line: start.line(),
            column: start.col() + 1 + inside,
            problem: problem.into(),
        }
    }

    /// The field of this name, where it has one.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<Part<'f>> {
        let fields = self.fields().ok()?;
        let mut named = fields.into_iter().filter(|(field, _)| *field == name);
        named.next().map(|(_, part)| part)
    }
    /// Where it begins and ends, in characters.
    #[must_use]
    pub fn span(&self) -> (usize, usize) {
        (self.node.span.start.index(), self.node.span.end.index())
    }

    /// The text of a scalar.
    ///
    /// # Errors
    /// It is a list or has fields.
    pub fn text(&self) -> Result<&'f str, FileError> {
        match &self.node.data {
            YamlData::Representation(text, ..) => Ok(text),
            _ => Err(self.error("expected a text")),
        }
    }
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self.node.data, YamlData::Representation(..))
    }

    /// The fields, in their order, with their names.
    ///
    /// # Errors
    /// It has none.
    pub fn fields(&self) -> Result<Vec<(&'f str, Part<'f>)>, FileError> {
        let YamlData::Mapping(fields) = &self.node.data else {
            return Err(self.error("expected fields, each as `name: value`"));
        };
        let part = |node, key| Part {
            file: self.file,
            node,
            key,
        };
        fields
            .iter()
            .map(|(name, value)| Ok((part(name, None).text()?, part(value, Some(name)))))
            .collect()
    }

    /// The items of a list.
    ///
    /// # Errors
    /// It is none.
    pub fn items(&self) -> Result<Vec<Part<'f>>, FileError> {
        let YamlData::Sequence(items) = &self.node.data else {
            return Err(self.error("expected a list"));
        };
        Ok(items
            .iter()
            .map(|node| Part {
                file: self.file,
                node,
                key: None,
            })
            .collect())
    }

    /// Fields of these names only.
    ///
    /// # Errors
    /// Another one.
    pub fn known(&self, names: &[&str]) -> Result<Fields<'f>, FileError> {
        let fields = self.fields()?;
        for (name, part) in &fields {
            if !names.contains(name) {
                let meant = do_you_mean(name, names.iter().copied());
                let names = names.join(", ");
                return Err(part.error_of_name(format!("`{name}` is none of {names}{meant}")));
            }
        }
        Ok(Fields { of: *self, fields })
    }
}

/// The fields of a part.
pub struct Fields<'f> {
    of: Part<'f>,
    fields: Vec<(&'f str, Part<'f>)>,
}

impl<'f> Fields<'f> {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Part<'f>> {
        let mut fields = self.fields.iter();
        fields
            .find(|(field, _)| *field == name)
            .map(|(_, part)| *part)
    }
    /// A field that has to be there.
    ///
    /// # Errors
    /// It is not.
    pub fn need(&self, name: &str) -> Result<Part<'f>, FileError> {
        self.get(name).ok_or_else(|| {
            self.of.error_of_name(format!(
                "`{name}` is missing here: every part of this kind has one"
            ))
        })
    }
    /// The text of a field, empty where it is left out.
    ///
    /// # Errors
    /// It is no text.
    pub fn text(&self, name: &str) -> Result<String, FileError> {
        self.get(name)
            .map_or(Ok(String::new()), |part| Ok(part.text()?.to_owned()))
    }
    /// The fields of a field, none where it is left out.
    ///
    /// # Errors
    /// It has no fields.
    pub fn fields(&self, name: &str) -> Result<Vec<(&'f str, Part<'f>)>, FileError> {
        self.get(name).map_or(Ok(vec![]), |part| part.fields())
    }
}
