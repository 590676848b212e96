//! The one switch between std's and loom's atomics, locks and parking.
//!
//! Everything that takes part in the protocol of gate, ledger and evidence imports its primitives from here, so that the
//! models explore the code that ships. Loom has no clock: a wait with a deadline waits without one there.

#[cfg(any(checkedmap_loom, target_os = "linux"))]
mod event;
#[cfg(any(checkedmap_loom, target_os = "linux"))]
#[allow(unsafe_code)]
mod futex;
#[cfg(not(checkedmap_loom))]
#[allow(unsafe_code)]
pub(crate) mod membarrier;
#[cfg(not(checkedmap_loom))]
mod parking;

#[cfg(not(checkedmap_loom))]
mod real {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};

    use std::time::Instant;

    use lock_api::{RawRwLock as _, RawRwLockTimed as _};
    use parking_lot::RawRwLock;
    pub(crate) use parking_lot::{Condvar, Mutex};

    use crate::access::AccessKind;

    /// A reader-writer lock that is held without a lexical guard. Writers that wait hold off later readers.
    pub(crate) struct Lock(RawRwLock);

    impl Lock {
        pub(crate) const fn new() -> Self {
            Self(RawRwLock::INIT)
        }

        pub(crate) fn try_lock(&self, kind: AccessKind) -> bool {
            match kind {
                AccessKind::Read => self.0.try_lock_shared().is_some(),
                AccessKind::Write => self.0.try_lock_exclusive().is_some(),
            }
        }

        pub(crate) fn try_lock_until(&self, kind: AccessKind, deadline: Instant) -> bool {
            match kind {
                AccessKind::Read => self.0.try_lock_shared_until(deadline).is_some(),
                AccessKind::Write => self.0.try_lock_exclusive_until(deadline).is_some(),
            }
        }

        /// # Safety
        ///
        /// The caller holds the lock for this kind of access and gives it up.
        #[allow(unsafe_code)]
        pub(crate) unsafe fn unlock(&self, kind: AccessKind) {
            match kind {
                // SAFETY: held shared, by this function's contract; the guard it asks for is stateless.
                AccessKind::Read => unsafe { self.0.unlock_shared(Default::default()) },
                // SAFETY: held exclusively, by this function's contract; the guard it asks for is stateless.
                AccessKind::Write => unsafe { self.0.unlock_exclusive(Default::default()) },
            }
        }
    }

    pub(crate) use super::membarrier::heavy_fence;
    pub(crate) use super::parking::Parking;

    /// The light half of the asymmetric fence: keeps the compiler from moving a load before an earlier store. The
    /// processor may still do so, until a [`heavy_fence`] of another thread stops it.
    #[inline]
    pub(crate) fn light_fence() {
        std::sync::atomic::compiler_fence(Ordering::SeqCst);
    }

    pub(crate) fn spin_loop() {
        std::hint::spin_loop();
    }

    pub(crate) fn yield_now() {
        std::thread::yield_now();
    }
}

