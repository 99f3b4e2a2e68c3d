//! The least that the bench's work costs over Yihu's own tables, as a server without GraphQL, authorization or masks.
//!
//! `LIMIT_MODE=B` sends what one JSON-building statement gives; `LIMIT_MODE=C` sends one plain statement for each slice, all
//! down one connection at once, and writes the JSON by hand. Keys are sent as numbers, amounts in fen and moments in
//! milliseconds, which is less work than the graph has; the bench compares answers with that in mind.

mod rows;
mod write;

use actix_web::{App, HttpResponse, HttpServer, web};
use futures_util::future::try_join_all;
use rows::{Names, Rows, Shape};
use serde::Deserialize;
use std::{cell::RefCell, env, io, rc::Rc};
use tokio::sync::Semaphore;
use tokio_postgres::{Client, Error, NoTls, types::ToSql};
use write::{Adjustment, Writes};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Threads, and connections of each: as many in all as a server of the bench has.
const WORKERS: usize = 2;
const CONNECTIONS: usize = 4;

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(rename = "operationName")]
    operation: &'a str,
    #[serde(borrow)]
    variables: Variables<'a>,
}

#[derive(Deserialize)]
struct Variables<'a> {
    card: Option<&'a str>,
    village: Option<&'a str>,
    county: Option<&'a str>,
    status: Option<&'a str>,
    cause: Option<&'a str>,
    after: Option<&'a str>,
    request: Option<&'a str>,
    id: Option<i64>,
    version: Option<i32>,
    from: Option<&'a str>,
    class: Option<&'a str>,
    amount: Option<i64>,
}

impl Variables<'_> {
    fn village(&self) -> i64 {
        self.village.and_then(|code| code.parse().ok()).unwrap_or(0)
    }
    fn county(&self) -> i64 {
        self.county.and_then(|code| code.parse().ok()).unwrap_or(0)
    }
    fn adjustment(&self) -> Option<Adjustment<'_>> {
        Some(Adjustment {
            request: self.request?,
            id: self.id?,
            version: self.version?,
            from: self.from?,
            class: self.class?,
            fen: self.amount?,
        })
    }
    /// A position among the changes: the number of a transaction and of a row in it.
    fn after(&self) -> (i64, i32) {
        let position = self.after.and_then(|after| after.split_once(':'));
        position
            .and_then(|(transaction, ordinal)| {
                Some((transaction.parse().ok()?, ordinal.parse().ok()?))
            })
            .unwrap_or_default()
    }
}

/// The JSON-building statements, Q1 to Q5.
const BUILT: [&str; 5] = [
    include_str!("../sql/q1.sql"),
    include_str!("../sql/q2.sql"),
    include_str!("../sql/q3.sql"),
    include_str!("../sql/q4.sql"),
    include_str!("../sql/q5.sql"),
];

const HEAD_NAME: &str = "(SELECT p.name FROM person p WHERE p.household_id = t.id AND p.is_head AND p.valid_to IS NULL)";

/// The plain statements that pages and families begin with, Q1 to Q5.
fn first_statements() -> [String; 5] {
    let family = format!(
        "SELECT t.id, t.card_number, {HEAD_NAME}, t.status, t.main_cause, \
         (SELECT count(*) FROM person p WHERE p.household_id = t.id AND p.valid_to IS NULL), t.version, t.recorded_at_ms, \
         r.code, r.name, r.level FROM household t JOIN region r ON r.code = t.region_code"
    );
    [
        format!("{family} WHERE t.card_number = $1"),
        format!(
            "{family} WHERE t.county_code = $1::bigint / 1000000 AND t.region_code = $1 ORDER BY t.card_order, t.id LIMIT 51"
        ),
        format!(
            "SELECT t.id, t.card_number, {HEAD_NAME}, t.status, t.main_cause, t.registered_on FROM household t \
             WHERE t.county_code = $1 AND t.status = $2 AND t.main_cause = $3 ORDER BY t.card_order, t.id LIMIT 101"
        ),
        "SELECT d.household_id, d.id, d.dibao_number, d.class, d.persons, d.monthly_fen, d.state, d.approved_on, d.valid_from \
         FROM dibao d WHERE d.county_code = $1 AND d.valid_to IS NULL ORDER BY d.dibao_number, d.id LIMIT 501"
            .to_owned(),
        changes(),
    ]
}

