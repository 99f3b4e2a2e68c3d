//! The claims of a year and what the register knows of the patient on the day of discharge, read alike before and inside of a
//! write.

use super::super::store::registered;
use crate::{
    db::{BadCell, Class, DbError, Opening, Param, Row, Statement},
    writing::{Door, Stop, written},
};
use ::entity::{
    health::{claim_stage, medical_claim},
    household::{identity, person},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};
use time::{Date, Month};

written! {
    Health: claim_stage;
}

/// The patient: this membership, and the human being, zero where that is not known.
#[derive(Clone, Copy, Debug)]
pub struct Patient {
    pub person: i64,
    pub identity: i64,
}

impl Patient {
    #[must_use]
    pub fn of(person: &person::Model) -> Self {
        Patient {
            person: person.id,
            identity: person.identity_id.unwrap_or_default(),
        }
    }
}

/// A settled claim of a year, or the one that is to be settled, with what is known of the patient on the day of discharge.
#[derive(Clone, Debug, FromQueryResult)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that rules ask for"
)]
pub struct YearClaim {
    /// Zero for a bill that is no claim.
    pub id: i64,
    pub region_code: i64,
    pub kind: String,
    pub hospital_level: String,
    pub admitted_on: Date,
    pub discharged_on: Date,
    pub total_cost_fen: i64,
    pub eligible_cost_fen: i64,
    pub commercial_reported_fen: Option<i64>,
    pub backstop_decision_fen: Option<i64>,
    pub settled_elsewhere: bool,
    pub registered: bool,
    pub enrolled: bool,
    /// The insurer of the supplementary insurance.
    pub insurer_code: Option<String>,
    pub major_disease: bool,
    pub chronic_registered: bool,
    pub doctor_signed: bool,
}

/// Columns of a claim, in the order of [`YearClaim`].
const CLAIM: &str = "t.id, t.region_code, t.kind, t.hospital_level, t.admitted_on, t.discharged_on, \
    t.total_cost_fen, t.eligible_cost_fen, t.commercial_reported_fen, t.backstop_decision_fen, t.settled_elsewhere";

/// The facts of a patient, in the order of [`YearClaim`]. Enrolments and flags are of the human being: a member who moved
/// keeps them, on the earlier membership.
fn facts(day: &str, year: &str) -> String {
    // The memberships lead to the rows, each counted by itself: as a join, PostgreSQL reads all flags of a class for every claim
    // where it has no statistics.
    let has = |table: &str, condition: &str| {
        format!(
            "EXISTS (SELECT 1 FROM person m WHERE (m.id = p.id OR m.identity_id = p.identity_id) \
             AND (SELECT COUNT(*) FROM {table} x WHERE x.person_id = m.id AND {condition}) > 0)"
        )
    };
    let on = format!("x.valid_from <= {day} AND (x.valid_to IS NULL OR x.valid_to > {day})");
    let registered = registered("p.household_id", day);
    let enrolled = has("medical_enrolment", &format!("x.year = {year}"));
    let major = has(
        "disease_flag",
        &format!("{on} AND x.class IN ('MAJOR', 'SEVERE')"),
    );
    let chronic = has("disease_flag", &format!("{on} AND x.class = 'CHRONIC'"));
    let signed = has("doctor_contract", &on);
    format!(
        "{registered} AS registered, {enrolled} AS enrolled, \
         (SELECT MIN((SELECT MIN(x.insurer_code) FROM supplementary_enrolment x WHERE x.person_id = m.id AND x.year = {year})) \
            FROM person m WHERE m.id = p.id OR m.identity_id = p.identity_id) AS insurer_code, \
         {major} AS major_disease, {chronic} AS chronic_registered, {signed} AS doctor_signed"
    )
}

/// The settled claims of a patient that were discharged in a year, and the claim of this key, in the order of discharge.
#[must_use]
pub fn year_statement(patient: Patient, year: i32, besides: i64) -> Statement {
    let sql = format!(
        "SELECT {CLAIM}, {} FROM medical_claim t JOIN person p ON p.id = t.person_id \
         WHERE (p.id = $1 OR p.identity_id = $2) AND t.discharged_on BETWEEN $3 AND $4 AND (t.state = 'SETTLED' OR t.id = $5) \
         ORDER BY t.discharged_on, t.admitted_on, t.id",
        facts("t.discharged_on", "$6")
    );
    let day = |month, day| Date::from_calendar_date(year, month, day).unwrap_or(Date::MIN);
    let params = vec![
        Param::I64(patient.person),
        Param::I64(patient.identity),
        Param::Day(day(Month::January, 1)),
        Param::Day(day(Month::December, 31)),
        Param::I64(besides),
        Param::I64(year.into()),
    ];
    beyond(sql, params)
}

