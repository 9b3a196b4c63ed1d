use std::net::IpAddr;

use super::forwarded::{address, entries};
use crate::key::{InvalidNetworks, Networks};

/// Which proxies stand between the clients and this server, and so may say where a request comes
/// from. None, unless somebody says so: then `X-Forwarded-For` is what a client made up.
///
/// ```
/// use keyward_core::peer::TrustedProxies;
///
/// let proxies = TrustedProxies::networks(["10.0.0.0/8", "fd00::/8"])?;
/// let forwarded: [&[u8]; 1] = [b"1.2.3.4, 203.0.113.7, 10.0.0.2"];
/// let from = |socket: &str| proxies.client(socket.parse().ok(), forwarded).unwrap().to_string();
/// assert_eq!(from("10.0.0.1"), "203.0.113.7");
/// assert_eq!(from("198.51.100.9"), "198.51.100.9"); // no proxy of ours
/// # Ok::<(), keyward_core::key::InvalidNetworks>(())
/// ```
#[derive(Debug, Clone)]
pub struct TrustedProxies(Trusted);

#[derive(Debug, Clone)]
enum Trusted {
    Count(usize),
    Networks(Networks),
}

impl TrustedProxies {
    /// None: a request comes from the other end of its socket.
    pub const NONE: Self = Self::count(0);

    /// So many, one behind the other, through which every request comes: each adds to
    /// `X-Forwarded-For` who called it, so the client is the entry that many from the right.
    ///
    /// Only where nobody can reach the server around them: else whoever does chooses the address.
    pub const fn count(proxies: usize) -> Self {
        Self(Trusted::Count(proxies))
    }

    /// Those in these networks, such as `10.0.0.0/8`: the client is the first from the right that is
    /// none of them, where the other end of the socket is one.
    ///
    /// # Errors
    /// When one is not a network, or there is none, or there are too many.
    pub fn networks<'a>(
        networks: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, InvalidNetworks> {
        Networks::new(networks).map(Trusted::Networks).map(Self)
    }

    /// Whether `X-Forwarded-For` is looked at.
    pub fn are_there(&self) -> bool {
        !matches!(self.0, Trusted::Count(0))
    }

    /// The address of the client of a request that came over a socket from `socket`, if that has an
    /// address, with these lines of `X-Forwarded-For` in the order in which they were sent.
    ///
    /// What is no address ends the walk: the client is then the last address before.
    pub fn client<'h>(
        &self,
        socket: Option<IpAddr>,
        forwarded: impl IntoIterator<Item = &'h [u8], IntoIter: DoubleEndedIterator>,
    ) -> Option<IpAddr> {
        let mut client = socket.map(|address| address.to_canonical());
        let mut entries = entries(forwarded.into_iter());
        let mut proxies = 0;
        while self.trusts(client, proxies)
            && let Some(next) = entries.next().and_then(address)
        {
            client = Some(next);
            proxies += 1;
        }
        client
    }

    /// Whether an address, after so many others, is that of a proxy which says who called it.
    fn trusts(&self, address: Option<IpAddr>, before: usize) -> bool {
        match &self.0 {
            Trusted::Count(proxies) => before < *proxies,
            Trusted::Networks(networks) => address.is_some_and(|it| networks.contains(it)),
        }
    }
}

impl Default for TrustedProxies {
    fn default() -> Self {
        Self::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOCKET: &str = "10.0.0.1";

    fn client(proxies: &TrustedProxies, socket: &str, lines: &[&str]) -> String {
        let lines = lines.iter().map(|line| line.as_bytes());
        proxies.client(socket.parse().ok(), lines).unwrap().to_string()
    }

    #[test]
    fn without_trusted_proxies_a_header_changes_nothing() {
        for lines in [&["1.2.3.4"][..], &["1.2.3.4, 10.0.0.2", "10.0.0.1"], &["junk"], &[]] {
            assert_eq!(client(&TrustedProxies::default(), SOCKET, lines), SOCKET);
        }
        assert!(!TrustedProxies::NONE.are_there());
    }

    #[test]
    fn a_count_is_taken_from_the_right_whatever_a_client_wrote_before() {
        let forged = ["9.9.9.9, 8.8.8.8", "203.0.113.7, 10.0.0.2"];
        for (count, expected) in
            [(1, "10.0.0.2"), (2, "203.0.113.7"), (3, "8.8.8.8"), (4, "9.9.9.9"), (9, "9.9.9.9")]
        {
            assert_eq!(client(&TrustedProxies::count(count), SOCKET, &forged), expected);
        }
    }

    #[test]
    fn a_socket_without_an_address_is_a_proxy_where_they_are_counted() {
        let forwarded: [&[u8]; 1] = [b"9.9.9.9, 203.0.113.7"];
        let client = |proxies: &TrustedProxies| proxies.client(None, forwarded);
        assert_eq!(client(&TrustedProxies::count(1)), "203.0.113.7".parse().ok());
        assert_eq!(client(&TrustedProxies::NONE), None);
        assert_eq!(client(&TrustedProxies::networks(["0.0.0.0/0", "::/0"]).unwrap()), None);
        assert_eq!(TrustedProxies::count(1).client(None, []), None);
    }

    #[test]
    fn networks_are_walked_to_the_first_that_is_not_trusted() {
        let proxies = TrustedProxies::networks(["10.0.0.0/8", "fd00::/8"]).unwrap();
        for (socket, lines, expected) in [
            ("10.0.0.1", &["9.9.9.9, 203.0.113.7, 10.0.0.2"][..], "203.0.113.7"),
            ("10.0.0.1", &["9.9.9.9", "203.0.113.7:4711", "[fd00::2]:443"], "203.0.113.7"),
            ("::ffff:10.0.0.1", &["203.0.113.7, ::ffff:10.0.0.2"], "203.0.113.7"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("198.51.100.9", &["203.0.113.7, 10.0.0.2"], "198.51.100.9"),
            ("10.0.0.1", &["2001:db8::7"], "2001:db8::7"),
        ] {
            assert_eq!(client(&proxies, socket, lines), expected, "{socket} {lines:?}");
        }
    }

    #[test]
    fn what_is_no_address_ends_the_walk_at_the_last_that_is() {
        let networks = TrustedProxies::networks(["10.0.0.0/8"]).unwrap();
        for proxies in [&TrustedProxies::count(5), &networks] {
            for (lines, expected) in [
                (&["203.0.113.7, unknown, 10.0.0.2"][..], "10.0.0.2"),
                (&["203.0.113.7", "10.0.0.3,, 10.0.0.2"], "10.0.0.2"),
                (&["203.0.113.7, 10.0.0.3", "10.0.0.2,"], "10.0.0.1"),
                (&["203.0.113.7, \u{e9}"], "10.0.0.1"),
                (&[""], "10.0.0.1"),
            ] {
                assert_eq!(client(proxies, SOCKET, lines), expected, "{proxies:?} {lines:?}");
            }
        }
    }
}
