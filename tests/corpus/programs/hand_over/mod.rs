//! One owner after another.

mod agent_reads_later;
mod buffer_reset_beside_read;
mod by_condition_variable;
mod joined;
mod phases;
mod sender_keeps_writing;
mod shared_but_taken_in_turn;
mod through_a_channel;

programs! { "hand_over":
    agent_reads_later
    buffer_reset_beside_read
    by_condition_variable
    joined
    phases
    sender_keeps_writing
    shared_but_taken_in_turn
    through_a_channel
}
