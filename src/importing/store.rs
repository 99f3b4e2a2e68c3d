//! What a file says of a household and the register does not take (外部门上报): kept as it came, so that nothing is lost and the
//! checks see it beside the register, until the register takes it.

use crate::{
    db::{Class, DbError, Param, Reads, Statement, only},
    vault::BlindIndex,
    writing::{Door, Stop, written},
};
use entity::{household::household, shared::reported_record};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use time::Date;

written! {
    Core: reported_record;
}

/// The file.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// The department that sent it.
    pub agency: &'static str,
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub hash: String,
}

/// A row that the register does not take.
#[derive(Clone, Debug)]
pub(super) struct Report {
    /// By what the row is known again, in this file and in later ones.
    pub key: String,
    pub kind: &'static str,
    pub sheet: Option<String>,
    pub row: u64,
    pub household: i64,
    /// Of the person whom it is about.
    pub identity: Option<BlindIndex>,
    pub on: Option<Date>,
    /// What it says, without names and numbers of persons, as JSON.
    pub values: String,
}

/// By which of these keys rows are kept.
pub(super) async fn kept_among(reads: &Reads, keys: Vec<String>) -> Result<Vec<String>, DbError> {
    if keys.is_empty() {
        return Ok(keys);
    }
    let among = reads.dialect().any("row_key", 1);
    let sql = format!("SELECT row_key FROM reported_record WHERE {among}");
    let keys = vec![Param::Texts(keys.into())];
    let mut session = reads.acquire().await?;
    let rows = session
        .one(Statement::new(Class::ByIdentity, sql, keys))
        .await?;
    rows.iter()
        .map(|row| Ok(row.cell(0).text()?.to_owned()))
        .collect()
}

/// Keeps what is reported, and removes what has been taken since.
pub(super) async fn keep(
    door: &Door,
    file: &File,
    reports: &[Report],
    taken: &[String],
) -> Result<(), Stop> {
    let keys = reports.iter().map(|report| &report.key).chain(taken);
    let before = reported_record::Entity::find()
        .filter(reported_record::Column::RowKey.is_in(keys))
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    let mut before: HashMap<_, _> = before
        .into_iter()
        .filter_map(|row| Some((row.row_key.clone()?, row)))
        .collect();
    for report in reports {
        match before.remove(&report.key) {
            Some(row) if row.values_json == report.values => {}
            Some(row) => {
                let after = said(report, file, row.clone(), door.now_ms());
                door.update::<reported_record::Entity>(&row, after).await?;
            }
            None => add(door, file, report).await?,
        }
    }
    for key in taken {
        if let Some(row) = before.remove(key) {
            door.remove::<reported_record::Entity>(&row).await?;
        }
    }
    Ok(())
}

async fn add(door: &Door, file: &File, report: &Report) -> Result<(), Stop> {
    let household = household::Entity::find_by_id(report.household);
    let region: Option<i64> = only(household, household::Column::RegionCode)
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    let row = reported_record::Model {
        id: door.new_key::<reported_record::Entity>().await?,
        source_agency: file.agency.to_owned(),
        kind: report.kind.to_owned(),
        file_name: String::new(),
        file_hash: String::new(),
        sheet: None,
        row_number: None,
        household_id: Some(report.household),
        region_code: region,
        identity_index: report
            .identity
            .as_ref()
            .map(|index| index.as_ref().to_vec()),
        reported_on: None,
        values_json: String::new(),
        received_at_ms: 0,
        row_key: Some(report.key.clone()),
    };
    let row = said(report, file, row, door.now_ms());
    door.insert::<reported_record::Entity>(row).await?;
    Ok(())
}

/// A record, as the row now says it.
fn said(
    report: &Report,
    file: &File,
    row: reported_record::Model,
    now_ms: i64,
) -> reported_record::Model {
    reported_record::Model {
        kind: report.kind.to_owned(),
        file_name: file.name.clone(),
        file_hash: file.hash.clone(),
        sheet: report.sheet.clone(),
        row_number: i32::try_from(report.row).ok(),
        household_id: Some(report.household),
        reported_on: report.on,
        values_json: report.values.clone(),
        received_at_ms: now_ms,
        ..row
    }
}
