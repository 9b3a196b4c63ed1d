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

/// rustc names an extractor by its path, and the module in it is the feature.
#[cfg(all(feature = "actix", feature = "axum"))]
#[test]
fn an_extractor_of_another_framework_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/frameworks/*.rs");
}
