//! Trials of tampering: whatever is changed, removed, added or moved below the newest seal is found.
//!
//! `YIHU_TRIALS=1000 cargo test --test it audit::tampering` runs more of them.

use super::{Notary, intruder, run};
use crate::harness::{TestDatabase, both_dbs};
use entity::shared::{audit_record, audit_seal};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, IntoActiveModel, QueryOrder,
    Statement,
};
use std::{fs, path::PathBuf};
use yihu::audit::{Fault, SealKey};

const TRIALS: u64 = 60;

/// Numbers that look drawn, the same for the same seed (SplitMix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What a column holds.
#[derive(Clone, Copy)]
enum Kind {
    Number,
    Text,
    Bytes,
}

const RECORD: [(&str, Kind); 18] = [
    ("transaction_id", Kind::Number),
    ("ordinal", Kind::Number),
    ("at_ms", Kind::Number),
    ("user_id", Kind::Text),
    ("client", Kind::Text),
    ("department", Kind::Text),
    ("roles", Kind::Text),
    ("institution_code", Kind::Text),
    ("purpose", Kind::Text),
    ("operation", Kind::Text),
    ("request_id", Kind::Text),
    ("action", Kind::Text),
    ("object_type", Kind::Text),
    ("object_id", Kind::Number),
    ("household_id", Kind::Number),
    ("region_code", Kind::Number),
    ("before_json", Kind::Text),
    ("after_json", Kind::Text),
];

const SEAL: [(&str, Kind); 10] = [
    ("number", Kind::Number),
    ("from_transaction", Kind::Number),
    ("to_transaction", Kind::Number),
    ("records", Kind::Number),
    ("root", Kind::Bytes),
    ("previous", Kind::Bytes),
    ("sealed_at_ms", Kind::Number),
    ("algorithm", Kind::Text),
    ("key_id", Kind::Text),
    ("signature", Kind::Bytes),
];

/// A sealed database, and how it was.
struct Trial {
    notary: Notary,
    connection: DatabaseConnection,
    path: PathBuf,
    records: Vec<audit_record::Model>,
    seals: Vec<audit_seal::Model>,
    lines: Vec<u8>,
    draw: Draw,
}

impl Trial {
    async fn of(db: &TestDatabase, path: PathBuf) -> Trial {
        let mut notary = Notary::of(db).await;
        notary.file = Some(path.clone());
        for records in [1, 2, 3, 5, 8] {
            for more in 0..3 {
                notary.write(records + more).await;
            }
            notary.seal_all().await;
        }
        let connection = intruder(db).await;
        let records = audit_record::Entity::find()
            .order_by_asc(audit_record::Column::TransactionId)
            .order_by_asc(audit_record::Column::Ordinal);
        let seals = audit_seal::Entity::find().order_by_asc(audit_seal::Column::Number);
        Trial {
            records: records.all(&connection).await.expect("records"),
            seals: seals.all(&connection).await.expect("seals"),
            lines: fs::read(&path).expect("a file"),
            notary,
            connection,
            path,
            draw: Draw(0),
        }
    }

    async fn restore(&self) {
        run(
            &self.connection,
            "DELETE FROM audit_record; DELETE FROM audit_seal",
        )
        .await;
        let records = self.records.iter().cloned();
        audit_record::Entity::insert_many(records.map(IntoActiveModel::into_active_model))
            .exec_without_returning(&self.connection)
            .await
            .expect("the records");
        let seals = self.seals.iter().cloned();
        audit_seal::Entity::insert_many(seals.map(IntoActiveModel::into_active_model))
            .exec_without_returning(&self.connection)
            .await
            .expect("the seals");
        fs::write(&self.path, &self.lines).expect("the file");
    }

    /// Does one thing that must be found, and says what. Nothing where the database does not let it happen.
    async fn tamper(&mut self) -> Option<String> {
        match self.draw.below(11) {
            0..=2 => self.change_record().await,
            3 => self.remove_record().await,
            4 => self.add_record().await,
            5 => self.swap_records().await,
            6 => self.cut_tables().await,
            7 | 8 => self.change_seal().await,
            9 => self.change_file(),
            _ => self.forge().await,
        }
    }

