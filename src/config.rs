//! Configuration: one typed value from defaults < TOML file < environment < flags.
//!
//! Every option is declared once, below, with its documentation and default. `yihu serve --help` prints the same text.
//! An option that does not exist is refused with its path, wherever it came from: a misspelt limit is no limit.

use crate::{
    audit::{AuditOptions, SEAL_KEY},
    authz::token::TokenOptions,
    db::{PoolOptions, ReplicaOptions},
    graphql::{document::CacheLimits, language::Language, limits::Limits},
    jobs::JobOptions,
    options::{BadOption, OptionText, section},
    reconciliation::ReconciliationOptions,
    vault::{ENCRYPTION_KEYS, INDEX_KEY, SuiteName},
};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// Which documents run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentRule {
    /// Any document within the limits.
    Any,
    /// Only documents of the client application's manifest.
    Trusted,
}

/// Who may ask for the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Introspection {
    On,
    Off,
    /// Only the system administrator.
    Admin,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Json,
    Pretty,
}

section! {
    /// The listener and its clients.
    Http {
        /// Address and port to listen on; 127.0.0.1:8000 by default.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8000));
        /// Threads that serve requests; 0 is one a processor.
        workers: usize = 0;
        /// Largest request body, in bytes.
        body_bytes: usize = 262144;
        /// Seconds within which a whole body must have arrived.
        body_seconds: u64 = 15;
        /// Seconds within which the header of a request must have arrived.
        header_seconds: u64 = 5;
        /// Seconds a connection may stay open without a request.
        keep_alive_seconds: u64 = 30;
        /// Seconds a client may leave our bytes unread before it is cut off.
        write_seconds: u64 = 30;
        /// Seconds a query may run.
        query_seconds: u64 = 30;
        /// Connections at once, for each worker.
        connections: usize = 4096;
        /// Seconds that requests in progress get when the server stops.
        drain_seconds: u64 = 20;
        /// Seconds between readiness going false and the listener closing, so that a balancer notices.
        drain_notice_seconds: u64 = 0;
        /// Origins that browsers may call from, for example ["https://portal.example"]. None by default.
        origins: Vec<String> = Vec::new();
        /// Serve the explorer at /.
        explorer: bool = true;
        /// Believe the address in X-Forwarded-For: only behind a proxy that sets it.
        behind_proxy: bool = false;
    }
}

section! {
    /// What a document may ask for.
    Graphql {
        /// Limits of a document: tokens, fragments, aliases, root_fields, directives, fields, depth, nesting, cost.
        limits: Limits = Limits::default();
        /// Parsed documents kept: documents, text_bytes, longest_text_bytes.
        cache: CacheLimits = CacheLimits::default();
        /// "any", or "trusted": only documents of the manifest. Production should say "trusted".
        documents: DocumentRule = DocumentRule::Any;
        /// Folder of trusted documents: <client>/<name>.graphql, or <client>.json with {hash: text} or Apollo's manifest.
        manifest: Option<PathBuf> = None;
        /// Who may read the schema: "on", "off" or "admin". The demo says "on".
        introspection: Introspection = Introspection::Admin;
        /// Language of messages where the client names none: "chinese" or "english". The demo says "english".
        language: Language = Language::Chinese;
    }
}

impl Http {
    /// Threads that serve requests.
    #[must_use]
    pub fn threads(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(2, usize::from),
            workers => workers,
        }
    }
}

section! {
    /// How much work is let in at once.
    Admission {
        /// Cost of all operations running at once: about 60,000 for each processor. One operation needs its own cost, at
        /// least 100.
        cost: u32 = 120000;
        /// Requests that may wait for their turn.
        queue: usize = 64;
        /// Milliseconds a request may wait for its turn.
        queue_ms: u64 = 500;
        /// Requests a second, for each user and client application.
        rate: u32 = 50;
        /// Requests a user may send at once before the rate applies.
        burst: u32 = 200;
        /// Requests a second without a valid token, for each address.
        anonymous_rate: u32 = 20;
        /// Requests at once without a valid token, for each address.
        anonymous_burst: u32 = 100;
    }
}

