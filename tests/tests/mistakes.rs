//! Mistakes of whoever puts keyward together: one sentence each, which says what to write instead.

use std::fmt::Display;
use std::fs;
use std::time::Duration;

use keyward::dialect::Dialect;
use keyward::manage::{KeyManager, ManageErrorKind};
use keyward::store::{MemoryStore, SqliteStore, StoreErrorKind};
use keyward::verify::{Verifier, VerifierBuilder};
use keyward::{ConfigError, Scope};

/// One line that names the mistake and its cure, in so many words.
#[track_caller]
fn assert_says(error: &impl Display, mistake: &str, cure: &str) {
    let sentence = error.to_string();
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    assert!(sentence.contains(mistake), "{sentence}");
    assert!(sentence.contains(cure), "{sentence}");
}

fn builder() -> VerifierBuilder {
    Verifier::builder(Dialect::bigspin(), MemoryStore::new())
}

#[test]
fn a_dialect_that_is_wrong_names_its_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.toml");
    let missing = Dialect::from_file(&path).unwrap_err();
    assert_says(&missing, "acme.toml", "cannot be read");

    for (text, line, mistake) in [
        ("name = \"acme\"\nrealm = 7\n", 2, "string"),
        ("name = \"acme\"\ncolour = \"red\"\n", 2, "colour"),
        ("name = \"acme\nrealm = \"acme\"\n", 1, "string"),
    ] {
        fs::write(&path, text).unwrap();
        let error = Dialect::from_file(&path).unwrap_err();
        assert_eq!(error.line(), Some(line), "{error}");
        assert_says(&error, &format!("acme.toml: line {line}: "), mistake);
    }
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert_says(&Dialect::from_file(&path).unwrap_err(), "acme.toml", "UTF-8");
}

#[tokio::test]
async fn a_store_remembers_its_dialect() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let file = SqliteStore::open(path.to_str().unwrap()).await.unwrap();
    let memory = MemoryStore::new();
    KeyManager::builder(Dialect::bigspin(), file.clone()).open().await.unwrap();
    KeyManager::builder(Dialect::bigspin(), memory.clone()).open().await.unwrap();
    file.close().await;

    let file = SqliteStore::open(path.to_str().unwrap()).await.unwrap();
    for refused in [
        KeyManager::builder(Dialect::standard(), file.clone()).open().await.unwrap_err(),
        KeyManager::builder(Dialect::standard(), memory.clone()).open().await.unwrap_err(),
    ] {
        assert_eq!(refused.kind(), ManageErrorKind::Conflict);
        assert_says(&refused, "the dialect `bigspin`, not `standard`", "a store of its own");
    }
    KeyManager::builder(Dialect::bigspin(), file).open().await.unwrap();
    KeyManager::builder(Dialect::bigspin(), memory).open().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_store_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let letter = folder.path().join("letter.txt");
    fs::write(&letter, "Dear reader, ".repeat(100)).unwrap();
    let error = SqliteStore::open(letter.to_str().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    assert_says(&error, "letter.txt", "give the path of a keyward database");

    let nowhere = folder.path().join("no/such/folder/keys.db");
    let error = SqliteStore::open(nowhere.to_str().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert_says(&error, "no/such/folder", "give the path of a file in a folder that exists");

    let error = SqliteStore::open("sqlite::memory:").await.unwrap_err();
    assert_says(&error, "names no file", "use a MemoryStore");
}

#[tokio::test]
async fn a_verifier_that_cannot_work_is_not_built() {
    let refused = |built: Result<Verifier, ConfigError>| built.unwrap_err();
    for staleness in [Duration::ZERO, Duration::from_millis(99), Duration::from_secs(3601)] {
        let error = refused(builder().with_max_staleness(staleness).build());
        assert_says(&error, "max_staleness", "between 100 ms and one hour");
    }
    let error = refused(builder().with_lookup_timeout(Duration::ZERO).build());
    assert_says(&error, "lookup timeout", "above zero");
}

#[test]
fn a_verifier_outside_a_runtime_is_not_built() {
    assert_says(&builder().build().unwrap_err(), "tokio runtime", "build the verifier inside");
}

#[tokio::test]
async fn a_catalogue_that_differs_from_the_dialects_is_not_built() {
    #[derive(Scope)]
    enum More {
        /// Read.
        ProjectsRead,
        /// Write.
        ProjectsWrite,
        /// Write, formerly.
        HalfpipeTranscriptsWrite,
        /// Nobody knows it.
        ProjectsAdmin,
    }
    #[derive(Scope)]
    enum Fewer {
        /// Read.
        ProjectsRead,
        /// Write, formerly.
        HalfpipeTranscriptsWrite,
    }
    let error = builder().catalogue::<More>().build().unwrap_err();
    assert_says(&error, "`projects-admin`", "the dialect `bigspin` has not");
    let error = builder().catalogue::<Fewer>().build().unwrap_err();
    assert_says(&error, "`projects-write`", "the application has not");
}
