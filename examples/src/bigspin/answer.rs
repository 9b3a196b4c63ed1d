//! The envelopes of answers. Nothing but JSON leaves this API.

use std::time::Instant;

use serde::Serialize;

use crate::query;

/// When the work on a request began.
pub(super) struct Timer(Instant);

/// `{"data":…,"processing_time_ms":…}`
#[derive(Serialize)]
pub(super) struct Single<T> {
    data: T,
    processing_time_ms: u128,
}

/// `{"data":[…],"pagination":{…},"processing_time_ms":…}`
#[derive(Serialize)]
pub(super) struct List<T> {
    data: Vec<T>,
    pagination: Pagination,
    processing_time_ms: u128,
}

#[derive(Serialize)]
struct Pagination {
    page: usize,
    limit: usize,
    total: usize,
}

impl Timer {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn single<T>(self, data: T) -> Single<T> {
        Single { data, processing_time_ms: self.0.elapsed().as_millis() }
    }

    pub(super) fn list<T>(self, data: Vec<T>, page: &Page, total: usize) -> List<T> {
        let pagination = Pagination { page: page.number, limit: page.limit, total };
        List { data, pagination, processing_time_ms: self.0.elapsed().as_millis() }
    }
}

/// Which part of a list is asked for: `page` from 1, `limit` 1 to 100 (chosen).
pub(super) struct Page {
    number: usize,
    limit: usize,
}

impl Page {
    const LARGEST: usize = 100;

    pub(super) fn in_query(query: Option<&str>) -> Result<Self, Error> {
        let number = query::number(query, "page", 1, 1..=usize::MAX)
            .map_err(|_| Error::invalid("page", "`page` must be an integer from 1"))?;
        let limit = query::number(query, "limit", 20, 1..=Self::LARGEST).map_err(|_| {
            Error::invalid("limit", format!("`limit` must be 1 to {}", Self::LARGEST))
        })?;
        Ok(Self { number, limit })
    }

    /// The items of this page.
    pub(super) fn of<T>(&self, items: impl Iterator<Item = T>) -> Vec<T> {
        let before = (self.number - 1).saturating_mul(self.limit);
        items.skip(before).take(self.limit).collect()
    }
}

/// What this API has against a request whose key is good. `{"error":{…}}`
#[derive(Debug, Serialize, thiserror::Error)]
#[error("{}", error.message)]
pub(super) struct Error {
    error: Body,
}

#[derive(Debug, Serialize)]
struct Body {
    message: String,
    r#type: &'static str,
    code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<String>,
}

impl Error {
    pub(super) fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        let mut invalid = Self::new(400, "invalid_request_error", message);
        invalid.error.param = Some(param.into());
        invalid
    }

    pub(super) fn too_large() -> Self {
        let message = "The body is too large: send a shorter transcript";
        Self::new(413, "invalid_request_error", message)
    }

    /// The id in a path is no text.
    pub(super) fn bad_id() -> Self {
        Self::invalid("id", "The id must be UTF-8")
    }

    /// Chosen: the service's own words for a path that it does not have are not public.
    pub(super) fn no_endpoint() -> Self {
        Self::new(404, "not_found_error", "There is no such endpoint")
    }

    /// Chosen, as above.
    pub(super) fn no_method() -> Self {
        Self::new(405, "invalid_request_error", "This endpoint does not know that method")
    }

    pub(super) fn status(&self) -> u16 {
        self.error.code
    }

    fn new(code: u16, r#type: &'static str, message: impl Into<String>) -> Self {
        Self { error: Body { message: message.into(), r#type, code, param: None } }
    }
}