/// The stages of all settled claims of a year, for a check: each row has the claim as [`YearClaim`] reads it, then the human
/// being, household and person, whether the household is one that is looked at, and key, kind, amount and day of the stage.
#[must_use]
pub fn stages_of_year() -> String {
    let of_year = |of: &str| {
        format!(
            "{of}.state = 'SETTLED' AND CAST(substr(CAST({of}.discharged_on AS TEXT), 1, 4) AS INTEGER) = {{year}}"
        )
    };
    let (here, listed) = (of_year("c"), of_year("y"));
    // Each step leads to the next by keys that are there. A condition on the claims to which one leads would make PostgreSQL take
    // them for a few, and read all claims for every one of them; so those found are looked at when they have been read.
    format!(
        "WITH found AS MATERIALIZED ( \
            SELECT c.id FROM medical_claim c WHERE {{here c}} AND {here} \
            UNION SELECT o.id FROM medical_claim c JOIN person p ON p.id = c.person_id \
            JOIN person q ON q.identity_id = p.identity_id AND q.id <> p.id JOIN medical_claim o ON o.person_id = q.id \
            WHERE {{here c}} AND {here}), \
         y AS MATERIALIZED ( \
            SELECT {CLAIM}, {}, COALESCE(p.identity_id, -p.id) AS human, t.household_id, t.person_id, \
            CASE WHEN {{here t}} THEN 1 ELSE 0 END AS is_here, CAST(t.settled_on AS TEXT) AS settled_on, t.state, \
            t.registered_at_discharge \
            FROM found JOIN medical_claim t ON t.id = found.id JOIN person p ON p.id = t.person_id) \
         SELECT y.*, s.id, s.stage, s.paid_fen FROM y LEFT JOIN claim_stage s ON s.claim_id = y.id WHERE {listed} \
         ORDER BY y.human, y.discharged_on, y.admitted_on, y.id, s.position",
        facts("t.discharged_on", "{year}")
    )
}

/// What a row of [`stages_of_year`] says besides the claim.
pub struct Recorded {
    pub human: i64,
    pub household: i64,
    pub person: i64,
    /// Whether the household is one that is looked at.
    pub is_here: bool,
    /// Key, kind and amount of a stage; none of a claim without any.
    pub stage: Option<(i64, String, i64)>,
    pub settled_on: Option<String>,
    pub settled_as_registered: bool,
}

impl Recorded {
    /// A row of [`stages_of_year`].
    ///
    /// # Errors
    /// A cell that is not what its column says.
    pub fn read(row: &Row) -> Result<Self, BadCell> {
        let text = |at| match row.cell(at) {
            cell if cell.is_null() => Ok(None),
            cell => cell.text().map(|text| Some(text.to_owned())),
        };
        Ok(Recorded {
            human: row.cell(17).int()?,
            household: row.cell(18).int()?,
            person: row.cell(19).int()?,
            is_here: row.cell(20).int()? != 0,
            settled_on: text(21)?,
            settled_as_registered: row.cell(23).boolean()?,
            stage: match text(25)? {
                Some(kind) => Some((row.cell(24).int()?, kind, row.cell(26).int()?)),
                None => None,
            },
        })
    }
}

/// What is known of a patient on a day.
#[must_use]
pub fn facts_statement(patient: Patient, day: Date) -> Statement {
    let sql = format!("SELECT {} FROM person p WHERE p.id = $1", facts("$2", "$3"));
    let params = vec![
        Param::I64(patient.person),
        Param::Day(day),
        Param::I64(day.year().into()),
    ];
    beyond(sql, params)
}

fn beyond(sql: String, params: Vec<Param>) -> Statement {
    Statement {
        beyond: Some(Opening::YearOfClaims),
        ..Statement::new(Class::ByIdentity, sql, params)
    }
}

/// The insurance level of a hospital; null where none is recorded.
#[must_use]
pub fn level_statement(code: &str) -> Statement {
    let sql =
        "SELECT i.hospital_level FROM institution i WHERE i.code = $1 AND i.kind = 'HOSPITAL'";
    Statement::new(Class::Reference, sql, vec![Param::Text(code.into())])
}

