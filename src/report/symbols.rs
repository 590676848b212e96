//! From return addresses to functions, and which of them are the user's.
//!
//! Costs milliseconds the first time, so it runs on the reporter's thread, or on one that is about to panic anyway.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::Frame;
use crate::conflict::trace::RawTrace;

/// The frames of a stack, this library's cut from the inner end.
pub(super) fn resolve(trace: &RawTrace) -> Vec<Frame> {
    let _resolving = super::fork::Resolving::begin();
    let mut frames = Vec::new();
    for &address in trace.frames() {
        // A stack without names is worth more than no report, should debug information be odd enough to trip the parser.
        let known = catch_unwind(AssertUnwindSafe(|| resolve_one(address, &mut frames)));
        if !matches!(known, Ok(true)) {
            frames.push((Frame { address: address as u64, ..Frame::default() }, Origin::Unknown));
        }
    }
    cut(frames)
}

/// Adds the function at an address and those it was inlined into; says whether there was one.
fn resolve_one(address: usize, frames: &mut Vec<(Frame, Origin)>) -> bool {
    let before = frames.len();
    backtrace::resolve(address as *mut std::ffi::c_void, |symbol| {
        let function = symbol.name().map(|name| format!("{name:#}"));
        let origin = Origin::of(function.as_deref(), symbol.filename());
        let frame = Frame {
            function,
            file: symbol.filename().map(|path| path.to_string_lossy().into_owned()),
            line: symbol.lineno(),
            column: symbol.colno(),
            user: origin == Origin::User,
            address: address as u64,
        };
        frames.push((frame, origin));
    });
    frames.len() > before
}

/// Whose code a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    User,
    /// This library.
    Internal,
    /// std, a dependency, the C runtime.
    Library,
    /// There is no telling.
    Unknown,
}

/// This library's own sources. A copy built from a registry is found by the registry's path instead, and by name.
const OWN_SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/");

/// Parts of paths that only std and downloaded dependencies have.
const LIBRARY_PATHS: &[&str] =
    &["/rustc/", "/lib/rustlib/src/rust/", "/.cargo/registry/", "/registry/src/", "/.cargo/git/", "/git/checkouts/"];

/// Crates that are no user's, for programs without debug information.
const LIBRARY_CRATES: &[&str] = &[
    "std",
    "core",
    "alloc",
    "proc_macro",
    "test",
    "backtrace",
    "rustc_demangle",
    "gimli",
    "addr2line",
    "panic_unwind",
    "tokio",
    "tokio_util",
    "async_std",
    "smol",
    "futures",
    "futures_core",
    "futures_util",
    "futures_executor",
    "axum",
    "axum_core",
    "hyper",
    "hyper_util",
    "http",
    "http_body",
    "http_body_util",
    "h2",
    "tower",
    "tower_service",
    "tower_http",
    "tonic",
    "actix_web",
    "actix_rt",
    "actix_http",
    "warp",
    "rocket",
    "reqwest",
    "mio",
    "rayon",
    "rayon_core",
    "crossbeam",
    "crossbeam_utils",
    "crossbeam_channel",
    "parking_lot",
    "parking_lot_core",
    "tracing",
    "tracing_core",
    "tracing_subscriber",
    "hashbrown",
    "indexmap",
    "once_cell",
    "serde",
    "serde_json",
];

impl Origin {
    fn of(function: Option<&str>, file: Option<&Path>) -> Self {
        let file = file.map(Path::to_string_lossy);
        match (file.as_deref(), function) {
            (Some(file), _) if file.starts_with(OWN_SOURCES) => Self::Internal,
            // Found in a registry or by name: a path there says nothing but "downloaded".
            (Some(file), Some(function)) if is_library_path(file) => match Self::of_function(function) {
                Self::Internal => Self::Internal,
                _ => Self::Library,
            },
            (Some(file), _) if is_library_path(file) => Self::Library,
            // Debug information of the C library has relative paths into its own tree.
            (Some(file), Some(function)) if !function.contains("::") && file.starts_with("./") => Self::Library,
            (Some(_), _) => Self::User,
            (None, Some(function)) => Self::of_function(function),
            (None, None) => Self::Unknown,
        }
    }

