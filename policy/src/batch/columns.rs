//! Facts of many subjects in memory, a column a fact.

use crate::{
    answer::{NoAnswer, is_counted},
    number::Exact,
    pack::{Benefit, Fact},
    value::{Type, Value, YearMonth},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use time::Date;

/// A fact of one subject.
#[derive(Clone, Debug)]
pub enum Cell<'c> {
    Unknown,
    Fen(i64),
    Whole(i64),
    Bool(bool),
    Word(&'c str),
    Date(Date),
    Month(YearMonth),
    /// Any other: a number with a fraction, a list, a record.
    Value(Value),
}

/// Benefits do not agree on what a fact is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fact `{fact}` of {benefit} is of another type in another benefit")]
pub struct Apart {
    pub fact: String,
    pub benefit: String,
}

/// A fact that benefits share by its name.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub name: String,
    /// Its type where it is known.
    pub ty: Type,
    counted: bool,
}

impl Shared {
    /// The facts of all benefits, and for each benefit where its own are.
    pub fn of(benefits: &[&Benefit]) -> Result<(Vec<Shared>, Vec<Vec<usize>>), Apart> {
        let mut all: Vec<Shared> = Vec::new();
        let mut places = Vec::new();
        for benefit in benefits {
            let own = benefit.facts.iter().map(|fact| shared(&mut all, fact));
            let own: Result<Vec<usize>, &Fact> = own.collect();
            places.push(own.map_err(|fact| Apart {
                fact: fact.name.clone(),
                benefit: benefit.id.clone(),
            })?);
        }
        Ok((all, places))
    }

    /// How many parts of one a number is counted in.
    pub fn parts(&self) -> i64 {
        match self.ty {
            Type::Yuan => 100,
            Type::Number | Type::Area if !self.counted => 100,
            _ => 1,
        }
    }

    fn holds(&self, value: &Value) -> bool {
        holds(&self.ty, value) && (!self.counted || is_counted(value))
    }
}

fn shared<'f>(all: &mut Vec<Shared>, fact: &'f Fact) -> Result<usize, &'f Fact> {
    let known = fact.ty.known();
    match all.iter().position(|shared| shared.name == fact.name) {
        Some(place) => {
            let shared = &all[place];
            let same = shared.ty == *known && shared.counted == fact.counted;
            if same { Ok(place) } else { Err(fact) }
        }
        None => {
            all.push(Shared {
                name: fact.name.clone(),
                ty: known.clone(),
                counted: fact.counted,
            });
            Ok(all.len() - 1)
        }
    }
}

/// Whether a value is of a type.
fn holds(ty: &Type, value: &Value) -> bool {
    match (ty, value) {
        (Type::Optional(_), Value::None)
        | (Type::Number | Type::Area, Value::Number(_))
        | (Type::Bool, Value::Bool(_))
        | (Type::Date, Value::Date(_))
        | (Type::Month, Value::Month(_)) => true,
        (Type::Optional(of), value) => holds(of, value),
        (Type::Yuan, Value::Number(amount)) => amount.fen().is_some(),
        (Type::Word(words), Value::Word(word)) => words.is_empty() || words.contains(word),
        (Type::List(of), Value::List(items)) => items.iter().all(|item| holds(of, item)),
        (Type::Map(of), Value::Map(fields)) => fields.iter().all(|(_, value)| holds(of, value)),
        (Type::Record(types), Value::Map(fields)) if types.len() == fields.len() => {
            let mut both = types.iter().zip(fields.iter());
            both.all(|((name, ty), (field, value))| name == field && holds(ty, value))
        }
        _ => false,
    }
}

/// The words of rules and facts, by their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    numbers: HashMap<Arc<str>, i64>,
    words: Vec<Arc<str>>,
}

impl Words {
    pub fn number(&mut self, word: &str) -> i64 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = i64::try_from(self.words.len()).unwrap_or(i64::MAX);
        let word: Arc<str> = word.into();
        self.words.push(word.clone());
        self.numbers.insert(word, number);
        number
    }
    pub fn word(&self, number: i64) -> Option<&Arc<str>> {
        self.words.get(usize::try_from(number).ok()?)
    }
}

/// The values of one fact.
#[derive(Debug)]
pub(super) struct Column {
    values: Stored,
    /// By row, once there is one that is not known.
    unknown: Option<Vec<bool>>,
}

/// As narrow as they can be: a million households of twenty rules are some hundred bytes each.
#[derive(Debug)]
enum Stored {
    Bools(Vec<bool>),
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
    /// What no lane holds: lists and records.
    Values(Vec<Value>),
}

