//! Guards, and what is done while they are held.

mod dropped_before_io;
mod held_during_io;
mod insert_in_a_walk;
mod nested_reads;
mod opposite_orders;
mod remove_beside_own_guard;

programs! { "guards":
    dropped_before_io
    held_during_io
    insert_in_a_walk
    nested_reads
    opposite_orders
    remove_beside_own_guard
}
