use super::End::{Harmless, Invalid, Lacks};
use super::{Attempt, create};

/// Attempts to get scopes.
pub(super) fn all() -> Vec<Attempt> {
    let attempts = [
        ("a reader makes a writer", "read", r#"["write"]"#, Lacks),
        ("a reader makes a reader", "read", r#"["read"]"#, Lacks),
        ("a key without scopes makes one without", "nothing", "[]", Lacks),
        ("a publishable key makes a reader", "publishable", r#"["read"]"#, Lacks),
        ("a writer makes one that reads, as it does", "writer", r#"["read","write"]"#, Harmless),
        ("one asks for a scope that there is not", "secret", r#"["read","admin"]"#, SECOND),
        ("one asks for what publishable keys have", "secret", r#"["upload-initiate"]"#, FIRST),
        ("one asks for all scopes by a word", "secret", r#""all""#, Invalid("scopes")),
        ("one asks for a scope named all", "secret", r#"["all"]"#, FIRST),
        ("one asks for scopes by a wildcard", "secret", r#"["*"]"#, FIRST),
        ("one writes two scopes in one text", "secret", r#"["read write"]"#, FIRST),
        ("one writes alternatives in one text", "secret", r#"["read|admin"]"#, FIRST),
        ("one writes a scope in capitals", "secret", r#"["WRITE"]"#, FIRST),
        ("one puts a space before a scope", "secret", r#"[" write"]"#, FIRST),
        ("one puts a line end after a scope", "secret", r#"["write\n"]"#, FIRST),
        ("one puts NUL after a scope", "secret", r#"["write\u0000"]"#, FIRST),
        ("one writes a scope with a Cyrillic letter", "secret", r#"["wr\u0456te"]"#, FIRST),
        ("one writes a scope in wide letters", "secret", r#"["ｗｒｉｔｅ"]"#, FIRST),
        ("one gives an empty text as a scope", "secret", r#"[""]"#, FIRST),
        ("one gives a list as a scope", "secret", r#"[["write"]]"#, FIRST),
        ("one gives scopes as an object", "secret", r#"{"write":true}"#, Invalid("scopes")),
        ("one says that scopes are null", "secret", "null", Invalid("scopes")),
        ("one names a scope many times", "secret", r#"["write","write","read"]"#, Harmless),
    ];
    let create = |(sentence, by, scopes, end)| {
        create(sentence, by, format!(r#"{{"name":"x","scopes":{scopes}}}"#), end)
    };
    attempts.map(create).into()
}

const FIRST: super::End = Invalid("scopes.0");
const SECOND: super::End = Invalid("scopes.1");