/// What lies in a county after a position, and what left it, below the oldest running transaction.
fn changes() -> String {
    let arm = |condition: &str| {
        format!(
            "SELECT * FROM (SELECT transaction_id, ordinal, slice, action, object_type, object_id, household_id, \
             COALESCE(region_code, region_before), at_ms FROM change_record \
             WHERE {condition} AND (transaction_id, ordinal) > ($2, $3) AND transaction_id < \
             (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + added FROM transaction_clock) \
             ORDER BY transaction_id, ordinal LIMIT 501) arm"
        )
    };
    let (within, gone) = (
        arm("region_code / 1000000 = $1"),
        arm(
            "region_before / 1000000 = $1 AND (region_code IS NULL OR region_code <> region_before) \
             AND region_code / 1000000 IS DISTINCT FROM $1",
        ),
    );
    format!("{within} UNION ALL {gone} ORDER BY 1, 2 LIMIT 501")
}

/// The slices below households, each by the key in its first column.
const SLICES: [&str; 9] = [
    "SELECT household_id, id, name, citizen_number_mask, sex, birth_date, relation, education_level, health, labour_capacity \
     FROM person WHERE household_id = ANY($1) AND valid_to IS NULL ORDER BY household_id, is_head DESC, birth_date, id",
    "SELECT person_id, year, category, premium_fen, premium_subsidy_fen, paid_on FROM medical_enrolment \
     WHERE household_id = ANY($1) ORDER BY person_id, year DESC, id",
    "SELECT person_id, school_year, stage, amount_fen, state FROM rain_dew_application \
     WHERE household_id = ANY($1) ORDER BY person_id, school_year DESC, id",
    "SELECT household_id, class, persons, monthly_fen, valid_from, version FROM dibao \
     WHERE household_id = ANY($1) AND valid_to IS NULL ORDER BY household_id, valid_from DESC, id",
    "SELECT household_id, id, claim_number, discharged_on, total_cost_fen, eligible_cost_fen, state FROM medical_claim \
     WHERE household_id = ANY($1) ORDER BY household_id, discharged_on DESC, id",
    "SELECT household_id, grade, surveyed_on FROM house \
     WHERE household_id = ANY($1) AND valid_to IS NULL ORDER BY household_id, valid_from DESC, id",
    "SELECT household_id, year, solution, subsidy_fen, state FROM renovation \
     WHERE household_id = ANY($1) ORDER BY household_id, year DESC, id",
    "SELECT household_id, id, bank_code, principal_fen, rate_bp, due_on, state FROM loan \
     WHERE household_id = ANY($1) ORDER BY household_id, granted_on DESC, id",
    "SELECT household_id, id, department, programme, paid_on, amount_fen, state FROM payment \
     WHERE household_id = ANY($1) ORDER BY household_id, period DESC, id",
];

