//! How a bill is settled as it was submitted (一站式结算): which facts of claims are a rule's inputs, who pays each stage, and
//! how the stages that run over the year carry over from one claim of a person to the next.

use crate::{
    PackError,
    answer::{Computed, NoAnswer},
    formula::{Formula, Scope, Surroundings, fits},
    number::Exact,
    pack::{
        Benefit, Cascade, DEPARTMENTS, Fact, Step, condition, formula, inputs, one_of, type_named,
    },
    value::{Type, Value},
};
use serde_json::Value as Json;
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};
use yaml::Part;

/// What is known of every claim, with its type as packs write it. The order is that of [`Bill::values`].
const FACTS: [(&str, &str); 14] = [
    ("kind", "inpatient | outpatient | chronic_outpatient"),
    ("level", "village | township | county | city | province"),
    ("eligible_cost", "yuan"),
    ("ineligible_cost", "yuan"),
    // On the day of discharge, or in its year.
    ("registered", "bool"),
    ("enrolled", "bool"),
    ("supplementary_insured", "bool"),
    ("major_disease", "bool"),
    ("chronic_registered", "bool"),
    ("doctor_signed", "bool"),
    // Settled stays of the year at a hospital of this level, and the bases of each stage, by its name.
    ("earlier_stays", "count"),
    ("earlier_bases", "map of yuan"),
    // What others said; none where nobody did.
    ("commercial_reported", "yuan?"),
    ("backstop_decision", "yuan?"),
];

/// The kinds of stages, by their words in the graph.
pub const STAGE_KINDS: [&str; 13] = [
    "BASIC",
    "CRITICAL_ILLNESS",
    "SUPPLEMENTARY",
    "CIVIL_AFFAIRS_TEN_PERCENT",
    "CIVIL_AFFAIRS_MAJOR_ILLNESS",
    "MAJOR_DISEASE_FUND",
    "CHRONIC_TOPUP",
    "NCMS",
    "CRITICAL_ILLNESS_FIRST",
    "CRITICAL_ILLNESS_SECOND",
    "COMMERCIAL",
    "MEDICAL_ASSISTANCE",
    "CATASTROPHIC_BACKSTOP",
];

/// How the claims of persons are settled by a benefit, see [`crate::Pack`]'s key `settled`.
#[derive(Debug)]
pub struct Settled {
    /// What must hold, with the code of the refusal where it does not.
    requires: Vec<(Arc<str>, Formula)>,
    /// The benefit's facts in their order.
    inputs: Vec<Formula>,
    /// Over all that the benefit computes: what basic insurance took off.
    deductible: Formula,
    /// In the order of the cascade.
    stages: Vec<Arc<PaidStage>>,
    /// How many values `requires` and `inputs` are computed over.
    places: usize,
    /// The facts of claims that it reads.
    reads: HashSet<String>,
}

/// Who pays a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidStage {
    pub name: Arc<str>,
    /// One of [`STAGE_KINDS`].
    pub kind: String,
    /// One of [`DEPARTMENTS`].
    pub payer: String,
    pub insurer: Insurer,
}

/// Which insurer pays, where the payer is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Insurer {
    /// The pack does not say.
    Unsaid,
    /// That of the person's supplementary enrolment of the year.
    OfEnrolment,
    /// The one of this code.
    Coded(String),
}

impl Settled {
    /// Whether it depends on this fact of a claim.
    #[must_use]
    pub fn reads(&self, fact: &str) -> bool {
        self.reads.contains(fact)
    }

    /// The stages that can pay, in the order of the cascade.
    #[must_use]
    pub fn stages(&self) -> &[Arc<PaidStage>] {
        &self.stages
    }
}

