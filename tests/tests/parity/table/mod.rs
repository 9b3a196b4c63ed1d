//! The table: requests, each with a sentence for a name, and what comes of them.

mod bodies;
mod credentials;
mod keys;
mod limits;
mod malformed;
mod methods;
mod origin;
mod request_ids;
mod rights;
mod sessions;
mod store;

use crate::api::{Api, Why};
use crate::application::Setup;
use crate::request::Request;

/// Requests on one connection.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) setup: Setup,
    pub(crate) steps: Vec<Step>,
    /// No other request is counted in its minute.
    pub(crate) is_in_a_minute_of_its_own: bool,
    /// The dialects that have what it asks about; all of them when it is empty.
    dialects: &'static [&'static str],
}

pub(crate) struct Step {
    pub(crate) request: Request,
    expected: Expected,
    /// Dialects in which something else comes of it.
    exceptions: Vec<(&'static str, Expected)>,
    pub(crate) id: Id,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    pub(crate) status: u16,
    pub(crate) says: Says,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Says {
    /// This body and no other.
    Text(&'static str),
    /// The dialect's word for it.
    Why(Why),
    /// A body that does not come, since only the head was asked for.
    Nothing,
}

/// The id of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Id {
    /// Made for it, in the dialect's form.
    Made,
    /// This one.
    Is(&'static str),
}

pub(crate) fn all() -> Vec<Row> {
    let mut rows = credentials::rows();
    rows.extend(malformed::rows());
    rows.extend(keys::rows());
    rows.extend(rights::rows());
    rows.extend(limits::rows());
    rows.extend(origin::rows());
    rows.extend(sessions::rows());
    rows.extend(store::rows());
    rows.extend(methods::rows());
    rows.extend(bodies::rows());
    rows.extend(request_ids::rows());
    rows
}

fn row(name: &'static str) -> Row {
    Row {
        name,
        setup: Setup::Plain,
        steps: Vec::new(),
        is_in_a_minute_of_its_own: false,
        dialects: &[],
    }
}

impl Row {
    fn on(self, setup: Setup) -> Self {
        Self { setup, ..self }
    }

    fn in_a_minute_of_its_own(self) -> Self {
        Self { is_in_a_minute_of_its_own: true, ..self }
    }

    fn only_in(self, dialects: &'static [&'static str]) -> Self {
        Self { dialects, ..self }
    }

    /// Asks, on the same connection as before.
    fn ask(mut self, request: Request, status: u16, says: impl Into<Says>) -> Self {
        let expected = Expected { status, says: says.into() };
        self.steps.push(Step { request, expected, exceptions: Vec::new(), id: Id::Made });
        self
    }

    /// What comes of the last request in other dialects.
    fn but(mut self, dialects: &[&'static str], status: u16, says: impl Into<Says>) -> Self {
        let expected = Expected { status, says: says.into() };
        let step = self.steps.last_mut().unwrap();
        step.exceptions.extend(dialects.iter().map(|dialect| (*dialect, expected)));
        self
    }

    /// The id of the last request.
    fn named(mut self, id: &'static str) -> Self {
        self.steps.last_mut().unwrap().id = Id::Is(id);
        self
    }

    pub(crate) fn is_for<A: Api>(&self) -> bool {
        self.dialects.is_empty() || self.dialects.contains(&A::dialect().name())
    }

    pub(crate) fn is_of_every_version(&self) -> bool {
        self.steps.iter().all(|step| step.request.is_of_every_version())
    }
}

impl Step {
    pub(crate) fn expected<A: Api>(&self) -> Expected {
        let dialect = A::dialect();
        let exception = self.exceptions.iter().find(|(name, _)| *name == dialect.name());
        exception.map_or(self.expected, |(_, expected)| *expected)
    }
}

impl From<&'static str> for Says {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

impl From<Why> for Says {
    fn from(why: Why) -> Self {
        Self::Why(why)
    }
}
