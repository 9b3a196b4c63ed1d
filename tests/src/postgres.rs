use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::daemon::{Daemon, done};

const USER: &str = "keyward";

/// A PostgreSQL server of a test's own, on a free port, with its data in a temporary folder. It ends
/// when this is dropped, or with the test's process.
#[derive(Debug)]
pub struct Postgres {
    daemon: Daemon,
    databases: AtomicU32,
}

impl Postgres {
    /// Makes a server and starts it.
    pub fn start() -> Self {
        let postgres = Self::new();
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
        let replica = Self::new();
        let mut backup = replica.command("pg_basebackup");
        backup.args([
            "--host=127.0.0.1",
            "--checkpoint=fast",
            "--write-recovery-conf",
            "--no-sync",
        ]);
        backup.args(["--username", USER, "--port", &self.port().to_string(), "--pgdata"]);
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
        format!("postgres://{USER}:hunter2@127.0.0.1:{}/{database}", self.port())
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
        command.env("PGHOST", "127.0.0.1").env("PGPORT", self.port().to_string());
        command.env("PGUSER", USER).env("PGDATABASE", "postgres");
        command
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.daemon.port()
    }

    /// Ends it with all its processes at once, as `kill -9` does.
    pub fn kill(&self) {
        self.daemon.kill();
    }

    /// Ends it in order; connections are cut.
    pub fn stop(&self) {
        self.daemon.stop();
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
        self.daemon.pause();
    }

    /// Lets them go on.
    pub fn resume(&self) {
        self.daemon.resume();
    }

    fn new() -> Self {
        Self { daemon: Daemon::new(), databases: AtomicU32::new(0) }
    }

    fn data(&self) -> PathBuf {
        self.daemon.folder().join("data")
    }

    fn command(&self, program: &str) -> Command {
        self.daemon.command(programs().join(program))
    }

    fn run(&self) {
        let (data, port) = (self.data(), format!("port={}", self.port()));
        let settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", &port];
        let mut arguments = vec!["-D", data.to_str().expect("a path of text")];
        arguments.extend(settings.iter().flat_map(|setting| ["-c", setting]));
        self.daemon.run(&programs().join("postgres"), &arguments, || {
            let ready = self.client("pg_isready").arg("--quiet").status();
            ready.expect("pg_isready").success()
        });
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
