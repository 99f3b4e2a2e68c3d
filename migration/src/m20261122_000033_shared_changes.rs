//! How changes are followed: by county, by province, by household; and what was removed of them.
//!
//! A page begins at a position and ends after so many rows, so each index ends with the position. That a household left a
//! region is found by the region it was in: such rows are few, and only they are in those indexes.

use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What a region code is divided by to have its county, its province.
const UNITS: [(&str, &str); 2] = [("county", "1000000"), ("province", "10000000000")];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Table::new(Dialect::of(manager)?, "change_purge")
            .column("id INTEGER NOT NULL PRIMARY KEY")
            .column("transaction_id BIGINT NOT NULL")
            .column("ordinal INTEGER NOT NULL")
            .check("one", "id = 1")
            .create(manager)
            .await?;
        let mut statements = vec![
            "INSERT INTO change_purge (id, transaction_id, ordinal) VALUES (1, 0, 0)".to_owned(),
            "CREATE INDEX change_record_household ON change_record (household_id, transaction_id, ordinal)"
                .to_owned(),
        ];
        for (unit, divisor) in UNITS {
            statements.push(format!(
                "CREATE INDEX change_record_{unit} ON change_record ((region_code / {divisor}), transaction_id, ordinal)"
            ));
            statements.push(format!(
                "CREATE INDEX change_record_left_{unit} ON change_record ((region_before / {divisor}), transaction_id, ordinal) \
                 WHERE region_code IS NULL OR region_code <> region_before"
            ));
        }
        run(manager, statements).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_units = UNITS.iter().flat_map(|(unit, _)| {
            [
                format!("change_record_{unit}"),
                format!("change_record_left_{unit}"),
            ]
        });
        let indexes = of_units.chain(["change_record_household".to_owned()]);
        run(
            manager,
            indexes.map(|index| format!("DROP INDEX {index}")).collect(),
        )
        .await?;
        drop_tables(manager, &["change_purge"]).await
    }
}
