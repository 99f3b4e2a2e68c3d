//! How a rule is asked of a household as it lives: which of the known facts are its inputs, what must hold before it is
//! asked at all, and which of its results is the amount.

use crate::{
    PackError,
    answer::{Answer, CONFIGURED, Computed, NoAnswer, Trace, given, shown_as, taken},
    formula::{Fault, Formula, Scope, Surroundings, fits},
    pack::{Benefit, Step, condition, formula, inputs},
    value::{Type, Value, parse_day},
};
use serde_json::Value as Json;
use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};
use time::Month;
use yaml::{Fields, Part};

/// Whose facts and answers they are. A loan is a member's, a member a household's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Household,
    Member,
    Loan,
}

impl Subject {
    /// The subject of a benefit of this unit; none for a claim, a village, a project.
    #[must_use]
    pub fn of_unit(unit: &str) -> Option<Self> {
        Some(match unit {
            "household" => Subject::Household,
            "member" => Subject::Member,
            "loan" => Subject::Loan,
            _ => return None,
        })
    }
}

/// A fact that is kept of households, their members or their loans.
#[derive(Clone, Debug)]
pub struct Known {
    pub name: String,
    pub ty: Type,
    pub of: Subject,
    /// Nobody can change it: the day of the question, a birth date.
    pub fixed: bool,
}

/// All facts that are kept. Their order is that of the values in [`Benefit::entitled`].
#[derive(Clone, Debug, Default)]
pub struct Vocabulary(Vec<Known>);

impl Vocabulary {
    /// Adds a fact of a type as packs write it, and gives its place.
    ///
    /// # Panics
    /// The type is none, or the name is there: the list of facts is part of the program.
    pub fn add(&mut self, name: &str, ty: &str, of: Subject, fixed: bool) -> usize {
        let ty = crate::pack::type_named(ty).expect("a type");
        assert!(self.place(name).is_none(), "the fact {name} is there twice");
        let name = name.to_owned();
        self.0.push(Known {
            name,
            ty,
            of,
            fixed,
        });
        self.0.len() - 1
    }
    #[must_use]
    pub fn facts(&self) -> &[Known] {
        &self.0
    }
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|known| known.name == name)
    }
}

/// For how long an amount is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Year,
    Month,
    Once,
}

/// How a benefit is asked, see [`crate::Pack`]'s key `asked`.
#[derive(Debug)]
pub struct Asked {
    pub subject: Subject,
    /// What must hold before anything else, with the code of the answer where it does not.
    pub(crate) requires: Vec<(Arc<str>, OverKnown)>,
    /// The benefit's facts in their order.
    pub(crate) inputs: Vec<OverKnown>,
    pub(crate) outcome: Formula,
    /// What was granted of it: an amount in yuan, or yes or no.
    pub(crate) granted: Option<OverKnown>,
    pub period: Period,
    /// Month and day until which it is paid.
    pub pay_by: Option<(Month, u8)>,
    /// How many values the formulas are computed over.
    pub(crate) places: usize,
    /// The place of each known fact among them.
    pub(crate) of_known: Vec<Option<usize>>,
}

/// A formula over known facts, and which of them it reads, by place.
#[derive(Debug)]
pub(crate) struct OverKnown {
    pub formula: Formula,
    pub facts: Vec<usize>,
}

impl OverKnown {
    pub fn of(formula: Formula, of_known: &[Option<usize>]) -> Self {
        let place = |slot: usize| of_known.iter().position(|of| *of == Some(slot));
        let facts = formula.slots().into_iter().filter_map(place).collect();
        OverKnown { formula, facts }
    }

    /// Its value; none where a fact that it reads is not known.
    fn value(&self, known: &[Option<Value>], frame: &mut [Value]) -> Result<Option<Value>, Fault> {
        match self.facts.iter().all(|fact| known[*fact].is_some()) {
            true => self.formula.value(frame).map(Some),
            false => Ok(None),
        }
    }
}

impl Asked {
    /// The known facts that it is asked with, by place, in order, each once.
    #[must_use]
    pub fn facts(&self) -> Vec<usize> {
        let read = self.over_known().flat_map(|over| &over.facts);
        let facts: BTreeSet<usize> = read.copied().collect();
        facts.into_iter().collect()
    }

    /// The known facts that say what was granted, by place; none where the rule does not tell.
    #[must_use]
    pub fn facts_of_granted(&self) -> Option<&[usize]> {
        self.granted.as_ref().map(|over| over.facts.as_slice())
    }

