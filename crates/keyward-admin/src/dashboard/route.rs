use http::Method;
use keyward_core::key::KeyId;

use super::pages::{Act, Trouble};
use crate::request::key_id;

/// Which page a path is.
pub(super) enum Route<'p> {
    List,
    New,
    Hygiene,
    SignIn,
    SignOut,
    Key(KeyId),
    Secret(KeyId),
    Edit(KeyId),
    Act(Act, KeyId),
    Asset(&'p str),
}

impl<'p> Route<'p> {
    /// The page of what comes after the dashboard's own path.
    pub(super) fn find(below: &'p str) -> Option<Self> {
        let mut parts = below.trim_start_matches('/').split('/');
        let found = match (parts.next()?, parts.next(), parts.next()) {
            ("", None, None) => Self::List,
            ("new", None, None) => Self::New,
            ("hygiene", None, None) => Self::Hygiene,
            ("sign-in", None, None) => Self::SignIn,
            ("sign-out", None, None) => Self::SignOut,
            ("assets", Some(_version), Some(name)) => Self::Asset(name),
            ("keys", Some(id), None) => Self::Key(key_id(id)?),
            ("keys", Some(id), Some("secret")) => Self::Secret(key_id(id)?),
            ("keys", Some(id), Some("edit")) => Self::Edit(key_id(id)?),
            ("keys", Some(id), Some(act)) => Self::Act(Act::named(act)?, key_id(id)?),
            _ => return None,
        };
        parts.next().is_none().then_some(found)
    }

    /// Whether a form comes with the request.
    pub(super) fn is_sent(&self, method: &Method) -> Result<bool, Trouble> {
        let (shown, taken) = match self {
            Self::New | Self::SignIn | Self::Edit(_) | Self::Act(..) => (true, true),
            Self::SignOut => (false, true),
            _ => (true, false),
        };
        match *method {
            Method::GET | Method::HEAD if shown => Ok(false),
            Method::POST if taken => Ok(true),
            _ => Err(Trouble::Method(match (shown, taken) {
                (true, true) => "GET, HEAD, POST",
                (true, false) => "GET, HEAD",
                _ => "POST",
            })),
        }
    }
}
