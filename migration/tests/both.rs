//! The schema on both databases: it comes up, goes down and comes up again, and refuses what the rules refuse.
//!
//! PostgreSQL is the server that the harness of the main crate finds or starts, under a role that is no superuser.

#[path = "../../tests/it/harness/postgres.rs"]
mod postgres_server;

use entity::household::codes::{
    CitizenNumberState, HouseholdStatus, LeftReason, RelationToHead, Sex,
};
use entity::household::{household, person};
use migration::Migrator;
use sea_orm_migration::MigratorTrait;
use sea_orm_migration::sea_orm::sqlx;
use sea_orm_migration::sea_orm::{
    ActiveModelTrait, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, EntityTrait,
    QueryResult, RuntimeErr, Set, Statement,
};

use std::{collections::BTreeSet, fs, path::Path};

const VILLAGE: i64 = 150921100201;
const OTHER_VILLAGE: i64 = 150922100201;

type TestResult = Result<(), Box<dyn std::error::Error>>;

#[tokio::test]
async fn sqlite() -> TestResult {
    let folder = tempfile::tempdir()?;
    let url = format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("yihu.sqlite").display()
    );
    body(&Database::connect(url).await?).await
}

#[tokio::test]
async fn postgres() -> TestResult {
    let Some(server) = postgres_server::Server::of_this_run().await else {
        return Ok(());
    };
    let name = format!("yihu_migration_{}", uuid::Uuid::new_v4().simple());
    let admin = server.connect().await;
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await?;
    let db = postgres_server::connect(&server.url(&name)).await?;
    let result = body(&db).await;
    db.close().await?;
    admin
        .execute_unprepared(&format!("DROP DATABASE {name}"))
        .await?;
    result
}

async fn body(db: &DatabaseConnection) -> TestResult {
    Migrator::up(db, None).await?;
    Migrator::down(db, None).await?;
    assert_eq!(tables(db).await?, ["seaql_migrations"]);
    Migrator::up(db, None).await?;
    every_table_is_its_entity(db).await?;

    families(db).await?;
    generated_columns_follow(db).await?;
    words_and_shapes(db).await?;
    memberships(db).await?;
    intervals(db).await?;
    money(db).await?;
    one_housing_benefit(db).await?;
    help(db).await?;
    village_posts(db).await?;
    publicity(db).await?;
    findings(db).await?;
    loans_and_funds(db).await?;
    institutions(db).await?;
    study(db).await?;
    income_benefits(db).await?;
    care(db).await?;
    health_care(db).await?;
    moving_village(db).await?;
    order_by_bytes(db).await
}

async fn tables(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        _ => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    };
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    rows.iter().map(|row| row.try_get("", "name")).collect()
}

/// The entities, as their sources declare them: each table with its columns, their types and whether they may be null.
fn entities() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../entity/src");
    for folder in fs::read_dir(sources).into_iter().flatten().flatten() {
        for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let text = fs::read_to_string(file.path()).unwrap_or_default();
            let Some((_, text)) = text.split_once("table_name = \"") else {
                continue;
            };
            let table = text.split('"').next().unwrap_or_default();
            let fields = text.lines().map_while(|line| (line != "}").then_some(line));
            for field in fields.filter_map(|line| line.trim().strip_prefix("pub ")) {
                let Some((name, kind)) = field.trim_end_matches(',').split_once(": ") else {
                    continue;
                };
                let inner = kind
                    .strip_prefix("Option<")
                    .map(|kind| &kind[..kind.len() - 1]);
                let kind = match inner.unwrap_or(kind) {
                    "i64" | "i32" => "number",
                    "bool" => "boolean",
                    "Date" => "date",
                    "Vec<u8>" => "bytes",
                    // Words of code lists are text.
                    _ => "text",
                };
                let null = if inner.is_some() { " or null" } else { "" };
                found.insert(format!("{table}.{name}: {kind}{null}"));
            }
        }
    }
    found
}

/// The columns that the migrations made, in the same words.
async fn columns(db: &DatabaseConnection) -> Result<BTreeSet<String>, DbErr> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT m.name AS t, c.name AS c, lower(c.type) AS kind, c.\"notnull\" = 0 AND c.pk = 0 AS maybe \
             FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'seaql_migrations'"
        }
        _ => {
            "SELECT table_name::text AS t, column_name::text AS c, data_type::text AS kind, is_nullable = 'YES' AS maybe \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'seaql_migrations'"
        }
    };
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    let line = |row: &QueryResult| -> Result<String, DbErr> {
        let (table, column): (String, String) = (row.try_get("", "t")?, row.try_get("", "c")?);
        let kind: String = row.try_get("", "kind")?;
        let kind = match kind.as_str() {
            "bigint" | "integer" => "number",
            "blob" | "bytea" => "bytes",
            kind => kind,
        };
        let null = if row.try_get("", "maybe")? {
            " or null"
        } else {
            ""
        };
        Ok(format!("{table}.{column}: {kind}{null}"))
    };
    rows.iter().map(line).collect()
}

/// A table without an entity, or a column that the entity declares otherwise, would be found by the first who reads it.
async fn every_table_is_its_entity(db: &DatabaseConnection) -> TestResult {
    let (entities, columns) = (entities(), columns(db).await?);
    let differences: Vec<_> = entities.symmetric_difference(&columns).collect();
    assert!(differences.is_empty(), "{differences:#?}");
    assert!(columns.len() > 200, "{}", columns.len());
    Ok(())
}

/// Two households in two counties, and a member of each who is the same human being at different times.
async fn families(db: &DatabaseConnection) -> TestResult {
    for (id, region_code, card) in [
        (1, VILLAGE, Some("1509211002010001")),
        (2, OTHER_VILLAGE, None),
    ] {
        let status = match card {
            Some(_) => HouseholdStatus::Registered,
            None => HouseholdStatus::Candidate,
        };
        let inserted = household::ActiveModel {
            id: Set(id),
            region_code: Set(region_code),
            card_number: Set(card.map(str::to_owned)),
            status: Set(status),
            version: Set(1),
            recorded_at_ms: Set(0),
            ..Default::default()
        }
        .insert(db)
        .await?;
        assert_eq!(inserted.county_code, region_code / 1_000_000);
        assert_eq!(inserted.card_order, card.unwrap_or("~"));
    }
    for id in [1, 2] {
        db.execute_unprepared(&format!(
            "INSERT INTO identity (id, citizen_number_index) VALUES ({id}, {})",
            blind(db, id)
        ))
        .await?;
    }
    let day = |day| time_of(2018, day);
    let member = person::ActiveModel {
        id: Set(11),
        household_id: Set(1),
        region_code: Set(VILLAGE),
        identity_id: Set(Some(1)),
        name: Set("张三".to_owned()),
        name_mask: Set("张*".to_owned()),
        sex: Set(Sex::Male),
        birth_date: Set(day(1)),
        citizen_number_cipher: Set(Some(vec![1])),
        citizen_number_index: Set(Some(vec![1; 32])),
        citizen_number_mask: Set(Some("1*****************".to_owned())),
        citizen_number_state: Set(CitizenNumberState::Valid),
        relation: Set(RelationToHead::Head),
        is_head: Set(true),
        valid_from: Set(day(1)),
        valid_to: Set(Some(day(100))),
        left_reason: Set(Some(LeftReason::Transferred)),
        version: Set(1),
        recorded_at_ms: Set(0),
        ..Default::default()
    };
    member.insert(db).await?;
    let found = person::Entity::find_by_id(11)
        .one(db)
        .await?
        .ok_or("no person")?;
    assert_eq!(found.sex, Sex::Male);
    assert_eq!(found.valid_to, Some(day(100)));
    assert_eq!(found.citizen_number_index, Some(vec![1; 32]));
    assert_eq!(found.left_reason, Some(LeftReason::Transferred));
    names_are_filled(db).await
}

