//! A job that a command asks for as a department, and does at once.

use crate::{
    authz::{Roles, Viewer},
    db::DbError,
    graphql::{
        document::{CacheLimits, Documents},
        execute::{Execute, RequestId},
        language::Language,
        limits::Limits,
        scalars::parse_global_id,
    },
    jobs::{JobFiles, Runner},
};
use async_graphql::{Request, Variables};
use entity::{
    codes::{CodeList as _, Department, Role},
    region_code::RegionCode,
};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;

/// How often the bar is drawn anew.
const LOOK: Duration = Duration::from_millis(200);

/// Why a job came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum JobProblem {
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("database: {0}")]
    Database(#[from] DbError),
    #[error("{0}")]
    Refused(String),
}

/// Reads the word of a department.
pub(super) fn department(word: &str) -> Result<Department, String> {
    Department::of_word(word).ok_or_else(|| "no department has this word".to_owned())
}

/// Whoever sits at the server, as a clerk of a department.
pub(super) fn clerk(
    department: Department,
    region: RegionCode,
    institution: Option<String>,
) -> Viewer {
    let user = std::env::var("USER").unwrap_or_else(|_| "operator".to_owned());
    Viewer {
        user: format!("yihu-cli|{user}"),
        client: "yihu-cli".to_owned(),
        department,
        roles: Roles::of(&[Role::Clerk, Role::Approver]),
        region: region.range(),
        institution,
        purpose: None,
    }
}

/// Asks the graph as the sender.
pub(super) struct Sender {
    graph: Arc<dyn Execute>,
    documents: Documents,
    pub viewer: Arc<Viewer>,
}

impl Sender {
    pub fn new(graph: Arc<dyn Execute>, viewer: Viewer) -> Self {
        Sender {
            graph,
            documents: Documents::new(Limits::default(), CacheLimits::default()),
            viewer: Arc::new(viewer),
        }
    }

    pub async fn ask(&self, text: &str, variables: Value) -> Result<Value, JobProblem> {
        let document = self.documents.fetch(text, self.graph.shape());
        let document = document.map_err(|error| JobProblem::Refused(format!("{error:?}")))?;
        let request = Request::new("")
            .variables(Variables::from_json(variables))
            .data(RequestId(Uuid::now_v7().to_string()));
        let viewer = self.viewer.clone();
        let answer = self
            .graph
            .execute(request, &document, viewer, Language::English)
            .await;
        match answer.errors.first() {
            Some(error) => Err(JobProblem::Refused(error.message.clone())),
            None => Ok(answer.data.into_json().unwrap_or_default()),
        }
    }

    /// The id of the job that a mutation has begun.
    pub async fn change(&self, text: &str, mut variables: Value) -> Result<String, JobProblem> {
        variables["r"] = json!(Uuid::now_v7().to_string());
        let data = self.ask(text, variables).await?;
        let errors = data["done"]["userErrors"].as_array();
        if let Some(error) = errors.and_then(|errors| errors.first()) {
            let told = error["message"].as_str().unwrap_or_default();
            return Err(JobProblem::Refused(told.to_owned()));
        }
        let id = data["done"]["changed"]["id"].as_str();
        id.map(str::to_owned)
            .ok_or_else(|| JobProblem::Refused("the job is not shown".to_owned()))
    }
}

pub(super) fn key(job: &str) -> i64 {
    parse_global_id(job).map_or(0, |(_, key)| key)
}

/// Does the job, and tells what came of it.
pub(super) async fn done(
    sender: &Sender,
    (runner, counted): (&Runner, &str),
    job: &str,
) -> Result<Value, JobProblem> {
    let bar = ProgressBar::new_spinner();
    let text = "query($id: ID!) { job(id: $id) { state problemDetail notices input lines done changed unchanged refused } }";
    let runner = runner.clone().only(key(job));
    let running = async {
        loop {
            match runner.once().await {
                // Gone on with when its lease has ended: only so many numbers are looked up in a minute, for instance.
                Err(DbError::Unavailable(why)) => bar.println(format!("waiting: {why}")),
                once => drop(once?),
            }
            let state = sender.ask(text, json!({ "id": job })).await?["job"].take();
            match state["state"].as_str() {
                Some("DONE") => return Ok(state),
                // Another server has it.
                Some("RUNNING" | "QUEUED") => tokio::time::sleep(LOOK).await,
                _ => {
                    let detail = state["problemDetail"].as_str().unwrap_or("given up");
                    return Err(JobProblem::Refused(detail.to_owned()));
                }
            }
        }
    };
    tokio::pin!(running);
    loop {
        tokio::select! {
            state = &mut running => {
                bar.finish_and_clear();
                return state;
            }
            () = tokio::time::sleep(LOOK) => {
                let state = sender.ask(text, json!({ "id": job })).await?;
                bar.set_message(format!("{} {counted}", state["job"]["done"]));
                bar.tick();
            }
        }
    }
}

/// Writes the file that came of it.
pub(super) async fn write(files: &dyn JobFiles, job: &str, out: &Path) -> Result<(), JobProblem> {
    let at = |error| JobProblem::File {
        path: out.to_owned(),
        error,
    };
    let mut file = File::create(out).map_err(at)?;
    let mut number = 0;
    while let Some(piece) = files.piece(key(job), number).await? {
        file.write_all(&piece).map_err(at)?;
        number += 1;
    }
    file.sync_all().map_err(at)
}
