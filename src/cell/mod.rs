//! [`CheckedCell`]: any value behind a gate.

use std::borrow::Cow;
use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::access::{Operation, Site};
use crate::checkpoint::{Checkpoint, Permit};
use crate::conflict::Conflict;
use crate::policy::{Circuit, Mode};

mod guard;

pub use guard::{ReadGuard, WriteGuard};

/// A value that many threads share and that at most one writes at a time, checked.
///
/// It replaces `AtomicRefCell<T>`, or a `RefCell<T>` that more than one thread can reach, for any type: a `BTreeMap`, a
/// `Vec`, a struct of your own. Reads may overlap with reads. A write that overlaps with anything is a conflict, and the
/// [`Mode`] decides what happens to the access that came second.
///
/// ```
/// use checkedmap::CheckedCell;
///
/// static LOG: CheckedCell<Vec<u32>> = CheckedCell::new(Vec::new());
///
/// LOG.write().push(7);
/// assert_eq!(*LOG.read(), [7]);
///
/// let reading = LOG.read();
/// let conflict = LOG.try_write().unwrap_err();
/// assert_eq!(conflict.kind(), checkedmap::ConflictKind::Reentrant);
/// # drop(reading);
/// ```
pub struct CheckedCell<T: ?Sized> {
    checkpoint: Checkpoint,
    value: UnsafeCell<T>,
}

// SAFETY: the cell owns its value, and the checkpoint is atomics and plain data.
unsafe impl<T: ?Sized + Send> Send for CheckedCell<T> {}
// SAFETY: shared access to the cell gives out `&T` on several threads at once (T: Sync) and `&mut T` on one at a time (T:
// Send); the gate keeps the two apart.
unsafe impl<T: ?Sized + Send + Sync> Sync for CheckedCell<T> {}

impl<T: ?Sized> std::panic::UnwindSafe for CheckedCell<T> {}
impl<T: ?Sized> std::panic::RefUnwindSafe for CheckedCell<T> {}

