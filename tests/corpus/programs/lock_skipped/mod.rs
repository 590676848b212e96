//! A lock that one path does not take.

mod accessor_without_lock;
mod cleaner_without_lock;
mod every_path_locked;
mod guard_dropped_at_once;
mod lookup_without_lock;
mod only_writes_locked;
mod remove_after_unlock;
mod remove_without_lock;
mod storage_locked;

programs! { "lock_skipped":
    accessor_without_lock
    cleaner_without_lock
    every_path_locked
    guard_dropped_at_once
    lookup_without_lock
    only_writes_locked
    remove_after_unlock
    remove_without_lock
    storage_locked
}
