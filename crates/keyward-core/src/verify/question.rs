use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::timeout;

use crate::store::StoreError;

/// Puts a question to a store. Its code is somebody else's: it gets so much time, and a panic of
/// it, also while the question is made or given up, must not end the task that asks.
pub(super) async fn ask<T, F>(
    limit: Duration,
    question: impl FnOnce() -> F,
) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let guarded = AssertUnwindSafe(async { timeout(limit, question()).await });
    match guarded.catch_unwind().await {
        Ok(Ok(answer)) => answer,
        Ok(Err(elapsed)) => Err(StoreError::unavailable(elapsed)),
        Err(_) => Err(StoreError::unavailable("the store's code panicked")),
    }
}
