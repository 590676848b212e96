//! Where gate and table live, and the one way to them.
//!
//! A map's [`Body`] is a pointer to an [`Inner`]: `noalias` on a `&mut` of the map does not reach behind it, so two calls
//! that overlap through aliased `&mut` still meet at one gate. The pointee's fields are reached through raw pointers, and
//! a reference to the table exists only while a permit does: a [`Reading`] or a [`Writing`].
//!
//! A borrow of the map that spans several calls (an iterator, an entry) holds no permit in between. It keeps a [`Lease`],
//! which tells on the next call whether somebody has written meanwhile.

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr::NonNull;

use hashbrown::HashTable;

use crate::access::{Access, Operation, Site};
use crate::checkpoint::{Checkpoint, Permit, Trail, Watcher};
use crate::ledger::Open;
use crate::sync::{AtomicPtr, Ordering};

/// What a map owns. It is not generic, and so neither is its `Drop`: the compiler judges a map's drop by the
/// `PhantomData<(K, V)>` beside the body, which is how it judges std's.
pub(super) struct Body {
    /// Null until the first access that has something to keep; then an `Inner<K, V>` from a `Box`. Written once, by `init`.
    inner: AtomicPtr<()>,
    /// `drop_inner::<K, V>` of the very types.
    drop: unsafe fn(NonNull<()>, Access),
    created: Site,
}

/// What the pointer points to.
struct Inner<K, V> {
    head: Head,
    table: HashTable<(K, V)>,
}

/// The part that knows nothing of keys and values.
pub(super) struct Head {
    checkpoint: Checkpoint,
    /// The last write that was admitted. Read and written only with a permit of `checkpoint`; written only with a write's.
    last_write: UnsafeCell<Option<Trail>>,
}

// SAFETY: `last_write` is reached with a permit only, and permits keep a write apart from everything else; the rest is
// Sync by itself.
unsafe impl Sync for Head {}

impl RefUnwindSafe for Head {}

impl Head {
    fn new(checkpoint: Checkpoint) -> Self {
        Self { checkpoint, last_write: UnsafeCell::new(None) }
    }

    pub(super) fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    #[inline]
    fn last_write(&self, _: &Permit<'_>) -> Option<Trail> {
        // SAFETY: the permit keeps writes out, so nobody changes the cell.
        unsafe { *self.last_write.get() }
    }

    #[inline]
    fn last_writer(&self, permit: &Permit<'_>) -> Option<Open> {
        self.last_write(permit).map(Trail::open)
    }

    /// Signs a write. `permit` must be a write's.
    #[inline]
    fn sign(&self, permit: &Permit<'_>, site: Site) {
        // SAFETY: the write's permit keeps everybody out, so nobody looks at the cell.
        unsafe { *self.last_write.get() = Some(permit.trail(site)) };
    }
}

impl Body {
    pub(super) const fn new<K, V>(created: Site) -> Self {
        Self { inner: AtomicPtr::new(std::ptr::null_mut()), drop: drop_inner::<K, V>, created }
    }

    /// A body with its gate and table in place.
    pub(super) fn with_table<K, V>(checkpoint: Checkpoint, table: HashTable<(K, V)>, created: Site) -> Self {
        let inner = Inner::allocate(checkpoint, table);
        Self { inner: AtomicPtr::new(inner.as_ptr().cast()), drop: drop_inner::<K, V>, created }
    }

    pub(super) fn created(&self) -> Site {
        self.created
    }

