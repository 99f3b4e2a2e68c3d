//! What a benefit gives for facts.

use crate::{
    formula::{Fault, Formula, fits},
    number::Exact,
    pack::{Benefit, Cascade, Fact, Given, Step, Style, What},
    table::Dated,
    value::{Type, Value, YearMonth, parse_day},
};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    #[error("there is no input `{0}`")]
    UnknownInput(String),
    #[error("the input `{0}` is missing")]
    Missing(String),
    #[error("the input `{name}` is {expected}")]
    Wrong { name: String, expected: String },
    #[error("{0} is computed outside of the packs")]
    Outside(String),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What was computed on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed {
    pub name: String,
    pub value: Json,
    /// The names it was computed from.
    pub from: Vec<String>,
    /// How, as the pack writes it.
    pub formula: Arc<str>,
}

/// An answer and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub gives: Json,
    pub steps: Vec<Computed>,
}

/// What is computed on the way, where somebody asks for it.
pub(crate) struct Trace(pub Option<Vec<Computed>>);

impl Trace {
    fn add(&mut self, computed: impl FnOnce() -> Computed) {
        if let Some(steps) = &mut self.0 {
            steps.push(computed());
        }
    }
}

impl Benefit {
    /// The answer for inputs as the worked examples write them.
    ///
    /// # Errors
    /// Inputs that the benefit does not know or can't read, or a number beyond all bounds.
    pub fn answer(&self, inputs: &Map<String, Json>) -> Result<Answer, NoAnswer> {
        if let Some(computed_by) = &self.computed_by {
            return Err(NoAnswer::Outside(computed_by.clone()));
        }
        let mut frame = vec![Value::None; self.places];
        if let Some(name) = inputs
            .keys()
            .find(|name| !self.facts.iter().any(|fact| fact.name == **name))
        {
            return Err(NoAnswer::UnknownInput(name.clone()));
        }
        for (place, fact) in self.facts.iter().enumerate() {
            frame[place] = read(fact, inputs.get(&fact.name))?;
        }
        self.computed(&mut frame)
    }

    /// The answer for the values of the facts, in their order, and all values that were computed.
    ///
    /// # Errors
    /// A number beyond all bounds.
    pub(crate) fn answer_to(
        &self,
        facts: impl Iterator<Item = Value>,
    ) -> Result<(Answer, Vec<Value>), NoAnswer> {
        let mut frame = vec![Value::None; self.places];
        for (place, value) in facts.enumerate() {
            frame[place] = value;
        }
        let answer = self.computed(&mut frame)?;
        Ok((answer, frame))
    }

    fn computed(&self, frame: &mut [Value]) -> Result<Answer, NoAnswer> {
        if let Some(in_force) = &self.in_force
            && in_force.value(frame)? != Value::Bool(true)
        {
            let gives = json!({ "status": "NO_RULE_IN_FORCE" });
            return Ok(Answer {
                gives,
                steps: vec![],
            });
        }
        let mut trace = Trace(Some(vec![]));
        for dated in &self.dated {
            trace.add(|| changes(dated));
        }
        for step in &self.steps {
            taken(step, frame, &mut trace)?;
        }
        let gives = record(&self.gives, frame, &mut trace)?;
        let steps = trace.0.unwrap_or_default();
        Ok(Answer { gives, steps })
    }
}

/// All values of a figure that changes, with their days and sources.
fn changes(dated: &Dated) -> Computed {
    let values = dated.values.iter().map(|value| {
        let is = written(&Value::Number(value.is), &dated.unit, Style::Plain);
        let is = match dated.unit {
            Type::Yuan => is,
            _ => value.is.trimmed().map(Json::String),
        };
        let cite = value
            .cite
            .as_ref()
            .map(|cite| json!({ "source": cite.source, "place": cite.place }));
        json!({ "from": value.from.to_string(), "is": is, "cite": cite })
    });
    Computed {
        name: dated.name.to_string(),
        value: values.collect(),
        from: vec![],
        formula: Arc::from(""),
    }
}

/// What a benefit gives under this name tells whether the place has set what the rule leaves to it.
pub(crate) const CONFIGURED: &str = "configured";

/// A fact as it was given.
fn read(fact: &Fact, input: Option<&Json>) -> Result<Value, NoAnswer> {
    let wrong = || NoAnswer::Wrong {
        name: fact.name.clone(),
        expected: fact.ty.to_string(),
    };
    match (input, &fact.ty) {
        (None, Type::Optional(_)) => Ok(Value::None),
        (None, _) => Err(NoAnswer::Missing(fact.name.clone())),
        (Some(json), ty) => {
            let value = value_of(json, ty).ok_or_else(wrong)?;
            (!fact.counted || is_counted(&value))
                .then_some(value)
                .ok_or_else(wrong)
        }
    }
}

