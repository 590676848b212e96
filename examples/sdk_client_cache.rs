//! Incident: an SDK's shared client cache, filled from two threads.
//!
//! The SDK keeps one client per endpoint: check, miss, create, store, in a `static` map which it shares through `unsafe`
//! ("init is single-threaded"). Two workers start at once. Both miss and both create, so one endpoint gets two clients;
//! and one looks up while the other stores, which with std's map is undefined behaviour.
//! Expect: one report, the `insert` of one worker and the `get` of the other with both stacks, and a table that is whole,
//! since the `use` line says `checkedmap::hash_map::HashMap`. That two clients were made takes no overlap: with
//! `CHECKEDMAP_STALE=1` it is a suspect, whose three steps are the `get` of worker 2, the `insert` of worker 1, and that of worker 2.
//!
//! Run it: `cargo run --example sdk_client_cache`, then `CHECKEDMAP_STALE=1 cargo run --example sdk_client_cache`
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

// The one line that changes: it was `use std::collections::HashMap;`.
use checkedmap::hash_map::HashMap;
use checkedmap::sink::{Memory, add_sink};
use checkedmap::{Config, ConflictKind, Mode};

/// A host name, which is compared without regard to case: this code runs inside the map's calls.
#[derive(Clone, Debug)]
struct Endpoint(&'static str);

impl PartialEq for Endpoint {
    fn eq(&self, other: &Self) -> bool {
        pause_if_armed();
        self.0.eq_ignore_ascii_case(other.0)
    }
}

impl Eq for Endpoint {}

impl Hash for Endpoint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.bytes().for_each(|byte| state.write_u8(byte.to_ascii_lowercase()));
    }
}

/// A client; making one opens a connection.
struct Client {
    number: usize,
}

static CONNECTIONS: AtomicUsize = AtomicUsize::new(0);

impl Client {
    fn connect() -> Self {
        Self { number: CONNECTIONS.fetch_add(1, Ordering::Relaxed) + 1 }
    }
}

/// The SDK's cache, and its authors' mistake.
struct Cache(LazyLock<UnsafeCell<HashMap<Endpoint, Arc<Client>>>>);

// SAFETY: none; this is the bug. The authors believed that only one thread would ever come here.
unsafe impl Sync for Cache {}

static CACHE: Cache = Cache(LazyLock::new(|| UnsafeCell::new(HashMap::named("sdk clients"))));

fn lookup(endpoint: &Endpoint) -> Option<Arc<Client>> {
    // SAFETY: the authors' belief, see `Cache`. The checked map refuses an overlap before it touches the table.
    let clients = unsafe { &*CACHE.0.get() };
    clients.get(endpoint).cloned()
}

fn store(endpoint: Endpoint, client: Arc<Client>) {
    // SAFETY: as in `lookup`.
    let clients = unsafe { &mut *CACHE.0.get() };
    clients.insert(endpoint, client);
}

/// The SDK's entry point. `between` stands for the bad luck of a switch of threads between check and store.
fn client_for(endpoint: Endpoint, between: impl FnOnce()) -> Arc<Client> {
    if let Some(client) = lookup(&endpoint) {
        return client;
    }
    let client = Arc::new(Client::connect());
    between();
    store(endpoint, Arc::clone(&client));
    client
}

/// Stops the next comparison of two endpoints half-way, until it is told to go on.
static PAUSE: Mutex<Option<(Sender<()>, Receiver<()>)>> = Mutex::new(None);

fn pause_if_armed() {
    let armed = PAUSE.lock().expect("nobody panics with it").take();
    if let Some((inside, resume)) = armed {
        inside.send(()).expect("the other worker waits for it");
        resume.recv().expect("the other worker is refused first");
    }
}

fn main() {
    Config::from_env().unwrap_or_default().with_mode(Mode::Log).with_evidence(Duration::from_secs(60)).apply();
    let reports = Memory::new();
    add_sink(reports.clone());

    println!("Two workers ask for a client of one endpoint.\n");
    let both_missed = Arc::new(Barrier::new(2));
    let (stored, was_stored) = channel();
    let (inside, is_inside) = channel();
    let (resume, resumed) = channel();

    let missed = Arc::clone(&both_missed);
    let first = thread::Builder::new().name("worker-1".to_owned()).spawn(move || {
        let mine = client_for(Endpoint("api.example.com"), || {
            missed.wait();
        });
        *PAUSE.lock().expect("nobody panics with it") = Some((inside, resumed));
        stored.send(()).expect("worker 2 waits for it");
        is_inside.recv().expect("worker 2 stores");
        // Worker 2 is inside its `insert`; the next request of this worker looks its client up.
        let next = client_for(Endpoint("api.example.com"), || ());
        (mine.number, next.number)
    });
    let second = thread::Builder::new().name("worker-2".to_owned()).spawn(move || {
        let mine = client_for(Endpoint("API.example.com"), || {
            both_missed.wait();
            was_stored.recv().expect("worker 1 stores first");
        });
        mine.number
    });
    while checkedmap::books().detected == 0 {
        thread::yield_now();
    }
    resume.send(()).expect("worker 2 waits for it");
    let (before, after) = first.expect("one more thread").join().expect("in mode `log` a lookup waits its turn");
    let other = second.expect("one more thread").join().expect("worker 2 holds the map");

    checkedmap::flush(Duration::from_secs(60)).expect("the report gets out");
    let report = &reports.reports()[0];
    let holder = report.holder.as_ref().expect("worker 2 is named");
    assert_eq!((report.kind, checkedmap::books().detected), (ConflictKind::ReadWrite, 1));
    assert_eq!((holder.operation.as_str(), report.contender.operation.as_str()), ("insert", "get"));
    assert!(holder.stack.to_string().contains("store at "), "{report}");
    assert!(report.contender.stack.to_string().contains("lookup at "), "{report}");
    println!("\nThe lookup came while the store was half-way; with std's map the table would have been torn under it.");

    assert_eq!(CONNECTIONS.load(Ordering::Relaxed), 2, "check, miss, create, store: twice");
    assert_eq!((after, before != other), (other, true), "worker 1's own client was replaced");
    println!(
        "Two clients were made for one endpoint: worker 1 held client {before}, and finds client {after} in the cache."
    );
}
