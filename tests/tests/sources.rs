//! What the examples and the documentation must not teach.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// Extractors that refuse.
const EXTRACTORS: [&str; 5] =
    ["ApiKey", "RequireScope", "RequireResource", "PerEnvironment", "Caller"];

/// The extractors that some code asks for as if a refusal were one more kind of guest. In actix-web
/// that lets everybody in: it makes a `None` of every refusal, and of a missing layer.
fn softened(code: &str) -> Vec<&str> {
    let wrapped = code.match_indices("Option<").chain(code.match_indices("Result<"));
    // What a function gives is no argument.
    let taken = wrapped.filter(|(at, _)| !code[..*at].trim_end().ends_with("->"));
    let names = taken.map(|(at, wrapper)| {
        let path = code[at + wrapper.len()..].trim_start();
        let is_of_path = |letter: char| letter.is_alphanumeric() || "_:".contains(letter);
        let path = path.split(|letter| !is_of_path(letter)).next().unwrap_or_default();
        path.rsplit("::").next().unwrap_or_default()
    });
    let asked = code.match_indices("Key::of(").filter_map(|(at, call)| {
        let (_extensions, after) = code[at + call.len()..].split_once(')')?;
        let after = after.trim_start_matches(')').trim_start();
        after.starts_with(".ok()").then_some("ApiKey")
    });
    names.filter(|name| EXTRACTORS.contains(name)).chain(asked).collect()
}

/// The lines that somebody may copy: of Markdown what stands between fences, of Rust what is no
/// comment.
fn code(path: &Path, text: &str) -> String {
    if path.extension().is_some_and(|extension| extension == "md") {
        return fenced(text.lines());
    }
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The examples in the documentation of some Rust.
fn examples(text: &str) -> String {
    fenced(text.lines().filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))
    }))
}

/// What stands between fences, less what must not compile.
fn fenced<'l>(lines: impl Iterator<Item = &'l str>) -> String {
    let (mut is_open, mut is_taken) = (false, false);
    let lines = lines.filter(|line| {
        if line.trim_start().starts_with("```") {
            is_open = !is_open;
            is_taken = is_open && !line.contains("compile_fail");
            return false;
        }
        is_taken
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Every Rust and Markdown file in a folder, or the file.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() {
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        return entries.flat_map(|entry| files(&entry)).collect();
    }
    let is_read = path.extension().is_some_and(|extension| extension == "rs" || extension == "md");
    if is_read { vec![path.to_owned()] } else { Vec::new() }
}

#[test]
fn no_example_makes_a_guest_of_whoever_was_refused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read: Vec<PathBuf> =
        ["examples", "docs", "README.md"].iter().flat_map(|path| files(&root.join(path))).collect();
    for end in ["bigspin/actix/api.rs", "docs/architecture.md", "README.md"] {
        assert!(read.iter().any(|path| path.ends_with(end)), "{end} is read");
    }
    for path in read {
        let text = fs::read_to_string(&path).unwrap();
        let found = softened(&code(&path, &text)).join(", ");
        assert_eq!(found, "", "{}: ask for a `MaybeApiKey` instead", path.display());
    }

    let documented: Vec<PathBuf> = files(&root.join("crates"));
    assert!(documented.iter().any(|path| path.ends_with("keyward-actix/src/key.rs")));
    for path in documented {
        let found = softened(&examples(&fs::read_to_string(&path).unwrap())).join(", ");
        assert_eq!(found, "", "{}: ask for a `MaybeApiKey` instead", path.display());
    }
}

#[test]
fn what_must_not_be_taught_is_found_however_it_is_written() {
    for (text, found) in [
        ("async fn list(key: Option<ApiKey>) {}", 1),
        ("async fn list(key: Option<keyward::actix::ApiKey>) {}", 1),
        (
            "async fn list(\n    key: Result<\n        RequireScope<\"read\">,\n        Refused,\n    >,\n) {}",
            1,
        ),
        (
            "async fn list(key: Option<RequireResource<\"id\">>, who: Result<Caller<Claims>, Error>) {}",
            2,
        ),
        ("async fn list(key: MaybeApiKey, page: Option<Page>, secret: Option<PlainKey>) {}", 0),
        ("    // Not Option<ApiKey>.", 0),
        ("fn key(request: &Request) -> Result<ApiKey, Refused> {}", 0),
        ("let key = ApiKey::of(request.extensions()).ok();", 1),
        ("let key = keyward::tower::ApiKey::of(&head.extensions)\n    .ok();", 1),
        ("let key = ApiKey::of(&head.extensions)?;", 0),
    ] {
        assert_eq!(softened(&code(Path::new("api.rs"), text)).len(), found, "{text}");
    }
    let page = "Not `Option<ApiKey>`:\n```rust\nfn list(key: Option<ApiKey>) {}\n```\n";
    assert_eq!(softened(&code(Path::new("page.md"), page)), ["ApiKey"]);
    let documented =
        "/// ```\n/// fn list(key: Option<ApiKey>) {}\n/// ```\nstruct Key(Option<ApiKey>);";
    assert_eq!(softened(&examples(documented)), ["ApiKey"]);
}
