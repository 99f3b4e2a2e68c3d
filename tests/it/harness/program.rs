//! The real program, and all it prints.

use super::{App, TestDatabase, suite::word};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread::JoinHandle,
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// The program in a folder, without anything of the developer's environment.
pub(crate) fn yihu(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yihu"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

/// A server of the real program, killed where a test fails.
pub(crate) struct Program {
    child: Child,
    address: String,
    printed: Vec<JoinHandle<String>>,
}

impl Program {
    /// `yihu serve --demo` with these arguments and variables besides; its lines are JSON.
    pub(crate) fn demo(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Program {
        let mut child = yihu(folder)
            .args(["serve", "--demo", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("YIHU_TELEMETRY_FORMAT", "json")
            .env("YIHU_VAULT_SUITE", word())
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let (serving, address) = mpsc::channel();
        let streams: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().expect("an output")),
            Box::new(child.stderr.take().expect("an output of errors")),
        ];
        // Both are read as they come: a program whose pipe is full stands still.
        let printed = streams.map(|stream| {
            let serving = serving.clone();
            std::thread::spawn(move || {
                let mut lines = String::new();
                for line in BufReader::new(stream).lines() {
                    let line = line.expect("a line");
                    if let Ok(line) = serde_json::from_str::<Value>(&line)
                        && line["message"] == "serving"
                    {
                        let address = line["address"].as_str().expect("an address");
                        serving.send(address.to_owned()).expect("awaited");
                    }
                    lines += &line;
                    lines.push('\n');
                }
                lines
            })
        });
        drop(serving);
        let address = address.recv_timeout(PATIENCE).expect("it serves");
        Program {
            child,
            address,
            printed: printed.into(),
        }
    }

    /// The same over a test's database, with every line that the program can write.
    pub(crate) fn on(
        db: &TestDatabase,
        folder: &Path,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Program {
        let own = [
            ("YIHU_DATABASE", db.url.as_str()),
            ("YIHU_TELEMETRY_FILTER", "trace"),
            ("YIHU_HTTP_WORKERS", "1"),
            ("YIHU_ADMISSION_RATE", "100000"),
            ("YIHU_ADMISSION_BURST", "1000000"),
            ("YIHU_ADMISSION_ANONYMOUS_RATE", "100000"),
            ("YIHU_ADMISSION_ANONYMOUS_BURST", "1000000"),
        ];
        Program::demo(folder, arguments, &[&own, variables].concat())
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn app(&self) -> App {
        App::at(self.address.parse().expect("an address"))
    }

    /// Asks it to stop and gives everything it printed.
    pub(crate) fn stop(mut self) -> String {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        assert!(asked.expect("kill").success());
        assert!(self.child.wait().expect("ends").success());
        let printed = self.printed.drain(..);
        printed.map(|lines| lines.join().expect("read")).collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
