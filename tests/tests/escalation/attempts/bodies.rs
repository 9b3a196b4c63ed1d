use super::End::{Harmless, Invalid, Lacks, OutOfReach};
use super::{Attempt, create};

/// Attempts by fields that a request does not have, or has twice.
pub(super) fn fields() -> Vec<Attempt> {
    let attempts = [
        (
            "one names another organization in every field that could mean it",
            "secret",
            r#""workspace":"org_globex","workspace_id":"org_globex","org_id":"org_globex","organization":{"id":"org_globex"}"#,
            Harmless,
        ),
        (
            "a secret key asks for one of another kind",
            "secret",
            r#""kind":"publishable","key_type":"publishable","type":"publishable""#,
            Harmless,
        ),
        (
            "a secret key asks for a kind that there is not",
            "secret",
            r#""kind":"admin","key_type":"root""#,
            Harmless,
        ),
        (
            "a publishable key asks for a secret one",
            "publishable",
            r#""kind":"secret","key_type":"secret","scopes":[]"#,
            Lacks,
        ),
        (
            "one asks for a later end and a higher limit",
            "secret",
            r#""expires_at":null,"expires_in":1e99,"rate_limit_per_min":null,"revoked_at":null"#,
            Harmless,
        ),
        (
            "one asks for another grant",
            "project",
            r#""grant":"all","permissions":["*"],"resources":null,"projects":null"#,
            Harmless,
        ),
        (
            "one says that somebody bigger made the key",
            "project",
            r#""created_by":"{id of secret}","parent":"{id of secret}","version":99"#,
            Harmless,
        ),
        (
            "one chooses id and secret",
            "project",
            r#""id":"{id of secret}","key":"{secret of secret}","key_prefix":"sk_live_xxxx""#,
            Harmless,
        ),
        (
            "one writes into the prototype",
            "project",
            r#""__proto__":{"project_ids":null},"constructor":{"prototype":{"scopes":["all"]}}"#,
            Harmless,
        ),
        (
            "one misspells the restriction",
            "project",
            r#""projectIds":null,"Project_Ids":null,"project_ids ":null,"project_ids[]":null"#,
            Harmless,
        ),
        (
            "one wraps the wish",
            "project",
            r#""data":{"project_ids":null},"body":{"scopes":["all"]}"#,
            Harmless,
        ),
        (
            "one says first that there is a restriction and then none",
            "project",
            r#""project_ids":["proj_interviews"],"project_ids":null"#,
            OutOfReach,
        ),
        (
            "one says first that there is no restriction and then one",
            "project",
            r#""project_ids":null,"project_ids":["proj_interviews"]"#,
            Harmless,
        ),
        ("one escapes the name of a field", "project", r#""project\u005fids":null"#, OutOfReach),
    ];
    let create = |(sentence, by, fields, end)| {
        create(sentence, by, format!(r#"{{"name":"x",{fields}}}"#), end)
    };
    attempts.map(create).into()
}

/// Attempts by forms of a body that somebody may read in another way.
pub(super) fn forms() -> Vec<Attempt> {
    let wish = r#"{"name":"x","project_ids":null}"#;
    let mut utf16: Vec<u8> = vec![0xff, 0xfe];
    utf16.extend(wish.encode_utf16().flat_map(u16::to_le_bytes));
    let bodies = [
        ("one marks the order of bytes first", [b"\xef\xbb\xbf", wish.as_bytes()].concat()),
        ("one wishes in UTF-16", utf16),
        ("one sends two wishes, one after the other", format!(r#"{{"name":"x"}}{wish}"#).into()),
        ("one sends two wishes in a list", format!(r#"[{{"name":"x"}},{wish}]"#).into()),
        ("one comments the wish", br#"{"name":"x"/*,*/,"project_ids":null}"#.to_vec()),
        ("one ends the wish with a comma", br#"{"name":"x","project_ids":null,}"#.to_vec()),
    ];
    let create_with = |(sentence, body)| create(sentence, "project", body, Invalid("body"));
    let mut attempts: Vec<Attempt> = bodies.map(create_with).into();
    for (sentence, headers) in [
        ("one sends the wish as text", vec!["content-type: text/plain"]),
        ("one sends the wish as a form", vec!["content-type: application/x-www-form-urlencoded"]),
        ("one does not say what the wish is", vec![]),
        (
            "one says twice what the wish is",
            vec!["content-type: application/json", "content-type: text/plain"],
        ),
    ] {
        let wish = create(sentence, "project", wish, Invalid("body"));
        attempts.push(Attempt { headers, ..wish });
    }
    let query = create("one wishes in the query", "project", "", Invalid("body"));
    let target = "POST /api/v1/api-keys?name=x&scopes=all&project_ids=".to_owned();
    attempts.push(Attempt { target, ..query });
    attempts
}
