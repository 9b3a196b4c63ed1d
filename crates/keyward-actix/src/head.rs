use std::net::IpAddr;

use actix_web::dev;
use actix_web::http::header::{HeaderName, HeaderValue};
use arrayvec::ArrayVec;
use keyward_core::dialect::{Dialect, Location};
use keyward_core::peer::TrustedProxies;
use keyward_core::verify::{ApiKey, HeaderValues, RequestHead};

/// The headers in which a dialect's keys come, and who is believed in what they say of where a
/// request comes from.
#[derive(Clone)]
pub(crate) struct KeyHeaders {
    names: ArrayVec<HeaderName, { Dialect::MOST_LOCATIONS }>,
    pub(crate) proxies: TrustedProxies,
}

/// The head of a request of actix-web, as the core looks at it.
pub(crate) struct Head<'r> {
    /// Names that need not be made from text.
    names: &'r [HeaderName],
    whole: &'r dev::RequestHead,
    proxies: &'r TrustedProxies,
    counted: Option<&'r ApiKey>,
}

impl KeyHeaders {
    pub(crate) fn of(dialect: &Dialect) -> Self {
        let name = |location: &Location| match location {
            Location::Header { name, .. } => HeaderName::from_bytes(name.as_bytes()).ok(),
            Location::InsecureQuery { .. } => None,
        };
        let names = dialect.locations().iter().filter_map(name).collect();
        Self { names, proxies: TrustedProxies::NONE }
    }

    /// Keeps what may be a key from whatever prints headers further in, and looks at it.
    pub(crate) fn look<'r>(
        &'r self,
        head: &'r mut dev::RequestHead,
        counted: Option<&'r ApiKey>,
    ) -> Head<'r> {
        for name in &self.names {
            // The first of several is enough: a request with more of them goes no further.
            if let Some(value) = head.headers.get_mut(name) {
                value.set_sensitive(true);
            }
        }
        Head { names: &self.names, whole: head, proxies: &self.proxies, counted }
    }
}

impl RequestHead for Head<'_> {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        let values = match self.names.iter().find(|known| known.as_str() == name) {
            Some(known) => self.whole.headers.get_all(known),
            None => self.whole.headers.get_all(name),
        };
        HeaderValues::of(values.map(HeaderValue::as_bytes))
    }

    fn query(&self) -> Option<&str> {
        self.whole.uri.query()
    }

    fn counted(&self) -> Option<&ApiKey> {
        self.counted
    }

    fn peer(&self) -> Option<IpAddr> {
        let socket = self.whole.peer_addr.map(|address| address.ip());
        let forwarded = self.whole.headers.get_all("x-forwarded-for");
        self.proxies.client(socket, forwarded.map(HeaderValue::as_bytes))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::AUTHORIZATION;

    use super::*;

    #[test]
    fn the_core_sees_every_header_and_those_with_keys_are_marked() {
        let mut head = dev::RequestHead::default();
        let other = HeaderName::from_static("x-workspace-id");
        head.headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer key"));
        head.headers.append(other.clone(), HeaderValue::from_static("acme"));
        let headers = KeyHeaders::of(&Dialect::bigspin());
        let look = headers.look(&mut head, None);
        assert_eq!(look.header("authorization"), HeaderValues::One(b"Bearer key"));
        assert_eq!(look.header("x-workspace-id"), HeaderValues::One(b"acme"));
        assert_eq!(look.header("x-api-key"), HeaderValues::None);
        assert!(head.headers.get(AUTHORIZATION).unwrap().is_sensitive());
        assert!(!head.headers.get(&other).unwrap().is_sensitive());

        head.headers.append(other, HeaderValue::from_static("globex"));
        assert_eq!(headers.look(&mut head, None).header("x-workspace-id"), HeaderValues::Many);
    }
}
