//! The files of jobs, piece by piece: what was sent, and what came of it.

use super::{
    store::{self, Stage},
    work::{Trouble, no_room},
};
use crate::{
    clock::Clock,
    db::{Class, Database, DbError, Opening, Param, Statement},
};
use entity::codes::{CodeList as _, JobState};
use futures_util::future::BoxFuture;
use sha2::{Digest as _, Sha256};
use std::{fs::File, io::Write as _, path::Path};

type Answer<'a, T> = BoxFuture<'a, Result<T, DbError>>;

/// Where the files of jobs are. Whoever asks has been shown the job, and so may read its file.
pub trait JobFiles: Send + Sync {
    /// A piece of the file of a job, by its place: 0, 1, 2 and so on. None after the last.
    fn piece(&self, job: i64, number: i32) -> Answer<'_, Option<Vec<u8>>>;
    /// Whether this user asked for a job.
    fn is_of<'a>(&'a self, job: i64, user: &'a str) -> Answer<'a, bool>;
    /// Whether a job awaits its file from this user. What an earlier try has left is removed.
    fn begin<'a>(&'a self, job: i64, user: &'a str) -> Answer<'a, bool>;
    /// Keeps a piece of the file that is sent.
    fn add(&self, job: i64, number: i32, content: Vec<u8>) -> Answer<'_, ()>;
    /// The file is whole: with its hash the job takes its place in the line. False where it was sent twice at once.
    fn end<'a>(&'a self, job: i64, hash: &'a str) -> Answer<'a, bool>;
}

/// No files.
pub struct NoFiles;

impl JobFiles for NoFiles {
    fn piece(&self, _: i64, _: i32) -> Answer<'_, Option<Vec<u8>>> {
        Box::pin(async { Ok(None) })
    }
    fn is_of<'a>(&'a self, _: i64, _: &'a str) -> Answer<'a, bool> {
        Box::pin(async { Ok(false) })
    }
    fn begin<'a>(&'a self, _: i64, _: &'a str) -> Answer<'a, bool> {
        Box::pin(async { Ok(false) })
    }
    fn add(&self, _: i64, _: i32, _: Vec<u8>) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }
    fn end<'a>(&'a self, _: i64, _: &'a str) -> Answer<'a, bool> {
        Box::pin(async { Ok(false) })
    }
}

/// The files in the database.
pub struct StoredFiles {
    pub database: Database,
    pub clock: Clock,
}

impl JobFiles for StoredFiles {
    fn piece(&self, job: i64, number: i32) -> Answer<'_, Option<Vec<u8>>> {
        Box::pin(piece(&self.database, (job, Stage::File), number))
    }
    fn is_of<'a>(&'a self, job: i64, user: &'a str) -> Answer<'a, bool> {
        Box::pin(is_of(&self.database, job, user))
    }
    fn begin<'a>(&'a self, job: i64, user: &'a str) -> Answer<'a, bool> {
        Box::pin(store::begin_input(&self.database, job, user))
    }
    fn add(&self, job: i64, number: i32, content: Vec<u8>) -> Answer<'_, ()> {
        Box::pin(store::add_input(&self.database, (job, number), content))
    }
    fn end<'a>(&'a self, job: i64, hash: &'a str) -> Answer<'a, bool> {
        let now_ms = self.clock.now_ms();
        Box::pin(store::end_input(&self.database, (job, hash), now_ms))
    }
}

/// How many jobs there are in each state, by its word.
///
/// # Errors
/// The database does not answer.
pub async fn counts(database: &Database) -> Result<Vec<(&'static str, i64)>, DbError> {
    let sql = "SELECT state, COUNT(*) FROM job GROUP BY state";
    let reads = database.reads().opened(Opening::Jobs);
    let mut session = reads.acquire().await?;
    let rows = session.one(Statement::new(Class::Job, sql, vec![])).await?;
    let states = JobState::ENTRIES.iter();
    let mut counts: Vec<_> = states.map(|state| (state.word, 0)).collect();
    for row in rows {
        let word = row.cell(0).text()?;
        if let Some(count) = counts.iter_mut().find(|(state, _)| *state == word) {
            count.1 = row.cell(1).int()?;
        }
    }
    Ok(counts)
}

async fn is_of(database: &Database, job: i64, user: &str) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM job WHERE id = $1 AND user_id = $2";
    let params = vec![Param::I64(job), Param::Text(user.into())];
    let reads = database.reads().opened(Opening::Jobs);
    let mut session = reads.acquire().await?;
    let rows = session.one(Statement::new(Class::Job, sql, params)).await?;
    Ok(!rows.is_empty())
}

/// A piece of a file of a job, or of its lines.
pub(super) async fn piece(
    database: &Database,
    (job, stage): (i64, Stage),
    number: i32,
) -> Result<Option<Vec<u8>>, DbError> {
    let sql = "SELECT content FROM job_part WHERE job_id = $1 AND stage = $2 AND number = $3";
    let params = vec![
        Param::I64(job),
        Param::Text(stage.word().into()),
        Param::I64(i64::from(number)),
    ];
    let reads = database.reads().opened(Opening::Jobs);
    let mut session = reads.acquire().await?;
    let rows = session.one(Statement::new(Class::Job, sql, params)).await?;
    let content = rows.first().map(|row| row.cell(0).bytes()).transpose()?;
    Ok(content.map(<[u8]>::to_vec))
}

/// Writes the file that was sent for a job to a file of this machine, and tells its hash, hexadecimal.
///
/// # Errors
/// The database, or the disk.
pub async fn spool(database: &Database, job: i64, path: &Path) -> Result<String, Trouble> {
    let mut file = File::create(path).map_err(no_room)?;
    let (mut pieces, mut hash) = (0, Sha256::new());
    while let Some(content) = piece(database, (job, Stage::Input), pieces).await? {
        file.write_all(&content).map_err(no_room)?;
        hash.update(&content);
        pieces += 1;
    }
    file.sync_all().map_err(no_room)?;
    Ok(hex::encode(hash.finalize()))
}