/// Who was there before gets what follows from the name.
async fn names_are_filled(db: &DatabaseConnection) -> TestResult {
    let migrations = Migrator::migrations();
    let since = migrations
        .iter()
        .rev()
        .position(|migration| migration.name().contains("_000057_"))
        .ok_or("no such migration")?;
    Migrator::down(db, Some(u32::try_from(since + 1)?)).await?;
    Migrator::up(db, None).await?;
    let filled = person::Entity::find_by_id(11)
        .one(db)
        .await?
        .ok_or("no person")?;
    let name = matching::Name::read("張叁");
    assert_eq!(filled.name_standard, "张三");
    assert_eq!(filled.name_sound, name.sound());
    let ends = name
        .ends()
        .map(|(first, last)| (i64::from(first), i64::from(last)));
    assert_eq!(Some((filled.name_first, filled.name_last)), ends);
    Ok(())
}

fn time_of(year: i32, day: u16) -> time::Date {
    time::Date::from_ordinal_date(year, day).expect("a day of the year")
}

async fn generated_columns_follow(db: &DatabaseConnection) -> TestResult {
    let written = "UPDATE household SET county_code = 1 WHERE id = 1";
    assert!(
        db.execute_unprepared(written).await.is_err(),
        "the county is generated"
    );
    Ok(())
}

async fn words_and_shapes(db: &DatabaseConnection) -> TestResult {
    let household = |id: i64, columns: &str, values: &str| {
        format!(
            "INSERT INTO household (id, region_code, recorded_at_ms, {columns}) \
             VALUES ({id}, {VILLAGE}, 0, {values})"
        )
    };
    let check = |name: &'static str| Refusal::Check(name);
    refused(
        db,
        &household(3, "status, card_number", "'POOR', 'C'"),
        check("household_status_word"),
    )
    .await;
    refused(
        db,
        &household(3, "status", "'REGISTERED'"),
        check("household_card_present"),
    )
    .await;
    accepted(db, &household(3, "status", "'CLOSED'")).await?;
    refused(
        db,
        &household(
            4,
            "status, main_cause, second_cause",
            "'CANDIDATE', 'ILLNESS', 'ILLNESS'",
        ),
        check("household_causes_differ"),
    )
    .await;
    refused(
        db,
        &household(
            4,
            "status, main_cause, third_cause",
            "'CANDIDATE', 'ILLNESS', 'ILLNESS'",
        ),
        check("household_causes_differ"),
    )
    .await;
    refused(
        db,
        &household(4, "status, phone_mask", "'CANDIDATE', '138****0000'"),
        check("household_phone_whole"),
    )
    .await;
    refused(
        db,
        &household(4, "status, card_number", "'REGISTERED', '1509211002010001'"),
        Refusal::Unique {
            postgres: "household_card",
            sqlite: "household.card_number",
        },
    )
    .await;
    let form = |net: i64| {
        format!(
            "INSERT INTO income_form (id, household_id, region_code, year, wage_fen, business_fen, \
             property_fen, transfer_fen, business_costs_fen, members, net_income_fen, per_capita_fen, \
             recorded_at_ms) VALUES (1, 1, {VILLAGE}, 2018, 1200000, 650000, 30000, 240050, 210000, 4, \
             {net}, 477513, 0)"
        )
    };
    refused(db, &form(1_910_051), check("income_form_net_adds_up")).await;
    accepted(db, &form(1_910_050)).await
}

/// A membership of a human being, from a day to a day.
fn membership(
    db: &DatabaseConnection,
    (id, household_id, region_code): (i64, i64, i64),
    identity_id: i64,
    is_head: bool,
    (from, to): (&str, &str),
) -> String {
    let index = blind(db, identity_id);
    format!(
        "INSERT INTO person (id, household_id, region_code, identity_id, name, name_mask, sex, birth_date, \
         citizen_number_cipher, citizen_number_index, citizen_number_mask, citizen_number_state, relation, \
         is_head, valid_from, valid_to, recorded_at_ms) VALUES ({id}, {household_id}, {region_code}, \
         {identity_id}, '李四', '李*', 'FEMALE', '1970-01-01', {index}, {index}, '1', 'VALID', 'HEAD', \
         {is_head}, '{from}', {to}, 0)"
    )
}

async fn memberships(db: &DatabaseConnection) -> TestResult {
    let two = |id| (id, 2, OTHER_VILLAGE);
    let one = |id| (id, 1, VILLAGE);
    let overlap = Refusal::Overlap("person_one_membership");
    // Identity 1 is a member of household 1 until 10 April 2018 (day 100), which is not a day of it.
    let early = membership(db, two(21), 1, true, ("2018-04-09", "NULL"));
    refused(db, &early, overlap).await;
    accepted(
        db,
        &membership(db, two(21), 1, true, ("2018-04-10", "NULL")),
    )
    .await?;
    refused(
        db,
        &membership(db, one(22), 1, true, ("2020-01-01", "NULL")),
        overlap,
    )
    .await;
    refused(
        db,
        "UPDATE person SET valid_to = NULL, left_reason = NULL WHERE id = 11",
        overlap,
    )
    .await;
    refused(
        db,
        "UPDATE person SET valid_from = '2018-04-09' WHERE id = 21",
        overlap,
    )
    .await;
    // A membership without a day takes nothing from another, nor does a change that keeps to its own days.
    accepted(
        db,
        &membership(db, one(23), 1, true, ("2019-01-01", "'2019-01-01'")),
    )
    .await?;
    accepted(
        db,
        "UPDATE person SET valid_from = '2018-04-11' WHERE id = 21",
    )
    .await?;

    let head = Refusal::Unique {
        postgres: "person_one_head",
        sqlite: "person.household_id",
    };
    refused(
        db,
        &membership(db, two(24), 2, true, ("2018-01-01", "NULL")),
        head,
    )
    .await;
    accepted(
        db,
        &membership(db, two(24), 2, false, ("2018-01-01", "NULL")),
    )
    .await?;

    let backwards = membership(db, one(25), 2, false, ("2017-01-02", "'2017-01-01'"));
    refused(db, &backwards, Refusal::Check("person_life")).await;
    let elsewhere = membership(
        db,
        (25, 1, OTHER_VILLAGE),
        2,
        false,
        ("2016-01-01", "'2017-01-01'"),
    );
    refused(db, &elsewhere, Refusal::ForeignKey("person_household")).await;
    refused(
        db,
        "UPDATE person SET citizen_number_state = 'MISSING' WHERE id = 24",
        Refusal::Check("person_number_missing"),
    )
    .await;
    Ok(())
}

async fn intervals(db: &DatabaseConnection) -> TestResult {
    let dibao = |id: i64, region: i64, from: &str, to: &str| {
        format!(
            "INSERT INTO dibao (id, household_id, region_code, dibao_number, class, persons, standard_fen, \
             monthly_fen, state, approved_on, valid_from, valid_to, recorded_at_ms) VALUES ({id}, 1, \
             {region}, 'D{id}', 'GAP_FILLING', 2, 390600, 8333, 'PAID', '2018-01-01', '{from}', {to}, 0)"
        )
    };
    accepted(db, &dibao(1, VILLAGE, "2018-01-01", "'2019-01-01'")).await?;
    let overlap = Refusal::Overlap("dibao_one_grant");
    refused(db, &dibao(2, VILLAGE, "2018-12-31", "NULL"), overlap).await;
    refused(
        db,
        &dibao(2, VILLAGE, "2017-01-01", "'2018-01-02'"),
        overlap,
    )
    .await;
    let elsewhere = dibao(2, OTHER_VILLAGE, "2019-01-01", "NULL");
    refused(db, &elsewhere, Refusal::ForeignKey("dibao_household")).await;
    accepted(db, &dibao(2, VILLAGE, "2019-01-01", "NULL")).await?;
    accepted(db, &dibao(3, VILLAGE, "2017-01-01", "'2018-01-01'")).await?;
    let house = |id: i64, from: &str| {
        format!(
            "INSERT INTO house (id, household_id, region_code, grade, surveyed_on, area_dm2, solution, \
             valid_from, recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, 'D', '2018-01-01', 6000, 'REBUILD', \
             '{from}', 0)"
        )
    };
    accepted(db, &house(1, "2018-01-01")).await?;
    refused(
        db,
        &house(2, "2018-06-01"),
        Refusal::Overlap("house_one_of_record"),
    )
    .await;
    let link = |id: i64, user: &str| {
        format!(
            "INSERT INTO household_link (id, household_id, region_code, user_id, kind, valid_from) \
             VALUES ({id}, 1, {VILLAGE}, '{user}', 'HELPER', '2018-01-01')"
        )
    };
    accepted(db, &link(1, "i|a")).await?;
    accepted(db, &link(2, "i|b")).await?;
    refused(
        db,
        &link(3, "i|a"),
        Refusal::Overlap("household_link_one_at_a_time"),
    )
    .await;
    Ok(())
}

