use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use keyward::redis::RedisPush;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::failure::{Failure, Result};

/// The file that counts where `--config` names none.
const FILE: &str = "keyward.toml";

/// What a file may say to the commands of this program. The command line wins over the environment,
/// and that over the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) store: Option<String>,
    pub(crate) dialect: Option<String>,
    workspace: Option<String>,
    #[serde(rename = "as")]
    actor: Option<String>,
    pub(crate) listen: Option<String>,
    pub(crate) operators: Option<String>,
    #[serde(default, deserialize_with = "duration")]
    pub(crate) max_staleness: Option<Duration>,
    #[serde(default, deserialize_with = "duration")]
    pub(crate) stale_if_error: Option<Duration>,
    pub(crate) redis: Option<String>,
    pub(crate) dashboard_password: Option<String>,
    pub(crate) behind_tls: Option<bool>,
    pub(crate) trusted_proxies: Option<Vec<String>>,
}

/// What every act on keys needs. Each can also stand in the environment or in a file.
#[derive(Args, Default)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Settings {
    /// Where the keys are: `sqlite://PATH`, `postgres://USER:PASSWORD@HOST/DATABASE`, or `memory:`
    /// for keys that end with this command
    #[arg(long, global = true, value_name = "URL", env = "KEYWARD_STORE", hide_env_values = true)]
    store: Option<String>,

    /// How the API speaks about keys: the name of a dialect, or the path of its .toml file; what
    /// the store remembers where it is left out
    #[arg(long, global = true, value_name = "NAME|FILE", env = "KEYWARD_DIALECT")]
    dialect: Option<String>,

    /// The workspace of a new key, `default` where none is named; in all else, only keys of this
    /// workspace
    #[arg(long, global = true, env = "KEYWARD_WORKSPACE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) workspace: Option<String>,

    /// Who acts, and so made a new key; `$USER` where nobody is named
    #[arg(long = "as", global = true, value_name = "NAME", env = "KEYWARD_AS")]
    actor: Option<String>,

    /// Tells the services of each change over this Redis, as they tell each other:
    /// `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`; PostgreSQL does without
    #[arg(long, global = true, value_name = "URL", env = "KEYWARD_REDIS", hide_env_values = true)]
    redis: Option<String>,

    /// The file of these settings, `keyward.toml` in the current folder where none is named
    #[arg(long, global = true, value_name = "FILE", env = "KEYWARD_CONFIG")]
    config: Option<PathBuf>,
}

impl Settings {
    /// Fills in from the file what was not said.
    pub(crate) fn with_file(self) -> Result<Self> {
        let file = File::open(self.config.as_deref())?;
        Ok(Self {
            store: self.store.or(file.store),
            dialect: self.dialect.or(file.dialect),
            workspace: self.workspace.or(file.workspace),
            actor: self.actor.or(file.actor),
            redis: self.redis.or(file.redis),
            config: self.config,
        })
    }

    pub(crate) fn store(&self) -> Result<&str> {
        let needed =
            "name the store: --store sqlite://PATH, KEYWARD_STORE, or `store` in keyward.toml";
        self.store.as_deref().ok_or_else(|| Failure::usage(needed))
    }

    /// The dialect that is named, or the one that the store remembers.
    pub(crate) fn dialect<'a>(&'a self, remembered: Option<&'a str>) -> Result<&'a str> {
        let needed = "name the dialect of the store: --dialect NAME, KEYWARD_DIALECT, or `dialect` \
                      in keyward.toml";
        self.dialect.as_deref().or(remembered).ok_or_else(|| Failure::usage(needed))
    }

    /// Over which Redis changes are told.
    pub(crate) fn push(&self) -> Result<Option<RedisPush>> {
        Ok(self.redis.as_deref().map(RedisPush::new).transpose()?)
    }

    /// Who acts.
    pub(crate) fn actor(&self) -> Option<String> {
        let named = self.actor.clone().or_else(|| env::var("USER").ok());
        named.filter(|name| !name.is_empty())
    }
}

impl File {
    /// Reads the file that is named, or else the one of the current folder, if there is one.
    pub(crate) fn open(named: Option<&Path>) -> Result<Self> {
        let Some(path) = named else { return Ok(read(Path::new(FILE))?.unwrap_or_default()) };
        read(path)?.ok_or_else(|| {
            let path = path.display();
            Failure::environment(format!("there is no file `{path}`: name another --config"))
        })
    }
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let duration = humantime::parse_duration(&text);
    duration.map(Some).map_err(|_| D::Error::custom("write a duration, such as \"5s\""))
}

/// The settings of a file, or none where there is no file.
fn read(path: &Path) -> Result<Option<File>> {
    let name = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::environment(format!("cannot read {name}: {error}"))),
    };
    toml::from_str(&text).map(Some).map_err(|error| {
        // Not the error's own text, which shows the line: a URL may hold a password.
        let start = error.span().unwrap_or_default().start;
        let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
        Failure::environment(format!("{name}: line {line}: {}", error.message()))
    })
}
