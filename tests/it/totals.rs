//! The figures of regions: what lies in a region adds up to it, whatever is counted, and what is counted is there.

use crate::harness::{App, both_dbs, text::objects};
use entity::codes::Department as D;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

const COUNTY: &str = "150921";

/// Not shares and a head's part; nor funds and lists of which a county has its own, which are no township's.
fn adds_up(field: &str, of: &str) -> bool {
    !field.ends_with("Percent")
        && field != "year"
        && !matches!(of, "FundTotals" | "FundSourceTotal" | "PublicityTotals")
        && (of != "IncomeTotals" || matches!(field, "households" | "members"))
}

/// Everything below a type, as a selection.
fn selection(objects: &HashMap<String, Vec<(String, String)>>, of: &str) -> String {
    let fields = objects[of]
        .iter()
        .map(|(field, ty)| match objects.contains_key(ty) {
            true => format!("{field} {{ {} }}", selection(objects, ty)),
            false => field.clone(),
        });
    fields.collect::<Vec<_>>().join(" ")
}

/// The figures by their path; a row of a list is named by its words.
fn figures(
    objects: &HashMap<String, Vec<(String, String)>>,
    of: &str,
    value: &Value,
    path: &str,
    into: &mut BTreeMap<String, i64>,
) {
    for (field, ty) in &objects[of] {
        let (value, path) = (&value[field], format!("{path}/{field}"));
        match value {
            Value::Array(rows) => {
                for row in rows {
                    let named = row
                        .as_object()
                        .expect("a row")
                        .iter()
                        .filter(|(field, value)| {
                            field.as_str() == "year"
                                || is_word(value)
                                || (value.is_null() && adds_up(field, ty))
                        });
                    let words: Vec<String> = named.map(|(_, value)| value.to_string()).collect();
                    figures(
                        objects,
                        ty,
                        row,
                        &format!("{path}[{}]", words.join(" ")),
                        into,
                    );
                }
            }
            Value::Object(_) => figures(objects, ty, value, &path, into),
            Value::Number(number) if adds_up(field, of) => {
                *into.entry(path).or_default() += number.as_i64().expect("a count")
            }
            Value::String(yuan) if adds_up(field, of) && !is_word(value) => {
                *into.entry(path).or_default() +=
                    yuan.replace('.', "").parse::<i64>().expect("an amount");
            }
            _ => {}
        }
    }
}

