//! The demonstration: the figures that its documentation promises, and that the departments' data agree.

use crate::harness::{
    App, Engine, Seed, TestDatabase, both_dbs, text::assert_committed_text, vault,
};
use entity::codes::{CodeList, Department};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, Statement};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use time::macros::date;
use yihu::{
    clock::Clock,
    db::{Checks, Database, Settings},
    demo::{Books, DemoError, Filled, Wanted, fill},
    household::load_regions,
    identifiers::{BankCardNumber, CitizenNumber, DisabilityCertificate},
    vault::{Kind, Place, Sensitive},
};

async fn filled(db: &TestDatabase, wanted: Wanted) -> Filled {
    let database = Database::connect(&db.url, &Settings::default())
        .await
        .expect("the database opens");
    load_regions(&database)
        .await
        .expect("the regions are loaded");
    fill_in(&database, wanted)
        .await
        .expect("the demonstration is filled")
}

async fn fill_in(database: &Database, wanted: Wanted) -> Result<Filled, DemoError> {
    filled_with(database, wanted)
        .await
        .map(|(filled, _)| filled)
}

/// Fills, and what is told besides.
async fn filled_with(
    database: &Database,
    wanted: Wanted,
) -> Result<(Filled, Books<'static>), DemoError> {
    let (clock, mut books) = (Clock::fixed(date!(2018 - 12 - 31)), Books::default());
    let filled = fill(database, &vault(), &clock, wanted, &mut books).await?;
    Ok((filled, books))
}

/// Fills, and gives the manifest besides.
pub(crate) async fn filled_and_told(db: &TestDatabase, wanted: Wanted) -> (Filled, Vec<u8>) {
    let database = Database::connect(&db.url, &Settings::default())
        .await
        .expect("the database opens");
    load_regions(&database)
        .await
        .expect("the regions are loaded");
    let mut manifest = Vec::new();
    let mut books = Books {
        manifest: Some(&mut manifest),
        ..Books::default()
    };
    let clock = Clock::fixed(date!(2018 - 12 - 31));
    let filled = fill(&database, &vault(), &clock, wanted, &mut books)
        .await
        .expect("the demonstration is filled");
    (filled, manifest)
}

/// Rows of whole numbers and words, as one line each.
async fn lines(connection: &DatabaseConnection, columns: usize, sql: &str) -> Vec<String> {
    let backend = connection.get_database_backend();
    let rows = connection
        .query_all_raw(Statement::from_string(backend, sql))
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = (0..columns)
                .map(|at| row.try_get_by_index(at).expect("a text"))
                .collect();
            cells.join(" ")
        })
        .collect()
}

const NOT_OF_THE_DEMONSTRATION: [&str; 18] = [
    "roster_decision",
    "correction_request",
    "saved_answer",
    "job",
    "job_part",
    "member_offer",
    "seaql_migrations",
    "region",
    "id_block",
    "app_user",
    "access_record",
    "reported_record",
    "transaction_clock",
    "request_record",
    "audit_record",
    "audit_seal",
    "change_record",
    "vault_state",
];

/// The tables in the order of the migrations, which is that of their creation; of each its columns, as expressions that
/// write their values alike on both databases.
async fn tables(connection: &DatabaseConnection) -> Vec<(String, Vec<String>)> {
    let sql = match connection.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT m.name, CASE c.type WHEN 'BLOB' THEN 'lower(hex(' || c.name || '))' ELSE c.name END \
             FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.rowid, c.cid"
        }
        _ => {
            "SELECT c.relname::text, CASE a.atttypid WHEN 'bytea'::regtype THEN format('encode(%s,''hex'')', a.attname) \
             WHEN 'boolean'::regtype THEN a.attname || '::integer' ELSE a.attname::text END \
             FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 ORDER BY c.oid, a.attnum"
        }
    };
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    for line in lines(connection, 2, sql).await {
        let (table, column) = line.split_once(' ').expect("table and column");
        if NOT_OF_THE_DEMONSTRATION.contains(&table) {
            continue;
        }
        match tables.last_mut().filter(|(last, _)| last == table) {
            Some((_, columns)) => columns.push(column.to_owned()),
            None => tables.push((table.to_owned(), vec![column.to_owned()])),
        }
    }
    tables
}

/// Everything in the tables of the demonstration but the ciphertexts.
async fn everything(connection: &DatabaseConnection) -> String {
    let mut all = String::new();
    for (table, columns) in tables(connection).await {
        let shown = columns.iter().filter(|column| !column.contains("_cipher"));
        let cells: Vec<_> = shown
            .map(|column| format!("COALESCE(CAST({column} AS TEXT), '')"))
            .collect();
        let sql = format!("SELECT {} FROM {table}", cells.join(" || '|' || "));
        let mut rows = lines(connection, 1, &sql).await;
        rows.sort();
        all += &format!("{table}\n{}\n", rows.join("\n"));
    }
    all
}

/// A line of the documentation's table: what is counted in each county, and in which rows.
const COUNTED: [(&str, &str); 18] = [
    (
        "households CANDIDATE",
        "household t WHERE t.status = 'CANDIDATE'",
    ),
    (
        "households UNDER_APPRAISAL",
        "household t WHERE t.status = 'UNDER_APPRAISAL'",
    ),
    (
        "households REGISTERED",
        "household t WHERE t.status = 'REGISTERED'",
    ),
    ("households EXITED", "household t WHERE t.status = 'EXITED'"),
    (
        "households RETURNED",
        "household t WHERE t.status = 'RETURNED'",
    ),
    (
        "households STRUCK_OFF",
        "household t WHERE t.status = 'STRUCK_OFF'",
    ),
    ("households CLOSED", "household t WHERE t.status = 'CLOSED'"),
    (
        "on file, GENERAL",
        "household t WHERE t.status IN ('REGISTERED', 'RETURNED') AND t.class = 'GENERAL'",
    ),
    (
        "on file, DIBAO",
        "household t WHERE t.status IN ('REGISTERED', 'RETURNED') AND t.class = 'DIBAO'",
    ),
    (
        "on file, DIBAO_POOR",
        "household t WHERE t.status IN ('REGISTERED', 'RETURNED') AND t.class = 'DIBAO_POOR'",
    ),
    (
        "on file, SPECIAL_SUPPORT",
        "household t WHERE t.status IN ('REGISTERED', 'RETURNED') AND t.class = 'SPECIAL_SUPPORT'",
    ),
    (
        "persons on file",
        "person t JOIN household h ON h.id = t.household_id WHERE h.status IN ('REGISTERED', 'RETURNED') AND t.valid_to IS NULL",
    ),
    ("members today", "person t WHERE t.valid_to IS NULL"),
    ("members who died", "person t WHERE t.left_reason = 'DIED'"),
    (
        "members who moved out",
        "person t WHERE t.left_reason = 'MOVED_OUT'",
    ),
    (
        "members who were transferred",
        "person t WHERE t.left_reason = 'TRANSFERRED'",
    ),
    ("dibao grants, open", "dibao t WHERE t.valid_to IS NULL"),
    ("dibao grants, stopped", "dibao t WHERE t.state = 'STOPPED'"),
];

