//! The demonstration: 200 made-up families of two real counties, with their slices in every department.
//!
//! The data are those of 2018-12-31, the same at every filling but for the ciphertexts, which never repeat. Nobody in
//! them exists: the citizen numbers have orders that registers hardly reach, the phone numbers a range not given to people.
//!
//! `story.rs` invents the families as plain facts, each room writes its rows of them in its `demo.rs`, and what two rooms
//! must agree on stands in [`Family`]. A room that grants money tells the [`Demonstration`] what is [`Due`]; when all have,
//! the room that pays turns it into payments.
//!
//! What tests may rely on:
//!
#![doc = include_str!("figures.md")]

mod dice;
pub mod family;
pub mod institutions;
mod names;
mod people;
mod store;
mod story;

pub use dice::Dice;
pub use family::{Allowance, Family, Income, Member, StatusSpan, Track};
pub use institutions::Institutions;
pub(crate) use story::document_number;

use crate::{
    clock::Clock,
    db::{Database, DbError, Inserts, WriteError},
    departments, household,
    vault::{Place, Sealed, Sensitive, Vault, VaultError},
};
use entity::{codes::Department, region_code::RegionCode};
use std::{fmt, ops::Range};
use time::{Date, macros::date};

/// The day whose state the data are.
pub const LAST_DAY: Date = date!(2018 - 12 - 31);
/// The first year with income forms.
pub const FIRST_SURVEY_YEAR: i32 = 2016;
/// When all rows were recorded: at noon of the last day in China. A constant, so that every filling is the same.
pub const RECORDED_AT_MS: i64 = 1_546_228_800_000;

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
    /// A mistake of the demonstration itself.
    #[error("the demonstration invented something impossible: {0}")]
    Invented(&'static str),
}

impl WriteError for DemoError {
    fn database_error(&self) -> Option<&DbError> {
        match self {
            DemoError::Database(error) => Some(error),
            _ => None,
        }
    }
}

/// What filling came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Whether anything was written: a database that holds households is left as it is.
    pub written: bool,
    /// Households and memberships that the database holds now.
    pub households: u64,
    pub persons: u64,
    /// Rows written into all tables together.
    pub rows: usize,
}

impl fmt::Display for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Filled {
            households,
            persons,
            rows,
            ..
        } = self;
        match self.written {
            true => write!(
                f,
                "filled {households} households with {persons} persons, {rows} rows in all"
            ),
            false => write!(
                f,
                "left as it is: it holds {households} households with {persons} persons"
            ),
        }
    }
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
    database: &'a Database,
    vault: &'a Vault,
    /// The counties that this part opens, with their names.
    pub counties: Vec<(RegionCode, &'static str)>,
    /// The townships of this part, with their names.
    pub townships: Vec<(RegionCode, &'static str)>,
    pub families: Vec<Family>,
    pub institutions: Institutions,
    pub inserts: Inserts,
    pub dues: Vec<Due>,
}

impl Demonstration<'_> {
    /// Keys of a table.
    ///
    /// # Errors
    /// The database gave none.
    pub async fn ids(&self, table: &'static str, count: usize) -> Result<Range<i64>, DemoError> {
        let count = u32::try_from(count).map_err(|_| DemoError::Invented("number of rows"))?;
        Ok(self.database.next_ids(table, count).await?)
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
}

/// Fills an empty database. The regions are there already: `household::load_regions`.
///
/// Everything is put together first and written by one write, so a demonstration is there as a whole or not at all. A
/// clock that stands before [`LAST_DAY`] is warned of: for it the data lie in the future. Of several that fill at the
/// same time one does, and the others find it done.
///
/// # Errors
/// The database or the vault failed, or the database holds other families than the demonstration's.
pub async fn fill(database: &Database, vault: &Vault, clock: &Clock) -> Result<Filled, DemoError> {
    if clock.today() < LAST_DAY {
        tracing::warn!(today = %clock.today(), "the demonstration ends on {LAST_DAY}");
    }
    if let Some(filled) = filled_before(database).await? {
        return Ok(filled);
    }
    let demonstration = prepare(database, vault).await?;
    let inserts = &demonstration.inserts;
    let written = database
        .write::<_, DemoError, _, _>("fill_demonstration", |transaction| async move {
            Ok(inserts.run(&transaction).await?)
        })
        .await;
    if let Err(error) = written {
        // A row that is there already: another one has filled it in the meantime.
        let twice = error
            .database_error()
            .is_some_and(|error| error.violation().is_some());
        return match filled_before(database).await? {
            Some(filled) if twice => Ok(filled),
            _ => Err(error),
        };
    }
    let (households, persons) = store::present(database).await?;
    Ok(Filled {
        written: true,
        households,
        persons,
        rows: inserts.rows(),
    })
}

/// What is there, when there are households. They must be the demonstration's.
async fn filled_before(database: &Database) -> Result<Option<Filled>, DemoError> {
    let (households, persons) = store::present(database).await?;
    if households == 0 {
        return Ok(None);
    }
    if !store::is_demonstration(database).await? {
        return Err(DemoError::OtherFamilies);
    }
    Ok(Some(Filled {
        written: false,
        households,
        persons,
        rows: 0,
    }))
}

async fn prepare<'a>(
    database: &'a Database,
    vault: &'a Vault,
) -> Result<Demonstration<'a>, DemoError> {
    let story = story::tell()?;
    let institutions = Institutions::around(&story.counties, &story.townships);
    let mut demonstration = Demonstration {
        database,
        vault,
        counties: story.counties,
        townships: story.townships,
        families: story.families,
        institutions,
        inserts: Inserts::new(database.dialect()),
        dues: Vec::new(),
    };
    store::add(&mut demonstration);
    household::demonstrate(&mut demonstration).await?;
    departments::demonstrate(&mut demonstration).await?;
    Ok(demonstration)
}