section! {
    /// Subscriptions, over WebSocket.
    Sockets {
        /// Seconds within which a client must say who it is.
        init_seconds: u64 = 5;
        /// Largest message of a client, in bytes.
        message_bytes: usize = 65536;
        /// Subscriptions on one socket.
        subscriptions: usize = 20;
        /// Sockets of one user in this process.
        per_user: usize = 10;
        /// Seconds between two pings; a client that answers none of two is cut off.
        ping_seconds: u64 = 30;
    }
}

section! {
    /// What changed, for those who follow.
    Changes {
        /// Days that changes are kept: who comes back later reads anew.
        keep_days: u32 = 30;
    }
}

section! {
    /// The rules by which it is told what families are entitled to.
    Policy {
        /// Folder of packs (*.yaml) of this place, besides those that are shipped. Read at the start.
        packs: Option<PathBuf> = None;
    }
}

section! {
    /// Logs and traces.
    Telemetry {
        /// "json" or "pretty"; without it the demo writes pretty lines, and every other server JSON.
        format: Option<Format> = None;
        /// Which lines are written, for example "info,yihu=debug".
        filter: String = "info".to_owned();
        /// Where to send traces (OTLP over HTTP), for example "http://collector:4318/v1/traces". None: nowhere.
        otlp: Option<String> = None;
    }
}

section! {
    /// How sensitive values are sealed. The keys themselves are in YIHU_ENCRYPTION_KEYS and YIHU_INDEX_KEY, or in the
    /// files that the same names with _FILE point to.
    Sealing {
        /// Algorithms for new values: "international" or "chinese".
        suite: SuiteName = SuiteName::International;
    }
}

/// The whole configuration.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// A demonstration: demo keys, introspection, English. Only by the flag `--demo`, never from a file.
    #[serde(skip)]
    pub demo: bool,
    /// The database: `sqlite://yihu.sqlite` or `postgres://...`.
    pub database: String,
    pub pool: PoolOptions,
    pub replicas: ReplicaOptions,
    pub http: Http,
    pub graphql: Graphql,
    pub admission: Admission,
    pub sockets: Sockets,
    pub changes: Changes,
    pub jobs: JobOptions,
    pub tokens: TokenOptions,
    pub vault: Sealing,
    pub audit: AuditOptions,
    pub policy: Policy,
    pub reconciliation: ReconciliationOptions,
    pub telemetry: Telemetry,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            demo: false,
            database: "sqlite://yihu.sqlite".to_owned(),
            pool: PoolOptions::default(),
            replicas: ReplicaOptions::default(),
            http: Http::default(),
            graphql: Graphql::default(),
            admission: Admission::default(),
            sockets: Sockets::default(),
            changes: Changes::default(),
            jobs: JobOptions::default(),
            tokens: TokenOptions::default(),
            vault: Sealing::default(),
            audit: AuditOptions::default(),
            policy: Policy::default(),
            reconciliation: ReconciliationOptions::default(),
            telemetry: Telemetry::default(),
        }
    }
}

/// What is wrong with the configuration. Values are not repeated: one of them may be a password.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    #[error("{path}: cannot be read: {problem}")]
    File { path: String, problem: String },
    #[error("{source_name}: {path}: unknown option")]
    Unknown { source_name: String, path: String },
    #[error("{source_name}: line {line}: not TOML: {problem}")]
    Syntax {
        source_name: String,
        line: usize,
        problem: String,
    },
    #[error(transparent)]
    Value(#[from] BadOption),
}

/// What flags of the command line say.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub demo: bool,
    pub config: Option<PathBuf>,
    pub listen: Option<SocketAddr>,
    pub database: Option<String>,
}

