//! The one switch between std's and loom's atomics, locks and parking.
//!
//! Everything that takes part in the protocol of gate, ledger and evidence imports its primitives from here, so that the
//! models explore the code that ships. Loom has no clock: a wait with a deadline waits without one there.

#[cfg(not(checkedmap_loom))]
mod real {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};

    use std::time::Instant;

    pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard, RawRwLock};

    /// Threads that wait for a gate to change, keyed by its address.
    pub(crate) struct Parking(());

    impl Parking {
        pub(crate) const fn new() -> Self {
            Self(())
        }

        /// Waits until [`Parking::unpark_all`] or the deadline, unless `still_blocked` says no. `still_blocked` and
        /// `unpark_all` exclude each other, so a wake-up between check and sleep is not missed.
        #[allow(unsafe_code)]
        pub(crate) fn park(&self, still_blocked: impl Fn() -> bool, deadline: Option<Instant>) {
            let key = std::ptr::from_ref(self) as usize;
            // SAFETY: the key is the address of memory this gate owns; `still_blocked` only loads atomics and the other
            // callbacks are empty, so none of them panics or calls into parking_lot.
            unsafe {
                parking_lot_core::park(
                    key,
                    still_blocked,
                    || {},
                    |_, _| {},
                    parking_lot_core::DEFAULT_PARK_TOKEN,
                    deadline,
                );
            }
        }

        #[allow(unsafe_code)]
        pub(crate) fn unpark_all(&self) {
            let key = std::ptr::from_ref(self) as usize;
            // SAFETY: the key is the address of memory this gate owns.
            unsafe { parking_lot_core::unpark_all(key, parking_lot_core::DEFAULT_UNPARK_TOKEN) };
        }
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
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};

    use std::time::{Duration, Instant};

    use loom::sync::MutexGuard as LoomGuard;

    /// parking_lot's mutex interface over loom's.
    pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

    pub(crate) type MutexGuard<'a, T> = LoomGuard<'a, T>;

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

    /// parking_lot's raw lock, as far as the gate uses it, as one counter under a mutex.
    pub(crate) struct RawRwLock {
        /// Readers inside, or -1 for a writer.
        state: loom::sync::Mutex<i32>,
        changed: loom::sync::Condvar,
    }

    impl RawRwLock {
        pub(crate) fn new() -> Self {
            Self { state: loom::sync::Mutex::new(0), changed: loom::sync::Condvar::new() }
        }

        pub(crate) fn try_lock_shared(&self) -> bool {
            let mut state = self.state.lock().unwrap();
            if *state < 0 {
                return false;
            }
            *state += 1;
            true
        }

        pub(crate) fn try_lock_exclusive(&self) -> bool {
            let mut state = self.state.lock().unwrap();
            if *state != 0 {
                return false;
            }
            *state = -1;
            true
        }

        pub(crate) fn try_lock_shared_until(&self, _: Instant) -> bool {
            let mut state = self.state.lock().unwrap();
            while *state < 0 {
                state = self.changed.wait(state).unwrap();
            }
            *state += 1;
            true
        }

        pub(crate) fn try_lock_exclusive_until(&self, _: Instant) -> bool {
            let mut state = self.state.lock().unwrap();
            while *state != 0 {
                state = self.changed.wait(state).unwrap();
            }
            *state = -1;
            true
        }

        pub(crate) fn try_lock_shared_recursive(&self) -> bool {
            self.try_lock_shared()
        }

        pub(crate) unsafe fn unlock_shared(&self) {
            *self.state.lock().unwrap() -= 1;
            self.changed.notify_all();
        }

        pub(crate) unsafe fn unlock_exclusive(&self) {
            *self.state.lock().unwrap() = 0;
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
