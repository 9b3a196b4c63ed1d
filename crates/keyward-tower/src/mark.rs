use http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};
use keyward_core::limit::{LimitField, Tally};
use keyward_core::verify;

use crate::context::Context;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const POLICY: HeaderName = HeaderName::from_static(LimitField::Policy.name());
const STATE: HeaderName = HeaderName::from_static(LimitField::State.name());
const LIMIT: HeaderName = HeaderName::from_static(LimitField::Limit.name());
const REMAINING: HeaderName = HeaderName::from_static(LimitField::Remaining.name());
const RESET: HeaderName = HeaderName::from_static(LimitField::Reset.name());

/// What every response to a request that was let in carries.
pub(crate) struct Mark {
    request_id: verify::RequestId,
    private: bool,
    tally: Tally,
}

impl Mark {
    #[inline]
    pub(crate) fn of(context: &Context) -> Self {
        let request_id = context.request_id.clone();
        match &context.key {
            Some(key) => Self {
                request_id,
                private: !key.came_in_authorization(),
                tally: key.tally().clone(),
            },
            None => Self { request_id, private: false, tally: Tally::default() },
        }
    }

    pub(crate) fn put_into(&self, headers: &mut HeaderMap) {
        put_request_id(&self.request_id, headers);
        if self.private && !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("private"));
        }
        self.tally.show(|field, value| put_limit(field, value, headers));
    }
}

/// Says which request a response belongs to.
pub(crate) fn put_request_id(id: &verify::RequestId, headers: &mut HeaderMap) {
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
}

/// Says how a key stands with a limit, unless the application has said so.
pub(crate) fn put_limit(field: LimitField, value: &str, headers: &mut HeaderMap) {
    let name = match field {
        LimitField::Policy => POLICY,
        LimitField::State => STATE,
        LimitField::Limit => LIMIT,
        LimitField::Remaining => REMAINING,
        LimitField::Reset => RESET,
    };
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.entry(name).or_insert(value);
    }
}

/// The client's own id for a request.
pub(crate) fn sent_request_id(headers: &HeaderMap) -> Option<&HeaderValue> {
    headers.get(REQUEST_ID)
}
