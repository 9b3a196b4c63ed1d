//! API keys for tower stacks and axum.
