//! Whether a region code names a region: a filter by a code that names none must not look like an empty list.

use crate::{
    db::{Class, Param, Reads, Statement},
    graphql::{
        plan::{Belongs, Refusal, RootQuery, Rows, failed},
        scalars::RegionId,
    },
};
use async_graphql::Context;
use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
};

/// The codes that have been found: regions are added, never removed, so what was found once stays.
#[derive(Default)]
pub struct KnownRegions(RwLock<HashSet<i64>>);

impl KnownRegions {
    fn holds(&self, code: i64) -> bool {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&code)
    }
    fn add(&self, code: i64) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(code);
    }
}

/// Refuses a code that names no region.
///
/// # Errors
/// `UNKNOWN_REGION` at the argument of this path.
pub async fn known(ctx: &Context<'_>, code: RegionId, path: &[&str]) -> Result<(), Refusal> {
    let regions = ctx.data_unchecked::<Arc<KnownRegions>>();
    let code = code.0.get();
    if regions.holds(code) {
        return Ok(());
    }
    let sql = "SELECT 1 FROM region WHERE code = $1";
    let statement = Statement::new(Class::Reference, sql, vec![Param::I64(code)]);
    let reads = ctx.data_unchecked::<Reads>();
    for rows in reads.batch(vec![statement]).await {
        if rows.map_err(|error| failed(&error))?.is_empty() {
            return Err(Refusal::argument(
                "UNKNOWN_REGION",
                path,
                "没有这个行政区划代码：请核对代码。",
                "No region has this code: check it.",
            ));
        }
    }
    regions.add(code);
    Ok(())
}

/// Leaves the rows of `T` that lie inside the region asked for by `filter.region`, if any is.
///
/// # Errors
/// A code that names no region.
pub async fn in_region<T: Rows>(
    ctx: &Context<'_>,
    query: &mut RootQuery,
    region: Option<RegionId>,
) -> Result<(), Refusal> {
    let Some(region) = region else {
        return Ok(());
    };
    known(ctx, region, &["filter", "region"]).await?;
    if T::BELONGS == Belongs::ToNobody {
        // Reference tables are small and have no column of the county.
        let (lo, hi) = region.0.range();
        let (lo, hi) = (query.bind(Param::I64(lo)), query.bind(Param::I64(hi)));
        query.and(format!("{} BETWEEN {lo} AND {hi}", T::REGION));
    } else {
        query.within::<T>(region.0.range());
    }
    Ok(())
}
