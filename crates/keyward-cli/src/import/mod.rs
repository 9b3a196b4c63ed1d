//! `keyward import`: keys of another system, by their digests.

mod algorithm;
mod csv;
mod faults;
mod fields;
mod form;
mod job;
mod lines;
mod rows;
mod seen;
mod source;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(crate) use self::form::FIELDS;

use self::algorithm::Algorithm;
use self::form::Form;
use self::job::Job;
use self::source::Source;
use crate::failure::Result;
use crate::keys::Session;
use crate::settings::Settings;

#[derive(Args)]
pub(crate) struct Import {
    #[command(flatten)]
    settings: Settings,

    /// The file of keys, or `-` for standard input
    file: PathBuf,

    /// What the file is; what its name says where it is left out
    #[arg(long)]
    format: Option<Format>,

    /// How keys became digests, where a line does not say it
    #[arg(long)]
    algorithm: Option<Algorithm>,

    /// The pepper of HMAC digests by its name in keyward.toml, where a line does not say it
    #[arg(long, value_name = "NAME")]
    pepper: Option<String>,

    /// Prints one JSON document, and errors as JSON
    #[arg(long)]
    json: bool,
}

/// How records stand in a file.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A header line that names the columns, then a record in each line
    Csv,
    /// A JSON object in each line
    Jsonl,
}

impl Import {
    pub(crate) async fn run(self) -> Result<()> {
        let source = Source::open(&self.file, self.format)?;
        let session = Session::open(self.settings.with_file()?, self.json, true).await?;
        let settings = &session.settings;
        let form = Form {
            algorithm: self.algorithm,
            pepper: self.pepper,
            workspace: settings.workspace.clone(),
            digests: &settings.digests,
        };
        let done = Job::new(&session, form, source).run().await;
        session.close().await;
        done
    }
}
