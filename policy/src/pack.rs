//! Packs: the rules of a region for a time, read from their files.

use crate::{
    PackError,
    asked::{ASKED, Asked, Vocabulary, asked, outcome},
    formula::{Contradiction, Formula, Function, Scope, Surroundings, fits},
    number::Exact,
    parameter::{Parameter, parameters},
    settled::{Before, Settled, settled},
    syntax,
    table::{Bands, Codes, Dated, DatedValue, Steps, Table},
    value::{Type, Value, parse_day},
};
use std::{collections::HashSet, sync::Arc};
use time::Date;
use yaml::{Fields, Part, Place, do_you_mean, read};

/// The rules of a region for a time.
#[derive(Debug)]
pub struct Pack {
    pub id: String,
    /// Its name (名称).
    pub name: String,
    /// The beginnings of the codes of the regions it holds in; none for the whole country.
    pub regions: Vec<String>,
    /// The pack whose benefits hold where this one has none of their name.
    pub inherits: Option<String>,
    pub benefits: Vec<Benefit>,
    /// The file as it was read.
    pub text: Arc<str>,
    /// What stands outside of the benefits: figures, tables and functions that several of them read.
    pub outside: Arc<str>,
    /// The name of the file.
    pub file: String,
    pub(crate) place: Place,
    pub(crate) place_of_inherits: Place,
}

impl Pack {
    #[must_use]
    pub fn benefit(&self, id: &str) -> Option<&Benefit> {
        self.benefits.iter().find(|benefit| benefit.id == id)
    }
}

/// One thing that can be computed: a benefit, a stage of a settlement, a test.
#[derive(Debug)]
pub struct Benefit {
    pub id: String,
    /// As it is written in the pack.
    pub text: Arc<str>,
    pub chinese: String,
    pub english: String,
    pub departments: Vec<String>,
    /// Of what it is: a member, a household, a claim.
    pub unit: String,
    /// The days on which it is in force; none where it stands.
    pub effective: Option<(Date, Date)>,
    pub cite: Cite,
    /// The interpretations it rests on, such as I-05.
    pub interpretations: Vec<String>,
    pub facts: Vec<Fact>,
    /// What computes it, where no formula can: the check of an identifier.
    pub computed_by: Option<String>,
    pub(crate) in_force: Option<Formula>,
    pub(crate) steps: Vec<Step>,
    pub(crate) gives: Vec<Given>,
    /// How many values it is computed over.
    pub(crate) places: usize,
    /// How it is asked of a household; none where it is not, or nobody said what is known of households.
    pub asked: Option<Asked>,
    /// How the claims of persons are settled by it; none where they are not.
    pub settled: Option<Settled>,
    /// What `asked` will take over.
    outcome: Option<Formula>,
    /// The figures and tables that it may read.
    pub parameters: Vec<Parameter>,
    /// How and when it is paid (发放), in the words of the pack.
    pub payment: String,
    pub documents: String,
    pub excludes: String,
    pub note: String,
    /// The figures it reads that change.
    pub(crate) dated: Vec<Arc<Dated>>,
    pub(crate) place: Place,
}

/// Where a rule stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cite {
    pub source: String,
    pub place: String,
}

/// What has to be known.
#[derive(Debug)]
pub struct Fact {
    pub name: String,
    pub ty: Type,
    /// Whole and not below zero.
    pub counted: bool,
}

#[derive(Debug)]
pub(crate) enum Step {
    /// A value that others build on.
    Let {
        name: String,
        place: usize,
        formula: Formula,
    },
    /// The codes whose condition holds, in their order.
    Codes {
        name: String,
        place: usize,
        entries: Vec<(Arc<str>, Formula)>,
    },
    Cascade(Cascade),
}

/// Stages that pay one after the other, each on what is left.
#[derive(Debug)]
pub(crate) struct Cascade {
    pub of: Formula,
    pub left: usize,
    pub stages: usize,
    pub of_stage: Vec<Stage>,
}

#[derive(Debug)]
pub(crate) struct Stage {
    pub name: Arc<str>,
    pub when: Option<Formula>,
    pub pays: Formula,
}

/// A part of the answer.
#[derive(Debug)]
pub(crate) struct Given {
    pub name: String,
    /// It is there when this holds.
    pub when: Option<Formula>,
    pub what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    Value {
        formula: Formula,
        style: Style,
        place: Option<usize>,
    },
    Record(Vec<Given>),
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// By its type.
    Plain,
    Integer,
    /// A text without zeros at its end.
    Trimmed,
    /// A text with so many digits after the point.
    Digits(u32),
}

/// The most bytes of a file; the largest that is shipped has a fiftieth of it.
const LARGEST: usize = 1_000_000;
/// The most bytes of the name of a type.
const LONGEST_TYPE: usize = 400;

