//! Formulas, checked once and computed often.

use crate::{
    number::Exact,
    syntax::{Expression, Node, Operator},
    table::{Bands, Codes, Dated, Steps, Table},
    value::{Type, Value, YearMonth},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use time::Date;
use yaml::do_you_mean;

/// Why a formula can't hold, and where, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    pub at: usize,
    pub problem: String,
}

/// Why a formula has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("a number is too large")]
    Overflow,
    #[error("divided by zero: the rule does not say what holds then")]
    DividedByZero,
    #[error("`{figure}` has no value on {day}: it begins later")]
    NotYet { figure: String, day: Date },
    #[error("{0} is no whole fen: the rule does not say how it is rounded")]
    NotRounded(String),
    #[error("{0} can't be written as the rule says")]
    NotWritten(String),
}

/// A function of a pack.
#[derive(Clone, Debug)]
pub struct Function {
    pub takes: Vec<(String, Type)>,
    pub body: Node,
}

/// What the formulas of a pack may name besides their facts.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub figures: HashMap<String, (Type, Value)>,
    pub dated: HashMap<String, Arc<Dated>>,
    pub tables: HashMap<String, Table>,
    pub functions: HashMap<String, Function>,
}

/// A checked formula.
#[derive(Clone, Debug)]
pub struct Formula {
    pub(crate) code: Code,
    pub ty: Type,
    /// The names it reads: facts, earlier values, figures and tables.
    pub reads: Vec<String>,
    /// As it is written.
    pub text: Arc<str>,
}

#[derive(Clone, Debug)]
pub(crate) enum Code {
    Value(Value),
    Slot(usize),
    Field(Box<Code>, Arc<str>),
    List(Vec<Code>),
    Negative(Box<Code>),
    Not(Box<Code>),
    Two(Box<Code>, Operator, Box<Code>),
    If(Box<Code>, Box<Code>, Box<Code>),
    Call(Builtin, Vec<Code>),
    Bands(Arc<Bands>, Box<Code>, Box<Code>),
    Pick(Arc<Codes>, Box<Code>),
    Step(Arc<Steps>, Box<Code>),
    /// A figure on a day, or in a month: on its first day.
    At(Arc<Dated>, Box<Code>),
    Each(Fold, Box<Code>, usize, Box<Code>),
    Let(usize, Box<Code>, Box<Code>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    Min,
    Max,
    Round,
    Down,
    Floor,
    Ceiling,
    Known,
    Otherwise,
    Empty,
    Size,
    Months,
    Days,
    Years,
    AddMonths,
    AddDays,
    Year,
    Without,
    Get,
    Values,
    EachMonth,
    QuotaDecisions,
    QuotaSold,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    Count,
    Sum,
    All,
    Any,
}

/// The names a formula may read, in the order they are given places.
pub struct Scope<'s> {
    surroundings: &'s Surroundings,
    names: HashMap<String, (usize, Type)>,
    /// Names of what is known wherever the formula at hand is computed.
    known: HashSet<String>,
    slots: usize,
    reads: Vec<String>,
    calls: usize,
    /// Names that are computed only after the formula at hand.
    later: HashSet<String>,
    /// What any formula so far reads: names, figures, tables and functions.
    used: HashSet<String>,
}

/// How deep functions of a pack may call each other.
const DEEPEST_CALL: usize = 8;

impl<'s> Scope<'s> {
    #[must_use]
    pub fn new(surroundings: &'s Surroundings) -> Self {
        Scope {
            surroundings,
            names: HashMap::new(),
            known: HashSet::new(),
            slots: 0,
            reads: Vec::new(),
            calls: 0,
            later: HashSet::new(),
            used: HashSet::new(),
        }
    }
    /// Names that follow: to read one of them is a mistake of order.
    pub fn expect(&mut self, name: &str) {
        self.later.insert(name.to_owned());
    }
    #[must_use]
    pub fn used(&self) -> &HashSet<String> {
        &self.used
    }

