//! Keys that change: nothing is lost, nothing stays under an old key, and a server with another index key does not start.

use crate::harness::{App, Engine, TestDatabase, both_dbs, other_suite, suite};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use entity::codes::Department as D;
use serde_json::json;
use std::collections::BTreeSet;
use yihu::{
    db::{Database, Settings},
    departments,
    graphql::scalars::global_id,
    resealing::{ResealError, check_index_key, reindex, rotate},
    vault::{ENCRYPTION_KEYS, INDEX_KEY, KeyRing, SuiteName, Vault},
};

const DEMO: &[u8; 32] = b"yihu demonstration, encryption 1";
const DEMO_INDEX: &[u8; 32] = b"yihu demonstration, blind index ";

/// The demonstration's encryption key, a second one, and an index key.
fn vault(suite: SuiteName, newest: Option<u8>, index: &[u8; 32]) -> Vault {
    let mut keys = format!("1:{}", STANDARD.encode(DEMO));
    if let Some(second) = newest {
        let key: Vec<u8> = (0..32).map(|at| at ^ second).collect();
        keys += &format!(",2:{}", STANDARD.encode(key));
    }
    let ring = KeyRing::read(|name| match name {
        ENCRYPTION_KEYS => Some(keys.clone()),
        INDEX_KEY => Some(STANDARD.encode(index)),
        _ => None,
    });
    Vault::new(suite, &ring.expect("a key ring"))
}

/// How many values of all columns begin with this suite and version.
async fn sealed_with(db: &TestDatabase, suite: SuiteName, version: u16) -> i64 {
    let suite = suite.byte();
    let [high, low] = version.to_be_bytes();
    let mut count = 0;
    for column in departments::sensitive() {
        let head = match db.engine == Engine::Postgres {
            true => format!("'\\x{suite:02x}{high:02x}{low:02x}'::bytea"),
            false => format!("x'{suite:02x}{high:02x}{low:02x}'"),
        };
        let sql = format!(
            "SELECT COUNT(*) FROM {} WHERE substr({}, 1, 3) = {head}",
            column.table, column.column
        );
        count += db.number(&sql).await;
    }
    count
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_new_data_key_replaces_the_old_one(db: TestDatabase) {
        let database = Database::connect(&db.url, &Settings::default()).await.expect("a database");
        let all = sealed_with(&db, suite(), 1).await;
        assert!(all > 500);
        let rotated = rotate(&database, &vault(suite(), Some(7), DEMO_INDEX)).await.expect("rotated");
        assert_eq!(rotated.iter().map(|column| column.renewed).sum::<u64>(), u64::try_from(all).expect("a count"));
        assert_eq!((sealed_with(&db, suite(), 1).await, sealed_with(&db, suite(), 2).await), (0, all));
        // Again there is nothing to do; and without the new key nothing opens any more.
        let again = rotate(&database, &vault(suite(), Some(7), DEMO_INDEX)).await.expect("rotated");
        assert_eq!(again.iter().map(|column| column.renewed).sum::<u64>(), 0);
        let old = Vault::new(other_suite(), &KeyRing::demo());
        assert!(matches!(rotate(&database, &old).await, Err(ResealError::Value { .. })));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_new_index_key_finds_the_same_persons(db: TestDatabase) {
        let database = Database::connect(&db.url, &Settings::default()).await.expect("a database");
        let demo = crate::harness::vault();
        check_index_key(&database, &demo).await.expect("the first says which");
        let other = vault(other_suite(), Some(9), b"another index key of 32 bytes...");
        assert!(matches!(check_index_key(&database, &other).await, Err(ResealError::OtherIndexKey)));
        let double = "SELECT COUNT(*) FROM (SELECT citizen_number_index FROM person WHERE valid_to IS NULL AND identity_id IS NOT NULL \
            GROUP BY citizen_number_index HAVING COUNT(*) > 1) d";
        let unlinked = "SELECT COUNT(*) FROM person p JOIN identity i ON i.id = p.identity_id WHERE i.citizen_number_index <> p.citizen_number_index";
        let (doubles, apart) = (db.number(double).await, db.number(unlinked).await);
        reindex(&database, &other).await.expect("computed anew");
        assert_eq!((db.number(double).await, db.number(unlinked).await), (doubles, apart));
        assert!(sealed_with(&db, other_suite(), 2).await > 500);
        check_index_key(&database, &other).await.expect("now it is this one");
        assert!(matches!(check_index_key(&database, &demo).await, Err(ResealError::OtherIndexKey)));
        // And back, with the demonstration's keys beside the second: a look-up finds whom it found before.
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Township, "150921");
        reindex(&database, &vault(suite(), Some(9), DEMO_INDEX)).await.expect("computed anew");
        let person = db.number("SELECT MIN(id) FROM person WHERE county_code = 150921 AND valid_to IS NULL AND citizen_number_state = 'VALID'").await;
        let number = number_of(&database, person).await;
        let found = clerk.query("query($n: String) { household(citizenNumber: $n) { members { id } } }", json!({ "n": number })).await.data();
        let members: BTreeSet<_> = found["household"]["members"].as_array().expect("members").iter().map(|member| member["id"].clone().to_string()).collect();
        assert!(members.contains(&json!(global_id("Person", person)).to_string()));
    }
}

/// The number of a person in full, opened with the second key.
async fn number_of(database: &Database, person: i64) -> String {
    use yihu::{
        db::{Class, Opening, Param, Statement},
        vault::{Kind, Place, Sensitive},
    };
    let sql = "SELECT citizen_number_cipher FROM person WHERE id = $1";
    let statement = Statement::new(Class::ByHousehold, sql, vec![Param::I64(person)]);
    let rows = database
        .reads()
        .opened(Opening::Resealing)
        .acquire()
        .await
        .expect("a session")
        .one(statement)
        .await
        .expect("a row");
    let place = Place::new("person", "citizen_number_cipher", person);
    let cipher = rows[0].cell(0).bytes().expect("a cipher");
    let vault = vault(suite(), Some(9), DEMO_INDEX);
    vault
        .open(Kind::CitizenNumber, place, cipher)
        .expect("it opens")
        .reveal()
        .to_owned()
}

#[test]
fn every_sealed_column_is_known() {
    let known: BTreeSet<_> = departments::sensitive()
        .iter()
        .map(|column| format!("{}.{}", column.table, column.column))
        .collect();
    let mut sealed = BTreeSet::new();
    for folder in
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/entity/src")).expect("entities")
    {
        let Ok(files) = std::fs::read_dir(folder.expect("a folder").path()) else {
            continue;
        };
        for file in files {
            let text = std::fs::read_to_string(file.expect("a file").path()).expect("a text");
            let Some(table) = text
                .split("table_name = \"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
            else {
                continue;
            };
            for line in text.lines().filter(|line| line.contains("_cipher:")) {
                let column = line
                    .trim()
                    .trim_start_matches("pub ")
                    .split(':')
                    .next()
                    .expect("a name");
                sealed.insert(format!("{table}.{column}"));
            }
        }
    }
    assert_eq!(known, sealed);
}
