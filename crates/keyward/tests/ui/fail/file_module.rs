use keyward::scoped;

#[scoped]
#[path = "../stand_in.rs"]
mod stand_in;

fn main() {}
