//! Every mutation of the schema, each once in an order in which one makes what the next one needs: refused to the wrong
//! department, role and region, only told by a dry run, done once however often it is sent, and on the record.

use crate::{
    civil_affairs_writing::{citizen_number, first_member, free_family, support},
    education_writing::{application, enrolment, id_of, student},
    family_writing::{decision, household, key, member, number, village},
    finance_writing::{BANK, CARD, OTHER_BANK, card, loan, payment, stranger},
    harness::{
        Actor, App, TestDatabase, both_dbs,
        text::objects,
        writes::{Sent, mutation, records},
    },
    health_writing::{handbook, hospital, member_without, submit},
    housing_writing::{NOT_RENOVATED, approval, graded, house, plan, project},
    members_writing::{self, Member},
};
use entity::codes::{Department as D, Role};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";
const NEIGHBOUR: &str = "150922";
/// How often each is sent again at once.
const REPLAYS: usize = 50;

/// The mutations of each test below. Together with `sensitiveReveal`, of which each answer is a look of its own, they are all.
const FILE: &[&str] = &[
    "headChange",
    "helperAssign",
    "householdAmend",
    "householdConfirm",
    "householdLoad",
    "householdOpen",
    "householdRegister",
    "householdStatusRecord",
    "incomeFormFile",
    "incomeFormFileList",
    "measurePlan",
    "measurePlanList",
    "measureRecord",
    "memberAdd",
    "memberAmend",
    "needRecord",
    "needRecordList",
    "visitRecord",
    "visitRecordList",
];
const MEMBERS: &[&str] = &[
    "correctionRequestAccept",
    "correctionRequestAnswer",
    "correctionRequestRaise",
    "correctionRequestWithdraw",
    "deathRecord",
    "deathRecordList",
    "entitlementRun",
    "entitlementSave",
    "exportBegin",
    "findingAssign",
    "findingComment",
    "findingExplain",
    "findingRaise",
    "findingResolve",
    "householdMerge",
    "householdSplit",
    "importApply",
    "importBegin",
    "jobCancel",
    "memberRemove",
    "memberTransfer",
    "memberTransferAccept",
    "reconciliationRun",
    "rosterDecide",
    "rosterDecisionWithdraw",
    "rosterMatchBegin",
];
const CIVIL: &[&str] = &[
    "cashSubsidyGrant",
    "dibaoAdjust",
    "dibaoAdjustList",
    "dibaoBeginGradualExit",
    "dibaoGrant",
    "dibaoStop",
    "disabilityAllowanceGrant",
    "disabilityCertificateRecord",
    "guardianAssign",
    "leftBehindChildRecord",
    "medicalAssistanceDecide",
    "orphanRecord",
    "specialSupportGrant",
    "specialSupportStop",
    "temporaryAssistanceGrant",
];
const HEALTH: &[&str] = &[
    "checkupRecord",
    "checkupRecordList",
    "chronicHandbookIssue",
    "claimSettle",
    "claimSubmit",
    "claimTakeOver",
    "claimVoid",
    "diseaseFlagEnd",
    "diseaseFlagSet",
    "doctorContractSign",
    "doctorVisitRecord",
    "medicalEnrolmentRecord",
    "medicalEnrolmentRecordList",
];
const SCHOOL_AND_HOUSE: &[&str] = &[
    "dropoutReport",
    "dropoutReturn",
    "houseSurvey",
    "oldHouseDemolish",
    "rainDewApply",
    "rainDewConfirmEnrolment",
    "rainDewDecide",
    "rainDewStamp",
    "rainDewTakeOver",
    "relocationAdvance",
    "relocationMoveIn",
    "relocationPlan",
    "renovationAccept",
    "renovationApprove",
    "schoolEnrolmentConfirm",
    "schoolEnrolmentConfirmList",
    "schoolEnrolmentRecord",
    "studyAllowanceRecord",
];
const FINANCE: &[&str] = &[
    "bankCardClose",
    "bankCardRegister",
    "fundReceive",
    "loanExtend",
    "loanGrant",
    "loanRenew",
    "loanRepay",
    "loanRepayList",
    "paymentFail",
    "paymentRecord",
    "paymentResultRecord",
    "receivingCardChoose",
];

#[test]
fn none_is_left_out() {
    let mut all: Vec<_> = [FILE, MEMBERS, CIVIL, HEALTH, SCHOOL_AND_HOUSE, FINANCE].concat();
    all.push("sensitiveReveal");
    all.sort_unstable();
    let objects = objects();
    let mut declared: Vec<_> = objects["Mutation"]
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    declared.sort_unstable();
    assert_eq!(all, declared);
}

/// What is done from above too: it changes nothing of a family.
const FROM_ABOVE: [&str; 5] = [
    "entitlementRun",
    "exportBegin",
    "jobCancel",
    "reconciliationRun",
    "rosterMatchBegin",
];

/// Where the mutations take place, and which have.
struct Stage<'d> {
    db: &'d TestDatabase,
    app: App,
    /// Another server on the same database.
    other: App,
    done: BTreeSet<String>,
}

impl<'d> Stage<'d> {
    async fn new(db: &'d TestDatabase) -> Self {
        Stage {
            db,
            app: App::start(db).await,
            other: App::start(db).await,
            done: BTreeSet::new(),
        }
    }

