use std::net::IpAddr;

use super::api_key::ApiKey;
use crate::dialect::Location;

/// What an adapter shows of a request: its head, as bytes, borrowed.
pub trait RequestHead {
    /// What was sent under a header's name, which is in lower case.
    fn header(&self, name: &str) -> HeaderValues<'_>;

    /// The query of the request's target, without `?`.
    fn query(&self) -> Option<&str>;

    /// The key of this request, where a layer outside has verified it with a clone of the same
    /// verifier: it is verified anew, but not counted again.
    fn counted(&self) -> Option<&ApiKey> {
        None
    }

    /// The address of the client, behind whichever proxies are
    /// [trusted](crate::peer::TrustedProxies). Asked for only where it matters.
    fn peer(&self) -> Option<IpAddr> {
        None
    }
}

/// What was sent under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderValues<'a> {
    /// Nothing.
    None,
    /// One value.
    One(&'a [u8]),
    /// More than one.
    Many,
}

impl<'a> HeaderValues<'a> {
    /// Looks at no more than two values.
    pub fn of(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (None, _) => Self::None,
            (Some(value), None) => Self::One(value),
            (Some(_), Some(_)) => Self::Many,
        }
    }
}

/// What stands where a dialect's credentials may be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// Nothing, or a credential of another scheme.
    Absent,
    /// Two credentials, or one header twice.
    Ambiguous,
    /// One text, not yet looked at.
    Candidate {
        text: &'a [u8],
        /// It came in `Authorization`, which shared caches know to respect (RFC 9111 §3.5).
        in_authorization: bool,
    },
}

/// Looks through a dialect's locations. Allocates nothing; the work is bounded by the head's size.
pub(super) fn find<'a>(locations: &'a [Location], head: &'a impl RequestHead) -> Found<'a> {
    let mut found = None;
    for location in locations {
        let (text, in_authorization) = match location {
            Location::Header { name, scheme } => {
                let value = match head.header(name) {
                    HeaderValues::None => continue,
                    HeaderValues::One(value) => value,
                    HeaderValues::Many => return Found::Ambiguous,
                };
                let text = match scheme {
                    Some(scheme) => after_scheme(value, scheme),
                    None => value.trim_ascii(),
                };
                (text, &**name == "authorization")
            }
            Location::InsecureQuery { name } => {
                let mut values = query_values(head.query().unwrap_or_default(), name);
                let Some(value) = values.next() else { continue };
                if values.next().is_some() {
                    return Found::Ambiguous;
                }
                (value.as_bytes(), false)
            }
        };
        if text.is_empty() {
            continue;
        }
        if found.is_some() {
            return Found::Ambiguous;
        }
        found = Some(Found::Candidate { text, in_authorization });
    }
    found.unwrap_or(Found::Absent)
}

/// The workspace that a request names beside its key, where the dialect has a header for that.
pub(super) fn workspace<'a>(header: Option<&str>, head: &'a impl RequestHead) -> Option<&'a [u8]> {
    match head.header(header?) {
        HeaderValues::None => None,
        HeaderValues::One(value) => Some(value.trim_ascii()),
        // Not UTF-8, so no workspace is called that.
        HeaderValues::Many => Some(b"\xff"),
    }
}

/// What follows the scheme: case-insensitive, then one or more spaces (RFC 9110 §11.4). Empty for
/// another scheme, and for a scheme with nothing after it.
#[inline]
fn after_scheme<'a>(value: &'a [u8], scheme: &str) -> &'a [u8] {
    match value.split_at_checked(scheme.len()) {
        // Nearly everybody writes it as the dialect does.
        Some((head, [b' ', rest @ ..]))
            if head == scheme.as_bytes() || head.eq_ignore_ascii_case(scheme.as_bytes()) =>
        {
            let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
            rest[spaces..].trim_ascii_end()
        }
        _ => &[],
    }
}

fn query_values<'a>(query: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    query.split('&').filter_map(move |pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Head(Vec<(&'static str, &'static [u8])>, Option<&'static str>);

    impl RequestHead for Head {
        fn header(&self, name: &str) -> HeaderValues<'_> {
            let values = self.0.iter().filter(|(key, _)| *key == name);
            HeaderValues::of(values.map(|(_, value)| *value))
        }

        fn query(&self) -> Option<&str> {
            self.1
        }
    }

    fn locations() -> Vec<Location> {
        vec![
            Location::Header { name: "authorization".into(), scheme: Some("Bearer".into()) },
            Location::Header { name: "x-api-key".into(), scheme: None },
            Location::InsecureQuery { name: "api_key".into() },
        ]
    }

    #[track_caller]
    fn assert_found(head: &Head, expected: &Found<'_>) {
        assert_eq!(find(&locations(), head), *expected);
    }

    fn bearer(value: &'static [u8]) -> Head {
        Head(vec![("authorization", value)], None)
    }

    const KEY: Found<'static> = Found::Candidate { text: b"key", in_authorization: true };
    const ELSEWHERE: Found<'static> = Found::Candidate { text: b"key", in_authorization: false };

    #[test]
    fn the_scheme_is_case_insensitive_and_spaces_follow_it() {
        for value in [b"Bearer key".as_slice(), b"bearer key", b"BEARER key", b"Bearer    key "] {
            assert_found(&bearer(value), &KEY);
        }
    }

    #[test]
    fn another_scheme_or_nothing_after_the_scheme_is_no_credential() {
        for value in [
            b"Basic a2V5".as_slice(),
            b"Bearer",
            b"Bearer ",
            b"Bearer   ",
            b"",
            b"Bearerkey",
            b"\xff",
        ] {
            assert_found(&bearer(value), &Found::Absent);
        }
    }

    #[test]
    fn a_tab_after_the_scheme_is_part_of_the_text() {
        let text = Found::Candidate { text: b"\tkey", in_authorization: true };
        assert_found(&bearer(b"Bearer \tkey"), &text);
        assert_found(&bearer(b"Bearer\tkey"), &Found::Absent);
    }

    #[test]
    fn two_credentials_are_ambiguous_wherever_they_stand() {
        let twice = vec![("authorization", b"Bearer a".as_slice()), ("authorization", b"Basic b")];
        assert_found(&Head(twice, None), &Found::Ambiguous);
        let both = vec![("authorization", b"Bearer a".as_slice()), ("x-api-key", b"b")];
        assert_found(&Head(both, None), &Found::Ambiguous);
        let query = vec![("x-api-key", b"a".as_slice())];
        assert_found(&Head(query, Some("api_key=b")), &Found::Ambiguous);
        assert_found(&Head(vec![], Some("api_key=a&api_key=b")), &Found::Ambiguous);
    }

    #[test]
    fn another_scheme_beside_a_key_leaves_the_key() {
        let head = vec![("authorization", b"Basic a2V5".as_slice()), ("x-api-key", b"key")];
        assert_found(&Head(head, None), &ELSEWHERE);
    }

    #[test]
    fn a_query_parameter_is_read_where_the_dialect_says_so() {
        assert_found(&Head(vec![], Some("a=b&api_key=key")), &ELSEWHERE);
        assert_found(&Head(vec![], Some("xapi_key=key")), &Found::Absent);
    }
}
