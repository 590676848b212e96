//! Guards: what keeps an access open, in which order they may go, and where they may not.

use std::sync::mpsc;
use std::sync::{Arc, Barrier, LazyLock};
use std::thread;

use checkedmap::{CheckedMap, Circuit, ConflictKind, Mode, Ref, RefMut};

fn map() -> CheckedMap<&'static str, Vec<u32>> {
    CheckedMap::from([("a", vec![1, 2, 3]), ("b", vec![4, 5]), ("c", vec![])])
}

/// Whether a write by another thread is admitted.
fn is_free<K: Send + Sync, V: Send + Sync>(map: &CheckedMap<K, V>) -> bool {
    thread::scope(|scope| scope.spawn(|| map.try_write().is_ok()).join().unwrap())
}

#[test]
fn collected_items_keep_the_read_open() {
    let map = map();
    let mut keys: Vec<_> = map.keys().collect();
    assert!(!is_free(&map));
    while keys.len() > 1 {
        keys.pop();
        assert!(!is_free(&map), "one item is enough");
    }
    drop(keys);
    assert!(is_free(&map));
    let pairs: Vec<_> = map.iter().collect();
    assert!(!is_free(&map));
    let values: Vec<_> = pairs.into_iter().map(|(_, value)| value).collect();
    assert!(!is_free(&map));
    drop(values);
    assert!(is_free(&map));
}

#[test]
fn an_exhausted_iterator_keeps_the_read_open_until_it_is_dropped() {
    let map = map();
    let mut entries = map.iter();
    assert_eq!(entries.by_ref().count(), 3);
    assert!(!is_free(&map));
    drop(entries);
    assert!(is_free(&map));
}

#[test]
fn nothing_found_is_nothing_held() {
    let map = map();
    let none = (map.get("z"), map.get_mut("z"), map.get_key_value("z"), map.get_disjoint_mut(["y", "z"]));
    assert!(is_free(&map));
    drop(none);
}

#[test]
fn guards_go_in_any_order() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let map = map();
        let mut guards = [map.get("a"), map.get("b"), map.get("c")];
        for (gone, index) in order.into_iter().enumerate() {
            assert!(!is_free(&map), "{order:?} after {gone}");
            guards[index] = None;
        }
        assert!(is_free(&map), "{order:?}");
    }
}

#[test]
fn parts_keep_the_access_open() {
    let map = map();
    let second = Ref::map(map.get("a").unwrap(), |numbers| &numbers[1]);
    assert_eq!(second, 2);
    assert!(!is_free(&map));
    drop(second);
    let Err(whole) = Ref::filter_map(map.get("c").unwrap(), |numbers| numbers.first()) else { panic!("c is empty") };
    assert!(!is_free(&map));
    drop(whole);
    let mut last = RefMut::filter_map(map.get_mut("b").unwrap(), |numbers| numbers.last_mut()).unwrap();
    last += 1;
    assert!(!is_free(&map));
    drop(last);
    assert!(is_free(&map));
    assert_eq!(map.get("b").unwrap(), [4, 6]);
}

#[test]
fn a_clone_of_a_guard_is_a_read_of_its_own() {
    let map = map();
    let first = map.get("a").unwrap();
    let second = Ref::clone(&first);
    drop(first);
    assert!(!is_free(&map));
    assert_eq!(second, [1, 2, 3]);
    drop(second);
    assert!(is_free(&map));
}

#[test]
fn a_shared_guard_may_be_cloned_by_another_thread() {
    let map = map();
    let lent: Vec<_> = map.values().collect();
    let (cloned, is_cloned) = mpsc::channel();
    let (checked, is_checked) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let value = &lent[0];
        scope.spawn(move || {
            let own = Ref::clone(value);
            cloned.send(()).unwrap();
            is_checked.recv().unwrap();
            drop(own);
        });
        is_cloned.recv().unwrap();
        assert!(!is_free(&map));
        checked.send(()).unwrap();
    });
    drop(lent);
    assert!(is_free(&map));
}

#[test]
fn elements_of_a_lent_collection_share_its_read() {
    let map = map();
    let elements: Vec<_> = map.get("a").unwrap().into_iter().collect();
    assert!(!is_free(&map));
    assert_eq!(elements, [1, 2, 3]);
    drop(elements);
    assert!(is_free(&map));
    assert_eq!(map.values().flatten().sum::<u32>(), 15);
    assert!(is_free(&map));
}

#[test]
#[allow(unsafe_code)]
fn disjoint_guards_share_one_write() {
    let map = map();
    let [a, none, b] = map.get_disjoint_mut(["a", "z", "b"]);
    assert!(none.is_none());
    let (mut a, mut b) = (a.unwrap(), b.unwrap());
    std::mem::swap(&mut *a, &mut *b);
    drop(a);
    assert_eq!(map.try_get("a").unwrap_err().kind(), ConflictKind::Reentrant);
    drop(b);
    assert_eq!(map.get("a").unwrap(), [4, 5]);
    // SAFETY: the keys differ.
    let [b, c] = unsafe { map.get_disjoint_unchecked_mut(["b", "c"]) };
    assert!(!is_free(&map));
    drop((b, c));
    assert!(is_free(&map));
}

