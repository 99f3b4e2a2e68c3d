//! `yihu serve` as a process of its own.

use super::Problem;
use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Families of the demonstration: enough to write to.
const HOUSEHOLDS: &str = "200";
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Some rounds of the sealer.
const SEALS_SETTLE: Duration = Duration::from_secs(5);

pub(super) struct Server {
    program: PathBuf,
    folder: PathBuf,
    url: String,
    address: SocketAddr,
    /// Whether seals are kept in a file as well.
    pub(super) seal_file: bool,
    process: Option<Child>,
}

impl Server {
    /// A server that does not run yet, over a demonstration.
    pub(super) fn filled(program: &Path, folder: &Path, url: String) -> Result<Server, Problem> {
        let server = Server {
            program: program.to_owned(),
            folder: folder.to_owned(),
            url,
            address: TcpListener::bind("127.0.0.1:0")?.local_addr()?,
            seal_file: true,
            process: None,
        };
        let mut fill = Command::new(&server.program);
        fill.args([
            "demo",
            "--households",
            HOUSEHOLDS,
            "--database",
            &server.url,
        ]);
        let filled = fill.output()?;
        match filled.status.success() {
            true => Ok(server),
            false => Err(String::from_utf8_lossy(&filled.stderr).into_owned().into()),
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts it, without waiting for anything.
    pub(super) fn begin(&mut self) -> Result<(), Problem> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("server.log"))?;
        let mut serve = Command::new(&self.program);
        serve
            .args(["serve", "--demo", "--database", &self.url])
            .args(["--listen", &self.address.to_string()])
            // The writers are few users; what is tried here is no rate.
            .env("YIHU_ADMISSION_RATE", "1000000")
            .env("YIHU_ADMISSION_BURST", "1000000")
            .env("YIHU_ADMISSION_COST", "100000000")
            // Seals too are struck on the way.
            .env("YIHU_AUDIT_SEAL_SECONDS", "1")
            .env("YIHU_TELEMETRY_FILTER", "warn")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        if self.seal_file {
            serve.env("YIHU_AUDIT_SEAL_FILE", self.seals());
        }
        self.process = Some(serve.spawn()?);
        Ok(())
    }

    /// Waits until it takes requests.
    pub(super) async fn is_ready(&mut self) -> Result<(), Problem> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let (address, started) = (format!("http://{}/readyz", self.address), Instant::now());
        while started.elapsed() < START_TIMEOUT {
            let answer = client.get(&address).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            let process = self.process.as_mut().ok_or("no server runs")?;
            if let Some(status) = process.try_wait()? {
                return Err(
                    format!("the server ended with {status}:\n{}", self.end_of_log()).into(),
                );
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(format!("the server is not ready:\n{}", self.end_of_log()).into())
    }

    fn end_of_log(&self) -> String {
        let log = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// SIGKILL.
    pub(super) fn kill(&mut self) -> Result<(), Problem> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    /// Holds the seals against the audit records, and says how many. A seal is in the database a moment before it is in the
    /// file, and longer when the server was struck in between: it is looked again before that is a fault.
    pub(super) async fn verify_audit(&self) -> Result<String, Problem> {
        let started = Instant::now();
        loop {
            match self.verify_audit_once() {
                Err(_) if started.elapsed() < SEALS_SETTLE => {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                verified => return verified,
            }
        }
    }

    fn verify_audit_once(&self) -> Result<String, Problem> {
        let mut verify = Command::new(&self.program);
        verify.args(["audit", "verify", "--demo", "--database", &self.url]);
        // Struck early, nothing may be sealed yet.
        if self.seals().exists() {
            verify.arg("--seals").arg(self.seals());
        }
        let verified = verify.output()?;
        let said = String::from_utf8_lossy(&verified.stdout).into_owned();
        if !verified.status.success() {
            let fault = String::from_utf8_lossy(&verified.stderr);
            return Err(format!("yihu audit verify: {said}{fault}").into());
        }
        Ok(said.lines().next().unwrap_or_default().to_owned())
    }

    fn seals(&self) -> PathBuf {
        self.folder.join("seals.jsonl")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
