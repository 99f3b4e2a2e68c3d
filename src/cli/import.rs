//! `yihu import`: looks at a file of another office, or takes it over, and writes a copy that says what came of each row. The same
//! job as through the graph, done at once.

use super::{
    Options,
    as_job::{JobProblem, Sender, clerk, department, done, key, write},
    compose::{ComposeError, Composed, compose},
    to_its_end,
};
use crate::{
    config::Config,
    db::DbError,
    departments,
    files::{FileError, Format},
    jobs::JobFiles,
};
use clap::Args;
use entity::{codes::Department, region_code::RegionCode};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Bytes of a piece of a file.
const PIECE: usize = 1 << 20;

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
    #[error(transparent)]
    Job(#[from] JobProblem),
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
        Format::Csv | Format::CsvGb18030 => "CSV",
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
    let sender = Sender::new(
        services.graph,
        clerk(department, wanted.region, wanted.institution.clone()),
    );
    let name = wanted.file.file_name().unwrap_or_default();
    let input = json!({
        "kind": wanted.kind, "region": wanted.region.to_string(), "format": format,
        "fileName": name.to_string_lossy().chars().take(100).collect::<String>(),
    });
    let begin = "mutation($r: UUID!, $input: ImportBeginInput!) { done: importBegin(requestId: $r, input: $input) { \
                 changed { id } userErrors { message } } }";
    let mut job = sender.change(begin, json!({ "input": input })).await?;
    send(&*services.files, &wanted.file, &job, &sender.viewer.user).await?;
    let mut state = done(&sender, (&runner, "rows"), &job).await?;
    if wanted.apply {
        let apply = "mutation($r: UUID!, $id: ID!) { done: importApply(requestId: $r, id: $id) { changed { id } userErrors { message } } }";
        job = sender.change(apply, json!({ "id": job })).await?;
        state = done(&sender, (&runner, "rows"), &job).await?;
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
    let told = format!(
        "{}: {changed} rows {word}, {unchanged} on record already, {refused} refused: see {}",
        wanted.file.display(),
        out.display()
    );
    Ok(match state["notices"].as_str() {
        Some(notices) => format!("{told}\n{notices}"),
        None => told,
    })
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
    let not_taken = || JobProblem::Refused("the job does not await this file".to_owned());
    if !files.begin(key(job), user).await? {
        return Err(not_taken().into());
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
        false => Err(not_taken().into()),
    }
}
