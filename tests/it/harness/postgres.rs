//! The PostgreSQL server of a run: the one of `TEST_DATABASE_URL`, else a private one from the installed binaries.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use std::env;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;

const START_TIMEOUT: Duration = Duration::from_secs(60);
const PORT_ATTEMPTS: usize = 3;

/// A server the tests may create databases on.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// Without a database name.
    base: String,
    options: String,
}

impl Server {
    /// The server of this run; `None` where there is none and none is required.
    pub(crate) async fn of_this_run() -> Option<&'static Server> {
        static SERVER: OnceCell<Option<Server>> = OnceCell::const_new();
        SERVER.get_or_init(find).await.as_ref()
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("{}/{database}{}", self.base, self.options)
    }

    /// A connection from which databases are created and dropped.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        connect(&self.url("postgres"))
            .await
            .expect("the PostgreSQL server of the tests answers")
    }

    fn of_url(url: &str) -> Server {
        let (address, options) = match url.split_once('?') {
            Some((address, options)) => (address, format!("?{options}")),
            None => (url, String::new()),
        };
        let authority = address.find("://").map_or(0, |at| at + 3);
        let end = address[authority..]
            .find('/')
            .map_or(address.len(), |at| authority + at);
        Server {
            base: address[..end].to_owned(),
            options,
        }
    }
}

/// One connection, not a pool: databases with a second one open can't serve as a template.
pub(crate) async fn connect(url: &str) -> Result<DatabaseConnection, sea_orm::DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}

async fn find() -> Option<Server> {
    if let Ok(url) = env::var("TEST_DATABASE_URL") {
        return Some(Server::of_url(&url));
    }
    if let Some(binaries) = installed_binaries() {
        return Some(Cluster::at(binaries).shared().await);
    }
    assert!(
        env::var("YIHU_REQUIRE_POSTGRES").map_or(true, |required| required != "1"),
        "YIHU_REQUIRE_POSTGRES=1, but there is no TEST_DATABASE_URL and no PostgreSQL is installed"
    );
    // The test harness hides what a passing test prints; the process's own error stream is not captured.
    let _ = std::io::Write::write_all(
        &mut std::io::stderr(),
        b"PostgreSQL not run: no TEST_DATABASE_URL and no installed binaries\n",
    );
    None
}

/// The folder of `initdb` and `postgres`: the newest of Debian's packages, else what `PATH` finds.
pub(crate) fn installed_binaries() -> Option<PathBuf> {
    let mut packaged: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|version| {
            let number = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .collect();
    packaged.sort();
    let on_path = env::var_os("PATH").unwrap_or_default();
    packaged
        .into_iter()
        .rev()
        .map(|(_, binaries)| binaries)
        .chain(env::split_paths(&on_path))
        .find(|binaries| binaries.join("initdb").is_file() && binaries.join("postgres").is_file())
}

/// A private server: a folder, the user who owns it, and the process whose end ends it.
struct Cluster {
    binaries: PathBuf,
    folder: PathBuf,
    /// PostgreSQL refuses to run as root: then user and group of somebody else.
    owner: Option<(u32, u32)>,
    watched: u32,
}

impl Cluster {
    /// `cargo test` runs many tests in this process, nextest runs each in a process of its own: there they share
    /// the cluster of the run, which lives as long as nextest itself.
    fn at(binaries: PathBuf) -> Cluster {
        let (run, watched) = match env::var("NEXTEST_RUN_ID") {
            Ok(run) => (run, parent_id()),
            Err(_) => (uuid::Uuid::new_v4().to_string(), std::process::id()),
        };
        // Root's temporary folder may be closed to others, /tmp never is.
        let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let (parent, owner) = match is_root {
            true => (PathBuf::from("/tmp"), Some(ordinary_user())),
            false => (env::temp_dir(), None),
        };
        Cluster {
            binaries,
            folder: parent.join(format!("yihu-postgres-{run}")),
            owner,
            watched,
        }
    }

    async fn shared(&self) -> Server {
        let address = self.folder.join("address");
        let _ = fs::DirBuilder::new().mode(0o700).create(&self.folder);
        let lock =
            File::create(self.folder.join("lock")).expect("a lock file in the cluster's folder");
        lock.lock().expect("the lock of the cluster's folder");
        if let Ok(base) = fs::read_to_string(&address) {
            return Server::of_url(&base);
        }
        let server = self.start().await;
        fs::write(&address, server.url("")).expect("the address in the cluster's folder");
        server
    }

    async fn start(&self) -> Server {
        let password = uuid::Uuid::new_v4().simple().to_string();
        self.initialise(&password);
        for _ in 0..PORT_ATTEMPTS {
            let port = free_port();
            let mut keeper = self.keep(port);
            let administrator =
                format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres?sslmode=disable");
            if let Some(connection) = answering(&administrator, &mut keeper).await {
                // As in production the server's role is no superuser: a superuser passes every row security.
                connection
                    .execute_unprepared(&format!(
                        "CREATE ROLE yihu LOGIN CREATEDB PASSWORD '{password}'"
                    ))
                    .await
                    .expect("the role of the tests");
                return Server::of_url(&format!(
                    "postgres://yihu:{password}@127.0.0.1:{port}?sslmode=disable"
                ));
            }
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL does not start:\n{log}");
    }

    fn initialise(&self, password: &str) {
        let password_file = self.folder.join("password");
        fs::write(&password_file, password).expect("the password file");
        if let Some((user, group)) = self.owner {
            for path in [self.folder.as_path(), &password_file] {
                chown(path, Some(user), Some(group)).expect("the cluster's folder handed over");
            }
        }
        let output = self
            .command(&self.binaries.join("initdb"))
            .args(["--pgdata=data", "--username=postgres", "--auth=password"])
            .args(["--pwfile=password", "--encoding=UTF8", "--locale=C"])
            .args(["--no-sync", "--no-instructions"])
            .output()
            .expect("initdb runs");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "initdb: {complaint}");
    }

    fn keep(&self, port: u16) -> Child {
        self.command(Path::new("/bin/sh"))
            .args(["-c", include_str!("cluster.sh"), "cluster.sh"])
            .arg(&self.folder)
            .arg(&self.binaries)
            .args([port.to_string(), self.watched.to_string()])
            // Out of the terminal's reach: an interrupt ends the tests, and their end the server.
            .process_group(0)
            .spawn()
            .expect("a shell keeps PostgreSQL")
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

/// The administrator's connection once the server takes it; `None` when it ended, as on a port taken meanwhile.
async fn answering(url: &str, keeper: &mut Child) -> Option<DatabaseConnection> {
    let started = Instant::now();
    while started.elapsed() < START_TIMEOUT {
        if let Ok(connection) = connect(url).await {
            return Some(connection);
        }
        if keeper.try_wait().expect("the keeper's state").is_some() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    None
}

pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}

/// User and group of `postgres`, else of `nobody`.
pub(super) fn ordinary_user() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").expect("the list of users");
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| {
            let line = users
                .lines()
                .find(|line| line.split(':').next() == Some(name))?;
            let fields: Vec<&str> = line.split(':').collect();
            Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
        })
        .expect("an ordinary user to run PostgreSQL as")
}

#[test]
fn an_address_is_split_before_database_and_options() {
    for (url, expected) in [
        (
            "postgres://a:b@h:1/postgres?sslmode=disable",
            "postgres://a:b@h:1/t?sslmode=disable",
        ),
        ("postgres://a@h/x", "postgres://a@h/t"),
        ("postgres://a@h", "postgres://a@h/t"),
    ] {
        assert_eq!(Server::of_url(url).url("t"), expected);
    }
}