const FAMILY: Names = &[
    "id",
    "cardNumber",
    "headName",
    "status",
    "mainCause",
    "size",
    "version",
    "updatedAt",
];
const REGION: Names = &["code", "name", "level"];
const MEMBER: Names = &[
    "id",
    "name",
    "citizenNumber",
    "sex",
    "birthDate",
    "relation",
    "educationLevel",
    "healthStatus",
    "labourCapacity",
];
const ENROLMENT: Names = &["year", "category", "premium", "premiumSubsidy", "paidOn"];
const RAIN_DEW: Names = &["schoolYear", "stage", "amount", "state"];
const DIBAO: Names = &["class", "persons", "monthlyAmount", "validFrom", "version"];
const CLAIM: Names = &[
    "id",
    "claimNumber",
    "dischargedOn",
    "totalCost",
    "eligibleCost",
    "state",
];
const HOUSE: Names = &["grade", "surveyedOn"];
const RENOVATION: Names = &["year", "solution", "subsidy", "state"];
const LOAN: Names = &[
    "id",
    "bankCode",
    "principal",
    "rateBasisPoints",
    "dueOn",
    "state",
];
const PAYMENT: Names = &["id", "department", "programme", "paidOn", "amount", "state"];
const LISTED: Names = &[
    "id",
    "cardNumber",
    "headName",
    "status",
    "mainCause",
    "registeredOn",
];
const GRANT: Names = &[
    "id",
    "dibaoNumber",
    "class",
    "persons",
    "monthlyAmount",
    "state",
    "approvedOn",
    "validFrom",
];
const GRANTED: Names = &["id", "cardNumber", "status", "headName"];
const CHANGE: Names = &[
    "slice",
    "action",
    "objectType",
    "object",
    "household",
    "region",
    "at",
];
const GRANTED_REGION: Names = &["code", "name"];

/// A connection with its statements.
struct Connection {
    client: Client,
    built: Vec<tokio_postgres::Statement>,
    first: Vec<Shape>,
    slices: Vec<Shape>,
    granted: Shape,
    writes: Writes,
}

