use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::client::{Connection, requests};
use super::functions;
use super::server::{Auth, Framework, PATH, Server};
use crate::failure::{Failure, Result};
use crate::setup::VALGRIND;

/// Two runs, so that starting, stopping and cold keys fall out of their difference.
const FEW: u32 = 2_000;
const MANY: u32 = 12_000;

/// Most that keyward may add to a request; SHA-256 in software is about 3,400 of it.
const BAR: u64 = 8_000;

/// The profiles of both runs of one server.
pub(crate) struct Profiles {
    pub(crate) few: PathBuf,
    pub(crate) many: PathBuf,
}

impl Profiles {
    /// How many requests lie between the two.
    pub(crate) const REQUESTS: u64 = (MANY - FEW) as u64;

    fn instructions(&self) -> Result<u64> {
        Ok((instructions(&self.many)? - instructions(&self.few)?) / Self::REQUESTS)
    }
}

/// Prints how many instructions of user space a request takes on each server.
pub(crate) fn run(program: &Path, framework: Framework, show_functions: bool) -> Result<()> {
    VALGRIND.provide()?;
    let folder = program.with_file_name("callgrind");
    fs::create_dir_all(&folder)?;
    let profile = |auth: Auth| -> Result<Profiles> {
        let take = |requests| profile(program, &folder, framework, auth, requests);
        Ok(Profiles { few: take(FEW)?, many: take(MANY)? })
    };
    println!(
        "{framework}\n\nInstructions of user space per request, kept-alive connection, callgrind\n"
    );
    let bare = profile(Auth::Bare)?;
    let nothing = bare.instructions()?;
    println!("  {:<34}{nothing:>8}", Auth::Bare.name());
    let by_hand = framework.contestants().iter().filter(|auth| auth.is_by_hand());
    for &auth in by_hand.chain(&[Auth::Bigspin, Auth::Keyward, Auth::Limited]) {
        let total = profile(auth)?.instructions()?;
        println!("  {:<34}{total:>8}  adds {:>6}", auth.name(), total.saturating_sub(nothing));
    }
    let mut holds = true;
    for auth in [Auth::Layer, Auth::Service] {
        let total = profile(auth)?.instructions()?;
        let added = total.saturating_sub(nothing);
        let yes = added <= BAR;
        holds &= yes;
        let verdict = if yes { "holds" } else { "DOES NOT HOLD" };
        println!("  {:<34}{total:>8}  adds {added:>6}  at most {BAR}: {verdict}", auth.name());
    }
    if show_functions {
        functions::compare(&profile(Auth::Keyward)?, &bare)?;
    }
    println!();
    if holds { Ok(()) } else { Err(Failure::new("keyward adds more than it may")) }
}

fn profile(
    program: &Path,
    folder: &Path,
    framework: Framework,
    auth: Auth,
    count: u32,
) -> Result<PathBuf> {
    let file = folder.join(format!("{framework:?}.{auth:?}.{count}"));
    let mut command = Command::new("valgrind");
    command
        .args(["--quiet", "--tool=callgrind"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(program)
        .arg("--one-thread");
    let server = Server::start(command, framework, auth)?;
    let requests = requests(PATH, &server.keys);
    let mut connection = Connection::open(server.address, &requests[0])?;
    for (_, request) in (1..count).zip(requests.iter().cycle().skip(1)) {
        connection.send(request)?;
        connection.receive()?;
    }
    server.stop()?;
    Ok(file)
}

fn instructions(profile: &Path) -> Result<u64> {
    let text = fs::read_to_string(profile)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let total = total.ok_or_else(|| Failure::new("callgrind wrote no total"))?;
    Ok(total.trim().parse()?)
}
