use std::collections::BTreeSet;

use keyward_tests::Program;
use rustix::process::Signal;

use crate::{SCRIBE_SIGHT, SCRIBE_SIGHT_ACTIX, Watched};

const OPERATIONS: &str = include_str!("../../../docs/operations.md");

#[tokio::test]
async fn metrics_are_not_where_clients_come() {
    for program in [SCRIBE_SIGHT, SCRIBE_SIGHT_ACTIX] {
        let watched = Watched::start(program).await;
        let public = watched.program.client("");
        let unknown = public.get_without_key("/nowhere").await;
        let metrics = public.get_without_key("/metrics").await;
        assert_eq!((metrics.status, unknown.status), (401, 401));
        assert!(!metrics.body.contains("keyward_"));
        assert_eq!(watched.metrics.get_without_key("/api/v1/projects").await.status, 404);
        watched.program.signal(Signal::TERM);
        let ended = watched.program.end().await;
        assert_eq!((ended.code, &*ended.stdout), (Some(0), ""));
    }
}

#[tokio::test]
async fn a_metrics_address_that_is_taken_is_told_before_any_key_is_made() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    for program in [SCRIBE_SIGHT, SCRIBE_SIGHT_ACTIX] {
        let arguments = ["--listen", "127.0.0.1:0", "--metrics", &address];
        let ended = Program::run(program, folder.path(), &arguments).await;
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        assert!(ended.stderr.contains("give another address with --metrics"), "{}", ended.stderr);
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "no store was made");
}

#[tokio::test]
async fn each_metric_is_in_the_documents_and_none_more() {
    let watched = Watched::start(SCRIBE_SIGHT).await;
    let polled = |metrics: &crate::Exposition| {
        metrics.samples.get("keyward_freshness_seconds").is_some_and(|age| age.is_finite())
    };
    let shown = watched.until("the first poll", polled).await;
    let names = shown.types.keys().map(String::as_str);
    let own: BTreeSet<&str> = names.filter(|name| name.starts_with("keyward_")).collect();
    let rows = OPERATIONS.lines().filter_map(|line| line.strip_prefix("| `keyward_"));
    let described: BTreeSet<String> = rows
        .filter_map(|row| row.split(['`', '{']).next())
        .map(|name| format!("keyward_{name}"))
        .collect();
    assert_eq!(own, described.iter().map(String::as_str).collect());
    let (_, alerts) = OPERATIONS.split_once("\n## Alerts\n").unwrap();
    let (alerts, _) = alerts.split_once("\n## ").unwrap();
    for word in alerts.split(|byte: char| !byte.is_ascii_alphanumeric() && byte != '_') {
        let name = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|part| word.strip_suffix(part))
            .unwrap_or(word);
        assert!(!name.starts_with("keyward_") || own.contains(name), "no such metric: {word}");
    }
}
