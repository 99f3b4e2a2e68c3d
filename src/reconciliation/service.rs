//! The rules of what is done about findings.

use super::{
    check::{Checks, Finds},
    deadline::Deadlines,
    mutation::{
        FindingAssignInput, FindingCommentInput, FindingExplainInput, FindingRaiseInput,
        FindingResolveInput,
    },
    store,
};
use crate::{
    authz::Viewer,
    household::region_exists,
    identifiers::looks_sensitive,
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, NOT_FOUND, Stop},
};
use async_graphql::ID;
use entity::{
    codes::{CodeList as _, Department, Role},
    household::{household, person},
    reconciliation::{
        codes::{FindingEventKind, FindingSeverity, FindingState},
        finding, finding_event,
    },
    shared::correction_request,
};
use time::Duration;

/// A finding stands on one thing.
pub const HOUSEHOLD_OR_REGION: Code = Code::new(
    "HOUSEHOLD_OR_REGION",
    "请填写农户（可另填成员）或行政区划，二者只填其一。",
    "Name either a household, and a member of it where it is about one, or a region.",
);
/// Nobody knows the check.
pub const UNKNOWN_CHECK: Code = Code::new(
    "UNKNOWN_CHECK",
    "没有这个核查项，或它不针对此对象：请在 checks 中查找。",
    "There is no such check, or it is not about this: look it up in checks.",
);
/// The finding is another's to deal with.
pub const NOT_ASKED: Code = Code::new(
    "NOT_ASKED",
    "只有责任部门可以办理，交办也可由扶贫办进行。",
    "Only the department that is asked deals with a finding; the poverty office may give it to another one.",
);
/// The finding is closed.
pub const NOT_OPEN: Code = Code::new(
    "NOT_OPEN",
    "该问题已办结：请查看办理记录。",
    "The finding is closed: see its history.",
);
/// What stops payments is not explained away by a clerk.
pub const NEEDS_APPROVER: Code = Code::new(
    "NEEDS_APPROVER",
    "阻断级问题的说明须由本部门审批员提交。",
    "What blocks is explained by an approver of the department.",
);
/// A full value never stands in a finding.
pub const SENSITIVE: Code = Code::new(
    "SENSITIVE",
    "不得填写证件号码、电话、卡号等敏感信息：请只说明情况。",
    "No number of a person, phone or card stands in a finding: only say what is the matter.",
);

/// How far ahead an explanation may hold.
const LONGEST_EXPLANATION: Duration = Duration::days(366);

/// Raises a finding by hand.
pub async fn raise(
    door: Door,
    checks: &Checks,
    deadlines: Deadlines,
    input: &FindingRaiseInput,
) -> Result<Done, Stop> {
    let mut mistakes = Mistakes::default();
    let ((owner, region), person) = about(&door, input, &mut mistakes).await?;
    let check = checks
        .of_id(&input.check)
        .filter(|check| match (check.finds, owner) {
            (Finds::Person, store::Owner::Household(_)) => true,
            (Finds::Household, store::Owner::Household(_)) => person.is_none(),
            (Finds::Region, store::Owner::Region(_)) => true,
            _ => false,
        });
    mistakes.unless(check.is_some(), &UNKNOWN_CHECK, &["input", "check"]);
    told(&input.what, &["input", "what"], &mut mistakes);
    mistakes.none()?;
    let check = check.ok_or_else(|| Mistake::new(&UNKNOWN_CHECK, &["input", "check"]))?;
    let viewer = &door.access().viewer;
    let parties = store::words(&check.between);
    let raised = finding::Model {
        id: door.new_key::<finding::Entity>().await?,
        person_id: person,
        // Who raised it goes on seeing it.
        parties: match check.between.contains(&viewer.department) {
            true => parties,
            false => format!("{parties}{} ", viewer.department.word()),
        },
        stops: store::words(&check.stops),
        raised_by: Some(viewer.department),
        due_on: deadlines.of(check.severity, door.today()),
        ..store::blank(
            (owner, region),
            &check.id,
            (check.severity, check.asked),
            door.today(),
        )
    };
    let raised = door.insert::<finding::Entity>(raised).await?;
    happened(&door, &raised, FindingEventKind::Commented, &input.what).await?;
    Ok(Done::of(raised.id))
}

