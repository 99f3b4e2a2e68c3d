//! The manifest of the demonstration against plain statements, one a check of the domain reference (section 11): every
//! finding that the manifest tells is there, and nothing is there that it does not tell.

use crate::{demo::filled_and_told, harness::both_dbs};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use yihu::demo::Wanted;

/// Check, and the rows of its findings: household and person, 0 for none. `{ON_FILE}`, `{LINE}`, `{NEWEST}` and `{ALLOWED}` stand for what
/// several ask; `{value x}` reads a value of a reported record.
const CHECKS: &[(&str, &str)] = &[
    (
        "RC-01",
        "SELECT p.household_id, p.id FROM person p WHERE p.citizen_number_state IN ('FORMAT', 'BIRTH_DATE', 'CHECK_DIGIT')",
    ),
    (
        "RC-02",
        "SELECT p.household_id, p.id FROM reported_record r JOIN person p ON p.citizen_number_index = r.identity_index \
         JOIN household o ON o.id = r.household_id AND o.status <> 'CLOSED' \
         WHERE r.kind = 'MEMBER' AND p.valid_to IS NULL AND r.household_id <> p.household_id",
    ),
    (
        "RC-03",
        "SELECT p.household_id, p.id FROM reported_record r JOIN person p ON p.citizen_number_index = r.identity_index \
         WHERE r.kind = 'DEATH' AND p.valid_to IS NULL",
    ),
    (
        "RC-04",
        "SELECT y.household_id, y.person_id FROM payment y JOIN person p ON p.id = y.person_id LEFT JOIN reported_record r \
         ON r.identity_index = p.citizen_number_index AND r.kind = 'DEATH' \
         WHERE CASE length(y.period) WHEN 4 THEN y.period || '-01' ELSE y.period END \
         > substr(CAST(COALESCE(r.reported_on, p.died_on) AS TEXT), 1, 7)",
    ),
    (
        "RC-05",
        "SELECT p.household_id, p.id FROM reported_record r JOIN person p ON p.citizen_number_index = r.identity_index \
         WHERE r.kind = 'ROSTER' AND {value birthDate} <> CAST(p.birth_date AS TEXT)",
    ),
    (
        "RC-06",
        "SELECT p.household_id, p.id FROM reported_record r JOIN person p ON p.citizen_number_index = r.identity_index \
         WHERE r.kind = 'IDENTITY' AND {value name} <> p.name",
    ),
    (
        "RC-07",
        "SELECT h.id, 0 FROM household h WHERE h.status <> 'CLOSED' AND 1 <> \
         (SELECT COUNT(*) FROM person p WHERE p.household_id = h.id AND p.is_head AND p.valid_to IS NULL)",
    ),
    (
        "RC-08",
        "SELECT h.id, 0 FROM household h WHERE h.status <> 'CLOSED' AND NOT EXISTS \
         (SELECT 1 FROM person p WHERE p.household_id = h.id AND p.valid_to IS NULL)",
    ),
    (
        "RC-09",
        "SELECT h.id, 0 FROM household h WHERE NOT EXISTS \
         (SELECT 1 FROM region r WHERE r.code = h.region_code AND r.level = 'VILLAGE')",
    ),
    (
        "RC-10",
        "SELECT h.id, 0 FROM household h WHERE h.status NOT IN ('REGISTERED', 'RETURNED', 'EXITED') \
         AND (EXISTS (SELECT 1 FROM dibao d WHERE d.household_id = h.id AND d.valid_to IS NULL) \
         OR EXISTS (SELECT 1 FROM special_support s WHERE s.household_id = h.id AND s.valid_to IS NULL))",
    ),
    (
        "RC-11",
        "SELECT h.id, 0 FROM household h JOIN income_form i ON {NEWEST} WHERE {ON_FILE} AND i.per_capita_fen < 390600 \
         AND NOT EXISTS (SELECT 1 FROM special_support s WHERE s.household_id = h.id AND s.valid_to IS NULL) \
         AND NOT EXISTS (SELECT 1 FROM dibao d WHERE d.household_id = h.id AND d.valid_to IS NULL) \
         AND NOT EXISTS (SELECT 1 FROM person p WHERE p.household_id = h.id AND p.valid_to IS NULL \
         AND p.labour_capacity NOT IN ('LOST', 'NONE'))",
    ),
    (
        "RC-12",
        "SELECT d.household_id, 0 FROM reported_record r JOIN dibao d ON d.household_id = r.household_id \
         AND CAST(d.valid_from AS TEXT) <= {value year} || '-12-01' AND (d.valid_to IS NULL OR CAST(d.valid_to AS TEXT) > {value year} || '-01-01') \
         WHERE r.kind = 'CASH_SUBSIDY'",
    ),
    (
        "RC-13",
        "SELECT p.household_id, p.id FROM reported_record r JOIN person p ON p.citizen_number_index = r.identity_index \
         JOIN dibao d ON d.household_id = p.household_id AND d.valid_to IS NULL WHERE r.kind = 'SPECIAL_SUPPORT'",
    ),
    (
        "RC-14",
        "SELECT i.household_id, 0 FROM reported_record r JOIN income_form i ON i.household_id = r.household_id \
         WHERE r.kind = 'DIBAO_INCOME' AND CAST({value year} AS BIGINT) = i.year \
         AND abs(CAST({value perHeadFen} AS BIGINT) - i.per_capita_fen) > 100",
    ),
    (
        "RC-15",
        "SELECT d.household_id, 0 FROM dibao d WHERE d.valid_to IS NULL AND d.gradual_exit_until < '2018-12-31' AND NOT EXISTS \
         (SELECT 1 FROM person p WHERE p.household_id = d.household_id AND p.valid_to IS NULL AND p.health = 'DISABLED')",
    ),
    (
        "RC-16",
        "SELECT h.id, 0 FROM household h WHERE {ON_FILE} AND (h.class IN ('DIBAO', 'DIBAO_POOR')) <> \
         EXISTS (SELECT 1 FROM dibao d WHERE d.household_id = h.id AND d.valid_to IS NULL) \
         UNION SELECT h.id, 0 FROM household h WHERE {ON_FILE} AND (h.class = 'SPECIAL_SUPPORT') <> \
         EXISTS (SELECT 1 FROM special_support s WHERE s.household_id = h.id AND s.valid_to IS NULL)",
    ),
    (
        "RC-17",
        "SELECT h.id, p.id FROM household h JOIN person p ON p.household_id = h.id AND p.valid_to IS NULL WHERE {ON_FILE} \
         AND NOT EXISTS (SELECT 1 FROM medical_enrolment e JOIN person m ON m.id = e.person_id \
         WHERE m.identity_id = p.identity_id AND e.year = 2018)",
    ),
    (
        "RC-19",
        "SELECT c.household_id, c.person_id FROM medical_claim c WHERE c.eligible_cost_fen < \
         (SELECT COALESCE(SUM(s.paid_fen), 0) FROM claim_stage s WHERE s.claim_id = c.id)",
    ),
    (
        "RC-21",
        "SELECT c.household_id, c.person_id FROM medical_claim c WHERE c.state = 'SETTLED' AND c.registered_at_discharge <> \
         EXISTS (SELECT 1 FROM household_status_period s WHERE s.household_id = c.household_id \
         AND s.status IN ('REGISTERED', 'RETURNED') AND s.valid_from <= c.discharged_on \
         AND (s.valid_to IS NULL OR s.valid_to > c.discharged_on))",
    ),
    (
        "RC-27",
        "SELECT c.household_id, c.person_id FROM reported_record r JOIN person p ON p.citizen_number_index = r.identity_index \
         JOIN medical_claim c ON c.person_id = p.id AND c.kind = 'INPATIENT' AND c.state <> 'VOIDED' \
         WHERE r.kind = 'STAY' AND {value admittedOn} < CAST(c.discharged_on AS TEXT) \
         AND CAST(c.admitted_on AS TEXT) < {value dischargedOn}",
    ),
    (
        "RC-30",
        "SELECT h.id, 0 FROM household h WHERE {ON_FILE} AND h.main_cause = 'ILLNESS' AND NOT EXISTS \
         (SELECT 1 FROM person p WHERE p.household_id = h.id AND p.valid_to IS NULL AND (p.health IN ('CHRONIC', 'MAJOR_ILLNESS') \
         OR EXISTS (SELECT 1 FROM medical_claim c WHERE c.person_id = p.id)))",
    ),
    (
        "RC-31",
        "SELECT p.household_id, p.id FROM person p WHERE p.valid_to IS NULL AND (p.health = 'DISABLED') <> EXISTS \
         (SELECT 1 FROM disability_certificate c WHERE c.person_id = p.id AND c.valid_to IS NULL)",
    ),
    (
        "RC-32",
        "SELECT c.household_id, c.person_id FROM disability_certificate c WHERE c.valid_to IS NULL AND c.grade IN ('GRADE_1', 'GRADE_2') \
         AND {ALLOWED} AND NOT EXISTS (SELECT 1 FROM disability_allowance a WHERE a.person_id = c.person_id AND a.kind = 'NURSING' \
         AND a.valid_from <= '2018-12-01' AND (a.valid_to IS NULL OR a.valid_to > '2018-12-01'))",
    ),
    (
        "RC-33",
        "SELECT c.household_id, c.person_id FROM disability_certificate c JOIN dibao d ON d.household_id = c.household_id \
         AND d.valid_from <= '2018-12-01' AND (d.valid_to IS NULL OR d.valid_to > '2018-12-01') WHERE c.valid_to IS NULL \
         AND {ALLOWED} AND NOT EXISTS (SELECT 1 FROM disability_allowance a WHERE a.person_id = c.person_id AND a.kind = 'LIVING' \
         AND a.valid_from <= '2018-12-01' AND (a.valid_to IS NULL OR a.valid_to > '2018-12-01'))",
    ),
    (
        "RC-35",
        "SELECT p.household_id, p.id FROM person p WHERE p.valid_to IS NULL AND p.birth_date > '2002-08-31' \
         AND p.birth_date <= '2012-08-31' AND NOT EXISTS (SELECT 1 FROM school_enrolment e \
         WHERE e.person_id = p.id AND e.school_year = 2018 AND e.term = 'AUTUMN')",
    ),
    (
        "RC-36",
        "SELECT a.household_id, a.person_id FROM rain_dew_application a WHERE a.state = 'PAID' AND NOT EXISTS \
         (SELECT 1 FROM school_enrolment e WHERE e.person_id = a.person_id AND e.school_year = a.school_year AND e.term = 'AUTUMN' AND e.confirmed_on IS NOT NULL) \
         UNION ALL SELECT a.household_id, a.person_id FROM study_allowance a WHERE a.state = 'PAID' AND NOT EXISTS \
         (SELECT 1 FROM school_enrolment e WHERE e.person_id = a.person_id AND e.school_year = a.school_year AND e.term = a.term \
         AND e.confirmed_on IS NOT NULL)",
    ),
    (
        "RC-37",
        "SELECT p.household_id, p.id FROM reported_record r JOIN person p ON p.citizen_number_index = r.identity_index \
         JOIN rain_dew_application a ON a.person_id = p.id AND a.state = 'PAID' \
         WHERE r.kind = 'STUDENT_SUPPORT' AND CAST({value schoolYear} AS BIGINT) = a.school_year",
    ),
    (
        "RC-38",
        "SELECT a.household_id, a.person_id FROM study_allowance a JOIN school_enrolment e ON e.person_id = a.person_id \
         AND e.school_year = a.school_year AND e.term = a.term \
         WHERE a.stage <> e.stage OR a.boarding <> e.boarding OR a.county_seat <> e.county_seat",
    ),
    (
        "RC-39",
        "SELECT a.household_id, a.person_id FROM study_allowance a WHERE a.due_on < '2018-12-31' AND a.state <> 'PAID'",
    ),
    (
        "RC-40",
        "SELECT a.household_id, a.person_id FROM rain_dew_application a \
         WHERE substr(CAST(a.recognised_on AS TEXT), 6) > '09-30' OR substr(CAST(a.paid_on AS TEXT), 6) > '11-30'",
    ),
    (
        "RC-41",
        "SELECT e.household_id, e.person_id FROM school_enrolment e JOIN household_status_period s ON s.household_id = e.household_id \
         AND s.status IN ('REGISTERED', 'RETURNED') AND s.valid_from <= '2018-09-20' AND (s.valid_to IS NULL OR s.valid_to > '2018-09-20') \
         WHERE e.school_year = 2018 AND e.term = 'AUTUMN' \
         AND (e.stage IN ('SENIOR_HIGH', 'UNDERGRADUATE') OR e.stage IN ('PRIMARY', 'JUNIOR') AND e.boarding) \
         AND NOT EXISTS (SELECT 1 FROM study_allowance a WHERE a.person_id = e.person_id AND a.school_year = e.school_year \
         AND a.term = e.term)",
    ),
    (
        "RC-43",
        "SELECT m.household_id, 0 FROM relocation m WHERE \
         EXISTS (SELECT 1 FROM reported_record r WHERE r.household_id = m.household_id AND r.kind = 'RENOVATION') \
         OR EXISTS (SELECT 1 FROM renovation r WHERE r.household_id = m.household_id)",
    ),
    (
        "RC-46",
        "SELECT x.household_id, 0 FROM house x WHERE x.valid_to IS NULL AND x.grade IN ('C', 'D') AND x.solution = 'NONE'",
    ),
    (
        "RC-47",
        "SELECT m.household_id, 0 FROM relocation m WHERE m.moved_in_on IS NOT NULL AND m.old_house_removed_on IS NULL",
    ),
    (
        "RC-52",
        "SELECT l.household_id, l.person_id FROM loan l WHERE l.kind = 'MICRO' AND l.principal_fen > 5000000",
    ),
    (
        "RC-53",
        "SELECT l.household_id, l.person_id FROM loan l WHERE l.kind = 'MICRO' AND (l.guarantor OR l.collateral)",
    ),
    (
        "RC-54",
        "SELECT l.household_id, l.person_id FROM loan l JOIN person p ON p.id = l.person_id WHERE CAST(l.granted_on AS TEXT) >= \
         CAST(CAST(substr(CAST(p.birth_date AS TEXT), 1, 4) AS INTEGER) + 66 AS TEXT) || substr(CAST(p.birth_date AS TEXT), 5)",
    ),
    (
        "RC-55",
        "SELECT l.household_id, l.person_id FROM loan l JOIN interest_subsidy i ON i.loan_id = l.id WHERE NOT EXISTS \
         (SELECT 1 FROM household_status_period s WHERE s.household_id = l.household_id AND s.status IN ('REGISTERED', 'RETURNED') \
         AND s.valid_from <= l.granted_on AND (s.valid_to IS NULL OR s.valid_to > l.granted_on))",
    ),
    (
        "RC-56",
        "SELECT l.household_id, l.person_id FROM interest_subsidy i JOIN loan l ON l.id = i.loan_id WHERE i.rate_bp > 500",
    ),
    (
        "RC-57",
        "SELECT l.household_id, 0 FROM loan l WHERE l.kind = 'MICRO' AND l.state NOT IN ('REPAID', 'RENEWED') \
         GROUP BY l.household_id HAVING SUM(l.principal_fen) > 5000000",
    ),
    (
        "RC-58",
        "SELECT l.household_id, l.person_id FROM loan l WHERE l.due_on <= '2018-12-31' AND l.state NOT IN ('REPAID', 'RENEWED')",
    ),
    (
        "RC-59",
        "SELECT y.household_id, 0 FROM payment y JOIN dibao d ON d.household_id = y.household_id WHERE y.programme = 'dibao' \
         AND y.state = 'PAID' AND y.period <> '2018-12' AND y.amount_fen <> d.monthly_fen",
    ),
    (
        "RC-60",
        "SELECT y.household_id, COALESCE(y.person_id, 0) FROM payment y JOIN bank_card c ON c.id = y.bank_card_id \
         WHERE y.state = 'PAID' AND c.valid_to <= y.paid_on",
    ),
    (
        "RC-70",
        "SELECT h.id, 0 FROM household h JOIN income_form i ON i.household_id = h.id \
         AND i.year = CAST(substr(CAST(h.exited_on AS TEXT), 1, 4) AS INTEGER) \
         WHERE h.status = 'EXITED' AND i.per_capita_fen <= {LINE}",
    ),
    (
        "RC-71",
        "SELECT h.id, 0 FROM household h JOIN income_form i ON i.household_id = h.id \
         AND i.year = CAST(substr(CAST(h.exited_on AS TEXT), 1, 4) AS INTEGER) \
         WHERE h.status = 'EXITED' AND i.per_capita_fen <= {LINE}",
    ),
    (
        "RC-74",
        "SELECT h.id, 0 FROM household h WHERE {ON_FILE} AND \
         (NOT EXISTS (SELECT 1 FROM helper p WHERE p.household_id = h.id AND p.valid_to IS NULL) \
         OR NOT EXISTS (SELECT 1 FROM help_measure m WHERE m.household_id = h.id AND m.state = 'ACTIVE'))",
    ),
    (
        "RC-75",
        "SELECT h.id, 0 FROM household h WHERE {ON_FILE} AND 2 = (SELECT COUNT(*) FROM income_form i \
         WHERE i.household_id = h.id AND i.year IN (2017, 2018) AND i.per_capita_fen > {LINE})",
    ),
    (
        "RC-76",
        "SELECT h.id, 0 FROM household h JOIN income_form i ON {NEWEST} \
         WHERE h.status IN ('CANDIDATE', 'UNDER_APPRAISAL') AND i.per_capita_fen < {LINE}",
    ),
    (
        "RC-81",
        "SELECT c.household_id, c.person_id FROM left_behind_child c WHERE c.valid_to IS NULL \
         AND c.guardian_person_id IS NULL AND c.guardian_name IS NULL",
    ),
    (
        "RC-85",
        "SELECT p.household_id, p.id FROM reported_record r JOIN person p ON p.citizen_number_index = r.identity_index \
         WHERE r.kind = 'VEHICLE' AND p.valid_to IS NULL",
    ),
    (
        "RC-86",
        "SELECT h.id, 0 FROM household h WHERE {ON_FILE} AND h.main_cause IS NULL",
    ),
    (
        "RC-87",
        "SELECT y.household_id, 0 FROM payment y JOIN dibao d ON d.household_id = y.household_id WHERE y.programme = 'dibao' \
         AND y.period > substr(CAST(d.gradual_exit_until AS TEXT), 1, 7)",
    ),
    (
        "RC-92",
        "SELECT r.household_id, 0 FROM reported_record r WHERE r.kind = 'FIRM_ROSTER' GROUP BY r.household_id HAVING COUNT(*) > 1",
    ),
];

