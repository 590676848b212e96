//! A word that a thread can sleep on for as long as it is the same.

#[cfg(not(checkedmap_loom))]
pub(super) use kernel::Futex;
#[cfg(checkedmap_loom)]
pub(super) use modelled::Futex;

#[cfg(not(checkedmap_loom))]
mod kernel {
    use std::sync::atomic::AtomicU32;
    use std::time::{Duration, Instant};

    pub(in crate::sync) struct Futex {
        pub(in crate::sync) word: AtomicU32,
    }

    impl Futex {
        pub(in crate::sync) const fn new() -> Self {
            Self { word: AtomicU32::new(0) }
        }

        /// Sleeps until [`Futex::wake_all`] or the deadline if the word is `expected`; may return earlier.
        pub(in crate::sync) fn wait(&self, expected: u32, deadline: Option<Instant>) {
            let timeout = deadline.map(|deadline| timespec(deadline.saturating_duration_since(Instant::now())));
            let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
            let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
            // SAFETY: the word and the timeout outlive the call, and the kernel only reads them. Whatever it returns, the caller
            // looks again.
            unsafe { libc::syscall(libc::SYS_futex, self.word.as_ptr(), operation, expected, timeout) };
        }

        pub(in crate::sync) fn wake_all(&self) {
            let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
            // SAFETY: the word is only an address to the kernel.
            unsafe { libc::syscall(libc::SYS_futex, self.word.as_ptr(), operation, i32::MAX) };
        }
    }

    fn timespec(duration: Duration) -> libc::timespec {
        // SAFETY: a plain structure of numbers, for which zeros are values.
        let mut timespec: libc::timespec = unsafe { std::mem::zeroed() };
        timespec.tv_sec = duration.as_secs().try_into().unwrap_or(libc::time_t::MAX);
        timespec.tv_nsec = duration.subsec_nanos().into();
        timespec
    }
}

/// The kernel's queue, and its look at the word under the lock that waking takes.
#[cfg(checkedmap_loom)]
mod modelled {
    use std::time::Instant;

    use loom::sync::atomic::{AtomicU32, Ordering};
    use loom::sync::{Condvar, Mutex};

    pub(in crate::sync) struct Futex {
        pub(in crate::sync) word: AtomicU32,
        queue: Mutex<()>,
        woken: Condvar,
    }

    impl Futex {
        pub(in crate::sync) fn new() -> Self {
            Self { word: AtomicU32::new(0), queue: Mutex::new(()), woken: Condvar::new() }
        }

        pub(in crate::sync) fn wait(&self, expected: u32, _: Option<Instant>) {
            let queue = self.queue.lock().unwrap();
            // Relaxed: the lock orders it.
            if self.word.load(Ordering::Relaxed) == expected {
                drop(self.woken.wait(queue).unwrap());
            }
        }

        pub(in crate::sync) fn wake_all(&self) {
            let _queue = self.queue.lock().unwrap();
            self.woken.notify_all();
        }
    }
}