    /// Gives a name its place.
    pub fn add(&mut self, name: &str, ty: Type) -> usize {
        let slot = self.slots;
        self.slots += 1;
        self.names.insert(name.to_owned(), (slot, ty));
        self.later.remove(name);
        slot
    }
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
            || self.surroundings.figures.contains_key(name)
            || self.surroundings.dated.contains_key(name)
            || self.surroundings.tables.contains_key(name)
    }
    /// How many places the values of all names need.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Checks a formula.
    ///
    /// # Errors
    /// The first contradiction in it.
    pub fn check(&mut self, node: &Node) -> Result<Formula, Contradiction> {
        self.reads.clear();
        let (code, ty) = self.compile(node)?;
        Ok(Formula {
            code,
            ty,
            reads: std::mem::take(&mut self.reads),
            text: Arc::from(""),
        })
    }

    /// A name as a formula of itself.
    pub fn named(&mut self, name: &str) -> Option<Formula> {
        let (slot, ty) = self.names.get(name).cloned()?;
        Some(Formula {
            code: Code::Slot(slot),
            ty,
            reads: vec![name.to_owned()],
            text: name.into(),
        })
    }

    fn read(&mut self, name: &str) {
        self.used.insert(name.to_owned());
        if !self.reads.iter().any(|read| read == name) {
            self.reads.push(name.to_owned());
        }
    }

    fn compile(&mut self, node: &Node) -> Checked {
        let at = node.at;
        match &node.what {
            Expression::Number(number) => Ok((Code::Value(Value::Number(*number)), Type::Literal)),
            Expression::Bool(value) => Ok((Code::Value(Value::Bool(*value)), Type::Bool)),
            Expression::Word(word) => {
                let word: Arc<str> = word.as_str().into();
                Ok((
                    Code::Value(Value::Word(word.clone())),
                    Type::Word([word].into()),
                ))
            }
            Expression::Day(day) => Ok((Code::Value(Value::Date(*day)), Type::Date)),
            Expression::Month(month) => Ok((Code::Value(Value::Month(*month)), Type::Month)),
            Expression::Nothing => Ok((Code::Value(Value::None), Type::Nothing)),
            Expression::Name(name) => self.name(name, at),
            Expression::Field(of, field) => self.field(of, field, at),
            Expression::List(items) => self.list(items, at),
            Expression::Negative(of) => {
                let (code, ty) = self.number(of)?;
                Ok((Code::Negative(code.into()), ty))
            }
            Expression::Not(of) => {
                let code = self.condition(of)?;
                Ok((Code::Not(code.into()), Type::Bool))
            }
            Expression::Two(left, operator, right) => self.two(left, *operator, right, at),
            Expression::If(condition, one, other) => self.choice(condition, one, other, at),
            Expression::Call(function, arguments) => self.call(function, arguments, at),
            Expression::Each {
                function,
                item,
                list,
                body,
            } => self.each(function, item, list, body, at),
        }
    }

    fn name(&mut self, name: &str, at: usize) -> Checked {
        if let Some((slot, ty)) = self.names.get(name).cloned() {
            self.read(name);
            let ty = if self.known.contains(name) {
                ty.known().clone()
            } else {
                ty
            };
            return Ok((Code::Slot(slot), ty));
        }
        if let Some((ty, value)) = self.surroundings.figures.get(name).cloned() {
            self.read(name);
            return Ok((Code::Value(value), ty));
        }
        if self.surroundings.tables.contains_key(name) {
            return Err(no(
                at,
                format!("`{name}` is a table: read it with bands, pick or step"),
            ));
        }
        if let Some(dated) = self.surroundings.dated.get(name) {
            let changes = dated.values.get(1).or(dated.values.first());
            let when = changes.map_or(String::new(), |value| format!(" on {}", value.from));
            return Err(no(
                at,
                format!("`{name}` changes{when}: ask at({name}, day or month)"),
            ));
        }
        if self.later.contains(name) {
            return Err(no(at, format!("`{name}` is computed only after this")));
        }
        let names = self.names.keys().chain(self.surroundings.figures.keys());
        let meant = do_you_mean(name, names.map(String::as_str));
        Err(no(at, format!("there is no `{name}`{meant}")))
    }

    fn field(&mut self, of: &Node, field: &str, at: usize) -> Checked {
        let (code, ty) = self.compile(of)?;
        let Type::Record(fields) = &ty else {
            return Err(no(at, format!("{ty} has no fields")));
        };
        let found = fields.iter().find(|(name, _)| &**name == field);
        let (name, ty) = found.ok_or_else(|| no(at, format!("there is no field `{field}`")))?;
        Ok((Code::Field(code.into(), name.clone()), ty.clone()))
    }

    fn list(&mut self, items: &[Node], at: usize) -> Checked {
        let (mut codes, mut of): (Vec<Code>, Option<Type>) = (Vec::new(), None);
        for item in items {
            let (code, ty) = self.compile(item)?;
            of = Some(match of {
                None => ty,
                Some(before) => before
                    .joined(&ty)
                    .ok_or_else(|| no(item.at, format!("{ty} among {before}")))?,
            });
            codes.push(code);
        }
        let of = of.ok_or_else(|| no(at, "an empty list has no type"))?;
        Ok((Code::List(codes), Type::List(Box::new(of))))
    }

    /// A number whose value is known.
    fn number(&mut self, node: &Node) -> Checked {
        let (code, ty) = self.certain(node)?;
        match ty.is_number() {
            true => Ok((code, ty)),
            false => Err(no(node.at, format!("expected a number, this is {ty}"))),
        }
    }

    fn condition(&mut self, node: &Node) -> Result<Code, Contradiction> {
        let (code, ty) = self.certain(node)?;
        match ty {
            Type::Bool => Ok(code),
            ty => Err(no(node.at, format!("expected yes or no, this is {ty}"))),
        }
    }

    /// A value that is known.
    fn certain(&mut self, node: &Node) -> Checked {
        let (code, ty) = self.compile(node)?;
        match ty {
            Type::Optional(_) | Type::Nothing => Err(no(
                node.at,
                "this may not be known: ask known(..) before, or use otherwise(.., ..)",
            )),
            ty => Ok((code, ty)),
        }
    }

    fn two(&mut self, left: &Node, operator: Operator, right: &Node, at: usize) -> Checked {
        let (one, first) = self.certain(left)?;
        // What `and` asks first is known in what it asks then.
        let before = self.known.clone();
        match operator {
            Operator::And => self.known.extend(asked(left, true)),
            Operator::Or => self.known.extend(asked(left, false)),
            _ => {}
        }
        let checked = self.certain(right);
        self.known = before;
        let (other, second) = checked?;
        if let Some(word) = never(operator, &first, &second) {
            return Err(no(
                right.at,
                format!("it is never '{word}': it is one of {}", first.known()),
            ));
        }
        if operator == Operator::Over && right.what == Expression::Number(Exact::whole(0)) {
            return Err(no(right.at, "nothing can be divided by zero"));
        }
        let ty = result(operator, &first, &second)
            .ok_or_else(|| no(at, unlike(operator, &first, &second)))?;
        Ok((Code::Two(one.into(), operator, other.into()), ty))
    }

    fn choice(&mut self, condition: &Node, one: &Node, other: &Node, at: usize) -> Checked {
        let code = self.condition(condition)?;
        let before = self.known.clone();
        self.known.extend(asked(condition, true));
        let first = self.compile(one);
        self.known.clone_from(&before);
        self.known.extend(asked(condition, false));
        let second = self.compile(other);
        self.known = before;
        let ((first, one), (second, other)) = (first?, second?);
        let ty = one.joined(&other).ok_or_else(|| {
            no(
                at,
                format!("either {one} or {other}: they have to be alike"),
            )
        })?;
        Ok((Code::If(code.into(), first.into(), second.into()), ty))
    }

    fn each(&mut self, function: &str, item: &str, list: &Node, body: &Node, at: usize) -> Checked {
        let (code, ty) = self.certain(list)?;
        let of = match ty {
            Type::List(of) | Type::Map(of) => *of,
            ty => return Err(no(list.at, format!("expected a list, this is {ty}"))),
        };
        let hidden = self.names.get(item).cloned();
        let slot = self.add(item, of);
        let checked = self.certain(body);
        match hidden {
            Some(name) => self.names.insert(item.to_owned(), name),
            None => self.names.remove(item),
        };
        self.reads.retain(|read| read != item);
        let (body, ty) = checked?;
        let (fold, ty) = match (function, ty) {
            ("count", Type::Bool) => (Fold::Count, Type::Number),
            ("all", Type::Bool) => (Fold::All, Type::Bool),
            ("any", Type::Bool) => (Fold::Any, Type::Bool),
            ("sum", ty) if ty.is_number() => (Fold::Sum, ty),
            (_, ty) => {
                return Err(no(
                    at,
                    format!("`{function}` can't be asked of {ty} for each"),
                ));
            }
        };
        Ok((Code::Each(fold, code.into(), slot, body.into()), ty))
    }

    fn call(&mut self, function: &str, arguments: &[Node], at: usize) -> Checked {
        match function {
            "bands" => self.bands(arguments, at),
            "pick" => self.pick(arguments, at),
            "step" => self.step(arguments, at),
            "at" => self.at(arguments, at),
            _ => match self.surroundings.functions.get(function) {
                Some(of_pack) => {
                    self.used.insert(function.to_owned());
                    self.of_pack(function, of_pack, arguments, at)
                }
                None => self.builtin(function, arguments, at),
            },
        }
    }

    fn table(&mut self, arguments: &[Node], at: usize) -> Result<&'s Table, Contradiction> {
        let Some(Node {
            what: Expression::Name(name),
            ..
        }) = arguments.first()
        else {
            return Err(no(at, "expected the name of a table"));
        };
        let table = self.surroundings.tables.get(name);
        let table = table.ok_or_else(|| {
            let names = self.surroundings.tables.keys().map(String::as_str);
            no(
                at,
                format!("there is no table `{name}`{}", do_you_mean(name, names)),
            )
        })?;
        self.read(name);
        Ok(table)
    }

    fn bands(&mut self, arguments: &[Node], at: usize) -> Checked {
        let Table::Bands(bands) = self.table(arguments, at)? else {
            return Err(no(at, "this table has no bands"));
        };
        let (amount, raised) = match arguments {
            [_, amount] => (amount, None),
            [_, amount, raised] => (amount, Some(raised)),
            _ => {
                return Err(no(
                    at,
                    "expected bands(table, amount) or bands(table, amount, points)",
                ));
            }
        };
        let (code, ty) = self.number(amount)?;
        if ty != Type::Yuan {
            return Err(no(amount.at, format!("bands are of yuan, this is {ty}")));
        }
        let raised = match raised {
            None => Code::Value(Value::Number(Exact::whole(0))),
            Some(node) => match self.number(node)? {
                (code, Type::Number | Type::Literal) => code,
                (_, ty) => return Err(no(node.at, format!("expected points, this is {ty}"))),
            },
        };
        Ok((
            Code::Bands(bands.clone(), code.into(), raised.into()),
            Type::Yuan,
        ))
    }

    fn pick(&mut self, arguments: &[Node], at: usize) -> Checked {
        let Table::Codes(codes) = self.table(arguments, at)? else {
            return Err(no(at, "this table has no codes"));
        };
        let [_, key] = arguments else {
            return Err(no(at, "expected pick(table, code)"));
        };
        let (code, ty) = self.certain(key)?;
        let complete = match &ty {
            Type::Word(words) => {
                !words.is_empty() && words.iter().all(|word| codes.of(word).is_some())
            }
            Type::Number | Type::Literal => false,
            ty => {
                return Err(no(
                    key.at,
                    format!("expected a word or a whole number, this is {ty}"),
                ));
            }
        };
        let unit = codes.unit.clone();
        let ty = if complete { unit } else { unit.optional() };
        Ok((Code::Pick(codes.clone(), code.into()), ty))
    }

    fn step(&mut self, arguments: &[Node], at: usize) -> Checked {
        let Table::Steps(steps) = self.table(arguments, at)? else {
            return Err(no(at, "this table has no steps"));
        };
        let [_, size] = arguments else {
            return Err(no(at, "expected step(table, size)"));
        };
        let (code, _) = self.number(size)?;
        Ok((
            Code::Step(steps.clone(), code.into()),
            steps.unit.clone().optional(),
        ))
    }

    fn at(&mut self, arguments: &[Node], at: usize) -> Checked {
        let [
            Node {
                what: Expression::Name(name),
                ..
            },
            day,
        ] = arguments
        else {
            return Err(no(at, "expected at(figure, day or month)"));
        };
        let dated = self.surroundings.dated.get(name);
        let dated = dated.ok_or_else(|| no(at, format!("`{name}` is no figure that changes")))?;
        self.read(name);
        let (code, ty) = self.certain(day)?;
        match ty {
            Type::Date | Type::Month => {
                Ok((Code::At(dated.clone(), code.into()), dated.unit.clone()))
            }
            ty => Err(no(
                day.at,
                format!("expected a date or a month, this is {ty}"),
            )),
        }
    }

    /// The body of a function of the pack with its arguments in places of their own.
    fn of_pack(
        &mut self,
        called: &str,
        function: &'s Function,
        arguments: &[Node],
        at: usize,
    ) -> Checked {
        if arguments.len() != function.takes.len() {
            let takes: Vec<_> = function
                .takes
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            let (takes, given) = (takes.join(", "), arguments.len());
            return Err(no(
                at,
                format!("expected {called}({takes}), these are {given} values"),
            ));
        }
        if self.calls == DEEPEST_CALL {
            return Err(no(at, "functions call each other in a circle, or too deep"));
        }
        let mut given = Vec::new();
        for (node, (name, expected)) in arguments.iter().zip(&function.takes) {
            let (code, ty) = self.compile(node)?;
            if !fits(&ty, expected) {
                return Err(no(node.at, format!("`{name}` is {expected}, this is {ty}")));
            }
            given.push(code);
        }
        // A function sees its arguments and the figures of the pack, nothing of who calls it.
        let names = std::mem::take(&mut self.names);
        let (known, reads) = (std::mem::take(&mut self.known), self.reads.clone());
        let slots: Vec<_> = function
            .takes
            .iter()
            .map(|(name, ty)| self.add(name, ty.clone()))
            .collect();
        self.calls += 1;
        let body = self.compile(&function.body);
        self.calls -= 1;
        (self.names, self.known) = (names, known);
        let figures: Vec<_> = self
            .reads
            .iter()
            .filter(|read| !function.takes.iter().any(|(name, _)| name == *read))
            .cloned()
            .collect();
        self.reads = reads;
        for figure in figures {
            self.read(&figure);
        }
        // A mistake inside is told where the function is called.
        let (body, ty) = body.map_err(|inner| no(at, inner.problem))?;
        let with = given.into_iter().zip(slots).rev();
        let code = with.fold(body, |body, (value, slot)| {
            Code::Let(slot, value.into(), body.into())
        });
        Ok((code, ty))
    }

    fn builtin(&mut self, function: &str, arguments: &[Node], at: usize) -> Checked {
        let mut codes = Vec::new();
        let mut types = Vec::new();
        let unknown_is_fine = ["known", "otherwise"].contains(&function);
        for argument in arguments {
            let (code, ty) = if unknown_is_fine {
                self.compile(argument)?
            } else {
                self.certain(argument)?
            };
            codes.push(code);
            types.push(ty);
        }
        let found = builtin(function, &types).ok_or_else(|| {
            let types: Vec<_> = types.iter().map(ToString::to_string).collect();
            match USAGE.iter().find(|(name, _)| *name == function) {
                Some((_, usage)) => no(
                    at,
                    format!("expected {usage}, this is {function}({})", types.join(", ")),
                ),
                None => {
                    let of_pack = self.surroundings.functions.keys().map(String::as_str);
                    let names = USAGE.iter().map(|(name, _)| *name).chain(of_pack);
                    no(
                        at,
                        format!(
                            "there is no function `{function}`{}",
                            do_you_mean(function, names)
                        ),
                    )
                }
            }
        })?;
        Ok((Code::Call(found.0, codes), found.1))
    }
}

