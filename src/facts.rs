//! What the rooms know of households that rules ask for: each room states its facts, and how they are read on a day.
//!
//! A source is one statement, whatever the number of households. A fact is read for the rule, not for the viewer; what the
//! viewer may see of it is decided where an answer is shown, by the field of the graph that shows the same.

use crate::db::{BadCell, Cell, Class, Dialect, Param, Row, Statement};
use ::policy::{Exact, Subject, Value, Vocabulary};
use entity::codes::Department;
use std::sync::Arc;
use time::{Date, Month};

/// How a column holds a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    Bool,
    Count,
    /// Fen, of an amount in yuan.
    Fen,
    /// Hundredths of a percent, of a rate in percent.
    BasisPoints,
    /// Square decimetres, of an area in square metres.
    SquareDecimetres,
    Day,
    /// A word of a code list; packs write words small.
    Word,
}

impl Kept {
    /// The type as packs write it.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Kept::Bool => "bool",
            Kept::Count => "count",
            Kept::Fen => "yuan",
            Kept::BasisPoints => "percent",
            Kept::SquareDecimetres => "m2",
            Kept::Day => "date",
            Kept::Word => "word",
        }
    }

    fn value(self, cell: Cell<'_>) -> Result<Value, BadCell> {
        let hundredths = |number: i64| {
            let exact = Exact::whole(number).over(Exact::whole(100));
            exact.map(Value::Number).ok_or(BadCell::UNKNOWN)
        };
        match self {
            Kept::Bool => cell.boolean().map(Value::Bool),
            Kept::Count => cell.int().map(|number| Value::Number(Exact::whole(number))),
            Kept::Fen | Kept::BasisPoints | Kept::SquareDecimetres => hundredths(cell.int()?),
            Kept::Day => cell.day().map(Value::Date),
            Kept::Word => cell
                .text()
                .map(|word| Value::Word(word.to_lowercase().into())),
        }
    }
}

/// What is so where there is no row, or nothing in the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// Nobody has recorded it: the rule can't be answered where it depends on it.
    Unknown,
    /// No record, no such thing: not in school, no certificate.
    None,
    /// No record means no.
    No,
    /// No record means zero.
    Zero,
}

/// A fact: a column of a source.
#[derive(Clone, Copy, Debug)]
pub struct FactColumn {
    /// Its name in packs.
    pub name: &'static str,
    /// What it is called (名称).
    pub chinese: &'static str,
    pub kept: Kept,
    pub absent: Absent,
    /// The field of the graph that shows it: who may read that may read the fact.
    pub field: (&'static str, &'static str),
    /// Nobody can change it.
    pub fixed: bool,
}

impl FactColumn {
    #[must_use]
    pub const fn new(
        name: &'static str,
        chinese: &'static str,
        kept: Kept,
        absent: Absent,
        field: (&'static str, &'static str),
    ) -> Self {
        FactColumn {
            name,
            chinese,
            kept,
            absent,
            field,
            fixed: false,
        }
    }

    /// Of what nobody can change.
    #[must_use]
    pub const fn fixed(mut self) -> Self {
        self.fixed = true;
        self
    }

    /// What is so where there is nothing; none is "nobody knows".
    #[must_use]
    pub fn without_record(&self) -> Option<Value> {
        match self.absent {
            Absent::Unknown => None,
            Absent::None => Some(Value::None),
            Absent::No => Some(Value::Bool(false)),
            Absent::Zero => Some(Value::Number(Exact::whole(0))),
        }
    }

    fn type_name(&self) -> String {
        let optional = if self.absent == Absent::None { "?" } else { "" };
        format!("{}{optional}", self.kept.type_name())
    }
}

/// Facts that come of one statement.
#[derive(Clone, Copy, Debug)]
pub struct FactSource {
    /// Who says so.
    pub department: Department,
    /// Whose facts they are.
    pub of: Subject,
    /// The object of the graph that a row's record is; empty where a row sums up several.
    pub record: &'static str,
    pub facts: &'static [FactColumn],
    /// Selects household, person, record and day, then the facts; of several rows of one subject the first counts.
    /// `{household}` stands for the condition on the households, `{day}` for the day asked about, `{year}` for its year,
    /// `{first_day}` for the first day of that. Empty: nobody keeps them yet, so that rules that depend on them say so.
    pub sql: &'static str,
    /// The column of the household, such as `t.household_id`.
    pub household: &'static str,
}

impl FactSource {
    /// Facts that nobody keeps yet.
    #[must_use]
    pub const fn not_kept(
        department: Department,
        of: Subject,
        facts: &'static [FactColumn],
    ) -> Self {
        FactSource {
            department,
            of,
            record: "",
            facts,
            sql: "",
            household: "",
        }
    }
}

/// What a text asks for beside the households.
#[derive(Clone, Copy, Debug)]
enum Asks {
    Day,
    Year,
    FirstDay,
}

