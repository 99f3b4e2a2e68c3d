//! Reading from PostgreSQL: tokio-postgres, because it pipelines.

use std::{future::poll_fn, slice, task::Poll, time::Duration};

use deadpool_postgres::{Object, Pool};
use futures_util::{
    TryStreamExt,
    future::{join_all, join3, maybe_done},
};
use tokio_postgres::Statement as Prepared;

use super::{PoolFigures, ReadSettings, Row, Statement, param::Wire};
use crate::db::{
    dial::{self, Setup},
    error::DbError,
    shares::Shares,
};

/// The connections.
#[derive(Clone)]
pub(super) struct Readers {
    shares: Shares<Pool>,
    patience: Duration,
}

impl Readers {
    pub(super) async fn connect(url: &str, settings: &ReadSettings) -> Result<Self, DbError> {
        let readers = Readers::lazy(url, settings)?;
        drop(readers.shares.own().get().await?);
        Ok(readers)
    }

    /// Connections that are opened when they are used.
    pub(super) fn lazy(url: &str, settings: &ReadSettings) -> Result<Self, DbError> {
        let setup = setup(settings);
        let pool = |connections| dial::pool(url, &setup, connections);
        Ok(Readers {
            shares: Shares::out(settings.connections, settings.threads, pool)?,
            patience: setup.patience,
        })
    }

    pub(super) async fn acquire(&self) -> Result<Reader, DbError> {
        Ok(Reader {
            client: Some(dial::get(self.shares.pick(dial::figures)).await?),
            patience: self.patience,
            in_flight: 0,
            is_probe: false,
        })
    }

    /// Closes the connections that nobody uses.
    pub(super) fn reset(&self) {
        self.shares.iter().for_each(dial::reset);
    }

    pub(super) fn figures(&self) -> PoolFigures {
        self.shares.iter().map(dial::figures).sum()
    }
}

fn setup(settings: &ReadSettings) -> Setup {
    let limit = settings.statement_timeout.as_millis().to_string();
    let options = [
        ("default_transaction_read_only", "on"),
        ("plan_cache_mode", "force_generic_plan"),
        ("jit", "off"),
        ("statement_timeout", &limit),
        ("lock_timeout", &limit),
        ("idle_in_transaction_session_timeout", &limit),
    ];
    Setup {
        name: "yihu read",
        options: options.map(|(name, value)| (name, value.to_owned())).into(),
        wait: settings.acquire_timeout,
        patience: dial::patience(settings.statement_timeout),
    }
}

/// One connection, held. It goes back to the pool unless it stopped answering.
pub(super) struct Reader {
    client: Option<Object>,
    patience: Duration,
    /// How many statements are not answered yet.
    in_flight: usize,
    /// Whether it asks for a sign of life: one that nobody waits for any more is none.
    is_probe: bool,
}

impl Reader {
    /// Gives the connection up: nobody knows what is still to come down this line.
    pub(super) fn abandon(&mut self) {
        drop(self.client.take().map(Object::take));
    }

    /// The same connection for a sign of life.
    pub(super) fn probe(mut self) -> Self {
        self.is_probe = true;
        self
    }

    /// Runs the statements; where a wall is told, in a transaction that begins with it.
    pub(super) async fn batch(
        &mut self,
        statements: &[Statement],
        wall: Option<&str>,
    ) -> Vec<Result<Vec<Row>, DbError>> {
        let mut results = self.once(statements, wall).await;
        for (statement, result) in statements.iter().zip(&mut results) {
            if matches!(result, Err(DbError::Stale(_)))
                && let Some(again) = self.once(slice::from_ref(statement), wall).await.pop()
            {
                *result = again;
            }
        }
        results
    }