type Checked = Result<(Code, Type), Contradiction>;

fn no(at: usize, problem: impl Into<String>) -> Contradiction {
    Contradiction {
        at,
        problem: problem.into(),
    }
}

/// The functions that every formula may call, and how.
const USAGE: [(&str, &str); 30] = [
    ("bands", "bands(table, yuan) or bands(table, yuan, points)"),
    ("pick", "pick(table, code)"),
    ("step", "step(table, size)"),
    ("at", "at(figure, day or month)"),
    ("each_month", "each_month(first month, last month)"),
    ("count", "count(item in list: condition)"),
    ("sum", "sum(item in list: number)"),
    ("all", "all(item in list: condition)"),
    ("any", "any(item in list: condition)"),
    ("min", "min(value, value, ..)"),
    ("max", "max(value, value, ..)"),
    ("round", "round(number) or round(number, digits)"),
    ("down", "down(yuan)"),
    ("floor", "floor(number)"),
    ("ceiling", "ceiling(number)"),
    ("known", "known(value)"),
    (
        "otherwise",
        "otherwise(value, value where that is not known)",
    ),
    ("empty", "empty(list)"),
    ("size", "size(list)"),
    ("months", "months(date, date)"),
    ("days", "days(date, date)"),
    ("years", "years(date, date)"),
    ("add_months", "add_months(date or month, number)"),
    ("add_days", "add_days(date, number)"),
    ("year", "year(date)"),
    ("without", "without(list, list)"),
    ("get", "get(map, 'word', value where there is none)"),
    ("values", "values(map)"),
    ("quota_decisions", "quota_decisions(list of yuan, yuan)"),
    ("quota_sold", "quota_sold(list of yuan, yuan)"),
];

