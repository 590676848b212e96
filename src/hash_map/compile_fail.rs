//! What must not compile, each beside its twin that does.

/// A value whose drop looks at what it refers to keeps that alive past the map.
///
/// ```compile_fail,E0597
/// use checkedmap::hash_map::HashMap;
/// struct Loud<'a>(&'a String);
/// impl Drop for Loud<'_> {
///     fn drop(&mut self) {
///         println!("{}", self.0);
///     }
/// }
/// let mut map = HashMap::new();
/// let text = String::new();
/// map.insert(1, Loud(&text));
/// ```
///
/// ```
/// use checkedmap::hash_map::HashMap;
/// struct Quiet<'a>(&'a String);
/// let mut map = HashMap::new();
/// let text = String::new();
/// map.insert(1, Quiet(&text));
/// ```
struct DropOrder;

/// So it does past an iterator that owns it.
///
/// ```compile_fail,E0597
/// use checkedmap::hash_map::{HashMap, IntoIter};
/// struct Loud<'a>(&'a String);
/// impl Drop for Loud<'_> {
///     fn drop(&mut self) {
///         println!("{}", self.0);
///     }
/// }
/// let mut iter = IntoIter::default();
/// let text = String::new();
/// iter = HashMap::from([(1, Loud(&text))]).into_iter();
/// ```
///
/// ```
/// use checkedmap::hash_map::{HashMap, IntoIter};
/// struct Quiet<'a>(&'a String);
/// let mut iter = IntoIter::default();
/// let text = String::new();
/// iter = HashMap::from([(1, Quiet(&text))]).into_iter();
/// # drop(iter);
/// ```
struct IteratorDropOrder;

/// What may be written through an iterator keeps its lifetime.
///
/// ```compile_fail
/// use checkedmap::hash_map::IterMut;
/// fn shorter<'s>(iter: IterMut<'s, u8, &'static str>) -> IterMut<'s, u8, &'s str> {
///     iter
/// }
/// ```
///
/// ```
/// use checkedmap::hash_map::Iter;
/// fn shorter<'s>(iter: Iter<'s, u8, &'static str>) -> Iter<'s, u8, &'s str> {
///     iter
/// }
/// ```
struct Invariance;

/// An entry's key keeps its lifetime, since the entry can put it into the map.
///
/// ```compile_fail
/// use checkedmap::hash_map::Entry;
/// fn shorter<'s>(entry: Entry<'s, &'static str, u8>) -> Entry<'s, &'s str, u8> {
///     entry
/// }
/// ```
///
/// ```
/// use checkedmap::hash_map::Entry;
/// fn shorter<'l: 's, 's>(entry: Entry<'l, &'static str, u8>) -> Entry<'s, &'static str, u8> {
///     entry
/// }
/// ```
struct EntryInvariance;

/// A map that lends is borrowed.
///
/// ```compile_fail,E0499
/// use checkedmap::hash_map::HashMap;
/// let mut map = HashMap::from([(1, 1)]);
/// let entry = map.entry(1);
/// map.clear();
/// entry.or_insert(2);
/// ```
///
/// ```
/// use checkedmap::hash_map::HashMap;
/// let mut map = HashMap::from([(1, 1)]);
/// let entry = map.entry(1);
/// entry.or_insert(2);
/// map.clear();
/// ```
struct Borrows;
