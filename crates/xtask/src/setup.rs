use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use crate::failure::{Failure, Result};
use crate::lint::metadata;

/// A program that is no part of Rust, and the package that brings it.
pub(crate) struct Tool {
    program: &'static str,
    debian: &'static str,
    /// `None` where the system has none.
    macos: Option<&'static str>,
}

/// Where Debian keeps the servers of each version; a link on the `PATH` leads to them too.
const POSTGRESQL: &str = "/usr/lib/postgresql";

/// Where Debian keeps other servers, which is not on everybody's `PATH`.
const SYSTEM: &str = "/usr/sbin";

/// The stores' tests start servers of their own.
pub(crate) const POSTGRES: Tool =
    Tool { program: "initdb", debian: "postgresql", macos: Some("postgresql@17") };
pub(crate) const REDIS: Tool =
    Tool { program: "redis-server", debian: "redis-server", macos: Some("redis") };
/// The examples' tests ask as a user would.
const CURL: Tool = Tool { program: "curl", debian: "curl", macos: Some("curl") };
/// The gateway's tests ask through it.
const NGINX: Tool = Tool { program: "nginx", debian: "nginx-light", macos: Some("nginx") };
/// The dashboard's tests use it as a person would, in a browser.
const CHROMIUM: Tool =
    Tool { program: "chromium", debian: "chromium", macos: Some("--cask chromium") };
const CHROMEDRIVER: Tool =
    Tool { program: "chromedriver", debian: "chromium-driver", macos: Some("--cask chromedriver") };
const NPM: Tool = Tool { program: "npm", debian: "npm", macos: Some("node") };
/// What looks at pages for whoever cannot see them.
const AXE: &str = "axe-core@4.14.1";
/// Counts instructions.
pub(crate) const VALGRIND: Tool = Tool { program: "valgrind", debian: "valgrind", macos: None };

/// Finds or installs what the tests need.
pub(crate) fn for_tests() -> Result<()> {
    CURL.provide()?;
    POSTGRES.provide()?;
    REDIS.provide()?;
    NGINX.provide()?;
    CHROMIUM.provide()?;
    CHROMEDRIVER.provide()?;
    NPM.provide()?;
    install_axe()
}

/// Puts it beside what is built, where the tests look for it.
fn install_axe() -> Result<()> {
    let target = metadata()?["target_directory"].take();
    let folder = Path::new(target.as_str().unwrap_or("target")).join("node");
    fs::create_dir_all(&folder)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(folder).arg(AXE);
    let status = npm.stdin(Stdio::null()).status()?;
    status.success().then_some(()).ok_or_else(|| Failure::new(format!("npm install {AXE} failed")))
}

impl Tool {
    /// Finds the program, or installs it where this is Debian's root.
    pub(crate) fn provide(&self) -> Result<()> {
        if self.is_found() {
            println!("found {}", self.program);
            return Ok(());
        }
        if is_root() && on_path("apt-get") {
            println!("installing {}", self.debian);
            apt_get(&["update"])?;
            without_services(|| {
                apt_get(&["install", "--yes", "--no-install-recommends", self.debian])
            })?;
        }
        if self.is_found() { Ok(()) } else { Err(Failure::new(self.missing())) }
    }

    fn is_found(&self) -> bool {
        on_path(self.program)
    }

    fn missing(&self) -> String {
        let Self { program, debian, macos } = self;
        let macos = macos.map_or_else(
            || "there is none for macOS".to_owned(),
            |package| format!("`brew install {package}` on macOS"),
        );
        format!("{program} is missing: `apt-get install {debian}` on Debian, {macos}")
    }
}

fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(postgresql()).chain([SYSTEM.into()]);
    let mut programs = folders.map(|folder| folder.join(program));
    programs.any(|program| program.is_file())
}

fn postgresql() -> impl Iterator<Item = PathBuf> {
    let versions = fs::read_dir(POSTGRESQL).into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin"))
}

/// Keeps Debian from starting the servers that it installs: the tests start their own, and whoever
/// wants one for something else has it already. A policy that is there stays as it is.
fn without_services(install: impl FnOnce() -> Result<()>) -> Result<()> {
    // See invoke-rc.d(8): 101 forbids an action.
    let policy = Path::new("/usr/sbin/policy-rc.d");
    if policy.exists() {
        return install();
    }
    fs::write(policy, "#!/bin/sh\nexit 101\n")?;
    fs::set_permissions(policy, fs::Permissions::from_mode(0o755))?;
    let installed = install();
    fs::remove_file(policy)?;
    installed
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    let status = command.status()?;
    let what = arguments.join(" ");
    status.success().then_some(()).ok_or_else(|| Failure::new(format!("apt-get {what} failed")))
}
