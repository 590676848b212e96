use checkedmap::CheckedMap;

fn same<'s>(map: &'s CheckedMap<&'static str, u32>) -> &'s CheckedMap<&'static str, u32> {
    map
}

fn main() {
    same(&CheckedMap::new()).insert("stays", 1);
}
