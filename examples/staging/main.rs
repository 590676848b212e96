//! A staging run: a small HTTP service with sessions in a shared map, its own load, and a janitor which was written as if
//! it were alone.
//!
//! ```text
//! cargo run --release --example staging
//! CHECKEDMAP_MODE=panic cargo run --release --example staging
//! CHECKEDMAP_MODE=fallback cargo run --release --example staging
//! CHECKEDMAP_STALE=1 cargo run --release --example staging
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 cargo run --release --example staging
//! ```
//!
//! The incident: every request handler takes the lock that orders accesses to the session map ([`sessions::ORDER`]). The
//! [`janitor`], added later by somebody else, sweeps expired sessions on a thread of its own and does not know of the lock.
//! With a plain map that is a data race which corrupts the table on some night. Here the map finds each overlap, names both
//! sides, and the [mode](checkedmap::Mode) decides what becomes of it.
//!
//! A second mistake overlaps with nothing: [`counters`] takes the lock once to read a count and once to write it. Of two
//! logins that have read the same count one is lost, and stale checks alone see it.
//!
//! Nothing in the program sleeps to make the accesses meet: the handlers do what they do, the janitor walks the map and
//! writes an audit line for each session it ends, and with some thousand requests a second they meet within the first
//! sweeps.

mod counters;
mod findings;
mod hush;
mod janitor;
mod load;
mod options;
mod requests;
mod service;
mod sessions;
mod summary;
mod telemetry;
mod timeline;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use checkedmap::{Circuit, Config, Mode};

use findings::Findings;
use janitor::Janitor;
use load::{Load, Requests};
use options::{Asked, Options};
use service::Service;
use sessions::SESSIONS;
use summary::Run;
use telemetry::Telemetry;
use timeline::Timeline;

/// How often the run looks at the circuit: short against any quiet period a person would set.
const LOOK: Duration = Duration::from_millis(5);

fn main() -> ExitCode {
    let options = match options::parse(std::env::args().skip(1)) {
        Ok(Asked::Run(options)) => options,
        Ok(Asked::Help) => {
            println!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(wrong) => {
            eprintln!("staging: {wrong}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(run) => {
            println!("{run}");
            match run.verdict() {
                Ok(shown) => {
                    println!("{shown}");
                    ExitCode::SUCCESS
                }
                Err(missing) => {
                    eprintln!("staging: {missing}");
                    ExitCode::FAILURE
                }
            }
        }
        Err(failed) => {
            eprintln!("staging: {failed}");
            ExitCode::FAILURE
        }
    }
}

/// How long a report waits for the holder's stack, unless the environment says: a sweep may be interrupted for longer than
/// the library's default where other work keeps the machine busy.
const EVIDENCE: Duration = Duration::from_secs(1);

/// Settings for a run this short: `log` unless the environment asks for another mode, and a quiet period that fits into
/// the run unless it asks for another.
fn configure(options: &Options) {
    let given = |variable: &str| std::env::var_os(variable).is_some_and(|value| !value.is_empty());
    let Ok(mut config) = Config::from_env() else {
        // The library says what is wrong at its first use, and goes on with the default of that variable.
        let mode = checkedmap::mode();
        return checkedmap::set_mode(if given("CHECKEDMAP_MODE") { mode } else { Mode::Log });
    };
    if !given("CHECKEDMAP_MODE") {
        config = config.with_mode(Mode::Log);
    }
    if !given("CHECKEDMAP_RECOVER_MS") {
        config = config.with_recover(options.length / 10);
    }
    if !given("CHECKEDMAP_EVIDENCE_MS") {
        config = config.with_evidence(EVIDENCE);
    }
    config.apply();
}

/// Whether handlers and janitor have met as the mode wants it, so that the janitor has done its part.
fn shown(mode: Mode, requests: Requests) -> bool {
    match mode {
        Mode::Panic => requests.internal_error > 0,
        _ => checkedmap::books().detected > 0,
    }
}

fn run(options: &Options) -> Result<Run, String> {
    configure(options);
    let telemetry = Telemetry::start(options)?;
    hush::repeated_panics();
    let findings = Findings::collect();
    sessions::restore();

    let service = Service::start(options.port)?;
    println!("{}", summary::Opening { address: service.address(), mode: SESSIONS.mode(), options });
    if let Some(metrics) = telemetry.as_ref().and_then(Telemetry::prometheus) {
        println!("Metrics for Prometheus at http://{metrics}/metrics while the run lasts.\n");
    }
    let began = Instant::now();
    let load = Load::start(service.address());
    let mut janitor = Janitor::start();
    let mut timeline = Timeline::start(began);
    let mut progress = summary::Progress::default();

    loop {
        let elapsed = began.elapsed();
        timeline.look();
        let shown = shown(SESSIONS.mode(), load.counts()) || elapsed >= options.length * 2;
        if elapsed >= options.janitor_stops() && shown && janitor.stop() {
            timeline.note("the janitor is stopped");
        }
        if let Some(line) = progress.line(elapsed, load.counts(), timeline.circuit()) {
            println!("{line}");
        }
        let recovered = timeline.circuit() == Circuit::Checked || elapsed >= options.at_most();
        if elapsed >= options.length && janitor.is_stopped() && recovered {
            break;
        }
        std::thread::sleep(LOOK);
    }

    let lasted = began.elapsed();
    let requests = load.finish();
    let alive = load::is_alive(service.address());
    service.stop();
    let unflushed = checkedmap::flush(Duration::from_secs(10)).err();
    let swept = janitor.finish();
    Ok(Run {
        mode: SESSIONS.mode(),
        lasted,
        requests,
        alive,
        swept,
        hushed: hush::count(),
        timeline,
        findings: findings.pairs(),
        books: checkedmap::books(),
        unflushed,
        delivered: telemetry.map(|telemetry| telemetry.finish(&findings)),
    })
}
