//! The keys and values of the tests, whose own code runs inside a call and can be stopped there.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::mpsc::{Receiver, Sender};

/// Where user code runs inside a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trigger {
    Hash,
    Eq,
    Clone,
    ValueEq,
    Fmt,
    Drop,
    Closure,
}

thread_local! {
    /// What stops this thread, once, and how.
    pub(crate) static ARMED: Cell<Option<Trigger>> = const { Cell::new(None) };
    pub(crate) static PAUSE: RefCell<Option<(Sender<()>, Receiver<()>)>> = const { RefCell::new(None) };
}

pub(crate) fn user_code(trigger: Trigger) {
    if ARMED.get() == Some(trigger) {
        ARMED.set(None);
        let (reached, resume) = PAUSE.take().expect("whoever arms a thread says how it is stopped");
        reached.send(()).unwrap();
        // An error means that the test is over.
        let _ = resume.recv();
    }
}

pub(crate) struct Key(pub(crate) u32);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        user_code(Trigger::Hash);
        self.0.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        user_code(Trigger::Eq);
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub(crate) struct Value(pub(crate) u32);

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        user_code(Trigger::ValueEq);
        self.0 == other.0
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        user_code(Trigger::Clone);
        Self(self.0)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        user_code(Trigger::Fmt);
        self.0.fmt(f)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        user_code(Trigger::Drop);
    }
}