/// Reads a pack for computing with given inputs: how its rules are asked of households is not looked at.
///
/// # Errors
/// The first place in it that can't hold.
pub fn read_pack(file: &str, text: &str) -> Result<Pack, PackError> {
    read_with(file, text, None)
}

/// Reads a pack for asking its rules of households of whom this is known.
///
/// # Errors
/// The first place in it that can't hold.
pub fn read_pack_asking(
    file: &str,
    text: &str,
    vocabulary: &Vocabulary,
) -> Result<Pack, PackError> {
    read_with(file, text, Some(vocabulary))
}

fn read_with(file: &str, text: &str, vocabulary: Option<&Vocabulary>) -> Result<Pack, PackError> {
    if text.len() > LARGEST {
        return Err(PackError {
            file: file.to_owned(),
            line: 1,
            column: 1,
            problem: "a pack has at most a million bytes".to_owned(),
        });
    }
    let document = read(file, text)?;
    let part = Part::of(file, &document);
    let fields = part.known(&[
        "pack",
        "name",
        "regions",
        "inherits",
        "sources",
        "figures",
        "tables",
        "functions",
        "benefits",
    ])?;
    let sources = fields.fields("sources")?;
    let mut surroundings = Surroundings::default();
    add_figures(&mut surroundings, &fields, &sources, true)?;
    let of_pack = parameters(&fields, &sources)?;
    let mut used = HashSet::new();
    let mut benefits = Vec::new();
    let of_benefits = fields.need("benefits")?.span();
    for (id, part) in fields.need("benefits")?.fields()? {
        let mut benefit = benefit(id, part, &surroundings, &sources, &mut used)?;
        let own = part.known(BENEFIT)?;
        benefit.text = within(text, part.span()).into();
        let named = parameters(&own, &sources)?;
        benefit.parameters = of_pack.iter().cloned().chain(named).collect();
        let outcome = benefit.outcome.take();
        if let (Some(part), Some(vocabulary), Some(outcome)) =
            (own.get("asked"), vocabulary, outcome)
        {
            benefit.asked = Some(asked(part, &benefit, outcome, &surroundings, vocabulary)?);
        }
        benefits.push(benefit);
    }
    all_used(&fields, &used)?;
    let id = fields.need("pack")?;
    let inherits = fields.get("inherits").unwrap_or(id);
    let above = fields.text("inherits")?;
    if above == id.text()? {
        return Err(inherits.error("a pack can't inherit from itself"));
    }
    Ok(Pack {
        id: id.text()?.to_owned(),
        name: fields.need("name")?.text()?.to_owned(),
        regions: regions(&fields)?,
        inherits: (!above.is_empty()).then_some(above),
        benefits,
        text: text.into(),
        outside: without(text, of_benefits).into(),
        file: file.to_owned(),
        place: id.place(),
        place_of_inherits: inherits.place(),
    })
}

/// The text between two places, in characters.
fn within(text: &str, (from, to): (usize, usize)) -> String {
    text.chars().skip(from).take(to - from).collect()
}

fn without(text: &str, (from, to): (usize, usize)) -> String {
    let before = text.chars().take(from);
    before.chain(text.chars().skip(to)).collect()
}

/// The figures, tables, functions and values that no formula reads: one of them is misspelt, or the rule forgets it.
fn all_used(fields: &Fields<'_>, used: &HashSet<String>) -> Result<(), PackError> {
    for of in ["figures", "tables", "functions", "let"] {
        for (name, part) in fields.fields(of)? {
            if !used.contains(name) {
                return Err(part.error_of_name(format!("no formula reads `{name}`")));
            }
        }
    }
    Ok(())
}

/// `["1509"]`: beginnings of codes of regions.
fn regions(fields: &Fields<'_>) -> Result<Vec<String>, PackError> {
    let regions = texts(fields.get("regions"))?;
    let is_code = |code: &String| {
        (2..=12).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
    };
    match (
        regions.iter().find(|code| !is_code(code)),
        fields.get("regions"),
    ) {
        (Some(code), Some(part)) => {
            Err(part.error(format!("`{code}` is no code of a region: 2 to 12 digits")))
        }
        _ => Ok(regions),
    }
}

fn texts(part: Option<Part<'_>>) -> Result<Vec<String>, PackError> {
    let Some(part) = part else { return Ok(vec![]) };
    if part.is_text() {
        return Ok(part.text()?.split(", ").map(ToOwned::to_owned).collect());
    }
    part.items()?
        .into_iter()
        .map(|item| item.text().map(ToOwned::to_owned))
        .collect()
}

