//! What changes of households need: who opened one and when the township confirmed it, why one returned to poverty, and
//! members that are offered to another township.

use entity::codes::Department;
use entity::household::codes::{MemberOfferState, PovertyCause};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{AddedColumns, Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        of_household().add(manager).await?;
        member_offer(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["member_offer"]).await?;
        of_household().drop(manager).await
    }
}

fn of_household() -> AddedColumns {
    AddedColumns::of("household")
        .word_or_null::<Department>("opened_by")
        .column("confirmed_on DATE")
        .word_or_null::<PovertyCause>("return_cause")
}

/// Of the region that it is offered to: the household left is another's to read.
fn member_offer(dialect: Dialect) -> Table {
    Table::of_region(dialect, "member_offer")
        .column("person_id BIGINT NOT NULL REFERENCES person (id)")
        .column("from_region BIGINT NOT NULL")
        .column("leaves_on DATE NOT NULL")
        .word::<MemberOfferState>("state")
        .column("offered_on DATE NOT NULL")
        .column("accepted_on DATE")
        .edited()
        .check(
            "accepted",
            "(state = 'ACCEPTED') = (accepted_on IS NOT NULL)",
        )
        .unique_where("open_once", "person_id", "state = 'OFFERED'")
        .index("person", "person_id")
        .index("county", "county_code, offered_on, id")
}