/// Whether a value of a type can stand where another is expected.
#[must_use]
pub fn fits(ty: &Type, expected: &Type) -> bool {
    match (ty, expected) {
        (Type::Nothing, Type::Optional(_)) => true,
        (Type::Literal, expected) => expected.known().is_number(),
        (Type::Optional(of), Type::Optional(expected)) => fits(of, expected),
        (ty, Type::Optional(expected)) => fits(ty, expected),
        (Type::List(of), Type::List(expected)) => fits(of, expected),
        (Type::Word(_), Type::Word(words)) if words.is_empty() => true,
        (Type::Word(some), Type::Word(words)) => {
            !some.is_empty() && some.iter().all(|word| words.contains(word))
        }
        (ty, expected) => ty == expected,
    }
}

/// The names of which a condition asks whether they are known, where it has this outcome.
fn asked(condition: &Node, outcome: bool) -> Vec<String> {
    match &condition.what {
        Expression::Call(function, arguments) if function == "known" && outcome => {
            match arguments.as_slice() {
                [
                    Node {
                        what: Expression::Name(name),
                        ..
                    },
                ] => vec![name.clone()],
                _ => vec![],
            }
        }
        Expression::Not(of) => asked(of, !outcome),
        Expression::Two(left, Operator::And, right) if outcome => {
            [asked(left, true), asked(right, true)].concat()
        }
        Expression::Two(left, Operator::Or, right) if !outcome => {
            [asked(left, false), asked(right, false)].concat()
        }
        _ => vec![],
    }
}

