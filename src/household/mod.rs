//! The hinge: households, their members and their income, on file with the poverty office and the townships.
//!
//! Below it in folders: `region`, the villages' posts and earnings (`village`), what is posted for objections (`publicity`),
//! the help for a household (`help`), how it lives (`living`); what only counts: `people`, `income`.
//!
//! Every department of the region reads the basics; causes, address, phone and income only those the matrix names. Citizen
//! numbers leave this room masked, never in full.

mod demo;
mod exports;
mod facts;
mod help;
mod imports;
mod income;
mod living;
mod mutation;
mod people;
mod publicity;
mod query;
mod region;
mod registration;
mod service;
mod store;
mod totals;
mod types;
mod village;

use crate::{
    authz::SliceField,
    departments::Household,
    graphql::node::{EntityKey, Names, NodeKind},
    room::SensitiveColumn,
    vault::Kind,
    writing::Correctable,
};

use entity::{
    codes::Slice,
    household::{help_measure, helper, household, income_form, need, person},
};

pub use demo::demonstrate;
pub use exports::EXPORTS;
pub use facts::FACTS;
pub use imports::IMPORTS;
pub use mutation::Mutation;
pub use query::{HouseholdBasicsFilter, Query, holds_one_of, one_of};
pub use region::{
    Counted, CountedIn, Counter, KnownRegions, ListedRegion, LoadedRegions, Region, TotalsCore,
    TotalsOf, in_region, known, listed_regions, load_regions, number, word,
};
pub use registration::region_exists;
pub use service::{
    Disclosure, LookUps, NO_MEMBER, NOT_OPEN, NameKeys, ONE_HEAD, PersonShown, has_policies, held,
    is_head, member, open_household, person_shown, phone_number, settle_name, trimmed,
};
pub use store::{MembersNamed, household_row, members_named, members_on, members_today, parts};
pub use totals::MoreTotals;
pub use types::{HouseholdCore, PersonCore};

/// Who may read which field of this room, and the groups that the departments' texts use.
pub const MATRIX: &str = include_str!("matrix.txt");

/// Whose readers follow which part of the file. What other rooms will keep of work, industry and pensions stands here as
/// far as the poverty office has it on file.
pub const SLICES: &[SliceField] = &[
    SliceField::of(Slice::Core, "Household", "status"),
    SliceField::of(Slice::Income, "Household", "income"),
    SliceField::of(Slice::Work, "Person", "work"),
    SliceField::of(Slice::Industry, "HouseholdLiving", "livestock"),
    SliceField::of(Slice::Pension, "Person", "pensionEnrolled"),
];

/// What of this room can be asked by id, besides households and persons.
#[must_use]
pub fn nodes() -> Vec<NodeKind> {
    vec![
        NodeKind::of::<types::IncomeForm>(),
        NodeKind::of::<help::Helper>(),
        NodeKind::of::<help::Need>(),
        NodeKind::of::<help::HelpMeasure>(),
        NodeKind::of::<help::HelpVisit>(),
        NodeKind::of::<village::VillagePost>(),
        NodeKind::of::<village::CollectiveIncome>(),
        NodeKind::of::<publicity::Publicity>(),
        NodeKind::of::<publicity::Objection>(),
        NodeKind::of::<people::MemberOffer>(),
    ]
}

/// Its columns that leave masked.
#[must_use]
pub fn sensitive() -> Vec<SensitiveColumn> {
    vec![
        SensitiveColumn::of::<PersonCore>(
            Kind::CitizenNumber,
            "citizenNumber",
            ("person", "citizen_number_cipher"),
            "SELECT t.id, t.household_id, t.region_code, t.id, t.citizen_number_cipher FROM person t",
        ),
        SensitiveColumn::of::<PersonCore>(
            Kind::Phone,
            "phone",
            ("person", "phone_cipher"),
            "SELECT t.id, t.household_id, t.region_code, t.id, t.phone_cipher FROM person t",
        ),
        SensitiveColumn::of::<HouseholdCore>(
            Kind::Phone,
            "phone",
            ("household", "phone_cipher"),
            "SELECT t.id, t.id, t.region_code, NULL, t.phone_cipher FROM household t",
        ),
        SensitiveColumn::of::<help::Helper>(
            Kind::Phone,
            "phone",
            ("helper", "phone_cipher"),
            "SELECT t.id, t.household_id, t.region_code, NULL, t.phone_cipher FROM helper t",
        ),
    ]
}

/// Its tables whose owner is asked to correct what others find wrong.
#[must_use]
pub fn corrections() -> Vec<Correctable> {
    vec![
        Correctable::of::<household::Entity>(),
        Correctable::of::<person::Entity>(),
        Correctable::of::<income_form::Entity>(),
        Correctable::of::<helper::Entity>(),
        Correctable::of::<need::Entity>(),
        Correctable::of::<help_measure::Entity>(),
    ]
}

/// By what other graphs name the objects of this room, besides their ids.
#[must_use]
pub fn entity_keys() -> Vec<EntityKey> {
    vec![
        EntityKey {
            kind: NodeKind::of::<Household>(),
            field: "cardNumber",
            names: Names::Text(|ctx, cards| Box::pin(query::by_card_number(ctx, cards))),
        },
        EntityKey {
            kind: NodeKind::of::<Region>(),
            field: "code",
            names: Names::Text(|_, codes| Box::pin(async { Ok(region::by_code(codes)) })),
        },
    ]
}

/// The code lists of this room.
#[must_use]
pub fn code_lists() -> Vec<entity::codes::NamedList> {
    let mut lists = entity::codes::code_lists();
    lists.extend(entity::household::codes::code_lists());
    lists.extend(region::code_lists());
    lists.extend(totals::code_lists());
    lists
}
