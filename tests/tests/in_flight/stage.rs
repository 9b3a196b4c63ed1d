use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::{delete, get};
use futures_util::stream;
use keyward::axum::{ApiKey, ApiKeyAuth};
use keyward::clock::{TestClock, Timestamp};
use keyward::dialect::{Dialect, InFlight};
use keyward::key::KeyId;
use keyward::manage::{Issued, KeyManager, NewKey, Reach};
use keyward::store::MemoryStore;
use keyward::verify::Verifier;
use keyward_tests::{Answer, Outage, Server};
use reqwest::Method;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// The policies under which something becomes of them.
pub(crate) const WATCHED: [InFlight; 2] = [InFlight::RefuseOnReturn, InFlight::Cancel];

/// What a handler lets others know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Begun,
    Finished,
    Dropped,
}

#[derive(Clone)]
struct Desk {
    events: UnboundedSender<Event>,
    /// A handler needs a permit to end.
    permits: Arc<Semaphore>,
    /// What a streaming response sends.
    chunks: Arc<Mutex<UnboundedReceiver<&'static str>>>,
    manager: KeyManager,
}

/// Says how a handler ended: by itself, or because it was dropped.
struct Shift(UnboundedSender<Event>, Event);

impl Drop for Shift {
    fn drop(&mut self) {
        // Nobody listens any more when the test is over.
        let _ = self.0.send(self.1);
    }
}

async fn work(State(desk): State<Desk>, _: ApiKey) -> &'static str {
    desk.events.send(Event::Begun).unwrap();
    let mut shift = Shift(desk.events, Event::Dropped);
    desk.permits.acquire().await.unwrap().forget();
    shift.1 = Event::Finished;
    "done"
}

async fn stream(State(desk): State<Desk>, _: ApiKey) -> Body {
    let chunks = desk.chunks.lock_owned().await;
    Body::from_stream(stream::unfold(chunks, |mut chunks| async {
        let chunk = chunks.recv().await?;
        Some((Ok::<_, std::io::Error>(Bytes::from(chunk)), chunks))
    }))
}

async fn end_own(State(desk): State<Desk>, key: ApiKey) -> &'static str {
    key.let_finish();
    end_own_in_silence(State(desk), key).await
}

async fn end_own_in_silence(State(desk): State<Desk>, key: ApiKey) -> &'static str {
    desk.manager.revoke(&KeyId::new(key.id()), Reach::Key).await.unwrap();
    "ended"
}

/// A service under a policy, its keys, and a second process that has the same ones.
pub(crate) struct Stage {
    pub(crate) outage: Outage,
    pub(crate) manager: KeyManager,
    pub(crate) other_process: KeyManager,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) server: Server,
    events: UnboundedReceiver<Event>,
    permits: Arc<Semaphore>,
    pub(crate) chunks: UnboundedSender<&'static str>,
}

impl Stage {
    /// What nobody tells the verifier, it does not find out while the test lasts.
    pub(crate) async fn set(policy: InFlight) -> Self {
        Self::set_with(policy, Duration::from_hours(1)).await
    }

    pub(crate) async fn set_with(policy: InFlight, max_staleness: Duration) -> Self {
        let dialect = Dialect::builder("strict").like(&Dialect::bigspin()).in_flight(policy);
        let dialect = dialect.build().unwrap();
        let store = MemoryStore::new();
        let outage = Outage::before(store.clone());
        let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_700_000_000_000)));
        let manager = |store| {
            let manager = KeyManager::builder(dialect.clone(), store);
            manager.with_clock(Arc::<TestClock>::clone(&clock)).open()
        };
        let other_process = manager(store.other_process()).await.unwrap();
        let manager = manager(store).await.unwrap();
        let verifier = Verifier::builder(dialect.clone(), outage.clone())
            .with_clock(Arc::<TestClock>::clone(&clock))
            .with_lookup_timeout(Duration::from_millis(200))
            .with_max_staleness(max_staleness)
            .build()
            .unwrap();
        let (sender, events) = unbounded_channel();
        let (chunks, receiver) = unbounded_channel();
        let permits = Arc::new(Semaphore::new(0));
        let desk = Desk {
            events: sender,
            permits: Arc::clone(&permits),
            chunks: Arc::new(Mutex::new(receiver)),
            manager: manager.clone(),
        };
        let router = Router::new()
            .route("/", get(|_: ApiKey| async { "here" }))
            .route("/work", get(work))
            .route("/stream", get(stream))
            .route("/own", delete(end_own))
            .route("/own-in-silence", delete(end_own_in_silence))
            .layer(ApiKeyAuth::new(verifier))
            .with_state(desk);
        let server = Server::start(router).await;
        Self { outage, manager, other_process, clock, server, events, permits, chunks }
    }

    pub(crate) async fn key(&self) -> Issued {
        self.manager.create(NewKey::new("acme", "a test's key")).await.unwrap()
    }

    /// Sends a request whose handler has begun when this returns.
    pub(crate) async fn begin(&mut self, key: &Issued) -> JoinHandle<Answer> {
        let (client, key) = (self.server.client(), key.key.expose().to_owned());
        let answer = tokio::spawn(async move { client.get("/work", &key).await });
        self.expect(Event::Begun).await;
        answer
    }

    /// Lets a handler end.
    pub(crate) fn permit(&self) {
        self.permits.add_permits(1);
    }

    pub(crate) async fn expect(&mut self, event: Event) {
        let next = timeout(PATIENCE, self.events.recv()).await;
        assert_eq!(next.unwrap(), Some(event));
    }

    pub(crate) async fn revoke(&self, key: &Issued) {
        self.manager.revoke(&key.record.id, Reach::Key).await.unwrap();
    }

    /// Returns when the verifier has taken in what other processes have done until now.
    pub(crate) async fn polled(&self) {
        for _ in 0..2 {
            timeout(PATIENCE, self.outage.polled()).await.unwrap();
        }
    }

    pub(crate) async fn delete_own(&self, path: &str, key: &Issued) -> Answer {
        let client = self.server.client();
        let request = client.request(Method::DELETE, path).bearer_auth(key.key.expose());
        answered(tokio::spawn(async move { client.send(request).await })).await
    }

    /// The status of a short request with this key.
    pub(crate) async fn status(&self, key: &Issued) -> u16 {
        self.server.client().get("/", key.key.expose()).await.status
    }
}

pub(crate) async fn answered(answer: JoinHandle<Answer>) -> Answer {
    timeout(PATIENCE, answer).await.unwrap().unwrap()
}

#[track_caller]
pub(crate) fn assert_done(answer: &Answer) {
    assert_eq!((answer.status, &*answer.body), (200, "done"));
}