impl Config {
    /// Reads the configuration from its four layers.
    ///
    /// # Errors
    /// The first thing that is wrong, with the path of its option.
    pub fn read(
        flags: &Flags,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let options = Config::options();
        let mut table = Table::new();
        if let Some(path) = &flags.config {
            table = file_layer(path)?;
        }
        for (variable, value) in environment {
            environment_layer(&options, &mut table, &variable, &value)?;
        }
        let mut config = Config::of(table)?;
        config.demo = flags.demo;
        if flags.demo {
            config.graphql.introspection = Introspection::On;
            config.graphql.language = Language::English;
        }
        if let Some(listen) = flags.listen {
            config.http.listen = listen;
        }
        if let Some(database) = &flags.database {
            config.database.clone_from(database);
        }
        config.check()?;
        Ok(config)
    }

    /// Every option with its text and default.
    #[must_use]
    pub fn options() -> Vec<OptionText> {
        let mut options = Vec::new();
        let text = "The database: sqlite://FILE or postgres://USER@HOST/NAME.";
        options.push(OptionText::of(
            "",
            "database",
            text,
            "\"sqlite://yihu.sqlite\"",
            "String",
        ));
        PoolOptions::options("pool", &mut options);
        ReplicaOptions::options("replicas", &mut options);
        Http::options("http", &mut options);
        Graphql::options("graphql", &mut options);
        Admission::options("admission", &mut options);
        Sockets::options("sockets", &mut options);
        Changes::options("changes", &mut options);
        JobOptions::options("jobs", &mut options);
        TokenOptions::options("tokens", &mut options);
        Sealing::options("vault", &mut options);
        AuditOptions::options("audit", &mut options);
        Policy::options("policy", &mut options);
        ReconciliationOptions::options("reconciliation", &mut options);
        Telemetry::options("telemetry", &mut options);
        options
    }

    /// The options as text for `--help`.
    #[must_use]
    pub fn help() -> String {
        let mut text = "Options of the file (--config) and the environment:\n".to_owned();
        for option in Config::options() {
            let default = option
                .default
                .as_ref()
                .map(|default| format!(" [{default}]"))
                .unwrap_or_default();
            text += &format!(
                "  {}  ({})\n      {}{default}\n",
                option.path,
                option.variable(),
                option.text
            );
        }
        text
    }

    fn of(table: Table) -> Result<Self, ConfigError> {
        let mut config = Config::default();
        for (section, value) in table {
            match section.as_str() {
                "database" => config.database = typed(&section, value)?,
                "pool" => config.pool = typed(&section, value)?,
                "replicas" => config.replicas = typed(&section, value)?,
                "http" => config.http = typed(&section, value)?,
                "graphql" => config.graphql = typed(&section, value)?,
                "admission" => config.admission = typed(&section, value)?,
                "sockets" => config.sockets = typed(&section, value)?,
                "changes" => config.changes = typed(&section, value)?,
                "tokens" => config.tokens = typed(&section, value)?,
                "vault" => config.vault = typed(&section, value)?,
                "jobs" => config.jobs = typed(&section, value)?,
                "audit" => config.audit = typed(&section, value)?,
                "policy" => config.policy = typed(&section, value)?,
                "reconciliation" => config.reconciliation = typed(&section, value)?,
                "telemetry" => config.telemetry = typed(&section, value)?,
                _ => {
                    return Err(ConfigError::Unknown {
                        source_name: "configuration".to_owned(),
                        path: section,
                    });
                }
            }
        }
        Ok(config)
    }

