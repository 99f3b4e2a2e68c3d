//! A family with every slice that the schema has, in one operation, and a page of such families.

use crate::harness::{App, both_dbs, text::objects};
use serde_json::{Value, json};
use std::collections::HashMap;

type Objects = HashMap<String, Vec<(String, String)>>;

/// Everything of a household, once: what refers back to it, to a member or to what it stands in is named by id, a place by
/// code and name.
fn everything<'o>(objects: &'o Objects, of: &'o str, above: &mut Vec<&'o str>) -> String {
    above.push(of);
    let mut fields = Vec::new();
    for (field, ty) in &objects[of] {
        let slice_of_member = of == "Person" && objects.contains_key(ty);
        let back = above.contains(&ty.as_str()) || (ty == "Person" && field != "members");
        match ty.as_str() {
            "Region" => fields.push(format!("{field} {{ code name }}")),
            _ if back => fields.push(format!("{field} {{ id }}")),
            // What was changed is no slice: a client reads it a page at a time.
            "HistoryPage" => {}
            // What is due is computed, not kept; so is what a finding compares: resolvers share their statements as they come.
            "Entitlement" => {}
            _ if ["between", "evidence", "evidenceBefore"].contains(&field.as_str()) => {}
            // The slices of a member are those of the household, seen from the member.
            _ if slice_of_member => {}
            _ if objects.contains_key(ty) => {
                let below = everything(objects, ty, above);
                fields.push(format!("{field} {{ {below} }}"));
            }
            _ => fields.push(field.clone()),
        }
    }
    above.pop();
    fields.join(" ")
}

/// How many lists, in whatever depth, have a row.
fn filled_lists(value: &Value) -> usize {
    match value {
        Value::Array(rows) => {
            usize::from(!rows.is_empty()) + rows.iter().map(filled_lists).sum::<usize>()
        }
        Value::Object(fields) => fields.values().map(filled_lists).sum(),
        _ => 0,
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn one_operation_reads_a_family_with_every_slice(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = format!("query($first: Int!) {{ households(first: $first) {{ nodes {{ {} }} pageInfo {{ hasNextPage }} }} }}", everything(&objects(), "Household", &mut Vec::new()));
        let mut counts = Vec::new();
        for first in [1, 10, 100] {
            let before = app.statements();
            let answer = app.auditor().query(&text, json!({ "first": first })).await;
            let data = answer.data();
            counts.push(app.statements() - before);
            let nodes = data["households"]["nodes"].as_array().expect("nodes");
            assert_eq!(nodes.len(), first);
            assert!(filled_lists(&data) > first * 3, "{first}");
        }
        assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
        // The page itself, and a statement for each place where rows stand.
        assert!(counts[0] < 200, "{counts:?}");
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Nothing that is stored fails to be read: every field of every row of every list.
    async fn every_list_gives_every_field(db: TestDatabase) {
        let app = App::start(&db).await;
        let objects = objects();
        let mut rows = 0;
        for (list, ty) in &objects["Query"] {
            // `entitled` is asked of a region, and computed: it has its own tests.
            let Some(of) = ty.strip_suffix("Connection").filter(|of| *of != "Household" && list != "entitled") else {
                continue;
            };
            let all = everything(&objects, of, &mut vec!["Household", "Person"]);
            let text = format!("query($after: String) {{ {list}(first: 100, after: $after) {{ nodes {{ {all} }} pageInfo {{ hasNextPage endCursor }} }} }}");
            let mut after = Value::Null;
            for _ in 0..30 {
                let data = app.auditor().query(&text, json!({ "after": after })).await.data();
                rows += data[list]["nodes"].as_array().expect("nodes").len();
                if data[list]["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                after = data[list]["pageInfo"]["endCursor"].clone();
            }
        }
        assert!(rows > 5_000, "{rows}");
    }
}
