//! The demonstration: made-up families of 乌兰察布, with their slices in every department.
//!
//! The data are those of 2018-12-31. The same seed gives the same data at every filling and on both databases, but for
//! the ciphertexts, which never repeat; another seed gives other families. Nobody in them exists: the citizen numbers have
//! orders that registers hardly reach, the phone numbers a range not given to people.
//!
//! `story` invents the families as plain facts, a part of the townships at a time; each room writes its rows of them in its
//! `demo.rs`, and what two rooms must agree on stands in [`Family`]. A room that grants money tells the [`Demonstration`]
//! what is [`Due`]; when all have, the room that pays turns it into payments. `fill` sees the parts into the database.
//!
//! The first 200 families live in nine townships of 卓资县 and 化德县 and are the same whatever the size; they are those of
//! tests and tutorials. All others are shared out among the rural villages of the eleven counties so that the whole comes
//! near the published figures: as many households on file, gone and returned each year, as large as they were.
//!
//! 东湖渔业村 comes besides, with exactly its published figures, in a province (99) that does not exist: in no total of
//! 乌兰察布.
//!
//! Each planting of a contradiction (`plants`) comes in 0.15 percent of the families told after the first 200, or in as many
//! as it fits; none is in 东湖渔业村.
//!
//! What tests may rely on, in a demonstration of the usual size:
//!
#![doc = include_str!("figures.md")]

pub mod assistance;
mod dice;
pub mod family;
mod fill;
pub mod institutions;
mod ledger;
pub mod names;
mod people;
mod plants;
mod quotas;
mod store;
mod story;

pub use dice::Dice;
pub use family::{Allowance, Family, Income, Member, StatusSpan, Track};
pub use fill::{Books, Filled, Progress, Wanted, fill};
pub use institutions::Institutions;
pub use ledger::{Ledger, number};
pub use plants::{DIBAO_STANDARD, Finding, Plant, Report, poverty_line};
pub(crate) use story::document_number;

use crate::{
    db::{DbError, Dialect, Inserts, Keys},
    vault::{Place, Sealed, Sensitive, Vault, VaultError},
};
use entity::{codes::Department, region_code::RegionCode};
use serde_json::json;
use std::{collections::HashMap, ops::Range, sync::Arc};
use time::{Date, macros::date};
use tokio::sync::mpsc;

/// The day whose state the data are.
pub const LAST_DAY: Date = date!(2018 - 12 - 31);
/// The first year with income forms.
pub const FIRST_SURVEY_YEAR: i32 = 2016;
/// When all rows were recorded: at noon of the last day in China. A constant, so that every filling is the same.
pub const RECORDED_AT_MS: i64 = 1_546_228_800_000;

/// The seed that is taken where none is given.
pub const SEED: u64 = 2018;

/// The helper of five families in 卓资县, as issuer and subject of the token.
pub const HELPER: &str = "yihu-demo|helper-1";
/// The account of a family.
pub const OWN_FAMILY: &str = "yihu-demo|household-1";

