//! What a row of a list comes to, and what somebody has decided of it.

use super::find::Matched;
use crate::{
    departments::Person,
    graphql::{
        language::Language,
        plan::{Guarded, Record, Ref, codes},
        scalars::{Moment, NodeId},
    },
    household::Region,
};
use async_graphql::SimpleObject;
use entity::{codes::Department, reconciliation::codes::RosterGrade};
use matching::{Grade, Reason, Scored};

codes!(RosterGrade);

/// Whose row it is (名单比对结果).
#[derive(SimpleObject)]
pub struct RosterMatch {
    /// What you call the row (行标签).
    label: Option<String>,
    /// How sure it is (比对结果).
    grade: RosterGrade,
    /// The probability of the best candidate (匹配概率), between 0 and 1. 1 where a person has said so, 0 where nobody fits.
    score: f64,
    /// Why (依据): of the best candidate, and what limits the grade.
    reasons: Vec<RosterReason>,
    /// Who it may be (候选人), the likeliest first, at most five. Nobody of another region.
    candidates: Vec<RosterCandidate>,
    /// By what a decision on the row is known (行标识): a keyed hash of what stands in it, for `rosterDecide`.
    row_key: String,
    /// The decision that was used (人工认定). Null: none.
    #[graphql(name = "decision")]
    decision: Ref<RosterDecision>,
}

/// Somebody who may be the person of a row (候选人).
#[derive(SimpleObject)]
pub struct RosterCandidate {
    /// The person (人员).
    person: Ref<Person>,
    /// The probability that it is this one (匹配概率), between 0 and 1; of all candidates and nobody together 1.
    score: f64,
    /// What speaks for and against it (依据).
    reasons: Vec<RosterReason>,
}

/// What speaks for or against a match (比对依据).
#[derive(SimpleObject)]
pub struct RosterReason {
    /// A stable code (依据代码), such as "NUMBER_ONE_DIGIT_OFF".
    code: &'static str,
    /// A sentence for people (依据说明).
    text: String,
    /// The logarithm to base 2 of the odds that it gives (权重): above zero it speaks for the match. Zero where it only limits the
    /// result.
    weight: f64,
}

/// The grade as the graph has it.
pub(super) fn grade(grade: Grade) -> RosterGrade {
    match grade {
        Grade::Exact => RosterGrade::Exact,
        Grade::Probable => RosterGrade::Probable,
        Grade::Possible => RosterGrade::Possible,
        Grade::None => RosterGrade::None,
    }
}

/// The language as the crate has it.
pub(super) fn language(language: Language) -> matching::Language {
    match language {
        Language::Chinese => matching::Language::Chinese,
        Language::English => matching::Language::English,
    }
}

impl RosterMatch {
    pub(super) fn of(label: Option<String>, matched: &Matched, told_in: Language) -> Self {
        let found = &matched.found;
        RosterMatch {
            label,
            grade: grade(found.grade),
            score: shown(found.score),
            reasons: reasons(&found.reasons, told_in),
            candidates: found
                .candidates
                .iter()
                .map(|candidate| RosterCandidate::of(candidate, told_in))
                .collect(),
            row_key: hex::encode(matched.key.as_ref()),
            decision: Ref::to(matched.decision),
        }
    }
}

impl RosterCandidate {
    fn of(candidate: &Scored, told_in: Language) -> Self {
        RosterCandidate {
            person: Ref::to(Some(candidate.key)),
            score: shown(candidate.probability),
            reasons: reasons(&candidate.reasons, told_in),
        }
    }
}

fn reasons(reasons: &[Reason], told_in: Language) -> Vec<RosterReason> {
    let told = reasons.iter().filter_map(|reason| {
        Some(RosterReason {
            code: reason.ground.as_str()?,
            text: reason.ground.text(language(told_in))?,
            weight: shown(reason.weight),
        })
    });
    told.collect()
}

/// Four decimals: what comes after them is noise.
fn shown(number: f64) -> f64 {
    (number * 10_000.0).round() / 10_000.0
}

/// What somebody has decided of a row of a list (名单人工认定): it is this person, or nobody of the region. It holds in the region of
/// who decided, for every later list with the same row, until it is withdrawn.
#[derive(SimpleObject, Record)]
#[record(
    entity = "reconciliation::roster_decision",
    of_region,
    order = "t.decided_at_ms DESC, t.id DESC"
)]
pub struct RosterDecision {
    /// The global id (全局编号).
    id: NodeId<RosterDecision>,
    /// The region in which it holds (行政区划).
    #[record(column = "t.region_code")]
    region: Ref<Region>,
    /// The person whose row it is (人员). Null: it is nobody's in the region.
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// Why (认定理由).
    reason: String,
    /// The department that decided (认定部门).
    department: Department,
    /// The user who decided (认定人): issuer and subject of the token, joined by `|`.
    #[graphql(name = "decidedBy")]
    #[record(column = "t.user_id")]
    user_id: Guarded<Option<String>>,
    /// When it was decided (认定时间).
    #[graphql(name = "decidedAt")]
    decided_at_ms: Moment,
    /// The user who withdrew it (撤销人). Null: nobody.
    withdrawn_by: Guarded<Option<String>>,
    /// When it was withdrawn (撤销时间). Null: it holds.
    #[graphql(name = "withdrawnAt")]
    withdrawn_at_ms: Option<Moment>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
