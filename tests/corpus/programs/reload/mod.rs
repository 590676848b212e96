//! Maps that are published, then replaced or changed.

mod change_told_twice;
mod flag_publishes;
mod half_of_each;
mod read_before_set_up;
mod read_only_after_start;
mod reload_in_place;
mod whole_map_replaced;

programs! { "reload":
    change_told_twice
    flag_publishes
    half_of_each
    read_before_set_up
    read_only_after_start
    reload_in_place
    whole_map_replaced
}
