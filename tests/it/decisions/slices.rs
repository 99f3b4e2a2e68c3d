//! One value of each slice over HTTP: its reader sees it, and another department, the neighbour county and an administrator do not.

use crate::harness::{App, TestDatabase, both_dbs};
use entity::codes::{Department as D, Role};
use serde_json::{Value, json};
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";
const NEIGHBOUR: &str = "150922";

struct Case {
    reader: D,
    /// A department that reads other slices of the same family.
    other: D,
    type_name: &'static str,
    table: &'static str,
    /// The rows that have the value.
    having: &'static str,
    /// What is read, and where it stands.
    selection: &'static str,
    pointer: &'static str,
    /// The list that the row stands in, where there is one.
    list: Option<&'static str>,
}

/// Readers, type with table, condition, what is read with where it stands, list.
type Row = (
    (D, D),
    (&'static str, &'static str),
    &'static str,
    (&'static str, &'static str),
    &'static str,
);

#[rustfmt::skip]
const ROWS: [Row; 20] = [
    ((D::Agri, D::Stats), ("Household", "household"), "t.card_number IS NOT NULL", ("cardNumber", "/cardNumber"), "households"),
    ((D::Poverty, D::Civil), ("Household", "household"), "t.address IS NOT NULL", ("address", "/address"), "households"),
    ((D::Poverty, D::Agri), ("HelpMeasure", "help_measure"), "1 = 1", ("what", "/what"), "helpMeasures"),
    ((D::Poverty, D::Agri), ("Household", "household"), "EXISTS (SELECT 1 FROM land_holding l WHERE l.household_id = t.id)",
        ("living { land { farmland } }", "/living/land/0/farmland"), "households"),
    ((D::Civil, D::Edu), ("Household", "household"), "EXISTS (SELECT 1 FROM income_form f WHERE f.household_id = t.id)",
        ("income { latest { netIncome } }", "/income/latest/netIncome"), "households"),
    ((D::Civil, D::Medins), ("Dibao", "dibao"), "t.valid_to IS NULL", ("dibaoNumber", "/dibaoNumber"), "dibaoRoll"),
    ((D::Women, D::Dpf), ("LeftBehindChild", "left_behind_child"), "t.guardian_name IS NOT NULL AND t.valid_to IS NULL",
        ("guardianName", "/guardianName"), "leftBehindChildren"),
    ((D::Dpf, D::Poverty), ("DisabilityCertificate", "disability_certificate"), "t.valid_to IS NULL", ("grade", "/grade"), "disabilityCertificates"),
    ((D::Dpf, D::Civil), ("DisabilityCertificate", "disability_certificate"), "t.valid_to IS NULL",
        ("certificateNumber", "/certificateNumber"), "disabilityCertificates"),
    ((D::Medins, D::Edu), ("Claim", "medical_claim"), "1 = 1", ("claimNumber", "/claimNumber"), "claims"),
    ((D::Health, D::Poverty), ("Claim", "medical_claim"), "t.diagnosis_mask IS NOT NULL", ("diagnosis", "/diagnosis"), "claims"),
    ((D::Hrss, D::Township), ("ChronicHandbook", "chronic_handbook"), "t.disease_mask IS NOT NULL", ("disease", "/disease"), "chronicHandbooks"),
    ((D::Edu, D::Housing), ("SchoolEnrolment", "school_enrolment"), "1 = 1", ("schoolCode", "/schoolCode"), "schoolEnrolments"),
    ((D::Reloc, D::Land), ("House", "house"), "t.valid_to IS NULL", ("surveyedOn", "/surveyedOn"), "houses"),
    ((D::Land, D::Civil), ("Homestead", "homestead"), "t.certificate_number IS NOT NULL", ("certificateNumber", "/certificateNumber"), "homesteads"),
    ((D::Finance, D::Poverty), ("BankCard", "bank_card"), "t.valid_to IS NULL", ("cardNumber", "/cardNumber"), "bankCards"),
    ((D::Finance, D::Edu), ("Payment", "payment"), "1 = 1", ("programme", "/programme"), "payments"),
    ((D::Finance, D::Civil), ("Loan", "loan"), "1 = 1", ("grantedOn", "/grantedOn"), "loans"),
    ((D::Hrss, D::Civil), ("Person", "person"), "t.work IS NOT NULL", ("work", "/work"), ""),
    ((D::Hrss, D::Edu), ("Person", "person"), "t.pension_enrolled", ("pensionEnrolled", "/pensionEnrolled"), ""),
];