    /// What the types cannot say.
    fn check(&self) -> Result<(), ConfigError> {
        let bad = |path: &str, problem: &str| Err(BadOption::of(path, problem).into());
        if self.http.body_bytes > 1 << 20 {
            return bad("http.body_bytes", "at most 1048576");
        }
        if self.http.body_seconds == 0 || self.http.header_seconds == 0 {
            return bad("http.body_seconds", "at least 1");
        }
        if self.graphql.limits.nesting > 30 || self.graphql.limits.depth > 30 {
            return bad(
                "graphql.limits.nesting",
                "at most 30: the executor recurses",
            );
        }
        if u64::from(self.admission.cost) < self.graphql.limits.cost {
            return bad(
                "admission.cost",
                "smaller than graphql.limits.cost, so that operation would never run",
            );
        }
        if [
            self.admission.rate,
            self.admission.burst,
            self.admission.anonymous_rate,
            self.admission.anonymous_burst,
        ]
        .contains(&0)
        {
            return bad("admission.rate", "rates and bursts are at least 1");
        }
        if self.sockets.message_bytes > 1 << 20 {
            return bad("sockets.message_bytes", "at most 1048576");
        }
        if self.sockets.init_seconds == 0 || self.sockets.ping_seconds == 0 {
            return bad("sockets.ping_seconds", "at least 1");
        }
        if !(1..=3_650).contains(&self.changes.keep_days) {
            return bad("changes.keep_days", "1 to 3650");
        }
        if self.graphql.documents == DocumentRule::Trusted && self.graphql.manifest.is_none() {
            return bad(
                "graphql.manifest",
                "trusted documents need a folder of them",
            );
        }
        if self.http.origins.iter().any(|origin| origin == "*") {
            return bad(
                "http.origins",
                "name each origin; * would let every site read with the user's token",
            );
        }
        self.pool.check()?;
        self.replicas.check(&self.database)?;
        self.audit.check()?;
        self.jobs.check()?;
        self.reconciliation.check()?;
        Ok(self.tokens.check(self.demo)?)
    }
}

fn typed<T: serde::de::DeserializeOwned>(section: &str, value: Value) -> Result<T, ConfigError> {
    // Each option alone first, so that the error names its path and not only its section.
    if let Value::Table(table) = &value {
        for (key, value) in table {
            let one = Value::Table(Table::from_iter([(key.clone(), value.clone())]));
            if let Err(error) = one.try_into::<T>() {
                return Err(value_error(&format!("{section}.{key}"), error.message()));
            }
        }
    }
    value
        .try_into()
        .map_err(|error| value_error(section, error.message()))
}

/// The library's message without the value it may repeat.
fn value_error(path: &str, message: &str) -> ConfigError {
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let field = rest.split('`').next().unwrap_or_default();
        let path = match path.rsplit_once('.') {
            Some((_, last)) if last == field => path.to_owned(),
            _ => format!("{path}.{field}"),
        };
        return ConfigError::Unknown {
            source_name: "configuration".to_owned(),
            path,
        };
    }
    if let Some(rest) = message.strip_prefix("missing field `") {
        let field = rest.split('`').next().unwrap_or_default();
        return BadOption::of(path, &format!("{field} is missing")).into();
    }
    let expected = message
        .split_once("expected ")
        .map_or("a value of another form", |(_, expected)| expected);
    let problem = format!("expected {}", expected.lines().next().unwrap_or_default());
    BadOption::of(path, &problem).into()
}

fn file_layer(path: &Path) -> Result<Table, ConfigError> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::File {
        path: name.clone(),
        problem: error.kind().to_string(),
    })?;
    text.parse::<Table>()
        .map_err(|error: toml::de::Error| ConfigError::Syntax {
            source_name: name,
            line: error.span().map_or(0, |span| {
                text[..span.start.min(text.len())].lines().count().max(1)
            }),
            problem: error.message().to_owned(),
        })
}

