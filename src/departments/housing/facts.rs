//! What housing and relocation state for rules.

use crate::facts::{Absent, FactColumn, FactSource, Kept};
use ::policy::Subject;
use entity::codes::Department;

/// See [`FactSource`].
pub const FACTS: &[FactSource] = &[
    FactSource {
        department: Department::Reloc,
        of: Subject::Household,
        record: "Relocation",
        household: "t.household_id",
        sql: "SELECT t.household_id, NULL, t.id, t.decided_on, p.year, t.kind, t.mode, t.persons, t.area_dm2, t.subsidy_fen FROM relocation t JOIN relocation_project p ON p.id = t.relocation_project_id WHERE {household} AND (t.decided_on IS NULL OR t.decided_on <= {day}) ORDER BY t.household_id, t.id DESC",
        facts: &[
            FactColumn::new(
                "relocation_year",
                "搬迁计划年度",
                Kept::Count,
                Absent::None,
                ("Relocation", "project"),
            ),
            FactColumn::new(
                "relocation_kind",
                "搬迁对象类别",
                Kept::Word,
                Absent::None,
                ("Relocation", "kind"),
            ),
            FactColumn::new(
                "relocation_mode",
                "安置方式",
                Kept::Word,
                Absent::None,
                ("Relocation", "mode"),
            ),
            FactColumn::new(
                "relocation_persons",
                "搬迁人数",
                Kept::Count,
                Absent::None,
                ("Relocation", "persons"),
            ),
            FactColumn::new(
                "relocation_area",
                "安置住房面积",
                Kept::SquareDecimetres,
                Absent::Unknown,
                ("Relocation", "area"),
            ),
            FactColumn::new(
                "relocation_granted",
                "已批搬迁补助",
                Kept::Fen,
                Absent::Zero,
                ("Relocation", "subsidy"),
            ),
        ],
    },
    FactSource {
        department: Department::Housing,
        of: Subject::Household,
        record: "Renovation",
        household: "t.household_id",
        sql: "SELECT t.household_id, NULL, t.id, t.approved_on, t.solution, t.area_after_dm2, CASE WHEN t.accepted_on <= {day} THEN TRUE ELSE FALSE END FROM renovation t WHERE {household} AND t.year = {year} ORDER BY t.household_id, t.id DESC",
        facts: &[
            FactColumn::new(
                "renovation_solution",
                "危房改造方式",
                Kept::Word,
                Absent::None,
                ("Renovation", "solution"),
            ),
            FactColumn::new(
                "renovation_area",
                "改造后面积",
                Kept::SquareDecimetres,
                Absent::Unknown,
                ("Renovation", "areaAfter"),
            ),
            FactColumn::new(
                "renovation_accepted",
                "改造已验收",
                Kept::Bool,
                Absent::No,
                ("Renovation", "acceptedOn"),
            ),
        ],
    },
];
