//! The rule: is an act on the strength of a lookup suspect, and which write in between makes it so.
//!
//! The acting access has seen for itself whether there is an entry, so a claim about presence is held against that, and the
//! table only has to name who changed it. A claim about the value cannot be: there the table is the witness.

use super::act::{Act, Change, Seen, may_remove_any, may_store_any};
use super::keys::{Lookup, Write};
use crate::access::Site;
use crate::report::Effect;

/// What is said of a suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) effect: Effect,
    /// Whether the intervening access is known to have changed the entry.
    pub(super) certain: bool,
}

impl Verdict {
    const fn certain(effect: Effect) -> Self {
        Self { effect, certain: true }
    }
}

/// What the write does to an act on the strength of the lookup, if anything. The write lies between the two and is somebody
/// else's.
pub(super) fn judge(lookup: &Lookup, write: &Write, act: Act, acting: Site) -> Option<Verdict> {
    use Effect::{Altered, Missed, Overwritten, Removed, Revived};
    match (lookup.seen, act) {
        (Seen::Absent, Act::Insert { found: true }) => write.stored().then_some(Verdict::certain(Overwritten)),
        (Seen::Absent, Act::Remove { found: true }) => write.stored().then_some(Verdict::certain(Removed)),
        (Seen::Present | Seen::Value, Act::Insert { found: false }) => {
            write.removed().then_some(Verdict::certain(Revived))
        }
        (Seen::Value, Act::Insert { found: true }) => {
            write.touched().map(|certain| Verdict { effect: Overwritten, certain })
        }
        (Seen::Value, Act::Remove { found: true }) => {
            write.touched().map(|certain| Verdict { effect: Removed, certain })
        }
        (Seen::Value, Act::GetMut { found: true }) => {
            write.touched().filter(|certain| *certain).map(|_| Verdict::certain(Altered))
        }
        // The one word that is said of an `entry`, which else looks for itself, and a hint: an insert that replaced is taken back
        // by changing what is there, and there is nothing. From one and the same line it is a loop that comes round again.
        (Seen::Replaced, Act::Entry { found: false } | Act::GetMut { found: false })
            if lookup.event.party.access.site != acting =>
        {
            write.removed().then_some(Verdict::certain(Missed))
        }
        _ => None,
    }
}

impl Write {
    /// Whether it may have made an entry.
    fn stored(&self) -> bool {
        match self.change {
            Some(change) => change == Change::Stored,
            None => may_store_any(self.event.party.access.operation),
        }
    }

    /// Whether it may have removed the entry. One that was opened by `entry` may have been removed through it.
    fn removed(&self) -> bool {
        match self.change {
            Some(change) => matches!(change, Change::Removed | Change::Opened),
            None => may_remove_any(self.event.party.access.operation),
        }
    }

    /// Whether it changed the value of an entry that is still there: for certain, perhaps, or not to anyone's knowledge. A
    /// write to the whole map says nothing of one value.
    fn touched(&self) -> Option<bool> {
        match self.change {
            Some(Change::Stored | Change::Lent) => Some(true),
            Some(Change::Opened) => Some(false),
            Some(Change::Removed) | None => None,
        }
    }
}
