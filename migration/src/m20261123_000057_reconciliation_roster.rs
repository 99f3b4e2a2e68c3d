//! Reconciliation: by what a person is found whose name another agency's list writes otherwise, and what people have decided of rows
//! of such lists.

use entity::codes::Department;
use matching::Name;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::dialect::Dialect;
use crate::table::{AddedColumns, Table, drop_tables, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Persons whose names are read at once.
const AT_ONCE: usize = 5_000;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        of_person().add(manager).await?;
        fill(manager, dialect).await?;
        let indexes = INDEXES.map(|(name, columns)| {
            format!("CREATE INDEX {name} ON person ({columns}) WHERE valid_to IS NULL")
        });
        run(manager, indexes.to_vec()).await?;
        roster_decision(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["roster_decision"]).await?;
        let indexes = INDEXES.map(|(name, _)| format!("DROP INDEX {name}"));
        run(manager, indexes.to_vec()).await?;
        of_person().drop(manager).await
    }
}

/// A name that sounds the same, and whoever was born on the day, in the region of who asks.
const INDEXES: [(&str, &str); 2] = [
    ("person_by_name_sound", "name_sound, county_code"),
    ("person_by_birth_date", "birth_date, county_code"),
];

/// They follow from the name: the standard writing of its characters, what names that sound alike share, and how its first
/// and last character sound.
fn of_person() -> AddedColumns {
    AddedColumns::of("person")
        .column("name_standard TEXT NOT NULL DEFAULT ''")
        .column("name_sound TEXT NOT NULL DEFAULT ''")
        .column("name_first BIGINT NOT NULL DEFAULT 0")
        .column("name_last BIGINT NOT NULL DEFAULT 0")
}

/// Fills the columns of those who are there, before anything looks for them.
async fn fill(manager: &SchemaManager<'_>, dialect: Dialect) -> Result<(), DbErr> {
    run(manager, dialect.see_all_regions()).await?;
    let connection = manager.get_connection();
    let update = dialect.update_names();
    let mut last = i64::MIN;
    loop {
        let select =
            format!("SELECT id, name FROM person WHERE id > {last} ORDER BY id LIMIT {AT_ONCE}");
        let backend = manager.get_database_backend();
        let rows = connection
            .query_all_raw(Statement::from_string(backend, select))
            .await?;
        let mut values = Vec::with_capacity(rows.len());
        for row in &rows {
            last = row.try_get_by_index(0)?;
            let name = Name::read(&row.try_get_by_index::<String>(1)?);
            let (first, end) = name.ends().unwrap_or_default();
            values.push(serde_json::json!({
                "id": last, "standard": name.standard(), "sound": name.sound(), "first": first, "last": end,
            }));
        }
        if values.is_empty() {
            return Ok(());
        }
        let values = serde_json::Value::Array(values).to_string();
        connection
            .execute_raw(named(backend, update, values))
            .await?;
    }
}

fn named(backend: DbBackend, update: &str, values: String) -> Statement {
    Statement::from_sql_and_values(backend, update, [values.into()])
}

/// What somebody has said of a row of a list, known by a keyed hash: it is this person, or nobody of the region.
fn roster_decision(dialect: Dialect) -> Table {
    Table::of_region(dialect, "roster_decision")
        .blind_index("row_key", "NOT NULL")
        .column("person_id BIGINT REFERENCES person (id)")
        .column("reason TEXT NOT NULL")
        .word::<Department>("department")
        .column("user_id TEXT NOT NULL")
        .column("decided_at_ms BIGINT NOT NULL")
        .column("withdrawn_at_ms BIGINT")
        .column("withdrawn_by TEXT")
        .edited()
        .check(
            "withdrawn",
            "(withdrawn_at_ms IS NULL) = (withdrawn_by IS NULL)",
        )
        .unique_where("once", "region_code, row_key", "withdrawn_at_ms IS NULL")
        .index("person", "person_id")
        .index("county", "county_code, decided_at_ms, id")
}