impl<T> CheckedCell<T> {
    /// A cell without a name; reports call it by the place it is made at.
    #[must_use]
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self::made_at(value, Site::caller())
    }

    /// A cell that reports, telemetry and `CHECKEDMAP_MODE` call by `name`.
    #[must_use]
    #[track_caller]
    pub fn named(name: impl Into<Cow<'static, str>>, value: T) -> Self {
        let mut cell = Self::new(value);
        cell.checkpoint.set_name(name.into());
        cell
    }

    pub(crate) const fn made_at(value: T, site: Site) -> Self {
        Self::made_as(value, std::any::type_name::<T>, site)
    }

    /// A cell inside a collection of its own type, which is the one that reports name.
    pub(crate) const fn made_as(value: T, type_name: fn() -> &'static str, site: Site) -> Self {
        Self { checkpoint: Checkpoint::new(type_name, site), value: UnsafeCell::new(value) }
    }

    /// The value. No access is made: owning the cell proves that nobody else is inside.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> CheckedCell<T> {
    /// Lends the value for reading.
    ///
    /// # Conflicts
    ///
    /// A read, until the guard is dropped: it collides with a [`write`](Self::write).
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a write guard of the cell, or where waiting
    /// would close a circle. The cell stays usable.
    #[inline]
    #[track_caller]
    pub fn read(&self) -> ReadGuard<'_, T> {
        self.read_as(Operation::ReadGuard)
    }

    /// [`read`](Self::read) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_read(&self) -> Result<ReadGuard<'_, T>, Conflict> {
        self.try_read_as(Operation::ReadGuard)
    }

    /// Lends the value for writing.
    ///
    /// # Conflicts
    ///
    /// A write, until the guard is dropped: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the cell, or where waiting would
    /// close a circle. The cell stays usable.
    #[inline]
    #[track_caller]
    pub fn write(&self) -> WriteGuard<'_, T> {
        self.write_as(Operation::WriteGuard)
    }

    /// [`write`](Self::write) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_write(&self) -> Result<WriteGuard<'_, T>, Conflict> {
        self.try_write_as(Operation::WriteGuard)
    }

    /// The value, without an access: the exclusive borrow proves that nobody else is inside.
    ///
    /// A guard that was leaked with `mem::forget` does not count: its borrow has ended.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// The name it was given.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.checkpoint.name()
    }

    /// The mode in force for this cell.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.checkpoint.mode()
    }

    /// Sets this cell's own mode; `None` lets it follow `CHECKEDMAP_MODE` and [`set_mode`](crate::set_mode) again. Holds for
    /// conflicts from now on.
    pub fn set_mode(&self, mode: impl Into<Option<Mode>>) {
        self.checkpoint.set_mode(mode.into());
    }

    /// Whether this cell is hunted in: see [`docs::hunt`](crate::docs::hunt).
    #[must_use]
    pub fn hunt(&self) -> bool {
        self.checkpoint.hunt()
    }

    /// Sets whether this cell is hunted in; `None` lets it follow the process's configuration again. Holds for accesses from
    /// now on. Where nothing was hunted so far, `true` reads the plan, if one is configured.
    pub fn set_hunt(&self, hunt: impl Into<Option<bool>>) {
        self.checkpoint.set_hunt(hunt.into());
    }

    /// The state of the circuit breaker of [`Mode::Fallback`].
    #[must_use]
    pub fn circuit(&self) -> Circuit {
        self.checkpoint.circuit()
    }

    /// How often the circuit breaker has opened.
    #[must_use]
    pub fn trips(&self) -> u32 {
        self.checkpoint.trips()
    }

    pub(crate) fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    pub(crate) fn checkpoint_mut(&mut self) -> &mut Checkpoint {
        &mut self.checkpoint
    }

    #[inline]
    #[track_caller]
    pub(crate) fn read_as(&self, operation: Operation) -> ReadGuard<'_, T> {
        self.lend(self.checkpoint.enter(operation))
    }

    #[inline]
    #[track_caller]
    pub(crate) fn try_read_as(&self, operation: Operation) -> Result<ReadGuard<'_, T>, Conflict> {
        self.checkpoint.try_enter(operation).map(|permit| self.lend(permit))
    }

    #[inline]
    #[track_caller]
    pub(crate) fn write_as(&self, operation: Operation) -> WriteGuard<'_, T> {
        self.lend_mut(self.checkpoint.enter(operation))
    }

    #[inline]
    #[track_caller]
    pub(crate) fn try_write_as(&self, operation: Operation) -> Result<WriteGuard<'_, T>, Conflict> {
        self.checkpoint.try_enter(operation).map(|permit| self.lend_mut(permit))
    }

    /// Lends the value if it is free; a busy one is no conflict.
    #[track_caller]
    pub(crate) fn peek_as(&self, operation: Operation) -> Option<ReadGuard<'_, T>> {
        self.checkpoint.peek(operation).map(|permit| self.lend(permit))
    }

    /// `permit` is a read's, of this cell.
    #[inline]
    fn lend<'a>(&'a self, permit: Permit<'a>) -> ReadGuard<'a, T> {
        // SAFETY: `UnsafeCell::get` of a reference is never null.
        let value = unsafe { NonNull::new_unchecked(self.value.get()) };
        ReadGuard { value, permit, lent: PhantomData }
    }

    /// `permit` is a write's, of this cell.
    #[inline]
    fn lend_mut<'a>(&'a self, permit: Permit<'a>) -> WriteGuard<'a, T> {
        // SAFETY: `UnsafeCell::get` of a reference is never null.
        let value = unsafe { NonNull::new_unchecked(self.value.get()) };
        WriteGuard { value, permit, lent: PhantomData }
    }
}

impl<T: Default> Default for CheckedCell<T> {
    #[track_caller]
    fn default() -> Self {
        Self::made_at(T::default(), Site::caller())
    }
}

impl<T> From<T> for CheckedCell<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::made_at(value, Site::caller())
    }
}

/// Makes no access: a value that is busy must not make its debug output a conflict.
impl<T: ?Sized> fmt::Debug for CheckedCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedCell").field("name", &self.name()).finish_non_exhaustive()
    }
}