/// Why the demonstration could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(transparent)]
    Database(#[from] DbError),
    #[error("a value could not be sealed: {0}")]
    Vault(#[from] VaultError),
    /// Everybody has the keys of a demonstration.
    #[error(
        "the database holds families that are not the demonstration's; give it another database"
    )]
    OtherFamilies,
    /// The writer has ended before the story; its own error says why.
    #[error("the rows could not be written")]
    Unwritten,
    #[error("the manifest could not be written: {0}")]
    Manifest(#[from] std::io::Error),
    /// A mistake of the demonstration itself.
    #[error("the demonstration invented something impossible: {0}")]
    Invented(&'static str),
}

/// Money that a room grants and another one pays.
#[derive(Clone, Debug)]
pub struct Due {
    /// Which family, by its place in [`Demonstration::families`].
    pub family: usize,
    /// Membership and human being, for money of a person.
    pub person: Option<(i64, i64)>,
    pub department: Department,
    /// The benefit as its pack names it.
    pub programme: &'static str,
    /// Year or month, `2018` or `2018-09`.
    pub period: String,
    /// Once and for all, or one of many.
    pub one_off: bool,
    pub amount_fen: i64,
    pub due_on: Date,
}

/// What the rooms write their rows of and into.
///
/// Large demonstrations come in parts, and a room is called once for each. A part holds all families of its townships, so
/// what belongs to a township (a site, a batch of payments) is made with its families and complete; what belongs to a
/// county is made with the part that opens the county. Nothing may be counted across calls: numbers that must be unique
/// come from keys, card numbers and region codes.
pub struct Demonstration<'a> {
    dialect: Dialect,
    keys: &'a Keys,
    vault: &'a Vault,
    /// Where rows go when there are enough of them.
    writer: mpsc::Sender<Inserts>,
    /// The counties that this part opens, with their names.
    pub counties: Vec<(RegionCode, &'static str)>,
    /// The townships of this part, with their names.
    pub townships: Vec<(RegionCode, &'static str)>,
    pub families: Vec<Family>,
    pub institutions: Arc<Institutions>,
    pub inserts: Inserts,
    pub dues: Vec<Due>,
    /// What is made is counted here, besides and independent of the rows.
    pub ledger: &'a mut Ledger,
    /// The contradictions that are there, each with the place of its family in `families`.
    findings: Vec<(usize, Finding)>,
}

impl Demonstration<'_> {
    /// Keys of a table.
    ///
    /// # Errors
    /// None at present.
    pub async fn ids(&self, table: &'static str, count: usize) -> Result<Range<i64>, DemoError> {
        Ok(self.keys.take(table, count))
    }

    /// Seals a value for its place: table, column, row.
    ///
    /// # Errors
    /// The vault refused.
    pub fn seal(&self, place: Place<'_>, value: &impl Sensitive) -> Result<Sealed, DemoError> {
        Ok(self.vault.seal(place, value)?)
    }

    /// The blind index of a value.
    pub fn index(&self, value: &impl Sensitive) -> Vec<u8> {
        self.vault.index(value).0.to_vec()
    }

    /// Finds what the facts, the reports and what is due contradict.
    fn find_in_facts(&mut self) {
        for (place, family) in self.families.iter().enumerate() {
            let of_family = plants::findings(family).into_iter();
            self.findings
                .extend(of_family.map(|finding| (place, finding)));
        }
        let deaths: HashMap<i64, Date> = self
            .families
            .iter()
            .flat_map(|family| family.reports.iter().map(move |report| (family, report)))
            .filter(|(_, report)| report.kind == "DEATH")
            .filter_map(|(family, report)| {
                let member = family.members.get(report.member?)?;
                Some((member.id, report.reported_on))
            })
            .collect();
        for due in &self.dues {
            let allowance = self
                .families
                .get(due.family)
                .and_then(|family| family.allowance);
            let until = allowance.and_then(|allowance| allowance.gradual_exit_until);
            if let Some(until) = until.filter(|_| due.programme == "dibao")
                && plants::begins_after(&due.period, until)
            {
                let values = json!({ "period": due.period, "gradualExitUntil": until.to_string() });
                self.findings
                    .push((due.family, Finding::of("RC-87", None, values)));
            }
            if let Some((person, _)) = due.person
                && let Some(died_on) = deaths.get(&person)
                && plants::begins_after(&due.period, *died_on)
            {
                let values = json!({ "programme": due.programme, "period": due.period, "diedOn": died_on.to_string() });
                let finding = Finding::of("RC-04", Some(person), values);
                self.findings.push((due.family, finding));
            }
        }
    }

    /// Tells of contradictions that a room has made, because a plant says so or by chance, each with the place of its
    /// family.
    pub fn find(&mut self, findings: impl IntoIterator<Item = (usize, Finding)>) {
        self.findings.extend(findings);
    }

    /// Hands the rows over to the writer, so that no part has to be in memory as a whole. Waits while the writer is behind.
    ///
    /// # Errors
    /// The writer has failed.
    pub async fn hand_over(&mut self) -> Result<(), DemoError> {
        let inserts = std::mem::replace(&mut self.inserts, Inserts::new(self.dialect));
        let sent = self.writer.send(inserts).await;
        sent.map_err(|_| DemoError::Unwritten)
    }
}