/// A word that is asked for and that a value can't be.
fn never<'t>(operator: Operator, one: &Type, other: &'t Type) -> Option<&'t str> {
    let (Type::Word(words), Type::Word(asked)) = (
        one,
        match (operator, other) {
            (Operator::In, Type::List(of)) => of,
            (Operator::Equal | Operator::Different, other) => other,
            _ => return None,
        },
    ) else {
        return None;
    };
    let unknown = asked.iter().find(|word| !words.contains(word));
    unknown.filter(|_| !words.is_empty()).map(|word| &**word)
}

/// Why two types do not go together.
fn unlike(operator: Operator, one: &Type, other: &Type) -> String {
    let dates = [one, other]
        .into_iter()
        .any(|ty| matches!(ty, Type::Date | Type::Month));
    match operator {
        Operator::Plus | Operator::Minus if dates => {
            format!(
                "{one} and {other} can't be added or taken away: use add_days, add_months, days, months or years"
            )
        }
        Operator::Plus | Operator::Minus => {
            format!("{one} and {other} can't be added or taken away: both have to be of one unit")
        }
        Operator::Times => {
            format!("{one} times {other} means nothing: one of both is a plain number")
        }
        Operator::Over => format!(
            "{one} over {other} means nothing: both are of one unit, or the second is a plain number"
        ),
        Operator::Or | Operator::And => {
            format!("`and` and `or` join conditions, these are {one} and {other}")
        }
        Operator::In => format!("expected a list of {one} after `in`, this is {other}"),
        _ => format!("{one} and {other} can't be compared"),
    }
}

fn result(operator: Operator, one: &Type, other: &Type) -> Option<Type> {
    let joined = one.joined(other);
    match operator {
        Operator::Or | Operator::And => {
            (*one == Type::Bool && *other == Type::Bool).then_some(Type::Bool)
        }
        Operator::Less | Operator::AtMost | Operator::More | Operator::AtLeast => {
            let ordered = matches!(
                joined?,
                Type::Literal | Type::Yuan | Type::Number | Type::Area | Type::Date | Type::Month
            );
            ordered.then_some(Type::Bool)
        }
        Operator::Equal | Operator::Different => joined.map(|_| Type::Bool),
        Operator::In => match other {
            Type::List(of) => one.joined(of).map(|_| Type::Bool),
            _ => None,
        },
        Operator::Plus | Operator::Minus => joined.filter(Type::is_number),
        Operator::Times => match (one, other) {
            (Type::Literal, number) | (number, Type::Literal) if number.is_number() => {
                Some(number.clone())
            }
            (Type::Number, number) | (number, Type::Number) if number.is_number() => {
                Some(number.clone())
            }
            _ => None,
        },
        Operator::Over => match (one, other) {
            (Type::Literal, Type::Literal) => Some(Type::Literal),
            (number, Type::Literal | Type::Number) if number.is_number() => Some(number.clone()),
            (one, other) if one == other && one.is_number() => Some(Type::Number),
            _ => None,
        },
    }
}

fn builtin(function: &str, types: &[Type]) -> Option<(Builtin, Type)> {
    let numbers = |types: &[Type]| -> Option<Type> {
        let (first, rest) = types.split_first()?;
        rest.iter()
            .try_fold(first.clone(), |joined, ty| joined.joined(ty))
    };
    let plain = |ty: &Type| matches!(ty, Type::Number | Type::Literal);
    Some(match (function, types) {
        ("min" | "max", [_, _, ..]) => {
            let ty = numbers(types)?;
            let ordered = ty.is_number() || matches!(ty, Type::Date | Type::Month);
            (
                if function == "min" {
                    Builtin::Min
                } else {
                    Builtin::Max
                },
                ordered.then_some(ty)?,
            )
        }
        ("round", [number]) if number.is_number() => (Builtin::Round, number.clone()),
        ("round", [number, digits]) if number.is_number() && plain(digits) => {
            (Builtin::Round, number.clone())
        }
        ("down", [Type::Yuan]) => (Builtin::Down, Type::Yuan),
        ("floor", [number]) if number.is_number() => (Builtin::Floor, number.clone()),
        ("ceiling", [number]) if number.is_number() => (Builtin::Ceiling, number.clone()),
        ("known", [_]) => (Builtin::Known, Type::Bool),
        ("otherwise", [one, other]) => (Builtin::Otherwise, one.known().joined(other)?),
        ("empty", [Type::List(_)]) => (Builtin::Empty, Type::Bool),
        ("size", [Type::List(_)]) => (Builtin::Size, Type::Number),
        ("months", [Type::Date, Type::Date]) => (Builtin::Months, Type::Number),
        ("days", [Type::Date, Type::Date]) => (Builtin::Days, Type::Number),
        ("years", [Type::Date, Type::Date]) => (Builtin::Years, Type::Number),
        ("add_months", [day @ (Type::Date | Type::Month), months]) if plain(months) => {
            (Builtin::AddMonths, day.clone())
        }
        ("add_days", [Type::Date, days]) if plain(days) => (Builtin::AddDays, Type::Date),
        ("each_month", [Type::Month, Type::Month]) => {
            (Builtin::EachMonth, Type::List(Box::new(Type::Month)))
        }
        ("year", [Type::Date]) => (Builtin::Year, Type::Number),
        ("without", [Type::List(of), Type::List(other)]) => (
            Builtin::Without,
            Type::List(Box::new(of.joined(other).map(|_| (**of).clone())?)),
        ),
        ("get", [Type::Map(of), Type::Word(_), other]) => (Builtin::Get, of.joined(other)?),
        ("values", [Type::Map(of)]) => (Builtin::Values, Type::List(of.clone())),
        ("quota_decisions", [Type::List(of), limit]) if **of == Type::Yuan && limit.is_number() => {
            (
                Builtin::QuotaDecisions,
                Type::List(Box::new(Type::any_word())),
            )
        }
        ("quota_sold", [Type::List(of), limit]) if **of == Type::Yuan && limit.is_number() => {
            (Builtin::QuotaSold, Type::Yuan)
        }
        _ => return None,
    })
}