pub(crate) fn is_counted(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.integer().is_some_and(|number| number >= 0),
        Value::List(items) => items.iter().all(is_counted),
        Value::Map(fields) => fields.iter().all(|(_, value)| is_counted(value)),
        _ => true,
    }
}

fn value_of(json: &Json, ty: &Type) -> Option<Value> {
    Some(match (ty, json) {
        (Type::Optional(_), Json::Null) => Value::None,
        (Type::Optional(of), json) => value_of(json, of)?,
        (Type::Bool, Json::Bool(value)) => Value::Bool(*value),
        (Type::Yuan, Json::String(text)) => {
            let amount = Exact::decimal(text)?;
            amount.fen()?;
            Value::Number(amount)
        }
        (Type::Number | Type::Area, Json::String(text)) => Value::Number(Exact::decimal(text)?),
        (Type::Number | Type::Area, Json::Number(number)) => {
            Value::Number(Exact::decimal(&number.to_string())?)
        }
        (Type::Word(words), Json::String(word)) => {
            let known = words.is_empty() || words.iter().any(|known| **known == **word);
            known.then(|| Value::Word(word.as_str().into()))?
        }
        (Type::Date, Json::String(text)) => Value::Date(parse_day(text)?),
        (Type::Month, Json::String(text)) => Value::Month(YearMonth::parse(text)?),
        (Type::List(of), Json::Array(items)) => Value::List(
            items
                .iter()
                .map(|item| value_of(item, of))
                .collect::<Option<_>>()?,
        ),
        (Type::Map(of), Json::Object(fields)) => {
            let fields = fields
                .iter()
                .map(|(name, json)| Some((Arc::from(name.as_str()), value_of(json, of)?)));
            Value::Map(fields.collect::<Option<_>>()?)
        }
        (Type::Record(types), Json::Object(fields)) if fields.len() == types.len() => {
            let fields = types
                .iter()
                .map(|(name, ty)| Some((name.clone(), value_of(fields.get(&**name)?, ty)?)));
            Value::Map(fields.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

pub(crate) fn taken(step: &Step, frame: &mut [Value], trace: &mut Trace) -> Result<(), Fault> {
    match step {
        Step::Let {
            name,
            place,
            formula,
        } => {
            let value = formula.value(frame)?;
            trace.add(|| Computed {
                name: name.clone(),
                value: shown_as(&value, &formula.ty),
                from: formula.reads.clone(),
                formula: formula.text.clone(),
            });
            frame[*place] = value;
        }
        Step::Codes {
            name,
            place,
            entries,
        } => {
            let mut held = Vec::new();
            for (code, formula) in entries {
                if formula.value(frame)? == Value::Bool(true) {
                    held.push(Value::Word(code.clone()));
                }
            }
            let value = Value::List(held.into());
            trace.add(|| Computed {
                name: name.clone(),
                value: shown(&value),
                from: all_read(entries),
                formula: Arc::from(""),
            });
            frame[*place] = value;
        }
        Step::Cascade(cascade) => paid(cascade, frame, trace)?,
    }
    Ok(())
}

/// The names that any of the conditions reads, each once.
fn all_read(entries: &[(Arc<str>, Formula)]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for read in entries.iter().flat_map(|(_, formula)| &formula.reads) {
        if !names.contains(read) {
            names.push(read.clone());
        }
    }
    names
}

/// Each stage pays on what those before it left, never more.
fn paid(cascade: &Cascade, frame: &mut [Value], trace: &mut Trace) -> Result<(), Fault> {
    let mut left = amount(&cascade.of.value(frame)?);
    let mut stages = Vec::new();
    for stage in &cascade.of_stage {
        frame[cascade.left] = Value::Number(left);
        let runs = stage.when.as_ref().map_or(Ok(true), |when| {
            when.value(frame).map(|value| value == Value::Bool(true))
        });
        if !runs? {
            continue;
        }
        let pays = amount(&stage.pays.value(frame)?)
            .max(Exact::whole(0))
            .min(left);
        pays.fen()
            .ok_or_else(|| Fault::NotRounded(stage.name.to_string()))?;
        let fields = [
            ("stage", Value::Word(stage.name.clone())),
            ("base", Value::Number(left)),
            ("paid", Value::Number(pays)),
        ];
        stages.push(Value::Map(
            fields.map(|(name, value)| (name.into(), value)).into(),
        ));
        trace.add(|| Computed {
            name: stage.name.to_string(),
            value: shown_as(&Value::Number(pays), &Type::Yuan),
            from: stage.pays.reads.clone(),
            formula: stage.pays.text.clone(),
        });
        left = left.minus(pays).ok_or(Fault::Overflow)?;
    }
    frame[cascade.left] = Value::Number(left);
    frame[cascade.stages] = Value::List(stages.into());
    Ok(())
}

fn amount(value: &Value) -> Exact {
    match value {
        Value::Number(number) => *number,
        _ => Exact::whole(0),
    }
}

fn record(gives: &[Given], frame: &mut [Value], trace: &mut Trace) -> Result<Json, NoAnswer> {
    let mut fields = Map::new();
    for given in gives {
        if let Some(when) = &given.when
            && when.value(frame)? != Value::Bool(true)
        {
            continue;
        }
        let json = match &given.what {
            What::Record(gives) => record(gives, frame, trace)?,
            What::Value {
                formula,
                style,
                place,
            } => {
                let value = formula.value(frame)?;
                let json = written(&value, &formula.ty, *style)
                    .ok_or_else(|| unwritable(&given.name, &formula.ty))?;
                if let Some(place) = place {
                    frame[*place] = value;
                }
                trace.add(|| Computed {
                    name: given.name.clone(),
                    value: json.clone(),
                    from: formula.reads.clone(),
                    formula: formula.text.clone(),
                });
                json
            }
        };
        fields.insert(given.name.clone(), json);
    }
    Ok(Json::Object(fields))
}

/// Computes what formulas after it read of what the benefit gives, and tells whether the place has set what the rule leaves
/// to it.
pub(crate) fn given(gives: &[Given], frame: &mut [Value]) -> Result<bool, Fault> {
    let mut configured = true;
    for of in gives {
        if let Some(when) = &of.when
            && when.value(frame)? != Value::Bool(true)
        {
            continue;
        }
        match &of.what {
            What::Record(gives) => configured &= given(gives, frame)?,
            What::Value { formula, place, .. } => {
                let value = formula.value(frame)?;
                configured &= of.name != CONFIGURED || value != Value::Bool(false);
                if let Some(place) = place {
                    frame[*place] = value;
                }
            }
        }
    }
    Ok(configured)
}

pub(crate) fn unwritable(name: &str, ty: &Type) -> Fault {
    match fits(ty, &Type::Yuan.optional()) {
        true => Fault::NotRounded(name.to_owned()),
        false => Fault::NotWritten(name.to_owned()),
    }
}

/// A value as the answer writes it.
fn written(value: &Value, ty: &Type, style: Style) -> Option<Json> {
    Some(match (value, ty.known(), style) {
        (Value::None, ..) => Json::Null,
        (Value::Number(number), _, Style::Integer) => json!(number.integer()?),
        (Value::Number(number), _, Style::Trimmed) => json!(number.trimmed()?),
        (Value::Number(number), _, Style::Digits(digits)) => json!(number.fixed(digits)?),
        (Value::Number(number), ..) => json!(number.fixed(2)?),
        (Value::Bool(value), ..) => json!(value),
        (Value::Word(word), ..) => json!(&**word),
        (Value::Date(day), ..) => json!(day.to_string()),
        (Value::Month(month), ..) => json!(month.to_string()),
        (Value::List(items), Type::List(of), _) => {
            let items = items.iter().map(|item| written(item, of, style));
            Json::Array(items.collect::<Option<_>>()?)
        }
        (Value::Map(fields), Type::Record(types), _) => {
            let fields = fields.iter().zip(types.iter());
            let fields = fields.map(|((name, value), (_, ty))| {
                Some((name.to_string(), written(value, ty, style)?))
            });
            Json::Object(fields.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// A value on the way, money with two places.
pub(crate) fn shown_as(value: &Value, ty: &Type) -> Json {
    match (value, ty.known()) {
        // What is not rounded yet is shown as it is.
        (Value::Number(number), Type::Yuan) if number.fen().is_some() => {
            number.fixed(2).map_or(Json::Null, Json::String)
        }
        _ => shown(value),
    }
}

/// A value on the way, before it is rounded.
fn shown(value: &Value) -> Json {
    match value {
        Value::None => Json::Null,
        Value::Number(number) => number
            .rounded(6)
            .and_then(Exact::trimmed)
            .map_or(Json::Null, Json::String),
        Value::Bool(value) => json!(value),
        Value::Word(word) => json!(&**word),
        Value::Date(day) => json!(day.to_string()),
        Value::Month(month) => json!(month.to_string()),
        Value::List(items) => items.iter().map(shown).collect(),
        Value::Map(fields) => Json::Object(
            fields
                .iter()
                .map(|(name, value)| (name.to_string(), shown(value)))
                .collect(),
        ),
    }
}
