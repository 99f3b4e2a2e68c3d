//! The second wall: which rows of regions exist for a statement, told to PostgreSQL inside of its transaction.
//!
//! The first wall are the conditions that every read and write begins with. Where row security is on (see
//! [`super::row_security`]), the policies hold the same range once more, so that a condition somebody forgot shows an error
//! or nothing instead of another county. Whoever has said nothing is refused: a rule that asks whether something is there
//! must not be told "no" because nobody said for whom it asks.
//!
//! Invariant: the range is set inside of a transaction only, so no connection keeps it.

use super::{Database, Reads};
use std::sync::Arc;

/// Inclusive bounds of region codes.
pub type Span = (i64, i64);

/// What is set before statements that see beyond one viewer's regions.
pub(super) const EVERYWHERE: Span = (0, i64::MAX);

/// Why something reads or writes beyond the regions of a viewer. There is no other way to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The audit records of all regions come under one seal.
    Sealing,
    /// Seals and proofs are checked over the records of all regions.
    Verification,
    /// The keys of the vault are changed for all rows.
    Resealing,
    /// A demonstration fills a database only where there is no family.
    Demonstration,
    /// Figures that everybody may know are counted in every region, and no row of them leaves the database.
    PublicFigures,
    /// Whether a person is on a file elsewhere is answered in one word, and kept on record with the person's file.
    OnFileElsewhere,
    /// The next card number of a village comes after those of households that have left it.
    NextCardNumber,
    /// An offer of a member shows whom another township offers.
    OfferedMember,
    /// A member who was offered by another township ends there and begins here, in one transaction.
    TakingOver,
    /// What a person's settled claims of the year have counted is counted wherever they are; only sums follow from it.
    YearOfClaims,
    /// The jobs of all regions wait in one line; what one does is done within its own region.
    Jobs,
    /// A check asks whether somebody is on file elsewhere; a finding says no more than that.
    Checking,
}

impl Opening {
    /// Every opening, in the order of the documentation.
    pub const ALL: [Opening; 12] = [
        Opening::Sealing,
        Opening::Verification,
        Opening::Resealing,
        Opening::Demonstration,
        Opening::PublicFigures,
        Opening::OnFileElsewhere,
        Opening::NextCardNumber,
        Opening::OfferedMember,
        Opening::TakingOver,
        Opening::YearOfClaims,
        Opening::Jobs,
        Opening::Checking,
    ];

    /// The word that the database is told.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Opening::Sealing => "SEALING",
            Opening::Verification => "VERIFICATION",
            Opening::Resealing => "RESEALING",
            Opening::Demonstration => "DEMONSTRATION",
            Opening::PublicFigures => "PUBLIC_FIGURES",
            Opening::OnFileElsewhere => "ON_FILE_ELSEWHERE",
            Opening::NextCardNumber => "NEXT_CARD_NUMBER",
            Opening::OfferedMember => "OFFERED_MEMBER",
            Opening::TakingOver => "TAKING_OVER",
            Opening::YearOfClaims => "YEAR_OF_CLAIMS",
            Opening::Jobs => "JOBS",
            Opening::Checking => "CHECKING",
        }
    }
}

/// What is said of the regions before the statements of a connection.
#[derive(Clone, Debug, Default)]
pub(super) enum Wall {
    /// Row security is off: nothing is said, and nothing costs.
    #[default]
    Off,
    /// Nobody has said anything: the database refuses rows of regions.
    Closed,
    /// These statements are run first.
    Told(Arc<str>),
}

impl Wall {
    pub(super) fn of(is_on: bool) -> Self {
        match is_on {
            true => Wall::Closed,
            false => Wall::Off,
        }
    }

    pub(super) fn within(&self, span: Span) -> Self {
        self.told(|| settings(span, ""))
    }

    pub(super) fn opened(&self, opening: Opening) -> Self {
        self.told(|| settings(EVERYWHERE, opening.word()))
    }

    fn told(&self, text: impl FnOnce() -> String) -> Self {
        match self {
            Wall::Off => Wall::Off,
            Wall::Closed | Wall::Told(_) => Wall::Told(text().into()),
        }
    }

    /// The statements to run first, if there are any.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Wall::Off | Wall::Closed => None,
            Wall::Told(text) => Some(text),
        }
    }
}

/// Numbers and words of ours, never a value of a client.
fn settings((lo, hi): Span, opening: &str) -> String {
    format!(
        "SET LOCAL app.lo = '{lo}'; SET LOCAL app.hi = '{hi}'; SET LOCAL app.opening = '{opening}'"
    )
}

impl Reads {
    /// The same connections for the statements of somebody who reads these regions.
    #[must_use]
    pub fn within(&self, span: Span) -> Self {
        self.behind(self.wall().within(span))
    }

    /// The same connections for statements that read beyond one viewer's regions.
    #[must_use]
    pub fn opened(&self, opening: Opening) -> Self {
        self.behind(self.wall().opened(opening))
    }
}

impl Database {
    /// The same database for the reads and writes of somebody who stands in these regions.
    #[must_use]
    pub fn within(&self, span: Span) -> Self {
        Database {
            reads: self.reads.within(span),
            ..self.clone()
        }
    }

    /// The same database for reads and writes beyond one viewer's regions.
    #[must_use]
    pub fn opened(&self, opening: Opening) -> Self {
        Database {
            reads: self.reads.opened(opening),
            ..self.clone()
        }
    }
}
