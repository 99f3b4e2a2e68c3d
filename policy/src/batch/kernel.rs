//! What is done to a block of rows at once: whole numbers only, and a row that these can't hold is marked.

use crate::formula::{calendar, years};
use std::mem;
use time::Date;

/// Rows computed together: few enough that their lanes stay in the cache.
pub(super) const BLOCK: usize = 512;

/// Where a number comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The same for all rows.
    One(i64),
    Lane(usize),
}

/// Bands in whole numbers: upper bounds and rates; the last one without a bound.
#[derive(Clone, Debug)]
pub(super) struct Slices {
    /// Rising, each with the rate of the slice below it, in parts of `whole`.
    pub below: Vec<(i64, i64)>,
    pub above: i64,
    /// All of an amount.
    pub whole: i64,
}

#[derive(Clone, Debug)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Least,
    Most,
    Less,
    AtMost,
    Equal,
    And,
    Or,
    Not,
    /// The second where the first holds, else the third.
    Choose,
    /// The first over the second, which is above zero; half away from zero.
    Round,
    Floor,
    Ceiling,
    /// The first, to divide by; marks rows where it is not above zero and the second holds.
    Divisor,
    /// The first over the second; marks rows where that is not whole and the third holds.
    Whole,
    /// The first with a bit set where the second holds.
    Bit(u32),
    Year,
    Years,
    Months,
    Days,
    /// The first, so many days later; marks rows where there is no such day and the third holds.
    AddDays,
    Bands(Slices),
    /// The figure of a key, none is zero.
    Pick(Vec<(i64, i64)>),
    HasKey(Vec<(i64, i64)>),
    /// The figure from each size on.
    Step(Vec<(i64, i64)>),
    HasStep(i64),
}

#[derive(Clone, Debug)]
pub(super) struct Instruction {
    pub operation: Operation,
    pub into: usize,
    pub from: [Source; 3],
}

/// A number for each row of a block.
#[derive(Clone, Copy)]
enum Operand<'l> {
    One(i64),
    Lane(&'l [i64]),
}

impl Operand<'_> {
    fn at(&self, row: usize) -> i64 {
        match self {
            Operand::One(number) => *number,
            Operand::Lane(lane) => lane[row],
        }
    }
}

/// The numbers of a block while it is computed.
pub(super) struct Lanes {
    lanes: Vec<Vec<i64>>,
    /// Rows that are computed by themselves.
    pub marked: Vec<bool>,
    pub rows: usize,
}

impl Lanes {
    pub fn new(lanes: usize) -> Self {
        Lanes {
            lanes: vec![vec![0; BLOCK]; lanes],
            marked: vec![false; BLOCK],
            rows: 0,
        }
    }
    pub fn lane(&self, lane: usize) -> &[i64] {
        &self.lanes[lane][..self.rows]
    }
    pub fn lane_mut(&mut self, lane: usize) -> &mut [i64] {
        &mut self.lanes[lane][..self.rows]
    }

    /// Computes one lane from others.
    pub fn run(&mut self, instruction: &Instruction) {
        let mut into = mem::take(&mut self.lanes[instruction.into]);
        let mut marked = mem::take(&mut self.marked);
        let [one, two, three] = instruction.from.map(|source| match source {
            Source::One(number) => Operand::One(number),
            Source::Lane(lane) => Operand::Lane(self.lane(lane)),
        });
        let rows = self.rows;
        let mut out = Out {
            into: &mut into[..rows],
            marked: &mut marked[..rows],
        };
        match &instruction.operation {
            Operation::Bands(_)
            | Operation::Pick(_)
            | Operation::HasKey(_)
            | Operation::Step(_)
            | Operation::HasStep(_) => out.table(&instruction.operation, one, two),
            Operation::Year
            | Operation::Years
            | Operation::Months
            | Operation::Days
            | Operation::AddDays => out.calendar(&instruction.operation, one, two, three),
            _ => out.arithmetic(&instruction.operation, one, two, three),
        }
        self.lanes[instruction.into] = into;
        self.marked = marked;
    }
}

/// A lane as it is filled.
struct Out<'l> {
    into: &'l mut [i64],
    marked: &'l mut [bool],
}

