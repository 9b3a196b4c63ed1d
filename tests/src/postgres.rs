use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// Longer than a server takes to start, to stop, and to recover.
const PATIENCE: Duration = Duration::from_mins(1);
const USER: &str = "keyward";

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

/// A PostgreSQL server of a test's own, on a free port, with its data in a temporary folder. It ends
/// when this is dropped, or with the test's process.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    keeper: Child,
    /// Its end tells the keeper.
    word: ChildStdin,
    server: Pid,
}

impl Postgres {
    /// Makes a server and starts it.
    pub fn start() -> Self {
        let postgres = Self::in_new_folder();
        let mut initdb = postgres.command("initdb");
        initdb.args(["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--username"]);
        done(initdb.arg(USER).arg("--pgdata").arg(postgres.data()));
        postgres.run();
        postgres
    }

    /// The server that the tests of one process share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A replica of this server.
    #[must_use]
    pub fn replica(&self) -> Self {
        let replica = Self::in_new_folder();
        let mut backup = replica.command("pg_basebackup");
        backup.args([
            "--host=127.0.0.1",
            "--checkpoint=fast",
            "--write-recovery-conf",
            "--no-sync",
        ]);
        backup.args(["--username", USER, "--port", &self.port.to_string(), "--pgdata"]);
        done(backup.arg(replica.data()));
        replica.run();
        replica
    }

    /// The URL of a new, empty database.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The URL of a database, with a password that nobody may see.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:hunter2@127.0.0.1:{}/{database}", self.port)
    }

    /// What a statement says, by `psql`.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let mut psql = self.client("psql");
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--set=ON_ERROR_STOP=1",
        ]);
        let output = done(psql.args(["--dbname", database, "--command", statement]));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// One of the server's own programs, such as `pg_dump`, as a client of it.
    pub fn client(&self, program: &str) -> Command {
        let mut command = self.command(program);
        command.env("PGHOST", "127.0.0.1").env("PGPORT", self.port.to_string());
        command.env("PGUSER", USER).env("PGDATABASE", "postgres");
        command
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it with all its processes at once, as `kill -9` does.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
        self.end();
    }

    /// Ends it in order; connections are cut.
    pub fn stop(&self) {
        if let Some(running) = &*self.running() {
            kill_process(running.server, Signal::INT).expect("a server that runs");
        }
        self.end();
    }

    /// Starts it again, with the same data on the same port.
    pub fn restart(&self) {
        self.run();
    }

    /// Starts it again as a replica, which follows nobody.
    pub fn demote(&self) {
        fs::write(self.data().join("standby.signal"), "").expect("a file in the data");
        self.run();
    }

    /// Holds all its processes: connections stay, and nothing answers.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets them go on.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn in_new_folder() -> Self {
        let folder = tempfile::tempdir().expect("a folder").keep();
        if let Some((user, group)) = somebody() {
            chown(&folder, Some(user), Some(group)).expect("root may give folders away");
        }
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        Self { folder, port, databases: AtomicU32::new(0), running: Mutex::default() }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A program of the server, as somebody who is not root.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(programs().join(program));
        command.current_dir(&self.folder).stdin(Stdio::null());
        as_somebody(&mut command);
        command
    }

    fn run(&self) {
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(&self.folder);
        keeper.arg(programs().join("postgres")).arg("-D").arg(self.data());
        let port = format!("port={}", self.port);
        for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", &port] {
            keeper.args(["-c", setting]);
        }
        keeper.current_dir(&self.folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        keeper.stderr(Stdio::null());
        as_somebody(&mut keeper);
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
            let ready = self.client("pg_isready").arg("--quiet").status();
            ready.expect("pg_isready").success()
        });
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

impl Drop for Postgres {
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

/// Where the server's programs are: Debian keeps them away from the `PATH`.
fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
        folders.sort();
        let mut folders = std::env::split_paths(&path).chain(folders.into_iter().rev());
        // What is on the `PATH` may be a link to one of many.
        let found = folders.find_map(|folder| folder.join("initdb").canonicalize().ok());
        let found = found.expect("PostgreSQL: `cargo xtask setup` installs it");
        found.parent().expect("a folder").to_owned()
    })
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

#[track_caller]
fn done(command: &mut Command) -> Output {
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