/// The figures, tables and functions of a pack, or of one benefit.
fn add_figures(
    surroundings: &mut Surroundings,
    fields: &Fields<'_>,
    sources: &[(&str, Part<'_>)],
    cited: bool,
) -> Result<(), PackError> {
    for (name, part) in fields.fields("figures")? {
        if let Some(values) = values_by_date(part)? {
            let dated = dated(name, values, sources, cited)?;
            surroundings.dated.insert(name.to_owned(), Arc::new(dated));
            surroundings.figures.remove(name);
            continue;
        }
        cited_by(part, sources, cited)?;
        let figure = figure(part)?;
        surroundings.figures.insert(name.to_owned(), figure);
        surroundings.dated.remove(name);
    }
    for (name, part) in fields.fields("tables")? {
        cited_by(part, sources, cited)?;
        let table = table(part)?;
        surroundings.tables.insert(name.to_owned(), table);
    }
    let functions = fields.fields("functions")?;
    for (name, part) in &functions {
        let of = part.known(&["takes", "gives"])?;
        let takes = of.need("takes")?.fields()?;
        let takes = takes
            .into_iter()
            .map(|(name, part)| Ok((name.to_owned(), fact_type(part)?.0)));
        let body = of.need("gives")?;
        let function = Function {
            takes: takes.collect::<Result<_, PackError>>()?,
            body: parsed(body)?,
        };
        surroundings.functions.insert((*name).to_owned(), function);
    }
    // A mistake inside is told here, not where it is called.
    for (name, part) in &functions {
        let body = part.known(&["takes", "gives"])?.need("gives")?;
        let mut scope = Scope::new(surroundings);
        for (name, ty) in &surroundings.functions[*name].takes {
            scope.add(name, ty.clone());
        }
        checked(body, &surroundings.functions[*name].body, &mut scope).map_err(|mut error| {
            if error.problem.starts_with("there is no `") && error.problem.ends_with('`') {
                error
                    .problem
                    .push_str(" here: a function sees what it takes, figures and tables");
            }
            error
        })?;
    }
    Ok(())
}

/// Whether a figure or table says which source it is from. In a benefit it may rest on the benefit's.
fn cited_by(part: Part<'_>, sources: &[(&str, Part<'_>)], needed: bool) -> Result<(), PackError> {
    let fields = match part.is_text() {
        true => vec![],
        false => part.fields()?,
    };
    match fields.iter().find(|(name, _)| *name == "cite") {
        Some((_, of)) => cite(*of, sources).map(|_| ()),
        None if needed => {
            Err(part.error_of_name("`cite` is missing here: name the source of the figure"))
        }
        None => Ok(()),
    }
}

