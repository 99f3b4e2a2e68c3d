//! The rules, to be browsed.

use super::{rules::Rules, types::departments_of};
use crate::graphql::{
    plan::{Outcome, Refusal},
    scalars::{Day, RegionId},
};
use ::policy::{Benefit, Cite, Pack, Parameter};
use async_graphql::{Context, Object, SimpleObject};
use entity::codes::{Department, RuleUnit};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// What can be asked of the rules.
#[derive(Default)]
pub struct Query;

#[Object(name = "EntitlementQuery")]
impl Query {
    /// The packs of rules (政策包), by name.
    async fn policies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that hold in this region (地区).")] region: Option<RegionId>,
        #[graphql(desc = "Only those with a rule in force on this day (日期).")] on: Option<Day>,
    ) -> Vec<Policy> {
        let rules = ctx.data_unchecked::<Arc<Rules>>();
        let packs = rules.catalogue.packs().iter();
        let mut packs: Vec<_> = packs
            .filter(|pack| {
                let holds = region.is_none_or(|region| rules.holds(pack, region.0));
                let in_force = |day: Day| pack.benefits.iter().any(|rule| rule.is_effective(day.0));
                holds && on.is_none_or(in_force)
            })
            .collect();
        packs.sort_by(|one, other| one.id.cmp(&other.id));
        packs
            .into_iter()
            .map(|pack| Policy::of(rules, pack))
            .collect()
    }

    /// A pack of rules (政策包) by its name. Null: there is none of that name.
    async fn policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the pack (政策包), such as \"ulanqab-2018\".")] pack: String,
    ) -> Outcome<Policy> {
        let rules = ctx.data_unchecked::<Arc<Rules>>();
        let pack = rules.catalogue.pack(&pack);
        Ok::<_, Refusal>(pack.map(|pack| Policy::of(rules, pack))).into()
    }
}

/// A pack of rules: those of a region for a time (政策包).
#[derive(Clone)]
pub struct Policy {
    rules: Arc<Rules>,
    pack: String,
}

impl Policy {
    /// A pack as it is shown.
    #[must_use]
    pub fn of(rules: &Arc<Rules>, pack: &Pack) -> Self {
        Policy {
            rules: rules.clone(),
            pack: pack.id.clone(),
        }
    }

    fn pack(&self) -> Option<&Pack> {
        self.rules.catalogue.pack(&self.pack)
    }
}

/// A pack of rules: those of a region for a time (政策包).
#[Object]
impl Policy {
    /// The name by which it is asked (代码), such as "ulanqab-2018".
    async fn code(&self) -> &str {
        &self.pack
    }
    /// Its name (名称).
    async fn name(&self) -> &str {
        self.pack().map_or("", |pack| &pack.name)
    }
    /// The beginnings of the codes of the regions it holds in (适用地区). Empty: the whole country, or no region yet.
    async fn regions(&self) -> &[String] {
        self.pack().map_or(&[], |pack| &pack.regions)
    }
    /// The pack whose rules hold where this one has none of their name (上级政策包).
    async fn inherits(&self) -> Option<&str> {
        self.pack()?.inherits.as_deref()
    }
    /// The hash of the pack with all it inherits (版本): SHA-256, hexadecimal.
    async fn hash(&self) -> &str {
        self.rules.hash(&self.pack)
    }
    /// Its rules (政策).
    async fn rules(
        &self,
        #[graphql(desc = "Only those in force on this day (日期).")] on: Option<Day>,
        #[graphql(desc = "Only the one of this code (待遇代码).")] benefit: Option<String>,
    ) -> Vec<Rule> {
        let rules = self.pack().into_iter().flat_map(|pack| &pack.benefits);
        rules
            .filter(|rule| on.is_none_or(|day| rule.is_effective(day.0)))
            .filter(|rule| benefit.as_ref().is_none_or(|benefit| rule.id == *benefit))
            .map(|rule| Rule::of(&self.pack, rule))
            .collect()
    }
}

/// A rule: what one benefit is, to whom, how much (政策).
#[derive(SimpleObject, Clone)]
pub struct Rule {
    /// The code of the benefit (待遇代码), such as "yulu".
    pub code: String,
    /// The pack it stands in (政策包).
    pub pack: String,
    /// Its Chinese name (中文名称).
    pub chinese: String,
    /// Its English name (英文名称).
    pub english: String,
    /// Who runs it (主管部门).
    pub departments: Vec<Department>,
    /// Of what it decides (政策对象).
    pub unit: RuleUnit,
    /// The first day it is in force (生效日期). Null: it stands.
    pub valid_from: Option<Day>,
    /// The last day it is in force (失效日期). Null: it stands.
    pub valid_to: Option<Day>,
    /// The text it is taken from (政策依据).
    pub source: String,
    /// The place in that text (条款).
    pub place: Option<String>,
    /// The readings of unclear places that it rests on (解释), such as "I-05".
    pub interpretations: Vec<String>,
    /// How and when it is paid (发放方式).
    pub payment: Option<String>,
    /// What has to be handed in (所需材料).
    pub documents: Option<String>,
    /// What it excludes (互斥待遇).
    pub excludes: Option<String>,
    /// What else is to be said (备注).
    pub note: Option<String>,
    /// The inputs (输入).
    pub facts: Vec<RuleFact>,
    /// The figures and tables (参数).
    pub parameters: Vec<RuleParameter>,
    /// The formulas, in order (公式).
    pub formulas: Vec<RuleFormula>,
}