    fn record_place(&mut self) -> String {
        place(self.draw.of(&self.records))
    }

    async fn change_record(&mut self) -> Option<String> {
        let column = *self.draw.of(&RECORD);
        let place = self.record_place();
        self.change("audit_record", column, &place).await
    }

    async fn change_seal(&mut self) -> Option<String> {
        let column = *self.draw.of(&SEAL);
        let number = self.draw.of(&self.seals).number;
        self.change("audit_seal", column, &format!("number = {number}"))
            .await
    }

    /// One bit or byte of one column, or a null that was none.
    async fn change(
        &mut self,
        table: &str,
        (column, kind): (&str, Kind),
        place: &str,
    ) -> Option<String> {
        let backend = self.connection.get_database_backend();
        let sql = format!("SELECT {column} FROM {table} WHERE {place}");
        let row = self
            .connection
            .query_one_raw(Statement::from_string(backend, sql))
            .await;
        let row = row.expect("a statement").expect("a row");
        let value = match kind {
            Kind::Number if column == "ordinal" => {
                let number: i32 = row.try_get_by_index(0).expect("a number");
                Some((number ^ (1 << self.draw.below(32))).to_string())
            }
            Kind::Number => {
                let number: Option<i64> = row.try_get_by_index(0).expect("a number");
                self.other(number, |draw, number| {
                    Some((number ^ (1 << draw.below(64))).to_string())
                })
            }
            Kind::Text => {
                let text: Option<String> = row.try_get_by_index(0).expect("a text");
                self.other(text, |draw, text| {
                    let text = String::from_utf8(other_byte(draw, text.into_bytes())).ok()?;
                    Some(format!("'{}'", text.replace('\'', "''")))
                })
            }
            Kind::Bytes => {
                let bytes: Vec<u8> = row.try_get_by_index(0).expect("bytes");
                let bytes = other_byte(&mut self.draw, bytes);
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                Some(match backend {
                    DbBackend::Postgres => format!("'\\x{hex}'::bytea"),
                    _ => format!("X'{hex}'"),
                })
            }
        }?;
        let sql = format!("UPDATE {table} SET {column} = {value} WHERE {place}");
        self.run(sql).await
    }

    /// Another value, or null for a value, or a value for null.
    fn other<T: Default>(
        &mut self,
        value: Option<T>,
        change: impl Fn(&mut Draw, T) -> Option<String>,
    ) -> Option<String> {
        match (value, self.draw.below(8)) {
            (Some(_), 0) => Some("NULL".to_owned()),
            (Some(value), _) => change(&mut self.draw, value),
            (None, 0..4) => Some("''".to_owned()),
            (None, _) => change(&mut self.draw, T::default()),
        }
    }

    async fn remove_record(&mut self) -> Option<String> {
        let place = self.record_place();
        self.run(format!("DELETE FROM audit_record WHERE {place}"))
            .await
    }

    /// A copy of a record at a place that was free, anywhere below the end of the newest seal.
    async fn add_record(&mut self) -> Option<String> {
        let mut record = self.draw.of(&self.records).clone();
        let end = self.seals.last().expect("a seal").to_transaction;
        record.transaction_id = match self.draw.below(3) {
            0 => -1 - self.draw.below(100) as i64,
            1 => record.transaction_id,
            _ => self.draw.below(end as usize) as i64,
        };
        record.ordinal = [-1, 50, i32::MIN, i32::MAX][self.draw.below(4)];
        let said = format!("added {}", place(&record));
        audit_record::Entity::insert(record.into_active_model())
            .exec_without_returning(&self.connection)
            .await
            .ok()?;
        Some(said)
    }

