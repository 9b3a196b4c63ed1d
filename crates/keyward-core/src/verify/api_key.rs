use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::cache::Known;
use super::in_flight::InFlight;
use super::rejection::{Rejection, RejectionKind};
use crate::clock::Timestamp;
use crate::dialect::{Dialect, Environment, GrantView};
use crate::key::{Grant, KeyId, Resources, first_alternative};
use crate::limit::Tally;
use crate::telemetry;

/// A verified key: who is asking, and what they may do.
///
/// A cheap clone. It stays as it was when the request was verified.
#[derive(Clone)]
pub struct ApiKey {
    pub(super) known: Arc<Known>,
    /// Where the dialect asks what becomes of the key while its request is in flight.
    pub(super) in_flight: Option<Arc<InFlight>>,
    pub(super) tally: Tally,
    in_authorization: bool,
}

impl ApiKey {
    /// Of a request that is not counted yet.
    pub(super) fn new(
        known: Arc<Known>,
        in_flight: Option<Arc<InFlight>>,
        in_authorization: bool,
    ) -> Self {
        Self { known, in_flight, tally: Tally::default(), in_authorization }
    }

    /// Names the key in logs and in management.
    pub fn id(&self) -> &str {
        self.known.identity.id()
    }

    /// The tenant that it belongs to.
    pub fn workspace(&self) -> &str {
        self.known.identity.workspace()
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        self.known.identity.name()
    }

    /// The name of its kind in the dialect.
    pub fn kind(&self) -> &str {
        self.known.dialect.kind(self.known.identity.kind).name()
    }

    /// Which of the application's data it sees.
    pub fn environment(&self) -> Environment {
        self.known.dialect.kind(self.known.identity.kind).environment()
    }

    /// What it was granted; ask [`has`](Self::has) what that allows.
    pub fn grant(&self) -> GrantView<'_> {
        self.known.identity.grant()
    }

    /// All that it can do, for whoever is told: handlers ask [`has`](Self::has).
    pub fn effective_grant(&self) -> Grant {
        let identity = &self.known.identity;
        self.known.dialect.effective_grant(identity.kind, identity.grant())
    }

    /// What inside its workspace it may touch.
    pub fn resources(&self) -> &Resources {
        self.known.identity.resources()
    }

    /// Requests a minute, where it has a limit of its own.
    pub fn rate_limit_per_min(&self) -> Option<NonZeroU32> {
        self.known.identity.rate_limit_per_min()
    }

    /// How its request was counted: what the response says of its limits, also of those that its
    /// route asks for later.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// When it ends.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.known.identity.expires_at()
    }

    /// The application's own data.
    pub fn metadata(&self) -> Option<&serde_json::Map<String, serde_json::Value>> {
        self.known.identity.metadata()
    }

    /// The dialect that it was verified in.
    pub fn dialect(&self) -> &Dialect {
        &self.known.dialect
    }

    /// Whether it came in `Authorization`. What is answered to a key that came elsewhere must be
    /// marked private, since shared caches know that one header alone (RFC 9111 §3.5).
    pub fn came_in_authorization(&self) -> bool {
        self.in_authorization
    }

    /// Lets this request finish whatever becomes of its key, as
    /// [`InFlight::Finish`](crate::dialect::InFlight::Finish) does everywhere. A handler that ends
    /// the key of its own request says this before; else its answer would be that the key is bad.
    pub fn let_finish(&self) {
        if let Some(in_flight) = &self.in_flight {
            in_flight.let_finish();
        }
    }

    /// Whether its end, before the request is answered, matters to the request: where the dialect
    /// does not let requests in flight finish, ask [`Verifier::recheck`](super::Verifier::recheck).
    pub fn is_watched(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Whether it holds a scope expression, such as `"read write | admin"`.
    pub fn has(&self, wanted: &str) -> bool {
        let identity = &self.known.identity;
        self.known.dialect.permits(identity.kind, identity.grant(), wanted)
    }

    /// Refuses the request unless the key holds a scope expression.
    ///
    /// # Errors
    /// [`RejectionKind::Scope`], naming the first alternative.
    pub fn require(&self, wanted: &str) -> Result<(), Rejection> {
        if self.has(wanted) {
            return Ok(());
        }
        Err(self.refuse(RejectionKind::Scope).with_scope(first_alternative(wanted)))
    }

    /// Refuses the request unless the key may touch this resource.
    ///
    /// # Errors
    /// [`RejectionKind::Resource`].
    pub fn require_resource(&self, resource: &str) -> Result<(), Rejection> {
        if self.known.identity.allows_resource(resource) {
            return Ok(());
        }
        Err(self.refuse(RejectionKind::Resource))
    }

    /// Refuses the request unless the key belongs to this workspace.
    ///
    /// # Errors
    /// [`RejectionKind::Resource`].
    pub fn require_workspace(&self, workspace: &str) -> Result<(), Rejection> {
        if self.workspace() == workspace {
            return Ok(());
        }
        Err(self.refuse(RejectionKind::Resource))
    }

    /// Says that a request goes on with this key: in the [log](crate::telemetry). Whoever lets it in
    /// calls this, once.
    #[inline]
    pub fn admits(&self, request_id: &str) {
        telemetry::admitted(self, request_id);
    }

    /// A refusal that names this key.
    pub fn refuse(&self, kind: RejectionKind) -> Rejection {
        let rejection = Rejection::new(kind).with_key(KeyId::new(self.id()));
        rejection.in_workspace(self.workspace()).after_all(&self.known)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey")
            .field("id", &self.id())
            .field("workspace", &self.workspace())
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}
