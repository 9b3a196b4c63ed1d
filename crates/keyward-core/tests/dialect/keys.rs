use std::collections::HashSet;

use keyward_core::clock::Timestamp;
use keyward_core::dialect::{Dialect, IssueError, KindForm, Location, Recognised};
use keyward_core::key::PlainKey;
use proptest::prelude::*;

fn builtins() -> [Dialect; 5] {
    Dialect::BUILT_IN.map(|name| Dialect::named(name).unwrap())
}

#[test]
fn a_built_in_dialect_has_the_name_it_is_asked_for_by() {
    assert_eq!(builtins().each_ref().map(Dialect::name), Dialect::BUILT_IN);
    assert!(Dialect::named("Bigspin").is_none());
}

#[test]
fn issued_keys_are_recognised_as_their_kind_and_never_repeat() {
    for dialect in builtins() {
        for kind in dialect.kinds() {
            let id = dialect.kind_id(kind.name()).unwrap();
            let mut seen = HashSet::new();
            for _ in 0..200 {
                let key = dialect.issue(id).unwrap();
                assert_eq!(dialect.recognise(key.expose().as_bytes()), Recognised::Key(id));
                assert!(key.expose().starts_with(kind.prefix()));
                assert!(seen.insert(key.expose().to_owned()));
            }
        }
    }
}

