//! Yihu as a subgraph: what a gateway of Federation asks, as the viewer whose token it passes on.

use crate::harness::{App, both_dbs};
use entity::codes::{Department as D, Role};
use serde_json::{Value, json};

const OWN: &str = "150921";
const OTHER: &str = "150922";

const ENTITIES: &str =
    "query($representations: [_Any!]!) { _entities(representations: $representations) { __typename
    ... on Household { cardNumber headName civilAffairs { dibao { class } } members { name } }
    ... on Person { name household { cardNumber } }
    ... on Region { code name } } }";

/// Households of a county with their members, as the auditor sees them.
async fn households(app: &App, county: &str, first: usize) -> Vec<Value> {
    let text = "query($county: RegionCode!, $first: Int!) { households(filter: { region: $county, status: [REGISTERED] }, first: $first) { nodes { id cardNumber headName region { code } members { id name } } } }";
    let variables = json!({ "county": county, "first": first });
    let mut data = app.auditor().query(text, variables).await.data();
    let nodes = data["households"]["nodes"].as_array_mut();
    std::mem::take(nodes.expect("nodes"))
}

fn of(type_name: &str, field: &str, value: &Value) -> Value {
    json!({ "__typename": type_name, field: value })
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn entities_are_named_by_their_keys_in_any_order(db: TestDatabase) {
        let app = App::start(&db).await;
        let known = households(&app, OWN, 2).await;
        let (one, two) = (&known[0], &known[1]);
        let representations = json!([
            of("Household", "cardNumber", &two["cardNumber"]),
            of("Person", "id", &one["members"][0]["id"]),
            of("Household", "id", &one["id"]),
            of("Region", "code", &json!("150921")),
            of("Region", "code", &one["region"]["code"]),
            of("Household", "cardNumber", &json!("1509219999999999")),
            of("Region", "code", &json!("999999")),
            of("Region", "code", &json!("none")),
            of("Household", "id", &one["members"][0]["id"]),
            of("Household", "cardNumber", &two["cardNumber"]),
        ]);
        let clerk = app.clerk(D::Poverty, OWN);
        let found = clerk.query(ENTITIES, json!({ "representations": representations })).await.data();
        let found = found["_entities"].as_array().expect("a list").clone();
        let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Household { cardNumber headName civilAffairs { dibao { class } } members { name } } ... on Person { name household { cardNumber } } } }";
        let ids = json!([two["id"], one["members"][0]["id"], one["id"]]);
        let nodes = clerk.query(nodes, json!({ "ids": ids })).await.data();
        assert_eq!(json!(found[..3]), nodes["nodes"]);
        assert_eq!(found[3], json!({ "__typename": "Region", "code": "150921000000", "name": "卓资县" }));
        assert_eq!(found[4]["code"], one["region"]["code"]);
        assert_eq!(found[5..9], [Value::Null, Value::Null, Value::Null, Value::Null]);
        assert_eq!(found[9], found[0]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn an_entity_outside_the_scope_is_null(db: TestDatabase) {
        let app = App::start(&db).await;
        let (own, other) = (households(&app, OWN, 1).await, households(&app, OTHER, 1).await);
        let (own, other) = (&own[0], &other[0]);
        let representations = json!([
            of("Household", "id", &other["id"]),
            of("Household", "cardNumber", &other["cardNumber"]),
            of("Person", "id", &other["members"][0]["id"]),
            of("Household", "id", &own["id"]),
        ]);
        let answer = app.clerk(D::Poverty, OWN).query(ENTITIES, json!({ "representations": representations })).await;
        let found = &answer.data()["_entities"];
        assert_eq!(found[3]["headName"], own["headName"]);
        assert_eq!(json!(found.as_array().expect("a list")[..3]), json!([null, null, null]));
        for secret in [&other["headName"], &other["members"][0]["name"], &other["cardNumber"]] {
            assert!(!answer.text.contains(secret.as_str().expect("a text")), "{}", answer.text);
        }
        // A school, a helper and a family have no more of it than by `node`.
        let text = "query($representations: [_Any!]!) { _entities(representations: $representations) { ... on Household { cardNumber } } }";
        let representations = json!([of("Household", "id", &own["id"]), of("Household", "cardNumber", &own["cardNumber"])]);
        for stranger in [app.institution(D::School, "0000000000"), app.helper("nobody", OWN), app.household("nobody", OWN)] {
            let answer = stranger.query(text, json!({ "representations": representations })).await;
            assert_eq!(answer.data(), json!({ "_entities": [null, null] }));
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_matrix_holds_for_entities(db: TestDatabase) {
        let app = App::start(&db).await;
        let own = &households(&app, OWN, 1).await[0];
        let cards = "{ bankCards: payments(first: 1) { nodes { household { finance { bankCards { id } } } } } }";
        let cards = app.auditor().query(cards, json!({})).await.data();
        let card = &cards["bankCards"]["nodes"][0]["household"]["finance"]["bankCards"][0]["id"];
        assert!(card.is_string(), "{cards}");
        let clerk = app.clerk(D::Edu, OWN);
        let asked = "query($representations: [_Any!]!) { _entities(representations: $representations) { ... on BankCard { cardNumber } } }";
        let of_card = json!({ "representations": [of("BankCard", "id", card)] });
        let answer = clerk.query(asked, of_card).await;
        assert_eq!((answer.codes(), answer.partial_data()), (vec!["FORBIDDEN".to_owned()], Value::Null));
        // Not asked for in the document, only named: null, and no look-up.
        let asked = "query($representations: [_Any!]!) { _entities(representations: $representations) { __typename ... on Household { cardNumber } } }";
        let representations = json!([of("BankCard", "id", card), of("Household", "id", &own["id"])]);
        let answer = clerk.query(asked, json!({ "representations": representations })).await;
        assert_eq!(answer.partial_data()["_entities"], json!([null, { "__typename": "Household", "cardNumber": own["cardNumber"] }]));
        assert_eq!(answer.codes(), ["FORBIDDEN"]);
        assert_eq!(answer.errors()[0]["path"], json!(["_entities", 0]));
        // Guarded fields are null with one error, as below any household.
        let asked = "query($representations: [_Any!]!) { _entities(representations: $representations) { ... on Household { phone } } }";
        let representations = json!([of("Household", "id", &own["id"])]);
        let answer = clerk.query(asked, json!({ "representations": representations })).await;
        assert_eq!((answer.codes(), answer.partial_data()), (vec!["FORBIDDEN".to_owned()], json!({ "_entities": [{ "phone": null }] })));
        let statistics = app.reader(D::Stats, OWN).query(asked, json!({ "representations": representations })).await;
        assert_eq!((statistics.codes(), statistics.partial_data()), (vec!["FORBIDDEN".to_owned()], Value::Null));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_names_no_entity_is_null_with_one_error(db: TestDatabase) {
        let app = App::start(&db).await;
        let own = &households(&app, OWN, 1).await[0];
        let representations = json!([
            of("Household", "id", &own["id"]),
            of("Household", "headName", &own["headName"]),
            of("Query", "id", &own["id"]),
            of("Household", "id", &json!(7)),
        ]);
        let clerk = app.clerk(D::Poverty, OWN);
        let answer = clerk.query(ENTITIES, json!({ "representations": representations })).await;
        let found = answer.partial_data();
        assert_eq!(found["_entities"][0]["headName"], own["headName"]);
        assert_eq!(json!(found["_entities"].as_array().expect("a list")[1..]), json!([null, null, null]));
        assert_eq!(answer.codes(), ["INVALID_REPRESENTATION"]);
        let error = &answer.errors()[0];
        assert_eq!((&error["path"], &error["extensions"]["count"]), (&json!(["_entities", 1]), &json!(3)));
        for (value, code) in [(json!("text"), "ARGUMENT"), (json!({ "id": own["id"] }), "ARGUMENT"), (Value::Null, "VARIABLES")] {
            let answer = clerk.query(ENTITIES, json!({ "representations": [value] })).await;
            assert_eq!(answer.codes(), [code], "{}", answer.text);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn entities_have_the_limits_of_nodes(db: TestDatabase) {
        let app = App::start(&db).await;
        let known = households(&app, OWN, 80).await;
        let clerk = app.clerk(D::Poverty, OWN);
        let named = |count: usize| -> Vec<Value> {
            let both = known.iter().flat_map(|of| [("cardNumber", of), ("id", of)]);
            both.map(|(field, household)| of("Household", field, &household[field])).take(count).collect()
        };
        let ask = async |count| clerk.query(ENTITIES, json!({ "representations": named(count) })).await;
        let statements = async |count| {
            let before = app.statements();
            assert_eq!(ask(count).await.data()["_entities"].as_array().map(Vec::len), Some(count));
            app.statements() - before
        };
        assert_eq!(statements(4).await, statements(100).await);
        let answer = ask(101).await;
        assert_eq!((answer.codes(), answer.partial_data()), (vec!["TOO_MANY_IDS".to_owned()], Value::Null));
        assert_eq!(answer.errors()[0]["extensions"]["argument"], json!(["representations"]));
        let cost = |answer: &crate::harness::Answer| answer.json()["extensions"]["cost"]["used"].as_u64().expect("a cost");
        assert_eq!(cost(&ask(100).await), 1 + (cost(&ask(1).await) - 1) * 100);
        let deep = "query($representations: [_Any!]!) { _entities(representations: $representations) { ... on Household { members { household { members { household { members { name } } } } } } } }";
        let answer = clerk.query(deep, json!({ "representations": named(100) })).await;
        assert!(answer.data().is_object());
    }
}

both_dbs! {
    /// To whom the server tells its schema at all.
    async fn the_service_tells_the_subgraph(db: TestDatabase) {
        let app = App::start(&db).await;
        let (text, reader) = ("{ _service { sdl } }", app.reader(D::Civil, OWN));
        assert_eq!(reader.query(text, json!({})).await.codes(), ["INTROSPECTION"]);
        let answer = reader.and(Role::SystemAdmin).query(text, json!({})).await.data();
        let sdl = answer["_service"]["sdl"].as_str().expect("a text");
        assert_eq!(sdl, yihu::schema::subgraph_sdl());
        for line in [
            "type Household implements Node @key(fields: \"id\") @key(fields: \"cardNumber\") {",
            "type Person implements Node @key(fields: \"id\") {",
            "type Region @key(fields: \"code\") {",
            "type PageInfo @shareable {",
        ] {
            assert!(sdl.contains(line), "{line}");
        }
    }
}
