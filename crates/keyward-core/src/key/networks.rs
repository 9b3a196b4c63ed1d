use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};

/// Networks of IPv4 and IPv6, such as those from which a key works: one at least, and at most
/// [`MOST`](Self::MOST).
///
/// ```
/// use keyward_core::key::Networks;
///
/// let office = Networks::new(["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"])?;
/// assert!(office.contains("203.0.113.9".parse().unwrap()));
/// assert!(!office.contains("203.0.114.9".parse().unwrap()));
/// assert_eq!(office.to_string(), "198.51.100.7/32 203.0.113.0/24 2001:db8::/32");
/// assert!(Networks::new(["203.0.113.9/24"]).is_err()); // an address or its network?
/// # Ok::<(), keyward_core::key::InvalidNetworks>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Networks(Box<[IpNet]>);

/// Texts that are no [`Networks`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidNetworks {
    /// One of them is no network.
    #[error("`{0}` is not a network: write it as 203.0.113.0/24 or 2001:db8::/32")]
    Network(String),
    /// One of them says more bits than its prefix has.
    #[error("`{address}` is an address in a network: write {network} or {host}")]
    Host {
        /// What was written.
        address: String,
        /// The network that it is in.
        network: String,
        /// The one address alone.
        host: String,
    },
    /// There is none.
    #[error("name a network, such as 203.0.113.0/24")]
    None,
    /// There are more than [`Networks::MOST`].
    #[error("name at most {most} networks", most = Networks::MOST)]
    TooMany,
}

impl Networks {
    /// How many there can be.
    pub const MOST: usize = 100;

    /// Networks as CIDR, such as `203.0.113.0/24`; an address by itself is a network of one.
    ///
    /// # Errors
    /// When one is not a network, or there is none, or there are more than [`MOST`](Self::MOST).
    pub fn new<'a>(networks: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidNetworks> {
        let mut read = Vec::new();
        for network in networks {
            if read.len() == Self::MOST {
                return Err(InvalidNetworks::TooMany);
            }
            read.push(network_of(network)?);
        }
        if read.is_empty() {
            return Err(InvalidNetworks::None);
        }
        read.sort();
        read.dedup();
        Ok(Self(read.into()))
    }

    /// Whether an address is in one of them. An IPv4 address that is written as IPv6 is IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether every address of the other networks is in one of these.
    pub fn cover(&self, others: &Self) -> bool {
        // Two halves are as good as the whole.
        let own = IpNet::aggregate(&self.0.to_vec());
        others.0.iter().all(|other| own.iter().any(|own| own.contains(other)))
    }

    /// The networks, each as it is written.
    pub fn iter(&self) -> impl Iterator<Item = impl fmt::Display + '_> {
        self.0.iter()
    }
}

impl FromStr for Networks {
    type Err = InvalidNetworks;

    /// Reads networks with spaces between them, in any order.
    fn from_str(text: &str) -> Result<Self, InvalidNetworks> {
        Self::new(text.split_ascii_whitespace())
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, network) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{network}")?;
        }
        Ok(())
    }
}

fn network_of(text: &str) -> Result<IpNet, InvalidNetworks> {
    let named = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let named =
        named.map_err(|_| InvalidNetworks::Network(text.escape_default().take(60).collect()))?;
    let network = named.trunc();
    if network != named {
        return Err(InvalidNetworks::Host {
            address: text.to_owned(),
            network: network.to_string(),
            host: IpNet::from(named.addr()).to_string(),
        });
    }
    Ok(canonical(network))
}

/// IPv4 that is written as IPv6 is IPv4.
fn canonical(network: IpNet) -> IpNet {
    match (network.prefix_len().checked_sub(96), network.addr().to_canonical()) {
        (Some(length), IpAddr::V4(address)) => {
            Ipv4Net::new(address, length).map_or(network, IpNet::V4)
        }
        _ => network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn networks(text: &str) -> Networks {
        text.parse().unwrap()
    }

    #[test]
    fn networks_are_a_set_and_written_as_they_are_read() {
        let all = networks("2001:db8::/32  10.0.0.0/8 ::ffff:10.0.0.0/104 192.0.2.1 ::1");
        assert_eq!(all.to_string(), "10.0.0.0/8 192.0.2.1/32 ::1/128 2001:db8::/32");
        assert_eq!(networks(&all.to_string()), all);
        let each: Vec<String> = all.iter().map(|network| network.to_string()).collect();
        assert_eq!(each.join(" "), all.to_string());
    }

    #[test]
    fn what_is_no_network_says_what_to_write() {
        for (text, sentence) in [
            ("office", "`office` is not a network: write it as 203.0.113.0/24 or 2001:db8::/32"),
            (
                "10.0.0.0/33",
                "`10.0.0.0/33` is not a network: write it as 203.0.113.0/24 or 2001:db8::/32",
            ),
            (
                "10.0.0.5/8",
                "`10.0.0.5/8` is an address in a network: write 10.0.0.0/8 or 10.0.0.5/32",
            ),
            (" ", "name a network, such as 203.0.113.0/24"),
        ] {
            assert_eq!(text.parse::<Networks>().unwrap_err().to_string(), sentence);
        }
        let many = |count: usize| {
            let all: Vec<String> = (0..count).map(|it| format!("10.0.{it}.0/24")).collect();
            Networks::new(all.iter().map(String::as_str))
        };
        assert!(many(Networks::MOST).is_ok());
        assert_eq!(many(Networks::MOST + 1), Err(InvalidNetworks::TooMany));
    }

    #[test]
    fn an_address_is_inside_or_not() {
        let all = networks("10.0.0.0/8 192.0.2.1 2001:db8:7::/48");
        for (address, is_inside) in [
            ("10.255.255.255", true),
            ("11.0.0.0", false),
            ("::ffff:10.0.0.1", true),
            ("192.0.2.1", true),
            ("192.0.2.2", false),
            ("2001:db8:7:ffff::1", true),
            ("2001:db8:8::1", false),
            ("::10.0.0.1", false),
        ] {
            assert_eq!(all.contains(address.parse().unwrap()), is_inside, "{address}");
        }
        assert!(!networks("::/0").contains("10.0.0.1".parse().unwrap()));
        assert!(!networks("0.0.0.0/0").contains("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn networks_cover_what_lies_inside_of_them_together() {
        for (own, others, cover) in [
            ("10.0.0.0/8", "10.0.0.0/8", true),
            ("10.0.0.0/8", "10.1.0.0/16 10.2.3.4", true),
            ("10.0.0.0/9 10.128.0.0/9", "10.0.0.0/8", true),
            ("10.0.0.0/9", "10.0.0.0/8", false),
            ("10.0.0.0/8", "10.0.0.0/8 2001:db8::/32", false),
            ("0.0.0.0/0", "::/0", false),
            ("::/0", "0.0.0.0/0", false),
            ("0.0.0.0/0 ::/0", "192.0.2.1 2001:db8::1", true),
        ] {
            assert_eq!(networks(own).cover(&networks(others)), cover, "{own}: {others}");
        }
    }
}
