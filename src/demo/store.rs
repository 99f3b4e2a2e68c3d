//! Rows of the tables that belong to no room, and whether there is a demonstration already.

use super::{DemoError, Demonstration, Filled, Institutions, Wanted, story::Setting};
use crate::db::{Database, DbError, Inserts};
use ::entity::{
    codes::{CodeList, StudentStage},
    household::household,
    region_code::RegionCode,
    shared::{demonstration, institution, region, region_population},
};
use sea_orm::{ActiveModelTrait, EntityTrait, QuerySelect, Set};

impl Demonstration<'_> {
    /// Adds rows of a table, which get their keys in their order.
    ///
    /// # Errors
    /// No keys.
    pub async fn add<A: ActiveModelTrait + Send>(
        &mut self,
        table: &'static str,
        mut rows: Vec<A>,
        set_key: fn(&mut A, i64),
    ) -> Result<(), DemoError> {
        let ids = self.ids(table, rows.len()).await?;
        for (row, id) in rows.iter_mut().zip(ids) {
            set_key(row, id);
        }
        self.inserts.add(rows);
        Ok(())
    }
}

/// The demonstration that is there.
///
/// # Errors
/// There are families, but not a demonstration's.
pub(super) async fn filled_before(database: &Database) -> Result<Option<Filled>, DemoError> {
    let reader = database.reader();
    let found = demonstration::Entity::find().one(reader).await;
    let found = found.map_err(DbError::from)?;
    if found.is_none() {
        let others = household::Entity::find()
            .select_only()
            .column(household::Column::Id)
            .limit(1)
            .into_tuple::<i64>()
            .one(reader);
        if others.await.map_err(DbError::from)?.is_some() {
            return Err(DemoError::OtherFamilies);
        }
    }
    Ok(found.map(|row| Filled {
        written: false,
        wanted: Wanted {
            households: row.wanted.unsigned_abs(),
            village: row.village,
            seed: row.seed.unsigned_abs(),
            ..Wanted::default()
        },
        households: row.households.unsigned_abs(),
        persons: row.persons.unsigned_abs(),
        rows: row.total_rows.unsigned_abs(),
    }))
}

/// Says that the families are a demonstration's.
pub(super) fn add_demonstration(inserts: &mut Inserts, filled: &Filled) {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    inserts.add(vec![demonstration::ActiveModel {
        id: Set(1),
        seed: Set(number(filled.wanted.seed)),
        wanted: Set(number(filled.wanted.households)),
        village: Set(filled.wanted.village),
        households: Set(number(filled.households)),
        persons: Set(number(filled.persons)),
        total_rows: Set(number(filled.rows)),
    }]);
}

/// Adds the regions that no list has, the institutions and the rural population.
pub(super) fn add_setting(inserts: &mut Inserts, setting: &Setting, institutions: &Institutions) {
    let regions = setting.regions.iter();
    let regions = regions.map(|(code, name)| region::ActiveModel {
        code: Set(code.get()),
        parent_code: Set(code.parent().map(RegionCode::get)),
        level: Set(code.level().as_str().to_owned()),
        name: Set((*name).to_owned()),
    });
    inserts.add(regions.collect());
    let institutions = institutions.all().iter();
    let institutions = institutions.map(|one| institution::ActiveModel {
        code: Set(one.code.clone()),
        kind: Set(one.kind),
        name: Set(one.name.clone()),
        region_code: Set(one.region),
        hospital_level: Set(one.hospital_level),
        designated: Set(one.hospital_level.is_some()),
        school_kind: Set(one.school_kind()),
        stages: Set((!one.stages.is_empty()).then(|| words(one.stages))),
    });
    inserts.add(institutions.collect());
    let populations = setting.populations.iter();
    let populations = populations.map(|((code, year), persons)| region_population::ActiveModel {
        region_code: Set(code.get()),
        year: Set(*year),
        rural_persons: Set(*persons),
    });
    inserts.add(populations.collect());
}

fn words(stages: &[StudentStage]) -> String {
    let words: Vec<_> = stages.iter().map(|stage| stage.word()).collect();
    words.join(",")
}