    /// Gate and table, if any access has needed them yet. Where there are none the map is empty and nobody is inside.
    ///
    /// # Safety
    ///
    /// The body was made for `K` and `V`, up to lifetimes that cover `'a`.
    #[inline]
    pub(super) unsafe fn core<K, V>(&self) -> Option<Core<'_, K, V>> {
        // Acquire: pairs with the Release in `init`; who sees the pointer sees what it points to.
        let inner = NonNull::new(self.inner.load(Ordering::Acquire))?;
        Some(Core { inner: inner.cast(), lent: PhantomData })
    }

    /// Gate and table, made if need be.
    ///
    /// # Safety
    ///
    /// As for [`Body::core`].
    #[inline]
    pub(super) unsafe fn core_or_init<K, V>(&self, type_name: fn() -> &'static str) -> Core<'_, K, V> {
        // SAFETY: this function's contract is the same.
        match unsafe { self.core() } {
            Some(core) => core,
            None => self.init(type_name),
        }
    }

    #[cold]
    fn init<K, V>(&self, type_name: fn() -> &'static str) -> Core<'_, K, V> {
        let inner = Inner::<K, V>::allocate(Checkpoint::new(type_name, self.created), HashTable::new());
        let made = inner.as_ptr().cast();
        // AcqRel: Release pairs with the Acquire in `core`, so that who sees the pointer sees what it points to; Acquire on
        // failure is that same `core`, since somebody else's is used then.
        match self.inner.compare_exchange(std::ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Core { inner, lent: PhantomData },
            Err(theirs) => {
                // SAFETY: `inner` is from `Inner::allocate`, and nobody else has seen it.
                drop(unsafe { Box::from_raw(inner.as_ptr()) });
                // SAFETY: the exchange failed, so what is there is not null.
                let theirs = unsafe { NonNull::new_unchecked(theirs) };
                Core { inner: theirs.cast(), lent: PhantomData }
            }
        }
    }

    /// The table, by a write access; gate and body are gone afterwards.
    ///
    /// # Safety
    ///
    /// As for [`Body::core`].
    #[track_caller]
    pub(super) unsafe fn into_table<K, V>(self, access: Access) -> HashTable<(K, V)> {
        // SAFETY: this function's contract is the same.
        let Some(core) = (unsafe { self.core::<K, V>() }) else { return HashTable::new() };
        let inner = core.inner;
        let (mut writing, met) = core.write_last(access);
        let table = std::mem::take(&mut *writing);
        drop(writing);
        std::mem::forget(self);
        if !met {
            // SAFETY: the pointer is from `Inner::allocate`; the body that owned it is consumed.
            drop(unsafe { Box::from_raw(inner.as_ptr()) });
        }
        table
    }
}

/// A write access: whoever is inside finishes first, or this one panics and what the body holds is leaked, since freeing
/// what somebody else is inside of is the one thing that must not happen.
impl Drop for Body {
    fn drop(&mut self) {
        if let Some(inner) = NonNull::new(*self.inner.get_mut()) {
            // SAFETY: the body owns what it points to, which is of the types `drop` was made for.
            unsafe { (self.drop)(inner, Access::new(Operation::Drop, self.created)) };
        }
    }
}

/// # Safety
///
/// `inner` is an `Inner<K, V>` from [`Inner::allocate`] that nobody uses afterwards.
unsafe fn drop_inner<K, V>(inner: NonNull<()>, access: Access) {
    let core = Core::<K, V> { inner: inner.cast(), lent: PhantomData };
    let (mut writing, met) = core.write_last(access);
    // Inside the gate, since this is what must not overlap. Should an element's `Drop` panic, the others are leaked, as
    // they are by std, and the empty box with them.
    drop(std::mem::take(&mut *writing));
    drop(writing);
    if !met {
        // SAFETY: by this function's contract; the permit was given back above.
        drop(unsafe { Box::from_raw(core.inner.as_ptr()) });
    }
}

impl<K, V> Inner<K, V> {
    fn allocate(checkpoint: Checkpoint, table: HashTable<(K, V)>) -> NonNull<Self> {
        let inner = Box::into_raw(Box::new(Self { head: Head::new(checkpoint), table }));
        // SAFETY: a box's pointer is never null.
        unsafe { NonNull::new_unchecked(inner) }
    }
}

/// Gate and table of a map that is borrowed for `'a`.
pub(super) struct Core<'a, K, V> {
    inner: NonNull<Inner<K, V>>,
    lent: PhantomData<&'a Head>,
}

