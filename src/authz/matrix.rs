//! The matrix: which department may read which field. One pure table, default no.
//!
//! Rooms write their lines as text (`departments/<d>/matrix.txt`, `household/matrix.txt`, `graphql/matrix.txt`):
//!
//! ```text
//! WHOLE = POVERTY TOWNSHIP VILLAGE HELPER AUDIT HOUSEHOLD
//! Dibao { id class monthlyAmount } : CIVIL WHOLE
//! Mutation { dibaoGrant } : CIVIL
//! Mutation { householdStatusRecord } : POVERTY.APPROVER
//! ```
//!
//! Of a mutation the line says who may do it: the clerks of a department (its helpers, its own households), or those of its
//! users who have the role named after the dot.
//!
//! `EVERYONE` is every department and also viewers without files (administrators, the public). Words before `=` are
//! groups, known to the texts after. A type needs a line for each field of the live schema; `yihu` does not start without.
//! The whole matrix is committed as `src/authz/matrix.txt`, and a test keeps it true.

use super::Rights;
use entity::codes::{CodeList, Department, Role};
use std::collections::{BTreeMap, BTreeSet};

/// Who may read one field, or do one mutation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Readers {
    departments: BTreeSet<Department>,
    /// Of a mutation: those of a department who have this role.
    roles: BTreeSet<(Department, Role)>,
    everyone: bool,
}

/// The root of what can be done.
const MUTATION: &str = "Mutation";

/// The matrix of the live schema.
#[derive(Debug, Default)]
pub struct Matrix {
    lines: BTreeMap<String, BTreeMap<String, Readers>>,
}

/// Why the matrix can't be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MatrixError {
    #[error("line {line} of the matrix of {of}: {problem}")]
    Text {
        of: &'static str,
        line: usize,
        problem: String,
    },
    #[error("the matrix has no line for {0}")]
    Missing(String),
    #[error("the matrix has a line for {0}, which is not in the schema")]
    Stale(String),
}

impl Matrix {
    /// Reads the texts in order; groups of one text are known to those after it.
    ///
    /// # Errors
    /// The first line that can't be understood, or that repeats a field.
    pub fn read(texts: &[(&'static str, &'static str)]) -> Result<Self, MatrixError> {
        let mut matrix = Matrix::default();
        let mut groups = BTreeMap::new();
        for (of, text) in texts {
            for (index, line) in text.lines().enumerate() {
                matrix
                    .line(&mut groups, line)
                    .map_err(|problem| MatrixError::Text {
                        of,
                        line: index + 1,
                        problem,
                    })?;
            }
        }
        Ok(matrix)
    }

