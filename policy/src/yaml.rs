//! A pack's text, with where each part stands.

use crate::PackError;
use saphyr::{MarkedYaml, ScalarStyle, YamlData, YamlLoader};
use saphyr_parser::Parser;

/// A part of a file.
#[derive(Clone, Copy)]
pub struct Part<'f> {
    file: &'f str,
    node: &'f MarkedYaml<'f>,
}

/// Reads the one document of a file.
///
/// # Errors
/// It is no YAML, or not one document.
pub fn read<'f>(file: &str, text: &'f str) -> Result<MarkedYaml<'f>, PackError> {
    let wrong = |line, column, problem: String| PackError {
        file: file.to_owned(),
        line,
        column,
        problem,
    };
    let mut loader = YamlLoader::<MarkedYaml>::default();
    // Figures stay as they are written.
    loader.early_parse(false);
    let loaded = Parser::new_from_str(text).load(&mut loader, true);
    loaded.map_err(|error| {
        let marker = error.marker();
        wrong(marker.line(), marker.col() + 1, error.info().to_owned())
    })?;
    let mut documents = loader.into_documents();
    match (documents.pop(), documents.is_empty()) {
        (Some(document), true) => Ok(document),
        _ => Err(wrong(1, 1, "expected one document".to_owned())),
    }
}

impl<'f> Part<'f> {
    #[must_use]
    pub fn of(file: &'f str, node: &'f MarkedYaml<'f>) -> Self {
        Part { file, node }
    }

    /// What is wrong with it.
    pub fn error(&self, problem: impl Into<String>) -> PackError {
        self.error_at(0, problem)
    }

    /// What is wrong with the text in it, so many bytes after it begins.
    pub fn error_at(&self, at: usize, problem: impl Into<String>) -> PackError {
        let start = &self.node.span.start;
        let inside = match &self.node.data {
            YamlData::Representation(text, ScalarStyle::Plain, _) if !text.contains('\n') => {
                text.get(..at).map_or(0, |before| before.chars().count())
            }
            _ => 0,
        };
        PackError {
            file: self.file.to_owned(),
            line: start.line(),
            column: start.col() + 1 + inside,
            problem: problem.into(),
        }
    }

    /// The text of a scalar.
    ///
    /// # Errors
    /// It is a list or has fields.
    pub fn text(&self) -> Result<&'f str, PackError> {
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
    pub fn fields(&self) -> Result<Vec<(&'f str, Part<'f>)>, PackError> {
        let YamlData::Mapping(fields) = &self.node.data else {
            return Err(self.error("expected fields"));
        };
        let part = |node| Part {
            file: self.file,
            node,
        };
        fields
            .iter()
            .map(|(name, value)| Ok((part(name).text()?, part(value))))
            .collect()
    }

    /// The items of a list.
    ///
    /// # Errors
    /// It is none.
    pub fn items(&self) -> Result<Vec<Part<'f>>, PackError> {
        let YamlData::Sequence(items) = &self.node.data else {
            return Err(self.error("expected a list"));
        };
        Ok(items
            .iter()
            .map(|node| Part {
                file: self.file,
                node,
            })
            .collect())
    }

    /// Fields of these names only.
    ///
    /// # Errors
    /// Another one.
    pub fn known(&self, names: &[&str]) -> Result<Fields<'f>, PackError> {
        let fields = self.fields()?;
        for (name, part) in &fields {
            if !names.contains(name) {
                return Err(part.error(format!("`{name}` is none of {}", names.join(", "))));
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
    pub fn need(&self, name: &str) -> Result<Part<'f>, PackError> {
        self.get(name)
            .ok_or_else(|| self.of.error(format!("`{name}` is missing")))
    }
    /// The text of a field, empty where it is left out.
    ///
    /// # Errors
    /// It is no text.
    pub fn text(&self, name: &str) -> Result<String, PackError> {
        self.get(name)
            .map_or(Ok(String::new()), |part| Ok(part.text()?.to_owned()))
    }
    /// The fields of a field, none where it is left out.
    ///
    /// # Errors
    /// It has no fields.
    pub fn fields(&self, name: &str) -> Result<Vec<(&'f str, Part<'f>)>, PackError> {
        self.get(name).map_or(Ok(vec![]), |part| part.fields())
    }
}
