use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use keyward::key::{KeyId, PlainKey};
use keyward_tests::{Client, say};
use reqwest::Method;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A key, and the truth about it.
#[derive(Clone)]
pub(crate) struct Subject(Arc<Inner>);

struct Inner {
    key: String,
    /// `None` of a key that nobody made.
    id: Option<KeyId>,
    /// When its revocation began, and when it had returned.
    revoking: OnceLock<Instant>,
    revoked: OnceLock<Instant>,
}

impl Subject {
    pub(crate) fn known(id: KeyId, key: &PlainKey) -> Self {
        Self::new(Some(id), key)
    }

    pub(crate) fn unknown(key: &PlainKey) -> Self {
        Self::new(None, key)
    }

    fn new(id: Option<KeyId>, key: &PlainKey) -> Self {
        let (revoking, revoked) = (OnceLock::new(), OnceLock::new());
        Self(Arc::new(Inner { key: key.expose().to_owned(), id, revoking, revoked }))
    }

    pub(crate) fn key(&self) -> &str {
        &self.0.key
    }

    pub(crate) fn id(&self) -> &KeyId {
        self.0.id.as_ref().expect("a key that somebody made")
    }

    /// Revokes it: from the bound after that on, nobody may accept it.
    pub(crate) async fn revoke<T>(&self, revocation: impl Future<Output = T>) -> T {
        let _ = self.0.revoking.set(Instant::now());
        let done = revocation.await;
        let _ = self.0.revoked.set(Instant::now());
        done
    }
}

/// What was seen of all requests.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) requests: usize,
    pub(crate) accepted: usize,
    pub(crate) refused: usize,
    /// 503 for a key that is good.
    pub(crate) good_unavailable: usize,
    unavailable: usize,
    /// 429 for a key that nobody knows: the load's one address fails often.
    limited: usize,
    /// Of processes that do not run.
    unanswered: usize,
    /// From the return of a revocation to the begin of the last request that was accepted.
    last_accepted: Duration,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, subject: &Inner, began: Instant, status: Option<u16>, bound: Duration) {
        self.requests += 1;
        let is_good = subject.id.is_some() && subject.revoking.get().is_none();
        let since = subject.revoked.get().map(|at| began.saturating_duration_since(*at));
        match status {
            Some(200) => self.accepted += 1,
            Some(401) => self.refused += 1,
            Some(503) => self.unavailable += 1,
            Some(429) if subject.id.is_none() => self.limited += 1,
            None => self.unanswered += 1,
            Some(status) => self.wrong.push(format!("an answer {status}")),
        }
        match (status, since) {
            (Some(200), Some(since)) if since > bound => {
                self.wrong.push(format!("a revoked key was accepted {since:?} later"));
            }
            (Some(200), Some(since)) => self.last_accepted = self.last_accepted.max(since),
            (Some(200), None) if subject.id.is_none() => {
                self.wrong.push("an unknown key was accepted".to_owned());
            }
            (Some(401), _) if is_good => self.wrong.push("a good key was called bad".to_owned()),
            (Some(503), _) if is_good => self.good_unavailable += 1,
            _ => {}
        }
    }

    fn merge(&mut self, other: Self) {
        self.requests += other.requests;
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.good_unavailable += other.good_unavailable;
        self.unavailable += other.unavailable;
        self.limited += other.limited;
        self.unanswered += other.unanswered;
        self.last_accepted = self.last_accepted.max(other.last_accepted);
        self.wrong.extend(other.wrong);
    }

    /// Says what was seen, and that nothing of it was wrong.
    pub(crate) fn report(&self, test: &str) {
        say(format!("{test}: {self}"));
        assert!(self.wrong.is_empty(), "{test}: {:?}", self.wrong);
        assert!(self.accepted > 0 && self.refused > 0, "{test}: {self}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, accepted, refused, unavailable, good_unavailable, .. } = self;
        let Self { limited, unanswered, last_accepted, .. } = self;
        write!(
            f,
            "{requests} requests, {accepted} accepted, {refused} refused, {unavailable} \
             unavailable ({good_unavailable} of good keys), {limited} limited, {unanswered} \
             unanswered; a revoked key was accepted for {last_accepted:.1?}"
        )
    }
}

/// Requests that go on until somebody ends them.
pub(crate) struct Load {
    stop: watch::Sender<bool>,
    tasks: JoinSet<Tally>,
}

impl Load {
    pub(crate) fn begin(clients: Vec<Client>, subjects: &[Subject], bound: Duration) -> Self {
        let stop = watch::Sender::new(false);
        let mut tasks = JoinSet::new();
        for client in clients {
            // Two at a time: a process that is suspended holds one up, and is asked when it is back.
            for offset in 0..2 {
                let (client, subjects) = (client.clone(), subjects.to_vec());
                let stopped = stop.subscribe();
                tasks.spawn(async move {
                    let mut tally = Tally::default();
                    for subject in subjects.iter().cycle().skip(offset) {
                        if *stopped.borrow() {
                            break;
                        }
                        let began = Instant::now();
                        let request = client.request(Method::GET, "/").bearer_auth(subject.key());
                        let request = request.timeout(Duration::from_mins(1)).send();
                        let status = request.await.ok().map(|answer| answer.status().as_u16());
                        tally.add(&subject.0, began, status, bound);
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                    tally
                });
            }
        }
        Self { stop, tasks }
    }

    pub(crate) async fn end(self) -> Tally {
        self.stop.send_replace(true);
        let mut tally = Tally::default();
        for part in self.tasks.join_all().await {
            tally.merge(part);
        }
        tally
    }
}