    /// By the crates that a name mentions. An `impl` lives in the crate of its type or of its trait, so a name
    /// `<a::T as b::Trait>::method` with a user's crate on either side is taken for the user's.
    fn of_function(name: &str) -> Self {
        let mut origin = Self::Unknown;
        for path in implementation_paths(name) {
            match crate_of(path) {
                None => {}
                Some("checkedmap") => return Self::Internal,
                Some(known) if LIBRARY_CRATES.contains(&known) => origin = Self::Library,
                Some(_) => return Self::User,
            }
        }
        match origin {
            // `main`, `_start`, `clone3`: the C runtime's. `<T as ..>` without a crate: no telling.
            Self::Unknown if !name.contains("::") => Self::Library,
            origin => origin,
        }
    }
}

fn is_library_path(file: &str) -> bool {
    LIBRARY_PATHS.iter().any(|part| file.contains(part))
}

/// The paths which say where a function lives: its own, or those of the type and the trait of `<type as trait>::name`.
fn implementation_paths(name: &str) -> impl Iterator<Item = &str> {
    let (first, second) = match name.strip_prefix('<') {
        None => (name, None),
        Some(inner) => match split_as(inner) {
            Some((implementor, interface)) => (implementor, Some(interface)),
            None => (inner, None),
        },
    };
    std::iter::once(first).chain(second)
}

/// Splits at the ` as ` outside of all brackets, where the type ends and the trait begins.
fn split_as(inner: &str) -> Option<(&str, &str)> {
    let mut depth = 0_i32;
    for (index, byte) in inner.bytes().enumerate() {
        match byte {
            b'<' | b'(' | b'[' => depth += 1,
            // The arrow of `fn() -> T` closes nothing.
            b'>' if index > 0 && inner.as_bytes()[index - 1] == b'-' => {}
            b'>' | b')' | b']' if depth == 0 => return None,
            b'>' | b')' | b']' => depth -= 1,
            b' ' if depth == 0 && inner[index..].starts_with(" as ") => {
                return Some((&inner[..index], &inner[index + 4..]));
            }
            _ => {}
        }
    }
    None
}

/// The crate a path begins with; `None` for `T`, `u64`, `()`.
fn crate_of(path: &str) -> Option<&str> {
    let mut path = path;
    loop {
        path = path.trim_start_matches(['&', '*', '[', '(', ' ', '<']);
        let word = ["mut ", "const ", "dyn ", "impl "].iter().find_map(|word| path.strip_prefix(word));
        match word {
            Some(rest) => path = rest,
            None => break,
        }
    }
    let end = path.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    let (name, rest) = path.split_at(end);
    // The `[9e3b…]` of a crate's disambiguator, which full symbol names have.
    let rest = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.1,
        None => rest,
    };
    (!name.is_empty() && rest.starts_with("::")).then_some(name)
}

