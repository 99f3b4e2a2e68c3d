//! A benefit as operations on lanes of whole numbers.
//!
//! A number is so many parts of one, and how many parts is known when the benefit is planned: fen are hundredths, a rate of
//! percent is ten thousandths. What the plan can't hold (lists, records, parts beyond 64 bits) makes no plan: such a benefit is
//! computed row by row.

use super::{
    columns::Words,
    kernel::{Instruction, Operation, Slices, Source},
    outputs::{kind, stages_of},
};
use crate::{
    formula::{Builtin, Code, Fold, each_month},
    number::Exact,
    pack::{Benefit, Cascade, Given, Step, What},
    syntax::Operator,
    table::{Bands, Codes, Dated, Steps},
    value::{Type, Value, YearMonth},
};
use num_integer::Integer as _;

/// A benefit as operations.
#[derive(Debug)]
pub(super) struct Plan {
    pub instructions: Vec<Instruction>,
    /// Whether a rule is in force; none where it always is.
    pub in_force: Option<Source>,
    /// For each output its number, zero where nothing is given, and whether it is known.
    pub outputs: Vec<(Source, Source)>,
    pub lanes: usize,
}

impl Plan {
    /// Whether a lane is read.
    pub fn reads(&self, lane: usize) -> bool {
        let of_outputs = self
            .outputs
            .iter()
            .flat_map(|(number, known)| [number, known]);
        let of_all = self
            .instructions
            .iter()
            .flat_map(|instruction| &instruction.from);
        let mut sources = of_outputs.chain(of_all).chain(&self.in_force);
        sources.any(|source| *source == Source::Lane(lane))
    }
}

/// A value as it is planned.
#[derive(Clone, Debug)]
struct Planned {
    number: Source,
    known: Source,
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    /// So many parts of one, over a further number above zero.
    Number {
        parts: i64,
        over: Option<Source>,
    },
    /// A word, a date, yes or no: compared as it is.
    Plain,
    /// A month that is the same for all rows.
    Month(YearMonth),
    Codes,
    List(Vec<Planned>),
    Nothing,
}

const YES: Source = Source::One(1);
const NO: Source = Source::One(0);

impl Planned {
    fn plain(number: Source) -> Self {
        let (known, shape) = (YES, Shape::Plain);
        Planned {
            number,
            known,
            shape,
        }
    }
    fn number(number: Source, parts: i64) -> Self {
        let shape = Shape::Number { parts, over: None };
        Planned {
            number,
            known: YES,
            shape,
        }
    }
}

struct Planner<'p> {
    words: &'p mut Words,
    /// The values of all places so far.
    values: Vec<Option<Planned>>,
    instructions: Vec<Instruction>,
    next: usize,
    /// What was asked around the part at hand, and with which answer: a fault counts only where all hold.
    asked: Vec<(Source, bool)>,
}

/// Plans a benefit whose facts are in these columns: a lane of its number and one of whether it is known for each.
pub(super) fn plan(
    benefit: &Benefit,
    columns: &[usize],
    parts: &[i64],
    words: &mut Words,
) -> Option<Plan> {
    let facts = parts.len();
    let mut planner = Planner {
        words,
        values: vec![None; benefit.places],
        instructions: vec![],
        next: 2 * facts,
        asked: vec![],
    };
    for (place, (fact, column)) in benefit.facts.iter().zip(columns).enumerate() {
        let number = Source::Lane(*column);
        let shape = match fact.ty.known() {
            Type::Bool | Type::Word(_) | Type::Date | Type::Month => Shape::Plain,
            ty if ty.is_number() => Shape::Number {
                parts: parts[*column],
                over: None,
            },
            _ => continue,
        };
        let known = match fact.ty {
            Type::Optional(_) => Source::Lane(facts + column),
            _ => YES,
        };
        planner.values[place] = Some(Planned {
            number,
            known,
            shape,
        });
    }
    let in_force = benefit.in_force.as_ref();
    let in_force = match in_force.map(|formula| planner.value(&formula.code)) {
        Some(planned) => Some(planned?.number),
        None => None,
    };
    // What is not in force has no faults.
    planner
        .asked
        .extend(in_force.map(|in_force| (in_force, true)));
    let mut stages = Vec::new();
    for step in &benefit.steps {
        planner.step(step, &mut stages)?;
    }
    let mut found = Vec::new();
    planner.record(benefit, &benefit.gives, &stages, in_force, &mut found)?;
    let kept = needed(&planner.instructions, in_force, &found);
    Some(Plan {
        instructions: kept,
        in_force,
        outputs: found,
        lanes: planner.next,
    })
}

