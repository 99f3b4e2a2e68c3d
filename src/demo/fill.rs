//! Sees a demonstration into the database: invents a part while the one before is being written, all in one transaction.

use super::{
    DemoError, Demonstration, Family, Finding, Institutions, LAST_DAY, Ledger, SEED, store,
    story::{FIRST_FAMILIES, Part, Story, VILLAGE_HOUSEHOLDS},
};
use crate::{
    clock::Clock,
    db::{Checks, Database, DbError, Dialect, Inserts, Keys, Load},
    departments, household,
    vault::Vault,
};
use serde_json::json;
use std::{fmt, io::Write, sync::Arc};
use tokio::{sync::mpsc, task::JoinHandle};

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// How many households of 乌兰察布; the first ones are always told.
    pub households: u64,
    /// Whether 东湖渔业村 with its published figures is told besides.
    pub village: bool,
    pub seed: u64,
    /// Whether contradictions are planted.
    pub plants: bool,
    /// When the constraints are checked: of many households at the end.
    pub checks: Checks,
}

impl Default for Wanted {
    fn default() -> Self {
        Wanted {
            households: 2_000,
            village: true,
            seed: SEED,
            plants: true,
            checks: Checks::WithEachRow,
        }
    }
}

impl Wanted {
    /// How many households that are in all.
    pub fn all(self) -> u64 {
        let village = if self.village { VILLAGE_HOUSEHOLDS } else { 0 };
        self.households + village
    }

    /// The smallest demonstration: the first families only, for tests.
    pub const SMALL: Wanted = Wanted {
        households: FIRST_FAMILIES,
        village: false,
        seed: SEED,
        plants: true,
        checks: Checks::WithEachRow,
    };
    /// More than so many do not fit into the numbers given to people.
    pub const POSSIBLE: std::ops::RangeInclusive<u64> = FIRST_FAMILIES..=2_000_000;
}

/// What a filling has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many households are told.
    Told(u64),
    /// All rows are written; indexes are built and the constraints checked.
    Checking,
}

/// What is told of a filling besides the rows.
#[derive(Default)]
pub struct Books<'a> {
    /// Called now and then.
    pub progress: Option<&'a (dyn Fn(Progress) + Send + Sync)>,
    /// What was made; empty where nothing was.
    pub ledger: Ledger,
    /// Takes a line for each contradiction that is there.
    pub manifest: Option<&'a mut (dyn Write + Send)>,
}

impl Books<'_> {
    /// Writes the contradictions of a part, household by household.
    fn tell(
        &mut self,
        families: &[Family],
        mut findings: Vec<(usize, Finding)>,
    ) -> Result<(), DemoError> {
        let Some(manifest) = &mut self.manifest else {
            return Ok(());
        };
        findings.sort_by_key(|(place, finding)| (*place, finding.check, finding.person));
        for (place, finding) in findings {
            let family = families.get(place).ok_or(DemoError::Invented("finding"))?;
            let line = json!({
                "check": finding.check,
                "plant": family.plant.map(|plant| format!("{plant:?}")),
                "household": {
                    "id": family.id,
                    "cardNumber": family.card_number,
                    "region": family.village,
                },
                "person": finding.person,
                "values": finding.values,
            });
            writeln!(manifest, "{line}")?;
        }
        Ok(())
    }

    fn progress(&self, progress: Progress) {
        if let Some(call) = self.progress {
            call(progress);
        }
    }
}

/// What filling came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Whether anything was written: a database that holds a demonstration is left as it is.
    pub written: bool,
    /// What the demonstration there was asked for.
    pub wanted: Wanted,
    /// Households, memberships, and rows of all tables together.
    pub households: u64,
    pub persons: u64,
    pub rows: u64,
}

impl fmt::Display for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = match self.written {
            true => "filled",
            false => "left as it is: it holds",
        };
        let Filled {
            households,
            persons,
            rows,
            ..
        } = self;
        let seed = self.wanted.seed;
        write!(
            f,
            "{done} {households} households with {persons} persons, {rows} rows in all (seed {seed})"
        )
    }
}

