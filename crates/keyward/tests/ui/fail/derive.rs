use keyward::Scope;

#[derive(Scope)]
struct NotAnEnum;

#[derive(Scope)]
enum Empty {}

#[derive(Scope)]
enum Fields {
    Read,
    Write(String),
    Admin { of: String },
}

#[derive(Scope)]
enum Names {
    #[scope("projects read")]
    Space,
    #[scope("read|write")]
    Bar,
    #[scope("")]
    Empty,
    #[scope("say\"hi\"")]
    Quote,
    Größe,
}

#[derive(Scope)]
enum Twice {
    ProjectsRead,
    #[scope("projects-read")]
    Read,
    #[scope("write")]
    #[scope("edit")]
    Write,
}

#[derive(Scope)]
enum Form {
    #[scope]
    Bare,
    #[scope = "read"]
    Equals,
    #[scope(name = "write")]
    Named,
}

fn main() {}
