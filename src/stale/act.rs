//! What an access by key found, and what it did.

use crate::access::Operation;
use crate::report::Found;

/// What a lookup found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Absent,
    /// There is an entry; the value was not handed out.
    Present,
    /// There is an entry, and its value was handed out.
    Value,
    /// The lookup is an insert, and there was an entry.
    Replaced,
    /// The lookup is a remove: there is no entry any more, if there was one.
    Taken,
    /// The lookup is an access that was lent the value to change it.
    Lent,
    /// The lookup is a walk over all entries.
    Walked,
}

impl Seen {
    /// A lookup that hands the value out if there is one.
    pub(crate) fn value(found: bool) -> Self {
        if found { Self::Value } else { Self::Absent }
    }

    /// A lookup that says no more than whether there is an entry.
    pub(crate) fn presence(found: bool) -> Self {
        if found { Self::Present } else { Self::Absent }
    }

    /// Whether no more than a hint can rest on it.
    pub(super) const fn is_weak(self) -> bool {
        match self {
            Self::Absent | Self::Present | Self::Value => false,
            Self::Replaced | Self::Taken | Self::Lent | Self::Walked => true,
        }
    }
}

impl From<Seen> for Found {
    fn from(seen: Seen) -> Self {
        match seen {
            Seen::Absent | Seen::Taken => Self::Absent,
            Seen::Present => Self::Present,
            Seen::Value | Seen::Lent | Seen::Walked => Self::Value,
            Seen::Replaced => Self::Replaced,
        }
    }
}

/// What an access that may write a key did, and whether there was an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Insert {
        found: bool,
    },
    Remove {
        found: bool,
    },
    GetMut {
        found: bool,
    },
    /// It is opened, not more.
    Entry {
        found: bool,
    },
    /// An entry that was opened and vacant is filled.
    Fill,
}

/// What a write left behind for those who had looked before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// An entry with a value.
    Stored,
    /// No entry.
    Removed,
    /// The value was lent to be changed.
    Lent,
    /// The value was lent by an entry, as it is to a caller who only wants to see it.
    Opened,
}

impl Act {
    pub(super) fn change(self) -> Option<Change> {
        match self {
            Self::Insert { .. } | Self::Fill => Some(Change::Stored),
            Self::Remove { found: true } => Some(Change::Removed),
            Self::GetMut { found: true } => Some(Change::Lent),
            Self::Entry { found: true } => Some(Change::Opened),
            Self::Remove { found: false } | Self::GetMut { found: false } | Self::Entry { found: false } => None,
        }
    }

    /// What its author knows by it, as a lookup for what comes after.
    pub(super) fn answer(self) -> Option<Seen> {
        match self {
            Self::Insert { found: true } => Some(Seen::Replaced),
            Self::Remove { .. } => Some(Seen::Taken),
            Self::GetMut { found: false } => Some(Seen::Absent),
            Self::GetMut { found: true } | Self::Entry { found: true } => Some(Seen::Lent),
            Self::Insert { found: false } | Self::Entry { found: false } | Self::Fill => None,
        }
    }
}

/// Whether an access shows its caller every entry, so that nothing it looked up before is its latest knowledge.
pub(super) const fn looks_at_all(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::ReadGuard
            | Operation::WriteGuard
            | Operation::Iter
            | Operation::Keys
            | Operation::Values
            | Operation::IterMut
            | Operation::ValuesMut
            | Operation::Clone
            | Operation::Eq
            | Operation::Serialize
            | Operation::Retain
            | Operation::ExtractIf
            | Operation::Drain
            | Operation::Clear
            | Operation::CloneFrom
    )
}

/// Whether an access hands the entries out one by one, so that its caller may act on each.
pub(super) const fn is_walk(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::Iter
            | Operation::Keys
            | Operation::Values
            | Operation::IterMut
            | Operation::ValuesMut
            | Operation::Clone
    )
}

/// Whether an access may make or remove the entry of any key.
pub(super) const fn may_change_any(operation: Operation) -> bool {
    may_store_any(operation) || may_remove_any(operation)
}

/// Whether an access may make an entry for any key.
pub(super) const fn may_store_any(operation: Operation) -> bool {
    matches!(operation, Operation::WriteGuard | Operation::CloneFrom)
}

/// Whether an access may remove the entry of any key.
pub(super) const fn may_remove_any(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::WriteGuard
            | Operation::Retain
            | Operation::ExtractIf
            | Operation::Drain
            | Operation::Clear
            | Operation::CloneFrom
    )
}
