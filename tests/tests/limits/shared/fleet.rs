//! Eight programs of two frameworks on one store and one Redis admit exactly what one would.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;

use keyward::clock::{Clock, SystemClock};
use keyward::dialect::Dialect;
use keyward::key::{Grant, KeyId, PlainKey};
use keyward::manage::{KeyManager, NewKey};
use keyward::store::SqliteStore;
use keyward_tests::{Answer, Program, Raw, Redis};
use tempfile::TempDir;

const SCRIBE_SIGHT: [&str; 2] = [
    env!("CARGO_BIN_EXE_scribe-sight-under-test"),
    env!("CARGO_BIN_EXE_scribe-sight-actix-under-test"),
];
const ONEPIN: &str = env!("CARGO_BIN_EXE_onepin-under-test");
const CONNECTIONS: usize = 64;

struct Fleet {
    programs: Vec<Program>,
    redis: Redis,
    folder: TempDir,
}

impl Fleet {
    async fn start(programs: &[&str]) -> Self {
        let (folder, redis) = (tempfile::tempdir().unwrap(), Redis::start());
        let mut started = vec![];
        for program in programs {
            let arguments = ["--store", "sqlite://keys.db", "--redis", &redis.url()];
            // Longer than a Redis takes that works.
            let arguments = [&arguments[..], &["--redis-timeout", "10s"]].concat();
            started.push(Program::start(program, folder.path(), &arguments).await);
        }
        Self { programs: started, redis, folder }
    }

    async fn key(&self, dialect: Dialect, workspace: &str, requests: u32) -> (KeyId, PlainKey) {
        let path = self.folder.path().join("keys.db");
        let store = SqliteStore::open(path.to_str().unwrap()).await.unwrap();
        let manager = KeyManager::builder(dialect, store).open().await.unwrap();
        let limit = NonZeroU32::new(requests).unwrap();
        let new = NewKey::new(workspace, "limited").with_grant(Grant::All);
        let issued = manager.create(new.with_rate_limit_per_min(limit)).await.unwrap();
        (issued.record.id, issued.key)
    }

    /// Sends requests over many connections, each to the next program.
    async fn hammer(&self, path: &str, key: &str, requests: usize) -> Vec<Answer> {
        let senders = (0..CONNECTIONS).map(|number| {
            let program = &self.programs[number % self.programs.len()];
            tokio::spawn(hammer(program.address, path.to_owned(), key.to_owned(), requests))
        });
        let mut answers = vec![];
        for sender in senders.collect::<Vec<_>>() {
            answers.extend(sender.await.unwrap());
        }
        answers
    }

    /// Ends the minute that is running.
    fn end_minute(&self, entry: &str) {
        assert_eq!(self.redis.say(&["PEXPIRE", entry, "0"]), "1");
    }
}

async fn hammer(address: SocketAddr, path: String, key: String, requests: usize) -> Vec<Answer> {
    let mut connection = Raw::connect(address).await;
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {key}\r\n\r\n");
    let mut answers = vec![];
    for _ in 0..requests {
        answers.push(connection.ask(request.as_bytes()).await.unwrap());
    }
    answers
}

fn number(answer: &Answer, name: &str) -> u64 {
    answer.header(name).unwrap().parse().unwrap()
}

/// Exactly so many were admitted, each leaving one less, and all say alike when the minute is over.
fn assert_admits_exactly(answers: &[Answer], limit: u64) {
    let now = SystemClock::new().now().timestamp.as_millis().cast_unsigned() / 1000;
    let mut remaining = BTreeMap::<u64, usize>::new();
    for answer in answers {
        assert_eq!(number(answer, "x-ratelimit-limit"), limit);
        let reset = number(answer, "x-ratelimit-reset");
        let first = number(&answers[0], "x-ratelimit-reset");
        // Milliseconds, rounded up.
        assert!(reset.abs_diff(first) <= 1, "{reset} {first}");
        assert!((now.saturating_sub(60)..=now + 61).contains(&reset), "{reset} at {now}");
        let left = number(answer, "x-ratelimit-remaining");
        match answer.status {
            200 => *remaining.entry(left).or_default() += 1,
            status => {
                assert_eq!((status, left), (429, 0), "{}", answer.body);
                assert!((1..=60).contains(&number(answer, "retry-after")));
            }
        }
    }
    let expected: BTreeMap<u64, usize> = (0..limit).map(|left| (left, 1)).collect();
    assert_eq!(remaining, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_processes_admit_exactly_the_limit_of_a_key() {
    let programs: Vec<&str> = SCRIBE_SIGHT.into_iter().cycle().take(8).collect();
    let fleet = Fleet::start(&programs).await;
    let (id, key) = fleet.key(Dialect::scribe_sight(), "org_acme", 500).await;
    for _ in 0..2 {
        let answers = fleet.hammer("/api/v1/org", key.expose(), 16).await;
        assert_admits_exactly(&answers, 500);
        fleet.end_minute(&format!("keyward:limits:scribe-sight::{id}"));
    }
}

#[tokio::test]
async fn two_onepins_let_a_slow_key_in_twice_a_minute() {
    let fleet = Fleet::start(&[ONEPIN, ONEPIN]).await;
    let slow = fleet.programs[0].key("slow");
    for (number, status) in [(0, 200), (1, 200), (0, 429), (1, 429)] {
        let client = fleet.programs[number].client("/api/v1");
        let answer = client.get("/workflows", slow).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.header("ratelimit-policy"), Some(r#""default";q=2;w=60"#));
    }
    let whole = fleet.redis.say(&["KEYS", "*"]);
    assert!(whole.starts_with("keyward:limits:onepin::") && !whole.contains('\n'), "{whole}");
}
