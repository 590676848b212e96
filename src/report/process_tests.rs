//! What takes a process of its own: the environment, the exit, `fork`.
//!
//! Each test runs itself again as a child, told by a variable which half it is.

use std::process::{Command, Output};
use std::time::Duration;

use super::tests::{LONG, encounter, first, known, observation};
use super::*;
use crate::sink::{Memory, add_sink};

const CHILD: &str = "CHECKEDMAP_TEST_CHILD";

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Runs one test of this binary as a child, with these variables and none of the library's others.
fn child(test: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().expect("the test has a file"));
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(CHILD, "1");
    for variable in ["MODE", "BACKTRACE", "EVIDENCE_MS", "STUCK_MS", "RECOVER_MS", "REPORT"] {
        command.env_remove(format!("CHECKEDMAP_{variable}"));
    }
    command.envs(variables.iter().copied()).output().expect("the child runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_program_that_ends_right_after_a_conflict_has_reported_it() {
    if is_child() {
        encounter(Reporter::current(), 1);
        std::process::exit(0);
    }
    let output = child("report::process_tests::a_program_that_ends_right_after_a_conflict_has_reported_it", &[]);
    let text = stderr(&output);
    assert!(output.status.success(), "{text}");
    assert_eq!(text.matches("checkedmap: write_write conflict on `sessions` (report 1)").count(), 1, "{text}");
}

#[test]
fn nothing_is_printed_where_reports_are_off() {
    if is_child() {
        encounter(Reporter::current(), 1);
        flush(LONG).expect("flushed");
        assert_eq!(books(), Books { detected: 1, delivered: 1, ..Books::default() });
        return;
    }
    let test = "report::process_tests::nothing_is_printed_where_reports_are_off";
    let output = child(test, &[("CHECKEDMAP_REPORT", "off")]);
    assert!(output.status.success());
    assert_eq!(stderr(&output), "");
}

#[test]
fn bad_variables_are_told_once_and_good_ones_count() {
    if is_child() {
        assert_eq!((crate::config::mode(), crate::config::stuck()), (Mode::Panic, Duration::from_millis(7)));
        assert!(crate::config::Config::from_env().is_err());
        assert_eq!(crate::config::evidence(), Duration::from_millis(50));
        return;
    }
    let output = child(
        "report::process_tests::bad_variables_are_told_once_and_good_ones_count",
        &[("CHECKEDMAP_MODE", "lgo"), ("CHECKEDMAP_EVIDENCE_MS", "soon"), ("CHECKEDMAP_STUCK_MS", "7")],
    );
    let text = stderr(&output);
    assert!(output.status.success(), "{text}");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("checkedmap: CHECKEDMAP_MODE=\"lgo\": \"lgo\" is not a mode; allowed: "), "{text}");
    assert!(lines[1].starts_with("checkedmap: CHECKEDMAP_EVIDENCE_MS=\"soon\": "), "{text}");
    assert!(lines.iter().all(|line| line.ends_with("; the default applies")), "{text}");
}

#[test]
fn settings_from_code_come_before_the_environment() {
    if is_child() {
        let memory = Memory::new();
        add_sink(memory.clone());
        crate::config::Config::new().with_mode_for("sessions", Mode::Log).with_report([]).apply();
        assert_eq!(crate::config::mode_for(Some("sessions")), Mode::Log);
        assert_eq!(crate::config::mode_for(Some("orders")), Mode::Panic);
        encounter(Reporter::current(), 1);
        flush(LONG).expect("flushed");
        // The sink the program added is there; the one of the configuration is not.
        assert_eq!(memory.reports().len(), 1);
        return;
    }
    let test = "report::process_tests::settings_from_code_come_before_the_environment";
    let output = child(test, &[("CHECKEDMAP_MODE", "abort")]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
}

#[cfg(feature = "serde")]
#[test]
fn reports_that_cannot_be_written_go_to_stderr() {
    if is_child() {
        encounter(Reporter::current(), 1);
        encounter(Reporter::current(), 2);
        flush(LONG).expect("flushed");
        assert_eq!(books().delivered, 2);
        return;
    }
    let directory = tempfile::tempdir().expect("a directory for the test");
    let target = format!("json:{}", directory.path().display());
    let test = "report::process_tests::reports_that_cannot_be_written_go_to_stderr";
    let output = child(test, &[("CHECKEDMAP_REPORT", &target)]);
    let text = stderr(&output);
    assert!(output.status.success(), "{text}");
    assert_eq!(text.matches("reports cannot be written to").count(), 1, "{text}");
    assert_eq!(text.matches("checkedmap: write_write conflict on").count(), 2, "{text}");
}

#[cfg(unix)]
#[test]
#[allow(unsafe_code)]
fn a_forked_child_reports_with_books_of_its_own() {
    if is_child() {
        encounter(Reporter::current(), 1);
        flush(LONG).expect("flushed");
        // Open across the fork: on its way in the parent, unknown to the child.
        let number = first(Reporter::current(), 2);
        before_fork();
        // SAFETY: the child goes on as a copy of this thread alone, which is what the test is about; it uses nothing but this
        // library, memory and stderr, and glibc keeps its allocator usable in the child.
        let child = unsafe { libc::fork() };
        if child == 0 {
            after_fork_in_child();
            assert_eq!(books(), Books::default());
            encounter(Reporter::current(), 3);
            let flushed = flush(LONG);
            let code = i32::from(flushed.is_err() || books().delivered != 1 || !books().balanced());
            std::process::exit(code);
        }
        after_fork_in_parent();
        let mut status = 0;
        // SAFETY: `child` is a child of this process that nobody else waits for, and `status` is ours to write.
        let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert_eq!((waited, status), (child, 0));
        Reporter::current().submit(number, observation(2, known()));
        flush(LONG).expect("flushed");
        assert_eq!(books(), Books { detected: 2, delivered: 2, ..Books::default() });
        return;
    }
    let output = child("report::process_tests::a_forked_child_reports_with_books_of_its_own", &[]);
    let text = stderr(&output);
    assert!(output.status.success(), "{text}");
    assert_eq!(text.matches("checkedmap: write_write conflict on `sessions` (report 1)").count(), 2, "{text}");
    assert_eq!(text.matches("checkedmap: write_write conflict on `sessions` (report 2)").count(), 1, "{text}");
}
