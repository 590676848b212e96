//! Threads of the library's own.
//!
//! They take none of the program's signals, which are for threads of its own to wait for or to be interrupted by. And they
//! are counted, so that a program can be told to have one thread that has one.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

/// How many there are. Written by who starts one and by each as it ends; in a child of `fork`, where there are none, by the fork
/// handler.
static LIVING: AtomicUsize = AtomicUsize::new(0);

/// Starts a thread of the library's own.
pub(crate) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    let _blocked = signals::Blocked::begin();
    let living = Living::begin();
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _living = living;
        run();
    })
}

/// How many threads of the library's own the process has.
pub(crate) fn living() -> usize {
    // Relaxed: a count; where a thread is starting or ending, it may be off by one.
    LIVING.load(Ordering::Relaxed)
}

/// The child of a fork has the forking thread alone.
pub(crate) fn after_fork_in_child() {
    LIVING.store(0, Ordering::Relaxed);
}

struct Living(());

impl Living {
    fn begin() -> Self {
        LIVING.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        LIVING.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(unix)]
#[allow(unsafe_code)]
mod signals {
    use std::mem::MaybeUninit;

    /// The calling thread takes no signals until this is dropped, and threads that it starts meanwhile never do.
    pub(super) struct Blocked {
        before: Option<libc::sigset_t>,
    }

    impl Blocked {
        pub(super) fn begin() -> Self {
            let (mut all, mut before) = (MaybeUninit::uninit(), MaybeUninit::uninit());
            // SAFETY: the set is ours to write.
            unsafe { libc::sigfillset(all.as_mut_ptr()) };
            // SAFETY: the first set was filled above, and the other is ours to write.
            let failed = unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
            // SAFETY: the call has succeeded, so it has written the set.
            Self { before: (failed == 0).then(|| unsafe { before.assume_init() }) }
        }
    }

    impl Drop for Blocked {
        fn drop(&mut self) {
            if let Some(before) = &self.before {
                // SAFETY: a set that the system has written; the old one is not asked for.
                unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, std::ptr::null_mut()) };
            }
        }
    }
}

#[cfg(not(unix))]
mod signals {
    pub(super) struct Blocked;

    impl Blocked {
        pub(super) fn begin() -> Self {
            Self
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// The signals that a thread of this process blocks, as the kernel has them.
    fn blocked(thread: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{thread}/status")).expect("the thread is there");
        let mask = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).expect("the kernel tells");
        u64::from_str_radix(mask.trim(), 16).expect("a number")
    }

    #[test]
    fn a_helper_takes_no_signals_and_its_starter_those_that_it_took() {
        let before = blocked("thread-self");
        let helper = spawn("helper", || {
            let bit = |signal: i32| 1_u64 << (signal - 1);
            let asked = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGUSR1, libc::SIGALRM, libc::SIGCHLD];
            assert!(asked.into_iter().all(|signal| blocked("thread-self") & bit(signal) != 0));
        });
        assert_eq!(blocked("thread-self"), before);
        helper.expect("it is started").join().expect("it blocks them all");
    }
}
