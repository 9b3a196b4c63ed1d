//! How keys become digests, as `keyward.toml` says it for every command.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

use keyward::key::{Pepper, Peppers};
use serde::Deserialize;

use crate::failure::{Failure, Result};

/// A pepper: its version, and where its secret is, which stands in no settings.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secret {
    version: u32,
    file: Option<PathBuf>,
    env: Option<String>,
}

/// What a key may be kept under beside the peppers.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Accepted {
    Sha256,
    Sha512,
}

/// The peppers by their names, and which digests count beside theirs.
#[derive(Default)]
pub(crate) struct Digests {
    peppers: BTreeMap<String, Secret>,
    accepted: Vec<Accepted>,
}

impl Digests {
    pub(crate) fn new(peppers: BTreeMap<String, Secret>, accepted: Vec<Accepted>) -> Self {
        Self { peppers, accepted }
    }

    /// Reads the secrets. New keys are kept under the pepper of the highest version.
    pub(crate) fn peppers(&self) -> Result<Peppers> {
        let mut newest_first: Vec<_> = self.peppers.iter().collect();
        newest_first.sort_by_key(|(_, secret)| Reverse(secret.version));
        let read = newest_first.into_iter().map(|(name, secret)| secret.read(name));
        let read = read.collect::<Result<Vec<Pepper>>>()?;
        let mut peppers = if read.is_empty() { Peppers::none() } else { Peppers::new(read)? };
        if self.accepts(Accepted::Sha256) {
            peppers = peppers.with_unpeppered();
        }
        if self.accepts(Accepted::Sha512) {
            peppers = peppers.with_sha512();
        }
        Ok(peppers)
    }

    /// The version of the pepper of this name.
    pub(crate) fn version(&self, name: &str) -> Option<u32> {
        self.peppers.get(name).map(|secret| secret.version)
    }

    /// Whether keys count that are kept under such digests.
    pub(crate) fn accepts(&self, digest: Accepted) -> bool {
        let is_usual = digest == Accepted::Sha256 && self.peppers.is_empty();
        is_usual || self.accepted.contains(&digest)
    }
}

impl Secret {
    fn read(&self, name: &str) -> Result<Pepper> {
        let bytes = match (&self.file, &self.env) {
            (Some(path), None) => {
                let mut bytes = fs::read(path).map_err(|error| {
                    let path = path.display();
                    Failure::environment(format!(
                        "cannot read the pepper `{name}` from {path}: {error}"
                    ))
                })?;
                // What an editor ends a file with is no part of the secret.
                for end in [b'\n', b'\r'] {
                    if bytes.last() == Some(&end) {
                        bytes.pop();
                    }
                }
                bytes
            }
            (None, Some(variable)) => {
                let value = env::var_os(variable).ok_or_else(|| {
                    Failure::environment(format!(
                        "the pepper `{name}` is to be in the variable {variable}, which is not set"
                    ))
                })?;
                value.into_encoded_bytes()
            }
            _ => {
                return Err(Failure::environment(format!(
                    "say in keyward.toml where the pepper `{name}` is: file = \"PATH\", or \
                     env = \"VARIABLE\""
                )));
            }
        };
        Ok(Pepper::new(self.version, bytes))
    }
}
