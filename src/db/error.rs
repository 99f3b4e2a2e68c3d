//! What can go wrong in the database, told without the values that were in it.
//!
//! A driver's own error repeats rows ("Key (number)=(15…) already exists"), and an error ends in a log. So nothing of a
//! driver's error survives here but its code, the name of the constraint, and the message where no message of that
//! class can hold a value.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use sqlx::error::DatabaseError;

/// What went wrong; cheap to copy, because one failure may be the answer to many statements.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// No connection became free in time. Waiting again would only lengthen the queue: the client shall come back.
    #[error("the database is busy")]
    Busy,
    /// Another transaction held what was needed for too long. Worth another try.
    #[error("another transaction holds the lock")]
    Locked,
    /// Two transactions could not both be right, and this one lost. Worth another try from the beginning.
    #[error("the transaction lost against another one ({0})")]
    Serialization(Report),
    /// A statement was prepared for a schema that is not the same any more. Worth another try: it is prepared anew.
    #[error("a prepared statement is out of date ({0})")]
    Stale(Report),
    /// The keys at hand don't suffice for a running write; [`super::Database::write`] fetches more and runs it again.
    #[error("{count} keys of {name} are not at hand")]
    OutOfIds {
        /// Whose keys.
        name: &'static str,
        /// How many were asked for.
        count: u32,
    },
    /// A statement ran longer than statements may.
    #[error("a statement ran out of time")]
    Timeout,
    /// A constraint of the schema refused the row.
    #[error("{0}")]
    Violation(Violation),
    /// The database can't be reached or is going down.
    #[error("the database can't be reached ({0})")]
    Unavailable(Report),
    /// The database cannot be used as it is configured: its URL, its settings, a newer schema.
    #[error("{0}")]
    Unusable(Report),
    /// A mistake of ours: the statement, its parameters, the schema.
    #[error("the database refused a statement ({0})")]
    Fault(Report),
}

impl DbError {
    /// Whether the same transaction, run again from its beginning, may well succeed.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            DbError::Locked | DbError::Serialization(_) | DbError::Stale(_)
        )
    }

    /// Whether it only says that another statement of the transaction was refused before.
    pub(super) fn is_aftermath(&self) -> bool {
        matches!(self, DbError::Serialization(report) if &*report.code == AFTERMATH)
    }

    /// The constraint that refused, if one did.
    pub fn violation(&self) -> Option<&Violation> {
        match self {
            DbError::Violation(violation) => Some(violation),
            _ => None,
        }
    }

    /// Whether the constraint of this name refused.
    pub fn violates(&self, constraint: &str) -> bool {
        self.violation()
            .is_some_and(|violation| &*violation.constraint == constraint)
    }

    /// A fault found by us, not by the database.
    pub fn fault(message: impl Into<Arc<str>>) -> Self {
        DbError::Fault(Report::of_ours(message))
    }

    pub(crate) fn unusable(message: impl Into<Arc<str>>) -> Self {
        DbError::Unusable(Report::of_ours(message))
    }

    pub(crate) fn unavailable(message: impl Into<Arc<str>>) -> Self {
        DbError::Unavailable(Report::of_ours(message))
    }
}

/// PostgreSQL's code for whatever follows in a transaction of which a statement was refused.
const AFTERMATH: &str = "25P02";

/// The database's own words, as far as they can hold no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// SQLSTATE on PostgreSQL, the extended result code on SQLite, empty when the driver itself failed.
    pub code: Arc<str>,
    /// The message, or nothing where messages of this code repeat values.
    pub message: Arc<str>,
}

impl Report {
    fn of_ours(message: impl Into<Arc<str>>) -> Self {
        Report {
            code: "".into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&*self.code, &*self.message) {
            ("", message) => f.write_str(message),
            (code, "") => f.write_str(code),
            (code, message) => write!(f, "{code}: {message}"),
        }
    }
}

/// A constraint refused a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What sort of constraint, the same on both databases.
    pub kind: ViolationKind,
    /// Its name, the same on both databases; empty for a foreign key on SQLite, which doesn't say which one.
    pub constraint: Arc<str>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ViolationKind::Unique => "unique",
            ViolationKind::ForeignKey => "foreign key",
            ViolationKind::Check => "check",
            ViolationKind::NotNull => "not null",
            ViolationKind::Exclusion => "exclusion",
        };
        write!(
            f,
            "the {kind} constraint {:?} refused a row",
            self.constraint
        )
    }
}