/// On what a finding is raised, in which region, and about which member. Of what lies outside of the viewer's region nobody
/// says whether it exists.
async fn about(
    door: &Door,
    input: &FindingRaiseInput,
    mistakes: &mut Mistakes,
) -> Result<((store::Owner, i64), Option<i64>), Stop> {
    let id = match (&input.household_id, &input.region) {
        (Some(id), None) => id,
        (None, Some(region)) => {
            mistakes.unless(
                input.person_id.is_none(),
                &HOUSEHOLD_OR_REGION,
                &["input", "personId"],
            );
            let (code, path) = (region.0, ["input", "region"]);
            let known =
                door.access().covers(code.range()) && region_exists(door, code.get()).await?;
            mistakes.unless(known, &NOT_FOUND, &path);
            return Ok(((store::Owner::Region(code.get()), code.get()), None));
        }
        _ => return Err(Mistake::new(&HOUSEHOLD_OR_REGION, &["input"]).into()),
    };
    let of = door
        .find::<household::Entity>(id, &["input", "householdId"])
        .await?;
    let person = match &input.person_id {
        Some(id) => {
            let path = ["input", "personId"];
            let person = door.find::<person::Entity>(id, &path).await?;
            mistakes.unless(person.household_id == of.id, &NOT_FOUND, &path);
            Some(person.id)
        }
        None => None,
    };
    Ok(((store::Owner::Household(of.id), of.region_code), person))
}

/// Gives a finding to somebody.
pub async fn assign(
    door: Door,
    id: &ID,
    version: i32,
    input: &FindingAssignInput,
) -> Result<Done, Stop> {
    let before = find(&door, id, version).await?;
    let mut mistakes = may_act(&before, &door.access().viewer, &[Department::Poverty]);
    let department = input.department.unwrap_or(before.department);
    let leads = [Department::Poverty, Department::Township].contains(&department);
    let is_party = before
        .parties
        .split_whitespace()
        .any(|word| word == department.word());
    mistakes.unless_saying(
        leads || is_party,
        &INVALID_VALUE,
        &["input", "department"],
        "该部门与此问题无关：请交涉及部门、扶贫办或乡镇办理。",
        "The finding is not between this department and another: give it to one of those, to the poverty office or the township.",
    );
    if let Some(officer) = &input.officer {
        let path = ["input", "officer"];
        mistakes.text(officer, 60, &path);
        mistakes.unless(!looks_sensitive(officer), &SENSITIVE, &path);
    }
    if let Some(due_on) = input.due_on {
        mistakes.in_order(Some(door.today()), Some(due_on.0), &["input", "dueOn"]);
    }
    mistakes.none()?;
    let officer = input.officer.as_deref().map(|name| name.trim().to_owned());
    let note = [Some(department.word()), officer.as_deref()];
    let note: Vec<_> = note.into_iter().flatten().collect();
    happened(&door, &before, FindingEventKind::Assigned, &note.join(" ")).await?;
    let after = finding::Model {
        department,
        state: match officer {
            Some(_) => FindingState::InWork,
            None => FindingState::Open,
        },
        officer,
        due_on: input.due_on.map(|day| day.0).or(before.due_on),
        ..before.clone()
    };
    write(&door, before, after).await
}

/// Says something.
pub async fn comment(door: Door, id: &ID, input: &FindingCommentInput) -> Result<Done, Stop> {
    let of = door.find::<finding::Entity>(id, &["id"]).await?;
    let mut mistakes = Mistakes::default();
    told(&input.text, &["input", "text"], &mut mistakes);
    mistakes.none()?;
    happened(&door, &of, FindingEventKind::Commented, &input.text).await?;
    Ok(Done::of(of.id))
}

