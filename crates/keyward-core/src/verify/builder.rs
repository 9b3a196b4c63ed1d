use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Once};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::breaker::{Breaker, Words};
use super::cache::Cache;
use super::flight::Flights;
use super::flusher::{self, Flusher};
use super::gauges;
use super::instance::Registration;
use super::poller::Poller;
use super::reader::Reader;
use super::recorder::Recorder;
use super::shared::Shared;
use super::verifier::{Inner, Verifier};
use crate::ConfigError;
use crate::clock::{Clock, SystemClock};
use crate::dialect::Dialect;
use crate::key::{Catalogue, Peppers};
use crate::limit::{SharedLimits, Table};
use crate::peer::Attempts;
use crate::store::{ChangeFeed, ChangeTable, KeyLookup};

/// Puts a [`Verifier`] together.
pub struct VerifierBuilder {
    dialect: Dialect,
    lookup: Arc<dyn KeyLookup>,
    peppers: Peppers,
    clock: Arc<dyn Clock>,
    max_staleness: Duration,
    stale_if_error: Duration,
    lookup_timeout: Duration,
    instance: Option<String>,
    shared_limits: Option<Box<dyn SharedLimits>>,
    shared_limits_timeout: Duration,
    cached_keys: u64,
    cached_unknown: u64,
    failed_attempts_per_min: u32,
    catalogue: Option<&'static [(&'static str, &'static str)]>,
    /// `None` where nobody shall know.
    uses: Option<flusher::Settings>,
}

impl VerifierBuilder {
    pub(super) fn new(dialect: Dialect, lookup: Arc<dyn KeyLookup>) -> Self {
        Self {
            dialect,
            lookup,
            peppers: Peppers::none(),
            clock: Arc::new(SystemClock::new()),
            max_staleness: Duration::from_secs(5),
            stale_if_error: Duration::ZERO,
            lookup_timeout: Duration::from_secs(2),
            instance: None,
            shared_limits: None,
            shared_limits_timeout: Duration::from_millis(100),
            cached_keys: 100_000,
            cached_unknown: 50_000,
            failed_attempts_per_min: 6_000,
            catalogue: None,
            uses: Some(flusher::Settings::default()),
        }
    }

    /// How long a cached key may be trusted without proof that nothing changed: the bound within
    /// which other processes refuse a revoked key, unless
    /// [`with_stale_if_error`](Self::with_stale_if_error) extends it. 5 s by default, 100 ms to an
    /// hour. A poll of the store has half of it for its answer.
    #[must_use]
    pub fn with_max_staleness(mut self, max_staleness: Duration) -> Self {
        self.max_staleness = max_staleness;
        self
    }

    /// Accepts known keys for so much longer while the store does not answer: the bound within which
    /// other processes refuse a revoked key becomes `max_staleness` and this. A day at most.
    ///
    /// While the store answers, the bound is `max_staleness` as ever. A key that was seen revoked
    /// stays refused, expiry counts, and a key that is not known gets a 503.
    #[must_use]
    pub fn with_stale_if_error(mut self, longer: Duration) -> Self {
        self.stale_if_error = longer;
        self
    }

    /// How long a request waits for the store. 2 s by default.
    #[must_use]
    pub fn with_lookup_timeout(mut self, timeout: Duration) -> Self {
        self.lookup_timeout = timeout;
        self
    }

    /// Signs in the store under this name, such as `web-1`, so that
    /// [`KeyManager::revoke_and_wait`](crate::manage::KeyManager::revoke_and_wait) can wait for it.
    ///
    /// That costs a write every 10 s, and one when somebody waits. Nothing cached counts before it
    /// has signed, 30 s and `max_staleness` after the store took the last of these writes, and after
    /// [`shutdown`](Verifier::shutdown). Verifiers over clones of one store handle share what is
    /// known of changes: give each of them a name, or none.
    #[must_use]
    pub fn with_instance(mut self, name: impl Into<String>) -> Self {
        self.instance = Some(name.into());
        self
    }

    /// Counts requests together with other processes.
    ///
    /// A request of a limited key then waits for one answer more, and for another with each named
    /// limit that its route asks for; a key without a limit costs what it did. Whoever counts and does
    /// not answer is left alone for a while, and each process then counts by itself, what it has
    /// admitted before included: a service of n processes admits up to n times the limit.
    #[must_use]
    pub fn with_shared_limits(mut self, limits: impl SharedLimits) -> Self {
        self.shared_limits = Some(Box::new(limits));
        self
    }

