//! Where the departments contradict each other (核查): the checks, what they find, and what is done about it.
//!
//! A check is data (`checks/`): who is compared, how grave a difference is, and one statement. A run holds what the statements
//! find in a region against the findings that are there. A finding is read by who leads the work on the file, who checks it, and
//! the departments it is between; each value in it only by those who read the field that it stands in.

mod check;
mod deadline;
mod exports;
mod mutation;
mod query;
mod recomputed;
mod requested;
mod roster;
mod run;
mod runs;
mod service;
mod shipped;
mod store;
mod totals;
mod types;

pub use check::{Check, Checks, Here};
pub use deadline::Deadlines;
pub use exports::EXPORTS;
pub use mutation::Mutation;
pub use query::Query;
pub use recomputed::{Differing, Recomputed};
pub use requested::{ReconciliationWork, RegionMutation, Schedule};
pub use roster::{
    Asking, Matched, Mutation as RosterMutation, Query as RosterQuery, Registers, RosterDecision,
    RosterWork, Rosters, relation_code, told_sex,
};
pub use run::{Reconciler, Report, RunError, Since, Tally, Wanted, server};
pub use runs::{Order, Planned};
pub use shipped::shipped;
pub use store::{OPEN_FINDINGS, Raised, is_blocked, raise};
pub use totals::OnTotals;
pub use types::{Finding, OnHousehold};

use crate::{
    graphql::node::NodeKind,
    options::{BadOption, section},
};
use entity::{codes::NamedList, region_code::RegionCode};

section! {
    /// The checks of the departments against each other, when nobody asks for them.
    ReconciliationOptions {
        /// Code of the region whose households are compared, for example "1509". None: only when somebody asks.
        region: Option<String> = None;
        /// Hour of the day in China after which all of them are, once a day.
        full_hour: u8 = 2;
        /// Minutes between two looks at those that were written since.
        every_minutes: u32 = 60;
        /// Days to answer a finding that blocks.
        block_days: u16 = 7;
        /// Days to answer a finding of severity HIGH.
        high_days: u16 = 30;
    }
}

impl ReconciliationOptions {
    pub(crate) fn check(&self) -> Result<(), BadOption> {
        let region = self.region.as_ref();
        if region.is_some_and(|region| region.parse::<RegionCode>().is_err()) {
            return Err(BadOption::of(
                "reconciliation.region",
                "a code of 2 to 12 digits",
            ));
        }
        match (self.full_hour, self.every_minutes) {
            (0..24, 1..) => Ok(()),
            (24.., _) => Err(BadOption::of("reconciliation.full_hour", "0 to 23")),
            (_, 0) => Err(BadOption::of("reconciliation.every_minutes", "at least 1")),
        }
    }

    /// By when findings are to be answered.
    #[must_use]
    pub fn deadlines(&self) -> Deadlines {
        Deadlines {
            block_days: self.block_days,
            high_days: self.high_days,
        }
    }

    /// When checks are run by themselves.
    #[must_use]
    pub fn schedule(&self) -> Option<Schedule> {
        Some(Schedule {
            region: self.region.as_ref()?.parse().ok()?,
            full_hour: self.full_hour,
            every_minutes: self.every_minutes,
        })
    }
}

/// Who may read findings.
pub const MATRIX: &str = include_str!("matrix.txt");

/// What can be asked by id.
#[must_use]
pub fn nodes() -> Vec<NodeKind> {
    vec![NodeKind::of::<Finding>(), NodeKind::of::<RosterDecision>()]
}

/// The code lists of its fields.
#[must_use]
pub fn code_lists() -> Vec<NamedList> {
    entity::reconciliation::codes::code_lists()
}
