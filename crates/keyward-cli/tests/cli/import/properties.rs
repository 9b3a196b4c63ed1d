use std::process::{Command, Stdio};

use proptest::prelude::*;

use crate::support::{Desk, KEYWARD};

/// What looks like the beginning of a file, and what follows.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        &b"digest,name,scopes,workspace\n"[..],
        b"{\"digest\":",
        b"\"name\":\"abc\"",
        b"[]}{",
        b",,,\n",
        b"\"",
        b"\n",
        b"all",
        b"\xff\xfe",
    ]);
    let words = proptest::collection::vec(word, 0..12);
    let noise = proptest::collection::vec(any::<u8>(), 0..64);
    (words, noise).prop_map(|(words, noise)| [words.concat(), noise].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_stands_in_a_file_the_program_ends_in_order(bytes in file()) {
        let desk = Desk::new();
        for name in ["keys.csv", "keys.jsonl"] {
            std::fs::write(desk.folder().join(name), &bytes).unwrap();
            let mut command = Command::new(KEYWARD);
            command.env_clear().current_dir(desk.folder()).stdin(Stdio::null());
            let ended = command.args(["import", name, "--algorithm", "sha256"]).output().unwrap();
            let stderr = String::from_utf8_lossy(&ended.stderr);
            prop_assert!(matches!(ended.status.code(), Some(0 | 1)), "{stderr}");
            prop_assert!(!stderr.contains("panicked"), "{stderr}");
        }
    }
}
