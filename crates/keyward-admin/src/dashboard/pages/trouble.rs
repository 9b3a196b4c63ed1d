use askama::Template;
use http::StatusCode;
use keyward_core::key::KeyId;
use keyward_core::manage::{ManageError, ManageErrorKind};

use super::Frame;
use crate::dashboard::respond::{Page, html};

/// Why somebody does not get what they asked for.
#[derive(Debug)]
pub(in crate::dashboard) enum Trouble {
    /// No page is at this path.
    NoPage,
    /// No key of this id exists for them.
    NoKey(KeyId),
    /// The application's guard, or a workspace that is not theirs.
    Refused,
    /// A form that no page of theirs has shown.
    Forged,
    /// The body is no form.
    NoForm,
    TooLarge,
    /// With the methods that there are.
    Method(&'static str),
    Conflict(String),
    Unavailable,
    Mistake,
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    advice: &'a str,
    id: Option<&'a KeyId>,
    is_inside: bool,
}

pub(in crate::dashboard) fn trouble(frame: Frame<'_>, trouble: &Trouble, is_inside: bool) -> Page {
    let (status, title, advice) = trouble.told();
    let id = match trouble {
        Trouble::NoKey(id) => Some(id),
        _ => None,
    };
    html(status, &TroublePage { frame, title, advice, id, is_inside })
}

impl Trouble {
    fn told(&self) -> (StatusCode, &str, &str) {
        match self {
            Self::NoPage => (
                StatusCode::NOT_FOUND,
                "There is no such page",
                "The address may be mistyped, or from an older version.",
            ),
            Self::NoKey(_) => (
                StatusCode::NOT_FOUND,
                "There is no such key here",
                "It may have been deleted meanwhile, or belong elsewhere.",
            ),
            Self::Refused => (
                StatusCode::FORBIDDEN,
                "This is not for you",
                "You may not manage keys here. Ask whoever runs this service.",
            ),
            Self::Forged => (
                StatusCode::FORBIDDEN,
                "This form came from elsewhere",
                "Nothing was done. Open the page again and send the form from there; you may have \
                 been signed out meanwhile.",
            ),
            Self::NoForm => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "This is no form",
                "Nothing was done. This address takes forms of this dashboard's own pages.",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "This is too much",
                "Nothing was done. Make the texts shorter.",
            ),
            Self::Method(_) => (
                StatusCode::METHOD_NOT_ALLOWED,
                "This page cannot do that",
                "Nothing was done. Use the links and buttons of the pages.",
            ),
            Self::Conflict(sentence) => (StatusCode::CONFLICT, "This cannot be done now", sentence),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The keys cannot be reached now",
                "The key store does not answer. Keys that are in use go on working. Try again in a \
                 moment, and look first whether what you did last was done.",
            ),
            Self::Mistake => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something is wrong on our side",
                "The log says what.",
            ),
        }
    }

    /// What the manager has against an act on a key.
    pub(in crate::dashboard) fn of(error: &ManageError, id: Option<&KeyId>) -> Self {
        let logged: &dyn std::error::Error = error;
        match (error.kind(), id) {
            (ManageErrorKind::NotFound, Some(id)) => Self::NoKey(id.clone()),
            (ManageErrorKind::NotFound, None) => Self::NoPage,
            (ManageErrorKind::Unavailable, _) => {
                let source = logged.source().map(tracing::field::display);
                tracing::error!(target: "keyward", error = logged, source, "keys cannot be managed now");
                Self::Unavailable
            }
            _ => Self::Conflict(error.to_string()),
        }
    }
}