/// The sorts of constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViolationKind {
    /// A second row with the same key.
    Unique,
    /// A row that points to nothing, or a row still pointed to.
    ForeignKey,
    /// A value outside of what the table allows.
    Check,
    /// A missing value; the name is `table.column`.
    NotNull,
    /// Two rows that exclude each other (overlapping intervals), or a trigger that refused. On SQLite both are triggers,
    /// which raise the name of PostgreSQL's constraint as their whole message.
    Exclusion,
}

/// SQLite names the columns of a violated unique index, not the index. The names are learned once from the schema
/// ([`learn_unique_index`]); all databases of one process have the same schema, so they share them.
static UNIQUE_INDEXES: RwLock<Option<HashMap<String, Arc<str>>>> = RwLock::new(None);

/// Remembers which index covers `columns` (as SQLite writes them: `table.a, table.b`).
pub(crate) fn learn_unique_index(columns: String, index: &str) {
    let mut names = UNIQUE_INDEXES
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    names.get_or_insert_default().insert(columns, index.into());
}

/// The `CONSTRAINT name UNIQUE (a, b)` of a table's text, each with its columns as SQLite writes them in an error: the
/// text is the only place where SQLite keeps such a name.
pub(crate) fn named_unique_constraints<'a>(table: &str, sql: &'a str) -> Vec<(&'a str, String)> {
    let named = |part: &'a str| {
        let (name, rest) = part.trim_start().split_once(char::is_whitespace)?;
        let (columns, _) = rest
            .trim_start()
            .strip_prefix("UNIQUE")?
            .trim_start()
            .strip_prefix('(')?
            .split_once(')')?;
        let columns: Vec<String> = columns
            .split(',')
            .map(|column| format!("{table}.{}", column.trim().trim_matches('"')))
            .collect();
        Some((name.trim_matches('"'), columns.join(", ")))
    };
    sql.split("CONSTRAINT").skip(1).filter_map(named).collect()
}

/// The index over `columns`, or the name that PostgreSQL gives to a UNIQUE without a name.
pub(super) fn unique_index_over(columns: &str) -> Arc<str> {
    if let Some(name) = columns
        .strip_prefix("index '")
        .and_then(|rest| rest.strip_suffix('\''))
    {
        return name.into();
    }
    let names = UNIQUE_INDEXES
        .read()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = names.as_ref().and_then(|names| names.get(columns)) {
        return Arc::clone(name);
    }
    let table = columns.split('.').next().unwrap_or_default();
    let mut name = table.to_owned();
    for column in columns.split(", ") {
        name.push('_');
        name.push_str(column.split_once('.').map_or(column, |(_, column)| column));
    }
    name.push_str("_key");
    name.into()
}

/// SQLite's extended result codes: the low byte is the class, the rest the reason.
fn of_sqlite(code: u32, message: &str) -> DbError {
    let named = |kind, constraint: Arc<str>| DbError::Violation(Violation { kind, constraint });
    let detail = message
        .split_once("failed: ")
        .map_or("", |(_, detail)| detail);
    let table = detail.split('.').next().unwrap_or_default();
    match (code, code & 0xff) {
        (275, _) => named(ViolationKind::Check, detail.into()),
        (787, _) => named(ViolationKind::ForeignKey, "".into()),
        (1299, _) => named(ViolationKind::NotNull, detail.into()),
        (1555 | 2579, _) => named(ViolationKind::Unique, format!("{table}_pkey").into()),
        (1811, _) => named(ViolationKind::Exclusion, message.into()),
        (2067, _) => named(ViolationKind::Unique, unique_index_over(detail)),
        (_, 5 | 6) => DbError::Locked,
        (_, 9) => DbError::Timeout,
        (_, 10 | 11 | 13 | 14 | 26) => DbError::Unavailable(sqlite_report(code, message)),
        _ => DbError::Fault(sqlite_report(code, message)),
    }
}

fn sqlite_report(code: u32, message: &str) -> Report {
    Report {
        code: code.to_string().into(),
        message: message.into(),
    }
}

