//! What one viewer may read: the matrix and the scope, asked together.

use super::{Matrix, Viewer, viewer::Roles};
use crate::{
    db::Param,
    graphql::plan::{Belongs, COUNTY, RootQuery, Rows},
};
use entity::codes::{CodeList, Department, Role, Slice};
use std::sync::Arc;

/// A table whose rows tie households and persons to an institution: what a SCHOOL, BANK or INSURER sees at all.
#[derive(Clone, Copy, Debug)]
pub struct InstitutionLink {
    pub department: Department,
    /// A condition on the rows of `table x`; `{institution}` stands for the viewer's institution.
    pub table: &'static str,
    pub condition: &'static str,
}

/// A part of a household's file, and a field whose readers may know that something in it changed.
#[derive(Clone, Copy, Debug)]
pub struct SliceField {
    pub slice: Slice,
    pub type_name: &'static str,
    pub name: &'static str,
}

impl SliceField {
    /// The slice is for the readers of this field.
    #[must_use]
    pub const fn of(slice: Slice, type_name: &'static str, name: &'static str) -> Self {
        SliceField {
            slice,
            type_name,
            name,
        }
    }
}

/// What is decided once for the server: matrix and links, as the rooms hand them to the register.
pub struct Policy {
    pub matrix: Matrix,
    pub links: Vec<InstitutionLink>,
}

/// Everything that a compiled plan depends on of the viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rights {
    department: Department,
    roles: Roles,
}

/// How the rows of a viewer are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Everything in the region range.
    Region,
    /// The households linked to the user: those a helper answers for, or the own family.
    Linked(&'static str),
    /// What is tied to the viewer's institution.
    Institution,
    /// No rows: administrators keep the system, not the files.
    Nothing,
}

/// What one viewer may read.
#[derive(Clone)]
pub struct Access {
    pub viewer: Arc<Viewer>,
    policy: Arc<Policy>,
}

impl Access {
    #[must_use]
    pub fn new(viewer: Arc<Viewer>, policy: Arc<Policy>) -> Self {
        Access { viewer, policy }
    }

    #[must_use]
    pub fn rights(&self) -> Rights {
        Rights {
            department: self.viewer.department,
            roles: self.viewer.roles,
        }
    }

    #[must_use]
    pub fn matrix(&self) -> &Matrix {
        &self.policy.matrix
    }

    /// Whether the viewer may read this field of this type at all.
    #[must_use]
    pub fn may_read(&self, type_name: &str, field: &str) -> bool {
        self.policy.matrix.may_read(self.rights(), type_name, field)
    }

    /// The regions whose rows the viewer's statements may touch at all, whatever they ask for: the second wall.
    #[must_use]
    pub fn span(&self) -> (i64, i64) {
        match self.reach() {
            Reach::Nothing => (1, 0),
            Reach::Region | Reach::Linked(_) | Reach::Institution => self.viewer.region,
        }
    }

    /// Whether the region with these bounds lies inside the viewer's range, and the viewer reads by region.
    #[must_use]
    pub fn covers(&self, (lo, hi): (i64, i64)) -> bool {
        self.reach() == Reach::Region && self.viewer.region.0 <= lo && hi <= self.viewer.region.1
    }

    /// The county in which everything lies that the viewer reads inside `asked` (everything, when nothing is asked), by its
    /// six digits; none where it is more than one.
    #[must_use]
    pub fn county(&self, asked: Option<(i64, i64)>) -> Option<i64> {
        let (lo, hi) = asked.unwrap_or((0, i64::MAX));
        let (lo, hi) = (lo.max(self.viewer.region.0), hi.min(self.viewer.region.1));
        // Of a region beyond the viewer's nothing is read, wherever it lies.
        (lo > hi || lo / COUNTY == hi / COUNTY).then_some(lo / COUNTY)
    }

    /// Whether the viewer stands where its department writes files: at its own level or below, never above. A department
    /// of the county writes inside of one county, a township inside of one township, a village inside of one village;
    /// whoever is bounded by links or an institution, there.
    #[must_use]
    pub fn is_at_own_level(&self) -> bool {
        let (lo, hi) = self.viewer.region;
        let inside_one = |unit: i64| lo / unit == hi / unit;
        match (self.reach(), self.viewer.department) {
            (Reach::Nothing, _) => false,
            (Reach::Linked(_) | Reach::Institution, _) => true,
            (Reach::Region, Department::Township) => inside_one(TOWNSHIP),
            (Reach::Region, Department::Village) => lo == hi,
            (Reach::Region, _) => inside_one(COUNTY),
        }
    }

    /// The most rows of one page: a department's machine client reads rolls.
    #[must_use]
    pub fn page_limit(&self) -> usize {
        if self.viewer.roles.has(Role::Service) {
            1_000
        } else {
            100
        }
    }

    fn reach(&self) -> Reach {
        if !self.rights().reads_files() {
            return Reach::Nothing;
        }
        match self.viewer.department {
            Department::Helper => Reach::Linked("HELPER"),
            Department::Household => Reach::Linked("OWN"),
            Department::School | Department::Bank | Department::Insurer => Reach::Institution,
            _ => Reach::Region,
        }
    }

    /// The viewer's institution as a parameter. An institution viewer without one sees nothing: no code is empty.
    #[must_use]
    pub fn institution(&self) -> Param {
        Param::Text(
            self.viewer
                .institution
                .as_deref()
                .unwrap_or_default()
                .into(),
        )
    }

