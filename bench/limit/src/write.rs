//! The write of the bench: a dibao grant of another class and amount from a day on, with the rows that Yihu's own write
//! leaves: the request, the grants, whom they cover, and an audit record and a change record of each row.

use crate::rows::{Names, Shape};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::{SystemTime, UNIX_EPOCH};
use time::{Date, Month};
use tokio_postgres::{Client, Error, Statement, types::ToSql};

/// What is asked for.
pub(crate) struct Adjustment<'a> {
    pub(crate) request: &'a str,
    pub(crate) id: i64,
    pub(crate) version: i32,
    pub(crate) from: &'a str,
    pub(crate) class: &'a str,
    pub(crate) fen: i64,
}

impl Adjustment<'_> {
    fn digest(&self) -> Vec<u8> {
        let text = format!(
            "dibaoAdjust {} {} {} {} {}",
            self.id, self.version, self.from, self.class, self.fen
        );
        Sha256::digest(text).to_vec()
    }

    /// The day; none that is one gives a day on which there are no grants.
    fn day(&self) -> Date {
        let mut parts = self.from.splitn(3, '-').map(str::parse::<u16>);
        let mut part = || parts.next().and_then(Result::ok).unwrap_or_default();
        let (year, month, day) = (part(), part(), part());
        u8::try_from(month)
            .and_then(|month| Ok((month, u8::try_from(day)?)))
            .ok()
            .and_then(|(month, day)| {
                let month = Month::try_from(month).ok()?;
                Date::from_calendar_date(year.into(), month, day).ok()
            })
            .unwrap_or(Date::MIN)
    }
}

const USER: &str = "bench";
const CLIENT: &str = "bench";
const BUILT: &str = include_str!("../sql/m1.sql");
/// What the request did that was made before under this number and with this content.
const BEFORE: &str = "SELECT d.id, d.class, d.persons, d.monthly_fen, d.state, d.valid_from, d.version \
    FROM request_record r JOIN dibao d ON d.id = (r.answer::json ->> 'key')::bigint \
    WHERE r.user_id = $1 AND r.client = $2 AND r.request_id = $3 AND r.digest = $4";
const ENTER: &str = "INSERT INTO request_record (user_id, client, request_id, operation, digest, answer, at_ms) \
    SELECT $1, $2, $3, 'dibaoAdjust', $4, json_build_object('key', key)::text, $5 FROM nextval('bench.key') key \
    ON CONFLICT DO NOTHING RETURNING (answer::json ->> 'key')::bigint, \
    pg_current_xact_id()::text::bigint + (SELECT added FROM transaction_clock)";
const GRANT: &str = "SELECT household_id, region_code, dibao_number, standard_fen, state, approved_on, \
    gradual_exit_until, version FROM dibao \
    WHERE id = $1 AND valid_to IS NULL FOR UPDATE";
const PERIODS: &str = "SELECT id, person_id, identity_id, valid_from FROM income_benefit_period \
    WHERE dibao_id = $1 AND valid_to IS NULL";
const END_GRANT: &str = "UPDATE dibao SET valid_to = $3, state = 'STOPPED', version = version + 1, recorded_at_ms = $4 \
    WHERE id = $1 AND version = $2";
const ADD_GRANT: &str = "INSERT INTO dibao (id, household_id, region_code, dibao_number, class, persons, standard_fen, \
    monthly_fen, state, approved_on, gradual_exit_until, valid_from, version, recorded_at_ms) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13)";
const END_PERIODS: &str =
    "UPDATE income_benefit_period SET valid_to = greatest($2, valid_from) WHERE id = ANY($1)";
const ADD_PERIODS: &str = "INSERT INTO income_benefit_period (id, household_id, region_code, person_id, identity_id, \
    dibao_id, valid_from) SELECT id, $1, $2, person, identity, $3, $4 \
    FROM unnest($5::bigint[], $6::bigint[], $7::bigint[]) AS p(id, person, identity)";
const RECORDS: &str = "WITH entry AS ( \
        SELECT * FROM json_to_recordset($1::text::json) AS e(ordinal int, action text, object_type text, object_id bigint, \
        region_before bigint, before_json text, after_json text) \
    ), audited AS ( \
        INSERT INTO audit_record (transaction_id, ordinal, at_ms, user_id, client, department, roles, operation, request_id, \
        action, object_type, object_id, household_id, region_code, before_json, after_json) \
        SELECT $2, ordinal, $3, $4, $5, 'CIVIL', 'CLERK', 'dibaoAdjust', $6, action, object_type, object_id, $7, $8, \
        before_json, after_json FROM entry \
    ) INSERT INTO change_record (transaction_id, ordinal, at_ms, slice, action, object_type, object_id, household_id, \
        region_before, region_code) \
        SELECT $2, ordinal, $3, 'CIVIL', action, object_type, object_id, $7, region_before, $8 FROM entry";

const ADJUSTED: Names = &[
    "id",
    "class",
    "persons",
    "monthlyAmount",
    "state",
    "validFrom",
    "version",
];

