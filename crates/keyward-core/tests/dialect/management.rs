//! How keys are shown and what is answered over HTTP, byte for byte; and what a form may not say.

use keyward_core::clock::Timestamp;
use keyward_core::dialect::Dialect;
use keyward_core::dialect::management::{Action, Done, Fault, FaultKind, Listed, Meta, Problem};
use keyward_core::key::{Creator, Grant, KeyId, KeyRecord, PlainKey, Resources};

const NOW: Timestamp = Timestamp::from_millis(1_767_693_600_250);
const META: Meta<'_> = Meta { request_id: "req_7", now: NOW };
const DAY: i64 = 86_400_000;

fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap()
}

fn done(dialect: &Dialect, action: Action, done: Done<'_>) -> (u16, String) {
    let answer = dialect.management().unwrap().operation(action).unwrap().answer(done, META);
    assert_eq!(answer.content_type, "application/json");
    (answer.status, text(answer.body))
}

fn refused(dialect: &Dialect, problem: Problem<'_>) -> (u16, String) {
    let answer = dialect.management().unwrap().refuse(problem, META);
    assert_eq!(answer.content_type, dialect.content_type());
    (answer.status, text(answer.body))
}

fn onepin_record() -> KeyRecord {
    let id = KeyId::new("d290f1ee-6c54-4b01-90e6-d701748f0851");
    let mut record = KeyRecord::new(id, "a3f1c2d4-5b6e-4f7a-9c8d-123456789abc", "live")
        .with_name("Production \"API\" Key")
        .with_grant(Grant::Only("workflows:read workflows:run voices:read".parse().unwrap()));
    "pk_live_9f8e7d6c".clone_into(&mut record.mask);
    record.created_by = Some(Creator::Person("user_1".to_owned()));
    record.created_at = NOW;
    record.updated_at = NOW;
    record
}

const ONEPIN_RECORD: &str = r#"{"id":"d290f1ee-6c54-4b01-90e6-d701748f0851","workspace_id":"a3f1c2d4-5b6e-4f7a-9c8d-123456789abc","created_by":"user_1","name":"Production \"API\" Key","key_type":"live","key_prefix":"pk_live_","key_suffix":"9f8e7d6c","scopes":["workflows:read","workflows:run","voices:read"],"active":true,"last_used_at":null,"rate_limit_per_min":null,"revoked_at":null,"created_at":"2026-01-06T10:00:00Z","updated_at":"2026-01-06T10:00:00Z","preview":"pk_live_9f8e7d6c"}"#;
const ONEPIN_META: &str = r#""meta":{"request_id":"req_7","timestamp":"2026-01-06T10:00:00Z"}"#;

