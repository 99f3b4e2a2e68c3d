//! The schema with what it runs on, and the execution of one request as one viewer.

mod core;
mod described;
mod federation;
mod node;
pub mod replicas;

use self::{
    core::CoreQuery,
    described::{DescribedMutation, DescribedQuery, DescribedSubscription, Untold},
    federation::FederationQuery,
};
use crate::{
    audit::Seals,
    authz::{
        Access, Forbidden, Matrix, MatrixError, Policy, Rights, Viewer, check_document,
        depends_on_variables,
    },
    changes::{self, Subscription, Tail},
    clock::Clock,
    corrections,
    db::{Database, Freshness},
    departments::{self, RoomsMutation, RoomsQuery},
    disclosure,
    entitlement::{self, Rules, entitlements},
    exporting,
    graphql::{
        document::{Document, DocumentHash, Operation},
        language::Language,
        plan::{Budget, Faults, in_one_turn, page_plans, single_plans, slices},
        response, rewrite,
        shape::SchemaShape,
    },
    history::{self, histories},
    household::{self, Counter, KnownRegions, LookUps},
    importing, jobs, reconciliation,
    vault::Vault,
    writing::Fields,
};
use async_graphql::{
    MergedObject, Name, ObjectType, Request, Response, SDLExportOptions, Schema, SubscriptionType,
    ValidationMode, Value, Variables,
};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use std::{
    any::TypeId,
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// What can be asked (查询).
#[derive(MergedObject, Default)]
pub struct Query(
    CoreQuery,
    FederationQuery,
    household::Query,
    reconciliation::Query,
    reconciliation::RosterQuery,
    corrections::Query,
    entitlement::Query,
    jobs::Query,
    importing::Query,
    exporting::Query,
    changes::Query,
    disclosure::Query,
    RoomsQuery,
);

/// What can be done (办理).
#[derive(MergedObject, Default)]
pub struct Mutation(
    household::Mutation,
    disclosure::Mutation,
    corrections::Mutation,
    entitlement::Mutation,
    jobs::Mutation,
    importing::Mutation,
    exporting::Mutation,
    reconciliation::Mutation,
    reconciliation::RegionMutation,
    reconciliation::RosterMutation,
    RoomsMutation,
);

type HouseholdSchema<S> = Schema<DescribedQuery, DescribedMutation, S>;

/// Compiled plans kept of each kind; a real client has tens of documents.
const PLANS: usize = 4_000;

/// The extension of an answer that says up to where its writes have come.
pub const POSITION: &str = "position";

/// How soon changes are found that nobody told of.
const POLL_CHANGES: Duration = Duration::from_secs(2);

/// What resolvers of every request look up.
struct Shared {
    looked_up: Arc<LookUps>,
    rosters: Arc<reconciliation::Rosters>,
    vault: Arc<Vault>,
    clock: Clock,
    known_regions: Arc<KnownRegions>,
    fields: Arc<Fields>,
    tail: Arc<Tail>,
    seals: Seals,
    rules: Arc<Rules>,
    checks: Arc<reconciliation::Checks>,
    deadlines: reconciliation::Deadlines,
    shape: Arc<SchemaShape>,
}

impl Shared {
    fn schema<S: SubscriptionType + 'static>(
        &self,
        subscription: S,
        mode: ValidationMode,
    ) -> HouseholdSchema<S> {
        Schema::build(
            <DescribedQuery>::default(),
            DescribedMutation::default(),
            subscription,
        )
        .validation_mode(mode)
        .disable_suggestions()
        .data(page_plans(PLANS))
        .data(single_plans(PLANS))
        .data(self.looked_up.clone())
        .data(self.rosters.clone())
        .data(self.vault.clone())
        .data(self.clock.clone())
        .data(self.known_regions.clone())
        .data(self.fields.clone())
        .data(self.tail.clone())
        .data(self.seals.clone())
        .data(self.rules.clone())
        .data(self.checks.clone())
        .data(self.deadlines)
        .data(self.shape.clone())
        .finish()
    }
}

