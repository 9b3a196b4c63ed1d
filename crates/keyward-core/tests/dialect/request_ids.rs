use keyward_core::dialect::Dialect;
use keyward_core::verify::RequestId;
use proptest::prelude::*;

#[test]
fn new_ids_are_version_4_uuids() {
    for name in ["standard", "bigspin", "onepin", "systemprompt"] {
        let dialect = Dialect::named(name).unwrap();
        let id = dialect.new_request_id();
        let uuid = uuid::Uuid::parse_str(id.as_str()).unwrap();
        assert_eq!(uuid.get_version_num(), 4);
        assert_eq!(uuid.hyphenated().to_string(), id.as_str());
        assert_ne!(id, dialect.new_request_id());
    }
}

#[test]
fn ids_of_scribe_sight_have_a_prefix() {
    let dialect = Dialect::scribe_sight();
    let now = keyward_core::clock::Timestamp::from_millis(0);
    let request = || dialect.new_request_id().to_string();
    let key = || dialect.new_key_id(now).to_string();
    for (prefix, first, second) in [("req_", request(), request()), ("key_", key(), key())] {
        for id in [&first, &second] {
            let random = id.strip_prefix(prefix).unwrap();
            assert_eq!(random.len(), 12);
            assert!(random.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9')));
        }
        assert_ne!(first, second);
    }
}

#[test]
fn a_clients_id_is_short_and_harmless_or_none() {
    let longest = "a".repeat(128);
    for good in ["a", "Trace-7._", "0123456789012345678901234567890123456", &longest] {
        assert_eq!(RequestId::from_client(good.as_bytes()).unwrap().to_string(), good);
    }
    let too_long = "a".repeat(129);
    for bad in ["", " ", "a b", "a\n", "é", "a\"", "{{x}}", &too_long] {
        assert_eq!(RequestId::from_client(bad.as_bytes()), None, "{bad:?}");
    }
    assert_eq!(RequestId::from_client(b"\xff"), None);
}

proptest! {
    #[test]
    fn an_applications_id_is_kept_as_it_is(id in ".{0,80}") {
        let kept = RequestId::from_application(&id);
        prop_assert_eq!(kept.as_str(), &id);
        prop_assert_eq!(format!("{kept:?}"), format!("RequestId({id:?})"));
    }
}
