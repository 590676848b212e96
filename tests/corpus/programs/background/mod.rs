//! Work that comes round by itself: cleaners, timers, scheduled jobs.

mod cleaner_asks_owner;
mod cleaner_with_lock;
mod expiry_beside_set;
mod job_meets_itself;
mod removed_on_read;
mod session_cleaner;
mod table_of_timers;
mod tick_skipped;

programs! { "background":
    cleaner_asks_owner
    cleaner_with_lock
    expiry_beside_set
    job_meets_itself
    removed_on_read
    session_cleaner
    table_of_timers
    tick_skipped
}
