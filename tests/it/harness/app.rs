//! The server under test, and those who ask it.

use super::{TestDatabase, vault};
use entity::codes::{CodeList, Department, Role};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use yihu::audit::Seals;
use yihu::authz::token::DemoClaims;
use yihu::clock::Clock;
use yihu::config::Config;
use yihu::db::{Database, Settings};
use yihu::departments;
use yihu::entitlement;
use yihu::http::{self, SealsInTime, Server, Services};
use yihu::jobs::StoredFiles;
use yihu::schema::Graph;

const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
const TOKEN_SECONDS: i64 = 600;

/// A server that listens. Copies are the same server.
#[derive(Clone)]
pub(crate) struct App {
    address: SocketAddr,
    client: Client,
    started: Option<Arc<Started>>,
}

/// A server in this process, and the database under it.
struct Started {
    server: Server,
    database: Database,
}

impl App {
    /// A server at an address that already answers.
    pub(crate) fn at(address: SocketAddr) -> App {
        let client = Client::builder()
            // A proxy of the developer's environment must not see the tests.
            .no_proxy()
            .timeout(ANSWER_TIMEOUT)
            .build()
            .expect("a client");
        App {
            address,
            client,
            started: None,
        }
    }

    /// The server over this database, as `yihu serve --demo` composes it, on a port of its own. Its today is the last day
    /// of the demonstration, its tokens are judged by the machine's clock.
    pub(crate) async fn start(db: &TestDatabase) -> App {
        App::configured(db, |_| {}).await
    }

    /// The same with other options.
    pub(crate) async fn configured(db: &TestDatabase, change: impl FnOnce(&mut Config)) -> App {
        let database = Database::connect(&db.url, &Settings::default())
            .await
            .expect("a database");
        App::over(database, change).await
    }

    /// The same over a database that is connected already.
    pub(crate) async fn over(database: Database, change: impl FnOnce(&mut Config)) -> App {
        let vault = Arc::new(vault());
        let today = Clock::fixed(time::macros::date!(2018 - 12 - 31));
        let seals = SealsInTime {
            seals: Seals::new(&database),
            clock: today.clone(),
        };
        let mut config = Config {
            demo: true,
            ..Config::default()
        };
        config.http.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.http.workers = 1;
        config.admission.burst = 1_000_000;
        change(&mut config);
        let graph = Graph::with_rules(
            database.clone(),
            vault,
            today.clone(),
            entitlement::shipped(departments::facts).expect("the rules"),
            config.reconciliation.deadlines(),
        )
        .expect("a graph");
        let services = Services {
            checks: vec![Arc::new(seals)],
            files: Arc::new(StoredFiles {
                database: database.clone(),
                clock: today.clone(),
            }),
            ..Services::of(Arc::new(graph))
        };
        let server = http::start(config, services).await.expect("a server");
        let mut app = App::at(server.address());
        app.started = Some(Arc::new(Started { server, database }));
        app
    }

    /// How many statements the server has run so far.
    pub(crate) fn statements(&self) -> u64 {
        self.database().statements()
    }

    /// What the server holds of its database.
    pub(crate) fn database(&self) -> &Database {
        &self.started().database
    }

    /// Stops the server as a signal would.
    pub(crate) async fn stop(&self) {
        self.started().server.stop().await;
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    fn started(&self) -> &Started {
        self.started.as_ref().expect("a server of this process")
    }

    /// A request of any shape, to a path such as `/graphql`, with nothing set.
    pub(crate) fn http(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        let address = format!("http://{}{path}", self.address);
        self.client.request(method, address)
    }

    /// Writes its department's slice of a region.
    pub(crate) fn clerk(&self, department: Department, region: &str) -> Actor {
        self.officer(department, Role::Clerk, region)
    }

    /// Reads what its department may read of a region.
    pub(crate) fn reader(&self, department: Department, region: &str) -> Actor {
        self.officer(department, Role::Reader, region)
    }

    pub(crate) fn approver(&self, department: Department, region: &str) -> Actor {
        self.officer(department, Role::Approver, region)
    }

    /// Sees the households linked to it.
    pub(crate) fn helper(&self, user: &str, region: &str) -> Actor {
        self.officer(Department::Helper, Role::Helper, region)
            .named(user)
    }

    /// Sees its own family.
    pub(crate) fn household(&self, user: &str, region: &str) -> Actor {
        self.officer(Department::Household, Role::Household, region)
            .named(user)
    }

    /// A clerk of a school, bank or insurer.
    pub(crate) fn institution(&self, department: Department, institution: &str) -> Actor {
        let mut actor = self.actor(department, Role::Clerk);
        actor.claims_mut().org = Some(institution.to_owned());
        actor
    }

    /// A department's machine client with a registered purpose.
    pub(crate) fn service(&self, department: Department, region: &str, purpose: &str) -> Actor {
        let mut actor = self.officer(department, Role::Service, region);
        actor.claims_mut().purpose = Some(purpose.to_owned());
        actor
    }

    /// Reads all, writes nothing but findings.
    pub(crate) fn auditor(&self) -> Actor {
        self.actor(Department::Audit, Role::Auditor)
    }

    /// Shows no token.
    pub(crate) fn anonymous(&self) -> Actor {
        let (app, language) = (self.clone(), "en".to_owned());
        Actor {
            app,
            claims: None,
            language,
        }
    }

    fn officer(&self, department: Department, role: Role, region: &str) -> Actor {
        let mut actor = self.actor(department, role);
        actor.claims_mut().region = Some(region.to_owned());
        actor
    }

    /// Somebody with one role; the others are made of this.
    pub(crate) fn actor(&self, department: Department, role: Role) -> Actor {
        let claims = DemoClaims {
            department: department.word().to_owned(),
            roles: vec![role.word().to_owned()],
            region: None,
            org: None,
            purpose: None,
            subject: format!("{department}-{role}"),
            client: "tests".to_owned(),
            life_seconds: TOKEN_SECONDS,
        };
        Actor {
            claims: Some(claims),
            ..self.anonymous()
        }
    }
}

/// Somebody who asks.
#[derive(Clone)]
pub(crate) struct Actor {
    app: App,
    claims: Option<DemoClaims>,
    language: String,
}

impl Actor {
    /// The same with another user name: two actors of one department and role are else one user.
    pub(crate) fn named(mut self, user: &str) -> Actor {
        self.claims_mut().subject = user.to_owned();
        self
    }

