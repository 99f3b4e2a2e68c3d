//! A block of rows as it is computed, and its answers.

use super::{
    Part,
    columns::{Table, Words, number_of, value_of},
    kernel::{BLOCK, Lanes, Source},
    outputs::{Kind, Output, kind, stages_of},
    plan::Plan,
};
use crate::{
    answer::{NoAnswer, Trace, taken, unwritable},
    formula::Fault,
    number::Exact,
    pack::{Benefit, Given, What},
    value::{Type, Value},
};

/// What came of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Answered,
    /// No rule is in force.
    NotInForce,
    /// A fact that has to be known is not.
    Missing,
    /// There is no answer: see [`Lines::failures`].
    Failed,
}

/// A number for each row, and whether it is known.
#[derive(Debug, Default)]
struct Line {
    numbers: Vec<i64>,
    known: Vec<bool>,
}

/// The answers of a benefit for a block; used again for the next one.
pub(super) struct Block<'t> {
    table: &'t Table,
    first: usize,
    rows: usize,
    status: Vec<Status>,
    failures: Vec<(usize, NoAnswer)>,
    lines: Vec<Line>,
    /// What a row that is computed by itself needs.
    frame: Vec<Value>,
    numbers: Vec<Option<i64>>,
    words: Words,
}

impl<'t> Block<'t> {
    pub fn new(compiled: &super::Compiled<'_>, table: &'t Table) -> Self {
        let outputs = compiled.benefits.iter().map(|part| part.outputs.len());
        let line = || Line {
            numbers: vec![0; BLOCK],
            known: vec![false; BLOCK],
        };
        Block {
            table,
            first: 0,
            rows: 0,
            status: vec![Status::Answered; BLOCK],
            failures: vec![],
            lines: (0..outputs.max().unwrap_or(0)).map(|_| line()).collect(),
            frame: vec![],
            numbers: vec![],
            words: table.words.clone(),
        }
    }

    pub fn compute(&mut self, part: &Part<'_>, first: usize, lanes: &mut Lanes) {
        (self.first, self.rows) = (first, lanes.rows);
        self.failures.clear();
        self.status.fill(Status::Answered);
        match &part.plan {
            Some(plan) => {
                lanes.marked.fill(false);
                for instruction in &plan.instructions {
                    lanes.run(instruction);
                }
                self.take(plan, lanes);
            }
            None => lanes.marked.fill(true),
        }
        for (row, _) in self.table.odd.range(first..first + self.rows) {
            lanes.marked[row - first] = true;
        }
        self.leave_missing(part, &mut lanes.marked);
        for row in 0..self.rows {
            if lanes.marked[row] {
                self.alone(part, row);
            }
        }
    }

    fn take(&mut self, plan: &Plan, lanes: &Lanes) {
        for (line, (number, known)) in self.lines.iter_mut().zip(&plan.outputs) {
            match number {
                Source::One(number) => line.numbers[..self.rows].fill(*number),
                Source::Lane(lane) => line.numbers[..self.rows].copy_from_slice(lanes.lane(*lane)),
            }
            match known {
                Source::One(known) => line.known[..self.rows].fill(*known != 0),
                Source::Lane(lane) => {
                    for (known, number) in line.known.iter_mut().zip(lanes.lane(*lane)) {
                        *known = *number != 0;
                    }
                }
            }
        }
        match plan.in_force {
            Some(Source::Lane(lane)) => {
                for (status, in_force) in self.status.iter_mut().zip(lanes.lane(lane)) {
                    if *in_force == 0 {
                        *status = Status::NotInForce;
                    }
                }
            }
            Some(Source::One(0)) => self.status.fill(Status::NotInForce),
            _ => {}
        }
    }

    fn leave_missing(&mut self, part: &Part<'_>, marked: &mut [bool]) {
        for column in &part.required {
            let unknown = self.table.columns[*column].unknown(self.first, self.rows);
            for (row, unknown) in unknown.unwrap_or_default().iter().enumerate() {
                if *unknown {
                    marked[row] = false;
                    self.nothing(part, row, Status::Missing);
                }
            }
        }
    }

    fn nothing(&mut self, part: &Part<'_>, row: usize, status: Status) {
        self.status[row] = status;
        for line in &mut self.lines[..part.outputs.len()] {
            (line.numbers[row], line.known[row]) = (0, false);
        }
    }

    /// Computes a row by itself, as [`Benefit::answer`] does.
    fn alone(&mut self, part: &Part<'_>, row: usize) {
        self.nothing(part, row, Status::Answered);
        match self.exactly(part, row) {
            Ok(status) => self.status[row] = status,
            Err(fault) => {
                self.nothing(part, row, Status::Failed);
                self.failures.push((self.first + row, fault));
            }
        }
    }

    fn exactly(&mut self, part: &Part<'_>, row: usize) -> Result<Status, NoAnswer> {
        let benefit = part.benefit;
        if let Some(computed_by) = &benefit.computed_by {
            return Err(NoAnswer::Outside(computed_by.clone()));
        }
        let mut frame = std::mem::take(&mut self.frame);
        frame.clear();
        let facts = part.columns.iter();
        frame.extend(facts.map(|column| self.table.value(self.first + row, *column)));
        frame.resize(benefit.places, Value::None);
        let status = self.evaluate(part, row, &mut frame);
        self.frame = frame;
        Ok(status?)
    }