fn environment_layer(
    options: &[OptionText],
    table: &mut Table,
    variable: &str,
    value: &str,
) -> Result<(), ConfigError> {
    // Tests, the vault and the audit read their own.
    let elsewhere = [
        "YIHU_REQUIRE_POSTGRES",
        "YIHU_WRITE_TEXTS",
        "YIHU_TRIALS",
        "YIHU_TEST_SUITE",
        "YIHU_CONFIG",
        ENCRYPTION_KEYS,
        INDEX_KEY,
        SEAL_KEY,
    ];
    let name = variable.strip_suffix("_FILE").unwrap_or(variable);
    if !variable.starts_with("YIHU_") || elsewhere.contains(&name) {
        return Ok(());
    }
    let Some(option) = options.iter().find(|option| option.variable() == variable) else {
        return Err(ConfigError::Unknown {
            source_name: "environment".to_owned(),
            path: variable.to_owned(),
        });
    };
    let value = if option.is_text {
        Value::String(value.to_owned())
    } else {
        let parsed = format!("value = {value}")
            .parse::<Table>()
            .ok()
            .and_then(|mut table| table.remove("value"));
        parsed.ok_or_else(|| BadOption::of(variable, "expected a TOML value"))?
    };
    match option.path.split_once('.') {
        None => {
            table.insert(option.path.clone(), value);
        }
        Some((section, key)) => {
            let section = table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                section.insert(key.to_owned(), value);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("yihu.toml");
        std::fs::write(&path, file).unwrap();
        let flags = Flags {
            config: Some(path),
            demo: true,
            ..Flags::default()
        };
        Config::read(
            &flags,
            environment
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        )
    }

    #[test]
    fn layers_in_order() {
        let file = "database = 'sqlite://a'\n[http]\nbody_seconds = 3\nlisten = '127.0.0.1:1'\n[graphql.limits]\ndepth = 12";
        let config = read(
            file,
            &[
                ("YIHU_HTTP_BODY_SECONDS", "4"),
                ("YIHU_POOL_READ_CONNECTIONS", "3"),
                ("PATH", "/"),
            ],
        )
        .unwrap();
        assert_eq!(
            (config.pool.read_connections, config.pool.write_connections),
            (3, 8)
        );
        assert_eq!(config.http.body_seconds, 4);
        assert_eq!(config.http.listen.port(), 1);
        assert_eq!(config.graphql.limits.depth, 12);
        assert_eq!(config.graphql.limits.tokens, 2_000);
        assert_eq!(config.database, "sqlite://a");
    }

    #[test]
    fn unknown_options_are_named_and_values_are_not() {
        let problem = |file: &str| read(file, &[]).unwrap_err().to_string();
        assert_eq!(
            problem("[http]\nbody_second = 3"),
            "configuration: http.body_second: unknown option"
        );
        assert_eq!(
            problem("[graphql.limits]\ntoken = 3"),
            "configuration: graphql.limits.token: unknown option"
        );
        assert_eq!(
            problem("[htp]\na = 3"),
            "configuration: htp: unknown option"
        );
        assert_eq!(
            problem("[http]\nbody_bytes = 'secret'"),
            "http.body_bytes: expected usize"
        );
        assert_eq!(
            problem("[[tokens.issuers]]\nissuer = 'a'"),
            "tokens.issuers: algorithm is missing"
        );
        assert_eq!(
            problem("[pool]\nstatement_ms = 0"),
            "pool.statement_ms: 1 to 600000"
        );
        assert_eq!(
            problem("[admission]\ncost = 5"),
            "admission.cost: smaller than graphql.limits.cost, so that operation would never run"
        );
        let unknown = read("", &[("YIHU_HTTP_BODY", "secret")])
            .unwrap_err()
            .to_string();
        assert_eq!(unknown, "environment: YIHU_HTTP_BODY: unknown option");
    }

    #[test]
    fn every_option_is_printed() {
        let help = Config::help();
        for path in [
            "http.listen  (YIHU_HTTP_LISTEN)",
            "graphql.documents",
            "tokens.leeway_seconds",
            "telemetry.otlp",
        ] {
            assert!(help.contains(path), "{path}\n{help}");
        }
    }
}
