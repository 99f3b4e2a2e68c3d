//! Those who write, and what each remembers of it.

use super::Problem;
use futures_util::future::try_join_all;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use uuid::Uuid;
use yihu::{authz::token::DemoClaims, clock::Clock, graphql::scalars::global_id};

/// Writers of each kind.
const EACH: usize = 3;
/// Visits in one list, each of which is a transaction.
pub(super) const VISITS: usize = 3;
/// How long a request is sent again.
const PATIENCE: Duration = Duration::from_secs(30);
/// Acknowledged requests that each writer sends a second time, the newest.
const REPEATED: usize = 3;

/// What is written. The effect of each can be counted to the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Money: a row that is there once by a constraint as well.
    Payment,
    /// A list of rows of which there may be as many as one likes.
    Visits,
    /// An edit: the version counts.
    Amendment,
}

impl Kind {
    fn document(self) -> &'static str {
        match self {
            Kind::Payment => {
                "mutation($r: UUID!, $h: ID!, $i: PaymentRecordInput!) { \
                 done: paymentRecord(requestId: $r, householdId: $h, input: $i) { changed { id } userErrors { code } } }"
            }
            Kind::Visits => {
                "mutation($r: UUID!, $i: [VisitRecordInput!]!) { \
                 done: visitRecordList(requestId: $r, inputs: $i) { results { changed { id } userErrors { code } } } }"
            }
            Kind::Amendment => {
                "mutation($r: UUID!, $h: ID!, $v: Int!, $i: HouseholdAmendInput!) { \
                 done: householdAmend(requestId: $r, id: $h, version: $v, input: $i) { changed { id } userErrors { code } } }"
            }
        }
    }

    /// Who does it, and how many digits of the village's code its region has.
    fn actor(self) -> (&'static str, usize) {
        match self {
            Kind::Payment => ("FINANCE", 6),
            Kind::Visits => ("VILLAGE", 12),
            Kind::Amendment => ("TOWNSHIP", 9),
        }
    }
}

/// A client of the server, under a name that no other run has: its records are found by it.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    server: SocketAddr,
    pub(super) name: String,
}

/// Why a request was not acknowledged.
enum Unanswered {
    /// Nobody knows whether it took effect.
    CutOff(String),
    /// It was refused, which no writer expects.
    Refused(String),
}

impl Client {
    pub(super) fn of(server: SocketAddr) -> Result<Client, Problem> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .build()?;
        Ok(Client {
            http,
            server,
            name: format!("crash-{}", Uuid::new_v4().simple()),
        })
    }

    /// The ids of what was changed.
    async fn send(
        &self,
        token: &str,
        kind: Kind,
        variables: Value,
    ) -> Result<Vec<String>, Unanswered> {
        let body = json!({ "query": kind.document(), "variables": variables });
        let request = self
            .http
            .post(format!("http://{}/graphql", self.server))
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let cut_off = |error: reqwest::Error| Unanswered::CutOff(error.to_string());
        let answer = request.send().await.map_err(cut_off)?;
        let text = answer.text().await.map_err(cut_off)?;
        let answer: Value =
            serde_json::from_str(&text).map_err(|_| Unanswered::CutOff(text.clone()))?;
        if answer["errors"].is_array() {
            return Err(Unanswered::CutOff(text));
        }
        let done = &answer["data"]["done"];
        let payloads = match done["results"].as_array() {
            Some(results) if kind == Kind::Visits => results.clone(),
            _ => vec![done.clone()],
        };
        let ids = payloads.iter().map(|payload| {
            let id = payload["changed"]["id"].as_str();
            id.map(ToOwned::to_owned)
        });
        ids.collect::<Option<_>>().ok_or(Unanswered::Refused(text))
    }
}

/// One request.
pub(super) struct Write {
    pub(super) number: Uuid,
    /// The text that its rows hold, and nobody else's.
    pub(super) marker: String,
    pub(super) amount_fen: i64,
    version: i64,
    /// The ids of what was changed; none while it is not acknowledged.
    pub(super) answer: Option<Vec<String>>,
}

/// Writes one kind of thing about one household, one request after the other.
pub(super) struct Writer {
    client: Client,
    pub(super) kind: Kind,
    token: String,
    /// The household, which is its own where the kind is an edit.
    pub(super) household: i64,
    /// Its version before the first edit.
    pub(super) version: i64,
    pub(super) writes: Vec<Write>,
}

/// Every kind.
pub(super) const ALL: [Kind; 3] = [Kind::Payment, Kind::Visits, Kind::Amendment];
/// Only the kinds that build on no answer before.
pub(super) const APPENDED: [Kind; 2] = [Kind::Payment, Kind::Visits];

/// As many of each of these kinds.
pub(super) async fn of(client: &Client, url: &str, kinds: &[Kind]) -> Result<Vec<Writer>, Problem> {
    let connection = Database::connect(url).await?;
    let households = households(&connection, EACH * kinds.len()).await?;
    connection.close().await?;
    let kinds = kinds.iter().cycle();
    let writers = households.into_iter().zip(kinds);
    writers
        .map(|((household, village, version), &kind)| {
            Ok(Writer {
                token: token(client, kind, village)?,
                client: client.clone(),
                kind,
                household,
                version,
                writes: vec![],
            })
        })
        .collect()
}

/// Key, village and version of some households that are on the register.
async fn households(
    connection: &DatabaseConnection,
    count: usize,
) -> Result<Vec<(i64, i64, i64)>, Problem> {
    let sql = format!(
        "SELECT id, region_code, CAST(version AS BIGINT) AS version FROM household \
         WHERE status = 'REGISTERED' ORDER BY id LIMIT {count}"
    );
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await?;
    let households = rows.iter().map(|row| {
        let number = |column| row.try_get("", column);
        Ok((number("id")?, number("region_code")?, number("version")?))
    });
    households.collect()
}

