//! Loads slices for stock resolution: one statement for each list of a level, whatever the number of parents.

use super::{
    Filter, Refusal, RowReader, Rows,
    planner::{Grouping, conditions, group_column, order_of},
    write::logged,
};
use crate::{
    authz::Access,
    db::{Class, Param, Reads, Statement},
    graphql::language::Language,
};
use async_graphql::{
    Error,
    dataloader::{DataLoader, Loader},
    futures_util::{FutureExt, future::BoxFuture},
    runtime::{Timer, TokioSpawner},
};
use std::{
    collections::{BTreeSet, HashMap},
    hash::{Hash, Hasher},
    marker::PhantomData,
    sync::Arc,
    time::Duration,
};

/// The rows of `T` below one parent.
pub struct Of<T> {
    household: i64,
    parent: i64,
    filter: Option<Filter>,
    grouping: Grouping,
    of: PhantomData<fn() -> T>,
}

impl<T> Of<T> {
    pub fn new(household: i64, parent: i64, filter: Option<Filter>, grouping: Grouping) -> Self {
        Of {
            household,
            parent,
            filter,
            grouping,
            of: PhantomData,
        }
    }
}

impl<T> Clone for Of<T> {
    fn clone(&self) -> Self {
        Of::new(
            self.household,
            self.parent,
            self.filter.clone(),
            self.grouping,
        )
    }
}
impl<T> PartialEq for Of<T> {
    fn eq(&self, other: &Self) -> bool {
        self.household == other.household
            && self.parent == other.parent
            && self.grouping == other.grouping
            && self.filter == other.filter
    }
}
impl<T> Eq for Of<T> {}
impl<T> Hash for Of<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.household.hash(state);
        self.parent.hash(state);
        self.grouping.hash(state);
        self.filter.hash(state);
    }
}

/// A slice could not be read; the cause is in the log.
#[derive(Clone, Debug)]
pub struct SliceFailed;

impl From<SliceFailed> for Error {
    fn from(_: SliceFailed) -> Self {
        Refusal::internal().into_error(Language::English)
    }
}

/// The loader of one request: a shared one would mix viewers.
pub struct Slices {
    reads: Reads,
    access: Access,
}

/// A loader that collects keys for one turn of the runtime, not for a millisecond.
#[must_use]
pub fn slices(reads: Reads, access: Access) -> DataLoader<Slices> {
    in_one_turn(Slices { reads, access })
}

/// A loader that collects keys for one turn of the runtime. A level is one load, whatever its length.
#[must_use]
pub fn in_one_turn<T>(loader: T) -> DataLoader<T> {
    DataLoader::new(loader, TokioSpawner::current(), NextTurn)
        .delay(Duration::ZERO)
        .max_batch_size(usize::MAX)
}

/// Lets a loader collect keys for one turn of the runtime.
struct NextTurn;
impl Timer for NextTurn {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        tokio::task::yield_now().boxed()
    }
}

impl<T: Rows> Loader<Of<T>> for Slices {
    type Value = Arc<Vec<T>>;
    type Error = SliceFailed;

    async fn load(&self, keys: &[Of<T>]) -> Result<HashMap<Of<T>, Arc<Vec<T>>>, SliceFailed> {
        let mut lists: HashMap<(Option<&Filter>, Grouping), Vec<&Of<T>>> = HashMap::new();
        for key in keys {
            lists
                .entry((key.filter.as_ref(), key.grouping))
                .or_default()
                .push(key);
        }
        let mut connection = self.reads.acquire().await.map_err(|error| {
            logged(&error);
            SliceFailed
        })?;
        let lists: Vec<_> = lists.into_iter().collect();
        let statements = lists
            .iter()
            .map(|((filter, grouping), keys)| {
                statement::<T>(&self.reads, &self.access, *filter, *grouping, keys)
            })
            .collect();
        let results = connection.batch(statements).await;
        let mut loaded = HashMap::with_capacity(keys.len());
        for ((_, keys), rows) in lists.iter().zip(results) {
            let rows = rows.map_err(|error| {
                logged(&error);
                SliceFailed
            })?;
            let mut grouped = group::<T>(&rows)?;
            for key in keys {
                let rows = grouped.remove(&key.parent).unwrap_or_default();
                loaded.insert((*key).clone(), Arc::new(rows));
            }
        }
        Ok(loaded)
    }
}

fn statement<T: Rows>(
    reads: &Reads,
    access: &Access,
    filter: Option<&Filter>,
    grouping: Grouping,
    keys: &[&Of<T>],
) -> Statement {
    let mut columns = vec![group_column::<T>(grouping), T::KEY, T::HOUSEHOLD];
    T::columns(&mut columns);
    let (asked, ids): (_, BTreeSet<i64>) = match grouping {
        Grouping::Parent | Grouping::Column(_) => {
            (T::HOUSEHOLD, keys.iter().map(|key| key.household).collect())
        }
        Grouping::Key => (T::KEY, keys.iter().map(|key| key.parent).collect()),
    };
    let bound = access.bound::<T>(2);
    let (conditions, _) = conditions(filter, bound.as_deref(), 2);
    let sql = format!(
        "SELECT {} FROM {} WHERE {}{conditions} ORDER BY {}",
        columns.join(", "),
        T::FROM,
        reads.dialect().any(asked, 1),
        order_of::<T>(grouping)
    );
    let mut params = vec![Param::I64s(ids.into_iter().collect())];
    if bound.is_some() {
        params.push(access.institution());
    }
    let values = filter.into_iter().flat_map(|filter| &filter.values);
    params.extend(values.map(Param::from));
    Statement::new(Class::ByHousehold, sql, params)
}

fn group<T: Rows>(rows: &[crate::db::Row]) -> Result<HashMap<i64, Vec<T>>, SliceFailed> {
    let mut grouped: HashMap<i64, Vec<T>> = HashMap::new();
    for row in rows {
        let mut reader = RowReader::new(row);
        let (Ok(parent), Ok(record)) = (reader.parent(), T::decode(&mut reader)) else {
            tracing::error!(
                table = T::FROM,
                "a column does not hold what its Rust type says"
            );
            return Err(SliceFailed);
        };
        grouped.entry(parent).or_default().push(record);
    }
    Ok(grouped)
}
