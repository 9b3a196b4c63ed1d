use keyward_core::dialect::{Dialect, GrantView, KindForm, ScopeRule, UnassignableScope};
use keyward_core::key::Grant;

fn only(scopes: &str) -> Grant {
    Grant::Only(scopes.parse().unwrap())
}

#[test]
fn bigspin_write_is_not_read_and_legacy_write_is_write() {
    let bigspin = Dialect::bigspin();
    let secret = bigspin.kind_id("secret").unwrap();
    for (grant, wanted, permitted) in [
        ("projects-write", "projects-write", true),
        ("projects-write", "projects-read", false),
        ("projects-write", "halfpipe-transcripts-write", false),
        ("halfpipe-transcripts-write", "projects-write", true),
        ("halfpipe-transcripts-write", "halfpipe-transcripts-write", true),
        ("halfpipe-transcripts-write", "projects-read", false),
        ("projects-read halfpipe-transcripts-write", "projects-read projects-write", true),
        ("projects-read", "projects-write | projects-read", true),
        ("projects-read", "projects", false),
        ("", "projects-read", false),
        ("projects-read", "", false),
        ("", "", false),
    ] {
        let view = GrantView::Only(grant);
        assert_eq!(bigspin.permits(secret, view, wanted), permitted, "{grant} → {wanted}");
    }
    assert!(bigspin.permits(secret, GrantView::All, "anything at-all"));
}

#[test]
fn bigspin_gives_full_access_where_scopes_are_left_out() {
    let bigspin = Dialect::bigspin();
    assert_eq!(bigspin.default_grant(), Grant::All);
    assert!(!bigspin.refuses_empty_grant());
    assert_eq!(
        bigspin.scopes().map(ScopeRule::name).collect::<Vec<_>>(),
        ["projects-read", "projects-write", "halfpipe-transcripts-write"]
    );
}

#[test]
fn standard_gives_nothing_where_scopes_are_left_out() {
    let standard = Dialect::standard();
    assert_eq!(standard.default_grant(), only(""));
    assert!(!standard.reactivates());
    assert_eq!(standard.scopes().count(), 0);
    let live = standard.kind_id("live").unwrap();
    assert_eq!(standard.check_assignable(live, &only("any-scope of:any.name")), Ok(()));
}

#[test]
fn only_scopes_of_the_catalogue_can_be_assigned() {
    let bigspin = Dialect::bigspin();
    let secret = bigspin.kind_id("secret").unwrap();
    for grant in [Grant::All, only(""), only("projects-read halfpipe-transcripts-write")] {
        assert_eq!(bigspin.check_assignable(secret, &grant), Ok(()));
    }
    let error = bigspin.check_assignable(secret, &only("projects-read read")).unwrap_err();
    assert_eq!(error, UnassignableScope::Unknown("read".to_owned()));
    assert_eq!(error.to_string(), "`read` is not a scope of this API: choose one of its catalogue");
}

fn with_publishable_keys() -> Dialect {
    Dialect::builder("acme")
        .kinds([
            KindForm::new("secret", "sk_"),
            KindForm::new("publishable", "pk_").with_grants(["upload-initiate"]).with_cap([]),
            KindForm::new("reader", "rk_").with_cap(["read"]),
        ])
        .scopes([("read", "See"), ("write", "Change")])
        .build()
        .unwrap()
}

#[test]
fn what_a_kind_grants_is_held_by_its_keys_alone() {
    let acme = with_publishable_keys();
    let publishable = acme.kind_id("publishable").unwrap();
    let secret = acme.kind_id("secret").unwrap();
    let empty = GrantView::Only("");
    assert!(acme.permits(publishable, empty, "write | upload-initiate"));
    assert!(!acme.permits(secret, empty, "write | upload-initiate"));

    let error = acme.check_assignable(publishable, &only("upload-initiate")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`upload-initiate` comes with this kind of key and cannot be assigned: leave it out"
    );
    assert!(acme.check_assignable(secret, &only("upload-initiate")).is_err());
    assert!(acme.scopes().all(|rule| rule.name() != "upload-initiate"));
}