async fn money(db: &DatabaseConnection) -> TestResult {
    let payment = |id: i64,
                   (household, region): (i64, i64),
                   person: &str,
                   identity: &str,
                   kind: &str| {
        format!(
            "INSERT INTO payment (id, household_id, region_code, person_id, identity_id, department, \
             programme, period, kind, amount_fen, state, recorded_at_ms) VALUES ({id}, {household}, \
             {region}, {person}, {identity}, 'CIVIL', 'dibao', '2018-03', '{kind}', 8333, 'PAID', 0)"
        )
    };
    let (one, two) = ((1, VILLAGE), (2, OTHER_VILLAGE));
    let twice = |postgres, sqlite| Refusal::Unique { postgres, sqlite };
    accepted(db, &payment(1, one, "NULL", "NULL", "REGULAR")).await?;
    let household = twice("payment_once_household", "payment.household_id");
    refused(db, &payment(2, one, "NULL", "NULL", "REGULAR"), household).await;
    accepted(db, &payment(2, one, "NULL", "NULL", "SUPPLEMENT")).await?;
    accepted(db, &payment(3, two, "NULL", "NULL", "REGULAR")).await?;

    // The same human being, paid in the old household and then in the new one.
    accepted(db, &payment(4, one, "11", "1", "REGULAR")).await?;
    let identity = twice("payment_once_identity", "payment.identity_id");
    refused(db, &payment(5, two, "21", "1", "REGULAR"), identity).await;
    let person = twice("payment_once_person", "payment.person_id");
    refused(db, &payment(5, one, "11", "NULL", "REGULAR"), person).await;
    let stranger = Refusal::ForeignKey("payment_person");
    refused(db, &payment(5, one, "21", "NULL", "ONE_OFF"), stranger).await;
    let nobody = Refusal::Check("payment_identity_of_person");
    refused(db, &payment(5, one, "NULL", "1", "ONE_OFF"), nobody).await;

    let card = |id: i64, index: i64, receiving: bool| {
        let index = blind(db, index);
        format!(
            "INSERT INTO bank_card (id, household_id, region_code, person_id, bank_code, card_cipher, \
             card_index, card_mask, receiving, valid_from, recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, 11, \
             'B', {index}, {index}, '1', {receiving}, '2018-01-01', 0)"
        )
    };
    accepted(db, &card(1, 1, true)).await?;
    refused(
        db,
        &card(2, 1, false),
        twice("bank_card_open_once", "bank_card.card_index"),
    )
    .await;
    refused(
        db,
        &card(2, 2, true),
        twice("bank_card_one_receiving", "bank_card.household_id"),
    )
    .await;
    accepted(
        db,
        "UPDATE bank_card SET valid_to = '2018-05-01' WHERE id = 1",
    )
    .await?;
    accepted(db, &card(2, 1, true)).await
}

/// What follows from a loan is its household's and its bank's; no more is spent than was received; only what was
/// published for ten days gets into the library.
async fn loans_and_funds(db: &DatabaseConnection) -> TestResult {
    let loan = format!(
        "INSERT INTO loan (id, household_id, region_code, person_id, bank_code, kind, state, principal_fen, \
         balance_fen, rate_bp, granted_on, due_on, recorded_at_ms) VALUES (1, 1, {VILLAGE}, 11, 'B', 'MICRO', \
         'GRANTED', 100, 100, 435, '2018-01-10', '2019-01-10', 0)"
    );
    accepted(db, &loan).await?;
    let subsidy = |id: i64, bank: &str, from: &str, to: &str| {
        format!(
            "INSERT INTO interest_subsidy (id, household_id, region_code, loan_id, bank_code, valid_from, valid_to, \
             window_from, window_to, months, days, principal_fen, rate_bp, amount_fen, decided_on, recorded_at_ms) \
             VALUES ({id}, 1, {VILLAGE}, 1, '{bank}', '{from}', {to}, '2017-01-01', '2020-12-31', 6, 0, 100, 435, 2, \
             '2018-08-01', 0)"
        )
    };
    let half = "'2018-07-10'";
    refused(
        db,
        &subsidy(1, "C", "2018-01-10", half),
        Refusal::ForeignKey("interest_subsidy_loan"),
    )
    .await;
    accepted(db, &subsidy(1, "B", "2018-01-10", half)).await?;
    let twice = Refusal::Overlap("interest_subsidy_one_a_period");
    refused(db, &subsidy(2, "B", "2018-07-09", "'2018-12-10'"), twice).await;
    accepted(db, &subsidy(2, "B", "2018-07-10", "'2018-12-10'")).await?;

    let account = |id: i64, level: &str, spent: i64| {
        format!(
            "INSERT INTO fund_account (id, region_code, year, level, kind, planned_fen, received_fen, spent_fen, \
             recorded_at_ms) VALUES ({id}, 150921000000, 2018, '{level}', 'SPECIAL', 100, 90, {spent}, 0)"
        )
    };
    refused(
        db,
        &account(1, "CENTRAL", 91),
        Refusal::Check("fund_account_not_overspent"),
    )
    .await;
    accepted(db, &account(1, "CENTRAL", 90)).await?;
    let again = Refusal::Unique {
        postgres: "fund_account_one_each",
        sqlite: "fund_account.region_code",
    };
    refused(db, &account(2, "CENTRAL", 0), again).await;
    accepted(db, &account(2, "CITY", 0)).await?;

    let project = |id: i64, state: &str, days: &str, target: &str| {
        format!(
            "INSERT INTO project (id, region_code, number, name, kind, nature, state, year, place, starts_on, ends_on, \
             responsible_unit, tasks, cost_fen, central_fen, region_fen, city_fen, county_fen, social_fen, loan_fen, \
             self_fen, beneficiary_households, beneficiary_persons, performance_target, participation, benefit, \
             proposed_on, published_on, publicity_days, library_on, recorded_at_ms) VALUES ({id}, 150921100000, \
             'P{id}', 'N', 'INDUSTRY', 'NEW', '{state}', 2018, 'W', '2018-03-01', '2018-09-01', 'U', 'T', 10, 4, 3, \
             2, 1, 0, 0, 0, 3, 9, '{target}', 'A', 'B', '2017-09-01', {days}, 0)"
        )
    };
    let nine = "'2017-11-01', 9, '2017-11-11'";
    let target = Refusal::Check("project_performance_target_said");
    refused(db, &project(1, "PROPOSED", "NULL, NULL, NULL", " "), target).await;
    let short = Refusal::Check("project_published_long_enough");
    refused(db, &project(1, "IN_LIBRARY", nine, "G"), short).await;
    let library = Refusal::Check("project_library");
    refused(
        db,
        &project(1, "IN_LIBRARY", "NULL, NULL, NULL", "G"),
        library,
    )
    .await;
    accepted(
        db,
        &project(1, "IN_LIBRARY", "'2017-11-01', 10, '2017-11-12'", "G"),
    )
    .await?;
    let funded = "UPDATE project SET state = 'FUNDED' WHERE id = 1";
    refused(db, funded, Refusal::Check("project_funded")).await;
    Ok(())
}

