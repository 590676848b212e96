//! Walks over all entries.

mod marshal_beside_update;
mod scrape_beside_update;
mod statistics_beside_results;
mod sweep_beside_put;
mod walk_beside_insert;
mod walk_over_copy;
mod walk_under_lock;

programs! { "iteration":
    marshal_beside_update
    scrape_beside_update
    statistics_beside_results
    sweep_beside_put
    walk_beside_insert
    walk_over_copy
    walk_under_lock
}