impl Formula {
    /// Computes it over the values of all names.
    ///
    /// # Errors
    /// A number is too large.
    pub fn value(&self, frame: &mut [Value]) -> Result<Value, Fault> {
        self.code.value(frame)
    }

    /// The places of the values that it reads.
    #[must_use]
    pub fn slots(&self) -> Vec<usize> {
        let mut slots = Vec::new();
        let mut own = Vec::new();
        self.code.walk(&mut |code| match code {
            Code::Slot(slot) if !slots.contains(slot) => slots.push(*slot),
            Code::Let(slot, ..) | Code::Each(_, _, slot, _) => own.push(*slot),
            _ => {}
        });
        slots.retain(|slot| !own.contains(slot));
        slots
    }

    /// The values that are written in it or are figures of the rule.
    pub(crate) fn add_literals(&self, literals: &mut Vec<Value>) {
        self.code.walk(&mut |code| {
            if let Code::Value(value) = code
                && !matches!(value, Value::None | Value::Bool(_))
                && !literals.contains(value)
            {
                literals.push(value.clone());
            }
        });
    }
}

impl Code {
    fn walk(&self, seen: &mut impl FnMut(&Code)) {
        seen(self);
        match self {
            Code::Value(_) | Code::Slot(_) => {}
            Code::Field(of, _) | Code::Negative(of) | Code::Not(of) => of.walk(seen),
            Code::Pick(_, of) | Code::Step(_, of) | Code::At(_, of) => of.walk(seen),
            Code::List(items) | Code::Call(_, items) => {
                items.iter().for_each(|item| item.walk(seen))
            }
            Code::Two(one, _, other) | Code::Bands(_, one, other) => {
                [one, other].into_iter().for_each(|part| part.walk(seen))
            }
            Code::Each(_, one, _, other) | Code::Let(_, one, other) => {
                [one, other].into_iter().for_each(|part| part.walk(seen))
            }
            Code::If(condition, one, other) => [condition, one, other]
                .into_iter()
                .for_each(|part| part.walk(seen)),
        }
    }

    fn value(&self, frame: &mut [Value]) -> Result<Value, Fault> {
        Ok(match self {
            Code::Value(value) => value.clone(),
            Code::Slot(slot) => frame.get(*slot).cloned().unwrap_or(Value::None),
            Code::Field(of, field) => match of.value(frame)? {
                Value::Map(fields) => entry(&fields, field).unwrap_or(Value::None),
                _ => Value::None,
            },
            Code::List(items) => {
                let values = items.iter().map(|item| item.value(frame));
                Value::List(values.collect::<Result<_, _>>()?)
            }
            Code::Negative(of) => Value::Number(of.number(frame)?.negated()),
            Code::Not(of) => Value::Bool(!of.is_true(frame)?),
            Code::Two(one, operator, other) => two(one, *operator, other, frame)?,
            Code::If(condition, one, other) => match condition.is_true(frame)? {
                true => one.value(frame)?,
                false => other.value(frame)?,
            },
            Code::Call(builtin, arguments) => called(*builtin, arguments, frame)?,
            Code::Bands(bands, amount, raised) => {
                let (amount, raised) = (amount.number(frame)?, raised.number(frame)?);
                Value::Number(bands.on(amount, raised).ok_or(Fault::Overflow)?)
            }
            Code::Pick(codes, key) => {
                let figure = match key.value(frame)? {
                    Value::Word(word) => codes.of(&word),
                    Value::Number(number) => {
                        number.integer().and_then(|key| codes.of(&key.to_string()))
                    }
                    _ => None,
                };
                figure.map_or(Value::None, Value::Number)
            }
            Code::Step(steps, size) => steps
                .at(size.number(frame)?)
                .map_or(Value::None, Value::Number),
            Code::At(dated, day) => {
                let day = match day.value(frame)? {
                    Value::Date(day) => Some(day),
                    Value::Month(month) => month.first_day(),
                    _ => None,
                };
                let day = day.ok_or(Fault::Overflow)?;
                let not_yet = || Fault::NotYet {
                    figure: dated.name.to_string(),
                    day,
                };
                Value::Number(dated.on(day).ok_or_else(not_yet)?)
            }
            Code::Each(fold, list, slot, body) => folded(*fold, list, *slot, body, frame)?,
            Code::Let(slot, value, body) => {
                let value = value.value(frame)?;
                place(frame, *slot, value);
                body.value(frame)?
            }
        })
    }

    /// The number; zero of what is none, which no formula that was checked meets.
    fn number(&self, frame: &mut [Value]) -> Result<Exact, Fault> {
        Ok(match self.value(frame)? {
            Value::Number(number) => number,
            _ => Exact::whole(0),
        })
    }
    fn is_true(&self, frame: &mut [Value]) -> Result<bool, Fault> {
        Ok(self.value(frame)? == Value::Bool(true))
    }
}

fn place(frame: &mut [Value], slot: usize, value: Value) {
    if let Some(place) = frame.get_mut(slot) {
        *place = value;
    }
}

fn entry(fields: &[(Arc<str>, Value)], name: &str) -> Option<Value> {
    let mut fields = fields.iter();
    fields
        .find(|(key, _)| &**key == name)
        .map(|(_, value)| value.clone())
}

