use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Once};
use std::time::Duration;

use arrayvec::ArrayVec;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::DropGuard;
use tokio_util::task::TaskTracker;

use super::api_key::ApiKey;
use super::breaker::Breaker;
use super::builder::VerifierBuilder;
use super::cache::{Cache, Cached, Known};
use super::credential::{Found, RequestHead, find, workspace};
use super::flight::{Flights, Outcome};
use super::gauges::refresh_metrics;
use super::in_flight::InFlight;
use super::pending::Pending;
use super::recorder::Recorder;
use super::rejection::{Rejection, RejectionKind};
use super::shared::Shared;
use crate::clock::{Clock, Now};
use crate::dialect::{Dialect, GrantView, KindId, Recognised, Refusal};
use crate::key::{KeyDigest, KeyId, Peppers};
use crate::peer::Attempts;
use crate::store::KeyLookup;
use crate::telemetry;
use crate::usage::Denial;

/// Turns the head of a request into an [`ApiKey`] or a [`Rejection`]. A cheap clone.
///
/// It owns the tasks that ask the store: they end with [`shutdown`](Self::shutdown), or soon after
/// the last clone is dropped.
#[derive(Clone)]
pub struct Verifier(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) dialect: Dialect,
    pub(super) peppers: Peppers,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) cache: Arc<Cache>,
    pub(super) breaker: Arc<Breaker>,
    pub(super) flights: Flights,
    /// Where it is recorded how keys are used.
    pub(super) recorder: Option<Arc<Recorder>>,
    /// Who counts for several processes, where they share limits.
    pub(super) shared: Option<Shared>,
    /// Whether the store keeps a sequence of changes.
    pub(super) polls: bool,
    pub(super) lookup_timeout: Duration,
    pub(super) attempts: Attempts,
    /// Says once that the server hands over no addresses.
    pub(super) no_peer: Once,
    pub(super) tasks: TaskTracker,
    pub(super) stop: DropGuard,
}

/// What is known of a request without asking anybody.
pub enum Check {
    /// All there is to know.
    Done(Result<ApiKey, Rejection>),
    /// Somebody must be asked.
    Pending(Pending),
}

/// A key that is not in the cache.
pub(super) struct Miss {
    verifier: Verifier,
    digests: Digests,
    kind: KindId,
    in_authorization: bool,
    workspace: Option<Box<[u8]>>,
    counted: Option<ApiKey>,
    peer: Option<IpAddr>,
}

/// What a request says beside its key's text.
#[derive(Clone, Copy)]
struct Presented<'r> {
    kind: KindId,
    in_authorization: bool,
    workspace: Option<&'r [u8]>,
    /// The key of a layer outside.
    counted: Option<&'r ApiKey>,
    /// Looks for the address of the client.
    peer: &'r dyn Fn() -> Option<IpAddr>,
}

/// As many as there can be peppers, and plain SHA-256.
type Digests = ArrayVec<KeyDigest, 5>;

impl Verifier {
    /// Verifies keys of a dialect against a store. That it is the store's own dialect is checked by
    /// [`KeyManagerBuilder::open`](crate::manage::KeyManagerBuilder::open): a service that only
    /// verifies has to be given the right one.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), keyward_core::ConfigError> {
    /// use keyward_core::dialect::Dialect;
    /// use keyward_core::store::MemoryStore;
    /// use keyward_core::verify::Verifier;
    ///
    /// let verifier = Verifier::builder(Dialect::standard(), MemoryStore::new()).build()?;
    /// verifier.shutdown().await;
    /// # Ok(()) }
    /// ```
    pub fn builder(dialect: Dialect, lookup: impl KeyLookup) -> VerifierBuilder {
        VerifierBuilder::new(dialect, Arc::new(lookup))
    }

    /// The dialect that it speaks.
    pub fn dialect(&self) -> &Dialect {
        &self.0.dialect
    }

