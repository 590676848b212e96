use checkedmap::Ref;

fn shorten<'s>(guard: Ref<'s, &'static str>) -> Ref<'s, &'s str> {
    guard
}

fn main() {
    let _ = shorten;
}
