// What is in a map after which calls.

use map::*;

#[test]
fn lookups() {
    let mut map: HashMap<String, i32> = HashMap::new();
    assert!(map.get("a").is_none() && map.get_mut("a").is_none() && map.remove("a").is_none());
    assert_eq!(map.insert("a".to_owned(), 1), None);
    assert_eq!(map.insert("a".to_owned(), 2), Some(1));
    assert_eq!(map.get("a"), Some(&2));
    assert_eq!(map.get_key_value("a"), Some((&"a".to_owned(), &2)));
    assert!(map.contains_key("a") && !map.contains_key("b"));
    *map.get_mut("a").unwrap() += 1;
    assert_eq!(map["a"], 3);
    assert_eq!(map.remove_entry("a"), Some(("a".to_owned(), 3)));
    assert!(map.is_empty());
    assert_eq!(map.remove_entry("a"), None);
}

#[test]
fn entries() {
    let mut map: HashMap<&str, Vec<u32>> = HashMap::new();
    map.entry("a").or_default().push(1);
    map.entry("a").or_insert(vec![9]).push(2);
    map.entry("b").or_insert_with(|| vec![3]).push(4);
    map.entry("cc").or_insert_with_key(|key| vec![key.len() as u32]);
    map.entry("a").and_modify(|list| list.push(5)).or_default();
    assert_eq!((&map["a"], &map["b"], &map["cc"]), (&vec![1, 2, 5], &vec![3, 4], &vec![2]));
    let Entry::Occupied(mut entry) = map.entry("a") else { panic!() };
    assert_eq!(entry.insert(vec![6]), [1, 2, 5]);
    assert_eq!((entry.key(), entry.get()), (&"a", &vec![6]));
    assert_eq!(entry.remove_entry(), ("a", vec![6]));
    let Entry::Vacant(entry) = map.entry("a") else { panic!() };
    assert_eq!(entry.into_key(), "a");
    assert_eq!(map.entry("a").insert_entry(vec![7]).get(), &[7]);
    assert_eq!(map.entry("a").insert_entry(vec![8]).remove(), [8]);
    assert_eq!(map.len(), 2);
}

#[test]
fn walking_and_emptying() {
    let mut map: HashMap<u32, u32> = (0..100).map(|n| (n, n)).collect();
    assert_eq!(map.iter().len(), 100);
    assert_eq!(map.keys().sum::<u32>(), 4950);
    map.values_mut().for_each(|value| *value *= 2);
    for (key, value) in &mut map {
        *value += key;
    }
    assert_eq!(map.values().copied().max(), Some(297));
    let mut iter = map.iter();
    for left in (0..100).rev() {
        assert!(iter.next().is_some());
        assert_eq!(iter.size_hint(), (left, Some(left)));
    }
    assert_eq!((iter.next(), iter.next()), (None, None));
    map.retain(|key, value| {
        *value = 1;
        key % 2 == 0
    });
    assert_eq!((map.len(), map.values().sum::<u32>()), (50, 50));
    let mut extract = map.extract_if(|key, _| key % 4 == 0);
    assert_eq!(extract.size_hint(), (0, Some(50)));
    assert!(extract.next().is_some());
    let rest = extract.count();
    assert_eq!((rest, map.len()), (24, 25));
    let mut drain = map.drain();
    assert_eq!(drain.len(), 25);
    drain.next();
    drop(drain);
    assert!(map.is_empty());
    map.insert(1, 1);
    std::mem::forget(map.drain());
    assert!(map.is_empty());
    map.insert(2, 2);
    assert_eq!(map.into_iter().collect::<Vec<_>>(), [(2, 2)]);
}

#[test]
fn comparing_and_cloning() {
    let map = HashMap::from([(1, "a"), (2, "b")]);
    let mut other = map.clone();
    assert!(map == other && map == map);
    other.insert(1, "c");
    assert!(map != other);
    other.clone_from(&map);
    assert_eq!(map, other);
    other.remove(&1);
    assert_ne!(map, other);
    assert_eq!(HashMap::<u8, u8>::new(), HashMap::with_capacity(10));
    assert_ne!(HashMap::new(), map);
    let nan = HashMap::from([(1, f32::NAN)]);
    #[allow(clippy::eq_op)]
    let reflexive = nan == nan;
    assert!(!reflexive);
    other.extend(&map);
    other.extend([(7, "d")]);
    assert_eq!(other.len(), 3);
}

#[test]
fn zero_sized_entries() {
    let mut map = HashMap::new();
    assert_eq!(map.insert((), ()), None);
    assert_eq!(map.insert((), ()), Some(()));
    assert_eq!(map.iter().count(), 1);
    assert_eq!(map.drain().collect::<Vec<_>>(), [((), ())]);
    assert_eq!(map.entry(()).or_insert(()), &mut ());
    assert_eq!(map.extract_if(|(), ()| true).count(), 1);
    assert!(map.into_iter().next().is_none());
}