#[test]
fn a_cap_holds_even_where_everything_is_granted() {
    let acme = with_publishable_keys();
    let reader = acme.kind_id("reader").unwrap();
    let publishable = acme.kind_id("publishable").unwrap();
    assert!(acme.permits(reader, GrantView::All, "read"));
    assert!(!acme.permits(reader, GrantView::All, "write"));
    assert!(!acme.permits(reader, GrantView::All, "not-in-the-catalogue"));
    assert!(!acme.permits(publishable, GrantView::All, "read"));
}

fn names(dialect: &Dialect) -> Vec<&str> {
    dialect.scopes().map(ScopeRule::name).collect()
}

#[test]
fn scribe_sight_write_is_read_as_well() {
    let dialect = Dialect::scribe_sight();
    let secret = dialect.kind_id("secret").unwrap();
    assert_eq!(names(&dialect), ["read", "write"]);
    assert_eq!(dialect.default_grant(), only("read write"));
    assert!(dialect.permits(secret, GrantView::Only("write"), "read"));
    assert!(!dialect.permits(secret, GrantView::Only("read"), "write"));
    assert!(!dialect.refuses_empty_grant());
}

#[test]
fn scribe_sight_publishable_keys_begin_uploads_and_nothing_else() {
    let dialect = Dialect::scribe_sight();
    let publishable = dialect.kind_id("publishable").unwrap();
    let secret = dialect.kind_id("secret").unwrap();
    for grant in [GrantView::All, GrantView::Only("read write"), GrantView::Only("")] {
        assert!(dialect.permits(publishable, grant, "write | upload-initiate"));
        assert!(!dialect.permits(publishable, grant, "read"));
        assert!(!dialect.permits(publishable, grant, "write"));
    }
    assert!(!dialect.permits(secret, GrantView::Only("read write"), "upload-initiate"));
    for kind in [publishable, secret] {
        assert!(dialect.check_assignable(kind, &only("upload-initiate")).is_err());
    }
}

#[test]
fn onepin_gives_nothing_where_scopes_are_left_out() {
    let dialect = Dialect::onepin();
    assert_eq!(
        names(&dialect),
        [
            "workflows:read",
            "workflows:run",
            "workflows:write",
            "voices:read",
            "voices:write",
            "dictionary:read",
            "dictionary:write",
            "uploads:write",
            "workspace:read",
            "templates:read",
            "catalog:read",
        ]
    );
    assert_eq!(dialect.default_grant(), only(""));
    assert!(!dialect.refuses_empty_grant());
    let live = dialect.kind_id("live").unwrap();
    assert!(!dialect.permits(live, GrantView::Only("workflows:write"), "workflows:read"));
}

#[test]
fn systemprompt_refuses_keys_without_scopes_everywhere() {
    let dialect = Dialect::systemprompt();
    let resources = ["skills", "agents", "plugins", "content", "mcp"];
    let pairs = resources.map(|name| [format!("{name}:read"), format!("{name}:write")]);
    assert_eq!(names(&dialect), pairs.as_flattened());
    assert_eq!(dialect.default_grant(), only(""));
    assert!(dialect.refuses_empty_grant());
    for kind in ["live", "test"] {
        let kind = dialect.kind_id(kind).unwrap();
        assert!(!dialect.permits(kind, GrantView::Only("skills:write"), "skills:read"));
    }
}

#[test]
fn revocation_is_final_where_the_service_says_so() {
    let reactivates = Dialect::BUILT_IN.map(|name| Dialect::named(name).unwrap().reactivates());
    assert_eq!(
        Dialect::BUILT_IN,
        ["standard", "bigspin", "scribe-sight", "onepin", "systemprompt"]
    );
    assert_eq!(reactivates, [false, true, false, true, false]);
}