#[test]
fn entries_and_what_they_turn_into_keep_the_write_open() {
    let map = map();
    let entry = map.entry("a");
    assert!(!is_free(&map));
    let value = entry.or_default();
    assert!(!is_free(&map));
    drop(value);
    assert!(is_free(&map));
    let entry = map.entry("new").insert_entry(vec![9]);
    assert!(!is_free(&map));
    assert_eq!(entry.remove(), [9]);
    assert!(is_free(&map));
    let checkedmap::map::Entry::Vacant(entry) = map.entry("new") else { panic!("new was removed") };
    assert_eq!(entry.into_key(), "new");
    assert!(is_free(&map));
}

#[test]
fn drain_leaves_the_map_free() {
    let map = map();
    let mut taken = map.drain();
    assert!(is_free(&map));
    assert!(map.is_empty());
    let (key, value) = taken.next().unwrap();
    map.insert(key, value);
    drop(taken);
    assert_eq!(map.len(), 1);
}

#[test]
fn a_leaked_guard_keeps_the_map_busy_and_an_exclusive_borrow_still_gets_in() {
    let mut map = map();
    map.set_mode(Mode::Panic);
    std::mem::forget(map.get("a"));
    assert!(!is_free(&map));
    assert_eq!(map.try_clear().unwrap_err().kind(), ConflictKind::Reentrant);
    assert_eq!(map.get("b").unwrap(), [4, 5], "a leaked read admits reads");
    map.inner_mut().clear();
    assert!(map.is_empty());
    let moved = map.into_inner();
    assert!(moved.is_empty());
}

#[test]
fn a_thread_that_ended_with_a_leaked_guard_is_named() {
    let map = Arc::new(map());
    let leak = Arc::clone(&map);
    thread::Builder::new()
        .name(String::from("forgetful"))
        .spawn(move || std::mem::forget(leak.get_mut("a")))
        .unwrap()
        .join()
        .unwrap();
    let conflict = map.try_get("a").unwrap_err();
    let holder = conflict.holder().unwrap();
    assert_eq!(holder.thread.name(), Some("forgetful"));
    assert!(holder.thread.has_ended());
}

#[test]
fn thread_local_destructors_may_use_a_map() {
    static LOG: LazyLock<CheckedMap<u32, &str>> = LazyLock::new(|| CheckedMap::named("log"));
    struct Late(u32);
    impl Drop for Late {
        fn drop(&mut self) {
            LOG.insert(self.0, "late");
            assert_eq!(LOG.get(&self.0).unwrap(), "late");
        }
    }
    thread_local! {
        static FIRST: Late = const { Late(1) };
        static LAST: Late = const { Late(2) };
    }
    thread::spawn(|| {
        FIRST.with(|_| ());
        LOG.insert(0, "in time");
        LAST.with(|_| ());
    })
    .join()
    .unwrap();
    assert_eq!(LOG.len(), 3);
}

#[test]
fn a_writer_waits_its_turn_in_log_mode() {
    let map = CheckedMap::from([("hits", 0)]);
    map.set_mode(Mode::Log);
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                for _ in 0..200 {
                    *map.get_mut("hits").unwrap() += 1;
                }
            });
        }
    });
    assert_eq!(map.get("hits").unwrap(), 800);
}

#[test]
fn guards_taken_before_and_after_the_map_degrades_go_in_any_order() {
    let map = CheckedMap::from([(1, 10), (2, 20)]);
    map.set_mode(Mode::Fallback);
    thread::scope(|scope| {
        let items: Vec<_> = map.values().collect();
        let writer = scope.spawn(|| map.insert(3, 30));
        while map.circuit() != Circuit::Degraded {
            thread::yield_now();
        }
        let own = Ref::clone(&items[0]);
        let nested = map.get(&1).unwrap();
        drop(items);
        assert_eq!(*own % 10, 0);
        drop(own);
        assert_eq!(nested, 10);
        drop(nested);
        assert_eq!(writer.join().unwrap(), None);
    });
    assert_eq!(map.len(), 3);
    assert_eq!(map.trips(), 1);
}

#[test]
fn the_contender_panics_and_the_map_stays_usable() {
    let map = map();
    map.set_mode(Mode::Panic);
    let reading = map.get("a").unwrap();
    let panic = thread::scope(|scope| scope.spawn(|| map.clear()).join().unwrap_err());
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("`clear`") && text.contains("`get`"), "{text}");
    drop(reading);
    map.clear();
    assert!(map.is_empty());
}