impl Column {
    pub fn new(fact: &Shared) -> Self {
        let values = match fact.ty {
            Type::Bool => Stored::Bools(vec![]),
            Type::Word(_) | Type::Date | Type::Month => Stored::Narrow(vec![]),
            Type::Number if fact.counted => Stored::Narrow(vec![]),
            Type::Yuan | Type::Number | Type::Area => Stored::Wide(vec![]),
            _ => Stored::Values(vec![]),
        };
        let unknown = None;
        Column { values, unknown }
    }

    fn reserve(&mut self, rows: usize) {
        match &mut self.values {
            Stored::Bools(values) => values.reserve_exact(rows),
            Stored::Narrow(values) => values.reserve_exact(rows),
            Stored::Wide(values) => values.reserve_exact(rows),
            Stored::Values(values) => values.reserve_exact(rows),
        }
    }

    /// Fills a lane with the numbers of some rows.
    pub fn load(&self, first: usize, lane: &mut [i64]) {
        let rows = first..first + lane.len();
        match &self.values {
            Stored::Bools(values) => {
                for (lane, value) in lane.iter_mut().zip(&values[rows]) {
                    *lane = i64::from(*value);
                }
            }
            Stored::Narrow(values) => {
                for (lane, value) in lane.iter_mut().zip(&values[rows]) {
                    *lane = i64::from(*value);
                }
            }
            Stored::Wide(values) => lane.copy_from_slice(&values[rows]),
            Stored::Values(_) => lane.fill(0),
        }
    }
    /// Fills a lane with whether they are known.
    pub fn load_known(&self, first: usize, lane: &mut [i64]) {
        match self.unknown(first, lane.len()) {
            None => lane.fill(1),
            Some(unknown) => {
                for (lane, unknown) in lane.iter_mut().zip(unknown) {
                    *lane = i64::from(!unknown);
                }
            }
        }
    }
    /// Whether some rows are not known, where any of the column is not.
    pub fn unknown(&self, first: usize, rows: usize) -> Option<&[bool]> {
        self.unknown
            .as_ref()
            .map(|unknown| &unknown[first..first + rows])
    }

    fn value(&self, fact: &Shared, words: &Words, row: usize) -> Value {
        if self.unknown.as_ref().is_some_and(|unknown| unknown[row]) {
            return Value::None;
        }
        let number = match &self.values {
            Stored::Bools(values) => return Value::Bool(values[row]),
            Stored::Values(values) => return values[row].clone(),
            Stored::Narrow(values) => i64::from(values[row]),
            Stored::Wide(values) => values[row],
        };
        value_of(&fact.ty, number, fact.parts(), words)
    }

    fn push(&mut self, row: usize, put: Put, cell: &Cell<'_>) {
        if put == Put::Unknown {
            self.unknown.get_or_insert_with(|| vec![false; row]);
        }
        if let Some(unknown) = &mut self.unknown {
            unknown.push(put == Put::Unknown);
        }
        let number = match put {
            Put::Number(number) => number,
            Put::Unknown | Put::Other => 0,
        };
        match &mut self.values {
            Stored::Bools(values) => values.push(number != 0),
            // Only numbers that fit come here.
            Stored::Narrow(values) => values.push(i32::try_from(number).unwrap_or(0)),
            Stored::Wide(values) => values.push(number),
            Stored::Values(values) => values.push(value(cell)),
        }
    }
}

/// The value that a lane holds as a number.
pub(super) fn value_of(ty: &Type, number: i64, parts: i64, words: &Words) -> Value {
    let narrow = i32::try_from(number).ok();
    let value = match ty {
        Type::Bool => Some(Value::Bool(number != 0)),
        Type::Word(_) => words.word(number).cloned().map(Value::Word),
        Type::Date => narrow
            .and_then(|day| Date::from_julian_day(day).ok())
            .map(Value::Date),
        Type::Month => narrow.and_then(YearMonth::of_count).map(Value::Month),
        _ => Exact::parts(number, parts).map(Value::Number),
    };
    value.unwrap_or(Value::None)
}

/// What is put into a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    Unknown,
    Number(i64),
    /// What no lane holds.
    Other,
}

/// The facts of many subjects.
#[derive(Debug)]
pub(super) struct Table {
    pub facts: Arc<[Shared]>,
    pub columns: Vec<Column>,
    pub words: Words,
    pub rows: usize,
    /// The facts of subjects of whom a number does not fit its column.
    pub odd: BTreeMap<usize, Vec<Value>>,
    puts: Vec<Put>,
}

