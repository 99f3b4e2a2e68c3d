//! Reads the facts that a request's answers rest on: the same few statements whatever the number of households.

use super::facts::{Family, Rules};
use crate::{db::Reads, facts::Of, graphql::plan::NextTurn};
use async_graphql::{
    dataloader::{DataLoader, Loader},
    runtime::TokioSpawner,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use time::Date;

/// Loads the facts of families.
pub struct Entitlements {
    reads: Reads,
    pub rules: Arc<Rules>,
}

/// The loader of one request.
#[must_use]
pub fn entitlements(reads: Reads, rules: Arc<Rules>) -> DataLoader<Entitlements> {
    DataLoader::new(
        Entitlements { reads, rules },
        TokioSpawner::current(),
        NextTurn,
    )
    .delay(std::time::Duration::ZERO)
    .max_batch_size(usize::MAX)
}

/// The facts could not be read; the cause is in the log.
#[derive(Clone, Debug)]
pub struct FactsFailed;

/// A household on a day.
pub type HouseholdOn = (i64, Date);

impl Loader<HouseholdOn> for Entitlements {
    type Value = Arc<Family>;
    type Error = FactsFailed;

    async fn load(
        &self,
        keys: &[HouseholdOn],
    ) -> Result<HashMap<HouseholdOn, Arc<Family>>, FactsFailed> {
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "the facts of households can't be read");
            FactsFailed
        };
        let mut by_day: BTreeMap<Date, Vec<i64>> = BTreeMap::new();
        for (household, day) in keys {
            by_day.entry(*day).or_default().push(*household);
        }
        let mut session = self.reads.acquire().await.map_err(|error| failed(&error))?;
        let mut loaded = HashMap::with_capacity(keys.len());
        for (day, households) in by_day {
            let of = Of::These(households.into());
            let statements = self.rules.statements(self.reads.dialect(), &of, day);
            let results = session.batch(statements).await;
            let results = results.into_iter().collect::<Result<Vec<_>, _>>();
            let results = results.map_err(|error| failed(&error))?;
            let families = self.rules.families(&results, day);
            for (household, family) in families.map_err(|error| failed(&error))? {
                loaded.insert((household, day), Arc::new(family));
            }
        }
        Ok(loaded)
    }
}
