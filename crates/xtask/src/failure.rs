use std::error::Error;

pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Why a command ends early. No error itself, so that every error can become one.
pub(crate) struct Failure {
    pub(crate) message: String,
    /// What the process exits with: that of the step which failed.
    pub(crate) code: u8,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error.to_string())
    }
}