fn statement(sql: &str, backend: DbBackend) -> String {
    let mut sql = sql
        .replace(
            "{ALLOWED}",
            "c.county_code / 100 = 1509 AND NOT EXISTS (SELECT 1 FROM special_support s WHERE s.person_id = c.person_id \
             AND s.mode = 'CENTRALISED' AND s.valid_to IS NULL)",
        )
        .replace("{ON_FILE}", "h.status IN ('REGISTERED', 'RETURNED')")
        .replace(
            "{LINE}",
            "(CASE i.year WHEN 2016 THEN 295200 WHEN 2017 THEN 295200 WHEN 2018 THEN 299500 END)",
        )
        .replace(
            "{NEWEST}",
            "i.household_id = h.id AND i.year = (SELECT MAX(n.year) FROM income_form n WHERE n.household_id = h.id)",
        );
    while let Some((before, rest)) = sql.split_once("{value ") {
        let (name, after) = rest.split_once('}').expect("the name of a value");
        let value = match backend {
            DbBackend::Sqlite => format!("json_extract(r.values_json, '$.{name}')"),
            _ => format!("(r.values_json::json ->> '{name}')"),
        };
        sql = format!("{before}{value}{after}");
    }
    sql
}

type Findings = BTreeMap<(String, i64, i64), usize>;

