//! A check as data: who is compared, how grave a difference is, who is asked, and the one statement that finds it.
//!
//! A check is a file of `checks/`. Its statement is SQL over registers and reported records that both databases run, and gives
//! for each finding `household_id`, `person_id`, `subject` (the key of the record it is about, 0 where it is about none) and the
//! values of the evidence by their names. In braces stand what differs between databases and runs:
//!
//! - `{here x}`: the rows of `x` that this run looks at; `h` is always a household. Every table that leads to findings has one.
//! - `{today}`, `{month}` (its first day), `{month_before}`, `{year}`, `{school_year}`, `{term}`, `{term_day}`: the day that is looked at.
//! - `{value name}`: a value of a reported record `r`.
//! - `{name}`: a piece of `checks/fragments.yaml`.

use crate::{
    authz::Matrix,
    db::{Class, Dialect, Opening, Param, Statement},
};
use ::yaml::{FileError, Part, read};
use entity::{
    codes::{CodeList, Department},
    reconciliation::codes::{BlockedStep, FindingSeverity},
};
use std::{collections::HashMap, sync::Arc};
use time::{Date, Month};

/// A check, ready to run.
#[derive(Debug)]
pub struct Check {
    /// Such as "RC-17".
    pub id: String,
    pub chinese: String,
    pub english: String,
    /// Why it is a problem, and what resolves it: Chinese, English.
    pub problem: (String, String),
    pub resolved: (String, String),
    pub severity: FindingSeverity,
    /// Whose data are compared, and who of them is asked.
    pub between: Vec<Department>,
    pub asked: Department,
    /// What an open finding stops.
    pub stops: Vec<BlockedStep>,
    pub finds: Finds,
    pub evidence: Vec<Evidence>,
    /// Whether the statement looks at rows of other regions: a person on file elsewhere.
    pub looks_elsewhere: bool,
    sql: String,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finds {
    Household,
    Person,
}

/// A value that a finding rests on.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The column of the statement.
    pub name: String,
    pub chinese: String,
    pub english: String,
    /// Whose record it stands in.
    pub of: Department,
    /// Type and field whose readers see the value.
    pub field: (String, String),
    /// Whether the statement gives its day, as `<name>_on`.
    pub dated: bool,
}

/// Which households a run looks at.
#[derive(Clone, Debug)]
pub enum Here {
    /// Those with keys from the first to the second, in regions from the third to the fourth.
    Range((i64, i64), (i64, i64)),
    /// Those of these keys.
    Keys(Arc<[i64]>),
}

/// All checks, by their ids.
#[derive(Debug)]
pub struct Checks {
    all: Vec<Check>,
}

const FIELDS: [&str; 13] = [
    "id",
    "chinese",
    "english",
    "problem",
    "resolved",
    "severity",
    "between",
    "asked",
    "stops",
    "finds",
    "looks_elsewhere",
    "evidence",
    "sql",
];

impl Checks {
    /// Reads checks, each a file by its name and text, with the pieces they share.
    ///
    /// # Errors
    /// The first mistake, with file, line and column.
    pub fn read(
        files: &[(&str, &str)],
        fragments: (&str, &str),
        matrix: &Matrix,
    ) -> Result<Self, FileError> {
        let fragments = read_fragments(fragments)?;
        let mut all: Vec<Check> = Vec::with_capacity(files.len());
        for (file, text) in files {
            let document = read(file, text)?;
            let part = Part::of(file, &document);
            let check = Check::read(part, &fragments, matrix)?;
            if all.iter().any(|other| other.id == check.id) {
                return Err(part.error(format!("{} is there already", check.id)));
            }
            all.push(check);
        }
        all.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(Checks { all })
    }

    #[must_use]
    pub fn all(&self) -> &[Check] {
        &self.all
    }

    #[must_use]
    pub fn of_id(&self, id: &str) -> Option<&Check> {
        self.all.iter().find(|check| check.id == id)
    }
}

