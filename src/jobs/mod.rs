//! Work that takes longer than a request (后台任务): asked for by a mutation, done behind everybody's back, read as an object of
//! the graph, and fetched as a file.
//!
//! A job lies in the database with how far it is, so any instance can go on with it: whoever holds its lease does. Each piece
//! of the result is written together with the position after it, and only by the holder, so a job that is cut off, or done
//! by two who each think the other gone, comes to the same bytes.

mod mutation;
mod purge;
mod query;
mod results;
mod runner;
mod service;
mod store;
mod types;
mod work;

pub use mutation::Mutation;
pub use purge::OldJobs;
pub use query::Query;
pub use results::{JobFiles, NoFiles, StoredFiles, counts, spool};
pub use runner::{Runner, Worked};
pub use service::{FileState, JobRequest, TOO_MANY_JOBS, in_scope, request};
pub use types::Job;
pub use work::{Order, Progress, Stretch, Trouble, Work, no_room, read, text_of, unreadable};

use std::path::PathBuf;

use crate::{
    graphql::node::NodeKind,
    options::{BadOption, section},
};

section! {
    /// Work that takes longer than a request.
    JobOptions {
        /// Jobs that this process does at once. 0: it leaves them to others.
        runners: usize = 1;
        /// Seconds after which a job whose process is gone is gone on with by another; at least 5.
        lease_seconds: u64 = 30;
        /// The most bytes of a file that is sent.
        upload_bytes: u64 = 268435456;
        /// Days that the file of a job can be fetched.
        keep_days: u32 = 7;
        /// Folder with words of this place for the columns of files (*.yaml), besides those that are shipped. Read at the start.
        columns: Option<PathBuf> = None;
    }
}

impl JobOptions {
    pub(crate) fn check(&self) -> Result<(), BadOption> {
        match self.lease_seconds {
            0..5 => Err(BadOption::of("jobs.lease_seconds", "at least 5")),
            _ => Ok(()),
        }
    }
}

/// Who may ask for work and read what came of it.
pub const MATRIX: &str = include_str!("matrix.txt");

/// What can be asked by id.
#[must_use]
pub fn nodes() -> Vec<NodeKind> {
    vec![NodeKind::of::<Job>()]
}
