use std::fmt;
use std::process::ExitCode;

use clap::error::ErrorKind;
use keyward::ConfigError;
use keyward::dialect::DialectError;
use keyward::manage::{ManageError, ManageErrorKind};
use keyward::store::StoreError;
use serde_json::json;

use crate::output;
use crate::show::harmless;

/// Why an act was not done: one sentence that says what is wrong and what to do.
pub(crate) struct Failure {
    kind: Kind,
    message: String,
}

/// What a script may want to tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command line asks for what cannot be.
    Usage,
    /// Something around the program is not as it must be: a file, a terminal, standard output.
    Environment,
    /// The store cannot be opened, or does not answer.
    Unavailable,
    /// A key may not give more than it has.
    Denied,
    /// There is no such key.
    NotFound,
    /// The key is not in a state for this, or somebody else was faster.
    Conflict,
    /// The key is not good, or whoever was asked did not say yes.
    Refused,
    /// SIGINT, before all was shown.
    Interrupted,
    /// Nobody reads standard output any more, as behind `| head`. Nothing is wrong.
    Unread,
}

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    pub(crate) fn environment(message: impl Into<String>) -> Self {
        Self::new(Kind::Environment, message)
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Tells it on standard error, and says how the program ends.
    pub(crate) fn tell(&self, json: bool) -> ExitCode {
        if self.kind != Kind::Unread {
            if json {
                let error = json!({"kind": self.kind.as_str(), "message": self.message});
                output::tell(&json!({"error": error}).to_string());
            } else {
                output::tell(&harmless(&self.message));
            }
        }
        self.kind.code().into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Environment => "environment",
            Self::Unavailable => "unavailable",
            Self::Denied => "denied",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::Interrupted => "interrupted",
            Self::Unread => "unread",
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Unread => 0,
            Self::Denied | Self::NotFound | Self::Conflict | Self::Refused => 1,
            Self::Usage | Self::Environment | Self::Unavailable => 2,
            // What a shell says of a program that SIGINT ended.
            Self::Interrupted => 130,
        }
    }
}

impl From<ManageError> for Failure {
    fn from(error: ManageError) -> Self {
        let kind = match error.kind() {
            ManageErrorKind::Invalid => Kind::Usage,
            ManageErrorKind::Denied => Kind::Denied,
            ManageErrorKind::NotFound => Kind::NotFound,
            ManageErrorKind::Conflict => Kind::Conflict,
            _ => Kind::Unavailable,
        };
        let option = match error.field() {
            Some("scopes") => " (--scope)".to_owned(),
            Some("resources") => " (--resource)".to_owned(),
            Some(field) => format!(" (--{})", field.replace('_', "-")),
            None => String::new(),
        };
        Self::new(kind, format!("{error}{option}"))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(Kind::Unavailable, error.to_string())
    }
}

impl From<DialectError> for Failure {
    fn from(error: DialectError) -> Self {
        Self::environment(error.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::environment(error.to_string())
    }
}

impl From<clap::Error> for Failure {
    /// The sentence alone, without the usage and the hints that follow it.
    fn from(error: clap::Error) -> Self {
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Self::usage("name what is to be done, such as `keyward keys list`");
        }
        let text = error.render().to_string();
        let sentence = text.split("\n\n").next().unwrap_or_default();
        let sentence = sentence.strip_prefix("error: ").unwrap_or(sentence);
        Self::usage(sentence.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}
