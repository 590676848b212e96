use checkedmap::RefMut;

fn shorten<'s>(guard: RefMut<'s, &'static str>) -> RefMut<'s, &'s str> {
    guard
}

fn main() {
    let _ = shorten;
}
