//! The ways to die: the conflict that killed the program has left it, or is on disk.
//!
//! Each test runs itself again as a child, whose collector is in the parent.
#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use checkedmap::{CheckedMap, Config, Mode};
use common::collector::{Collector, text};
use common::{PATIENCE, check_then_act, collide};
use opentelemetry_proto::tonic::trace::v1::Span;

const CHILD: &str = "CHECKEDMAP_TEST_CHILD";
/// Tells a child that it comes after one that was killed.
const HEIR: &str = "CHECKEDMAP_TEST_HEIR";

/// What the child prints when it is ready to die.
const READY: &str = "ready to die";

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// One test of this binary as a child that exports to this collector, with none of the parent's own settings.
fn child(test: &str, collector: &Collector) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the test has a file"));
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("OTEL_") || name.starts_with("CHECKEDMAP_") {
            command.env_remove(name);
        }
    }
    command
        .env(CHILD, "1")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint())
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-team=storage")
        .env("OTEL_SERVICE_NAME", "mortal")
        .env("CHECKEDMAP_REPORT", "off")
        // The tests are about what arrives, not about how soon on a busy machine.
        .env("CHECKEDMAP_FLUSH_MS", PATIENCE.as_millis().to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

fn run(test: &str, collector: &Collector) -> ExitStatus {
    child(test, collector).status().expect("the child runs")
}

/// Runs the test as the process that comes after one that was killed, and takes over what is in the spool; what it says of its
/// accounts then.
fn accounts_of_an_heir(test: &str, collector: &Collector, spool: &Path) -> String {
    let mut command = child(test, collector);
    command.env("CHECKEDMAP_SPOOL", spool).env(HEIR, "1");
    let mut heir = command.spawn().unwrap();
    let mut lines = BufReader::new(heir.stdout.take().unwrap()).lines();
    let line = lines.find_map(|line| line.ok().filter(|line| line.contains(READY))).unwrap();
    heir.kill().unwrap();
    heir.wait().unwrap();
    line
}

/// Starts the child and waits until it is ready.
fn start(mut command: Command) -> Child {
    let mut child = command.spawn().expect("the child runs");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains(READY)), "it is ready before it ends");
    child
}

fn be_ready() -> ! {
    println!("{READY}");
    loop {
        std::thread::park();
    }
}

fn map(mode: Mode) -> CheckedMap<u32, u32> {
    CheckedMap::builder().name("fatal").mode(mode).build()
}

/// A conflict whose contender is the calling thread, which may not live to see the end of this.
fn conflict_of_mine(mode: Mode) {
    let map = map(mode);
    let (held, is_held) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let guard = map.read();
            held.send(()).unwrap();
            common::until("the conflict", || common::conflicts("fatal") > 0);
            drop(guard);
        });
        is_held.recv().unwrap();
        map.insert(1, 1);
    });
}

/// The conflict is there, with both sides and its record.
fn assert_arrived(collector: &Collector, outcome: &str, severity: &str) {
    let received = collector.received();
    let [root] = &received.conflicts_on("fatal")[..] else { panic!("one conflict: {received:#?}") };
    assert_eq!(text(&root.attributes, "checkedmap.outcome").as_deref(), Some(outcome));
    let sides = received.spans.iter().filter(|span| span.parent_span_id == root.span_id);
    let mut sides: Vec<_> = sides.filter_map(|span| text(&span.attributes, "checkedmap.role")).collect();
    sides.sort();
    assert_eq!(sides, ["contender", "holder"]);
    let record = received.records.iter().find(|record| record.span_id == root.span_id).expect("its record");
    assert_eq!(record.severity_text, severity);
    let service = received.resources.iter().filter_map(|resource| text(&resource.attributes, "service.name"));
    assert!(service.into_iter().all(|name| name == "mortal"));
    assert!(received.headers.iter().any(|header| header == "x-team: storage"), "{:?}", received.headers);
}

#[test]
fn a_program_that_returns() {
    if is_child() {
        let _telemetry = checkedmap_otel::init().unwrap();
        return collide(&map(Mode::Log));
    }
    let collector = Collector::start();
    assert!(run("a_program_that_returns", &collector).success());
    assert_arrived(&collector, "waited", "ERROR");
    let conflicts = collector.received().metrics;
    assert!(conflicts.iter().any(|metric| metric.name == "checkedmap.conflicts"), "metrics too");
}

