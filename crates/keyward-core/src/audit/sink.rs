use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::timeout;

use super::AuditEntry;

/// How long an act waits for a sink.
const LIMIT: Duration = Duration::from_secs(2);

/// Hears of acts, to send them elsewhere: given to
/// [`KeyManagerBuilder::with_audit_sink`](crate::manage::KeyManagerBuilder::with_audit_sink).
///
/// It is told after the commit, before the act returns, and also when whoever asked for the act is
/// gone by then. The act waits for it for two seconds at most and does not fail with it; a failure is
/// logged. What is not told, because the sink failed, because the process ended, or because the store
/// did not say whether it made the change, is in the stored trail all the same: that is the truth.
///
/// ```
/// use std::error::Error;
/// use std::io::Write;
///
/// use async_trait::async_trait;
/// use keyward_core::audit::{AuditEntry, AuditSink};
/// use keyward_core::dialect::Dialect;
/// use keyward_core::manage::{KeyManager, NewKey};
/// use keyward_core::store::MemoryStore;
///
/// /// Writes JSON lines to standard output.
/// struct Lines;
///
/// #[async_trait]
/// impl AuditSink for Lines {
///     async fn tell(&self, entries: &[AuditEntry]) -> Result<(), Box<dyn Error + Send + Sync>> {
///         let mut stdout = std::io::stdout().lock();
///         for entry in entries {
///             writeln!(stdout, "{}", serde_json::to_string(entry)?)?;
///         }
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn Error>> {
/// let manager = KeyManager::builder(Dialect::bigspin(), MemoryStore::new());
/// let manager = manager.with_audit_sink(Lines).open().await?;
/// // {"number":null,"at":"2027-01-15T08:00:00.000Z","act":"created", …}
/// manager.create(NewKey::new("acme", "production-upload")).await?;
/// # Ok(()) }
/// ```
#[async_trait]
pub trait AuditSink: Send + Sync + 'static {
    /// Takes the entries of one act. They have no number yet.
    ///
    /// # Errors
    /// What went wrong: it is logged, and the entries are not told again.
    async fn tell(&self, entries: &[AuditEntry]) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// Tells a sink in bounded time.
pub(crate) async fn tell(sink: &dyn AuditSink, entries: &[AuditEntry]) {
    let error = match timeout(LIMIT, sink.tell(entries)).await {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error,
        Err(elapsed) => elapsed.into(),
    };
    for entry in entries {
        let (act, key) = (entry.act.as_str(), &entry.key);
        tracing::error!(
            target: "keyward",
            act,
            %key,
            workspace = entry.workspace,
            %error,
            "the audit sink did not take an entry, which the stored trail has"
        );
    }
}