    /// How long a request waits to be counted together with those of other processes. 100 ms by
    /// default.
    #[must_use]
    pub fn with_shared_limits_timeout(mut self, timeout: Duration) -> Self {
        self.shared_limits_timeout = timeout;
        self
    }

    /// How many keys are kept in memory, at about 600 bytes each. 100,000 by default.
    #[must_use]
    pub fn with_cached_keys(mut self, most: u64) -> Self {
        self.cached_keys = most;
        self
    }

    /// How many unknown keys are remembered as unknown, at about 400 bytes each. 50,000 by default.
    #[must_use]
    pub fn with_cached_unknown(mut self, most: u64) -> Self {
        self.cached_unknown = most;
        self
    }

    /// How often is written [how keys are used](crate::usage): what a crash loses, and how old the
    /// last use of a record may be. 5 s by default, 100 ms to ten minutes.
    ///
    /// Nothing is written while no key is used, and nothing at all to a store that does not
    /// [keep it](KeyLookup::uses).
    #[must_use]
    pub fn with_use_interval(mut self, interval: Duration) -> Self {
        self.uses.get_or_insert_default().interval = interval;
        self
    }

    /// For how long the hours are kept in which keys were used. 90 days by default, a day at least.
    /// Of several processes on one store the shortest counts.
    #[must_use]
    pub fn with_use_retention(mut self, retention: Duration) -> Self {
        self.uses.get_or_insert_default().retention = retention;
        self
    }

    /// Records no use: for those who look at keys without using them.
    #[must_use]
    pub fn without_use(mut self) -> Self {
        self.uses = None;
        self
    }

    /// How many attempts with unknown keys a minute an address may make, or a /64 of IPv6, before
    /// keys that nobody knows yet wait at one narrow gate for all such addresses: ten questions a
    /// second, and a 429 for the rest. 6,000 by default.
    ///
    /// Keys that are known already are let in from there as ever. Nothing is counted where the
    /// server hands over no address; and behind a proxy without
    /// [`TrustedProxies`](crate::peer::TrustedProxies) all clients have one.
    #[must_use]
    pub fn with_failed_attempts_per_min(mut self, most: u32) -> Self {
        self.failed_attempts_per_min = most;
        self
    }

    /// How keys become digests; the same as the [`KeyManager`](crate::manage::KeyManager)'s.
    #[must_use]
    pub fn with_peppers(mut self, peppers: Peppers) -> Self {
        self.peppers = peppers;
        self
    }

    /// Where time comes from.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Refuses to build when the application's scopes are not those of the dialect.
    #[must_use]
    pub fn catalogue<C: Catalogue>(mut self) -> Self {
        self.catalogue = Some(C::SCOPES);
        self
    }