impl Table {
    pub fn new(facts: Arc<[Shared]>, words: Words) -> Self {
        let columns = facts.iter().map(Column::new).collect();
        Table {
            facts,
            columns,
            words,
            rows: 0,
            odd: BTreeMap::new(),
            puts: vec![],
        }
    }

    pub fn reserve(&mut self, rows: usize) {
        for column in &mut self.columns {
            column.reserve(rows);
        }
    }

    pub fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), NoAnswer> {
        let facts = self.facts.clone();
        if let Some(missing) = facts.get(cells.len()) {
            return Err(NoAnswer::Missing(missing.name.clone()));
        }
        if cells.len() > facts.len() {
            return Err(NoAnswer::UnknownInput(format!("number {}", facts.len())));
        }
        self.puts.clear();
        let mut fits = true;
        for (fact, cell) in facts.iter().zip(cells) {
            let put = put(fact, cell, &mut self.words).ok_or_else(|| NoAnswer::Wrong {
                name: fact.name.clone(),
                expected: fact.ty.to_string(),
            })?;
            fits &= put != Put::Other || !is_number_or_word(&fact.ty);
            self.puts.push(put);
        }
        if !fits {
            let values = cells.iter().take(facts.len()).map(value);
            self.odd.insert(self.rows, values.collect());
        }
        let puts = self.puts.iter().zip(cells);
        for (column, (put, cell)) in self.columns.iter_mut().zip(puts) {
            column.push(self.rows, *put, cell);
        }
        self.rows += 1;
        Ok(())
    }

    /// A fact of a row, exactly.
    pub fn value(&self, row: usize, fact: usize) -> Value {
        match self.odd.get(&row) {
            Some(values) => values[fact].clone(),
            None => self.columns[fact].value(&self.facts[fact], &self.words, row),
        }
    }
}

/// Whether a number stands for each value of a type that is not too large.
fn is_number_or_word(ty: &Type) -> bool {
    !matches!(ty, Type::List(_) | Type::Map(_) | Type::Record(_))
}

/// The number that goes into the column, where one does; none where the fact is of another type.
fn put(fact: &Shared, cell: &Cell<'_>, words: &mut Words) -> Option<Put> {
    let number = match (cell, &fact.ty) {
        (Cell::Unknown, _) | (Cell::Value(Value::None), _) => return Some(Put::Unknown),
        (Cell::Fen(fen), Type::Yuan) => Some(*fen),
        (Cell::Whole(number), Type::Number | Type::Area) if !fact.counted || *number >= 0 => {
            number.checked_mul(fact.parts())
        }
        (Cell::Bool(value), Type::Bool) => Some(i64::from(*value)),
        (Cell::Word(word), Type::Word(known))
            if known.is_empty() || known.iter().any(|known| **known == **word) =>
        {
            Some(words.number(word))
        }
        (Cell::Date(day), Type::Date) => Some(day.to_julian_day().into()),
        (Cell::Month(month), Type::Month) => Some(month.count().into()),
        (Cell::Value(value), _) if fact.holds(value) => number_of(value, fact.parts(), words),
        _ => return None,
    };
    let narrow = fact.counted || matches!(fact.ty, Type::Word(_));
    let number = number.filter(|number| !narrow || i32::try_from(*number).is_ok());
    Some(number.map_or(Put::Other, Put::Number))
}

/// The number that stands for a value in a lane, where one does.
pub(super) fn number_of(value: &Value, parts: i64, words: &mut Words) -> Option<i64> {
    match value {
        Value::Number(number) => number.count_of(parts),
        Value::Bool(value) => Some(i64::from(*value)),
        Value::Word(word) => Some(words.number(word)),
        Value::Date(day) => Some(day.to_julian_day().into()),
        Value::Month(month) => Some(month.count().into()),
        Value::None | Value::List(_) | Value::Map(_) => None,
    }
}

fn value(cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Unknown => Value::None,
        Cell::Fen(fen) => Exact::parts(*fen, 100).map_or(Value::None, Value::Number),
        Cell::Whole(number) => Value::Number(Exact::whole(*number)),
        Cell::Bool(value) => Value::Bool(*value),
        Cell::Word(word) => Value::Word((*word).into()),
        Cell::Date(day) => Value::Date(*day),
        Cell::Month(month) => Value::Month(*month),
        Cell::Value(value) => value.clone(),
    }
}
