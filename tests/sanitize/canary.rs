//! Faults made on purpose, to see that each sanitizer still reports them with our options and suppressions in force.
//!
//! `canary race` and `canary use-after-free` must be reported; `canary ordered` does the same work in order and must not be.

use std::cell::UnsafeCell;
use std::collections::HashMap;
use std::sync::mpsc;
use std::sync::{Arc, LazyLock, OnceLock};
use std::thread::{self, JoinHandle};

/// A map shared through `unsafe`, with nothing that orders its accesses.
struct Unguarded(UnsafeCell<HashMap<u64, Vec<u64>>>);

// SAFETY: deliberately false; `race` is the proof.
unsafe impl Sync for Unguarded {}

static SHARED: LazyLock<Arc<Unguarded>> =
    LazyLock::new(|| Arc::new(Unguarded(UnsafeCell::new(HashMap::new()))));

fn write_map(map: &Unguarded, key: u64) {
    // SAFETY: none when two threads call this at once, which is what `race` does.
    let map = unsafe { &mut *map.0.get() };
    map.entry(key).or_default().push(key);
}

/// Starts a writer the way the suppressed families do: born in an initialiser, fed by a channel.
fn start_writer() -> JoinHandle<()> {
    static SENDER: OnceLock<mpsc::Sender<Arc<Unguarded>>> = OnceLock::new();
    let mut writer = None;
    let sender = SENDER.get_or_init(|| {
        let (sender, receiver) = mpsc::channel::<Arc<Unguarded>>();
        writer = Some(thread::spawn(move || {
            if let Ok(map) = receiver.recv() {
                write_map(&map, 1);
            }
        }));
        sender
    });
    sender
        .send(Arc::clone(&SHARED))
        .expect("the writer waits for its map");
    writer.expect("started once")
}

fn race() {
    let writer = start_writer();
    write_map(&SHARED, 2);
    writer.join().expect("the writer only writes");
}

fn ordered() {
    let writer = start_writer();
    writer.join().expect("the writer only writes");
    write_map(&SHARED, 2);
}

fn use_after_free() {
    let freed = Box::into_raw(Box::new(7_u64));
    // SAFETY: the box was made above and is freed once.
    drop(unsafe { Box::from_raw(freed) });
    // SAFETY: none, the box is gone.
    let value = unsafe { freed.read_volatile() };
    println!("{value}");
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("race") => race(),
        Some("ordered") => ordered(),
        Some("use-after-free") => use_after_free(),
        other => panic!("canary: {other:?} given, allowed are race, ordered, use-after-free"),
    }
}