/// Fills an empty database. The regions are there already: `household::load_regions`.
///
/// Everything is written in one transaction, so a demonstration is there as a whole or not at all, also when the process
/// dies. A clock that stands before [`LAST_DAY`] is warned of: for it the data lie in the future. Of several that fill at
/// the same time one does, and the others wait and find it done.
///
/// # Errors
/// The database or the vault failed, or the database holds other families than a demonstration's.
pub async fn fill(
    database: &Database,
    vault: &Vault,
    clock: &Clock,
    wanted: Wanted,
    books: &mut Books<'_>,
) -> Result<Filled, DemoError> {
    if clock.today() < LAST_DAY {
        tracing::warn!(today = %clock.today(), "the demonstration ends on {LAST_DAY}");
    }
    if let Some(filled) = store::filled_before(database).await? {
        return Ok(filled);
    }
    let mut load = database.load(wanted.checks).await?;
    // Another one may have filled while this one waited for its turn.
    if let Some(filled) = store::filled_before(database).await? {
        return Ok(filled);
    }
    load.prepare().await?;
    let keys = Keys::of(&mut load).await?;
    // Of the parts one is being written, one waits, and one is being told.
    let (sender, receiver) = mpsc::channel(1);
    let writer = tokio::spawn(write(load, receiver));
    let telling = Telling {
        dialect: database.dialect(),
        vault,
        keys: &keys,
        writer: sender,
    };
    let told = telling.tell(wanted, books).await;
    // Where the writer failed, its error says why nobody listened any more.
    let mut load = ended(writer).await?;
    let filled = Filled {
        rows: load.rows(),
        ..told?
    };
    books.progress(Progress::Checking);
    let mut last = Inserts::new(database.dialect());
    store::add_demonstration(&mut last, &filled);
    load.write(last).await?;
    load.commit(&keys).await?;
    Ok(filled)
}

async fn write(mut load: Load, mut parts: mpsc::Receiver<Inserts>) -> Result<Load, DbError> {
    while let Some(inserts) = parts.recv().await {
        load.write(inserts).await?;
    }
    Ok(load)
}

async fn ended(writer: JoinHandle<Result<Load, DbError>>) -> Result<Load, DbError> {
    match writer.await {
        Ok(load) => load,
        Err(_) => Err(DbError::fault("the writer of the demonstration panicked")),
    }
}

struct Telling<'a> {
    dialect: Dialect,
    vault: &'a Vault,
    keys: &'a Keys,
    writer: mpsc::Sender<Inserts>,
}

impl Telling<'_> {
    /// Tells all parts, and what they came to.
    async fn tell(self, wanted: Wanted, books: &mut Books<'_>) -> Result<Filled, DemoError> {
        let mut filled = Filled {
            written: true,
            wanted,
            households: 0,
            persons: 0,
            rows: 0,
        };
        let (mut story, setting) = Story::new(wanted, self.keys)?;
        let institutions = Arc::new(setting.institutions());
        let mut inserts = Inserts::new(self.dialect);
        store::add_setting(&mut inserts, &setting, &institutions);
        while let Some(part) = story.next_part(self.keys)? {
            filled.households += part.families.len() as u64;
            let members = part.families.iter().map(|family| family.members.len());
            filled.persons += members.sum::<usize>() as u64;
            part.families
                .iter()
                .for_each(|family| books.ledger.count(family));
            let mut demonstration = self.demonstration(part, &institutions, &mut books.ledger);
            demonstration.inserts = std::mem::replace(&mut inserts, Inserts::new(self.dialect));
            household::demonstrate(&mut demonstration).await?;
            demonstration.hand_over().await?;
            departments::demonstrate(&mut demonstration).await?;
            store::add_reports(&mut demonstration).await?;
            demonstration.hand_over().await?;
            demonstration.find_in_facts();
            let Demonstration {
                families, findings, ..
            } = demonstration;
            books.tell(&families, findings)?;
            books.progress(Progress::Told(filled.households));
        }
        Ok(filled)
    }

    fn demonstration<'b>(
        &'b self,
        part: Part,
        institutions: &Arc<Institutions>,
        ledger: &'b mut Ledger,
    ) -> Demonstration<'b> {
        Demonstration {
            dialect: self.dialect,
            keys: self.keys,
            vault: self.vault,
            writer: self.writer.clone(),
            counties: part.counties,
            townships: part.townships,
            families: part.families,
            institutions: Arc::clone(institutions),
            inserts: Inserts::new(self.dialect),
            dues: Vec::new(),
            ledger,
            findings: Vec::new(),
        }
    }
}
