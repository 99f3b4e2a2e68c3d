//! What a bill would come to, before it is a claim.

use super::{
    super::service::MOST_FEN,
    service::{self, Hindered},
    store::{Patient, YearClaim, facts_statement, level_statement, year_statement},
    types::{PreviewedSheet, SettlementHindrance, SettlementPreview},
};
use crate::{
    authz::Access,
    db::{BadCell, Param, Row, Session},
    departments::Person,
    entitlement::Rules,
    graphql::{
        language::Language,
        plan::{Outcome, Refusal, RootQuery, Rows as _, acquire, failed, key_of},
        scalars::{Day, Fen},
    },
    household::PersonCore,
};
use ::policy::Unsettled;
use async_graphql::{Context, ID, InputObject, Object};
use entity::{
    codes::{CodeList as _, HospitalLevel},
    health::codes::ClaimKind,
};
use std::sync::Arc;
use time::Date;

/// A bill that is no claim yet (试算账单).
#[derive(InputObject)]
pub struct SettlementPreviewInput {
    /// The patient (患者), by global id.
    person_id: ID,
    /// The kind (报销类别).
    kind: ClaimKind,
    /// The code of the hospital or clinic (就诊机构代码); or else its level.
    institution_code: Option<String>,
    /// The insurance level of the hospital (医疗机构级别); or else its code.
    hospital_level: Option<HospitalLevel>,
    /// The day of discharge (出院日期); of a visit, its day.
    discharged_on: Day,
    /// The whole cost (总费用), yuan.
    total_cost: Fen,
    /// The part of the cost that insurance covers (合规费用), yuan.
    eligible_cost: Fen,
    /// What a commercial insurer reported that it pays (商业保险赔付), yuan.
    commercial_reported: Option<Fen>,
    /// What was decided as a backstop (兜底补偿), yuan.
    backstop_decision: Option<Fen>,
}

#[derive(Default)]
pub struct Query;

#[Object(name = "SettlementQuery")]
impl Query {
    /// What a bill would come to (一站式结算试算) by the rule in force in the patient's village on the day of discharge, after the person's settled claims of the year. Writes nothing.
    async fn settlement_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The bill (账单).")] input: SettlementPreviewInput,
    ) -> Outcome<SettlementPreview> {
        preview(ctx, &input).await.into()
    }
}

async fn preview(
    ctx: &Context<'_>,
    input: &SettlementPreviewInput,
) -> Result<Option<SettlementPreview>, Refusal> {
    checked(input)?;
    let mut session = acquire(ctx).await?;
    let day = input.discharged_on.0;
    let Some(member) = member(ctx, &mut session, &input.person_id).await? else {
        return Ok(None);
    };
    if !member.holds(day) {
        return Err(Refusal::argument(
            "NOT_A_MEMBER",
            &["input", "personId"],
            "此人当日不是该户成员：请核对人员和日期。",
            "The person was no member of the household on this day: check person and day.",
        ));
    }
    let level = level(&mut session, input).await?;
    let statements = vec![
        year_statement(member.patient, day.year(), 0),
        facts_statement(member.patient, day),
    ];
    let results = session.batch(statements).await.into_iter();
    let results = results.collect::<Result<Vec<_>, _>>();
    let results = results.map_err(|error| failed(&error))?;
    drop(session);
    let year = results[0].iter().map(YearClaim::read);
    let mut year: Vec<_> = year.collect::<Result<_, _>>().map_err(unreadable)?;
    let facts = results[1].first().ok_or_else(Refusal::internal)?;
    let bill = bill(input, level, member.village).with_facts(facts, 0);
    let bill = bill.map_err(unreadable)?;
    // Of claims of one day it is the last.
    let place = year.partition_point(|claim| claim.discharged_on <= day);
    let count = |some: usize| i32::try_from(some).unwrap_or(i32::MAX);
    let (before, after) = (count(place), count(year.len() - place));
    year.truncate(place);
    year.push(bill);
    let rules: &Rules = ctx.data_unchecked::<Arc<Rules>>();
    settled(ctx, rules, year, (before, after)).map(Some)
}

/// The sheet of the last bill of the year, or what stands in its way.
fn settled(
    ctx: &Context<'_>,
    rules: &Rules,
    mut year: Vec<YearClaim>,
    (before, after): (i32, i32),
) -> Result<SettlementPreview, Refusal> {
    let language = *ctx.data_unchecked::<Language>();
    let bill = year.last().ok_or_else(Refusal::internal)?;
    let rule = service::rule_of(rules, bill);
    let pack = rule.map(|(pack, _)| pack.id.as_str());
    let mut preview = SettlementPreview::of(bill, pack, rules, before, after);
    match service::settlements(rules, &mut year) {
        Ok(settlements) => {
            let sheet = settlements.last().map(PreviewedSheet::of).transpose();
            preview.sheet = sheet.map_err(|error| failed(&error))?;
        }
        Err(Hindered { place, why }) => {
            let own = place + 1 == year.len();
            preview.hindrances = match why {
                Unsettled::NoAnswer(fault) => {
                    tracing::error!(%fault, "a bill can't be computed");
                    return Err(Refusal::internal());
                }
                _ if !own => vec![SettlementHindrance::of(&service::OTHER_CLAIM, language)],
                Unsettled::NoRule => {
                    vec![SettlementHindrance::of(
                        &service::NO_RULE_IN_FORCE,
                        language,
                    )]
                }
                Unsettled::Refused(refused) => {
                    let refused = refused.iter();
                    let told = |(code, formula): &(String, String)| {
                        SettlementHindrance::required(code, formula, language)
                    };
                    refused.map(told).collect()
                }
            };
        }
    }
    Ok(preview)
}

