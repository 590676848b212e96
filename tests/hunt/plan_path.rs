//! What may be under the plan's name.
#![cfg(unix)]

use std::fs::File;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use checkedmap::{Config, Hunt};

use crate::child::{PlanPath, Ran, is_child, run, tell, text};
use crate::programs::Map;

/// Two threads, one write each, the second of which begins when the first has ended.
fn near_miss(map: &Map) {
    for _ in 0..2 {
        thread::scope(|scope| scope.spawn(|| map.insert(1, 1)).join()).expect("nobody else is inside");
    }
}

fn run_with(name: &str, plan: &Path) -> Ran {
    run(name, &[("CHECKEDMAP_HUNT", "window=60s,delay=1ms"), ("CHECKEDMAP_HUNT_PLAN", text(plan))])
}

/// A child that has got this far was not held up by the file.
fn lives_with(name: &str, plan: &Path) -> Option<Ran> {
    if is_child(name) {
        near_miss(&Map::named("m"));
        tell("through", true);
        return None;
    }
    let ran = run_with(name, plan);
    assert_eq!((ran.code, ran.told("through")), (Some(0), "true"), "{}", ran.stderr);
    let complaint =
        format!("checkedmap: CHECKEDMAP_HUNT_PLAN={plan:?}: a device, a pipe or a socket, where a plan is a regular");
    assert_eq!(ran.stderr.matches(&complaint).count(), 1, "{}", ran.stderr);
    assert!(!ran.stderr.contains("delete"), "{}", ran.stderr);
    Some(ran)
}

/// A device like `/dev/null`, or that one where the program could not replace it: the machine needs it, should the test fail.
/// `None` where there is neither.
fn null_device(made: &Path) -> Option<PathBuf> {
    let ran = Command::new("mknod").arg(made).args(["c", "1", "3"]).output();
    if ran.is_ok_and(|ran| ran.status.success()) && File::open(made).is_ok() {
        return Some(made.to_owned());
    }
    // SAFETY: it takes nothing, and returns a number.
    #[allow(unsafe_code)]
    let is_root = unsafe { libc::geteuid() } == 0;
    (!is_root).then(|| PathBuf::from("/dev/null"))
}

#[test]
fn a_device_is_refused_and_stays() {
    const NAME: &str = "plan_path::a_device_is_refused_and_stays";
    let plan = PlanPath::new();
    let device = if is_child(NAME) { Some(plan.path()) } else { null_device(&plan.path()) };
    let Some(device) = device else { return eprintln!("no device to try it on") };
    if lives_with(NAME, &device).is_some() {
        let left = std::fs::symlink_metadata(&device).expect("it is there");
        assert!(left.file_type().is_char_device());
    }
}

#[test]
fn a_pipe_without_a_writer_is_refused_and_holds_nobody_up() {
    let plan = PlanPath::new();
    let made = Command::new("mkfifo").arg(plan.path()).status().expect("the system has mkfifo");
    assert!(made.success());
    if lives_with("plan_path::a_pipe_without_a_writer_is_refused_and_holds_nobody_up", &plan.path()).is_some() {
        let pipe = std::fs::symlink_metadata(plan.path()).expect("it is there");
        assert!(pipe.file_type().is_fifo());
    }
}

#[test]
fn a_relative_path_is_where_the_program_was_when_it_began() {
    const NAME: &str = "plan_path::a_relative_path_is_where_the_program_was_when_it_began";
    const BEGIN: &str = "CHECKEDMAP_TEST_BEGIN";
    const LATER: &str = "CHECKEDMAP_TEST_LATER";
    if is_child(NAME) {
        let directory = |name| std::env::var_os(name).expect("the test has set it");
        std::env::set_current_dir(directory(BEGIN)).expect("it is there");
        let map = Map::named("m");
        // The settings are read here.
        map.insert(0, 0);
        std::env::set_current_dir(directory(LATER)).expect("it is there");
        return near_miss(&map);
    }
    let (begin, later) = (PlanPath::new(), PlanPath::new());
    let parent = |plan: &PlanPath| plan.path().parent().expect("it has one").to_owned();
    let directories = [parent(&begin), parent(&later)];
    let variables = [
        ("CHECKEDMAP_HUNT", "window=60s,delay=1ms"),
        ("CHECKEDMAP_HUNT_PLAN", "hunt.plan"),
        (BEGIN, text(&directories[0])),
        (LATER, text(&directories[1])),
    ];
    let ran = run(NAME, &variables);
    assert!(begin.count("candidate") > 0 && !later.path().exists(), "{}", ran.stderr);
}

#[test]
fn a_plan_that_cannot_be_written_is_told_once() {
    const NAME: &str = "plan_path::a_plan_that_cannot_be_written_is_told_once";
    if is_child(NAME) {
        let plan = std::env::var_os("CHECKEDMAP_HUNT_PLAN").map(PathBuf::from);
        let apply = || Config::new().with_hunt(Hunt::new()).with_hunt_plan(plan.clone()).apply();
        apply();
        near_miss(&Map::named("m"));
        // Whoever applies settings saves what has been learnt so far, and so does who ends the program.
        return (0..3).for_each(|_| apply());
    }
    let plan = PlanPath::new();
    let ran = run_with(NAME, &plan.path().parent().expect("it has one").join("absent").join("hunt.plan"));
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.stderr.matches(": not written: ").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("; name a file in a directory that exists and is writable\n"), "{}", ran.stderr);
}
