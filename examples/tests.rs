//! Runs the examples as a stranger would, and checks what they print.
//!
//! Each runs in a process of its own. `cargo test` builds the examples; a run of this target alone (`--test examples`)
//! takes those that are there.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Mutex;

/// The staging runs measure themselves by the second, so they have the machine for themselves.
static ALONE: Mutex<()> = Mutex::new(());

fn binary(example: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("the test is in PROFILE/deps");
    let path = profile.join("examples").join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is missing; `cargo test` builds it, or `cargo build --examples`", path.display());
    path
}

/// What a run left behind.
struct Ran {
    output: Output,
    stdout: String,
    stderr: String,
}

impl Ran {
    #[track_caller]
    fn with_code(self, code: i32) -> Self {
        assert_eq!(self.output.status.code(), Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    fn says(&self, text: &str) {
        assert!(self.stdout.contains(text), "no {text:?} in\n{}", self.stdout);
    }

    #[track_caller]
    fn reports(&self, text: &str) {
        assert!(self.stderr.contains(text), "no {text:?} in\n{}", self.stderr);
    }

    fn count(&self, text: &str) -> usize {
        self.stderr.matches(text).count()
    }
}

fn run(example: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(binary(example));
    for (name, _) in std::env::vars_os() {
        if ["CHECKEDMAP_", "OTEL_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command.args(arguments).env("RUST_BACKTRACE", "0").envs(variables.iter().copied());
    let output = command.output().expect("the example starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { stdout: text(&output.stdout), stderr: text(&output.stderr), output }
}

fn staging(mode: &str) -> Ran {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    run("staging", &["--seconds", "2"], &[("CHECKEDMAP_MODE", mode)])
}

/// The first number of the line that contains `text`, to the left of it.
#[track_caller]
fn number_before(text: &str, output: &str) -> u64 {
    let line = output.lines().find(|line| line.contains(text)).unwrap_or_else(|| panic!("no {text:?} in\n{output}"));
    let before = line.split(text).next().expect("`split` gives at least one part");
    let word = before.split_whitespace().next_back().unwrap_or_default();
    word.parse().unwrap_or_else(|_| panic!("no number before {text:?} in {line:?}"))
}

/// The term of the books that has this name.
#[track_caller]
fn term(name: &str, output: &str) -> u64 {
    let books = output.lines().find(|line| line.starts_with("THE BOOKS:")).expect("the books are printed");
    let words: Vec<_> = books.split_whitespace().collect();
    let place = words.iter().position(|word| *word == name).unwrap_or_else(|| panic!("no {name} in {books}"));
    words[place + 1].parse().unwrap_or_else(|_| panic!("no number after {name} in {books}"))
}

#[track_caller]
fn books_balance(ran: &Ran) {
    let term = |name| term(name, &ran.stdout);
    assert_eq!(term("detected"), term("delivered") + term("coalesced") + term("dropped"), "{}", ran.stdout);
    assert_eq!(term("queued"), 0, "{}", ran.stdout);
    assert!(term("delivered") > 0, "{}", ran.stdout);
    let pairs = ran.stdout.lines().filter_map(|line| line.split_once(" x  "));
    let pairs: u64 = pairs.map(|(count, _)| count.trim().parse::<u64>().expect("a count")).sum();
    assert_eq!(pairs, term("detected") - term("dropped"), "each conflict is one of a pair:\n{}", ran.stdout);
}

/// A report with both stacks: the janitor's sweep and a handler of the service.
#[track_caller]
fn both_sides_are_named(ran: &Ran) {
    let reports = ran.stderr.split("checkedmap: iterate_write conflict on `sessions` (report ");
    let complete = |report: &str| {
        report.matches("\n  stack as it ").count() == 2
            && report.contains("sweep at ")
            && report.contains("janitor.rs:")
            && report.contains("service.rs:")
            && (report.contains("login") || report.contains("session::"))
    };
    assert!(reports.skip(1).any(complete), "{}", ran.stderr);
}

#[test]
fn configuration_reload_is_caught_and_repaired() {
    let ran = run("config_reload", &[], &[]).with_code(0);
    assert_eq!(ran.count("conflict on `settings` (report "), 1, "{}", ran.stderr);
    ran.reports("reload_in_place at ");
    ran.reports("handle_request at ");
    ran.says("updater: setting timeout_ms: \"5000ms\" is no whole number; the old configuration stays in force");
}

#[test]
fn batch_overlap_is_stopped_and_then_skipped() {
    let ran = run("batch_overlap", &[], &[]).with_code(0);
    ran.reports("by thread 'run-1'");
    ran.reports("by thread 'run-2'");
    ran.says("each account has its interest once");
    ran.says("run-4 skips this tick: write_write conflict on `accounts`");
}

#[test]
fn client_cache_overlap_is_caught_and_two_clients_are_counted() {
    let ran = run("sdk_client_cache", &[], &[]).with_code(0);
    assert_eq!(ran.count("conflict on `sdk clients` (report "), 1, "{}", ran.stderr);
    ran.reports("store at ");
    ran.reports("lookup at ");
    ran.says("Two clients were made for one endpoint");
}

#[test]
fn two_clients_for_one_endpoint_are_a_suspect_where_stale_checks_are_on() {
    let ran = run("sdk_client_cache", &[], &[("CHECKEDMAP_STALE", "1")]).with_code(0);
    assert_eq!(ran.count("conflict on `sdk clients` (report "), 1, "{}", ran.stderr);
    assert_eq!(ran.count("stale_check suspect on `sdk clients` (suspect "), 1, "{}", ran.stderr);
    ran.reports("1. lookup: `get` (read) at ");
    ran.reports("2. intervening: `insert` (write) at ");
    ran.reports("3. acting: `insert` (write) at ");
    let elsewhere = run("sdk_client_cache", &[], &[("CHECKEDMAP_STALE", "maps=sessions")]).with_code(0);
    assert_eq!(elsewhere.count("suspect"), 0, "{}", elsewhere.stderr);
    let refused = run("sdk_client_cache", &[], &[("CHECKEDMAP_STALE", "yes")]).with_code(0);
    assert_eq!(refused.count("suspect"), 0, "{}", refused.stderr);
}

/// The incidents set the mode they are about, whatever the environment says.
#[test]
fn ten_threads_are_found_in_a_hunt() {
    let ran = run("ten_threads", &[], &[("CHECKEDMAP_HUNT", "1")]).with_code(1);
    assert!(number_before(" conflicts", ran.stdout.split(": ").last().expect("a line")) > 0, "{}", ran.stdout);
    ran.reports("checkedmap: hunt with CHECKEDMAP_HUNT_SEED=");
    run("ten_threads", &["--help"], &[]).with_code(0).says("--keys N");
    run("ten_threads", &["--keys", "0"], &[]).with_code(2).reports("--keys \"0\" is not allowed");
}

#[test]
fn a_session_loaded_twice_is_a_suspect_and_loaded_by_one_call_is_none() {
    let ran = run("session_store", &[], &[]).with_code(0);
    ran.says("in the basket: cake; suspects: 1");
    ran.reports("checkedmap: stale_check suspect on `sessions` (suspect 1)");
    let ran = run("session_store", &["--fixed"], &[]).with_code(0);
    ran.says("in the basket: tea and cake; suspects: 0");
    assert_eq!(ran.stderr, "");
    run("session_store", &["--help"], &[]).with_code(0).says("--fixed");
    run("session_store", &["--fixd"], &[]).with_code(2).reports("unknown option \"--fixd\"");
    run("session_store", &[], &[("CHECKEDMAP_STALE", "keys=1")])
        .with_code(2)
        .reports("\"keys=1\": not from 8 to 1048576");
}

#[test]
fn incidents_do_not_depend_on_the_mode_of_the_environment() {
    for example in ["config_reload", "batch_overlap", "sdk_client_cache"] {
        for mode in ["panic", "abort", "fallback"] {
            run(example, &[], &[("CHECKEDMAP_MODE", mode)]).with_code(0);
        }
    }
}

#[test]
fn staging_says_where_its_page_is() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let directory = tempfile::tempdir().expect("a directory for the test");
    let path = directory.path().join("conflicts.html");
    let target = format!("stderr,html:{}", path.display());
    let ran = run("staging", &["--seconds", "2"], &[("CHECKEDMAP_REPORT", &target)]).with_code(0);
    ran.says(&format!("THE PAGE: {} (for a browser)", path.display()));
    let page = std::fs::read_to_string(&path).expect("it is there");
    let detected = term("detected", &ran.stdout);
    assert!(page.contains(&format!("<h1>{detected} conflict")), "{detected} conflicts in {page}");
}

#[test]
fn staging_shows_the_incident_without_settings() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let ran = run("staging", &["--seconds", "2"], &[]).with_code(0);
    ran.says("mode log, circuit checked");
    assert_eq!(number_before(" failed:", &ran.stdout), 0);
    both_sides_are_named(&ran);
    books_balance(&ran);
}

#[test]
fn staging_under_stale_checks_shows_the_lost_count() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let ran = run("staging", &["--seconds", "4"], &[("CHECKEDMAP_STALE", "1")]).with_code(0);
    ran.says("SUSPECTS: detected ");
}

#[test]
fn staging_in_panic_mode_fails_requests_and_lives() {
    let ran = staging("panic").with_code(0);
    let failed = number_before(" failed:", &ran.stdout);
    assert!(failed > 0, "{}", ran.stdout);
    assert_eq!(number_before(" x 500", &ran.stdout), failed);
    ran.says("alive at the end");
    both_sides_are_named(&ran);
    books_balance(&ran);
}

#[test]
fn staging_in_fallback_mode_serves_everything_and_recovers() {
    let ran = staging("fallback").with_code(0);
    assert_eq!(number_before(" failed:", &ran.stdout), 0);
    for change in ["checked -> degraded", "degraded -> half_open", "half_open -> checked"] {
        ran.says(change);
    }
    both_sides_are_named(&ran);
    books_balance(&ran);
}

#[cfg(unix)]
#[test]
fn staging_in_abort_mode_ends_with_its_report() {
    use std::os::unix::process::ExitStatusExt;
    let ran = staging("abort");
    assert_eq!(ran.output.status.signal(), Some(libc::SIGABRT), "{}\n{}", ran.stdout, ran.stderr);
    both_sides_are_named(&ran);
}

#[test]
fn staging_goes_on_with_the_default_after_one_clear_error() {
    let ran = staging("loud");
    assert_eq!(ran.count("CHECKEDMAP_MODE="), 1, "{}", ran.stderr);
    ran.reports("loud");
    ran.says("mode panic, circuit checked");
}

#[test]
fn staging_refuses_a_wrong_command_line_in_one_line() {
    for (arguments, named) in [
        (&["--seconds", "0"][..], "--seconds \"0\" is not allowed: a whole number from 1 to 3600 is"),
        (&["--seconds"][..], "--seconds \"\" is not allowed"),
        (&["--port=65536"][..], "--port \"65536\" is not allowed: a whole number from 0 to 65535 is"),
        (&["--prometheus", "9464"][..], "--prometheus \"9464\" is not allowed: an address with a port"),
        (
            &["--loud"][..],
            "unknown option \"--loud\"; allowed are --seconds N, --port N, --prometheus ADDRESS and --help",
        ),
    ] {
        let ran = run("staging", arguments, &[]).with_code(2);
        ran.reports(named);
        assert_eq!((ran.stderr.lines().count(), ran.stdout.as_str()), (1, ""));
    }
    run("staging", &["--help"], &[]).with_code(0).says("--seconds N");
}
