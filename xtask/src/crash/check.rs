//! What the database holds, against what the writers remember.

use super::{
    Problem,
    writer::{Client, Kind, VISITS, Write, Writer},
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement};
use std::{
    collections::{HashMap, HashSet},
    fmt,
};

/// Something that is wrong, and with which request.
#[derive(Debug)]
pub(super) enum Fault {
    /// An effect is not there, though it was acknowledged.
    Lost(String),
    /// An effect is there more than once.
    Doubled(String),
    /// The records are not one for each effect.
    Unrecorded(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Lost(what) => write!(out, "LOST {what}"),
            Fault::Doubled(what) => write!(out, "DOUBLED {what}"),
            Fault::Unrecorded(what) => write!(out, "RECORDS {what}"),
        }
    }
}

/// Of each text or number: how many rows, and the sum that the statement asks for.
type Counts = HashMap<String, (i64, i64)>;

const PAYMENTS: &str = "SELECT programme AS marker, COUNT(*) AS rows, CAST(SUM(amount_fen) AS BIGINT) AS sum FROM payment \
                        WHERE programme LIKE 'crash-%' GROUP BY programme";
const VISITED: &str = "SELECT what AS marker, COUNT(*) AS rows, COUNT(*) AS sum FROM help_visit \
                       WHERE what LIKE 'crash-%' GROUP BY what";
/// Each audit record with the change records of its place.
const RECORDS: &str = "SELECT a.request_id AS marker, COUNT(*) AS rows, COUNT(c.ordinal) AS sum FROM audit_record a \
                       LEFT JOIN change_record c ON c.transaction_id = a.transaction_id AND c.ordinal = a.ordinal \
                       WHERE a.client = $1 GROUP BY a.request_id";
/// Change records that no audit record stands beside.
const STRAYS: &str = "SELECT 'stray' AS marker, COUNT(*) AS rows, COUNT(*) AS sum FROM change_record c \
                      LEFT JOIN audit_record a ON a.transaction_id = c.transaction_id AND a.ordinal = c.ordinal \
                      WHERE a.ordinal IS NULL";
const REQUESTS: &str = "SELECT request_id AS marker, COUNT(*) AS rows, \
                        CAST(SUM(CASE WHEN answer = '' THEN 0 ELSE 1 END) AS BIGINT) AS sum \
                        FROM request_record WHERE client = $1 GROUP BY request_id";

/// Everything that is wrong: nothing where each acknowledged effect is there once, and each effect has its records once.
pub(super) async fn faults(
    url: &str,
    client: &Client,
    writers: &[Writer],
) -> Result<Vec<Fault>, Problem> {
    // A connection of its own each time: one that stayed open would keep SQLite from recovering.
    let connection = Database::connect(url).await?;
    let seen = Seen::read(&connection, client, writers).await?;
    connection.close().await?;
    let mut faults = vec![];
    for writer in writers {
        seen.compare(writer, &mut faults);
    }
    let sent: HashSet<String> = writers
        .iter()
        .flat_map(|writer| {
            writer
                .writes
                .iter()
                .flat_map(|write| keys(writer.kind, write))
        })
        .collect();
    let unsent = seen.records.keys().chain(seen.requests.keys());
    for key in unsent.filter(|key| !sent.contains(*key)) {
        let told = format!("{key}: there are some of it, and nobody sent it");
        faults.push(Fault::Unrecorded(told));
    }
    if seen.strays != 0 {
        let told = format!("of changes without an audit record: {}", seen.strays);
        faults.push(Fault::Unrecorded(told));
    }
    Ok(faults)
}

/// Under which numbers a request is kept.
fn keys(kind: Kind, write: &Write) -> Vec<String> {
    match kind {
        Kind::Payment | Kind::Amendment => vec![write.number.to_string()],
        Kind::Visits => (0..VISITS)
            .map(|place| format!("{}/{place}", write.number))
            .collect(),
    }
}

struct Seen {
    payments: Counts,
    visits: Counts,
    records: Counts,
    requests: Counts,
    strays: i64,
    /// By household.
    versions: HashMap<i64, i64>,
}

impl Seen {
    async fn read(
        connection: &DatabaseConnection,
        client: &Client,
        writers: &[Writer],
    ) -> Result<Seen, Problem> {
        let mut versions = HashMap::new();
        for writer in writers {
            let sql = format!(
                "SELECT 'version' AS marker, CAST(version AS BIGINT) AS rows, CAST(version AS BIGINT) AS sum \
                 FROM household WHERE id = {}",
                writer.household
            );
            let version = counts(connection, &sql, None).await?["version"].0;
            versions.insert(writer.household, version);
        }
        Ok(Seen {
            payments: counts(connection, PAYMENTS, None).await?,
            visits: counts(connection, VISITED, None).await?,
            records: counts(connection, RECORDS, Some(client)).await?,
            requests: counts(connection, REQUESTS, Some(client)).await?,
            strays: counts(connection, STRAYS, None).await?["stray"].0,
            versions,
        })
    }

    fn compare(&self, writer: &Writer, faults: &mut Vec<Fault>) {
        let (kind, mut effects) = (writer.kind, 0);
        for write in &writer.writes {
            for (place, key) in keys(kind, write).into_iter().enumerate() {
                let found = self.effects(kind, write, place, &key);
                effects += found;
                if found > 1 {
                    faults.push(Fault::Doubled(format!("{kind:?} {key}, {found} times")));
                } else if found < i64::from(write.answer.is_some()) {
                    faults.push(Fault::Lost(format!("{kind:?} {key}")));
                }
                let of = |counts: &Counts| counts.get(&key).copied().unwrap_or_default();
                let (records, requests) = (of(&self.records), of(&self.requests));
                if [records, requests] != [(found, found); 2] {
                    faults.push(Fault::Unrecorded(format!(
                        "{kind:?} {key}: {found} effects, {} audit records with {} changes, {} requests with {} answers",
                        records.0, records.1, requests.0, requests.1
                    )));
                }
            }
        }
        let version = self.versions[&writer.household];
        if kind == Kind::Amendment && version != writer.version + effects {
            faults.push(Fault::Unrecorded(format!(
                "household {}: version {version} after {effects} edits of {}",
                writer.household, writer.version
            )));
        }
    }

    /// How often this part of a request took effect.
    fn effects(&self, kind: Kind, write: &Write, place: usize, key: &str) -> i64 {
        let rows = |counts: &Counts, marker: &str| counts.get(marker).copied().unwrap_or_default();
        match kind {
            Kind::Payment => match rows(&self.payments, &write.marker) {
                (1, fen) if fen != write.amount_fen => 0,
                (count, _) => count,
            },
            Kind::Visits => rows(&self.visits, &format!("{}/{place}", write.marker)).0,
            // The row holds the newest text only: the version says how many there were.
            Kind::Amendment => rows(&self.records, key).0,
        }
    }
}

async fn counts(
    connection: &DatabaseConnection,
    sql: &str,
    client: Option<&Client>,
) -> Result<Counts, Problem> {
    let values = client.map(|client| client.name.clone().into());
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(count).collect()
}

fn count(row: &QueryResult) -> Result<(String, (i64, i64)), Problem> {
    let marker: Option<String> = row.try_get("", "marker")?;
    let counted = (row.try_get("", "rows")?, row.try_get("", "sum")?);
    Ok((marker.unwrap_or_default(), counted))
}
