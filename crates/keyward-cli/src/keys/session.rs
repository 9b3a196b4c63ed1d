use std::sync::Arc;

use keyward::clock::{Clock, SystemClock, Timestamp};
use keyward::dialect::{Dialect, Recognised};
use keyward::key::{Creator, KeyId, KeyRecord, PlainKey};
use keyward::manage::KeyManager;
use keyward::redis::RunningPush;
use keyward::store::KeyStore;
use keyward::verify::Verifier;
use serde_json::Value;

use super::Id;
use crate::failure::{Failure, Kind, Result};
use crate::settings::Settings;
use crate::{dialect, output, show, store};

/// A store that is open, and how its keys are shown.
pub(crate) struct Session {
    pub(crate) settings: Settings,
    pub(crate) manager: KeyManager,
    pub(crate) json: bool,
    pub(crate) now: Timestamp,
    store: Arc<dyn KeyStore>,
    push: Option<RunningPush>,
}

impl Session {
    pub(crate) async fn open(settings: Settings, json: bool, make: bool) -> Result<Self> {
        let url = settings.store()?;
        let push = settings.push()?;
        if make && store::is_missing(url) {
            // Before there is a file that nobody can use.
            dialect::open(settings.dialect(None)?)?;
        }
        let store = store::open(url, make).await?;
        let remembered = store.dialect().await?;
        let dialect = dialect::open(settings.dialect(remembered.as_deref())?)?;
        let mut manager = store::manager(&store, dialect).await?;
        if let Some(workspace) = &settings.workspace {
            manager = manager.within(workspace);
        }
        if let Some(actor) = settings.actor() {
            manager = manager.acting_as(Creator::Person(actor));
        }
        let now = SystemClock::new().now().timestamp;
        let push = push.zip(store.feed()).map(|(push, feed)| push.start(feed.table()));
        Ok(Self { settings, manager, json, now, store, push })
    }

    pub(crate) async fn close(self) {
        if let Some(push) = self.push {
            push.shutdown().await;
        }
        self.store.close().await;
    }

    pub(crate) fn dialect(&self) -> &Dialect {
        self.manager.dialect()
    }

    /// For a look at a key, which is no use of it.
    pub(crate) fn verifier(&self) -> Result<Verifier> {
        let dialect = self.dialect().clone();
        Ok(Verifier::builder(dialect, Arc::clone(&self.store)).without_use().build()?)
    }

    /// The id that somebody named. It is told in errors, and so must not be the key itself.
    pub(crate) fn id(&self, id: &Id) -> Result<KeyId> {
        if self.dialect().recognise(id.id.as_bytes()) != Recognised::Unclaimed {
            return Err(Failure::usage(
                "this is a key, not the id of one: now that others may have seen it, find its id \
                 with `keyward keys verify` and rotate it",
            ));
        }
        Ok(KeyId::new(id.id.as_str()))
    }

    /// Shows a record.
    pub(crate) fn show(&self, record: &KeyRecord) -> Result<()> {
        if self.json {
            output::say_json(&self.to_json(record))
        } else {
            output::say(&show::details(record, self.dialect(), self.now))
        }
    }

    /// Shows a key that was just made: its one time. In the document it stands at the end.
    pub(crate) fn show_key(
        &self,
        record: &KeyRecord,
        mut document: Value,
        key: &PlainKey,
    ) -> Result<()> {
        let shown = if self.json {
            document["key"] = key.expose().into();
            output::say_json(&document)
        } else {
            // A line of its own, to be copied whole.
            let details = show::details(record, self.dialect(), self.now);
            output::say(&format!("{details}\n\n{}", key.expose()))
        };
        shown.map_err(|failure| {
            let why = match failure.kind() {
                Kind::Unread => "nobody reads standard output".to_owned(),
                _ => failure.to_string(),
            };
            let id = &record.id;
            Failure::environment(format!(
                "{why}: the key {id} was made, but nobody has seen it: remove it with \
                 `keyward keys delete {id}` and make another"
            ))
        })?;
        if !self.json {
            output::tell("Keep this key now: it is shown this once and stored nowhere.");
        }
        Ok(())
    }

    pub(crate) fn to_json(&self, record: &KeyRecord) -> Value {
        show::json(record, self.dialect(), self.now)
    }
}