    fn frame<'o>(
        &self,
        known: &[Option<Value>],
        read: impl Iterator<Item = &'o OverKnown>,
    ) -> Vec<Value> {
        let mut frame = vec![Value::None; self.places];
        for fact in read.flat_map(|over| &over.facts) {
            if let (Some(place), Some(value)) = (self.of_known[*fact], &known[*fact]) {
                frame[place] = value.clone();
            }
        }
        frame
    }

    fn over_known(&self) -> impl Iterator<Item = &OverKnown> {
        let required = self.requires.iter().map(|(_, over)| over);
        required.chain(&self.inputs)
    }
}

/// What was granted of a benefit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granted {
    Fen(i64),
    InKind(bool),
}

/// What is due of a benefit, without how that came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub status: Verdict,
    pub amount_fen: Option<i64>,
}

/// Whether something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Entitled,
    NotEntitled,
    /// The place has not set what the rule leaves to it.
    NotConfigured,
    /// A fact that it depends on is not known.
    Unknown,
}

/// Why something is not due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub code: String,
    /// The condition that holds, or that does not where it is required.
    pub formula: String,
    /// The known facts it rests on, by place.
    pub facts: Vec<usize>,
}

/// What a household is entitled to of one benefit.
#[derive(Clone, Debug)]
pub struct Entitled {
    pub status: Verdict,
    pub amount_fen: Option<i64>,
    pub reasons: Vec<Reason>,
    /// The known facts whose values are missing, by place.
    pub missing: Vec<usize>,
    /// The known facts it was asked with, by place.
    pub facts: Vec<usize>,
    /// The benefit's facts as they were given to it.
    pub inputs: Vec<Computed>,
    pub answer: Option<Answer>,
}

/// The amount comes to zero, or the result is a no, without another reason.
const NOTHING_DUE: &str = "NOTHING_DUE";
const NO_RULE_IN_FORCE: &str = "NO_RULE_IN_FORCE";

impl Benefit {
    /// What is due with these facts, a value for each of the vocabulary; `None` is what nobody recorded.
    ///
    /// # Errors
    /// A number beyond all bounds; or the benefit is not asked of households.
    pub fn entitled(&self, known: &[Option<Value>]) -> Result<Entitled, NoAnswer> {
        let asked = self.asked.as_ref();
        let asked = asked.ok_or_else(|| NoAnswer::Outside(self.id.clone()))?;
        Asking::new(self, asked, known).answered()
    }

    /// What [`Benefit::entitled`] says is due, without the reasons and the steps: for many households one after the other.
    ///
    /// # Errors
    /// As [`Benefit::entitled`].
    pub fn due(&self, known: &[Option<Value>]) -> Result<Due, NoAnswer> {
        let asked = self.asked.as_ref();
        let asked = asked.ok_or_else(|| NoAnswer::Outside(self.id.clone()))?;
        let no = Due {
            status: Verdict::NotEntitled,
            amount_fen: None,
        };
        let mut frame = asked.frame(known, asked.over_known());
        let mut whole = true;
        for (_, over) in &asked.requires {
            match over.value(known, &mut frame)? {
                None => whole = false,
                Some(Value::Bool(true)) => {}
                Some(_) => return Ok(no),
            }
        }
        let mut own = vec![Value::None; self.places];
        if whole {
            for (over, place) in asked.inputs.iter().zip(&mut own) {
                match over.value(known, &mut frame)? {
                    Some(value) => *place = value,
                    None => whole = false,
                }
            }
        }
        if !whole {
            // What already follows from a part of the facts takes the whole way.
            let Entitled {
                status, amount_fen, ..
            } = self.entitled(known)?;
            return Ok(Due { status, amount_fen });
        }
        match self.is_refused(&mut own)? {
            true => Ok(no),
            false => self.due_of(asked, &mut own),
        }
    }

    fn is_refused(&self, frame: &mut [Value]) -> Result<bool, NoAnswer> {
        let mut refused = match &self.in_force {
            Some(formula) => formula.value(frame)? != Value::Bool(true),
            None => false,
        };
        let mut trace = Trace(None);
        for step in &self.steps {
            match step {
                Step::Codes { name, place, .. } => {
                    taken(step, frame, &mut trace)?;
                    let held = matches!(&frame[*place], Value::List(codes) if !codes.is_empty());
                    refused |= held && is_refusal(name);
                }
                Step::Cascade(_) if refused => {}
                Step::Let { .. } | Step::Cascade(_) => taken(step, frame, &mut trace)?,
            }
        }
        Ok(refused)
    }

