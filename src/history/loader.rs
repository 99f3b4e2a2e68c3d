//! Reads the histories that a request asks for: one statement for all households that are asked alike.

use super::types::{HistoryEntry, HistoryPage};
use crate::{
    authz::Access,
    db::{BadCell, Class, Param, Reads, Row, Statement},
    graphql::{
        plan::{Refusal, in_one_turn},
        scalars::{Moment, global_id},
    },
    writing::Fields,
};
use async_graphql::dataloader::{DataLoader, Loader};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::codes::{ChangeAction, CodeList};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// A place in the records: transaction and ordinal.
type Position = (i64, i64);

/// A page of a household's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    household: i64,
    first: i32,
    after: Option<Position>,
}

impl Asked {
    /// # Errors
    /// A cursor that none of these pages gave.
    pub fn of(household: i64, first: i32, after: Option<&str>) -> Result<Self, Refusal> {
        let after = after.map(|cursor| position(cursor).ok_or_else(invalid_cursor));
        Ok(Asked {
            household,
            first,
            after: after.transpose()?,
        })
    }
}

fn cursor((transaction, ordinal): Position) -> String {
    URL_SAFE_NO_PAD.encode(format!("history {transaction} {ordinal}"))
}

fn position(text: &str) -> Option<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let rest = std::str::from_utf8(&bytes).ok()?.strip_prefix("history ")?;
    let (transaction, ordinal) = rest.split_once(' ')?;
    let position = (transaction.parse().ok()?, ordinal.parse().ok()?);
    (cursor(position) == text).then_some(position)
}

fn invalid_cursor() -> Refusal {
    Refusal::argument(
        "INVALID_CURSOR",
        &["after"],
        "游标无效：请使用上一页返回的 endCursor。",
        "This cursor is not one of this history: use the endCursor of the page before.",
    )
}

/// Loads histories for stock resolution.
pub struct Histories {
    reads: Reads,
    access: Access,
    fields: Arc<Fields>,
}

/// The loader of one request.
#[must_use]
pub fn histories(reads: Reads, access: Access, fields: Arc<Fields>) -> DataLoader<Histories> {
    let histories = Histories {
        reads,
        access,
        fields,
    };
    in_one_turn(histories)
}

/// The records could not be read; the cause is in the log.
#[derive(Clone, Debug)]
pub struct HistoryFailed;

impl Loader<Asked> for Histories {
    type Value = HistoryPage;
    type Error = HistoryFailed;

    async fn load(&self, keys: &[Asked]) -> Result<HashMap<Asked, HistoryPage>, HistoryFailed> {
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "a history can't be read");
            HistoryFailed
        };
        let mut alike: BTreeMap<(i32, Option<Position>), Vec<i64>> = BTreeMap::new();
        for key in keys {
            alike
                .entry((key.first, key.after))
                .or_default()
                .push(key.household);
        }
        let statements = alike
            .iter()
            .map(|((first, after), households)| self.statement(*first, *after, households))
            .collect();
        let mut session = self.reads.acquire().await.map_err(|error| failed(&error))?;
        let results = session.batch(statements).await;
        drop(session);
        let mut loaded = HashMap::with_capacity(keys.len());
        for (((first, after), households), rows) in alike.into_iter().zip(results) {
            let rows = rows.map_err(|error| failed(&error))?;
            for household in households {
                let asked = Asked {
                    household,
                    first,
                    after,
                };
                let page = self.page(&asked, &rows).map_err(|error| failed(&error))?;
                loaded.insert(asked, page);
            }
        }
        Ok(loaded)
    }
}

impl Histories {
    fn statement(&self, first: i32, after: Option<Position>, households: &[i64]) -> Statement {
        let dialect = self.reads.dialect();
        let tables = self.fields.tables_for(&self.access);
        let mut params = vec![
            Param::I64s(households.into()),
            Param::Texts(tables.into_iter().map(str::to_owned).collect()),
        ];
        let mut before = "";
        if let Some((transaction, ordinal)) = after {
            params.extend([Param::I64(transaction), Param::I64(ordinal)]);
            before = " AND (a.transaction_id, a.ordinal) < ($3, $4)";
        }
        let (of, about) = (
            dialect.any("a.household_id", 1),
            dialect.any("a.object_type", 2),
        );
        // One more tells whether there are older ones.
        let sql = format!(
            "SELECT h.* FROM (SELECT a.household_id, a.transaction_id, a.ordinal, a.at_ms, a.department, a.user_id, \
             a.operation, a.action, a.object_type, a.object_id, a.before_json, a.after_json, \
             row_number() OVER (PARTITION BY a.household_id ORDER BY a.transaction_id DESC, a.ordinal DESC) AS place \
             FROM audit_record a WHERE {of} AND {about}{before}) h \
             WHERE h.place <= {} ORDER BY h.household_id, h.place",
            i64::from(first) + 1
        );
        Statement::new(Class::ByHousehold, sql, params)
    }

    fn page(&self, asked: &Asked, rows: &[Row]) -> Result<HistoryPage, BadCell> {
        let mut own = Vec::new();
        for row in rows {
            if row.cell(0).int()? == asked.household {
                own.push(row);
            }
        }
        let first = usize::try_from(asked.first).unwrap_or_default();
        let has_more = own.len() > first;
        own.truncate(first);
        let last = own
            .last()
            .map(|row| Ok((row.cell(1).int()?, row.cell(2).int()?)));
        let mut entries = Vec::with_capacity(own.len());
        for row in own {
            entries.extend(self.entry(row)?);
        }
        Ok(HistoryPage {
            entries,
            end_cursor: last.transpose()?.map(cursor),
            has_more,
        })
    }

    /// A record as an entry; none where the viewer may read nothing of what it says.
    fn entry(&self, row: &Row) -> Result<Option<HistoryEntry>, BadCell> {
        let table = row.cell(8).text()?;
        let [before, after] = [10, 11].map(|at| {
            let cell = row.cell(at);
            (!cell.is_null()).then(|| cell.text()).transpose()
        });
        let fields = self.fields.between(&self.access, table, before?, after?)?;
        if fields.is_empty() {
            return Ok(None);
        }
        let object = self.fields.type_name(table);
        Ok(Some(HistoryEntry {
            at: Moment(row.cell(3).int()?),
            department: word(row.cell(4).text()?)?,
            user: row.cell(5).text()?.to_owned(),
            operation: row.cell(6).text()?.to_owned(),
            action: word::<ChangeAction>(row.cell(7).text()?)?,
            object: object.to_owned(),
            object_id: global_id(object, row.cell(9).int()?).into(),
            fields,
        }))
    }
}

fn word<C: CodeList>(word: &str) -> Result<C, BadCell> {
    C::of_word(word).ok_or(BadCell::UNKNOWN)
}
