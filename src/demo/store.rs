//! Rows of the tables that belong to no room, and whether there is a demonstration already.

use super::{
    DemoError, Demonstration, Filled, Institutions, RECORDED_AT_MS, Wanted, story::Setting,
};
use crate::db::{Class, Database, DbError, Inserts, Opening, Statement};
use ::entity::{
    codes::{CodeList, StudentStage},
    region_code::RegionCode,
    shared::{demonstration, institution, region, region_population, reported_record},
};
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use sha2::{Digest, Sha256};

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
    let found = demonstration::Entity::find().one(database.reader()).await;
    let found = found.map_err(DbError::from)?;
    if found.is_none() {
        let others = Statement::new(Class::Job, "SELECT id FROM household LIMIT 1", vec![]);
        let reads = database.reads().opened(Opening::Demonstration);
        if !reads.acquire().await?.one(others).await?.is_empty() {
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

/// Adds what other agencies report of the families.
pub(super) async fn add_reports(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let families = &demonstration.families;
    let count = families.iter().map(|family| family.reports.len()).sum();
    let mut ids = demonstration.ids("reported_record", count).await?;
    let mut rows = Vec::new();
    for family in families {
        for (report, id) in family.reports.iter().zip(&mut ids) {
            let county = family.village.county().unwrap_or_default();
            let file_name = format!("{}-{}-{county}.csv", report.agency, report.kind);
            let member = report.member.and_then(|place| family.members.get(place));
            let index = member.map(|member| demonstration.index(&member.citizen_number));
            // A member is reported of the household that the report names.
            let household = report.values["household"].as_i64().unwrap_or(family.id);
            rows.push(reported_record::ActiveModel {
                id: Set(id),
                source_agency: Set(report.agency.to_owned()),
                kind: Set(report.kind.to_owned()),
                file_hash: Set(hash(&file_name)),
                file_name: Set(file_name),
                row_number: Set(i32::try_from(family.id).ok()),
                household_id: Set(Some(household)),
                region_code: Set(Some(family.village.get())),
                identity_index: Set(index),
                reported_on: Set(Some(report.reported_on)),
                values_json: Set(report.values.to_string()),
                received_at_ms: Set(RECORDED_AT_MS),
                ..Default::default()
            });
        }
    }
    demonstration.inserts.add(rows);
    Ok(())
}

/// Stands for the hash of a file that nobody has.
fn hash(file_name: &str) -> String {
    let digest = Sha256::digest(file_name);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
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