impl<K, V> Clone for Core<'_, K, V> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Core<'_, K, V> {}

// SAFETY: the core itself reaches the head, which is Sync. Whether keys and values may cross threads is up to whoever keeps
// a core beside a marker for what it lends.
unsafe impl<K, V> Send for Core<'_, K, V> {}
// SAFETY: as above.
unsafe impl<K, V> Sync for Core<'_, K, V> {}
// As above: the marker beside it decides.
impl<K, V> UnwindSafe for Core<'_, K, V> {}
impl<K, V> RefUnwindSafe for Core<'_, K, V> {}

impl<'a, K, V> Core<'a, K, V> {
    #[inline]
    pub(super) fn head(self) -> &'a Head {
        // SAFETY: the box lives as long as the body, which is borrowed for 'a.
        let head = unsafe { &raw const (*self.inner.as_ptr()).head };
        // SAFETY: as above; a head is only ever shared.
        unsafe { &*head }
    }

    /// Enters for reading.
    #[inline]
    #[track_caller]
    pub(super) fn read(self, access: Access) -> Reading<'a, K, V> {
        Reading { permit: self.head().checkpoint.enter_as(access), core: self }
    }

    /// Enters for writing.
    #[inline]
    #[track_caller]
    pub(super) fn write(self, access: Access) -> Writing<'a, K, V> {
        let permit = self.head().checkpoint.enter_as(access);
        self.head().sign(&permit, access.site);
        Writing { permit, core: self }
    }

    /// Enters for the write that ends the map, and whether it met somebody: then gate and header are leaked, since they may
    /// still be leaving.
    #[track_caller]
    fn write_last(self, access: Access) -> (Writing<'a, K, V>, bool) {
        let (permit, met) = self.head().checkpoint.enter_last(access);
        self.head().sign(&permit, access.site);
        (Writing { permit, core: self }, met)
    }

    #[cold]
    #[track_caller]
    fn overrun(self, permit: Permit<'a>, access: Access) -> ! {
        let trail = self.head().last_write(&permit);
        drop(permit);
        self.head().checkpoint.overrun(access, trail)
    }

    fn table(self) -> *mut HashTable<(K, V)> {
        // SAFETY: the box lives as long as the body, which is borrowed for 'a.
        unsafe { &raw mut (*self.inner.as_ptr()).table }
    }
}

/// The table while a read is inside the gate.
pub(super) struct Reading<'a, K, V> {
    core: Core<'a, K, V>,
    permit: Permit<'a>,
}

impl<'a, K, V> Reading<'a, K, V> {
    /// [`Permit::watcher`].
    #[inline(always)]
    pub(super) fn watcher(&self, access: Access) -> Option<Watcher<'a>> {
        self.permit.watcher(access)
    }

    /// The table for as long as the map is borrowed.
    ///
    /// # Safety
    ///
    /// The reference itself is not used after the permit; what it lends (`&'a (K, V)`) may be, on the strength of the
    /// caller's borrow of the map.
    #[inline]
    pub(super) unsafe fn lend(&self) -> &'a HashTable<(K, V)> {
        // SAFETY: the permit keeps writes out for as long as the reference is used.
        unsafe { &*self.core.table() }
    }

    pub(super) fn lease(&self) -> Lease<'a, K, V> {
        Lease { core: self.core, last_write: self.core.head().last_writer(&self.permit) }
    }
}

impl<K, V> Deref for Reading<'_, K, V> {
    type Target = HashTable<(K, V)>;

    #[inline]
    fn deref(&self) -> &HashTable<(K, V)> {
        // SAFETY: the permit keeps writes out, and the reference ends with this borrow of the reading.
        unsafe { &*self.core.table() }
    }
}

/// The table while a write is inside the gate.
pub(super) struct Writing<'a, K, V> {
    core: Core<'a, K, V>,
    permit: Permit<'a>,
}

