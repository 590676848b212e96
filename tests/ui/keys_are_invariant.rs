use checkedmap::CheckedMap;

fn shorten<'s>(map: &'s CheckedMap<&'static str, u32>) -> &'s CheckedMap<&'s str, u32> {
    map
}

fn main() {
    let map = CheckedMap::new();
    let text = String::from("gone soon");
    shorten(&map).insert(&text, 1);
}