/// A household is relocated or its house is renovated, whichever comes first; the sources of its money add up.
async fn one_housing_benefit(db: &DatabaseConnection) -> TestResult {
    let project = "INSERT INTO relocation_project (id, region_code, name, site, year, stage, planned_houses, finished_houses, \
         registered_persons, accompanying_persons, whole_village, cost_fen, central_fen, region_fen, city_fen, \
         county_fen, bond_fen, construction_fund_fen, loan_fen, self_fen, recorded_at_ms) \
         VALUES (1, 150921100000, 'P', 'S', 2018, 'BUILDING', 2, 0, 4, 2, FALSE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)";
    accepted(db, project).await?;
    let relocation = |id: i64, (household, region): (i64, i64), subsidy: i64, own: i64| {
        format!(
            "INSERT INTO relocation (id, household_id, region_code, relocation_project_id, kind, mode, stage, \
             persons, decided_on, subsidy_fen, cost_fen, central_fen, region_fen, city_fen, county_fen, bond_fen, \
             construction_fund_fen, loan_fen, self_fen, recorded_at_ms) VALUES ({id}, {household}, {region}, 1, \
             'REGISTERED', 'CONCENTRATED', 'BUILDING', 2, '2018-02-01', {subsidy}, {subsidy} + 1000, {subsidy}, 0, \
             0, 0, 0, 0, 0, {own}, 0)"
        )
    };
    let renovation = |id: i64, (household, region): (i64, i64), house: i64, subsidy: &str| {
        format!(
            "INSERT INTO renovation (id, household_id, region_code, house_id, year, solution, state, grade_before, \
             subsidy_fen, recorded_at_ms) VALUES ({id}, {household}, {region}, {house}, 2018, 'REBUILD', 'APPROVED', \
             'D', {subsidy}, 0)"
        )
    };
    let (one, two) = ((1, VILLAGE), (2, OTHER_VILLAGE));
    let benefit = Refusal::Overlap("one_housing_benefit");
    accepted(db, &renovation(1, one, 1, "NULL")).await?;
    refused(
        db,
        &relocation(1, one, 40_000, 999),
        Refusal::Check("relocation_sources_add_up"),
    )
    .await;
    accepted(db, &relocation(1, one, 40_000, 1_000)).await?;
    refused(db, &renovation(2, one, 1, "28000"), benefit).await;
    refused(
        db,
        "UPDATE renovation SET subsidy_fen = 1 WHERE id = 1",
        benefit,
    )
    .await;
    accepted(db, "UPDATE renovation SET subsidy_fen = 0 WHERE id = 1").await?;
    let again = Refusal::Unique {
        postgres: "relocation_once",
        sqlite: "relocation.household_id",
    };
    refused(db, &relocation(2, one, 0, 1_000), again).await;

    let house = format!(
        "INSERT INTO house (id, household_id, region_code, grade, surveyed_on, area_dm2, solution, valid_from, \
         recorded_at_ms) VALUES (9, 2, {OTHER_VILLAGE}, 'D', '2018-01-01', 6000, 'REBUILD', '2018-01-01', 0)"
    );
    accepted(db, &house).await?;
    accepted(db, &renovation(3, two, 9, "28000")).await?;
    refused(db, &relocation(3, two, 40_000, 1_000), benefit).await;
    accepted(db, &relocation(3, two, 0, 1_000)).await
}

async fn help(db: &DatabaseConnection) -> TestResult {
    let helper = |id: i64, link: &str, to: &str| {
        format!(
            "INSERT INTO helper (id, household_id, region_code, kind, name, unit, household_link_id, valid_from, \
             valid_to, recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, 'RESPONSIBLE', '王贵', '县财政局', {link}, \
             '2018-01-01', {to}, 0)"
        )
    };
    accepted(db, &helper(1, "1", "NULL")).await?;
    let twice = Refusal::Unique {
        postgres: "helper_open_once",
        sqlite: "helper.household_id",
    };
    refused(db, &helper(2, "NULL", "NULL"), twice).await;
    accepted(db, &helper(2, "NULL", "'2018-02-01'")).await?;
    let nobody = Refusal::ForeignKey("helper_household_link");
    refused(db, &helper(3, "99", "'2018-02-01'"), nobody).await;
    let measure = |id: i64, state: &str, end: &str| {
        format!(
            "INSERT INTO help_measure (id, household_id, region_code, batch, department, what, state, starts_on, \
             ends_on, recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, 'PRODUCTION', 'AGRI', '养羊', '{state}', \
             '2018-03-01', {end}, 0)"
        )
    };
    accepted(db, &measure(1, "DONE", "'2018-03-01'")).await?;
    let check = |name: &'static str| Refusal::Check(name);
    refused(db, &measure(2, "DONE", "NULL"), check("help_measure_ended")).await;
    refused(
        db,
        &measure(2, "ACTIVE", "'2018-02-28'"),
        check("help_measure_days"),
    )
    .await;
    refused(
        db,
        "UPDATE household SET planned_exit_year = 20180 WHERE id = 1",
        check("household_planned_exit_year"),
    )
    .await;
    refused(
        db,
        "UPDATE person SET work_months = 13 WHERE id = 11",
        check("person_months_of_a_year"),
    )
    .await;
    refused(
        db,
        "UPDATE person SET marital_status = 'ENGAGED' WHERE id = 11",
        check("person_marital_status_word"),
    )
    .await;
    Ok(())
}

async fn village_posts(db: &DatabaseConnection) -> TestResult {
    let post = |id: i64, role: &str, state: &str, grade: &str, to: &str| {
        format!(
            "INSERT INTO village_post (id, region_code, person_name, unit, role, state, grade, valid_from, valid_to, \
             recorded_at_ms) VALUES ({id}, {VILLAGE}, '李芳', '县财政局', '{role}', '{state}', {grade}, '2017-01-01', \
             {to}, 0)"
        )
    };
    let end = "'2018-01-01'";
    accepted(db, &post(1, "FIRST_SECRETARY", "POSTED", "NULL", "NULL")).await?;
    let second = Refusal::Unique {
        postgres: "village_post_one_first_secretary",
        sqlite: "village_post.region_code",
    };
    refused(
        db,
        &post(2, "FIRST_SECRETARY", "GRADED", "'GOOD'", "NULL"),
        second,
    )
    .await;
    for (state, grade, to, name) in [
        ("GRADED", "NULL", "NULL", "village_post_graded"),
        ("RECALLED", "'GOOD'", end, "village_post_recalled"),
        ("RECALLED", "NULL", end, "village_post_recalled"),
        ("RECALLED", "'AVERAGE'", "NULL", "village_post_over"),
        ("POSTED", "NULL", end, "village_post_over"),
    ] {
        let sql = post(2, "TEAM_MEMBER", state, grade, to);
        refused(db, &sql, Refusal::Check(name)).await;
    }
    let recalled = post(2, "FIRST_SECRETARY", "RECALLED", "'AVERAGE'", end);
    accepted(db, &recalled).await?;
    let days = |id: i64, days: i64| {
        format!(
            "INSERT INTO village_post_attendance (id, village_post_id, region_code, year, days) \
             VALUES ({id}, 1, {VILLAGE}, 2018, {days})"
        )
    };
    let impossible = Refusal::Check("village_post_attendance_days_of_a_year");
    refused(db, &days(1, 367), impossible).await;
    accepted(db, &days(1, 200)).await?;
    let again = Refusal::Unique {
        postgres: "village_post_attendance_once_a_year",
        sqlite: "village_post_attendance.village_post_id",
    };
    refused(db, &days(2, 201), again).await;
    Ok(())
}

