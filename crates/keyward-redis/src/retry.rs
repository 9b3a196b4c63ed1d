use std::time::Duration;

use redis::RedisError;
use tokio::time::sleep;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The pauses between attempts: each twice as long, and none of two processes alike.
#[derive(Default)]
pub(crate) struct Retry {
    failures: u32,
}

impl Retry {
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Says once what is wrong, and waits.
    pub(crate) async fn failed(&mut self, what: &str, error: Option<RedisError>) {
        if self.failures == 0 {
            let error = error.as_ref().map(ToString::to_string);
            tracing::warn!(target: "keyward", error, "{what}; the poll goes on");
        }
        self.pause().await;
    }

    /// Waits.
    pub(crate) async fn pause(&mut self) {
        let most = FIRST_PAUSE.saturating_mul(1 << self.failures.min(6)).min(LONGEST_PAUSE);
        self.failures += 1;
        sleep(most.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
    }
}
