use checkedmap::CheckedMap;

fn shorten<'s>(map: &'s CheckedMap<u32, &'static str>) -> &'s CheckedMap<u32, &'s str> {
    map
}

fn main() {
    let map = CheckedMap::new();
    let text = String::from("gone soon");
    shorten(&map).insert(1, &text);
}
