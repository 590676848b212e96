//! The rule: is an act on the strength of a lookup suspect, and which write in between makes it so.
//!
//! The acting access has seen for itself whether there is an entry, so a claim about presence is held against that, and the
//! table only has to name who changed it. A claim about the value cannot be: there the table is the witness.

use super::act::{Act, Change, Seen, may_remove_any, may_store_any};
use super::keys::{Lookup, Write};
use crate::report::{Effect, Severity};

/// What is said of a suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) effect: Effect,
    pub(super) severity: Severity,
}

/// What the write does to an act on the strength of the lookup, if anything. The write lies between the two and is somebody
/// else's.
pub(super) fn judge(lookup: &Lookup, write: &Write, act: Act) -> Option<Verdict> {
    use Effect::{Altered, Missed, Overwritten, Removed, Revived};
    let (effect, severity) = match (lookup.seen, act) {
        (Seen::Absent, Act::Insert { found: true }) => (Overwritten, write.stored()?),
        // Who took a value out, changes it and puts it back.
        (Seen::Taken, Act::Insert { found: true }) => (Overwritten, write.stored()?.at_most_hint()),
        // Who waits for an entry and then takes it does the same.
        (Seen::Absent, Act::Remove { found: true }) => (Removed, write.stored()?.at_most_hint()),
        (Seen::Present | Seen::Value, Act::Insert { found: false }) => (Revived, write.removed()?),
        (Seen::Value, Act::Insert { found: true }) => (Overwritten, write.touched()?),
        (Seen::Value, Act::Remove { found: true }) => (Removed, write.touched()?),
        // A value that was lent may have been used up inside the loan.
        (Seen::Lent, Act::Insert { found: true }) => (Overwritten, write.touched()?.if_certain()?.at_most_hint()),
        (Seen::Lent, Act::Insert { found: false }) => (Revived, write.removed()?.if_certain()?.at_most_hint()),
        // A walk may have been for another purpose than to find what to remove.
        (Seen::Lent | Seen::Walked, Act::Remove { found: true }) => {
            (Removed, write.touched()?.if_certain()?.at_most_hint())
        }
        // It is shown the value that there is now.
        (Seen::Value, Act::GetMut { found: true }) => (Altered, write.touched()?.if_certain()?.at_most_hint()),
        // It is told that there is nothing.
        (Seen::Replaced, Act::Entry { found: false } | Act::GetMut { found: false }) => {
            (Missed, write.removed()?.at_most_hint())
        }
        _ => return None,
    };
    Some(Verdict { effect, severity })
}

impl Severity {
    /// Nothing of what may have changed nothing.
    fn if_certain(self) -> Option<Self> {
        (self == Self::Suspect).then_some(self)
    }

    fn at_most_hint(self) -> Self {
        self.min(Self::Hint)
    }
}

impl Write {
    /// Whether it may have made an entry. One that is there now, and was not, leaves no doubt.
    fn stored(&self) -> Option<Severity> {
        let stored = match self.change {
            Some(change) => change == Change::Stored,
            None => may_store_any(self.event.party.access.operation),
        };
        stored.then_some(Severity::Suspect)
    }

    /// Whether it may have removed the entry. One that was opened by `entry` may have been removed through it.
    ///
    /// Who removes by key means this entry. A write to the whole map is mostly a janitor's, who minds neither that the
    /// entry comes back nor by whom.
    fn removed(&self) -> Option<Severity> {
        match self.change {
            Some(Change::Removed | Change::Opened) => Some(Severity::Suspect),
            Some(Change::Stored | Change::Lent) => None,
            None => may_remove_any(self.event.party.access.operation).then_some(Severity::Hint),
        }
    }

    /// Whether it changed the value of an entry that is there. One that was removed by key has come back as another; one that
    /// was opened by `entry` may have been looked at only; a write to the whole map says nothing of one value.
    fn touched(&self) -> Option<Severity> {
        match self.change {
            Some(Change::Stored | Change::Removed | Change::Lent) => Some(Severity::Suspect),
            Some(Change::Opened) => Some(Severity::Hint),
            None => None,
        }
    }
}
