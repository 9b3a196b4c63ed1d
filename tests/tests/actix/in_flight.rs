//! Requests whose key is revoked while their handler works; the whole of it is tested with axum.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Bytes, Data, Payload, delete, get};
use actix_web::{App, HttpResponse};
use futures_util::stream;
use keyward::actix::{ApiKey, ApiKeyAuth};
use keyward::dialect::{Dialect, InFlight};
use keyward::key::KeyId;
use keyward::manage::{Issued, KeyManager, KeyUpdate, NewKey, Reach};
use keyward::store::MemoryStore;
use keyward::verify::Verifier;
use keyward_tests::bigspin::assert_invalid;
use keyward_tests::{Answer, Outage, Raw, Trouble};
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(30);
const WATCHED: [InFlight; 2] = [InFlight::RefuseOnReturn, InFlight::Cancel];

/// What a handler lets others know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Begun,
    Finished,
    Dropped,
}

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

async fn work(desk: Data<Desk>, _: ApiKey) -> &'static str {
    desk.events.send(Event::Begun).unwrap();
    let mut shift = Shift(desk.events.clone(), Event::Dropped);
    desk.permits.acquire().await.unwrap().forget();
    shift.1 = Event::Finished;
    "done"
}

async fn stream(desk: Data<Desk>, _: ApiKey) -> HttpResponse {
    let chunks = Arc::clone(&desk.chunks).lock_owned().await;
    HttpResponse::Ok().streaming(stream::unfold(chunks, |mut chunks| async {
        let chunk = chunks.recv().await?;
        Some((Ok::<_, std::io::Error>(Bytes::from(chunk)), chunks))
    }))
}

/// Sends back what comes, as a websocket's server would frames.
async fn echo(_: ApiKey, payload: Payload) -> HttpResponse {
    HttpResponse::SwitchingProtocols().upgrade("websocket").streaming(payload)
}

async fn end_own(desk: Data<Desk>, key: ApiKey) -> &'static str {
    key.let_finish();
    end_own_in_silence(desk, key).await
}

async fn end_own_in_silence(desk: Data<Desk>, key: ApiKey) -> &'static str {
    desk.manager.revoke(&KeyId::new(key.id()), Reach::Key).await.unwrap();
    "ended"
}

/// A service under a policy, its keys, and a second process that has the same ones.
struct Stage {
    outage: Outage,
    manager: KeyManager,
    other_process: KeyManager,
    server: Server,
    events: UnboundedReceiver<Event>,
    permits: Arc<Semaphore>,
    chunks: UnboundedSender<&'static str>,
}

impl Stage {
    async fn set(policy: InFlight) -> Self {
        let dialect = Dialect::builder("strict").like(&Dialect::bigspin()).in_flight(policy);
        let dialect = dialect.build().unwrap();
        let store = MemoryStore::new();
        let outage = Outage::before(store.clone());
        let other_process = KeyManager::builder(dialect.clone(), store.other_process());
        let other_process = other_process.open().await.unwrap();
        let manager = KeyManager::builder(dialect.clone(), store).open().await.unwrap();
        let verifier = Verifier::builder(dialect, outage.clone())
            .with_lookup_timeout(Duration::from_millis(200))
            // What nobody tells the verifier, it does not find out while the test lasts.
            .with_max_staleness(Duration::from_hours(1))
            .build()
            .unwrap();
        let (sender, events) = unbounded_channel();
        let (chunks, receiver) = unbounded_channel();
        let permits = Arc::new(Semaphore::new(0));
        let desk = Data::new(Desk {
            events: sender,
            permits: Arc::clone(&permits),
            chunks: Arc::new(Mutex::new(receiver)),
            manager: manager.clone(),
        });
        let auth = ApiKeyAuth::new(verifier);
        let server = Server::start(move || {
            App::new()
                .app_data(desk.clone())
                .wrap(auth.clone())
                .route("/", get().to(async |_: ApiKey| "here"))
                .route("/work", get().to(work))
                .route("/stream", get().to(stream))
                .route("/echo", get().to(echo))
                .route("/own", delete().to(end_own))
                .route("/own-in-silence", delete().to(end_own_in_silence))
        });
        Self { outage, manager, other_process, server, events, permits, chunks }
    }

