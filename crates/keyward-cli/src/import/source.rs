use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::Format;
use super::rows::Rows;
use crate::failure::{Failure, Result};

/// A file that can be read twice.
pub(super) struct Source {
    file: File,
    length: u64,
    format: Format,
}

impl Source {
    /// Opens a file. What can be read only once is copied into a temporary file that nobody else can
    /// open.
    pub(super) fn open(path: &Path, format: Option<Format>) -> Result<Self> {
        let format = format.or_else(|| named(path)).ok_or_else(|| {
            Failure::usage("say what the file is: --format csv, or --format jsonl")
        })?;
        let wrong = |error: io::Error| {
            let path = path.display();
            Failure::environment(format!("cannot read {path} ({error}): name a file of keys"))
        };
        if path == Path::new("-") {
            return Self::spool(io::stdin().lock(), format).map_err(wrong);
        }
        let file = File::open(path).map_err(wrong)?;
        let metadata = file.metadata().map_err(wrong)?;
        if metadata.is_file() {
            return Ok(Self { file, length: metadata.len(), format });
        }
        Self::spool(file, format).map_err(wrong)
    }

    fn spool(mut from: impl Read, format: Format) -> io::Result<Self> {
        let mut file = tempfile::tempfile()?;
        let length = io::copy(&mut from, &mut file)?;
        Ok(Self { file, length, format })
    }

    /// Its records from the first on, and how far they are read.
    pub(super) fn rows(
        &self,
        step: &'static str,
    ) -> Result<(Rows<impl Read + use<>>, ProgressBar)> {
        let unusual = |error| Failure::environment(format!("cannot read the file again ({error})"));
        let mut file = self.file.try_clone().map_err(unusual)?;
        file.rewind().map_err(unusual)?;
        let style = "{msg} {wide_bar} {percent:>3} % {eta_precise}";
        let style =
            ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
        let progress = ProgressBar::new(self.length).with_style(style).with_message(step);
        Ok((Rows::of(progress.wrap_read(file), self.format), progress))
    }
}

fn named(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()? {
        "csv" => Some(Format::Csv),
        "jsonl" | "ndjson" => Some(Format::Jsonl),
        _ => None,
    }
}
