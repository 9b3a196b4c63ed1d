//! Every mistake that a file can hold has its sentence, and the line to look at.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use keyward_core::dialect::Dialect;

const ACME: &str = r#"name = "acme"
realm = "acme"
content_type = "application/json"
retry_after = 1
reactivates = false
request_id = "uuid"
key_id = "uuid"
mask = { first = 9, last = 4 }
names = { min = 1, max = 120 }
locations = [
  { header = "Authorization", scheme = "Bearer" },
  { header = "X-API-Key" },
]

[[kinds]]
name = "live"
prefix = "acme_live_"
issue = { length = 30, alphabet = "base62" }
accept = { min = 20, max = 64, alphabet = "base64url" }
checksum = "crc32"

[[kinds]]
name = "browser"
prefix = "acme_browser_"
legacy_prefixes = ["acme_web_"]
issue = { length = 30, alphabet = "base36" }
checksum = "none"
grants = ["upload"]
cap = ["read"]

[scopes]
omitted = ["read"]
refuse_empty_grant = false

[[scopes.catalogue]]
name = "read"
description = "See"
satisfied_by = ["write"]

[[scopes.catalogue]]
name = "write"
description = "Change"

[rejections]
missing = { body = '{}' }
invalid = { body = '{"at":"{{timestamp}}","wait":{{retry_after}}}' }
scope = { status = 403, body = '{}' }
ambiguous = { body = '{}' }
rate_limited = { body = '{}' }
unavailable = { status = 503, body = '{}' }
"#;