    /// What bounds the rows of `T` for this viewer besides the household they belong to; `placeholder` is the number of
    /// the parameter that [`Access::institution`] gives.
    #[must_use]
    pub fn bound<T: Rows>(&self, placeholder: usize) -> Option<String> {
        if T::BELONGS == Belongs::ToNobody {
            return None;
        }
        let department = self.viewer.department;
        let own = T::BOUNDS
            .iter()
            .find(|(bounded, _)| *bounded == department)
            .map(|(_, condition)| (*condition).to_owned());
        let condition = match (own, self.reach()) {
            (Some(own), _) => own,
            (None, Reach::Institution) => self.linked::<T>(),
            (None, _) => return None,
        };
        // The institution is compared even where a condition does not name it, so that the parameter is always used.
        let placeholder = format!("${placeholder}");
        let condition = condition
            .replace("{institution}", &placeholder)
            .replace("{department}", &format!("'{}'", department.word()));
        Some(if condition.contains(&placeholder) {
            condition
        } else {
            format!("({condition} AND CAST({placeholder} AS TEXT) IS NOT NULL)")
        })
    }

    /// Households and persons exist for an institution through the rows that tie them to it; nothing else does.
    fn linked<T: Rows>(&self) -> String {
        let Some(column) = T::LINKED else {
            return "1 = 0".to_owned();
        };
        let links: Vec<_> = self
            .links()
            .map(|link| {
                format!(
                    "EXISTS (SELECT 1 FROM {} x WHERE x.{column} = {} AND {})",
                    link.table,
                    T::KEY,
                    link.condition
                )
            })
            .collect();
        if links.is_empty() {
            return "1 = 0".to_owned();
        }
        format!("({})", links.join(" OR "))
    }

    /// Whether an institution asks: of a household it sees single rows, not what else there is.
    #[must_use]
    pub fn is_institution(&self) -> bool {
        self.reach() == Reach::Institution
    }

    /// Whether single households exist for the viewer, not all of a region.
    #[must_use]
    pub fn is_bounded_by_household(&self) -> bool {
        self.reach() != Reach::Region
    }

    /// The condition that the household in this column exists for the viewer, as far as its region does not decide; none
    /// where nothing else does. `bind` takes a value and gives its placeholder.
    pub fn of_household(
        &self,
        column: &str,
        mut bind: impl FnMut(Param) -> String,
    ) -> Option<String> {
        match self.reach() {
            Reach::Nothing => Some("1 = 0".to_owned()),
            Reach::Region => None,
            Reach::Linked(kind) => Some(linked_to_user(column, &bind(self.user()), kind)),
            Reach::Institution => {
                let institution = bind(self.institution());
                let tied: Vec<_> = self
                    .links()
                    .map(|link| {
                        let tied = link.condition.replace("{institution}", &institution);
                        format!(
                            "{column} IN (SELECT x.household_id FROM {} x WHERE {tied})",
                            link.table
                        )
                    })
                    .collect();
                // Nothing is tied to an institution of another kind; the parameter is used all the same.
                let none = format!("CAST({institution} AS TEXT) IS NULL");
                Some(format!("({})", [tied, vec![none]].concat().join(" OR ")))
            }
        }
    }

    fn user(&self) -> Param {
        Param::Text(self.viewer.user.as_str().into())
    }

    fn links(&self) -> impl Iterator<Item = &InstitutionLink> {
        let department = self.viewer.department;
        let links = self.policy.links.iter();
        links.filter(move |link| link.department == department)
    }

    /// Leaves the rows of `T` that exist for the viewer.
    pub fn restrict<T: Rows>(&self, query: &mut RootQuery) {
        match self.reach() {
            Reach::Nothing => query.and("1 = 0"),
            // What belongs to no household is linked to nobody; it is seen where a linked row refers to it.
            Reach::Linked(_) if T::BELONGS != Belongs::ToHousehold => query.and("1 = 0"),
            // An institution reads wherever its own live, unless the token itself is narrower.
            Reach::Region | Reach::Institution => query.within::<T>(self.viewer.region),
            Reach::Linked(kind) => {
                let user = query.bind(self.user());
                query.and(linked_to_user(T::HOUSEHOLD, &user, kind));
                query.within::<T>(self.viewer.region);
            }
        }
        let next = query.next_placeholder();
        if let Some(bound) = self.bound::<T>(next) {
            query.bind(self.institution());
            query.and(bound);
        }
    }
}

/// The household in this column is linked to the user.
fn linked_to_user(column: &str, user: &str, kind: &str) -> String {
    format!(
        "{column} IN (SELECT l.household_id FROM household_link l WHERE l.user_id = {user} AND l.kind = '{kind}' AND l.valid_to IS NULL)"
    )
}

impl Rights {
    #[must_use]
    pub fn department(self) -> Department {
        self.department
    }

    #[must_use]
    pub fn has(self, role: Role) -> bool {
        self.roles.has(role)
    }

    /// Whether any role of the viewer reads files: the three administrators do not.
    #[must_use]
    pub fn reads_files(self) -> bool {
        self.roles.has_other_than(ADMINISTRATORS)
    }
}

/// A region code of 12 digits divided by this is its township's code of 9.
const TOWNSHIP: i64 = 1_000;

/// The three separated administrators keep the system, not the files.
const ADMINISTRATORS: Roles =
    Roles::of(&[Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin]);
