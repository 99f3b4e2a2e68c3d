//! Which queries a replica may answer: those that only show what is on file.
//!
//! Everything else goes to the primary: what is about money at hand, jobs and their files, records of look-ups, cursors of
//! the change feed, and what finds any object by its key. A query that is in neither list fails a test.

use async_graphql::parser::types::{OperationDefinition, OperationType, Selection};

/// Root fields that a replica may answer.
pub const FROM_REPLICA: [&str; 65] = [
    "_service",
    "accidentCases",
    "bankCards",
    "cashSubsidies",
    "checkUps",
    "checks",
    "chronicHandbooks",
    "claims",
    "codeLists",
    "collectiveIncomes",
    "correctionRequests",
    "dibaoRoll",
    "disabilityAllowances",
    "disabilityCertificates",
    "diseaseFlags",
    "doctorContracts",
    "doctorVisits",
    "dropoutCases",
    "entitled",
    "exportKinds",
    "findings",
    "helpMeasures",
    "helpVisits",
    "homesteads",
    "hospital",
    "hospitals",
    "household",
    "households",
    "houses",
    "housingArrangements",
    "importKinds",
    "interestSubsidies",
    "leftBehindChildren",
    "loanRepayments",
    "loans",
    "medicalAssistance",
    "medicalEnrolments",
    "medicineDeliveries",
    "memberOffers",
    "needs",
    "orphans",
    "person",
    "policies",
    "policy",
    "premiumStandards",
    "projectBeneficiaries",
    "projects",
    "publicities",
    "rainDewApplications",
    "region",
    "relocationProjects",
    "relocations",
    "renovations",
    "school",
    "schoolEnrolments",
    "schools",
    "simulation",
    "specialSupportRoll",
    "studyAllowances",
    "supplementaryEnrolments",
    "temporaryAssistance",
    "viewer",
    "villagePosts",
    "__schema",
    "__type",
];

/// Root fields that are read from the primary, and why.
pub const FROM_PRIMARY: [(&str, &str); 15] = [
    ("_entities", "any object by its key, money too"),
    ("accessRecords", "who looked whom up, up to now"),
    ("changeCursor", "a place in the feed, up to now"),
    ("changes", "the feed goes on where it ended"),
    ("fundAccounts", "money at hand"),
    ("fundMovements", "money at hand"),
    ("job", "how far a job is"),
    ("jobs", "how far jobs are"),
    ("node", "any object by its key, money too"),
    ("nodes", "any object by its key, money too"),
    ("paymentBatches", "money at hand"),
    ("payments", "money at hand"),
    ("rosterMatch", "limited and recorded for each row"),
    ("settlementPreview", "money that would be paid"),
    ("__typename", "asks no database"),
];

/// Whether a replica may answer all that the operation asks for. Root fields behind fragments are not looked at.
pub(super) fn may_answer(operation: &OperationDefinition) -> bool {
    let root = &operation.selection_set.node.items;
    operation.ty == OperationType::Query
        && root.iter().all(|item| match &item.node {
            Selection::Field(field) => FROM_REPLICA.contains(&field.node.name.node.as_str()),
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
        })
}