const COUNTIES: &str = "SELECT CAST(r.code / 1000000 AS TEXT), r.name FROM region r WHERE r.level = 'COUNTY' \
                        AND EXISTS (SELECT 1 FROM household h WHERE h.county_code = r.code / 1000000) ORDER BY 1";

const LINKS: &str = "SELECT l.user_id, h.card_number FROM household_link l JOIN household h ON h.id = l.household_id \
                     ORDER BY l.user_id, h.card_number";

const TRANSFER: &str = "SELECT h.card_number, CAST(p.valid_from AS TEXT), COALESCE(CAST(p.valid_to AS TEXT), 'today') \
                        FROM person p JOIN household h ON h.id = p.household_id WHERE p.identity_id IN \
                        (SELECT identity_id FROM person WHERE left_reason = 'TRANSFERRED') ORDER BY p.valid_from";

/// The figures as the documentation of `demo` prints them.
async fn figures(db: &TestDatabase, manifest: &[u8]) -> String {
    let connection = db.connect().await;
    let counties = lines(&connection, 2, COUNTIES).await;
    let names = counties.join(" | ");
    let mut text = format!(
        "| | {names} | all |\n|---|{}\n",
        "---|".repeat(counties.len() + 1)
    );
    let rural = "(SELECT region_code / 1000000 AS county_code, rural_persons AS number FROM region_population \
                 WHERE region_code % 1000000 = 0 AND region_code % 100000000 <> 0) t";
    let counted = COUNTED.map(|(what, rows)| {
        (
            what,
            format!("(SELECT t.county_code, 1 AS number FROM {rows}) t"),
        )
    });
    for (what, rows) in counted
        .iter()
        .chain([&("rural population 2018", rural.to_owned())])
    {
        let sql = format!(
            "SELECT CAST(county_code AS TEXT), CAST(SUM(number) AS TEXT) FROM {rows} GROUP BY county_code"
        );
        let counts: BTreeMap<String, i64> = lines(&connection, 2, &sql)
            .await
            .iter()
            .filter_map(|line| line.split_once(' '))
            .map(|(county, count)| (county.to_owned(), count.parse().expect("a number")))
            .collect();
        text += &format!("| {what} |");
        for county in &counties {
            let (code, _) = county.split_once(' ').expect("a code");
            text += &format!(" {} |", counts.get(code).copied().unwrap_or(0));
        }
        text += &format!(" {} |\n", counts.values().sum::<i64>());
    }
    text += "\n";
    text += "| Linked user | Card number |\n|---|---|\n";
    for link in lines(&connection, 2, LINKS).await {
        text += &format!("| {} |\n", link.replace('|', "\\|").replace(' ', " | "));
    }
    text += "\n| Transferred woman's family | from | to |\n|---|---|---|\n";
    for membership in lines(&connection, 3, TRANSFER).await {
        text += &format!("| {} |\n", membership.replace(' ', " | "));
    }
    text += "\n| Table | Rows |\n|---|---|\n";
    for (table, _) in tables(&connection).await {
        let rows = db
            .number(&format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}"))
            .await;
        // Nothing has been compared yet, and nothing written by anyone.
        let later = [
            "finding",
            "finding_event",
            "reconciliation_run",
            "checked_village",
            "request_record",
            "audit_record",
            "audit_seal",
            "change_record",
        ];
        assert!(
            rows > 0 || later.contains(&table.as_str()),
            "the demonstration has nothing of {table}"
        );
        text += &format!("| {table} | {rows} |\n");
    }
    text + &planted(manifest)
}

/// How many families each planting has, and what is found in them; at last what chance made.
fn planted(manifest: &[u8]) -> String {
    let mut plantings: BTreeMap<String, (BTreeSet<i64>, BTreeMap<String, usize>)> = BTreeMap::new();
    for line in std::str::from_utf8(manifest).expect("a text").lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let plant = line["plant"].as_str().unwrap_or("by chance");
        let (families, checks) = plantings.entry(plant.to_owned()).or_default();
        families.insert(line["household"]["id"].as_i64().expect("a household"));
        let check = line["check"].as_str().expect("a check");
        *checks.entry(check.to_owned()).or_default() += 1;
    }
    let mut text = "\n| Contradiction | Families | Findings |\n|---|---|---|\n".to_owned();
    for (plant, (families, checks)) in plantings {
        let checks = checks
            .iter()
            .map(|(check, count)| format!("{check}: {count}"));
        let checks: Vec<_> = checks.collect();
        text += &format!("| {plant} | {} | {} |\n", families.len(), checks.join(", "));
    }
    text
}

both_dbs! {
    async fn committed_text_figures(db: TestDatabase) {
        let (filled, manifest) = filled_and_told(&db, Wanted::default()).await;
        assert_eq!((filled.written, filled.households), (true, 2_552));
        assert_committed_text("src/demo/figures.md", &figures(&db, &manifest).await);
    }
}

both_dbs! {
    async fn it_is_filled_once_and_always_the_same(db: TestDatabase) {
        let wanted = Wanted { households: 600, village: false, ..Wanted::default() };
        let first = filled(&db, wanted).await;
        assert!(first.written);
        let connection = db.connect().await;
        let before = everything(&connection).await;
        let second = filled(&db, wanted).await;
        assert_eq!(second, Filled { written: false, ..first });
        assert!(everything(&connection).await == before, "the second filling changed something");

        let other = TestDatabase::create(Engine::Sqlite, Seed::Migrated).await.expect("another database");
        filled(&other, wanted).await;
        let other = other.connect().await;
        assert!(everything(&other).await == before, "two fillings differ");

        let third = TestDatabase::create(Engine::Sqlite, Seed::Migrated).await.expect("another database");
        filled(&third, Wanted { seed: 1, ..wanted }).await;
        let names = "SELECT name FROM person ORDER BY id";
        assert_ne!(lines(&third.connect().await, 1, names).await, lines(&connection, 1, names).await);
    }
}

