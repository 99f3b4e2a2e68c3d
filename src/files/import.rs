//! How a kind of file is taken over: whom its rows are about, and what of them a mutation is given. A room hands over those of its
//! tables; reading files and running the mutations is the same for all.

use entity::codes::Department;
use serde_json::{Map, Value};
use time::Date;

/// A kind of file that is taken over.
#[derive(Clone, Copy)]
pub struct Import {
    /// The kind, as `files/columns` names it.
    pub kind: &'static str,
    /// Who sends it: the owner of what it changes.
    pub department: Department,
    /// The mutation that each row, or each group of rows, becomes.
    pub mutation: &'static str,
    pub about: About,
    /// The columns by which rows belong together and become one mutation. Empty: each row is by itself.
    pub together_by: &'static [&'static str],
    /// The columns which, with whom the row is about, say what it tells: a second row of the same is a contradiction.
    pub once_by: &'static [&'static str],
    /// The input of the mutation, of the rows that belong together.
    pub input: fn(&[ImportRow]) -> Value,
    /// What is on record already.
    pub recorded: Option<Recorded>,
    /// What cells have to say where they say anything: other rows are taken over one by one by hand.
    pub only: &'static [Only],
    /// How the mutation takes many of them at once, where it does.
    pub many: Option<Many>,
    /// What is kept of a row that the register does not take.
    pub reported: Option<Reported>,
}

/// What a cell has to say where it says anything, since the mutation does not take it.
#[derive(Clone, Copy, Debug)]
pub struct Only {
    pub column: &'static str,
    /// The field of the record: one that has the same is left as it is.
    pub field: Option<&'static str>,
    pub says: Says,
}

/// What a cell may say.
#[derive(Clone, Copy, Debug)]
pub enum Says {
    /// One of these words of its code list.
    OneOf(&'static [&'static str]),
    /// A day that has not come.
    NotYet,
    /// No day, no word, and no amount but zero.
    Nothing,
}

impl Only {
    #[must_use]
    pub fn allows(&self, cell: &Value, today: Date) -> bool {
        let cell = cell.as_str().unwrap_or_default();
        match self.says {
            Says::OneOf(words) => words.contains(&cell),
            // Written as 2018-03-01, so that texts are in the order of their days.
            Says::NotYet => cell > today.to_string().as_str(),
            Says::Nothing => cell == "0.00",
        }
    }
}

/// What is kept of a row about a household on file that the register does not take.
#[derive(Clone, Copy, Debug)]
pub struct Reported {
    /// The column of the day that it tells.
    pub on: Option<&'static str>,
    /// The columns that are kept, none of them a name or a number of somebody.
    pub told: &'static [&'static str],
    /// A contradiction that a check of its own looks for.
    pub seen: Option<Seen>,
}

/// A contradiction that a check of its own looks for.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// With what the mutation refuses it.
    pub code: &'static str,
    /// What the check calls such a report.
    pub kind: &'static str,
    /// The values that it reads, each with its column.
    pub values: &'static [(&'static str, &'static str)],
}

/// How a mutation takes many households at once, all or none. They are known by their cards.
#[derive(Clone, Copy, Debug)]
pub struct Many {
    /// The list in its input.
    pub list: &'static str,
    /// How many of them.
    pub most: usize,
}

/// Whom a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A member of a household: found by the citizen number, or by name and household card.
    Person(Place),
    /// The household of the person who is named, who is its head or another member.
    Household(Place),
    /// A household by its card, which stands in the input.
    Card,
    /// The mutation finds whom it is about by itself.
    Nobody,
}

/// Where a mutation takes the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Argument(&'static str),
    Input(&'static str),
}

/// What is on record already, and how it is known to be the same.
#[derive(Clone, Copy, Debug)]
pub struct Recorded {
    /// The query that finds it, where it is not below whom the row is about.
    pub listed: Option<Listed>,
    /// The list below the person or household, such as `["health", "enrolments"]`; an object counts as a list of one.
    pub path: &'static [&'static str],
    /// Fields of the record by which it is the one that the row tells of, each with the field of the input.
    pub by: &'static [(&'static str, &'static str)],
    /// Fields that are compared: where all agree there is nothing to do.
    pub same: &'static [(&'static str, &'static str)],
    /// A list of the record, and of the input, whose entries are compared by these fields.
    pub each: Option<(&'static str, &'static [&'static str])>,
    /// Where the mutation corrects or follows the record: what of it, such as its version, goes into which fields of the input.
    pub corrected_by: &'static [(&'static str, &'static str)],
}

/// A query of a list by which a record is found: its `nodes`.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    pub query: &'static str,
    /// The text of its filter, and the field of the input that it takes.
    pub filter: &'static str,
    pub by: &'static str,
}

/// The cells of a row, by column, as the graph writes values.
#[derive(Clone, Debug, Default)]
pub struct ImportRow {
    /// The row, as a spreadsheet shows it.
    pub number: u64,
    pub cells: Map<String, Value>,
    /// The person whom it is about, where it is about one, by global id.
    pub person: Option<String>,
}

impl ImportRow {
    /// The first of the rows that belong together.
    #[must_use]
    pub fn first(rows: &[ImportRow]) -> ImportRow {
        rows.first().cloned().unwrap_or_default()
    }

    /// A cell; null where it is empty or the file has no such column.
    #[must_use]
    pub fn get(&self, column: &str) -> Value {
        self.cells.get(column).cloned().unwrap_or_default()
    }

    /// A cell, or this where it is empty.
    #[must_use]
    pub fn get_or(&self, column: &str, otherwise: &str) -> Value {
        match self.get(column) {
            Value::Null => Value::from(otherwise),
            cell => cell,
        }
    }
}
