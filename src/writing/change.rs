//! One mutation, from the request to the answer.

use super::{
    door::Door,
    fields::Fields,
    journal::{self, Entry},
    mistake::{CONFLICT, Code},
    mistake::{Conflict, INVALID_VALUE, Mistake, REQUEST_ID_REUSED, Stop},
    payload::{Action, Answer, Done, ListPayload, Payload, WriteConflict},
    request::{self, Digest},
};
use crate::{
    audit::Seals,
    authz::Access,
    clock::Clock,
    db::{Database, DbError, Opening, Transaction, WriteError},
    graphql::{
        plan::{Refusal, failed},
        scalars::RequestId,
    },
    vault::Vault,
};
use async_graphql::Context;
use std::sync::Arc;

/// The most inputs of one list.
pub const MOST_INPUTS: usize = 200;

/// What every mutation is called with besides its own arguments.
#[derive(Clone, Debug)]
pub struct Call {
    request_id: RequestId,
    dry_run: bool,
    /// The place in a list, for one of many inputs.
    place: Option<usize>,
    /// The row, for one that comes of a file.
    row: Option<FileRow>,
}

/// The row of a file that a request comes of: put beside the request by who takes the file over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Empty where the file has no sheets.
    pub sheet: String,
    /// As a spreadsheet shows it.
    pub row: u64,
    /// The last one, where rows come together.
    pub to: Option<u64>,
}

impl std::fmt::Display for FileRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}!{}", self.sheet, self.row)?;
        match self.to {
            Some(to) => write!(f, ":{to}"),
            None => Ok(()),
        }
    }
}

impl Call {
    #[must_use]
    pub fn new(request_id: RequestId, dry_run: Option<bool>) -> Self {
        Call {
            request_id,
            dry_run: dry_run.unwrap_or_default(),
            place: None,
            row: None,
        }
    }

    /// As the row of a file that the request comes of, if it does.
    fn of_row(self, ctx: &Context<'_>) -> Self {
        Call {
            row: ctx.data_opt::<FileRow>().cloned(),
            ..self
        }
    }

    #[must_use]
    pub(super) fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// By what the request is known: the client's number, and the place of one of many inputs.
    pub(super) fn key(&self) -> String {
        match (&self.row, self.place) {
            (Some(row), _) => format!("{}/{row}", self.request_id),
            (None, Some(place)) => format!("{}/{place}", self.request_id),
            (None, None) => self.request_id.to_string(),
        }
    }
}

/// Everything a write runs on.
struct Setting<'a> {
    access: &'a Access,
    database: &'a Database,
    vault: &'a Arc<Vault>,
    clock: &'a Clock,
    fields: &'a Fields,
    seals: &'a Seals,
    operation: &'static str,
}

impl<'a> Setting<'a> {
    fn of<M: Action>(ctx: &'a Context<'_>) -> Result<Self, Refusal> {
        let access = ctx.data_unchecked::<Access>();
        if M::BELOW_HOUSEHOLD && !access.is_at_own_level() {
            return Err(Refusal::new(
                "FORBIDDEN",
                "只有本级部门可以填报本部门的信息：请使用本级账号。",
                "A department writes at its own level only: use an account of that level.",
            ));
        }
        Ok(Setting {
            access,
            database: ctx.data_unchecked(),
            vault: ctx.data_unchecked(),
            clock: ctx.data_unchecked(),
            fields: ctx.data_unchecked::<Arc<Fields>>(),
            seals: ctx.data_unchecked(),
            operation: M::NAME,
        })
    }

