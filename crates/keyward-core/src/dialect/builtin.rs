use std::sync::LazyLock;

use super::Dialect;

static STANDARD: LazyLock<Dialect> =
    LazyLock::new(|| embedded(include_str!("../../dialects/standard.toml")));
static BIGSPIN: LazyLock<Dialect> =
    LazyLock::new(|| embedded(include_str!("../../dialects/bigspin.toml")));

impl Dialect {
    /// The dialect for new APIs: keys with a checksum, problem bodies of RFC 9457, scopes that are
    /// always spelled.
    pub fn standard() -> Self {
        STANDARD.clone()
    }

    /// How Bigspin's public API speaks about keys.
    pub fn bigspin() -> Self {
        BIGSPIN.clone()
    }
}

#[expect(clippy::expect_used, reason = "the embedded texts are tested")]
fn embedded(text: &str) -> Dialect {
    Dialect::from_toml(text).expect("an embedded dialect is sound")
}
