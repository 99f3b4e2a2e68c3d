//! What is too old to be followed is removed, from the oldest on.

use crate::{
    clock::Clock,
    db::{BATCH, Database, DbError, Purge, Transaction},
};
use entity::shared::{change_purge, change_record};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

const DAY_MS: i64 = 86_400_000;

/// Changes that are kept for some days.
#[derive(Clone)]
pub struct OldChanges {
    pub database: Database,
    pub clock: Clock,
    pub keep_days: u32,
}

impl Purge for OldChanges {
    const WHAT: &'static str = "changes";

    async fn batch(&self) -> Result<bool, DbError> {
        let oldest_ms = self.clock.now_ms() - i64::from(self.keep_days) * DAY_MS;
        self.database
            .write("purge changes", |transaction| {
                remove(transaction, oldest_ms)
            })
            .await
    }
}

#[derive(FromQueryResult)]
struct Change {
    transaction_id: i64,
    ordinal: i32,
    at_ms: i64,
}

/// Removes the oldest changes in the order in which they are followed, so that what is left has no gap after one position.
async fn remove(transaction: Transaction, oldest_ms: i64) -> Result<bool, DbError> {
    use change_record::Column as C;
    let oldest: Vec<Change> = change_record::Entity::find()
        .select_only()
        .columns([C::TransactionId, C::Ordinal, C::AtMs])
        .order_by_asc(C::TransactionId)
        .order_by_asc(C::Ordinal)
        .limit(BATCH)
        .into_model()
        .all(&*transaction)
        .await?;
    let old = oldest.iter().take_while(|change| change.at_ms < oldest_ms);
    let count = old.clone().count();
    let Some(&Change {
        transaction_id: number,
        ordinal,
        ..
    }) = old.last()
    else {
        return Ok(false);
    };
    let up_to = Condition::any()
        .add(C::TransactionId.lt(number))
        .add(C::TransactionId.eq(number).and(C::Ordinal.lte(ordinal)));
    change_record::Entity::delete_many()
        .filter(up_to)
        .exec(&*transaction)
        .await?;
    use change_purge::Column as P;
    let further = Condition::any()
        .add(P::TransactionId.lt(number))
        .add(P::TransactionId.eq(number).and(P::Ordinal.lt(ordinal)));
    change_purge::Entity::update_many()
        .col_expr(P::TransactionId, Expr::value(number))
        .col_expr(P::Ordinal, Expr::value(ordinal))
        .filter(further)
        .exec(&*transaction)
        .await?;
    Ok(count as u64 == BATCH)
}