    /// Money and decisions wait until what is recorded of them will be sealed.
    async fn sealed_in_time<M: Action>(&self, call: &Call) -> Result<(), Refusal> {
        if !M::NEEDS_SEALS || call.dry_run {
            return Ok(());
        }
        match self.seals.overdue(self.clock.now_ms()).await {
            Ok(false) => Ok(()),
            Ok(true) => {
                tracing::error!(
                    operation = self.operation,
                    "refused: audit records are not sealed in time"
                );
                Err(Refusal::new(
                    "SEALS_OVERDUE",
                    "审计记录未能按时封存，涉及资金和待遇的办理暂停，本次未保存：请通知系统管理员，稍后用同一请求编号重试。",
                    "The audit records are not sealed in time, so money and decisions have to wait, and nothing was saved: tell \
                     the operator, and try again later with the same requestId.",
                ))
            }
            Err(error) => Err(failed(&error)),
        }
    }

    fn door(&self, transaction: &Transaction, now_ms: i64) -> Door {
        Door::new(
            transaction.clone(),
            self.access.clone(),
            self.database.clone(),
            self.vault.clone(),
            now_ms,
        )
    }
}

/// How a write ends that is rolled back.
enum End {
    Stop(Stop),
    Preview(Vec<Entry>),
}

impl<T: Into<Stop>> From<T> for End {
    fn from(stop: T) -> Self {
        End::Stop(stop.into())
    }
}

impl WriteError for End {
    fn database_error(&self) -> Option<&DbError> {
        match self {
            End::Stop(stop) => stop.database_error(),
            End::Preview(_) => None,
        }
    }
}

