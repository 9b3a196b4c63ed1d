//! API keys in process.
