//! What compiles, what does not, and what the compiler then says. The `.stderr` files are those
//! of the toolchain in `rust-version`.

#[test]
fn what_is_right_compiles() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}

#[test]
fn each_mistake_is_one_error_at_its_place() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}
