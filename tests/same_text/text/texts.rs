// What is printed, and what a panic says.

use std::panic::{AssertUnwindSafe, catch_unwind};

use map::*;

pub(crate) fn debug_texts() -> Vec<String> {
    let mut out = Vec::new();
    let mut map = HashMap::from([("key", 7)]);
    macro_rules! show {
        ($($value:expr),* $(,)?) => { $(out.push(match $value { value => format!("{value:?} {value:#?}") });)* };
    }
    show! { &map, &HashMap::<u8, u8>::new() }
    show! { map.iter(), map.keys(), map.values(), map.iter_mut(), map.values_mut() }
    show! { map.clone().into_iter(), map.clone().into_keys(), map.clone().into_values() }
    show! { map.clone().drain(), map.clone().extract_if(|_, _| true) }
    show! { map.entry("key"), map.entry("absent") }
    if let Entry::Occupied(entry) = map.entry("key") {
        show! { entry }
    }
    if let Entry::Vacant(entry) = map.entry("absent") {
        show! { entry }
    }
    show! { Iter::<u8, u8>::default(), IterMut::<u8, u8>::default(), IntoIter::<u8, u8>::default() }
    let mut iter = map.iter_mut();
    iter.next();
    show! { iter }
    let mut iter = map.clone().into_iter();
    iter.next();
    show! { iter }
    let mut copy = map.clone();
    let mut iter = copy.drain();
    iter.next();
    show! { iter }
    out
}

fn panic_text<R>(run: impl FnOnce() -> R) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(run)).err()?;
    Some(match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast_ref::<&str>().unwrap()).to_owned(),
    })
}

pub(crate) fn panic_texts() -> Vec<Option<String>> {
    let mut map = HashMap::from([(1, 1), (2, 2)]);
    vec![
        panic_text(|| map[&3]),
        panic_text(|| HashMap::<u8, u8>::new()[&3]),
        panic_text(|| map.get_disjoint_mut([&1, &2, &1]).len()),
        panic_text(|| map.get_disjoint_mut([&1, &2, &3]).len()),
        panic_text(|| map.reserve(usize::MAX)),
        panic_text(|| HashMap::<u64, u64>::with_capacity(usize::MAX)),
    ]
}
