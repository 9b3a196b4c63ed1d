//! Where a request comes from, where that matters: to a key with networks, and to an attempt with an
//! unknown key.

use std::net::IpAddr;

use super::identity::Identity;
use super::rejection::{Rejection, RejectionKind};
use super::verifier::Verifier;
use crate::clock::Now;

impl Verifier {
    /// Whether a key works where a request comes from.
    #[inline]
    pub(super) fn works_from(
        &self,
        identity: &Identity,
        peer: &dyn Fn() -> Option<IpAddr>,
    ) -> bool {
        let Some(networks) = identity.networks() else { return true };
        let Some(peer) = peer() else {
            self.0.no_peer.call_once(|| {
                tracing::warn!(
                    target: "keyward",
                    key = identity.id(),
                    "a key with networks is refused, as are all such keys, because the server hands \
                     over no address: serve axum with \
                     `into_make_service_with_connect_info::<SocketAddr>()`, and put a `PeerAddr` \
                     into the requests of other tower services"
                );
            });
            return false;
        };
        networks.contains(peer)
    }

    /// Whether the store may be asked about a key of which nothing is known.
    pub(super) fn may_ask(&self, peer: Option<IpAddr>, now: Now) -> Result<(), Rejection> {
        let Some(peer) = peer else { return Ok(()) };
        self.0
            .attempts
            .admit(peer, now)
            .map_err(|seconds| Rejection::new(RejectionKind::RateLimited).with_retry_after(seconds))
    }

    /// Refuses a key that nobody knows, and charges whoever sent it.
    pub(super) fn unknown(&self, peer: Option<IpAddr>) -> Rejection {
        if let Some(peer) = peer {
            self.0.attempts.charge(peer, self.0.clock.now());
        }
        Rejection::new(RejectionKind::Unknown)
    }
}