impl Case {
    fn of(row: Row) -> Case {
        let ((reader, other), (type_name, table), having, (selection, pointer), list) = row;
        Case {
            reader,
            other,
            type_name,
            table,
            having,
            selection,
            pointer,
            list: (!list.is_empty()).then_some(list),
        }
    }

    /// The row by its id, and the list of its village.
    fn text(&self) -> String {
        let Case {
            type_name,
            selection,
            ..
        } = self;
        let of = format!("node(id: $id) {{ ... on {type_name} {{ {selection} }} }}");
        match self.list {
            None => format!("query($id: ID!) {{ {of} }}"),
            Some(list) => format!(
                "query($id: ID!, $village: RegionCode!) {{ {of} list: {list}(first: 100, filter: {{ region: $village }}) {{ nodes {{ id {selection} }} }} }}"
            ),
        }
    }

    async fn check(&self, app: &App, db: &TestDatabase) {
        let Case {
            type_name,
            table,
            having,
            pointer,
            ..
        } = self;
        let key = db
            .number(&format!(
                "SELECT MIN(t.id) FROM {table} t WHERE t.county_code = {OWN} AND {having}"
            ))
            .await;
        let village = db
            .number(&format!("SELECT region_code FROM {table} WHERE id = {key}"))
            .await
            .to_string();
        let id = global_id(type_name, key);
        let mut variables = json!({ "id": id });
        if self.list.is_some() {
            variables["village"] = json!(village);
        }
        let text = self.text();
        let ask = |actor: crate::harness::Actor| {
            let (text, variables) = (text.clone(), variables.clone());
            async move { actor.query(&text, variables).await }
        };
        let value_of = |data: &Value| {
            data.pointer(&format!("/node{pointer}"))
                .cloned()
                .unwrap_or_default()
        };
        let value = value_of(&ask(app.auditor()).await.data());
        assert_ne!(value, Value::Null, "{type_name} {pointer}");

        let seen = ask(app.reader(self.reader, OWN)).await.data();
        assert_eq!(value_of(&seen), value, "{type_name} {pointer}");
        if self.list.is_some() {
            let nodes = seen["list"]["nodes"].as_array().expect("nodes");
            let listed = nodes
                .iter()
                .find(|node| node["id"] == json!(id))
                .expect("the row in its list");
            assert_eq!(listed.pointer(pointer), Some(&value));
        }
        let nothing = match self.list {
            None => json!({ "node": null }),
            Some(_) => json!({ "node": null, "list": { "nodes": [] } }),
        };
        assert_eq!(
            ask(app.reader(self.reader, NEIGHBOUR)).await.data(),
            nothing,
            "{type_name} {pointer}"
        );
        let trace = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        for actor in [
            app.clerk(self.other, OWN),
            app.actor(self.reader, Role::SystemAdmin).within(OWN),
        ] {
            let answer = ask(actor).await;
            assert!(
                answer.codes().iter().all(|code| code == "FORBIDDEN"),
                "{}",
                answer.text
            );
            assert!(
                !answer.codes().is_empty(),
                "{type_name} {pointer}: {}",
                answer.text
            );
            assert!(
                !answer.text.contains(&trace),
                "{type_name} {pointer}: {}",
                answer.text
            );
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_slice_is_for_its_readers(db: TestDatabase) {
        let app = App::start(&db).await;
        for row in ROWS {
            Case::of(row).check(&app, &db).await;
        }
    }
}