    fn due_of(&self, asked: &Asked, frame: &mut [Value]) -> Result<Due, NoAnswer> {
        let configured = given(&self.gives, frame)?;
        let (status, amount_fen) = match configured {
            false => (Verdict::NotConfigured, None),
            true => self.judged(asked, frame)?,
        };
        Ok(Due { status, amount_fen })
    }

    /// What the result says.
    fn judged(
        &self,
        asked: &Asked,
        frame: &mut [Value],
    ) -> Result<(Verdict, Option<i64>), NoAnswer> {
        Ok(match asked.outcome.value(frame)? {
            Value::Number(amount) => match amount.fen() {
                Some(0) => (Verdict::NotEntitled, Some(0)),
                Some(fen) => (Verdict::Entitled, Some(fen)),
                None => return Err(Fault::NotRounded(self.id.clone()).into()),
            },
            Value::Bool(true) => (Verdict::Entitled, None),
            Value::Bool(false) => (Verdict::NotEntitled, None),
            _ => (Verdict::NotConfigured, None),
        })
    }

    /// What was granted, as the facts say; none where they do not, or the rule does not tell.
    ///
    /// # Errors
    /// A number beyond all bounds.
    pub fn granted(&self, known: &[Option<Value>]) -> Result<Option<Granted>, NoAnswer> {
        let Some((asked, over)) = self
            .asked
            .as_ref()
            .and_then(|asked| Some((asked, asked.granted.as_ref()?)))
        else {
            return Ok(None);
        };
        Ok(
            match over.value(known, &mut asked.frame(known, [over].into_iter()))? {
                Some(Value::Number(amount)) => match amount.fen() {
                    Some(fen) => Some(Granted::Fen(fen)),
                    None => return Err(Fault::NotRounded(self.id.clone()).into()),
                },
                Some(Value::Bool(is)) => Some(Granted::InKind(is)),
                _ => None,
            },
        )
    }
}

/// The value of a benefit's fact, none where it is not known, and the known facts that it rests on.
type Input = (Option<Value>, Vec<usize>);

/// One benefit asked of one subject.
struct Asking<'a> {
    benefit: &'a Benefit,
    asked: &'a Asked,
    known: &'a [Option<Value>],
    frame: Vec<Value>,
    reasons: Vec<Reason>,
    missing: Vec<usize>,
    facts: Vec<usize>,
}

impl<'a> Asking<'a> {
    fn new(benefit: &'a Benefit, asked: &'a Asked, known: &'a [Option<Value>]) -> Self {
        Asking {
            benefit,
            asked,
            known,
            frame: asked.frame(known, asked.over_known()),
            reasons: Vec::new(),
            missing: Vec::new(),
            facts: Vec::new(),
        }
    }

    fn answered(mut self) -> Result<Entitled, NoAnswer> {
        self.require()?;
        if !self.reasons.is_empty() || !self.missing.is_empty() {
            return Ok(self.without_answer());
        }
        let inputs = self.inputs()?;
        let shown = self.shown(&inputs);
        self.refuse(&inputs)?;
        let mut entitled = if self.reasons.is_empty() && self.missing.is_empty() {
            let values = inputs
                .into_iter()
                .map(|(value, _)| value.unwrap_or(Value::None));
            let (answer, mut frame) = self.benefit.answer_to(values)?;
            self.outcome(answer, &mut frame)?
        } else {
            self.without_answer()
        };
        entitled.inputs = shown;
        Ok(entitled)
    }

    fn note(&mut self, facts: &[usize]) -> bool {
        let mut whole = true;
        for fact in facts {
            if !self.facts.contains(fact) {
                self.facts.push(*fact);
            }
            whole &= self.known[*fact].is_some();
        }
        whole
    }

    fn miss(&mut self, facts: &[usize]) {
        for fact in facts {
            if self.known[*fact].is_none() && !self.missing.contains(fact) {
                self.missing.push(*fact);
            }
        }
    }

    fn require(&mut self) -> Result<(), Fault> {
        for (code, OverKnown { formula, facts }) in &self.asked.requires {
            if !self.note(facts) {
                self.miss(facts);
            } else if formula.value(&mut self.frame)? != Value::Bool(true) {
                self.reasons.push(Reason {
                    code: code.to_string(),
                    formula: formula.text.to_string(),
                    facts: facts.clone(),
                });
                // What comes after may have no meaning: the grade of a certificate that is not there.
                self.missing.clear();
                return Ok(());
            }
        }
        Ok(())
    }