fn read_fragments((file, text): (&str, &str)) -> Result<HashMap<String, String>, FileError> {
    let document = read(file, text)?;
    let fields = Part::of(file, &document).fields()?;
    let fragments = fields.into_iter();
    fragments
        .map(|(name, part)| Ok((name.to_owned(), part.text()?.to_owned())))
        .collect()
}

impl Check {
    fn read(
        part: Part<'_>,
        fragments: &HashMap<String, String>,
        matrix: &Matrix,
    ) -> Result<Self, FileError> {
        let fields = part.known(&FIELDS)?;
        let severity: FindingSeverity = word(fields.need("severity")?)?;
        let between = words(fields.need("between")?)?;
        let asked = fields.need("asked")?;
        let department = word(asked)?;
        if !between.contains(&department) {
            return Err(asked.error("who is asked is one of those it is between"));
        }
        let stops = match fields.get("stops") {
            Some(part) => words(part)?,
            None => vec![],
        };
        if (severity == FindingSeverity::Block) == stops.is_empty() {
            let place = fields.get("stops").unwrap_or(part);
            return Err(
                place.error("a check of severity BLOCK says what it stops, and no other does")
            );
        }
        let evidence = fields.need("evidence")?.items()?.into_iter();
        let evidence: Vec<Evidence> = evidence
            .map(|part| Evidence::read(part, matrix))
            .collect::<Result<_, _>>()?;
        let sql = fields.need("sql")?;
        let check = Check {
            id: id(fields.need("id")?)?,
            chinese: said(fields.need("chinese")?)?,
            english: said(fields.need("english")?)?,
            problem: both(fields.need("problem")?)?,
            resolved: both(fields.need("resolved")?)?,
            severity,
            between,
            asked: department,
            stops,
            finds: finds(fields.need("finds")?)?,
            looks_elsewhere: fields.text("looks_elsewhere")? == "true",
            evidence,
            sql: assembled(sql, fragments)?,
        };
        for value in &check.evidence {
            if !names(&check.sql, &value.name) || value.dated && !names(&check.sql, &value.day()) {
                return Err(sql.error(format!("the statement gives no column `{}`", value.name)));
            }
        }
        Ok(check)
    }

    /// The statement that finds its rows: household, person, subject, and for each value of the evidence the value and its
    /// day as texts, in their order.
    #[must_use]
    pub fn statement(&self, dialect: Dialect, here: &Here, today: Date) -> Statement {
        let mut columns = String::new();
        for value in &self.evidence {
            let day = match value.dated {
                true => format!("CAST(f.{} AS TEXT)", value.day()),
                false => "NULL".to_owned(),
            };
            columns += &format!(", CAST(f.{} AS TEXT), {day}", value.name);
        }
        let mut filled = Filled::new(dialect, here);
        let inner = filled.fill(&self.sql, today);
        let sql = format!(
            "SELECT f.household_id, CAST(f.person_id AS BIGINT), CAST(f.subject AS BIGINT){columns} FROM ({inner}) f \
             ORDER BY 1, 2, 3"
        );
        Statement {
            beyond: self.looks_elsewhere.then_some(Opening::Checking),
            ..Statement::new(Class::Job, sql, filled.params)
        }
    }
}

impl Evidence {
    fn read(part: Part<'_>, matrix: &Matrix) -> Result<Self, FileError> {
        let fields = part.known(&["name", "chinese", "english", "of", "field", "dated"])?;
        let field = fields.need("field")?;
        let (type_name, name) = field
            .text()?
            .split_once('.')
            .ok_or_else(|| field.error("expected a type and its field, such as Household.class"))?;
        matrix
            .has(type_name, name)
            .map_err(|_| field.error(format!("the graph has no field {type_name}.{name}")))?;
        Ok(Evidence {
            name: said(fields.need("name")?)?,
            chinese: said(fields.need("chinese")?)?,
            english: said(fields.need("english")?)?,
            of: word(fields.need("of")?)?,
            field: (type_name.to_owned(), name.to_owned()),
            dated: fields.text("dated")? == "true",
        })
    }

