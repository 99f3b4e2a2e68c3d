//! Answers that are kept with their facts (应享计算结果留存): asked by their id they are the same bytes, whatever was corrected
//! since. An answer is kept as the department that asked may see it, and read by that department alone, and by audit.

use super::{
    ask::{Whose, answers},
    rules::Why,
    types::Entitlement,
};
use crate::{
    db::Param,
    departments::Household,
    graphql::{
        plan::{Guarded, Many, Outcome, Record, Ref, Refusal, RootQuery, key_of},
        scalars::{Day, Moment, NodeId, RequestId, global_id},
    },
    household::HouseholdCore,
    writing::{Action, Call, Code, Done, Door, Mistake, Payload, Stop, change, written},
};
use ::entity::{
    codes::Department, household::household, region_code::RegionCode, shared::saved_answer,
};
use ::policy::ENGINE_VERSION;
use async_graphql::{Context, ID, Object, SimpleObject};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::Date;

written! {
    Core: saved_answer => SavedAnswer;
}

/// What saved answers add to a household.
#[derive(SimpleObject, Record)]
#[graphql(name = "SavedOnHousehold")]
#[record(on = "Household")]
pub struct SavedOnHousehold {
    /// The answers that your department has saved (留存的应享计算结果), newest first.
    saved_answers: Guarded<Many<SavedAnswer>>,
}

/// What was due to a household as it was computed on a day, with all facts and steps (留存的应享计算结果). Never changes.
#[derive(SimpleObject, Record)]
#[record(
    entity = "shared::saved_answer",
    order = "t.saved_on DESC, t.id DESC",
    bounds(
        Poverty,
        Township,
        Village,
        Helper,
        Household,
        Civil,
        Medins,
        Health,
        Edu,
        Housing,
        Reloc,
        Finance,
        Hrss,
        Forestry,
        Agri,
        Dpf,
        Police,
        Women,
        Land = "t.saved_by = {department}"
    )
)]
pub struct SavedAnswer {
    /// The global id (全局编号).
    id: NodeId<SavedAnswer>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The department that saved it, as it may see it (留存部门).
    saved_by: Department,
    /// The day asked about (计算日期).
    as_of: Day,
    /// The day it was saved (留存日期).
    saved_on: Day,
    /// The answers (内容) as JSON: engine version, and for each benefit the pack with its hash, status, amounts, reasons, inputs,
    /// steps, figures with their sources, and facts with their departments, days and records.
    content: String,
    /// SHA-256 of the content (摘要), hexadecimal.
    digest: String,
    /// The version (版本): always 1.
    version: i32,
    /// When it was saved (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// Nothing would be saved.
const NOTHING_TO_SAVE: Code = Code::new(
    "NOTHING_TO_SAVE",
    "该日没有可留存的计算结果：请核对日期和待遇代码。",
    "There is no answer on that day: check the day and the codes of the benefits.",
);

pub struct EntitlementSave;
impl Action for EntitlementSave {
    const NAME: &'static str = "entitlementSave";
    type Changed = SavedAnswer;
    const CODES: &'static [&'static Code] = &[&NOTHING_TO_SAVE];
}

/// What can be done with answers.
#[derive(Default)]
pub struct Mutation;

#[Object(name = "EntitlementMutation")]
impl Mutation {
    /// Keeps what is due to a household on a day, with its facts and steps, as you may see it (留存应享计算结果).
    async fn entitlement_save(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "What is saved (留存内容).")] input: EntitlementSaveInput,
    ) -> Outcome<Payload<EntitlementSave>> {
        let call = Call::new(request_id, dry_run);
        save(ctx, call, input).await.into()
    }
}

/// What is saved (留存内容).
#[derive(async_graphql::InputObject)]
pub struct EntitlementSaveInput {
    /// The household (农户), by global id.
    pub household_id: ID,
    /// The day (计算日期).
    pub as_of: Day,
    /// Only these benefits (待遇), by code, at most 50.
    pub benefits: Option<Vec<String>>,
}

async fn save(
    ctx: &Context<'_>,
    call: Call,
    input: EntitlementSaveInput,
) -> Result<Payload<EntitlementSave>, Refusal> {
    let EntitlementSaveInput {
        household_id,
        as_of,
        benefits,
    } = input;
    let content = match whose(ctx, &household_id).await? {
        Some(whose) => {
            let answers = answers(ctx, whose, as_of.0, benefits, Why::Compared).await?;
            content(whose.household, as_of.0, &answers)?
        }
        None => None,
    };
    let (household, as_of) = (&household_id, as_of.0);
    let content = content.as_deref();
    change(ctx, call, |door| keep(door, household, as_of, content)).await
}

/// A household, where it exists for the viewer.
async fn whose(ctx: &Context<'_>, household: &ID) -> Result<Option<Whose>, Refusal> {
    let Ok(key) = key_of::<HouseholdCore>(household, &["input", "householdId"]) else {
        return Ok(None);
    };
    let mut query = RootQuery::scoped::<Household>(ctx.data_unchecked());
    query.equals("t.id", Param::I64(key));
    let village = query.first_key::<Household>(ctx, "t.region_code").await?;
    let village = village.map(RegionCode::try_from).transpose();
    let village = village.map_err(|_| Refusal::internal())?;
    Ok(village.map(|village| Whose {
        household: key,
        village,
        person: None,
    }))
}

async fn keep(
    door: Door,
    household: &ID,
    as_of: Date,
    content: Option<&str>,
) -> Result<Done, Stop> {
    let path = ["input", "householdId"];
    let of = door.find::<household::Entity>(household, &path).await?;
    let content = content.ok_or_else(|| Mistake::new(&NOTHING_TO_SAVE, &["input", "asOf"]))?;
    let answer = saved_answer::Model {
        id: door.new_key::<saved_answer::Entity>().await?,
        household_id: of.id,
        region_code: of.region_code,
        county_code: of.county_code,
        saved_by: door.access().viewer.department,
        as_of,
        saved_on: door.today(),
        digest: hex::encode(Sha256::digest(content.as_bytes())),
        content: content.to_owned(),
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let answer = door.insert::<saved_answer::Entity>(answer).await?;
    Ok(Done::of(answer.id))
}

/// The answers as a text; none where there are none.
fn content(
    household: i64,
    as_of: Date,
    answers: &[Entitlement],
) -> Result<Option<String>, Refusal> {
    let mut kept: Vec<Value> = Vec::new();
    for answer in answers {
        kept.extend(answer.kept()?);
    }
    if kept.is_empty() {
        return Ok(None);
    }
    let content = json!({
        "household": global_id("Household", household),
        "asOf": as_of.to_string(),
        "engineVersion": ENGINE_VERSION,
        "answers": kept,
    });
    Ok(Some(content.to_string()))
}
