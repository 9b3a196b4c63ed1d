//! What holds for every input that proptest can think of.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use keyward_core::clock::Timestamp;
use keyward_core::dialect::{Dialect, GrantView, Location};
use keyward_core::key::{
    ExpressionError, Grant, KeyDigest, KeyId, KeyRecord, Networks, Resources, Scope, ScopeSet,
    check_expression, first_alternative, satisfied,
};
use keyward_core::manage::{Cursor, KeyManager, ListKeys, NewKey};
use keyward_core::peer::TrustedProxies;
use keyward_core::store::{KeyLookup, MemoryStore, StoreError};
use keyward_core::verify::{Check, HeaderValues, RequestHead, Verifier};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;

/// A scope-token of RFC 6749 §3.3 without `|`.
fn scope() -> impl Strategy<Value = String> {
    "[!#-\\[\\]-{}~]{1,12}"
}

/// One of few, so that expressions and grants have some in common.
fn common_scope() -> impl Strategy<Value = String> {
    "[a-e]{1}"
}

/// Alternatives of scopes, and how somebody writes them.
fn expression() -> impl Strategy<Value = (Vec<Vec<String>>, String)> {
    let alternative = (vec(common_scope(), 1..4), vec(1_usize..3, 4));
    vec(alternative, 1..4).prop_map(|alternatives| {
        let texts: Vec<String> = alternatives
            .iter()
            .map(|(scopes, spaces)| {
                let pairs = scopes.iter().zip(spaces);
                let padded: Vec<_> = pairs.map(|(it, wide)| format!("{it}{:wide$}", "")).collect();
                padded.concat().trim_end().to_owned()
            })
            .collect();
        let alternatives = alternatives.into_iter().map(|(scopes, _)| scopes).collect();
        (alternatives, texts.join(" | "))
    })
}

/// `check_expression` as its documentation puts it.
fn naive_check(text: &str) -> Result<(), ExpressionError> {
    let is_scope_byte = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    let words = text.split(' ').filter(|word| !word.is_empty());
    for word in words.clone() {
        if word != "|" && (word.contains('|') || !word.bytes().all(is_scope_byte)) {
            return Err(ExpressionError::Character);
        }
    }
    let words: Vec<&str> = words.collect();
    let full = words.split(|word| *word == "|").all(|alternative| !alternative.is_empty());
    if full { Ok(()) } else { Err(ExpressionError::Empty) }
}

