//! A program that dies with conflicts on hand: which of them does a collector still get?
//!
//! ```text
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 cargo run --example ways_to_die -- panic
//! ```
//!
//! Expect: all of them, whatever the way, but for `kill`. There `CHECKEDMAP_SPOOL=DIR` keeps what the exporter had been
//! handed, and the next run in that directory sends it; `kill-at-once` also takes what had not got that far.
//! `tests/stack/run` counts them in a Jaeger.

use std::io::Write;
use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, Mode, observe};
use checkedmap_otel::Guard;

const HELP: &str = "\
Meets conflicts on maps of their own, exports them as the OTEL_* variables say, and dies.

usage: cargo run --example ways_to_die -- WAY [CONFLICTS]

  return         main returns, and its guard delivers
  panic          the last conflict panics in main
  abort          the last conflict aborts the process
  exit           std::process::exit, without the guard's help
  guard-exit     Guard::exit
  sigterm        SIGTERM, with Guard::flush_on_sigterm
  kill           SIGKILL, once the exporter has been handed every report
  kill-at-once   SIGKILL right after the last conflict

CONFLICTS is 0 to 1000, 10 by default";

const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Return,
    Panic,
    Abort,
    Exit,
    GuardExit,
    Sigterm,
    Kill,
    KillAtOnce,
}

fn parse() -> Option<(Way, usize)> {
    let mut arguments = std::env::args().skip(1);
    let way = match arguments.next()?.as_str() {
        "return" => Way::Return,
        "panic" => Way::Panic,
        "abort" => Way::Abort,
        "exit" => Way::Exit,
        "guard-exit" => Way::GuardExit,
        "sigterm" => Way::Sigterm,
        "kill" => Way::Kill,
        "kill-at-once" => Way::KillAtOnce,
        _ => return None,
    };
    let conflicts = arguments.next().map_or(Some(10), |number| number.parse().ok())?;
    (conflicts <= 1000 && arguments.next().is_none()).then_some((way, conflicts))
}

/// A conflict on a map of its own, so that none is folded into another's report. The calling thread is refused.
fn collide(number: usize, mode: Mode) {
    let map = CheckedMap::builder().name(format!("mortal-{number}")).mode(mode).build();
    let conflicts =
        || observe::maps().iter().find(|seen| Some(seen.name.as_str()) == map.name()).map_or(0, |map| map.conflicts);
    let (held, is_held) = channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let guard = map.read();
            held.send(()).expect("the other side waits for it");
            while conflicts() == 0 {
                thread::yield_now();
            }
            drop(guard);
        });
        is_held.recv().expect("the reader lives");
        map.insert(number, number);
    });
}

fn die(way: Way, telemetry: Guard) -> ExitCode {
    match way {
        Way::Return | Way::Panic | Way::Abort => {
            let accounts = telemetry.finish();
            println!("{accounts}");
            ExitCode::SUCCESS
        }
        Way::Exit => std::process::exit(0),
        Way::GuardExit => telemetry.exit(0),
        Way::Sigterm => signal(SIGTERM),
        Way::Kill => {
            while checkedmap::books().queued > 0 {
                thread::sleep(Duration::from_millis(1));
            }
            signal(SIGKILL)
        }
        Way::KillAtOnce => signal(SIGKILL),
    }
}

/// What an operator or a container's runtime sends.
#[cfg(unix)]
fn signal(signal: i32) -> ! {
    signal_hook::low_level::raise(signal).expect("every process may signal itself");
    loop {
        thread::park();
    }
}

#[cfg(not(unix))]
fn signal(_signal: i32) -> ! {
    eprintln!("ways_to_die: this system has no signals");
    std::process::exit(2)
}

fn main() -> ExitCode {
    let Some((way, conflicts)) = parse() else {
        let asked = std::env::args().nth(1).is_some_and(|argument| ["-h", "--help"].contains(&argument.as_str()));
        if asked {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        eprintln!("{HELP}");
        return ExitCode::from(2);
    };
    let telemetry = match checkedmap_otel::init() {
        Ok(telemetry) => telemetry,
        Err(error) => {
            eprintln!("ways_to_die: {error}");
            return ExitCode::FAILURE;
        }
    };
    #[cfg(unix)]
    telemetry.flush_on_sigterm().expect("a handler of SIGTERM");
    println!("{conflicts} conflicts on hand");
    let _ = std::io::stdout().flush();
    for number in 1..=conflicts {
        let mode = match way {
            Way::Panic if number == conflicts => Mode::Panic,
            Way::Abort if number == conflicts => Mode::Abort,
            _ => Mode::Log,
        };
        collide(number, mode);
    }
    die(way, telemetry)
}