/// A hospital stay or visit, as it was submitted and as the register knows the person. Words are those of packs.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that packs name"
)]
pub struct Bill {
    pub kind: String,
    pub level: String,
    pub eligible_cost_fen: i64,
    pub ineligible_cost_fen: i64,
    pub registered: bool,
    pub enrolled: bool,
    pub supplementary_insured: bool,
    pub major_disease: bool,
    pub chronic_registered: bool,
    pub doctor_signed: bool,
    pub commercial_reported_fen: Option<i64>,
    pub backstop_decision_fen: Option<i64>,
}

/// What a settlement comes to (结算单).
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// The stages that ran, in their order, also those that pay nothing.
    pub stages: Vec<Payment>,
    pub deductible_fen: Option<i64>,
    /// What is left of the eligible cost, and that with the ineligible cost.
    pub self_pay_eligible_fen: i64,
    pub self_pay_total_fen: i64,
    pub reimbursed_fen: i64,
    /// Two digits; none of a bill without eligible cost.
    pub effective_ratio_percent: Option<String>,
    /// What the place has not set.
    pub marks: Vec<String>,
    /// How it was computed.
    pub steps: Vec<Computed>,
}

/// What one stage pays of what those before it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub stage: Arc<PaidStage>,
    pub base_fen: i64,
    pub paid_fen: i64,
}

/// Why a bill can't be settled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsettled {
    #[error("the rule is not one that claims are settled by")]
    NoRule,
    /// Codes with the conditions that do not hold.
    #[error("the rule does not hold for the claim")]
    Refused(Vec<(String, String)>),
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
}

/// The first claim of a year that can't be settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    pub place: usize,
    pub why: Unsettled,
}

/// Settles the claims of one person in one calendar year, in the order of discharge, each by its own rule: what the bands
/// of the year have counted is what the claims before it come to here.
///
/// # Errors
/// The first claim that can't be settled; those after it depend on it.
pub fn settle_year(claims: &[(&Benefit, Bill)]) -> Result<Vec<Sheet>, Stuck> {
    let mut year = Year::default();
    let mut sheets = Vec::with_capacity(claims.len());
    for (place, (rule, bill)) in claims.iter().enumerate() {
        let sheet = rule.settle(bill, &year);
        let sheet = sheet.map_err(|why| Stuck { place, why })?;
        year.count(bill, &sheet);
        sheets.push(sheet);
    }
    Ok(sheets)
}

/// What has been counted of a year.
#[derive(Default)]
struct Year {
    /// The bases of each kind of stage: the rule of another place calls the same stage otherwise.
    bases: BTreeMap<String, i64>,
    /// Stays by the level of the hospital.
    stays: BTreeMap<String, i64>,
}

impl Year {
    fn count(&mut self, bill: &Bill, sheet: &Sheet) {
        for payment in &sheet.stages {
            *self.bases.entry(payment.stage.kind.clone()).or_default() += payment.base_fen;
        }
        if bill.kind == "inpatient" {
            *self.stays.entry(bill.level.clone()).or_default() += 1;
        }
    }

    fn bases_of(&self, stages: &[Arc<PaidStage>]) -> Value {
        let bases = stages.iter().map(|stage| {
            let base = self.bases.get(&stage.kind).copied().unwrap_or_default();
            (stage.name.clone(), yuan(base))
        });
        Value::Map(bases.collect())
    }
}

impl Bill {
    /// The values of [`FACTS`].
    fn values(&self, settled: &Settled, year: &Year) -> [Value; FACTS.len()] {
        let stays = year.stays.get(&self.level).copied().unwrap_or_default();
        let said = |fen: Option<i64>| fen.map_or(Value::None, yuan);
        [
            Value::Word(self.kind.as_str().into()),
            Value::Word(self.level.as_str().into()),
            yuan(self.eligible_cost_fen),
            yuan(self.ineligible_cost_fen),
            Value::Bool(self.registered),
            Value::Bool(self.enrolled),
            Value::Bool(self.supplementary_insured),
            Value::Bool(self.major_disease),
            Value::Bool(self.chronic_registered),
            Value::Bool(self.doctor_signed),
            Value::Number(Exact::whole(stays)),
            year.bases_of(&settled.stages),
            said(self.commercial_reported_fen),
            said(self.backstop_decision_fen),
        ]
    }
}

