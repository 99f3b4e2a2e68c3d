//! The ground the tests stand on: for each test a database of its own, on both engines.
//!
//! ```ignore
//! both_dbs! {
//!     async fn a_region_has_one_parent(db: TestDatabase) {
//!         let orphans = "SELECT COUNT(*) FROM region WHERE parent_code IS NULL";
//!         assert_eq!(db.number(orphans).await, 1);
//!     }
//! }
//! ```

mod app;
#[cfg(test)]
mod app_control;
mod changes;
mod database;
mod mutation;
#[cfg(test)]
mod pair;
mod postgres;
mod program;
mod row_security;
mod seed;
mod socket;
mod suite;
pub(crate) mod text;
#[cfg(test)]
pub(crate) mod writes;

pub(crate) use app::{Actor, Answer, App};
pub(crate) use changes::{ChangeRow, change, number_of, record, settled};
pub(crate) use database::{Engine, TestDatabase};
pub(crate) use mutation::Mutation;
#[cfg(test)]
pub(crate) use pair::Pair;
pub(crate) use postgres::installed_binaries;
pub(crate) use program::{Program, yihu};
pub(crate) use row_security::is_walled;
pub(crate) use seed::Seed;
pub(crate) use socket::Socket;
pub(crate) use suite::{other_suite, suite, vault, word};

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// One body, a test on each database: `name::sqlite` and `name::postgres`.
///
/// The database is migrated and empty; `both_dbs! { Seed::Demo; async fn .. }` starts from another state.
macro_rules! both_dbs {
    ($(#[doc = $doc:literal])* async fn $($rest:tt)*) => {
        $crate::harness::both_dbs! { $crate::harness::Seed::Migrated; $(#[doc = $doc])* async fn $($rest)* }
    };
    ($seed:expr; $(#[doc = $doc:literal])* async fn $name:ident($database:ident: TestDatabase) $body:block) => {
        $(#[doc = $doc])*
        async fn $name($database: $crate::harness::TestDatabase) $body

        mod $name {
            #[test]
            fn sqlite() {
                $crate::harness::run($crate::harness::Engine::Sqlite, $seed, super::$name);
            }
            #[test]
            fn postgres() {
                $crate::harness::run($crate::harness::Engine::Postgres, $seed, super::$name);
            }
        }
    };
}
pub(crate) use both_dbs;

/// Runs a body on a database of its own, which goes when the body ends, well or badly.
pub(crate) fn run<Body, Done>(engine: Engine, seed: Seed, body: Body)
where
    Body: FnOnce(TestDatabase) -> Done,
    Done: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let Some(database) = runtime.block_on(TestDatabase::create(engine, seed)) else {
        return;
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(body(database.clone()))
    }));
    runtime.block_on(database.remove());
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{ConnectionTrait, DbBackend};

    both_dbs! {
        /// Both tests write the same key: in a shared database the second would fail.
        async fn a_test_has_a_database_of_its_own(db: TestDatabase) {
            let connection = db.connect().await;
            connection.execute_unprepared("CREATE TABLE probe (id BIGINT PRIMARY KEY)").await.expect("a new table");
            connection.execute_unprepared("INSERT INTO probe VALUES (1)").await.expect("a row");
            assert_eq!(db.number("SELECT CAST(COUNT(*) AS BIGINT) FROM probe").await, 1);
        }
    }

    both_dbs! {
        async fn nothing_of_another_test_is_seen(db: TestDatabase) {
            let connection = db.connect().await;
            connection.execute_unprepared("CREATE TABLE probe (id BIGINT PRIMARY KEY)").await.expect("a new table");
            assert_eq!(db.number("SELECT CAST(COUNT(*) AS BIGINT) FROM probe").await, 0);
            let backend = match db.engine {
                Engine::Sqlite => DbBackend::Sqlite,
                Engine::Postgres => DbBackend::Postgres,
            };
            assert_eq!(connection.get_database_backend(), backend);
        }
    }

    #[test]
    fn a_failing_body_fails_its_test() {
        let outcome = catch_unwind(|| {
            run(Engine::Sqlite, Seed::Migrated, async |_| {
                panic!("on purpose")
            });
        });
        assert!(outcome.is_err());
    }
}
