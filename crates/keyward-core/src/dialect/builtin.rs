use std::sync::LazyLock;

use super::Dialect;

static STANDARD: LazyLock<Dialect> =
    LazyLock::new(|| embedded(include_str!("../../dialects/standard.toml")));
static BIGSPIN: LazyLock<Dialect> =
    LazyLock::new(|| embedded(include_str!("../../dialects/bigspin.toml")));
static SCRIBE_SIGHT: LazyLock<Dialect> =
    LazyLock::new(|| embedded(include_str!("../../dialects/scribe-sight.toml")));
static ONEPIN: LazyLock<Dialect> =
    LazyLock::new(|| embedded(include_str!("../../dialects/onepin.toml")));
static SYSTEMPROMPT: LazyLock<Dialect> =
    LazyLock::new(|| embedded(include_str!("../../dialects/systemprompt.toml")));

impl Dialect {
    /// The names of the dialects that are built in.
    pub const BUILT_IN: [&str; 5] =
        ["standard", "bigspin", "scribe-sight", "onepin", "systemprompt"];

    /// The built-in dialect of this name.
    ///
    /// ```
    /// use keyward_core::dialect::Dialect;
    ///
    /// assert_eq!(Dialect::named("onepin").unwrap().name(), "onepin");
    /// assert!(Dialect::named("two pins").is_none());
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "standard" => Some(Self::standard()),
            "bigspin" => Some(Self::bigspin()),
            "scribe-sight" => Some(Self::scribe_sight()),
            "onepin" => Some(Self::onepin()),
            "systemprompt" => Some(Self::systemprompt()),
            _ => None,
        }
    }

    /// The dialect for new APIs: keys with a checksum, problem bodies of RFC 9457, scopes that are
    /// always spelled.
    pub fn standard() -> Self {
        STANDARD.clone()
    }

    /// How Bigspin's public API speaks about keys.
    pub fn bigspin() -> Self {
        BIGSPIN.clone()
    }

    /// How Scribe Sight's API speaks about keys.
    pub fn scribe_sight() -> Self {
        SCRIBE_SIGHT.clone()
    }

    /// How OnePin's API speaks about keys.
    pub fn onepin() -> Self {
        ONEPIN.clone()
    }

    /// How systemprompt.io's API speaks about keys.
    pub fn systemprompt() -> Self {
        SYSTEMPROMPT.clone()
    }
}

#[expect(clippy::expect_used, reason = "the embedded texts are tested")]
fn embedded(text: &str) -> Dialect {
    Dialect::from_toml(text).expect("an embedded dialect is sound")
}
