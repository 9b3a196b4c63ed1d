//! Forms and queries, as browsers send them.

use std::error::Error;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body::Body;

use super::pages::Trouble;
use crate::request::{Unread, collect};

/// Names and values, in their order.
#[derive(Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn of(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// Reads a body to its end.
    pub(super) async fn read<B>(headers: &HeaderMap, body: B) -> Result<Self, Trouble>
    where
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let is_form = headers.get(CONTENT_TYPE).is_some_and(|value| {
            value.as_bytes().starts_with(b"application/x-www-form-urlencoded")
        });
        if !is_form {
            return Err(Trouble::NoForm);
        }
        match collect(body).await {
            Ok(bytes) => Ok(Self::of(&bytes)),
            Err(Unread::TooLarge) => Err(Trouble::TooLarge),
            Err(Unread::Broken) => Err(Trouble::NoForm),
        }
    }

    /// The first value of this name, or nothing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// The value as something to look for: without NUL, which no store can look for.
    pub(super) fn asked(&self, name: &str) -> String {
        self.get(name).trim().replace('\0', "").chars().take(200).collect()
    }
}