fn two(one: &Code, operator: Operator, other: &Code, frame: &mut [Value]) -> Result<Value, Fault> {
    match operator {
        Operator::Or => return Ok(Value::Bool(one.is_true(frame)? || other.is_true(frame)?)),
        Operator::And => return Ok(Value::Bool(one.is_true(frame)? && other.is_true(frame)?)),
        _ => {}
    }
    let (one, other) = (one.value(frame)?, other.value(frame)?);
    let number = |number: Option<Exact>| number.map(Value::Number).ok_or(Fault::Overflow);
    match (operator, &one, &other) {
        (Operator::Plus, Value::Number(one), Value::Number(other)) => number(one.plus(*other)),
        (Operator::Minus, Value::Number(one), Value::Number(other)) => number(one.minus(*other)),
        (Operator::Times, Value::Number(one), Value::Number(other)) => number(one.times(*other)),
        (Operator::Over, Value::Number(_), Value::Number(other)) if other.is_zero() => {
            Err(Fault::DividedByZero)
        }
        (Operator::Over, Value::Number(one), Value::Number(other)) => number(one.over(*other)),
        (Operator::Equal, ..) => Ok(Value::Bool(one == other)),
        (Operator::Different, ..) => Ok(Value::Bool(one != other)),
        (Operator::In, one, Value::List(items)) => Ok(Value::Bool(items.contains(one))),
        (_, Value::Number(one), Value::Number(other)) => {
            Ok(Value::Bool(holds(operator, one, other)))
        }
        (_, Value::Date(one), Value::Date(other)) => Ok(Value::Bool(holds(operator, one, other))),
        (_, Value::Month(one), Value::Month(other)) => Ok(Value::Bool(holds(operator, one, other))),
        _ => Ok(Value::None),
    }
}

fn holds<T: PartialOrd>(operator: Operator, one: &T, other: &T) -> bool {
    match operator {
        Operator::Less => one < other,
        Operator::AtMost => one <= other,
        Operator::More => one > other,
        _ => one >= other,
    }
}

fn folded(
    fold: Fold,
    list: &Code,
    slot: usize,
    body: &Code,
    frame: &mut [Value],
) -> Result<Value, Fault> {
    let items: Arc<[Value]> = match list.value(frame)? {
        Value::List(items) => items,
        Value::Map(fields) => fields.iter().map(|(_, value)| value.clone()).collect(),
        _ => Arc::from([]),
    };
    let (mut sum, mut held) = (Exact::whole(0), 0);
    for item in items.iter() {
        place(frame, slot, item.clone());
        match body.value(frame)? {
            Value::Number(number) => sum = sum.plus(number).ok_or(Fault::Overflow)?,
            Value::Bool(true) => held += 1,
            _ => {}
        }
    }
    Ok(match fold {
        Fold::Sum => Value::Number(sum),
        Fold::Count => Value::Number(Exact::whole(held)),
        Fold::All => Value::Bool(usize::try_from(held).is_ok_and(|held| held == items.len())),
        Fold::Any => Value::Bool(held > 0),
    })
}

fn called(builtin: Builtin, arguments: &[Code], frame: &mut [Value]) -> Result<Value, Fault> {
    let mut values = Vec::with_capacity(arguments.len());
    for argument in arguments {
        values.push(argument.value(frame)?);
    }
    let number = |number: Option<Exact>| number.map(Value::Number).ok_or(Fault::Overflow);
    Ok(match (builtin, values.as_slice()) {
        (Builtin::Min, values) => extreme(values, |one, best| one < best),
        (Builtin::Max, values) => extreme(values, |one, best| one > best),
        (Builtin::Round, [Value::Number(one)]) => number(one.rounded(2))?,
        (Builtin::Round, [Value::Number(one), Value::Number(digits)]) => {
            let digits = digits
                .integer()
                .and_then(|digits| u32::try_from(digits).ok());
            number(one.rounded(digits.ok_or(Fault::Overflow)?))?
        }
        (Builtin::Down, [Value::Number(one)]) => number(one.down_to_fen())?,
        (Builtin::Floor, [Value::Number(one)]) => Value::Number(one.floor()),
        (Builtin::Ceiling, [Value::Number(one)]) => Value::Number(one.ceiling()),
        (Builtin::Known, [one]) => Value::Bool(*one != Value::None),
        (Builtin::Otherwise, [Value::None, other]) => other.clone(),
        (Builtin::Otherwise, [one, _]) => one.clone(),
        (Builtin::Empty, [Value::List(items)]) => Value::Bool(items.is_empty()),
        (Builtin::Size, [Value::List(items)]) => Value::Number(Exact::whole(length(items))),
        (Builtin::Months, [Value::Date(from), Value::Date(to)]) => {
            Value::Number(Exact::whole(calendar(*from, *to).0))
        }
        (Builtin::Days, [Value::Date(from), Value::Date(to)]) => {
            Value::Number(Exact::whole(calendar(*from, *to).1))
        }
        (Builtin::Years, [Value::Date(born), Value::Date(on)]) => {
            Value::Number(Exact::whole(years(*born, *on)))
        }
        (Builtin::AddMonths, [Value::Date(day), Value::Number(months)]) => {
            let months = whole(*months)?;
            months_after(*day, months)
                .map(Value::Date)
                .ok_or(Fault::Overflow)?
        }
        (Builtin::AddMonths, [Value::Month(month), Value::Number(months)]) => {
            let moved: Option<YearMonth> = month.plus(whole(*months)?);
            moved.map(Value::Month).ok_or(Fault::Overflow)?
        }
        (Builtin::AddDays, [Value::Date(day), Value::Number(days)]) => {
            let days = time::Duration::days(whole(*days)?.into());
            day.checked_add(days)
                .map(Value::Date)
                .ok_or(Fault::Overflow)?
        }
        (Builtin::EachMonth, [Value::Month(first), Value::Month(last)]) => {
            Value::List(each_month(*first, *last).ok_or(Fault::Overflow)?)
        }
        (Builtin::Year, [Value::Date(day)]) => Value::Number(Exact::whole(day.year().into())),
        (Builtin::Without, [Value::List(items), Value::List(others)]) => Value::List(
            items
                .iter()
                .filter(|item| !others.contains(item))
                .cloned()
                .collect(),
        ),
        (Builtin::Get, [Value::Map(fields), Value::Word(name), other]) => {
            entry(fields, name).unwrap_or_else(|| other.clone())
        }
        (Builtin::Values, [Value::Map(fields)]) => {
            Value::List(fields.iter().map(|(_, value)| value.clone()).collect())
        }
        (Builtin::QuotaDecisions, [Value::List(sales), Value::Number(limit)]) => {
            Value::List(quota(sales, *limit)?.0.into())
        }
        (Builtin::QuotaSold, [Value::List(sales), Value::Number(limit)]) => {
            Value::Number(quota(sales, *limit)?.1)
        }
        _ => Value::None,
    })
}