impl Out<'_> {
    /// The loops are apart for lanes and single numbers, so that each is a plain one.
    fn each(&mut self, one: Operand<'_>, two: Operand<'_>, of: impl Fn(i64, i64) -> i64) {
        let into = self.into.iter_mut();
        match (one, two) {
            (Operand::Lane(one), Operand::Lane(two)) => {
                for ((into, one), two) in into.zip(one).zip(two) {
                    *into = of(*one, *two);
                }
            }
            (Operand::Lane(one), Operand::One(two)) => {
                for (into, one) in into.zip(one) {
                    *into = of(*one, two);
                }
            }
            (Operand::One(one), Operand::Lane(two)) => {
                for (into, two) in into.zip(two) {
                    *into = of(one, *two);
                }
            }
            (Operand::One(one), Operand::One(two)) => self.into.fill(of(one, two)),
        }
    }

    /// The same, where a row may be marked.
    fn checked(
        &mut self,
        one: Operand<'_>,
        two: Operand<'_>,
        of: impl Fn(i64, i64) -> (i64, bool),
    ) {
        let rows = self.into.iter_mut().zip(self.marked.iter_mut());
        let write = |(into, marked): (&mut i64, &mut bool), one: i64, two: i64| {
            let (number, too_large) = of(one, two);
            *into = number;
            *marked |= too_large;
        };
        match (one, two) {
            (Operand::Lane(one), Operand::Lane(two)) => {
                for ((row, one), two) in rows.zip(one).zip(two) {
                    write(row, *one, *two);
                }
            }
            (Operand::Lane(one), Operand::One(two)) => {
                for (row, one) in rows.zip(one) {
                    write(row, *one, two);
                }
            }
            (Operand::One(one), Operand::Lane(two)) => {
                for (row, two) in rows.zip(two) {
                    write(row, one, *two);
                }
            }
            (Operand::One(one), Operand::One(two)) => rows.for_each(|row| write(row, one, two)),
        }
    }

    /// The same of three numbers.
    fn of_three(
        &mut self,
        [one, two, three]: [Operand<'_>; 3],
        of: impl Fn(i64, i64, i64) -> Option<i64>,
    ) {
        for row in 0..self.into.len() {
            let number = of(one.at(row), two.at(row), three.at(row));
            self.into[row] = number.unwrap_or(0);
            self.marked[row] |= number.is_none();
        }
    }

    fn arithmetic(
        &mut self,
        operation: &Operation,
        one: Operand<'_>,
        two: Operand<'_>,
        three: Operand<'_>,
    ) {
        match operation {
            Operation::Add => self.checked(one, two, i64::overflowing_add),
            Operation::Subtract => self.checked(one, two, i64::overflowing_sub),
            Operation::Multiply => self.checked(one, two, i64::overflowing_mul),
            Operation::Least => self.each(one, two, i64::min),
            Operation::Most => self.each(one, two, i64::max),
            Operation::Less => self.each(one, two, |one, two| i64::from(one < two)),
            Operation::AtMost => self.each(one, two, |one, two| i64::from(one <= two)),
            Operation::Equal => self.each(one, two, |one, two| i64::from(one == two)),
            Operation::And => self.each(one, two, |one, two| one & two),
            Operation::Or => self.each(one, two, |one, two| one | two),
            Operation::Not => self.each(one, one, |one, _| one ^ 1),
            Operation::Bit(bit) => self.each(one, two, |one, two| one | (two << bit)),
            Operation::Round => self.each(one, two, rounded),
            Operation::Floor => self.each(one, two, i64::div_euclid),
            Operation::Ceiling => self.each(one, two, |one, two| {
                one.div_euclid(two) + i64::from(one.rem_euclid(two) != 0)
            }),
            Operation::Divisor => {
                self.checked(one, two, |one, asked| (one.max(1), one < 1 && asked != 0))
            }
            Operation::Choose => self.choose(one, two, three),
            Operation::Whole => self.of_three([one, two, three], |one, two, asked| {
                (one % two == 0 || asked == 0).then_some(one / two)
            }),
            _ => {}
        }
    }

    fn choose(&mut self, condition: Operand<'_>, one: Operand<'_>, other: Operand<'_>) {
        let chosen = |condition: i64, one: i64, other: i64| {
            // Without a branch: conditions of households follow no pattern.
            let mask = condition.wrapping_neg();
            (one & mask) | (other & !mask)
        };
        match (condition, one, other) {
            (Operand::Lane(condition), Operand::One(one), Operand::One(other)) => {
                for (into, condition) in self.into.iter_mut().zip(condition) {
                    *into = chosen(*condition, one, other);
                }
            }
            (Operand::Lane(condition), Operand::Lane(one), Operand::One(other)) => {
                let from = condition.iter().zip(one);
                for (into, (condition, one)) in self.into.iter_mut().zip(from) {
                    *into = chosen(*condition, *one, other);
                }
            }
            _ => {
                for (row, into) in self.into.iter_mut().enumerate() {
                    *into = chosen(condition.at(row), one.at(row), other.at(row));
                }
            }
        }
    }

    fn calendar(
        &mut self,
        operation: &Operation,
        one: Operand<'_>,
        two: Operand<'_>,
        three: Operand<'_>,
    ) {
        let between = |from: i64, to: i64| calendar(day(from), day(to));
        match operation {
            Operation::Year => self.each(one, one, |one, _| day(one).year().into()),
            Operation::Years => self.each(one, two, |born, on| years(day(born), day(on))),
            Operation::Months => self.each(one, two, |from, to| between(from, to).0),
            Operation::Days => self.each(one, two, |from, to| between(from, to).1),
            _ => self.of_three([one, two, three], |one, days, asked| {
                match later(one, days) {
                    Some(day) => Some(day),
                    None => (asked == 0).then_some(0),
                }
            }),
        }
    }

    fn table(&mut self, operation: &Operation, one: Operand<'_>, two: Operand<'_>) {
        match operation {
            Operation::Bands(slices) => {
                self.checked(one, two, |amount, raised| slices.on(amount, raised))
            }
            Operation::Pick(figures) => self.each(one, one, |key, _| {
                figures
                    .iter()
                    .find(|(of, _)| *of == key)
                    .map_or(0, |(_, figure)| *figure)
            }),
            Operation::HasKey(figures) => self.each(one, one, |key, _| {
                i64::from(figures.iter().any(|(of, _)| *of == key))
            }),
            Operation::Step(steps) => self.each(one, one, |size, _| {
                let reached = steps.iter().take_while(|(from, _)| *from <= size);
                reached.last().map_or(0, |(_, figure)| *figure)
            }),
            Operation::HasStep(least) => self.each(one, one, |size, _| i64::from(size >= *least)),
            _ => {}
        }
    }
}

