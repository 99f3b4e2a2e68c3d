//! Writes a list as a job: a page of the graph is a stretch, and the cursor after it the position.

use super::{
    ask::Asker,
    begin::Wanted,
    cell::Written,
    reading::{self, columns, question, rows_of, subject, value},
};
use crate::{
    authz::{
        Access, Policy, Viewer,
        directory::{RememberedDirectory, UserDirectory},
        token::TokenError,
    },
    db::DbError,
    files::{Column, Export, lines},
    graphql::execute::Execute,
    jobs::{self, Order, Progress, Stretch, Trouble, Work},
};
use entity::codes::{JobKind, JobProblem};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sheets::Kinds;
use std::{sync::Arc, time::Duration};

/// Objects of a page: as many as anybody may ask for.
const PAGE: usize = 100;

/// Writes lists as files.
pub struct ExportWork {
    asker: Asker,
    policy: Arc<Policy>,
    kinds: Kinds,
    exports: Vec<Export>,
    directory: Arc<dyn UserDirectory>,
}

/// Where it goes on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Position {
    after: Option<String>,
    /// Nothing is left to read.
    ended: bool,
}

/// A list on its way into a file.
struct Listing<'w> {
    work: &'w ExportWork,
    wanted: Wanted,
    export: &'w Export,
    viewer: Arc<Viewer>,
    columns: Vec<Written>,
    question: String,
    /// The number of its questions, for the log.
    request: String,
}

impl Work for ExportWork {
    fn kind(&self) -> JobKind {
        JobKind::Export
    }
    fn run<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a mut Progress,
    ) -> BoxFuture<'a, Result<Vec<Column>, Trouble>> {
        Box::pin(self.write(order, progress))
    }
}

impl ExportWork {
    #[must_use]
    pub fn new(
        (graph, policy): (Arc<dyn Execute>, Arc<Policy>),
        kinds: Kinds,
        exports: Vec<Export>,
        directory: Arc<dyn UserDirectory>,
    ) -> Self {
        ExportWork {
            asker: Asker::new(graph),
            policy,
            kinds,
            exports,
            directory,
        }
    }

    async fn write(&self, order: &Order, progress: &mut Progress) -> Result<Vec<Column>, Trouble> {
        let wanted: Wanted = jobs::read(&order.input)?;
        let position = order.position.as_deref().map(jobs::read::<Position>);
        let mut position = position.transpose()?.unwrap_or_default();
        let listing = self.listing(order, wanted)?;
        while !position.ended {
            self.still_allowed(order).await?;
            let page = listing.page(position.after.as_deref()).await?;
            let info = &page["pageInfo"];
            position = Position {
                after: info["endCursor"].as_str().map(str::to_owned),
                ended: info["hasNextPage"] != true,
            };
            let objects = page["nodes"].as_array().map_or(&[][..], Vec::as_slice);
            let rows = listing.rows(objects).await?;
            let text = lines(order.format, &rows).map_err(|error| jobs::unreadable(&error))?;
            let stretch = Stretch {
                text,
                lines: rows.len(),
                done: progress.done() + objects.len() as u64,
                position: jobs::text_of(&position)?,
                counts: None,
            };
            progress.add(stretch).await?;
        }
        progress.set_total(progress.done()).await?;
        Ok(listing.columns.iter().map(Written::column).collect())
    }

    fn listing(&self, order: &Order, wanted: Wanted) -> Result<Listing<'_>, Trouble> {
        let mut exports = self.exports.iter();
        let export = exports.find(|export| export.kind == wanted.kind);
        let export = export.ok_or_else(|| not_known("no such kind"))?;
        let viewer = Arc::new(order.viewer.clone());
        let access = Access::new(viewer.clone(), self.policy.clone());
        let types = |of: &str, field: &str| self.asker.type_of(of, field);
        let readable = columns(export, &access, &types);
        let readable = readable.map_or_else(Vec::new, |columns| columns.readable);
        let kind = self.kinds.kind(export.kind, "");
        // The file has the columns that were promised, or there is none.
        let written = wanted.columns.iter().map(|name| {
            let column = *readable.iter().find(|column| column.name == name)?;
            Written::new((export, column), kind.as_deref(), (&access, &types))
        });
        let written = written
            .collect::<Option<Vec<_>>>()
            .filter(|columns| !columns.is_empty());
        let columns = written.ok_or_else(|| not_allowed("the list is not shown any more"))?;
        let asked: Vec<_> = columns.iter().map(|column| column.of).collect();
        Ok(Listing {
            work: self,
            export,
            viewer,
            question: question(export, &asked),
            columns,
            wanted,
            request: format!("export-{}", order.job),
        })
    }

    /// Who asked may have been locked out since.
    async fn still_allowed(&self, order: &Order) -> Result<(), Trouble> {
        let directory = RememberedDirectory::new(self.directory.clone(), Duration::ZERO);
        match directory.check(&order.viewer).await {
            Ok(()) => Ok(()),
            Err(TokenError::DirectoryDown) => {
                Err(DbError::unavailable("the user table can't be read").into())
            }
            Err(_) => Err(not_allowed("the account has no such rights any more")),
        }
    }
}

fn not_known(detail: &str) -> Trouble {
    Trouble::Problem(JobProblem::Unreadable, detail.to_owned())
}

fn not_allowed(detail: &str) -> Trouble {
    Trouble::Problem(JobProblem::NotAllowed, detail.to_owned())
}

impl Listing<'_> {
    async fn page(&self, after: Option<&str>) -> Result<Value, Trouble> {
        let filter = reading::filter(self.export, &self.wanted.region, &self.wanted.narrowed);
        let variables = json!({ "first": PAGE, "after": after, "filter": filter });
        let asked = (self.question.as_str(), variables);
        let asker = &self.work.asker;
        let mut data = asker.ask(&self.viewer, asked, &self.request).await?;
        Ok(data["page"].take())
    }

    /// The rows of a page. What is to be shown in full is recorded before they leave.
    async fn rows(&self, objects: &[Value]) -> Result<Vec<Vec<String>>, Trouble> {
        let of_object = |object| {
            let rows = rows_of(self.export, object, &self.wanted.narrowed);
            rows.into_iter().map(move |row| (object, row))
        };
        let rows: Vec<(&Value, &Value)> = objects.iter().flat_map(of_object).collect();
        let mut texts = vec![Vec::with_capacity(self.columns.len()); rows.len()];
        for written in &self.columns {
            let column = written.of;
            let full = match &self.wanted.reveal {
                Some(reveal) => {
                    let as_viewer = (&self.work.asker, &self.viewer, self.request.as_str());
                    reveal.of_column(column, &rows, as_viewer).await?
                }
                None => std::collections::HashMap::new(),
            };
            for (row, texts) in rows.iter().zip(&mut texts) {
                let full = subject(column, *row).and_then(|subject| full.get(subject));
                texts.push(match full {
                    Some(full) => full.clone(),
                    None => written.text(value(column, *row, &self.wanted.today)),
                });
            }
        }
        Ok(texts)
    }
}
