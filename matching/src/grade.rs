//! How sure a match is.

/// How sure a match is, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// The same beyond doubt: number and name, or every field.
    Exact,
    /// Likely enough to go on without asking.
    Probable,
    /// A person decides.
    Possible,
    /// Nobody fits.
    None,
}

impl Grade {
    /// Whether a machine may go on with it.
    pub const fn is_automatic(self) -> bool {
        matches!(self, Self::Exact | Self::Probable)
    }

    /// The word the interface uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "EXACT",
            Self::Probable => "PROBABLE",
            Self::Possible => "POSSIBLE",
            Self::None => "NONE",
        }
    }
}
