//! The right to write a plan in a directory, among processes.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long to wait for another process that writes the same plan.
const PATIENCE: Duration = Duration::from_secs(1);

/// See the module's page.
pub(super) struct Turn(File);

impl Drop for Turn {
    fn drop(&mut self) {
        // Closing the file is not enough where a child of a `fork` has it open too. Where it fails, closing is all there is.
        let _ = self.0.unlock();
    }
}

impl Turn {
    /// Holds off other processes that write a plan in the same directory, where the system can lock one. Where it cannot, the
    /// worst is that one of two processes that end together is not heard.
    pub(super) fn take(directory: &Path) -> Option<Self> {
        let directory = File::open(directory).ok()?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match directory.try_lock() {
                Ok(()) => return Some(Self(directory)),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(_) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_ends_though_a_child_of_a_fork_has_the_directory_open_too() {
        let directory = tempfile::tempdir().expect("a directory");
        let turn = Turn::take(directory.path()).expect("nobody else is here");
        let other = File::open(directory.path()).expect("it is a directory");
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)), "one at a time");
        let inherited = turn.0.try_clone().expect("as a fork does it");
        drop(turn);
        assert!(other.try_lock().is_ok());
        drop(inherited);
    }
}
