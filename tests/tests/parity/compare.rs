//! What of an answer has to be alike, and what has to be so in any case.

use std::fmt::Write as _;

use keyward_tests::Answer;

use crate::api::Api;
use crate::table::{Id, Says, Step};

/// What the server says of its connection, or of the moment, and not the application.
const OF_THE_SERVER: [&str; 4] = [
    "date",              // when it was asked
    "connection",        // whether this connection goes on; HTTP/2 has no such header
    "keep-alive",        // and for how long
    "transfer-encoding", // how HTTP/1 marks the end of a body whose length is not said
];

/// An answer, less what may differ.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    status: u16,
    /// As lines, sorted: one stands here as often as it was sent.
    headers: Vec<String>,
    body: String,
}

impl Seen {
    /// Takes the id out that was made for the request, where it is one.
    pub(crate) fn of<A: Api>(answer: &Answer, step: &Step) -> Result<Self, String> {
        let mut headers: Vec<String> = answer
            .headers
            .iter()
            .filter(|(name, _)| !OF_THE_SERVER.contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {}", value.as_bytes().escape_ascii()))
            .collect();
        headers.sort_unstable();
        let mut seen = Self { status: answer.status, headers, body: answer.body.clone() };
        match (answer.header("x-request-id"), step.id) {
            (None, _) => return Err("no id of the request".to_owned()),
            (Some(id), Id::Is(given)) if id != given => {
                return Err(format!("the id of the request is `{id}`, not `{given}`"));
            }
            (Some(id), Id::Made) if !is_made::<A>(id) => {
                return Err(format!("`{id}` is not in the form of the API's ids"));
            }
            (Some(_), Id::Is(_)) => {}
            // Header and body agree, or the body keeps an id that no other answer has.
            (Some(id), Id::Made) => {
                for text in seen.headers.iter_mut().chain([&mut seen.body]) {
                    *text = text.replace(id, "<the request's id>");
                }
            }
        }
        Ok(seen)
    }

    /// What is not as the table says.
    pub(crate) fn check<A: Api>(&self, step: &Step) -> Result<(), String> {
        let expected = step.expected::<A>();
        let said = match expected.says {
            Says::Text(text) => self.body == text,
            Says::Why(why) => self.body.contains(A::word(why)),
            Says::Nothing => self.body.is_empty(),
        };
        if said && self.status == expected.status {
            return Ok(());
        }
        Err(format!(
            "the table says {} and {:?}, but it is\n{}",
            expected.status,
            expected.says,
            self.lines("  ")
        ))
    }

    /// Both sides, line by line, where they are not alike.
    pub(crate) fn compare(&self, other: &Self) -> Result<(), String> {
        if self == other {
            return Ok(());
        }
        let (own, others) = (self.lines(""), other.lines(""));
        let mut others: Vec<&str> = others.lines().collect();
        let mut diff = String::new();
        for line in own.lines() {
            let found = others.iter().position(|other| *other == line);
            let mark = if found.map(|place| others.remove(place)).is_some() { ' ' } else { '-' };
            let _ = write!(diff, "\n  {mark} {line}");
        }
        for line in others {
            let _ = write!(diff, "\n  + {line}");
        }
        Err(diff)
    }

    fn lines(&self, indent: &str) -> String {
        format!(
            "{indent}{}\n{indent}{}\n{indent}{}",
            self.status,
            self.headers.join(&format!("\n{indent}")),
            self.body
        )
    }
}

fn is_made<A: Api>(id: &str) -> bool {
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    match A::dialect().name() {
        "scribe-sight" => {
            id.strip_prefix("req_").is_some_and(|id| id.len() == 12 && id.bytes().all(lower))
        }
        _ => uuid::Uuid::parse_str(id).is_ok_and(|parsed| parsed.to_string() == id),
    }
}
