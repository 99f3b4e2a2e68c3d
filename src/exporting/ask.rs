//! The graph, asked as who wants the file.

use crate::{
    authz::Viewer,
    db::DbError,
    graphql::{
        document::{CacheLimits, Documents},
        execute::{Execute, RequestId},
        language::Language,
        limits::Limits,
    },
    jobs::Trouble,
};
use async_graphql::{Request, Response, ServerError, Variables};
use entity::codes::JobProblem;
use serde_json::Value;
use std::sync::Arc;

/// Asks the graph.
pub(super) struct Asker {
    graph: Arc<dyn Execute>,
    documents: Documents,
}

/// What is not the question's fault: the job goes on later.
const PASSING: [&str; 4] = ["INTERNAL", "OVERLOADED", "RATE_LIMITED", "UNAVAILABLE"];

impl Asker {
    pub(super) fn new(graph: Arc<dyn Execute>) -> Self {
        Asker {
            graph,
            documents: Documents::new(Limits::default(), CacheLimits::default()),
        }
    }

    /// The declared type of a field.
    pub(super) fn type_of(&self, type_name: &str, field: &str) -> Option<String> {
        let field = self.graph.shape().field(type_name, field)?;
        Some(field.ty.clone())
    }

    /// The data of an answer that is whole.
    pub(super) async fn ask(
        &self,
        viewer: &Arc<Viewer>,
        asked: (&str, Value),
        request: &str,
    ) -> Result<Value, Trouble> {
        let answer = self.answer(viewer, asked, request).await?;
        match answer.errors.first() {
            None => Ok(answer.data.into_json().unwrap_or_default()),
            Some(error) => Err(trouble(error)),
        }
    }

    /// The same; none where something that is asked about does not exist for the viewer.
    pub(super) async fn find(
        &self,
        viewer: &Arc<Viewer>,
        asked: (&str, Value),
        request: &str,
    ) -> Result<Option<Value>, Trouble> {
        let answer = self.answer(viewer, asked, request).await?;
        match answer.errors.first() {
            None => Ok(Some(answer.data.into_json().unwrap_or_default())),
            Some(error) if code_of(error) == "NOT_FOUND" => Ok(None),
            Some(error) => Err(trouble(error)),
        }
    }

    async fn answer(
        &self,
        viewer: &Arc<Viewer>,
        (text, variables): (&str, Value),
        request: &str,
    ) -> Result<Response, Trouble> {
        let document = self.documents.fetch(text, self.graph.shape());
        let document = document.map_err(|error| {
            Trouble::Database(DbError::fault(format!(
                "an operation of an export: {error:?}"
            )))
        })?;
        let request = Request::new("")
            .variables(Variables::from_json(variables))
            .data(RequestId(request.to_owned()));
        let viewer = viewer.clone();
        let answer = self
            .graph
            .execute(request, &document, viewer, Language::Chinese);
        Ok(answer.await)
    }
}

fn code_of(error: &ServerError) -> String {
    let code = error.extensions.as_ref().and_then(|told| told.get("code"));
    let code = code.map_or_else(|| "ARGUMENT".to_owned(), ToString::to_string);
    code.trim_matches('"').to_owned()
}

fn trouble(error: &ServerError) -> Trouble {
    let code = code_of(error);
    if PASSING.contains(&code.as_str()) {
        return DbError::unavailable(format!("a page has to wait: {code}")).into();
    }
    let problem = match code.as_str() {
        "FORBIDDEN" => JobProblem::NotAllowed,
        _ => JobProblem::Unreadable,
    };
    Trouble::Problem(problem, format!("{code}: {}", error.message))
}
