//! `yihu audit` and the server that seals, as the real program.

use super::{NOW_MS, Notary, intruder, run};
use crate::harness::both_dbs;
use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};
use yihu::audit::SealKey;

const KEY: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const PUBLIC_KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// What every server needs besides.
const ISSUER: &str =
    "[[tokens.issuers]]\nissuer = 'https://a'\nalgorithm = 'EdDSA'\nkeys_file = 'keys.json'\n";

fn yihu(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yihu"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command.arg("audit").args(arguments);
    command
}

fn ask(folder: &Path, arguments: &[&str]) -> Output {
    yihu(folder, arguments).output().expect("runs")
}

/// What it says, where it succeeds.
fn said(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout.clone()).expect("a text")
}

/// What it says on both outputs, where it fails.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(said).expect("a text")
}

both_dbs! {
    async fn verify_tells_what_it_checked_and_the_first_fault(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut notary = Notary::of(&db).await;
        notary.file = Some(folder.path().join("seals.jsonl"));
        notary.write(3).await;
        notary.seal_all().await;
        notary.write(4).await;
        let seal = notary.seal_all().await.pop().expect("a seal");
        notary.write(1).await;
        let verify = |more: &[&str]| {
            let options = ["verify", "--demo", "--database", &db.url];
            ask(folder.path(), &[&options, more].concat())
        };
        let (to, key) = (seal.to_transaction, SealKey::demo().id());
        let right = format!(
            "checked: 2 seals over 7 records\n\
             newest: seal 2, to before transaction {to}, of 2018-12-31T04:00:00Z, key {key}\n\
             not sealed yet: 1 records\n"
        );
        assert_eq!(said(&verify(&["--seals", "seals.jsonl"])), right);
        assert_eq!(said(&verify(&[])), right);
        let stranger = refused(&verify(&["--public-key", PUBLIC_KEY]));
        assert_eq!(
            stranger,
            "checked: 0 seals over 0 records\n\
             yihu: fault: seal 1 is signed with a key that is not among the public keys\n"
        );
        let intruder = intruder(&db).await;
        run(&intruder, "UPDATE audit_record SET user_id = '李强' WHERE ordinal = 3").await;
        let (first, from) = (&refused(&verify(&[])), seal.from_transaction);
        assert!(first.starts_with("checked: 1 seals over 3 records\nnewest: seal 1, "), "{first}");
        let fault = format!("\nyihu: fault: the records of transactions {from} to before {to} are not those that seal 2 is over\n");
        assert!(first.ends_with(&fault), "{first}");
        let absent = refused(&verify(&["--seals", "absent.jsonl"]));
        assert!(absent.starts_with("yihu: seal file: "), "{absent}");
    }
}

both_dbs! {
    async fn a_proof_is_checked_without_a_database(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let notary = Notary::of(&db).await;
        let transaction = notary.write(6).await;
        notary.seal_all().await;
        let record = format!("{transaction}/4");
        let proof = said(&ask(folder.path(), &["prove", "--demo", "--database", &db.url, "--record", &record]));
        let path = folder.path().join("proof.json");
        fs::write(&path, &proof).expect("a file");
        let (public_key, id) = (SealKey::demo().public_key(), SealKey::demo().id());
        let check = |key: &str| ask(folder.path(), &["check-proof", "proof.json", "--public-key", key]);
        assert_eq!(
            said(&check(&public_key)),
            format!("the record {record} is under seal 1, of 2018-12-31T04:00:00Z, key {id}\n")
        );
        assert_eq!(
            refused(&check(PUBLIC_KEY)),
            "yihu: fault: seal 1 is signed with a key that is not among the public keys\n"
        );
        let json: Value = serde_json::from_str(&proof).expect("JSON");
        assert_eq!(json["record"]["after_json"], "{\"monthly_fen\":43000}");
        assert_eq!(json["record"]["at_ms"], NOW_MS);
        fs::write(&path, proof.replace("43000", "53000")).expect("a file");
        assert_eq!(
            refused(&check(&public_key)),
            "yihu: fault: the record of the proof is not under seal 1\n"
        );
        fs::write(&path, proof.replace("\"index\"", "\"place\"")).expect("a file");
        assert!(refused(&check(&public_key)).starts_with("yihu: proof.json: not a proof: "));
        let absent = ask(folder.path(), &["prove", "--demo", "--database", &db.url, "--record", "1/99"]);
        assert_eq!(refused(&absent), "yihu: there is no record 1/99\n");
    }
}

