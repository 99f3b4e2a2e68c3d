//! What health and medical insurance state for rules.

use crate::facts::{Absent, FactColumn, FactSource, Kept};
use ::policy::Subject;
use entity::codes::Department;

/// See [`FactSource`].
pub const FACTS: &[FactSource] = &[
    FactSource {
        department: Department::Medins,
        of: Subject::Member,
        record: "MedicalEnrolment",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.paid_on, TRUE, t.premium_fen, t.premium_subsidy_fen FROM medical_enrolment t WHERE {household} AND t.year = {year} ORDER BY t.household_id, t.id",
        facts: &[
            FactColumn::new(
                "enrolled_basic",
                "已参加基本医疗保险",
                Kept::Bool,
                Absent::No,
                ("MedicalEnrolment", "year"),
            ),
            FactColumn::new(
                "medical_premium",
                "医疗保险应缴保费",
                Kept::Fen,
                Absent::Unknown,
                ("MedicalEnrolment", "premium"),
            ),
            FactColumn::new(
                "medical_premium_granted",
                "已批医疗保险参保补贴",
                Kept::Fen,
                Absent::Zero,
                ("MedicalEnrolment", "premiumSubsidy"),
            ),
        ],
    },
    FactSource {
        department: Department::Medins,
        of: Subject::Member,
        record: "SupplementaryEnrolment",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.paid_on, TRUE, t.premium_subsidy_fen FROM supplementary_enrolment t WHERE {household} AND t.year = {year} ORDER BY t.household_id, t.id",
        facts: &[
            FactColumn::new(
                "enrolled_supplementary",
                "已参加补充保险",
                Kept::Bool,
                Absent::No,
                ("SupplementaryEnrolment", "year"),
            ),
            FactColumn::new(
                "supplementary_premium_granted",
                "已批补充保险参保补贴",
                Kept::Fen,
                Absent::Zero,
                ("SupplementaryEnrolment", "premiumSubsidy"),
            ),
        ],
    },
    FactSource {
        department: Department::Health,
        of: Subject::Member,
        record: "CheckUp",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.checked_on, TRUE FROM check_up t WHERE {household} AND t.free AND t.year = {year} AND t.checked_on <= {day} ORDER BY t.household_id, t.checked_on, t.id",
        facts: &[FactColumn::new(
            "free_checkup_done",
            "已免费体检",
            Kept::Bool,
            Absent::No,
            ("CheckUp", "free"),
        )],
    },
    FactSource {
        department: Department::Health,
        of: Subject::Member,
        record: "DiseaseFlag",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.valid_from, TRUE FROM disease_flag t WHERE {household} AND t.class = 'CHRONIC' AND t.valid_from <= {day} AND (t.valid_to IS NULL OR t.valid_to > {day}) ORDER BY t.household_id, t.id",
        facts: &[FactColumn::new(
            "chronic_registered",
            "已登记慢病",
            Kept::Bool,
            Absent::No,
            ("DiseaseFlag", "class"),
        )],
    },
    FactSource {
        department: Department::Health,
        of: Subject::Member,
        record: "DiseaseFlag",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.valid_from, TRUE FROM disease_flag t WHERE {household} AND t.class IN ('MAJOR', 'SEVERE') AND t.valid_from <= {day} AND (t.valid_to IS NULL OR t.valid_to > {day}) ORDER BY t.household_id, t.id",
        facts: &[FactColumn::new(
            "major_disease",
            "已登记大病重病",
            Kept::Bool,
            Absent::No,
            ("DiseaseFlag", "class"),
        )],
    },
    FactSource {
        department: Department::Health,
        of: Subject::Member,
        record: "DoctorContract",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.valid_from, TRUE FROM doctor_contract t WHERE {household} AND t.valid_from <= {day} AND (t.valid_to IS NULL OR t.valid_to > {day}) ORDER BY t.household_id, t.id",
        facts: &[FactColumn::new(
            "doctor_signed",
            "已签约家庭医生",
            Kept::Bool,
            Absent::No,
            ("DoctorContract", "validFrom"),
        )],
    },
    FactSource {
        department: Department::Medins,
        of: Subject::Member,
        record: "AccidentCase",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.certified_on, CASE WHEN t.certified_on <= {day} AND t.state <> 'REFUSED' THEN TRUE ELSE FALSE END, CASE WHEN t.paid_on < {day} AND t.paid_year = {year} THEN TRUE ELSE FALSE END FROM accident_case t WHERE {household} AND t.occurred_on BETWEEN {first_day} AND {day} ORDER BY t.household_id, t.certified_on DESC, t.id",
        facts: &[
            FactColumn::new(
                "accident_certified",
                "意外伤残已鉴定",
                Kept::Bool,
                Absent::No,
                ("AccidentCase", "certifiedOn"),
            ),
            FactColumn::new(
                "accident_paid_this_year",
                "本年度已赔付",
                Kept::Bool,
                Absent::No,
                ("AccidentCase", "paidOn"),
            ),
        ],
    },
    FactSource {
        department: Department::Medins,
        of: Subject::Member,
        record: "",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, NULL, max(t.discharged_on), CAST(sum(t.total_cost_fen) AS BIGINT) FROM medical_claim t WHERE {household} AND t.kind = 'INPATIENT' AND t.state <> 'VOIDED' AND t.discharged_on BETWEEN {first_day} AND {day} GROUP BY t.household_id, t.person_id",
        facts: &[FactColumn::new(
            "annual_inpatient_cost",
            "本年度住院总费用",
            Kept::Fen,
            Absent::Zero,
            ("Claim", "totalCost"),
        )],
    },
    FactSource::not_kept(
        Department::Health,
        Subject::Member,
        &[
            FactColumn::new(
                "frail_or_immobile",
                "年老体弱或行动不便",
                Kept::Bool,
                Absent::Unknown,
                ("DiseaseFlag", "class"),
            ),
            FactColumn::new(
                "home_bed_applied",
                "已申请家庭病床",
                Kept::Bool,
                Absent::Unknown,
                ("DoctorContract", "validFrom"),
            ),
        ],
    ),
];
