use std::fmt;

use super::operation::{Operation, Slot};
use super::record::Shown;
use crate::clock::Timestamp;
use crate::dialect::template::{Piece, Template};
use crate::key::{KeyRecord, PlainKey};

/// A response of the management API, for an adapter to put into its framework's words.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer<'d> {
    /// The HTTP status.
    pub status: u16,
    /// Of the body.
    pub content_type: &'d str,
    /// JSON; empty for a 204.
    pub body: Vec<u8>,
}

/// Not the body: a new key is in it.
impl fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

/// What every answer may show.
#[derive(Debug, Clone, Copy)]
pub struct Meta<'a> {
    /// The request's id.
    pub request_id: &'a str,
    /// The moment of the answer, at which keys are shown.
    pub now: Timestamp,
}

/// What an operation came to.
#[derive(Debug, Clone, Copy)]
pub enum Done<'a> {
    /// A key as it is now.
    Record(&'a KeyRecord),
    /// A new key with its secret, and the one that it replaces.
    Issued {
        /// What is kept of it.
        new: &'a KeyRecord,
        /// The secret.
        key: Option<&'a PlainKey>,
        /// The key that a rotation ended.
        old: Option<&'a KeyRecord>,
    },
    /// A page of keys.
    Listed(&'a Listed),
    /// The key is gone.
    Deleted,
}

/// A page of keys.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// The keys.
    pub records: Vec<KeyRecord>,
    /// How many there can be on the page.
    pub limit: u64,
    /// The number of the page, where pages have numbers.
    pub page: u64,
    /// How many keys there are on all pages, where that is asked for.
    pub total: u64,
    /// The next page: a cursor or a URL.
    pub next: Option<String>,
    /// The URL of the page before.
    pub prev: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

impl<'d> Operation<'d> {
    /// The answer to a request that was done.
    pub fn answer(&self, done: Done<'_>, meta: Meta<'_>) -> Answer<'d> {
        let body = self.rule.body.as_ref().map(|body| self.render(body, done, meta));
        Answer {
            status: self.rule.status,
            content_type: "application/json",
            body: body.unwrap_or_default(),
        }
    }

    fn render(&self, body: &Template<Slot>, done: Done<'_>, meta: Meta<'_>) -> Vec<u8> {
        let rules = self.management.rules;
        let show = |record, key| Shown {
            dialect: self.management.dialect,
            record,
            key,
            instants: rules.instants,
            now: meta.now,
        };
        let record = |record| show(record, None).render(&rules.record);
        body.render(|slot| match (slot, done) {
            (Slot::RequestId, _) => meta.request_id.to_owned().into(),
            (Slot::Timestamp, _) => rules.instants.show(meta.now).into(),
            (Slot::Record, Done::Record(shown)) => Piece::Json(record(shown)),
            (Slot::Issued, Done::Issued { new, key, .. }) => {
                let template = rules.issued.as_ref().unwrap_or(&rules.record);
                Piece::Json(show(new, key).render(template))
            }
            (Slot::Old, Done::Issued { old: Some(old), .. }) => Piece::Json(record(old)),
            (Slot::Records, Done::Listed(page)) => {
                let records: Vec<Vec<u8>> = page.records.iter().map(record).collect();
                Piece::Json(records.join(&b','))
            }
            (Slot::Limit, Done::Listed(page)) => Piece::Number(page.limit),
            (Slot::Page, Done::Listed(page)) => Piece::Number(page.page),
            (Slot::Total, Done::Listed(page)) => Piece::Number(page.total),
            (Slot::HasMore, Done::Listed(page)) => Piece::Bool(page.has_more),
            (Slot::Next, Done::Listed(page)) => url(page.next.as_ref()),
            (Slot::Prev, Done::Listed(page)) => url(page.prev.as_ref()),
            // The check lets each body have the placeholders of its operation alone.
            _ => Piece::Null,
        })
    }
}

fn url(url: Option<&String>) -> Piece<'static> {
    url.map_or(Piece::Null, |url| url.clone().into())
}