    /// Two records in each other's place.
    async fn swap_records(&mut self) -> Option<String> {
        let (one, other) = (
            self.draw.of(&self.records).clone(),
            self.draw.of(&self.records).clone(),
        );
        let moved = |from: &str, to: &audit_record::Model| {
            let (transaction, ordinal) = (to.transaction_id, to.ordinal);
            format!(
                "UPDATE audit_record SET transaction_id = {transaction}, ordinal = {ordinal} WHERE {from}"
            )
        };
        if place(&one) == place(&other) {
            return None;
        }
        let mut aside = one.clone();
        aside.transaction_id = -1;
        self.run(moved(&place(&one), &aside)).await?;
        self.run(moved(&place(&other), &one)).await?;
        self.run(moved(&place(&aside), &other)).await
    }

    /// The newest seals, the records under them, or both.
    async fn cut_tables(&mut self) -> Option<String> {
        let first = self.draw.of(&self.seals).clone();
        let records = format!(
            "DELETE FROM audit_record WHERE transaction_id >= {}",
            first.from_transaction
        );
        let seals = format!("DELETE FROM audit_seal WHERE number >= {}", first.number);
        match self.draw.below(3) {
            0 => self.run(records).await,
            1 => self.run(seals).await,
            _ => {
                self.run(records).await;
                self.run(seals).await
            }
        }
    }

    /// A byte of the seal file, or its end.
    fn change_file(&mut self) -> Option<String> {
        let mut lines = self.lines.clone();
        let at = self.draw.below(lines.len());
        let said = match self.draw.below(2) {
            0 => {
                lines[at] ^= 1 + self.draw.below(255) as u8;
                format!("byte {at} of the file")
            }
            _ => {
                lines.truncate(at);
                format!("the file from byte {at}")
            }
        };
        fs::write(&self.path, lines).expect("the file");
        Some(said)
    }

    /// A changed record under seals made anew, all in order but for the key.
    async fn forge(&mut self) -> Option<String> {
        let (seal, place) = (self.draw.of(&self.seals).number, self.record_place());
        self.run(format!("DELETE FROM audit_seal WHERE number >= {seal}"))
            .await;
        self.run(format!(
            "UPDATE audit_record SET object_id = 5 WHERE {place}"
        ))
        .await;
        let file = self.notary.file.take();
        let key =
            SealKey::read(|name| (name == yihu::audit::SEAL_KEY).then(|| STRANGER.to_owned()));
        let forged = self.notary.sealer_with(key.expect("a key")).seal().await;
        assert!(forged.expect("a seal").is_some());
        self.notary.file = file;
        Some(format!("forged from seal {seal}, {place}"))
    }

    async fn run(&self, sql: String) -> Option<String> {
        let done = self.connection.execute_unprepared(&sql).await.ok()?;
        (done.rows_affected() > 0).then_some(sql)
    }
}

const STRANGER: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";

fn place(record: &audit_record::Model) -> String {
    format!(
        "transaction_id = {} AND ordinal = {}",
        record.transaction_id, record.ordinal
    )
}

fn other_byte(draw: &mut Draw, mut bytes: Vec<u8>) -> Vec<u8> {
    match bytes.len() {
        0 => bytes.push(b'a'),
        length => bytes[draw.below(length)] ^= 1 + draw.below(255) as u8,
    }
    bytes
}

both_dbs! {
    async fn every_trial_is_found(db: TestDatabase) {
        let trials = std::env::var("YIHU_TRIALS").map_or(TRIALS, |trials| trials.parse().expect("a number"));
        let folder = tempfile::tempdir().expect("a folder");
        let mut trial = Trial::of(&db, folder.path().join("seals.jsonl")).await;
        let (mut tried, mut drawn) = (0, 0);
        while tried < trials {
            drawn += 1;
            trial.draw = Draw(drawn);
            let Some(done) = trial.tamper().await else {
                trial.restore().await;
                continue;
            };
            tried += 1;
            let checked = trial.notary.check().await;
            assert!(checked.fault.is_some(), "draw {drawn} is not found: {done}");
            trial.restore().await;
            if tried % 20 == 0 {
                // The control: what was put back is right.
                assert_eq!(trial.notary.checked().await.unsealed, 0);
            }
        }
        let checked = trial.notary.checked().await;
        assert_eq!(checked.records, trial.records.len() as u64);
        println!("{trials} of {trials} found, {drawn} drawn, {} records, {} seals", checked.records, checked.seals());
    }
}

