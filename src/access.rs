//! Plain data about one access: what it does, and from where.
//!
//! An [`Access`] is an [`Operation`] at a [`Site`]. Nothing here touches an atomic or a map; the ledger publishes these
//! values, the gate compares their kinds, and the reports print them.

use std::fmt;
use std::panic::Location;

/// Whether an access may run beside others of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum AccessKind {
    /// Looks only. Reads overlap with reads, and conflict with writes.
    Read,
    /// May change the collection. Conflicts with every other access.
    Write,
}

impl AccessKind {
    /// The word used in reports: `read` or `write`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl fmt::Display for AccessKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether accesses of these kinds exclude each other.
pub(crate) fn exclude(a: AccessKind, b: AccessKind) -> bool {
    a == AccessKind::Write || b == AccessKind::Write
}

macro_rules! operations {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $kind:ident;)*) => {
        /// What an access does, by the name of the method that makes it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[$doc])* $variant,)*
        }

        impl Operation {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The method's name, as reports show it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether the operation reads or writes.
            #[must_use]
            #[inline]
            pub const fn kind(self) -> AccessKind {
                match self { $(Self::$variant => AccessKind::$kind,)* }
            }
        }
    };
}

operations! {
    /// Lends the whole collection for reading.
    ReadGuard = "read", Read;
    /// Looks up a value.
    Get = "get", Read;
    /// Looks up a key and its value.
    GetKeyValue = "get_key_value", Read;
    /// Asks whether a key is present.
    ContainsKey = "contains_key", Read;
    /// Looks up by the index operator.
    Index = "index", Read;
    /// Counts the entries.
    Len = "len", Read;
    /// Asks whether there are entries.
    IsEmpty = "is_empty", Read;
    /// Asks for the capacity.
    Capacity = "capacity", Read;
    /// Asks for the hasher.
    Hasher = "hasher", Read;
    /// Walks keys and values.
    Iter = "iter", Read;
    /// Walks the keys.
    Keys = "keys", Read;
    /// Walks the values.
    Values = "values", Read;
    /// Clones the collection.
    Clone = "clone", Read;
    /// Compares with another collection.
    Eq = "eq", Read;
    /// Prints the collection.
    Debug = "fmt", Read;
    /// Serialises the collection.
    Serialize = "serialize", Read;
    /// Lends the whole collection for writing.
    WriteGuard = "write", Write;
    /// Lends a value for writing.
    GetMut = "get_mut", Write;
    /// Lends several values for writing.
    GetDisjointMut = "get_disjoint_mut", Write;
    /// Walks keys and values, lending the values for writing.
    IterMut = "iter_mut", Write;
    /// Walks the values, lending them for writing.
    ValuesMut = "values_mut", Write;
    /// Inserts or replaces a value.
    Insert = "insert", Write;
    /// Inserts where the key is absent.
    TryInsert = "try_insert", Write;
    /// Removes an entry.
    Remove = "remove", Write;
    /// Removes an entry, key included.
    RemoveEntry = "remove_entry", Write;
    /// Opens the place of one key.
    Entry = "entry", Write;
    /// Keeps what a closure approves.
    Retain = "retain", Write;
    /// Removes what a closure picks.
    ExtractIf = "extract_if", Write;
    /// Empties the collection into an iterator.
    Drain = "drain", Write;
    /// Empties the collection.
    Clear = "clear", Write;
    /// Inserts many entries.
    Extend = "extend", Write;
    /// Grows the capacity.
    Reserve = "reserve", Write;
    /// Grows the capacity, or says why it cannot.
    TryReserve = "try_reserve", Write;
    /// Drops spare capacity.
    ShrinkToFit = "shrink_to_fit", Write;
    /// Drops spare capacity down to a bound.
    ShrinkTo = "shrink_to", Write;
    /// Replaces the contents by a clone of another's.
    CloneFrom = "clone_from", Write;
    /// Consumes the collection.
    IntoIter = "into_iter", Write;
    /// Drops the collection.
    Drop = "drop", Write;
}

impl Operation {
    /// Whether the operation walks the collection, so that a conflict with it is an `iterate_write`.
    #[must_use]
    pub const fn iterates(self) -> bool {
        matches!(
            self,
            Self::Iter
                | Self::Keys
                | Self::Values
                | Self::IterMut
                | Self::ValuesMut
                | Self::Retain
                | Self::ExtractIf
                | Self::Drain
        )
    }

    /// Whether the operation lends something to its caller and leaves the collection alone meanwhile, so that the
    /// collection is whole wherever the operation is interrupted. `entry` is not among them: it makes room.
    pub(crate) const fn only_lends(self) -> bool {
        matches!(
            self,
            Self::ReadGuard
                | Self::WriteGuard
                | Self::Get
                | Self::GetKeyValue
                | Self::GetMut
                | Self::GetDisjointMut
                | Self::Iter
                | Self::Keys
                | Self::Values
        )
    }

    /// [`Operation::kind`] of the operation with this number: those that read come first.
    #[inline]
    pub(crate) fn kind_of_u8(number: u8) -> AccessKind {
        if number < Self::WriteGuard as u8 { AccessKind::Read } else { AccessKind::Write }
    }

    /// The inverse of [`as_str`](Self::as_str).
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.as_str() == name)
    }

    /// The inverse of `self as u8`; `None` for a number that names no operation.
    pub(crate) fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The source location of an access, captured with `#[track_caller]`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site(&'static Location<'static>);

impl Site {
    /// The caller's location.
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn caller() -> Self {
        Self(Location::caller())
    }

    /// The source file, as the compiler was given it.
    #[must_use]
    pub const fn file(self) -> &'static str {
        self.0.file()
    }

    /// The line, from 1.
    #[must_use]
    pub const fn line(self) -> u32 {
        self.0.line()
    }

    /// The column, from 1.
    #[must_use]
    pub const fn column(self) -> u32 {
        self.0.column()
    }

    #[inline]
    pub(crate) const fn location(self) -> &'static Location<'static> {
        self.0
    }

    pub(crate) const fn new(location: &'static Location<'static>) -> Self {
        Self(location)
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file(), self.line(), self.column())
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Site({self})")
    }
}

/// One read or write, by one thread, from one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Access {
    /// What is done.
    pub operation: Operation,
    /// Where the program asks for it.
    pub site: Site,
}

impl Access {
    /// An access made by the caller.
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn here(operation: Operation) -> Self {
        Self { operation, site: Site::caller() }
    }

    #[inline]
    pub(crate) const fn new(operation: Operation, site: Site) -> Self {
        Self { operation, site }
    }

    /// Whether it reads or writes.
    #[must_use]
    #[inline]
    pub const fn kind(self) -> AccessKind {
        self.operation.kind()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_survives_its_number() {
        for &operation in Operation::ALL {
            assert_eq!(Operation::from_u8(operation as u8), Some(operation));
            assert_eq!(Operation::kind_of_u8(operation as u8), operation.kind());
            assert_eq!(Operation::named(operation.as_str()), Some(operation));
        }
        assert_eq!(Operation::from_u8(Operation::ALL.len() as u8), None);
    }

    #[test]
    fn names_are_distinct() {
        let mut names: Vec<_> = Operation::ALL.iter().map(|o| o.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Operation::ALL.len());
    }
}