impl<'a, K, V> Writing<'a, K, V> {
    /// [`Permit::watcher`].
    #[inline(always)]
    pub(super) fn watcher(&self, access: Access) -> Option<Watcher<'a>> {
        self.permit.watcher(access)
    }

    /// The table for as long as the map is borrowed.
    ///
    /// # Safety
    ///
    /// The reference itself is not used after the permit, nor beside another one made from this writing; what it lends
    /// (`&'a mut (K, V)`) may be used after the permit, on the strength of the caller's borrow of the map.
    #[inline]
    pub(super) unsafe fn lend(&mut self) -> &'a mut HashTable<(K, V)> {
        // SAFETY: the permit keeps everybody else out for as long as the reference is used.
        unsafe { &mut *self.core.table() }
    }

    /// [`Writing::lend`] for looking only.
    ///
    /// # Safety
    ///
    /// The reference itself is not used after the permit, nor beside an exclusive one made from this writing.
    #[inline]
    pub(super) unsafe fn lend_shared(&self) -> &'a HashTable<(K, V)> {
        // SAFETY: the permit keeps everybody else out for as long as the reference is used.
        unsafe { &*self.core.table() }
    }

    pub(super) fn lease(&self) -> Lease<'a, K, V> {
        Lease { core: self.core, last_write: self.core.head().last_writer(&self.permit) }
    }
}

impl<K, V> Deref for Writing<'_, K, V> {
    type Target = HashTable<(K, V)>;

    #[inline]
    fn deref(&self) -> &HashTable<(K, V)> {
        // SAFETY: the permit keeps everybody else out, and the reference ends with this borrow of the writing.
        unsafe { &*self.core.table() }
    }
}

impl<K, V> DerefMut for Writing<'_, K, V> {
    #[inline]
    fn deref_mut(&mut self) -> &mut HashTable<(K, V)> {
        // SAFETY: as in `deref`; the exclusive borrow of the writing makes the reference the only one.
        unsafe { &mut *self.core.table() }
    }
}

/// What a borrow of the map remembers between its calls.
pub(super) struct Lease<'a, K, V> {
    core: Core<'a, K, V>,
    /// The last write this borrow knows of: its own, or the one before it began.
    last_write: Option<Open>,
}

impl<K, V> Clone for Lease<'_, K, V> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Lease<'_, K, V> {}

impl<'a, K, V> Lease<'a, K, V> {
    /// Enters for reading, and makes sure that the table is as this borrow left it.
    ///
    /// # Panics
    ///
    /// As [`Core::read`], and in every mode where somebody has written meanwhile.
    #[inline]
    #[track_caller]
    pub(super) fn read(&self, access: Access) -> Reading<'a, K, V> {
        let permit = self.core.head().checkpoint.enter_again(access);
        let permit = self.verify(permit, access);
        Reading { core: self.core, permit }
    }

    /// Enters for writing, and makes sure that the table is as this borrow left it.
    ///
    /// # Panics
    ///
    /// As [`Core::write`], and in every mode where somebody has written meanwhile.
    #[inline(always)]
    #[track_caller]
    pub(super) fn write(&mut self, access: Access) -> Writing<'a, K, V> {
        let permit = self.core.head().checkpoint.enter_again(access);
        let permit = self.verify(permit, access);
        self.core.head().sign(&permit, access.site);
        self.last_write = self.core.head().last_writer(&permit);
        Writing { core: self.core, permit }
    }

    /// Whether nobody has written since this borrow's last call: what [`Lease::write`] would find.
    #[track_caller]
    pub(super) fn is_current(&self, access: Access) -> bool {
        let permit = self.core.head().checkpoint.enter_again(access);
        self.is_known(&permit)
    }

    #[inline]
    fn is_known(&self, permit: &Permit<'a>) -> bool {
        self.core.head().last_writer(permit) == self.last_write
    }

    #[inline]
    #[track_caller]
    fn verify(&self, permit: Permit<'a>, access: Access) -> Permit<'a> {
        if !self.is_known(&permit) {
            self.core.overrun(permit, access);
        }
        permit
    }
}