    async fn key(&self) -> Issued {
        self.manager.create(NewKey::new("acme", "a test's key")).await.unwrap()
    }

    /// Sends a request whose handler has begun when this returns.
    async fn begin(&mut self, key: &Issued) -> JoinHandle<Answer> {
        let (client, key) = (self.server.client(), key.key.expose().to_owned());
        let answer = tokio::spawn(async move { client.get("/work", &key).await });
        self.expect(Event::Begun).await;
        answer
    }

    /// Lets a handler end.
    fn permit(&self) {
        self.permits.add_permits(1);
    }

    async fn expect(&mut self, event: Event) {
        assert_eq!(timeout(PATIENCE, self.events.recv()).await.unwrap(), Some(event));
    }

    async fn revoke(&self, key: &Issued) {
        self.manager.revoke(&key.record.id, Reach::Key).await.unwrap();
    }

    async fn delete_own(&self, path: &str, key: &Issued) -> Answer {
        let client = self.server.client();
        client.send(client.request(Method::DELETE, path).bearer_auth(key.key.expose())).await
    }

    /// A streaming response of which one chunk has come.
    async fn streaming(&self, key: &Issued) -> reqwest::Response {
        self.chunks.send("first").unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = http.get(format!("http://{}/stream", self.server.address));
        let mut response = request.bearer_auth(key.key.expose()).send().await.unwrap();
        assert_eq!(next(&mut response).await.unwrap().as_deref(), Some("first".as_bytes()));
        response
    }
}

async fn answered(answer: JoinHandle<Answer>) -> Answer {
    timeout(PATIENCE, answer).await.unwrap().unwrap()
}

async fn next(response: &mut reqwest::Response) -> reqwest::Result<Option<Bytes>> {
    timeout(PATIENCE, response.chunk()).await.unwrap()
}

#[track_caller]
fn assert_done(answer: &Answer) {
    assert_eq!((answer.status, &*answer.body), (200, "done"));
}

#[tokio::test]
async fn on_return_the_refusal_stands_in_place_of_what_the_handler_did_finish() {
    let mut stage = Stage::set(InFlight::RefuseOnReturn).await;
    let (key, other) = (stage.key().await, stage.key().await);
    let answer = stage.begin(&key).await;
    stage.revoke(&key).await;
    stage.permit();
    assert_invalid(&answered(answer).await);
    stage.expect(Event::Finished).await;

    let answer = stage.begin(&other).await;
    stage.other_process.revoke(&other.record.id, Reach::Key).await.unwrap();
    for _ in 0..2 {
        stage.outage.polled().await;
    }
    stage.permit();
    assert_invalid(&answered(answer).await);
    stage.expect(Event::Finished).await;
}

#[tokio::test]
async fn cancelled_handlers_are_dropped_and_their_clients_refused_at_once() {
    let mut stage = Stage::set(InFlight::Cancel).await;
    let (key, other) = (stage.key().await, stage.key().await);
    let mut answers = vec![];
    for _ in 0..20 {
        answers.push(stage.begin(&key).await);
    }
    let kept = stage.begin(&other).await;
    stage.revoke(&key).await;
    for answer in answers {
        assert_invalid(&answered(answer).await);
        stage.expect(Event::Dropped).await;
    }
    stage.permit();
    assert_done(&answered(kept).await);
    stage.expect(Event::Finished).await;

    let answer = stage.begin(&other).await;
    stage.other_process.revoke(&other.record.id, Reach::Key).await.unwrap();
    // Nobody wakes the poll.
    assert_invalid(&answered(answer).await);
}

