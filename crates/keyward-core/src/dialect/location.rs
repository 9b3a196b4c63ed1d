/// Where in a request a key may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In a header.
    Header {
        /// The header's name, in lower case.
        name: Box<str>,
        /// What comes before the key and is compared without case; `None` where the value is the
        /// key alone.
        scheme: Option<Box<str>>,
    },
    /// In the query, where proxies and browsers write it to their logs.
    InsecureQuery {
        /// The parameter's name.
        name: Box<str>,
    },
}

impl Location {
    /// `Authorization: Bearer …` (RFC 6750 §2.1).
    pub fn bearer() -> Self {
        Self::Header { name: "authorization".into(), scheme: Some("Bearer".into()) }
    }

    /// A header whose whole value is the key.
    pub fn header(name: &str) -> Self {
        Self::Header { name: name.to_ascii_lowercase().into(), scheme: None }
    }

    /// A parameter of the query: other people's logs will hold the key.
    pub fn insecure_query(name: &str) -> Self {
        Self::InsecureQuery { name: name.into() }
    }

    pub(super) fn scheme(&self) -> Option<&str> {
        match self {
            Self::Header { scheme, .. } => scheme.as_deref(),
            Self::InsecureQuery { .. } => None,
        }
    }
}