/// Says why the values differ.
pub async fn explain(
    door: Door,
    id: &ID,
    version: i32,
    input: &FindingExplainInput,
) -> Result<Done, Stop> {
    let before = find(&door, id, version).await?;
    let viewer = &door.access().viewer;
    let mut mistakes = may_act(&before, viewer, &[]);
    let blocks = before.severity == FindingSeverity::Block;
    let decides = !blocks || viewer.roles.has(Role::Approver);
    mistakes.unless(decides, &NEEDS_APPROVER, &["id"]);
    told(&input.explanation, &["input", "explanation"], &mut mistakes);
    let (today, until) = (door.today(), input.until.0);
    mistakes.unless_saying(
        today <= until && until - today <= LONGEST_EXPLANATION,
        &INVALID_VALUE,
        &["input", "until"],
        "说明有效期须在今天起366天内：请更正。",
        "An explanation holds until a day from today to 366 days ahead: correct it.",
    );
    mistakes.none()?;
    happened(
        &door,
        &before,
        FindingEventKind::Explained,
        &input.explanation,
    )
    .await?;
    let after = finding::Model {
        state: FindingState::Explained,
        explanation: Some(input.explanation.trim().to_owned()),
        explained_until: Some(until),
        ..before.clone()
    };
    write(&door, before, after).await
}

/// Says that the data were corrected.
pub async fn resolve(
    door: Door,
    id: &ID,
    version: i32,
    input: &FindingResolveInput,
) -> Result<Done, Stop> {
    let before = find(&door, id, version).await?;
    let mut mistakes = may_act(&before, &door.access().viewer, &[]);
    told(&input.resolution, &["input", "resolution"], &mut mistakes);
    let request = match &input.correction_request_id {
        Some(id) => {
            let path = ["input", "correctionRequestId"];
            let request = door.find::<correction_request::Entity>(id, &path).await?;
            let same = Some(request.household_id) == before.household_id;
            mistakes.unless(same, &NOT_FOUND, &path);
            Some(request.id)
        }
        None => None,
    };
    mistakes.none()?;
    happened(
        &door,
        &before,
        FindingEventKind::Corrected,
        &input.resolution,
    )
    .await?;
    let after = finding::Model {
        state: FindingState::Corrected,
        resolution: Some(input.resolution.trim().to_owned()),
        correction_request_id: request,
        closed_on: Some(door.today().max(before.opened_on)),
        ..before.clone()
    };
    write(&door, before, after).await
}

async fn find(door: &Door, id: &ID, version: i32) -> Result<finding::Model, Stop> {
    door.find_version::<finding::Entity>(id, version, &["id"])
        .await
}

/// What keeps the viewer from acting on a finding: it is open, and theirs or their office leads.
fn may_act(of: &finding::Model, viewer: &Viewer, leading: &[Department]) -> Mistakes {
    let mut mistakes = Mistakes::default();
    let asked = of.department == viewer.department || leading.contains(&viewer.department);
    mistakes.unless(asked, &NOT_ASKED, &["id"]);
    mistakes.unless(of.closed_on.is_none(), &NOT_OPEN, &["id"]);
    mistakes
}

/// What somebody says in words of their own.
fn told(text: &str, path: &[&str], mistakes: &mut Mistakes) {
    mistakes.text(text, 500, path);
    mistakes.unless(!looks_sensitive(text), &SENSITIVE, path);
}

/// Something that the viewer did with a finding.
async fn happened(
    door: &Door,
    of: &finding::Model,
    kind: FindingEventKind,
    note: &str,
) -> Result<(), Stop> {
    let id = door.new_key::<finding_event::Entity>().await?;
    let event = finding_event::Model {
        department: Some(door.access().viewer.department),
        note: Some(note.trim().to_owned()),
        ..store::event(id, of, (kind, door.today()), door.now_ms())
    };
    door.insert::<finding_event::Entity>(event).await?;
    Ok(())
}

async fn write(door: &Door, before: finding::Model, after: finding::Model) -> Result<Done, Stop> {
    let after = door.update::<finding::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}