/// The statements of the write.
pub(crate) struct Writes {
    built: Statement,
    before: Shape,
    begin: Statement,
    enter: Statement,
    grant: Statement,
    periods: Statement,
    end_grant: Statement,
    add_grant: Statement,
    end_periods: Statement,
    add_periods: Statement,
    records: Statement,
    commit: Statement,
    rollback: Statement,
}

/// A statement with its parameters.
type Bound<'a> = (&'a Statement, Vec<&'a (dyn ToSql + Sync)>);

/// A row that was touched, as the records tell it.
fn entry(ordinal: usize, action: &str, table: &str, key: i64, region: Option<i64>) -> Value {
    json!({ "ordinal": ordinal, "action": action, "object_type": table, "object_id": key, "region_before": region })
}

impl Writes {
    pub(crate) async fn prepare(client: &Client) -> Result<Self, Error> {
        Ok(Writes {
            built: client.prepare(BUILT).await?,
            before: Shape::prepare(client, BEFORE).await?,
            begin: client.prepare("BEGIN").await?,
            enter: client.prepare(ENTER).await?,
            grant: client.prepare(GRANT).await?,
            periods: client.prepare(PERIODS).await?,
            end_grant: client.prepare(END_GRANT).await?,
            add_grant: client.prepare(ADD_GRANT).await?,
            end_periods: client.prepare(END_PERIODS).await?,
            add_periods: client.prepare(ADD_PERIODS).await?,
            records: client.prepare(RECORDS).await?,
            commit: client.prepare("COMMIT").await?,
            rollback: client.prepare("ROLLBACK").await?,
        })
    }

    /// By one statement.
    pub(crate) async fn built(
        &self,
        client: &Client,
        asked: &Adjustment<'_>,
    ) -> Result<Vec<u8>, Error> {
        let (day, digest, now_ms) = (asked.day(), asked.digest(), now_ms());
        let parameters: [&(dyn ToSql + Sync); 10] = [
            &asked.id,
            &asked.version,
            &day,
            &asked.class,
            &asked.fen,
            &asked.request,
            &digest,
            &now_ms,
            &USER,
            &CLIENT,
        ];
        match client.query_opt(&self.built, &parameters).await? {
            Some(row) => {
                let mut json = b"{\"data\":".to_vec();
                json.extend_from_slice(row.get::<_, &str>(0).as_bytes());
                json.push(b'}');
                Ok(json)
            }
            None => self.before(client, asked).await,
        }
    }

    /// By plain statements that go down the connection together: first those that read, then those that write.
    pub(crate) async fn plain(
        &self,
        client: &Client,
        asked: &Adjustment<'_>,
    ) -> Result<Vec<u8>, Error> {
        let (digest, now_ms) = (asked.digest(), now_ms());
        let reads: [Bound<'_>; 4] = [
            (&self.begin, vec![]),
            (
                &self.enter,
                vec![&USER, &CLIENT, &asked.request, &digest, &now_ms],
            ),
            (&self.grant, vec![&asked.id]),
            (&self.periods, vec![&asked.id]),
        ];
        let read = try_join_all(
            reads
                .iter()
                .map(|(statement, parameters)| client.query(*statement, parameters)),
        );
        let read = read.await?;
        let (entered, grant) = (read[1].first(), read[2].first());
        let (Some(entered), Some(grant)) = (entered, grant) else {
            client.execute(&self.rollback, &[]).await?;
            return self.before(client, asked).await;
        };
        if grant.get::<_, i32>(7) != asked.version {
            client.execute(&self.rollback, &[]).await?;
            return Ok(conflict());
        }
        let grant = Grant {
            key: entered.get(0),
            transaction: entered.get(1),
            household: grant.get(0),
            region: grant.get(1),
            number: grant.get(2),
            standard_fen: grant.get(3),
            state: grant.get(4),
            approved_on: grant.get(5),
            exit_until: grant.get(6),
            now_ms,
        };
        let periods = read[3].iter().map(|row| Period {
            id: row.get(0),
            person: row.get(1),
            identity: row.get(2),
            valid_from: row.get(3),
        });
        self.write(client, asked, &grant, &periods.collect::<Vec<_>>())
            .await
    }

