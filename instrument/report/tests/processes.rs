//! Files that real processes wrote: overlaps by construction, in children of this test, merged by the tool.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use checkedmap::CheckedMap;

use common::report;

const CHILD: &str = "CHECKEDMAP_REPORT_TEST_CHILD";

/// Overlaps a held read with a write, so often.
fn overlap(map: &CheckedMap<u32, u32>, times: u64) {
    for _ in 0..times {
        let before = checkedmap::books().detected;
        let held = map.get(&0);
        thread::scope(|scope| {
            scope.spawn(|| map.insert(1, 1));
            while checkedmap::books().detected == before {
                thread::yield_now();
            }
            drop(held);
        });
    }
}

fn two_writers(map: &CheckedMap<u32, u32>) {
    let before = checkedmap::books().detected;
    let held = map.write();
    thread::scope(|scope| {
        scope.spawn(|| map.remove(&1));
        while checkedmap::books().detected == before {
            thread::yield_now();
        }
        drop(held);
    });
}

/// A check on one key, a write by somebody else, and a write on the strength of the check: for so many keys.
fn act_on_stale_checks(map: &CheckedMap<u64, u32>, times: u64) {
    for key in 0..times {
        let absent = !map.contains_key(&key);
        thread::scope(|scope| {
            scope.spawn(|| map.insert(key, 1));
        });
        if absent {
            map.insert(key, 2);
        }
    }
}

/// The child's half: `sessions` raced so often, `orders` once if it is odd.
fn child() -> bool {
    let Some(times) = std::env::var_os(CHILD) else { return false };
    let times: u64 = times.to_str().expect("a number").parse().expect("a number");
    let (sessions, orders) = (CheckedMap::named("sessions"), CheckedMap::named("orders"));
    sessions.insert(0, 0);
    overlap(&sessions, times);
    // Told in portions: what comes now is a count of its own in the file.
    checkedmap::flush(std::time::Duration::from_secs(60)).expect("flushed");
    overlap(&sessions, times);
    if times % 2 == 1 {
        two_writers(&orders);
    }
    act_on_stale_checks(&CheckedMap::named("profiles"), times);
    println!("detected={}", checkedmap::books().detected);
    true
}

/// Starts one child for each number, all at once, and adds up what they counted.
fn children(test: &str, times: &[u64], file_of: impl Fn(usize) -> PathBuf) -> u64 {
    children_with(test, times, file_of, &[])
}

fn children_with(test: &str, times: &[u64], file_of: impl Fn(usize) -> PathBuf, variables: &[(&str, &str)]) -> u64 {
    let start = |(index, times): (usize, &u64)| {
        let mut command = Command::new(std::env::current_exe().expect("the test has a file"));
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("CHECKEDMAP_") {
                command.env_remove(variable);
            }
        }
        command.args(["--exact", test, "--nocapture", "--test-threads=1"]).stdout(Stdio::piped()).stderr(Stdio::null());
        command.env("CHECKEDMAP_MODE", "log").env("CHECKEDMAP_BACKTRACE", "off").env(CHILD, times.to_string());
        command.envs(variables.iter().copied());
        command.env("CHECKEDMAP_REPORT", format!("json:{}", file_of(index).display()));
        command.spawn().expect("the child starts")
    };
    let running: Vec<_> = times.iter().enumerate().map(start).collect();
    let detected = running.into_iter().map(|child| {
        let output = child.wait_with_output().expect("the child ends");
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).expect("text");
        // The test harness may print on the same line.
        let (_, figure) = text.split_once("detected=").expect("the child says what it counted");
        let digits: String = figure.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().expect("a number")
    });
    detected.sum()
}

fn merged(path: &Path, arguments: &[&str]) -> common::Run {
    report([path.as_os_str()].into_iter().chain(arguments.iter().map(std::ffi::OsStr::new)))
}

