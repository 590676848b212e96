//! Maps shared through `unsafe`, with std's signatures.

mod cache_in_a_static;
mod callbacks_from_c;
mod constructors_of_an_addon;
mod static_behind_a_mutex;
mod static_mut;
mod unconditional_sync;
mod written_before_threads;

programs! { "unsafe_shared":
    cache_in_a_static
    callbacks_from_c
    constructors_of_an_addon
    static_behind_a_mutex
    static_mut
    unconditional_sync
    written_before_threads
}