/// What belongs to the tables besides their rows: everything that a load takes off and puts back.
async fn definitions(connection: &DatabaseConnection) -> Vec<String> {
    let sql = match connection.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name"
        }
        _ => {
            "SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index JOIN pg_class c ON c.oid = indrelid \
             WHERE c.relnamespace = 'public'::regnamespace UNION ALL \
             SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint \
             WHERE connamespace = 'public'::regnamespace ORDER BY 1"
        }
    };
    lines(connection, 1, sql).await
}

both_dbs! {
    async fn a_load_that_checks_at_the_end_is_the_same(db: TestDatabase) {
        let connection = db.connect().await;
        let before = definitions(&connection).await;
        filled(&db, Wanted { checks: Checks::AtTheEnd, ..Wanted::SMALL }).await;
        assert_eq!(definitions(&connection).await, before);
        let other = TestDatabase::create(db.engine, Seed::Migrated).await.expect("another database");
        filled(&other, Wanted::SMALL).await;
        assert!(everything(&connection).await == everything(&other.connect().await).await);
        // The next key of each table is known.
        let keys = "SELECT CAST(COUNT(*) AS BIGINT) FROM id_block WHERE name = 'household' AND next_id = 201";
        assert_eq!(db.number(keys).await, 1);
    }
}

both_dbs! {
    async fn numbers_are_valid_and_stand_nowhere_in_full(db: TestDatabase) {
        filled(&db, Wanted::SMALL).await;
        let connection = db.connect().await;
        let text = everything(&connection).await;
        let vault = vault();
        let today = date!(2018 - 12 - 31);
        let open = |kind, table, column, row, cipher: &[u8]| {
            let opened = vault.open(kind, Place::new(table, column, row), cipher).expect("a sealed value");
            assert!(!text.contains(opened.reveal()), "{table}.{column} of {row} stands somewhere in full");
            opened
        };
        let (mut numbers, mut identities) = (BTreeSet::new(), BTreeSet::new());
        for person in entity::household::person::Entity::find().all(&connection).await.expect("the persons") {
            let cipher = person.citizen_number_cipher.expect("everybody has a number");
            let opened = open(Kind::CitizenNumber, "person", "citizen_number_cipher", person.id, &cipher);
            let number = CitizenNumber::parse(opened.reveal(), today).expect("a valid number");
            assert_eq!((number.birth_date(), number.sex()), (person.birth_date, person.sex));
            assert_eq!(person.citizen_number_index, Some(vault.index(&number).0.to_vec()));
            numbers.insert(number.reveal().to_owned());
            identities.insert(person.identity_id.expect("an identity"));
            if let Some(cipher) = person.phone_cipher {
                open(Kind::Phone, "person", "phone_cipher", person.id, &cipher);
            }
        }
        assert_eq!(numbers.len(), identities.len());
        let certificates = entity::civil_affairs::disability_certificate::Entity::find().all(&connection).await;
        for row in certificates.expect("the certificates") {
            let opened = open(Kind::DisabilityCertificate, "disability_certificate", "certificate_cipher", row.id, &row.certificate_cipher);
            let holder = numbers.iter().find(|number| opened.reveal().starts_with(number.as_str())).expect("a holder");
            let certificate = DisabilityCertificate::parse(opened.reveal(), holder).expect("a valid certificate");
            let digit = |entry: &entity::codes::CodeEntry| entry.national_code.map(str::to_owned);
            assert_eq!(digit(row.category.entry()), Some(certificate.category().to_string()));
            assert_eq!(digit(row.grade.entry()), Some(certificate.grade().to_string()));
            assert_eq!(row.certificate_mask, certificate.masked());
        }
        let cards = entity::finance::bank_card::Entity::find().all(&connection).await.expect("the cards");
        for card in cards {
            let opened = open(Kind::BankCard, "bank_card", "card_cipher", card.id, &card.card_cipher);
            BankCardNumber::parse(opened.reveal()).expect("a valid card");
        }
    }
}

