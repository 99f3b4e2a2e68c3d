//! The real program: what it prints, how it ends, what it refuses to start with.

use super::{Answer, JSON, claims, now};
use crate::harness::{Engine, Program, both_dbs, yihu};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Output, Stdio},
};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    yihu(folder).args(arguments).output().expect("runs")
}

#[tokio::test]
async fn nothing_of_a_request_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::demo(folder.path(), &[], &[]);
    let token = claims().sign(now()).expect("a token");
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let url = format!("http://{}/graphql", program.address());
    let ask = |body: String| {
        client
            .post(&url)
            .bearer_auth(&token)
            .header("content-type", JSON)
            .body(body)
    };
    let (number, name, card) = ("152601198001011234", "张三丰", "6222020200112233445");
    let mut ids = Vec::new();
    for body in [
        json!({ "query": "{viewer{department}}", "variables": { "n": number, "name": name } }),
        json!({ "query": format!("{{viewer{{department}} # {number} {name}"), "operationName": name }),
        json!({ "query": format!("query Q{number}{{unknown{number}(name:\"{name}\",card:\"{card}\")}}") }),
        json!({ "query": format!("query($c:Int!){{viewer{{department}} __typename}} #{card}"), "variables": { "c": card } }),
        json!([number, name, card]),
    ] {
        let answer = Answer::of(ask(body.to_string()).send().await.expect("an answer")).await;
        ids.push(answer.headers["x-request-id"].clone());
    }
    for request in [
        ask(format!("{{\"query\":\"{number}{name}")),
        client
            .get(format!(
                "{url}?query=%7Bname%7D&variables=%7B%22n%22:%22{number}%22%7D"
            ))
            .bearer_auth(&token),
        client
            .post(&url)
            .bearer_auth(format!("{number}.{card}.{name}").replace(name, "x")),
        client
            .post(&url)
            .bearer_auth(&token)
            .header("accept-language", number)
            .header("x-request-id", card),
        client.get(format!("http://{}/{number}", program.address())),
    ] {
        let answer = Answer::of(request.send().await.expect("an answer")).await;
        assert!(!answer.headers["x-request-id"].contains(card));
        assert!(!answer.text.contains(number), "{}", answer.text);
    }
    let printed = program.stop();
    for canary in [
        number,
        name,
        card,
        // The tokens a demonstration prints begin alike; their claims differ.
        token.split('.').nth(1).expect("claims"),
        token.rsplit('.').next().expect("a signature"),
    ] {
        assert!(!printed.contains(canary), "{canary} in {printed}");
    }
    for id in ids {
        assert!(printed.contains(&id), "{id} not in {printed}");
    }
    assert!(printed.contains("\"message\":\"stopped\""), "{printed}");
    let first = printed.lines().next().expect("a line");
    serde_json::from_str::<Value>(first).expect("a line is JSON");
    // The control: this test would see what is printed.
    assert!(printed.contains("\"department\":\"CIVIL\""), "{printed}");
}

#[test]
fn what_cannot_work_does_not_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = |output: &Output| {
        assert_eq!(output.status.code(), Some(1));
        [output.stdout.as_slice(), output.stderr.as_slice()].concat()
    };
    for (arguments, words) in [
        (vec!["serve"], "tokens.issuers"),
        (vec!["doctor"], "tokens.issuers"),
        (
            vec!["serve", "--demo", "--config", "absent.toml"],
            "absent.toml",
        ),
        (vec!["token", "--department", "KING"], "department"),
        (vec!["token", "--department", "CIVIL"], "region"),
        (vec!["token", "--department", "BANK"], "org"),
    ] {
        let said = String::from_utf8(said(&run(folder.path(), &arguments))).expect("a text");
        assert!(said.contains(words), "{arguments:?} {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    std::fs::write(
        folder.path().join("bad.toml"),
        "[http]\nlisten_on = \"secret\"",
    )
    .expect("a file");
    let said = said(&run(
        folder.path(),
        &["serve", "--demo", "--config", "bad.toml"],
    ));
    assert_eq!(
        String::from_utf8_lossy(&said),
        "yihu: configuration: http.listen_on: unknown option\n"
    );
    let output = yihu(folder.path())
        .args(["doctor", "--demo"])
        .env("YIHU_HTTP_LISTEN", "127.0.0.1:0")
        .output()
        .expect("runs");
    assert_eq!(
        (output.status.code(), output.stdout.as_slice()),
        (Some(0), b"ok\n".as_slice())
    );
}

#[test]
fn a_token_is_the_only_output() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(
        folder.path(),
        &[
            "token",
            "--department",
            "CIVIL",
            "--region",
            "150921",
            "--role",
            "CLERK",
        ],
    );
    let token = String::from_utf8(output.stdout).expect("a text");
    assert_eq!(token.trim().split('.').count(), 3);
    assert_eq!(token.lines().count(), 1);
}

