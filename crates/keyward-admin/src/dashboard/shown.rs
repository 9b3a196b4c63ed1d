//! A cookie that only comes and goes. Chromium keeps pages for "back" although they are `no-store`,
//! scripts or not, unless a cookie that scripts cannot read changes after they were loaded.

use http::HeaderMap;
use http::header::{HeaderValue, SET_COOKIE};
use http::request::Parts;

use super::door::cookie;

const NAME: &str = "keyward-shown";

/// On the page with a secret.
pub(super) fn mark(headers: &mut HeaderMap) {
    let come = "keyward-shown=1; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict";
    headers.append(SET_COOKIE, HeaderValue::from_static(come));
}

/// On the page after it, which drops that from wherever the browser keeps it.
pub(super) fn forget(head: &Parts, headers: &mut HeaderMap) {
    if cookie(head, NAME).is_some() && !headers.contains_key(SET_COOKIE) {
        let go = "keyward-shown=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict";
        headers.append(SET_COOKIE, HeaderValue::from_static(go));
    }
}
