//! The heavy half of the asymmetric fence: makes every running thread of the process pass a full memory barrier.
//!
//! Linux does it by `membarrier(2)` with `PRIVATE_EXPEDITED`: an interrupt to each processor that runs one of our threads,
//! which costs the caller microseconds and the others next to nothing. Where that is not to be had (other systems,
//! a seccomp filter, `CHECKEDMAP_MEMBARRIER=off`), or cannot be seen (ThreadSanitizer, Miri), gates stay in the counted
//! regime, which needs no fence.

#[cfg(all(target_os = "linux", not(miri)))]
mod linux {
    use std::ptr;
    use std::sync::atomic::{AtomicU8, Ordering};

    use parking_lot::Mutex;

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

    /// ThreadSanitizer does not know the system call, so it would call every access let in by it a race.
    fn is_watched_by_thread_sanitizer() -> bool {
        // SAFETY: the name is a C string; the handle is the constant for "anywhere in this program".
        let symbol = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"__tsan_init".as_ptr()) };
        !symbol.is_null()
    }

    pub(crate) fn is_available() -> bool {
        // Relaxed: the state says what the kernel can do, and publishes nothing.
        match STATE.load(Ordering::Relaxed) {
            UNKNOWN => {
                let available = !is_watched_by_thread_sanitizer() && register();
                STATE.store(if available { AVAILABLE } else { MISSING }, Ordering::Relaxed);
                available
            }
            state => state == AVAILABLE,
        }
    }

    /// # Panics
    ///
    /// Never; where the barrier is refused after it was granted, and nothing else stands in for it, the process aborts.
    pub(crate) fn heavy_fence() {
        let expedited = || membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
        // The registration is the address space's; a child made by `vfork` or a new program has none.
        if expedited() || (register() && expedited()) || flush_other_processors() {
            return;
        }
        eprintln!(
            "checkedmap: aborting: the membarrier system call worked before and is refused now, so maps can no longer be \
             checked; set CHECKEDMAP_MEMBARRIER=off where a filter is installed while the program runs"
        );
        std::process::abort();
    }

    /// For a process that has installed a seccomp filter meanwhile: taking a right away from a page in use makes the
    /// kernel interrupt every processor that may have it cached. True on x86 alone; others broadcast without a barrier.
    fn flush_other_processors() -> bool {
        static PAGE: Mutex<usize> = Mutex::new(0);

        if !cfg!(any(target_arch = "x86", target_arch = "x86_64")) {
            return false;
        }
        let mut page = PAGE.lock();
        if *page == 0 {
            let rights = libc::PROT_READ | libc::PROT_WRITE;
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            // SAFETY: a fresh anonymous mapping of one page at no particular place.
            let mapped = unsafe { libc::mmap(ptr::null_mut(), 4096, rights, flags, -1, 0) };
            if mapped == libc::MAP_FAILED {
                return false;
            }
            *page = mapped as usize;
        }
        let address = *page as *mut libc::c_void;
        // SAFETY: the page is ours, mapped above, and used under its lock only.
        if unsafe { libc::mprotect(address, 4096, libc::PROT_READ | libc::PROT_WRITE) } != 0 {
            return false;
        }
        // A page that is not in use anywhere would be left out of the flush.
        // SAFETY: writable since the call above, and aligned.
        unsafe { address.cast::<u8>().write_volatile(1) };
        // SAFETY: as above.
        unsafe { libc::mprotect(address, 4096, libc::PROT_READ) == 0 }
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn the_stand_in_for_a_refused_barrier_works_where_it_is_claimed_to() {
            for _ in 0..3 {
                assert_eq!(super::flush_other_processors(), cfg!(any(target_arch = "x86", target_arch = "x86_64")));
            }
        }
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
