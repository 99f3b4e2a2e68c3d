//! How a list goes out as a file: which list of the graph it is, what a row of the file is, and where in it each column stands. A
//! room hands over those of its tables; reading the list as who asks and writing the file is the same for all.

use entity::codes::{Department, SensitiveField};

/// A kind of file that goes out.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    /// The kind: as `files/columns` names it where the file can be taken over again, else one of its own.
    pub kind: &'static str,
    /// What the list is called (名单).
    pub chinese: &'static str,
    /// Who keeps what it tells: they alone may have it with full values.
    pub owners: &'static [Department],
    /// Whether it goes out with all of its columns or not at all, and from its owners only: what is posted for everybody.
    pub is_fixed: bool,
    /// The list at the root of the graph, its filter, and its objects.
    pub list: &'static str,
    pub filter: &'static str,
    pub object: &'static str,
    /// The list below an object of which each element is a row. None: the object is.
    pub rows: Option<Below>,
    pub conditions: &'static [Condition],
    pub columns: &'static [ExportColumn],
}

/// A list below an object.
#[derive(Clone, Copy, Debug)]
pub struct Below {
    /// The fields that lead there, joined by dots.
    pub at: &'static str,
    /// The field by which an element has ended: such a one is no row.
    pub ended_by: Option<&'static str>,
}

/// How an export is narrowed.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    pub by: By,
    pub on: On,
}

/// By what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The day of the roll: that on which the export is asked for, unless told.
    AsOf,
    Year,
    /// Words of this code list.
    State(&'static str),
}

/// What a condition narrows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// A field of the filter.
    Filter(&'static str),
    /// Two fields of the filter that take the first and the last day of a year.
    Days(&'static str, &'static str),
    /// A field of the elements that are rows.
    Rows(&'static str),
}

/// A column of a file that goes out.
#[derive(Clone, Copy, Debug)]
pub struct ExportColumn {
    /// The name, as `files/columns` has it.
    pub name: &'static str,
    pub at: At,
    /// The heading, where no kind of `files/columns` has one.
    pub heading: Option<&'static str>,
    /// Which value the mask in it stands for.
    pub masks: Option<SensitiveField>,
}

/// Where a value stands: fields joined by dots.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// Below the object of the list.
    Object(&'static str),
    /// Below the element that is the row.
    Row(&'static str),
    /// The field of the one element of a list below the object that has this word.
    Among {
        list: &'static str,
        by: &'static str,
        is: &'static str,
        field: &'static str,
    },
    /// A field of the object that is there: of the second where there is no first.
    OneOf {
        of: [&'static str; 2],
        field: &'static str,
    },
    /// A name, which is not told of who is not grown up.
    Grown {
        name: &'static str,
        born_on: &'static str,
    },
}

impl ExportColumn {
    /// A value below the object.
    #[must_use]
    pub const fn of(name: &'static str, at: &'static str) -> Self {
        Self::at(name, At::Object(at))
    }

    /// A value below the element that is the row.
    #[must_use]
    pub const fn of_row(name: &'static str, at: &'static str) -> Self {
        Self::at(name, At::Row(at))
    }

    /// A value of the first of two objects that is there.
    #[must_use]
    pub const fn of_one(name: &'static str, of: [&'static str; 2], field: &'static str) -> Self {
        Self::at(name, At::OneOf { of, field })
    }

    #[must_use]
    pub const fn at(name: &'static str, at: At) -> Self {
        ExportColumn {
            name,
            at,
            heading: None,
            masks: None,
        }
    }

    /// With a heading of its own.
    #[must_use]
    pub const fn headed(self, heading: &'static str) -> Self {
        ExportColumn {
            heading: Some(heading),
            ..self
        }
    }

    /// Of which the graph shows a mask.
    #[must_use]
    pub const fn masks(self, value: SensitiveField) -> Self {
        ExportColumn {
            masks: Some(value),
            ..self
        }
    }
}