impl Benefit {
    fn settle(&self, bill: &Bill, year: &Year) -> Result<Sheet, Unsettled> {
        let settled = self.settled.as_ref().ok_or(Unsettled::NoRule)?;
        let mut frame = vec![Value::None; settled.places];
        for (place, value) in bill.values(settled, year).into_iter().enumerate() {
            frame[place] = value;
        }
        let mut refused = Vec::new();
        for (code, formula) in &settled.requires {
            if formula.value(&mut frame).map_err(NoAnswer::from)? != Value::Bool(true) {
                refused.push((code.to_string(), formula.text.to_string()));
            }
        }
        if !refused.is_empty() {
            return Err(Unsettled::Refused(refused));
        }
        let inputs = settled.inputs.iter();
        let inputs: Result<Vec<_>, _> = inputs.map(|formula| formula.value(&mut frame)).collect();
        let inputs = inputs.map_err(NoAnswer::from)?;
        let (answer, mut frame) = self.answer_to(inputs.into_iter())?;
        let stages = self.cascade().map(|cascade| &frame[cascade.stages]);
        let Some(Value::List(ran)) = stages else {
            return Err(Unsettled::NoRule);
        };
        let stages: Option<Vec<_>> = ran.iter().map(|ran| settled.payment(ran)).collect();
        let stages = stages.ok_or_else(|| NoAnswer::Missing("stages".to_owned()))?;
        let deductible = settled.deductible.value(&mut frame);
        let deductible_fen = fen(&deductible.map_err(NoAnswer::from)?);
        let marks = answer.gives.get("marks").and_then(Json::as_array);
        let marks = marks.into_iter().flatten().filter_map(Json::as_str);
        let marks = marks.map(ToOwned::to_owned).collect();
        Ok(Sheet {
            deductible_fen,
            marks,
            steps: answer.steps,
            ..Sheet::of(bill, stages)
        })
    }

    fn cascade(&self) -> Option<&Cascade> {
        self.steps.iter().find_map(|step| match step {
            Step::Cascade(cascade) => Some(cascade),
            Step::Let { .. } | Step::Codes { .. } => None,
        })
    }
}

impl Settled {
    /// A stage of the cascade that ran, `{ stage, base, paid }`.
    fn payment(&self, ran: &Value) -> Option<Payment> {
        let Value::Map(fields) = ran else { return None };
        let field = |wanted: &str| {
            let mut fields = fields.iter();
            let found = fields.find(|(name, _)| &**name == wanted);
            found.map(|(_, value)| value)
        };
        let Value::Word(name) = field("stage")? else {
            return None;
        };
        let stage = self.stages.iter().find(|stage| stage.name == *name)?;
        Some(Payment {
            stage: stage.clone(),
            base_fen: fen(field("base")?)?,
            paid_fen: fen(field("paid")?)?,
        })
    }
}

impl Sheet {
    /// The sums of a bill and its stages.
    fn of(bill: &Bill, stages: Vec<Payment>) -> Self {
        let reimbursed: i64 = stages.iter().map(|payment| payment.paid_fen).sum();
        let left = bill.eligible_cost_fen - reimbursed;
        let ratio = Exact::parts(reimbursed, bill.eligible_cost_fen)
            .and_then(|share| share.times(Exact::whole(100)))
            .and_then(|percent| percent.rounded(2)?.fixed(2));
        Sheet {
            stages,
            deductible_fen: None,
            self_pay_eligible_fen: left,
            self_pay_total_fen: left + bill.ineligible_cost_fen,
            reimbursed_fen: reimbursed,
            effective_ratio_percent: ratio,
            marks: vec![],
            steps: vec![],
        }
    }
}

/// An amount of whole fen.
fn yuan(fen: i64) -> Value {
    Exact::parts(fen, 100).map_or(Value::None, Value::Number)
}