#[test]
fn onepin_shows_a_record_in_its_envelope() {
    let record = onepin_record();
    let (status, body) = done(&Dialect::onepin(), Action::Get, Done::Record(&record));
    assert_eq!(status, 200);
    assert_eq!(body, format!(r#"{{"data":{ONEPIN_RECORD},{ONEPIN_META}}}"#));
}

#[test]
fn onepin_shows_a_new_key_before_its_preview() {
    let record = onepin_record();
    let key = PlainKey::new("pk_live_9f8e7d6c3b2a1d0e".into());
    let issued = Done::Issued { new: &record, key: Some(&key), old: None };
    let (status, body) = done(&Dialect::onepin(), Action::Create, issued);
    let data = ONEPIN_RECORD
        .replace(r#","preview""#, r#","api_key":"pk_live_9f8e7d6c3b2a1d0e","preview""#);
    assert_eq!(status, 201);
    assert_eq!(body, format!(r#"{{"data":{data},{ONEPIN_META}}}"#));

    let mut old = record.clone();
    old.revoked_at = Some(NOW);
    let rotated = Done::Issued { new: &record, key: Some(&key), old: Some(&old) };
    let old = ONEPIN_RECORD
        .replace(r#""active":true"#, r#""active":false"#)
        .replace(r#""revoked_at":null"#, r#""revoked_at":"2026-01-06T10:00:00Z""#);
    assert_eq!(
        done(&Dialect::onepin(), Action::Rotate, rotated),
        (200, format!(r#"{{"data":{{"old_key":{old},"new_key":{data}}},{ONEPIN_META}}}"#))
    );
}

#[test]
fn an_answer_does_not_show_its_key_in_debug() {
    let (onepin, record) = (Dialect::onepin(), onepin_record());
    let key = PlainKey::new("pk_live_9f8e7d6c3b2a1d0e".into());
    let done = Done::Issued { new: &record, key: Some(&key), old: None };
    let create = onepin.management().unwrap().operation(Action::Create).unwrap();
    assert_eq!(
        format!("{:?}", create.answer(done, META)),
        r#"Answer { status: 201, content_type: "application/json", .. }"#
    );
}

#[test]
fn onepin_shows_a_page() {
    let page = Listed {
        records: vec![onepin_record(), onepin_record()],
        limit: 50,
        total: 120,
        next: Some("/api/v1/api-keys?offset=50".to_owned()),
        ..Listed::default()
    };
    assert_eq!(
        done(&Dialect::onepin(), Action::List, Done::Listed(&page)).1,
        format!(
            r#"{{"data":[{ONEPIN_RECORD},{ONEPIN_RECORD}],"pagination":{{"limit":50,"total":120,"next":"/api/v1/api-keys?offset=50","prev":null}},{ONEPIN_META}}}"#
        )
    );
}

#[test]
fn onepin_lists_every_fault() {
    let faults = [
        Fault::in_body(FaultKind::TooShort(1)).at("name"),
        Fault::in_body(FaultKind::OneOf(vec!["a".into(), "b".into(), "c".into()]))
            .at("scopes")
            .item(0),
        Fault::in_query(FaultKind::AtMost(100)).at("limit"),
    ];
    assert_eq!(
        refused(&Dialect::onepin(), Problem::Invalid(&faults)),
        (
            422,
            r#"{"detail":[{"loc":["body","name"],"msg":"String should have at least 1 character","type":"string_too_short"},{"loc":["body","scopes",0],"msg":"Input should be 'a', 'b' or 'c'","type":"enum"},{"loc":["query","limit"],"msg":"Input should be less than or equal to 100","type":"less_than_equal"}]}"#.to_owned()
        )
    );
    assert_eq!(
        refused(&Dialect::onepin(), Problem::NotFound),
        (
            404,
            format!(
                r#"{{"error":{{"code":"NOT_FOUND","message":"API key not found.","details":null}},{ONEPIN_META}}}"#
            )
        )
    );
}

fn scribe_record() -> KeyRecord {
    let mut record = KeyRecord::new(KeyId::new("key_xxxxxxxxxxxx"), "acme", "secret")
        .with_name("CI/CD Pipeline")
        .with_grant(Grant::Only("read write".parse().unwrap()));
    "sk_live_xxxx".clone_into(&mut record.mask);
    record.created_at = NOW;
    record
}

#[test]
fn scribe_sight_shows_a_new_key() {
    let record = scribe_record().with_resources(Resources::Only(vec!["proj_xxx".to_owned()]));
    let key = PlainKey::new("sk_live_xxxxxxxxxxxxxxxxxxxxxxxxxxxx".into());
    let issued = Done::Issued { new: &record, key: Some(&key), old: None };
    assert_eq!(
        done(&Dialect::scribe_sight(), Action::Create, issued),
        (
            201,
            r#"{"data":{"id":"key_xxxxxxxxxxxx","name":"CI/CD Pipeline","key_prefix":"sk_live_xxxx","key":"sk_live_xxxxxxxxxxxxxxxxxxxxxxxxxxxx","scopes":["read","write"],"project_ids":["proj_xxx"],"created_at":"2026-01-06T10:00:00Z"}}"#.to_owned()
        )
    );
}

#[test]
fn scribe_sight_shows_a_page() {
    let mut record = scribe_record();
    record.last_used_at = Some(NOW.plus(std::time::Duration::from_secs(5)));
    let page = Listed {
        records: vec![record],
        has_more: true,
        next: Some("7.k".into()),
        ..Listed::default()
    };
    assert_eq!(
        done(&Dialect::scribe_sight(), Action::List, Done::Listed(&page)).1,
        r#"{"data":[{"id":"key_xxxxxxxxxxxx","name":"CI/CD Pipeline","key_prefix":"sk_live_xxxx","key_type":"secret","scopes":["read","write"],"project_ids":null,"last_used_at":"2026-01-06T10:00:05Z","created_at":"2026-01-06T10:00:00Z"}],"pagination":{"has_more":true,"next_cursor":"7.k"},"meta":{"request_id":"req_7","timestamp":"2026-01-06T10:00:00Z"}}"#
    );
    assert_eq!(
        done(&Dialect::scribe_sight(), Action::List, Done::Listed(&Listed::default())).1,
        r#"{"data":[],"pagination":{"has_more":false,"next_cursor":null},"meta":{"request_id":"req_7","timestamp":"2026-01-06T10:00:00Z"}}"#
    );
}

#[test]
fn scribe_sight_names_the_first_fault() {
    let faults = [
        Fault::in_body(FaultKind::Missing).at("name"),
        Fault::in_body(FaultKind::List).at("scopes"),
    ];
    assert_eq!(
        refused(&Dialect::scribe_sight(), Problem::Invalid(&faults)),
        (
            400,
            r#"{"error":{"code":"invalid_request","message":"Validation failed","details":{"field":"name","reason":"Field required"}},"meta":{"request_id":"req_7"}}"#.to_owned()
        )
    );
    assert_eq!(
        refused(&Dialect::scribe_sight(), Problem::Conflict("Cannot revoke the API key used for this request")),
        (
            409,
            r#"{"error":{"code":"conflict","message":"Cannot revoke the API key used for this request"},"meta":{"request_id":"req_7"}}"#.to_owned()
        )
    );
}

#[test]
fn systemprompt_has_words_for_what_is_not_there() {
    for (fault, message) in [
        (FaultKind::Missing, "The 'name' field is required."),
        (FaultKind::String, "The 'name' field is not valid: Input should be a valid string."),
    ] {
        let fault = Fault::in_body(fault).at("name");
        assert_eq!(
            refused(&Dialect::systemprompt(), Problem::Invalid(&[fault])),
            (
                422,
                format!(
                    r#"{{"error":{{"code":"validation_error","message":"{message}","status":422}}}}"#
                )
            )
        );
    }
}

#[test]
fn scopes_that_the_kind_takes_away_are_not_shown() {
    let mut record = scribe_record();
    record.kind = "publishable".to_owned();
    let page = Listed { records: vec![record], ..Listed::default() };
    let (_, body) = done(&Dialect::scribe_sight(), Action::List, Done::Listed(&page));
    assert!(body.contains(r#""key_type":"publishable","scopes":[]"#), "{body}");
}

#[test]
fn full_access_is_spelled_or_a_list_of_everything() {
    let record = scribe_record().with_grant(Grant::All);
    let page = Listed { records: vec![record.clone()], ..Listed::default() };
    let (_, body) = done(&Dialect::scribe_sight(), Action::List, Done::Listed(&page));
    assert!(body.contains(r#""scopes":["read","write"]"#), "{body}");
    let (_, body) = done(&Dialect::bigspin(), Action::Get, Done::Record(&record));
    assert!(body.contains(r#""permissions":"all""#), "{body}");
}

#[test]
fn a_status_says_whether_a_key_is_let_in() {
    let status = |record: &KeyRecord| {
        let (_, body) = done(&Dialect::standard(), Action::Get, Done::Record(record));
        serde_json::from_str::<serde_json::Value>(&body).unwrap()["status"].clone()
    };
    let before = Timestamp::from_millis(NOW.as_millis() - DAY);
    let mut record = scribe_record();
    record.updated_at = before;
    assert_eq!(status(&record), "active");
    assert_eq!(status(&record.clone().with_expires_at(Some(NOW))), "expired");
    let in_grace =
        record.clone().with_revoked_at(Some(Timestamp::from_millis(NOW.as_millis() + 1)));
    assert_eq!(status(&in_grace), "active");
    assert_eq!(status(&record.with_revoked_at(Some(NOW)).with_expires_at(Some(NOW))), "revoked");
}

#[test]
fn every_answer_of_every_dialect_is_json_whatever_is_in_it() {
    let nasty = "\"\\\u{0}\n}{{id}}é";
    let mut record = KeyRecord::new(KeyId::new(nasty), nasty, nasty).with_name(nasty);
    record.description = Some(nasty.to_owned());
    record.mask = nasty.to_owned();
    record.resources = Resources::Only(vec![nasty.to_owned()]);
    record.created_by = Some(Creator::Key(KeyId::new(nasty)));
    record.created_at = Timestamp::from_millis(i64::MAX);
    record.revoked_at = Some(Timestamp::from_millis(i64::MIN));
    let key = PlainKey::new(nasty.into());
    let fault = [Fault::in_body(FaultKind::Value(nasty.to_owned())).at(nasty)];
    let page =
        Listed { records: vec![record.clone(); 2], next: Some(nasty.into()), ..Listed::default() };
    let meta = Meta { request_id: nasty, now: NOW };
    for name in Dialect::BUILT_IN {
        let dialect = Dialect::named(name).unwrap();
        let management = dialect.management().unwrap();
        let mut bodies = Vec::new();
        for operation in management.operations() {
            let done = match operation.action() {
                Action::List => Done::Listed(&page),
                Action::Delete => Done::Deleted,
                Action::Create | Action::Rotate => {
                    Done::Issued { new: &record, key: Some(&key), old: Some(&record) }
                }
                _ => Done::Record(&record),
            };
            let answer = operation.answer(done, meta);
            assert_eq!(answer.status == 204, answer.body.is_empty());
            bodies.extend(Some(answer.body).filter(|body| !body.is_empty()));
        }
        for problem in [
            Problem::Invalid(&fault),
            Problem::NotFound,
            Problem::Conflict(nasty),
            Problem::TooLarge,
            Problem::MethodNotAllowed,
            Problem::Internal,
        ] {
            bodies.push(management.refuse(problem, meta).body);
        }
        for body in bodies {
            let json: Result<serde_json::Value, _> = serde_json::from_slice(&body);
            assert!(json.is_ok(), "{name}: {}", String::from_utf8_lossy(&body));
        }
    }
}

const ACME: &str = r#"
[management]
path = "/keys"
instants = "seconds"
unknown_fields = "refuse"
record = '{"id":{{id}}}'
issued = '{"key":{{key}}}'

[management.list]
route = "GET"
scope = "read"
by = "page"
limit = { default = 20, most = 100 }
show = "active"
parameters = { status = "status" }
body = '[{{records}}]'

[management.create]
route = "POST"
status = 201
fields = { name = "name", scopes = "scopes" }
body = '{{issued}}'

[management.revoke]
route = "DELETE /{id}"
scope = "write"
status = 204

[management.errors]
fault = '{{message}}'
invalid = { status = 400, body = '[{{faults}}]' }
not_found = { body = '{}' }
conflict = { body = '{}' }
too_large = { body = '{}' }
method_not_allowed = { body = '{}' }
internal = { body = '{}' }
"#;

/// The sentence about a form in which one text stands in another's place, and the line counted from
/// the form's own start.
fn error(from: &str, to: &str) -> String {
    assert!(ACME.contains(from), "{from}");
    let standard = include_str!("../../dialects/standard.toml");
    let standard = &standard[..standard.find("[management]").unwrap()];
    let text = format!("{standard}{}", ACME.replacen(from, to, 1));
    let error = Dialect::from_toml(&text).unwrap_err();
    let line = error.line().unwrap();
    let sentence = error.to_string();
    let sentence = sentence.strip_prefix(&format!("line {line}: ")).unwrap();
    format!("{}: {sentence}", line - standard.lines().count())
}

sentences! {
    a_path_without_a_slash: "\"/keys\"", "\"keys\""
        => "3: `path` must be segments of `[A-Za-z0-9._~-]` with a slash before each, such as `/api/v1/api-keys`";
    a_path_that_climbs: "\"/keys\"", "\"/../keys\""
        => "3: `path` must be segments of `[A-Za-z0-9._~-]` with a slash before each, such as `/api/v1/api-keys`";
    a_record_with_a_key: "{{id}}", "{{key}}"
        => "6: `{{key}}` is no placeholder: there are `{{id}}`, `{{workspace}}`, `{{created_by}}`, `{{name}}`, `{{description}}`, `{{kind}}`, `{{mask}}`, `{{prefix}}`, `{{suffix}}`, `{{scopes}}`, `{{grant}}`, `{{resources}}`, `{{active}}`, `{{status}}`, `{{rate_limit_per_min}}`, `{{networks}}`, `{{last_used_at}}`, `{{expires_at}}`, `{{revoked_at}}`, `{{created_at}}` and `{{updated_at}}`";
    a_list_inside_a_string: "{\"id\":{{id}}}", "{\"id\":\"{{scopes}}\"}"
        => "6: the body is not JSON when it is filled in: expected `,` or `}` at line 1 column 10";
    an_issued_key_that_does_not_show: "{{key}}", "{{id}}"
        => "7: `issued` must show the new key: write `{{key}}` into it";
    a_creation_without_an_issued_key: "issued = '{\"key\":{{key}}}'", ""
        => "19: what makes keys must show them: write `issued`, a record with `{{key}}`";
    a_creation_that_does_not_show_its_key: "'{{issued}}'", "'{}'"
        => "19: the answer must show the new key: write `{{issued}}` into its `body`";
    a_method_that_nobody_knows: "\"POST\"", "\"MAKE\""
        => "19: a `route` must begin with one of GET, POST, PUT, PATCH, DELETE";
    a_list_that_is_no_get: "\"GET\"", "\"POST\""
        => "10: what shows keys is a GET, and nothing else is";
    a_get_that_revokes: "\"DELETE /{id}\"", "\"GET /{id}\""
        => "25: what shows keys is a GET, and nothing else is";
    a_creation_below_a_key: "\"POST\"", "\"POST /{id}\""
        => "19: `list` and `create` are at `path` itself: write the method alone";
    a_revocation_of_no_key: "\"DELETE /{id}\"", "\"DELETE\""
        => "25: this is done to one key: write for example `POST /{id}/rotate`";
    a_revocation_too_deep: "\"DELETE /{id}\"", "\"DELETE /{id}/a/b\""
        => "25: this is done to one key: write for example `POST /{id}/rotate`";
    two_operations_at_one_route: "[management.errors]", "[management.delete]\nroute = \"DELETE /{id}\"\nstatus = 204\n[management.errors]"
        => "30: this route stands twice: give every operation its own";
    a_reactivation_where_revocation_is_final: "[management.errors]", "[management.reactivate]\nroute = \"POST /{id}\"\nstatus = 204\n[management.errors]"
        => "30: revocation is final here: leave `reactivate` out, or write `reactivates = true`";
    no_body_with_another_status: "\nstatus = 204", ""
        => "25: an operation has a `body` and a `status` of 200 to 299, or no `body` and `status = 204`";
    a_status_that_is_no_success: "status = 201", "status = 404"
        => "20: an operation has a `body` and a `status` of 200 to 299, or no `body` and `status = 204`";
    a_scope_that_is_none: "\"write\"", "\"read write\""
        => "26: `read write` is not a scope: use printable ASCII without spaces, quotes, backslashes and `|`";
    a_new_key_without_a_name: "name = \"name\", ", ""
        => "21: a new key has a name: write `fields = { name = \"name\" }`";
    a_new_key_without_fields: "fields = { name = \"name\", scopes = \"scopes\" }\n", ""
        => "19: a new key has a name: write `fields = { name = \"name\" }`";
    two_fields_that_are_the_same: "scopes = \"scopes\"", "scopes = \"scopes\", permissions = \"grant\""
        => "21: `permissions` and `scopes` are the same: keep one";
    a_field_that_is_nothing: "\"scopes\" }", "\"scope\" }"
        => "21: unknown variant `scope`, expected one of `name`, `description`, `workspace`, `scopes`, `grant`, `resources`, `rate_limit_per_min`, `networks`, `kind`, `expires_at`, `active`";
    a_new_key_that_is_revoked: "scopes = \"scopes\"", "active = \"active\""
        => "21: `active` cannot be a field here";
    fields_of_a_revocation: "scope = \"write\"", "fields = { name = \"name\" }"
        => "26: only `create` and `update` have `fields`";
    a_default_above_the_most: "default = 20", "default = 101"
        => "13: a limit has a `default` from 1, and is at `most` 1000";
    a_page_without_keys: "default = 20", "default = 0"
        => "13: a limit has a `default` from 1, and is at `most` 1000";
    a_page_too_large: "most = 100", "most = 1001"
        => "13: a limit has a `default` from 1, and is at `most` 1000";
    two_parameters_of_one_name: "{ status = ", "{ page = "
        => "13: the query parameter `page` needs another name";
    a_cursor_among_page_numbers: "'[{{records}}]'", "'[{{next}}]'"
        => "16: `{{next}}` is no placeholder: there are `{{records}}`, `{{limit}}`, `{{total}}`, `{{page}}`, `{{has_more}}`, `{{request_id}}` and `{{timestamp}}`";
    records_without_brackets: "'[{{records}}]'", "'{{records}}'"
        => "16: the body is not JSON when it is filled in: trailing characters at line 1 column 4";
    a_fault_that_is_never_shown: "'[{{faults}}]'", "'{}'"
        => "31: `fault` is what `{{faults}}` lists: write both or neither";
    faults_without_their_form: "fault = '{{message}}'", ""
        => "31: `fault` is what `{{faults}}` lists: write both or neither";
    a_problem_that_looks_like_success: "status = 400", "status = 200"
        => "31: this status must be 400 to 499";
    a_placeholder_of_another_problem: "not_found = { body = '{}' }", "not_found = { body = '{{message}}' }"
        => "32: `{{message}}` is no placeholder: there are `{{request_id}}` and `{{timestamp}}`";
}

#[test]
fn the_form_itself_is_right() {
    let standard = include_str!("../../dialects/standard.toml");
    let text = standard[..standard.find("[management]").unwrap()].to_owned();
    assert!(Dialect::from_toml(&text).unwrap().management().is_none(), "it can be left out");
    let dialect = Dialect::from_toml(&(text + ACME)).unwrap();
    let management = dialect.management().unwrap();
    let actions: Vec<_> = management.operations().map(|operation| operation.action()).collect();
    assert_eq!(actions, [Action::Create, Action::Revoke, Action::List]);
}
