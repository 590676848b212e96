//! A map that leaves the lock it is kept under.

mod copy_returned;
mod exported_field;
mod live_map_returned;
mod visited_under_lock;
mod written_by_caller;

programs! { "escaped_map":
    copy_returned
    exported_field
    live_map_returned
    visited_under_lock
    written_by_caller
}