async fn publicity(db: &DatabaseConnection) -> TestResult {
    let income = |id: i64, region: i64, year: i32, fen: i64| {
        format!(
            "INSERT INTO collective_income (id, region_code, year, amount_fen, recorded_at_ms) \
             VALUES ({id}, {region}, {year}, {fen}, 0)"
        )
    };
    accepted(db, &income(1, VILLAGE, 2018, 0)).await?;
    let again = Refusal::Unique {
        postgres: "collective_income_once_a_year",
        sqlite: "collective_income.region_code",
    };
    refused(db, &income(2, VILLAGE, 2018, 100), again).await;
    for (sql, name) in [
        (
            income(2, VILLAGE, 2017, -1),
            "collective_income_amount_fen_sign",
        ),
        (
            income(2, 150921000000, 2017, 1),
            "collective_income_village",
        ),
    ] {
        refused(db, &sql, Refusal::Check(name)).await;
    }
    let list = |id: i64, ends_on: &str| {
        format!(
            "INSERT INTO publicity (id, region_code, kind, title, place, starts_on, ends_on, recorded_at_ms) \
             VALUES ({id}, {VILLAGE}, 'EXIT', '拟脱贫户名单', '村务公开栏', '2018-03-01', '{ends_on}', 0)"
        )
    };
    refused(
        db,
        &list(1, "2018-03-01"),
        Refusal::Check("publicity_order"),
    )
    .await;
    accepted(db, &list(1, "2018-03-08")).await?;
    let objection = |decision: &str, decided_by: &str, decided_on: &str| {
        format!(
            "INSERT INTO objection (id, region_code, publicity_id, raised_by, raised_on, what, decision, decided_by, \
             decided_on, recorded_at_ms) VALUES (1, {VILLAGE}, 1, '李芳', '2018-03-02', '收入偏低', {decision}, \
             {decided_by}, {decided_on}, 0)"
        )
    };
    for (decision, by, on, name) in [
        ("'NOT_UPHELD'", "NULL", "NULL", "objection_decided"),
        ("NULL", "NULL", "'2018-03-03'", "objection_decided"),
        ("'NOT_UPHELD'", "'王强'", "'2018-03-01'", "objection_order"),
    ] {
        let sql = objection(decision, by, on);
        refused(db, &sql, Refusal::Check(name)).await;
    }
    accepted(db, &objection("'NOT_UPHELD'", "'王强'", "'2018-03-03'")).await?;
    Ok(())
}

async fn findings(db: &DatabaseConnection) -> TestResult {
    let finding = |check: &str, state: &str, due: &str, closed: &str| {
        format!(
            "INSERT INTO finding (id, household_id, region_code, check_id, severity, department, parties, stops, evidence, \
             state, opened_on, due_on, closed_on, recorded_at_ms) VALUES (1, 1, {VILLAGE}, '{check}', 'HIGH', 'MEDINS', \
             ' MEDINS ', ' ', '[]', '{state}', '2018-03-01', {due}, {closed}, 0)"
        )
    };
    for (check, state, due, closed, name) in [
        ("RC-1", "OPEN", "NULL", "NULL", "finding_check_name"),
        ("RC-17", "OPEN", "'2018-02-28'", "NULL", "finding_order"),
        (
            "RC-17",
            "CORRECTED",
            "NULL",
            "'2018-02-28'",
            "finding_order",
        ),
        ("RC-17", "CORRECTED", "NULL", "NULL", "finding_over"),
        ("RC-17", "EXPLAINED", "NULL", "'2018-03-02'", "finding_over"),
    ] {
        let sql = finding(check, state, due, closed);
        refused(db, &sql, Refusal::Check(name)).await;
    }
    accepted(
        db,
        &finding("RC-17", "CLOSED", "'2018-04-01'", "'2018-03-02'"),
    )
    .await?;
    Ok(())
}

async fn institutions(db: &DatabaseConnection) -> TestResult {
    let institution = |code: &str, kind: &str, designated: bool, school_kind: &str| {
        format!(
            "INSERT INTO institution (code, kind, name, region_code, designated, school_kind) \
             VALUES ('{code}', '{kind}', '某', 150921000000, {designated}, {school_kind})"
        )
    };
    for (code, kind) in [
        ("S1", "SCHOOL"),
        ("H1", "HOSPITAL"),
        ("H2", "HOSPITAL"),
        ("I1", "INSURER"),
    ] {
        accepted(db, &institution(code, kind, kind == "HOSPITAL", "NULL")).await?;
    }
    let check = |name: &'static str| Refusal::Check(name);
    for (row, name) in [
        (
            institution("X", "SCHOOL", true, "NULL"),
            "institution_designated_hospital",
        ),
        (
            institution("X", "SCHOOL", false, "'HOSPITAL'"),
            "institution_school_kind_word",
        ),
    ] {
        refused(db, &row, check(name)).await;
    }
    let bank = "INSERT INTO institution (code, kind, name, region_code, stages) VALUES ('X', 'BANK', '某', 1, 'PRIMARY')";
    refused(db, bank, check("institution_stages_of_school")).await;
    // A table that was there before the institutions became objects.
    let named = Refusal::Reference("school_enrolment_school");
    refused(db, &enrolment(1, "S2"), named).await;
    accepted(db, &enrolment(1, "S1")).await?;
    let renamed = "UPDATE school_enrolment SET school_code = 'S2' WHERE id = 1";
    refused(db, renamed, named).await;
    let removed = "DELETE FROM institution WHERE code = 'S1'";
    refused(db, removed, named).await;
    accepted(db, "DELETE FROM institution WHERE code = 'H2'").await
}

fn enrolment(id: i64, school: &str) -> String {
    format!(
        "INSERT INTO school_enrolment (id, household_id, region_code, person_id, school_code, school_year, term, \
         stage, boarding, county_seat, recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, 11, '{school}', 2018, \
         'AUTUMN', 'UNDERGRADUATE', TRUE, FALSE, 0)"
    )
}

/// Persons 11 and 21 are one human being, first in one household and then in another.
async fn study(db: &DatabaseConnection) -> TestResult {
    let allowance = |id: i64, (person, stage): (i64, &str), year: i32, one_off: bool| {
        let (household, region) = match person {
            11 => (1, VILLAGE),
            _ => (2, OTHER_VILLAGE),
        };
        let programme = if one_off {
            "grant"
        } else {
            "education-support"
        };
        // Of the first grant the human being is not known.
        let identity = if id == 3 { "NULL" } else { "1" };
        format!(
            "INSERT INTO study_allowance (id, household_id, region_code, person_id, identity_id, department, \
             programme, school_code, school_year, term, stage, boarding, county_seat, one_off, amount_fen, \
             state, recorded_at_ms) VALUES ({id}, {household}, {region}, {person}, {identity}, 'EDU', '{programme}', \
             'S1', {year}, 'AUTUMN', '{stage}', TRUE, FALSE, {one_off}, 500000, 'APPROVED', 0)"
        )
    };
    let rain_dew = |id: i64, year: i32, state: &str| {
        format!(
            "INSERT INTO rain_dew_application (id, household_id, region_code, person_id, school_code, \
             school_year, stage, state, applied_on, recorded_at_ms) VALUES ({id}, 2, {OTHER_VILLAGE}, 21, 'S1', \
             {year}, 'HIGHER_VOCATIONAL', '{state}', '2018-09-01', 0)"
        )
    };
    let undergraduate = (11, "UNDERGRADUATE");
    let excluded = Refusal::Overlap("one_study_support");
    accepted(db, &allowance(1, undergraduate, 2018, false)).await?;
    refused(db, &rain_dew(1, 2018, "FORM_TAKEN"), excluded).await;
    accepted(db, &rain_dew(1, 2018, "REFUSED")).await?;
    let revived = "UPDATE rain_dew_application SET state = 'FORM_TAKEN' WHERE id = 1";
    refused(db, revived, excluded).await;
    accepted(db, &rain_dew(2, 2017, "PAID")).await?;
    refused(db, &allowance(2, undergraduate, 2017, false), excluded).await;
    // Pupils of other stages may have both, as far as the register is concerned.
    accepted(db, &allowance(2, (11, "SENIOR_HIGH"), 2017, false)).await?;
    let given_up = "UPDATE study_allowance SET state = 'REFUSED' WHERE id = 1";
    accepted(db, given_up).await?;
    accepted(db, revived).await?;

    let twice = |postgres| Refusal::Unique {
        postgres,
        sqlite: "study_allowance.person_id",
    };
    let again = allowance(3, (11, "SENIOR_HIGH"), 2018, false);
    refused(db, &again, twice("study_allowance_once_a_term")).await;
    accepted(db, &allowance(3, (11, "SENIOR_HIGH"), 2016, true)).await?;
    let again = allowance(4, (11, "SENIOR_HIGH"), 2015, true);
    refused(db, &again, twice("study_allowance_once_person")).await;
    accepted(
        db,
        "UPDATE study_allowance SET identity_id = 1 WHERE id = 3",
    )
    .await?;
    let again = allowance(4, (21, "SENIOR_HIGH"), 2015, true);
    let identity = Refusal::Unique {
        postgres: "study_allowance_once_identity",
        sqlite: "study_allowance.identity_id",
    };
    refused(db, &again, identity).await;
    let unpaid = "UPDATE study_allowance SET state = 'PAID' WHERE id = 3";
    refused(db, unpaid, Refusal::Check("study_allowance_paid")).await;

    let dropout = |id: i64, returned: &str| {
        format!(
            "INSERT INTO dropout_case (id, household_id, region_code, person_id, school_code, stage, school_year, \
             term, reported_on, reason, state, returned_on, recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, 11, 'S1', \
             'JUNIOR', 2018, 'AUTUMN', '2018-09-20', 'WEARY', 'REPORTED', {returned}, 0)"
        )
    };
    let returned = Refusal::Check("dropout_case_returned");
    refused(db, &dropout(1, "'2018-10-01'"), returned).await;
    accepted(db, &dropout(1, "NULL")).await?;
    let open = Refusal::Unique {
        postgres: "dropout_case_one_open",
        sqlite: "dropout_case.person_id",
    };
    refused(db, &dropout(2, "NULL"), open).await;
    Ok(())
}