/// What can't be the amounts of a bill.
fn checked(input: &SettlementPreviewInput) -> Result<(), Refusal> {
    let (total, eligible) = (input.total_cost.0, input.eligible_cost.0);
    let said = [input.commercial_reported, input.backstop_decision];
    let amounts_hold = (1..=MOST_FEN).contains(&total)
        && (0..=total).contains(&eligible)
        && said
            .iter()
            .flatten()
            .all(|fen| (0..=MOST_FEN).contains(&fen.0));
    if amounts_hold {
        return Ok(());
    }
    Err(Refusal::argument(
        "INVALID_VALUE",
        &["input"],
        "总费用须大于零且不超过一百亿元，合规费用须在零和总费用之间，其他金额不能为负：请更正。",
        "The whole cost is above zero and at most ten billion yuan, the eligible cost between zero and it, no other amount below zero: correct them.",
    ))
}

/// The patient, as far as the viewer sees the member.
struct Member {
    patient: Patient,
    village: i64,
    valid: (Date, Option<Date>),
}

impl Member {
    /// Whether a member on the day. Who died or left on the day still was.
    fn holds(&self, day: Date) -> bool {
        self.valid.0 <= day && self.valid.1.is_none_or(|left| day <= left)
    }

    fn read(row: &Row) -> Result<Self, BadCell> {
        let [identity, left] = [row.cell(1), row.cell(4)];
        Ok(Member {
            patient: Patient {
                person: row.cell(0).int()?,
                identity: match identity.is_null() {
                    true => 0,
                    false => identity.int()?,
                },
            },
            village: row.cell(2).int()?,
            valid: (
                row.cell(3).day()?,
                match left.is_null() {
                    true => None,
                    false => Some(left.day()?),
                },
            ),
        })
    }
}

async fn member(
    ctx: &Context<'_>,
    session: &mut Session,
    id: &ID,
) -> Result<Option<Member>, Refusal> {
    let key = key_of::<PersonCore>(id, &["input", "personId"])?;
    let mut query = RootQuery::scoped::<Person>(ctx.data_unchecked::<Access>());
    query.equals(Person::KEY, Param::I64(key));
    let select = format!(
        "SELECT t.id, t.identity_id, t.region_code, t.valid_from, t.valid_to FROM {}",
        Person::FROM
    );
    let rows = session.one(query.statement(&select)).await;
    let rows = rows.map_err(|error| failed(&error))?;
    rows.first()
        .map(Member::read)
        .transpose()
        .map_err(unreadable)
}

/// The level that is given, or that of the hospital that is given.
async fn level(
    session: &mut Session,
    input: &SettlementPreviewInput,
) -> Result<HospitalLevel, Refusal> {
    let code = match (&input.institution_code, input.hospital_level) {
        (None, Some(level)) => return Ok(level),
        (Some(code), None) => code,
        _ => {
            return Err(Refusal::argument(
                "ONE_OF",
                &["input", "institutionCode"],
                "institutionCode 和 hospitalLevel 须填且只填一项。",
                "Give institutionCode or hospitalLevel, one of both.",
            ));
        }
    };
    let rows = session.one(level_statement(code)).await;
    let rows = rows.map_err(|error| failed(&error))?;
    let level = rows.first().and_then(|row| row.cell(0).text().ok());
    level.and_then(HospitalLevel::of_word).ok_or_else(|| {
        Refusal::argument(
            "NO_HOSPITAL",
            &["input", "institutionCode"],
            "没有此医疗机构，或其级别未登记：请核对机构代码，或直接填写级别。",
            "There is no such hospital, or its level is not recorded: check the code, or give the level.",
        )
    })
}

/// The bill as a claim of the village, without its facts.
fn bill(input: &SettlementPreviewInput, level: HospitalLevel, village: i64) -> YearClaim {
    YearClaim {
        id: 0,
        region_code: village,
        kind: input.kind.word().to_owned(),
        hospital_level: level.word().to_owned(),
        admitted_on: input.discharged_on.0,
        discharged_on: input.discharged_on.0,
        total_cost_fen: input.total_cost.0,
        eligible_cost_fen: input.eligible_cost.0,
        commercial_reported_fen: input.commercial_reported.map(|fen| fen.0),
        backstop_decision_fen: input.backstop_decision.map(|fen| fen.0),
        settled_elsewhere: false,
        registered: false,
        enrolled: false,
        insurer_code: None,
        major_disease: false,
        chronic_registered: false,
        doctor_signed: false,
    }
}

fn unreadable(error: BadCell) -> Refusal {
    tracing::error!(%error, "a claim can't be read");
    Refusal::internal()
}