    /// Does what the owner sends, and gives what it changed. For `elsewhere` there is nothing to change.
    async fn every(&mut self, sent: Sent, owner: &Actor, elsewhere: Option<&Actor>) -> Value {
        let (text, variables) = sent.clone().read("id version").request();
        // What has no versions says so by its type.
        let versioned = !without_version(sent.name());
        let text = if versioned {
            text
        } else {
            text.replace("{ id version }", "{ id }")
        };
        self.sent(sent.name(), &text, variables, owner, elsewhere)
            .await
    }

    /// The same as the only one of a list.
    async fn every_list(&mut self, sent: Sent, owner: &Actor, elsewhere: Option<&Actor>) -> Value {
        let (text, variables) = sent.in_list();
        let name = format!("{}List", sent.name());
        self.sent(&name, &text, variables, owner, elsewhere).await
    }

    async fn sent(
        &mut self,
        name: &str,
        text: &str,
        variables: Value,
        owner: &Actor,
        elsewhere: Option<&Actor>,
    ) -> Value {
        self.refused(name, text, &variables, owner, elsewhere).await;
        self.only_told(name, text, &variables, owner).await;
        let before = records(self.db).await;
        let first = owner.query(text, variables.clone()).await;
        let payload = payload(name, &first.data());
        assert_eq!(payload["userErrors"], json!([]), "{name}");
        let after = records(self.db).await;
        assert_eq!(after[0], before[0] + 1, "{name}");
        assert!(
            after[1] > before[1] && after[2] - before[2] == after[1] - before[1],
            "{name}"
        );
        self.on_record(name, owner, &variables, after[1] - before[1])
            .await;
        let (again, elsewhere) = (owner.clone().at(&self.other), owner.clone());
        let replays = (0..REPLAYS).map(|at| {
            let actor = if at % 2 == 0 { &again } else { &elsewhere };
            actor.query(text, variables.clone())
        });
        for answer in futures_util::future::join_all(replays).await {
            assert_eq!(answer.text, first.text, "{name}");
        }
        let restarted = owner.clone().at(&App::start(self.db).await);
        assert_eq!(
            restarted.query(text, variables.clone()).await.text,
            first.text,
            "{name}"
        );
        let reused = owner.query(text, altered(&variables)).await;
        assert!(
            reused.text.contains("REQUEST_ID_REUSED"),
            "{name}: {}",
            reused.text
        );
        assert_eq!(records(self.db).await, after, "{name}");
        self.done.insert(name.to_owned());
        payload["changed"].clone()
    }

    /// Nobody else does it, and nothing is left of the attempt.
    async fn refused(
        &self,
        name: &str,
        text: &str,
        variables: &Value,
        owner: &Actor,
        elsewhere: Option<&Actor>,
    ) {
        let before = records(self.db).await;
        let mut others = vec![
            self.app.clerk(D::Org, OWN),
            owner.clone().only(Role::Reader),
        ];
        if owner.is_regional() && !FROM_ABOVE.contains(&name) {
            others.extend([owner.clone().within("1509"), owner.clone().within("15")]);
        }
        for actor in others {
            let answer = actor.query(text, variables.clone()).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{name}: {}", answer.text);
        }
        if let Some(elsewhere) = elsewhere {
            let answer = elsewhere.query(text, variables.clone()).await;
            let payload = payload(name, &answer.data());
            assert_eq!(payload["changed"], Value::Null, "{name}");
            let codes = payload["userErrors"].to_string();
            assert!(
                codes.contains("NOT_FOUND") || codes.contains("NO_VILLAGE"),
                "{name}: {codes}"
            );
        }
        assert_eq!(records(self.db).await, before, "{name}");
    }

    /// A dry run tells what would be written.
    async fn only_told(&self, name: &str, text: &str, variables: &Value, owner: &Actor) {
        let before = records(self.db).await;
        let text = text
            .replacen("$requestId: UUID!", "$requestId: UUID!, $dry: Boolean", 1)
            .replacen(
                "requestId: $requestId",
                "requestId: $requestId, dryRun: $dry",
                1,
            )
            .replacen("userErrors {", "preview { action object } userErrors {", 1);
        let mut variables = variables.clone();
        variables["dry"] = json!(true);
        let told = payload(name, &owner.query(&text, variables).await.data());
        assert_eq!(
            (&told["changed"], &told["userErrors"]),
            (&Value::Null, &json!([])),
            "{name}"
        );
        assert!(
            told["preview"]
                .as_array()
                .is_some_and(|rows| !rows.is_empty()),
            "{name}: {told}"
        );
        assert_eq!(records(self.db).await, before, "{name}");
    }

    /// Every row that was written says who did it and how.
    async fn on_record(&self, name: &str, owner: &Actor, variables: &Value, rows: i64) {
        let request = variables["requestId"].as_str().expect("a number");
        let of = format!(
            "SELECT COUNT(*) FROM audit_record WHERE request_id LIKE '{request}%' AND operation = '{}' AND department = '{}'",
            name.trim_end_matches("List"),
            owner.department()
        );
        assert_eq!(self.db.number(&of).await, rows, "{name}");
    }

    fn all_of(&self, names: &[&str]) {
        let done: Vec<_> = self.done.iter().map(String::as_str).collect();
        assert_eq!(done, names);
    }
}

/// What came of it, or of the only one of a list.
fn payload(name: &str, data: &Value) -> Value {
    let payload = &data[name];
    match payload.get("results") {
        Some(results) => results[0].clone(),
        None => payload.clone(),
    }
}