    fn day(&self) -> String {
        format!("{}_on", self.name)
    }
}

/// A text that is there.
fn said(part: Part<'_>) -> Result<String, FileError> {
    match part.text()?.trim() {
        "" => Err(part.error("a text is missing here")),
        text => Ok(text.to_owned()),
    }
}

/// The same in both languages.
fn both(part: Part<'_>) -> Result<(String, String), FileError> {
    let fields = part.known(&["chinese", "english"])?;
    Ok((
        said(fields.need("chinese")?)?,
        said(fields.need("english")?)?,
    ))
}

fn id(part: Part<'_>) -> Result<String, FileError> {
    let text = part.text()?;
    let number = text.strip_prefix("RC-").unwrap_or_default();
    match number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err(part.error("expected the number of a check, such as RC-17")),
    }
}

fn word<L: CodeList>(part: Part<'_>) -> Result<L, FileError> {
    let text = part.text()?;
    L::of_word(text).ok_or_else(|| {
        let words: Vec<_> = L::ENTRIES.iter().map(|entry| entry.word).collect();
        part.error(format!("`{text}` is none of {}", words.join(", ")))
    })
}

fn words<L: CodeList>(part: Part<'_>) -> Result<Vec<L>, FileError> {
    part.items()?.into_iter().map(word).collect()
}

fn finds(part: Part<'_>) -> Result<Finds, FileError> {
    match part.text()? {
        "household" => Ok(Finds::Household),
        "person" => Ok(Finds::Person),
        text => Err(part.error(format!("`{text}` is none of household, person"))),
    }
}

/// Whether a statement speaks of a column.
fn names(sql: &str, column: &str) -> bool {
    let of_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    sql.split(|character| !of_name(character))
        .any(|word| word == column)
}

const OF_A_DAY: [&str; 7] = [
    "today",
    "month",
    "month_before",
    "year",
    "school_year",
    "term",
    "term_day",
];

/// The statement with the shared pieces in it. What is left in braces is known.
fn assembled(part: Part<'_>, fragments: &HashMap<String, String>) -> Result<String, FileError> {
    let mut sql = part.text()?.to_owned();
    for (name, piece) in fragments {
        sql = sql.replace(&format!("{{{name}}}"), piece);
    }
    if !sql.contains("{here ") {
        return Err(
            part.error("`{here x}` is missing: a statement looks at the rows of the run only")
        );
    }
    for hole in holes(&sql) {
        let known = match hole.split_once(' ') {
            Some(("here" | "value", name)) => {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
            Some(_) => false,
            None => OF_A_DAY.contains(&hole),
        };
        if !known {
            return Err(part.error(format!("`{{{hole}}}` is known to nobody")));
        }
    }
    Ok(sql)
}

/// What stands in braces.
fn holes(sql: &str) -> impl Iterator<Item = &str> {
    let opened = sql.split('{').skip(1);
    opened.map(|rest| rest.split_once('}').map_or(rest, |(hole, _)| hole))
}

/// A statement into which is put what differs between databases and runs.
pub struct Filled<'a> {
    dialect: Dialect,
    here: &'a Here,
    params: Vec<Param>,
    /// The placeholders of what is bound already.
    bound: HashMap<&'static str, usize>,
}

impl<'a> Filled<'a> {
    #[must_use]
    pub fn new(dialect: Dialect, here: &'a Here) -> Self {
        Filled {
            dialect,
            here,
            params: Vec::new(),
            bound: HashMap::new(),
        }
    }

    /// The values of its placeholders.
    #[must_use]
    pub fn into_params(self) -> Vec<Param> {
        self.params
    }

