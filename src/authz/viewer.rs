//! The viewer: what a verified token says of who asks.

use entity::codes::{CodeList, Department, Role};

/// The roles of a viewer, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Roles(u16);

impl Roles {
    #[must_use]
    pub const fn of(roles: &[Role]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < roles.len() {
            set |= 1 << roles[at] as u16;
            at += 1;
        }
        Roles(set)
    }
    /// The roles in the order of the code list.
    #[must_use]
    pub fn to_vec(self) -> Vec<Role> {
        Role::ENTRIES
            .iter()
            .filter_map(|entry| Role::of_word(entry.word))
            .filter(|role| self.has(*role))
            .collect()
    }
    /// Whether every role of the other set is in this one.
    #[must_use]
    pub fn include(self, other: Roles) -> bool {
        other.0 & !self.0 == 0
    }
    /// Whether there is any role besides these.
    #[must_use]
    pub fn has_other_than(self, roles: Roles) -> bool {
        self.0 & !roles.0 != 0
    }
    #[must_use]
    pub fn has(self, role: Role) -> bool {
        self.0 & (1 << role as u16) != 0
    }
}

/// Why a machine client reads: the registered purpose of a SERVICE token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose(pub String);

/// Who asks.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The user: issuer and subject of the token, never a name.
    pub user: String,
    /// The client application the token was issued to.
    pub client: String,
    pub department: Department,
    pub roles: Roles,
    /// The region range: inclusive bounds of 12-digit region codes. The whole country where the token names none.
    pub region: (i64, i64),
    /// The institution a SCHOOL, BANK or INSURER viewer belongs to.
    pub institution: Option<String>,
    pub purpose: Option<Purpose>,
}
