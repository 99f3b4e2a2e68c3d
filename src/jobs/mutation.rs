//! What can be done with jobs; asking for one is a mutation of whoever knows the work.

use super::{service, types::Job};
use crate::{
    graphql::{plan::Outcome, scalars::RequestId},
    writing::{Action, Call, Code, Payload, change},
};
use async_graphql::{Context, ID, Object};

pub struct JobCancel;
impl Action for JobCancel {
    const NAME: &'static str = "jobCancel";
    type Changed = Job;
    const CODES: &'static [&'static Code] = &[&service::JOB_ENDED];
    const BELOW_HOUSEHOLD: bool = false;
}

/// What can be done with jobs.
#[derive(Default)]
pub struct Mutation;

#[Object(name = "JobsMutation")]
impl Mutation {
    /// Gives a job up (取消任务): what there is of its result is not kept.
    async fn job_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The job (后台任务), by global id.")] id: ID,
    ) -> Outcome<Payload<JobCancel>> {
        let (call, id) = (Call::new(request_id, dry_run), &id);
        change(ctx, call, |door| service::cancel(door, id))
            .await
            .into()
    }
}
