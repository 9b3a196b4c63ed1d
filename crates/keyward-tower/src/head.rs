use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Request, Uri};
use keyward_core::dialect::{Dialect, Location};
use keyward_core::verify::RequestHead;

/// The names of the headers in which a dialect's keys come.
#[derive(Clone)]
pub(crate) struct KeyHeaders(Vec<HeaderName>);

impl KeyHeaders {
    pub(crate) fn of(dialect: &Dialect) -> Self {
        let name = |location: &Location| match location {
            Location::Header { name, .. } => HeaderName::from_bytes(name.as_bytes()).ok(),
            Location::InsecureQuery { .. } => None,
        };
        Self(dialect.locations().iter().filter_map(name).collect())
    }

    /// Keeps the secrets out of what prints headers further in.
    pub(crate) fn hide(&self, headers: &mut HeaderMap) {
        for name in &self.0 {
            if let Some(value) = headers.get_mut(name) {
                value.set_sensitive(true);
            }
        }
    }
}

/// The head of an `http` request, as the core looks at it.
pub(crate) struct Head<'r> {
    headers: &'r HeaderMap,
    uri: &'r Uri,
    names: &'r KeyHeaders,
}

impl<'r> Head<'r> {
    pub(crate) fn of<B>(request: &'r Request<B>, names: &'r KeyHeaders) -> Self {
        Self { headers: request.headers(), uri: request.uri(), names }
    }
}

impl RequestHead for Head<'_> {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        // By a name that is parsed already: `get_all` would parse a text anew each time.
        let name = self.names.0.iter().find(|known| known.as_str() == name);
        let values = name.map(|name| self.headers.get_all(name).iter());
        values.into_iter().flatten().map(HeaderValue::as_bytes)
    }

    fn query(&self) -> Option<&str> {
        self.uri.query()
    }
}
