//! The keys that the table names, and the three servers that know them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use keyward::clock::{TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::key::{Grant, KeyId, KeyRecord, Literal, Peppers, PlainKey, Resources};
use keyward::manage::{KeyManager, NewKey, Reach, Rotate};
use keyward::store::{KeyStore, MemoryStore, Write};
use keyward::verify::Verifier;
use keyward_tests::{Client, Outage, Server, Trouble};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::api::Api;
use crate::application::Setup;
use crate::{on_actix, on_axum, on_hyper, server};

const DAY: Duration = Duration::from_hours(24);

/// Keys of one API. The clock stands still, so that answers which say when they were made are alike.
pub(crate) struct Stage {
    dialect: Dialect,
    store: MemoryStore,
    clock: Arc<TestClock>,
    texts: HashMap<&'static str, Vec<u8>>,
}

/// One application, three times. They end when this is dropped.
pub(crate) struct Servers {
    /// The first is what the others are compared with.
    pub(crate) listening: [Listening; 3],
    _axum: Server,
    hyper: JoinHandle<()>,
    _actix: server::Server,
}

pub(crate) struct Listening {
    pub(crate) adapter: &'static str,
    pub(crate) address: SocketAddr,
    /// A client that knows of no HTTP/1.
    pub(crate) http2: Client,
}

