use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Parser};

/// What every program can be told.
#[derive(Debug, Parser)]
pub struct Options {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: String,

    /// Where the keys are: `sqlite://PATH`, `postgres://USER:PASSWORD@HOST/DATABASE`, or `memory:`
    /// for keys that end with the program
    #[arg(long, value_name = "URL")]
    pub store: String,

    /// Within which time a key that another process revoked is refused, such as 500ms, 5s or 1m
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = humantime::parse_duration)]
    pub max_staleness: Duration,

    /// For how long more known keys are let in while the store does not answer
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    pub stale_if_error: Duration,

    /// Over which Redis the processes of one store count requests together and tell each other of
    /// changes: `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`
    #[arg(long, value_name = "URL", env = "KEYWARD_REDIS", hide_env_values = true)]
    pub redis: Option<String>,

    /// How long a request waits for that Redis to count it, before its process counts by itself
    #[arg(long, value_name = "DURATION", default_value = "100ms", value_parser = humantime::parse_duration)]
    pub redis_timeout: Duration,

    /// Where to show metrics to Prometheus, at `/metrics`, such as 127.0.0.1:9464: not where clients
    /// come
    #[arg(long, value_name = "ADDR", env = "KEYWARD_METRICS")]
    pub metrics: Option<String>,
}

impl Options {
    /// Reads the command line of a program, whose name is also that of its default store. Ends the
    /// process with status 2 when the command line is wrong.
    pub fn of(program: &'static str) -> Self {
        let default = format!("sqlite://{program}.db");
        let command = Self::command()
            .name(program)
            .about(None)
            .mut_arg("store", |store| store.required(false).default_value(default));
        Self::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
    }
}