/// Rows that would contradict each other: there are none.
const CONTRADICTIONS: &[(&str, &str)] = &[
    (
        "a status other than that of the open period",
        "household h WHERE NOT EXISTS (SELECT 1 FROM household_status_period s \
         WHERE s.household_id = h.id AND s.valid_to IS NULL AND s.status = h.status)",
    ),
    (
        "a gap between periods",
        "household_status_period s WHERE s.valid_to IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM household_status_period n WHERE n.household_id = s.household_id AND n.valid_from = s.valid_to)",
    ),
    (
        "a date that no period begins with",
        "household h WHERE (SELECT COUNT(*) FROM household_status_period s WHERE s.household_id = h.id AND \
         ((s.status = 'REGISTERED' AND s.valid_from = h.registered_on) OR (s.status = 'EXITED' AND s.valid_from = h.exited_on) \
         OR (s.status = 'RETURNED' AND s.valid_from = h.returned_on) OR (s.status = 'CLOSED' AND s.valid_from = h.closed_on))) \
         <> (CASE WHEN h.registered_on IS NULL THEN 0 ELSE 1 END) + (CASE WHEN h.exited_on IS NULL THEN 0 ELSE 1 END) \
         + (CASE WHEN h.returned_on IS NULL THEN 0 ELSE 1 END) + (CASE WHEN h.closed_on IS NULL THEN 0 ELSE 1 END)",
    ),
    (
        "a card without registration",
        "household h WHERE (h.card_number IS NULL) <> (h.registered_on IS NULL)",
    ),
    (
        "a village that does not exist",
        "household h WHERE NOT EXISTS (SELECT 1 FROM region r WHERE r.code = h.region_code AND r.level = 'VILLAGE')",
    ),
    (
        "a place without population",
        "region r WHERE (EXISTS (SELECT 1 FROM household h WHERE h.region_code - h.region_code % 1000 = r.code) \
         OR EXISTS (SELECT 1 FROM household h WHERE h.region_code = r.code)) AND NOT EXISTS \
         (SELECT 1 FROM region_population p WHERE p.region_code = r.code AND p.rural_persons > 0)",
    ),
    (
        "an open family without a head",
        "household h WHERE (h.status <> 'CLOSED') <> EXISTS (SELECT 1 FROM person p \
         WHERE p.household_id = h.id AND p.is_head AND p.valid_to IS NULL)",
    ),
    (
        "a member in a closed family",
        "person p JOIN household h ON h.id = p.household_id WHERE h.status = 'CLOSED' AND p.valid_to IS NULL",
    ),
    (
        "a death that is none",
        "person p WHERE (p.died_on IS NULL) = (COALESCE(p.left_reason, '-') = 'DIED')",
    ),
    (
        "a class without its allowance, or an allowance without its class",
        "household h WHERE h.class IS NOT NULL AND (h.class IN ('DIBAO', 'DIBAO_POOR')) <> \
         EXISTS (SELECT 1 FROM dibao d WHERE d.household_id = h.id)",
    ),
    (
        "a month of the allowance that is not paid as granted",
        "payment p JOIN dibao d ON d.household_id = p.household_id WHERE p.programme = 'dibao' \
         AND p.amount_fen <> d.monthly_fen AND (p.period <> '2018-12' OR p.amount_fen - d.monthly_fen NOT BETWEEN 0 AND 11)",
    ),
    (
        "an allowance of the whole year without twelve payments",
        "dibao d WHERE d.valid_to IS NULL AND 12 <> \
         (SELECT COUNT(*) FROM payment p WHERE p.household_id = d.household_id AND p.programme = 'dibao')",
    ),
    (
        "an empty grant",
        "dibao d WHERE d.monthly_fen = 0 OR d.monthly_fen * 12 >= d.standard_fen * d.persons",
    ),
    (
        "an income per head that is wrong",
        "income_form i WHERE i.per_capita_fen <> (2 * i.net_income_fen + i.members) / (2 * i.members)",
    ),
    (
        "a class without its special support, or special support without its class",
        "household h WHERE (COALESCE(h.class, '-') = 'SPECIAL_SUPPORT') <> \
         EXISTS (SELECT 1 FROM special_support s WHERE s.household_id = h.id)",
    ),
    (
        "a dibao grant or a cash subsidy whose persons are not those covered",
        "(SELECT d.id FROM dibao d WHERE d.persons <> (SELECT COUNT(*) FROM income_benefit_period b \
         WHERE b.dibao_id = d.id AND b.person_id IS NOT NULL) UNION ALL \
         SELECT c.id FROM cash_subsidy c WHERE c.persons <> (SELECT COUNT(*) FROM income_benefit_period b \
         WHERE b.cash_subsidy_id = c.id AND b.person_id IS NOT NULL)) g",
    ),
    (
        "a grant that does not cover its household as such, or special support that does not cover its person",
        "(SELECT d.id FROM dibao d WHERE NOT EXISTS (SELECT 1 FROM income_benefit_period b WHERE b.dibao_id = d.id \
         AND b.person_id IS NULL AND b.valid_from = d.valid_from) UNION ALL \
         SELECT c.id FROM cash_subsidy c WHERE NOT EXISTS (SELECT 1 FROM income_benefit_period b \
         WHERE b.cash_subsidy_id = c.id AND b.person_id IS NULL) UNION ALL \
         SELECT s.id FROM special_support s WHERE NOT EXISTS (SELECT 1 FROM income_benefit_period b \
         WHERE b.special_support_id = s.id AND b.person_id = s.person_id AND b.valid_from = s.valid_from)) g",
    ),
    (
        "a cash subsidy of a household that is not on file or not paid what is granted",
        "cash_subsidy c WHERE c.per_head_fen <> (CASE c.year WHEN 2017 THEN 280000 ELSE 300000 END) OR NOT EXISTS \
         (SELECT 1 FROM household_status_period s WHERE s.household_id = c.household_id AND s.valid_from <= c.valid_from \
         AND s.status IN ('REGISTERED', 'RETURNED')) OR (c.year = 2018 AND NOT EXISTS (SELECT 1 FROM payment p \
         WHERE p.household_id = c.household_id AND p.programme = 'cash-direct' AND p.amount_fen = c.amount_fen))",
    ),
    (
        "somebody disabled without a certificate, or the reverse",
        "person p WHERE (p.health = 'DISABLED') <> EXISTS (SELECT 1 FROM disability_certificate c WHERE c.person_id = p.id)",
    ),
    (
        "somebody severely disabled without nursing allowance, outside of institutions",
        "disability_certificate c JOIN person p ON p.id = c.person_id WHERE c.grade IN ('GRADE_1', 'GRADE_2') \
         AND p.valid_to IS NULL AND p.county_code / 100 = 1509 AND p.valid_from <= '2018-11-30' \
         AND NOT EXISTS (SELECT 1 FROM special_support s WHERE s.person_id = p.id AND s.mode = 'CENTRALISED') \
         AND NOT EXISTS (SELECT 1 FROM disability_allowance a WHERE a.person_id = p.id AND a.kind = 'NURSING' AND a.valid_to IS NULL)",
    ),
    (
        "a living allowance without dibao, or a nursing allowance without severe disability",
        "disability_allowance a WHERE (a.kind = 'LIVING' AND NOT EXISTS (SELECT 1 FROM dibao d \
         WHERE d.household_id = a.household_id AND d.valid_from <= a.valid_from)) OR (a.kind = 'NURSING' AND NOT EXISTS \
         (SELECT 1 FROM disability_certificate c WHERE c.person_id = a.person_id AND c.grade IN ('GRADE_1', 'GRADE_2')))",
    ),
    (
        "a left-behind child who is none: too old, with nobody away, or without guardian",
        "left_behind_child c JOIN person p ON p.id = c.person_id WHERE p.birth_date <= '2002-12-31' OR NOT EXISTS \
         (SELECT 1 FROM person o WHERE o.household_id = c.household_id AND o.work_months >= 6 AND o.work_place <> 'TOWNSHIP') \
         OR (c.guardian_person_id IS NULL AND c.guardian_name IS NULL)",
    ),
    (
        "civil affairs paying more than the income form has as transfer",
        "income_form i WHERE i.year = 2018 AND i.transfer_fen < (SELECT COALESCE(SUM(p.amount_fen), 0) FROM payment p \
         WHERE p.household_id = i.household_id AND p.department = 'CIVIL' AND p.period LIKE '2018%')",
    ),
    (
        "items of a kind of income that do not add up to the form",
        "(SELECT i.id, i.wage_fen, i.business_fen, i.property_fen, i.transfer_fen, \
         SUM(CASE x.kind WHEN 'WAGE' THEN x.amount_fen ELSE 0 END) AS wage, \
         SUM(CASE x.kind WHEN 'BUSINESS' THEN x.amount_fen ELSE 0 END) AS business, \
         SUM(CASE x.kind WHEN 'PROPERTY' THEN x.amount_fen ELSE 0 END) AS property, \
         SUM(CASE x.kind WHEN 'TRANSFER' THEN x.amount_fen ELSE 0 END) AS transfer \
         FROM income_form i JOIN income_item x ON x.income_form_id = i.id \
         GROUP BY i.id, i.wage_fen, i.business_fen, i.property_fen, i.transfer_fen) f \
         WHERE wage <> wage_fen OR business <> business_fen OR property <> property_fen OR transfer <> transfer_fen",
    ),
    (
        "a form of the last year without items",
        "income_form i WHERE i.year = 2018 AND NOT EXISTS (SELECT 1 FROM income_item x WHERE x.income_form_id = i.id)",
    ),
    (
        "a family on file without helper, measure or year of exit",
        "household h WHERE h.status IN ('REGISTERED', 'RETURNED') AND (h.planned_exit_year IS NULL AND h.county_code <> 990101 OR NOT EXISTS \
         (SELECT 1 FROM helper p WHERE p.household_id = h.id AND p.valid_to IS NULL) OR NOT EXISTS \
         (SELECT 1 FROM help_measure m WHERE m.household_id = h.id AND m.state = 'ACTIVE'))",
    ),
    (
        "a visit of a helper who does not help yet or any more",
        "help_visit v JOIN helper p ON p.id = v.helper_id \
         WHERE v.visitor <> p.name OR v.visited_on < p.valid_from OR v.visited_on >= p.valid_to",
    ),
    (
        "an account of a helper without the household's tie",
        "helper p LEFT JOIN household_link l ON l.id = p.household_link_id AND l.kind = 'HELPER' \
         WHERE (p.household_link_id IS NULL) <> (l.id IS NULL)",
    ),
    (
        "a poor village without its team of five",
        "region_tag g WHERE g.tag = 'POOR_VILLAGE' AND 5 > \
         (SELECT COUNT(*) FROM village_post p WHERE p.region_code = g.region_code AND p.valid_to IS NULL)",
    ),
    (
        "somebody at work who cannot, or a married person who is alone",
        "person p WHERE (p.work IS NOT NULL AND p.labour_capacity IN ('LOST', 'NONE')) OR (p.marital_status = 'MARRIED' \
         AND NOT EXISTS (SELECT 1 FROM person o WHERE o.household_id = p.household_id AND o.id <> p.id))",
    ),
    (
        "a stage sum above the eligible cost",
        "medical_claim c WHERE c.eligible_cost_fen < \
         (SELECT COALESCE(SUM(s.paid_fen), 0) FROM claim_stage s WHERE s.claim_id = c.id)",
    ),
    (
        "a settled claim without a stage, or a stage without settlement",
        "medical_claim c WHERE (c.state = 'SETTLED') <> EXISTS (SELECT 1 FROM claim_stage s WHERE s.claim_id = c.id)",
    ),
    (
        "a claim outside of the membership",
        "medical_claim c JOIN person p ON p.id = c.person_id \
         WHERE c.admitted_on < p.valid_from OR (p.valid_to IS NOT NULL AND c.discharged_on >= p.valid_to)",
    ),
    (
        "a pupil outside of the membership",
        "school_enrolment e JOIN person p ON p.id = e.person_id \
         WHERE e.confirmed_on < p.valid_from OR (p.valid_to IS NOT NULL AND e.confirmed_on >= p.valid_to)",
    ),
    (
        "a study allowance whose payment differs",
        "rain_dew_application a WHERE (a.state = 'PAID') <> EXISTS (SELECT 1 FROM payment p WHERE p.programme = 'yulu' \
         AND p.person_id = a.person_id AND p.period = CAST(a.school_year AS TEXT) AND p.amount_fen = a.amount_fen)",
    ),
    (
        "a study allowance without enrolment",
        "rain_dew_application a WHERE NOT EXISTS (SELECT 1 FROM school_enrolment e WHERE e.person_id = a.person_id \
         AND e.school_year = a.school_year AND e.stage = a.stage AND e.school_code = a.school_code)",
    ),
    (
        "an allowance whose payment differs",
        "study_allowance a WHERE (a.state = 'PAID') <> EXISTS (SELECT 1 FROM payment p WHERE p.programme = a.programme \
         AND p.person_id = a.person_id AND p.amount_fen = a.amount_fen AND (a.one_off OR p.period = \
         CASE a.term WHEN 'SPRING' THEN CAST(a.school_year + 1 AS TEXT) || '-05' ELSE CAST(a.school_year AS TEXT) || '-10' END))",
    ),
    (
        "an allowance by other facts than the school's, or paid without its confirmation",
        "study_allowance a WHERE NOT EXISTS (SELECT 1 FROM school_enrolment e WHERE e.person_id = a.person_id \
         AND e.school_year = a.school_year AND e.term = a.term AND e.stage = a.stage AND e.school_code = a.school_code \
         AND e.boarding = a.boarding AND e.county_seat = a.county_seat AND (e.confirmed_on IS NOT NULL OR a.state <> 'PAID'))",
    ),
    (
        "a child that left school and is enrolled",
        "dropout_case d WHERE EXISTS (SELECT 1 FROM school_enrolment e WHERE e.person_id = d.person_id \
         AND e.school_year = d.school_year AND e.term = d.term)",
    ),
    (
        "a child of school age that is not enrolled and has not left",
        "person p WHERE p.valid_to IS NULL AND p.birth_date BETWEEN '2003-09-01' AND '2012-08-31' \
         AND p.valid_from <= '2018-09-20' AND NOT EXISTS (SELECT 1 FROM school_enrolment e WHERE e.person_id = p.id \
         AND e.school_year = 2018 AND e.term = 'AUTUMN') \
         AND NOT EXISTS (SELECT 1 FROM dropout_case d WHERE d.person_id = p.id AND d.returned_on IS NULL)",
    ),
    (
        "a renovation whose payment differs",
        "renovation r WHERE (r.state = 'PAID') <> EXISTS (SELECT 1 FROM payment p WHERE p.programme = 'house-renovation' \
         AND p.household_id = r.household_id AND p.amount_fen = r.subsidy_fen)",
    ),
    (
        "a relocation that is renovated too",
        "relocation m JOIN renovation r ON r.household_id = m.household_id",
    ),
    (
        "a relocation project that is not its households together",
        "relocation_project p WHERE (p.planned_houses, p.finished_houses, p.registered_persons, p.accompanying_persons, p.cost_fen) \
         <> (SELECT COUNT(*), COUNT(m.finished_on), COALESCE(SUM(CASE m.kind WHEN 'REGISTERED' THEN m.persons END), 0), \
         COALESCE(SUM(CASE m.kind WHEN 'ACCOMPANYING' THEN m.persons END), 0), SUM(m.cost_fen) \
         FROM relocation m WHERE m.relocation_project_id = p.id)",
    ),
    (
        "more than one accompanying person for two on file",
        "relocation_project p WHERE 2 * p.accompanying_persons > p.registered_persons",
    ),
    (
        "a relocation of persons who are not members",
        "relocation m WHERE m.decided_on IS NOT NULL AND m.persons <> (SELECT COUNT(*) FROM person p \
         WHERE p.household_id = m.household_id AND p.valid_from <= m.decided_on \
         AND (p.valid_to IS NULL OR p.valid_to > m.decided_on))",
    ),
    (
        "a new house larger than its family may have",
        "relocation m WHERE m.kind = 'REGISTERED' AND m.area_dm2 > \
         CASE m.persons WHEN 1 THEN 2500 WHEN 2 THEN 5000 WHEN 3 THEN 6000 ELSE 8000 END",
    ),
    (
        "a family that moved and lives elsewhere",
        "relocation m WHERE m.moved_in_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM house x WHERE x.household_id = m.household_id \
         AND x.valid_to IS NULL AND x.valid_from = m.moved_in_on AND x.solution = 'RELOCATE' AND x.area_dm2 = m.area_dm2)",
    ),
    (
        "a relocation whose payment differs",
        "relocation m WHERE (m.mode IN ('SELF_CHOSEN', 'SCATTERED') AND m.finished_on IS NOT NULL) <> \
         EXISTS (SELECT 1 FROM payment p WHERE p.programme = 'relocation-housing' AND p.household_id = m.household_id \
         AND p.amount_fen = m.subsidy_fen)",
    ),
    (
        "a homestead given back while the house stands",
        "homestead s JOIN relocation m ON m.household_id = s.household_id \
         WHERE COALESCE(s.valid_to, '9999-12-31') <> COALESCE(m.old_house_removed_on, '9999-12-31')",
    ),
    (
        "a family without a house",
        "household h WHERE 1 <> (SELECT COUNT(*) FROM house x WHERE x.household_id = h.id AND x.valid_to IS NULL)",
    ),
    (
        "a payment without a card, or after the card's end",
        "payment p LEFT JOIN bank_card c ON c.id = p.bank_card_id \
         WHERE c.id IS NULL OR NOT c.receiving OR c.valid_to <= p.paid_on OR c.valid_from > p.paid_on",
    ),
    (
        "a batch that is not its payments together",
        "payment_batch b WHERE (b.payments, b.total_fen) <> \
         (SELECT COUNT(*), COALESCE(SUM(p.amount_fen), 0) FROM payment p WHERE p.batch_id = b.id)",
    ),
    (
        "a payment in the batch of another benefit or place, or in none",
        "payment p LEFT JOIN payment_batch b ON b.id = p.batch_id AND b.programme = p.programme AND b.period = p.period \
         AND b.department = p.department AND b.region_code = p.region_code - p.region_code % 1000 WHERE b.id IS NULL",
    ),
    (
        "a payment made before its batch was sent",
        "payment p JOIN payment_batch b ON b.id = p.batch_id \
         WHERE p.paid_on < b.sent_on OR (b.sent_on IS NULL AND p.state <> 'PENDING')",
    ),
    (
        "a batch whose state its payments do not show",
        "payment_batch b WHERE (b.state = 'DONE' AND EXISTS (SELECT 1 FROM payment p WHERE p.batch_id = b.id AND p.state <> 'PAID')) \
         OR (b.state = 'PARTLY_FAILED') <> EXISTS (SELECT 1 FROM payment p WHERE p.batch_id = b.id AND p.state IN ('FAILED', 'BOUNCED'))",
    ),
    (
        "a balance that the repayments do not leave",
        "loan l WHERE l.principal_fen - l.balance_fen <> (SELECT COALESCE(SUM(r.principal_fen), 0) \
         + CASE l.state WHEN 'RENEWED' THEN l.principal_fen ELSE 0 END FROM loan_repayment r WHERE r.loan_id = l.id)",
    ),
    (
        "a loan that goes on without a decision, or a decision without it",
        "loan l WHERE (l.state IN ('EXTENDED', 'RENEWED')) <> EXISTS (SELECT 1 FROM loan_extension e WHERE e.loan_id = l.id \
         AND e.kind = CASE l.state WHEN 'EXTENDED' THEN 'EXTENSION' ELSE 'RENEWAL' END \
         AND (l.state <> 'EXTENDED' OR e.due_after = l.due_on))",
    ),
    (
        "a loan past its end that nobody calls overdue",
        "loan l WHERE l.state IN ('GRANTED', 'EXTENDED') AND l.due_on < '2018-12-31'",
    ),
    (
        "an interest subsidy that is not paid as decided",
        "interest_subsidy s JOIN loan l ON l.id = s.loan_id WHERE NOT EXISTS (SELECT 1 FROM payment p \
         WHERE p.programme = 'micro-loan-interest' AND p.person_id = l.person_id AND p.amount_fen = s.amount_fen \
         AND p.due_on = s.decided_on)",
    ),
    (
        "an interest subsidy to a family that was not on file",
        "interest_subsidy s JOIN loan l ON l.id = s.loan_id WHERE NOT EXISTS (SELECT 1 FROM household_status_period q \
         WHERE q.household_id = s.household_id AND q.status IN ('REGISTERED', 'RETURNED') \
         AND q.valid_from <= l.granted_on AND (q.valid_to IS NULL OR q.valid_to > l.granted_on))",
    ),
    (
        "an interest subsidy that is not the interest of its time",
        "interest_subsidy s WHERE s.amount_fen <> (2 * s.principal_fen * s.rate_bp * (30 * s.months + s.days) + 3600000) / 7200000",
    ),
    (
        "funds that their movements do not come to",
        "fund_account a WHERE (a.received_fen, a.spent_fen) <> \
         (SELECT SUM(CASE m.kind WHEN 'RECEIPT' THEN m.amount_fen ELSE 0 END), \
         SUM(CASE m.kind WHEN 'RECEIPT' THEN 0 ELSE m.amount_fen END) FROM fund_movement m WHERE m.fund_account_id = a.id)",
    ),
    (
        "special funds of a project that was not funded",
        "fund_movement m JOIN project p ON p.id = m.project_id WHERE p.funded_on IS NULL OR m.moved_on < p.funded_on \
         OR m.amount_fen <> p.central_fen",
    ),
    (
        "a township's project that is not for its households",
        "project p WHERE p.region_code % 1000000 <> 0 AND (p.beneficiary_households, p.beneficiary_persons) <> \
         (SELECT COUNT(*), COALESCE(SUM(b.persons), 0) FROM project_beneficiary b WHERE b.project_id = p.id)",
    ),
    (
        "insurance for the poor that somebody pays who is not in it",
        "supplementary_enrolment s WHERE NOT EXISTS (SELECT 1 FROM medical_enrolment e \
         WHERE e.person_id = s.person_id AND e.year = s.year)",
    ),
    (
        "a premium other than the county's",
        "medical_enrolment e JOIN premium_standard s ON s.region_code = e.county_code * 1000000 AND s.year = e.year \
         AND s.insurance = 'BASIC' WHERE e.premium_fen <> s.premium_fen",
    ),
    (
        "a chronic visit paid without a valid handbook",
        "medical_claim c WHERE c.kind = 'CHRONIC_OUTPATIENT' AND c.state <> 'VOIDED' AND NOT EXISTS \
         (SELECT 1 FROM chronic_handbook b WHERE b.person_id = c.person_id AND b.state <> 'APPLIED' \
         AND b.disease_index = c.diagnosis_index AND b.valid_from <= c.discharged_on AND b.valid_to > c.discharged_on)",
    ),
    (
        "a settlement without its day, or without what was deducted of a stay",
        "medical_claim c WHERE (c.state = 'SETTLED') <> (c.settled_on IS NOT NULL) \
         OR (c.deductible_fen IS NOT NULL) <> (c.state = 'SETTLED' AND c.kind = 'INPATIENT')",
    ),
    (
        "a person on file without a family doctor",
        "person p JOIN household h ON h.id = p.household_id WHERE h.status IN ('REGISTERED', 'RETURNED') AND p.valid_to IS NULL \
         AND NOT EXISTS (SELECT 1 FROM doctor_contract c WHERE c.person_id = p.id AND c.valid_to IS NULL)",
    ),
    (
        "a visit or a delivery outside its contract",
        "(SELECT contract_id, person_id, visited_on AS day FROM doctor_visit UNION ALL \
         SELECT contract_id, person_id, delivered_on FROM medicine_delivery) v JOIN doctor_contract c ON c.id = v.contract_id \
         WHERE c.person_id <> v.person_id OR NOT c.focus OR v.day < c.valid_from OR v.day >= c.valid_to",
    ),
    (
        "a health that no flag says",
        "person p JOIN household h ON h.id = p.household_id WHERE h.status = 'REGISTERED' AND p.valid_to IS NULL \
         AND p.health IN ('CHRONIC', 'MAJOR_ILLNESS') AND NOT EXISTS (SELECT 1 FROM disease_flag d \
         WHERE d.person_id = p.id AND d.valid_to IS NULL AND (d.class = 'CHRONIC') = (p.health = 'CHRONIC'))",
    ),
    (
        "a free check-up of somebody to whom the policies are not given",
        "check_up k WHERE k.free AND NOT EXISTS (SELECT 1 FROM household_status_period s WHERE s.household_id = k.household_id \
         AND s.status IN ('REGISTERED', 'RETURNED', 'EXITED') AND s.valid_from <= k.checked_on AND (s.valid_to IS NULL OR s.valid_to > k.checked_on))",
    ),
    (
        "an institution that does not exist",
        "(SELECT institution_code AS code FROM medical_claim UNION SELECT school_code FROM school_enrolment \
         UNION SELECT school_code FROM study_allowance \
         UNION SELECT bank_code FROM bank_card UNION SELECT bank_code FROM loan \
         UNION SELECT insurer_code FROM claim_stage WHERE insurer_code IS NOT NULL) used \
         WHERE NOT EXISTS (SELECT 1 FROM institution i WHERE i.code = used.code)",
    ),
    (
        "a day after the last one",
        "(SELECT MAX(paid_on) AS latest FROM payment UNION SELECT MAX(discharged_on) FROM medical_claim \
         UNION SELECT MAX(valid_from) FROM person UNION SELECT MAX(valid_from) FROM household_status_period \
         UNION SELECT MAX(valid_from) FROM house UNION SELECT MAX(approved_on) FROM renovation \
         UNION SELECT MAX(settled_on) FROM relocation UNION SELECT MAX(old_house_removed_on) FROM relocation \
         UNION SELECT MAX(sent_on) FROM payment_batch UNION SELECT MAX(paid_on) FROM loan_repayment \
         UNION SELECT MAX(decided_on) FROM interest_subsidy UNION SELECT MAX(decided_on) FROM loan_extension \
         UNION SELECT MAX(moved_on) FROM fund_movement UNION SELECT MAX(accepted_on) FROM project \
         UNION SELECT MAX(library_on) FROM project UNION SELECT MAX(valid_to) FROM bank_card \
         UNION SELECT MAX(reclaimed_on) FROM homestead UNION SELECT MAX(valid_from) FROM housing_arrangement \
         UNION SELECT MAX(surveyed_on) FROM income_form UNION SELECT MAX(visited_on) FROM help_visit \
         UNION SELECT MAX(starts_on) FROM help_measure UNION SELECT MAX(answered_on) FROM need \
         UNION SELECT MAX(valid_from) FROM special_support UNION SELECT MAX(decided_on) FROM temporary_assistance \
         UNION SELECT MAX(decided_on) FROM medical_assistance UNION SELECT MAX(valid_from) FROM disability_allowance \
         UNION SELECT MAX(valid_from) FROM left_behind_child UNION SELECT MAX(valid_from) FROM disability_certificate \
         UNION SELECT MAX(checked_on) FROM check_up UNION SELECT MAX(valid_from) FROM doctor_contract \
         UNION SELECT MAX(visited_on) FROM doctor_visit UNION SELECT MAX(delivered_on) FROM medicine_delivery \
         UNION SELECT MAX(valid_from) FROM disease_flag UNION SELECT MAX(valid_from) FROM health_card \
         UNION SELECT MAX(issued_on) FROM chronic_handbook UNION SELECT MAX(applied_on) FROM chronic_handbook \
         UNION SELECT MAX(paid_on) FROM accident_case) days WHERE latest > '2018-12-31'",
    ),
];