    /// The values of the benefit's facts with the known facts that each rests on; none where one of them is missing.
    fn inputs(&mut self) -> Result<Vec<Input>, Fault> {
        let mut inputs = Vec::with_capacity(self.asked.inputs.len());
        for OverKnown { formula, facts } in &self.asked.inputs {
            let value = match self.note(facts) {
                true => Some(formula.value(&mut self.frame)?),
                false => None,
            };
            inputs.push((value, facts.clone()));
        }
        Ok(inputs)
    }

    fn shown(&self, inputs: &[Input]) -> Vec<Computed> {
        let named = self
            .benefit
            .facts
            .iter()
            .zip(&self.asked.inputs)
            .zip(inputs);
        named
            .map(|((fact, OverKnown { formula, .. }), (value, _))| Computed {
                name: fact.name.clone(),
                value: value
                    .as_ref()
                    .map_or(Json::Null, |value| shown_as(value, &fact.ty)),
                from: formula.reads.clone(),
                formula: formula.text.clone(),
            })
            .collect()
    }

    /// What already follows from the facts that are there: a no is a no, whatever else is not known.
    fn refuse(&mut self, inputs: &[Input]) -> Result<(), Fault> {
        let benefit = self.benefit;
        let mut frame = vec![Value::None; benefit.places];
        let mut rests: Vec<Vec<usize>> = vec![vec![]; benefit.places];
        let mut open: HashSet<usize> = HashSet::new();
        for (place, (value, facts)) in inputs.iter().enumerate() {
            rests[place].clone_from(facts);
            match value {
                Some(value) => frame[place] = value.clone(),
                None => drop(open.insert(place)),
            }
        }
        if let Some(formula) = &benefit.in_force {
            self.judge(
                formula,
                NO_RULE_IN_FORCE,
                false,
                &mut frame,
                (&rests, &open),
            )?;
        }
        for step in &benefit.steps {
            match step {
                Step::Let { place, formula, .. } => {
                    let slots = formula.slots();
                    for slot in &slots {
                        let more = rests[*slot].clone();
                        rests[*place].extend(more);
                    }
                    match slots.iter().any(|slot| open.contains(slot)) {
                        true => drop(open.insert(*place)),
                        false => frame[*place] = formula.value(&mut frame)?,
                    }
                }
                Step::Codes { name, entries, .. } if is_refusal(name) => {
                    for (code, formula) in entries {
                        self.judge(formula, code, true, &mut frame, (&rests, &open))?;
                    }
                }
                Step::Codes { .. } | Step::Cascade(_) => {}
            }
        }
        let unknown: Vec<usize> = (0..inputs.len())
            .filter(|place| open.contains(place))
            .collect();
        for place in unknown {
            let facts = rests[place].clone();
            self.miss(&facts);
        }
        if !self.reasons.is_empty() {
            self.missing.clear();
        }
        Ok(())
    }

    fn judge(
        &mut self,
        formula: &Formula,
        code: &str,
        refused_when: bool,
        frame: &mut [Value],
        (rests, open): (&[Vec<usize>], &HashSet<usize>),
    ) -> Result<(), Fault> {
        let slots = formula.slots();
        if slots.iter().any(|slot| open.contains(slot)) {
            return Ok(());
        }
        if (formula.value(frame)? == Value::Bool(true)) == refused_when {
            let mut facts = Vec::new();
            for fact in slots.iter().flat_map(|slot| &rests[*slot]) {
                if !facts.contains(fact) {
                    facts.push(*fact);
                }
            }
            self.reasons.push(Reason {
                code: code.to_owned(),
                formula: formula.text.to_string(),
                facts,
            });
        }
        Ok(())
    }

    fn without_answer(self) -> Entitled {
        let status = match self.reasons.is_empty() {
            true => Verdict::Unknown,
            false => Verdict::NotEntitled,
        };
        self.entitled(status, None, None)
    }

    fn entitled(
        self,
        status: Verdict,
        amount_fen: Option<i64>,
        answer: Option<Answer>,
    ) -> Entitled {
        Entitled {
            status,
            amount_fen,
            reasons: self.reasons,
            missing: self.missing,
            facts: self.facts,
            inputs: vec![],
            answer,
        }
    }

