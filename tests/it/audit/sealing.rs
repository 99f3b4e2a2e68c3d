//! What is sealed, by whom, when, and what the seal file has to do with it.

use super::{NOW_MS, Notary, demo_keys, intruder, open, run, transaction_number};
use crate::harness::{both_dbs, other_suite, suite};
use std::{
    fs,
    io::Write,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};
use yihu::{
    audit::{Fault, ProofError, SealError, Seals, prove},
    db::DbError,
    vault::SuiteName,
};

fn algorithm(suite: SuiteName) -> &'static str {
    match suite {
        SuiteName::International => "ED25519-SHA256",
        SuiteName::Chinese => "ED25519-SM3",
    }
}

both_dbs! {
    async fn seals_follow_each_other_and_cover_everything(db: TestDatabase) {
        let mut notary = Notary::of(&db).await;
        assert!(notary.sealer().seal().await.expect("nothing").is_none());
        assert_eq!(notary.checked().await.seals(), 0);
        let first_transaction = notary.write(3).await;
        let [first] = &notary.seal_all().await[..] else { panic!("one seal") };
        assert_eq!((first.number, first.from_transaction, first.records), (1, 0, 3));
        assert!(first.to_transaction > first_transaction);
        assert_eq!((first.previous.0, first.sealed_at_ms), ([0; 32], NOW_MS));
        assert_eq!(first.algorithm, algorithm(suite()));
        // Nothing new, nothing written.
        assert!(notary.sealer().seal().await.expect("nothing").is_none());
        // The other suite from one seal to the next.
        notary.suite = other_suite();
        notary.write(2_500).await;
        let [second] = &notary.seal_all().await[..] else { panic!("one seal") };
        assert_eq!((second.number, second.records), (2, 2_500));
        assert_eq!(second.from_transaction, first.to_transaction);
        assert_eq!(second.algorithm, algorithm(other_suite()));
        notary.write(1).await;
        let checked = notary.checked().await;
        assert_eq!((checked.seals(), checked.records, checked.unsealed), (2, 2_503, 1));
        assert_eq!(checked.newest.as_ref(), Some(second));
    }
}

