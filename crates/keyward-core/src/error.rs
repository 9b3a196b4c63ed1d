/// A mistake in how keyward was put together: one sentence that says what to write instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    /// An error with a sentence that says what to write instead.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}