both_dbs! {
    /// The first fault is told, and told exactly.
    async fn faults_are_told_by_their_name(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let trial = Trial::of(&db, folder.path().join("seals.jsonl")).await;
        let seal = |number: usize| trial.seals[number - 1].clone();
        let (number, from, to) = (2, seal(2).from_transaction, seal(2).to_transaction);
        let expected = seal(2).records;
        let of_second = trial.records.iter().find(|record| record.transaction_id >= from);
        let at = place(of_second.expect("a record"));
        for (sql, fault) in [
            (format!("UPDATE audit_record SET operation = 'x' WHERE {at}"), Fault::Root { number, from, to }),
            (
                format!("DELETE FROM audit_record WHERE {at}"),
                Fault::Count { number, from, to, expected, found: expected as u64 - 1 },
            ),
            ("UPDATE audit_record SET transaction_id = -5 WHERE ordinal = 0 AND transaction_id = (SELECT MAX(transaction_id) FROM audit_record)".to_owned(),
                Fault::Count { number: seal(trial.seals.len()).number, from: seal(trial.seals.len()).from_transaction,
                    to: seal(trial.seals.len()).to_transaction, expected: seal(trial.seals.len()).records,
                    found: seal(trial.seals.len()).records as u64 - 1 }),
            ("DELETE FROM audit_seal WHERE number = 2".to_owned(), Fault::Absent { expected: 2, found: 3 }),
            ("UPDATE audit_seal SET records = 0 WHERE number = 2".to_owned(), Fault::Signature { number }),
            ("UPDATE audit_seal SET algorithm = 'NONE' WHERE number = 2".to_owned(), Fault::Algorithm { number }),
            ("UPDATE audit_seal SET key_id = 'none' WHERE number = 2".to_owned(), Fault::Key { number }),
            ("UPDATE audit_seal SET number = -2 WHERE number = 2".to_owned(), Fault::Absent { expected: 2, found: 3 }),
            (format!("DELETE FROM audit_seal WHERE number = {}", trial.seals.len()), Fault::NotInTable { number: trial.seals.len() as i64 }),
        ] {
            assert_eq!(run(&trial.connection, &sql).await, 1, "{sql}");
            assert_eq!(trial.notary.check().await.fault, Some(fault), "{sql}");
            trial.restore().await;
        }
        let mut record = trial.records[0].clone();
        record.transaction_id = -1;
        audit_record::Entity::insert(record.into_active_model())
            .exec_without_returning(&trial.connection)
            .await
            .expect("a record");
        assert_eq!(trial.notary.check().await.fault, Some(Fault::RecordsBefore { count: 1 }));
        trial.restore().await;
        let mut first = seal(1);
        (first.number, first.from_transaction) = (0, -9);
        audit_seal::Entity::insert(first.into_active_model())
            .exec_without_returning(&trial.connection)
            .await
            .expect("a seal");
        assert_eq!(trial.notary.check().await.fault, Some(Fault::SealsBeside { count: 1 }));
        trial.restore().await;
        let lines = String::from_utf8(trial.lines.clone()).expect("text");
        let without = |skipped: usize| {
            let kept = lines.lines().enumerate().filter(|(place, _)| *place != skipped);
            kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
        };
        for (text, fault) in [
            (without(1), Fault::Differs { line: 2, number: 2 }),
            (without(trial.seals.len() - 1), Fault::NotInFile { number: trial.seals.len() as i64 }),
            (lines.replacen(',', ", ", 1), Fault::Line { line: 1 }),
            (lines.trim_end().to_owned(), Fault::Line { line: trial.seals.len() as u64 }),
        ] {
            fs::write(&trial.path, text).expect("the file");
            assert_eq!(trial.notary.check().await.fault, Some(fault));
        }
        trial.restore().await;
        assert_eq!(trial.notary.checked().await.seals(), trial.seals.len() as i64);
    }
}
