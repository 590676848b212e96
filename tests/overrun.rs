//! An iterator that somebody wrote beside, while a third thread takes the map from its owner.
//!
//! The panic of the overrun takes milliseconds to write its report, and all the while its access is in the ledger. It must
//! not be taken for one that is inside. The request's context, which is asked for in the middle, is where the third thread
//! comes in.
#![allow(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use checkedmap::hash_map::HashMap;
use checkedmap::{ContextProvider, Mode, RequestContext, set_context_provider};

/// A map that several threads reach as if each had it alone.
struct Shared(std::cell::UnsafeCell<HashMap<u32, u32>>);

// SAFETY: not sound in general, which is what the map is there for: it refuses calls that overlap, and the test keeps its
// references within calls that it expects to be refused or alone.
unsafe impl Sync for Shared {}

impl Shared {
    #[expect(clippy::mut_from_ref, reason = "the bug under test")]
    fn map(&self) -> &mut HashMap<u32, u32> {
        // SAFETY: see `Shared`.
        unsafe { &mut *self.0.get() }
    }
}

static SHARED: std::sync::LazyLock<Shared> =
    std::sync::LazyLock::new(|| Shared(std::cell::UnsafeCell::new(HashMap::new())));

struct ThirdThread;

impl ContextProvider for ThirdThread {
    fn describe(&self, _: &mut RequestContext) {
        if thread::current().name() == Some("overrun") {
            let length = thread::spawn(|| SHARED.map().len()).join();
            assert_eq!(length.unwrap(), 101);
        }
    }
}

#[test]
fn an_overrun_access_is_in_nobodys_way() {
    assert!(set_context_provider(Box::new(ThirdThread)).is_ok());
    let overrun = thread::Builder::new().name("overrun".to_owned()).spawn(|| {
        let map = SHARED.map();
        map.set_mode(Mode::Panic);
        // One thread's streak, so that the map is its own.
        (0..100).for_each(|key| _ = map.insert(key, key));
        let mut steps = map.iter_mut();
        assert!(steps.next().is_some());
        SHARED.map().insert(1_000, 0);
        let overrun = catch_unwind(AssertUnwindSafe(|| steps.next().is_some()));
        assert!(overrun.is_err(), "somebody wrote beside the iterator");
        SHARED.map().insert(1_001, 0)
    });
    assert_eq!(overrun.unwrap().join().unwrap(), None);
    assert_eq!(SHARED.map().len(), 102);
    assert_eq!(checkedmap::books().detected, 1, "the overrun, and no conflict of the third thread's");
}
