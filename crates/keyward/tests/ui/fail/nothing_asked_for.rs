#[path = "../stand_in.rs"]
mod stand_in;

use keyward::scoped;
use stand_in::RequireScope;

#[scoped]
fn public() {}

mod handlers {
    use super::*;

    type Key = RequireScope<keyward::scope!("projects-read")>;

    #[scoped]
    pub(super) async fn by_hand(_: Key) {}
}

fn main() {
    public();
    drop(handlers::by_hand(RequireScope::new()));
}
