//! The heavy half of the asymmetric fence: makes every running thread of the process pass a full memory barrier.
//!
//! Linux does it by `membarrier(2)` with `PRIVATE_EXPEDITED`: an interrupt to each processor that runs one of our threads,
//! which costs the caller microseconds and the others next to nothing. Where that is not to be had (other systems,
//! a seccomp filter, `CHECKEDMAP_MEMBARRIER=off`, Miri), gates stay in the counted regime, which needs no fence.

#[cfg(all(target_os = "linux", not(miri)))]
mod linux {
    use std::io::Write;
    use std::sync::atomic::{AtomicU8, Ordering};

    const UNKNOWN: u8 = 0;
    const AVAILABLE: u8 = 1;
    const MISSING: u8 = 2;

    /// What is known of the system call. Written once, by whoever asks first; asking twice does no harm.
    static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);

    fn membarrier(command: i32) -> bool {
        // SAFETY: membarrier takes no pointers; an unknown command is an error, not a fault.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    fn register() -> bool {
        membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)
    }

    pub(crate) fn is_available() -> bool {
        // Relaxed: the state says what the kernel can do, and publishes nothing.
        match STATE.load(Ordering::Relaxed) {
            UNKNOWN => {
                let available = register();
                STATE.store(if available { AVAILABLE } else { MISSING }, Ordering::Relaxed);
                available
            }
            state => state == AVAILABLE,
        }
    }

    /// Aborts the process where the barrier is refused after it was granted: an access might be inside unseen, and nothing
    /// else stands in for it.
    pub(crate) fn heavy_fence() {
        let expedited = || membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
        // The registration is the address space's; a child made by `vfork` or a new program has none.
        if expedited() || (register() && expedited()) {
            return;
        }
        let _ = writeln!(
            std::io::stderr(),
            "checkedmap: aborting: the membarrier system call worked before and is refused now, so maps can no longer be \
             checked; set CHECKEDMAP_MEMBARRIER=off where a filter is installed while the program runs"
        );
        std::process::abort();
    }
}

#[cfg(all(target_os = "linux", not(miri)))]
pub(crate) use linux::{heavy_fence, is_available};

#[cfg(not(all(target_os = "linux", not(miri))))]
pub(crate) fn is_available() -> bool {
    false
}

#[cfg(not(all(target_os = "linux", not(miri))))]
pub(crate) fn heavy_fence() {
    unreachable!("no gate leaves the counted regime where there is no heavy fence");
}
