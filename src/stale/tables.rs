//! All tables of the process: what is switched off for all maps is given back by all.

use std::sync::{Arc, Weak};

use once_cell::race::OnceBox;
use parking_lot::Mutex;

use super::table::Table;
use crate::fork;

static TABLES: Mutex<Vec<Weak<Table>>> = Mutex::new(Vec::new());

/// The table of one map, made and listed if need be. `None` where a fork is coming, for which the caller, who is inside the
/// map, does not wait.
pub(super) fn made(place: &OnceBox<Arc<Table>>) -> Option<&Table> {
    if let Some(table) = place.get() {
        return Some(table);
    }
    let _held_back = fork::try_hold_back()?;
    let mut tables = TABLES.lock();
    // It is made under the lock alone, so whoever finds it there finds it listed.
    Some(place.get_or_init(|| {
        if tables.len() == tables.capacity() {
            tables.retain(|table| table.strong_count() > 0);
        }
        let table = Arc::new(Table::new());
        tables.push(Arc::downgrade(&table));
        Box::new(table)
    }))
}

/// What all maps remember is forgotten.
pub(crate) fn forget_all() {
    let tables: Vec<_> = {
        let _held_back = fork::hold_back();
        TABLES.lock().iter().filter_map(Weak::upgrade).collect()
    };
    tables.iter().for_each(|table| table.clear());
}
