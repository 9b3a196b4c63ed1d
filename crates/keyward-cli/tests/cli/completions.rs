//! The scripts by which shells complete command lines.

use std::process::Stdio;

use tokio::process::Command;

use crate::support::{Desk, KEYWARD, run};

async fn script(shell: &str) -> String {
    let mut command = Command::new(KEYWARD);
    command.args(["completions", shell]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = run(command, "").await;
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    ended.stdout
}

#[tokio::test]
async fn each_shell_completes_every_act() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = script(shell).await;
        for word in ["keyward", "create", "reactivate", "verify", "completions", "with-descendants"]
        {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[tokio::test]
async fn bash_completes_an_act_by_its_first_letters() {
    let desk = Desk::new();
    desk.write("keyward.bash", &script("bash").await);
    let complete = "set -eu; source keyward.bash; COMP_WORDS=(keyward keys re); COMP_CWORD=2; \
                    _keyward keyward re keys; echo \"${COMPREPLY[*]}\"";
    let mut command = Command::new("bash");
    command.args(["--norc", "-c", complete]).current_dir(desk.folder());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = run(command, "").await;
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    assert_eq!(ended.stdout.trim(), "revoke reactivate");
}
