// Every trait, under the bounds that std has for it: what the compiler proves.

use std::fmt::{self, Debug};
use std::hash::{BuildHasher, Hash};
use std::iter::FusedIterator;
use std::rc::Rc;

use map::*;

fn is<T>() {}

fn clones<T: Clone>() {}

fn prints<T: Debug>() {}

fn defaults<T: Default>() {}

fn walks<I: ExactSizeIterator<Item = T> + FusedIterator, T>() {}

fn traits_without_bounds<'a, K: 'a, V: 'a, S: 'a>() {
    walks::<Iter<'a, K, V>, (&'a K, &'a V)>();
    walks::<IterMut<'a, K, V>, (&'a K, &'a mut V)>();
    walks::<IntoIter<K, V>, (K, V)>();
    walks::<Keys<'a, K, V>, &'a K>();
    walks::<Values<'a, K, V>, &'a V>();
    walks::<ValuesMut<'a, K, V>, &'a mut V>();
    walks::<IntoKeys<K, V>, K>();
    walks::<IntoValues<K, V>, V>();
    walks::<Drain<'a, K, V>, (K, V)>();
    clones::<Iter<'a, K, V>>();
    clones::<Keys<'a, K, V>>();
    clones::<Values<'a, K, V>>();
    defaults::<Iter<'a, K, V>>();
    defaults::<IterMut<'a, K, V>>();
    defaults::<IntoIter<K, V>>();
    defaults::<Keys<'a, K, V>>();
    defaults::<Values<'a, K, V>>();
    defaults::<ValuesMut<'a, K, V>>();
    defaults::<IntoKeys<K, V>>();
    defaults::<IntoValues<K, V>>();
    fn iterable<I: IntoIterator<Item = T, IntoIter = W>, T, W: Iterator<Item = T>>() {}
    iterable::<HashMap<K, V, S>, _, IntoIter<K, V>>();
    iterable::<&'a HashMap<K, V, S>, _, Iter<'a, K, V>>();
    iterable::<&'a mut HashMap<K, V, S>, _, IterMut<'a, K, V>>();
    is::<HashMap<K, V>>();
    is::<ExtractIf<'a, K, V, ()>>();
}

fn extracts<'a, K: 'a, V: 'a, F: FnMut(&K, &mut V) -> bool>() {
    fn picks<I: FusedIterator<Item = T>, T>() {}
    picks::<ExtractIf<'a, K, V, F>, (K, V)>();
}

fn default_needs_the_hasher_s<K, V, S: Default>() {
    defaults::<HashMap<K, V, S>>();
}

fn clone_needs_all_three<K: Clone, V: Clone, S: Clone>() {
    clones::<HashMap<K, V, S>>();
}

fn debug_needs_what_it_prints<'a, K: Debug + 'a, V: Debug + 'a, S, F, Silent: 'a>() {
    prints::<HashMap<K, V, S>>();
    prints::<Iter<'a, K, V>>();
    prints::<IterMut<'a, K, V>>();
    prints::<IntoIter<K, V>>();
    prints::<Keys<'a, K, Silent>>();
    prints::<Values<'a, Silent, V>>();
    prints::<ValuesMut<'a, Silent, V>>();
    prints::<IntoKeys<K, Silent>>();
    prints::<IntoValues<Silent, V>>();
    prints::<Drain<'a, K, V>>();
    prints::<ExtractIf<'a, K, V, F>>();
    prints::<Entry<'a, K, V>>();
    prints::<OccupiedEntry<'a, K, V>>();
    prints::<VacantEntry<'a, K, Silent>>();
}

fn equality<K: Eq + Hash, P: PartialEq, E: Eq, S: BuildHasher>() {
    fn partial<T: PartialEq>() {}
    fn total<T: Eq>() {}
    partial::<HashMap<K, P, S>>();
    total::<HashMap<K, E, S>>();
}

fn collecting<'a, K, V, C, D, S, T>()
where
    K: Eq + Hash,
    C: Eq + Hash + Copy + 'a,
    D: Copy + 'a,
    S: BuildHasher,
    T: BuildHasher + Default,
{
    fn extends<E: Extend<I>, I>() {}
    extends::<HashMap<K, V, S>, (K, V)>();
    extends::<HashMap<C, D, S>, (&'a C, &'a D)>();
    fn collects<E: FromIterator<I>, I>() {}
    collects::<HashMap<K, V, T>, (K, V)>();
    fn converts<E: From<I>, I>() {}
    converts::<HashMap<K, V>, [(K, V); 5]>();
}

#[test]
fn every_trait_is_there() {
    traits_without_bounds::<Rc<()>, Rc<()>, ()>();
    extracts::<u8, u8, fn(&u8, &mut u8) -> bool>();
    default_needs_the_hasher_s::<Rc<()>, Rc<()>, u8>();
    clone_needs_all_three::<u8, u8, u8>();
    debug_needs_what_it_prints::<u8, u8, (), (), fmt::Arguments<'static>>();
    equality::<u8, f32, u8, RandomState>();
    collecting::<String, Rc<()>, u8, u8, RandomState, RandomState>();
}
