// What is dropped by which call, in which order.

use std::cell::RefCell;
use std::hash::Hash;

use map::*;

thread_local!(static DROPS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) });

#[derive(Debug)]
struct Tracked(&'static str);

impl Drop for Tracked {
    fn drop(&mut self) {
        DROPS.with_borrow_mut(|drops| drops.push(self.0));
    }
}

impl PartialEq for Tracked {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Tracked {}

impl Hash for Tracked {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

fn drops_of(run: impl FnOnce(&mut HashMap<Tracked, Tracked>)) -> Vec<&'static str> {
    let mut map = HashMap::from([(Tracked("key"), Tracked("value"))]);
    run(&mut map);
    DROPS.with_borrow_mut(|drops| drops.push("call over"));
    drop(map);
    DROPS.take()
}

pub(crate) fn drop_orders() -> Vec<Vec<&'static str>> {
    vec![
        drops_of(|_| {}),
        drops_of(|map| drop(map.insert(Tracked("new key"), Tracked("new value")))),
        drops_of(|map| drop(map.remove(&Tracked("asked for")))),
        drops_of(|map| drop(map.remove_entry(&Tracked("asked for")))),
        drops_of(|map| _ = map.entry(Tracked("new key")).or_insert(Tracked("new value"))),
        drops_of(|map| _ = map.entry(Tracked("new key")).insert_entry(Tracked("new value"))),
        drops_of(|map| drop(map.entry(Tracked("new key")))),
        drops_of(|map| map.clear()),
        drops_of(|map| map.retain(|_, _| false)),
        drops_of(|map| drop(map.drain())),
        drops_of(|map| drop(map.drain().next())),
        drops_of(|map| drop(map.extract_if(|_, _| true).next())),
        drops_of(|map| std::mem::forget(map.drain())),
        drops_of(|map| *map = HashMap::new()),
        drops_of(|map| drop(std::mem::take(map).into_iter())),
        drops_of(|map| drop(std::mem::take(map).into_keys().next())),
        drops_of(|map| drop(std::mem::take(map).into_values().next())),
    ]
}