    async fn once(
        &mut self,
        statements: &[Statement],
        wall: Option<&str>,
    ) -> Vec<Result<Vec<Row>, DbError>> {
        let mut results = Vec::with_capacity(statements.len());
        while results.len() < statements.len() {
            let mut answers = self.send(&statements[results.len()..], wall).await;
            // In a transaction the one that fails takes those after it along: they go again.
            if let (Some(_), Some(failed)) = (wall, answers.iter().position(Result::is_err)) {
                answers.truncate(failed + 1);
            }
            results.extend(answers);
        }
        results
    }

    async fn send(
        &mut self,
        statements: &[Statement],
        wall: Option<&str>,
    ) -> Vec<Result<Vec<Row>, DbError>> {
        let Some(client) = &self.client else {
            return statements.iter().map(|_| Err(DbError::Timeout)).collect();
        };
        let answers = answers(client, statements, wall);
        // One patience for each statement that waits in the line.
        let patience = self.patience * u32::try_from(statements.len()).unwrap_or(u32::MAX).max(1);
        self.in_flight = statements.len();
        let answered = tokio::time::timeout(patience, answers).await;
        self.in_flight = 0;
        match answered {
            Ok(answers) => answers,
            Err(_) => {
                self.abandon();
                statements.iter().map(|_| Err(DbError::Timeout)).collect()
            }
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else {
            return;
        };
        match self.in_flight {
            0 => drop(client),
            _ if self.is_probe => drop(Object::take(client)),
            _ => dial::settle(client, self.patience),
        }
    }
}

/// Each future sends its statement when it is first polled, and the answers come in the same order.
async fn answers(
    client: &Object,
    statements: &[Statement],
    wall: Option<&str>,
) -> Vec<Result<Vec<Row>, DbError>> {
    let Some(wall) = wall else {
        return join_all(statements.iter().map(|statement| rows(client, statement))).await;
    };
    // Before the transaction, so that nothing waits between its beginning and its end: all of it is sent at once, also
    // where nobody waits for the answers any more.
    let prepared = statements
        .iter()
        .map(|statement| prepare(client, statement));
    let prepared = join_all(prepared).await;
    let begin = format!("BEGIN; {wall}");
    let asked = statements.iter().zip(prepared);
    let asked =
        asked.map(|(statement, prepared)| async { run(client, statement, &prepared?).await });
    let (begun, answers, ended) = join3(
        client.batch_execute(&begin),
        in_order(asked.collect()),
        client.batch_execute("COMMIT"),
    )
    .await;
    match begun.and(ended) {
        Ok(()) => answers,
        Err(error) => {
            let error = DbError::from(error);
            statements.iter().map(|_| Err(error.clone())).collect()
        }
    }
}

/// All of them, each polled for the first time in its place: `join_all` may leave some of many for a later turn, when the end
/// of the transaction has been sent.
async fn in_order<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut all: Vec<_> = futures
        .into_iter()
        .map(|future| Box::pin(maybe_done(future)))
        .collect();
    poll_fn(|context| {
        let mut ready = true;
        for future in &mut all {
            ready &= future.as_mut().poll(context).is_ready();
        }
        if ready {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    let outputs = all
        .iter_mut()
        .filter_map(|future| future.as_mut().take_output());
    outputs.collect()
}

async fn rows(client: &Object, statement: &Statement) -> Result<Vec<Row>, DbError> {
    let prepared = prepare(client, statement).await?;
    run(client, statement, &prepared).await
}

async fn prepare(client: &Object, statement: &Statement) -> Result<Prepared, DbError> {
    let prepared = client.prepare_cached(&statement.sql).await;
    prepared.map_err(|error| dial::told(client, error))
}

async fn run(
    client: &Object,
    statement: &Statement,
    prepared: &Prepared,
) -> Result<Vec<Row>, DbError> {
    let result = async {
        let answer = client
            .query_raw(prepared, statement.params.iter().map(Wire))
            .await?;
        answer.map_ok(Row::Postgres).try_collect().await
    };
    result.await.map_err(|error| dial::told(client, error))
}