/// The instructions whose lanes are read, or that mark rows.
fn needed(
    instructions: &[Instruction],
    in_force: Option<Source>,
    outputs: &[(Source, Source)],
) -> Vec<Instruction> {
    let of_outputs = outputs.iter().flat_map(|(number, known)| [number, known]);
    let mut read: Vec<usize> = of_outputs.chain(&in_force).filter_map(lane_of).collect();
    let mut kept = Vec::new();
    for instruction in instructions.iter().rev() {
        let marks = matches!(
            instruction.operation,
            Operation::Divisor | Operation::Whole | Operation::AddDays
        );
        if marks || read.contains(&instruction.into) {
            read.extend(instruction.from.iter().filter_map(lane_of));
            kept.push(instruction.clone());
        }
    }
    kept.reverse();
    kept
}

fn lane_of(source: &Source) -> Option<usize> {
    match source {
        Source::Lane(lane) => Some(*lane),
        Source::One(_) => None,
    }
}

/// A stage of a cascade: what it works on, what it pays, whether it runs.
type Stage = (Source, Source, Source);

impl Planner<'_> {
    fn emit(&mut self, operation: Operation, from: [Source; 3]) -> Source {
        if let Some(source) = folded(&operation, from) {
            return source;
        }
        let into = self.next;
        self.next += 1;
        self.instructions.push(Instruction {
            operation,
            into,
            from,
        });
        Source::Lane(into)
    }
    fn two(&mut self, operation: Operation, one: Source, two: Source) -> Source {
        self.emit(operation, [one, two, NO])
    }

    /// Whether all that is asked around the part at hand has the answer under which it counts.
    fn counts(&mut self) -> Source {
        let mut counts = YES;
        for (asked, answer) in self.asked.clone() {
            let holds = match answer {
                true => asked,
                false => self.two(Operation::Not, asked, NO),
            };
            counts = self.two(Operation::And, counts, holds);
        }
        counts
    }
    fn under<T>(
        &mut self,
        asked: Source,
        answer: bool,
        part: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        self.asked.push((asked, answer));
        let planned = part(self);
        self.asked.pop();
        planned
    }

    fn step(&mut self, step: &Step, stages: &mut Vec<Stage>) -> Option<()> {
        match step {
            Step::Let { place, formula, .. } => {
                self.values[*place] = Some(self.value(&formula.code)?);
            }
            Step::Codes { place, entries, .. } => {
                let mut held = NO;
                for (bit, (_, formula)) in entries.iter().enumerate() {
                    let holds = self.value(&formula.code)?.number;
                    let bit = u32::try_from(bit).ok().filter(|bit| *bit < 63)?;
                    held = self.two(Operation::Bit(bit), held, holds);
                }
                self.values[*place] = Some(Planned {
                    number: held,
                    known: YES,
                    shape: Shape::Codes,
                });
            }
            Step::Cascade(cascade) => *stages = self.cascade(cascade)?,
        }
        Some(())
    }

    fn cascade(&mut self, cascade: &Cascade) -> Option<Vec<Stage>> {
        let of = self.value(&cascade.of.code)?;
        let mut left = self.written(&of, 100)?;
        let mut stages = Vec::new();
        for stage in &cascade.of_stage {
            self.values[cascade.left] = Some(Planned::number(left, 100));
            let runs = match &stage.when {
                Some(when) => self.value(&when.code)?.number,
                None => YES,
            };
            let paid = self.under(runs, true, |planner| {
                let pays = planner.value(&stage.pays.code)?;
                planner.written(&pays, 100)
            })?;
            let paid = self.two(Operation::Most, paid, NO);
            let paid = self.two(Operation::Least, paid, left);
            let paid = self.emit(Operation::Choose, [runs, paid, NO]);
            stages.push((left, paid, runs));
            left = self.two(Operation::Subtract, left, paid);
        }
        self.values[cascade.left] = Some(Planned::number(left, 100));
        Some(stages)
    }

    /// The lanes of what is given, in the order of [`outputs`].
    fn record(
        &mut self,
        benefit: &Benefit,
        gives: &[Given],
        stages: &[Stage],
        alive: Option<Source>,
        found: &mut Vec<(Source, Source)>,
    ) -> Option<()> {
        for given in gives {
            let there = match &given.when {
                Some(when) => self.value(&when.code)?.number,
                None => YES,
            };
            self.under(there, true, |planner| {
                planner.given(benefit, given, stages, there, alive, found)
            })?;
        }
        Some(())
    }

    fn given(
        &mut self,
        benefit: &Benefit,
        given: &Given,
        stages: &[Stage],
        there: Source,
        alive: Option<Source>,
        found: &mut Vec<(Source, Source)>,
    ) -> Option<()> {
        let (formula, style, place) = match &given.what {
            What::Record(gives) if there == YES => {
                return self.record(benefit, gives, stages, alive, found);
            }
            What::Record(_) => return None,
            What::Value {
                formula,
                style,
                place,
            } => (formula, *style, *place),
        };
        if stages_of(benefit, &formula.code).is_some() {
            for (base, paid, runs) in stages {
                let known = self.two(Operation::And, *runs, there);
                for number in [base, paid] {
                    found.push(self.output(*number, known, alive));
                }
            }
            return Some(());
        }
        let value = self.value(&formula.code)?;
        let kind = kind(benefit, &formula.code, &formula.ty, style)?;
        let number = self.under(value.known, true, |planner| {
            planner.written(&value, kind.parts())
        })?;
        let known = self.two(Operation::And, value.known, there);
        found.push(self.output(number, known, alive));
        // What is given only sometimes is none in what is given then.
        if let (Some(place), YES) = (place, there) {
            self.values[place] = Some(value);
        }
        Some(())
    }

    /// A number that is zero where nothing is given, and whether it is.
    fn output(&mut self, number: Source, known: Source, alive: Option<Source>) -> (Source, Source) {
        let known = self.two(Operation::And, known, alive.unwrap_or(YES));
        (self.emit(Operation::Choose, [known, number, NO]), known)
    }

    /// The number in so many parts; marks rows where it is no whole number of them.
    fn written(&mut self, value: &Planned, parts: i64) -> Option<Source> {
        let Shape::Number { parts: of, over } = value.shape else {
            return Some(value.number);
        };
        let (times, by) = lowest(parts, of);
        let number = self.two(Operation::Multiply, value.number, Source::One(times));
        if over.is_none() && by == 1 {
            return Some(number);
        }
        let by = self.two(Operation::Multiply, over.unwrap_or(YES), Source::One(by));
        let counts = self.counts();
        Some(self.emit(Operation::Whole, [number, by, counts]))
    }

    fn value(&mut self, code: &Code) -> Option<Planned> {
        match code {
            Code::Value(value) => self.constant(value),
            Code::Slot(slot) => self.values.get(*slot)?.clone(),
            Code::List(items) => {
                let items = items.iter().map(|item| self.value(item));
                let shape = Shape::List(items.collect::<Option<_>>()?);
                Some(Planned {
                    number: NO,
                    known: YES,
                    shape,
                })
            }
            Code::Negative(of) => {
                let mut of = self.value(of)?;
                of.number = self.two(Operation::Subtract, NO, of.number);
                Some(of)
            }
            Code::Not(of) => {
                let of = self.value(of)?.number;
                Some(Planned::plain(self.two(Operation::Not, of, NO)))
            }
            Code::Two(one, operator, other) => self.binary(one, *operator, other),
            Code::If(condition, one, other) => {
                let condition = self.value(condition)?.number;
                let one = self.under(condition, true, |planner| planner.value(one))?;
                let other = self.under(condition, false, |planner| planner.value(other))?;
                self.choice(condition, one, other)
            }
            Code::Call(builtin, arguments) => self.call(*builtin, arguments),
            Code::Bands(bands, amount, raised) => self.bands(bands, amount, raised),
            Code::Pick(codes, key) => self.pick(codes, key),
            Code::Step(steps, size) => self.size(steps, size),
            Code::Let(slot, value, body) => {
                let value = self.value(value)?;
                *self.values.get_mut(*slot)? = Some(value);
                self.value(body)
            }
            Code::At(dated, day) => self.at(dated, day),
            Code::Each(Fold::Sum, list, slot, body) => self.sum(list, *slot, body),
            Code::Field(..) | Code::Each(..) => None,
        }
    }

    fn constant(&mut self, value: &Value) -> Option<Planned> {
        Some(match value {
            Value::None => Planned {
                number: NO,
                known: NO,
                shape: Shape::Nothing,
            },
            Value::Number(number) => {
                let (count, parts) = number.in_parts()?;
                Planned::number(Source::One(count), parts)
            }
            Value::Month(month) => Planned {
                number: Source::One(month.count().into()),
                known: YES,
                shape: Shape::Month(*month),
            },
            value => {
                let number = super::columns::number_of(value, 1, self.words)?;
                Planned::plain(Source::One(number))
            }
        })
    }

    /// Two numbers in the same parts, over the same.
    fn alike(&mut self, one: &Planned, other: &Planned) -> Option<(Source, Source, Shape)> {
        let (parts, over) = match (&one.shape, &other.shape) {
            (
                Shape::Number { parts, over },
                Shape::Number {
                    parts: others,
                    over: over_others,
                },
            ) => ((*parts, *others), (*over, *over_others)),
            (Shape::Nothing, shape) | (shape, Shape::Nothing) => {
                return Some((one.number, other.number, shape.clone()));
            }
            (Shape::Plain | Shape::Month(_), Shape::Plain | Shape::Month(_)) => {
                return Some((one.number, other.number, Shape::Plain));
            }
            _ => return None,
        };
        let common = fitting(parts.0, parts.1)?;
        let mut scaled = |number: Source, of: i64, over: Option<Source>| {
            let number = self.two(Operation::Multiply, number, Source::One(common / of));
            over.map_or(number, |over| self.two(Operation::Multiply, number, over))
        };
        let first = scaled(one.number, parts.0, over.1);
        let second = scaled(other.number, parts.1, over.0);
        let over = self.times(over.0, over.1);
        let shape = Shape::Number {
            parts: common,
            over,
        };
        Some((first, second, shape))
    }
    fn times(&mut self, one: Option<Source>, other: Option<Source>) -> Option<Source> {
        match (one, other) {
            (Some(one), Some(other)) => Some(self.two(Operation::Multiply, one, other)),
            (one, other) => one.or(other),
        }
    }

    fn choice(&mut self, condition: Source, one: Planned, other: Planned) -> Option<Planned> {
        let (first, second, shape) = self.alike(&one, &other)?;
        let number = self.emit(Operation::Choose, [condition, first, second]);
        let known = match (one.known, other.known) {
            (one, other) if one == other => one,
            (one, other) => self.emit(Operation::Choose, [condition, one, other]),
        };
        Some(Planned {
            number,
            known,
            shape,
        })
    }

    fn binary(&mut self, one: &Code, operator: Operator, other: &Code) -> Option<Planned> {
        let first = self.value(one)?;
        // What does not have to be asked has no faults.
        let second = match operator {
            Operator::And => self.under(first.number, true, |planner| planner.value(other))?,
            Operator::Or => self.under(first.number, false, |planner| planner.value(other))?,
            _ => self.value(other)?,
        };
        let (one, two) = (first.number, second.number);
        Some(match operator {
            Operator::And => Planned::plain(self.two(Operation::And, one, two)),
            Operator::Or => Planned::plain(self.two(Operation::Or, one, two)),
            Operator::Plus => self.joined(Operation::Add, &first, &second)?,
            Operator::Minus => self.joined(Operation::Subtract, &first, &second)?,
            Operator::Less => self.compared(Operation::Less, &first, &second)?,
            Operator::AtMost => self.compared(Operation::AtMost, &first, &second)?,
            Operator::More => self.compared(Operation::Less, &second, &first)?,
            Operator::AtLeast => self.compared(Operation::AtMost, &second, &first)?,
            Operator::Equal => self.compared(Operation::Equal, &first, &second)?,
            Operator::Different => {
                let equal = self.compared(Operation::Equal, &first, &second)?;
                Planned::plain(self.two(Operation::Not, equal.number, NO))
            }
            Operator::In => {
                let Shape::List(items) = &second.shape else {
                    return None;
                };
                let mut found = NO;
                for item in items {
                    let equal = self.compared(Operation::Equal, &first, item)?;
                    found = self.two(Operation::Or, found, equal.number);
                }
                Planned::plain(found)
            }
            Operator::Times => self.product(&first, &second)?,
            Operator::Over => self.quotient(&first, &second)?,
        })
    }

    fn joined(&mut self, operation: Operation, one: &Planned, other: &Planned) -> Option<Planned> {
        let (first, second, shape) = self.alike(one, other)?;
        let number = self.two(operation, first, second);
        Some(Planned {
            number,
            known: YES,
            shape,
        })
    }
    fn compared(
        &mut self,
        operation: Operation,
        one: &Planned,
        other: &Planned,
    ) -> Option<Planned> {
        let (first, second, _) = self.alike(one, other)?;
        Some(Planned::plain(self.two(operation, first, second)))
    }

    fn product(&mut self, one: &Planned, other: &Planned) -> Option<Planned> {
        let (
            Shape::Number { parts, over },
            Shape::Number {
                parts: others,
                over: over_others,
            },
        ) = (&one.shape, &other.shape)
        else {
            return None;
        };
        let over = self.times(*over, *over_others);
        let (number, parts) = self.reduced(one.number, other.number, *parts, *others)?;
        let shape = Shape::Number { parts, over };
        Some(Planned {
            number,
            known: YES,
            shape,
        })
    }
    /// A product of numbers, and of how many parts it is; in lowest terms where one is the same for all rows.
    fn reduced(
        &mut self,
        one: Source,
        two: Source,
        first: i64,
        second: i64,
    ) -> Option<(Source, i64)> {
        let (constant, lane) = match (one, two) {
            (Source::One(one), two) => (one, two),
            (one, Source::One(two)) => (two, one),
            (one, two) => {
                return Some((
                    self.two(Operation::Multiply, one, two),
                    first.checked_mul(second)?,
                ));
            }
        };
        let parts = first.checked_mul(second)?;
        let common = constant.gcd(&parts).max(1);
        let number = self.two(Operation::Multiply, lane, Source::One(constant / common));
        Some((number, parts / common))
    }

    /// The second becomes what the first is over.
    fn quotient(&mut self, one: &Planned, other: &Planned) -> Option<Planned> {
        let (
            Shape::Number { parts, over },
            Shape::Number {
                parts: of,
                over: None,
            },
        ) = (&one.shape, &other.shape)
        else {
            return None;
        };
        let (times, parts) = lowest(*of, *parts);
        if let Source::One(by) = other.number {
            let by = (by > 0).then_some(by)?;
            let common = times.gcd(&by);
            let number = self.two(Operation::Multiply, one.number, Source::One(times / common));
            let shape = Shape::Number {
                parts: parts.checked_mul(by / common)?,
                over: *over,
            };
            return Some(Planned {
                number,
                known: YES,
                shape,
            });
        }
        let number = self.two(Operation::Multiply, one.number, Source::One(times));
        let counts = self.counts();
        let by = self.two(Operation::Divisor, other.number, counts);
        let over = self.times(*over, Some(by));
        Some(Planned {
            number,
            known: YES,
            shape: Shape::Number { parts, over },
        })
    }

    fn call(&mut self, builtin: Builtin, arguments: &[Code]) -> Option<Planned> {
        let values = arguments.iter().map(|argument| self.value(argument));
        let values: Vec<Planned> = values.collect::<Option<_>>()?;
        match (builtin, values.as_slice()) {
            (Builtin::Min, [first, rest @ ..]) => self.extreme(&Operation::Least, first, rest),
            (Builtin::Max, [first, rest @ ..]) => self.extreme(&Operation::Most, first, rest),
            (Builtin::Round, [one]) => self.rounded(Operation::Round, one, 2),
            (Builtin::Round, [one, digits]) => match (digits.number, &digits.shape) {
                (
                    Source::One(digits),
                    Shape::Number {
                        parts: 1,
                        over: None,
                    },
                ) => self.rounded(Operation::Round, one, u32::try_from(digits).ok()?),
                _ => None,
            },
            (Builtin::Down, [one]) => self.rounded(Operation::Floor, one, 2),
            (Builtin::Floor, [one]) => self.rounded(Operation::Floor, one, 0),
            (Builtin::Ceiling, [one]) => self.rounded(Operation::Ceiling, one, 0),
            (Builtin::Known, [one]) => Some(Planned::plain(one.known)),
            (Builtin::Otherwise, [one, other]) => {
                let mut chosen = self.choice(one.known, one.clone(), other.clone())?;
                chosen.known = self.two(Operation::Or, one.known, other.known);
                Some(chosen)
            }
            (Builtin::Empty, [codes]) if matches!(codes.shape, Shape::Codes) => {
                Some(Planned::plain(self.two(Operation::Equal, codes.number, NO)))
            }
            (Builtin::EachMonth, [first, last]) => match (&first.shape, &last.shape) {
                (Shape::Month(first), Shape::Month(last)) => {
                    let months = each_month(*first, *last)?;
                    let months = months.iter().map(|month| self.constant(month));
                    let shape = Shape::List(months.collect::<Option<_>>()?);
                    Some(Planned {
                        number: NO,
                        known: YES,
                        shape,
                    })
                }
                _ => None,
            },
            _ => self.of_dates(builtin, &values),
        }
    }

    fn of_dates(&mut self, builtin: Builtin, values: &[Planned]) -> Option<Planned> {
        let operation = match builtin {
            Builtin::Months => Operation::Months,
            Builtin::Days => Operation::Days,
            Builtin::Years => Operation::Years,
            Builtin::Year => Operation::Year,
            Builtin::AddDays => Operation::AddDays,
            _ => return None,
        };
        let one = values.first()?.number;
        let two = match values.get(1) {
            Some(Planned {
                number,
                shape:
                    Shape::Plain
                    | Shape::Number {
                        parts: 1,
                        over: None,
                    },
                ..
            }) => *number,
            Some(_) => return None,
            None => NO,
        };
        let counts = match operation {
            Operation::AddDays => self.counts(),
            _ => NO,
        };
        let number = self.emit(operation, [one, two, counts]);
        Some(match builtin {
            Builtin::AddDays => Planned::plain(number),
            _ => Planned::number(number, 1),
        })
    }

    fn extreme(
        &mut self,
        operation: &Operation,
        first: &Planned,
        rest: &[Planned],
    ) -> Option<Planned> {
        rest.iter().try_fold(first.clone(), |best, one| {
            self.joined(operation.clone(), &best, one)
        })
    }

    fn rounded(&mut self, operation: Operation, value: &Planned, digits: u32) -> Option<Planned> {
        let Shape::Number { parts: of, over } = value.shape else {
            return None;
        };
        let parts = 10_i64.checked_pow(digits)?;
        let (times, by) = lowest(parts, of);
        if over.is_none() && by == 1 {
            return Some(value.clone());
        }
        let number = self.two(Operation::Multiply, value.number, Source::One(times));
        let by = self.two(Operation::Multiply, over.unwrap_or(YES), Source::One(by));
        Some(Planned::number(self.two(operation, number, by), parts))
    }

    fn bands(&mut self, bands: &Bands, amount: &Code, raised: &Code) -> Option<Planned> {
        let (amount, raised) = (self.value(amount)?, self.value(raised)?);
        let (
            Shape::Number { parts, over: None },
            Shape::Number {
                parts: raised_parts,
                over: None,
            },
        ) = (&amount.shape, &raised.shape)
        else {
            return None;
        };
        let (mut unit, mut whole) = (*parts, *raised_parts);
        for (bound, rate) in &bands.below {
            unit = fitting(unit, bound.in_parts()?.1)?;
            whole = fitting(whole, rate.in_parts()?.1)?;
        }
        whole = fitting(whole, bands.above.in_parts()?.1)?;
        let below = bands
            .below
            .iter()
            .map(|(bound, rate)| Some((bound.count_of(unit)?, rate.count_of(whole)?)));
        let slices = Slices {
            below: below.collect::<Option<_>>()?,
            above: bands.above.count_of(whole)?,
            whole,
        };
        let amount = self.two(
            Operation::Multiply,
            amount.number,
            Source::One(unit / parts),
        );
        let raised = self.two(
            Operation::Multiply,
            raised.number,
            Source::One(whole / raised_parts),
        );
        let number = self.two(Operation::Bands(slices), amount, raised);
        Some(Planned::number(number, unit.checked_mul(whole)?))
    }

    fn pick(&mut self, codes: &Codes, key: &Code) -> Option<Planned> {
        let key = self.value(key)?;
        let words = matches!(key.shape, Shape::Plain);
        if !words
            && !matches!(
                key.shape,
                Shape::Number {
                    parts: 1,
                    over: None
                }
            )
        {
            return None;
        }
        let parts = common_parts(codes.entries.iter().map(|(_, figure)| *figure))?;
        let mut figures = Vec::new();
        for (word, figure) in &codes.entries {
            let figure = figure.count_of(parts)?;
            if words {
                figures.push((self.words.number(word), figure));
            } else if let Ok(number) = word.parse::<i64>()
                && number.to_string() == **word
            {
                // As a key is written: 2018, and no other form of it.
                figures.push((number, figure));
            }
        }
        let known = self.two(Operation::HasKey(figures.clone()), key.number, NO);
        let number = self.two(Operation::Pick(figures), key.number, NO);
        let shape = Shape::Number { parts, over: None };
        Some(Planned {
            number,
            known,
            shape,
        })
    }

    /// A figure that changes, on a day; marks rows for whom it has no value yet.
    fn at(&mut self, dated: &Dated, day: &Code) -> Option<Planned> {
        let day = match self.value(day)? {
            Planned {
                shape: Shape::Month(month),
                ..
            } => Source::One(month.first_day()?.to_julian_day().into()),
            Planned {
                shape: Shape::Plain,
                number,
                ..
            } => number,
            _ => return None,
        };
        let parts = common_parts(dated.values.iter().map(|value| value.is))?;
        let from = dated
            .values
            .iter()
            .map(|value| Some((value.from.to_julian_day().into(), value.is.count_of(parts)?)));
        let from: Vec<(i64, i64)> = from.collect::<Option<_>>()?;
        if let Source::One(day) = day {
            let reached = from.iter().take_while(|(from, _)| *from <= day);
            return reached
                .last()
                .map(|(_, is)| Planned::number(Source::One(*is), parts));
        }
        let has = self.two(Operation::HasStep(from.first()?.0), day, NO);
        let counts = self.counts();
        self.two(Operation::Divisor, has, counts);
        Some(Planned::number(
            self.two(Operation::Step(from), day, NO),
            parts,
        ))
    }

    /// A sum over a list that is the same for all rows.
    fn sum(&mut self, list: &Code, slot: usize, body: &Code) -> Option<Planned> {
        let Shape::List(items) = self.value(list)?.shape else {
            return None;
        };
        let mut sum = Planned::number(NO, 1);
        for item in items {
            *self.values.get_mut(slot)? = Some(item);
            let one = self.value(body)?;
            sum = self.joined(Operation::Add, &sum, &one)?;
        }
        Some(sum)
    }

    fn size(&mut self, steps: &Steps, size: &Code) -> Option<Planned> {
        let size = self.value(size)?;
        let Shape::Number {
            parts: of,
            over: None,
        } = size.shape
        else {
            return None;
        };
        let unit = fitting(of, common_parts(steps.from.iter().map(|(from, _)| *from))?)?;
        let parts = common_parts(steps.from.iter().map(|(_, figure)| *figure))?;
        let from = steps
            .from
            .iter()
            .map(|(from, figure)| Some((from.count_of(unit)?, figure.count_of(parts)?)));
        let from: Vec<(i64, i64)> = from.collect::<Option<_>>()?;
        let least = from.first().map_or(i64::MAX, |(least, _)| *least);
        let size = self.two(Operation::Multiply, size.number, Source::One(unit / of));
        let known = self.two(Operation::HasStep(least), size, NO);
        let number = self.two(Operation::Step(from), size, NO);
        let shape = Shape::Number { parts, over: None };
        Some(Planned {
            number,
            known,
            shape,
        })
    }
}

