use askama::Template;
use http::StatusCode;
use keyward_core::key::{KeyId, PlainKey};

use super::{Frame, Trouble};
use crate::dashboard::respond::{Page, html};
use crate::dashboard::serve::Visit;
use crate::dashboard::shown;
use crate::dashboard::view::KeyView;

#[derive(Template)]
#[template(path = "secret.html")]
struct SecretPage<'a> {
    frame: Frame<'a>,
    key: KeyView<'a>,
    /// Only the first time.
    secret: Option<&'a str>,
}

/// The one page with a secret, once. Whoever loads it again, or comes back to it, reads that it was
/// shown.
pub(in crate::dashboard) async fn secret(visit: &Visit<'_>, id: &KeyId) -> Result<Page, Trouble> {
    let record = visit.manager.get(id).await.map_err(|error| Trouble::of(&error, Some(id)))?;
    let secret = visit.shared.reveals.take(id, &visit.visitor.identity);
    let page = SecretPage {
        frame: visit.frame(),
        key: KeyView::new(&record, visit.manager.dialect(), visit.manager.now()),
        secret: secret.as_ref().map(PlainKey::expose),
    };
    let mut response = html(StatusCode::OK, &page);
    if secret.is_some() {
        shown::mark(response.headers_mut());
    }
    Ok(response)
}
