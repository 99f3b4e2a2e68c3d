//! The national list of regions and what counties count as, as they are committed in `data/regions`, and their way into the
//! tables `region` and `region_tag`.
//!
//! [`load_regions`] runs after the migrations, wherever they run: in `yihu migrate`, and in `yihu serve` when it migrates
//! at its start. It may run any number of times and from several instances at once.

use crate::db::{Database, DbError};
use ::entity::{
    region_code::RegionCode,
    shared::{region, region_tag},
};
use sea_orm::{EntityTrait, Set, sea_query::OnConflict};
use std::collections::{HashMap, HashSet};

/// Rows of one statement: four parameters each, under the limit of SQLite.
const BATCH: usize = 5_000;

const LIST: &str = include_str!("../../../data/regions/regions.tsv");
const TAGS: &str = include_str!("../../../data/regions/tags.tsv");

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

/// The tags of the list, each with the code of its region.
fn listed_tags() -> impl Iterator<Item = (i64, &'static str)> {
    TAGS.lines().skip(1).filter_map(|line| {
        let (code, tag) = line.split_once('\t')?;
        Some((code.parse().ok()?, tag))
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
    /// Tags that were not in the table. Tags beyond the list are kept: those of villages are no part of it.
    pub tagged: usize,
}

/// Adds the regions of the list that the table lacks, and corrects those that the list says otherwise.
///
/// Tables that agree cost a statement each.
///
/// # Errors
/// The database could not be read or written.
pub async fn load_regions(database: &Database) -> Result<LoadedRegions, DbError> {
    let mut loaded = LoadedRegions::default();
    let rows = rows_to_load(database, &mut loaded).await?;
    let tags = tags_to_load(database).await?;
    loaded.tagged = tags.len();
    if !rows.is_empty() || !tags.is_empty() {
        write(database, &rows, &tags).await?;
    }
    Ok(loaded)
}

async fn rows_to_load(
    database: &Database,
    loaded: &mut LoadedRegions,
) -> Result<Vec<region::Model>, DbError> {
    let mut present: HashMap<i64, region::Model> = region::Entity::find()
        .all(database.reader())
        .await?
        .into_iter()
        .map(|row| (row.code, row))
        .collect();
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
    Ok(rows)
}

async fn tags_to_load(database: &Database) -> Result<Vec<region_tag::ActiveModel>, DbError> {
    let present: HashSet<(i64, String)> = region_tag::Entity::find()
        .all(database.reader())
        .await?
        .into_iter()
        .map(|row| (row.region_code, row.tag))
        .collect();
    let missing =
        listed_tags().filter(|(code, tag)| !present.contains(&(*code, (*tag).to_owned())));
    Ok(missing
        .map(|(code, tag)| region_tag::ActiveModel {
            region_code: Set(code),
            tag: Set(tag.to_owned()),
        })
        .collect())
}

/// Upserts, because another instance may be doing the same.
async fn write(
    database: &Database,
    rows: &[region::Model],
    tags: &[region_tag::ActiveModel],
) -> Result<(), DbError> {
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
            for batch in tags.chunks(BATCH) {
                let key = [region_tag::Column::RegionCode, region_tag::Column::Tag];
                region_tag::Entity::insert_many(batch.iter().cloned())
                    .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
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
    use ::entity::{
        codes::{CodeList, RegionTag},
        region_code::RegionLevel,
    };

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

    #[test]
    fn tags_are_those_of_counties_as_many_as_the_sources_say() {
        let counties: HashSet<i64> = listed_regions()
            .filter(|region| region.code.level() == RegionLevel::County)
            .map(|region| region.code.get())
            .collect();
        let mut counts: HashMap<RegionTag, usize> = HashMap::new();
        for (code, tag) in listed_tags() {
            assert!(counties.contains(&code), "{code}");
            *counts
                .entry(RegionTag::of_word(tag).expect("a tag"))
                .or_default() += 1;
        }
        for (tag, count) in [
            (RegionTag::NationalPoor, 31),
            (RegionTag::RegionPoor, 26),
            (RegionTag::YanshanTaihang, 3),
            (RegionTag::GreaterKhingan, 5),
            (RegionTag::OldRevolutionaryBase, 49),
            (RegionTag::Border, 19),
            (RegionTag::Pastoral, 33),
        ] {
            assert_eq!(counts.remove(&tag), Some(count), "{tag}");
        }
        assert!(counts.is_empty(), "{counts:?}");
        assert_eq!(listed_tags().count(), TAGS.lines().count() - 1);
    }
}