/// The sentence about a file in which one text stands in another's place.
fn error(from: &str, to: &str) -> String {
    assert!(ACME.contains(from), "{from}");
    Dialect::from_toml(&ACME.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn the_file_itself_is_right() {
    assert_eq!(Dialect::from_toml(ACME).unwrap().name(), "acme");
}

#[test]
fn a_file_and_the_builder_say_alike_how_long_keys_live() {
    let lifetime = "[lifetime]\nmax_days = 365\nidle_days = 90\n[rejections]";
    let file = Dialect::from_toml(&ACME.replacen("[rejections]", lifetime, 1)).unwrap();
    let built = Dialect::builder("acme").max_lifetime_days(365).idle_days(90).build().unwrap();
    let days = |days: u64| Some(Duration::from_hours(24 * days));
    for dialect in [file, built] {
        assert_eq!((dialect.max_lifetime(), dialect.idle_expiry()), (days(365), days(90)));
    }
    let without = Dialect::from_toml(ACME).unwrap();
    assert_eq!((without.max_lifetime(), without.idle_expiry()), (None, None));
    let nothing = Dialect::builder("acme").max_lifetime_days(0).build().unwrap_err().to_string();
    assert!(nothing.starts_with("`max_days` must be one day or more"), "{nothing}");
}

sentences! {
    a_line_that_is_no_toml:
        "retry_after = 1", "retry_after"
        => "line 4: key with no value, expected `=`";
    a_field_that_nobody_knows:
        "retry_after", "retry"
        => "line 4: unknown field `retry`, expected one of `name`, `realm`, `content_type`, `retry_after`, `reactivates`, `ends_itself`, `in_flight`, `request_id`, `key_id`, `mask`, `names`, `workspace_header`, `locations`, `kinds`, `scopes`, `lifetime`, `limits`, `rejections`, `management`, `words`";
    a_field_that_is_missing: "retry_after = 1\n", "" => "line 1: missing field `retry_after`";
    a_rejection_that_is_missing: "invalid = ", "expired = " => "line 44: missing field `invalid`";
    a_text_for_a_number:
        "retry_after = 1", "retry_after = \"1\""
        => r#"line 4: invalid type: string "1", expected u32"#;
    a_negative_number:
        "max = 120", "max = -1"
        => "line 9: invalid value: integer `-1`, expected usize";
    a_name_with_a_space:
        "name = \"acme\"", "name = \"acme inc\""
        => "line 1: a dialect's name must be 1 to 64 characters of `[A-Za-z0-9._-]`";
    a_realm_with_a_quote:
        "realm = \"acme\"", "realm = 'a\"'"
        => "line 2: `realm` must be 1 to 128 printable ASCII characters without quotes and backslashes";
    a_content_type_with_a_line_break:
        "application/json", "a\\r\\nb"
        => "line 3: `content_type` must be 1 to 128 printable ASCII characters without quotes and backslashes";
    a_request_id_of_an_unknown_form:
        "request_id = \"uuid\"", "request_id = \"ulid\""
        => r#"line 6: write "uuid" or { prefix = "…_", random = 12 }"#;
    a_request_id_that_repeats_too_soon:
        "request_id = \"uuid\"", "request_id = { prefix = \"req_\", random = 4 }"
        => "line 6: `request_id` must have a prefix of `[A-Za-z0-9_-]` and 12 or more random characters, together at most 36";
    a_key_id_that_is_too_long:
        "key_id = \"uuid\"", "key_id = { prefix = \"key_\", random = 33 }"
        => "line 7: `key_id` must have a prefix of `[A-Za-z0-9_-]` and 12 or more random characters, together at most 36";
    a_mask_with_two_starts:
        "first = 9", "first = 9, after_prefix = 1"
        => "line 8: `mask` must have one of `first` and `after_prefix`";
    a_mask_that_shows_too_much:
        "last = 4", "last = 65"
        => "line 8: `mask` may show at most 64 characters at either end";
    a_mask_that_shows_the_secret:
        "first = 9", "first = 15"
        => "line 18: the mask leaves fewer than 128 random bits hidden: issue longer keys";
    names_that_cannot_be:
        "min = 1, max = 120", "min = 3, max = 2"
        => "line 9: `names` allows no name: write a `max` that is not below `min`";
    a_workspace_header_with_a_space:
        "names =", "workspace_header = \"X Workspace\"\nnames ="
        => "line 9: `workspace_header` must be a header's name, without spaces";
    a_workspace_header_that_holds_keys:
        "names =", "workspace_header = \"x-api-KEY\"\nnames ="
        => "line 9: `workspace_header` is a header in which keys come: name another";
    no_location:
        "\n  { header = \"Authorization\", scheme = \"Bearer\" },\n  { header = \"X-API-Key\" },\n", ""
        => "line 10: `locations` must name 1 to 8 places where a key may be";
    a_location_that_stands_twice:
        "{ header = \"X-API-Key\" }", "{ header = \"AUTHORIZATION\", scheme = \"Bearer\" }"
        => "line 12: this location stands twice: keep one";
    a_location_with_a_space:
        "X-API-Key", "X API Key"
        => "line 12: a location's names must be tokens of RFC 9110, without spaces";
    a_location_of_two_places:
        "header = \"X-API-Key\"", "header = \"X-API-Key\", insecure_query = \"key\""
        => "line 12: a location must be a `header`, with a `scheme` or without, or an `insecure_query`";
    an_unknown_policy_for_requests_in_flight:
        "reactivates = false", "reactivates = false\nin_flight = \"abort\""
        => "line 6: unknown variant `abort`, expected one of `finish`, `refuse_on_return`, `cancel`";
    an_unknown_environment:
        "checksum = \"crc32\"", "checksum = \"crc32\"\nenvironment = \"test\""
        => "line 21: unknown variant `test`, expected `live` or `sandbox`";
    a_kind_without_a_name:
        "name = \"live\"", "name = \"\""
        => "line 16: a kind's name must be 1 to 64 characters of `[A-Za-z0-9_-]`";
    two_kinds_of_one_name:
        "name = \"browser\"", "name = \"live\""
        => "line 23: two kinds have the name `live`: give each its own";
    two_kinds_of_one_prefix:
        "prefix = \"acme_browser_\"", "prefix = \"acme_live_\""
        => "line 24: the prefix `acme_live_` is taken: give every kind its own";
    a_legacy_prefix_that_is_taken:
        "acme_web_", "acme_live_"
        => "line 25: the prefix `acme_live_` is taken: give every kind its own";
    an_empty_prefix:
        "acme_live_", ""
        => "line 17: a prefix must be 1 to 64 characters of `[A-Za-z0-9_-]`";
    a_prefix_with_a_dot:
        "acme_live_", "acme.live."
        => "line 17: a prefix must be 1 to 64 characters of `[A-Za-z0-9_-]`";
    a_prefix_that_new_keys_may_continue:
        "acme_web_", "acme_live_2"
        => "line 25: a new key with the prefix `acme_live_` could begin with `acme_live_2`: choose another";
    a_kind_of_no_keys:
        "issue = { length = 30, alphabet = \"base36\" }", ""
        => "line 23: say what the kind `browser` can `issue` or `accept`";
    an_unknown_alphabet:
        "base36", "hex"
        => "line 26: unknown variant `hex`, expected one of `base36`, `base62`, `base64url`";
    an_unknown_checksum:
        "crc32", "crc16"
        => "line 20: unknown variant `crc16`, expected `none` or `crc32`";
    new_keys_that_are_too_long_to_be_accepted:
        "length = 30", "length = 60"
        => "line 18: issued keys have 66 characters after the prefix, but 20 to 64 are accepted";
    a_checksum_of_characters_that_are_not_accepted:
        "base64url", "base36"
        => "line 20: a crc32 checksum is six base62 characters at the end: accept them";
    new_keys_of_characters_that_are_not_accepted:
        "issue = { length = 30, alphabet = \"base36\" }",
        "issue = { length = 30, alphabet = \"base62\" }\n\
         accept = { min = 30, max = 30, alphabet = \"base36\" }"
        => "line 26: issued keys have characters that are not accepted";
    new_keys_that_can_be_guessed:
        "length = 30, alphabet = \"base36\"", "length = 24, alphabet = \"base36\""
        => "line 26: issue 25 random characters or more: fewer hold less than 128 bits";
    keys_of_an_impossible_length:
        "min = 20", "min = 65"
        => "line 19: a key must have 1 to 512 characters after its prefix, from `min` to `max`";
    keys_of_too_many_characters:
        "max = 64", "max = 513"
        => "line 19: a key must have 1 to 512 characters after its prefix, from `min` to `max`";
    a_checksum_that_is_not_accepted:
        "min = 20", "min = 6"
        => "line 20: a crc32 checksum is six base62 characters at the end: accept them";
    a_grant_that_is_no_scope:
        "grants = [\"upload\"]", "grants = [\"up load\"]"
        => "line 28: `up load` is not a scope: use printable ASCII without spaces, quotes, backslashes and `|`";
    a_grant_that_the_catalogue_lists:
        "grants = [\"upload\"]", "grants = [\"read\"]"
        => "line 28: `read` comes with a kind of key: take it out of the catalogue";
    a_cap_that_the_catalogue_lacks:
        "cap = [\"read\"]", "cap = [\"red\"]"
        => "line 29: `red` is not in the catalogue: add it there, or take it out";
    an_omission_that_the_catalogue_lacks:
        "omitted = [\"read\"]", "omitted = [\"red\"]"
        => "line 32: `red` is not in the catalogue: add it there, or take it out";
    an_omission_of_an_unknown_word:
        "omitted = [\"read\"]", "omitted = \"everything\""
        => r#"line 32: write "all" or a list of scopes"#;
    a_scope_with_a_bar:
        "name = \"read\"", "name = \"read|write\""
        => "line 36: `read|write` is not a scope: use printable ASCII without spaces, quotes, backslashes and `|`";
    a_scope_that_stands_twice:
        "name = \"write\"", "name = \"read\""
        => "line 41: the scope `read` stands twice in the catalogue: keep one";
    a_scope_that_nothing_can_satisfy:
        "satisfied_by = [\"write\"]", "satisfied_by = [\"admin\"]"
        => "line 38: `admin` is not in the catalogue: add it there, or take it out";
    a_refusal_that_is_a_success:
        "status = 403", "status = 200"
        => "line 47: this status must be 400 to 499";
    a_store_failure_that_blames_the_key:
        "status = 503", "status = 401"
        => "line 50: this status must be 500 to 599";
    a_placeholder_that_nobody_knows:
        "{{timestamp}}", "{{time}}"
        => "line 46: `{{time}}` is no placeholder: there are `{{request_id}}`, `{{timestamp}}` and `{{retry_after}}`";
    a_placeholder_with_blanks:
        "{{timestamp}}", "{{ timestamp }}"
        => "line 46: a `{{` is not closed: write for example `{{request_id}}`";
    a_placeholder_that_is_not_closed:
        "{{timestamp}}", "{{timestamp}"
        => "line 46: a `{{` is not closed: write for example `{{request_id}}`";
    a_body_that_is_not_json:
        "status = 403, body = '{}'", "status = 403, body = 'no'"
        => "line 47: the body is not JSON when it is filled in: expected ident at line 1 column 2";
    a_body_whose_placeholder_stands_beside_a_value:
        "{{retry_after}}", "0{{request_id}}"
        => "line 46: the body is not JSON when it is filled in: expected `,` or `}` at line 1 column 19";
    a_limit_of_nothing:
        "[rejections]", "[limits]\nper_minute = 0\n[rejections]"
        => "line 45: a limit admits one request a minute or more: leave out what is not limited";
    a_named_limit_of_nothing:
        "[rejections]", "[limits.named]\nuploads = 0\n[rejections]"
        => "line 45: a limit admits one request a minute or more: leave out what is not limited";
    a_limit_with_a_name_that_is_none:
        "[rejections]", "[limits.named]\n\"up loads\" = 5\n[rejections]"
        => "line 45: a limit's name must be 1 to 64 characters of `[A-Za-z0-9_-]`";
    a_named_limit_that_is_called_as_the_one_of_every_request:
        "[rejections]", "[limits.named]\ndefault = 5\n[rejections]"
        => "line 45: `default` is the limit of every request: write `per_minute`, or name this one otherwise";
    limit_headers_that_nobody_knows:
        "[rejections]", "[limits]\nheaders = \"x\"\n[rejections]"
        => "line 45: unknown variant `x`, expected `ietf` or `x-ratelimit`";
    a_life_of_no_day:
        "[rejections]", "[lifetime]\nmax_days = 0\n[rejections]"
        => "line 45: `max_days` must be one day or more: leave it out where keys need no such end";
    an_idleness_of_no_day:
        "[rejections]", "[lifetime]\nmax_days = 9\nidle_days = 0\n[rejections]"
        => "line 46: `idle_days` must be one day or more: leave it out where keys need no such end";
    a_life_in_hours:
        "[rejections]", "[lifetime]\nmax_hours = 9\n[rejections]"
        => "line 45: unknown field `max_hours`, expected `max_days` or `idle_days`";
    a_body_whose_placeholder_is_escaped:
        "\"{{timestamp}}\"", "\"\\{{timestamp}}\""
        => "line 46: the body is not JSON when it is filled in: invalid escape at line 1 column 9";
}

#[test]
fn a_list_can_be_too_long() {
    let many = |count: usize, item: &dyn Fn(usize) -> String| {
        (0..count).map(item).collect::<Vec<_>>().join("\n")
    };
    let kinds = many(32, &|i| {
        format!(
            "[[kinds]]\nname = \"k{i}\"\nprefix = \"k{i}_\"\nissue = {{ length = 30, alphabet = \"base62\" }}\nchecksum = \"none\""
        )
    });
    assert_eq!(
        error("[scopes]", &format!("{kinds}\n[scopes]")),
        "line 15: a dialect must have 1 to 32 kinds of keys"
    );
    let scopes =
        many(1023, &|i| format!("[[scopes.catalogue]]\nname = \"s{i}\"\ndescription = \"\""));
    assert_eq!(
        error("[rejections]", &format!("{scopes}\n[rejections]")),
        "line 35: a catalogue may have at most 1024 scopes"
    );
    let prefixes = many(128, &|i| format!("\"p{i}_\","));
    assert_eq!(
        error("[\"acme_web_\"]", &format!("[{prefixes}]")),
        "line 151: a dialect may have at most 128 prefixes"
    );
    let locations = many(7, &|i| format!("{{ header = \"h{i}\" }},"));
    assert_eq!(
        error("locations = [", &format!("locations = [{locations}")),
        "line 10: `locations` must name 1 to 8 places where a key may be"
    );
    let comment = "#".repeat(1 << 20);
    let sentence = "a dialect may have at most one mebibyte: shorten the file";
    assert_eq!(error("name", &format!("{comment}\nname")), sentence);
}

#[test]
fn an_error_of_a_file_names_the_file() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_owned();
    file.write_all(ACME.as_bytes()).unwrap();
    assert_eq!(Dialect::from_file(&path).unwrap().name(), "acme");

    file.write_all(b"[[kinds]]\n").unwrap();
    let error = Dialect::from_file(&path).unwrap_err();
    assert_eq!(error.line(), Some(51));
    assert_eq!(error.to_string(), format!("{}: line 51: missing field `name`", path.display()));
    assert!(error.source().is_none());

    file.close().unwrap();
    let error = Dialect::from_file(&path).unwrap_err();
    assert_eq!(error.line(), None);
    let sentence = "the file cannot be read: No such file or directory (os error 2)";
    assert_eq!(error.to_string(), format!("{}: {sentence}", path.display()));
    assert!(error.source().is_some());
}
