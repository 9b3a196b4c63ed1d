//! How an act that is not done ends: one sentence, and a status that scripts can trust.

use std::fs::File;
use std::io;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Desk, run, text};

#[tokio::test]
async fn a_command_line_that_asks_for_what_cannot_be_ends_with_2() {
    let desk = Desk::new();
    let (id, _) = desk.create(&["--name", "abc"]).await;
    for (arguments, word) in [
        (&["create"][..], "--name"),
        (&["create", "--name", "ab"], "3 to 255"),
        (&["create", "--name", "abc", "--scope", "projects-raed"], "projects-raed"),
        (&["create", "--name", "abc", "--scope", ""], "name a scope"),
        (&["create", "--name", "abc", "--scope", " , "], "name a scope"),
        (
            &["create", "--name", "abc", "--scope", "projects-read", "--full-access"],
            "--full-access",
        ),
        (&["create", "--name", "abc", "--resource", ""], "--resource"),
        (&["create", "--name", "abc", "--kind", "live"], "--kind"),
        (&["create", "--name", "abc", "--expires-in", "soon"], "--expires-in"),
        (&["create", "--name", "abc", "--expires-in", "0s"], "future"),
        (&["create", "--name", "abc", "--expires-in", "9000y"], "9999"),
        (&["create", "--name", "abc", "--expires-in", "500000000000y"], "--expires-in"),
        (&["create", "--name", "abc", "--expires-at", "2020-01-01T00:00:00Z"], "future"),
        (&["create", "--name", "abc", "--expires-at", "tomorrow"], "2027-01-31T12:00:00Z"),
        (&["create", "--name", "abc", "--rate-limit-per-min", "0"], "--rate-limit-per-min"),
        (&["create", "--name", "abc", "--rate-limit-per-min", "-1"], "-1"),
        (&["create", "--name", "abc", "--workspace", ""], "--workspace"),
        (&["update", &id], "--no-expiry"),
        (&["update", &id, "--name", "x"], "3 to 255"),
        (&["update", &id, "--no-expiry", "--expires-in", "1d"], "--no-expiry"),
        (&["rotate", &id, "--grace", "a while"], "--grace"),
        (&["rotate", &id, "--retry-token", &"t".repeat(200)], "--retry-token"),
        (&["list", "--status", "good"], "--status"),
        (&["verify", "--scope", "a || b"], "--scope"),
        (&["delete", &id], "--yes"),
        (&["list", "--dialect", "standrad"], "standard"),
        (&["list", "--dialect", "./none.toml"], "none.toml"),
        (&["list", "--dialect", "standard"], "open it with `bigspin`"),
        (&["list", "--store", "sqlite://none.db"], "--store"),
        (&["list", "--store", "none.db"], "sqlite://PATH"),
        (&["list", "--store", "postgres://ada:hunter2@127.0.0.1:1/keys"], "127.0.0.1:1"),
        (&["list", "--store", "mysql://ada:hunter2@localhost/keys"], "sqlite://PATH"),
        (&["fly"], "fly"),
        (&[], "keyward keys"),
    ] {
        let ended = desk.keys(arguments).await;
        ended.assert_failed(2, &[word]);
        assert_eq!(ended.stdout, "", "{arguments:?}");
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);

        let ended = desk.keys(&[arguments, &["--json"]].concat()).await;
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{arguments:?}");
        let error: Value = serde_json::from_str(&ended.stderr).expect(&ended.stderr);
        let kind = text(&error["error"]["kind"]);
        assert!(["usage", "environment", "unavailable"].contains(&&*kind), "{kind}");
        let message = text(&error["error"]["message"]);
        assert!(message.contains(word) && !message.contains('\n'), "{message}");
    }
    assert!(!desk.folder().join("none.db").exists(), "a store that was asked for is not made");
    assert_eq!(desk.json(&["list"]).await.as_array().unwrap().len(), 1, "nothing was done");
}

#[tokio::test]
async fn an_act_that_is_refused_or_finds_no_key_ends_with_1() {
    let desk = Desk::new();
    let (id, _) = desk.create(&["--name", "abc"]).await;
    desk.json(&["revoke", &id]).await;
    let scribe = ["--store", "sqlite://s.db", "--dialect", "scribe-sight"];
    let (final_id, _) = desk.create(&[&["--name", "abc"][..], &scribe].concat()).await;
    desk.json(&[&["revoke", &final_id][..], &scribe].concat()).await;
    for (arguments, kind, word) in [
        (vec!["show", "none"], "not_found", "`none`"),
        (vec!["rotate", &id], "conflict", "revoked"),
        ([&["reactivate", &final_id][..], &scribe].concat(), "conflict", "reactivated"),
    ] {
        desk.keys(&arguments).await.assert_failed(1, &[word]);
        let ended = desk.keys(&[&arguments[..], &["--json"]].concat()).await;
        assert_eq!((ended.code, &*ended.stdout), (Some(1), ""));
        let error: Value = serde_json::from_str(&ended.stderr).unwrap();
        assert_eq!(error["error"]["kind"], kind);
        assert!(text(&error["error"]["message"]).contains(word));
    }
}

#[tokio::test]
async fn a_key_that_nobody_could_read_is_named_so_that_it_can_be_removed() {
    let desk = Desk::new();
    for arguments in [&["create", "--name", "abc"][..], &["create", "--name", "abc", "--json"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        for stdout in [full.into(), unread()] {
            let mut command = desk.command(arguments);
            command.stdout::<Stdio>(stdout);
            let ended = run(command, "").await;
            let listed = desk.json(&["list"]).await;
            ended.assert_failed(2, &["keyward keys delete", listed[0]["id"].as_str().unwrap()]);
            assert!(!ended.stderr.contains("sk-bigspin"), "{}", ended.stderr);
        }
    }
}

#[tokio::test]
async fn nobody_has_to_read_what_is_told_beside() {
    let desk = Desk::new();
    let (_, key) = desk.create(&["--name", "abc"]).await;
    for (arguments, code) in [
        (&["create", "--name", "abc"][..], 0),
        (&["verify"], 0),
        (&["list", "--status", "revoked"], 0),
        (&["show", "none"], 1),
        (&["show", "none", "--json"], 1),
        (&["delete", "none"], 1),
        (&["fly"], 2),
    ] {
        let mut command = desk.command(arguments);
        command.stderr(unread());
        assert_eq!(run(command, &key).await.code, Some(code), "{arguments:?}");
    }
}

/// A pipe that nobody reads any more.
fn unread() -> Stdio {
    let (_, writer) = io::pipe().unwrap();
    writer.into()
}

#[tokio::test]
async fn a_name_that_holds_escapes_is_harmless_wherever_it_shows() {
    let desk = Desk::new();
    let name = "a\u{1b}[2Jb\u{9b}31m\u{202e}c";
    let (id, key) = desk.create(&["--name", "abc"]).await;
    desk.rename_in_store(&id, name).await;
    let shown = r"a\u{1b}[2Jb\u{9b}31m\u{202e}c";
    for ended in [
        desk.keys(&["list"]).await,
        desk.keys(&["show", &id]).await,
        desk.keys_with(&key, &["verify"]).await,
        desk.keys(&["delete", &id, "--yes"]).await,
    ] {
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let all = ended.stdout + &ended.stderr;
        assert!(all.contains(shown), "{all}");
        assert!(!all.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{all}");
    }
    let ended = desk.keys(&["show", name]).await;
    ended.assert_failed(1, &["no key"]);
    assert!(!ended.stderr.contains('\u{1b}'), "{}", ended.stderr);
}
