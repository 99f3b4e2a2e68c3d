//! What is due, as objects of the graph.

use super::{
    compare::Compared,
    facts::{Asked, Family, Stand, SubjectFacts},
    policies::{Rule, RuleParameter},
    rules::{RuleAt, Rules},
    sentences,
};
use crate::{
    facts::StatedFact,
    graphql::{
        language::Language,
        plan::{Outcome, Refusal},
        scalars::{Day, Fen, global_id},
    },
};
use ::policy::{Benefit, Computed, ENGINE_VERSION, Granted, NoAnswer, Pack, Period, Verdict};
use async_graphql::{Context, ID, Object, SimpleObject};
use entity::codes::{
    CodeList as _, Department, EntitlementPeriod, EntitlementStatus, GrantDifference,
};
use serde_json::{Value as Json, json};
use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};
use time::Date;

/// The words by which answers name what the viewer may not read.
const WITHHELD: &str = "WITHHELD";

/// How answers of a day are shown to a viewer.
pub(super) struct Showing<'a> {
    pub rules: &'a Arc<Rules>,
    pub hidden: &'a Arc<HashSet<usize>>,
    pub day: Date,
}

impl Showing<'_> {
    /// Rules asked of all of a family whom they are about, or of one person of it.
    ///
    /// # Errors
    /// As [`Showing::asked`].
    pub fn all(
        &self,
        family: &Family,
        rules: &[RuleAt],
        person: Option<i64>,
    ) -> Result<Vec<Entitlement>, Refusal> {
        let mut entitlements = Vec::new();
        for rule in rules {
            let (_, benefit) = self.rules.at(*rule);
            for facts in family.asked_of(benefit, person) {
                entitlements.push(self.asked(*rule, facts)?);
            }
        }
        Ok(entitlements)
    }

    /// A rule asked of a subject.
    ///
    /// # Errors
    /// The rule can't be computed, which is in the log.
    pub fn asked(&self, rule: RuleAt, facts: &Arc<SubjectFacts>) -> Result<Entitlement, Refusal> {
        let (pack, benefit) = self.rules.at(rule);
        let entitled = benefit.entitled(&facts.known);
        let entitled = entitled.map_err(|error| not_computed(pack, benefit, &error))?;
        let asked = Asked {
            facts: facts.clone(),
            entitled,
        };
        Ok(self.shown(rule, asked))
    }

    fn shown(&self, rule: RuleAt, asked: Asked) -> Entitlement {
        let (_, benefit) = self.rules.at(rule);
        let period = benefit.asked.as_ref().map(|asked| match asked.period {
            Period::Year => EntitlementPeriod::Year,
            Period::Month => EntitlementPeriod::Month,
            Period::Once => EntitlementPeriod::Once,
        });
        Entitlement {
            benefit: benefit.id.clone(),
            period,
            pay_by: pay_by(benefit, self.day).map(Day),
            day: self.day,
            answer: Some(Arc::new(Answer {
                rules: self.rules.clone(),
                rule,
                hidden: self.hidden.clone(),
                asked,
            })),
        }
    }
}

/// What is due to a household, a member or on a loan of one benefit (应享待遇).
#[derive(Clone)]
pub struct Entitlement {
    benefit: String,
    period: Option<EntitlementPeriod>,
    pay_by: Option<Day>,
    day: Date,
    /// None where no rule is in force.
    answer: Option<Arc<Answer>>,
}

impl Entitlement {
    pub(super) fn not_in_force(benefit: String, day: Date) -> Self {
        Entitlement {
            benefit,
            period: None,
            pay_by: None,
            day,
            answer: None,
        }
    }
}