    fn outcome(mut self, answer: Answer, frame: &mut [Value]) -> Result<Entitled, NoAnswer> {
        if answer.gives.get(CONFIGURED).and_then(Json::as_bool) == Some(false) {
            return Ok(self.entitled(Verdict::NotConfigured, None, Some(answer)));
        }
        let (status, amount) = self.benefit.judged(self.asked, frame)?;
        if status == Verdict::NotEntitled {
            self.reasons.push(Reason {
                code: NOTHING_DUE.to_owned(),
                formula: self.asked.outcome.text.to_string(),
                facts: self.facts.clone(),
            });
        }
        Ok(self.entitled(status, amount, Some(answer)))
    }
}

/// Codes of other names are grounds, not refusals.
fn is_refusal(name: &str) -> bool {
    matches!(name, "refused" | "blocked_by")
}

/// The keys of `asked`.
pub(crate) const ASKED: &[&str] = &[
    "requires", "from", "amount", "yes", "granted", "period", "pay_by",
];

/// How a benefit is asked of households.
pub(crate) fn asked(
    part: Part<'_>,
    benefit: &Benefit,
    outcome: Formula,
    of_pack: &Surroundings,
    vocabulary: &Vocabulary,
) -> Result<Asked, PackError> {
    let fields = part.known(ASKED)?;
    let subject = Subject::of_unit(&benefit.unit)
        .ok_or_else(|| part.error(format!("a {} is not asked one by one", benefit.unit)))?;
    let mut scope = Scope::new(of_pack);
    let mut of_known = Vec::new();
    for known in vocabulary.facts() {
        let reaches = known.of <= subject;
        of_known.push(reaches.then(|| scope.add(&known.name, known.ty.clone())));
    }
    let mut requires = Vec::new();
    for (code, part) in fields.fields("requires")? {
        let formula = condition(Some(part), &mut scope)?;
        let over = formula.map(|formula| OverKnown::of(formula, &of_known));
        requires.extend(over.map(|over| (code.into(), over)));
    }
    let given = inputs(part, &fields, &benefit.facts, (&mut scope, "households"))?;
    let given = given.into_iter();
    let inputs = given
        .map(|formula| OverKnown::of(formula, &of_known))
        .collect();
    let granted = fields.get("granted");
    let granted = granted.map(|part| granted_formula(part, &outcome.ty, &mut scope));
    let granted = granted.transpose()?;
    Ok(Asked {
        subject,
        requires,
        inputs,
        granted: granted.map(|formula| OverKnown::of(formula, &of_known)),
        outcome,
        period: period(&fields)?,
        pay_by: fields.get("pay_by").map(month_and_day).transpose()?,
        places: scope.slots(),
        of_known,
    })
}

/// Which result tells that something is due: `amount`, a formula in yuan over all that the benefit computes, or `yes`.
pub(crate) fn outcome(
    part: Part<'_>,
    fields: &Fields<'_>,
    scope: &mut Scope<'_>,
) -> Result<Formula, PackError> {
    let (part, money) = match (fields.get("amount"), fields.get("yes")) {
        (Some(amount), None) => (amount, true),
        (None, Some(yes)) => (yes, false),
        _ => return Err(part.error("say `amount` or `yes`: what tells that something is due")),
    };
    let formula = formula(part, scope)?;
    let wanted = if money { Type::Yuan } else { Type::Bool };
    if !fits(&formula.ty, &wanted.clone().optional()) {
        return Err(part.error(format!("expected {wanted}, this is {}", formula.ty)));
    }
    Ok(formula)
}

/// What was granted, to be compared with what is due: of the same type.
fn granted_formula(
    part: Part<'_>,
    due: &Type,
    scope: &mut Scope<'_>,
) -> Result<Formula, PackError> {
    let formula = formula(part, scope)?;
    let wanted = due.known().clone();
    match fits(&formula.ty, &wanted.clone().optional()) {
        true => Ok(formula),
        false => Err(part.error(format!("expected {wanted}, this is {}", formula.ty))),
    }
}

fn period(fields: &Fields<'_>) -> Result<Period, PackError> {
    let part = fields.need("period")?;
    Ok(match part.text()? {
        "year" => Period::Year,
        "month" => Period::Month,
        "once" => Period::Once,
        other => return Err(part.error(format!("`{other}` is none of year, month, once"))),
    })
}

/// `11-30`.
fn month_and_day(part: Part<'_>) -> Result<(time::Month, u8), PackError> {
    // A leap year has every day.
    let day = parse_day(&format!("2000-{}", part.text()?));
    day.map(|day| (day.month(), day.day()))
        .ok_or_else(|| part.error("expected month and day, such as 11-30"))
}
