use super::End::{Harmless, Invalid, NoEndpoint, OutOfReach};
use super::{Attempt, create, send};

/// Attempts to get to other projects.
pub(super) fn all() -> Vec<Attempt> {
    let own = "project";
    let wishes = [
        ("a key of one project names another", own, r#"["proj_support"]"#, OutOfReach),
        ("it names another too", own, r#"["proj_interviews","proj_support"]"#, OutOfReach),
        ("it names one that is not there", own, r#"["proj_nowhere"]"#, OutOfReach),
        ("it names another organization's", own, r#"["proj_research"]"#, OutOfReach),
        ("it says that there is no restriction", own, "null", OutOfReach),
        ("it names none", own, "[]", Harmless),
        ("it names its own twice", own, r#"["proj_interviews","proj_interviews"]"#, Harmless),
        ("it names all by a wildcard", own, r#"["*"]"#, OutOfReach),
        ("it gives an empty name", own, r#"[""]"#, OutOfReach),
        ("it writes its own in capitals", own, r#"["PROJ_INTERVIEWS"]"#, OutOfReach),
        ("it puts a space after its own", own, r#"["proj_interviews "]"#, OutOfReach),
        ("it climbs", own, r#"["proj_interviews/../proj_support"]"#, OutOfReach),
        ("it names two in one text", own, r#"["proj_interviews,proj_support"]"#, OutOfReach),
        ("it writes a Cyrillic letter", own, r#"["proj_interv\u0456ews"]"#, OutOfReach),
        ("it hides one behind NUL", own, r#"["proj_interviews\u0000"]"#, Invalid("project_ids.0")),
        ("it gives an object", own, r#"{"length":0}"#, Invalid("project_ids")),
        ("a key of no project takes one", "nowhere", r#"["proj_interviews"]"#, OutOfReach),
        ("a child says that there is no restriction", "child", "null", OutOfReach),
        ("a child names another project", "child", r#"["proj_support"]"#, OutOfReach),
        ("one of all names another organization's", "secret", r#"["proj_research"]"#, Harmless),
    ];
    let wish = |(sentence, by, ids, end)| {
        create(sentence, by, format!(r#"{{"name":"x","project_ids":{ids}}}"#), end)
    };
    let mut attempts: Vec<Attempt> = wishes.map(wish).into();
    for (sentence, by) in [
        ("a key of one project says nothing of projects", own),
        ("a key of no project says nothing of projects", "nowhere"),
        ("a child says nothing of projects", "child"),
    ] {
        attempts.push(create(sentence, by, r#"{"name":"x"}"#, Harmless));
    }
    for (sentence, target, end) in [
        ("it climbs in the path", "GET proj_interviews/../proj_support/content", NoEndpoint),
        ("it climbs in a segment", "GET proj_interviews%2F..%2Fproj_support/content", OutOfReach),
        ("it adds NUL in a segment", "GET proj_interviews%00/content", OutOfReach),
        ("it reads another project", "GET proj_support/content", OutOfReach),
        (
            "it is its own in the query",
            "GET proj_support/content?projectId=proj_interviews",
            OutOfReach,
        ),
        ("it uploads into another", "POST proj_support/content/upload-url", OutOfReach),
        ("it analyzes in another", "POST proj_support/content/x/analyze", OutOfReach),
    ] {
        let (method, path) = target.split_once(' ').unwrap();
        let target = format!("{method} /api/v1/projects/{path}");
        attempts.push(send(sentence, own, target, &[], end));
    }
    attempts
}
