//! One owner after another.

mod agent_reads_later;
mod answer_waited_for;
mod buffer_reset_beside_read;
mod by_condition_variable;
mod joined;
mod looked_at_again_after_reply;
mod phases;
mod sender_keeps_writing;
mod shared_but_taken_in_turn;
mod through_a_channel;

programs! { "hand_over":
    agent_reads_later
    answer_waited_for
    buffer_reset_beside_read
    by_condition_variable
    joined
    looked_at_again_after_reply
    phases
    sender_keeps_writing
    shared_but_taken_in_turn
    through_a_channel
}
