use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::answer::Client;
use crate::daemon::done;

/// Longer than a program may take to begin, and to end after its requests were cut off.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program that listens. It is killed when this is dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    /// Read all the time: a program whose log nobody reads waits when the pipe is full.
    reading: JoinHandle<()>,
    stderr: watch::Receiver<String>,
    /// What it said before it listened, line by line.
    pub lines: Vec<String>,
    /// Where it listens.
    pub address: SocketAddr,
}

/// A program that has ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit status; `None` when a signal killed it.
    pub code: Option<i32>,
    /// What it said last on standard output.
    pub stdout: String,
    /// All that it said on standard error.
    pub stderr: String,
}

impl Program {
    /// Starts a program in a folder, on a free port, and waits until it listens.
    pub async fn start(program: &str, folder: &Path, arguments: &[&str]) -> Self {
        let mut child = command(program, folder, arguments)
            .args(["--listen", "127.0.0.1:0"])
            .spawn()
            .expect("a program that starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut log = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let (said, stderr) = watch::channel(String::new());
        let reading = tokio::spawn(async move {
            while let Some(line) = log.next_line().await.expect("text") {
                said.send_modify(|text| text.extend([&line, "\n"]));
            }
        });
        let mut lines = Vec::new();
        let listening = async {
            loop {
                let line = stdout.next_line().await.expect("text");
                let Some(line) = line else { break None };
                if let Some(address) = line.strip_prefix("listening on http://") {
                    break Some(address.parse().expect("an address"));
                }
                lines.push(line);
            }
        };
        let listening = timeout(PATIENCE, listening).await.expect("a program that listens in time");
        let Some(address) = listening else {
            reading.await.expect("a log");
            panic!("the program ended instead of listening: {}", *stderr.borrow());
        };
        Self { child, stdout, reading, stderr, lines, address }
    }

    /// Lets a program run to its end by itself.
    pub async fn run(program: &str, folder: &Path, arguments: &[&str]) -> Ended {
        let output = command(program, folder, arguments).output();
        let output = timeout(PATIENCE, output).await.expect("an end in time").expect("a program");
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// The keys that it printed, by their labels.
    pub fn keys(&self) -> HashMap<&str, &str> {
        let keys = self.lines.iter().filter_map(|line| line.strip_prefix("key "));
        keys.map(|line| line.split_once(' ').expect("a label and a key")).collect()
    }

    /// The key with this label.
    pub fn key(&self, label: &str) -> &str {
        self.keys().get(label).unwrap_or_else(|| panic!("a key `{label}`"))
    }

    /// The statuses of the requests that it printed, pasted into a shell.
    pub async fn paste(&self) -> Vec<u16> {
        let mut statuses = Vec::new();
        for line in self.lines.iter().filter(|line| line.starts_with("curl ")) {
            let mut shell = Command::new("sh");
            let output = shell.args(["-c", line]).env("NO_PROXY", "*").output().await;
            let output = output.expect("a shell");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "install curl, which this test runs: {stderr}");
            let answer = String::from_utf8(output.stdout).expect("text");
            let status = answer.split(' ').nth(1).expect("a status line");
            statuses.push(status.parse().expect("a number"));
        }
        statuses
    }

    /// What it says on standard error after some words, as far as the end of the line.
    pub async fn says(&self, words: &str) -> String {
        let rest = |text: &str| Some(text.split_once(words)?.1.split_once('\n')?.0.to_owned());
        let mut stderr = self.stderr.clone();
        let said = timeout(PATIENCE, stderr.wait_for(|text| rest(text).is_some())).await;
        let text = said.expect("the words in time").expect("a program that says them");
        rest(&text).expect("the words")
    }

    /// A client of a path below its address.
    pub fn client(&self, path: &str) -> Client {
        Client::new(format!("http://{}{path}", self.address))
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("a signal that arrives");
    }

    pub(crate) fn pid(&self) -> Pid {
        let id = self.child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        id.expect("a program that runs")
    }

    /// How much memory it has, in KiB.
    pub fn memory(&self) -> u64 {
        let id = self.pid().as_raw_nonzero().to_string();
        let output = done(std::process::Command::new("ps").args(["-o", "rss=", "-p", &id]));
        let text = String::from_utf8(output.stdout).expect("text");
        text.trim().parse().expect("a number")
    }

    /// Waits until it has ended.
    pub async fn end(mut self) -> Ended {
        timeout(PATIENCE, async {
            let code = self.child.wait().await.expect("an exit status").code();
            let mut stdout = String::new();
            self.stdout.get_mut().read_to_string(&mut stdout).await.expect("text");
            self.reading.await.expect("a log");
            let stderr = self.stderr.borrow().clone();
            Ended { code, stdout, stderr }
        })
        .await
        .expect("an end in time")
    }
}

fn command(program: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_remove("RUST_LOG")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}
