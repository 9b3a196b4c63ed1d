//! Files that somebody broke.

use keyward_core::clock::Timestamp;
use keyward_core::dialect::Dialect;
use keyward_core::verify::{Rejection, RejectionKind};
use proptest::prelude::*;

const FILES: [&str; 5] = [
    include_str!("../../dialects/standard.toml"),
    include_str!("../../dialects/bigspin.toml"),
    include_str!("../../dialects/scribe-sight.toml"),
    include_str!("../../dialects/onepin.toml"),
    include_str!("../../dialects/systemprompt.toml"),
];

/// Loads a text and uses what comes of it; an error must name a line of the text.
fn load(text: &str) -> Result<(), TestCaseError> {
    match Dialect::from_toml(text) {
        Err(error) => {
            let line = error.line().unwrap();
            let sentence = error.to_string();
            let start = format!("line {line}: ");
            prop_assert!((1..=text.lines().count() + 1).contains(&line), "{}", sentence);
            prop_assert!(sentence.starts_with(&start) && sentence.len() > start.len());
            prop_assert!(!sentence.contains('\n'), "{}", sentence);
        }
        Ok(dialect) => {
            for kind in RejectionKind::ALL {
                let refusal =
                    dialect.refuse(&Rejection::new(kind), "\"", Timestamp::from_millis(0));
                let body = serde_json::from_slice::<serde_json::Value>(&refusal.body);
                prop_assert!(body.is_ok(), "{kind}");
                prop_assert!((400..=599).contains(&refusal.status));
            }
            for kind in dialect.kinds().iter().filter(|kind| kind.is_issued()) {
                let id = dialect.kind_id(kind.name()).unwrap();
                let key = dialect.issue(id).unwrap();
                let recognised = dialect.recognise(key.expose().as_bytes());
                prop_assert_eq!(recognised, keyward_core::dialect::Recognised::Key(id));
                let _ = dialect.mask(&key);
            }
            let _ = dialect.new_request_id();
        }
    }
    Ok(())
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn a_changed_byte_is_read_or_named(
        file in 0..FILES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = FILES[file].as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        load(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn a_changed_number_or_word_is_read_or_named(
        file in 0..FILES.len(),
        at in any::<prop::sample::Index>(),
        to in prop::sample::select(vec![
            "0", "1", "-1", "99999999999999999999", "18446744073709551615", "9223372036854775807",
            "4294967296", "\"\"", "\"_\"", "[]", "{}", "true", "nan", "\"all\"", "\"base36\"",
            "{{", "}}", "'{{x}}'",
        ]),
    ) {
        let mut lines = lines(FILES[file]);
        let values: Vec<usize> =
            (0..lines.len()).filter(|index| lines[*index].contains(" = ")).collect();
        let at = values[at.index(values.len())];
        let changed = format!("{} = {to}", lines[at].split(" = ").next().unwrap_or_default());
        lines[at] = &changed;
        load(&lines.join("\n"))?;
    }

    #[test]
    fn a_number_inside_a_line_is_read_or_named(
        file in 0..FILES.len(),
        at in any::<prop::sample::Index>(),
        to in any::<i64>(),
    ) {
        let text = FILES[file];
        let digits: Vec<usize> = text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
        let at = digits[at.index(digits.len())];
        load(&format!("{}{to}{}", &text[..at], &text[at + 1..]))?;
    }

    #[test]
    fn a_line_that_is_gone_or_there_twice_is_read_or_named(
        file in 0..FILES.len(),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        gone in any::<bool>(),
    ) {
        let mut lines = lines(FILES[file]);
        let line = lines[from.index(lines.len())];
        if gone {
            lines.remove(from.index(lines.len()));
        } else {
            lines.insert(to.index(lines.len()), line);
        }
        load(&lines.join("\n"))?;
    }

    #[test]
    fn any_text_is_read_or_named(text in "(.|\n){0,200}") {
        load(&text)?;
    }
}
