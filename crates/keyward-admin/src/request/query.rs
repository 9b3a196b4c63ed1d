use std::borrow::Cow;
use std::ops::RangeInclusive;

use keyward_core::dialect::management::{By, Fault, FaultKind, Listing, Parameter};
use keyward_core::manage::{Cursor, Status};

use super::{Faults, integer};

/// The parameters of a URL, in their order.
pub(crate) struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// Which keys somebody asks for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) limit: u64,
    pub(crate) start: Start,
    pub(crate) status: Status,
    pub(crate) workspace: Option<String>,
}

/// Where the page begins.
#[derive(Debug)]
pub(crate) enum Start {
    Cursor(Option<Cursor>),
    Offset(u64),
    /// From 1.
    Page(u64),
}

impl<'a> Query<'a> {
    pub(crate) fn of(query: Option<&'a str>) -> Self {
        Self(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect())
    }

    /// The last of that name counts. What nobody knows is no fault: it asks for nothing.
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| &**value)
    }

    /// The query for another page: all parameters as they were sent, but for these.
    pub(crate) fn with(&self, parameters: &[(&str, u64)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let is_new = |name: &str| parameters.iter().any(|(new, _)| *new == name);
        query.extend_pairs(self.0.iter().filter(|(name, _)| !is_new(name)));
        query.extend_pairs(parameters.iter().map(|(name, value)| (name, value.to_string())));
        query.finish()
    }

    /// What is asked of a list.
    pub(crate) fn asked(&self, listing: &Listing) -> Result<Asked, Vec<Fault>> {
        let mut faults = Faults::default();
        let limits = 1..=u64::from(listing.most());
        let usual = u64::from(listing.default_limit());
        let limit = self.number(listing.limit_parameter(), usual, &limits, &mut faults);
        let name = listing.by().parameter();
        let start = match listing.by() {
            By::Offset => Start::Offset(self.number(name, 0, &(0..=u64::MAX), &mut faults)),
            By::Page => Start::Page(self.number(name, 1, &(1..=u64::MAX), &mut faults)),
            By::Cursor => Start::Cursor(self.get(name).and_then(|text| match text.parse() {
                Ok(cursor) => Some(cursor),
                Err(error) => {
                    let kind = FaultKind::Value(ToString::to_string(&error));
                    faults.push(Fault::in_query(kind).at(name));
                    None
                }
            })),
        };
        let mut asked = Asked { limit, start, status: listing.status(), workspace: None };
        for (name, parameter) in listing.parameters() {
            let Some(text) = self.get(name) else { continue };
            match parameter {
                Parameter::Workspace => asked.workspace = Some(text.to_owned()),
                Parameter::Status => {
                    match STATUSES.iter().find(|(word, _)| *word == text).copied() {
                        Some((_, status)) => asked.status = status,
                        None => faults.push(Fault::in_query(one_of_the_statuses()).at(name)),
                    }
                }
                _ => {}
            }
        }
        faults.or(asked)
    }

    fn number(
        &self,
        name: &str,
        usual: u64,
        between: &RangeInclusive<u64>,
        faults: &mut Faults,
    ) -> u64 {
        let Some(text) = self.get(name) else { return usual };
        integer::of_text(text, between).unwrap_or_else(|kind| {
            faults.push(Fault::in_query(kind).at(name));
            usual
        })
    }
}

const STATUSES: [(&str, Status); 3] =
    [("active", Status::Active), ("revoked", Status::Revoked), ("all", Status::Any)];

fn one_of_the_statuses() -> FaultKind {
    FaultKind::OneOf(STATUSES.iter().map(|(word, _)| (*word).to_owned()).collect())
}