#[test]
fn a_panic_that_ends_the_program() {
    if is_child() {
        let _telemetry = checkedmap_otel::init().unwrap();
        return conflict_of_mine(Mode::Panic);
    }
    let collector = Collector::start();
    assert_eq!(run("a_panic_that_ends_the_program", &collector).code(), Some(101));
    assert_arrived(&collector, "panicked", "ERROR");
}

#[test]
fn abort_mode() {
    if is_child() {
        let _telemetry = checkedmap_otel::init().unwrap();
        return conflict_of_mine(Mode::Abort);
    }
    let collector = Collector::start();
    assert_eq!(run("abort_mode", &collector).signal(), Some(SIGABRT));
    assert_arrived(&collector, "aborted", "FATAL");
}

#[test]
fn an_exit_past_the_guard() {
    if is_child() {
        let telemetry = checkedmap_otel::init().unwrap();
        collide(&map(Mode::Log));
        // The library's flush at exit has a bound of its own, which the first look-up of symbols may use up on a busy machine.
        common::until("the report", || telemetry.accounts().taken == 1);
        std::process::exit(3);
    }
    let collector = Collector::start();
    assert_eq!(run("an_exit_past_the_guard", &collector).code(), Some(3));
    assert_arrived(&collector, "waited", "ERROR");
}

#[test]
fn an_exit_through_the_guard() {
    if is_child() {
        let telemetry = checkedmap_otel::init().unwrap();
        collide(&map(Mode::Log));
        telemetry.exit(4);
    }
    let collector = Collector::start();
    assert_eq!(run("an_exit_through_the_guard", &collector).code(), Some(4));
    assert_arrived(&collector, "waited", "ERROR");
}

#[cfg(feature = "signals")]
#[test]
fn sigterm() {
    const SIGTERM: i32 = 15;
    if is_child() {
        let telemetry = checkedmap_otel::init().unwrap();
        telemetry.flush_on_sigterm().unwrap();
        collide(&map(Mode::Log));
        telemetry.flush();
        be_ready();
    }
    // Refused until the signal: what arrives after it is the handler's doing.
    let collector = Collector::start();
    collector.refuse(true);
    let mut child = start(child("sigterm", &collector));
    assert!(collector.received().spans.is_empty());
    collector.refuse(false);
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().signal(), Some(SIGTERM));
    assert_arrived(&collector, "waited", "ERROR");
}

#[cfg(feature = "signals")]
#[test]
fn sigterm_in_a_program_that_drains() {
    const SIGTERM: i32 = 15;
    const DRAINED: i32 = 6;
    if is_child() {
        let telemetry = checkedmap_otel::init().unwrap();
        telemetry.flush_on_sigterm_and_go_on().unwrap();
        let mut signals = signal_hook::iterator::Signals::new([SIGTERM]).unwrap();
        collide(&map(Mode::Log));
        telemetry.flush();
        println!("{READY}");
        assert_eq!(signals.forever().next(), Some(SIGTERM));
        // The drain ends when the parent has seen the conflict, which only the handler has sent until then.
        std::io::stdin().read_line(&mut String::new()).unwrap();
        std::process::exit(DRAINED);
    }
    let collector = Collector::start();
    collector.refuse(true);
    let mut command = child("sigterm_in_a_program_that_drains", &collector);
    command.stdin(Stdio::piped());
    let mut child = start(command);
    assert!(collector.received().spans.is_empty());
    collector.refuse(false);
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    common::until("the conflict", || !collector.received().conflicts_on("fatal").is_empty());
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(DRAINED));
}

