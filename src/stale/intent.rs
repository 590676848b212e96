//! Writes that their program means as they are.

use std::cell::Cell;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Ends the scope, by a panic too.
struct Scope;

impl Drop for Scope {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Runs `write`; what it writes on the strength of an earlier lookup is no suspect.
///
/// For a write that may overwrite another one's: a cache that is filled with the same value whoever comes last, a state that
/// only moves on. It holds for the calling thread while `write` runs, for all maps. To others it is a write as any. Of a future
/// that `write` returns it says nothing, since that runs later, and on any thread: [`intended_async`] is for those.
///
/// # Panics
///
/// Where `write` does.
///
/// # Examples
///
/// ```
/// use checkedmap::{CheckedMap, stale};
///
/// fn square(cache: &CheckedMap<u64, u64>, n: u64) -> u64 {
///     if let Some(known) = cache.get(&n) {
///         return *known;
///     }
///     let square = n * n;
///     // Another thread may have filled it meanwhile, with the same number.
///     stale::intended(|| cache.insert(n, square));
///     square
/// }
///
/// assert_eq!(square(&CheckedMap::new(), 7), 49);
/// ```
pub fn intended<R>(write: impl FnOnce() -> R) -> R {
    DEPTH.set(DEPTH.get() + 1);
    let _scope = Scope;
    write()
}

/// [`intended`] for all that a future writes, whichever thread polls it: while it is polled, and not while it waits.
///
/// What it spawns runs by itself, and is not covered.
///
/// # Panics
///
/// Where `writes` does.
///
/// # Examples
///
/// ```
/// use checkedmap::{CheckedMap, stale};
///
/// async fn load(cache: &CheckedMap<u64, String>, id: u64) {
///     if !cache.contains_key(&id) {
///         stale::intended_async(async {
///             let page = fetch(id).await;
///             cache.insert(id, page);
///         })
///         .await;
///     }
/// }
/// # async fn fetch(id: u64) -> String { id.to_string() }
/// # let cache = CheckedMap::new();
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(std::pin::pin!(load(&cache, 7)).poll(&mut context).is_ready());
/// # assert_eq!(cache.get(&7).unwrap(), "7");
/// ```
pub async fn intended_async<F: Future>(writes: F) -> F::Output {
    let mut writes = std::pin::pin!(writes);
    std::future::poll_fn(|context| intended(|| writes.as_mut().poll(context))).await
}

/// Whether the caller is inside [`intended`].
pub(super) fn is_intended() -> bool {
    DEPTH.get() > 0
}