    /// Judges a request by its head. Never waits.
    pub fn check(&self, head: &impl RequestHead) -> Check {
        let inner = &*self.0;
        let (text, in_authorization) = match find(inner.dialect.locations(), head) {
            Found::Candidate { text, in_authorization } => (text, in_authorization),
            Found::Absent => {
                return Check::Done(Err(Rejection::new(RejectionKind::Missing).unclaimed()));
            }
            Found::Ambiguous => {
                return Check::Done(Err(Rejection::new(RejectionKind::Ambiguous)));
            }
        };
        let kind = match inner.dialect.recognise(text) {
            Recognised::Key(kind) => kind,
            Recognised::Malformed => {
                return Check::Done(Err(Rejection::new(RejectionKind::Malformed)));
            }
            Recognised::Unclaimed => {
                return Check::Done(Err(Rejection::new(RejectionKind::Malformed).unclaimed()));
            }
        };
        let workspace = workspace(inner.dialect.workspace_header(), head);
        let peer = || head.peer();
        let counted = head.counted();
        let presented = Presented { kind, in_authorization, workspace, counted, peer: &peer };
        let now = inner.clock.now();
        let (mut unknown, mut was_known) = (Digests::new(), false);
        for digest in inner.peppers.candidates(text) {
            match inner.cache.get(&digest, now) {
                Cached::Known(known) => return self.judge_hit(known, &digest, presented, now),
                Cached::Stale(known) if inner.is_down(&digest) => {
                    return self.judge_hit(known, &digest, presented, now);
                }
                Cached::Absent => {}
                cached => {
                    was_known |= !matches!(cached, Cached::Nothing);
                    unknown.push(digest);
                }
            }
        }
        let peer = head.peer();
        if unknown.is_empty() {
            telemetry::hit_of_unknown();
            return Check::Done(Err(self.unknown(peer)));
        }
        if !was_known && let Err(rejection) = self.may_ask(peer, now) {
            return Check::Done(Err(rejection));
        }
        telemetry::missed();
        Check::Pending(Pending::miss(Miss {
            verifier: self.clone(),
            digests: unknown,
            kind,
            in_authorization,
            workspace: workspace.map(Into::into),
            counted: counted.cloned(),
            peer,
        }))
    }

    /// [`check`](Self::check), then whoever must be asked.
    ///
    /// # Errors
    /// The reason why the request is refused.
    pub async fn verify(&self, head: &impl RequestHead) -> Result<ApiKey, Rejection> {
        match self.check(head) {
            Check::Done(verdict) => verdict,
            Check::Pending(pending) => pending.resolve().await,
        }
    }

    /// How the dialect answers a rejection.
    pub fn refuse(&self, rejection: &Rejection, request_id: &str) -> Refusal {
        self.0.dialect.refuse(rejection, request_id, self.0.clock.now().timestamp)
    }

    /// Makes the next request with this key ask the store. For a lookup without a change feed,
    /// after its application has changed the key.
    pub fn forget(&self, digest: &KeyDigest) {
        self.0.cache.table().raise_barrier(digest);
    }

    /// Stops asking the store: ends the poll, waits for lookups under way, and writes how keys were
    /// [used](crate::usage) until now, which takes 10 s at most. Cached keys count until
    /// `max_staleness` has passed, those of an
    /// [instance](super::VerifierBuilder::with_instance) no longer; then each request asks the store
    /// by itself.
    pub async fn shutdown(&self) {
        self.0.stop.token().cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        refresh_metrics();
    }

    /// Of a key that was in memory.
    #[inline]
    fn judge_hit(
        &self,
        known: Arc<Known>,
        digest: &KeyDigest,
        presented: Presented<'_>,
        now: Now,
    ) -> Check {
        telemetry::hit();
        let check = self.judge(known, digest, presented, now);
        if !matches!(check, Check::Done(Ok(_))) {
            telemetry::not_let_in();
        }
        check
    }