impl Slices {
    /// What is paid on an amount at raised rates, in parts of `whole` of its unit; whether that is too large to tell here.
    fn on(&self, amount: i64, raised: i64) -> (i64, bool) {
        // No rate is above all of the amount, so what is paid fits where this does.
        if amount.checked_mul(self.whole).is_none() || !(0..=self.whole).contains(&raised) {
            return (0, true);
        }
        let (mut paid, mut from) = (0, 0);
        for (bound, rate) in &self.below {
            let slice = amount.min(*bound).saturating_sub(from).max(0);
            paid += slice * (rate + raised).min(self.whole);
            from = *bound;
        }
        let rest = amount.saturating_sub(from).max(0);
        (paid + rest * (self.above + raised).min(self.whole), false)
    }
}

/// Half away from zero.
fn rounded(number: i64, by: i64) -> i64 {
    let (whole, rest) = (number / by, number % by);
    let up = rest.unsigned_abs() >= by.unsigned_abs().div_ceil(2);
    whole + if up { number.signum() } else { 0 }
}

fn later(day: i64, days: i64) -> Option<i64> {
    let later = i32::try_from(day.checked_add(days)?).ok()?;
    Some(Date::from_julian_day(later).ok()?.to_julian_day().into())
}

/// The day of a number; of what is none, which nothing asks for, the first of all days.
fn day(number: i64) -> Date {
    let day = i32::try_from(number).ok().map(Date::from_julian_day);
    day.and_then(Result::ok).unwrap_or(Date::MIN)
}
