#[path = "../stand_in.rs"]
mod stand_in;

use keyward::scoped;
use stand_in::RequireScope;

#[scoped]
fn list(key: RequireScope<"projects-read">) -> Result<String, RequireScope<"admin">> {
    let key: RequireScope<"projects-write"> = key;
    key.asks_about()
}

fn main() {}