#[test]
fn killed_with_a_spool() {
    if is_child() {
        let telemetry = checkedmap_otel::init().unwrap();
        Config::new().with_report([]).apply();
        if std::env::var_os(HEIR).is_some() {
            telemetry.flush();
            println!("{READY}: {}", telemetry.finish());
            be_ready();
        }
        let map = map(Mode::Log);
        collide(&map);
        let _ = checkedmap::flush(PATIENCE);
        collide(&map);
        // The count of the second conflict is told by a flush.
        let _ = checkedmap::flush(PATIENCE);
        be_ready();
    }
    let directory = tempfile::tempdir().unwrap();
    let collector = Collector::start();
    collector.refuse(true);
    let mut command = child("killed_with_a_spool", &collector);
    command.env("CHECKEDMAP_SPOOL", directory.path());
    let mut victim = start(command);
    let pid = victim.id();
    victim.kill().unwrap();
    assert_eq!(victim.wait().unwrap().signal(), Some(SIGKILL));
    assert!(collector.received().spans.is_empty());
    // Death in the middle of a line.
    let file = std::fs::read_dir(directory.path()).unwrap().next().unwrap().unwrap().path();
    let mut text_on_disk = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text_on_disk.lines().count(), 2, "{text_on_disk}");
    text_on_disk.push_str("{\"seq\":3,\"record\":{\"sche");
    std::fs::write(&file, text_on_disk).unwrap();

    collector.refuse(false);
    let line = accounts_of_an_heir("killed_with_a_spool", &collector, directory.path());
    assert!(
        line.contains("taken 0 + recovered 2 = sent 2 + pending 0 + dropped 0 + spooled 0 (unreadable 1)"),
        "{line}"
    );

    assert_arrived(&collector, "waited", "ERROR");
    let received = collector.received();
    let root = &received.conflicts_on("fatal")[0];
    assert_eq!(text(&root.attributes, "checkedmap.recovered").as_deref(), Some("true"));
    assert_eq!(text(&root.attributes, "checkedmap.pid"), Some(pid.to_string()));
    // The count found the trace of its report.
    let repeat = received.records.iter().find(|record| record.event_name == "checkedmap.repeated").expect("the count");
    assert_eq!((&repeat.trace_id, &repeat.span_id), (&root.trace_id, &root.span_id));
    assert_eq!(text(&repeat.attributes, "checkedmap.count").as_deref(), Some("1"));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "nothing is left on disk");
}

fn watched() -> CheckedMap<u32, u32> {
    CheckedMap::builder().name("watched").stale_checks(true).build()
}

/// The suspect is there, with its three steps and its record.
fn assert_suspect_arrived(collector: &Collector) -> Span {
    let received = collector.received();
    let roots: Vec<_> = received.spans.iter().filter(|span| span.name == "checkedmap.suspect").collect();
    let [root] = &roots[..] else { panic!("one suspect: {received:#?}") };
    let steps = received.spans.iter().filter(|span| span.parent_span_id == root.span_id);
    let mut roles: Vec<_> = steps.filter_map(|span| text(&span.attributes, "checkedmap.role")).collect();
    roles.sort();
    assert_eq!(roles, ["acting", "intervening", "lookup"]);
    let record = received.records.iter().find(|record| record.span_id == root.span_id).expect("its record");
    assert_eq!((record.severity_text.as_str(), record.event_name.as_str()), ("WARN", "checkedmap.suspect"));
    (*root).clone()
}

#[test]
fn a_suspect_of_a_program_that_exits() {
    if is_child() {
        let telemetry = checkedmap_otel::init().unwrap();
        check_then_act(&watched(), 7);
        // The library's flush at exit has a bound of its own.
        common::until("the suspect", || telemetry.accounts().taken == 1);
        std::process::exit(3);
    }
    let collector = Collector::start();
    assert_eq!(run("a_suspect_of_a_program_that_exits", &collector).code(), Some(3));
    assert_suspect_arrived(&collector);
    let suspects = collector.received().metrics;
    assert!(suspects.iter().any(|metric| metric.name == "checkedmap.suspects"), "metrics too");
}

#[test]
fn a_suspect_of_a_program_that_panics() {
    if is_child() {
        let _telemetry = checkedmap_otel::init().unwrap();
        check_then_act(&watched(), 7);
        panic!("for another reason");
    }
    let collector = Collector::start();
    assert_eq!(run("a_suspect_of_a_program_that_panics", &collector).code(), Some(101));
    assert_suspect_arrived(&collector);
}

