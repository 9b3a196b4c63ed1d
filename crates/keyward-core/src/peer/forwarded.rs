//! The entries of `X-Forwarded-For`, which everybody writes and nobody has specified.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str;

/// The entries of all header lines, from the one that was added last.
pub(super) fn entries<'h>(
    lines: impl DoubleEndedIterator<Item = &'h [u8]>,
) -> impl Iterator<Item = &'h [u8]> {
    lines.rev().flat_map(|line| line.rsplit(|byte| *byte == b','))
}

/// The address in an entry: as it is, in brackets, with a port, with a zone. `None` for anything
/// else, such as `unknown`.
pub(super) fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    if let Some(bracketed) = entry.strip_prefix('[') {
        let (address, rest) = bracketed.split_once(']')?;
        let is_whole = rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
        return v6(address).filter(|_| is_whole);
    }
    // Without brackets a port can only follow IPv4.
    match entry.split_once(':') {
        Some((address, port)) if is_port(port) && address.contains('.') => v4(address),
        Some(_) => v6(entry),
        None => v4(entry),
    }
}

fn v4(text: &str) -> Option<IpAddr> {
    text.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
}

fn v6(text: &str) -> Option<IpAddr> {
    let (address, zone) = text.split_once('%').unwrap_or((text, "-"));
    let address = address.parse::<Ipv6Addr>().ok()?;
    (!zone.is_empty()).then(|| address.to_canonical())
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_an_address_in_whichever_way_proxies_write_it() {
        for (entry, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            (" \t203.0.113.7 ", "203.0.113.7"),
            ("203.0.113.7:65535", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("2001:db8::7:443", "2001:db8::7:443"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]:443", "fe80::1"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[::FFFF:cb00:7107]:80", "203.0.113.7"),
            ("::1", "::1"),
            ("1::2", "1::2"),
        ] {
            assert_eq!(address(entry.as_bytes()), Some(expected.parse().unwrap()), "{entry}");
        }
    }

    #[test]
    fn what_is_no_address_is_none() {
        for entry in [
            "",
            " ",
            "unknown",
            "_hidden",
            "localhost",
            "203.0.113",
            "203.0.113.256",
            "010.0.0.1",
            "203.0.113.7:",
            "203.0.113.7:+80",
            "203.0.113.7:65536",
            "203.0.113.7:80:80",
            "203.0.113.7%eth0",
            "203.0.113.7 198.51.100.1",
            "[203.0.113.7]",
            "[2001:db8::7",
            "2001:db8::7]",
            "[2001:db8::7]443",
            "[2001:db8::7]:",
            "[]",
            "[]:80",
            ":80",
            "::%",
            "2001:db8::7%",
            "\"203.0.113.7\"",
            "for=203.0.113.7",
            "\u{660}.0.0.1",
            "10.0.0.0/8",
        ] {
            assert_eq!(address(entry.as_bytes()), None, "{entry}");
        }
        assert_eq!(address(b"203.0.113.7\xff"), None);
        assert_eq!(address(b"203.0.113.7\0"), None);
    }

    #[test]
    fn lines_are_one_list_that_is_read_from_its_end() {
        let lines: [&[u8]; 3] = [b"a, b", b"", b"c,d"];
        let read: Vec<&[u8]> = entries(lines.into_iter()).collect();
        assert_eq!(read, [&b"d"[..], b"c", b"", b" b", b"a"]);
    }
}
