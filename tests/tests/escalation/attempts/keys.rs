use super::End::{
    Ambiguous, Harmless, Lacks, NoEndpoint, NoKey, NoMethod, OutOfReach, OwnKey, Unauthenticated,
};
use super::{Attempt, create, send};

/// Attempts at keys that are there, and with several of them.
pub(super) fn all() -> Vec<Attempt> {
    [revocations(), operations(), overrides(), credentials()].into_iter().flatten().collect()
}

fn revocations() -> Vec<Attempt> {
    let attempts = [
        ("a reader revokes a writer", "read", "{id of secret}", Lacks),
        ("a reader revokes itself", "read", "{id of read}", Lacks),
        ("a publishable key revokes a secret one", "publishable", "{id of secret}", Lacks),
        ("a key of one project revokes one of all", "project", "{id of secret}", OutOfReach),
        ("a key of one project revokes a reader of all", "project", "{id of read}", OutOfReach),
        ("a key of one project revokes one of another", "project", "{id of support}", OutOfReach),
        ("a key of one project revokes one of two", "project", "{id of both}", OutOfReach),
        ("a child revokes one that is bigger", "child", "{id of secret}", OutOfReach),
        ("a key revokes itself", "secret", "{id of secret}", OwnKey),
        ("a key revokes another organization's", "secret", "{id of other}", NoKey),
        ("a key revokes two at once", "project", "{id of sibling},{id of secret}", NoKey),
        ("a key revokes all by a wildcard", "secret", "*", NoKey),
        ("a key revokes one by its secret", "secret", "{secret of sibling}", NoKey),
        ("a revoked key revokes another", "revoked", "{id of sibling}", Unauthenticated),
    ];
    let revoke = |(sentence, by, id, end)| {
        send(sentence, by, format!("DELETE /api/v1/api-keys/{id}"), &[], end)
    };
    attempts.map(revoke).into()
}

/// What this API does not do.
fn operations() -> Vec<Attempt> {
    let attempts = [
        ("a key revokes the collection", "secret", "DELETE ", NoMethod),
        ("a key updates itself", "project", "PATCH /{id of project}", NoMethod),
        ("a key replaces itself", "project", "PUT /{id of project}", NoMethod),
        ("a key updates a bigger one", "project", "PATCH /{id of secret}", NoMethod),
        ("a key rotates a bigger one", "project", "POST /{id of secret}/rotate", NoKey),
        ("a key reactivates one", "secret", "POST /{id of revoked}/reactivate", NoKey),
        ("a publishable key lists keys", "publishable", "GET ", Lacks),
        ("a publishable key looks for operations", "publishable", "PUT ", Lacks),
        ("a revoked key lists keys", "revoked", "GET ", Unauthenticated),
        ("a key asks for another workspace", "secret", "GET ?workspace=org_globex", Harmless),
        ("a key asks for revoked keys too", "secret", "GET ?status=all&show=all", Harmless),
    ];
    let operate = |(sentence, by, target, end): (_, _, &str, _)| {
        let (method, below) = target.split_once(' ').unwrap();
        send(sentence, by, format!("{method} /api/v1/api-keys{below}"), &[], end)
    };
    attempts.map(operate).into()
}

/// Headers that other servers believe.
fn overrides() -> Vec<Attempt> {
    let list = "GET /api/v1/api-keys";
    let create = "POST /api/v1/api-keys";
    let globex = ["x-workspace-id: org_globex", "x-org-id: org_globex", "x-tenant: org_globex"];
    let post = ["x-http-method-override: POST", "x-http-method: POST", "x-method-override: POST"];
    let delete = ["x-http-method-override: DELETE", "x-http-method: DELETE"];
    let theirs = "DELETE /api/v1/api-keys/{id of other}";
    let bigger = "POST /api/v1/api-keys/{id of secret}?_method=DELETE";
    let small = "post /api/v1/api-keys";
    let path = ["x-original-url: /api/v1/api-keys", "x-rewrite-url: /api/v1/api-keys"];
    let nowhere = "GET /api/v1/nowhere";
    let elsewhere = "GET /api/v1/org_globex/api-keys";
    vec![
        send("a key lists another workspace's by a header", "secret", list, &globex, Harmless),
        send("a key makes one in another workspace", "secret", create, &globex, Harmless),
        send("a key revokes one in another workspace", "secret", theirs, &globex, NoKey),
        send("a key names another workspace in the path", "secret", elsewhere, &[], NoEndpoint),
        send("a reader lists, and says that it posts", "read", list, &post, Harmless),
        send("a reader lists, and says that it deletes", "read", list, &delete, Harmless),
        send("a key posts, and says that it deletes", "project", bigger, &delete, NoMethod),
        send("a reader writes a method in small letters", "read", small, &[], NoMethod),
        send("a reader names another path in headers", "read", nowhere, &path, NoEndpoint),
    ]
}

fn credentials() -> Vec<Attempt> {
    let (list, make) = ("GET /api/v1/api-keys", "POST /api/v1/api-keys");
    let secret = "authorization: Bearer {secret of secret}";
    let query = "GET /api/v1/api-keys?api_key={secret of secret}";
    let elsewhere = [
        "x-api-key: {secret of secret}",
        "cookie: key={secret of secret}",
        "proxy-authorization: Bearer {secret of secret}",
    ];
    let whose = ["x-key-id: {id of secret}", "x-user: admin", "x-forwarded-user: admin"];
    let twice = ["authorization: Bearer {secret of read}"];
    vec![
        create("a revoked key makes one", "revoked", r#"{"name":"x"}"#, Unauthenticated),
        create("an expired key makes one", "expired", r#"{"name":"x"}"#, Unauthenticated),
        send("a publishable key brings a secret one", "publishable", make, &[secret], Ambiguous),
        send("a reader comes twice", "read", list, &twice, Ambiguous),
        send("a publishable key shows another", "publishable", list, &elsewhere, Lacks),
        send("a publishable key has another in the query", "publishable", query, &[], Lacks),
        send("a publishable key says whose it is", "publishable", list, &whose, Lacks),
    ]
}
