//! What is due to all households of a region, as a job: the list of `yihu entitle`, of the benefits that a department sees.

use super::{
    ask::known,
    due::{COLUMNS, Listing, Told, rule_name},
    loader::Entitlements,
    rules::Rules,
    run::{Position, Run, RunError},
    types::is_withheld,
};
use crate::{
    clock::Clock,
    db::Database,
    files::{Column, lines},
    graphql::{
        plan::{Outcome, Refusal},
        scalars::{Day, RegionId, RequestId},
    },
    household::known as known_region,
    jobs::{
        FileState, Job, JobRequest, Order, Progress, Stretch, TOO_MANY_JOBS, Trouble, Work,
        in_scope, read, request, text_of, unreadable,
    },
    writing::{Action, Call, Code, Payload, change},
};
use async_graphql::{Context, InputObject, Object, dataloader::DataLoader};
use entity::{
    codes::{Department, FileFormat, JobKind, JobProblem},
    region_code::RegionCode,
};
use futures_util::{StreamExt as _, future::BoxFuture, pin_mut};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};
use time::Date;

pub struct EntitlementRun;
impl Action for EntitlementRun {
    const NAME: &'static str = "entitlementRun";
    type Changed = Job;
    const CODES: &'static [&'static Code] = &[&TOO_MANY_JOBS];
    const BELOW_HOUSEHOLD: bool = false;
}

/// What is to be told (应享测算范围).
#[derive(InputObject)]
pub struct EntitlementRunInput {
    /// The region (行政区划).
    pub region: RegionId,
    /// The day (计算日期): today unless told.
    pub as_of: Option<Day>,
    /// Only these benefits (待遇), by code, at most 50: all that your department sees unless told.
    pub benefits: Option<Vec<String>>,
    /// Also where nothing is due and nothing was granted (含不符合者).
    #[graphql(default)]
    pub all: bool,
    /// The format of the file (文件格式).
    #[graphql(default_with = "FileFormat::Csv")]
    pub format: FileFormat,
}

/// What can be done over a region.
#[derive(Default)]
pub struct RegionMutation;

#[Object(name = "EntitlementRunMutation")]
impl RegionMutation {
    /// Begins a job that tells what is due to each household of a region on a day, and compares it with what was granted
    /// (应享测算): a line for each household, person or loan and benefit. See `job`.
    async fn entitlement_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "What is to be told (应享测算范围).")] input: EntitlementRunInput,
    ) -> Outcome<Payload<EntitlementRun>> {
        let call = Call::new(request_id, dry_run);
        run(ctx, call, input).await.into()
    }
}

/// What is asked of the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    region: String,
    as_of: Date,
    /// Empty: all that the department sees.
    benefits: Vec<String>,
    all: bool,
    /// The rules as they were: lines by others would not go with those that are there.
    rules: String,
    /// The rules of which what was granted is not told.
    withheld: Arc<BTreeSet<String>>,
}

async fn run(
    ctx: &Context<'_>,
    call: Call,
    input: EntitlementRunInput,
) -> Result<Payload<EntitlementRun>, Refusal> {
    known_region(ctx, input.region, &["input", "region"]).await?;
    in_scope(ctx, input.region.0, &["input", "region"])?;
    let entitlements = ctx.data_unchecked::<DataLoader<Entitlements>>().loader();
    let rules = &entitlements.rules;
    let benefits = known(rules, input.benefits.unwrap_or_default())?;
    let as_of = input.as_of;
    let as_of = as_of.map_or_else(|| ctx.data_unchecked::<Clock>().today(), |day| day.0);
    let wanted = Wanted {
        region: input.region.0.to_string(),
        as_of,
        benefits,
        all: input.all,
        rules: rules.whole_hash(),
        withheld: Arc::new(withheld(entitlements)),
    };
    let wanted = JobRequest {
        kind: JobKind::Entitlements,
        region: input.region.0,
        file_name: format!("entitlements-{}-{as_of}", wanted.region),
        input: serde_json::to_string(&wanted).map_err(|_| Refusal::internal())?,
        format: input.format,
        file: FileState::None,
    };
    let wanted = &wanted;
    change(ctx, call, |door| async move {
        request(&door, wanted.clone()).await
    })
    .await
}

/// The rules of which the viewer may not read what was granted.
fn withheld(entitlements: &Entitlements) -> BTreeSet<String> {
    let hidden = entitlements.hidden();
    let mut withheld = BTreeSet::new();
    for pack in entitlements.rules.catalogue.packs() {
        let benefits = pack.benefits.iter();
        let of_pack = benefits.filter(|benefit| is_withheld(benefit, hidden));
        withheld.extend(of_pack.map(|benefit| rule_name(pack, benefit)));
    }
    withheld
}

/// Tells what is due to the households of a region.
pub struct EntitlementWork {
    pub database: Database,
    pub rules: Arc<Rules>,
}

impl Work for EntitlementWork {
    fn kind(&self) -> JobKind {
        JobKind::Entitlements
    }
    fn run<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a mut Progress,
    ) -> BoxFuture<'a, Result<Vec<Column>, Trouble>> {
        Box::pin(self.tell(order, progress))
    }
}

impl EntitlementWork {
    async fn tell(&self, order: &Order, progress: &mut Progress) -> Result<Vec<Column>, Trouble> {
        let wanted: Wanted = read(&order.input)?;
        if wanted.rules != self.rules.whole_hash() {
            let detail = "the packs of the request are not those of this server".to_owned();
            return Err(Trouble::Problem(JobProblem::RulesChanged, detail));
        }
        let position = order.position.as_deref().map(read::<Position>);
        let position = position.transpose()?.unwrap_or_default();
        let run = self.over(order.region, order.viewer.department, &wanted);
        let households = run.households().await.map_err(Trouble::Database)?;
        progress.set_total(households).await?;
        let listing = Listing {
            rules: self.rules.clone(),
            day: wanted.as_of,
            told: if wanted.all {
                Told::All
            } else {
                Told::Something
            },
            withheld: wanted.withheld,
        };
        let stretches = run.stretches(position, move |visited| listing.lines(visited));
        pin_mut!(stretches);
        while let Some(stretch) = stretches.next().await {
            let stretch = stretch?;
            let text = lines(order.format, &stretch.result).map_err(|error| unreadable(&error))?;
            let done = Stretch {
                lines: stretch.result.len(),
                text,
                done: progress.done() + stretch.households,
                position: text_of(&stretch.end)?,
                counts: None,
            };
            progress.add(done).await?;
        }
        Ok(COLUMNS.to_vec())
    }

    fn over(&self, region: RegionCode, department: Department, wanted: &Wanted) -> Run {
        let run = Run::new(&self.database, self.rules.clone(), region, wanted.as_of);
        let run = run.shown_to(department);
        match wanted.benefits.is_empty() {
            true => run,
            false => run.of_benefits(wanted.benefits.iter().cloned()),
        }
    }
}

impl From<RunError> for Trouble {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Database(error) => Trouble::Database(error),
            RunError::Rule { .. } | RunError::CutOff => {
                Trouble::Problem(JobProblem::NotComputed, error.to_string())
            }
        }
    }
}
