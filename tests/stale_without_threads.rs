//! A process that can start no thread, so that the library has none of its own: whoever has something to report calls the
//! sinks, and does not while it is inside the map.
//!
//! Alone in its process, whose sinks use the map.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#![allow(unsafe_code)]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use checkedmap::report::{Report, Suspect};
use checkedmap::sink::set_sinks;
use checkedmap::{CheckedMap, Config, Sink, StaleChecks, stale};

static ORDERS: LazyLock<CheckedMap<u64, &str>> = LazyLock::new(|| CheckedMap::named("orders"));

/// Suspects that the sink was told of.
static TOLD: AtomicU64 = AtomicU64::new(0);

/// Looks into the map that it is told of.
struct FromTheMap;

impl Sink for FromTheMap {
    fn report(&self, _: &Report) {}

    fn suspect(&self, _: &Suspect) {
        assert!(ORDERS.contains_key(&7));
        TOLD.fetch_add(1, Ordering::SeqCst);
    }
}

/// Has the kernel answer as if there were too many threads, from now on, in this thread.
fn refuse_threads() {
    let statement = |code: u32, k: u32| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let skip_unless = |number: libc::c_long, jf: u8| libc::sock_filter {
        code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16,
        jt: 0,
        jf,
        k: u32::try_from(number).unwrap(),
    };
    let refuse = || statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ERRNO | libc::EAGAIN as u32);
    let mut filter = [
        // The number of the system call is the first word of what the filter is shown.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0),
        skip_unless(libc::SYS_clone, 1),
        refuse(),
        skip_unless(libc::SYS_clone3, 1),
        refuse(),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: takes plain numbers.
    let humble = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    // SAFETY: takes a pointer to a program that lives throughout.
    let installed = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    assert_eq!((humble, installed), (0, 0), "the filter was refused: {}", std::io::Error::last_os_error());
    assert!(thread::Builder::new().spawn(|| ()).is_err(), "no thread can be started");
}

#[test]
fn a_suspect_told_inside_waits_until_somebody_is_outside() {
    let checks = StaleChecks::new().with_window(Duration::from_secs(3600));
    Config::new().with_stale_checks(checks).apply();
    set_sinks([Box::new(FromTheMap) as Box<dyn Sink>]);
    let (write, writes) = mpsc::channel::<&'static str>();
    let (wrote, written) = mpsc::channel();
    let writer = thread::spawn(move || {
        for value in writes {
            ORDERS.insert(7, value);
            wrote.send(()).unwrap();
        }
    });
    let somebody_else_writes = || {
        write.send("theirs").unwrap();
        written.recv().unwrap();
    };
    refuse_threads();
    let look = || {
        ORDERS.insert(7, "first");
        assert!(ORDERS.get(&7).is_some());
        somebody_else_writes();
    };

    look();
    let lent = ORDERS.get_mut(&7);
    assert_eq!((stale::books().detected, TOLD.load(Ordering::SeqCst)), (1, 0), "the value is lent");
    drop(lent);
    assert_eq!(stale::books().queued, 1, "nobody has come by");
    checkedmap::flush(Duration::from_secs(60)).unwrap();
    assert_eq!(TOLD.load(Ordering::SeqCst), 1);

    look();
    drop(ORDERS.get_disjoint_mut([&7]));
    assert_eq!(TOLD.load(Ordering::SeqCst), 1);
    look();
    ORDERS.insert(7, "ours");
    assert_eq!(TOLD.load(Ordering::SeqCst), 3, "a write tells once it has ended, and what was left before it");
    drop(write);
    writer.join().unwrap();
    assert_eq!(checkedmap::books().detected, 0, "no sink came back to a map that was being written");
    assert!(stale::books().balanced(), "{}", stale::books());
}