async fn found(connection: &DatabaseConnection) -> Findings {
    let mut found = Findings::new();
    let backend = connection.get_database_backend();
    for (check, sql) in CHECKS {
        let sql = statement(sql, backend);
        let sql = format!(
            "SELECT CAST(f.a AS BIGINT), CAST(f.b AS BIGINT) FROM ({}) f",
            with_names(&sql)
        );
        let rows = connection
            .query_all_raw(Statement::from_string(backend, &sql))
            .await
            .unwrap_or_else(|error| panic!("{check}: {error}"));
        for row in rows {
            let cell = |at| row.try_get_by_index::<i64>(at).expect("a key");
            *found
                .entry(((*check).to_owned(), cell(0), cell(1)))
                .or_default() += 1;
        }
    }
    found
}

/// The two columns of a statement, named.
fn with_names(sql: &str) -> String {
    let rest = sql.strip_prefix("SELECT ").expect("a query");
    let from = rest.find(" FROM ").expect("a table");
    let (columns, rest) = rest.split_at(from);
    let (household, person) = columns.split_once(", ").expect("two columns");
    format!("SELECT {household} AS a, {person} AS b{rest}")
}

fn told(manifest: &[u8]) -> Findings {
    let mut told = Findings::new();
    for line in std::str::from_utf8(manifest).expect("a text").lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let check = line["check"].as_str().expect("a check").to_owned();
        let household = line["household"]["id"].as_i64().expect("a household");
        let person = line["person"].as_i64().unwrap_or(0);
        *told.entry((check, household, person)).or_default() += 1;
    }
    told
}