/// A month of a household, and of a human being, goes to one of dibao, special support and cash subsidy.
async fn income_benefits(db: &DatabaseConnection) -> TestResult {
    let cash = |id: i64, (household, region): (i64, i64), year: i32, amount: i64| {
        format!(
            "INSERT INTO cash_subsidy (id, household_id, region_code, year, persons, per_head_fen, amount_fen, \
             approved_on, valid_from, valid_to, recorded_at_ms) VALUES ({id}, {household}, {region}, {year}, 2, 300000, \
             {amount}, '2017-12-20', '{year}-01-01', '{next}-01-01', 0)",
            next = year + 1
        )
    };
    let (one, two) = ((1, VILLAGE), (2, OTHER_VILLAGE));
    let by_head = Refusal::Check("cash_subsidy_amount_by_head");
    refused(db, &cash(1, one, 2018, 600_001), by_head).await;
    accepted(db, &cash(1, one, 2018, 600_000)).await?;
    accepted(db, &cash(2, two, 2018, 600_000)).await?;
    let support = |id: i64, from: &str, to: &str| {
        format!(
            "INSERT INTO special_support (id, household_id, region_code, person_id, support_number, mode, care_level, \
             standard_fen, monthly_fen, monthly_care_fen, approved_on, valid_from, valid_to, recorded_at_ms) VALUES \
             ({id}, 1, {VILLAGE}, 11, 'TK1', 'SCATTERED', 'SELF_CARE', 507780, 42315, 0, '2018-01-01', '{from}', {to}, 0)"
        )
    };
    let whole = Refusal::Check("special_support_whole_months");
    refused(db, &support(1, "2018-01-02", "NULL"), whole).await;
    refused(db, &support(1, "2018-01-01", "'2018-03-31'"), whole).await;
    accepted(db, &support(1, "2018-01-01", "NULL")).await?;

    let cover = |id: i64,
                 (household, region): (i64, i64),
                 person: (&str, &str),
                 grant: &str,
                 (from, to): (&str, &str)| {
        let (grant, key) = grant.split_once(' ').expect("a grant and its key");
        format!(
            "INSERT INTO income_benefit_period (id, household_id, region_code, person_id, identity_id, {grant}, \
             valid_from, valid_to) VALUES ({id}, {household}, {region}, {}, {}, {key}, '{from}', {to})",
            person.0, person.1
        )
    };
    let all = ("NULL", "NULL");
    let spring = ("2018-01-01", "'2018-04-01'");
    let year = ("2018-01-01", "'2019-01-01'");
    accepted(db, &cover(1, one, all, "dibao_id 1", spring)).await?;
    let household = Refusal::Overlap("income_benefit_period_one_for_household");
    refused(
        db,
        &cover(2, one, all, "cash_subsidy_id 1", year),
        household,
    )
    .await;
    let rest = ("2018-04-01", "'2019-01-01'");
    accepted(db, &cover(2, one, all, "cash_subsidy_id 1", rest)).await?;
    refused(
        db,
        "UPDATE income_benefit_period SET valid_from = '2018-03-01' WHERE id = 2",
        household,
    )
    .await;
    let mixed = ("2018-02-10", "'2019-01-01'");
    let days = Refusal::Check("income_benefit_period_whole_months");
    refused(db, &cover(3, two, all, "cash_subsidy_id 2", mixed), days).await;

    // Membership 11 in household 1 and membership 21 in household 2 are the same human being.
    let (here, there) = (("11", "1"), ("21", "1"));
    let human = Refusal::Overlap("income_benefit_period_one_for_human");
    accepted(db, &cover(4, one, here, "special_support_id 1", spring)).await?;
    refused(
        db,
        &cover(5, one, here, "dibao_id 1", ("2018-03-01", "NULL")),
        human,
    )
    .await;
    refused(
        db,
        &cover(5, two, there, "cash_subsidy_id 2", ("2018-03-01", "NULL")),
        human,
    )
    .await;
    accepted(
        db,
        &cover(5, two, there, "cash_subsidy_id 2", ("2018-04-01", "NULL")),
    )
    .await?;
    let nameless = ("11", "NULL");
    accepted(
        db,
        &cover(6, one, nameless, "dibao_id 1", ("2017-01-01", "NULL")),
    )
    .await?;
    refused(
        db,
        &cover(
            7,
            one,
            nameless,
            "special_support_id 1",
            ("2017-06-01", "NULL"),
        ),
        human,
    )
    .await;

    let check = |name: &'static str| Refusal::Check(name);
    for (person, grant, refusal) in [
        (
            all,
            "special_support_id 1",
            check("income_benefit_period_special_support_of_person"),
        ),
        (
            ("NULL", "1"),
            "dibao_id 1",
            check("income_benefit_period_identity_of_person"),
        ),
        (
            here,
            "dibao_id NULL",
            check("income_benefit_period_one_grant"),
        ),
        (
            all,
            "cash_subsidy_id 2",
            Refusal::ForeignKey("income_benefit_period_cash_subsidy"),
        ),
    ] {
        let sql = cover(8, one, person, grant, ("2030-01-01", "'2030-02-01'"));
        refused(db, &sql, refusal).await;
    }
    Ok(())
}

