//! The composed schema as the graph that is served.

use crate::{
    authz::Viewer,
    graphql::{document::Document, execute::Execute, language::Language, shape::SchemaShape},
    schema::Graph,
};
use async_graphql::{Request, Response};
use futures_util::{future::BoxFuture, stream::BoxStream};
use std::sync::Arc;

impl Execute for Graph {
    fn shape(&self) -> &SchemaShape {
        Graph::shape(self)
    }

    fn execute<'a>(
        &'a self,
        request: Request,
        document: &'a Arc<Document>,
        viewer: Arc<Viewer>,
        language: Language,
    ) -> BoxFuture<'a, Response> {
        Box::pin(Graph::execute(self, request, document, viewer, language))
    }

    fn subscribe(
        &self,
        request: Request,
        document: &Arc<Document>,
        viewer: Arc<Viewer>,
        language: Language,
    ) -> BoxStream<'static, Response> {
        Graph::subscribe(self, request, document, viewer, language)
    }
}