fn token(client: &Client, kind: Kind, village: i64) -> Result<String, Problem> {
    let (department, digits) = kind.actor();
    let claims = DemoClaims {
        department: department.to_owned(),
        roles: vec!["CLERK".to_owned()],
        region: Some(village.to_string()[..digits].to_owned()),
        org: None,
        purpose: None,
        subject: format!("{kind:?}"),
        client: client.name.clone(),
        life_seconds: 12 * 3_600,
    };
    Ok(claims.sign(Clock::system().now_ms() / 1_000)?)
}

/// Lets all of them write until each has a request that was not acknowledged.
///
/// # Errors
/// A request was refused, or not acknowledged before the server was struck.
pub(super) async fn write_until_cut_off(
    writers: &mut [Writer],
    struck: &AtomicBool,
) -> Result<(), Problem> {
    try_join_all(
        writers
            .iter_mut()
            .map(|writer| writer.write_until_cut_off(struck)),
    )
    .await?;
    Ok(())
}

/// Makes them forget under which number they sent what was cut off.
pub(super) fn renumber(writers: &mut [Writer]) {
    let writes = writers.iter_mut().flat_map(|writer| &mut writer.writes);
    for write in writes.filter(|write| write.answer.is_none()) {
        write.number = Uuid::new_v4();
    }
}

/// Sends again what was cut off, under the number it had, and says how many requests these were; then a few that were
/// acknowledged, which must be answered as before.
pub(super) async fn send_again(writers: &mut [Writer]) -> Result<usize, Problem> {
    let sent = try_join_all(writers.iter_mut().map(Writer::send_again)).await?;
    Ok(sent.into_iter().sum())
}

impl Writer {
    pub(super) fn acknowledged(&self) -> usize {
        self.writes
            .iter()
            .filter(|write| write.answer.is_some())
            .count()
    }

    /// How many rows there must be.
    pub(super) fn effects(&self) -> usize {
        let answers = self.writes.iter().filter_map(|write| write.answer.as_ref());
        answers.map(Vec::len).sum()
    }

    async fn write_until_cut_off(&mut self, struck: &AtomicBool) -> Result<(), Problem> {
        loop {
            let write = self.next();
            let sent = self.send(&write).await;
            self.writes.push(write);
            match sent {
                Ok(answer) => self.acknowledge(self.writes.len() - 1, answer),
                Err(Unanswered::CutOff(_)) if struck.load(Ordering::SeqCst) => return Ok(()),
                Err(Unanswered::CutOff(told) | Unanswered::Refused(told)) => {
                    return Err(format!("{:?}: {told}", self.kind).into());
                }
            }
        }
    }

    fn acknowledge(&mut self, at: usize, answer: Vec<String>) {
        self.writes[at].answer = Some(answer);
    }

    fn next(&self) -> Write {
        let number = Uuid::new_v4();
        let place = i64::try_from(self.writes.len()).unwrap_or_default();
        Write {
            number,
            marker: format!("crash-{}", number.simple()),
            amount_fen: place + 1,
            version: self.version + place,
            answer: None,
        }
    }

    async fn send(&self, write: &Write) -> Result<Vec<String>, Unanswered> {
        let household = global_id("Household", self.household);
        let input = match self.kind {
            Kind::Payment => json!({
                "department": "CIVIL", "programme": write.marker, "period": "2018", "kind": "REGULAR",
                "amount": format!("{}.{:02}", write.amount_fen / 100, write.amount_fen % 100), "paidOn": "2018-12-20",
            }),
            Kind::Visits => (0..VISITS)
                .map(|place| {
                    json!({
                        "householdId": household, "visitedOn": "2018-12-20", "way": "ON_SPOT", "visitor": "张书记",
                        "what": format!("{}/{place}", write.marker),
                    })
                })
                .collect(),
            Kind::Amendment => json!({ "wishes": write.marker }),
        };
        let mut variables = json!({ "r": write.number, "i": input });
        if self.kind != Kind::Visits {
            variables["h"] = json!(household);
        }
        if self.kind == Kind::Amendment {
            variables["v"] = json!(write.version);
        }
        self.client.send(&self.token, self.kind, variables).await
    }

    async fn send_again(&mut self) -> Result<usize, Problem> {
        let open: Vec<usize> = (0..self.writes.len())
            .filter(|&at| self.writes[at].answer.is_none())
            .collect();
        for &at in &open {
            let answer = self.send_until_answered(&self.writes[at]).await?;
            self.acknowledge(at, answer);
        }
        let newest = self.writes.iter().rev().take(REPEATED);
        for write in newest {
            let answer = self.send_until_answered(write).await?;
            if Some(&answer) != write.answer.as_ref() {
                let (number, before) = (write.number, &write.answer);
                return Err(format!("{number} was answered {before:?}, then {answer:?}").into());
            }
        }
        Ok(open.len())
    }

    async fn send_until_answered(&self, write: &Write) -> Result<Vec<String>, Problem> {
        let started = Instant::now();
        loop {
            match self.send(write).await {
                Ok(answer) => return Ok(answer),
                Err(Unanswered::CutOff(_)) if started.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(Unanswered::CutOff(told) | Unanswered::Refused(told)) => {
                    let (kind, number) = (self.kind, write.number);
                    return Err(format!("{kind:?} {number}, sent again: {told}").into());
                }
            }
        }
    }
}