    /// The same with a token for another region.
    pub(crate) fn within(mut self, region: &str) -> Actor {
        self.claims_mut().region = Some(region.to_owned());
        self
    }

    /// The same with one more role.
    pub(crate) fn and(mut self, role: Role) -> Actor {
        self.claims_mut().roles.push(role.word().to_owned());
        self
    }

    /// The same, asking another server.
    pub(crate) fn at(mut self, app: &App) -> Actor {
        self.app = app.clone();
        self
    }

    /// The same with this role only.
    pub(crate) fn only(mut self, role: Role) -> Actor {
        self.claims_mut().roles = vec![role.word().to_owned()];
        self
    }

    /// Whether it reads and writes by its region, not by an institution or by households that are linked to it.
    pub(crate) fn is_regional(&self) -> bool {
        let claims = self.claims.as_ref().expect("an actor with a token");
        claims.region.is_some() && !["HELPER", "HOUSEHOLD"].contains(&claims.department.as_str())
    }

    /// The word of its department.
    pub(crate) fn department(&self) -> &str {
        &self
            .claims
            .as_ref()
            .expect("an actor with a token")
            .department
    }

    /// The same with tokens that live so many seconds.
    pub(crate) fn living(mut self, seconds: i64) -> Actor {
        self.claims_mut().life_seconds = seconds;
        self
    }

    /// The same, asking for messages in another language; English where nothing is said.
    pub(crate) fn in_language(mut self, language: &str) -> Actor {
        language.clone_into(&mut self.language);
        self
    }

    /// The value of its `Authorization` header.
    pub(crate) fn authorization(&self) -> Option<String> {
        let now = Clock::system().now_ms() / 1_000;
        let token = self
            .claims
            .as_ref()?
            .sign(now)
            .expect("a token the server accepts");
        Some(format!("Bearer {token}"))
    }

    /// Asks a document with variables.
    pub(crate) async fn query(&self, document: &str, variables: Value) -> Answer {
        self.post(json!({ "query": document, "variables": variables }))
            .await
    }

    /// The ids of everything that a list at the root gives under a filter of this type, all pages of it.
    pub(crate) async fn listed(&self, list: &str, kind: &str, filter: Value) -> BTreeSet<String> {
        let text = format!(
            "query($filter: {kind}, $after: String) {{ {list}(filter: $filter, first: 100, after: $after) {{ \
             nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let (mut ids, mut after) = (BTreeSet::new(), Value::Null);
        loop {
            let variables = json!({ "filter": filter, "after": after });
            let page = self.query(&text, variables).await.data()[list].take();
            let nodes = page["nodes"].as_array().expect("nodes").iter();
            ids.extend(nodes.map(|node| node["id"].as_str().expect("an id").to_owned()));
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                return ids;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// Sends a body as it is to `/graphql`.
    pub(crate) async fn post(&self, body: Value) -> Answer {
        let request = self.app.http("POST", "/graphql");
        self.send(
            request
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string()),
        )
        .await
    }

    /// Sends a request of [`App::http`] under this actor's token.
    pub(crate) async fn send(&self, mut request: RequestBuilder) -> Answer {
        request = request.header("accept-language", &self.language);
        if let Some(authorization) = self.authorization() {
            request = request.header(AUTHORIZATION, authorization);
        }
        let response = request.send().await.expect("the server answers");
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.expect("the answer's text"),
        }
    }

    fn claims_mut(&mut self) -> &mut DemoClaims {
        self.claims.as_mut().expect("an actor with a token")
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: HeaderMap,
    /// The body, byte for byte.
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// The text of a header; none where there is no such header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn json(&self) -> Value {
        let Answer { status, text, .. } = self;
        serde_json::from_str(text)
            .unwrap_or_else(|error| panic!("{status}, no JSON ({error}): {text}"))
    }

    /// The body laid out for reading, keys in the order of the answer.
    pub(crate) fn pretty(&self) -> String {
        serde_json::to_string_pretty(&self.json()).expect("JSON")
    }

    /// The data of an answer without errors.
    pub(crate) fn data(&self) -> Value {
        let errors = self.errors();
        assert!(errors.is_empty(), "{errors:#?}");
        self.json()["data"].take()
    }

    /// The data beside errors.
    pub(crate) fn partial_data(&self) -> Value {
        self.json()["data"].take()
    }

    pub(crate) fn errors(&self) -> Vec<Value> {
        self.json()["errors"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// `extensions.code` of each error, in order.
    pub(crate) fn codes(&self) -> Vec<String> {
        let code = |error: &Value| {
            error["extensions"]["code"]
                .as_str()
                .unwrap_or("(no code)")
                .to_owned()
        };
        self.errors().iter().map(code).collect()
    }
}
