//! What education states for rules. The spring term of a school year lies in the calendar year after it.

use crate::facts::{Absent, FactColumn, FactSource, Kept};
use ::policy::Subject;
use entity::codes::Department;

/// See [`FactSource`].
pub const FACTS: &[FactSource] = &[
    FactSource {
        department: Department::Edu,
        of: Subject::Member,
        record: "SchoolEnrolment",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.confirmed_on, t.stage, t.boarding, t.county_seat, CASE WHEN t.confirmed_on IS NULL THEN FALSE ELSE TRUE END FROM school_enrolment t WHERE {household} AND (t.school_year = {year} AND t.term = 'AUTUMN' OR t.school_year = {year} - 1 AND t.term = 'SPRING') ORDER BY t.household_id, t.school_year DESC, t.id",
        facts: &[
            FactColumn::new(
                "study_stage",
                "学段",
                Kept::Word,
                Absent::None,
                ("SchoolEnrolment", "stage"),
            ),
            FactColumn::new(
                "boarding",
                "寄宿",
                Kept::Bool,
                Absent::No,
                ("SchoolEnrolment", "boarding"),
            ),
            FactColumn::new(
                "school_in_county_seat",
                "学校在旗县政府所在地",
                Kept::Bool,
                Absent::No,
                ("SchoolEnrolment", "countySeat"),
            ),
            FactColumn::new(
                "enrolment_proved",
                "学籍已确认",
                Kept::Bool,
                Absent::No,
                ("SchoolEnrolment", "confirmedOn"),
            ),
        ],
    },
    FactSource {
        department: Department::Edu,
        of: Subject::Member,
        record: "SchoolEnrolment",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.confirmed_on, TRUE FROM school_enrolment t WHERE {household} AND t.school_year = {year} - 1 AND t.term = 'SPRING' AND t.confirmed_on IS NOT NULL ORDER BY t.household_id, t.id",
        facts: &[FactColumn::new(
            "spring_enrolled",
            "春季学期在学",
            Kept::Bool,
            Absent::No,
            ("SchoolEnrolment", "confirmedOn"),
        )],
    },
    FactSource {
        department: Department::Edu,
        of: Subject::Member,
        record: "SchoolEnrolment",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.confirmed_on, TRUE FROM school_enrolment t WHERE {household} AND t.school_year = {year} AND t.term = 'AUTUMN' AND t.confirmed_on IS NOT NULL ORDER BY t.household_id, t.id",
        facts: &[FactColumn::new(
            "autumn_enrolled",
            "秋季学期在学",
            Kept::Bool,
            Absent::No,
            ("SchoolEnrolment", "confirmedOn"),
        )],
    },
    FactSource {
        department: Department::Edu,
        of: Subject::Member,
        record: "StudyAllowance",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.paid_on, TRUE FROM study_allowance t WHERE {household} AND t.one_off AND t.state <> 'APPLIED' AND t.paid_on <= {day} ORDER BY t.household_id, t.id",
        facts: &[FactColumn::new(
            "one_off_already_paid",
            "一次性资助已发放",
            Kept::Bool,
            Absent::No,
            ("StudyAllowance", "oneOff"),
        )],
    },
    FactSource {
        department: Department::Edu,
        of: Subject::Member,
        record: "",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, NULL, max(t.paid_on), CAST(sum(t.amount_fen) AS BIGINT) FROM study_allowance t WHERE {household} AND t.programme = 'education-support' AND (t.school_year = {year} AND t.term = 'AUTUMN' OR t.school_year = {year} - 1 AND t.term = 'SPRING') GROUP BY t.household_id, t.person_id",
        facts: &[FactColumn::new(
            "education_support_granted",
            "已批教育资助金额",
            Kept::Fen,
            Absent::Zero,
            ("StudyAllowance", "amount"),
        )],
    },
    FactSource {
        department: Department::Edu,
        of: Subject::Member,
        record: "RainDewApplication",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.recognised_on, t.amount_fen FROM rain_dew_application t WHERE {household} AND t.school_year = {year} AND t.state <> 'REFUSED' AND t.amount_fen IS NOT NULL ORDER BY t.household_id, t.id",
        facts: &[FactColumn::new(
            "rain_dew_granted",
            "已批雨露计划金额",
            Kept::Fen,
            Absent::Zero,
            ("RainDewApplication", "amount"),
        )],
    },
];