impl Entitlement {
    /// Null where the viewer may not read what was granted, or no rule is in force.
    fn compared(&self) -> Result<Option<Compared>, Refusal> {
        let Some(answer) = self
            .answer
            .as_ref()
            .filter(|answer| !answer.hides_granted())
        else {
            return Ok(None);
        };
        let (pack, benefit) = answer.rule();
        let compared = Compared::of(benefit, &answer.asked.facts.known);
        let compared = compared.map_err(|error| not_computed(pack, benefit, &error))?;
        Ok(Some(compared))
    }

    /// The answer with all that it rests on; none where no rule is in force.
    pub(super) fn kept(&self) -> Result<Option<Json>, Refusal> {
        let Some(answer) = &self.answer else {
            return Ok(None);
        };
        let compared = self.compared()?;
        let granted = compared.and_then(|compared| compared.granted);
        let (pack, _) = answer.rule();
        let entitled = &answer.asked.entitled;
        let hidden = answer.hidden_names();
        let steps = entitled.answer.as_ref().map(|answer| &answer.steps);
        let facts = |places: &[usize]| -> Vec<Json> {
            places
                .iter()
                .map(|place| answer.fact(*place).kept())
                .collect()
        };
        let kept = |steps: &[Computed]| -> Vec<Json> {
            let steps = answer.steps(steps, &hidden);
            steps.iter().map(ExplanationStep::kept).collect()
        };
        let id = answer.asked.facts.id;
        Ok(Some(json!({
            "benefit": self.benefit,
            "person": id.person().map(|person| global_id("Person", person)),
            "loan": id.loan().map(|loan| global_id("Loan", loan)),
            "pack": pack.id,
            "packHash": answer.rules.hash(&pack.id),
            "status": status(entitled.status).word(),
            "amount": entitled.amount_fen.map(|fen| Fen(fen).to_string()),
            "granted": match granted {
                Some(Granted::Fen(fen)) => json!(Fen(fen).to_string()),
                Some(Granted::InKind(is)) => json!(is),
                None => Json::Null,
            },
            "difference": compared.map(|compared| compared.difference().word()),
            "payBy": self.pay_by.map(|day| day.0.to_string()),
            "reasons": answer.reasons(Language::Chinese).iter().map(EntitlementReason::kept).collect::<Vec<_>>(),
            "missing": facts(&entitled.missing),
            "inputs": kept(&entitled.inputs),
            "steps": kept(steps.map_or(&[], Vec::as_slice)),
            "parameters": answer.parameters().iter().map(RuleParameter::kept).collect::<Vec<_>>(),
            "facts": facts(&entitled.facts),
        })))
    }

    fn granted_fact(&self) -> Result<Option<Granted>, Refusal> {
        Ok(self.compared()?.and_then(|compared| compared.granted))
    }
}

struct Answer {
    rules: Arc<Rules>,
    rule: RuleAt,
    asked: Asked,
    /// The facts that the viewer may not read, by place.
    hidden: Arc<HashSet<usize>>,
}

