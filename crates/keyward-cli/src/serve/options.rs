use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use keyward::peer::TrustedProxies;

use crate::failure::{Failure, Result};
use crate::settings::File;

/// What `keyward serve` can be told, on the command line, in the environment or in a file.
#[derive(Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Serve {
    /// Where to listen, 127.0.0.1:8080 where nothing is named; port 0 picks a free one
    #[arg(long, value_name = "ADDR", env = "KEYWARD_LISTEN")]
    listen: Option<String>,

    /// Where the keys are: `sqlite://PATH`, `postgres://USER:PASSWORD@HOST/DATABASE`, or `memory:`
    /// for keys that end with the program; `sqlite://keyward.db` where nothing is named
    #[arg(long, value_name = "URL", env = "KEYWARD_STORE", hide_env_values = true)]
    store: Option<String>,

    /// How the API speaks about keys: the name of a dialect, or the path of its .toml file; what
    /// the store remembers where it is left out, and `standard` for a new store
    #[arg(long, value_name = "NAME|FILE", env = "KEYWARD_DIALECT")]
    dialect: Option<String>,

    /// Where the keys of operators are; a file beside the store where it is left out
    #[arg(long, value_name = "URL", env = "KEYWARD_OPERATORS", hide_env_values = true)]
    operators: Option<String>,

    /// Within which time a key that another process revoked is refused, 5s where nothing is named
    #[arg(long, value_name = "DURATION", env = "KEYWARD_MAX_STALENESS", value_parser = humantime::parse_duration)]
    max_staleness: Option<Duration>,

    /// For how long more known keys are let in while the store does not answer; not at all where
    /// nothing is named
    #[arg(long, value_name = "DURATION", env = "KEYWARD_STALE_IF_ERROR", value_parser = humantime::parse_duration)]
    stale_if_error: Option<Duration>,

    /// Over which Redis the processes of one store count requests together and tell each other of
    /// changes: `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`
    #[arg(long, value_name = "URL", env = "KEYWARD_REDIS", hide_env_values = true)]
    redis: Option<String>,

    /// The hash of a password that opens the dashboard too, as Argon2 writes it:
    /// `$argon2id$v=19$m=…,t=…,p=…$salt$hash`
    #[arg(long, value_name = "HASH", env = "KEYWARD_DASHBOARD_PASSWORD", hide_env_values = true)]
    dashboard_password: Option<String>,

    /// People reach the dashboard over TLS alone: its cookies go nowhere else
    #[arg(long, env = "KEYWARD_BEHIND_TLS")]
    behind_tls: bool,

    /// A gateway that says in `X-Forwarded-For` where a request comes from, such as 127.0.0.1/32;
    /// none where nothing is named; may be repeated
    #[arg(
        long = "trusted-proxy",
        value_name = "CIDR",
        env = "KEYWARD_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    trusted_proxies: Option<Vec<String>>,

    /// The file of these settings, `keyward.toml` in the current folder where none is named
    #[arg(long, value_name = "FILE", env = "KEYWARD_CONFIG")]
    config: Option<PathBuf>,
}

/// What counts.
pub(super) struct Options {
    pub(super) listen: String,
    pub(super) store: String,
    pub(super) dialect: Option<String>,
    pub(super) operators: String,
    pub(super) max_staleness: Duration,
    pub(super) stale_if_error: Duration,
    pub(super) redis: Option<String>,
    pub(super) dashboard_password: Option<String>,
    pub(super) behind_tls: bool,
    pub(super) trusted_proxies: TrustedProxies,
}

impl Serve {
    /// Fills in from the file what was not said, and then what is usual.
    pub(super) fn with_file(self) -> Result<Options> {
        let file = File::open(self.config.as_deref())?;
        let or = |said: Option<String>, usual: &str| said.unwrap_or_else(|| usual.to_owned());
        let store = or(self.store.or(file.store), "sqlite://keyward.db");
        let operators = self.operators.or(file.operators);
        Ok(Options {
            listen: or(self.listen.or(file.listen), "127.0.0.1:8080"),
            dialect: self.dialect.or(file.dialect),
            operators: operators.unwrap_or_else(|| beside(&store)),
            store,
            max_staleness: self
                .max_staleness
                .or(file.max_staleness)
                .unwrap_or(Duration::from_secs(5)),
            stale_if_error: self.stale_if_error.or(file.stale_if_error).unwrap_or_default(),
            redis: self.redis.or(file.redis),
            dashboard_password: self.dashboard_password.or(file.dashboard_password),
            behind_tls: self.behind_tls || file.behind_tls.unwrap_or_default(),
            trusted_proxies: match self.trusted_proxies.or(file.trusted_proxies) {
                Some(networks) => TrustedProxies::networks(networks.iter().map(String::as_str))
                    .map_err(|error| Failure::usage(format!("--trusted-proxy: {error}")))?,
                None => TrustedProxies::NONE,
            },
        })
    }
}

/// Where operators' keys are, for keys that are here: one store is of one dialect.
fn beside(store: &str) -> String {
    match store.split_once(':') {
        Some(("memory", _)) => store.to_owned(),
        Some(("sqlite", _)) => {
            let path = store.split('?').next().unwrap_or_default();
            format!("{}-operators.db", path.strip_suffix(".db").unwrap_or(path))
        }
        _ => "sqlite://keyward-operators.db".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_have_a_store_beside_that_of_the_keys() {
        for (store, operators) in [
            ("sqlite://keyward.db", "sqlite://keyward-operators.db"),
            ("sqlite:///var/lib/keys.db?mode=rwc", "sqlite:///var/lib/keys-operators.db"),
            ("sqlite://keys", "sqlite://keys-operators.db"),
            ("memory:", "memory:"),
            ("postgres://keyward@db/keys", "sqlite://keyward-operators.db"),
        ] {
            assert_eq!(beside(store), operators);
        }
    }
}