proptest! {
    #[test]
    fn a_set_of_scopes_is_read_as_it_is_printed(names in btree_set(scope(), 0..8)) {
        let text = names.iter().rev().cloned().collect::<Vec<_>>().join("  ");
        let set: ScopeSet = text.parse().unwrap();
        let expected: Vec<&str> = names.iter().map(String::as_str).collect();
        prop_assert_eq!(set.iter().collect::<Vec<_>>(), expected.clone());
        prop_assert_eq!(set.to_string(), expected.join(" "));
        prop_assert_eq!(set.to_string().parse::<ScopeSet>().unwrap(), set.clone());
        let twice = format!("{text} {text}");
        prop_assert_eq!(twice.parse::<ScopeSet>().unwrap(), set.clone());
        prop_assert_eq!(set.is_empty(), names.is_empty());
        prop_assert_eq!(Grant::Only(set.clone()).is_empty(), names.is_empty());
        for name in &names {
            prop_assert!(set.contains(name));
            prop_assert!(Grant::Only(set.clone()).contains(name));
            let more = format!("{name}x");
            prop_assert_eq!(set.contains(&more), names.contains(&more));
        }
        let grant = Grant::Only(set.clone());
        for name in names.iter().map(String::as_str).chain(["", " ", "a b"]) {
            prop_assert_eq!(GrantView::from(&grant).contains(name), set.contains(name));
        }
    }

    #[test]
    fn sets_compare_as_sets(left in btree_set("[a-d]", 0..4), right in btree_set("[a-d]", 0..4)) {
        let set = |names: &std::collections::BTreeSet<String>| -> ScopeSet {
            names.iter().map(|name| name.parse::<Scope>().unwrap()).collect()
        };
        prop_assert_eq!(set(&left).is_subset(&set(&right)), left.is_subset(&right));
        prop_assert_eq!(set(&left) == set(&right), left == right);
    }

    #[test]
    fn any_text_is_a_scope_or_an_error(text in "\\PC{0,12}|[ -~]{0,12}|.{0,4}") {
        let is_scope_byte = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7b | 0x7d..=0x7e);
        let is_scope = !text.is_empty() && text.bytes().all(is_scope_byte);
        prop_assert_eq!(Scope::from_str(&text).is_ok(), is_scope);
        let words = text.split(' ').filter(|word| !word.is_empty());
        let are_scopes = words.clone().all(|word| word.bytes().all(is_scope_byte));
        prop_assert_eq!(ScopeSet::from_str(&text).is_ok(), are_scopes);
    }

    #[test]
    fn any_text_is_an_expression_by_the_rule_or_not(text in "[a| ]{0,12}|[ -~]{0,12}|\\PC{0,8}") {
        let (checked, naive) = (check_expression(&text), naive_check(&text));
        prop_assert_eq!(checked.is_ok(), naive.is_ok(), "{:?} and {:?}", checked, naive);
        if checked.is_err() {
            return Ok(());
        }
        prop_assert!(check_expression(first_alternative(&text)).is_ok());
        prop_assert!(satisfied(&text, |_| true));
        prop_assert!(!satisfied(&text, |_| false));
    }

    #[test]
    fn an_expression_is_what_its_alternatives_say(
        (alternatives, text) in expression(),
        held in btree_set(common_scope(), 0..5),
    ) {
        prop_assert_eq!(check_expression(&text), Ok(()));
        let naive = alternatives.iter().any(|all| all.iter().all(|scope| held.contains(scope)));
        prop_assert_eq!(satisfied(&text, |scope| held.contains(scope)), naive, "{}", text);
        let first: Vec<&str> = first_alternative(&text).split_whitespace().collect();
        prop_assert_eq!(first, alternatives[0].iter().map(String::as_str).collect::<Vec<_>>());

        let dialect = Dialect::standard();
        let kind = dialect.kind_id("live").unwrap();
        let grant = Grant::Only(held.iter().map(|it| it.parse::<Scope>().unwrap()).collect());
        prop_assert_eq!(dialect.permits(kind, GrantView::from(&grant), &text), naive);
        prop_assert!(dialect.permits(kind, GrantView::All, &text));
    }

    #[test]
    fn any_text_is_a_cursor_or_an_error(text in "\\PC{0,40}|[0-9a-f]{0,18}[.][!-~]{0,140}|.{0,9}") {
        if let Ok(cursor) = text.parse::<Cursor>() {
            prop_assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_went(millis: i64, id in "[!-~]{1,128}") {
        let text = format!("{millis:x}.{id}");
        let cursor: Cursor = text.parse().unwrap();
        prop_assert_eq!(cursor.to_string(), text);
    }

    #[test]
    fn an_instant_prints_as_rfc_3339(millis in -62_167_219_200_000_i64..253_402_300_800_000) {
        use time::format_description::well_known::Rfc3339;
        let instant = Timestamp::from_millis(millis);
        let nanos = i128::from(millis) * 1_000_000;
        let second = nanos.div_euclid(1_000_000_000);
        let read = |text: &str| time::OffsetDateTime::parse(text, &Rfc3339).unwrap();
        prop_assert_eq!(i128::from(read(&instant.to_rfc3339()).unix_timestamp()), second);
        let precise = instant.to_rfc3339_millis();
        prop_assert_eq!(read(&precise).unix_timestamp_nanos(), nanos);
        prop_assert_eq!((precise.len(), instant.to_rfc3339().len()), (24, 20));
        prop_assert_eq!(instant.to_string(), instant.to_rfc3339());
    }

    #[test]
    fn no_instant_panics(millis: i64, more in 0..=i64::MAX.cast_unsigned()) {
        let instant = Timestamp::from_millis(millis);
        let _ = (instant.to_rfc3339(), instant.to_rfc3339_millis());
        let later = instant.plus(std::time::Duration::from_millis(more));
        let expected = i128::from(millis) + i128::from(more);
        prop_assert_eq!(i128::from(later.as_millis()), expected.min(i128::from(i64::MAX)));
    }
}

/// Any headers and any query.
#[derive(Debug)]
struct Head {
    headers: Vec<(String, Vec<u8>)>,
    query: Option<String>,
}

impl RequestHead for Head {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        HeaderValues::of(
            self.headers.iter().filter(|(own, _)| own == name).map(|(_, value)| &**value),
        )
    }

    fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }
}

fn header_value() -> impl Strategy<Value = Vec<u8>> {
    let scheme = "(?i:bearer|basic)[ \t]{0,3}";
    prop_oneof![
        vec(any::<u8>(), 0..64),
        (scheme, vec(any::<u8>(), 0..32))
            .prop_map(|(scheme, rest)| [scheme.as_bytes(), &rest].concat()),
        (scheme, "(kw_live_|kw_test_)?[0-9A-Za-z]{0,40} ?").prop_map(|(scheme, rest)| [
            scheme.as_bytes(),
            rest.as_bytes()
        ]
        .concat()),
    ]
}

fn head() -> impl Strategy<Value = Head> {
    let name = prop_oneof![Just("authorization".to_owned()), Just("x-api-key".to_owned())];
    let query = option::of("((api_key|a|)=?[ -~]{0,12}&?){0,4}|\\PC{0,12}");
    (vec((name, header_value()), 0..4), query).prop_map(|(headers, query)| Head { headers, query })
}