#[test]
fn keys_are_read_as_configured() {
    let folder = tempfile::tempdir().expect("a folder");
    let configure = |options: &str| {
        let text = format!("[audit]\n{options}\n{ISSUER}");
        fs::write(folder.path().join("yihu.toml"), text).expect("a file");
    };
    configure("");
    let public_key = |key: &str| {
        let mut command = yihu(folder.path(), &["public-key", "--config", "yihu.toml"]);
        command.env("YIHU_SEAL_KEY", key).output().expect("runs")
    };
    assert_eq!(said(&public_key(KEY)), format!("{PUBLIC_KEY}\n"));
    for (key, words) in [
        (
            "short",
            "YIHU_SEAL_KEY holds a key that is not 32 bytes in base64",
        ),
        (
            "eWlodSBkZW1vbnN0cmF0aW9uLCBhdWRpdCBzZWFscyA=",
            "that of the demonstration; production needs its own",
        ),
    ] {
        let refused = refused(&public_key(key));
        assert_eq!(refused, format!("yihu: key of the audit: {words}\n"));
    }
    let verify = |more: &[&str]| {
        let options = ["verify", "--config", "yihu.toml"];
        refused(&ask(folder.path(), &[&options, more].concat()))
    };
    assert_eq!(
        verify(&[]),
        "yihu: no public key: give --public-key, audit.public_keys or YIHU_SEAL_KEY\n"
    );
    let absent = "yihu: database yihu.sqlite: no such file\n";
    assert_eq!(verify(&["--public-key", PUBLIC_KEY]), absent);
    configure(&format!("public_keys = ['{PUBLIC_KEY}']"));
    assert_eq!(verify(&[]), absent);
    assert!(!folder.path().join("yihu.sqlite").exists());
    for (options, words) in [
        ("seal_seconds = 61", "audit.seal_seconds: 1 to 60"),
        (
            "public_keys = ['no']",
            "audit.public_keys: a public key is the 32 bytes of an Ed25519 key in base64",
        ),
    ] {
        configure(options);
        assert_eq!(verify(&[]), format!("yihu: {words}\n"));
    }
}

/// A server of the real program, killed at the end.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_server_seals_what_is_written(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut notary = Notary::of(&db).await;
        notary.file = Some(folder.path().join("seals.jsonl"));
        notary.write(3).await;
        let _serving = Serving(
            Command::new(env!("CARGO_BIN_EXE_yihu"))
                .current_dir(folder.path())
                .env_clear()
                .env("YIHU_AUDIT_SEAL_SECONDS", "1")
                .env("YIHU_AUDIT_SEAL_FILE", "seals.jsonl")
                .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--database", &db.url])
                .stdout(Stdio::null())
                .spawn()
                .expect("starts"),
        );
        let sealed = async |records: u64| {
            for _ in 0..600 {
                tokio::time::sleep(Duration::from_millis(50)).await;
                if let Ok(text) = fs::read_to_string(folder.path().join("seals.jsonl"))
                    && text.ends_with('\n')
                    && notary.check().await.records == records
                {
                    return;
                }
            }
            panic!("nothing was sealed");
        };
        sealed(3).await;
        // Not only at its start.
        notary.write(2).await;
        sealed(5).await;
        notary.checked().await;
    }
}
