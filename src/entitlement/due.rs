//! What is due to the households of a region, line by line: the list that goes to the departments (应享清单).

use super::{
    compare::Compared,
    facts::SubjectId,
    rules::{RuleAt, Rules},
    run::{RunError, Visited},
    types::{pay_by, status},
};
use crate::{
    files::{Column, Kind},
    graphql::scalars::{Fen, global_id},
};
use ::policy::{Benefit, Granted, Pack};
use entity::codes::{CodeList as _, EntitlementStatus, GrantDifference};
use std::{collections::BTreeSet, sync::Arc};
use time::Date;

/// How many cells a line has.
const CELLS: usize = 13;

/// The columns of the list.
pub static COLUMNS: [Column; CELLS] = [
    Column::new("card_number", Kind::Text),
    Column::new("region", Kind::Text),
    Column::new("household", Kind::Text),
    Column::new("person", Kind::Text),
    Column::new("loan", Kind::Text),
    Column::new("benefit", Kind::Text),
    Column::new("name", Kind::Text),
    Column::new("pack", Kind::Text),
    Column::new("status", Kind::Text),
    Column::new("due_yuan", Kind::Yuan),
    Column::new("granted_yuan", Kind::Yuan),
    Column::new("difference", Kind::Text),
    Column::new("pay_by", Kind::Day),
];

/// A line of the list: texts, empty where there is nothing.
pub type Line = [String; CELLS];

/// Which lines are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Where something is due, was granted, or is not known.
    Something,
    All,
}

/// A list to be made.
#[derive(Clone)]
pub struct Listing {
    pub rules: Arc<Rules>,
    pub day: Date,
    pub told: Told,
    /// Of these rules, each as [`rule_name`], what was granted is not told.
    pub withheld: Arc<BTreeSet<String>>,
}

/// A rule as a list of withheld ones names it.
#[must_use]
pub fn rule_name(pack: &Pack, benefit: &Benefit) -> String {
    format!("{}/{}", pack.id, benefit.id)
}

impl Listing {
    /// The lines of some households.
    ///
    /// # Errors
    /// A rule that can't be computed.
    pub fn lines(&self, visited: &[Visited]) -> Result<Vec<Line>, RunError> {
        let mut lines = Vec::new();
        for of in visited {
            for rule in &*of.rules {
                let (pack, benefit) = self.rules.at(*rule);
                for facts in of.family.asked_of(benefit, None) {
                    let compared = Compared::of(benefit, &facts.known);
                    let mut compared = compared
                        .map_err(|problem| RunError::rule((pack, benefit), &of.home, problem))?;
                    if !self.withheld.is_empty()
                        && self.withheld.contains(&rule_name(pack, benefit))
                    {
                        compared.granted = None;
                    }
                    if self.told == Told::All || is_something(&compared) {
                        let at = (&*self.rules, *rule, self.day);
                        lines.push(line(at, of, facts.id, &compared));
                    }
                }
            }
        }
        Ok(lines)
    }
}

fn is_something(compared: &Compared) -> bool {
    let is_no = status(compared.due.status) == EntitlementStatus::NotEntitled;
    let of_nothing = [GrantDifference::Equal, GrantDifference::Unknown];
    !(is_no && of_nothing.contains(&compared.difference()))
}

fn line(
    (rules, rule, day): (&Rules, RuleAt, Date),
    of: &Visited,
    subject: SubjectId,
    compared: &Compared,
) -> Line {
    let (pack, benefit) = rules.at(rule);
    let id = |type_name: &str, key: Option<i64>| {
        key.map_or_else(String::new, |key| global_id(type_name, key))
    };
    let yuan = |fen: Option<i64>| fen.map_or_else(String::new, |fen| Fen(fen).to_string());
    let granted = match compared.granted {
        Some(Granted::Fen(fen)) => Some(fen),
        Some(Granted::InKind(_)) | None => None,
    };
    let pay_by = pay_by(benefit, day);
    [
        of.home.card_number.clone().unwrap_or_default(),
        of.home.village.to_string(),
        id("Household", Some(of.home.household)),
        id("Person", subject.person()),
        id("Loan", subject.loan()),
        benefit.id.clone(),
        benefit.chinese.clone(),
        pack.id.clone(),
        status(compared.due.status).word().to_owned(),
        yuan(compared.due.amount_fen),
        yuan(granted),
        compared.difference().word().to_owned(),
        pay_by.map_or_else(String::new, |day| day.to_string()),
    ]
}
