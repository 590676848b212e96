//! Two requests of one session: each looks whether it is loaded, loads it, and puts it into the map. Every call on the map is
//! alone in it, and still what one of them wrote is lost.
//!
//! ```text
//! cargo run --example session_store                # the suspect that stale checks make of it
//! cargo run --example session_store -- --fixed     # the same by one call on the map: silence
//! cargo run --release --example session_store -- --cost
//! ```
//!
//! After tower-sessions pull request 41.

use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use checkedmap::{Backtrace, CheckedMap, Config, StaleChecks, stale};

const HELP: &str = "\
Two requests load one session into a map, by two calls on it. What do stale checks say?

usage: cargo run --example session_store [-- OPTIONS]

  --fixed   load the session by one call, `entry`
  --cost    print what an access costs with stale checks and without (with --release)
  --help    this text

environment: the CHECKEDMAP_* variables of the README hold, save for --cost; stale checks are on in any case";

/// What a session holds, shared by the requests that have it loaded.
type Session = Arc<Mutex<Vec<&'static str>>>;
type Sessions = CheckedMap<u64, Session>;

const ID: u64 = 7;

/// The store is slow: another request of the session comes and goes meanwhile.
fn load_from_store(meanwhile: impl FnOnce()) -> Session {
    meanwhile();
    Session::default()
}

fn by_two_calls(sessions: &Sessions, meanwhile: impl FnOnce()) -> Session {
    if let Some(loaded) = sessions.get(&ID) {
        return Arc::clone(&loaded);
    }
    let loaded = load_from_store(meanwhile);
    sessions.insert(ID, Arc::clone(&loaded));
    loaded
}

fn by_one_call(sessions: &Sessions, meanwhile: impl FnOnce()) -> Session {
    let loaded = load_from_store(meanwhile);
    Arc::clone(&sessions.entry(ID).or_insert(loaded))
}

fn serve(fixed: bool) {
    let sessions = Sessions::named("sessions");
    let request = |item, meanwhile: &mut dyn FnMut()| {
        let session = if fixed { by_one_call(&sessions, meanwhile) } else { by_two_calls(&sessions, meanwhile) };
        session.lock().expect("nobody panics").push(item);
    };
    let mut other = || {
        thread::scope(|scope| {
            let request =
                thread::Builder::new().name("request-2".to_owned()).spawn_scoped(scope, || request("tea", &mut || ()));
            request.expect("a thread starts").join().expect("the request ends well");
        });
    };
    request("cake", &mut other);
    let basket = sessions.get(&ID).map(|session| session.lock().expect("nobody panics").join(" and "));
    let _ = checkedmap::flush(Duration::from_secs(10));
    println!("in the basket: {}; suspects: {}", basket.unwrap_or_default(), stale::books().detected);
}

/// Nanoseconds per access, the best of many short rounds: what else the machine does only ever adds.
fn cost(config: Config) -> f64 {
    const ACCESSES: u32 = 2_000;
    config.with_report([]).apply();
    let map: CheckedMap<u64, u64> = (0..256).map(|key| (key, 0)).collect();
    let round = |_| {
        let begun = Instant::now();
        for key in (0..256).cycle().take(ACCESSES as usize / 2) {
            let seen = map.get(&key).map_or(0, |value| *value);
            map.insert(key, seen + 1);
        }
        begun.elapsed().as_secs_f64() * 1e9 / f64::from(ACCESSES)
    };
    (0..300).map(round).fold(f64::INFINITY, f64::min)
}

fn main() -> ExitCode {
    let mut fixed = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--fixed" => fixed = true,
            "--cost" => {
                let checks = || Config::new().with_stale_checks(StaleChecks::new());
                println!("nanoseconds per access, get and insert in turn by one thread");
                println!("  without stale checks      {:>8.1}", cost(Config::new()));
                println!("  with, CHECKEDMAP_BACKTRACE=off {:>3.0}", cost(checks().with_backtrace(Backtrace::Off)));
                println!("  with                      {:>8.0}", cost(checks()));
                return ExitCode::SUCCESS;
            }
            "--help" | "-h" => {
                println!("{HELP}");
                return ExitCode::SUCCESS;
            }
            _ => {
                eprintln!("session_store: unknown option {argument:?}; allowed are --fixed, --cost and --help");
                return ExitCode::from(2);
            }
        }
    }
    match Config::from_env() {
        Ok(config) => {
            let checks = config.stale_checks().cloned().unwrap_or_default();
            config.with_stale_checks(checks).apply();
        }
        Err(error) => {
            eprintln!("session_store: {error}");
            return ExitCode::from(2);
        }
    }
    serve(fixed);
    ExitCode::SUCCESS
}