/// PostgreSQL's SQLSTATE: the first two characters are the class.
fn of_postgres(
    code: &str,
    message: &str,
    constraint: Option<&str>,
    column: Option<(&str, &str)>,
) -> DbError {
    let violation = |kind, constraint: &str| {
        DbError::Violation(Violation {
            kind,
            constraint: constraint.into(),
        })
    };
    let name = constraint.unwrap_or_default();
    // Class 22 quotes the value that does not fit.
    let message = if code.starts_with("22") { "" } else { message };
    let report = || Report {
        code: code.into(),
        message: message.into(),
    };
    match code {
        "23505" => violation(ViolationKind::Unique, name),
        "23503" => violation(ViolationKind::ForeignKey, name),
        "23514" => violation(ViolationKind::Check, name),
        "23P01" => violation(ViolationKind::Exclusion, name),
        "23502" => {
            let (table, column) = column.unwrap_or_default();
            violation(ViolationKind::NotNull, &format!("{table}.{column}"))
        }
        // RAISE in a trigger of ours: the constraint if it names one, else its message is the name, as on SQLite.
        "P0001" => violation(ViolationKind::Exclusion, constraint.unwrap_or(message)),
        // Who sees the aftermath alone does not know what was refused: run again, it may see that.
        "40001" | "40P01" | AFTERMATH => DbError::Serialization(report()),
        "55P03" => DbError::Locked,
        "57014" => DbError::Timeout,
        // The server closed a line that said nothing inside of a transaction: one of us was held up.
        "25P03" => DbError::Unavailable(report()),
        _ if ["08", "53", "57", "58"].contains(&code.get(..2).unwrap_or_default()) => {
            DbError::Unavailable(report())
        }
        _ => DbError::Fault(report()),
    }
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(refusal) = error.as_db_error() {
            let column = refusal.table().zip(refusal.column());
            return of_postgres(
                refusal.code().code(),
                refusal.message(),
                refusal.constraint(),
                column,
            );
        }
        // Without an answer from the server: the line broke, or a parameter or cell did not fit. The text of the outer
        // error names the step only; its source could quote.
        match error.is_closed() || input_output(&error).is_some() {
            true => DbError::unavailable(match input_output(&error) {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            }),
            false => DbError::fault(error.to_string()),
        }
    }
}

/// The network's error, when that is the cause at any depth.
fn input_output<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a std::io::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(cause) = error.downcast_ref() {
            return Some(cause);
        }
        next = error.source();
    }
    None
}

impl From<deadpool_postgres::PoolError> for DbError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        use deadpool_postgres::{PoolError, TimeoutType};
        match error {
            PoolError::Timeout(TimeoutType::Wait) => DbError::Busy,
            PoolError::Timeout(_) => DbError::unavailable("connecting took too long"),
            PoolError::Backend(error) => match DbError::from(error) {
                // Whatever keeps us from connecting (a password, a missing database), nobody can read now.
                DbError::Fault(report) => DbError::Unavailable(report),
                error => error,
            },
            PoolError::Closed => DbError::unavailable("the pool is closed"),
            PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
                DbError::fault("the pool is misconfigured")
            }
        }
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        DbError::from(&error)
    }
}

impl From<&sqlx::Error> for DbError {
    fn from(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(refusal) => of_driver(&**refusal),
            sqlx::Error::PoolTimedOut => DbError::Busy,
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => DbError::unavailable(variant_name(error)),
            sqlx::Error::Configuration(_) => DbError::unusable("the database URL cannot be read"),
            other => DbError::fault(variant_name(other)),
        }
    }
}

fn of_driver(refusal: &dyn DatabaseError) -> DbError {
    let code = refusal.code().unwrap_or_default();
    if let Some(Told(error)) = refusal.try_downcast_ref() {
        return error.clone();
    }
    match refusal.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        Some(refusal) => {
            let column = refusal.table().zip(refusal.column());
            of_postgres(&code, refusal.message(), refusal.constraint(), column)
        }
        None => of_sqlite(code.parse().unwrap_or(1), refusal.message()),
    }
}

