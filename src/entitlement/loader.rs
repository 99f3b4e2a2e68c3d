//! Reads the facts that a request's answers rest on: the same few statements whatever the number of households.

use super::{
    facts::{Family, families},
    rules::{InForce, RuleAt, Rules, Sources},
};
use crate::{
    authz::Access,
    db::{DbError, Reads},
    graphql::plan::in_one_turn,
};
use async_graphql::dataloader::{DataLoader, Loader};
use entity::region_code::RegionCode;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, OnceLock},
};
use time::Date;

/// Loads the facts of families.
pub struct Entitlements {
    reads: Reads,
    pub rules: Arc<Rules>,
    access: Access,
    in_force: InForce,
    hidden: OnceLock<Arc<HashSet<usize>>>,
}

impl Entitlements {
    /// The rules in force for a village on a day.
    pub fn in_force(&self, village: RegionCode, on: Date) -> Arc<[RuleAt]> {
        self.in_force.of(&self.rules, village, on)
    }

    /// The facts that the viewer may not read, by place.
    pub fn hidden(&self) -> &Arc<HashSet<usize>> {
        self.hidden.get_or_init(|| {
            let stated = self.rules.facts.stated().iter().enumerate();
            let hidden = stated.filter(|(_, fact)| {
                let (type_name, field) = fact.column.field;
                !self.access.may_read(type_name, field)
            });
            Arc::new(hidden.map(|(place, _)| place).collect())
        })
    }
}

/// The loader of one request.
///
/// Facts are read for the rule and not for the viewer: the household is already one that the viewer may see, an amount is right
/// or it is none, and what an answer shows of the facts goes by `hidden`.
#[must_use]
pub fn entitlements(reads: Reads, rules: Arc<Rules>, access: Access) -> DataLoader<Entitlements> {
    in_one_turn(Entitlements {
        reads,
        rules,
        access,
        in_force: InForce::default(),
        hidden: OnceLock::new(),
    })
}

/// The facts could not be read; the cause is in the log.
#[derive(Clone, Debug)]
pub struct FactsFailed;

impl From<DbError> for FactsFailed {
    fn from(error: DbError) -> Self {
        tracing::error!(%error, "the facts of households can't be read");
        FactsFailed
    }
}

/// What is read of a household on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FactsOf {
    pub household: i64,
    pub day: Date,
    pub sources: Sources,
}

impl Loader<FactsOf> for Entitlements {
    type Value = Arc<Family>;
    type Error = FactsFailed;

    async fn load(&self, keys: &[FactsOf]) -> Result<HashMap<FactsOf, Arc<Family>>, FactsFailed> {
        let mut alike: BTreeMap<(Date, Sources), Vec<i64>> = BTreeMap::new();
        for key in keys {
            let households = alike.entry((key.day, key.sources)).or_default();
            households.push(key.household);
        }
        let mut session = self.reads.acquire().await?;
        let mut loaded = HashMap::with_capacity(keys.len());
        for ((day, sources), households) in alike {
            let households = households.into();
            let read = families(&self.rules, &mut session, households, day, sources).await?;
            loaded.extend(read.into_iter().map(|(household, family)| {
                let key = FactsOf {
                    household,
                    day,
                    sources,
                };
                (key, Arc::new(family))
            }));
        }
        Ok(loaded)
    }
}
