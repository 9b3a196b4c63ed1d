//! What is different on a terminal: colours, widths, questions.

use std::time::Duration;

use pty_process::{Command, Pty, Size};
use rustix::termios::{LocalModes, tcgetattr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;
use tokio::time::timeout;

use crate::support::{Desk, KEYWARD, PATIENCE};

/// A call on a terminal of its own.
struct Terminal {
    pty: Pty,
    child: Child,
    shown: String,
}

impl Terminal {
    fn call(desk: &Desk, arguments: &[&str], environment: &[(&str, &str)], columns: u16) -> Self {
        let (pty, pts) = pty_process::open().unwrap();
        pty.resize(Size::new(24, columns)).unwrap();
        let child = Command::new(KEYWARD)
            .arg("keys")
            .args(arguments)
            .env_clear()
            .env("TERM", "xterm")
            .envs(environment.iter().copied())
            .current_dir(desk.folder())
            .kill_on_drop(true)
            .spawn(pts)
            .unwrap();
        Self { pty, child, shown: String::new() }
    }

    /// Reads until this is shown.
    async fn wait_for(&mut self, words: &str) {
        timeout(PATIENCE, async {
            while !self.shown.contains(words) {
                assert!(self.read().await, "`{words}` in {}", self.shown);
            }
        })
        .await
        .expect("an answer in time");
    }

    /// Waits until what is typed does not show.
    async fn wait_until_unseen(&self) {
        timeout(PATIENCE, async {
            while tcgetattr(&self.pty).unwrap().local_modes.contains(LocalModes::ECHO) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("a terminal without echo in time");
    }

    async fn type_line(&mut self, line: &str) {
        self.pty.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// The exit status, and all that was shown.
    async fn end(mut self) -> (Option<i32>, String) {
        timeout(PATIENCE, async {
            while self.read().await {}
            (self.child.wait().await.unwrap().code(), self.shown)
        })
        .await
        .expect("an end in time")
    }

    /// Whether there was more. A terminal whose program has ended is an error to read.
    async fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        match self.pty.read(&mut bytes).await {
            Ok(count) if count > 0 => {
                self.shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
                true
            }
            _ => false,
        }
    }
}

#[tokio::test]
async fn colours_are_for_terminals_and_not_for_those_who_want_none() {
    let desk = Desk::new();
    desk.create(&["--name", "abc"]).await;
    for (environment, coloured) in
        [(&[][..], true), (&[("NO_COLOR", "1")], false), (&[("TERM", "dumb")], false)]
    {
        let (code, shown) = Terminal::call(&desk, &["list"], environment, 200).end().await;
        assert_eq!(code, Some(0), "{shown}");
        assert!(shown.contains("abc"), "{shown}");
        assert_eq!(shown.contains('\u{1b}'), coloured, "{environment:?}: {shown:?}");
    }
    assert!(!desk.keys(&["list"]).await.stdout.contains('\u{1b}'));
}

#[tokio::test]
async fn a_table_is_cut_to_the_terminal_and_its_ids_stay_whole() {
    let desk = Desk::new();
    let long = "long ".repeat(40);
    let (id, _) = desk.create(&["--name", long.trim_end()]).await;
    for columns in [64, 80, 100, 140] {
        let no_color = [("NO_COLOR", "1")];
        let (_, shown) = Terminal::call(&desk, &["list"], &no_color, columns).end().await;
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines.len(), 2, "a key is one line: {shown}");
        assert!(lines[1].starts_with(&id) && lines[1].contains('…'), "{shown}");
        for line in lines {
            assert!(line.chars().count() <= usize::from(columns), "{columns}: {line}");
        }
    }
    let (_, shown) = Terminal::call(&desk, &["list"], &[], 80).end().await;
    assert!(shown.contains("long long") && shown.contains("active"), "readable: {shown}");
    assert!(desk.keys(&["list"]).await.stdout.contains(long.trim_end()), "in a pipe it is whole");
}

#[tokio::test]
async fn a_name_that_holds_escapes_is_harmless_on_a_terminal() {
    let desk = Desk::new();
    let (id, _) = desk.create(&["--name", "abc"]).await;
    desk.rename_in_store(&id, "a\u{1b}[2Jb\u{7}").await;
    for arguments in [&["list"][..], &["show", &id]] {
        let (_, shown) = Terminal::call(&desk, arguments, &[], 200).end().await;
        assert!(shown.contains(r"a\u{1b}[2Jb\u{7}"), "{shown:?}");
        assert!(!shown.contains("\u{1b}[2J") && !shown.contains('\u{7}'), "{shown:?}");
    }
    // As it is shown, it is typed.
    let mut terminal = Terminal::call(&desk, &["delete", &id], &[], 200);
    terminal.wait_for("Type its name").await;
    terminal.type_line(r"a\u{1b}[2Jb\u{7}").await;
    let (code, shown) = terminal.end().await;
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains("\u{1b}[2J"), "{shown:?}");
}

#[tokio::test]
async fn a_key_is_deleted_when_its_name_was_typed_and_not_otherwise() {
    let desk = Desk::new();
    let (id, _) = desk.create(&["--name", "production"]).await;
    for wrong in ["", "y", "yes", "produktion", &id] {
        let mut terminal = Terminal::call(&desk, &["delete", &id], &[], 200);
        terminal.wait_for("production").await;
        terminal.type_line(wrong).await;
        let (code, shown) = terminal.end().await;
        assert_eq!(code, Some(1), "{shown}");
        assert!(shown.contains("nothing was deleted"), "{shown}");
    }
    desk.json(&["show", &id]).await;
    let mut terminal = Terminal::call(&desk, &["delete", &id], &[], 200);
    terminal.wait_for("production").await;
    terminal.type_line("production").await;
    assert_eq!(terminal.end().await.0, Some(0));
    desk.keys(&["show", &id]).await.assert_failed(1, &["no key"]);
}

#[tokio::test]
async fn a_key_that_is_typed_is_not_seen() {
    let desk = Desk::new();
    let (id, key) = desk.create(&["--name", "abc"]).await;
    let mut terminal = Terminal::call(&desk, &["verify"], &[], 200);
    terminal.wait_for("Key: ").await;
    terminal.wait_until_unseen().await;
    terminal.type_line(&key).await;
    let (code, shown) = terminal.end().await;
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(&id) && shown.contains("The key is good"), "{shown}");
    assert!(!shown.contains(&key), "{shown}");
}

#[tokio::test]
async fn a_new_key_is_a_line_of_its_own_however_narrow_the_terminal() {
    let desk = Desk::new();
    let (code, shown) = Terminal::call(&desk, &["create", "--name", "abc"], &[], 30).end().await;
    assert_eq!(code, Some(0), "{shown}");
    let key = shown.lines().find(|line| line.starts_with("sk-bigspin-api03-")).unwrap();
    assert_eq!(desk.keys_with(key, &["verify"]).await.code, Some(0));
}
