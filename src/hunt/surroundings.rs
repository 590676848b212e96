//! What the process and the thread are like, where it matters for a delay.

/// What a decision depends on beside what the hunter has seen. Asked only where a delay is near.
pub(super) trait Surroundings {
    /// Whether the process has one thread, beside those of the library's own.
    fn is_alone(&self) -> bool;
    /// Whether the calling thread is the only one that runs the tasks of an async runtime.
    fn is_lone_worker(&self) -> bool;
}

/// The process as it is.
pub(super) struct Process;

impl Surroundings for Process {
    #[cfg(target_os = "linux")]
    fn is_alone(&self) -> bool {
        // Threads of the library's own come to no map.
        let alone = 1 + crate::helper::living();
        std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.take(alone + 1).count() <= alone)
    }

    /// Unknown here, so a planned pair is given its chance.
    #[cfg(not(target_os = "linux"))]
    fn is_alone(&self) -> bool {
        false
    }

    #[cfg(feature = "tokio")]
    fn is_lone_worker(&self) -> bool {
        // A `current_thread` runtime counts as one worker. Its blocking jobs, and a worker that blocks in place, cannot be told
        // from it.
        tokio::runtime::Handle::try_current().is_ok_and(|runtime| runtime.metrics().num_workers() == 1)
    }

    #[cfg(not(feature = "tokio"))]
    fn is_lone_worker(&self) -> bool {
        false
    }
}

#[cfg(all(test, feature = "tokio"))]
mod tests {
    use super::*;

    #[test]
    fn a_lone_worker_is_told_from_one_of_many() {
        let is_lone = |builder: &mut tokio::runtime::Builder| {
            let runtime = builder.build().expect("a runtime");
            runtime.block_on(async { tokio::spawn(async { Process.is_lone_worker() }).await.expect("it looks") })
        };
        assert!(!Process.is_lone_worker(), "no runtime at all");
        assert!(is_lone(&mut tokio::runtime::Builder::new_current_thread()));
        assert!(is_lone(tokio::runtime::Builder::new_multi_thread().worker_threads(1)));
        assert!(!is_lone(tokio::runtime::Builder::new_multi_thread().worker_threads(2)));
    }
}