/// Runs a business action once for its request.
///
/// # Errors
/// The request as a whole is refused.
pub async fn change<M, F, W>(ctx: &Context<'_>, call: Call, work: F) -> Result<Payload<M>, Refusal>
where
    M: Action,
    F: Fn(Door) -> W,
    W: Future<Output = Result<Done, Stop>>,
{
    let setting = Setting::of::<M>(ctx)?;
    setting.sealed_in_time::<M>(&call).await?;
    let digest = Digest::of(ctx, setting.vault)?;
    let call = call.of_row(ctx);
    Ok(Payload::new(run(&setting, &call, digest, &work).await?))
}

/// Runs a business action for each input, each in a transaction of its own: what is wrong with one does not stop the
/// others, and a request that broke off in the middle goes on where it stopped when it is sent again.
///
/// # Errors
/// The request as a whole is refused.
pub async fn change_each<'i, M, I, F, W>(
    ctx: &Context<'_>,
    call: Call,
    inputs: &'i [I],
    work: F,
) -> Result<ListPayload<M>, Refusal>
where
    M: Action,
    F: Fn(Door, &'i I) -> W,
    W: Future<Output = Result<Done, Stop>>,
{
    if inputs.is_empty() || inputs.len() > MOST_INPUTS {
        return Err(Refusal::argument(
            "TOO_MANY_INPUTS",
            &["inputs"],
            format!("一次可提交 1 至 {MOST_INPUTS} 条：请分批提交。"),
            format!("From 1 to {MOST_INPUTS} inputs at a time: send them in several requests."),
        ));
    }
    let setting = Setting::of::<M>(ctx)?;
    setting.sealed_in_time::<M>(&call).await?;
    let digest = Digest::of(ctx, setting.vault)?;
    let mut payloads = Vec::with_capacity(inputs.len());
    for (place, input) in inputs.iter().enumerate() {
        let call = Call {
            place: Some(place),
            ..call.clone()
        };
        let answer = match run(&setting, &call, digest, &|door| work(door, input)).await {
            // Others of the list may have been done: the answer says so for each.
            Err(refusal) if refusal.code == REQUEST_ID_REUSED.word => {
                let mistake = Mistake::new(&REQUEST_ID_REUSED, &["requestId"]);
                Answer::Refused(vec![mistake], None)
            }
            answer => below(answer?, place),
        };
        payloads.push(Payload::new(answer));
    }
    Ok(ListPayload(payloads))
}

/// Keeps what a refused change has to leave behind: in a write of its own, on the record as any other.
///
/// # Errors
/// It could not be kept: then the refusal must not be answered.
pub async fn leave<M, F, W>(ctx: &Context<'_>, call: &Call, work: F) -> Result<(), Refusal>
where
    M: Action,
    F: Fn(Door) -> W,
    W: Future<Output = Result<(), Stop>>,
{
    let setting = &Setting::of::<M>(ctx)?;
    let work = &work;
    let write = |transaction: Transaction| async move {
        let now_ms = setting.clock.now_ms();
        let door = setting.door(&transaction, now_ms);
        work(door.clone()).await?;
        let entries = door.journal().take();
        let context = journal::Context {
            viewer: &setting.access.viewer,
            operation: setting.operation,
            call,
            now_ms,
        };
        journal::enter(setting.database, &transaction, &entries, None, &context).await?;
        Ok(())
    };
    match setting.database.write(setting.operation, write).await {
        Ok(()) => Ok(()),
        Err(Stop::Refusal(refusal)) => Err(refusal),
        Err(Stop::Database(error)) => Err(failed(&error)),
        Err(Stop::Refused(_) | Stop::Conflict(_)) => Err(Refusal::internal()),
    }
}

/// The server as a writer, for work that nobody sends a request for. What it changes goes through the same door and leaves the
/// same records as anybody's.
#[derive(Clone)]
pub struct Own {
    database: Database,
    vault: Arc<Vault>,
    clock: Clock,
    access: Access,
    call: Call,
}

impl Own {
    /// The server at a work of this name, for the records.
    #[must_use]
    pub fn new(database: Database, vault: Arc<Vault>, clock: Clock, access: Access) -> Self {
        let call = Call::new(RequestId::random(), None);
        Own {
            database,
            vault,
            clock,
            access,
            call,
        }
    }

    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The same in these regions only.
    #[must_use]
    pub fn within(&self, span: (i64, i64)) -> Self {
        Own {
            database: self.database.within(span),
            ..self.clone()
        }
    }

    /// The same beyond any one's regions, for this reason.
    #[must_use]
    pub fn opened(&self, opening: Opening) -> Self {
        Own {
            database: self.database.opened(opening),
            ..self.clone()
        }
    }

    /// Runs a piece of the work in a transaction of its own.
    ///
    /// # Errors
    /// What stopped it; nothing of the piece stays.
    pub async fn write<T, F, W>(&self, operation: &'static str, work: F) -> Result<T, Stop>
    where
        F: Fn(Door) -> W,
        W: Future<Output = Result<T, Stop>>,
    {
        let work = &work;
        let write = |transaction: Transaction| async move {
            let now_ms = self.clock.now_ms();
            let door = Door::new(
                transaction.clone(),
                self.access.clone(),
                self.database.clone(),
                self.vault.clone(),
                now_ms,
            );
            let done = work(door.clone()).await?;
            let entries = door.journal().take();
            let context = journal::Context {
                viewer: &self.access.viewer,
                operation,
                call: &self.call,
                now_ms,
            };
            journal::enter(&self.database, &transaction, &entries, None, &context).await?;
            Ok::<T, Stop>(done)
        };
        let done = self.database.write(operation, write).await?;
        self.database.changed();
        Ok(done)
    }
}

/// The paths of one input's mistakes begin at the list: a service says them below `input`.
fn below(answer: Answer, place: usize) -> Answer {
    let Answer::Refused(mut mistakes, conflict) = answer else {
        return answer;
    };
    for mistake in &mut mistakes {
        if mistake.path.first().is_some_and(|first| first == "input") {
            mistake
                .path
                .splice(..1, ["inputs".to_owned(), place.to_string()]);
        } else {
            let above = ["inputs".to_owned(), place.to_string()];
            mistake.path.splice(..0, above);
        }
    }
    Answer::Refused(mistakes, conflict)
}

async fn run<F, W>(
    setting: &Setting<'_>,
    call: &Call,
    digest: Digest,
    work: &F,
) -> Result<Answer, Refusal>
where
    F: Fn(Door) -> W,
    W: Future<Output = Result<Done, Stop>>,
{
    let write = |transaction| attempt(setting, call, digest, work, transaction);
    match setting.database.write(setting.operation, write).await {
        Ok(answer) => {
            setting.database.changed();
            Ok(answer)
        }
        Err(End::Preview(entries)) => {
            let changes = entries
                .iter()
                .map(|entry| setting.fields.preview(setting.access, entry));
            Ok(Answer::Preview(changes.collect()))
        }
        Err(End::Stop(stop)) => stopped(setting, stop).await,
    }
}

/// One run of the transaction.
async fn attempt<F, W>(
    setting: &Setting<'_>,
    call: &Call,
    digest: Digest,
    work: &F,
    transaction: Transaction,
) -> Result<Answer, End>
where
    F: Fn(Door) -> W,
    W: Future<Output = Result<Done, Stop>>,
{
    let (viewer, now_ms) = (&*setting.access.viewer, setting.clock.now_ms());
    if !call.dry_run && is_recorded() {
        let before = request::enter(
            &transaction,
            viewer,
            setting.operation,
            call,
            digest,
            now_ms,
        );
        if let Some(answer) = before.await? {
            return Ok(answer);
        }
    }
    let door = setting.door(&transaction, now_ms);
    let done = work(door.clone()).await?;
    let entries = door.journal().take();
    if call.dry_run {
        return Err(End::Preview(entries));
    }
    let context = journal::Context {
        viewer,
        operation: setting.operation,
        call,
        now_ms,
    };
    if is_recorded() {
        journal::enter(
            setting.database,
            &transaction,
            &entries,
            Some(&done),
            &context,
        )
        .await?;
    }
    Ok(Answer::Done(done))
}

/// Whether writes leave anything behind. Only the bench of what that costs can say no.
#[cfg(feature = "unrecorded")]
pub static RECORDED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(true);

#[cfg(feature = "unrecorded")]
fn is_recorded() -> bool {
    RECORDED.load(std::sync::atomic::Ordering::SeqCst)
}

#[cfg(not(feature = "unrecorded"))]
const fn is_recorded() -> bool {
    true
}

/// What a write that does not take place is answered.
async fn stopped(setting: &Setting<'_>, stop: Stop) -> Result<Answer, Refusal> {
    match stop {
        Stop::Refused(mistakes) => Ok(Answer::Refused(mistakes, None)),
        Stop::Conflict(conflict) => {
            let told = told(setting, &conflict).await?;
            let mistake = Mistake {
                path: conflict.path,
                ..Mistake::new(&CONFLICT, &[])
            };
            Ok(Answer::Refused(vec![mistake], Some(told)))
        }
        Stop::Refusal(refusal) => Err(refusal),
        Stop::Database(DbError::Busy | DbError::Locked | DbError::Serialization(_)) => {
            Err(Refusal::new(
                "OVERLOADED",
                "服务繁忙，本次未保存：请用同一请求编号重试。",
                "The server is busy and nothing was saved: try again with the same requestId.",
            ))
        }
        Stop::Database(error) => match error.violation() {
            // A rule that the service knows no better words for. The name of a constraint holds no value.
            Some(violation) => {
                tracing::warn!(constraint = %violation.constraint, operation = setting.operation, "a constraint refused a write");
                Ok(Answer::Refused(
                    vec![refused_by(&violation.constraint)],
                    None,
                ))
            }
            None => Err(failed(&error)),
        },
    }
}

fn refused_by(constraint: &str) -> Mistake {
    let code: &'static Code = &INVALID_VALUE;
    Mistake::saying(
        code,
        &[],
        format!("填报内容之间或与已有记录矛盾（{constraint}）：请核对。"),
        format!(
            "The values contradict each other or what is on record ({constraint}): check them."
        ),
    )
}

/// Who was faster, and what changed.
async fn told(setting: &Setting<'_>, conflict: &Conflict) -> Result<WriteConflict, Refusal> {
    setting
        .fields
        .conflict(setting.access, setting.database.reads(), conflict)
        .await
}