/// Other content under the same number: another version, day or amount, whatever comes first.
fn altered(variables: &Value) -> Value {
    let mut altered = variables.clone();
    if let Some(version) = variables["version"].as_i64() {
        altered["version"] = json!(version + 1);
        return altered;
    }
    let request = altered["requestId"].take();
    assert!(alter(&mut altered), "{variables}");
    altered["requestId"] = request;
    altered
}

fn alter(value: &mut Value) -> bool {
    match value {
        Value::Object(fields) => fields.values_mut().any(alter),
        Value::Array(items) => items.iter_mut().any(alter),
        Value::String(text) if text.len() == 10 && text.as_bytes()[4] == b'-' => {
            *value = json!("2018-01-03");
            true
        }
        Value::String(text) if text.ends_with(".00") => {
            *value = json!("77.77");
            true
        }
        Value::String(text) if yihu::graphql::scalars::parse_global_id(text).is_some() => {
            *value = json!(global_id("Household", 1));
            true
        }
        Value::Bool(is) => {
            *is = !*is;
            true
        }
        _ => false,
    }
}

/// What is added once and never edited.
fn without_version(name: &str) -> bool {
    [
        "doctorVisitRecord",
        "medicalAssistanceDecide",
        "needRecord",
        "paymentFail",
        "paymentRecord",
        "paymentResultRecord",
        "temporaryAssistanceGrant",
        "visitRecord",
    ]
    .contains(&name)
}

fn id(changed: &Value) -> &str {
    changed["id"].as_str().expect("an id")
}

fn related(members: &[&Member], relation: &str) -> Value {
    let members = members.iter();
    members
        .map(|member| json!({ "member": member.id, "relation": relation }))
        .collect()
}