impl Asks {
    const NAMES: [(&'static str, Asks); 3] = [
        ("{day}", Asks::Day),
        ("{year}", Asks::Year),
        ("{first_day}", Asks::FirstDay),
    ];

    fn param(self, day: Date) -> Param {
        match self {
            Asks::Day => Param::Day(day),
            Asks::Year => Param::I64(day.year().into()),
            Asks::FirstDay => {
                Param::Day(Date::from_calendar_date(day.year(), Month::January, 1).unwrap_or(day))
            }
        }
    }
}

/// A statement as a database takes it.
#[derive(Clone, Debug)]
struct Text {
    sql: Arc<str>,
    asks: Vec<Asks>,
}

impl Text {
    fn of(source: &FactSource, dialect: Dialect) -> Self {
        let condition = dialect.any(source.household, 1);
        let mut sql = source.sql.replace("{household}", &condition);
        let mut asks = Vec::new();
        for (name, ask) in Asks::NAMES {
            if sql.contains(name) {
                asks.push(ask);
                sql = sql.replace(name, &format!("${}", asks.len() + 1));
            }
        }
        Text {
            sql: sql.into(),
            asks,
        }
    }
}

/// A source, ready to be read.
#[derive(Clone, Debug)]
pub struct Source {
    stated: FactSource,
    /// The place of its first fact in the vocabulary.
    first: usize,
    sqlite: Text,
    postgres: Text,
}

impl Source {
    /// Whose facts they are.
    #[must_use]
    pub fn of(&self) -> Subject {
        self.stated.of
    }

    /// The places of its facts in the vocabulary.
    #[must_use]
    pub fn places(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.stated.facts.len()
    }

    /// Its rows of households on a day.
    #[must_use]
    pub fn statement(&self, dialect: Dialect, households: &Arc<[i64]>, day: Date) -> Statement {
        let text = match dialect {
            Dialect::Sqlite => &self.sqlite,
            Dialect::Postgres => &self.postgres,
        };
        let asks = text.asks.iter().map(|ask| ask.param(day));
        let params = [Param::I64s(households.clone())].into_iter().chain(asks);
        Statement::new(Class::ByHousehold, text.sql.clone(), params.collect())
    }

    /// Reads a row.
    ///
    /// # Errors
    /// A cell that is not what the source says.
    pub fn read(&self, row: &Row) -> Result<FactRow, BadCell> {
        let optional = |at: usize| {
            let cell = row.cell(at);
            (!cell.is_null()).then(|| cell.int()).transpose()
        };
        let (person, record) = (optional(1)?, optional(2)?);
        let on = row.cell(3);
        let on = (!on.is_null()).then(|| on.day()).transpose()?;
        let mut values = Vec::with_capacity(self.stated.facts.len());
        for (place, column) in self.stated.facts.iter().enumerate() {
            let cell = row.cell(4 + place);
            values.push(match cell.is_null() {
                true => column.without_record(),
                false => Some(column.kept.value(cell)?),
            });
        }
        Ok(FactRow {
            household: row.cell(0).int()?,
            person,
            record,
            on,
            values,
        })
    }
}

/// A row of a source.
pub struct FactRow {
    pub household: i64,
    pub person: Option<i64>,
    /// The record that the facts stand in, and since when or of which day they are.
    pub record: Option<i64>,
    pub on: Option<Date>,
    /// By place in the source; `None` is what nobody recorded.
    pub values: Vec<Option<Value>>,
}

/// A fact among all.
#[derive(Clone, Copy, Debug)]
pub struct StatedFact {
    /// Who says so.
    pub department: Department,
    /// Whose fact it is.
    pub of: Subject,
    pub column: FactColumn,
    /// The object of the graph that it stands in; empty where it sums up several.
    pub record: &'static str,
}

/// All facts, and the names that packs read them by.
pub struct Facts {
    pub sources: Vec<Source>,
    pub vocabulary: Vocabulary,
    /// By place in the vocabulary.
    stated: Vec<StatedFact>,
}

/// The day that is asked about.
pub const AS_OF: &str = "as_of";
/// Its year.
pub const YEAR: &str = "year";

impl Facts {
    /// The facts of these sources.
    #[must_use]
    pub fn of(sources: Vec<FactSource>) -> Self {
        let mut facts = Facts {
            sources: vec![],
            vocabulary: Vocabulary::default(),
            stated: vec![],
        };
        for (name, chinese, kept) in [(AS_OF, "日期", Kept::Day), (YEAR, "年度", Kept::Count)] {
            facts.add(StatedFact {
                department: Department::Poverty,
                of: Subject::Household,
                column: FactColumn::new(
                    name,
                    chinese,
                    kept,
                    Absent::Unknown,
                    ("Entitlement", "status"),
                )
                .fixed(),
                record: "",
            });
        }
        for stated in sources {
            let first = facts.stated.len();
            for column in stated.facts {
                facts.add(StatedFact {
                    department: stated.department,
                    of: stated.of,
                    column: *column,
                    record: stated.record,
                });
            }
            if !stated.sql.is_empty() {
                facts.sources.push(Source {
                    sqlite: Text::of(&stated, Dialect::Sqlite),
                    postgres: Text::of(&stated, Dialect::Postgres),
                    stated,
                    first,
                });
            }
        }
        facts
    }

    fn add(&mut self, fact: StatedFact) {
        let column = fact.column;
        self.vocabulary
            .add(column.name, &column.type_name(), fact.of, column.fixed);
        self.stated.push(fact);
    }

    /// The facts, by place in the vocabulary.
    #[must_use]
    pub fn stated(&self) -> &[StatedFact] {
        &self.stated
    }
}