    /// Starts to verify. Must be called inside a tokio runtime, which then runs the poll.
    ///
    /// # Errors
    /// Outside a tokio runtime, with a duration that cannot work, with a name that
    /// no instance can have or for a store that keeps none, or with a catalogue that differs from the
    /// dialect's.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        let runtime = Handle::try_current().map_err(|_| {
            ConfigError::new("build the verifier inside a tokio runtime: its poll runs there")
        })?;
        if !(Duration::from_millis(100)..=Duration::from_hours(1)).contains(&self.max_staleness) {
            return Err(ConfigError::new("set max_staleness between 100 ms and one hour"));
        }
        if self.stale_if_error > Duration::from_hours(24) {
            return Err(ConfigError::new("set stale_if_error to a day at most"));
        }
        if self.lookup_timeout.is_zero() {
            return Err(ConfigError::new("set a lookup timeout above zero"));
        }
        if let Some(uses) = &self.uses {
            uses.check()?;
        }
        if self.shared_limits_timeout.is_zero() {
            return Err(ConfigError::new("set a timeout of shared limits above zero"));
        }
        let attempts = NonZeroU32::new(self.failed_attempts_per_min).ok_or_else(|| {
            ConfigError::new("set failed_attempts_per_min above zero; u32::MAX is without limit")
        })?;
        self.check_catalogue()?;

        let feed = self.lookup.feed();
        let table = feed.as_ref().map_or_else(ChangeTable::new, |feed| Arc::clone(feed.table()));
        let cache = Arc::new(Cache::new(
            table,
            self.max_staleness,
            self.stale_if_error,
            self.cached_keys,
            self.cached_unknown,
        ));
        let breaker = Arc::new(Breaker::new(self.lookup_timeout, Words::STORE));
        let polls = feed.is_some();
        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        if let Some(name) = &self.instance {
            check_instance(name, feed.as_deref())?;
        }
        if let Some(feed) = feed {
            let registration = self.instance.map(|name| {
                let (feed, clock) = (Arc::clone(&feed), Arc::clone(&self.clock));
                let limit = (self.max_staleness / 4).min(self.lookup_timeout);
                Registration::new(name, feed, Arc::clone(&cache), clock, limit)
            });
            let poller = Poller {
                feed,
                clock: Arc::clone(&self.clock),
                breaker: Arc::clone(&breaker),
                interval: (self.max_staleness / 4).min(Duration::from_secs(1)),
                // With the interval less than `max_staleness`: that the store does not answer is
                // known before what is cached does not count any more.
                limit: (self.max_staleness / 2).min(self.lookup_timeout),
                registration,
                stop: stop.clone(),
            };
            tasks.spawn_on(poller.run(), &runtime);
        }
        let uses = self.uses.filter(|_| self.lookup.uses().is_some());
        let recorder = uses.map(|settings| {
            let (lookup, clock) = (Arc::clone(&self.lookup), Arc::clone(&self.clock));
            let recorder = Arc::new(Recorder::new(self.cached_keys, clock.now().timestamp));
            let own = Arc::clone(&recorder);
            let flusher = Flusher::new(lookup, own, clock, settings, stop.clone());
            tasks.spawn_on(flusher.run(), &runtime);
            recorder
        });
        let reader = Reader {
            dialect: self.dialect.clone(),
            limits: Table::new(self.cached_keys),
            recorder: recorder.clone(),
        };
        let flights = Flights::new(
            self.lookup,
            Arc::clone(&cache),
            Arc::clone(&breaker),
            reader,
            Arc::clone(&self.clock),
            runtime,
            tasks.clone(),
        );
        let verifier = Verifier(Arc::new(Inner {
            dialect: self.dialect,
            peppers: self.peppers,
            clock: self.clock,
            cache,
            breaker,
            flights,
            recorder,
            shared: self
                .shared_limits
                .map(|limits| Shared::new(limits, self.shared_limits_timeout)),
            polls,
            lookup_timeout: self.lookup_timeout,
            attempts: Attempts::new(attempts),
            no_peer: Once::new(),
            tasks,
            stop: stop.drop_guard(),
        }));
        gauges::watch(&verifier);
        Ok(verifier)
    }

    fn check_catalogue(&self) -> Result<(), ConfigError> {
        let Some(catalogue) = self.catalogue else { return Ok(()) };
        let name = self.dialect.name();
        for (scope, _) in catalogue {
            let of_kind = self.dialect.kinds().iter().any(|kind| kind.grants().contains(scope));
            if !of_kind && !self.dialect.scopes().any(|rule| rule.name() == *scope) {
                return Err(ConfigError::new(format!(
                    "the application has a scope `{scope}` that the dialect `{name}` has not"
                )));
            }
        }
        for rule in self.dialect.scopes() {
            if !catalogue.iter().any(|(scope, _)| *scope == rule.name()) {
                return Err(ConfigError::new(format!(
                    "the dialect `{name}` has a scope `{}` that the application has not",
                    rule.name()
                )));
            }
        }
        Ok(())
    }
}

fn check_instance(name: &str, feed: Option<&dyn ChangeFeed>) -> Result<(), ConfigError> {
    if feed.and_then(|feed| feed.instances()).is_none() {
        return Err(ConfigError::new(
            "leave out with_instance: this store does not keep who verifies its keys",
        ));
    }
    if name.is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
        return Err(ConfigError::new(
            "give with_instance a name of 1 to 200 bytes without control characters, such as web-1",
        ));
    }
    Ok(())
}

impl fmt::Debug for VerifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifierBuilder")
            .field("dialect", &self.dialect)
            .field("max_staleness", &self.max_staleness)
            .finish_non_exhaustive()
    }
}