/// What is due to a household, a member or on a loan of one benefit (应享待遇), on the day asked about.
#[Object]
impl Entitlement {
    /// The code of the benefit (待遇代码), such as "yulu".
    async fn benefit(&self) -> &str {
        &self.benefit
    }
    /// The rule (政策) that answers. Null: none is in force there on that day.
    async fn rule(&self) -> Option<Rule> {
        let answer = self.answer.as_ref()?;
        let (pack, benefit) = answer.rule();
        Some(Rule::of(&pack.id, benefit))
    }
    /// Whether something is due (应享状态).
    async fn status(&self) -> EntitlementStatus {
        let status = self
            .answer
            .as_ref()
            .map(|answer| answer.asked.entitled.status);
        status.map_or(EntitlementStatus::NotConfigured, self::status)
    }
    /// The member it is about, or whose loan it is (家庭成员), by global id. Null: the family.
    async fn person_id(&self) -> Option<ID> {
        let person = self.answer.as_ref()?.asked.facts.id.person()?;
        Some(global_id("Person", person).into())
    }
    /// The loan it is about (贷款), by global id.
    async fn loan_id(&self) -> Option<ID> {
        let loan = self.answer.as_ref()?.asked.facts.id.loan()?;
        Some(global_id("Loan", loan).into())
    }
    /// The amount due (应享金额) in yuan, for the period. Null: nothing is due in money, or it is not known or configured.
    async fn amount(&self) -> Option<Fen> {
        self.answer.as_ref()?.asked.entitled.amount_fen.map(Fen)
    }
    /// The amount that was granted (已批金额) in yuan, for the same period. Null: nothing is granted in money, it is not known, or
    /// you may not read it.
    async fn granted(&self) -> Outcome<Fen> {
        let granted = self.granted_fact().map(|granted| match granted {
            Some(Granted::Fen(fen)) => Some(Fen(fen)),
            Some(Granted::InKind(_)) | None => None,
        });
        granted.into()
    }
    /// Whether anything was granted (是否已享). Null: it is not known, or you may not read it.
    async fn is_granted(&self) -> Outcome<bool> {
        let granted = self.granted_fact().map(|granted| match granted? {
            Granted::Fen(fen) => Some(fen != 0),
            Granted::InKind(is) => Some(is),
        });
        granted.into()
    }
    /// What is due compared with what was granted (应享与已享比对). Null: you may not read what was granted.
    async fn difference(&self) -> Outcome<GrantDifference> {
        self.compared()
            .map(|compared| compared.map(|compared| compared.difference()))
            .into()
    }
    /// For how long the amount is (发放周期).
    async fn period(&self) -> Option<EntitlementPeriod> {
        self.period
    }
    /// Until when it is to be paid (应发放日期).
    async fn pay_by(&self) -> Option<Day> {
        self.pay_by
    }
    /// Why nothing is due (不符合原因), in the order of the rule.
    async fn reasons(&self, ctx: &Context<'_>) -> Vec<EntitlementReason> {
        let language = *ctx.data_unchecked::<Language>();
        match &self.answer {
            Some(answer) => answer.reasons(language),
            None => vec![EntitlementReason::of("NO_RULE_IN_FORCE", language)],
        }
    }
    /// The facts that are not recorded and without which there is no answer (缺失信息).
    async fn missing(&self) -> Vec<EntitlementFact> {
        let answer = self.answer.iter();
        let missing = answer.flat_map(|answer| {
            let places = answer.asked.entitled.missing.iter();
            places.map(|place| answer.fact(*place))
        });
        missing.collect()
    }
    /// How the answer came about (计算过程). Null: no rule is in force.
    async fn explanation(&self) -> Option<Explanation> {
        let answer = self.answer.as_ref()?;
        Some(Explanation {
            day: self.day,
            answer: answer.clone(),
        })
    }
}

impl Answer {
    fn rule(&self) -> (&Pack, &Benefit) {
        self.rules.at(self.rule)
    }

    /// The figures and tables that its steps read.
    fn parameters(&self) -> Vec<RuleParameter> {
        let (_, benefit) = self.rule();
        let answer = self.asked.entitled.answer.as_ref();
        let used: HashSet<&str> = answer
            .into_iter()
            .flat_map(|answer| &answer.steps)
            .flat_map(|step| &step.from)
            .map(String::as_str)
            .collect();
        let parameters = benefit.parameters.iter();
        parameters
            .filter(|parameter| used.contains(parameter.name.as_str()))
            .map(|parameter| RuleParameter::of(parameter, benefit))
            .collect()
    }

    /// Whether the viewer may not read what was granted.
    fn hides_granted(&self) -> bool {
        is_withheld(self.rule().1, &self.hidden)
    }