    fn line(&mut self, groups: &mut BTreeMap<String, Readers>, line: &str) -> Result<(), String> {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            return Ok(());
        }
        if let Some((name, members)) = line.split_once('=') {
            groups.insert(name.trim().to_owned(), readers(groups, members)?);
            return Ok(());
        }
        let (fields, who) = line
            .split_once(':')
            .ok_or("expected `Type { fields } : readers`")?;
        let (type_name, fields) = fields
            .trim()
            .strip_suffix('}')
            .and_then(|fields| fields.split_once('{'))
            .ok_or("expected `Type { fields }` before the colon")?;
        let readers = readers(groups, who)?;
        let lines = self.lines.entry(type_name.trim().to_owned()).or_default();
        for field in fields.split_whitespace() {
            if lines.insert(field.to_owned(), readers.clone()).is_some() {
                return Err(format!("{}.{field} has a line already", type_name.trim()));
            }
        }
        Ok(())
    }

    #[must_use]
    pub fn may_read(&self, rights: Rights, type_name: &str, field: &str) -> bool {
        if field.starts_with("__") || type_name.starts_with("__") {
            return true;
        }
        let Some(readers) = self.lines.get(type_name).and_then(|lines| lines.get(field)) else {
            return false;
        };
        if type_name == MUTATION {
            return readers.may_write(rights);
        }
        readers.everyone
            || rights.reads_files() && readers.departments.contains(&rights.department())
    }

    /// Whether the viewer may read anything of this type.
    #[must_use]
    pub fn may_read_type(&self, rights: Rights, type_name: &str) -> bool {
        self.lines.get(type_name).is_some_and(|lines| {
            lines
                .keys()
                .any(|field| self.may_read(rights, type_name, field))
        })
    }

    /// Gives the page types of a list (`XConnection`, `XEdge`) the readers of what is listed: those who may read its id.
    pub fn add_pages(&mut self, fields: &BTreeMap<String, BTreeSet<String>>) {
        for (type_name, names) in fields {
            let Some(of) = type_name
                .strip_suffix("Connection")
                .or_else(|| type_name.strip_suffix("Edge"))
            else {
                continue;
            };
            let Some(readers) = self
                .lines
                .get(of)
                .and_then(|lines| lines.get("id"))
                .cloned()
            else {
                continue;
            };
            let lines = names
                .iter()
                .map(|name| (name.clone(), readers.clone()))
                .collect();
            self.lines.entry(type_name.clone()).or_insert(lines);
        }
    }

    /// The types that only mutations answer with are for whoever may do the mutation.
    pub fn add_payloads(&mut self, fields: &BTreeMap<String, BTreeSet<String>>) {
        let everyone = Readers {
            everyone: true,
            ..Readers::default()
        };
        for (type_name, names) in fields {
            if type_name.ends_with("Payload") || type_name.ends_with("Error") {
                let lines = names.iter().map(|name| (name.clone(), everyone.clone()));
                self.lines
                    .entry(type_name.clone())
                    .or_insert(lines.collect());
            }
        }
    }

    /// Compares the matrix with the fields of the live schema.
    ///
    /// # Errors
    /// The first field without a line, or line without a field.
    pub fn check(&self, fields: &BTreeMap<String, BTreeSet<String>>) -> Result<(), MatrixError> {
        for (type_name, names) in fields {
            for name in names {
                if self
                    .lines
                    .get(type_name)
                    .is_none_or(|lines| !lines.contains_key(name))
                {
                    return Err(MatrixError::Missing(format!("{type_name}.{name}")));
                }
            }
        }
        for (type_name, lines) in &self.lines {
            for name in lines.keys() {
                if fields
                    .get(type_name)
                    .is_none_or(|names| !names.contains(name))
                {
                    return Err(MatrixError::Stale(format!("{type_name}.{name}")));
                }
            }
        }
        Ok(())
    }

    /// Whether somebody has decided who may read this field.
    ///
    /// # Errors
    /// Nobody has.
    pub fn has(&self, type_name: &str, field: &str) -> Result<(), MatrixError> {
        let lines = self.lines.get(type_name);
        match lines.is_some_and(|lines| lines.contains_key(field)) {
            true => Ok(()),
            false => Err(MatrixError::Missing(format!("{type_name}.{field}"))),
        }
    }

    /// What the viewer may read, type by type.
    pub fn readable(&self, rights: Rights) -> impl Iterator<Item = (String, Vec<String>)> {
        self.lines.iter().filter_map(move |(type_name, lines)| {
            let fields: Vec<_> = lines
                .keys()
                .filter(|field| self.may_read(rights, type_name, field))
                .cloned()
                .collect();
            (!fields.is_empty()).then(|| (type_name.clone(), fields))
        })
    }

    /// The readers of a field, for its description.
    #[must_use]
    pub fn readers(&self, type_name: &str, field: &str) -> Option<String> {
        Some(self.lines.get(type_name)?.get(field)?.to_string())
    }

    /// The whole matrix as text, a line a field.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::from(
            "# Who may read which field. Written by `yihu matrix` from the rooms' lines; a test keeps it true.\n",
        );
        let of_mutations = |name: &str| name.ends_with("Payload") || name.ends_with("Error");
        for (type_name, lines) in self.lines.iter().filter(|(name, _)| !of_mutations(name)) {
            for (field, readers) in lines {
                text += &format!("{type_name}.{field}: {readers}\n");
            }
        }
        text
    }
}

impl Readers {
    fn may_write(&self, rights: Rights) -> bool {
        let department = rights.department();
        let working = match department {
            Department::Helper => Role::Helper,
            Department::Household => Role::Household,
            _ => Role::Clerk,
        };
        self.departments.contains(&department) && rights.has(working)
            || self
                .roles
                .iter()
                .any(|(of, role)| *of == department && rights.has(*role))
    }
}

impl std::fmt::Display for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.everyone {
            return f.write_str("EVERYONE");
        }
        let words = self.departments.iter().map(|of| of.word().to_owned());
        let with_role = self.roles.iter();
        let with_role = with_role.map(|(of, role)| format!("{}.{}", of.word(), role.word()));
        let words: Vec<_> = words.chain(with_role).collect();
        f.write_str(&words.join(" "))
    }
}

fn readers(groups: &BTreeMap<String, Readers>, text: &str) -> Result<Readers, String> {
    let mut readers = Readers::default();
    for word in text.split_whitespace() {
        if word == "EVERYONE" {
            readers.everyone = true;
        } else if let Some(group) = groups.get(word) {
            readers.everyone |= group.everyone;
            readers.departments.extend(&group.departments);
            readers.roles.extend(&group.roles);
        } else if let Some((department, role)) = word.split_once('.') {
            let unknown = || format!("{word} is no department with a role");
            let department = Department::of_word(department).ok_or_else(unknown)?;
            let role = Role::of_word(role).ok_or_else(unknown)?;
            readers.roles.insert((department, role));
        } else {
            let department = Department::of_word(word)
                .ok_or_else(|| format!("{word} is neither a department nor a group"))?;
            readers.departments.insert(department);
        }
    }
    Ok(readers)
}