impl Connection {
    async fn open(url: &str) -> Result<Self, Error> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        actix_web::rt::spawn(connection);
        client
            .batch_execute("SET plan_cache_mode = force_generic_plan; SET jit = off")
            .await?;
        let mut built = Vec::new();
        for sql in BUILT {
            built.push(client.prepare(sql).await?);
        }
        let (mut first, mut slices) = (Vec::new(), Vec::new());
        for sql in first_statements() {
            first.push(Shape::prepare(&client, &sql).await?);
        }
        for sql in SLICES {
            slices.push(Shape::prepare(&client, sql).await?);
        }
        let granted = format!(
            "SELECT t.id, t.id, t.card_number, t.status, {HEAD_NAME}, r.code, r.name \
             FROM household t JOIN region r ON r.code = t.region_code WHERE t.id = ANY($1)"
        );
        let granted = Shape::prepare(&client, &granted).await?;
        let writes = Writes::prepare(&client).await?;
        Ok(Connection {
            client,
            built,
            first,
            slices,
            granted,
            writes,
        })
    }

    async fn built(&self, asked: &Asked<'_>) -> Result<Option<Vec<u8>>, Error> {
        let variables = &asked.variables;
        let (village, county) = (variables.village(), variables.county());
        let (transaction, ordinal) = variables.after();
        let (place, parameters): (usize, Vec<&(dyn ToSql + Sync)>) = match asked.operation {
            "Q1" => (0, vec![&variables.card]),
            "Q2" => (1, vec![&village]),
            "Q3" => (2, vec![&county, &variables.status, &variables.cause]),
            "Q4" => (3, vec![&county]),
            "Q5" => (4, vec![&county, &transaction, &ordinal]),
            "M1" => match &variables.adjustment() {
                Some(adjustment) => {
                    return self.writes.built(&self.client, adjustment).await.map(Some);
                }
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        let row = self
            .client
            .query_one(&self.built[place], &parameters)
            .await?;
        let mut json = b"{\"data\":".to_vec();
        json.extend_from_slice(row.get::<_, &str>(0).as_bytes());
        json.push(b'}');
        Ok(Some(json))
    }

    async fn plain(&self, asked: &Asked<'_>) -> Result<Option<Vec<u8>>, Error> {
        let variables = &asked.variables;
        match asked.operation {
            "Q1" => self.family(variables.card).await.map(Some),
            "Q2" => self.page(variables.village()).await.map(Some),
            "Q3" => self.list(variables).await.map(Some),
            "Q4" => self.roll(variables.county()).await.map(Some),
            "Q5" => self.changes(variables).await.map(Some),
            "M1" => match &variables.adjustment() {
                Some(adjustment) => self.writes.plain(&self.client, adjustment).await.map(Some),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    async fn family(&self, card: Option<&str>) -> Result<Vec<u8>, Error> {
        let found = self.first[0].query(&self.client, &[&card]).await?;
        let mut json = b"{\"data\":{\"household\":".to_vec();
        match found.len() {
            0 => json.extend_from_slice(b"null"),
            _ => self.families(&found, 1, &mut json).await?,
        }
        json.extend_from_slice(b"}}");
        Ok(json)
    }

    async fn page(&self, village: i64) -> Result<Vec<u8>, Error> {
        let found = self.first[1].query(&self.client, &[&village]).await?;
        let mut json = Vec::with_capacity(160 * 1024);
        json.extend_from_slice(b"{\"data\":{\"households\":{\"nodes\":[");
        self.families(&found, 50, &mut json).await?;
        end_page(found.len() > 50, &mut json);
        Ok(json)
    }

    async fn list(&self, variables: &Variables<'_>) -> Result<Vec<u8>, Error> {
        let county = variables.county();
        let found = self.first[2]
            .query(
                &self.client,
                &[&county, &variables.status, &variables.cause],
            )
            .await?;
        let mut json = b"{\"data\":{\"households\":{\"nodes\":[".to_vec();
        for place in 0..found.len().min(100) {
            begin_item(place, &mut json);
            found.members(place, 0, LISTED, &mut json);
            json.push(b'}');
        }
        end_page(found.len() > 100, &mut json);
        Ok(json)
    }

    async fn roll(&self, county: i64) -> Result<Vec<u8>, Error> {
        let grants = self.first[3].query(&self.client, &[&county]).await?;
        let households = self
            .granted
            .query(&self.client, &[&grants.keys(500)])
            .await?
            .grouped();
        let mut json = Vec::with_capacity(160 * 1024);
        json.extend_from_slice(b"{\"data\":{\"dibaoRoll\":{\"nodes\":[");
        for place in 0..grants.len().min(500) {
            begin_item(place, &mut json);
            grants.members(place, 1, GRANT, &mut json);
            json.extend_from_slice(b",\"household\":{");
            for at in households.of(grants.key(place)).take(1) {
                households.rows().members(at, 1, GRANTED, &mut json);
                json.extend_from_slice(b",\"region\":{");
                households.rows().members(at, 5, GRANTED_REGION, &mut json);
            }
            json.extend_from_slice(b"}}}");
        }
        end_page(grants.len() > 500, &mut json);
        Ok(json)
    }

    async fn changes(&self, variables: &Variables<'_>) -> Result<Vec<u8>, Error> {
        let (county, (transaction, ordinal)) = (variables.county(), variables.after());
        let found = self.first[4]
            .query(&self.client, &[&county, &transaction, &ordinal])
            .await?;
        let mut json = Vec::with_capacity(80 * 1024);
        json.extend_from_slice(b"{\"data\":{\"changes\":{\"entries\":[");
        for place in 0..found.len().min(500) {
            begin_item(place, &mut json);
            found.members(place, 2, CHANGE, &mut json);
            json.push(b'}');
        }
        json.extend_from_slice(b"],\"hasMore\":");
        json.extend_from_slice(if found.len() > 500 { b"true" } else { b"false" });
        json.extend_from_slice(b"}}}");
        Ok(json)
    }

    /// Families with their slices, which go down the connection together.
    async fn families(&self, found: &Rows, most: usize, json: &mut Vec<u8>) -> Result<(), Error> {
        let keys = found.keys(most);
        let slices = self
            .slices
            .iter()
            .map(|slice| async { Ok(slice.query(&self.client, &[&keys]).await?.grouped()) });
        let slices = try_join_all(slices).await?;
        let [
            members,
            enrolments,
            rain_dew,
            dibao,
            claims,
            houses,
            renovations,
            loans,
            payments,
        ] = &slices[..]
        else {
            return Ok(());
        };
        for place in 0..found.len().min(most) {
            let key = found.key(place);
            begin_item(place, json);
            found.members(place, 0, FAMILY, json);
            json.extend_from_slice(b",\"region\":{");
            found.members(place, 8, REGION, json);
            json.extend_from_slice(b"},\"members\":[");
            for (number, at) in members.of(key).enumerate() {
                begin_item(number, json);
                members.rows().members(at, 1, MEMBER, json);
                let person = members.rows().int(at, 1);
                json.extend_from_slice(b",\"health\":{\"enrolments\":");
                enrolments.list(person, ENROLMENT, json);
                json.extend_from_slice(b"},\"education\":{\"rainDewApplications\":");
                rain_dew.list(person, RAIN_DEW, json);
                json.extend_from_slice(b"}}");
            }
            json.extend_from_slice(b"],\"civilAffairs\":{\"dibao\":");
            dibao.one(key, DIBAO, json);
            json.extend_from_slice(b"},\"health\":{\"claims\":");
            claims.list(key, CLAIM, json);
            json.extend_from_slice(b"},\"housing\":{\"house\":");
            houses.one(key, HOUSE, json);
            json.extend_from_slice(b",\"renovations\":");
            renovations.list(key, RENOVATION, json);
            json.extend_from_slice(b"},\"finance\":{\"loans\":");
            loans.list(key, LOAN, json);
            json.extend_from_slice(b",\"payments\":");
            payments.list(key, PAYMENT, json);
            json.extend_from_slice(b"}}");
        }
        Ok(())
    }
}

fn begin_item(place: usize, json: &mut Vec<u8>) {
    json.extend_from_slice(if place == 0 { b"{" } else { b",{" });
}

fn end_page(more: bool, json: &mut Vec<u8>) {
    json.extend_from_slice(b"],\"pageInfo\":{\"hasNextPage\":");
    json.extend_from_slice(if more { b"true" } else { b"false" });
    json.extend_from_slice(b"}}}}");
}

/// The connections of one thread.
struct Pool {
    free: RefCell<Vec<Rc<Connection>>>,
    permits: Semaphore,
    built: bool,
}

async fn answer(pool: web::Data<Rc<Pool>>, body: web::Bytes) -> HttpResponse {
    let Ok(asked) = serde_json::from_slice::<Asked<'_>>(&body) else {
        return HttpResponse::BadRequest().finish();
    };
    let Ok(_permit) = pool.permits.acquire().await else {
        return HttpResponse::ServiceUnavailable().finish();
    };
    let Some(connection) = pool.free.borrow_mut().pop() else {
        return HttpResponse::ServiceUnavailable().finish();
    };
    let answer = match pool.built {
        true => connection.built(&asked).await,
        false => connection.plain(&asked).await,
    };
    pool.free.borrow_mut().push(connection);
    match answer {
        Ok(Some(json)) => HttpResponse::Ok()
            .content_type("application/json")
            .body(json),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|_| io::Error::other(format!("{name} is not set")))
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    let (mode, url) = (variable("LIMIT_MODE")?, variable("LIMIT_DATABASE")?);
    let address = variable("LIMIT_LISTEN")?;
    let app = move || {
        let (url, built) = (url.clone(), mode == "B");
        let pool = move || {
            let url = url.clone();
            async move {
                let mut free = Vec::new();
                for _ in 0..CONNECTIONS {
                    free.push(Rc::new(Connection::open(&url).await?));
                }
                Ok::<_, Error>(Rc::new(Pool {
                    free: RefCell::new(free),
                    permits: Semaphore::new(CONNECTIONS),
                    built,
                }))
            }
        };
        App::new()
            .data_factory(pool)
            .route("/graphql", web::post().to(answer))
    };
    HttpServer::new(app)
        .workers(WORKERS)
        .bind(address)?
        .run()
        .await
}
