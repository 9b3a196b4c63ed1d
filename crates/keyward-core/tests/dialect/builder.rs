use keyward_core::dialect::{
    Dialect, DialectBuilder, Environment, InFlight, KindForm, Location, Recognised,
};
use keyward_core::key::Grant;

fn error(builder: DialectBuilder) -> String {
    let error = builder.build().unwrap_err();
    assert_eq!(error.line(), None);
    error.to_string()
}

#[test]
fn a_built_dialect_is_standard_but_for_what_is_said() {
    let acme = Dialect::builder("acme").build().unwrap();
    let standard = Dialect::standard();
    assert_eq!((acme.name(), acme.realm()), ("acme", "acme"));
    assert_eq!(acme.locations(), standard.locations());
    let names = |dialect: &Dialect| {
        dialect.kinds().iter().map(|kind| kind.prefix().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&acme), names(&standard));
}

#[test]
fn a_dialect_can_be_like_another_one() {
    let acme = Dialect::builder("acme").like(&Dialect::bigspin()).build().unwrap();
    assert_eq!(acme.default_grant(), Grant::All);
    assert!(acme.reactivates());
    assert_eq!(acme.scopes().count(), 3);
    let secret = acme.kind_id("secret").unwrap();
    let legacy = b"sk-prism-api03-0123456789abcdef";
    assert_eq!(acme.recognise(legacy), Recognised::Key(secret));
}

#[test]
fn everything_that_is_said_counts() {
    let acme = Dialect::builder("acme")
        .realm("Acme Inc.")
        .locations([Location::header("X-Acme-Key"), Location::insecure_query("key")])
        .kinds([("live", "acme_live_")])
        .scopes([("read", "See"), ("write", "Change")])
        .default_grant(&Grant::Only("read".parse().unwrap()))
        .build()
        .unwrap();
    assert_eq!(acme.realm(), "Acme Inc.");
    assert_eq!(
        acme.locations(),
        [Location::header("x-acme-key"), Location::InsecureQuery { name: "key".into() }]
    );
    assert_eq!(acme.default_grant(), Grant::Only("read".parse().unwrap()));
    assert_eq!(acme.kind_id("test"), None);
    let rules: Vec<_> = acme.scopes().map(|rule| (rule.name(), rule.description())).collect();
    assert_eq!(rules, [("read", "See"), ("write", "Change")]);
}

#[test]
fn the_builder_is_held_to_the_same_rules_as_a_file() {
    assert_eq!(
        error(Dialect::builder("")),
        "a dialect's name must be 1 to 64 characters of `[A-Za-z0-9._-]`"
    );
    assert_eq!(
        error(Dialect::builder("acme").realm("\"")),
        "`realm` must be 1 to 128 printable ASCII characters without quotes and backslashes"
    );
    assert_eq!(
        error(Dialect::builder("acme").kinds(Vec::<KindForm>::new())),
        "a dialect must have 1 to 32 kinds of keys"
    );
    assert_eq!(
        error(Dialect::builder("acme").kinds([("a", "sk"), ("b", "ska")])),
        "a new key with the prefix `sk` could begin with `ska`: choose another"
    );
    assert_eq!(
        error(Dialect::builder("acme").scopes([("read all", "")])),
        "`read all` is not a scope: use printable ASCII without spaces, quotes, backslashes and `|`"
    );
    let named = "header with spaces";
    assert_eq!(
        error(Dialect::builder("acme").locations([Location::header(named)])),
        "a location's names must be tokens of RFC 9110, without spaces"
    );
}

#[test]
fn debug_shows_the_name_alone() {
    assert_eq!(format!("{:?}", Dialect::bigspin()), "Dialect(\"bigspin\")");
}

#[test]
fn a_kind_of_the_sandbox_is_one_by_file_and_by_builder() {
    let kinds = [
        KindForm::new("live", "acme_live_"),
        KindForm::new("test", "acme_test_").with_environment(Environment::Sandbox),
    ];
    let built = Dialect::builder("acme").kinds(kinds).build().unwrap();
    let text = include_str!("../../dialects/standard.toml");
    let text = text.replace("name = \"test\"", "name = \"test\"\nenvironment = \"sandbox\"");
    let read = Dialect::from_toml(&text).unwrap();
    for dialect in [built, read] {
        let environment = |kind| dialect.kind(dialect.kind_id(kind).unwrap()).environment();
        assert_eq!(environment("live"), Environment::Live);
        assert_eq!(environment("test"), Environment::Sandbox);
    }
}

#[test]
fn a_file_names_the_policy_for_requests_in_flight() {
    for (word, policy) in [
        ("finish", InFlight::Finish),
        ("refuse_on_return", InFlight::RefuseOnReturn),
        ("cancel", InFlight::Cancel),
    ] {
        let text = include_str!("../../dialects/standard.toml");
        let read = Dialect::from_toml(&format!("in_flight = \"{word}\"\n{text}")).unwrap();
        assert_eq!(read.in_flight(), policy);
        let like_it = Dialect::builder("acme").like(&read).build().unwrap();
        assert_eq!(like_it.in_flight(), policy);
    }
    assert_eq!(Dialect::standard().in_flight(), InFlight::Finish, "unless it is told");
}
