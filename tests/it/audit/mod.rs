//! The seals over the audit records: who tampers is found out, who doesn't is not.

mod command;
mod overdue;
mod sealing;
mod tampering;

use crate::harness::{Engine, TestDatabase, suite};
use entity::{
    codes::{ChangeAction, Department},
    shared::audit_record,
};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, EntityTrait, IntoActiveModel, Statement,
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use yihu::{
    audit::{AuditOptions, Checked, PublicKeys, Seal, SealKey, Sealer, verify},
    clock::Clock,
    db::{Database, DbError, Settings},
    vault::SuiteName,
};

/// 2018-12-31T04:00:00Z.
const NOW_MS: i64 = 1_546_228_800_000;

/// What a test seals with.
struct Notary {
    database: Database,
    clock: Clock,
    suite: SuiteName,
    file: Option<PathBuf>,
}

impl Notary {
    async fn of(db: &TestDatabase) -> Notary {
        Notary {
            database: open(db).await,
            clock: Clock::fixed_ms(NOW_MS),
            suite: suite(),
            file: None,
        }
    }

    fn sealer(&self) -> Sealer {
        self.sealer_with(SealKey::demo())
    }

    fn sealer_with(&self, key: SealKey) -> Sealer {
        let options = AuditOptions {
            seal_file: self.file.clone(),
            ..AuditOptions::default()
        };
        let (database, clock) = (self.database.clone(), self.clock.clone());
        Sealer::new(database, clock, key, self.suite, &options)
    }

    /// Seals everything that was written. Transactions of other tests may hold the horizon back for a moment.
    async fn seal_all(&self) -> Vec<Seal> {
        let (sealer, mut seals) = (self.sealer(), Vec::new());
        for _ in 0..3_000 {
            seals.extend(sealer.seal().await.expect("a seal"));
            if self.checked().await.unsealed == 0 {
                return seals;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the horizon does not move");
    }

    /// Everything is right, and nothing wrong is seen.
    async fn checked(&self) -> Checked {
        let checked = self.check().await;
        assert_eq!(checked.fault, None);
        checked
    }

    async fn check(&self) -> Checked {
        verify(self.database.reads(), &demo_keys(), self.file())
            .await
            .expect("a verdict")
    }

    /// The seal file, once there is one.
    fn file(&self) -> Option<&Path> {
        self.file.as_deref().filter(|path| path.exists())
    }

    /// A transaction that leaves so many records; its number.
    async fn write(&self, records: i32) -> i64 {
        let written: Result<i64, DbError> = self
            .database
            .write("test", |transaction| async move {
                let number = transaction_number(&transaction).await?;
                let rows: Vec<_> = (0..records)
                    .map(|ordinal| record(number, ordinal).into_active_model())
                    .collect();
                for rows in rows.chunks(1_000) {
                    audit_record::Entity::insert_many(rows.to_vec())
                        .exec_without_returning(&*transaction)
                        .await?;
                }
                Ok(number)
            })
            .await;
        written.expect("records")
    }
}

async fn open(db: &TestDatabase) -> Database {
    // On a busy machine too, nobody gives up.
    let settings = Settings {
        acquire_timeout: Duration::from_secs(30),
        lock_timeout: Duration::from_secs(30),
        ..Settings::default()
    };
    Database::connect(&db.url, &settings)
        .await
        .expect("a database")
}

fn demo_keys() -> PublicKeys {
    let mut keys = PublicKeys::default();
    keys.insert(&SealKey::demo());
    keys
}

/// The number of a running transaction, as the tables of shared writes define it.
async fn transaction_number(transaction: &yihu::db::Ledger) -> Result<i64, DbError> {
    let backend = transaction.get_database_backend();
    let sql = match backend {
        sea_orm::DbBackend::Postgres => {
            "SELECT pg_current_xact_id()::text::bigint + added FROM transaction_clock"
        }
        _ => "UPDATE transaction_clock SET added = added + 1 RETURNING added",
    };
    let row = transaction
        .query_one_raw(Statement::from_string(backend, sql))
        .await?
        .expect("a clock");
    Ok(row.try_get_by_index(0).expect("a number"))
}

/// A record like no other one.
fn record(transaction_id: i64, ordinal: i32) -> audit_record::Model {
    let odd = ordinal % 2 == 1;
    audit_record::Model {
        transaction_id,
        ordinal,
        at_ms: NOW_MS,
        user_id: "王芳".to_owned(),
        client: "desk".to_owned(),
        department: Department::Civil,
        roles: "CLERK REVIEWER".to_owned(),
        institution_code: odd.then(|| "91150921MA0QYH0012".to_owned()),
        purpose: odd.then(String::new),
        operation: "changeDibao".to_owned(),
        request_id: Some(format!("{transaction_id}-{ordinal}")),
        action: ChangeAction::Update,
        object_type: "dibao".to_owned(),
        object_id: transaction_id * 1_000 + i64::from(ordinal),
        household_id: (!odd).then_some(7),
        region_code: Some(150_921_000_000),
        before_json: odd.then(|| "{\"monthly_fen\":41500}".to_owned()),
        after_json: Some("{\"monthly_fen\":43000}".to_owned()),
    }
}

/// One connection of whoever may do anything, constraints of words included.
async fn intruder(db: &TestDatabase) -> DatabaseConnection {
    let mut options = ConnectOptions::new(db.beside());
    options.max_connections(1).sqlx_logging(false);
    let connection = sea_orm::Database::connect(options)
        .await
        .expect("a connection");
    let unchecked = match db.engine {
        Engine::Sqlite => "PRAGMA ignore_check_constraints = ON",
        Engine::Postgres => {
            "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conname, conrelid::regclass AS t FROM pg_constraint \
             WHERE contype = 'c' AND conrelid IN ('audit_record'::regclass, 'audit_seal'::regclass) \
             LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname); END LOOP; END $$"
        }
    };
    run(&connection, unchecked).await;
    connection
}

async fn run(connection: &DatabaseConnection, sql: &str) -> u64 {
    connection
        .execute_unprepared(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
        .rows_affected()
}
