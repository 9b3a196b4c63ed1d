use std::net::IpAddr;

use arrayvec::ArrayVec;
use http::{Extensions, HeaderMap, Uri};
use keyward_core::dialect::{Dialect, Location};
use keyward_core::peer::TrustedProxies;
use keyward_core::verify::{ApiKey, HeaderValues, RequestHead};

use crate::peer::socket;

/// So many lines of `X-Forwarded-For` are looked at, the last ones: proxies write one, or each its
/// own.
const LINES: usize = 16;

/// The headers in which a dialect's keys come, whether they come in the query, the header that names
/// a workspace, and who is believed in what they say of where a request comes from.
#[derive(Clone)]
pub(crate) struct KeyHeaders {
    names: ArrayVec<Box<str>, { Dialect::MOST_LOCATIONS }>,
    query: bool,
    workspace: Option<Box<str>>,
    pub(crate) proxies: TrustedProxies,
}

/// The head of an `http` request, as the core looks at it.
pub(crate) struct Head<'r> {
    headers: ArrayVec<(&'r str, HeaderValues<'r>), { Dialect::MOST_LOCATIONS + 1 }>,
    query: Option<&'r str>,
    counted: Option<&'r ApiKey>,
    forwarded: ArrayVec<&'r [u8], LINES>,
    proxies: &'r TrustedProxies,
    extensions: &'r Extensions,
}

impl KeyHeaders {
    pub(crate) fn of(dialect: &Dialect) -> Self {
        let name = |location: &Location| match location {
            Location::Header { name, .. } => Some(name.clone()),
            Location::InsecureQuery { .. } => None,
        };
        let locations = dialect.locations();
        let in_query = |location| matches!(location, &Location::InsecureQuery { .. });
        Self {
            names: locations.iter().filter_map(name).collect(),
            query: locations.iter().any(in_query),
            workspace: dialect.workspace_header().map(Into::into),
            proxies: TrustedProxies::NONE,
        }
    }

    /// The query, where keys may be in it.
    pub(crate) fn query_of(&self, uri: &Uri) -> Option<String> {
        if self.query { uri.query().map(str::to_owned) } else { None }
    }

    /// Takes out what may be a key, and keeps it from whatever prints headers further in.
    ///
    /// One walk over the headers: a request has few, and each look by name has to hash it.
    pub(crate) fn look<'r>(
        &'r self,
        headers: &'r mut HeaderMap,
        query: Option<&'r str>,
        counted: Option<&'r ApiKey>,
        extensions: &'r Extensions,
    ) -> Head<'r> {
        let mut head = Head {
            headers: ArrayVec::new(),
            query,
            counted,
            forwarded: ArrayVec::new(),
            proxies: &self.proxies,
            extensions,
        };
        let through_proxies = self.proxies.are_there();
        for (name, value) in headers.iter_mut() {
            let name = name.as_str();
            if self.names.iter().any(|own| **own == *name) {
                value.set_sensitive(true);
                head.add(name, value.as_bytes());
            } else if self.workspace.as_deref() == Some(name) {
                head.add(name, value.as_bytes());
            } else if through_proxies && name == "x-forwarded-for" {
                head.add_forwarded(value.as_bytes());
            }
        }
        head
    }
}

impl<'r> Head<'r> {
    fn add(&mut self, name: &'r str, value: &'r [u8]) {
        match self.headers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => *values = HeaderValues::Many,
            None => self.headers.push((name, HeaderValues::One(value))),
        }
    }

    fn add_forwarded(&mut self, line: &'r [u8]) {
        if self.forwarded.is_full() {
            self.forwarded.remove(0);
        }
        self.forwarded.push(line);
    }
}

impl RequestHead for Head<'_> {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map_or(HeaderValues::None, |(_, values)| *values)
    }

    fn query(&self) -> Option<&str> {
        self.query
    }

    fn counted(&self) -> Option<&ApiKey> {
        self.counted
    }

    fn peer(&self) -> Option<IpAddr> {
        self.proxies.client(socket(self.extensions), self.forwarded.iter().copied())
    }
}
