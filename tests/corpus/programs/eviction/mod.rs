//! An entry is found to be expired, and removed in a second call.

mod closed_handle_dropped;
mod filled_again_beside_a_sweep;
mod fresh_entry_removed;
mod judged_again;
mod refreshed_page_evicted;
mod removed_in_one_call;

programs! { "eviction":
    closed_handle_dropped
    filled_again_beside_a_sweep
    fresh_entry_removed
    judged_again
    refreshed_page_evicted
    removed_in_one_call
}
