use http::header::HeaderName;
use http::{HeaderMap, Request, Uri};
use keyward_core::dialect::{Dialect, Location};
use keyward_core::verify::{HeaderValues, RequestHead};

/// The headers in which a dialect's keys come: at most as many as a word has bits.
#[derive(Clone)]
pub(crate) struct KeyHeaders(Vec<HeaderName>);

/// Which of them a request has, one bit each.
#[derive(Clone, Copy, Default)]
pub(crate) struct Present {
    any: u64,
    many: u64,
}

impl KeyHeaders {
    pub(crate) fn of(dialect: &Dialect) -> Self {
        let name = |location: &Location| match location {
            Location::Header { name, .. } => HeaderName::from_bytes(name.as_bytes()).ok(),
            Location::InsecureQuery { .. } => None,
        };
        Self(dialect.locations().iter().filter_map(name).take(64).collect())
    }

    /// Keeps the secrets out of what prints headers further in, and says where there are any.
    ///
    /// One walk over the headers: a request has few, and each look by name has to hash it.
    pub(crate) fn hide(&self, headers: &mut HeaderMap) -> Present {
        let mut present = Present::default();
        for (name, value) in headers.iter_mut() {
            if let Some(index) = self.0.iter().position(|own| own == name) {
                value.set_sensitive(true);
                present.many |= present.any & (1 << index);
                present.any |= 1 << index;
            }
        }
        present
    }
}

/// The head of an `http` request, as the core looks at it.
pub(crate) struct Head<'r> {
    headers: &'r HeaderMap,
    uri: &'r Uri,
    names: &'r KeyHeaders,
    present: Present,
}

impl<'r> Head<'r> {
    pub(crate) fn of<B>(request: &'r Request<B>, names: &'r KeyHeaders, present: Present) -> Self {
        Self { headers: request.headers(), uri: request.uri(), names, present }
    }
}

impl RequestHead for Head<'_> {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        let names = &self.names.0;
        let Some(index) = names.iter().position(|known| known.as_str() == name) else {
            return HeaderValues::None;
        };
        if self.present.many & (1 << index) != 0 {
            return HeaderValues::Many;
        }
        if self.present.any & (1 << index) == 0 {
            return HeaderValues::None;
        }
        let value = self.headers.get(&names[index]);
        value.map_or(HeaderValues::None, |value| HeaderValues::One(value.as_bytes()))
    }

    fn query(&self) -> Option<&str> {
        self.uri.query()
    }
}