#[test]
fn counts_of_processes_with_a_file_each_add_up() {
    if child() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory for the test");
    let test = "counts_of_processes_with_a_file_each_add_up";
    let detected = children(test, &[1, 4, 7], |index| directory.path().join(format!("{index}.jsonl")));
    let run = merged(directory.path(), &["--format", "json", "--fail-on", "suspect"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    check(&run.json(), detected, 3);
}

#[test]
fn counts_of_processes_that_share_a_file_add_up() {
    if child() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory for the test");
    let file = directory.path().join("all.jsonl");
    let detected = children("counts_of_processes_that_share_a_file_add_up", &[1, 4, 7], |_| file.clone());
    let run = merged(&file, &["--format", "json", "--fail-on", "conflict"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    check(&run.json(), detected, 1);
}

/// 2 * (1 + 4 + 7) on `sessions` by three processes, 2 on `orders` by the two with odd numbers.
fn check(document: &serde_json::Value, detected: u64, files: u64) {
    assert_eq!((&document["conflicts"], &document["files"]), (&detected.into(), &files.into()), "{document}");
    assert_eq!((&document["processes"], &document["suspects"]), (&3.into(), &0.into()));
    let findings = document["findings"].as_array().expect("a list");
    let (sessions, orders) = (&findings[0], &findings[1]);
    assert_eq!(findings.len(), 2, "{document}");
    assert_eq!((&sessions["map"], &sessions["kind"]), (&"sessions".into(), &"read_write".into()));
    assert_eq!((&sessions["count"], &sessions["processes"]), (&24.into(), &3.into()));
    assert_eq!((&orders["map"], &orders["kind"]), (&"orders".into(), &"write_write".into()));
    assert_eq!((&orders["count"], &orders["processes"]), (&2.into(), &2.into()));
    assert_eq!(detected, 26);
    let operations: Vec<_> =
        sessions["places"].as_array().expect("a list").iter().map(|place| &place["operation"]).collect();
    assert_eq!(operations, ["get", "insert"]);
    assert!(sessions["places"][0]["file"].as_str().expect("a path").ends_with("processes.rs"));
    assert!(sessions["first"].as_u64() <= sessions["last"].as_u64());
}

#[test]
fn suspects_are_merged_beside_conflicts_and_apart_from_them() {
    if child() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory for the test");
    let file = directory.path().join("all.jsonl");
    let test = "suspects_are_merged_beside_conflicts_and_apart_from_them";
    let detected = children_with(test, &[2, 4], |_| file.clone(), &[("CHECKEDMAP_STALE", "1")]);
    let run = merged(&file, &["--format", "json", "--fail-on", "suspect"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let document = run.json();
    assert_eq!((&document["conflicts"], &document["suspects"]), (&detected.into(), &6.into()), "{document}");
    let findings = document["findings"].as_array().expect("a list");
    let suspect = findings.last().expect("conflicts come first");
    assert_eq!((&suspect["class"], &suspect["kind"]), (&"suspect".into(), &"stale_check".into()));
    assert_eq!((&suspect["map"], &suspect["severity"]), (&"profiles".into(), &"suspect".into()));
    assert_eq!((&suspect["count"], &suspect["processes"]), (&6.into(), &2.into()));
    let parts: Vec<_> = suspect["places"].as_array().expect("a list").iter().map(|place| &place["part"]).collect();
    assert_eq!(parts, ["lookup", "intervening", "acting"]);
    let github = merged(&file, &["--format", "github"]).stdout;
    assert!(github.contains("::warning file=") && github.contains(",title=checkedmap%3A stale_check on `profiles`::"));
}

#[test]
fn a_build_may_fail_on_conflicts_and_let_suspects_pass() {
    if child() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory for the test");
    let file = directory.path().join("all.jsonl");
    let test = "a_build_may_fail_on_conflicts_and_let_suspects_pass";
    children_with(test, &[2], |_| file.clone(), &[("CHECKEDMAP_STALE", "1")]);
    let text = std::fs::read_to_string(&file).expect("written");
    let suspects: Vec<_> = text.lines().filter(|line| line.contains(r#""kind":"stale_check""#)).collect();
    std::fs::write(&file, suspects.join("\n")).expect("written");
    let status = |fail_on: &str| merged(&file, &["--fail-on", fail_on]).status;
    assert_eq!(["conflict", "suspect", "any", "none"].map(status), [0, 1, 1, 0]);
    let severity = r#""severity":"suspect""#;
    let told = suspects.iter().filter(|line| line.contains(severity));
    let hints: Vec<_> = told.map(|line| line.replace(severity, r#""severity":"hint""#)).collect();
    std::fs::write(&file, hints.join("\n")).expect("written");
    assert_eq!(["conflict", "suspect", "any", "none"].map(status), [0, 0, 1, 0]);
}

#[test]
fn the_forms_tell_the_same() {
    if child() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory for the test");
    children("the_forms_tell_the_same", &[3], |_| directory.path().join("one.jsonl"));
    let form = |form: &str| merged(directory.path(), &["--format", form]).stdout;
    let text = form("text");
    assert!(
        text.starts_with(
            "7 conflicts at 2 pairs of sites in 1 process (1 file).\n\n1. read_write on `sessions`: 6 times"
        ),
        "{text}"
    );
    assert!(text.contains("\n   `get` at ") && text.contains("\n   `insert` at "), "{text}");
    let markdown = form("markdown");
    assert!(markdown.contains("| 1 | read_write | `sessions` | `get` at "), "{markdown}");
    let github = form("github");
    assert!(github.starts_with("::error file="), "{github}");
    assert!(github.contains(",title=checkedmap%3A read_write on `sessions`::"), "{github}");
    assert!(github.contains("%0A6 times in 1 process\n"), "{github}");
    let top = merged(directory.path(), &["--top", "1", "--fail-on", "any"]);
    assert_eq!(top.status, 1);
    assert!(top.stdout.contains("and 1 more, left out by --top") && !top.stdout.contains("`orders`"), "{}", top.stdout);
}