impl Rule {
    /// A rule as it is shown.
    #[must_use]
    pub fn of(pack: &str, benefit: &Benefit) -> Self {
        let said = |text: &String| (!text.is_empty()).then(|| text.clone());
        Rule {
            code: benefit.id.clone(),
            pack: pack.to_owned(),
            chinese: benefit.chinese.clone(),
            english: benefit.english.clone(),
            departments: departments_of(benefit),
            unit: match benefit.unit.as_str() {
                "household" => RuleUnit::Household,
                "member" => RuleUnit::Member,
                "loan" => RuleUnit::Loan,
                "claim" => RuleUnit::Claim,
                _ => RuleUnit::Other,
            },
            valid_from: benefit.effective.map(|(from, _)| Day(from)),
            valid_to: benefit.effective.map(|(_, to)| Day(to)),
            source: benefit.cite.source.clone(),
            place: said(&benefit.cite.place),
            interpretations: benefit.interpretations.clone(),
            payment: said(&benefit.payment),
            documents: said(&benefit.documents),
            excludes: said(&benefit.excludes),
            note: said(&benefit.note),
            facts: benefit
                .facts
                .iter()
                .map(|fact| RuleFact {
                    name: fact.name.clone(),
                    ty: fact.ty.to_string(),
                })
                .collect(),
            parameters: benefit
                .parameters
                .iter()
                .map(|parameter| RuleParameter::of(parameter, benefit))
                .collect(),
            formulas: benefit
                .formulas()
                .into_iter()
                .map(|(name, formula)| RuleFormula { name, formula })
                .collect(),
        }
    }
}

/// An input of a rule (输入).
#[derive(SimpleObject, Clone)]
pub struct RuleFact {
    /// Its name (名称).
    pub name: String,
    /// Its type (类型).
    #[graphql(name = "type")]
    pub ty: String,
}

/// A formula of a rule (公式).
#[derive(SimpleObject, Clone)]
pub struct RuleFormula {
    /// What it computes, or the code it decides (名称).
    pub name: String,
    /// As the pack writes it (公式).
    pub formula: String,
}

/// A figure or a table of a rule (参数).
#[derive(SimpleObject, Clone)]
pub struct RuleParameter {
    /// Its name in the formulas (名称).
    pub name: String,
    /// The figure, or the lines of the table (数值).
    pub entries: Vec<ParameterEntry>,
    /// The text it is taken from (依据).
    pub source: String,
    /// The place in that text (条款).
    pub place: Option<String>,
    /// The mark of a value that no text states and the county has to replace (占位).
    pub placeholder: Option<String>,
    /// What else is to be said (备注).
    pub note: Option<String>,
}

impl RuleParameter {
    pub(super) fn of(parameter: &Parameter, benefit: &Benefit) -> Self {
        let said = |text: &String| (!text.is_empty()).then(|| text.clone());
        let Cite { source, place } = parameter.cite.as_ref().unwrap_or(&benefit.cite);
        let entries = parameter.entries.iter().map(|(key, value)| ParameterEntry {
            key: said(key),
            value: value.clone(),
        });
        RuleParameter {
            name: parameter.name.clone(),
            entries: entries.collect(),
            source: source.clone(),
            place: said(place),
            placeholder: said(&parameter.placeholder),
            note: said(&parameter.note),
        }
    }
}

impl RuleParameter {
    pub(super) fn kept(&self) -> Json {
        let entries = self.entries.iter();
        json!({
            "name": self.name,
            "entries": entries.map(|entry| json!({ "key": entry.key, "value": entry.value })).collect::<Vec<_>>(),
            "source": self.source,
            "place": self.place,
            "placeholder": self.placeholder,
        })
    }
}

/// A figure, or a line of a table (数值).
#[derive(SimpleObject, Clone)]
pub struct ParameterEntry {
    /// For which amount, size or code it holds (条件). Null: it is a single figure.
    pub key: Option<String>,
    /// The value with its unit (数值), such as "3906.00 yuan", "80%".
    pub value: String,
}
