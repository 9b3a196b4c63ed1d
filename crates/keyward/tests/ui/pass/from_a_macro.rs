#[path = "../stand_in.rs"]
mod stand_in;

use keyward::scoped;
use stand_in::RequireScope;

macro_rules! handler {
    ($vis:vis $name:ident, $scope:literal) => {
        #[scoped]
        $vis fn $name(key: RequireScope<$scope>) -> &'static str {
            key.asks_for()
        }
    };
}

handler!(pub list, "projects-read");

fn main() {
    assert_eq!(list(RequireScope::new()), "projects-read");
}
