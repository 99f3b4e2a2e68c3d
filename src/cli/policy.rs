//! `yihu policy`: checks packs of rules, and runs worked examples against them. Needs no database.

use super::complain;
use crate::{
    config::Config,
    departments,
    entitlement::Rules,
    facts::Facts,
    policy::{SHIPPED, examples},
};
use ::policy::Catalogue;
use clap::Subcommand;
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What is to be done.
#[derive(Subcommand)]
pub(super) enum Wanted {
    /// Check the packs: those that are shipped, and those of these files besides.
    Check { files: Vec<PathBuf> },
    /// Run worked examples: arrays of {id, pack, benefit, inputs, expected}.
    Test {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// A pack besides those that are shipped; may be given more than once.
        #[arg(long)]
        pack: Vec<PathBuf>,
    },
}

#[derive(Debug, thiserror::Error)]
pub(super) enum PolicyProblem {
    #[error("{file}: {error}")]
    File { file: String, error: io::Error },
    #[error(transparent)]
    Pack(#[from] ::policy::PackError),
    #[error("{file}: {problem}")]
    Examples { file: String, problem: String },
}

pub(super) fn run(wanted: Wanted) -> ExitCode {
    let done = match wanted {
        Wanted::Check { files } => check(&files),
        Wanted::Test { files, pack } => test(&files, &pack),
    };
    match done {
        Ok(code) => code,
        Err(error) => complain(&error),
    }
}

fn check(files: &[PathBuf]) -> Result<ExitCode, PolicyProblem> {
    let catalogue = catalogue(files)?;
    let benefits: usize = catalogue
        .packs()
        .iter()
        .map(|pack| pack.benefits.len())
        .sum();
    println!(
        "{} packs with {benefits} benefits, {} of them shipped: no mistakes",
        catalogue.packs().len(),
        SHIPPED.len()
    );
    Ok(ExitCode::SUCCESS)
}

fn test(files: &[PathBuf], packs: &[PathBuf]) -> Result<ExitCode, PolicyProblem> {
    let catalogue = catalogue(packs)?;
    let (mut passed, mut failed) = (0, 0);
    for (file, text) in read(files)? {
        let report = examples(&catalogue, &text)
            .map_err(|problem| PolicyProblem::Examples { file, problem })?;
        for difference in &report.differences {
            println!("{difference}");
        }
        passed += report.passed;
        failed += report.failed;
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The packs that are shipped and those of these files, held against what is known of households.
fn catalogue(files: &[PathBuf]) -> Result<Catalogue, PolicyProblem> {
    let facts = Facts::of(departments::facts());
    Ok(crate::policy::catalogue(&read(files)?, &facts.vocabulary)?)
}

/// The rules of the shipped packs and of those that the configuration names.
///
/// # Errors
/// A folder or a file that can't be read, a pack that can't hold.
pub(super) fn rules(config: &Config) -> Result<Rules, PolicyProblem> {
    let packs = config.policy.packs.as_deref().map(read_folder);
    let packs = packs.transpose()?.unwrap_or_default();
    Ok(Rules::of(departments::facts(), &packs)?)
}

/// The packs of a folder, by name.
fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, PolicyProblem> {
    let problem = |error| PolicyProblem::File {
        file: folder.display().to_string(),
        error,
    };
    let entries = fs::read_dir(folder).map_err(problem)?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(problem)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            files.push(path);
        }
    }
    files.sort();
    read(&files)
}

/// The texts of files, by name.
pub(super) fn read(files: &[PathBuf]) -> Result<Vec<(String, String)>, PolicyProblem> {
    let name = |file: &Path| file.display().to_string();
    let read = |file: &PathBuf| match fs::read(file) {
        Ok(bytes) => {
            let text = ::policy::text_of(&name(file), &bytes)?.to_owned();
            Ok((name(file), text))
        }
        Err(error) => Err(PolicyProblem::File {
            file: name(file),
            error,
        }),
    };
    files.iter().map(read).collect()
}