#[tokio::test]
async fn what_does_not_end_the_key_ends_no_request() {
    for policy in WATCHED {
        let mut stage = Stage::set(policy).await;
        let (key, other) = (stage.key().await, stage.key().await);
        let answer = stage.begin(&key).await;
        stage.revoke(&other).await;
        stage.permit();
        assert_done(&answered(answer).await);
        stage.expect(Event::Finished).await;

        let answer = stage.begin(&key).await;
        stage.outage.begin(Trouble::Fails);
        // What is cached does not count any more, and nobody can say what does.
        let update = KeyUpdate::new().with_name("new name");
        stage.manager.update(&key.record.id, update).await.unwrap();
        stage.permit();
        assert_done(&answered(answer).await);
    }
}

#[tokio::test]
async fn a_request_that_says_so_before_may_end_its_own_key() {
    for policy in WATCHED {
        let stage = Stage::set(policy).await;
        let (announced, silent) = (stage.key().await, stage.key().await);
        let answer = stage.delete_own("/own", &announced).await;
        assert_eq!((answer.status, &*answer.body), (200, "ended"));
        assert_invalid(&stage.delete_own("/own-in-silence", &silent).await);
        for key in [announced, silent] {
            assert_invalid(&stage.server.client().get("/", key.key.expose()).await);
        }
    }
}

#[tokio::test]
async fn a_response_whose_head_has_left_goes_on_or_is_cut_off() {
    for policy in [InFlight::Finish, InFlight::RefuseOnReturn] {
        let mut stage = Stage::set(policy).await;
        let key = stage.key().await;
        let mut response = stage.streaming(&key).await;
        stage.revoke(&key).await;
        stage.chunks.send("second").unwrap();
        assert_eq!(next(&mut response).await.unwrap().as_deref(), Some("second".as_bytes()));
        stage.chunks = unbounded_channel().0;
        assert_eq!(next(&mut response).await.unwrap(), None);
    }
    let mut stage = Stage::set(InFlight::Cancel).await;
    let (key, other) = (stage.key().await, stage.key().await);
    let mut response = stage.streaming(&key).await;
    stage.revoke(&key).await;
    assert!(next(&mut response).await.is_err(), "no clean end");

    let mut response = stage.streaming(&other).await;
    stage.chunks = unbounded_channel().0;
    assert_eq!(next(&mut response).await.unwrap(), None, "the end of a good key's response");
}

#[tokio::test]
async fn under_cancel_a_websocket_closes_with_its_key() {
    let stage = Stage::set(InFlight::Cancel).await;
    let key = stage.key().await;
    let mut socket = TcpStream::connect(stage.server.address).await.unwrap();
    let handshake = format!(
        "GET /echo HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         authorization: Bearer {}\r\n\r\n",
        key.key.expose()
    );
    socket.write_all(handshake.as_bytes()).await.unwrap();
    socket.write_all(b"ping").await.unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(b"\r\n\r\nping") {
        heard.push(timeout(PATIENCE, socket.read_u8()).await.unwrap().unwrap());
    }
    stage.revoke(&key).await;
    let end = timeout(PATIENCE, socket.read_u8()).await.unwrap();
    assert!(end.is_err(), "closed without a word more");
}

#[tokio::test]
async fn a_connection_serves_other_keys_after_a_refusal() {
    for policy in WATCHED {
        let mut stage = Stage::set(policy).await;
        let (key, other) = (stage.key().await, stage.key().await);
        let request = |path: &str, key: &Issued| {
            let key = key.key.expose();
            format!("GET {path} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {key}\r\n\r\n")
        };
        let mut connection = Raw::connect(stage.server.address).await;
        connection.send(request("/work", &key).as_bytes()).await;
        stage.expect(Event::Begun).await;
        stage.revoke(&key).await;
        if policy == InFlight::RefuseOnReturn {
            stage.permit();
        }
        assert_invalid(&connection.answer().await);
        connection.send(request("/", &other).as_bytes()).await;
        let answer = connection.answer().await;
        assert_eq!((answer.status, &*answer.body), (200, "here"));
    }
}
