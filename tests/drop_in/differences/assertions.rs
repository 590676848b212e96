pub fn run() -> String {
    let mut map = HashMap::new();
    assert_eq!(map.insert("a", 1), None);
    assert_eq!(map.insert("a", 2), Some(1));
    assert_eq!(map.get("a"), Some(&2));
    assert_eq!(map.get("b"), None);
    assert_eq!(map.remove("a"), Some(2));
    assert!(map.is_empty());
    format!("{map:?}")
}