/// The result, where it is the same for all rows or is one of the operands.
fn folded(operation: &Operation, from: [Source; 3]) -> Option<Source> {
    let [one, two, three] = from;
    match (operation, one, two) {
        (Operation::Multiply, Source::One(1), other)
        | (Operation::Multiply, other, Source::One(1)) => Some(other),
        (Operation::And, YES, other) | (Operation::And, other, YES) => Some(other),
        (Operation::Or, NO, other) | (Operation::Or, other, NO) => Some(other),
        (Operation::Or, YES, _) | (Operation::Or, _, YES) => Some(YES),
        (Operation::And, NO, _) | (Operation::And, _, NO) => Some(NO),
        (Operation::Not, Source::One(one), _) => Some(Source::One(one ^ 1)),
        (Operation::Choose, YES, one) => Some(one),
        (Operation::Choose, NO, _) => Some(three),
        (Operation::Multiply, Source::One(one), Source::One(two)) => {
            one.checked_mul(two).map(Source::One)
        }
        (Operation::Add, other, NO) | (Operation::Subtract, other, NO) => Some(other),
        (Operation::Subtract, Source::One(one), Source::One(two)) => {
            one.checked_sub(two).map(Source::One)
        }
        _ => None,
    }
}

/// Both over the largest number that divides them.
fn lowest(one: i64, other: i64) -> (i64, i64) {
    let common = one.gcd(&other).max(1);
    (one / common, other / common)
}

/// Parts in which both are whole.
fn fitting(one: i64, other: i64) -> Option<i64> {
    one.checked_mul(other / one.gcd(&other).max(1))
}

fn common_parts(numbers: impl Iterator<Item = Exact>) -> Option<i64> {
    let mut parts = numbers.map(|number| Some(number.in_parts()?.1));
    parts.try_fold(1, |common, parts| fitting(common, parts?))
}
