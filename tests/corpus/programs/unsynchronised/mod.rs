//! No lock anywhere.

mod insert_beside_len;
mod insert_beside_lookup;
mod insert_beside_remove;
mod len_beside_remove;
mod lookups_only;
mod ten_writers;
mod value_in_place;
mod walks_only;

programs! { "unsynchronised":
    insert_beside_len
    insert_beside_lookup
    insert_beside_remove
    len_beside_remove
    lookups_only
    ten_writers
    value_in_place
    walks_only
}