#[cfg(checkedmap_loom)]
mod modelled {
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};

    use std::time::{Duration, Instant};

    use loom::sync::MutexGuard;

    use crate::access::AccessKind;

    /// parking_lot's mutex interface over loom's.
    pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(loom::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap()
        }

        pub(crate) fn try_lock_for(&self, _: Duration) -> Option<MutexGuard<'_, T>> {
            Some(self.lock())
        }
    }

    pub(crate) struct Condvar(loom::sync::Condvar);

    pub(crate) struct WaitResult;

    impl WaitResult {
        pub(crate) fn timed_out(&self) -> bool {
            false
        }
    }

    impl Condvar {
        pub(crate) fn new() -> Self {
            Self(loom::sync::Condvar::new())
        }

        pub(crate) fn notify_all(&self) {
            self.0.notify_all();
        }

        #[allow(unsafe_code)]
        pub(crate) fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, _: Instant) -> WaitResult {
            // SAFETY: the guard is read out, handed to loom, which gives one back for the same mutex, and written in
            // again; loom's `wait` panics only when the model has failed, and then the process ends.
            unsafe {
                let taken = std::ptr::read(guard);
                std::ptr::write(guard, self.0.wait(taken).unwrap());
            }
            WaitResult
        }
    }

    /// The lock's interface over one counter under a mutex.
    pub(crate) struct Lock {
        /// Readers inside, or -1 for a writer.
        state: loom::sync::Mutex<i32>,
        changed: loom::sync::Condvar,
    }

    impl Lock {
        pub(crate) fn new() -> Self {
            Self { state: loom::sync::Mutex::new(0), changed: loom::sync::Condvar::new() }
        }

        fn take(state: &mut i32, kind: AccessKind) -> bool {
            match kind {
                AccessKind::Read if *state >= 0 => *state += 1,
                AccessKind::Write if *state == 0 => *state = -1,
                _ => return false,
            }
            true
        }

        pub(crate) fn try_lock(&self, kind: AccessKind) -> bool {
            Self::take(&mut self.state.lock().unwrap(), kind)
        }

        pub(crate) fn try_lock_until(&self, kind: AccessKind, _: Instant) -> bool {
            let mut state = self.state.lock().unwrap();
            while !Self::take(&mut state, kind) {
                state = self.changed.wait(state).unwrap();
            }
            true
        }

        #[allow(unsafe_code)]
        pub(crate) unsafe fn unlock(&self, kind: AccessKind) {
            *self.state.lock().unwrap() += if kind == AccessKind::Read { -1 } else { 1 };
            self.changed.notify_all();
        }
    }

    /// A mutex stands in for the queue's own lock: `still_blocked` and `unpark_all` exclude each other.
    pub(crate) struct Parking {
        queue: loom::sync::Mutex<()>,
        changed: loom::sync::Condvar,
    }

    impl Parking {
        pub(crate) fn new() -> Self {
            Self { queue: loom::sync::Mutex::new(()), changed: loom::sync::Condvar::new() }
        }

        pub(crate) fn park(&self, still_blocked: impl Fn() -> bool, _: Option<Instant>) {
            let queue = self.queue.lock().unwrap();
            if still_blocked() {
                drop(self.changed.wait(queue).unwrap());
            }
        }

        pub(crate) fn unpark_all(&self) {
            let _queue = self.queue.lock().unwrap();
            self.changed.notify_all();
        }
    }

    /// Loom knows no asymmetric fence; a full one on both sides is what the two halves amount to together.
    pub(crate) fn light_fence() {
        loom::sync::atomic::fence(Ordering::SeqCst);
    }

    pub(crate) fn heavy_fence() {
        loom::sync::atomic::fence(Ordering::SeqCst);
    }

    pub(crate) fn spin_loop() {
        loom::thread::yield_now();
    }

    pub(crate) fn yield_now() {
        loom::thread::yield_now();
    }
}

#[cfg(checkedmap_loom)]
pub(crate) use modelled::*;
#[cfg(not(checkedmap_loom))]
pub(crate) use real::*;

/// Waits for another thread to finish what takes it microseconds. After some turns it sleeps, since a thread of higher
/// priority that only yields would keep the other from finishing.
pub(crate) fn stand_by(turns: &mut u32) {
    *turns += 1;
    if *turns > 100 && !cfg!(checkedmap_loom) {
        std::thread::sleep(std::time::Duration::from_micros(50));
    } else {
        yield_now();
    }
}

/// A `const fn` but under loom, whose primitives register themselves with the running model.
macro_rules! const_unless_modelled {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty $body:block) => {
        #[cfg(not(checkedmap_loom))]
        $(#[$attribute])* $visibility const fn $name($($argument: $type),*) -> $result $body
        #[cfg(checkedmap_loom)]
        $(#[$attribute])* $visibility fn $name($($argument: $type),*) -> $result $body
    };
}
pub(crate) use const_unless_modelled;
