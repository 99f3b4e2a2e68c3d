//! What the rooms know of households that rules ask for: each room states its facts, and how they are read on a day.
//!
//! A source is one statement, whatever the number of households. A fact is read for the rule, not for the viewer; what the
//! viewer may see of it is decided where an answer is shown, by the field of the graph that shows the same.

use crate::db::{BadCell, Cell, Class, Dialect, Param, Row, Statement};
use ::policy::{Exact, Subject, Value, Vocabulary};
use entity::codes::Department;
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
    /// `{first_day}` for the first day of that.
    pub sql: &'static str,
    /// The column of the household, such as `t.household_id`.
    pub household: &'static str,
}

/// What nobody keeps yet, so that rules that depend on it say so.
pub const NOT_KEPT: &[(Department, Subject, FactColumn)] = &[
    (
        Department::Hrss,
        Subject::Member,
        FactColumn::new(
            "pension_premium",
            "养老保险应缴保费",
            Kept::Fen,
            Absent::Unknown,
            ("Person", "pensionEnrolled"),
        ),
    ),
    (
        Department::Health,
        Subject::Member,
        FactColumn::new(
            "frail_or_immobile",
            "年老体弱或行动不便",
            Kept::Bool,
            Absent::Unknown,
            ("Person", "health"),
        ),
    ),
    (
        Department::Health,
        Subject::Member,
        FactColumn::new(
            "home_bed_applied",
            "已申请家庭病床",
            Kept::Bool,
            Absent::Unknown,
            ("Person", "health"),
        ),
    ),
    (
        Department::Agri,
        Subject::Household,
        FactColumn::new(
            "choice_signed",
            "已签订菜单选择",
            Kept::Bool,
            Absent::Unknown,
            ("HouseholdLiving", "livestock"),
        ),
    ),
    (
        Department::Agri,
        Subject::Household,
        FactColumn::new(
            "plan_approved",
            "产业计划已批准",
            Kept::Bool,
            Absent::Unknown,
            ("HouseholdLiving", "livestock"),
        ),
    ),
    (
        Department::Agri,
        Subject::Household,
        FactColumn::new(
            "industry_accepted",
            "产业项目已验收",
            Kept::Bool,
            Absent::Unknown,
            ("HouseholdLiving", "livestock"),
        ),
    ),
    (
        Department::Bank,
        Subject::Loan,
        FactColumn::new(
            "benchmark_rate_percent",
            "基准利率",
            Kept::BasisPoints,
            Absent::Unknown,
            ("Loan", "rate"),
        ),
    ),
];

/// All facts, and the names that packs read them by.
pub struct Facts {
    pub sources: Vec<FactSource>,
    pub vocabulary: Vocabulary,
    /// By place in the vocabulary.
    columns: Vec<(Department, FactColumn, &'static str)>,
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
            columns: vec![],
        };
        let own = ("Household", "id");
        for (name, chinese, kept) in [(AS_OF, "日期", Kept::Day), (YEAR, "年度", Kept::Count)] {
            let column = FactColumn::new(name, chinese, kept, Absent::Unknown, own).fixed();
            facts.add(Department::Poverty, Subject::Household, column, "");
        }
        for source in &sources {
            for column in source.facts {
                facts.add(source.department, source.of, *column, source.record);
            }
        }
        for (department, of, column) in NOT_KEPT {
            facts.add(*department, *of, *column, "");
        }
        facts.sources = sources;
        facts
    }

    fn add(
        &mut self,
        department: Department,
        of: Subject,
        column: FactColumn,
        record: &'static str,
    ) {
        self.vocabulary
            .add(column.name, &column.type_name(), of, column.fixed);
        self.columns.push((department, column, record));
    }

    /// Who says a fact, what it is, and the type of the record it stands in.
    #[must_use]
    pub fn column(&self, place: usize) -> &(Department, FactColumn, &'static str) {
        &self.columns[place]
    }
}

/// The households that facts are read of.
#[derive(Clone, Debug)]
pub enum Of {
    These(std::sync::Arc<[i64]>),
}

impl FactSource {
    /// Its rows of households on a day.
    #[must_use]
    pub fn statement(&self, dialect: Dialect, households: &Of, day: Date) -> Statement {
        let Of::These(ids) = households;
        let mut params = vec![Param::I64s(ids.clone())];
        let mut sql = self
            .sql
            .replace("{household}", &dialect.any(self.household, 1));
        let first_day = Date::from_calendar_date(day.year(), Month::January, 1).unwrap_or(day);
        for (name, param) in [
            ("{day}", Param::Day(day)),
            ("{year}", Param::I64(day.year().into())),
            ("{first_day}", Param::Day(first_day)),
        ] {
            if sql.contains(name) {
                params.push(param);
                sql = sql.replace(name, &format!("${}", params.len()));
            }
        }
        Statement::new(Class::ByHousehold, sql, params)
    }
}

/// A fact as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub value: Option<Value>,
    pub record: Option<i64>,
    pub on: Option<Date>,
}

/// A row of a source.
pub struct FactRow {
    pub household: i64,
    pub person: Option<i64>,
    pub record: Option<i64>,
    pub found: Vec<Found>,
}

impl FactSource {
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
        let mut found = Vec::with_capacity(self.facts.len());
        for (place, column) in self.facts.iter().enumerate() {
            let cell = row.cell(4 + place);
            let value = match cell.is_null() {
                true => column.without_record(),
                false => Some(column.kept.value(cell)?),
            };
            found.push(Found { value, record, on });
        }
        Ok(FactRow {
            household: row.cell(0).int()?,
            person,
            record,
            found,
        })
    }
}
