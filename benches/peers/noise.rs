//! Whether the kernel took the processor away.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

/// How often the calling thread was made to give way to another. A constant where that is not to be had.
pub(crate) fn times_preempted() -> i64 {
    #[cfg(target_os = "linux")]
    {
        let mut usage = MaybeUninit::<libc::rusage>::zeroed();
        // SAFETY: the buffer is a `rusage`, and the call writes nothing else.
        let done = unsafe { libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr()) } == 0;
        // SAFETY: all zeros is a `rusage` too, so the value is initialised either way.
        let usage = unsafe { usage.assume_init() };
        if done { usage.ru_nivcsw } else { 0 }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = MaybeUninit::<()>::uninit();
        0
    }
}