#[test]
fn a_database_that_cannot_be_used_is_told_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("text.sqlite"),
        "no database ".repeat(100),
    )
    .expect("a file");
    for (url, words) in [
        (
            "mysql://root:geheim@h/n",
            "yihu: database: the database URL must begin with sqlite:// or postgres://\n",
        ),
        (
            "sqlite://text.sqlite",
            "yihu: database text.sqlite: the database can't be reached (26: file is not a database)\n",
        ),
        (
            "sqlite://no/such.sqlite",
            "yihu: database no/such.sqlite: the database can't be reached (14: unable to open database file)\n",
        ),
        (
            "postgres://u:geheim@127.0.0.1:1/n",
            "yihu: database 127.0.0.1:1/n: the database can't be reached (error connecting to server: Connection refused (os error 111))\n",
        ),
    ] {
        let output = run(
            folder.path(),
            &[
                "serve",
                "--demo",
                "--listen",
                "127.0.0.1:0",
                "--database",
                url,
            ],
        );
        assert_eq!(output.status.code(), Some(1));
        let said = [output.stdout, output.stderr].concat();
        assert_eq!(String::from_utf8_lossy(&said), words);
    }
}

/// Serves the demonstration for a moment, and gives the lines before the welcome.
fn lines_of_a_start(folder: &Path) -> Vec<String> {
    let mut child = yihu(folder)
        .args(["serve", "--demo", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let output = BufReader::new(child.stdout.take().expect("an output"));
    let lines = output.lines().map(|line| line.expect("a line"));
    let lines = lines.take_while(|line| !line.is_empty()).collect();
    child.kill().expect("killed");
    child.wait().expect("ended");
    lines
}

#[test]
fn a_demonstration_begins_with_two_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    for word in [
        "demonstration: filled 2552 households",
        "demonstration: left as it is",
    ] {
        let lines = lines_of_a_start(folder.path());
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].contains(word), "{lines:?}");
        assert!(lines[1].contains("serving address=127.0.0.1:"), "{lines:?}");
    }
}

const ISSUERS: &str = "[http]\nlisten = '127.0.0.1:0'\n[[tokens.issuers]]\nissuer = 'https://a'\nalgorithm = 'EdDSA'\n\
    keys_file = 'keys.json'\n[[tokens.issuers]]\nissuer = 'https://b'\nalgorithm = 'EdDSA'\n";

const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

fn one_issuer() -> String {
    let other = "[[tokens.issuers]]\nissuer = 'https://b'\nalgorithm = 'EdDSA'\n";
    ISSUERS.replace(other, "")
}

#[test]
fn the_doctor_looks_at_each_thing_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write("keys.json", KEYS);
    write(
        "yihu.toml",
        &format!("{ISSUERS}keys_url = 'https://127.0.0.1:1/keys'"),
    );
    let doctor = |key: &str| {
        let output = yihu(folder.path())
            .args(["doctor", "--config", "yihu.toml"])
            .env(
                "YIHU_ENCRYPTION_KEYS",
                "1:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=",
            )
            .env("YIHU_INDEX_KEY", key)
            .env("YIHU_SEAL_KEY", key)
            .output()
            .expect("runs");
        (
            output.status.code(),
            String::from_utf8(output.stdout).expect("a text"),
        )
    };
    let advice =
        "advice: graphql.documents: any document runs; production should say \"trusted\"\n";
    assert_eq!(
        doctor("short"),
        (
            Some(1),
            format!(
                "tokens.issuers: the key set of issuer https://b cannot be read: no connection\n\
                 keys of the vault: YIHU_INDEX_KEY holds a key that is not 32 bytes in base64\n\
                 key of the audit: YIHU_SEAL_KEY holds a key that is not 32 bytes in base64\n\
                 database yihu.sqlite: no such file; `yihu migrate` makes it\n{advice}"
            )
        )
    );
    assert!(!folder.path().join("yihu.sqlite").exists());
    write("yihu.toml", &one_issuer());
    let migrated = run(folder.path(), &["migrate", "--config", "yihu.toml"]);
    assert!(migrated.status.success());
    assert_eq!(
        doctor("MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTM="),
        (Some(0), format!("{advice}ok\n"))
    );
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_doctor_finds_a_server_that_forgets(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("keys.json"), KEYS).expect("a file");
        std::fs::write(folder.path().join("yihu.toml"), one_issuer()).expect("a file");
        let doctor = |more: &[&str]| {
            let output = yihu(folder.path()).args(["doctor", "--database", &db.url]).args(more).output().expect("runs");
            String::from_utf8(output.stdout).expect("a text")
        };
        let mut forgets = String::new();
        let mut slow = String::new();
        if db.engine == Engine::Postgres {
            for name in ["fsync", "synchronous_commit"] {
                if db.text(&format!("SELECT current_setting('{name}')")).await == "off" {
                    forgets += &format!("database: {name} is off: what was answered as done is lost when the machine stops\n");
                }
            }
            if db.text("SELECT current_setting('autovacuum')").await == "off" {
                slow += "advice: database: autovacuum is off: statements keep to plans that were made for smaller tables\n";
            }
        }
        let said = doctor(&["--config", "yihu.toml"]);
        assert!(said.contains(&format!("{forgets}{slow}")), "{said}");
        let mine = said.lines().filter(|line| line.contains(" is off: ")).count();
        assert_eq!(mine, forgets.lines().count() + slow.lines().count(), "{said}");
        assert_eq!(doctor(&["--demo", "--listen", "127.0.0.1:0"]), "ok\n");
    }
}
