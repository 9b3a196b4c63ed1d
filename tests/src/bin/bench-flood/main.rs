//! A flood of unknown keys, from the address that good keys come from, on a program over SQLite: what
//! `cargo xtask bench --flood` runs. Ends with an error when the store is asked about more keys than
//! it may be, or when good keys get slow.

mod connection;

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use keyward_tests::{Client, Program};
use tokio::time::sleep;

use self::connection::{Connection, Pace};

/// Unknown keys, each another.
const FLOOD: u32 = 1_000_000;
/// How many of them a second, from how many connections.
const FLOOD_RATE: u32 = 10_000;
const FLOODING: u32 = 8;
/// Requests with good keys a second, from how many connections.
const GOOD_RATE: u32 = 1_000;
const GOOD: u32 = 4;
/// The flood comes and goes, so that what disturbs the machine disturbs both.
const SLICE: Duration = Duration::from_secs(5);
/// Most that the 99th percentile of good keys may grow.
const BAR: f64 = 1.5;
/// The verifier's default: attempts a minute that ask the store as everybody does. Beyond, ten a
/// second do.
const FREE: u32 = 6_000;
const AT_THE_GATE: u32 = 10;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What all threads share.
struct Course {
    address: SocketAddr,
    floods: AtomicBool,
    sent: AtomicU32,
    /// Answered with 401, and with 429.
    refused: [AtomicU32; 2],
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let program = std::env::current_exe()?.with_file_name("quickstart-under-test");
    let (good, program) = start(&program, folder.path().into()).await?;
    let metrics = Client::new(program.says("metrics on ").await.trim_end_matches("/metrics"));
    println!(
        "{FLOOD} unknown keys at {FLOOD_RATE} a second beside {GOOD_RATE} requests a second with \
         good ones, all from one address; release build, SQLite\n"
    );
    let course = Arc::new(Course {
        address: program.address,
        floods: AtomicBool::new(false),
        sent: AtomicU32::new(0),
        refused: [const { AtomicU32::new(0) }; 2],
    });
    let asking = spawn(GOOD, &course, move |course| ask(course, &good));
    let flooding = spawn(FLOODING, &course, flood);
    sleep(SLICE).await;
    let before = misses(&metrics).await?;
    let started = Instant::now();
    while course.is_under_way() {
        course.floods.fetch_xor(true, Ordering::Relaxed);
        sleep(SLICE).await;
    }
    let seconds = started.elapsed().as_secs();
    let asked = misses(&metrics).await? - before;
    for flooding in flooding {
        flooding.join().map_err(|_| "a thread of the flood ended")??;
    }
    let mut latencies = [Vec::new(), Vec::new()];
    for asking in asking {
        for (floods, latency) in asking.join().map_err(|_| "a thread ended")?? {
            latencies[usize::from(floods)].push(latency);
        }
    }
    Ok(report(&course, asked, u32::try_from(seconds)?, latencies))
}

/// Starts a program that shows its metrics, and says what a good request is.
async fn start(program: &std::path::Path, folder: PathBuf) -> Result<(Vec<u8>, Program)> {
    let program = program.to_str().ok_or("a path that is text")?;
    let program = Program::start(program, &folder, &["--metrics", "127.0.0.1:0"]).await;
    Ok((request(program.key("full")), program))
}

fn request(key: &str) -> Vec<u8> {
    let path = "/public/api/v1/projects";
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\r\n").into()
}

fn spawn<T: Send + 'static>(
    threads: u32,
    course: &Arc<Course>,
    run: impl Fn(&Course) -> Result<T> + Clone + Send + 'static,
) -> Vec<JoinHandle<Result<T>>> {
    let one = |_| {
        let (course, run) = (Arc::clone(course), run.clone());
        thread::spawn(move || run(&course))
    };
    (0..threads).map(one).collect()
}

/// Sends good keys until the flood is over: how long each took, and whether it was flooded.
fn ask(course: &Course, request: &[u8]) -> Result<Vec<(bool, Duration)>> {
    let mut connection = Connection::open(course.address)?;
    let mut pace = Pace::of(GOOD_RATE / GOOD);
    let mut latencies = Vec::new();
    while course.is_under_way() {
        let due = pace.next();
        let floods = course.floods.load(Ordering::Relaxed);
        match connection.ask(request)? {
            200 => latencies.push((floods, due.elapsed())),
            status => return Err(format!("a good key was answered with {status}").into()),
        }
    }
    Ok(latencies)
}

fn flood(course: &Course) -> Result<()> {
    let mut connection = Connection::open(course.address)?;
    let mut pace = Pace::of(FLOOD_RATE / FLOODING);
    while course.is_under_way() {
        if !course.floods.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(1));
            pace.begin();
            continue;
        }
        pace.next();
        let number = course.sent.fetch_add(1, Ordering::Relaxed);
        let refused = match connection.ask(&request(&format!("sk-bigspin-api03-{number:043}")))? {
            401 => 0,
            429 => 1,
            status => return Err(format!("an unknown key was answered with {status}").into()),
        };
        course.refused[refused].fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

impl Course {
    fn is_under_way(&self) -> bool {
        self.sent.load(Ordering::Relaxed) < FLOOD
    }
}

/// About how many keys the store was asked.
async fn misses(metrics: &Client) -> Result<u32> {
    let text = metrics.get_without_key("/metrics").await.body;
    let line = text.lines().find_map(|line| line.strip_prefix("keyward_cache_misses_total "));
    Ok(line.map_or(Ok(0), str::parse)?)
}

fn report(course: &Course, asked: u32, seconds: u32, latencies: [Vec<Duration>; 2]) -> ExitCode {
    let [unknown, turned_away] =
        course.refused.each_ref().map(|count| count.load(Ordering::Relaxed));
    // Each minute begins with an attempt. A request of each connection may have been under way.
    let most = (seconds / 60 + 1) * (FREE + FLOODING) + seconds * AT_THE_GATE;
    let is_bounded = asked <= most;
    println!("  {seconds} s; 401 for {unknown}, 429 for {turned_away}");
    println!("  the store was asked about {asked} keys, at most {most}: {}\n", verdict(is_bounded));
    println!("  {:<20}{:>10}{:>10}{:>10}  ms", "good keys", "requests", "median", "p99");
    let p99 = latencies.map(|mut latencies| {
        latencies.sort_unstable();
        let at =
            |percent: usize| latencies[latencies.len() * percent / 100].as_secs_f64() * 1_000.0;
        (latencies.len(), at(50), at(99))
    });
    for (name, (requests, median, p99)) in ["without the flood", "in the flood"].iter().zip(p99) {
        println!("  {name:<20}{requests:>10}{median:>10.3}{p99:>10.3}");
    }
    let ratio = p99[1].2 / p99[0].2;
    let is_fast = ratio <= BAR;
    println!("\n  p99 in the flood / without: {ratio:.2}, at most {BAR}: {}", verdict(is_fast));
    if is_bounded && is_fast { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn verdict(holds: bool) -> &'static str {
    if holds { "holds" } else { "DOES NOT HOLD" }
}
