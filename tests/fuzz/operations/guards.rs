//! Guards of `CheckedCell` and `CheckedMap` that one thread nests and drops in any order, against std's `RefCell`, which lends by
//! the same rule. For proptest and for the fuzzer.

use std::cell::{Ref as StdRef, RefCell, RefMut as StdRefMut};
use std::collections::HashMap;

use checkedmap::map::{Iter, Ref, RefMut};
use checkedmap::{CheckedCell, CheckedMap, ReadGuard, WriteGuard};

/// More than the accesses a thread's ledger has places for.
const OPEN: usize = 40;
const CELLS: usize = 4;

/// One call. Cells and open guards are chosen by the remainder.
#[derive(Clone, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Step {
    Read(u8),
    Write(u8, u32),
    Get(u8),
    GetMut(u8, u32),
    Iterate,
    Insert(u8, u32),
    Remove(u8),
    /// Drops one of the open guards.
    Close(u8),
    CloseAll,
}

type Std = HashMap<u8, u32>;

struct Oracle {
    cells: [RefCell<u32>; CELLS],
    map: RefCell<Std>,
}

/// What is under test. One that has served before will do; reports are gathered by collection, so that it makes fewer.
#[derive(Default)]
pub(crate) struct Checked {
    cells: [CheckedCell<u32>; CELLS],
    map: CheckedMap<u8, u32>,
}

/// A guard of ours and the one that std has lent beside it.
#[expect(dead_code, reason = "held, and dropped")]
enum Open<'a> {
    Read(ReadGuard<'a, u32>, StdRef<'a, u32>),
    Write(WriteGuard<'a, u32>, StdRefMut<'a, u32>),
    Get(Ref<'a, u32>, StdRef<'a, u32>),
    GetMut(RefMut<'a, u32>, StdRefMut<'a, u32>),
    Iterate(Iter<'a, u8, u32>, StdRef<'a, Std>),
}

/// A key's guard, where the map was lent.
type Lent<T> = Result<Option<T>, ()>;

impl Oracle {
    fn get(&self, key: u8) -> Lent<StdRef<'_, u32>> {
        let map = self.map.try_borrow().map_err(drop)?;
        Ok(StdRef::filter_map(map, |map| map.get(&key)).ok())
    }

    fn get_mut(&self, key: u8) -> Lent<StdRefMut<'_, u32>> {
        let map = self.map.try_borrow_mut().map_err(drop)?;
        Ok(StdRefMut::filter_map(map, |map| map.get_mut(&key)).ok())
    }
}

/// Makes one call on both; the guards, where there are any.
///
/// # Panics
///
/// Where one lends and the other does not, or the values differ.
fn call<'a>(ours: &'a Checked, std: &'a Oracle, step: &Step) -> Option<Open<'a>> {
    match *step {
        Step::Read(cell) => {
            let cell = usize::from(cell) % CELLS;
            let (ours, std) = both(ours.cells[cell].try_read(), std.cells[cell].try_borrow(), step)?;
            assert_eq!(*ours, *std, "{step:?}");
            Some(Open::Read(ours, std))
        }
        Step::Write(cell, value) => {
            let cell = usize::from(cell) % CELLS;
            let (mut ours, mut std) = both(ours.cells[cell].try_write(), std.cells[cell].try_borrow_mut(), step)?;
            assert_eq!(std::mem::replace(&mut *ours, value), std::mem::replace(&mut *std, value), "{step:?}");
            Some(Open::Write(ours, std))
        }
        Step::Get(key) => {
            let (ours, std) = both(ours.map.try_get(&key), std.get(key), step)?;
            let (ours, std) = both(ours.ok_or(()), std.ok_or(()), step)?;
            assert_eq!(*ours, *std, "{step:?}");
            Some(Open::Get(ours, std))
        }
        Step::GetMut(key, value) => {
            let (ours, std) = both(ours.map.try_get_mut(&key), std.get_mut(key), step)?;
            let (mut ours, mut std) = both(ours.ok_or(()), std.ok_or(()), step)?;
            assert_eq!(std::mem::replace(&mut *ours, value), std::mem::replace(&mut *std, value), "{step:?}");
            Some(Open::GetMut(ours, std))
        }
        Step::Iterate => {
            let (mut ours, std) = both(ours.map.try_iter(), std.map.try_borrow(), step)?;
            assert_eq!(ours.len(), std.len(), "{step:?}");
            // The item is a guard of its own, and outlives this call's other uses of the iterator.
            if let Some((key, value)) = ours.next() {
                assert_eq!(std.get(&*key), Some(&*value), "{step:?}");
            }
            Some(Open::Iterate(ours, std))
        }
        Step::Insert(key, value) => {
            let (ours, mut std) = both(ours.map.try_insert(key, value), std.map.try_borrow_mut(), step)?;
            assert_eq!(ours, std.insert(key, value), "{step:?}");
            None
        }
        Step::Remove(key) => {
            let (ours, mut std) = both(ours.map.try_remove(&key), std.map.try_borrow_mut(), step)?;
            assert_eq!(ours, std.remove(&key), "{step:?}");
            None
        }
        Step::Close(_) | Step::CloseAll => None,
    }
}

/// What both lent, or nothing if neither did.
fn both<A, B, E, F>(ours: Result<A, E>, std: Result<B, F>, step: &Step) -> Option<(A, B)> {
    assert_eq!(ours.is_ok(), std.is_ok(), "{step:?}: one of ours and std's lends, the other does not");
    ours.ok().zip(std.ok())
}

/// # Panics
///
/// Where a verdict or a value differs, or something is still closed when every guard is gone.
pub(crate) fn check(ours: &Checked, steps: &[Step]) {
    ours.cells.iter().for_each(|cell| *cell.write() = 0);
    ours.map.clear();
    let std = Oracle { cells: Default::default(), map: RefCell::default() };
    let mut open = Vec::new();
    for step in steps {
        match step {
            Step::Close(which) if !open.is_empty() => drop(open.swap_remove(usize::from(*which) % open.len())),
            Step::CloseAll => open.clear(),
            step => open.extend(call(ours, &std, step)),
        }
        if open.len() > OPEN {
            open.remove(0);
        }
    }
    drop(open);
    for (ours, std) in ours.cells.iter().zip(&std.cells) {
        assert_eq!(*ours.try_write().expect("every guard is gone"), *std.borrow());
    }
    assert!(*ours.map.try_write().expect("every guard is gone") == *std.map.borrow());
}
