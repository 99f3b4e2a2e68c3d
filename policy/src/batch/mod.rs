//! Many subjects at once.
//!
//! [`Compiled`] unites benefits; the facts of subjects go into the columns of a [`Batch`], which computes all benefits block by
//! block and shows the [`Lines`] of each. A row whose numbers do not fit is computed by itself, exactly; the answers are those of
//! [`Benefit::answer`].
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let text = "{ pack: p, name: n, sources: { s: source }, benefits: { b: { chinese: 低保, english: Dibao, departments: CIVIL, unit: household,
//! #   cite: s, figures: { standard: 3906.00 yuan }, facts: { members: count, income: yuan },
//! #   gives: { annual: 'standard * members - income' } } } }";
//! use policy::{Cell, Compiled, Totals, read_pack};
//! let pack = read_pack("p.yaml", text)?;
//! let compiled = Compiled::of(&pack.benefits.iter().collect::<Vec<_>>())?;
//! let mut batch = compiled.batch();
//! batch.push(&[Cell::Whole(2), Cell::Fen(600_000)])?;
//! batch.push(&[Cell::Whole(3), Cell::Fen(600_000)])?;
//! let mut totals = Totals::of(&compiled);
//! batch.run(|lines| totals.add(lines));
//! assert_eq!(totals.sum("b", "annual"), Some(181_200 + 571_800));
//! # Ok(())
//! # }
//! ```

mod block;
mod columns;
mod kernel;
mod outputs;
mod plan;
mod totals;

pub use block::{Lines, Status};
pub use columns::{Apart, Cell};
pub use outputs::{Kind, Output};
pub use totals::Totals;

use crate::{answer::NoAnswer, pack::Benefit, value::Type};
use block::Block;
use columns::{Shared, Table, Words};
use kernel::{BLOCK, Lanes};
use outputs::outputs;
use plan::{Plan, plan};
use std::sync::Arc;

/// Benefits that are computed together, over facts they share by name.
#[derive(Debug)]
pub struct Compiled<'b> {
    benefits: Vec<Part<'b>>,
    facts: Arc<[Shared]>,
    words: Words,
    lanes: usize,
    /// The facts whose numbers, and whose being known, any plan reads.
    read: Vec<usize>,
    read_known: Vec<usize>,
}

#[derive(Debug)]
struct Part<'b> {
    benefit: &'b Benefit,
    /// The column of each of its facts.
    columns: Vec<usize>,
    /// Those of what has to be known.
    required: Vec<usize>,
    outputs: Vec<Output>,
    /// None where rows are computed by themselves.
    plan: Option<Plan>,
}

impl<'b> Compiled<'b> {
    /// Plans benefits for a batch.
    ///
    /// # Errors
    /// Two of them have a fact of one name and of different types: they go into different batches.
    pub fn of(benefits: &[&'b Benefit]) -> Result<Self, Apart> {
        let (facts, places) = Shared::of(benefits)?;
        let mut words = Words::default();
        let parts: Vec<i64> = facts.iter().map(Shared::parts).collect();
        let planned = benefits.iter().zip(places).map(|(benefit, columns)| {
            let needed = benefit.facts.iter().zip(&columns);
            let needed = needed.filter(|(fact, _)| !matches!(fact.ty, Type::Optional(_)));
            Part {
                benefit,
                required: needed.map(|(_, column)| *column).collect(),
                outputs: outputs(benefit),
                plan: match benefit.computed_by {
                    None => plan(benefit, &columns, &parts, &mut words),
                    Some(_) => None,
                },
                columns,
            }
        });
        let benefits: Vec<Part<'b>> = planned.collect();
        let plans = || benefits.iter().filter_map(|part| part.plan.as_ref());
        let is_read = |lane: usize| plans().any(|plan| plan.reads(lane));
        let count = facts.len();
        Ok(Compiled {
            read: (0..count).filter(|fact| is_read(*fact)).collect(),
            read_known: (0..count).filter(|fact| is_read(count + fact)).collect(),
            lanes: plans()
                .map(|plan| plan.lanes)
                .max()
                .unwrap_or(0)
                .max(2 * count),
            facts: facts.into(),
            words,
            benefits,
        })
    }

    /// The names of the facts, in the order in which a batch takes them.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        self.facts.iter().map(|fact| fact.name.as_str())
    }
    /// Whether blocks of a benefit are computed at once; otherwise its rows one by one.
    #[must_use]
    pub fn is_planned(&self, benefit: usize) -> bool {
        self.benefits
            .get(benefit)
            .is_some_and(|part| part.plan.is_some())
    }
    /// What a benefit gives as lanes.
    #[must_use]
    pub fn outputs(&self, benefit: usize) -> &[Output] {
        self.benefits.get(benefit).map_or(&[], |part| &part.outputs)
    }
    /// A batch without subjects.
    #[must_use]
    pub fn batch(&self) -> Batch<'_> {
        Batch {
            compiled: self,
            table: Table::new(self.facts.clone(), self.words.clone()),
        }
    }
}

/// The facts of many subjects, in memory.
#[derive(Debug)]
pub struct Batch<'c> {
    compiled: &'c Compiled<'c>,
    table: Table,
}

impl Batch<'_> {
    /// Room for so many more subjects.
    pub fn reserve(&mut self, rows: usize) {
        self.table.reserve(rows);
    }
    /// Adds a subject by its facts, in the order of [`Compiled::facts`].
    ///
    /// # Errors
    /// A fact that is missing or of another type; nothing is added then.
    pub fn push(&mut self, facts: &[Cell<'_>]) -> Result<(), NoAnswer> {
        self.table.push(facts)
    }
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.rows
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.rows == 0
    }

    /// Computes all benefits; each block of each benefit is shown once, in the order of the rows.
    pub fn run(&self, mut each: impl FnMut(&Lines<'_>)) {
        let compiled = self.compiled;
        let mut lanes = Lanes::new(compiled.lanes);
        let mut block = Block::new(compiled, &self.table);
        for first in (0..self.table.rows).step_by(BLOCK) {
            lanes.rows = BLOCK.min(self.table.rows - first);
            self.load(first, &mut lanes);
            for (benefit, part) in compiled.benefits.iter().enumerate() {
                block.compute(part, first, &mut lanes);
                each(&Lines {
                    benefit,
                    id: &part.benefit.id,
                    block: &block,
                    outputs: &part.outputs,
                });
            }
        }
    }

    fn load(&self, first: usize, lanes: &mut Lanes) {
        let count = self.table.columns.len();
        for fact in &self.compiled.read {
            self.table.columns[*fact].load(first, lanes.lane_mut(*fact));
        }
        for fact in &self.compiled.read_known {
            self.table.columns[*fact].load_known(first, lanes.lane_mut(count + fact));
        }
    }
}
