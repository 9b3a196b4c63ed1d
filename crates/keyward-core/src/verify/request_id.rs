use std::fmt;
use std::sync::Arc;

use arrayvec::ArrayString;

use crate::dialect::IdForm;

/// Names a request in headers, bodies and logs.
///
/// ```
/// use keyward_core::verify::RequestId;
///
/// assert_eq!(RequestId::from_client(b"trace-7.a").unwrap().as_str(), "trace-7.a");
/// assert!(RequestId::from_client(b"\"},{\"").is_none());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RequestId(Text);

#[derive(Clone, PartialEq, Eq)]
enum Text {
    Short(ArrayString<{ IdForm::LONGEST }>),
    Long(Arc<str>),
}

impl RequestId {
    const LONGEST_OF_CLIENT: usize = 128;

    pub(crate) fn generate(form: &IdForm) -> Self {
        let mut text = ArrayString::new();
        form.write(&mut text);
        Self(Text::Short(text))
    }

    /// An id that a client sent, if it is well formed: 1 to 128 of `[A-Za-z0-9._-]`.
    pub fn from_client(id: &[u8]) -> Option<Self> {
        let well_formed = (1..=Self::LONGEST_OF_CLIENT).contains(&id.len())
            && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte));
        let text = std::str::from_utf8(id).ok()?;
        well_formed.then(|| Self::from_application(text))
    }

    /// An id that the application gave the request, whatever its form.
    pub fn from_application(id: &str) -> Self {
        Self(ArrayString::from(id).map_or_else(|_| Text::Long(id.into()), Text::Short))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Short(text) => text,
            Text::Long(text) => text,
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({:?})", self.as_str())
    }
}