/// Why the graph can't be served.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    #[error("two rooms declare the same field of {0}")]
    FieldTwice(&'static str),
    #[error(transparent)]
    Policy(#[from] ::policy::PackError),
    #[error(transparent)]
    Matching(#[from] matching::ConfigError),
}

/// Texts, operations of them, and rights.
type Passed = HashSet<(DocumentHash, Option<Name>, Rights)>;

/// The graph, ready to answer.
pub struct Graph {
    /// Validates strictly, and knows its types: for a text seen for the first time, and for one that asks about types.
    strict: HouseholdSchema<DescribedSubscription>,
    /// Trusts a text that has passed strict validation.
    fast: HouseholdSchema<Untold>,
    shape: Arc<SchemaShape>,
    guarded: Arc<HashSet<(&'static str, &'static str)>>,
    /// Operations that passed the matrix for these rights, whatever their variables.
    passed: Mutex<Passed>,
    policy: Arc<Policy>,
    database: Database,
    fields: Arc<Fields>,
    rules: Arc<Rules>,
}

impl Graph {
    /// Composes the graph over a database, with the rules and deadlines that are shipped.
    ///
    /// # Errors
    /// A field without a line in the matrix, a line without a field, a field that two rooms declare.
    pub fn new(database: Database, vault: Arc<Vault>, clock: Clock) -> Result<Self, GraphError> {
        let rules = entitlement::shipped(departments::facts)?;
        let deadlines = reconciliation::Deadlines::default();
        Self::with_rules(database, vault, clock, rules, deadlines)
    }

    /// Composes the graph over a database.
    ///
    /// # Errors
    /// As [`Graph::new`].
    pub fn with_rules(
        database: Database,
        vault: Arc<Vault>,
        clock: Clock,
        rules: Arc<Rules>,
        deadlines: reconciliation::Deadlines,
    ) -> Result<Self, GraphError> {
        let shape = SchemaShape::of_roots::<Query, Mutation, Subscription>();
        let mut sizes = departments::part_sizes();
        sizes.push(("Query", query_size()));
        sizes.push(("Mutation", mutation_size()));
        for (object, parts) in sizes {
            if shape.field_count(object) != parts {
                return Err(GraphError::FieldTwice(object));
            }
        }
        let matrix = matrix()?;
        for fact in rules.facts.stated() {
            let (type_name, field) = fact.column.field;
            matrix.has(type_name, field)?;
        }
        let checks = Arc::new(reconciliation::shipped(&matrix, &rules.catalogue)?);
        let policy = Arc::new(Policy {
            matrix,
            links: departments::links(),
        });
        let fields = Arc::new(Fields::of(&departments::node_kinds()));
        let shared = Shared {
            looked_up: Arc::default(),
            rosters: Arc::new(reconciliation::Rosters::shipped()?),
            vault,
            clock,
            known_regions: Arc::default(),
            fields: fields.clone(),
            tail: Arc::new(Tail::new(database.clone(), POLL_CHANGES)),
            seals: Seals::new(&database),
            rules: rules.clone(),
            checks,
            deadlines,
            shape: Arc::new(shape),
        };
        Ok(Graph {
            strict: shared.schema(DescribedSubscription::default(), ValidationMode::Strict),
            fast: shared.schema(Untold, ValidationMode::Fast),
            guarded: Arc::new(departments::described().guarded),
            passed: Mutex::default(),
            shape: shared.shape,
            policy,
            database,
            fields,
            rules,
        })
    }
}

/// How many fields the parts of the query root declare.
fn query_size() -> usize {
    departments::field_count::<CoreQuery>()
        + departments::field_count::<FederationQuery>()
        + departments::field_count::<household::Query>()
        + departments::field_count::<reconciliation::Query>()
        + departments::field_count::<reconciliation::RosterQuery>()
        + departments::field_count::<corrections::Query>()
        + departments::field_count::<entitlement::Query>()
        + departments::field_count::<jobs::Query>()
        + departments::field_count::<importing::Query>()
        + departments::field_count::<exporting::Query>()
        + departments::field_count::<changes::Query>()
        + departments::field_count::<disclosure::Query>()
        + departments::rooms_query_size()
}

/// How many fields the parts of the mutation root declare.
fn mutation_size() -> usize {
    departments::field_count::<household::Mutation>()
        + departments::field_count::<disclosure::Mutation>()
        + departments::field_count::<corrections::Mutation>()
        + departments::field_count::<entitlement::Mutation>()
        + departments::field_count::<jobs::Mutation>()
        + departments::field_count::<importing::Mutation>()
        + departments::field_count::<exporting::Mutation>()
        + departments::field_count::<reconciliation::Mutation>()
        + departments::field_count::<reconciliation::RegionMutation>()
        + departments::field_count::<reconciliation::RosterMutation>()
        + departments::rooms_mutation_size()
}

/// The schema as text, sorted: what is committed as `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    sdl_of(<DescribedQuery>::default(), SDLExportOptions::new())
}

/// The schema as a subgraph of Federation 2.
#[must_use]
pub fn subgraph_sdl() -> String {
    let options = SDLExportOptions::new().federation();
    sdl_of(DescribedQuery::<true>::default(), options)
}

fn sdl_of(query: impl ObjectType + 'static, options: SDLExportOptions) -> String {
    let options = options
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items();
    Schema::build(
        query,
        DescribedMutation::default(),
        DescribedSubscription::default(),
    )
    .finish()
    .sdl_with_options(options)
}

/// The matrix of the schema, held against its fields.
///
/// # Errors
/// A field without a line, or a line without a field.
pub fn matrix() -> Result<Matrix, MatrixError> {
    let mut texts = vec![
        ("schema", include_str!("matrix.txt")),
        ("household", household::MATRIX),
        ("reconciliation", reconciliation::MATRIX),
        ("changes", changes::MATRIX),
        ("disclosure", disclosure::MATRIX),
        ("history", history::MATRIX),
        ("entitlement", entitlement::MATRIX),
        ("corrections", corrections::MATRIX),
        ("jobs", jobs::MATRIX),
        ("importing", importing::MATRIX),
        ("exporting", exporting::MATRIX),
    ];
    texts.extend(departments::matrices());
    let mut matrix = Matrix::read(&texts)?;
    let fields = SchemaShape::of_roots::<Query, Mutation, Subscription>().governed();
    matrix.add_pages(&fields);
    matrix.add_payloads(&fields);
    matrix.check(&fields)?;
    changes::check_slices(&matrix)?;
    Ok(matrix)
}

impl Graph {
    /// Answers one operation of a document as this viewer.
    pub async fn execute(
        &self,
        mut request: Request,
        document: &Arc<Document>,
        viewer: Arc<Viewer>,
        language: Language,
    ) -> Response {
        let access = Access::new(viewer, self.policy.clone());
        let Ok(operation) = document.operation(request.operation_name.as_deref()) else {
            // The edge has refused this already, with a better message.
            return refusal("VALIDATION", "Operation not found.");
        };
        if let Some(definition) = document.definition(operation) {
            document.default_switches(definition, &mut request.variables);
        }
        if let Err(forbidden) = self.check(&access, document, operation, &request.variables) {
            return refused(forbidden, language);
        }
        let validated = operation.is_validated() && !document.introspects;
        let variables = (!validated).then(|| request.variables.clone());
        let (faults, budget) = (Faults::default(), Budget::default());
        let database = self.database_for(&request, document, operation, &access);
        let mut request = self
            .equipped(request, access, (&faults, language), database.clone())
            .data(budget.clone())
            .data(document.clone());
        request.set_parsed_query(document.parsed().clone());
        let mut response = match validated {
            true => self.fast.execute(request).await,
            false => self.strict.execute(request).await,
        };
        if let Some(variables) = variables
            && !response::is_request_error(&response)
        {
            operation.set_validated(&variables);
        }
        if budget.is_spent() {
            let message = language.pick(
                "结果过大：请减小 first，或不要从一个列表返回到同一列表。",
                "The answer would be too large: ask for smaller pages (first), and not from a list back to the same list.",
            );
            return refusal("ANSWER_TOO_LARGE", message);
        }
        response.errors.extend(faults.errors(language));
        if database.was_unavailable() {
            rewrite::blame_database(&mut response, language);
        }
        if let Some(position) = database.written() {
            let position = Value::from(position.to_string());
            response.extensions.insert(POSITION.to_owned(), position);
        }
        response
    }

    /// The same graph for work behind the requests, by connections of its own.
    #[must_use]
    pub fn for_jobs(&self) -> Self {
        Graph {
            strict: self.strict.clone(),
            fast: self.fast.clone(),
            shape: self.shape.clone(),
            guarded: self.guarded.clone(),
            passed: Mutex::default(),
            policy: self.policy.clone(),
            database: self.database.for_jobs(),
            fields: self.fields.clone(),
            rules: self.rules.clone(),
        }
    }

    /// The database of one request, whose every read and write stays behind the second wall.
    fn database_for(
        &self,
        request: &Request,
        document: &Document,
        operation: &Operation,
        access: &Access,
    ) -> Database {
        let asked = request.data.get(&TypeId::of::<Freshness>());
        let asked = asked.and_then(|asked| asked.downcast_ref::<Freshness>().copied());
        let definition = document.definition(operation);
        let freshness = match asked {
            Some(from) if definition.is_some_and(replicas::may_answer) => from,
            _ => Freshness::Newest,
        };
        self.database.of_request(access.span(), freshness)
    }

    /// Tells what an operation that subscribes asks for, as it comes. The stream ends with the first error.
    pub fn subscribe(
        &self,
        request: Request,
        document: &Arc<Document>,
        viewer: Arc<Viewer>,
        language: Language,
    ) -> BoxStream<'static, Response> {
        let access = Access::new(viewer, self.policy.clone());
        let database = self.database.of_request(access.span(), Freshness::Newest);
        let refused_with = |response| stream::iter([response]).boxed();
        let Ok(operation) = document.operation(request.operation_name.as_deref()) else {
            return refused_with(refusal("VALIDATION", "Operation not found."));
        };
        if let Err(forbidden) = self.check(&access, document, operation, &request.variables) {
            return refused_with(refused(forbidden, language));
        }
        let mut request = self
            .equipped(request, access, (&Faults::default(), language), database)
            .data(Budget::default())
            .data(document.clone());
        request.set_parsed_query(document.parsed().clone());
        self.strict.execute_stream(request)
    }

    fn passed(&self) -> MutexGuard<'_, Passed> {
        self.passed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds an operation against the matrix. What does not depend on variables is checked once for each text and rights.
    fn check(
        &self,
        access: &Access,
        document: &Document,
        operation: &Operation,
        variables: &Variables,
    ) -> Result<(), Forbidden> {
        let Some(definition) = document.definition(operation) else {
            return Ok(());
        };
        let key = (document.hash, operation.name.clone(), access.rights());
        if self.passed().contains(&key) {
            return Ok(());
        }
        let parsed = document.parsed();
        check_document(
            access,
            &self.shape,
            &self.guarded,
            parsed,
            definition,
            variables,
        )?;
        if document.memorable && !depends_on_variables(&self.shape, definition) {
            let mut passed = self.passed();
            if passed.len() >= PLANS {
                passed.clear();
            }
            passed.insert(key);
        }
        Ok(())
    }

    /// The request with everything its resolvers ask for; nothing of it outlives the request.
    fn equipped(
        &self,
        request: Request,
        access: Access,
        (faults, language): (&Faults, Language),
        // The only one at hand.
        database: Database,
    ) -> Request {
        let reads = database.reads();
        request
            .data(slices(reads.clone(), access.clone()))
            .data(histories(
                reads.clone(),
                access.clone(),
                self.fields.clone(),
            ))
            .data(entitlements(
                reads.clone(),
                self.rules.clone(),
                access.clone(),
            ))
            .data(in_one_turn(Counter::new(reads.clone())))
            .data(reads.clone())
            .data(database)
            .data(access)
            .data(faults.clone())
            .data(language)
    }

    /// Who reads what: for those who ask the graph as somebody, and the database besides.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.clone()
    }

    #[must_use]
    pub fn shape(&self) -> &SchemaShape {
        &self.shape
    }

    /// The fields that are null, not refused, for who may not read them.
    #[must_use]
    pub fn guarded(&self) -> &HashSet<(&'static str, &'static str)> {
        &self.guarded
    }
}

fn refused(forbidden: Forbidden, language: Language) -> Response {
    let what = forbidden.what;
    let (chinese, english) = match what.starts_with("Mutation.") {
        true => ("办理", "do"),
        false => ("读取", "read"),
    };
    let message = language.pick(
        format!("您的部门或角色无权{chinese} {what}。"),
        format!("Your department or role may not {english} {what}."),
    );
    let error = async_graphql::Error::new(message);
    let error = async_graphql::ErrorExtensions::extend_with(error, |_, extensions| {
        extensions.set("code", "FORBIDDEN");
        extensions.set("field", what.as_str());
    });
    Response::from_errors(vec![error.into_server_error(forbidden.pos)])
}

fn refusal(code: &str, message: &str) -> Response {
    let error = async_graphql::ErrorExtensions::extend_with(
        async_graphql::Error::new(message),
        |_, extensions| extensions.set("code", code),
    );
    Response::from_errors(vec![error.into_server_error(async_graphql::Pos::default())])
}
