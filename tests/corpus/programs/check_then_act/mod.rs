//! A key is looked up, and written on the strength of the answer, in two calls that are each safe.

mod both_under_one_lock;
mod entry;
mod generated_key;
mod locks_by_name;
mod looked_at_again;
mod offloaded_twice;
mod plugin_registered_twice;
mod session_id;
mod string_cache;
mod token_of_a_request;
mod work_done_twice;

programs! { "check_then_act":
    both_under_one_lock
    entry
    generated_key
    locks_by_name
    looked_at_again
    offloaded_twice
    plugin_registered_twice
    session_id
    string_cache
    token_of_a_request
    work_done_twice
}
