use std::num::NonZeroU32;

use crate::clock::Timestamp;
use crate::dialect::{GrantView, KindId};
use crate::key::{Grant, KeyRecord, Networks, Resources};
use crate::limit::Meter;

/// What of a record is needed to judge requests and to tell handlers who is asking.
///
/// A million of these stay in memory, so the texts share one allocation, and what most keys do not
/// have is boxed away.
///
/// What every request is judged by comes first, beside the proof: one cache line less to wait for
/// when there are a million.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Identity {
    /// From when on it is refused as expired.
    ends_at: i64,
    revoked_at: i64,
    pub(super) kind: KindId,
    all_scopes: bool,
    id_end: u16,
    workspace_end: u32,
    name_end: u32,
    /// Id, workspace, name, scopes, one after the other.
    text: Box<str>,
    rare: Option<Box<Rare>>,
}

#[derive(Debug)]
struct Rare {
    resources: Resources,
    rate_limit_per_min: Option<NonZeroU32>,
    networks: Option<Networks>,
    meter: Option<Meter>,
    metadata: Option<serde_json::Map<String, serde_json::Value>>,
    /// The key's own end, where it ends before if nobody uses it.
    expires_at: Option<i64>,
}

impl Identity {
    /// Packs a record that was read now, and until when it does not matter that the key is not used;
    /// `None` when its id is longer than 64 KiB or its texts than 4 GiB.
    pub(super) fn new(
        record: KeyRecord,
        kind: KindId,
        meter: Option<Meter>,
        idle_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Self> {
        let scopes = match &record.grant {
            Grant::All => "",
            Grant::Only(set) => set.as_str(),
        };
        let id_end = record.id.as_str().len();
        let workspace_end = id_end + record.workspace.len();
        let name_end = workspace_end + record.name.len();
        let mut text = String::with_capacity(name_end + scopes.len());
        text.push_str(record.id.as_str());
        text.push_str(&record.workspace);
        text.push_str(&record.name);
        text.push_str(scopes);
        let expires_at = record.expires_at.map_or(i64::MAX, Timestamp::as_millis);
        let ends_at = idle_until.map_or(i64::MAX, Timestamp::as_millis).min(expires_at);
        // Of a key that is not idle yet: what is read later may know of a later use.
        let own_end = (now.as_millis() < ends_at && ends_at < expires_at).then_some(expires_at);
        let KeyRecord { resources, metadata, rate_limit_per_min, networks, .. } = record;
        let plain = resources == Resources::All
            && metadata.is_none()
            && rate_limit_per_min.is_none()
            && networks.is_none()
            && meter.is_none()
            && own_end.is_none();
        Some(Self {
            text: text.into_boxed_str(),
            id_end: u16::try_from(id_end).ok()?,
            workspace_end: u32::try_from(workspace_end).ok()?,
            name_end: u32::try_from(name_end).ok()?,
            kind,
            all_scopes: record.grant == Grant::All,
            ends_at,
            revoked_at: match record.revoked_at {
                // Revoked when it was written: no clock is asked again.
                Some(revoked) if revoked <= record.updated_at => i64::MIN,
                revoked => revoked.map_or(i64::MAX, Timestamp::as_millis),
            },
            rare: (!plain).then(|| {
                let expires_at = own_end;
                Box::new(Rare {
                    resources,
                    rate_limit_per_min,
                    networks,
                    meter,
                    metadata,
                    expires_at,
                })
            }),
        })
    }

    pub(super) fn id(&self) -> &str {
        self.slice(0, self.id_end.into())
    }

    pub(super) fn workspace(&self) -> &str {
        self.slice(self.id_end.into(), self.workspace_end)
    }

    pub(super) fn name(&self) -> &str {
        self.slice(self.workspace_end, self.name_end)
    }

    pub(super) fn grant(&self) -> GrantView<'_> {
        if self.all_scopes {
            GrantView::All
        } else {
            GrantView::Only(self.text.get(self.name_end as usize..).unwrap_or_default())
        }
    }

    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        let expires_at = self.own_end().unwrap_or(self.ends_at);
        (expires_at != i64::MAX).then(|| Timestamp::from_millis(expires_at))
    }

    pub(super) fn is_expired(&self, at: Timestamp) -> bool {
        self.ends_at <= at.as_millis()
    }

    /// Whether the key would be refused only because nobody had used it when this was read: somebody
    /// may have done so since.
    pub(super) fn is_outlived(&self, at: Timestamp) -> bool {
        self.is_expired(at) && self.own_end().is_some_and(|end| at.as_millis() < end)
    }

    fn own_end(&self) -> Option<i64> {
        self.rare.as_ref()?.expires_at
    }

    pub(super) fn is_revoked(&self, at: Timestamp) -> bool {
        self.revoked_at <= at.as_millis()
    }

    pub(super) fn allows_resource(&self, resource: &str) -> bool {
        self.rare.as_ref().is_none_or(|rare| rare.resources.contains(resource))
    }

    pub(super) fn resources(&self) -> &Resources {
        self.rare.as_ref().map_or(&Resources::All, |rare| &rare.resources)
    }

    pub(super) fn rate_limit_per_min(&self) -> Option<NonZeroU32> {
        self.rare.as_ref()?.rate_limit_per_min
    }

    /// Where the key works from; anywhere, without.
    pub(super) fn networks(&self) -> Option<&Networks> {
        self.rare.as_ref()?.networks.as_ref()
    }

    /// What the key is counted by, where it is.
    pub(super) fn meter(&self) -> Option<&Meter> {
        self.rare.as_ref()?.meter.as_ref()
    }

    pub(super) fn metadata(&self) -> Option<&serde_json::Map<String, serde_json::Value>> {
        self.rare.as_ref()?.metadata.as_ref()
    }

    fn slice(&self, from: u32, to: u32) -> &str {
        self.text.get(from as usize..to as usize).unwrap_or_default()
    }
}
