//! What a region counts as, and who is posted in a village.

use entity::codes::RegionTag;
use entity::household::codes::{VillagePostGrade, VillagePostRole, VillagePostState};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        region_tag(dialect).create(manager).await?;
        village_post(dialect).create(manager).await?;
        village_post_attendance(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = ["village_post_attendance", "village_post", "region_tag"];
        drop_tables(manager, &tables).await
    }
}

fn region_tag(dialect: Dialect) -> Table {
    Table::new(dialect, "region_tag")
        .column("region_code BIGINT NOT NULL REFERENCES region (code)")
        .word::<RegionTag>("tag")
        .constraint("PRIMARY KEY (region_code, tag)")
}

fn village_post(dialect: Dialect) -> Table {
    Table::of_region(dialect, "village_post")
        .column("person_name TEXT NOT NULL")
        .column("unit TEXT NOT NULL")
        .word::<VillagePostRole>("role")
        .word::<VillagePostState>("state")
        .word_or_null::<VillagePostGrade>("grade")
        .life()
        .edited()
        .unique("in_region", "id, region_code")
        .check(
            "over",
            "(state IN ('RECALLED', 'ENDED')) = (valid_to IS NOT NULL)",
        )
        .check("graded", "state <> 'GRADED' OR grade IS NOT NULL")
        .check(
            "recalled",
            "state <> 'RECALLED' OR COALESCE(grade, '') IN ('AVERAGE', 'POOR')",
        )
        .unique_where(
            "one_first_secretary",
            "region_code",
            "role = 'FIRST_SECRETARY' AND valid_to IS NULL",
        )
        .index("region", "region_code, id")
        .index("county", "county_code, region_code, id")
}

fn village_post_attendance(dialect: Dialect) -> Table {
    Table::of_region(dialect, "village_post_attendance")
        .column("village_post_id BIGINT NOT NULL")
        .constraint(
            "CONSTRAINT village_post_attendance_post FOREIGN KEY (village_post_id, region_code) \
             REFERENCES village_post (id, region_code) ON UPDATE CASCADE",
        )
        .column("year INTEGER NOT NULL")
        .column("days INTEGER NOT NULL")
        .unique("once_a_year", "village_post_id, year")
        .check("days_of_a_year", "days BETWEEN 0 AND 366")
        .index("region", "region_code")
}
