use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// Longer than a server takes to start, to stop, and to recover.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs the server for as long as its own standard input is open, which ends with the test, however
/// that ends; then removes the folder, unless the last word was `keep`.
const KEEPER: &str = r#"
trap '' HUP INT TERM
folder=$1
shift
"$@" >>"$folder/log" 2>&1 &
server=$!
echo $server
read -r word
children=$(ps -A -o pid=,ppid= | while read -r pid parent; do
    [ "$parent" = $server ] && echo $pid
done)
kill -KILL $server $children 2>/dev/null
wait $server
[ "$word" = keep ] || rm -rf "$folder"
"#;

/// A server of a test's own, on a free port, with its data in a temporary folder. It ends when this
/// is dropped, or with the test's process.
#[derive(Debug)]
pub(crate) struct Daemon {
    folder: PathBuf,
    port: u16,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    keeper: Child,
    /// Its end tells the keeper.
    word: ChildStdin,
    server: Pid,
}

impl Daemon {
    /// Has a folder and a port, and does not run yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder").keep();
        if let Some((user, group)) = somebody() {
            chown(&folder, Some(user), Some(group)).expect("root may give folders away");
        }
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        Self { folder, port, running: Mutex::default() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A program in its folder, as somebody who is not root.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.folder).stdin(Stdio::null());
        as_somebody(&mut command);
        command
    }

    /// Runs a program until it is ready.
    pub(crate) fn run(&self, program: &Path, arguments: &[&str], is_ready: impl Fn() -> bool) {
        let mut keeper = self.command("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(&self.folder).arg(program).args(arguments);
        keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut keeper = keeper.spawn().expect("a shell");
        let mut line = String::new();
        let stdout = keeper.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("text");
        let server = line.trim().parse().ok().and_then(Pid::from_raw).expect("the server's id");
        let word = keeper.stdin.take().expect("a pipe");
        *self.running() = Some(Running { keeper, word, server });
        within("the server answers", || {
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(test_kill_process(server).is_ok(), "the server ended: {}", log());
            is_ready()
        });
    }

    /// Ends it with all its processes at once, as `kill -9` does.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
        self.end();
    }

    /// Ends it in order; connections are cut.
    pub(crate) fn stop(&self) {
        if let Some(running) = &*self.running() {
            kill_process(running.server, Signal::INT).expect("a server that runs");
        }
        self.end();
    }

    /// Holds all its processes: connections stay, and nothing answers.
    pub(crate) fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets them go on.
    pub(crate) fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Waits until the server has ended, which was told to.
    fn end(&self) {
        let Some(Running { mut keeper, mut word, server }) = self.running().take() else { return };
        // The keeper has not taken leave of it yet, so that its id is nobody else's: gone or dead.
        within("the server ends", || state_of(server).is_none_or(|state| state.starts_with('Z')));
        word.write_all(b"keep\n").expect("a keeper that reads");
        drop(word);
        keeper.wait().expect("an end");
    }

    fn signal(&self, signal: Signal) {
        let running = self.running();
        let server = running.as_ref().expect("a server that runs").server;
        // The server first: it would start others in the place of those that end.
        for pid in [server].into_iter().chain(children_of(server)) {
            // It may have ended by itself.
            let _ = kill_process(pid, signal);
        }
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        match self.running().take() {
            Some(Running { mut keeper, word, .. }) => {
                drop(word);
                let _ = keeper.wait();
            }
            None => {
                let _ = fs::remove_dir_all(&self.folder);
            }
        }
    }
}

/// Whom the server runs as where the test is root, which it refuses to be.
fn somebody() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("users");
    let nobody = users.lines().find(|line| line.starts_with("nobody:")).expect("a user `nobody`");
    let mut ids = nobody.split(':').skip(2).map(|id| id.parse().expect("a number"));
    ids.next().zip(ids.next())
}

fn as_somebody(command: &mut Command) {
    if let Some((user, group)) = somebody() {
        command.uid(user).gid(group);
    }
}

fn children_of(parent: Pid) -> Vec<Pid> {
    let output = done(Command::new("ps").args(["-A", "-o", "pid=,ppid="]));
    let lines = String::from_utf8(output.stdout).expect("text");
    let pairs = lines.lines().filter_map(|line| {
        let mut ids = line.split_whitespace().map(|id| id.parse().ok().and_then(Pid::from_raw));
        Some((ids.next()??, ids.next()??))
    });
    pairs.filter(|(_, its)| *its == parent).map(|(pid, _)| pid).collect()
}

/// The state of a process, as `ps` shows it.
fn state_of(process: Pid) -> Option<String> {
    let id = process.as_raw_nonzero().to_string();
    let output = Command::new("ps").args(["-o", "state=", "-p", &id]).output().expect("ps");
    let state = String::from_utf8(output.stdout).expect("text").trim().to_owned();
    (!state.is_empty()).then_some(state)
}

/// Runs a command to its end, which must be a good one.
#[track_caller]
pub(crate) fn done(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
    output
}

#[track_caller]
fn within(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not in time");
        sleep(Duration::from_millis(20));
    }
}