/// The list of a figure that changes: `is: [ { from: 2018-07-01, is: 4200.00 yuan, cite: n }, .. ]`.
pub(crate) fn values_by_date(part: Part<'_>) -> Result<Option<Part<'_>>, PackError> {
    if part.is_text() {
        return Ok(None);
    }
    let fields = part.fields()?;
    let is = fields
        .iter()
        .find(|(name, _)| *name == "is")
        .map(|(_, is)| *is);
    match is {
        Some(is) if !is.is_text() => {
            part.known(&["is", "note"])?;
            Ok(Some(is))
        }
        _ => Ok(None),
    }
}

fn dated(
    name: &str,
    part: Part<'_>,
    sources: &[(&str, Part<'_>)],
    cited: bool,
) -> Result<Dated, PackError> {
    let mut unit: Option<Type> = None;
    let mut values: Vec<DatedValue> = Vec::new();
    for item in part.items()? {
        let fields = item.known(&["from", "is", "cite", "placeholder", "note"])?;
        cited_by(item, sources, cited)?;
        let begins = fields.need("from")?;
        let from = begins.text()?;
        let from = parse_day(from).ok_or_else(|| {
            begins.error(format!(
                "`{from}` is no day of the calendar, such as 2018-07-01"
            ))
        })?;
        if values.last().is_some_and(|before| before.from >= from) {
            return Err(begins.error(format!(
                "{from} does not come after the value before it: they overlap"
            )));
        }
        let is = fields.need("is")?;
        let (ty, exact) = number(is)?;
        if unit.get_or_insert_with(|| ty.clone()) != &ty {
            return Err(is.error(format!("{ty} among values of another unit")));
        }
        values.push(DatedValue {
            from,
            is: exact,
            cite: fields.get("cite").map(|of| cite(of, sources)).transpose()?,
        });
    }
    let unit = unit.ok_or_else(|| part.error_of_name("the figure has no value"))?;
    Ok(Dated {
        name: name.into(),
        unit,
        values,
    })
}

/// The figures that change and that a benefit reads: while it is in force each has a value, and each value a day.
fn dated_of(
    part: Part<'_>,
    surroundings: &Surroundings,
    used: &HashSet<String>,
    effective: Option<(Date, Date)>,
) -> Result<Vec<Arc<Dated>>, PackError> {
    let read = surroundings
        .dated
        .values()
        .filter(|dated| used.contains(&*dated.name));
    let mut read: Vec<_> = read.cloned().collect();
    read.sort_by(|one, other| one.name.cmp(&other.name));
    for dated in &read {
        let (Some((from, to)), name) = (effective, &dated.name) else {
            continue;
        };
        if let Some(first) = dated.values.first().filter(|first| first.from > from) {
            let problem = format!(
                "`{name}` has no value from {from} until {}, while this is in force",
                first.from
            );
            return Err(part.error_of_name(problem));
        }
        if let Some(last) = dated.values.last().filter(|last| last.from > to) {
            let problem = format!(
                "`{name}` changes on {}, when this is no longer in force",
                last.from
            );
            return Err(part.error_of_name(problem));
        }
    }
    Ok(read)
}

/// A figure as it is written, `3906.00 yuan`, or with what is said of it.
fn figure(part: Part<'_>) -> Result<(Type, Value), PackError> {
    if !part.is_text() {
        let fields = part.known(&["is", "cite", "placeholder", "note"])?;
        return figure(fields.need("is")?);
    }
    let text = part.text()?;
    if let Some(day) = parse_day(text) {
        return Ok((Type::Date, Value::Date(day)));
    }
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let (number, unit) = match number.strip_suffix('%') {
        Some(number) => (number, "%"),
        None => (number, unit),
    };
    let exact = Exact::decimal(number).ok_or_else(|| {
        part.error(format!(
            "`{text}` is no figure: write it as 3906.00 yuan, 80%, 25 m2, 12 or 2018-09-30"
        ))
    })?;
    let (ty, exact) = match unit {
        "yuan" => (Type::Yuan, exact),
        "m2" => (Type::Area, exact),
        "" => (Type::Number, exact),
        "%" => (Type::Number, exact.over(Exact::whole(100)).unwrap_or(exact)),
        unit => return Err(part.error(format!("`{unit}` is none of yuan, m2, %"))),
    };
    Ok((ty, Value::Number(exact)))
}

fn number(part: Part<'_>) -> Result<(Type, Exact), PackError> {
    match figure(part)? {
        (ty, Value::Number(number)) => Ok((ty, number)),
        _ => Err(part.error("expected a number")),
    }
}

fn table(part: Part<'_>) -> Result<Table, PackError> {
    let fields = part.known(&["bands", "codes", "steps", "cite", "placeholder", "note"])?;
    if let Some(bands) = fields.get("bands") {
        return self::bands(bands).map(|bands| Table::Bands(Arc::new(bands)));
    }
    if let Some(codes) = fields.get("codes") {
        let (unit, entries) = entries(codes)?;
        let entries = entries
            .into_iter()
            .map(|(key, figure)| (key.into(), figure))
            .collect();
        return Ok(Table::Codes(Arc::new(Codes { unit, entries })));
    }
    let part = fields.need("steps")?;
    let (unit, entries) = entries(part)?;
    let mut from = Vec::new();
    for (key, figure) in entries {
        let size = Exact::decimal(key).ok_or_else(|| part.error(format!("`{key}` is no size")))?;
        if from.last().is_some_and(|(before, _)| *before >= size) {
            return Err(part.error(format!("{key} does not come after the size before it")));
        }
        from.push((size, figure));
    }
    Ok(Table::Steps(Arc::new(Steps { unit, from })))
}

/// Figures by their keys.
type Entries<'f> = Vec<(&'f str, Exact)>;

/// Figures of one unit by their keys.
fn entries(part: Part<'_>) -> Result<(Type, Entries<'_>), PackError> {
    let (mut unit, mut entries) = (None, Vec::new());
    for (key, part) in part.fields()? {
        let (ty, exact) = number(part)?;
        if unit.get_or_insert_with(|| ty.clone()) != &ty {
            return Err(part.error(format!("{ty} among figures of another unit")));
        }
        entries.push((key, exact));
    }
    Ok((
        unit.ok_or_else(|| part.error("the table is empty"))?,
        entries,
    ))
}

/// `{ to: 10000 yuan, pays: 80% }`, rising; the last one without a bound.
fn bands(part: Part<'_>) -> Result<Bands, PackError> {
    let (mut below, mut above) = (Vec::<(Exact, Exact)>::new(), None);
    for item in part.items()? {
        if above.is_some() {
            return Err(item.error("this band is never reached: the one before it has no bound"));
        }
        let fields = item.known(&["to", "pays"])?;
        let pays = fields.need("pays")?;
        let rate = number(pays)?.1;
        if !pays.text()?.ends_with('%') {
            let percent = pays.text()?;
            return Err(pays.error(format!("`{percent}` has no percent sign: write it as 80%")));
        }
        if rate.is_negative() || rate > Exact::whole(1) {
            return Err(item.error("a band pays from 0 to 100 percent"));
        }
        let Some(bound) = fields.get("to") else {
            above = Some(rate);
            continue;
        };
        let (ty, bound_value) = number(bound)?;
        if ty != Type::Yuan
            || bound_value <= below.last().map_or(Exact::whole(0), |(before, _)| *before)
        {
            return Err(
                bound.error("the bounds are yuan and rise: this band overlaps the one before it")
            );
        }
        below.push((bound_value, rate));
    }
    let above =
        above.ok_or_else(|| part.error("the last band has no bound: say what is paid above"))?;
    Ok(Bands { below, above })
}

/// The keys of a benefit.
const BENEFIT: &[&str] = &[
    "chinese",
    "english",
    "departments",
    "unit",
    "effective",
    "cite",
    "interpretations",
    "payment",
    "documents",
    "excludes",
    "note",
    "figures",
    "tables",
    "functions",
    "facts",
    "in_force",
    "let",
    "codes",
    "cascade",
    "gives",
    "computed_by",
    "asked",
    "settled",
];

fn benefit(
    id: &str,
    part: Part<'_>,
    of_pack: &Surroundings,
    sources: &[(&str, Part<'_>)],
    used: &mut HashSet<String>,
) -> Result<Benefit, PackError> {
    let fields = part.known(BENEFIT)?;
    let mut surroundings = of_pack.clone();
    add_figures(&mut surroundings, &fields, sources, false)?;
    let mut scope = Scope::new(&surroundings);
    let facts = facts(&fields, &mut scope)?;
    let in_force = condition(fields.get("in_force"), &mut scope)?;
    let steps = steps(&fields, &mut scope)?;
    let gives = fields
        .get("gives")
        .map_or(Ok(vec![]), |part| gives(part, &mut scope, true))?;
    let computed_by = fields.text("computed_by")?;
    let computed_by = (!computed_by.is_empty()).then_some(computed_by);
    if gives.is_empty() && computed_by.is_none() {
        return Err(part.error_of_name("`gives` is missing here: say what the benefit gives"));
    }
    let outcome = fields
        .get("asked")
        .map(|part| outcome(part, &part.known(ASKED)?, &mut scope))
        .transpose()?;
    let unit = one_of(fields.need("unit")?, fields.need("unit")?.text()?, &UNITS)?;
    let before = Before {
        unit: &unit,
        facts: &facts,
        steps: &steps,
    };
    let settled = fields
        .get("settled")
        .map(|part| settled(part, &before, &surroundings, &mut scope))
        .transpose()?;
    let (settled, mut read) = settled.unzip();
    let read = read.get_or_insert_default();
    read.extend(scope.used().iter().cloned());
    all_used(&fields, read)?;
    used.extend(read.iter().cloned());
    let effective = fields.get("effective").map(effective).transpose()?;
    Ok(Benefit {
        id: id.to_owned(),
        chinese: fields.need("chinese")?.text()?.to_owned(),
        english: fields.need("english")?.text()?.to_owned(),
        departments: departments(fields.need("departments")?)?,
        unit,
        effective,
        cite: cite(fields.need("cite")?, sources)?,
        interpretations: interpretations(fields.get("interpretations"))?,
        facts,
        computed_by,
        in_force,
        steps,
        gives,
        places: scope.slots(),
        asked: None,
        text: "".into(),
        settled,
        outcome,
        parameters: vec![],
        payment: fields.text("payment")?,
        documents: fields.text("documents")?,
        excludes: fields.text("excludes")?,
        note: fields.text("note")?,
        dated: dated_of(part, &surroundings, read, effective)?,
        place: part.place(),
    })
}

impl Benefit {
    /// Its formulas in order, each with what it computes or the code it decides.
    #[must_use]
    pub fn formulas(&self) -> Vec<(String, String)> {
        let mut formulas = Vec::new();
        let mut add = |name: &str, formula: &Formula| {
            formulas.push((name.to_owned(), formula.text.to_string()));
        };
        for step in &self.steps {
            match step {
                Step::Let { name, formula, .. } => add(name, formula),
                Step::Codes { entries, .. } => {
                    for (code, formula) in entries {
                        add(code, formula);
                    }
                }
                Step::Cascade(cascade) => {
                    for stage in &cascade.of_stage {
                        add(&stage.name, &stage.pays);
                    }
                }
            }
        }
        for given in &self.gives {
            if let What::Value { formula, .. } = &given.what {
                add(&given.name, formula);
            }
        }
        formulas
    }

    /// The values that its formulas compare and compute with.
    pub(crate) fn literals(&self) -> Vec<Value> {
        let mut literals = Vec::new();
        for step in &self.steps {
            match step {
                Step::Let { formula, .. } => formula.add_literals(&mut literals),
                Step::Codes { entries, .. } => {
                    for (_, formula) in entries {
                        formula.add_literals(&mut literals);
                    }
                }
                Step::Cascade(_) => {}
            }
        }
        for given in &self.gives {
            if let What::Value { formula, .. } = &given.what {
                formula.add_literals(&mut literals);
            }
        }
        literals
    }
}

/// The type of this name.
pub(crate) fn type_named(text: &str) -> Option<Type> {
    type_of(text).map(|(ty, _)| ty)
}

/// Of what a benefit can be.
const UNITS: [&str; 11] = [
    "claim",
    "county",
    "firm",
    "household",
    "loan",
    "member",
    "project",
    "publicity",
    "region",
    "village",
    "village team",
];
/// The departments, by their words in the graph.
pub const DEPARTMENTS: [&str; 27] = [
    "POVERTY",
    "TOWNSHIP",
    "VILLAGE",
    "HELPER",
    "CIVIL",
    "MEDINS",
    "HEALTH",
    "INSURER",
    "EDU",
    "SCHOOL",
    "HOUSING",
    "RELOC",
    "FINANCE",
    "BANK",
    "HRSS",
    "FORESTRY",
    "AGRI",
    "DPF",
    "POLICE",
    "WOMEN",
    "LAND",
    "AUDIT",
    "ORG",
    "STATS",
    "ASSESSOR",
    "PUBLIC",
    "HOUSEHOLD",
];

pub(crate) fn one_of(part: Part<'_>, word: &str, words: &[&str]) -> Result<String, PackError> {
    if words.contains(&word) {
        return Ok(word.to_owned());
    }
    let meant = do_you_mean(word, words.iter().copied());
    let words = words.join(", ");
    Err(part.error(format!("`{word}` is none of {words}{meant}")))
}

fn departments(part: Part<'_>) -> Result<Vec<String>, PackError> {
    let words = texts(Some(part))?;
    words
        .iter()
        .map(|word| one_of(part, word, &DEPARTMENTS))
        .collect()
}

/// `[I-05]`.
fn interpretations(part: Option<Part<'_>>) -> Result<Vec<String>, PackError> {
    let numbers = texts(part)?;
    let is_number = |text: &String| {
        text.strip_prefix("I-").is_some_and(|digits| {
            digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit())
        })
    };
    match (numbers.iter().find(|number| !is_number(number)), part) {
        (Some(number), Some(part)) => Err(part.error(format!(
            "`{number}` is no number of an interpretation, such as I-05"
        ))),
        _ => Ok(numbers),
    }
}

/// `2018-01-01 to 2018-12-31`.
fn effective(part: Part<'_>) -> Result<(Date, Date), PackError> {
    let expected = "expected two days, such as 2018-01-01 to 2018-12-31";
    let (from, to) = part
        .text()?
        .split_once(" to ")
        .ok_or_else(|| part.error(expected))?;
    let day = |text: &str| {
        parse_day(text)
            .ok_or_else(|| part.error(format!("`{text}` is no day of the calendar: {expected}")))
    };
    let (from, to) = (day(from)?, day(to)?);
    match from <= to {
        true => Ok((from, to)),
        false => Err(part.error(format!("it ends on {to}, before it begins on {from}"))),
    }
}

/// The word of a source, and perhaps the place in it.
pub(crate) fn cite(part: Part<'_>, sources: &[(&str, Part<'_>)]) -> Result<Cite, PackError> {
    let text = part.text()?;
    let (word, place) = text.split_once(", ").unwrap_or((text, ""));
    let source = sources.iter().find(|(name, _)| *name == word);
    let (_, source) = source.ok_or_else(|| {
        let names: Vec<_> = sources.iter().map(|(name, _)| *name).collect();
        part.error(format!(
            "there is no source `{word}` among {}",
            names.join(", ")
        ))
    })?;
    Ok(Cite {
        source: source.text()?.to_owned(),
        place: place.to_owned(),
    })
}

fn facts(fields: &Fields<'_>, scope: &mut Scope<'_>) -> Result<Vec<Fact>, PackError> {
    let mut facts = Vec::new();
    for (name, part) in fields.fields("facts")? {
        let (ty, counted) = fact_type(part)?;
        new_name(name, part, scope)?;
        scope.add(name, ty.clone());
        facts.push(Fact {
            name: name.to_owned(),
            ty,
            counted,
        });
    }
    Ok(facts)
}

fn new_name(name: &str, part: Part<'_>, scope: &Scope<'_>) -> Result<(), PackError> {
    match scope.has(name) {
        true => Err(part.error_of_name(format!("`{name}` is there already: give it another name"))),
        false => Ok(()),
    }
}

/// The type of a fact, and whether it is a count.
fn fact_type(part: Part<'_>) -> Result<(Type, bool), PackError> {
    if part.is_text() {
        let text = part.text()?;
        let known = (text.len() <= LONGEST_TYPE)
            .then(|| type_of(text))
            .flatten();
        return known.ok_or_else(|| part.error(format!("`{text}` is no type: expected {TYPES}")));
    }
    let mut fields = Vec::new();
    for (name, part) in part.fields()? {
        if name == "map of" {
            return Ok((Type::Map(Box::new(fact_type(part)?.0)), false));
        }
        fields.push((name.into(), fact_type(part)?.0));
    }
    Ok((Type::Record(fields.into()), false))
}

const TYPES: &str =
    "bool, yuan, number, percent, count, m2, date, month, word, or words such as one | two";

fn type_of(text: &str) -> Option<(Type, bool)> {
    if let Some(text) = text.strip_suffix('?') {
        let (ty, counted) = type_of(text)?;
        return Some((ty.optional(), counted));
    }
    if let Some(of) = text.strip_prefix("list of ") {
        let (ty, counted) = type_of(of)?;
        return Some((Type::List(Box::new(ty)), counted));
    }
    if let Some(of) = text.strip_prefix("map of ") {
        let (ty, counted) = type_of(of)?;
        return Some((Type::Map(Box::new(ty)), counted));
    }
    let ty = match text {
        "bool" => Type::Bool,
        "yuan" => Type::Yuan,
        "number" | "percent" | "count" => Type::Number,
        "m2" => Type::Area,
        "date" => Type::Date,
        "month" => Type::Month,
        "word" => Type::any_word(),
        words if words.contains(" | ") => Type::Word(words.split(" | ").map(Into::into).collect()),
        _ => return None,
    };
    Some((ty, text == "count"))
}

fn parsed(part: Part<'_>) -> Result<syntax::Node, PackError> {
    let parsed = syntax::parse(part.text()?);
    parsed.map_err(|error| part.error_at(error.at, error.problem))
}

pub(crate) fn formula(part: Part<'_>, scope: &mut Scope<'_>) -> Result<Formula, PackError> {
    checked(part, &parsed(part)?, scope)
}

fn checked(
    part: Part<'_>,
    node: &syntax::Node,
    scope: &mut Scope<'_>,
) -> Result<Formula, PackError> {
    let checked = scope.check(node);
    let mut formula =
        checked.map_err(|Contradiction { at, problem }| part.error_at(at, problem))?;
    formula.text = part.text()?.into();
    Ok(formula)
}

pub(crate) fn condition(
    part: Option<Part<'_>>,
    scope: &mut Scope<'_>,
) -> Result<Option<Formula>, PackError> {
    let Some(part) = part else { return Ok(None) };
    let formula = formula(part, scope)?;
    match formula.ty {
        Type::Bool => Ok(Some(formula)),
        ty => Err(part.error(format!("expected yes or no, this is {ty}"))),
    }
}

/// A formula over what is known for each fact of a benefit: the one that `from` says, or what is known by the same name.
pub(crate) fn inputs(
    part: Part<'_>,
    fields: &Fields<'_>,
    facts: &[Fact],
    (scope, known_of): (&mut Scope<'_>, &str),
) -> Result<Vec<Formula>, PackError> {
    let from = fields.fields("from")?;
    for (name, part) in &from {
        if !facts.iter().any(|fact| fact.name == *name) {
            return Err(part.error_of_name(format!("the benefit has no fact `{name}`")));
        }
    }
    let mut inputs = Vec::new();
    for fact in facts {
        let named = from.iter().find(|(name, _)| *name == fact.name);
        let formula = match named {
            Some((_, part)) => formula(*part, scope)?,
            None => scope.named(&fact.name).ok_or_else(|| {
                part.error_of_name(format!(
                    "no `{}` is known of {known_of}: say in `from` what it is",
                    fact.name
                ))
            })?,
        };
        if !fits(&formula.ty, &fact.ty) {
            let place = named.map_or(part, |(_, part)| *part);
            return Err(place.error(format!(
                "`{}` is {}, this is {}",
                fact.name, fact.ty, formula.ty
            )));
        }
        inputs.push(formula);
    }
    Ok(inputs)
}

fn steps(fields: &Fields<'_>, scope: &mut Scope<'_>) -> Result<Vec<Step>, PackError> {
    let mut steps = Vec::new();
    for (name, part) in fields.fields("let")? {
        new_name(name, part, scope)?;
        scope.expect(name);
    }
    for (name, part) in fields.fields("let")? {
        let formula = formula(part, scope)?;
        let place = scope.add(name, formula.ty.clone());
        steps.push(Step::Let {
            name: name.to_owned(),
            place,
            formula,
        });
    }
    for (name, part) in fields.fields("codes")? {
        new_name(name, part, scope)?;
        let mut entries = Vec::new();
        for (code, part) in part.fields()? {
            if !code
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            {
                return Err(
                    part.error_of_name(format!("`{code}` is no code: capitals, digits and `_`"))
                );
            }
            if part.text().is_ok_and(|text| text.is_empty() || text == "~") {
                return Err(part.error_of_name(format!(
                    "the code {code} has no condition: say when it holds"
                )));
            }
            let formula = condition(Some(part), scope)?;
            entries.extend(formula.map(|formula| (code.into(), formula)));
        }
        let place = scope.add(name, Type::List(Box::new(Type::any_word())));
        steps.push(Step::Codes {
            name: name.to_owned(),
            place,
            entries,
        });
    }
    if let Some(part) = fields.get("cascade") {
        steps.push(Step::Cascade(cascade(part, scope)?));
    }
    Ok(steps)
}

fn cascade(part: Part<'_>, scope: &mut Scope<'_>) -> Result<Cascade, PackError> {
    let fields = part.known(&["of", "stages"])?;
    let of = yuan(fields.need("of")?, scope)?;
    for name in ["left", "stages"] {
        new_name(name, part, scope)?;
    }
    let left = scope.add("left", Type::Yuan);
    let stages = fields.need("stages")?;
    if stages.fields()?.is_empty() {
        return Err(stages.error_of_name("a cascade has at least one stage"));
    }
    for (name, _) in stages.fields()? {
        scope.expect(name);
    }
    let mut of_stage = Vec::new();
    for (name, part) in stages.fields()? {
        let (when, pays) = if part.is_text() {
            (None, part)
        } else {
            let fields = part.known(&["when", "pays"])?;
            (fields.get("when"), fields.need("pays")?)
        };
        let when = condition(when, scope)?;
        of_stage.push(Stage {
            name: name.into(),
            when,
            pays: yuan(pays, scope)?,
        });
    }
    let fields = [
        ("stage", Type::any_word()),
        ("base", Type::Yuan),
        ("paid", Type::Yuan),
    ];
    let fields: Arc<[_]> = fields.map(|(name, ty)| (name.into(), ty)).into();
    let stages = scope.add("stages", Type::List(Box::new(Type::Record(fields))));
    Ok(Cascade {
        of,
        left,
        stages,
        of_stage,
    })
}

fn yuan(part: Part<'_>, scope: &mut Scope<'_>) -> Result<Formula, PackError> {
    let formula = formula(part, scope)?;
    match formula.ty {
        Type::Yuan | Type::Literal => Ok(formula),
        ty => Err(part.error(format!("expected yuan, this is {ty}"))),
    }
}

fn gives(part: Part<'_>, scope: &mut Scope<'_>, named: bool) -> Result<Vec<Given>, PackError> {
    let mut gives = Vec::new();
    for (name, part) in part.fields()? {
        gives.push(given(name, part, scope, named)?);
    }
    Ok(gives)
}

fn given(
    name: &str,
    part: Part<'_>,
    scope: &mut Scope<'_>,
    named: bool,
) -> Result<Given, PackError> {
    let (when, part) = match part.is_text() {
        true => (None, part),
        false => match part.fields()?.iter().find(|(field, _)| *field == "when") {
            Some((_, when)) => {
                let when = condition(Some(*when), scope)?;
                (when, part.known(&["when", "is"])?.need("is")?)
            }
            None => (None, part),
        },
    };
    let what = if part.is_text() {
        value(name, part, scope, named)?
    } else {
        What::Record(gives(part, scope, false)?)
    };
    Ok(Given {
        name: name.to_owned(),
        when,
        what,
    })
}

/// `rate * 100 as integer`.
fn value(
    name: &str,
    part: Part<'_>,
    scope: &mut Scope<'_>,
    named: bool,
) -> Result<What, PackError> {
    let text = part.text()?;
    let (text, style) = match text.rsplit_once(" as ") {
        Some((formula, style)) => (
            formula,
            style_of(style).ok_or_else(|| {
                part.error(format!("`{style}` is none of integer, text, N digits"))
            })?,
        ),
        None => (text, Style::Plain),
    };
    let node = syntax::parse(text).map_err(|error| part.error_at(error.at, error.problem))?;
    let formula = checked(part, &node, scope)?;
    let number = matches!(
        formula.ty.known(),
        Type::Number | Type::Literal | Type::Area
    );
    if number != (style != Style::Plain) {
        let problem = match number {
            true => "say how this number is written: as integer, as text, as 2 digits",
            false => "only numbers without a unit of money say how they are written",
        };
        return Err(part.error(problem));
    }
    // What was given before can be named by what is given then, unless it is a fact that is only repeated.
    let place = (named && !scope.has(name)).then(|| scope.add(name, formula.ty.clone()));
    Ok(What::Value {
        formula,
        style,
        place,
    })
}

fn style_of(text: &str) -> Option<Style> {
    Some(match text {
        "integer" => Style::Integer,
        "text" => Style::Trimmed,
        text => Style::Digits(
            text.strip_suffix(" digits")?
                .parse()
                .ok()
                .filter(|digits| *digits <= 6)?,
        ),
    })
}
