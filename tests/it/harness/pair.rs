//! A PostgreSQL of one test, with a streaming replica of it, that may be stopped and held back as no shared one may.

use super::postgres::{self, connect, free_port, installed_binaries, ordinary_user};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TryGetable};
use std::{
    env, fs,
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A primary and its replica.
pub(crate) struct Pair {
    folder: PathBuf,
    primary: u16,
    replica: u16,
    keeper: Child,
    /// Its end is that of the servers.
    watched: Child,
}

impl Pair {
    /// `None` where no PostgreSQL is installed and none has to be.
    pub(crate) async fn start() -> Option<Pair> {
        postgres::Server::of_this_run().await?;
        let binaries = installed_binaries()?;
        let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let parent = if is_root {
            PathBuf::from("/tmp")
        } else {
            env::temp_dir()
        };
        let folder = parent.join(format!("yihu-pair-{}", uuid::Uuid::new_v4()));
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&folder)
            .expect("a folder");
        let (primary, replica) = (free_port(), free_port());
        // It ends with this process, however that ends: its input is a pipe that is closed then.
        let watched = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("a process to watch");
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", include_str!("pair.sh"), "pair.sh"])
            .args([&folder, &binaries])
            .args([
                primary.to_string(),
                replica.to_string(),
                watched.id().to_string(),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir(&folder)
            .process_group(0);
        if is_root {
            let (user, group) = ordinary_user();
            chown(&folder, Some(user), Some(group)).expect("the folder handed over");
            shell.uid(user).gid(group);
        }
        let mut keeper = shell.spawn().expect("a shell keeps the servers");
        while !folder.join("ready").exists() {
            let ended = keeper.try_wait().expect("the keeper's state");
            assert!(ended.is_none(), "the servers do not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(Pair {
            folder,
            primary,
            replica,
            keeper,
            watched,
        })
    }

    /// The address of the primary as the server's role.
    pub(crate) fn primary(&self) -> String {
        address("yihu", self.primary, "yihu")
    }

    /// The address of the replica as the server's role.
    pub(crate) fn replica(&self) -> String {
        address("yihu", self.replica, "yihu")
    }

    /// The first cell of what a statement gives, asked of the primary by who may all.
    pub(crate) async fn of_primary<T: TryGetable>(&self, sql: &str) -> Option<T> {
        asked(self.primary, sql).await
    }

    /// The same of the replica.
    pub(crate) async fn of_replica<T: TryGetable>(&self, sql: &str) -> Option<T> {
        asked(self.replica, sql).await
    }

    /// A connection whose transaction keeps everybody else from reading a table, until it is closed.
    pub(crate) async fn locked(&self, table: &str) -> DatabaseConnection {
        let address = address("postgres", self.primary, "yihu");
        let connection = connect(&address).await.expect("a connection");
        let lock = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        connection.execute_unprepared(&lock).await.expect("a lock");
        connection
    }

    /// Sends a signal to the primary and all of its processes: `STOP`, `CONT`.
    pub(crate) fn signal(&self, signal: &str) {
        let file = fs::read_to_string(self.folder.join("primary/postmaster.pid"));
        let file = file.expect("the file of the primary's process");
        let first = file.lines().next().expect("its id").to_owned();
        // The first one first: what is stopped begins nothing.
        assert!(kill(signal, std::slice::from_ref(&first)), "{signal}");
        // One of those may have ended since they were listed.
        kill(signal, &children(&first));
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        let _ = self.watched.kill();
        let _ = self.watched.wait();
        let _ = self.keeper.wait();
    }
}

fn address(user: &str, port: u16, database: &str) -> String {
    format!("postgres://{user}@127.0.0.1:{port}/{database}?sslmode=disable")
}

async fn asked<T: TryGetable>(port: u16, sql: &str) -> Option<T> {
    let connection = connect(&address("postgres", port, "yihu"))
        .await
        .expect("a connection");
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await;
    let row = row.unwrap_or_else(|error| panic!("{sql}: {error}"));
    connection.close().await.expect("closed");
    row.and_then(|row| row.try_get_by_index(0).ok())
}

/// Whether the signal came to all of them.
fn kill(signal: &str, processes: &[String]) -> bool {
    let status = Command::new("kill")
        .arg(format!("-{signal}"))
        .args(processes)
        .status();
    status.expect("kill").success()
}

fn children(parent: &str) -> Vec<String> {
    let is_child = |process: &Path| {
        let stat = fs::read_to_string(process.join("stat")).ok()?;
        let (_, fields) = stat.rsplit_once(") ")?;
        (fields.split(' ').nth(1)? == parent).then_some(())
    };
    let processes = fs::read_dir("/proc")
        .expect("/proc")
        .flatten()
        .map(|entry| entry.path());
    let found = processes.filter(|process| is_child(process).is_some());
    found
        .filter_map(|process| Some(process.file_name()?.to_str()?.to_owned()))
        .collect()
}