impl YearClaim {
    /// A row of [`year_statement`].
    ///
    /// # Errors
    /// A cell that is not what its column says.
    pub fn read(row: &Row) -> Result<Self, BadCell> {
        let fen = |place| match row.cell(place) {
            cell if cell.is_null() => Ok(None),
            cell => cell.int().map(Some),
        };
        YearClaim {
            id: row.cell(0).int()?,
            region_code: row.cell(1).int()?,
            kind: row.cell(2).text()?.to_owned(),
            hospital_level: row.cell(3).text()?.to_owned(),
            admitted_on: row.cell(4).day()?,
            discharged_on: row.cell(5).day()?,
            total_cost_fen: row.cell(6).int()?,
            eligible_cost_fen: row.cell(7).int()?,
            commercial_reported_fen: fen(8)?,
            backstop_decision_fen: fen(9)?,
            settled_elsewhere: row.cell(10).boolean()?,
            registered: false,
            enrolled: false,
            insurer_code: None,
            major_disease: false,
            chronic_registered: false,
            doctor_signed: false,
        }
        .with_facts(row, 11)
    }

    /// With the facts that stand in a row from this cell on.
    ///
    /// # Errors
    /// A cell that is not what its column says.
    pub fn with_facts(mut self, row: &Row, first: usize) -> Result<Self, BadCell> {
        self.registered = row.cell(first).boolean()?;
        self.enrolled = row.cell(first + 1).boolean()?;
        let insurer = row.cell(first + 2);
        self.insurer_code = match insurer.is_null() {
            true => None,
            false => Some(insurer.text()?.to_owned()),
        };
        self.major_disease = row.cell(first + 3).boolean()?;
        self.chronic_registered = row.cell(first + 4).boolean()?;
        self.doctor_signed = row.cell(first + 5).boolean()?;
        Ok(self)
    }

    /// The place in the order of discharge.
    #[must_use]
    pub fn order(&self) -> (Date, Date, i64) {
        (self.discharged_on, self.admitted_on, self.id)
    }
}

/// The patient of a claim, whose claims nobody else settles from here to the end of the write. On SQLite a write is alone.
///
/// # Errors
/// The database.
pub async fn locked(door: &Door, claim: &medical_claim::Model) -> Result<Patient, Stop> {
    let person = person::Entity::find_by_id(claim.person_id)
        .lock_exclusive()
        .one(door.transaction())
        .await
        .map_err(DbError::from)?
        .ok_or_else(|| DbError::fault("a claim without a person"))?;
    if let Some(identity) = person.identity_id {
        identity::Entity::find_by_id(identity)
            .lock_exclusive()
            .one(door.transaction())
            .await
            .map_err(DbError::from)?;
    }
    Ok(Patient::of(&person))
}

/// The rows of [`year_statement`], inside of a write.
///
/// # Errors
/// The database.
pub async fn year(
    door: &Door,
    patient: Patient,
    year: i32,
    besides: i64,
) -> Result<Vec<YearClaim>, Stop> {
    let statement = door.orm_statement(year_statement(patient, year, besides))?;
    let rows = async {
        let rows = door.transaction().query_all_raw(statement).await;
        Ok(rows.map_err(DbError::from)?)
    };
    let rows = door.beyond(Opening::YearOfClaims, rows).await?;
    let claims = rows.iter().map(|row| YearClaim::from_query_result(row, ""));
    Ok(claims.collect::<Result<_, _>>().map_err(DbError::from)?)
}

/// The claim of a key, wherever it is, with its stages in their order.
///
/// # Errors
/// The database.
pub async fn claim_with_stages(
    door: &Door,
    claim: i64,
) -> Result<Option<(medical_claim::Model, Vec<claim_stage::Model>)>, Stop> {
    let found = async {
        let found = medical_claim::Entity::find_by_id(claim)
            .one(door.transaction())
            .await
            .map_err(DbError::from)?;
        Ok(match found {
            Some(found) => Some((found, stages(door, claim).await?)),
            None => None,
        })
    };
    door.beyond(Opening::YearOfClaims, found).await
}

/// The stages of a claim, in their order.
///
/// # Errors
/// The database.
pub async fn stages(door: &Door, claim: i64) -> Result<Vec<claim_stage::Model>, Stop> {
    let stages = claim_stage::Entity::find()
        .filter(claim_stage::Column::ClaimId.eq(claim))
        .order_by_asc(claim_stage::Column::Position)
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(stages)
}