both_dbs! {
    async fn what_is_there_is_what_the_manifest_tells(db: TestDatabase) {
        let (_, manifest) = filled_and_told(&db, Wanted::default()).await;
        let (told, found) = (told(&manifest), found(&db.connect().await).await);
        let missing: Vec<_> = told.iter().filter(|(finding, count)| found.get(finding) != Some(*count)).collect();
        let surplus: Vec<_> = found.iter().filter(|(finding, count)| told.get(finding) != Some(*count)).collect();
        assert!(missing.is_empty() && surplus.is_empty(), "told but not found: {missing:?}\nfound but not told: {surplus:?}");
        let planted: BTreeSet<&str> = told.keys().map(|(check, ..)| check.as_str()).collect();
        let checked: BTreeSet<&str> = CHECKS.iter().map(|(check, _)| *check).collect();
        assert_eq!(planted, checked);
        // Of the first families and of the village of published figures nothing is planted.
        let lines: Vec<Value> = manifest.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).expect("JSON")).collect();
        for line in lines.iter().filter(|line| !line["plant"].is_null()) {
            assert!(line["household"]["id"].as_i64().expect("a key") > 200, "{line}");
        }
        let published = |line: &&Value| line["household"]["region"].as_str().expect("a region").starts_with("99");
        assert_eq!(lines.iter().find(published), None);
    }
}
