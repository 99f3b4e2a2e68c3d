//! While audit records are not sealed in time, money and decisions wait, and nothing else does.

use super::Notary;
use crate::harness::{
    App, both_dbs,
    writes::{Sent, mutation, records},
};
use async_graphql::parser::{
    parse_schema,
    types::{InputObjectType, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use entity::codes::Department as D;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path};
use yihu::graphql::scalars::global_id;

fn payment(household: &str) -> Sent {
    let input = json!({
        "department": "CIVIL", "programme": "seals", "period": "2018", "kind": "REGULAR", "amount": "80.00",
        "paidOn": "2018-12-20",
    });
    mutation("paymentRecord", input).of_household(household)
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn money_and_decisions_wait_for_seals(db: TestDatabase) {
        let app = App::start(&db).await;
        let village = db.number("SELECT MIN(region_code) FROM household WHERE county_code = 150921").await;
        let family = db.number(&format!("SELECT MIN(id) FROM household WHERE region_code = {village}")).await;
        let family = global_id("Household", family);
        let cadre = app.clerk(D::Village, &village.to_string());
        let visit = mutation("visitRecord", json!({
            "householdId": family, "visitedOn": "2018-12-30", "way": "ON_SPOT", "visitor": "张书记", "what": "核对收入",
        }));
        visit.done_by(&cadre).await;
        let ready = async || {
            let answer = app.http("GET", "/readyz").send().await.expect("an answer");
            (answer.status().as_u16(), answer.text().await.expect("a text"))
        };
        assert_eq!(ready().await, (200, r#"{"ready":true,"checks":{"serving":true,"keys":true,"seals":true}}"#.to_owned()));
        db.execute("UPDATE audit_record SET at_ms = at_ms - 4 * 3600000").await;

        // On another instance, which has not looked yet.
        let app = App::start(&db).await;
        let (cadre, finance) = (app.clerk(D::Village, &village.to_string()), app.clerk(D::Finance, "150921"));
        let before = records(&db).await;
        let (text, variables) = payment(&family).request();
        let refused = finance.query(&text, variables.clone()).await;
        assert_eq!(refused.codes(), ["SEALS_OVERDUE"]);
        assert_eq!(refused.partial_data(), json!({ "paymentRecord": null }));
        let chinese = finance.clone().in_language("zh").query(&text, variables.clone()).await;
        assert!(chinese.text.contains("本次未保存"), "{}", chinese.text);
        assert_eq!(records(&db).await, before);
        assert_eq!(db.number("SELECT COUNT(*) FROM payment WHERE programme = 'seals'").await, 0);
        // Where nothing is written, and where nothing is decided, all goes on.
        let mut dry = variables.clone();
        dry["dry"] = json!(true);
        let checked = text.replacen("$requestId: UUID!", "$requestId: UUID!, $dry: Boolean", 1)
            .replacen("requestId: $requestId", "requestId: $requestId, dryRun: $dry", 1);
        assert_eq!(finance.query(&checked, dry).await.data()["paymentRecord"]["userErrors"], json!([]));
        visit.done_by(&cadre).await;
        let answer = app.http("GET", "/readyz").send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200);
        let told: Value = serde_json::from_str(&answer.text().await.expect("a text")).expect("JSON");
        assert_eq!((&told["ready"], &told["checks"]["seals"]), (&json!(true), &json!(false)));

        Notary::of(&db).await.seal_all().await;
        let done = finance.query(&text, variables).await.data();
        assert_eq!(done["paymentRecord"]["userErrors"], json!([]));
        assert_eq!(db.number("SELECT COUNT(*) FROM payment WHERE programme = 'seals'").await, 1);
    }
}

/// Amounts that are only told: what a family earned, what a measure is planned to bring.
const TOLD: [&str; 5] = [
    "incomeFormFile",
    "incomeFormFileList",
    "measurePlan",
    "measurePlanList",
    "measureRecord",
];

#[test]
fn who_moves_money_or_decides_says_so() {
    let sdl = yihu::schema::sdl();
    let document = parse_schema(&sdl).expect("a schema");
    let types: BTreeMap<&str, &TypeDefinition> = document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(of) => Some((of.node.name.node.as_str(), &of.node)),
            _ => None,
        })
        .collect();
    let TypeKind::Object(root) = &types["Mutation"].kind else {
        panic!("no mutations");
    };
    let finance = names_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/departments/finance"));
    assert!(finance.len() > 9, "{finance:?}");
    let (mut waiting, mut forgotten) = (vec![], vec![]);
    for field in root.fields.iter().map(|field| &field.node) {
        let name = field.name.node.as_str();
        let one = name.strip_suffix("List").unwrap_or(name);
        let codes = format!("{}{}ErrorCode", one[..1].to_uppercase(), &one[1..]);
        // What has no mistakes of its own changes nothing.
        let Some(codes) = types.get(codes.as_str()) else {
            continue;
        };
        let description = codes.description.as_ref().map_or("", |text| &text.node);
        if description.contains("SEALS_OVERDUE") {
            waiting.push(name);
            continue;
        }
        let decides = ["Grant", "Decide", "Approve", "Adjust", "Stop"]
            .iter()
            .any(|what| one.ends_with(what));
        let arguments = field
            .arguments
            .iter()
            .map(|argument| argument.node.ty.node.to_string());
        let moves =
            arguments.into_iter().any(|of| holds_money(&types, &of)) && !TOLD.contains(&name);
        if decides || moves || finance.iter().any(|of| of == one) {
            forgotten.push(name);
        }
    }
    assert_eq!(forgotten, Vec::<&str>::new(), "NEEDS_SEALS is not said");
    // The control: what is known to wait, and to go on, is seen so.
    for name in [
        "paymentRecord",
        "loanRepayList",
        "dibaoGrant",
        "rainDewDecide",
        "householdStatusRecord",
    ] {
        assert!(waiting.contains(&name), "{name}");
    }
    for name in [
        "visitRecord",
        "householdAmend",
        "memberAdd",
        "checkupRecord",
    ] {
        assert!(!waiting.contains(&name), "{name}");
    }
    assert!(
        holds_money(&types, "[PaymentRecordInput!]!") && !holds_money(&types, "VisitRecordInput!")
    );
}

/// The mutations that a folder's sources declare.
fn names_in(folder: &Path) -> Vec<String> {
    let mut names = vec![];
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            names.extend(names_in(&path));
        } else if path.ends_with("mutation.rs") {
            let text = fs::read_to_string(&path).expect("a source");
            let said = text.split("const NAME: &'static str = \"").skip(1);
            names.extend(said.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
    names
}

/// Whether an argument of this type holds an amount, at any depth.
fn holds_money(types: &BTreeMap<&str, &TypeDefinition>, of: &str) -> bool {
    let name = of.trim_matches(['[', ']', '!']);
    match types.get(name).map(|of| &of.kind) {
        Some(TypeKind::InputObject(InputObjectType { fields })) => fields
            .iter()
            .any(|field| holds_money(types, &field.node.ty.node.to_string())),
        _ => name == "Yuan",
    }
}