#[test]
fn issued_keys_have_the_form_of_their_api() {
    for (dialect, kind, prefix, length) in [
        ("standard", "live", "kw_live_", 36),
        ("standard", "test", "kw_test_", 36),
        ("bigspin", "secret", "sk-bigspin-api03-", 43),
        ("scribe-sight", "secret", "sk_live_", 28),
        ("scribe-sight", "publishable", "pk_live_", 28),
        ("onepin", "live", "pk_live_", 32),
        ("systemprompt", "live", "sp_live_", 32),
        ("systemprompt", "test", "sp_test_", 32),
    ] {
        let name = dialect;
        let dialect = Dialect::named(name).unwrap();
        let key = dialect.issue(dialect.kind_id(kind).unwrap()).unwrap();
        let body = key.expose().strip_prefix(prefix).unwrap();
        assert_eq!(body.len(), length);
        assert!(body.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let lower = !body.bytes().any(|byte| byte.is_ascii_uppercase());
        assert_eq!(lower, name == "systemprompt", "{body}");
    }
}

#[test]
fn every_character_is_as_likely_as_any_other() {
    let bigspin = Dialect::bigspin();
    let secret = bigspin.kind_id("secret").unwrap();
    let mut counts = [0_u32; 256];
    for _ in 0..4000 {
        let key = bigspin.issue(secret).unwrap();
        for byte in &key.expose().as_bytes()[17..] {
            counts[usize::from(*byte)] += 1;
        }
    }
    // 2774 are expected of each of 62. A byte modulo 62 would give the first eight 3359; ten
    // standard deviations of an even draw are 520.
    let drawn: Vec<u32> = counts.into_iter().filter(|count| *count > 0).collect();
    assert_eq!(drawn.len(), 62);
    assert!(drawn.iter().all(|count| count.abs_diff(2774) < 520), "{drawn:?}");
}

#[test]
fn a_checksum_is_the_crc32_of_all_before_it_in_base62() {
    let standard = Dialect::standard();
    let live = standard.kind_id("live").unwrap();
    // zlib's CRC32 of the first 38 characters is 0x3ef925cd: `19V1x7` in base62.
    let key = b"kw_live_0123456789ABCDEFGHIJKLMNOPQRST19V1x7";
    assert_eq!(standard.recognise(key), Recognised::Key(live));
}

#[test]
fn keys_of_every_prefix_and_length_are_told_from_what_cannot_be() {
    for (dialect, kind, prefix, characters, lengths) in [
        ("bigspin", "secret", "sk-bigspin-api03-", "a-_Z9", 16..=128),
        ("bigspin", "secret", "sk-prism-api03-", "a-_Z9", 16..=128),
        ("scribe-sight", "secret", "sk_live_", "aZ9", 16..=128),
        ("scribe-sight", "publishable", "pk_live_", "aZ9", 16..=128),
        ("onepin", "live", "pk_live_", "aZ9", 16..=128),
        ("onepin", "live", "op_live_", "aZ9", 16..=128),
        ("systemprompt", "live", "sp_live_", "az9", 32..=32),
        ("systemprompt", "test", "sp_test_", "az9", 32..=32),
    ] {
        let dialect = Dialect::named(dialect).unwrap();
        let key = Recognised::Key(dialect.kind_id(kind).unwrap());
        let (min, max) = (*lengths.start(), *lengths.end());
        for length in [0, min - 1, min, max, max + 1, 1 << 20] {
            let text = format!("{prefix}{}", characters.repeat(length).split_at(length).0);
            let expected = if lengths.contains(&length) { key } else { Recognised::Malformed };
            assert_eq!(dialect.recognise(text.as_bytes()), expected, "{prefix} {length}");
            let odd = text.replacen(characters, &characters.replace('9', "."), 1);
            assert_eq!(dialect.recognise(odd.as_bytes()), Recognised::Malformed, "{odd}");
        }
    }
    // A capital letter is no character of systemprompt.io's keys, an underscore none of OnePin's.
    for (dialect, text) in [
        (Dialect::systemprompt(), "sp_live_A1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6"),
        (Dialect::onepin(), "pk_live_9f8e7d6c3b2a1d0e_"),
        (Dialect::scribe_sight(), "sk_live_your_api_key_here"),
    ] {
        assert_eq!(dialect.recognise(text.as_bytes()), Recognised::Malformed, "{text}");
    }
}

#[test]
fn the_keys_that_the_services_show_are_recognised() {
    for (dialect, kind, text) in [
        (Dialect::scribe_sight(), "secret", "sk_live_xxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        (Dialect::onepin(), "live", "pk_live_9f8e7d6c3b2a1d0e"),
        (Dialect::systemprompt(), "live", "sp_live_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6"),
    ] {
        let kind = dialect.kind_id(kind).unwrap();
        assert_eq!(dialect.recognise(text.as_bytes()), Recognised::Key(kind), "{text}");
    }
}

#[test]
fn what_no_kind_claims_is_told_from_what_is_malformed() {
    for dialect in builtins() {
        for text in
            ["", "kw_", "sk-", "eyJhbGciOiJIUzI1NiJ9.e30.x", "sk_test_0123456789abcdef", " "]
        {
            assert_eq!(dialect.recognise(text.as_bytes()), Recognised::Unclaimed, "{text}");
        }
    }
    for text in ["sk-bigspin-api03-0123456789abcde\u{e9}", "sk-bigspin-api03-0123456789abcdef."] {
        assert_eq!(Dialect::bigspin().recognise(text.as_bytes()), Recognised::Malformed, "{text}");
    }
}

#[test]
fn the_longest_prefix_wins() {
    let text = include_str!("../../dialects/bigspin.toml").replace(
        "[scopes]",
        "[[kinds]]\nname = \"partner\"\nprefix = \"sk-bigspin-api03-partner-\"\n\
         issue = { length = 43, alphabet = \"base62\" }\nchecksum = \"none\"\n[scopes]",
    );
    let dialect = Dialect::from_toml(&text).unwrap();
    let partner = dialect.kind_id("partner").unwrap();
    let key = dialect.issue(partner).unwrap();
    assert_eq!(dialect.recognise(key.expose().as_bytes()), Recognised::Key(partner));
    // Too short for a partner's key, and not a secret one either.
    let text = b"sk-bigspin-api03-partner-0123456789abcdef";
    assert_eq!(dialect.recognise(text), Recognised::Malformed);
}

#[test]
fn a_kind_that_is_only_accepted_is_not_issued() {
    let text = include_str!("../../dialects/bigspin.toml")
        .replace("issue = { length = 43, alphabet = \"base62\" }", "");
    let dialect = Dialect::from_toml(&text).unwrap();
    let secret = dialect.kind_id("secret").unwrap();
    assert!(!dialect.kind(secret).is_issued());
    let error = dialect.issue(secret).unwrap_err();
    assert!(matches!(error, IssueError::OnlyAccepted(_)));
    assert_eq!(
        error.to_string(),
        "keys of the kind `secret` are only accepted, never issued: name another kind"
    );
    let key = b"sk-bigspin-api03-0123456789abcdef";
    assert_eq!(dialect.recognise(key), Recognised::Key(secret));
}

#[test]
fn a_mask_shows_a_start_and_an_end() {
    let mask = |dialect: Dialect, text: &str| dialect.mask(&PlainKey::new(text.to_owned()));
    let standard = "kw_live_abcdefghijklmnopqrstuvwxyz0123456789";
    assert_eq!(mask(Dialect::standard(), standard), "kw_live_abcd...6789");
    assert_eq!(mask(Dialect::bigspin(), "sk-prism-api03-0123456789abcdef"), "sk-prism-api...cdef");
    let test = "sp_test_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6";
    assert_eq!(mask(Dialect::systemprompt(), test), "sp_test_...o5p6");
    let odd = ["", "é", "password123", "sk-bigspin-api03-short", "sk-bigspin-api03-0123456789€€"];
    for odd in odd {
        assert_eq!(mask(Dialect::bigspin(), odd), "...", "{odd}");
    }
}

#[test]
fn a_mask_without_an_end_is_a_start() {
    let mask = |dialect: Dialect, text: &str| dialect.mask(&PlainKey::new(text.to_owned()));
    let secret = "sk_live_abcdefghijklmnopqrstuvwxyz01";
    assert_eq!(mask(Dialect::scribe_sight(), secret), "sk_live_abcd");
    // As in OnePin's own sample.
    assert_eq!(mask(Dialect::onepin(), "pk_live_9f8e7d6c3b2a1d0e"), "pk_live_9f8e7d6c");
    assert_eq!(mask(Dialect::onepin(), "op_live_9f8e7d6c3b2a1d0e"), "op_live_9f8e7d6c");
    assert_eq!(mask(Dialect::onepin(), "pk_live_9f8e7d6c3b2a1d0"), "...");
}

#[test]
fn bigspin_names_have_three_characters_or_more() {
    let bigspin = Dialect::bigspin();
    for name in ["CI1", "日本語", "ünü", &"é".repeat(255)] {
        assert_eq!(bigspin.check_name(name), Ok(()), "{name}");
    }
    for name in ["", "CI", "日本", "  a  ", &"é".repeat(256)] {
        let sentence = "a name has 3 to 255 characters".to_owned();
        assert_eq!(bigspin.check_name(name), Err(sentence), "{name}");
    }
}

#[test]
fn names_of_the_other_systems_have_one_character_or_more() {
    for (dialect, most) in
        [(Dialect::scribe_sight(), 255), (Dialect::onepin(), 120), (Dialect::systemprompt(), 255)]
    {
        for name in ["C", &"é".repeat(most)] {
            assert_eq!(dialect.check_name(name), Ok(()), "{name}");
        }
        for name in ["", "  ", &"é".repeat(most + 1)] {
            assert!(dialect.check_name(name).is_err(), "{name}");
        }
    }
}

#[test]
fn key_ids_are_version_7_uuids_of_their_instant() {
    let now = Timestamp::from_millis(1_767_693_600_250);
    for dialect in builtins().into_iter().filter(|dialect| dialect.name() != "scribe-sight") {
        let id = uuid::Uuid::parse_str(dialect.new_key_id(now).as_str()).unwrap();
        assert_eq!(id.get_version_num(), 7);
        let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos), (1_767_693_600, 250_000_000));
        assert_ne!(dialect.new_key_id(now), dialect.new_key_id(now));
    }
}