impl From<sea_orm::DbErr> for DbError {
    fn from(error: sea_orm::DbErr) -> Self {
        use sea_orm::{DbErr, RuntimeErr};
        match &error {
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => DbError::from(&**error),
            DbErr::ConnectionAcquire(sea_orm::error::ConnAcquireErr::Timeout) => DbError::Busy,
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => {
                DbError::unavailable(variant_name(&error))
            }
            // Our own migrations' texts; no row takes part in them.
            DbErr::Migration(message) => DbError::fault(message.as_str()),
            _ => DbError::fault(variant_name(&error)),
        }
    }
}

/// An error of ours on its way through the ORM, which knows those of its own drivers only.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Told(DbError);

impl DatabaseError for Told {
    fn message(&self) -> &str {
        "told by Yihu"
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> sqlx::error::ErrorKind {
        sqlx::error::ErrorKind::Other
    }
}

impl From<DbError> for sea_orm::DbErr {
    fn from(error: DbError) -> Self {
        let error = sqlx::Error::Database(Box::new(Told(error)));
        sea_orm::DbErr::Exec(sea_orm::RuntimeErr::SqlxError(Arc::new(error)))
    }
}

/// The name of an enum's variant, which is all that can be told of errors that quote what they failed on.
fn variant_name(error: &impl fmt::Debug) -> String {
    let text = format!("{error:?}");
    text.split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_name_a_constraint_alike() {
        learn_unique_index(
            "error_test.county_code, error_test.number".into(),
            "error_test_number",
        );
        let learned = of_sqlite(
            2067,
            "UNIQUE constraint failed: error_test.county_code, error_test.number",
        );
        assert!(learned.violates("error_test_number"));
        assert_eq!(
            learned,
            of_postgres("23505", "duplicate key", Some("error_test_number"), None)
        );
        let unnamed = of_sqlite(2067, "UNIQUE constraint failed: card.bank, card.number");
        assert!(unnamed.violates("card_bank_number_key"));
        let trigger = of_sqlite(1811, "membership_overlap");
        assert_eq!(
            trigger,
            of_postgres("23P01", "conflicting key", Some("membership_overlap"), None)
        );
        assert_eq!(
            trigger,
            of_postgres("P0001", "membership_overlap", None, None)
        );
        assert!(of_sqlite(1555, "UNIQUE constraint failed: person.id").violates("person_pkey"));
        assert!(of_sqlite(275, "CHECK constraint failed: grant_amount").violates("grant_amount"));
        assert!(of_sqlite(1299, "NOT NULL constraint failed: person.name").violates("person.name"));
        assert!(
            of_postgres("23502", "null value", None, Some(("person", "name")))
                .violates("person.name")
        );
    }

    #[test]
    fn names_are_read_from_the_text_of_a_table() {
        let sql = "CREATE TABLE card (id BIGINT, CONSTRAINT card_once UNIQUE (bank, number), \
                   CONSTRAINT card_sane CHECK (id > 0), CONSTRAINT \"card_id\" UNIQUE(\"id\"))";
        let named = named_unique_constraints("card", sql);
        assert_eq!(
            named,
            [
                ("card_once", "card.bank, card.number".to_owned()),
                ("card_id", "card.id".to_owned())
            ]
        );
    }

    #[test]
    fn only_lost_races_are_worth_another_try() {
        for code in [5, 517, 261, 6, 262] {
            assert!(of_sqlite(code, "database is locked").is_retryable());
        }
        for code in ["40001", "40P01", "55P03", "25P02"] {
            assert!(of_postgres(code, "", None, None).is_retryable());
        }
        assert!(!DbError::Busy.is_retryable());
        assert!(!of_postgres("57014", "", None, None).is_retryable());
        assert!(!of_postgres("23505", "", Some("x"), None).is_retryable());
        assert!(!of_sqlite(9, "interrupted").is_retryable());
    }

    #[test]
    fn values_do_not_get_through() {
        let error = of_postgres(
            "22P02",
            "invalid input syntax for type bigint: \"150921198001011234\"",
            None,
            None,
        );
        assert!(!format!("{error} {error:?}").contains("150921"));
        let error = DbError::from(sea_orm::DbErr::Json("expected 150921198001011234".into()));
        assert!(!format!("{error} {error:?}").contains("150921"));
        assert_eq!(error.to_string(), "the database refused a statement (Json)");
    }
}