#[test]
fn a_suspect_of_a_program_killed_with_a_spool() {
    if is_child() {
        let telemetry = checkedmap_otel::init().unwrap();
        if std::env::var_os(HEIR).is_some() {
            telemetry.flush();
            println!("{READY}: {}", telemetry.finish());
            be_ready();
        }
        // A conflict has the same number: they are not to be taken for one another.
        collide(&map(Mode::Log));
        let watched = watched();
        check_then_act(&watched, 7);
        let _ = checkedmap::flush(PATIENCE);
        check_then_act(&watched, 8);
        // The count of the second is told by a flush.
        let _ = checkedmap::flush(PATIENCE);
        be_ready();
    }
    let test = "a_suspect_of_a_program_killed_with_a_spool";
    let directory = tempfile::tempdir().unwrap();
    let collector = Collector::start();
    collector.refuse(true);
    let mut command = child(test, &collector);
    command.env("CHECKEDMAP_SPOOL", directory.path());
    let mut victim = start(command);
    victim.kill().unwrap();
    assert_eq!(victim.wait().unwrap().signal(), Some(SIGKILL));
    assert!(collector.received().spans.is_empty());

    collector.refuse(false);
    let line = accounts_of_an_heir(test, &collector, directory.path());
    assert!(
        line.contains("taken 0 + recovered 3 = sent 3 + pending 0 + dropped 0 + spooled 0 (unreadable 0)"),
        "{line}"
    );
    assert_arrived(&collector, "waited", "ERROR");
    let root = assert_suspect_arrived(&collector);
    assert_eq!(text(&root.attributes, "checkedmap.recovered").as_deref(), Some("true"));
    let received = collector.received();
    let repeat = received.records.iter().find(|record| record.event_name == "checkedmap.suspect.repeated");
    let repeat = repeat.expect("the count");
    assert_eq!((&repeat.trace_id, &repeat.span_id), (&root.trace_id, &root.span_id));
    assert_eq!(text(&repeat.attributes, "checkedmap.count").as_deref(), Some("1"));
}

#[test]
#[allow(unsafe_code)]
fn a_forked_child_exports_by_itself_or_not_at_all() {
    if is_child() {
        let telemetry = checkedmap_otel::init().unwrap();
        let map = map(Mode::Log);
        // SAFETY: the child goes on as a copy of this thread alone; it uses what this library keeps usable after a fork,
        // memory and stderr, and glibc keeps its allocator usable in the child.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // Reported by the sink of the parent, which is dead here; nothing must wait for it.
            collide(&map);
            let began = std::time::Instant::now();
            checkedmap::flush(PATIENCE).unwrap();
            drop(telemetry);
            let heir = checkedmap_otel::init().unwrap();
            collide(&CheckedMap::builder().name("fatal").mode(Mode::Log).build());
            let code = if heir.finish().sent == 1 && began.elapsed() < PATIENCE { 0 } else { 5 };
            std::process::exit(code);
        }
        let mut status = 0;
        // SAFETY: `child` is a child of this process that nobody else waits for, and `status` is ours to write.
        let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert_eq!((waited, status), (child, 0));
        assert_eq!(telemetry.finish().taken, 0);
        return;
    }
    let collector = Collector::start();
    assert!(run("a_forked_child_exports_by_itself_or_not_at_all", &collector).success());
    assert_arrived(&collector, "waited", "ERROR");
}

#[test]
fn disabled_is_silent() {
    if is_child() {
        let telemetry = checkedmap_otel::init().unwrap();
        collide(&map(Mode::Log));
        assert!(telemetry.flush());
        assert_eq!(telemetry.finish(), checkedmap_otel::Accounts::default());
        return;
    }
    let collector = Collector::start();
    let mut command = child("disabled_is_silent", &collector);
    assert!(command.env("OTEL_SDK_DISABLED", "true").status().unwrap().success());
    assert_eq!(collector.received().requests, 0);
}

#[cfg(feature = "subscriber")]
#[test]
fn disabled_still_logs_to_stderr() {
    if is_child() {
        let _telemetry = checkedmap_otel::init_with_subscriber().unwrap();
        tracing::info!("the program goes on");
        return;
    }
    let collector = Collector::start();
    let mut command = child("disabled_still_logs_to_stderr", &collector);
    command.env("OTEL_SDK_DISABLED", "true").env_remove("RUST_LOG").stderr(Stdio::piped());
    let output = command.output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("the program goes on"), "{output:?}");
    assert_eq!(collector.received().requests, 0);
}

#[test]
fn signals_can_be_switched_off() {
    if is_child() {
        let telemetry = checkedmap_otel::init().unwrap();
        collide(&map(Mode::Log));
        assert!(telemetry.flush());
        return;
    }
    let collector = Collector::start();
    let mut command = child("signals_can_be_switched_off", &collector);
    command.env("OTEL_TRACES_EXPORTER", "none").env("OTEL_METRICS_EXPORTER", "none");
    assert!(command.status().unwrap().success());
    let received = collector.received();
    assert!(received.spans.is_empty() && received.metrics.is_empty());
    assert_eq!(received.records.len(), 1);
}
