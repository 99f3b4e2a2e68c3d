//! What a benefit gives, as lanes.

use crate::{
    formula::Code,
    pack::{Benefit, Cascade, Given, Step, Style, What},
    value::Type,
};
use std::sync::Arc;

/// What a benefit gives, as a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its name; of a record and its field, or of a stage, both with a point between.
    pub name: String,
    pub kind: Kind,
}

/// What the numbers of a lane are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole fen.
    Fen,
    /// So many parts of one.
    Parts(i64),
    /// 1 for yes.
    Bool,
    /// See `Batch::word`.
    Word,
    /// The Julian day.
    Date,
    /// Months since year 0.
    Month,
    /// A bit for each of these codes that holds, the lowest for the first.
    Codes(Vec<Arc<str>>),
}

/// What a benefit gives as lanes; lists and records of no fixed size are left out.
pub(super) fn outputs(benefit: &Benefit) -> Vec<Output> {
    let mut found = Vec::new();
    of_record(benefit, &benefit.gives, "", &mut found);
    found
}

fn of_record(benefit: &Benefit, gives: &[Given], prefix: &str, found: &mut Vec<Output>) {
    for given in gives {
        let name = format!("{prefix}{}", given.name);
        let (formula, style) = match &given.what {
            What::Record(gives) => {
                of_record(benefit, gives, &format!("{name}."), found);
                continue;
            }
            What::Value { formula, style, .. } => (formula, *style),
        };
        if let Some(cascade) = stages_of(benefit, &formula.code) {
            for stage in &cascade.of_stage {
                for part in ["base", "paid"] {
                    let name = format!("{name}.{}.{part}", stage.name);
                    found.push(Output {
                        name,
                        kind: Kind::Fen,
                    });
                }
            }
        } else if let Some(kind) = kind(benefit, &formula.code, &formula.ty, style) {
            found.push(Output { name, kind });
        }
    }
}

/// The cascade whose stages a formula is.
pub(super) fn stages_of<'b>(benefit: &'b Benefit, code: &Code) -> Option<&'b Cascade> {
    benefit.steps.iter().find_map(|step| match (step, code) {
        (Step::Cascade(cascade), Code::Slot(slot)) if *slot == cascade.stages => Some(cascade),
        _ => None,
    })
}

/// The kind of the lane of a formula; none where no lane holds it.
pub(super) fn kind(benefit: &Benefit, code: &Code, ty: &Type, style: Style) -> Option<Kind> {
    Some(match (style, ty.known()) {
        (Style::Integer, _) => Kind::Parts(1),
        (Style::Trimmed, _) => Kind::Parts(1_000_000),
        (Style::Digits(digits), _) => Kind::Parts(10_i64.checked_pow(digits)?),
        (Style::Plain, Type::Bool) => Kind::Bool,
        (Style::Plain, Type::Word(_)) => Kind::Word,
        (Style::Plain, Type::Date) => Kind::Date,
        (Style::Plain, Type::Month) => Kind::Month,
        (Style::Plain, ty) if ty.is_number() => Kind::Fen,
        (Style::Plain, Type::List(_)) => {
            let codes = benefit.steps.iter().find_map(|step| match (step, code) {
                (Step::Codes { place, entries, .. }, Code::Slot(slot)) if slot == place => {
                    Some(entries.iter().map(|(code, _)| code.clone()).collect())
                }
                _ => None,
            });
            Kind::Codes(codes.filter(|codes: &Vec<_>| codes.len() < 64)?)
        }
        _ => return None,
    })
}

impl Kind {
    /// How many parts of one its numbers are.
    pub(super) fn parts(&self) -> i64 {
        match self {
            Kind::Fen => 100,
            Kind::Parts(parts) => *parts,
            _ => 1,
        }
    }
}