both_dbs! {
    async fn the_departments_agree(db: TestDatabase) {
        filled(&db, Wanted { plants: false, ..Wanted::default() }).await;
        for (what, from) in CONTRADICTIONS {
            let count = db.number(&format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {from}")).await;
            assert_eq!(count, 0, "{what}");
        }
    }
}

both_dbs! {
    async fn two_that_start_together_fill_once(db: TestDatabase) {
        let database = Database::connect(&db.url, &Settings::default()).await.expect("the database opens");
        load_regions(&database).await.expect("the regions are loaded");
        // Two processes; each has keys of its own.
        let other = Database::connect(&db.url, &Settings::default()).await.expect("the database opens");
        let (one, two) = tokio::join!(fill_in(&database, Wanted::SMALL), fill_in(&other, Wanted::SMALL));
        let (one, two) = (one.expect("filled"), two.expect("filled"));
        assert!(one.written != two.written, "{one:?} {two:?}");
        assert_eq!((one.households, two.households), (200, 200));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn other_families_are_not_shown(db: TestDatabase) {
        let connection = db.connect().await;
        connection.execute_unprepared("DELETE FROM demonstration").await.expect("not a demonstration");
        let database = Database::connect(&db.url, &Settings::default()).await.expect("the database opens");
        let refused = fill_in(&database, Wanted::SMALL).await;
        assert!(matches!(refused, Err(DemoError::OtherFamilies)), "{refused:?}");
    }
}

const VILLAGE: &str = "990101100200";

both_dbs! {
    /// Domain reference, sections 9, 12 and 15: `st-village-01`, `st-bal-02`.
    async fn the_village_has_its_published_figures(db: TestDatabase) {
        filled(&db, Wanted { village: true, ..Wanted::SMALL }).await;
        let app = App::start(&db).await;
        let office = app.clerk(Department::Poverty, "990101");
        let totals = "query($code: RegionCode!, $day: Date!) { region(code: $code) { name totals(asOf: $day) { households persons \
                      incidencePercent changes { registered returned exited struckOff } byClass { class households persons } \
                      byMainCause { cause households persons } byOtherCause { households } } } }";
        let at_the_end_of = async |year: i32| {
            let variables = json!({ "code": VILLAGE, "day": format!("{year}-12-31") });
            office.query(totals, variables).await.data()["region"].clone()
        };
        assert_eq!(at_the_end_of(2017).await, json!({ "name": "东湖渔业村", "totals": {
            "households": 31, "persons": 119, "incidencePercent": "8.0",
            "changes": { "registered": 0, "returned": 0, "exited": 0, "struckOff": 0 },
            "byClass": [{ "class": "GENERAL", "households": 30, "persons": 112 }, { "class": "DIBAO", "households": 1, "persons": 7 }],
            "byMainCause": [
                { "cause": "ILLNESS", "households": 3, "persons": 10 }, { "cause": "DISABILITY", "households": 1, "persons": 7 },
                { "cause": "LACK_OF_LABOUR", "households": 5, "persons": 17 }, { "cause": "OTHER", "households": 22, "persons": 85 },
            ],
            "byOtherCause": [],
        } }));
        let closing = at_the_end_of(2018).await["totals"].clone();
        assert_eq!((&closing["households"], &closing["persons"], &closing["changes"]["exited"]), (&json!(21), &json!(85), &json!(10)));

        let households = "query($day: Date!, $after: String) { households(filter: { region: \"990101100200\" }, first: 100, after: $after) \
                          { nodes { status plannedExitYear size members(asOf: $day) { id } } pageInfo { hasNextPage endCursor } } }";
        let (mut nodes, mut after) = (Vec::new(), json!(null));
        loop {
            let data = office.query(households, json!({ "day": "2017-12-31", "after": after })).await.data();
            nodes.extend(data["households"]["nodes"].as_array().expect("nodes").iter().cloned());
            after = data["households"]["pageInfo"]["endCursor"].clone();
            if data["households"]["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        let of = |status: &str| -> Vec<&Value> { nodes.iter().filter(|node| node["status"] == status).collect() };
        let members = |nodes: &[&Value]| -> usize { nodes.iter().map(|node| node["members"].as_array().expect("members").len()).sum() };
        assert_eq!((nodes.len(), of("CANDIDATE").len()), (552, 521));
        assert_eq!(members(&nodes.iter().collect::<Vec<_>>()), 1_480);
        assert_eq!(nodes.iter().map(|node| node["size"].as_i64().expect("a size")).sum::<i64>(), 1_480);
        // 27 of the 31 are planned to exit in three years, with 102 persons; four are left.
        let planned = |year: Value| -> Vec<&Value> {
            nodes.iter().filter(|node| node["status"] != "CANDIDATE" && node["plannedExitYear"] == year).collect()
        };
        let plan = [json!(2018), json!(2019), json!(2020), json!(null)].map(planned);
        assert_eq!(plan.each_ref().map(Vec::len), [10, 10, 7, 4]);
        assert_eq!(plan.each_ref().map(|nodes| members(nodes)), [35, 40, 27, 17]);
        // Of 119 persons 35 exited and one is born.
        assert_eq!((members(&of("EXITED")), members(&of("REGISTERED"))), (35, 84));
        assert_eq!(of("REGISTERED").iter().map(|node| node["size"].as_i64().expect("a size")).sum::<i64>(), 85);
        for (condition, households) in [("= 2018", 10), ("= 2019", 10), ("= 2020", 7), ("IS NULL", 4)] {
            let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM household WHERE region_code = {VILLAGE} \
                               AND card_number IS NOT NULL AND planned_exit_year {condition}");
            assert_eq!(db.number(&sql).await, households, "{condition}");
        }
        // Nobody else sees it in a total.
        let prefecture = "SELECT CAST(COUNT(*) AS BIGINT) FROM household WHERE region_code / 100000000 = 1509";
        assert_eq!(db.number(prefecture).await, 200);
    }
}
