//! Do the manuals tell the truth? The console blocks of README and of `tests/cli` are run, their output compared.

#[test]
fn console_blocks_print_what_they_say() {
    trycmd::TestCases::new()
        .case("README.md")
        .case("docs/USING.md")
        .case("docs/RELIABILITY.md")
        .case("docs/SESSIONS.md")
        .case("docs/AGREEMENT.md")
        .case("docs/MODELS.md")
        .case("docs/REPORT.md")
        .case("tests/cli/*.md");
}