/// The months from one to another, both of them; none where they are more than those of a century.
pub(crate) fn each_month(first: YearMonth, last: YearMonth) -> Option<Arc<[Value]>> {
    let months = (last.count() - first.count()).saturating_add(1).max(0);
    let each = (0..months).map(|months| first.plus(months).map(Value::Month));
    (months <= 1_200).then(|| each.collect())?
}

fn length(items: &[Value]) -> i64 {
    i64::try_from(items.len()).unwrap_or(i64::MAX)
}

fn whole(number: Exact) -> Result<i32, Fault> {
    let whole = number
        .integer()
        .and_then(|number| i32::try_from(number).ok());
    whole.ok_or(Fault::Overflow)
}

fn extreme(values: &[Value], better: fn(&Value, &Value) -> bool) -> Value {
    let mut values = values.iter();
    let first = values.next().cloned().unwrap_or(Value::None);
    values.fold(first, |best, one| {
        if better(one, &best) {
            one.clone()
        } else {
            best
        }
    })
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Value::Number(one), Value::Number(other)) => one.partial_cmp(other),
            (Value::Date(one), Value::Date(other)) => one.partial_cmp(other),
            (Value::Month(one), Value::Month(other)) => one.partial_cmp(other),
            _ => None,
        }
    }
}

/// So many months later; at the end of a shorter month its last day.
fn months_after(day: Date, months: i32) -> Option<Date> {
    let count = day.year().checked_mul(12)? + i32::from(u8::from(day.month())) - 1;
    let count = count.checked_add(months)?;
    let month = time::Month::try_from(u8::try_from(count.rem_euclid(12) + 1).ok()?).ok()?;
    let year = count.div_euclid(12);
    let last = month.length(year);
    Date::from_calendar_date(year, month, day.day().min(last)).ok()
}

/// Whole months and remaining days from the first day, which counts, to the last, which does not.
pub(crate) fn calendar(from: Date, to: Date) -> (i64, i64) {
    if to <= from {
        return (0, 0);
    }
    let ahead = (to.year() - from.year()) * 12 + i32::from(u8::from(to.month()))
        - i32::from(u8::from(from.month()));
    // The day of the month before `to` or of its own, from which on days remain; a shorter month ends earlier.
    let in_month = |year: i32, month: time::Month| from.day().min(month.length(year));
    let begins = in_month(to.year(), to.month());
    if begins <= to.day() {
        return (ahead.into(), (to.day() - begins).into());
    }
    let before = to.month().previous();
    let year = to.year() - i32::from(before == time::Month::December);
    let rest = before.length(year) - in_month(year, before) + to.day();
    (i64::from(ahead) - 1, rest.into())
}

/// Completed years.
pub(crate) fn years(born: Date, on: Date) -> i64 {
    let passed = (on.month() as u8, on.day()) >= (born.month() as u8, born.day());
    i64::from(on.year() - born.year()) - i64::from(!passed)
}

/// What becomes of sales one after another under a quota, and what is sold.
fn quota(sales: &[Value], limit: Exact) -> Result<(Vec<Value>, Exact), Fault> {
    let (mut decisions, mut sold) = (Vec::new(), Exact::whole(0));
    for sale in sales {
        let Value::Number(amount) = sale else {
            continue;
        };
        let with = sold.plus(*amount).ok_or(Fault::Overflow)?;
        let decision = match () {
            () if sold >= limit => "CLOSED",
            () if with > limit => "OVER_QUOTA",
            () => {
                sold = with;
                "OK"
            }
        };
        decisions.push(Value::Word(decision.into()));
    }
    Ok((decisions, sold))
}

#[cfg(test)]
mod tests {
    use super::{calendar, months_after};
    use time::{Duration, macros::date};

    /// So many months and days later is the other day, and a month more would be beyond it.
    #[test]
    fn months_and_days_lead_from_day_to_day() {
        let first = date!(2015 - 12 - 25);
        for from in (0..500).map(|days| first + Duration::days(days)) {
            for to in (1..900).step_by(7).map(|days| from + Duration::days(days)) {
                let (months, days) = calendar(from, to);
                let after = |months: i64| {
                    i32::try_from(months)
                        .ok()
                        .and_then(|months| months_after(from, months))
                };
                assert_eq!(
                    after(months).map(|day| day + Duration::days(days)),
                    Some(to),
                    "{from} {to}"
                );
                assert!(
                    days >= 0 && after(months + 1).is_some_and(|day| day > to),
                    "{from} {to}"
                );
            }
        }
        assert_eq!(
            calendar(date!(2018 - 01 - 31), date!(2018 - 02 - 28)),
            (1, 0)
        );
        assert_eq!(
            calendar(date!(2018 - 01 - 31), date!(2018 - 03 - 01)),
            (1, 1)
        );
    }
}
