//! `yihu import`: looks at a file of another office, or takes it over, and writes a copy that says what came of each row. The same
//! job as through the graph, done at once.

use super::{
    Options,
    compose::{ComposeError, Composed, compose},
    to_its_end,
};
use crate::{
    authz::{Roles, Viewer},
    config::Config,
    db::DbError,
    departments,
    files::{FileError, Format},
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
use clap::Args;
use entity::{
    codes::{CodeList as _, Department, Role},
    region_code::RegionCode,
};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;

/// Bytes of a piece of a file.
const PIECE: usize = 1 << 20;
/// How often the bar is drawn anew.
const LOOK: Duration = Duration::from_millis(200);

/// Which file, and as whom.
#[derive(Args)]
pub(super) struct Wanted {
    #[command(flatten)]
    options: Options,
    /// The kind of file, such as medical_enrolment.
    kind: String,
    /// The file: CSV or XLSX, as the office has sent it.
    file: PathBuf,
    /// The region, by its code of 2 to 12 digits.
    #[arg(long)]
    region: RegionCode,
    /// The department as which rows are taken over, such as CIVIL: the owner of the kind unless told.
    #[arg(long = "as", value_parser = department)]
    department: Option<Department>,
    /// Its institution, of a school or a bank.
    #[arg(long)]
    institution: Option<String>,
    /// Take the valid rows over. Without it nothing is changed.
    #[arg(long)]
    apply: bool,
    /// The copy that says what came of each row, .csv or .xlsx: beside the file unless told.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn department(word: &str) -> Result<Department, String> {
    Department::of_word(word).ok_or_else(|| "no department has this word".to_owned())
}

#[derive(Debug, thiserror::Error)]
enum ImportProblem {
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error("no files of the kind `{0}` are taken over; those that are: {1}")]
    Kind(String, String),
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error(transparent)]
    Format(#[from] FileError),
    #[error("the copy is a .csv or .xlsx file")]
    Parquet,
    #[error("database: {0}")]
    Database(#[from] DbError),
    #[error("{0}")]
    Refused(String),
}

pub(super) fn run(wanted: Wanted) -> ExitCode {
    let options = wanted.options.clone();
    to_its_end(options, async |config| import(config, wanted).await)
}

async fn import(config: &Config, wanted: Wanted) -> Result<String, ImportProblem> {
    let imports = departments::imports();
    let Some(import) = imports.iter().find(|import| import.kind == wanted.kind) else {
        let known: Vec<_> = imports.iter().map(|import| import.kind).collect();
        return Err(ImportProblem::Kind(wanted.kind, known.join(", ")));
    };
    let out = wanted
        .out
        .clone()
        .unwrap_or_else(|| wanted.file.with_extension("result.csv"));
    let format = match Format::of(&out)? {
        Format::Csv => "CSV",
        Format::Xlsx => "XLSX",
        Format::Parquet => return Err(ImportProblem::Parquet),
    };
    let department = wanted.department.unwrap_or(import.department);
    let Composed {
        services,
        runner,
        sealer,
        ..
    } = compose(config).await?;
    // No server need run beside: what decides waits for seals. It ends with the runtime, as in a server.
    tokio::spawn(sealer.run());
    let sender = Sender {
        graph: services.graph,
        documents: Documents::new(Limits::default(), CacheLimits::default()),
        viewer: Arc::new(viewer(&wanted, department)),
    };
    let name = wanted.file.file_name().unwrap_or_default();
    let input = json!({
        "kind": wanted.kind, "region": wanted.region.to_string(), "format": format,
        "fileName": name.to_string_lossy().chars().take(100).collect::<String>(),
    });
    let begin = "mutation($r: UUID!, $input: ImportBeginInput!) { done: importBegin(requestId: $r, input: $input) { \
                 changed { id } userErrors { message } } }";
    let mut job = sender.change(begin, json!({ "input": input })).await?;
    send(&*services.files, &wanted.file, &job, &sender.viewer.user).await?;
    let mut state = done(&sender, &runner, &job).await?;
    if wanted.apply {
        let apply = "mutation($r: UUID!, $id: ID!) { done: importApply(requestId: $r, id: $id) { changed { id } userErrors { message } } }";
        job = sender.change(apply, json!({ "id": job })).await?;
        state = done(&sender, &runner, &job).await?;
    }
    write(&*services.files, &job, &out).await?;
    let counts =
        ["changed", "unchanged", "refused"].map(|name| state[name].as_i64().unwrap_or_default());
    let [changed, unchanged, refused] = counts;
    let word = if wanted.apply {
        "taken over"
    } else {
        "would be taken over"
    };
    Ok(format!(
        "{}: {changed} rows {word}, {unchanged} on record already, {refused} refused: see {}",
        wanted.file.display(),
        out.display()
    ))
}

/// Who sends the file: whoever sits at the server, as a clerk of the department who also decides.
fn viewer(wanted: &Wanted, department: Department) -> Viewer {
    let user = std::env::var("USER").unwrap_or_else(|_| "operator".to_owned());
    Viewer {
        user: format!("yihu-cli|{user}"),
        client: "yihu-cli".to_owned(),
        department,
        roles: Roles::of(&[Role::Clerk, Role::Approver]),
        region: wanted.region.range(),
        institution: wanted.institution.clone(),
        purpose: None,
    }
}

/// Asks the graph as the sender.
struct Sender {
    graph: Arc<dyn Execute>,
    documents: Documents,
    viewer: Arc<Viewer>,
}

impl Sender {
    async fn ask(&self, text: &str, variables: Value) -> Result<Value, ImportProblem> {
        let document = self.documents.fetch(text, self.graph.shape());
        let document = document.map_err(|error| ImportProblem::Refused(format!("{error:?}")))?;
        let request = Request::new("")
            .variables(Variables::from_json(variables))
            .data(RequestId(Uuid::now_v7().to_string()));
        let viewer = self.viewer.clone();
        let answer = self
            .graph
            .execute(request, &document, viewer, Language::English)
            .await;
        match answer.errors.first() {
            Some(error) => Err(ImportProblem::Refused(error.message.clone())),
            None => Ok(answer.data.into_json().unwrap_or_default()),
        }
    }

    /// The id of the job that a mutation has begun.
    async fn change(&self, text: &str, mut variables: Value) -> Result<String, ImportProblem> {
        variables["r"] = json!(Uuid::now_v7().to_string());
        let data = self.ask(text, variables).await?;
        let errors = data["done"]["userErrors"].as_array();
        if let Some(error) = errors.and_then(|errors| errors.first()) {
            let told = error["message"].as_str().unwrap_or_default();
            return Err(ImportProblem::Refused(told.to_owned()));
        }
        let id = data["done"]["changed"]["id"].as_str();
        id.map(str::to_owned)
            .ok_or_else(|| ImportProblem::Refused("the job is not shown".to_owned()))
    }
}

fn key(job: &str) -> i64 {
    parse_global_id(job).map_or(0, |(_, key)| key)
}

/// Puts the file where the job reads it.
async fn send(
    files: &dyn JobFiles,
    path: &Path,
    job: &str,
    user: &str,
) -> Result<(), ImportProblem> {
    let at = |error| ImportProblem::File {
        path: path.to_owned(),
        error,
    };
    let mut file = File::open(path).map_err(at)?;
    let not_taken = || ImportProblem::Refused("the job does not await this file".to_owned());
    if !files.begin(key(job), user).await? {
        return Err(not_taken());
    }
    let mut hash = Sha256::new();
    for number in 0.. {
        let mut piece = Vec::with_capacity(PIECE);
        let mut next = (&mut file).take(PIECE as u64);
        let read = next.read_to_end(&mut piece).map_err(at)?;
        if read == 0 && number > 0 {
            break;
        }
        hash.update(&piece);
        files.add(key(job), number, piece).await?;
    }
    match files.end(key(job), &hex::encode(hash.finalize())).await? {
        true => Ok(()),
        false => Err(not_taken()),
    }
}

/// Does the job, and tells what came of it.
async fn done(sender: &Sender, runner: &Runner, job: &str) -> Result<Value, ImportProblem> {
    let bar = ProgressBar::new_spinner();
    let text =
        "query($id: ID!) { job(id: $id) { state problemDetail done changed unchanged refused } }";
    let runner = runner.clone().only(key(job));
    let running = async {
        loop {
            runner.once().await?;
            let state = sender.ask(text, json!({ "id": job })).await?["job"].take();
            match state["state"].as_str() {
                Some("DONE") => return Ok(state),
                // Another server has it.
                Some("RUNNING" | "QUEUED") => tokio::time::sleep(LOOK).await,
                _ => {
                    let detail = state["problemDetail"].as_str().unwrap_or("given up");
                    return Err(ImportProblem::Refused(detail.to_owned()));
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
                bar.set_message(format!("{} rows", state["job"]["done"]));
                bar.tick();
            }
        }
    }
}

/// Writes the copy.
async fn write(files: &dyn JobFiles, job: &str, out: &Path) -> Result<(), ImportProblem> {
    let at = |error| ImportProblem::File {
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