    fn evaluate(
        &mut self,
        part: &Part<'_>,
        row: usize,
        frame: &mut [Value],
    ) -> Result<Status, Fault> {
        let benefit = part.benefit;
        if let Some(in_force) = &benefit.in_force
            && in_force.value(frame)? != Value::Bool(true)
        {
            return Ok(Status::NotInForce);
        }
        let mut trace = Trace(None);
        for step in &benefit.steps {
            taken(step, frame, &mut trace)?;
        }
        let mut numbers = std::mem::take(&mut self.numbers);
        numbers.clear();
        let given = self.record(benefit, &benefit.gives, true, frame, &mut numbers);
        for (line, number) in self.lines.iter_mut().zip(&numbers) {
            line.numbers[row] = number.unwrap_or(0);
            line.known[row] = number.is_some();
        }
        self.numbers = numbers;
        given.map(|()| Status::Answered)
    }

    /// The numbers of what is given, in the order of the outputs.
    fn record(
        &mut self,
        benefit: &Benefit,
        gives: &[Given],
        there: bool,
        frame: &mut [Value],
        numbers: &mut Vec<Option<i64>>,
    ) -> Result<(), Fault> {
        for given in gives {
            let there = there
                && match &given.when {
                    Some(when) => when.value(frame)? == Value::Bool(true),
                    None => true,
                };
            let (formula, style, place) = match &given.what {
                What::Record(gives) => {
                    self.record(benefit, gives, there, frame, numbers)?;
                    continue;
                }
                What::Value {
                    formula,
                    style,
                    place,
                } => (formula, *style, *place),
            };
            let value = match there {
                true => formula.value(frame)?,
                false => Value::None,
            };
            if let Some(cascade) = stages_of(benefit, &formula.code) {
                for stage in &cascade.of_stage {
                    numbers.extend(of_stage(&value, &stage.name));
                }
            } else if let Some(kind) = kind(benefit, &formula.code, &formula.ty, style) {
                let number = match value {
                    Value::None => None,
                    _ => Some(
                        self.number(&value, &kind)
                            .ok_or_else(|| no_number(&value, &kind, given, &formula.ty))?,
                    ),
                };
                numbers.push(number);
            }
            if let (Some(place), true) = (place, there) {
                frame[place] = value;
            }
        }
        Ok(())
    }

    fn number(&mut self, value: &Value, kind: &Kind) -> Option<i64> {
        match (value, kind) {
            (Value::List(held), Kind::Codes(codes)) => {
                let bits = codes.iter().enumerate();
                let bits = bits.filter(|(_, code)| held.contains(&Value::Word((*code).clone())));
                Some(bits.map(|(bit, _)| 1 << bit).sum())
            }
            _ => number_of(value, kind.parts(), &mut self.words),
        }
    }
}

/// Why no lane holds a value: it is beyond 64 bits, or no whole number of its parts.
fn no_number(value: &Value, kind: &Kind, given: &Given, ty: &Type) -> Fault {
    let parts = Exact::whole(kind.parts());
    match value {
        Value::Number(number)
            if number
                .times(parts)
                .is_some_and(|scaled| scaled.floor() == scaled) =>
        {
            Fault::Overflow
        }
        _ => unwritable(&given.name, ty),
    }
}

/// What a stage works on and what it pays, where it ran.
fn of_stage(stages: &Value, name: &str) -> [Option<i64>; 2] {
    let Value::List(stages) = stages else {
        return [None, None];
    };
    let ran = stages.iter().find_map(|stage| match stage {
        Value::Map(fields) => match fields.as_ref() {
            [
                (_, Value::Word(stage)),
                (_, Value::Number(base)),
                (_, Value::Number(paid)),
            ] if **stage == *name => Some([base.fen(), paid.fen()]),
            _ => None,
        },
        _ => None,
    });
    ran.unwrap_or([None, None])
}

/// The answers of one benefit for some rows.
pub struct Lines<'b> {
    /// The place of the benefit among those that were compiled.
    pub benefit: usize,
    pub id: &'b str,
    pub outputs: &'b [Output],
    pub(super) block: &'b Block<'b>,
}

impl Lines<'_> {
    /// The first row.
    #[must_use]
    pub fn first(&self) -> usize {
        self.block.first
    }
    /// What came of each row.
    #[must_use]
    pub fn status(&self) -> &[Status] {
        &self.block.status[..self.block.rows]
    }
    /// The numbers of an output, a row each; zero where there is none.
    #[must_use]
    pub fn numbers(&self, output: usize) -> &[i64] {
        self.line(output)
            .map_or(&[], |line| &line.numbers[..self.block.rows])
    }
    /// Whether each is known.
    #[must_use]
    pub fn known(&self, output: usize) -> &[bool] {
        self.line(output)
            .map_or(&[], |line| &line.known[..self.block.rows])
    }
    /// The rows that have no answer, and why.
    #[must_use]
    pub fn failures(&self) -> &[(usize, NoAnswer)] {
        &self.block.failures
    }
    /// The value of an output in a row of the block; none of codes, which are bits.
    #[must_use]
    pub fn value(&self, output: usize, row: usize) -> Value {
        let Some(of) = self.outputs.get(output) else {
            return Value::None;
        };
        if !self.known(output).get(row).is_some_and(|known| *known) {
            return Value::None;
        }
        let number = self.numbers(output)[row];
        let ty = match of.kind {
            Kind::Codes(_) => return Value::None,
            Kind::Bool => Type::Bool,
            Kind::Word => Type::any_word(),
            Kind::Date => Type::Date,
            Kind::Month => Type::Month,
            Kind::Fen | Kind::Parts(_) => Type::Number,
        };
        value_of(&ty, number, of.kind.parts(), &self.block.words)
    }

    fn line(&self, output: usize) -> Option<&Line> {
        self.outputs
            .get(output)
            .and_then(|_| self.block.lines.get(output))
    }
}