#[test]
fn locations_are_what_the_api_says() {
    for dialect in builtins() {
        match dialect.name() {
            "standard" => {
                let expected = [Location::bearer(), Location::header("x-api-key")];
                assert_eq!(dialect.locations(), expected);
            }
            _ => assert_eq!(dialect.locations(), [Location::bearer()]),
        }
    }
}

proptest! {
    #[test]
    fn one_wrong_character_spoils_a_checksum(at in 8_usize..44, to in "[0-9A-Za-z]") {
        let standard = Dialect::standard();
        let key = standard.issue(standard.kind_id("live").unwrap()).unwrap();
        let mut text = key.expose().as_bytes().to_vec();
        let to = to.as_bytes()[0];
        prop_assume!(text[at] != to);
        text[at] = to;
        prop_assert_eq!(standard.recognise(&text), Recognised::Malformed);
    }

    #[test]
    fn junk_is_never_a_key(junk in prop::collection::vec(any::<u8>(), 0..200)) {
        for dialect in builtins() {
            prop_assert_eq!(dialect.recognise(&junk), Recognised::Unclaimed);
            for prefix in ["kw_live_", "sk-prism-api03-", "sk_live_", "op_live_", "sp_test_"] {
                let text = [prefix.as_bytes(), &junk, b"\0"].concat();
                let recognised = dialect.recognise(&text);
                prop_assert!(!matches!(recognised, Recognised::Key(_)));
            }
        }
    }

    #[test]
    fn keys_of_any_dialect_come_back_as_their_kind(
        prefixes in prop::collection::vec("[a-c]{1,2}[_-]?", 1..5),
    ) {
        let names: Vec<String> = (0..prefixes.len()).map(|index| format!("kind{index}")).collect();
        let forms = names.iter().zip(&prefixes).map(|(name, prefix)| KindForm::new(name, prefix));
        // Prefixes that repeat or continue each other are refused: what is built is unmistakable.
        if let Ok(dialect) = Dialect::builder("acme").kinds(forms).build() {
            for name in &names {
                let kind = dialect.kind_id(name).unwrap();
                for _ in 0..20 {
                    let key = dialect.issue(kind).unwrap();
                    prop_assert_eq!(dialect.recognise(key.expose().as_bytes()), Recognised::Key(kind));
                }
            }
        }
    }
}
