use std::error::Error;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What is wrong with a dialect: one sentence, with the file and the line where there are any.
#[derive(Debug)]
pub struct DialectError {
    file: Option<PathBuf>,
    line: Option<usize>,
    sentence: String,
    source: Option<io::Error>,
}

/// A mistake somewhere in a form, before the text it came from is known.
pub(super) struct Fault {
    span: Range<usize>,
    sentence: String,
}

impl DialectError {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self { file: None, line: None, sentence: sentence.into(), source: None }
    }

    pub(super) fn toml(error: &toml::de::Error, text: &str) -> Self {
        let span = error.span().unwrap_or_default();
        // A sentence of the parser may have several lines.
        let sentence = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        Fault { span, sentence }.in_text(text)
    }

    pub(super) fn io(error: io::Error) -> Self {
        let sentence = format!("the file cannot be read: {error}");
        Self { source: Some(error), ..Self::new(sentence) }
    }

    pub(super) fn in_file(mut self, path: &Path) -> Self {
        self.file = Some(path.to_owned());
        self
    }

    /// The line of the file, from 1; `None` for a file that cannot be read and from the builder.
    pub fn line(&self) -> Option<usize> {
        self.line
    }
}

impl Fault {
    pub(super) fn new(span: Range<usize>, sentence: impl Into<String>) -> Self {
        Self { span, sentence: sentence.into() }
    }

    pub(super) fn in_text(self, text: &str) -> DialectError {
        let before = text.as_bytes().iter().take(self.span.start);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        DialectError { line: Some(line), ..DialectError::new(self.sentence) }
    }

    pub(super) fn in_builder(self) -> DialectError {
        DialectError::new(self.sentence)
    }
}

impl fmt::Display for DialectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.sentence)
    }
}

impl Error for DialectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as &(dyn Error + 'static))
    }
}
