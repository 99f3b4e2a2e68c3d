//! A check as data: who is compared, how grave a difference is, who is asked, and the one statement that finds it.
//!
//! A check is a file of `checks/`. Its statement is SQL over registers and reported records that both databases run, and gives
//! for each finding `household_id`, `person_id`, `subject` (the key of the record it is about, 0 where it is about none) and the
//! values of the evidence by their names. A check that finds regions gives `region_code` instead of household and person, and is run
//! once for all regions of a run. In braces stand what differs between databases and runs:
//!
//! - `{here x}`: the rows of `x` that this run looks at; `h` is always a household. Every table that leads to findings has one.
//! - `{today}`, `{month}` (its first day), `{month_before}`, `{year}`, `{school_year}`, `{term}`, `{term_day}`: the day that is looked at.
//! - `{last_year}`: the newest calendar year that is over at the end of the day.
//! - `{days x y}`: the days from `x` to `y`.
//! - `{value name}`: a value of a reported record `r`; `{value x.name}`: of `x`.
//! - `{name}`: a piece of `checks/fragments.yaml`.
//! - `{figure benefit.name year}`: the figure of this name of the rule in force at the end of that year where household `h` is, in
//!   fen; null where the place has none.

use super::recomputed::Recomputed;
use crate::{
    authz::Matrix,
    db::{Class, Dialect, Opening, Param, Statement},
};
use ::policy::{Benefit, Catalogue, Exact};
use ::yaml::{FileError, Part, read};
use entity::{
    codes::{CodeList, Department},
    reconciliation::codes::{BlockedStep, FindingSeverity},
    region_code::RegionCode,
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
    /// What is computed of its rows, where they are no findings yet.
    pub recomputed: Option<Recomputed>,
    sql: String,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finds {
    Household,
    Person,
    /// A village, township or county: no single household.
    Region,
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
    /// No households: the regions from the first to the second.
    Regions((i64, i64)),
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
        packs: &Catalogue,
        recomputed: &[Recomputed],
    ) -> Result<Self, FileError> {
        let fragments = read_fragments(fragments, packs)?;
        let mut all: Vec<Check> = Vec::with_capacity(files.len());
        for (file, text) in files {
            let document = read(file, text)?;
            let part = Part::of(file, &document);
            let check = Check::read(part, &fragments, matrix, recomputed)?;
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

fn read_fragments(
    (file, text): (&str, &str),
    packs: &Catalogue,
) -> Result<HashMap<String, String>, FileError> {
    let document = read(file, text)?;
    let fields = Part::of(file, &document).fields()?;
    let fragments = fields.into_iter();
    fragments
        .map(|(name, part)| {
            let mut sql = part.text()?.to_owned();
            while let Some((before, hole, after)) = figure_hole(&sql) {
                let figure = figure_of(packs, hole);
                let figure =
                    figure.ok_or_else(|| part.error(format!("no pack has the figure `{hole}`")))?;
                sql = format!("{before}{figure}{after}");
            }
            Ok((name.to_owned(), sql))
        })
        .collect()
}

/// What stands before the first `{figure ..}`, in it and behind it.
fn figure_hole(sql: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = sql.split_once("{figure ")?;
    let (hole, after) = rest.split_once('}')?;
    Some((before, hole, after))
}

/// The years for which figures are looked up.
const YEARS: std::ops::RangeInclusive<i32> = 2010..=2040;

/// An expression that gives the figure of a household's place and year; the narrowest region comes first, as in the packs.
fn figure_of(packs: &Catalogue, hole: &str) -> Option<String> {
    let (name, year) = hole.split_once(' ')?;
    let (benefit, figure) = name.split_once('.')?;
    let regions = packs.packs().iter().flat_map(|pack| &pack.regions);
    let mut regions: Vec<&String> = regions.collect();
    regions.sort_by_key(|region| (std::cmp::Reverse(region.len()), region.as_str()));
    regions.dedup();
    let mut cases = String::new();
    for region in regions {
        let (lo, hi) = region.parse::<RegionCode>().ok()?.range();
        for at in YEARS {
            let end = Date::from_calendar_date(at, Month::December, 31).ok()?;
            let rule = packs.in_force(region, benefit, end);
            let fen = rule.and_then(|(_, rule)| fen_of(rule, figure));
            if let Some(fen) = fen {
                cases += &format!(
                    " WHEN {year} = {at} AND h.region_code BETWEEN {lo} AND {hi} THEN {fen}"
                );
            }
        }
    }
    (!cases.is_empty()).then(|| format!("(CASE{cases} END)"))
}

/// The amount of a figure that is one for all days of its rule.
fn fen_of(rule: &Benefit, figure: &str) -> Option<i64> {
    let found = rule.parameters.iter().find(|of| of.name == figure)?;
    let [(_, text)] = found.entries.as_slice() else {
        return None;
    };
    Exact::decimal(text.strip_suffix(" yuan")?)?.fen()
}

impl Check {
    fn read(
        part: Part<'_>,
        fragments: &HashMap<String, String>,
        matrix: &Matrix,
        recomputed: &[Recomputed],
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
        let id = id(fields.need("id")?)?;
        let recomputed = recomputed.iter().find(|of| of.check == id).copied();
        let sql = match recomputed {
            Some(of) => (of.rows)(),
            None => selected(fields.need("sql")?, fragments, &evidence)?,
        };
        Ok(Check {
            id,
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
            recomputed,
            sql,
        })
    }

    /// Whether it finds regions, and not households or members.
    #[must_use]
    pub fn is_of_regions(&self) -> bool {
        self.finds == Finds::Region
    }

    /// Whether it may find something else on one day than on another of the same data.
    #[must_use]
    pub fn differs_between(&self, one: Date, other: Date) -> bool {
        let mut named = holes(&self.sql).filter(|hole| OF_A_DAY.contains(hole));
        named.any(|hole| Told::of(hole, one) != Told::of(hole, other))
    }

    /// The statement that finds its rows: household or region, person, subject, and for each value of the evidence the value
    /// and its day as texts, in their order. Of what is recomputed it gives the rows that a room has asked for.
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
        if let Some(of) = self.recomputed {
            return Statement {
                beyond: Some(of.beyond),
                ..Statement::new(Class::Job, inner, filled.params)
            };
        }
        let of = match self.finds {
            Finds::Household | Finds::Person => "f.household_id, CAST(f.person_id AS BIGINT)",
            Finds::Region => "f.region_code, CAST(NULL AS BIGINT)",
        };
        let sql = format!(
            "SELECT {of}, CAST(f.subject AS BIGINT){columns} FROM ({inner}) f ORDER BY 1, 2, 3"
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
        "region" => Ok(Finds::Region),
        text => Err(part.error(format!("`{text}` is none of household, person, region"))),
    }
}

/// Whether a statement speaks of a column.
fn names(sql: &str, column: &str) -> bool {
    let of_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    sql.split(|character| !of_name(character))
        .any(|word| word == column)
}

const OF_A_DAY: [&str; 8] = [
    "today",
    "month",
    "month_before",
    "year",
    "last_year",
    "school_year",
    "term",
    "term_day",
];

/// The statement of a check, which gives all values of its evidence.
fn selected(
    part: Part<'_>,
    fragments: &HashMap<String, String>,
    evidence: &[Evidence],
) -> Result<String, FileError> {
    let sql = assembled(part, fragments)?;
    for value in evidence {
        if !names(&sql, &value.name) || value.dated && !names(&sql, &value.day()) {
            return Err(part.error(format!("the statement gives no column `{}`", value.name)));
        }
    }
    Ok(sql)
}

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
            Some(("here", name)) => is_name(name),
            Some(("value", name)) => match name.split_once('.') {
                Some((alias, name)) => is_name(alias) && is_name(name),
                None => is_name(name),
            },
            Some(("days", ends)) => ends.split_once(' ').is_some(),
            Some(_) => false,
            None => OF_A_DAY.contains(&hole),
        };
        if !known {
            return Err(part.error(format!("`{{{hole}}}` is known to nobody")));
        }
    }
    Ok(sql)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
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

    /// The condition that a column is one of these texts.
    pub fn any_text(&mut self, column: &str, texts: Vec<String>) -> String {
        self.params.push(Param::Texts(texts.into()));
        self.dialect.any(column, self.params.len())
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
            Here::Regions((lo, hi)) => {
                let [lo, hi] = [("lo", lo), ("hi", hi)]
                    .map(|(name, code)| self.bind(name, || Param::I64(code)));
                format!("{alias}.region_code BETWEEN ${lo} AND ${hi}")
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
                Some(("days", ends)) => self.days(ends),
                Some((_, name)) => self.reported(name),
                None => self.of_day(hole, today),
            };
            rest = after;
        }
        filled + rest
    }

    /// A value of a reported record.
    fn reported(&self, name: &str) -> String {
        let (alias, name) = name.split_once('.').unwrap_or(("r", name));
        match self.dialect {
            Dialect::Sqlite => format!("json_extract({alias}.values_json, '$.{name}')"),
            Dialect::Postgres => format!("({alias}.values_json::json ->> '{name}')"),
        }
    }

    /// Days from one to another.
    fn days(&self, ends: &str) -> String {
        let (from, to) = ends.split_once(' ').unwrap_or((ends, ends));
        match self.dialect {
            Dialect::Sqlite => format!("CAST(julianday({to}) - julianday({from}) AS BIGINT)"),
            Dialect::Postgres => format!("({to} - {from})"),
        }
    }

    fn of_day(&mut self, hole: &str, today: Date) -> String {
        let Some(name) = OF_A_DAY.into_iter().find(|name| *name == hole) else {
            return String::new();
        };
        match Told::of(name, today) {
            Told::Day(day) => {
                let at = self.bind(name, || Param::Day(day));
                match self.dialect {
                    // It has no type for days.
                    Dialect::Sqlite => format!("${at}"),
                    Dialect::Postgres => format!("CAST(${at} AS DATE)"),
                }
            }
            Told::Number(number) => {
                let at = self.bind(name, || Param::I64(number.into()));
                format!("CAST(${at} AS BIGINT)")
            }
            Told::Word(word) => format!("CAST(${} AS TEXT)", self.bind(name, || word.into())),
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

/// What a statement is told of the day that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Day(Date),
    Number(i32),
    Word(&'static str),
}

impl Told {
    /// By its name in braces.
    fn of(name: &str, today: Date) -> Self {
        let first = |day: Date| day.replace_day(1).unwrap_or(day);
        let (school_year, autumn) = school_term(today);
        match name {
            "today" => Told::Day(today),
            "month" => Told::Day(first(today)),
            "month_before" => Told::Day(first(first(today).previous_day().unwrap_or(today))),
            "term_day" => {
                let (year, month) = match autumn {
                    true => (school_year, Month::September),
                    false => (school_year + 1, Month::March),
                };
                let day = Date::from_calendar_date(year, month, 20);
                Told::Day(day.unwrap_or(today))
            }
            "term" => Told::Word(if autumn { "AUTUMN" } else { "SPRING" }),
            "school_year" => Told::Number(school_year),
            "last_year" => {
                let is_over = today
                    .next_day()
                    .is_none_or(|next| next.year() > today.year());
                Told::Number(if is_over {
                    today.year()
                } else {
                    today.year() - 1
                })
            }
            _ => Told::Number(today.year()),
        }
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
