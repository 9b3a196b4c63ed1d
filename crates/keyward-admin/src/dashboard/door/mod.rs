//! Who comes in.

mod attempts;
mod password;
mod session;
mod sign_in;

pub use sign_in::SignIn;

use std::net::IpAddr;

use http::header::{COOKIE, HeaderValue};
use http::request::Parts;
use keyward_core::manage::KeyManager;
use keyward_core::verify::RejectionKind;

use crate::guard::Admin;
use session::Sessions;

/// Somebody who was let in.
pub(super) struct Visitor {
    pub(super) admin: Admin,
    /// What forms and secrets are bound to.
    pub(super) identity: String,
    pub(super) signed_in: bool,
}

/// Why somebody was not.
pub(super) enum Shut {
    /// They may sign in.
    SignIn,
    Refused,
    Unavailable,
}

/// What came of a try to sign in.
pub(super) enum Tried {
    /// With the cookie of the new session.
    In(HeaderValue),
    Wrong,
    TooMany,
    Unavailable,
}

type Guard = Box<dyn Fn(&Parts) -> Option<Admin> + Send + Sync>;

pub(super) enum Door {
    /// The application's own.
    Guard(Guard),
    SignIn(Box<Desk>),
}

/// Where people sign in.
pub(super) struct Desk {
    sign_in: SignIn,
    sessions: Sessions,
    secure: bool,
}

impl Door {
    pub(super) fn sign_in(sign_in: SignIn, manager: &KeyManager) -> Self {
        let sessions = Sessions::new(sign_in.lifetime, manager.clock().clone());
        Self::SignIn(Box::new(Desk { sign_in, sessions, secure: false }))
    }

    pub(super) fn secure_cookies(&mut self) {
        if let Self::SignIn(desk) = self {
            desk.secure = true;
        }
    }

    pub(super) async fn admit(&self, head: &Parts) -> Result<Visitor, Shut> {
        match self {
            Self::Guard(guard) => {
                let admin = guard(head).ok_or(Shut::Refused)?;
                let identity = format!("{:?}", (&admin.creator, &admin.workspace));
                Ok(Visitor { admin, identity, signed_in: false })
            }
            Self::SignIn(desk) => desk.admit(head).await,
        }
    }

    pub(super) fn desk(&self) -> Option<&Desk> {
        match self {
            Self::Guard(_) => None,
            Self::SignIn(desk) => Some(desk),
        }
    }
}

impl Desk {
    async fn admit(&self, head: &Parts) -> Result<Visitor, Shut> {
        let cookie = self.cookie(head).ok_or(Shut::SignIn)?;
        let (session, identity) = self.sessions.find(cookie).ok_or(Shut::SignIn)?;
        // An operator key that is revoked meanwhile opens nothing any more.
        match self.sign_in.admit(&session.proof).await {
            Ok(admin) => Ok(Visitor { admin, identity, signed_in: true }),
            Err(RejectionKind::Unavailable) => Err(Shut::Unavailable),
            Err(_) => {
                self.sessions.end(cookie);
                Err(Shut::SignIn)
            }
        }
    }

    /// What is asked for, for people.
    pub(super) fn asks_for(&self) -> &'static str {
        self.sign_in.asks_for()
    }

    pub(super) async fn sign_in(&self, address: Option<IpAddr>, secret: &str) -> Tried {
        match self.sign_in.check(address, secret).await {
            Ok(proof) => {
                let token = self.sessions.begin(proof);
                self.set_cookie(&token, self.sign_in.lifetime.as_secs())
            }
            Err(tried) => tried,
        }
    }

    /// Ends the session, and says how the browser forgets it.
    pub(super) fn sign_out(&self, head: &Parts) -> Option<HeaderValue> {
        self.cookie(head).into_iter().for_each(|cookie| self.sessions.end(cookie));
        match self.set_cookie("", 0) {
            Tried::In(cookie) => Some(cookie),
            _ => None,
        }
    }

    /// The prefix makes browsers refuse one that a neighbour on another port or host has set.
    fn name(&self) -> &'static str {
        if self.secure { "__Host-keyward" } else { "keyward" }
    }

    fn cookie<'h>(&self, head: &'h Parts) -> Option<&'h str> {
        cookie(head, self.name())
    }

    fn set_cookie(&self, value: &str, seconds: u64) -> Tried {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!(
            "{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}",
            self.name()
        );
        HeaderValue::try_from(cookie).map_or(Tried::Unavailable, |mut cookie| {
            cookie.set_sensitive(true);
            Tried::In(cookie)
        })
    }
}

/// The first cookie of this name.
pub(super) fn cookie<'h>(head: &'h Parts, name: &str) -> Option<&'h str> {
    let lines = head.headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| line.split(';')).filter_map(|it| it.split_once('='));
    cookies.find(|(known, _)| known.trim() == name).map(|(_, value)| value.trim())
}
