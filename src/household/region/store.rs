//! The national list of regions, as it is committed in `data/regions`, and its way into the table `region`.
//!
//! [`load_regions`] runs after the migrations, wherever they run: in `yihu migrate`, and in `yihu serve` when it migrates
//! at its start. It may run any number of times and from several instances at once.

use crate::db::{Database, DbError};
use ::entity::{region_code::RegionCode, shared::region};
use sea_orm::{EntityTrait, Set, sea_query::OnConflict};
use std::collections::HashMap;

/// Rows of one statement: four parameters each, under the limit of SQLite.
const BATCH: usize = 5_000;

const LIST: &str = include_str!("../../../data/regions/regions.tsv");

/// A region of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedRegion {
    pub code: RegionCode,
    pub name: &'static str,
}

/// The regions of the list by code, so that a region comes before what lies in it.
pub fn listed_regions() -> impl Iterator<Item = ListedRegion> {
    LIST.lines().skip(1).filter_map(|line| {
        let (code, name) = line.split_once('\t')?;
        Some(ListedRegion {
            code: RegionCode::parse(code).ok()?,
            name,
        })
    })
}

/// What loading the list did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadedRegions {
    /// Regions that were not in the table.
    pub added: usize,
    /// Regions whose name, level or parent was another one.
    pub updated: usize,
    /// Regions of the table that the list no longer has. They are kept: old records are full of them.
    pub beyond_the_list: usize,
}

/// Adds the regions of the list that the table lacks, and corrects those that the list says otherwise.
///
/// A table that agrees costs one statement.
///
/// # Errors
/// The database could not be read or written.
pub async fn load_regions(database: &Database) -> Result<LoadedRegions, DbError> {
    let mut present: HashMap<i64, region::Model> = region::Entity::find()
        .all(database.reader())
        .await?
        .into_iter()
        .map(|row| (row.code, row))
        .collect();
    let mut loaded = LoadedRegions::default();
    let mut rows = Vec::new();
    for listed in listed_regions() {
        let row = row(listed);
        match present.remove(&row.code) {
            None => loaded.added += 1,
            Some(old) if old != row => loaded.updated += 1,
            Some(_) => continue,
        }
        rows.push(row);
    }
    loaded.beyond_the_list = present.len();
    if !rows.is_empty() {
        write(database, &rows).await?;
    }
    Ok(loaded)
}

/// An upsert, because another instance may be doing the same.
async fn write(database: &Database, rows: &[region::Model]) -> Result<(), DbError> {
    database
        .write("load_regions", |transaction| async move {
            for batch in rows.chunks(BATCH) {
                let mut said_last = OnConflict::column(region::Column::Code);
                said_last.update_columns([
                    region::Column::ParentCode,
                    region::Column::Level,
                    region::Column::Name,
                ]);
                region::Entity::insert_many(batch.iter().cloned().map(active))
                    .on_conflict(said_last)
                    .exec_without_returning(&*transaction)
                    .await?;
            }
            Ok(())
        })
        .await
}

fn row(listed: ListedRegion) -> region::Model {
    region::Model {
        code: listed.code.get(),
        parent_code: listed.code.parent().map(RegionCode::get),
        level: listed.code.level().as_str().to_owned(),
        name: listed.name.to_owned(),
    }
}

fn active(row: region::Model) -> region::ActiveModel {
    region::ActiveModel {
        code: Set(row.code),
        parent_code: Set(row.parent_code),
        level: Set(row.level),
        name: Set(row.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_the_list_is_lost() {
        let regions: Vec<_> = listed_regions().collect();
        assert_eq!(regions.len(), LIST.lines().count() - 1);
        assert!(regions.is_sorted_by(|one, next| one.code < next.code));
        let county = regions
            .iter()
            .find(|region| region.code.get() == 150_921_000_000);
        assert_eq!(county.map(|region| region.name), Some("卓资县"));
    }
}