/// Cuts this library's frames, and what lies between them, from the inner end. Where nothing would be left, nothing is cut.
fn cut(frames: Vec<(Frame, Origin)>) -> Vec<Frame> {
    let inner = frames.iter().take_while(|(_, origin)| *origin != Origin::User);
    let last = inner.enumerate().filter(|(_, (_, origin))| *origin == Origin::Internal).last();
    let skip = last.map(|(index, _)| index + 1).filter(|skip| *skip < frames.len()).unwrap_or(0);
    frames.into_iter().skip(skip).map(|(frame, _)| frame).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_decide_where_there_are_any() {
        let table = [
            ("app::main", "/home/ana/app/src/main.rs", Origin::User),
            ("app::main", "src/main.rs", Origin::User),
            ("core::ops::function::FnOnce::call_once", "/home/ana/app/src/main.rs", Origin::User),
            ("std::rt::lang_start", "/rustc/59807616e/library/std/src/rt.rs", Origin::Library),
            ("app::sort", "/root/.rustup/toolchains/x/lib/rustlib/src/rust/library/core/src/slice.rs", Origin::Library),
            (
                "tokio::runtime::run",
                "/home/ana/.cargo/registry/src/index.crates.io-1/tokio-1.0.0/src/lib.rs",
                Origin::Library,
            ),
            ("dep::run", "/usr/local/cargo/registry/src/index.crates.io-1/dep-1.0.0/src/lib.rs", Origin::Library),
            ("dep::run", "/home/ana/.cargo/git/checkouts/dep-1/abc/src/lib.rs", Origin::Library),
            (
                "checkedmap::map::insert",
                "/home/ana/.cargo/registry/src/i/checkedmap-0.1.0/src/map.rs",
                Origin::Internal,
            ),
            ("checkedmap::map::insert", concat!(env!("CARGO_MANIFEST_DIR"), "/src/map.rs"), Origin::Internal),
            ("staging::main", concat!(env!("CARGO_MANIFEST_DIR"), "/examples/staging.rs"), Origin::User),
            ("__libc_start_call_main", "./csu/../sysdeps/nptl/libc_start_call_main.h", Origin::Library),
            ("ffi_callback", "/home/ana/app/native/callback.c", Origin::User),
        ];
        for (function, file, expected) in table {
            assert_eq!(Origin::of(Some(function), Some(Path::new(file))), expected, "{function} in {file}");
        }
    }

    #[test]
    fn names_decide_where_there_are_no_paths() {
        let table = [
            ("app::login::{{closure}}", Origin::User),
            ("std::thread::local::LocalKey<T>::with", Origin::Library),
            ("core[9e3b2a]::ptr::drop_in_place", Origin::Library),
            ("app[9e3b2a]::main", Origin::User),
            ("<T as core::convert::Into<U>>::into", Origin::Library),
            ("<app::Session as core::clone::Clone>::clone", Origin::User),
            ("<alloc::vec::Vec<u8> as app::Encode>::encode", Origin::User),
            ("<alloc::vec::Vec<app::Session> as core::ops::drop::Drop>::drop", Origin::Library),
            ("<alloc::boxed::Box<F,A> as core::ops::function::FnOnce<Args>>::call_once", Origin::Library),
            ("<&mut dyn app::Handler as core::ops::function::Fn<()>>::call", Origin::User),
            ("<fn(u8) -> app::X as core::ops::function::FnOnce<()>>::call_once", Origin::Library),
            (
                "core::ops::function::impls::<impl core::ops::function::FnOnce<A> for &mut F>::call_once",
                Origin::Library,
            ),
            ("app::<impl app::Encode for alloc::string::String>::encode", Origin::User),
            ("<tokio::task::Task<app::Job> as core::future::future::Future>::poll", Origin::Library),
            ("<checkedmap::Ref<app::Session> as core::ops::drop::Drop>::drop", Origin::Internal),
            ("checkedmap::gate::Gate::enter", Origin::Internal),
            ("checkedmap_demo::main", Origin::User),
            ("main", Origin::Library),
            ("clone3", Origin::Library),
            ("<T as Trait>::f", Origin::Unknown),
        ];
        for (function, expected) in table {
            assert_eq!(Origin::of(Some(function), None), expected, "{function}");
        }
        assert_eq!(Origin::of(None, None), Origin::Unknown);
    }

    fn stack(origins: &[Origin]) -> Vec<(Frame, Origin)> {
        let frame = |index| Frame { address: index as u64, ..Frame::default() };
        origins.iter().enumerate().map(|(index, origin)| (frame(index), *origin)).collect()
    }

    #[test]
    fn the_inner_end_is_cut_to_the_last_frame_of_ours() {
        use Origin::{Internal, Library, Unknown, User};
        let table: &[(&[Origin], u64)] = &[
            (&[Library, Internal, Library, Internal, Library, User, Internal, User], 4),
            (&[User, Internal], 0),
            (&[Internal, User], 1),
            (&[Internal, Unknown], 1),
            (&[Library, Internal], 0),
            (&[Library, Unknown], 0),
        ];
        for (origins, first) in table {
            assert_eq!(cut(stack(origins))[0].address, *first, "{origins:?}");
        }
    }

    #[test]
    fn the_calling_test_is_found() {
        let frames = resolve(&RawTrace::capture());
        let named = |name: &str| frames.iter().any(|frame| frame.function.as_deref().is_some_and(|f| f.contains(name)));
        assert!(named("lang_start") || named("begin_short_backtrace"), "{frames:#?}");
        assert!(frames.iter().all(|frame| frame.function.as_deref().is_none_or(|name| !name.contains("::h0"))));
        assert!(frames.iter().any(|frame| frame.line.is_some()));
    }
}