    /// A text as a placeholder.
    pub fn bind_text(&mut self, text: &str) -> String {
        self.params.push(Param::Text(text.into()));
        format!("${}", self.params.len())
    }

    /// The condition that rows are those that are looked at. `h` is a household, all others name theirs.
    pub fn here(&mut self, alias: &str) -> String {
        let household = match alias {
            "h" => "h.id".to_owned(),
            alias => format!("{alias}.household_id"),
        };
        match self.here.clone() {
            Here::Range((first, last), (lo, hi)) => {
                let ends = [("first", first), ("last", last), ("lo", lo), ("hi", hi)];
                let [first, last, lo, hi] =
                    ends.map(|(name, key)| self.bind(name, || Param::I64(key)));
                format!(
                    "{household} BETWEEN ${first} AND ${last} AND {alias}.region_code BETWEEN ${lo} AND ${hi}"
                )
            }
            Here::Keys(keys) => {
                let at = self.bind("keys", || Param::I64s(keys));
                self.dialect.any(&household, at)
            }
        }
    }

    fn fill(&mut self, sql: &str, today: Date) -> String {
        let mut filled = String::with_capacity(sql.len() * 2);
        let mut rest = sql;
        while let Some((before, after)) = rest.split_once('{') {
            filled += before;
            let (hole, after) = after.split_once('}').unwrap_or((after, ""));
            filled += &match hole.split_once(' ') {
                Some(("here", alias)) => self.here(alias),
                Some((_, name)) => self.reported(name),
                None => self.of_day(hole, today),
            };
            rest = after;
        }
        filled + rest
    }

    /// A value of a reported record.
    fn reported(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Sqlite => format!("json_extract(r.values_json, '$.{name}')"),
            Dialect::Postgres => format!("(r.values_json::json ->> '{name}')"),
        }
    }

    fn of_day(&mut self, hole: &str, today: Date) -> String {
        let (school_year, autumn) = school_term(today);
        match hole {
            "today" => self.day("today", today),
            "month" => self.day("month", today.replace_day(1).unwrap_or(today)),
            "month_before" => {
                let first = today.replace_day(1).unwrap_or(today);
                let last = first.previous_day().unwrap_or(first);
                self.day("month_before", last.replace_day(1).unwrap_or(last))
            }
            "term_day" => {
                let (year, month) = match autumn {
                    true => (school_year, Month::September),
                    false => (school_year + 1, Month::March),
                };
                let day = Date::from_calendar_date(year, month, 20);
                self.day("term_day", day.unwrap_or(today))
            }
            "term" => {
                let term = if autumn { "AUTUMN" } else { "SPRING" };
                format!("CAST(${} AS TEXT)", self.bind("term", || term.into()))
            }
            "school_year" => self.number("school_year", school_year),
            _ => self.number("year", today.year()),
        }
    }

    fn number(&mut self, name: &'static str, number: i32) -> String {
        let at = self.bind(name, || Param::I64(number.into()));
        format!("CAST(${at} AS BIGINT)")
    }

    fn day(&mut self, name: &'static str, day: Date) -> String {
        let at = self.bind(name, || Param::Day(day));
        match self.dialect {
            // It has no type for days.
            Dialect::Sqlite => format!("${at}"),
            Dialect::Postgres => format!("CAST(${at} AS DATE)"),
        }
    }

    fn bind(&mut self, name: &'static str, param: impl FnOnce() -> Param) -> usize {
        if let Some(at) = self.bound.get(name) {
            return *at;
        }
        self.params.push(param());
        self.bound.insert(name, self.params.len());
        self.params.len()
    }
}

/// The school year of a day and whether it is its autumn term, which lasts from September to February.
fn school_term(day: Date) -> (i32, bool) {
    match u8::from(day.month()) {
        9.. => (day.year(), true),
        ..=2 => (day.year() - 1, true),
        _ => (day.year() - 1, false),
    }
}