fn fen(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.fen(),
        _ => None,
    }
}

/// The keys of `settled`, and of one of its stages.
const SETTLED: &[&str] = &["requires", "from", "deductible", "stages"];
const STAGE: &[&str] = &["kind", "payer", "insurer"];

/// What a benefit says before `settled`.
pub(crate) struct Before<'b> {
    pub unit: &'b str,
    pub facts: &'b [Fact],
    pub steps: &'b [Step],
}

/// How claims are settled by a benefit, and the figures, tables and functions it reads for that.
pub(crate) fn settled(
    part: Part<'_>,
    before: &Before<'_>,
    surroundings: &Surroundings,
    of_benefit: &mut Scope<'_>,
) -> Result<(Settled, HashSet<String>), PackError> {
    let fields = part.known(SETTLED)?;
    let cascade = before.steps.iter().find_map(|step| match step {
        Step::Cascade(cascade) => Some(cascade),
        Step::Let { .. } | Step::Codes { .. } => None,
    });
    let (Some(cascade), "claim") = (cascade, before.unit) else {
        return Err(part.error_of_name("only a benefit of a claim with a cascade is settled"));
    };
    let mut scope = Scope::new(surroundings);
    for (name, ty) in FACTS {
        scope.add(name, type_named(ty).unwrap_or(Type::Nothing));
    }
    let mut requires: Vec<(Arc<str>, Formula)> = Vec::new();
    for (code, part) in fields.fields("requires")? {
        let formula = condition(Some(part), &mut scope)?;
        requires.extend(formula.map(|formula| (code.into(), formula)));
    }
    let inputs = inputs(part, &fields, before.facts, (&mut scope, "a claim"))?;
    let named = fields.need("deductible")?;
    let deductible = formula(named, of_benefit)?;
    if !fits(&deductible.ty, &Type::Yuan.optional()) {
        return Err(named.error(format!("expected yuan, this is {}", deductible.ty)));
    }
    let formulas = requires.iter().map(|(_, formula)| formula).chain(&inputs);
    let reads = formulas.flat_map(|formula| formula.reads.clone());
    let settled = Settled {
        reads: reads.collect(),
        requires,
        inputs,
        deductible,
        stages: stages(fields.need("stages")?, cascade)?,
        places: scope.slots(),
    };
    Ok((settled, scope.used().clone()))
}

/// Who pays each stage of the cascade.
fn stages(part: Part<'_>, cascade: &Cascade) -> Result<Vec<Arc<PaidStage>>, PackError> {
    let said = part.fields()?;
    for (name, part) in &said {
        if !cascade.of_stage.iter().any(|stage| *stage.name == **name) {
            return Err(part.error_of_name(format!("the cascade has no stage `{name}`")));
        }
    }
    let mut stages: Vec<Arc<PaidStage>> = Vec::new();
    for stage in &cascade.of_stage {
        let found = said.iter().find(|(name, _)| **name == *stage.name);
        let (_, of) = found.ok_or_else(|| {
            part.error_of_name(format!("who pays `{}` is not said here", stage.name))
        })?;
        let fields = of.known(STAGE)?;
        let kind = fields.need("kind")?;
        let word = one_of(kind, kind.text()?, &STAGE_KINDS)?;
        if let Some(other) = stages.iter().find(|other| other.kind == word) {
            return Err(kind.error(format!("`{}` is of this kind already", other.name)));
        }
        let payer = fields.need("payer")?;
        stages.push(Arc::new(PaidStage {
            name: stage.name.clone(),
            kind: word,
            payer: one_of(payer, payer.text()?, &DEPARTMENTS)?,
            insurer: match fields.text("insurer")?.as_str() {
                "" => Insurer::Unsaid,
                "of enrolment" => Insurer::OfEnrolment,
                code => Insurer::Coded(code.to_owned()),
            },
        }));
    }
    Ok(stages)
}