    /// The departments whose facts are withheld among these.
    fn withheld<'f>(&self, facts: impl IntoIterator<Item = &'f usize>) -> Vec<Department> {
        let hidden = facts
            .into_iter()
            .filter(|place| self.hidden.contains(place));
        let departments: BTreeSet<_> = hidden
            .map(|place| self.rules.facts.stated()[*place].department.word())
            .collect();
        departments
            .into_iter()
            .filter_map(Department::of_word)
            .collect()
    }

    fn name(&self, place: usize) -> String {
        self.rules.facts.stated()[place].column.name.to_owned()
    }

    fn reasons(&self, language: Language) -> Vec<EntitlementReason> {
        let entitled = &self.asked.entitled;
        if entitled.status == Verdict::NotConfigured {
            return vec![EntitlementReason::of("NOT_CONFIGURED", language)];
        }
        let reasons = entitled.reasons.iter();
        let shown = reasons.map(|reason| {
            let withheld_by = self.withheld(&reason.facts);
            if !withheld_by.is_empty() {
                let mut shown = EntitlementReason::of(WITHHELD, language);
                shown.withheld_by = withheld_by;
                return shown;
            }
            EntitlementReason {
                code: reason.code.clone(),
                sentence: sentences::of(&reason.code, language),
                condition: Some(reason.formula.clone()),
                facts: reason.facts.iter().map(|place| self.name(*place)).collect(),
                withheld_by,
            }
        });
        shown.collect()
    }

    fn fact(&self, place: usize) -> EntitlementFact {
        let StatedFact {
            department,
            column,
            record,
            ..
        } = self.rules.facts.stated()[place];
        let withheld = self.hidden.contains(&place);
        let facts = &self.asked.facts;
        let stand = facts.stand(&self.rules, place).filter(|_| !withheld);
        let Stand { record: id, on } = stand.unwrap_or_default();
        let id = id.filter(|_| !record.is_empty());
        let ty = &self.rules.facts.vocabulary.facts()[place].ty;
        let value = facts.known[place].as_ref().filter(|_| !withheld);
        EntitlementFact {
            name: (!withheld).then(|| column.name.to_owned()),
            label: (!withheld).then(|| column.chinese.to_owned()),
            value: value.and_then(|value| value.text(ty)),
            department,
            on: on.map(Day),
            record: id.map(|id| global_id(record, id).into()),
            withheld,
        }
    }

    /// The names whose values rest on what the viewer may not read: such facts, and what is computed from them.
    fn hidden_names(&self) -> HashSet<String> {
        let facts: HashSet<String> = self.hidden.iter().map(|place| self.name(*place)).collect();
        let entitled = &self.asked.entitled;
        let inputs = entitled.inputs.iter();
        let rests = |input: &&Computed| input.from.iter().any(|name| facts.contains(name));
        // From here on names are those of the benefit: what it calls its input may be the name of another fact.
        let mut hidden: HashSet<String> = inputs
            .filter(rests)
            .map(|input| input.name.clone())
            .collect();
        for step in entitled.answer.iter().flat_map(|answer| &answer.steps) {
            if step.from.iter().any(|name| hidden.contains(name)) {
                hidden.insert(step.name.clone());
            }
        }
        hidden
    }

    fn steps(&self, computed: &[Computed], hidden: &HashSet<String>) -> Vec<ExplanationStep> {
        let steps = computed.iter().map(|step| {
            let withheld = hidden.contains(&step.name);
            ExplanationStep {
                name: step.name.clone(),
                formula: step.formula.to_string(),
                value: text(&step.value).filter(|_| !withheld),
                from: step.from.clone(),
                withheld,
            }
        });
        steps.collect()
    }
}

