//! A small graph that can be slow, fail and panic.

use async_graphql::{
    Context, EmptySubscription, Error, ErrorExtensions, InputObject, Object, Request, Response,
    Schema, SimpleObject, ValidationMode,
};
use futures_util::future::BoxFuture;
use std::{sync::Arc, time::Duration};
use yihu::{
    authz::Viewer,
    graphql::{
        document::Document, execute::Execute, language::Language, response::is_request_error,
        shape::SchemaShape,
    },
};

pub(super) struct Query;
pub(super) struct Mutation;

#[derive(SimpleObject)]
struct Household {
    id: i32,
    card_number: String,
}

#[derive(InputObject)]
struct GrantInput {
    amount: i32,
    note: Option<String>,
}

#[Object]
impl Query {
    async fn name(&self) -> &str {
        "一户"
    }
    async fn me(&self) -> Query {
        Query
    }
    async fn department(&self, ctx: &Context<'_>) -> String {
        ctx.data_unchecked::<Arc<Viewer>>().department.to_string()
    }
    async fn echo(&self, text: String) -> String {
        text
    }
    async fn double(&self, number: i32) -> i32 {
        number * 2
    }
    async fn households(&self, first: Option<i32>) -> Vec<Household> {
        let count = first.unwrap_or(20);
        (0..count)
            .map(|id| Household {
                id,
                card_number: format!("NM{id}"),
            })
            .collect()
    }
    async fn slow(&self, ms: u64) -> bool {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        true
    }
    async fn panics(&self) -> Option<bool> {
        Option::<bool>::None.or_else(|| panic!("the number 152601198001011234"))
    }
    async fn fails(&self) -> Option<Result<bool, Error>> {
        Some(Err(Error::new("Key (name)=(张三丰) already exists")))
    }
    async fn forbidden(&self) -> Option<Result<bool, Error>> {
        Some(Err(Error::new("不可读").extend_with(|_, extensions| {
            extensions.set("code", "FORBIDDEN")
        })))
    }
}

#[Object]
impl Mutation {
    async fn grant(&self, input: GrantInput) -> i32 {
        let _ = input.note;
        input.amount
    }
}

/// The graph behind the edge, executed as the composed schema is: strict first, fast afterwards.
pub(super) struct Graph {
    strict: Schema<Query, Mutation, EmptySubscription>,
    fast: Schema<Query, Mutation, EmptySubscription>,
    shape: SchemaShape,
}

pub(super) fn graph() -> Graph {
    let schema = |mode| {
        Schema::build(Query, Mutation, EmptySubscription)
            .validation_mode(mode)
            .disable_suggestions()
            .finish()
    };
    Graph {
        strict: schema(ValidationMode::Strict),
        fast: schema(ValidationMode::Fast),
        shape: SchemaShape::of::<Query, Mutation>(),
    }
}

impl Execute for Graph {
    fn shape(&self) -> &SchemaShape {
        &self.shape
    }

    fn execute<'a>(
        &'a self,
        request: Request,
        document: &'a Arc<Document>,
        viewer: Arc<Viewer>,
        _: Language,
    ) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            let operation = document
                .operation(request.operation_name.as_deref())
                .expect("checked by the edge");
            let variables = request.variables.clone();
            let mut request = request.data(viewer);
            request.set_parsed_query(document.parsed().clone());
            if operation.is_validated() {
                return self.fast.execute(request).await;
            }
            let response = self.strict.execute(request).await;
            if !is_request_error(&response) {
                operation.set_validated(&variables);
            }
            response
        })
    }
}
