//! A value is read, changed, and written back in a second call.

mod descriptor_count;
mod last_user_removes;
mod merged_policy;
mod modified_in_one_call;
mod one_writer_per_key;
mod read_and_stored_under_lock;
mod remaining_requests;
mod value_cloned_and_stored;

programs! { "lost_update":
    descriptor_count
    last_user_removes
    merged_policy
    modified_in_one_call
    one_writer_per_key
    read_and_stored_under_lock
    remaining_requests
    value_cloned_and_stored
}