    async fn write(
        &self,
        client: &Client,
        asked: &Adjustment<'_>,
        grant: &Grant<'_>,
        periods: &[Period],
    ) -> Result<Vec<u8>, Error> {
        let day = asked.day();
        let persons = periods.iter().filter(|period| period.person.is_some());
        let persons = i32::try_from(persons.count()).unwrap_or(i32::MAX);
        let ended: Vec<_> = periods.iter().map(|period| period.id).collect();
        let added: Vec<_> = (grant.key + 1..).take(periods.len()).collect();
        let people: Vec<_> = periods.iter().map(|period| period.person).collect();
        let identities: Vec<_> = periods.iter().map(|period| period.identity).collect();
        let records = records(asked, grant, periods, persons).to_string();
        let writes: [Bound<'_>; 6] = [
            (
                &self.end_grant,
                vec![&asked.id, &asked.version, &day, &grant.now_ms],
            ),
            (
                &self.add_grant,
                vec![
                    &grant.key,
                    &grant.household,
                    &grant.region,
                    &grant.number,
                    &asked.class,
                    &persons,
                    &grant.standard_fen,
                    &asked.fen,
                    &grant.state,
                    &grant.approved_on,
                    &grant.exit_until,
                    &day,
                    &grant.now_ms,
                ],
            ),
            (&self.end_periods, vec![&ended, &day]),
            (
                &self.add_periods,
                vec![
                    &grant.household,
                    &grant.region,
                    &grant.key,
                    &day,
                    &added,
                    &people,
                    &identities,
                ],
            ),
            (
                &self.records,
                vec![
                    &records,
                    &grant.transaction,
                    &grant.now_ms,
                    &USER,
                    &CLIENT,
                    &asked.request,
                    &grant.household,
                    &grant.region,
                ],
            ),
            (&self.commit, vec![]),
        ];
        try_join_all(
            writes
                .iter()
                .map(|(statement, parameters)| client.execute(*statement, parameters)),
        )
        .await?;
        let changed = json!({
            "id": grant.key, "class": asked.class, "persons": persons, "monthlyAmount": asked.fen, "state": grant.state,
            "validFrom": asked.from, "version": 1,
        });
        let answer = json!({ "data": { "dibaoAdjust": { "changed": changed, "userErrors": [] } } });
        Ok(answer.to_string().into_bytes())
    }

    /// The answer of the request that was made before under this number.
    async fn before(&self, client: &Client, asked: &Adjustment<'_>) -> Result<Vec<u8>, Error> {
        let digest = asked.digest();
        let parameters: [&(dyn ToSql + Sync); 4] = [&USER, &CLIENT, &asked.request, &digest];
        let found = self.before.query(client, &parameters).await?;
        if found.len() == 0 {
            return Ok(conflict());
        }
        let mut json = b"{\"data\":{\"dibaoAdjust\":{\"changed\":{".to_vec();
        found.members(0, 0, ADJUSTED, &mut json);
        json.extend_from_slice(b"},\"userErrors\":[]}}}");
        Ok(json)
    }
}

/// The grant that is changed, and what its successor gets.
struct Grant<'a> {
    key: i64,
    transaction: i64,
    household: i64,
    region: i64,
    number: &'a str,
    standard_fen: i64,
    state: &'a str,
    approved_on: Date,
    exit_until: Option<Date>,
    now_ms: i64,
}

/// Months of one whom the grant covers.
struct Period {
    id: i64,
    person: Option<i64>,
    identity: Option<i64>,
    valid_from: Date,
}

/// The rows that the write touches, as the records tell them.
fn records(asked: &Adjustment<'_>, grant: &Grant<'_>, periods: &[Period], persons: i32) -> Value {
    let day = asked.day();
    let mut entries = Vec::with_capacity(2 * periods.len() + 2);
    let region = Some(grant.region);
    for period in periods {
        let mut of = entry(
            entries.len(),
            "UPDATE",
            "income_benefit_period",
            period.id,
            region,
        );
        of["before_json"] = r#"{"valid_to":null}"#.into();
        let ended = day.max(period.valid_from).to_string();
        of["after_json"] = json!({ "valid_to": ended }).to_string().into();
        entries.push(of);
    }
    let mut ended = entry(entries.len(), "UPDATE", "dibao", asked.id, region);
    let before = json!({ "state": grant.state, "valid_to": null, "version": asked.version });
    let after = json!({ "state": "STOPPED", "valid_to": asked.from, "version": asked.version + 1 });
    ended["before_json"] = before.to_string().into();
    ended["after_json"] = after.to_string().into();
    entries.push(ended);
    let mut added = entry(entries.len(), "CREATE", "dibao", grant.key, None);
    let after = json!({
        "approved_on": grant.approved_on.to_string(), "class": asked.class, "dibao_number": grant.number,
        "monthly_fen": asked.fen, "persons": persons, "standard_fen": grant.standard_fen, "state": grant.state,
        "valid_from": asked.from, "version": 1,
    });
    added["after_json"] = after.to_string().into();
    entries.push(added);
    for (key, period) in (grant.key + 1..).zip(periods) {
        let mut of = entry(entries.len(), "CREATE", "income_benefit_period", key, None);
        let after = json!({
            "dibao_id": grant.key, "identity_id": period.identity, "person_id": period.person, "valid_from": asked.from,
        });
        of["after_json"] = after.to_string().into();
        entries.push(of);
    }
    Value::Array(entries)
}

fn conflict() -> Vec<u8> {
    br#"{"data":{"dibaoAdjust":{"changed":null,"userErrors":[{"code":"CONFLICT","field":["version"]}]}}}"#.to_vec()
}

#[expect(
    clippy::disallowed_methods,
    reason = "no clock of Yihu's is known here"
)]
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
