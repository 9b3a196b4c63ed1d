use std::net::IpAddr;

use keyward::dialect::Location;
use keyward::key::PlainKey;
use keyward::verify::{HeaderValues, RequestHead};

/// The head of a request with a key at one place and nothing else.
pub(crate) struct Head<'a> {
    place: Option<&'a Location>,
    value: PlainKey,
    from: Option<IpAddr>,
}

impl<'a> Head<'a> {
    /// At the first place of a dialect.
    pub(crate) fn of(key: PlainKey, places: &'a [Location]) -> Self {
        let place = places.first();
        let value = match place {
            Some(Location::Header { scheme: Some(scheme), .. }) => {
                PlainKey::new(format!("{scheme} {}", key.expose()))
            }
            Some(Location::InsecureQuery { name }) => {
                PlainKey::new(format!("{name}={}", key.expose()))
            }
            _ => key,
        };
        Self { place, value, from: None }
    }

    /// Sent from this address, where that is known.
    pub(crate) fn from(self, address: Option<IpAddr>) -> Self {
        Self { from: address, ..self }
    }
}

impl RequestHead for Head<'_> {
    fn header(&self, asked: &str) -> HeaderValues<'_> {
        match self.place {
            Some(Location::Header { name, .. }) if **name == *asked => {
                HeaderValues::One(self.value.expose().as_bytes())
            }
            _ => HeaderValues::None,
        }
    }

    fn query(&self) -> Option<&str> {
        let in_query = matches!(self.place, Some(Location::InsecureQuery { .. }));
        in_query.then(|| self.value.expose())
    }

    fn peer(&self) -> Option<IpAddr> {
        self.from
    }
}
