//! Two calls, of which the second comes while the first is inside.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::mpsc::{self, Sender};
use std::thread;

use checkedmap::{ContextProvider, RequestContext, set_context_provider};

use crate::user_code::{ARMED, PAUSE, Trigger};

thread_local! {
    /// Told when this thread's access is refused.
    static REFUSED: RefCell<Option<Sender<()>>> = const { RefCell::new(None) };
}

/// Evidence of a refusal is gathered on the contender's thread, and this is asked while it is.
struct TellRefusals;

impl ContextProvider for TellRefusals {
    fn describe(&self, _: &mut RequestContext) {
        REFUSED.with_borrow(|refused| refused.as_ref().map(|refused| refused.send(())));
    }
}

pub(crate) struct Outcome<A, B> {
    pub(crate) refused: bool,
    pub(crate) first: thread::Result<A>,
    pub(crate) second: thread::Result<B>,
}

/// When the first call goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resume {
    /// Once the second is refused, or over.
    AtRefusal,
    /// Once the second is over, since afterwards there is nothing left to be inside of.
    AtEnd,
}

/// Runs `first` until `trigger`, then `second` beside it.
pub(crate) fn overlap<A: Send, B: Send>(
    trigger: Trigger,
    resume_when: Resume,
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> Outcome<A, B> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| set_context_provider(Box::new(TellRefusals)).ok().unwrap());
    let (reached, is_reached) = mpsc::channel();
    let (resume, resumed) = mpsc::channel();
    let (refused, is_refused) = mpsc::channel();
    thread::scope(|scope| {
        let first = scope.spawn(move || {
            PAUSE.set(Some((reached, resumed)));
            ARMED.set(Some(trigger));
            let result = first();
            assert_eq!(ARMED.take(), None, "the first call did not come to {trigger:?}");
            result
        });
        is_reached.recv().expect("the first call stops inside");
        let second = scope.spawn(move || {
            REFUSED.set(Some(refused));
            let result = catch_unwind(AssertUnwindSafe(second));
            REFUSED.set(None);
            result
        });
        let refused = is_refused.recv().is_ok();
        let second = match resume_when {
            Resume::AtRefusal => {
                drop(resume);
                second.join().unwrap()
            }
            Resume::AtEnd => {
                let second = second.join().unwrap();
                drop(resume);
                second
            }
        };
        Outcome { refused, first: first.join(), second }
    })
}

pub(crate) fn text<T>(result: thread::Result<T>) -> String {
    *result.err().expect("it panics").downcast::<String>().expect("with a text made for the occasion")
}
