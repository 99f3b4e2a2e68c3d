//! `yihu match`: which records of two lists, or of one, are of the same person, by a configuration of their columns. Needs no
//! database and no training data.

use super::complain;
use clap::Args;
use matching::{
    ConfigError,
    records::{Link, LinkConfig, dedupe, link},
};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The lists, and how they are compared.
#[derive(Args)]
pub(super) struct Wanted {
    /// How the columns are compared, as YAML, such as matching/configs/febrl.yaml.
    #[arg(long)]
    config: PathBuf,
    /// The list, CSV in UTF-8 with headings.
    left: PathBuf,
    /// The other list. Without it the first is held against itself.
    right: Option<PathBuf>,
    /// Where the pairs are written; to the output unless told.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Also pairs that a person has to decide.
    #[arg(long)]
    possible: bool,
}

#[derive(Debug, thiserror::Error)]
enum MatchProblem {
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("{}: {error}", path.display())]
    Csv { path: PathBuf, error: csv::Error },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{}: no column `{name}`", path.display())]
    Column { path: PathBuf, name: String },
}

pub(super) fn run(wanted: Wanted) -> ExitCode {
    match matched(&wanted) {
        Ok(told) => {
            eprintln!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => complain(&error),
    }
}

/// A list: what names each record, and its values in the order of the fields.
struct List {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn matched(wanted: &Wanted) -> Result<String, MatchProblem> {
    let text = fs::read_to_string(&wanted.config).map_err(at(&wanted.config))?;
    let config = LinkConfig::from_yaml(&wanted.config.to_string_lossy(), &text)?;
    let left = read(&config, &wanted.left)?;
    let right = wanted.right.as_deref();
    let right = right.map(|path| read(&config, path)).transpose()?;
    let mut links = match &right {
        Some(right) => link(&config, &left.rows, &right.rows),
        None => dedupe(&config, &left.rows),
    };
    let found = links.len();
    links.retain(|link| wanted.possible || link.grade.is_automatic());
    let of_right = right.as_ref().unwrap_or(&left);
    match &wanted.out {
        Some(out) => write(
            File::create(out).map_err(at(out))?,
            &links,
            (&left, of_right),
        ),
        None => write(io::stdout().lock(), &links, (&left, of_right)),
    }
    .map_err(|error| MatchProblem::Csv {
        path: wanted.out.clone().unwrap_or_default(),
        error,
    })?;
    let (told, undecided) = (links.len(), found - links.len());
    Ok(match undecided {
        0 => format!("{told} pairs"),
        undecided => {
            format!("{told} pairs, and {undecided} for a person to decide: --possible tells them")
        }
    })
}

fn at(path: &Path) -> impl Fn(io::Error) -> MatchProblem {
    move |error| MatchProblem::File {
        path: path.to_owned(),
        error,
    }
}

fn read(config: &LinkConfig, path: &Path) -> Result<List, MatchProblem> {
    let bad = |error| MatchProblem::Csv {
        path: path.to_owned(),
        error,
    };
    let file = File::open(path).map_err(at(path))?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(io::BufReader::new(file));
    let headings = reader.headers().map_err(bad)?.clone();
    let mut headings: Vec<&str> = headings.iter().collect();
    if let Some(first) = headings.first_mut() {
        *first = first.trim_start_matches('\u{feff}');
    }
    let (name, places) = config
        .columns(&headings)
        .map_err(|name| MatchProblem::Column {
            path: path.to_owned(),
            name,
        })?;
    let mut list = List {
        names: vec![],
        rows: vec![],
    };
    for record in reader.records() {
        let record = record.map_err(bad)?;
        let value = |place: usize| record.get(place).unwrap_or_default().to_owned();
        list.names.push(value(name));
        list.rows
            .push(places.iter().map(|place| value(*place)).collect());
    }
    Ok(list)
}

fn write(out: impl Write, links: &[Link], (left, right): (&List, &List)) -> Result<(), csv::Error> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(["left", "right", "grade", "probability"])?;
    for link in links {
        let probability = format!("{:.6}", link.probability);
        let names = (&left.names[link.left], &right.names[link.right]);
        rows.write_record([names.0, names.1, link.grade.as_str(), &probability])?;
    }
    rows.flush()?;
    Ok(())
}
