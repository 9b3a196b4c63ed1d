use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Request, Uri};
use keyward_core::dialect::{Dialect, Location};
use keyward_core::verify::{HeaderValues, RequestHead};

/// The headers in which a dialect's keys come: at most as many as a word has bits.
#[derive(Clone)]
pub(crate) struct KeyHeaders(Vec<HeaderName>);

/// Which of them a request has, one bit each.
#[derive(Clone, Copy)]
pub(crate) struct Present(u64);

impl KeyHeaders {
    pub(crate) fn of(dialect: &Dialect) -> Self {
        let name = |location: &Location| match location {
            Location::Header { name, .. } => HeaderName::from_bytes(name.as_bytes()).ok(),
            Location::InsecureQuery { .. } => None,
        };
        Self(dialect.locations().iter().filter_map(name).take(64).collect())
    }

    /// Keeps the secrets out of what prints headers further in, and says where there are any.
    pub(crate) fn hide(&self, headers: &mut HeaderMap) -> Present {
        let mut present = 0;
        for (index, name) in self.0.iter().enumerate() {
            if let Some(value) = headers.get_mut(name) {
                value.set_sensitive(true);
                present |= 1 << index;
            }
        }
        Present(present)
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
        // Names that are parsed once, and a header that is absent is looked for once.
        match self.names.0.iter().position(|known| known.as_str() == name) {
            Some(index) if self.present.0 & (1 << index) != 0 => {
                let values = self.headers.get_all(&self.names.0[index]);
                HeaderValues::of(values.iter().map(HeaderValue::as_bytes))
            }
            _ => HeaderValues::None,
        }
    }

    fn query(&self) -> Option<&str> {
        self.uri.query()
    }
}
