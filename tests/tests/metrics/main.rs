//! What operators see of a program: every request counted once, as what it was.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod counts;
mod endpoint;
mod exposition;
mod outage;
mod together;

use std::time::{Duration, Instant};

use exposition::Exposition;
use keyward_tests::{Client, Program};
use tempfile::TempDir;
use tokio::time::sleep;

const SCRIBE_SIGHT: &str = env!("CARGO_BIN_EXE_scribe-sight-under-test");
const SCRIBE_SIGHT_ACTIX: &str = env!("CARGO_BIN_EXE_scribe-sight-actix-under-test");

/// A program that shows its metrics.
struct Watched {
    program: Program,
    folder: TempDir,
    client: Client,
    metrics: Client,
}

impl Watched {
    async fn start(program: &str) -> Self {
        Self::start_with(program, &[]).await
    }

    async fn start_with(program: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arguments = [&["--metrics", "127.0.0.1:0"], arguments].concat();
        let program = Program::start(program, folder.path(), &arguments).await;
        let metrics = program.says("metrics on ").await;
        let metrics = Client::new(metrics.strip_suffix("/metrics").unwrap());
        Self { client: program.client("/api/v1"), program, folder, metrics }
    }

    async fn metrics(&self) -> Exposition {
        Exposition::of(&self.metrics).await
    }

    /// Waits until the metrics are so.
    async fn until(&self, what: &str, is_so: impl Fn(&Exposition) -> bool) -> Exposition {
        let begun = Instant::now();
        loop {
            let metrics = self.metrics().await;
            if is_so(&metrics) {
                return metrics;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{what}: {metrics:#?}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}
