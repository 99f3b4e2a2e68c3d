//! What the edge asks of a graph.

use super::{document::Document, language::Language, shape::SchemaShape};
use crate::authz::Viewer;
use async_graphql::{Request, Response};
use futures_util::{
    StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use std::sync::Arc;

/// The id of a request, in its answer, its errors and every log line it causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// A graph that can be served: the composed schema, or a small one of a test.
pub trait Execute: Send + Sync + 'static {
    /// The schema without its resolvers.
    fn shape(&self) -> &SchemaShape;

    /// Runs one operation of a document as this viewer. The edge has measured the document and checked the variables;
    /// `request.operation_name` names the operation.
    fn execute<'a>(
        &'a self,
        request: Request,
        document: &'a Arc<Document>,
        viewer: Arc<Viewer>,
        language: Language,
    ) -> BoxFuture<'a, Response>;

    /// Tells what an operation that subscribes asks for, as it comes. A graph without subscriptions tells nothing.
    fn subscribe(
        &self,
        _request: Request,
        _document: &Arc<Document>,
        _viewer: Arc<Viewer>,
        _language: Language,
    ) -> BoxStream<'static, Response> {
        stream::empty().boxed()
    }
}
