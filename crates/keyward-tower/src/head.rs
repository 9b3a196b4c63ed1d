use http::request::Parts;
use http::{HeaderMap, Request, Uri};
use keyward_core::verify::RequestHead;

/// The head of an `http` request, as the core looks at it.
pub(crate) struct Head<'r> {
    headers: &'r HeaderMap,
    uri: &'r Uri,
}

impl<'r> Head<'r> {
    pub(crate) fn of<B>(request: &'r Request<B>) -> Self {
        Self { headers: request.headers(), uri: request.uri() }
    }
}

impl<'r> From<&'r Parts> for Head<'r> {
    fn from(parts: &'r Parts) -> Self {
        Self { headers: &parts.headers, uri: &parts.uri }
    }
}

impl RequestHead for Head<'_> {
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers.get_all(name).iter().map(http::HeaderValue::as_bytes)
    }

    fn query(&self) -> Option<&str> {
        self.uri.query()
    }
}
