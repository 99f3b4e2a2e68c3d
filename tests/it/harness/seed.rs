//! What a test's database holds before its first statement.

use super::{Engine, is_walled, suite::word, vault};
use migration::Migrator;
use sea_orm_migration::MigratorTrait;
use yihu::{
    clock::Clock,
    db::{Database, Settings},
    demo::{self, Books, Wanted},
    household::load_regions,
};

/// A state that is prepared once a build and copied for each test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seed {
    /// The tables, without a row.
    Migrated,
    /// The regions of the country and the first 200 families of the demonstration.
    Demo,
}

impl Seed {
    /// The same under another suite is another state.
    pub(crate) fn name(self) -> String {
        let state = match self {
            Seed::Migrated => "bare",
            Seed::Demo => "demo",
        };
        format!("{state}_{}", word())
    }

    /// Brings a new database into this state.
    pub(crate) async fn prepare(self, engine: Engine, url: &str) {
        let connection = super::postgres::connect(url)
            .await
            .expect("the new database opens");
        Migrator::up(&connection, None)
            .await
            .expect("the migrations run");
        match self {
            Seed::Migrated => {}
            Seed::Demo => fill_demonstration(url).await,
        }
        if is_walled(engine) {
            put_up_row_security(url).await;
        }
        connection
            .close()
            .await
            .expect("the prepared database closes");
    }
}

async fn put_up_row_security(url: &str) {
    let database = Database::connect(url, &Settings::default())
        .await
        .expect("a database");
    database.put_up_row_security().await.expect("row security");
}

async fn fill_demonstration(url: &str) {
    let database = Database::connect(url, &Settings::default())
        .await
        .expect("a database");
    load_regions(&database).await.expect("the regions");
    let clock = Clock::fixed(time::macros::date!(2018 - 12 - 31));
    demo::fill(
        &database,
        &vault(),
        &clock,
        Wanted::SMALL,
        &mut Books::default(),
    )
    .await
    .expect("the demonstration");
}
