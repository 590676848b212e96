//! What must not compile, with the compiler's words for it, beside a twin that compiles.
//!
//! The words are those of the toolchain in `rust-version`; `TRYBUILD=overwrite` renews them.

#[test]
fn guards_and_maps_are_kept_where_they_belong() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.pass("tests/ui/fine/*.rs");
}