    /// Every rule about the key itself, in one order, at every request.
    fn judge(
        &self,
        known: Arc<Known>,
        digest: &KeyDigest,
        presented: Presented<'_>,
        now: Now,
    ) -> Check {
        let Presented { kind, in_authorization, workspace, counted, peer } = presented;
        let identity = &known.identity;
        let counted = counted.filter(|key| key.id() == identity.id());
        let refused = if identity.is_revoked(now.timestamp) {
            RejectionKind::Revoked
        } else if identity.is_expired(now.timestamp) {
            RejectionKind::Expired
        } else if identity.kind != kind {
            RejectionKind::Unknown
        } else if !self.works_from(identity, peer) {
            RejectionKind::Network
        } else if self.0.dialect.refuses_empty_grant()
            && identity.grant() == GrantView::Only("")
            && self.0.dialect.kind(kind).grants().is_empty()
        {
            RejectionKind::Scope
        } else if workspace.is_some_and(|named| named != identity.workspace().as_bytes()) {
            RejectionKind::Resource
        } else {
            let in_flight = InFlight::of(&self.0.dialect, digest);
            let key = ApiKey::new(known, in_flight, in_authorization);
            return self.count(key, counted, now);
        };
        Check::Done(Err(keep_out(&known, refused, counted.is_some())))
    }
}

fn unavailable() -> Check {
    Check::Done(Err(Rejection::new(RejectionKind::Unavailable)))
}

/// Refuses a key for its own sake.
#[cold]
fn keep_out(known: &Known, why: RejectionKind, was_counted: bool) -> Rejection {
    match Denial::of(why) {
        // The layer outside let it in.
        Some(denial) if was_counted => known.uses.refuse(denial),
        Some(denial) => known.uses.keep_out(denial),
        None => {}
    }
    let identity = &known.identity;
    Rejection::new(why).with_key(KeyId::new(identity.id())).in_workspace(identity.workspace())
}

impl Miss {
    /// Asks the store. Takes at most the verifier's lookup timeout. When the store does not answer,
    /// that is [`RejectionKind::Unavailable`].
    pub(super) async fn resolve(self) -> Check {
        let inner = &*self.verifier.0;
        let deadline = Instant::now() + inner.lookup_timeout;
        for digest in &self.digests {
            match inner.ask(*digest, deadline).await {
                Outcome::Known(known) => return self.judge(known, digest),
                Outcome::Absent => {}
                Outcome::Stale => return unavailable(),
                Outcome::Failed => return self.resort(),
            }
        }
        Check::Done(Err(self.verifier.unknown(self.peer)))
    }

    /// What is left when the store does not answer: what was known of the key.
    fn resort(&self) -> Check {
        let inner = &*self.verifier.0;
        let now = inner.clock.now();
        for digest in &self.digests {
            if let Cached::Known(known) | Cached::Stale(known) = inner.cache.get(digest, now) {
                return self.judge(known, digest);
            }
        }
        unavailable()
    }

    fn judge(&self, known: Arc<Known>, digest: &KeyDigest) -> Check {
        let now = self.verifier.0.clock.now();
        let peer = || self.peer;
        let presented = Presented {
            kind: self.kind,
            in_authorization: self.in_authorization,
            workspace: self.workspace.as_deref(),
            counted: self.counted.as_ref(),
            peer: &peer,
        };
        self.verifier.judge(known, digest, presented, now)
    }
}

impl Inner {
    /// Whether the store does not answer, so that nobody who need not has to wait for it. It is asked
    /// about this digest all the same, if it may be.
    #[cold]
    fn is_down(&self, digest: &KeyDigest) -> bool {
        let is_failing = self.breaker.is_failing();
        if is_failing {
            let _ = self.flights.join(*digest);
        }
        is_failing
    }

    /// Joins questions about a digest until one is answered that is not older than what is known.
    pub(super) async fn ask(&self, digest: KeyDigest, deadline: Instant) -> Outcome {
        let mut pause = Duration::from_millis(1);
        let mut again = true;
        loop {
            let Some(mut landing) = self.flights.join(digest) else { return Outcome::Failed };
            let outcome =
                match timeout_at(deadline, landing.outcome.wait_for(Option::is_some)).await {
                    Ok(Ok(outcome)) => outcome.clone(),
                    Ok(Err(_)) | Err(_) => None,
                };
            match outcome {
                Some(Outcome::Stale) if Instant::now() + pause < deadline => {
                    sleep(pause).await;
                    pause *= 2;
                }
                // Somebody else's question failed, perhaps one that had hung for long: put an own.
                Some(Outcome::Failed) if landing.under_way && again => again = false,
                Some(outcome) => return outcome,
                None => return Outcome::Failed,
            }
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("dialect", &self.0.dialect).finish_non_exhaustive()
    }
}
