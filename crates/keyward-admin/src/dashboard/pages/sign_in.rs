use askama::Template;
use http::StatusCode;

use super::Frame;
use crate::dashboard::Shared;
use crate::dashboard::door::Desk;
use crate::dashboard::respond::{Page, html};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    frame: Frame<'a>,
    asks_for: &'a str,
    next: &'a str,
    fault: Option<&'a str>,
}

/// Where people say who they are.
pub(in crate::dashboard) fn sign_in(
    shared: &Shared,
    desk: &Desk,
    next: &str,
    fault: Option<(StatusCode, &str)>,
) -> Page {
    let (status, fault) = fault.unzip();
    let page = SignInPage { frame: Frame::outside(shared), asks_for: desk.asks_for(), next, fault };
    html(status.unwrap_or_default(), &page)
}
