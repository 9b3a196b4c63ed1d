//! `keyward export`: all that is kept of keys but their digests.

use std::num::NonZeroU32;

use clap::Args;
use keyward::clock::Timestamp;
use keyward::key::{Creator, Grant, KeyId, KeyRecord, Resources};
use keyward::manage::ListKeys;
use serde_json::{Map, Value, json};

use crate::failure::{Failure, Result};
use crate::import::{FIELDS, Format};
use crate::keys::Session;
use crate::output;
use crate::settings::Settings;

/// So many are asked for at once.
const PAGE: usize = 1_000;
/// What of an import's fields is not given away: whoever has digests can try keys against them.
const WITHHELD: [&str; 3] = ["digest", "algorithm", "pepper"];

#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    settings: Settings,

    /// How they are printed
    #[arg(long, default_value = "jsonl")]
    format: Format,
}

impl Export {
    pub(crate) async fn run(self) -> Result<()> {
        let session = Session::open(self.settings.with_file()?, false, false).await?;
        let done = write(&session, self.format).await;
        session.close().await;
        done
    }
}

/// Page by page: the newest first.
async fn write(session: &Session, format: Format) -> Result<()> {
    let mut list = ListKeys::new().with_limit(PAGE);
    if format == Format::Csv {
        output::write(&csv([columns().map(str::to_owned).collect()])?)?;
    }
    loop {
        let page = session.manager.list(&list).await?;
        let records = page.keys.iter().map(fields);
        output::write(&match format {
            Format::Csv => {
                csv(records.map(|fields| columns().map(|it| cell(it, &fields[it])).collect()))?
            }
            Format::Jsonl => {
                records.flat_map(|it| format!("{}\n", Value::Object(it)).into_bytes()).collect()
            }
        })?;
        let Some(next) = page.next else { return Ok(()) };
        list = list.with_after(next);
    }
}

fn columns() -> impl Iterator<Item = &'static str> {
    FIELDS.into_iter().filter(|field| !WITHHELD.contains(field))
}

/// A record in the words of an import.
fn fields(record: &KeyRecord) -> Map<String, Value> {
    let instant = |at: Option<Timestamp>| Value::from(at.map(Timestamp::to_rfc3339_millis));
    let value = |field: &str| match field {
        "id" => record.id.as_str().into(),
        "name" => record.name.as_str().into(),
        "workspace" => record.workspace.as_str().into(),
        "kind" => record.kind.as_str().into(),
        "description" => record.description.as_deref().into(),
        "scopes" => match &record.grant {
            Grant::All => "all".into(),
            Grant::Only(scopes) => scopes.iter().collect(),
        },
        "resources" => match &record.resources {
            Resources::All => "all".into(),
            Resources::Only(ids) => json!(ids),
        },
        "networks" => {
            let networks = record.networks.as_ref();
            networks.map(|it| it.iter().map(|it| it.to_string()).collect::<Vec<_>>()).into()
        }
        "rate_limit_per_min" => record.rate_limit_per_min.map(NonZeroU32::get).into(),
        "created_by" => match &record.created_by {
            Some(Creator::Person(name)) => name.as_str().into(),
            _ => Value::Null,
        },
        "created_by_key" => match &record.created_by {
            Some(Creator::Key(id)) => id.as_str().into(),
            _ => Value::Null,
        },
        "created_at" => instant(Some(record.created_at)),
        "expires_at" => instant(record.expires_at),
        "revoked_at" => instant(record.revoked_at),
        "last_used_at" => instant(record.last_used_at),
        "rotated_to" => record.rotated_to.as_ref().map(KeyId::as_str).into(),
        "mask" => Some(record.mask.as_str()).filter(|mask| !mask.is_empty()).into(),
        "metadata" => record.metadata.clone().into(),
        _ => Value::Null,
    };
    columns().map(|field| (field.to_owned(), value(field))).collect()
}

/// As an import reads it again.
fn cell(field: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(words) if field != "resources" => {
            words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

fn csv(records: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = records.into_iter().try_for_each(|record| writer.write_record(record));
    let unusual = |error: String| Failure::environment(format!("cannot write CSV ({error})"));
    written.map_err(|error| unusual(error.to_string()))?;
    writer.into_inner().map_err(|error| unusual(error.to_string()))
}