async fn care(db: &DatabaseConnection) -> TestResult {
    let index = blind(db, 7);
    let certificate = |id: i64, person: i64, from: &str| {
        format!(
            "INSERT INTO disability_certificate (id, household_id, region_code, person_id, certificate_cipher, \
             certificate_index, certificate_mask, category, grade, valid_from, recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, \
             {person}, {index}, {index}, '1', 'LIMBS', 'GRADE_2', '{from}', 0)"
        )
    };
    accepted(db, &certificate(1, 11, "2015-01-01")).await?;
    let twice = Refusal::Unique {
        postgres: "disability_certificate_open_once",
        sqlite: "disability_certificate.certificate_index",
    };
    refused(db, &certificate(2, 23, "2015-01-01"), twice).await;
    let allowance = |id: i64, kind: &str, from: &str| {
        format!(
            "INSERT INTO disability_allowance (id, household_id, region_code, person_id, kind, monthly_fen, approved_on, \
             valid_from, recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, 11, '{kind}', 8000, '2018-01-01', '{from}', 0)"
        )
    };
    accepted(db, &allowance(1, "LIVING", "2018-01-01")).await?;
    accepted(db, &allowance(2, "NURSING", "2018-01-01")).await?;
    let again = Refusal::Overlap("disability_allowance_one_at_a_time");
    refused(db, &allowance(3, "NURSING", "2018-06-01"), again).await;
    let child = |id: i64, care: &str, guardian: &str, name: &str| {
        format!(
            "INSERT INTO left_behind_child (id, household_id, region_code, person_id, absence, care, guardian_person_id, \
             guardian_name, valid_from, recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, 11, 'BOTH_AWAY', '{care}', {guardian}, \
             {name}, '2018-03-01', 0)"
        )
    };
    let check = |name: &'static str| Refusal::Check(name);
    for (care, guardian, name, refusal) in [
        (
            "RELATIVES",
            "23",
            "'王贵'",
            check("left_behind_child_one_guardian"),
        ),
        (
            "RELATIVES",
            "11",
            "NULL",
            check("left_behind_child_another_guards"),
        ),
        (
            "NOBODY",
            "NULL",
            "'王贵'",
            check("left_behind_child_nobody_cares"),
        ),
        (
            "RELATIVES",
            "21",
            "NULL",
            Refusal::ForeignKey("left_behind_child_guardian"),
        ),
    ] {
        refused(db, &child(1, care, guardian, name), refusal).await;
    }
    accepted(db, &child(1, "RELATIVES", "NULL", "NULL")).await?;
    refused(
        db,
        &child(2, "RELATIVES", "23", "NULL"),
        Refusal::Overlap("left_behind_child_one_case"),
    )
    .await;
    let aid = |id: i64, amount: i64| {
        format!(
            "INSERT INTO medical_assistance (id, household_id, region_code, person_id, kind, claim_number, left_fen, \
             amount_fen, decided_on, recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, 11, 'INPATIENT', 'YB1', 1000, {amount}, \
             '2018-03-01', 0)"
        )
    };
    let more = check("medical_assistance_no_more_than_left");
    refused(db, &aid(1, 1_001), more).await;
    accepted(db, &aid(1, 1_000)).await?;
    let claim = Refusal::Unique {
        postgres: "medical_assistance_once_a_claim",
        sqlite: "medical_assistance.claim_number",
    };
    refused(db, &aid(2, 1), claim).await;
    Ok(())
}

/// Insurance once a year, care as far as it can be, and one handbook and flag of a disease at a time.
async fn health_care(db: &DatabaseConnection) -> TestResult {
    let of_member = |table: &str, id: i64, columns: &str, values: &str| {
        format!(
            "INSERT INTO {table} (id, household_id, region_code, person_id, recorded_at_ms, {columns}) \
             VALUES ({id}, 1, {VILLAGE}, 11, 0, {values})"
        )
    };
    let check = |name: &'static str| Refusal::Check(name);
    let unique =
        |postgres: &'static str, sqlite: &'static str| Refusal::Unique { postgres, sqlite };

    let insured = |id: i64, year: i64, subsidy: i64| {
        let columns = "year, insurer_code, premium_fen, premium_subsidy_fen";
        let values = format!("{year}, 'I1', 10000, {subsidy}");
        of_member("supplementary_enrolment", id, columns, &values)
    };
    let part = check("supplementary_enrolment_subsidy_part");
    refused(db, &insured(1, 2018, 10_001), part).await;
    accepted(db, &insured(1, 2018, 10_000)).await?;
    let twice = unique(
        "supplementary_enrolment_once_a_year",
        "supplementary_enrolment.person_id",
    );
    refused(db, &insured(2, 2018, 0), twice).await;

    let checked = |id: i64, day: &str, hospital: &str, free: bool| {
        let columns = "checked_on, institution_code, free, result";
        let values = format!("'{day}', '{hospital}', {free}, 'OBSERVE'");
        of_member("check_up", id, columns, &values)
    };
    accepted(db, &checked(1, "2018-12-31", "H1", true)).await?;
    let second = unique("check_up_one_free_a_year", "check_up.person_id");
    refused(db, &checked(2, "2018-01-01", "H1", true), second).await;
    accepted(db, &checked(2, "2018-01-01", "H1", false)).await?;
    accepted(db, &checked(3, "2019-01-01", "H1", true)).await?;

    family_doctors(db).await?;
    disease(db).await?;
    stays(db).await?;

    let accident = |id: i64, state: &str, certified: &str, paid: &str| {
        let columns =
            "insurer_code, state, occurred_on, reported_on, certified_on, paid_on, paid_fen";
        let values = format!("'I1', '{state}', '2018-03-01', '2018-03-02', {certified}, {paid}");
        of_member("accident_case", id, columns, &values)
    };
    let (day, paid) = ("'2018-04-01'", "'2018-05-01', 2000000");
    for (state, certified, paid) in [
        ("PAID", day, "NULL, NULL"),
        ("PAID", "NULL", paid),
        ("CERTIFIED", day, paid),
    ] {
        let unpaid = check("accident_case_paid");
        refused(db, &accident(1, state, certified, paid), unpaid).await;
    }
    accepted(db, &accident(1, "PAID", day, paid)).await?;
    let again = unique("accident_case_paid_once_a_year", "accident_case.person_id");
    refused(db, &accident(2, "PAID", day, paid), again).await;
    accepted(db, &accident(2, "REFUSED", "NULL", "NULL, NULL")).await
}

/// A person is in one hospital at a time, as far as the claims are not void.
async fn stays(db: &DatabaseConnection) -> TestResult {
    let claim = |id: i64, kind: &str, state: &str, from: i64, to: i64| {
        format!(
            "INSERT INTO medical_claim (id, household_id, region_code, person_id, claim_number, kind, state, institution_code, \
             hospital_level, admitted_on, discharged_on, total_cost_fen, eligible_cost_fen, registered_at_discharge, \
             recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, 11, 'S{id}', '{kind}', '{state}', 'H1', 'COUNTY', '2015-03-{from}', \
             '2015-03-{to}', 100, 100, TRUE, 0)"
        )
    };
    let apart = Refusal::Overlap("medical_claim_stays_apart");
    accepted(db, &claim(901, "INPATIENT", "SUBMITTED", 10, 15)).await?;
    refused(db, &claim(902, "INPATIENT", "SETTLED", 14, 16), apart).await;
    accepted(db, &claim(902, "INPATIENT", "VOIDED", 14, 16)).await?;
    accepted(db, &claim(903, "OUTPATIENT", "SUBMITTED", 12, 12)).await?;
    accepted(db, &claim(904, "INPATIENT", "SUBMITTED", 15, 20)).await?;
    let back = "UPDATE medical_claim SET state = 'SUBMITTED' WHERE id = 902";
    refused(db, back, apart).await;
    accepted(
        db,
        "UPDATE medical_claim SET state = 'VOIDED' WHERE id = 904",
    )
    .await?;
    refused(db, back, apart).await;
    accepted(
        db,
        "UPDATE medical_claim SET state = 'VOIDED' WHERE id = 901",
    )
    .await?;
    accepted(db, back).await
}

async fn family_doctors(db: &DatabaseConnection) -> TestResult {
    let contract = |id: i64, from: &str, to: &str| {
        format!(
            "INSERT INTO doctor_contract (id, household_id, region_code, person_id, institution_code, doctor_name, \
             focus, valid_from, valid_to, recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, 11, 'H1', '白玉梅', TRUE, \
             '{from}', {to}, 0)"
        )
    };
    accepted(db, &contract(1, "2017-01-01", "NULL")).await?;
    let two = Refusal::Overlap("doctor_contract_one_at_a_time");
    refused(db, &contract(2, "2018-01-01", "NULL"), two).await;
    accepted(db, &contract(2, "2016-01-01", "'2017-01-01'")).await?;
    let delivery = |id: i64, household: i64, region: i64, person: i64| {
        format!(
            "INSERT INTO medicine_delivery (id, household_id, region_code, person_id, contract_id, delivered_on, \
             recorded_at_ms) VALUES ({id}, {household}, {region}, {person}, 1, '2018-12-01', 0)"
        )
    };
    accepted(db, &delivery(1, 1, VILLAGE, 11)).await?;
    let other = Refusal::ForeignKey("medicine_delivery_doctor_contract");
    refused(db, &delivery(2, 2, OTHER_VILLAGE, 21), other).await;
    Ok(())
}