both_dbs! {
    async fn the_horizon_waits_for_who_still_writes(db: TestDatabase) {
        let (database, other) = (open(&db).await, open(&db).await);
        let before = database.horizon().await.expect("a horizon");
        let slow: Result<(i64, i64), DbError> = other.write("slow", |transaction| {
            let database = database.clone();
            async move {
                let number = transaction_number(&transaction).await?;
                if database.dialect() == yihu::db::Dialect::Postgres {
                    // Another one has ended in the meantime; SQLite lets only one write.
                    let faster: Result<i64, DbError> = tokio::spawn(async move {
                        database.write("fast", |transaction| async move { transaction_number(&transaction).await }).await
                    }).await.expect("ends");
                    assert!(faster? > number);
                }
                Ok((number, open_horizon(&transaction).await?))
            }
        }).await;
        let (number, during) = slow.expect("a number");
        assert!(before <= number, "{before} {number}");
        assert!(during <= number, "{during} {number}");
        for _ in 0..3_000 {
            if database.horizon().await.expect("a horizon") > number {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the horizon does not move");
    }
}

/// What everybody else sees as the horizon while this transaction runs.
async fn open_horizon(transaction: &yihu::db::Transaction) -> Result<i64, DbError> {
    use sea_orm::{ConnectionTrait, DbBackend, Statement};
    let backend = transaction.get_database_backend();
    let sql = match backend {
        // The statement runs in the transaction itself, which counts as running.
        DbBackend::Postgres => {
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + added FROM transaction_clock"
        }
        // Others still see the count before it.
        _ => "SELECT added FROM transaction_clock",
    };
    let row = transaction
        .query_one_raw(Statement::from_string(backend, sql))
        .await?;
    Ok(row.expect("a clock").try_get_by_index(0).expect("a number"))
}

both_dbs! {
    async fn several_sealers_make_one_chain(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut notaries = Vec::new();
        for _ in 0..3 {
            let mut notary = Notary::of(&db).await;
            // The same file, as instances of one machine may have it.
            notary.file = Some(folder.path().join("seals.jsonl"));
            notaries.push(notary);
        }
        let (writing, made, writer) = (AtomicBool::new(true), AtomicUsize::new(0), Notary::of(&db).await);
        let seal = async |notary: &Notary| {
            let (sealer, mut sealed) = (notary.sealer(), 0);
            while writing.load(Ordering::Relaxed) {
                if let Some(seal) = sealer.seal().await.expect("a seal or none") {
                    made.fetch_add(1, Ordering::Relaxed);
                    sealed += seal.records;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            sealed
        };
        // Whoever writes anywhere in the cluster holds the horizon back: it may take its time to the second seal.
        let write = async {
            let mut written = 0;
            while written < 820 || made.load(Ordering::Relaxed) < 2 {
                writer.write(20).await;
                written += 20;
            }
            writing.store(false, Ordering::Relaxed);
            written
        };
        let (one, two, three, written) = tokio::join!(seal(&notaries[0]), seal(&notaries[1]), seal(&notaries[2]), write);
        let rest: i64 = notaries[0].seal_all().await.iter().map(|seal| seal.records).sum();
        assert_eq!(one + two + three + rest, written);
        let checked = notaries[0].checked().await;
        assert_eq!((checked.records.cast_signed(), checked.unsealed), (written, 0));
        assert!(checked.seals() > 1);
    }
}

both_dbs! {
    async fn overdue_is_what_has_no_seal_for_four_hours(db: TestDatabase) {
        let notary = Notary::of(&db).await;
        let seals = Seals::new(&notary.database);
        let overdue = async |after_ms: i64| seals.overdue(NOW_MS + after_ms).await.expect("known");
        let limit = 4 * 3_600_000;
        assert!(!overdue(0).await);
        notary.write(1).await;
        let asked = notary.database.statements();
        assert!(!overdue(limit - 1).await);
        assert_eq!(notary.database.statements(), asked);
        assert!(overdue(limit).await);
        assert_eq!(notary.database.statements(), asked + 1);
        notary.seal_all().await;
        assert!(!overdue(limit).await);
        assert!(!overdue(3 * limit).await);
    }
}

both_dbs! {
    async fn the_seal_file_is_made_whole_again(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("seals.jsonl");
        let mut notary = Notary::of(&db).await;
        notary.write(2).await;
        notary.seal_all().await;
        // Configured later: it gets what is there.
        notary.file = Some(path.clone());
        assert!(notary.sealer().seal().await.expect("nothing").is_none());
        let first = fs::read_to_string(&path).expect("a file");
        assert_eq!(first.lines().count(), 1);
        // The machine went down in the middle of a line.
        let torn = fs::File::options().append(true).open(&path).expect("a file").write_all(b"{\"number\":2,");
        torn.expect("written");
        assert_eq!(notary.check().await.fault, Some(Fault::Line { line: 2 }));
        notary.write(2).await;
        let sealed = notary.sealer();
        while sealed.seal().await.expect("a seal").is_none() {}
        let both = fs::read_to_string(&path).expect("a file");
        assert!(both.starts_with(&first));
        assert_eq!(both.lines().count(), 2);
        notary.checked().await;
        // What else stands at its end is no work of ours.
        fs::write(&path, format!("{both}{{}}\n")).expect("written");
        assert!(matches!(sealed.seal().await, Err(SealError::File(_))));
        assert_eq!(notary.check().await.fault, Some(Fault::Line { line: 3 }));
    }
}

both_dbs! {
    async fn a_table_that_lost_its_end_is_not_sealed_on(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut notary = Notary::of(&db).await;
        notary.file = Some(folder.path().join("seals.jsonl"));
        notary.write(2).await;
        let first = notary.seal_all().await.pop().expect("a seal");
        notary.write(2).await;
        notary.seal_all().await;
        let intruder = intruder(&db).await;
        run(&intruder, "DELETE FROM audit_seal WHERE number = 2").await;
        run(&intruder, &format!("DELETE FROM audit_record WHERE transaction_id >= {}", first.to_transaction)).await;
        notary.write(1).await;
        assert!(matches!(notary.sealer().seal().await, Err(SealError::Disagree(2))));
        assert_eq!(db.number("SELECT COUNT(*) FROM audit_seal").await, 1);
        assert_eq!(notary.check().await.fault, Some(Fault::NotInTable { number: 2 }));
        // Without the file nobody could know.
        notary.file = None;
        notary.checked().await;
    }
}

both_dbs! {
    async fn numbers_that_fell_are_not_sealed(db: TestDatabase) {
        let notary = Notary::of(&db).await;
        notary.write(1).await;
        let sealed_to = notary.seal_all().await.pop().expect("a seal").to_transaction;
        let intruder = intruder(&db).await;
        run(&intruder, "UPDATE transaction_clock SET added = added - 1000000").await;
        match notary.sealer().seal().await {
            Err(error @ SealError::ClockBehind { horizon, sealed_to: to }) => {
                assert_eq!(to, sealed_to);
                assert!(error.to_string().ends_with(&format!("by at least {}", to - horizon)));
            }
            other => panic!("{other:?}"),
        }
    }
}

both_dbs! {
    async fn each_record_of_a_seal_is_proved(db: TestDatabase) {
        let mut notary = Notary::of(&db).await;
        notary.write(5).await;
        notary.seal_all().await;
        notary.suite = other_suite();
        let transaction = notary.write(13).await;
        let seal = notary.seal_all().await.pop().expect("a seal");
        let reads = notary.database.reads();
        for ordinal in 0..13 {
            let key = format!("{transaction}/{ordinal}").parse().expect("a key");
            let proof = prove(reads, &demo_keys(), key).await.expect("a proof");
            assert_eq!((proof.index, &proof.seal), (ordinal, &seal));
            assert_eq!(proof.check(&demo_keys()), Ok(key));
            let mut other = proof.clone();
            other.record.insert("operation".to_owned(), "grantDibao".into());
            assert_eq!(other.check(&demo_keys()), Err(Fault::NotUnder { number: 2 }));
            let mut other = proof.clone();
            other.index += 1;
            assert_eq!(other.check(&demo_keys()), Err(Fault::NotUnder { number: 2 }));
        }
        let absent = format!("{transaction}/13").parse().expect("a key");
        assert!(matches!(prove(reads, &demo_keys(), absent).await, Err(ProofError::NoRecord(_))));
        let unsealed = format!("{}/0", notary.write(1).await).parse().expect("a key");
        assert!(matches!(prove(reads, &demo_keys(), unsealed).await, Err(ProofError::NotSealed(_))));
        // What is no longer as it was sealed is not proved.
        let intruder = intruder(&db).await;
        run(&intruder, &format!("DELETE FROM audit_record WHERE transaction_id = {transaction} AND ordinal = 7")).await;
        let key = format!("{transaction}/1").parse().expect("a key");
        assert!(matches!(
            prove(reads, &demo_keys(), key).await,
            Err(ProofError::Fault(Fault::NotUnder { number: 2 }))
        ));
    }
}
