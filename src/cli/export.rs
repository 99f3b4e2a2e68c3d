//! `yihu export`: writes a list to a file, as a department sees it. The same job as through the graph, done at once.

use super::{
    Options,
    as_job::{JobProblem, Sender, clerk, department, done, write},
    compose::{ComposeError, Composed, compose},
    to_its_end,
};
use crate::{
    config::Config,
    departments,
    files::{FileError, Format},
};
use clap::Args;
use entity::{
    codes::{CodeList as _, Department},
    region_code::RegionCode,
};
use serde_json::{Value, json};
use std::{path::PathBuf, process::ExitCode};

/// Which list, where to, and as whom.
#[derive(Args)]
pub(super) struct Wanted {
    #[command(flatten)]
    options: Options,
    /// The list, such as medical_enrolment or public_roster.
    kind: String,
    /// The file: .csv or .xlsx.
    file: PathBuf,
    /// The region, by its code of 2 to 12 digits.
    #[arg(long)]
    region: RegionCode,
    /// The department as which the list is read, such as CIVIL: who keeps it unless told.
    #[arg(long = "as", value_parser = department)]
    department: Option<Department>,
    /// Its institution, of a school or a bank.
    #[arg(long)]
    institution: Option<String>,
    /// The day of the roll, YYYY-MM-DD: today unless told.
    #[arg(long)]
    as_of: Option<String>,
    /// Only of this year.
    #[arg(long)]
    year: Option<i32>,
    /// Only in this state, by its code; may be given again.
    #[arg(long)]
    state: Vec<String>,
    /// A .csv file in GB18030 in place of UTF-8.
    #[arg(long)]
    gb18030: bool,
    /// Full values in place of these masks, such as CITIZEN_NUMBER; may be given again. Each person is recorded.
    #[arg(long, requires_all = ["purpose", "case", "reason"])]
    reveal: Vec<String>,
    /// What full values are for, such as VERIFICATION.
    #[arg(long)]
    purpose: Option<String>,
    /// The number of the case.
    #[arg(long)]
    case: Option<String>,
    /// Why the whole list is needed in full.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, thiserror::Error)]
enum ExportProblem {
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error("there is no list `{0}`; those that there are: {1}")]
    Kind(String, String),
    #[error(transparent)]
    Format(#[from] FileError),
    #[error("the file is a .csv or .xlsx file, in GB18030 a .csv file")]
    OtherFormat,
    #[error(transparent)]
    Job(#[from] JobProblem),
}

pub(super) fn run(wanted: Wanted) -> ExitCode {
    let options = wanted.options.clone();
    to_its_end(options, async |config| export(config, wanted).await)
}

async fn export(config: &Config, wanted: Wanted) -> Result<String, ExportProblem> {
    let exports = departments::exports();
    let Some(export) = exports.iter().find(|export| export.kind == wanted.kind) else {
        let known: Vec<_> = exports.iter().map(|export| export.kind).collect();
        return Err(ExportProblem::Kind(wanted.kind, known.join(", ")));
    };
    let format = match (Format::of(&wanted.file)?, wanted.gb18030) {
        (Format::Csv | Format::CsvGb18030, true) => "CSV_GB18030",
        (Format::Csv | Format::CsvGb18030, false) => "CSV",
        (Format::Xlsx, false) => "XLSX",
        (Format::Xlsx, true) | (Format::Parquet, _) => return Err(ExportProblem::OtherFormat),
    };
    // What nobody keeps alone is read by who leads.
    let keeper = export.owners.first().copied();
    let department = wanted.department.or(keeper).unwrap_or(Department::Poverty);
    let Composed {
        services, runner, ..
    } = compose(config).await?;
    let viewer = clerk(department, wanted.region, wanted.institution.clone());
    let sender = Sender::new(services.graph, viewer);
    let begin = "mutation($r: UUID!, $input: ExportBeginInput!) { done: exportBegin(requestId: $r, input: $input) { \
                 changed { id } userErrors { message } } }";
    let input = json!({ "input": input(&wanted, format) });
    let job = sender.change(begin, input).await?;
    let state = done(&sender, (&runner, "records"), &job).await?;
    write(&*services.files, &job, &wanted.file).await?;
    let told = state["input"].as_str().unwrap_or_default();
    let told: Value = serde_json::from_str(told).unwrap_or_default();
    let withheld: Vec<_> = told["withheld"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let without = match withheld.is_empty() {
        true => String::new(),
        false => format!(
            "; {} does not read {}",
            department.word(),
            withheld.join(", ")
        ),
    };
    Ok(format!(
        "{} rows written to {}{without}",
        state["lines"],
        wanted.file.display()
    ))
}

fn input(wanted: &Wanted, format: &str) -> Value {
    let mut input =
        json!({ "kind": wanted.kind, "region": wanted.region.to_string(), "format": format });
    if let Some(day) = &wanted.as_of {
        input["asOf"] = json!(day);
    }
    if let Some(year) = wanted.year {
        input["year"] = json!(year);
    }
    if !wanted.state.is_empty() {
        input["state"] = json!(wanted.state);
    }
    if !wanted.reveal.is_empty() {
        input["reveal"] = json!({
            "fields": wanted.reveal, "purpose": wanted.purpose, "caseNumber": wanted.case, "reason": wanted.reason,
        });
    }
    input
}
