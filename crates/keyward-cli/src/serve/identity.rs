use http::header::{HeaderMap, HeaderName, HeaderValue};
use keyward::key::{Grant, Resources};
use keyward::verify::ApiKey;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

const KEY_ID: HeaderName = HeaderName::from_static("x-keyward-key-id");
const WORKSPACE: HeaderName = HeaderName::from_static("x-keyward-workspace");
const KIND: HeaderName = HeaderName::from_static("x-keyward-kind");
const SCOPES: HeaderName = HeaderName::from_static("x-keyward-scopes");
const RESOURCES: HeaderName = HeaderName::from_static("x-keyward-resources");

/// What a header cannot hold, and what stands for it.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'%');
/// Every scope, or every resource.
const ALL: &str = "*";

/// Who sent a request, as headers for the service behind a gateway. All of them are always there, so
/// that a gateway that copies them leaves nothing of what the client made up.
pub(super) fn of(key: &ApiKey) -> HeaderMap {
    let scopes = match key.effective_grant() {
        Grant::All => ALL.to_owned(),
        Grant::Only(scopes) => scopes.to_string(),
    };
    let resources = match key.resources() {
        Resources::All => ALL.to_owned(),
        Resources::Only(ids) => ids.iter().map(|id| resource(id)).collect::<Vec<_>>().join(" "),
    };
    let headers = [
        (KEY_ID, encoded(key.id())),
        (WORKSPACE, encoded(key.workspace())),
        (KIND, encoded(key.kind())),
        (SCOPES, scopes),
        (RESOURCES, resources),
    ];
    // What stands for the rest is text that a header can hold.
    let value =
        |text| HeaderValue::try_from(text).unwrap_or(const { HeaderValue::from_static("") });
    headers.into_iter().map(|(name, text)| (name, value(text))).collect()
}

/// One that is called `*` is not all of them.
fn resource(id: &str) -> String {
    if id == ALL { "%2A".to_owned() } else { encoded(id) }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNSAFE).to_string()
}