#[test]
fn no_head_of_a_request_panics_and_none_is_let_in() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let dialect = Dialect::builder("acme")
        .like(&Dialect::standard())
        .locations([
            Location::bearer(),
            Location::header("X-API-Key"),
            Location::insecure_query("api_key"),
        ])
        .build()
        .unwrap();
    let verifier = Verifier::builder(dialect, MemoryStore::new()).build().unwrap();
    proptest!(|(head in head())| {
        if let Check::Done(verdict) = verifier.check(&head) {
            let status = verdict.unwrap_err().kind().status();
            prop_assert!((400..500).contains(&status));
        }
    });
}

/// A store that knows one record, whatever is asked.
struct One(KeyRecord);

#[async_trait]
impl KeyLookup for One {
    async fn lookup(&self, _: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        Ok(Some(self.0.clone()))
    }
}

prop_compose! {
    fn record()(
        id in "\\PC{0,12}",
        workspace in "\\PC{0,12}",
        name in ".{0,12}",
        scopes in option::of(btree_set(scope(), 0..4)),
        resources in option::of(vec("\\PC{0,6}", 0..4)),
        expires_at in option::of(2_000_000_000_000_i64..i64::MAX),
        limit in option::of(1_u32..),
        metadata in option::of(btree_set("\\PC{0,6}", 0..3)),
    ) -> KeyRecord {
        let mut record = KeyRecord::new(KeyId::new(id), workspace, "live")
            .with_name(name)
            .with_grant(scopes.map_or(Grant::All, |names| {
                Grant::Only(names.iter().map(|name| name.parse::<Scope>().unwrap()).collect())
            }))
            .with_resources(resources.map_or(Resources::All, Resources::Only))
            .with_expires_at(expires_at.map(Timestamp::from_millis));
        record.rate_limit_per_min = limit.and_then(std::num::NonZeroU32::new);
        record.metadata =
            metadata.map(|keys| keys.into_iter().map(|key| (key, true.into())).collect());
        record
    }
}

#[test]
fn a_verified_key_shows_what_its_record_holds() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dialect = Dialect::standard();
    let kind = dialect.kind_id("live").unwrap();
    let secret = dialect.issue(kind).unwrap();
    let value = [b"Bearer ", secret.expose().as_bytes()].concat();
    let head = Head { headers: vec![("authorization".to_owned(), value)], query: None };
    proptest!(|(record in record())| {
        let key = runtime.block_on(async {
            let verifier = Verifier::builder(dialect.clone(), One(record.clone())).build().unwrap();
            verifier.verify(&head).await.unwrap()
        });
        prop_assert_eq!(key.id(), record.id.as_str());
        prop_assert_eq!(key.workspace(), &record.workspace);
        prop_assert_eq!(key.name(), &record.name);
        prop_assert_eq!(key.kind(), &record.kind);
        prop_assert_eq!(key.grant(), GrantView::from(&record.grant));
        prop_assert_eq!(key.resources(), &record.resources);
        prop_assert_eq!(key.rate_limit_per_min(), record.rate_limit_per_min);
        prop_assert_eq!(key.expires_at(), record.expires_at);
        prop_assert_eq!(key.metadata(), record.metadata.as_ref());
        prop_assert!(key.came_in_authorization());
        for resource in ["", "p1", record.workspace.as_str()] {
            let allowed = record.resources.contains(resource);
            prop_assert_eq!(key.require_resource(resource).is_ok(), allowed);
        }
    });
}

/// Names of any script go through the manager and come back.
#[test]
fn a_name_of_any_script_is_kept() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = MemoryStore::new();
    let builder = KeyManager::builder(Dialect::standard(), store);
    let manager = Arc::new(runtime.block_on(builder.open()).unwrap());
    proptest!(|(name in "\\PC{1,40}", workspace in "\\PC{1,20}")| {
        let listed = runtime.block_on(async {
            let issued = manager.create(NewKey::new(&*workspace, &*name)).await;
            let Ok(issued) = issued else { return None };
            let keys = ListKeys::new().with_workspace(&*workspace).with_limit(1);
            let page = manager.list(&keys).await.unwrap();
            Some((issued.record, page.keys))
        });
        if let Some((record, listed)) = listed {
            prop_assert_eq!((&record.name, &record.workspace), (&name, &workspace));
            prop_assert!(listed.iter().all(|it| it.workspace == workspace));
            prop_assert_eq!(listed.len(), 1);
        }
    });
}

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|bits| Ipv4Addr::from_bits(bits).into()),
        any::<u128>().prop_map(|bits| Ipv6Addr::from_bits(bits).into()),
        any::<u32>().prop_map(|bits| Ipv4Addr::from_bits(bits).to_ipv6_mapped().into()),
        // Often inside of what is trusted.
        any::<u16>().prop_map(|bits| Ipv4Addr::from_bits(0x0a00_0000 | u32::from(bits)).into()),
    ]
}