fn text(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Why nothing is due (不符合原因).
#[derive(SimpleObject, Clone)]
pub struct EntitlementReason {
    /// The code of the rule (原因代码), such as NOT_REGISTERED; WITHHELD where it rests on what you may not read.
    pub code: String,
    /// The same as a sentence (说明).
    pub sentence: String,
    /// The condition of the rule (条件), as the pack writes it.
    pub condition: Option<String>,
    /// The facts that it rests on (依据), by name.
    pub facts: Vec<String>,
    /// The departments whose facts are withheld from you (未显示信息的部门).
    pub withheld_by: Vec<Department>,
}

impl EntitlementReason {
    fn of(code: &str, language: Language) -> Self {
        EntitlementReason {
            code: code.to_owned(),
            sentence: sentences::of(code, language),
            condition: None,
            facts: vec![],
            withheld_by: vec![],
        }
    }
}

impl EntitlementReason {
    fn kept(&self) -> Json {
        let departments = self.withheld_by.iter();
        json!({
            "code": self.code,
            "condition": self.condition,
            "facts": self.facts,
            "withheldBy": departments.map(|of| of.word()).collect::<Vec<_>>(),
        })
    }
}

/// A fact that an answer rests on (依据), or that is missing.
#[derive(SimpleObject, Clone)]
pub struct EntitlementFact {
    /// The name in the rules (事实代码). Null: withheld.
    pub name: Option<String>,
    /// What it is called (名称). Null: withheld.
    pub label: Option<String>,
    /// The value (值): yuan with two places, days as YYYY-MM-DD, words of code lists in lower case. Null: none, not recorded, or
    /// withheld.
    pub value: Option<String>,
    /// The department that states it (提供部门).
    pub department: Department,
    /// Since when or of which day it is (日期).
    pub on: Option<Day>,
    /// The record it stands in (记录), by global id.
    pub record: Option<ID>,
    /// Whether you may not read it (是否未显示).
    pub withheld: bool,
}

impl EntitlementFact {
    fn kept(&self) -> Json {
        json!({
            "name": self.name,
            "label": self.label,
            "value": self.value,
            "department": self.department.word(),
            "on": self.on.map(|day| day.0.to_string()),
            "record": self.record.as_ref().map(|id| id.as_str()),
            "withheld": self.withheld,
        })
    }
}

/// How an answer came about (计算过程).
#[derive(Clone)]
pub struct Explanation {
    day: Date,
    answer: Arc<Answer>,
}

/// How an answer came about (计算过程).
#[Object]
impl Explanation {
    /// The day that the facts are of (事实日期).
    async fn as_of(&self) -> Day {
        Day(self.day)
    }
    /// The pack of the rule (政策包).
    async fn pack(&self) -> &str {
        &self.answer.rule().0.id
    }
    /// The hash of the pack with all it inherits (政策包版本): SHA-256, hexadecimal.
    async fn pack_hash(&self) -> &str {
        self.answer.rules.hash(&self.answer.rule().0.id)
    }
    /// The version of the engine (引擎版本).
    async fn engine_version(&self) -> &str {
        ENGINE_VERSION
    }
    /// The inputs of the rule (输入), each from the facts.
    async fn inputs(&self) -> Vec<ExplanationStep> {
        let hidden = self.answer.hidden_names();
        self.answer
            .steps(&self.answer.asked.entitled.inputs, &hidden)
    }
    /// What was computed, in order (计算步骤).
    async fn steps(&self) -> Vec<ExplanationStep> {
        let hidden = self.answer.hidden_names();
        let answer = self.answer.asked.entitled.answer.as_ref();
        answer.map_or(vec![], |answer| self.answer.steps(&answer.steps, &hidden))
    }
    /// The figures and tables that were used (参数).
    async fn parameters(&self) -> Vec<RuleParameter> {
        self.answer.parameters()
    }
    /// The facts that it rests on (依据); those you may not read appear as withheld, with the department only.
    async fn facts(&self) -> Vec<EntitlementFact> {
        let facts = self.answer.asked.entitled.facts.iter();
        facts.map(|place| self.answer.fact(*place)).collect()
    }
    /// The smallest change of facts that would make a yes of a no (最近的改变). Empty: it is a yes, or none of those tried does.
    async fn nearest_change(&self) -> Outcome<Vec<FactChange>> {
        self.change().into()
    }
}

impl Explanation {
    fn change(&self) -> Result<Vec<FactChange>, Refusal> {
        let answer = &self.answer;
        if answer.asked.entitled.status != Verdict::NotEntitled {
            return Ok(vec![]);
        }
        let (pack, benefit) = answer.rule();
        let vocabulary = &answer.rules.facts.vocabulary;
        let changes = benefit.nearest_change(vocabulary, &answer.asked.facts.known);
        let changes = changes.map_err(|error| not_computed(pack, benefit, &error))?;
        let shown = changes.into_iter().map(|change| {
            let now = answer.fact(change.fact);
            let ty = &vocabulary.facts()[change.fact].ty;
            FactChange {
                to: change.to.text(ty).filter(|_| !now.withheld),
                fact: now.name,
                label: now.label,
                department: now.department,
                from: now.value,
                withheld: now.withheld,
            }
        });
        Ok(shown.collect())
    }
}

/// A step of a computation (计算步骤).
#[derive(SimpleObject, Clone)]
pub struct ExplanationStep {
    /// Its name in the rule (名称).
    pub name: String,
    /// How it is computed (公式), as the pack writes it. Empty: codes, each with its own condition.
    pub formula: String,
    /// The value (值), not rounded where the rule does not round; six places are shown. Null: none, or withheld.
    pub value: Option<String>,
    /// What it was computed from (来源), by name.
    pub from: Vec<String>,
    /// Whether it rests on what you may not read (是否未显示).
    pub withheld: bool,
}

impl ExplanationStep {
    fn kept(&self) -> Json {
        json!({
            "name": self.name,
            "formula": self.formula,
            "value": self.value,
            "from": self.from,
            "withheld": self.withheld,
        })
    }
}

/// A change of a fact (改变).
#[derive(SimpleObject, Clone)]
pub struct FactChange {
    /// The name of the fact in the rules (事实代码). Null: withheld.
    pub fact: Option<String>,
    /// What it is called (名称). Null: withheld.
    pub label: Option<String>,
    /// The department that states it (提供部门).
    pub department: Department,
    /// What it is (现值).
    pub from: Option<String>,
    /// What it would have to be (需要的值).
    pub to: Option<String>,
    /// Whether you may not read it (是否未显示).
    pub withheld: bool,
}

/// Who runs a benefit.
pub(super) fn departments_of(benefit: &Benefit) -> Vec<Department> {
    let departments = benefit.departments.iter();
    departments
        .filter_map(|department| Department::of_word(department))
        .collect()
}

/// A verdict as it is told.
pub(super) fn status(verdict: Verdict) -> EntitlementStatus {
    match verdict {
        Verdict::Entitled => EntitlementStatus::Entitled,
        Verdict::NotEntitled => EntitlementStatus::NotEntitled,
        Verdict::NotConfigured => EntitlementStatus::NotConfigured,
        Verdict::Unknown => EntitlementStatus::Unknown,
    }
}

/// Until when a benefit of the year of a day is to be paid.
pub(super) fn pay_by(benefit: &Benefit, day: Date) -> Option<Date> {
    let (month, of_month) = benefit.asked.as_ref()?.pay_by?;
    Date::from_calendar_date(day.year(), month, of_month).ok()
}

/// Whether what was granted of a benefit rests on facts that are hidden.
pub(super) fn is_withheld(benefit: &Benefit, hidden: &HashSet<usize>) -> bool {
    let asked = benefit.asked.as_ref();
    let mut granted = asked
        .and_then(|asked| asked.facts_of_granted())
        .into_iter()
        .flatten();
    granted.any(|fact| hidden.contains(fact))
}

/// Logs a rule that can't be computed.
pub(super) fn not_computed(pack: &Pack, benefit: &Benefit, error: &NoAnswer) -> Refusal {
    tracing::error!(%error, pack = pack.id, benefit = benefit.id, "a rule can't be computed");
    Refusal::internal()
}
