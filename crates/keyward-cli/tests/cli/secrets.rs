//! A key shows once, on standard output, and nowhere else.

use std::fs;

use crate::support::{Desk, Ended, run, text};

/// A call whose log tells everything.
async fn loud(desk: &Desk, stdin: &str, arguments: &[&str]) -> Ended {
    let mut command = desk.command(arguments);
    command.env("RUST_LOG", "trace");
    let ended = run(command, stdin).await;
    assert!(ended.stderr.contains("DEBUG sqlx"), "a log: {}", ended.stderr);
    ended
}

#[tokio::test]
async fn a_key_is_on_standard_output_once_and_in_no_log_and_no_file() {
    let desk = Desk::new();
    let created = loud(&desk, "", &["create", "--name", "abc"]).await;
    let lines = created.stdout.lines().filter(|line| line.starts_with("sk-bigspin-api03-"));
    let keys: Vec<&str> = lines.collect();
    assert_eq!(keys.len(), 1, "a line of its own: {}", created.stdout);
    let key = keys[0];
    assert!(created.stderr.contains("this once"), "{}", created.stderr);
    let id = text(&desk.json(&["list"]).await[0]["id"]);

    let rotated = loud(&desk, "", &["rotate", &id, "--grace", "1h", "--json"]).await;
    let new = text(&rotated.json()["key"]);
    let mut ended = vec![
        loud(&desk, key, &["verify"]).await,
        loud(&desk, key, &["verify", "--json", "--scope", "projects-read"]).await,
        loud(&desk, &format!("{key}x"), &["verify"]).await,
        loud(&desk, "", &["list"]).await,
        loud(&desk, "", &["show", &id, "--json"]).await,
        loud(&desk, "", &["update", &id, "--name", "def"]).await,
        loud(&desk, "", &["revoke", &id]).await,
        loud(&desk, key, &["verify", "--json"]).await,
        loud(&desk, "", &["delete", &id, "--yes"]).await,
    ];
    ended.push(Ended { stdout: String::new(), ..created.clone() });
    ended.push(Ended { stdout: String::new(), ..rotated.clone() });
    for (shown, stdout) in [(key, &created.stdout), (&new, &rotated.stdout)] {
        // What no mask shows.
        let hidden = &shown["sk-bigspin-api03-".len()..shown.len() - 4];
        assert_eq!(stdout.matches(hidden).count(), 1);
        for ended in &ended {
            assert!(!ended.stdout.contains(hidden) && !ended.stderr.contains(hidden), "{ended:?}");
        }
        for file in fs::read_dir(desk.folder()).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(hidden.len()).any(|window| window == hidden.as_bytes()));
        }
    }
}