/// An address as some proxy writes it.
fn entry() -> impl Strategy<Value = (IpAddr, String)> {
    let forms = (address(), any::<bool>(), option::of(any::<u16>()), "[ \t]{0,2}");
    forms.prop_map(|(address, brackets, port, space)| {
        let text = match (address, brackets, port) {
            (IpAddr::V4(_), _, Some(port)) => format!("{address}:{port}"),
            (IpAddr::V6(_), _, Some(port)) => format!("[{address}]:{port}"),
            (IpAddr::V6(_), true, None) => format!("[{address}]"),
            _ => address.to_string(),
        };
        (address.to_canonical(), format!("{space}{text}{space}"))
    })
}

/// The lines of a header, of which each holds so many of the entries.
fn lines(entries: &[String], lengths: &[usize]) -> Vec<String> {
    let mut rest = entries;
    let mut lines = Vec::new();
    for length in lengths.iter().copied().chain([usize::MAX]) {
        let (line, after) = rest.split_at(length.min(rest.len()));
        lines.extend((!line.is_empty()).then(|| line.join(",")));
        rest = after;
    }
    lines
}

proptest! {
    #[test]
    fn a_client_is_found_however_its_proxies_write(
        socket in address(),
        entries in vec(entry(), 0..8),
        lengths in vec(1_usize..4, 0..4),
        count in 0_usize..10,
    ) {
        let (addresses, texts): (Vec<IpAddr>, Vec<String>) = entries.into_iter().unzip();
        let lines = lines(&texts, &lengths);
        let lines = || lines.iter().map(String::as_bytes);
        let mut walk = vec![socket.to_canonical()];
        walk.extend(addresses.iter().rev());

        let by_count = TrustedProxies::count(count).client(Some(socket), lines());
        prop_assert_eq!(by_count, Some(walk[count.min(walk.len() - 1)]));

        let is_proxy = |address: &&IpAddr| match address {
            IpAddr::V4(address) => address.octets()[0] == 10,
            IpAddr::V6(_) => false,
        };
        let networks = TrustedProxies::networks(["10.0.0.0/8"]).unwrap();
        let stranger = walk.iter().find(|address| !is_proxy(address));
        let by_networks = networks.client(Some(socket), lines());
        prop_assert_eq!(by_networks.as_ref(), stranger.or(walk.last()));
    }

    #[test]
    fn what_a_client_sends_before_its_proxy_changes_nothing(
        sent in vec(vec(any::<u8>(), 0..40), 0..6),
        (client, own) in entry().prop_filter("a client", |(address, _)| {
            !matches!(address, IpAddr::V4(it) if it.octets()[0] == 10)
        }),
    ) {
        let lines = sent.iter().map(Vec::as_slice).chain([own.as_bytes()]);
        let lines: Vec<&[u8]> = lines.collect();
        let socket = Some(Ipv4Addr::new(10, 0, 0, 1).into());
        let networks = TrustedProxies::networks(["10.0.0.0/8"]).unwrap();
        let lines = || lines.iter().copied();
        prop_assert_eq!(networks.client(socket, lines()), Some(client));
        prop_assert_eq!(TrustedProxies::count(1).client(socket, lines()), Some(client));
        prop_assert_eq!(TrustedProxies::NONE.client(socket, lines()), socket);
        // Whatever they are: no more than an address comes of them.
        let _ = TrustedProxies::count(9).client(socket, sent.iter().map(Vec::as_slice));
    }

    #[test]
    fn networks_hold_what_their_bits_say(
        bits in any::<u32>(), length in 0_u32..=32, address in any::<u32>(),
    ) {
        let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
        let network = format!("{}/{length}", Ipv4Addr::from_bits(bits & mask));
        let networks = Networks::new([&*network]).unwrap();
        let address = Ipv4Addr::from_bits(address);
        let is_inside = address.to_bits() & mask == bits & mask;
        prop_assert_eq!(networks.contains(address.into()), is_inside);
        prop_assert_eq!(networks.contains(address.to_ipv6_mapped().into()), is_inside);
        let alone = Networks::new([&*address.to_string()]).unwrap();
        prop_assert_eq!(networks.cover(&alone), is_inside);
        prop_assert_eq!(networks.to_string().parse::<Networks>().unwrap(), networks);
    }

    #[test]
    fn whatever_is_no_network_is_an_error(text in "[0-9a-f:./% ]{0,40}|\\PC{0,40}") {
        let _ = text.parse::<Networks>();
    }
}
