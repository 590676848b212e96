//! A lock, but not the right one.

mod insert_under_read_lock;
mod lock_per_shard;
mod one_lock_each;
mod read_after_write_lock;
mod read_lock_for_reads;
mod remove_under_read_lock;

programs! { "wrong_lock":
    insert_under_read_lock
    lock_per_shard
    one_lock_each
    read_after_write_lock
    read_lock_for_reads
    remove_under_read_lock
}
