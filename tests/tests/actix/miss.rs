//! A store that takes its time, and one that is away.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::App;
use actix_web::web::get;
use async_trait::async_trait;
use keyward::actix::{ApiKey, ApiKeyAuth};
use keyward::dialect::Dialect;
use keyward::key::{Grant, KeyDigest, KeyId, KeyRecord};
use keyward::manage::{KeyManager, NewKey};
use keyward::store::{KeyLookup, MemoryStore, StoreError};
use keyward::verify::Verifier;
use keyward_tests::bigspin::{assert_missing, assert_unavailable};
use keyward_tests::{Outage, Raw, Trouble, within};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

use crate::server::Server;

/// Answers when the test says so.
struct Slow {
    asked: mpsc::UnboundedSender<()>,
    answers: Arc<Semaphore>,
}

#[async_trait]
impl KeyLookup for Slow {
    async fn lookup(&self, _: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.asked.send(()).unwrap();
        self.answers.acquire().await.unwrap().forget();
        let record = KeyRecord::new(KeyId::new("slow"), "acme", "secret");
        Ok(Some(record.with_grant(Grant::All)))
    }
}

fn key(letter: &str) -> String {
    format!("sk-bigspin-api03-{}", letter.repeat(43))
}

#[tokio::test]
async fn a_miss_blocks_nobody_else_on_the_worker() {
    let (asked, mut questions) = mpsc::unbounded_channel();
    let answers = Arc::new(Semaphore::new(0));
    let store = Slow { asked, answers: Arc::clone(&answers) };
    let verifier = Verifier::builder(Dialect::bigspin(), store)
        .with_lookup_timeout(Duration::from_mins(1))
        .build()
        .unwrap();
    let auth = ApiKeyAuth::new(verifier);
    let server = Server::start(move || {
        App::new().wrap(auth.clone()).route("/", get().to(async |_: ApiKey| "hello"))
    });
    let client = server.client();

    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.get("/", &key("a")).await }
    });
    questions.recv().await.unwrap();
    for _ in 0..100 {
        assert_missing(&client.get_without_key("/").await);
    }
    assert!(!waiting.is_finished());
    answers.add_permits(1);
    let answer = waiting.await.unwrap();
    assert_eq!((answer.status, &*answer.body), (200, "hello"));
    // Cached now: nobody is asked.
    assert_eq!(client.get("/", &key("a")).await.status, 200);
    assert!(questions.try_recv().is_err());
}

/// Counts the requests that are under way.
struct Live(Arc<AtomicUsize>);

impl Live {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_nothing_behind() {
    use actix_web::dev::Service;

    let (asked, mut questions) = mpsc::unbounded_channel();
    let answers = Arc::new(Semaphore::new(0));
    let store = Slow { asked, answers: Arc::clone(&answers) };
    let verifier = Verifier::builder(Dialect::bigspin(), store)
        .with_lookup_timeout(Duration::from_mins(1))
        .build()
        .unwrap();
    let auth = ApiKeyAuth::new(verifier);
    let live = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&live);
    let server = Server::start(move || {
        let counted = Arc::clone(&counted);
        let hello = get().to(async |_: ApiKey| "hello");
        App::new().wrap(auth.clone()).route("/", hello).wrap_fn(move |request, service| {
            let live = Live::new(&counted);
            let answered = service.call(request);
            async move {
                let answer = answered.await;
                drop(live);
                answer
            }
        })
    });

    for letter in ["a", "b", "c"] {
        let mut connection = Raw::connect(server.address).await;
        let bearer = format!("authorization: Bearer {}\r\n\r\n", key(letter));
        connection.send(format!("GET / HTTP/1.1\r\nhost: test\r\n{bearer}").as_bytes()).await;
        questions.recv().await.unwrap();
        assert_eq!(live.load(Ordering::SeqCst), 1);
        drop(connection);
        // actix-web serves half-closed connections: the request ends with its question.
        answers.add_permits(1);
        let gone = async {
            while live.load(Ordering::SeqCst) != 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_mins(5), gone).await.expect("an end");
        assert_eq!(server.client().get("/", &key(letter)).await.status, 200);
        assert!(questions.try_recv().is_err());
    }
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_a_good_key_works_again_after() {
    let memory = MemoryStore::new();
    let manager = KeyManager::builder(Dialect::bigspin(), memory.clone()).open().await.unwrap();
    let key = manager.create(NewKey::new("acme", "production")).await.unwrap().key;
    let outage = Outage::before(memory);
    let verifier = Verifier::builder(Dialect::bigspin(), outage.clone()).build().unwrap();
    let auth = ApiKeyAuth::new(verifier);
    let server = Server::start(move || {
        App::new().wrap(auth.clone()).route("/", get().to(async |_: ApiKey| "hello"))
    });
    let client = server.client();
    for trouble in [Trouble::Fails, Trouble::Panics] {
        outage.begin(trouble);
        assert_unavailable(&client.get("/", key.expose()).await);
        assert_missing(&client.get_without_key("/").await);
    }
    outage.end();
    within(Duration::from_secs(10), 200, async || client.get("/", key.expose()).await).await;
}