async fn disease(db: &DatabaseConnection) -> TestResult {
    let sensitive = |disease: i64| {
        let index = blind(db, disease);
        format!("{index}, {index}, 'I00-I99'")
    };
    let handbook = |id: i64, number: &str, state: &str, issued: &str, disease: i64| {
        format!(
            "INSERT INTO chronic_handbook (id, household_id, region_code, person_id, handbook_number, state, \
             disease_cipher, disease_index, disease_mask, applied_on, issued_on, valid_from, valid_to, \
             recorded_at_ms) VALUES ({id}, 1, {VILLAGE}, 11, {number}, '{state}', {}, '2017-01-01', {issued}, \
             '2017-02-01', '2020-02-01', 0)",
            sensitive(disease)
        )
    };
    let day = "'2017-02-01'";
    for (number, state, issued) in [
        ("NULL", "ISSUED", day),
        ("'M1'", "APPLIED", "NULL"),
        ("'M1'", "ISSUED", "NULL"),
    ] {
        let not_issued = Refusal::Check("chronic_handbook_issued");
        refused(db, &handbook(1, number, state, issued, 1), not_issued).await;
    }
    accepted(db, &handbook(1, "'M1'", "ISSUED", day, 1)).await?;
    let same = Refusal::Overlap("chronic_handbook_one_of_disease");
    refused(db, &handbook(2, "NULL", "APPLIED", "NULL", 1), same).await;
    let number = Refusal::Unique {
        postgres: "chronic_handbook_number",
        sqlite: "chronic_handbook.handbook_number",
    };
    refused(db, &handbook(2, "'M1'", "ISSUED", day, 2), number).await;
    accepted(db, &handbook(2, "NULL", "APPLIED", "NULL", 2)).await?;

    let flag = |id: i64, class: &str, disease: &str| {
        format!(
            "INSERT INTO disease_flag (id, household_id, region_code, person_id, class, disease_cipher, \
             disease_index, disease_mask, valid_from, recorded_at_ms) \
             VALUES ({id}, 1, {VILLAGE}, 11, '{class}', {disease}, '2017-01-01', 0)"
        )
    };
    accepted(db, &flag(1, "CHRONIC", &sensitive(1))).await?;
    let twice = Refusal::Overlap("disease_flag_one_of_disease");
    refused(db, &flag(2, "CHRONIC", &sensitive(1)), twice).await;
    accepted(db, &flag(2, "CHRONIC", &sensitive(2))).await?;
    accepted(db, &flag(3, "MAJOR", "NULL, NULL, NULL")).await?;
    let parts = Refusal::Check("disease_flag_disease_whole");
    let masked = flag(4, "SEVERE", "NULL, NULL, 'I00-I99'");
    refused(db, &masked, parts).await;
    Ok(())
}

/// A household that changes its village takes its rows along, with the county they are found in.
async fn moving_village(db: &DatabaseConnection) -> TestResult {
    accepted(
        db,
        &format!("UPDATE household SET region_code = {OTHER_VILLAGE} WHERE id = 1"),
    )
    .await?;
    for table in [
        "person",
        "dibao",
        "house",
        "payment",
        "bank_card",
        "income_form",
        "relocation",
        "helper",
        "help_measure",
        "interest_subsidy",
        "income_benefit_period",
        "disability_certificate",
        "check_up",
        "doctor_contract",
        "medicine_delivery",
        "chronic_handbook",
        "disease_flag",
    ] {
        let sql = format!(
            "SELECT COUNT(*) AS n FROM {table} WHERE household_id = 1 AND county_code <> 150922"
        );
        let row = db
            .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
            .await?
            .ok_or("no count")?;
        assert_eq!(row.try_get::<i64>("", "n")?, 0, "{table} stayed behind");
    }
    Ok(())
}

async fn order_by_bytes(db: &DatabaseConnection) -> TestResult {
    for (id, card) in [(31, "'a1'"), (32, "'B1'"), (33, "'一1'"), (34, "NULL")] {
        accepted(
            db,
            &format!(
                "INSERT INTO household (id, region_code, status, card_number, recorded_at_ms) \
                 VALUES ({id}, 620102001201, 'CANDIDATE', {card}, 0)"
            ),
        )
        .await?;
    }
    let sql = "SELECT id FROM household WHERE county_code = 620102 ORDER BY card_order, id";
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    let ids: Vec<i64> = rows
        .iter()
        .map(|row| row.try_get("", "id"))
        .collect::<Result<_, _>>()?;
    assert_eq!(ids, [32, 31, 34, 33]);
    Ok(())
}

/// A blind index of 32 equal bytes as a literal.
fn blind(db: &DatabaseConnection, byte: i64) -> String {
    let digits = format!("{byte:02x}").repeat(32);
    match db.get_database_backend() {
        DbBackend::Sqlite => format!("x'{digits}'"),
        _ => format!("'\\x{digits}'"),
    }
}

/// How a constraint says no: by its name on PostgreSQL, by message on SQLite.
#[derive(Clone, Copy)]
enum Refusal {
    Check(&'static str),
    Overlap(&'static str),
    ForeignKey(&'static str),
    /// A foreign key that was added to a table: a trigger on SQLite.
    Reference(&'static str),
    /// SQLite names the columns, the first of which is given here.
    Unique {
        postgres: &'static str,
        sqlite: &'static str,
    },
}

impl Refusal {
    fn postgres(self) -> (&'static str, &'static str) {
        match self {
            Self::Check(name) => ("23514", name),
            Self::Overlap(name) => ("23P01", name),
            Self::ForeignKey(name) | Self::Reference(name) => ("23503", name),
            Self::Unique { postgres, .. } => ("23505", postgres),
        }
    }

    fn sqlite(self) -> (&'static str, String) {
        match self {
            Self::Check(name) => ("275", format!("CHECK constraint failed: {name}")),
            Self::Overlap(name) | Self::Reference(name) => ("1811", name.to_owned()),
            Self::ForeignKey(_) => ("787", "FOREIGN KEY constraint failed".to_owned()),
            Self::Unique { sqlite, .. } => ("2067", format!("UNIQUE constraint failed: {sqlite}")),
        }
    }
}

async fn accepted(db: &DatabaseConnection, sql: &str) -> TestResult {
    db.execute_unprepared(sql)
        .await
        .map_err(|error| format!("{error}: {sql}"))?;
    Ok(())
}

async fn refused(db: &DatabaseConnection, sql: &str, refusal: Refusal) {
    let error = match db.execute_unprepared(sql).await {
        Ok(_) => panic!("not refused: {sql}"),
        Err(DbErr::Exec(RuntimeErr::SqlxError(error))) => error,
        Err(error) => panic!("{error}: {sql}"),
    };
    let sqlx::Error::Database(error) = &*error else {
        panic!("{error}: {sql}");
    };
    let code = error.code().unwrap_or_default();
    if db.get_database_backend() == DbBackend::Sqlite {
        let (expected, message) = refusal.sqlite();
        assert_eq!(code, expected, "{error}: {sql}");
        let said = error.message();
        let first = said.split(", ").next().unwrap_or_default();
        assert_eq!(first, message, "{sql}");
    } else {
        let expected = refusal.postgres();
        assert_eq!(
            (&*code, error.constraint().unwrap_or_default()),
            expected,
            "{error}: {sql}"
        );
    }
}
