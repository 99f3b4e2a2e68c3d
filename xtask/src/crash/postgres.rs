//! A PostgreSQL of the trial's own, set up as a production one is.

use super::Problem;
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use std::{
    env, fs,
    fs::File,
    io,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Commits are acknowledged before they are written; and nothing else writes the log for a while.
pub(super) static FORGETFUL: [&str; 5] = [
    "synchronous_commit=off",
    "wal_writer_delay=10s",
    "wal_writer_flush_after=1GB",
    "wal_buffers=64MB",
    "bgwriter_delay=10s",
];

/// A folder that both the trial and PostgreSQL's user can use.
pub(super) fn folder() -> io::Result<TempDir> {
    // Root's temporary folder may be closed to others, /tmp never is.
    let parent = match is_root() {
        true => PathBuf::from("/tmp"),
        false => env::temp_dir(),
    };
    let folder = tempfile::Builder::new()
        .prefix("yihu-crash-")
        .tempdir_in(parent)?;
    if let Some((user, group)) = owner()? {
        chown(folder.path(), Some(user), Some(group))?;
    }
    Ok(folder)
}

pub(super) struct Cluster {
    binaries: PathBuf,
    folder: PathBuf,
    port: u16,
    /// Besides those that it always has.
    pub(super) settings: &'static [&'static str],
    postmaster: Option<Child>,
}

impl Cluster {
    /// A new one with an empty database, which answers.
    pub(super) async fn create(folder: &Path) -> Result<Cluster, Problem> {
        let mut cluster = Cluster {
            binaries: binaries().ok_or("PostgreSQL is not installed (Debian: postgresql)")?,
            folder: folder.to_owned(),
            port: TcpListener::bind("127.0.0.1:0")?.local_addr()?.port(),
            settings: &[],
            postmaster: None,
        };
        let initialised = cluster
            .command("initdb")?
            .args(["--pgdata=data", "--username=postgres", "--auth=trust"])
            .args(["--encoding=UTF8", "--locale=C", "--no-instructions"])
            .output()?;
        if !initialised.status.success() {
            return Err(String::from_utf8_lossy(&initialised.stderr)
                .into_owned()
                .into());
        }
        cluster.begin()?;
        cluster.answers().await?;
        let administrator = Database::connect(quiet(cluster.at("postgres", "postgres"))).await?;
        for statement in ["CREATE ROLE yihu LOGIN", "CREATE DATABASE yihu OWNER yihu"] {
            administrator.execute_unprepared(statement).await?;
        }
        administrator.close().await?;
        Ok(cluster)
    }

    pub(super) fn url(&self) -> String {
        self.at("yihu", "yihu")
    }

    fn at(&self, role: &str, database: &str) -> String {
        format!(
            "postgres://{role}@127.0.0.1:{}/{database}?sslmode=disable",
            self.port
        )
    }

    /// Starts it, without waiting for anything.
    pub(super) fn begin(&mut self) -> Result<(), Problem> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("postgres.log"))?;
        let mut postgres = self.command("postgres")?;
        postgres
            .args(["-D", "data", "-p", &self.port.to_string()])
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
            ])
            // After a fall each file is waited for otherwise, which takes longer than everything else here.
            .args(["-c", "recovery_init_sync_method=syncfs"])
            .args(self.settings.iter().flat_map(|setting| ["-c", setting]))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        self.postmaster = Some(postgres.spawn()?);
        Ok(())
    }

    /// Waits until it has recovered.
    pub(super) async fn answers(&mut self) -> Result<(), Problem> {
        let started = Instant::now();
        while started.elapsed() < START_TIMEOUT {
            if let Ok(connection) = Database::connect(quiet(self.at("postgres", "postgres"))).await
            {
                connection.close().await?;
                return Ok(());
            }
            let postmaster = self.postmaster.as_mut().ok_or("no PostgreSQL runs")?;
            if let Some(status) = postmaster.try_wait()? {
                return Err(format!("PostgreSQL ended with {status}").into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err("PostgreSQL does not answer".into())
    }

    /// SIGKILL for all of its processes at once.
    pub(super) fn kill(&mut self) -> Result<(), Problem> {
        let Some(mut postmaster) = self.postmaster.take() else {
            return Ok(());
        };
        // Stopped first: a child that it began after they were counted would live on.
        signal("STOP", &[postmaster.id()])?;
        while state(postmaster.id()).is_some_and(|state| !"TZ".contains(state)) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut processes = vec![postmaster.id()];
        processes.extend(children(postmaster.id())?);
        signal("KILL", &processes)?;
        postmaster.wait()?;
        // The next one is refused while one of them still holds the shared memory.
        let is_there = |process: &u32| state(*process).is_some_and(|state| state != 'Z');
        while processes.iter().any(is_there) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    fn command(&self, program: &str) -> Result<Command, Problem> {
        let mut command = Command::new(self.binaries.join(program));
        command.current_dir(&self.folder);
        if let Some((user, group)) = owner()? {
            command.uid(user).gid(group);
        }
        Ok(command)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

fn quiet(url: String) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    options
}

/// Sends a signal. A process that has ended by itself gets none.
fn signal(name: &str, processes: &[u32]) -> io::Result<()> {
    let numbers = processes.iter().map(u32::to_string);
    Command::new("kill")
        .arg(format!("-{name}"))
        .args(numbers)
        .stderr(Stdio::null())
        .status()?;
    Ok(())
}

/// The processes whose parent this one is.
fn children(of: u32) -> io::Result<Vec<u32>> {
    let parent = format!("PPid:\t{of}");
    let processes = fs::read_dir("/proc")?.flatten().filter_map(|entry| {
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        let status = fs::read_to_string(entry.path().join("status")).ok()?;
        status.lines().any(|line| line == parent).then_some(number)
    });
    Ok(processes.collect())
}

/// The letter that the system has for the state of a process: T of one that is stopped, Z of one that has ended and whose
/// parent has not asked yet.
fn state(process: u32) -> Option<char> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("State:"))?;
    line.trim_start().chars().next()
}

/// The folder of `initdb` and `postgres`: the newest of Debian's packages, else what `PATH` finds.
fn binaries() -> Option<PathBuf> {
    let packages = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut packaged: Vec<(u32, PathBuf)> = packages
        .filter_map(|version| {
            let number = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .collect();
    packaged.sort();
    let on_path = env::var_os("PATH").unwrap_or_default();
    let packaged = packaged.into_iter().rev().map(|(_, binaries)| binaries);
    packaged
        .chain(env::split_paths(&on_path))
        .find(|binaries| binaries.join("initdb").is_file() && binaries.join("postgres").is_file())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// PostgreSQL refuses to run as root: then user and group of `postgres`.
fn owner() -> Result<Option<(u32, u32)>, io::Error> {
    if !is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let line = users.lines().find(|line| line.starts_with("postgres:"));
    let mut numbers = line.into_iter().flat_map(|line| line.split(':').skip(2));
    let mut number = || numbers.next().and_then(|number| number.parse().ok());
    match (number(), number()) {
        (Some(user), Some(group)) => Ok(Some((user, group))),
        _ => Err(io::Error::other(
            "there is no user postgres to run PostgreSQL as",
        )),
    }
}