fn is_word(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.starts_with(|c: char| c.is_ascii_uppercase()))
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_lies_in_a_region_adds_up_to_it(db: TestDatabase) {
        let app = App::start(&db).await;
        let objects = objects();
        let text = format!("query($code: RegionCode!) {{ region(code: $code) {{ totals(from: \"2017-01-01\") {{ ...all }} children {{ code totals(from: \"2017-01-01\") {{ ...all }} }} }} }} \
            fragment all on RegionTotals {{ {} }}", selection(&objects, "RegionTotals"));
        let mut asked = vec![COUNTY.to_owned()];
        let mut compared = 0;
        while let Some(code) = asked.pop() {
            let answer = app.auditor().query(&text, json!({ "code": code })).await;
            let data = answer.data();
            let mut whole = BTreeMap::new();
            figures(&objects, "RegionTotals", &data["region"]["totals"], "", &mut whole);
            let mut parts = BTreeMap::new();
            let children = data["region"]["children"].as_array().expect("children");
            for child in children {
                figures(&objects, "RegionTotals", &child["totals"], "", &mut parts);
            }
            whole.retain(|_, figure| *figure != 0);
            parts.retain(|_, figure| *figure != 0);
            assert_eq!(whole, parts, "{code}");
            compared += whole.len();
            if code == COUNTY {
                // A township with families, for its villages.
                let township = db.number("SELECT MIN(region_code) / 1000 FROM household WHERE county_code = 150921").await;
                asked.push(township.to_string());
            }
        }
        assert!(compared > 60, "{compared}");
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn departments_count_what_they_keep(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ region(code: \"150921\") { totals(from: \"2018-01-01\", asOf: \"2018-12-31\") {
            persons
            health { coverage { persons enrolled enrolledPercent checkedUp checkedUpPercent contracted contractedPercent patients supplied suppliedPercent } claims { claims eligibleCost reimbursed reimbursedPercent selfPaidPercent } }
            housing { dangerousHouseholds renovatedHouseholds }
            finance { payments { payments due paid difference } } } } }";
        let data = app.clerk(D::Finance, COUNTY).query(text, json!({})).await.data();
        let totals = &data["region"]["totals"];
        let number = async |sql: &str| db.number(&format!("{sql} AND t.county_code = 150921")).await;

        let enrolled = number("SELECT COUNT(*) FROM medical_enrolment t JOIN person p ON p.id = t.person_id AND p.valid_to IS NULL \
            JOIN household h ON h.id = t.household_id WHERE t.year = 2018 AND h.status IN ('REGISTERED', 'RETURNED')").await;
        let coverage = &totals["health"]["coverage"];
        assert_eq!(coverage["persons"], totals["persons"]);
        let poor = "JOIN person p ON p.id = t.person_id AND p.valid_to IS NULL JOIN household h ON h.id = t.household_id AND h.status IN ('REGISTERED', 'RETURNED')";
        let checked_up = number(&format!("SELECT COUNT(DISTINCT t.person_id) FROM check_up t {poor} WHERE t.year = 2018")).await;
        let contracted = number(&format!("SELECT COUNT(*) FROM doctor_contract t {poor} WHERE t.valid_to IS NULL")).await;
        let patients = number(&format!("SELECT COUNT(*) FROM doctor_contract t {poor} WHERE t.valid_to IS NULL AND t.focus")).await;
        let supplied = number(&format!("SELECT COUNT(DISTINCT t.person_id) FROM medicine_delivery t {poor} WHERE t.delivered_on >= '2018-01-01'")).await;
        assert!(0 < supplied && supplied < patients && patients < contracted && checked_up < contracted);
        let persons = coverage["persons"].as_i64().expect("a count");
        for (field, count, of) in [("enrolled", enrolled, persons), ("checkedUp", checked_up, persons), ("contracted", contracted, persons), ("supplied", supplied, patients)] {
            assert_eq!(coverage[field], json!(count), "{field}");
            let tenths = (2_000 * count + of) / (2 * of);
            assert_eq!(coverage[format!("{field}Percent")], json!(format!("{}.{}", tenths / 10, tenths % 10)), "{field}");
        }
        assert_eq!(coverage["patients"], json!(patients));

        let claims = "FROM medical_claim t WHERE t.state = 'SETTLED' AND t.registered_at_discharge AND t.discharged_on BETWEEN '2018-01-01' AND '2018-12-31'";
        let eligible = number(&format!("SELECT CAST(SUM(t.eligible_cost_fen) AS BIGINT) {claims}")).await;
        let reimbursed = number("SELECT CAST(SUM(g.paid_fen) AS BIGINT) FROM claim_stage g JOIN medical_claim t ON t.id = g.claim_id \
            WHERE t.state = 'SETTLED' AND t.registered_at_discharge AND t.discharged_on BETWEEN '2018-01-01' AND '2018-12-31'").await;
        assert_eq!(totals["health"]["claims"]["claims"], json!(number(&format!("SELECT COUNT(*) {claims}")).await));
        assert_eq!(totals["health"]["claims"]["eligibleCost"], json!(yuan(eligible)));
        assert_eq!(totals["health"]["claims"]["reimbursed"], json!(yuan(reimbursed)));

        let dangerous = number("SELECT COUNT(*) FROM house t JOIN household h ON h.id = t.household_id WHERE t.valid_to IS NULL \
            AND t.grade IN ('C', 'D') AND h.status IN ('REGISTERED', 'RETURNED')").await;
        let renovated = number("SELECT COUNT(*) FROM renovation t WHERE t.accepted_on BETWEEN '2018-01-01' AND '2018-12-31'").await;
        assert_eq!(totals["housing"], json!({ "dangerousHouseholds": dangerous, "renovatedHouseholds": renovated }));

        let payments = "FROM payment t WHERE t.due_on BETWEEN '2018-01-01' AND '2018-12-31'";
        let due = number(&format!("SELECT CAST(SUM(t.amount_fen) AS BIGINT) {payments}")).await;
        let paid = number(&format!("SELECT CAST(SUM(t.amount_fen) AS BIGINT) {payments} AND t.state = 'PAID'")).await;
        assert!(paid < due);
        assert_eq!(totals["finance"]["payments"], json!({ "payments": number(&format!("SELECT COUNT(*) {payments}")).await,
            "due": yuan(due), "paid": yuan(paid), "difference": yuan(due - paid) }));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn help_is_counted_on_the_day(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ region(code: \"150921\") { totals(from: \"2018-01-01\", asOf: \"2018-12-31\") {
            measures { households byBatch { batch households } } exitPlan { byYear { year plannedHouseholds exitedHouseholds } }
            help { teams teamMembers firstSecretaries days helpedHouseholds visits } } } }";
        let data = app.clerk(D::Poverty, COUNTY).query(text, json!({})).await.data();
        let totals = &data["region"]["totals"];
        let number = async |sql: &str| db.number(&format!("{sql} AND t.county_code = 150921")).await;
        let poor = "JOIN household h ON h.id = t.household_id AND h.status IN ('REGISTERED', 'RETURNED')";

        let measures = format!("FROM help_measure t {poor} WHERE t.state <> 'PLANNED' AND t.starts_on <= '2018-12-31' AND (t.ends_on IS NULL OR t.ends_on >= '2018-12-31')");
        assert_eq!(totals["measures"]["households"], json!(number(&format!("SELECT COUNT(DISTINCT t.household_id) {measures}")).await));
        for batch in totals["measures"]["byBatch"].as_array().expect("batches") {
            let word = batch["batch"].as_str().expect("a batch");
            assert_eq!(batch["households"], json!(number(&format!("SELECT COUNT(DISTINCT t.household_id) {measures} AND t.batch = '{word}'")).await), "{word}");
        }

        let year = totals["exitPlan"]["byYear"].as_array().expect("years").iter().find(|of| of["year"] == json!(2018)).expect("2018");
        assert_eq!(year["exitedHouseholds"], json!(number("SELECT COUNT(*) FROM household_status_period t WHERE t.status = 'EXITED' AND t.valid_from BETWEEN '2018-01-01' AND '2018-12-31'").await));
        assert_eq!(year["plannedHouseholds"], json!(number("SELECT COUNT(*) FROM household t WHERE t.planned_exit_year = 2018").await));

        let posts = "FROM village_post t WHERE t.valid_from <= '2018-12-31' AND (t.valid_to IS NULL OR t.valid_to > '2018-12-31')";
        assert_eq!(totals["help"], json!({
            "teams": number(&format!("SELECT COUNT(DISTINCT t.region_code) {posts} AND t.role <> 'FIRST_SECRETARY'")).await,
            "teamMembers": number(&format!("SELECT COUNT(*) {posts} AND t.role <> 'FIRST_SECRETARY'")).await,
            "firstSecretaries": number(&format!("SELECT COUNT(*) {posts} AND t.role = 'FIRST_SECRETARY'")).await,
            "days": number("SELECT CAST(SUM(t.days) AS BIGINT) FROM village_post_attendance t WHERE t.year = 2018").await,
            "helpedHouseholds": number(&format!("SELECT COUNT(DISTINCT t.household_id) FROM helper t {poor} WHERE t.valid_from <= '2018-12-31' AND (t.valid_to IS NULL OR t.valid_to > '2018-12-31')")).await,
            "visits": number("SELECT COUNT(*) FROM help_visit t WHERE t.visited_on BETWEEN '2018-01-01' AND '2018-12-31'").await,
        }));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_public_is_not_told_of_few(db: TestDatabase) {
        let app = App::start(&db).await;
        let public = app.reader(D::Public, "1509");
        let text = "query($code: RegionCode!) { region(code: $code) { publicTotals {
            households persons byClass { class households persons } byMainCause { cause households persons } } } }";
        let told = "query($code: RegionCode!) { region(code: $code) { totals { households persons byClass { class households persons } byMainCause { cause households persons } } } }";
        let data = public.query(text, json!({ "code": COUNTY })).await.data();
        let whole = app.auditor().query(told, json!({ "code": COUNTY })).await.data();
        let (public_totals, totals) = (&data["region"]["publicTotals"], &whole["region"]["totals"]);
        assert_eq!(public_totals["households"], totals["households"]);
        for list in ["byClass", "byMainCause"] {
            let rows = public_totals[list].as_array().expect("rows").iter().zip(totals[list].as_array().expect("rows"));
            let mut hidden = 0;
            for (public, row) in rows {
                let few = ["households", "persons"].iter().any(|count| row[count].as_i64().expect("a count") < 5);
                match public["households"].is_null() {
                    true => hidden += 1,
                    false => assert!(!few && public == row, "{list}: {public} {row}"),
                }
                assert_eq!(public["households"].is_null(), public["persons"].is_null());
            }
            assert!(hidden != 1, "{list}: the only one not told is the difference to the sum");
        }
        // Nothing of a village, nothing of the full figures.
        let village = db.number("SELECT MIN(region_code) FROM household WHERE county_code = 150921").await.to_string();
        assert_eq!(public.query(text, json!({ "code": village })).await.data(), json!({ "region": { "publicTotals": null } }));
        let denied = public.query(told, json!({ "code": COUNTY })).await;
        assert_eq!(denied.codes(), ["FORBIDDEN"]);
        assert!(!denied.text.contains("households\":"), "{}", denied.text);
    }
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}
