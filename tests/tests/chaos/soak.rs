//! Long outages, for `cargo xtask soak`.

use std::net::SocketAddr;
use std::time::Duration;

use keyward_tests::Postgres;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::fleet::Bounds;
use crate::load::Subject;
use crate::stage::{Place, Stage};

const OUTAGE: Duration = Duration::from_secs(30);
/// In a second, over all connections.
const RATE: u32 = 5_000;
const CONNECTIONS: u32 = 50;
const KEYS: usize = 1_000;

/// How long answers took, from when each was due to be asked for, and when that was.
struct Latencies(Vec<(Duration, Duration)>);

impl Latencies {
    fn at(&self, permille: usize) -> Duration {
        self.0[(self.0.len() * permille / 1_000).min(self.0.len() - 1)].0
    }

    fn print(&self, when: &str) {
        let [median, p99, p999, max] = [500, 990, 999, 1_000].map(|permille| self.at(permille));
        let requests = self.0.len();
        let slowest = self.0[requests - 1].1;
        println!(
            "{when}: {requests} requests, all accepted, median {median:.1?}, p99 {p99:.1?}, \
             p99.9 {p999:.1?}, max {max:.1?} at second {:.1}",
            slowest.as_secs_f64()
        );
    }
}

/// Asks at the rate for so long, whether answers come or not. Every one has to be a good one.
async fn ask_for(time: Duration, address: SocketAddr, keys: &[Subject]) -> Latencies {
    let mut connections = JoinSet::new();
    let begin = Instant::now();
    for number in 0..CONNECTIONS {
        let requests: Vec<String> = keys
            .iter()
            .skip(number as usize)
            .step_by(CONNECTIONS as usize)
            .map(|key| {
                format!(
                    "GET / HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\n\r\n",
                    key.key()
                )
            })
            .collect();
        connections.spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            let (mut latencies, mut answer) = (vec![], vec![0; 4096]);
            for (turn, request) in (0..).zip(requests.iter().cycle()) {
                let due = begin + Duration::from_secs(1) * (turn * CONNECTIONS + number) / RATE;
                if due > begin + time {
                    break;
                }
                sleep_until(due).await;
                stream.write_all(request.as_bytes()).await.expect("sent");
                let mut length = 0;
                // The answers have no body.
                while !answer[..length].ends_with(b"\r\n\r\n") {
                    let read = stream.read(&mut answer[length..]).await.expect("an answer");
                    assert_ne!(read, 0, "the connection ended");
                    length += read;
                }
                let text = answer[..length].escape_ascii();
                assert!(answer.starts_with(b"HTTP/1.1 200 "), "not one error: {text}");
                latencies.push((due.elapsed(), due - begin));
            }
            latencies
        });
    }
    let mut latencies: Vec<_> = connections.join_all().await.concat();
    latencies.sort_unstable();
    Latencies(latencies)
}

/// `max_staleness` 5 s, `stale_if_error` 2 min.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: cargo xtask soak"]
async fn soak_five_thousand_requests_a_second_go_on_through_an_outage() {
    let bounds =
        Bounds { max_staleness: Duration::from_secs(5), stale_if_error: Duration::from_mins(2) };
    let server = Postgres::start();
    let url = server.database();
    let folder = tempfile::tempdir().expect("a folder");
    let stage = Stage::new(folder, Place::at(&url), 1, bounds).await;
    let keys = stage.keys(KEYS).await;
    let address = stage.fleet.programs[0].address;

    let before = ask_for(OUTAGE, address, &keys).await;
    before.print("before the outage");
    server.kill();
    let during = ask_for(OUTAGE, address, &keys).await;
    during.print("during the outage");
    server.restart();
    stage.until_ready().await;
    let after = ask_for(OUTAGE / 3, address, &keys).await;
    after.print("after the outage");
    assert!(during.at(990) <= 2 * before.at(990), "known keys are as fast as before");
    stage.revoke(&keys[0]).await;
    sleep(bounds.max_staleness).await;
    stage.assert_refused(&keys[..1]).await;
}
