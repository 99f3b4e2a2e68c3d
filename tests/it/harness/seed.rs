//! What a test's database holds before its first statement.

use super::Engine;
use migration::Migrator;
use sea_orm_migration::MigratorTrait;

/// A state that is prepared once a build and copied for each test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seed {
    /// The tables, without a row.
    Migrated,
}

impl Seed {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Seed::Migrated => "migrated",
        }
    }

    /// Brings a new database into this state.
    pub(crate) async fn prepare(self, _engine: Engine, url: &str) {
        let connection = super::postgres::connect(url)
            .await
            .expect("the new database opens");
        Migrator::up(&connection, None)
            .await
            .expect("the migrations run");
        match self {
            Seed::Migrated => {}
        }
        connection
            .close()
            .await
            .expect("the prepared database closes");
    }
}