impl Stage {
    pub(crate) async fn of<A: Api>() -> Self {
        let dialect = A::dialect();
        let store = MemoryStore::new();
        let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_770_000_000_250)));
        let manager =
            KeyManager::builder(dialect.clone(), store.clone())
                .with_clock(Arc::<TestClock>::clone(&clock));
        let manager = manager.open().await.unwrap();
        let mut stage = Self { dialect, store, clock, texts: HashMap::new() };
        stage.make_good_keys::<A>(&manager).await;
        stage.make_ended_keys(&manager).await;
        stage.make_odd_keys().await;
        stage.spoil();
        stage
    }

    /// What a name of the table stands for; `None` where the API has no such key.
    pub(crate) fn text(&self, name: &str) -> Option<&[u8]> {
        self.texts.get(name).map(Vec::as_slice)
    }

    /// Begins to serve. Each server asks the store for itself.
    pub(crate) async fn serve<A: Api>(&self, setup: Setup) -> Servers {
        let axum = Server::start(on_axum::app::<A>(self.verifier(setup), setup)).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hyper = listener.local_addr().unwrap();
        let serve = on_hyper::serve::<A>(listener, self.verifier(setup), setup);
        let actix = on_actix::serve::<A>(self.verifier(setup), setup);
        let addresses = [("axum", axum.address), ("hyper", hyper), ("actix-web", actix.address)];
        let listening = addresses.map(|(adapter, address)| {
            let http2 = Client::of_http2(format!("http://{address}"));
            Listening { adapter, address, http2 }
        });
        Servers { listening, _axum: axum, hyper: tokio::spawn(serve), _actix: actix }
    }

    /// Lets every window of a limit end.
    pub(crate) fn next_minute(&self) {
        self.clock.advance(Duration::from_mins(1));
    }

    pub(crate) fn verifier(&self, setup: Setup) -> Verifier {
        let outage = Outage::before(self.store.clone());
        if setup == Setup::Down {
            outage.begin(Trouble::Fails);
        }
        let free = if setup == Setup::Wary { 1 } else { u32::MAX };
        let verifier = Verifier::builder(self.dialect.clone(), outage);
        let verifier = verifier.with_failed_attempts_per_min(free);
        verifier.with_clock(Arc::<TestClock>::clone(&self.clock)).build().unwrap()
    }

    async fn make_good_keys<A: Api>(&mut self, manager: &KeyManager) {
        let with = |scopes: &str| new().with_grant(Grant::Only(scopes.parse().unwrap()));
        let p1 = Resources::Only(vec!["p-1".to_owned()]);
        for (name, new) in [
            ("reader", with(A::Read::NAME)),
            ("writer", with(A::Write::NAME)),
            ("both", with(A::Both::NAME)),
            ("nothing", with("")),
            ("full", new().with_grant(Grant::All)),
            ("restricted", new().with_grant(Grant::All).with_resources(p1)),
            (
                "slow",
                with(A::Read::NAME).with_rate_limit_per_min(const { NonZeroU32::new(2).unwrap() }),
            ),
            (
                "local",
                new().with_grant(Grant::All).with_networks("127.0.0.0/8 ::1".parse().unwrap()),
            ),
            (
                "office",
                new()
                    .with_grant(Grant::All)
                    .with_networks("203.0.113.0/24 2001:db8::/32".parse().unwrap()),
            ),
            ("other", NewKey::new("globex", "of others").with_grant(Grant::All)),
        ] {
            self.create(manager, name, new).await;
        }
        let old = self.create(manager, "in grace", new().with_grant(Grant::All)).await;
        let rotation = manager.rotate(&old, Rotate::now().with_grace(DAY)).await.unwrap();
        self.keep("rotated", &rotation.key.unwrap());
        let temporary = new().with_grant(Grant::All).with_expires_at(manager.now().plus(DAY));
        self.create(manager, "temporary", temporary).await;
        for (name, kind) in [("sandbox", "test"), ("publishable", "publishable")] {
            if self.dialect.kind_id(kind).is_some() {
                let new = new().with_kind(kind);
                let new = if kind == "test" { new.with_grant(Grant::All) } else { new };
                self.create(manager, name, new).await;
            }
        }
        for legacy in ["sk-prism-api03-", "op_live_"] {
            let key = PlainKey::new(format!("{legacy}{}", "7".repeat(32)));
            if manager.adopt(&key, new().with_grant(Grant::All)).await.is_ok() {
                self.keep("legacy", &key);
            }
        }
        let legacy = Grant::Only("halfpipe-transcripts-write".parse().unwrap());
        if self.dialect.name() == "bigspin" {
            self.create(manager, "legacy scope", new().with_grant(legacy)).await;
        }
    }

    async fn make_ended_keys(&mut self, manager: &KeyManager) {
        let full = || new().with_grant(Grant::All);
        let revoked = self.create(manager, "revoked", full()).await;
        manager.revoke(&revoked, Reach::Key).await.unwrap();
        let replaced = self.create(manager, "replaced", full()).await;
        manager.rotate(&replaced, Rotate::now()).await.unwrap();
        let deleted = self.create(manager, "deleted", full()).await;
        manager.delete(&deleted).await.unwrap();
        let soon = manager.now().plus(Duration::from_millis(1));
        self.create(manager, "expired", full().with_expires_at(soon)).await;
        self.clock.advance(Duration::from_millis(1));
        if self.dialect.reactivates() {
            let back = self.create(manager, "reactivated", full()).await;
            manager.revoke(&back, Reach::Key).await.unwrap();
            manager.reactivate(&back).await.unwrap();
        }
    }

    /// Keys that no store knows, or knows as something else.
    async fn make_odd_keys(&mut self) {
        let kinds = self.dialect.kinds().iter();
        let kinds: Vec<String> = kinds.map(|kind| kind.name().to_owned()).collect();
        let first = self.dialect.kind_id(&kinds[0]).unwrap();
        let issue = || self.dialect.issue(first).unwrap();
        let [homeless, disguised] = [(); 2].map(|()| issue());
        let unknown = ["unknown", "unknown too", "nor known"].map(|name| (name, issue()));
        for (name, key) in &unknown {
            self.keep(name, key);
        }
        self.insert("of no kind", &homeless, "discontinued").await;
        if let Some(second) = kinds.get(1) {
            self.insert("of another kind", &disguised, second).await;
        }
    }

    /// Puts a record into the store that no manager writes.
    async fn insert(&mut self, name: &'static str, key: &PlainKey, kind: &str) {
        let record = KeyRecord::new(KeyId::new(name), "acme", kind).with_grant(Grant::All);
        let digest = Peppers::none().digest(key);
        let insert = Write::Insert { digest, record: Box::new(record) };
        self.store.commit(vec![insert]).await.unwrap();
        self.keep(name, key);
    }

    async fn create(&mut self, manager: &KeyManager, name: &'static str, new: NewKey) -> KeyId {
        let issued = manager.create(new).await.unwrap();
        self.keep(name, &issued.key);
        issued.record.id
    }

    fn keep(&mut self, name: &'static str, key: &PlainKey) {
        self.texts.insert(name, key.expose().as_bytes().to_vec());
    }

    /// Texts that are nearly keys.
    fn spoil(&mut self) {
        let good = self.texts["full"].clone();
        let prefix = self.dialect.kinds()[0].prefix().as_bytes();
        let after = &good[prefix.len()..];
        let last = good.len() - 1;
        let changed = if good[last] == b'0' { b"1" } else { b"0" };
        let body = |body: &[u8]| [prefix, body].concat();
        let spoiled = [
            ("prefix", body(b"")),
            ("too short", body(&after[..3])),
            ("too long", body(&b"a".repeat(129))),
            ("very long", body(&b"a".repeat(7_000))),
            ("with !", body(&[&after[..10], b"!", &after[11..]].concat())),
            ("not ASCII", body(&[&after[..10], "é".as_bytes(), &after[11..]].concat())),
            ("not UTF-8", body(&[&after[..10], b"\xff\xfe", &after[12..]].concat())),
            ("with a space", body(&[&after[..10], b" ", &after[11..]].concat())),
            ("with a tab", body(&[&after[..10], b"\t", &after[11..]].concat())),
            ("in capitals", good.to_ascii_uppercase()),
            ("escaped", [&good[..last], format!("%{:02X}", good[last]).as_bytes()].concat()),
            ("changed", [&good[..last], changed].concat()),
            ("without prefix", after.to_vec()),
        ];
        self.texts.extend(spoiled);
    }
}

fn new() -> NewKey {
    NewKey::new("acme", "of the table")
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.hyper.abort();
    }
}