fn income(household: &str) -> Value {
    json!({ "householdId": household, "year": 2018, "businessCosts": "2100.00", "surveyor": "云生", "surveyedOn": "2018-12-20", "items": [
        { "kind": "WAGE", "source": "务工", "amount": "12000.00" }, { "kind": "BUSINESS", "source": "养羊", "amount": "6000.00" }] })
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn of_a_file(db: TestDatabase) {
        let mut stage = Stage::new(&db).await;
        let app = stage.app.clone();
        let village = village(&db).await;
        let (civil, poverty, approver) = (app.clerk(D::Civil, OWN), app.clerk(D::Poverty, OWN), app.approver(D::Poverty, OWN));
        let (township, cadre) = (app.clerk(D::Township, &village[..9]), app.clerk(D::Village, &village));
        let (other_office, other_township) = (app.clerk(D::Poverty, NEIGHBOUR), app.clerk(D::Township, "150922100"));
        let (other_approver, other_village) = (app.approver(D::Poverty, NEIGHBOUR), app.clerk(D::Village, "150922100201"));
        let opened = stage.every(mutation("householdOpen", household(&village)), &civil, Some(&app.clerk(D::Civil, NEIGHBOUR))).await;
        let listed = json!({ "village": village, "cardNumber": format!("{village}9000"), "status": "REGISTERED", "class": "GENERAL", "mainCause": "ILLNESS",
            "registeredOn": "2016-05-01", "members": [{ "name": "云大", "citizenNumber": number(931), "relation": "HEAD" }] });
        stage.every(mutation("householdLoad", json!({ "households": [listed] })), &approver, Some(&other_approver)).await;
        let file = id(&opened).to_owned();
        let confirm = mutation("householdConfirm", Value::Null).without_input().of(&file, 1);
        stage.every(confirm, &township, Some(&other_township)).await;
        let status = mutation("householdStatusRecord", decision("UNDER_APPRAISAL", "2018-12-10")).of(&file, 2);
        stage.every(status, &approver, Some(&other_approver)).await;
        let registration = json!({ "class": "GENERAL", "mainCause": "ILLNESS", "registeredOn": "2018-12-28", "documentNumber": "卓扶发〔2018〕8号" });
        stage.every(mutation("householdRegister", registration).of(&file, 3), &poverty, Some(&other_office)).await;
        stage.every(mutation("householdAmend", json!({ "address": "新村12号" })).of(&file, 4), &township, Some(&other_township)).await;
        let third = mutation("memberAdd", member("云三", Some(&number(921)), "SON")).with("NewMemberInput").of_household(&file);
        let third = stage.every(third, &township, Some(&other_township)).await;
        let amended = mutation("memberAmend", json!({ "name": "云小三", "healthStatus": "CHRONIC" })).of(id(&third), 1);
        stage.every(amended, &township, Some(&other_township)).await;
        let members = format!("SELECT id FROM person WHERE household_id = {} AND valid_to IS NULL AND id <> {}", key(&file), key(id(&third)));
        let others: Vec<_> = db.ids("Person", &members).await.into_iter().map(|id| Member { key: key(&id), id }).collect();
        let change = json!({ "householdId": file, "head": third["id"], "relations": related(&others.iter().collect::<Vec<_>>(), "OTHER_RELATIVE") });
        stage.every(mutation("headChange", change), &township, Some(&other_township)).await;
        let helper = json!({ "householdId": file, "kind": "RESPONSIBLE", "name": "云生", "unit": "县财政局", "phone": "13800138000" });
        stage.every(mutation("helperAssign", helper), &poverty, Some(&other_office)).await;
        let measure = |what: &str| mutation("measurePlan", json!({ "householdId": file, "batch": "PRODUCTION", "department": "AGRI", "what": what,
            "amount": "12000.00", "startsOn": "2019-03-01" }));
        let planned = stage.every(measure("基础母羊20只"), &poverty, Some(&other_office)).await;
        stage.every_list(measure("暖棚"), &poverty, Some(&other_office)).await;
        let active = mutation("measureRecord", json!({ "state": "ACTIVE" })).of(id(&planned), 1);
        stage.every(active, &poverty, Some(&other_office)).await;
        let need = |what: &str| mutation("needRecord", json!({ "householdId": file, "year": 2019, "what": what, "sector": "HOUSING" }));
        stage.every(need("打井"), &poverty, Some(&other_office)).await;
        stage.every_list(need("修路"), &poverty, Some(&other_office)).await;
        let visit = |day: &str| mutation("visitRecord", json!({ "householdId": file, "visitedOn": day, "way": "ON_SPOT", "visitor": "张书记", "what": "核对收入" }));
        stage.every(visit("2018-12-30"), &cadre, Some(&other_village)).await;
        stage.every_list(visit("2018-12-31"), &cadre, Some(&other_village)).await;
        stage.every(mutation("incomeFormFile", income(&file)), &township, Some(&other_township)).await;
        let family = members_writing::family(&db, 150_921, 0).await;
        for table in ["income_item", "income_form"] {
            db.execute(&format!("DELETE FROM {table} WHERE household_id = {}", family.key)).await;
        }
        let township = app.clerk(D::Township, &family.township);
        stage.every_list(mutation("incomeFormFile", income(&family.id)), &township, Some(&other_township)).await;
        stage.all_of(FILE);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn of_members_and_of_corrections(db: TestDatabase) {
        let mut stage = Stage::new(&db).await;
        let app = stage.app.clone();
        let (first, second, there) = (members_writing::family(&db, 150_921, 0).await, members_writing::family(&db, 150_921, 1).await, members_writing::family(&db, 150_922, 0).await);
        let (here, elsewhere) = (app.clerk(D::Township, &first.township), app.clerk(D::Township, &there.township));
        let leaves = mutation("memberRemove", json!({ "reason": "MOVED_OUT", "on": "2018-12-20" })).of(&first.others[0].id, 1);
        stage.every(leaves, &here, Some(&elsewhere)).await;
        let away = json!({ "toRegion": there.township, "on": "2018-12-15" });
        stage.every(mutation("memberTransfer", away).of(&first.others[1].id, 1), &here, Some(&elsewhere)).await;
        let offer = global_id("MemberOffer", db.number("SELECT MAX(id) FROM member_offer").await);
        let taken = mutation("memberTransferAccept", json!({ "householdId": there.id, "relation": "OTHER_RELATIVE" })).of(&offer, 1);
        stage.every(taken, &elsewhere, Some(&here)).await;
        let split = json!({ "householdId": second.id, "on": "2018-12-15", "members": related(&[&second.others[0]], "HEAD") });
        let new = stage.every(mutation("householdSplit", split), &here, Some(&elsewhere)).await;
        let alone = db.ids("Person", &format!("SELECT id FROM person WHERE household_id = {} AND valid_to IS NULL", key(id(&new)))).await;
        let alone = Member { key: 0, id: alone.into_iter().next().expect("a member") };
        let merge = json!({ "householdId": second.id, "mergedId": new["id"], "on": "2018-12-20", "members": related(&[&alone], "OTHER_RELATIVE") });
        stage.every(mutation("householdMerge", merge), &here, Some(&elsewhere)).await;
        let (police, other_police) = (app.clerk(D::Police, OWN), app.clerk(D::Police, NEIGHBOUR));
        let death = |member: &Member| mutation("deathRecord", json!({ "personId": member.id, "diedOn": "2018-12-21" }));
        stage.every(death(&second.others[1]), &police, Some(&other_police)).await;
        stage.every_list(death(&second.head), &police, Some(&other_police)).await;

        let (poverty, other_office) = (app.clerk(D::Poverty, OWN), app.clerk(D::Poverty, NEIGHBOUR));
        let raise = |field: &str, proposed: &str| mutation("correctionRequestRaise", json!({ "subject": first.id, "field": field, "proposedValue": proposed, "reason": "入户核实" }));
        let request = stage.every(raise("address", "东头第四家"), &poverty, Some(&other_office)).await;
        let accept = mutation("correctionRequestAccept", Value::Null).without_input().of(id(&request), 1);
        stage.every(accept, &here, Some(&elsewhere)).await;
        let request = raise("wishes", "养羊").read("id").done_by(&poverty).await;
        let answer = mutation("correctionRequestAnswer", json!({ "answer": "DECLINED", "explanation": "本人无此意愿" })).of(id(&request), 1);
        stage.every(answer, &here, Some(&elsewhere)).await;
        let request = raise("wishes", "养羊").read("id").done_by(&poverty).await;
        let withdraw = mutation("correctionRequestWithdraw", Value::Null).without_input().of(id(&request), 1);
        stage.every(withdraw, &poverty, Some(&other_office)).await;
        let save = mutation("entitlementSave", json!({ "householdId": first.id, "asOf": "2018-11-30" }));
        stage.every(save, &poverty, Some(&other_office)).await;
        let run = mutation("entitlementRun", json!({ "region": OWN, "asOf": "2018-11-30" }));
        let job = stage.every(run, &poverty, None).await;
        stage.every(mutation("jobCancel", Value::Null).without_input().of_record(id(&job)), &poverty, Some(&other_office)).await;
        let export = mutation("exportBegin", json!({ "kind": "dibao", "region": OWN, "asOf": "2018-11-30" }));
        stage.every(export, &poverty, None).await;
        // The name of the file is what another content differs in.
        let begin = mutation("importBegin", json!({ "kind": "rain_dew", "region": OWN, "fileName": "2018-12-01" }));
        let job = stage.every(begin, &poverty, None).await;
        let looked_at = format!("UPDATE job SET state = 'DONE', file_path = '/', file_hash = '00', ended_at_ms = 1 WHERE id = {}", key(id(&job)));
        db.execute(&looked_at).await;
        stage.every(mutation("importApply", Value::Null).without_input().of_record(id(&job)), &poverty, Some(&other_office)).await;

        let compare = mutation("reconciliationRun", json!({ "region": OWN, "check": "RC-76", "sinceLast": false }));
        stage.every(compare, &poverty, Some(&other_office)).await;
        let raise = mutation("findingRaise", json!({ "householdId": first.id, "check": "RC-76", "what": "入户时发现" }));
        let raised = stage.every(raise, &here, Some(&elsewhere)).await;
        let about = |name: &str, version, input| mutation(name, input).of(id(&raised), version);
        let comment = mutation("findingComment", json!({ "text": "请尽快核实" })).of_record(id(&raised));
        stage.every(comment, &here, Some(&elsewhere)).await;
        stage.every(about("findingAssign", 1, json!({ "officer": "王某", "dueOn": "2019-01-20" })), &poverty, Some(&other_office)).await;
        stage.every(about("findingExplain", 2, json!({ "explanation": "属实，已安排入户", "until": "2019-06-30" })), &poverty, Some(&other_office)).await;
        let begin = mutation("rosterMatchBegin", json!({ "region": OWN, "fileName": "2018-12-01" }));
        stage.every(begin, &poverty, None).await;
        let decide = mutation("rosterDecide", json!({ "rowKey": "ab".repeat(32), "personId": first.head.id, "reason": "2018-12-01" }));
        let decided = stage.every(decide, &poverty, Some(&other_office)).await;
        let withdraw = mutation("rosterDecisionWithdraw", Value::Null).without_input().of(id(&decided), 1);
        stage.every(withdraw, &poverty, Some(&other_office)).await;
        stage.every(about("findingResolve", 3, json!({ "resolution": "已启动识别程序" })), &poverty, Some(&other_office)).await;
        stage.all_of(MEMBERS);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn of_civil_affairs(db: TestDatabase) {
        let mut stage = Stage::new(&db).await;
        let app = stage.app.clone();
        let (clerk, other) = (app.clerk(D::Civil, OWN), app.clerk(D::Civil, NEIGHBOUR));
        let (federation, other_federation) = (app.clerk(D::Dpf, OWN), app.clerk(D::Dpf, NEIGHBOUR));
        let family = free_family(&db, 0).await;
        let (home, person) = (global_id("Household", family), global_id("Person", first_member(&db, family).await));
        let grant = json!({ "dibaoNumber": "DB-2018-0001", "class": "GAP_FILLING", "members": [person], "standard": "4000.00", "monthlyAmount": "310.00",
            "approvedOn": "2018-12-20", "validFrom": "2019-01-01" });
        let granted = stage.every(mutation("dibaoGrant", grant).of_household(&home), &clerk, Some(&other)).await;
        let adjust = |dibao: &Value, from: &str| mutation("dibaoAdjust", json!({ "id": dibao["id"], "version": dibao["version"], "from": from, "monthlyAmount": "280.00" }));
        let adjusted = stage.every(adjust(&granted, "2019-02-01"), &clerk, Some(&other)).await;
        let mut listed = stage.every_list(adjust(&adjusted, "2019-03-01"), &clerk, Some(&other)).await;
        listed["version"] = json!(1);
        let gradual = mutation("dibaoBeginGradualExit", json!({})).of(id(&listed), 1);
        let gradual = stage.every(gradual, &clerk, Some(&other)).await;
        let stop = mutation("dibaoStop", json!({ "from": "2019-06-01" })).of(id(&gradual), 2);
        stage.every(stop, &clerk, Some(&other)).await;

        let second = free_family(&db, family).await;
        let supported = global_id("Person", first_member(&db, second).await);
        let support = mutation("specialSupportGrant", support("2019-01-01")).about("personId", &supported);
        let support = stage.every(support, &clerk, Some(&other)).await;
        let stop = mutation("specialSupportStop", json!({ "from": "2019-03-01" })).of(id(&support), 1);
        stage.every(stop, &clerk, Some(&other)).await;
        let third = free_family(&db, second).await;
        let home = global_id("Household", third);
        let cash = mutation("cashSubsidyGrant", json!({ "year": 2019, "perHead": "3000.00", "approvedOn": "2018-12-20" })).of_household(&home);
        stage.every(cash, &clerk, Some(&other)).await;
        let temporary = json!({ "reason": "DISASTER", "amount": "1200.00", "appliedOn": "2018-12-20", "decidedOn": "2018-12-28" });
        stage.every(mutation("temporaryAssistanceGrant", temporary).of_household(&home), &clerk, Some(&other)).await;
        let backstop = json!({ "kind": "BACKSTOP", "leftWithPatient": "80000.00", "amount": "30000.00", "decidedOn": "2018-12-28" });
        stage.every(mutation("medicalAssistanceDecide", backstop).about("personId", &supported), &clerk, Some(&other)).await;
        let disabled = first_member(&db, third).await;
        let (citizen, _) = citizen_number(&db, disabled).await;
        let disabled = global_id("Person", disabled);
        let certificate = json!({ "certificateNumber": format!("{citizen}42"), "validFrom": "2018-05-01" });
        stage.every(mutation("disabilityCertificateRecord", certificate).about("personId", &disabled), &federation, Some(&other_federation)).await;
        let allowance = json!({ "kind": "NURSING", "monthlyAmount": "80.00", "approvedOn": "2018-12-20", "validFrom": "2019-01-01" });
        stage.every(mutation("disabilityAllowanceGrant", allowance).about("personId", &disabled), &clerk, Some(&other)).await;

        let child = global_id("Person", db.number(
            "SELECT MIN(p.id) FROM person p WHERE p.county_code = 150921 AND p.valid_to IS NULL AND p.birth_date > '2005-01-01' AND p.valid_from <= '2018-10-01' \
             AND NOT EXISTS (SELECT 1 FROM left_behind_child c WHERE c.household_id = p.household_id) AND NOT EXISTS (SELECT 1 FROM orphan o WHERE o.household_id = p.household_id)",
        ).await);
        let case = json!({ "absence": "BOTH_AWAY", "care": "NOBODY", "validFrom": "2018-12-01" });
        let case = stage.every(mutation("leftBehindChildRecord", case).about("personId", &child), &clerk, Some(&other)).await;
        let guardian = mutation("guardianAssign", json!({ "care": "RELATIVES", "guardianName": "王桂兰" })).of(id(&case), 1);
        stage.every(guardian, &clerk, Some(&other)).await;
        let orphan = json!({ "class": "DE_FACTO", "placement": "FOSTER", "monthlyAmount": "760.00", "approvedOn": "2018-12-20", "validFrom": "2019-01-01" });
        stage.every(mutation("orphanRecord", orphan).about("personId", &child), &clerk, Some(&other)).await;
        stage.all_of(CIVIL);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn of_health(db: TestDatabase) {
        let mut stage = Stage::new(&db).await;
        let app = stage.app.clone();
        let (medins, other_medins) = (app.clerk(D::Medins, OWN), app.clerk(D::Medins, NEIGHBOUR));
        let (health, other_health) = (app.clerk(D::Health, OWN), app.clerk(D::Health, NEIGHBOUR));
        let person = member_without(&db, &["medical_claim", "chronic_handbook", "disease_flag"]).await;
        let hospital = hospital(&db).await;
        for table in ["doctor_visit", "medicine_delivery", "doctor_contract", "check_up"] {
            db.execute(&format!("DELETE FROM {table} WHERE person_id = {}", key(&person))).await;
        }
        let enrolment = |year: i32| mutation("medicalEnrolmentRecord", json!({ "personId": person, "year": year, "category": "REGISTERED_POOR", "premium": "220.00", "premiumSubsidy": "110.00" }));
        stage.every(enrolment(2019), &medins, Some(&other_medins)).await;
        db.execute(&format!("DELETE FROM medical_enrolment WHERE person_id = {} AND year = 2018", key(&person))).await;
        stage.every_list(enrolment(2018), &medins, Some(&other_medins)).await;
        let check_up = |day: &str| mutation("checkupRecord", json!({ "personId": person, "checkedOn": day, "institutionCode": hospital, "free": false, "result": "OBSERVE" }));
        stage.every(check_up("2018-03-05"), &health, Some(&other_health)).await;
        stage.every_list(check_up("2018-03-06"), &health, Some(&other_health)).await;
        let contract = json!({ "personId": person, "institutionCode": hospital, "doctorName": "白玉梅", "focus": true, "validFrom": "2018-02-01" });
        let contract = stage.every(mutation("doctorContractSign", contract), &health, Some(&other_health)).await;
        let visit = json!({ "contractId": contract["id"], "visitedOn": "2018-10-31", "way": "ON_SPOT", "medicineAdjusted": true });
        stage.every(mutation("doctorVisitRecord", visit), &health, Some(&other_health)).await;
        let flag = json!({ "personId": person, "class": "CHRONIC", "disease": "I10", "diagnosedOn": "2018-05-01" });
        let flag = stage.every(mutation("diseaseFlagSet", flag), &health, Some(&other_health)).await;
        let end = mutation("diseaseFlagEnd", json!({ "curedOn": "2018-12-01" })).of(id(&flag), 1);
        stage.every(end, &health, Some(&other_health)).await;
        let mut issued = handbook(&person, "E11.9", "MB-1");
        issued["appliedOn"] = json!("2018-12-01");
        stage.every(mutation("chronicHandbookIssue", issued), &medins, Some(&other_medins)).await;
        let claim = submit(&db, &person, "BX-1", ("2018-11-01", "2018-11-10")).await;
        let claim = stage.every(mutation("claimSubmit", claim), &medins, Some(&other_medins)).await;
        stage.every(mutation("claimSettle", json!({})).of(id(&claim), 1), &medins, Some(&other_medins)).await;
        let void = mutation("claimVoid", Value::Null).without_input().of(id(&claim), 2);
        stage.every(void, &medins, Some(&other_medins)).await;
        let mut history = submit(&db, &person, "BX-2", ("2018-06-01", "2018-06-10")).await;
        history["state"] = json!("SETTLED");
        history["settledOn"] = json!("2018-06-20");
        history["stages"] = json!([{ "stage": "BASIC", "paid": "3000.00" }]);
        stage.every(mutation("claimTakeOver", history), &medins, Some(&other_medins)).await;
        stage.all_of(HEALTH);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn of_schools_and_houses(db: TestDatabase) {
        let mut stage = Stage::new(&db).await;
        let app = stage.app.clone();
        let (bureau, other_bureau) = (app.clerk(D::Edu, OWN), app.clerk(D::Edu, NEIGHBOUR));
        let other_school = app.institution(D::School, "2115092102");
        for (stage_of_school, listed) in [("JUNIOR", false), ("PRIMARY", true)] {
            let pupil = enrolment(&db, &format!("e.confirmed_on IS NULL AND e.stage = '{stage_of_school}'")).await;
            let confirm = mutation("schoolEnrolmentConfirm", json!({ "id": id_of(&pupil), "version": 1, "confirmedOn": "2018-12-20" }));
            let school = app.institution(D::School, &pupil.school_code);
            match listed {
                false => stage.every(confirm, &school, Some(&other_school)).await,
                true => stage.every_list(confirm, &school, Some(&app.institution(D::School, "2115092181"))).await,
            };
        }
        let pupil = enrolment(&db, "e.stage = 'JUNIOR' AND e.school_year = 2018 AND e.term = 'AUTUMN'").await;
        let record = json!({ "schoolCode": pupil.school_code, "schoolYear": 2014, "term": "AUTUMN", "stage": "JUNIOR", "boarding": true, "countySeat": false });
        let record = mutation("schoolEnrolmentRecord", record).about("personId", &global_id("Person", pupil.person_id));
        stage.every(record, &bureau, Some(&other_bureau)).await;
        let pupil = enrolment(&db, "e.confirmed_on IS NOT NULL AND e.stage = 'SENIOR_HIGH' AND e.school_year = 2017 AND e.term = 'AUTUMN' \
            AND NOT EXISTS (SELECT 1 FROM study_allowance a WHERE a.person_id = e.person_id AND a.programme = 'local-support')").await;
        let allowance = mutation("studyAllowanceRecord", json!({ "programme": "local-support", "amount": "500.00" })).about("enrolmentId", &id_of(&pupil));
        stage.every(allowance, &bureau, Some(&other_bureau)).await;
        let child = enrolment(&db, "e.stage = 'JUNIOR' AND e.school_year = 2018 AND NOT EXISTS (SELECT 1 FROM dropout_case d WHERE d.person_id = e.person_id)").await;
        let report = json!({ "schoolYear": 2018, "term": "AUTUMN", "reason": "WEARY", "reportedOn": "2018-11-01" });
        let case = stage.every(mutation("dropoutReport", report).about("enrolmentId", &id_of(&child)), &bureau, Some(&other_bureau)).await;
        let back = mutation("dropoutReturn", json!({ "returnedOn": "2018-12-03" })).of(id(&case), 1);
        stage.every(back, &bureau, Some(&other_bureau)).await;

        let student = student(&db).await;
        let region = student.region_code.to_string();
        let (poverty, village) = (app.clerk(D::Poverty, OWN), app.clerk(D::Village, &region));
        let (approver, school) = (app.approver(D::Poverty, OWN), app.institution(D::School, &student.school_code));
        let apply = mutation("rainDewApply", application(&student)).about("personId", &global_id("Person", student.person_id));
        let form = stage.every(apply, &poverty, Some(&app.clerk(D::Poverty, NEIGHBOUR))).await;
        let stamp = |version: i64| mutation("rainDewStamp", Value::Null).without_input().of(id(&form), version);
        stage.every(stamp(1), &village, Some(&app.clerk(D::Village, "150922105201"))).await;
        stamp(2).done_by(&app.clerk(D::Township, &region[..9])).await;
        db.execute(&format!("UPDATE school_enrolment SET confirmed_on = '2018-09-20' WHERE person_id = {} AND school_year = 2018", student.person_id)).await;
        let enrolled = mutation("rainDewConfirmEnrolment", Value::Null).without_input().of(id(&form), 3);
        stage.every(enrolled, &school, Some(&other_school)).await;
        let decide = mutation("rainDewDecide", json!({ "recognised": true, "recognisedOn": "2018-09-30", "amount": "1500.00" })).of(id(&form), 4);
        stage.every(decide, &approver, Some(&app.approver(D::Poverty, NEIGHBOUR))).await;
        db.execute(&format!("DELETE FROM rain_dew_application WHERE person_id = {}", student.person_id)).await;
        let mut history = application(&student);
        for (field, value) in [("state", "PAID"), ("appliedOn", "2018-09-03"), ("recognisedOn", "2018-09-20"), ("paidOn", "2018-11-20"), ("amount", "1500.00")] {
            history[field] = json!(value);
        }
        let take_over = mutation("rainDewTakeOver", history).about("personId", &global_id("Person", student.person_id));
        stage.every(take_over, &poverty, Some(&app.clerk(D::Poverty, NEIGHBOUR))).await;

        let (housing, other_housing) = (app.clerk(D::Housing, OWN), app.clerk(D::Housing, NEIGHBOUR));
        let (old, family) = house(&db, NOT_RENOVATED).await;
        let survey = json!({ "previousHouseId": old, "previousVersion": 1, "grade": "D", "surveyedOn": "2018-05-05" });
        let surveyed = stage.every(mutation("houseSurvey", survey).of_household(&family), &housing, Some(&other_housing)).await;
        let approved = stage.every(mutation("renovationApprove", approval(id(&surveyed))), &housing, Some(&other_housing)).await;
        let accept = mutation("renovationAccept", json!({ "acceptedOn": "2018-11-20", "gradeAfter": "A", "areaAfter": "60.00" })).of(id(&approved), 1);
        stage.every(accept, &housing, Some(&other_housing)).await;
        let (reloc, other_reloc) = (app.clerk(D::Reloc, OWN), app.clerk(D::Reloc, NEIGHBOUR));
        let (old, family) = house(&db, NOT_RENOVATED).await;
        graded(&db, &old, "D").await;
        let planned = mutation("relocationPlan", plan(&project(&db).await)).of_household(&family);
        let planned = stage.every(planned, &reloc, Some(&other_reloc)).await;
        let advance = |version: i64, step: &str, on: &str| mutation("relocationAdvance", json!({ "stage": step, "on": on })).of(id(&planned), version);
        stage.every(advance(1, "APPROVED", "2018-03-01"), &reloc, Some(&other_reloc)).await;
        advance(2, "BUILDING", "2018-04-01").done_by(&reloc).await;
        advance(3, "FINISHED", "2018-10-01").done_by(&reloc).await;
        let move_in = mutation("relocationMoveIn", json!({ "movedInOn": "2018-11-01" })).of(id(&planned), 4);
        stage.every(move_in, &reloc, Some(&other_reloc)).await;
        let demolish = mutation("oldHouseDemolish", json!({ "removedOn": "2018-12-01" })).of(id(&planned), 5);
        stage.every(demolish, &reloc, Some(&other_reloc)).await;
        stage.all_of(SCHOOL_AND_HOUSE);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn of_finance(db: TestDatabase) {
        let mut stage = Stage::new(&db).await;
        let app = stage.app.clone();
        let (bank, other_bank) = (app.institution(D::Bank, BANK), app.institution(D::Bank, OTHER_BANK));
        let (finance, other_finance) = (app.clerk(D::Finance, OWN), app.clerk(D::Finance, NEIGHBOUR));
        let (family, members) = stranger(&db).await;
        let home = global_id("Household", family);
        // Any bank may take on a customer who shows the number.
        let registered = stage.every(card(&members[0], CARD), &bank, None).await;
        let township = app.clerk(D::Township, &members[0].region_code.to_string()[..9]);
        let choose = mutation("receivingCardChoose", Value::Null).without_input().of(id(&registered), 1);
        stage.every(choose, &township, Some(&app.clerk(D::Township, "150922100"))).await;
        let record = mutation("paymentRecord", payment(Some(&members[0]), Some("2018-12-12"))).of_household(&home);
        let paid = stage.every(record, &finance, Some(&other_finance)).await;
        let fail = mutation("paymentFail", json!({ "state": "BOUNCED", "returnedOn": "2018-12-12" })).of_record(id(&paid));
        stage.every(fail, &finance, Some(&other_finance)).await;
        let result = json!({ "personId": global_id("Person", members[0].id), "programme": "nursing-allowance", "period": "2018-11", "amount": "80.00", "state": "PAID", "paidOn": "2018-12-13" });
        stage.every(mutation("paymentResultRecord", result).of_household(&home), &finance, Some(&other_finance)).await;
        let granted = stage.every(loan(&members[0]), &bank, None).await;
        let repay = |version: i64| mutation("loanRepay", json!({ "loanId": granted["id"], "version": version, "paidOn": "2018-06-10", "principal": "100.00", "interest": "0.00" }));
        stage.every(repay(1), &bank, Some(&other_bank)).await;
        stage.every_list(repay(2), &bank, Some(&other_bank)).await;
        let extend = mutation("loanExtend", json!({ "decidedOn": "2018-11-20", "dueOn": "2019-06-10" })).of(id(&granted), 3);
        stage.every(extend, &bank, Some(&other_bank)).await;
        let renewal = json!({ "decidedOn": "2018-12-20", "grantedOn": "2018-12-28", "dueOn": "2020-06-10", "rateBasisPoints": 400 });
        stage.every(mutation("loanRenew", renewal).of(id(&granted), 4), &bank, Some(&other_bank)).await;
        let close = mutation("bankCardClose", json!({ "closedOn": "2018-12-20", "reason": "LOST" })).of(id(&registered), 2);
        stage.every(close, &bank, Some(&other_bank)).await;
        let account = db.number("SELECT MIN(id) FROM fund_account WHERE region_code = 150921000000 AND year = 2018").await;
        let version = db.number(&format!("SELECT CAST(version AS BIGINT) FROM fund_account WHERE id = {account}")).await;
        let received = json!({ "amount": "100000.50", "receivedOn": "2018-12-20", "documentNumber": "乌财农〔2018〕9号", "purpose": "中央财政专项扶贫资金" });
        let receive = mutation("fundReceive", received).of(&global_id("FundAccount", account), version);
        stage.every(receive, &finance, Some(&other_finance)).await;
        stage.all_of(FINANCE);
    }
}
