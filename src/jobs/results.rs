//! The file that came of a job, piece by piece.

use crate::db::{Class, Database, DbError, Opening, Param, Statement};
use futures_util::future::BoxFuture;

/// Where the files of jobs are read from. Whoever asks has been shown the job, and so may read its file.
pub trait Results: Send + Sync {
    /// A piece of the file of a job, by its place: 0, 1, 2 and so on. None after the last.
    fn part(&self, job: i64, number: i32) -> BoxFuture<'_, Result<Option<Vec<u8>>, DbError>>;
}

/// No files.
pub struct NoResults;

impl Results for NoResults {
    fn part(&self, _: i64, _: i32) -> BoxFuture<'_, Result<Option<Vec<u8>>, DbError>> {
        Box::pin(async { Ok(None) })
    }
}

/// The files in the database.
pub struct StoredResults(pub Database);

impl Results for StoredResults {
    fn part(&self, job: i64, number: i32) -> BoxFuture<'_, Result<Option<Vec<u8>>, DbError>> {
        Box::pin(piece(&self.0, (job, true), number))
    }
}

/// A piece of the file of a job, or of its lines.
pub(super) async fn piece(
    database: &Database,
    (job, is_file): (i64, bool),
    number: i32,
) -> Result<Option<Vec<u8>>, DbError> {
    let sql = "SELECT content FROM job_part WHERE job_id = $1 AND is_file = $2 AND number = $3";
    let params = vec![
        Param::I64(job),
        Param::Bool(is_file),
        Param::I64(i64::from(number)),
    ];
    let reads = database.reads().opened(Opening::Jobs);
    let mut session = reads.acquire().await?;
    let rows = session.one(Statement::new(Class::Job, sql, params)).await?;
    let content = rows.first().map(|row| row.cell(0).bytes()).transpose()?;
    Ok(content.map(<[u8]>::to_vec))
}
