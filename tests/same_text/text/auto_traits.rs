// What the compiler derives for each type from what is in it: auto traits and drop glue.

use std::cell::Cell;
use std::marker::{PhantomData, PhantomPinned};
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::MutexGuard;

use map::*;

macro_rules! implements {
    ($type:ty: $($bound:tt)+) => {{
        #[allow(dead_code)]
        trait Otherwise {
            const YES: bool = false;
        }
        impl<T: ?Sized> Otherwise for T {}
        struct Probe<T: ?Sized>(#[allow(dead_code)] PhantomData<T>);
        #[allow(dead_code)]
        impl<T: ?Sized + $($bound)+> Probe<T> {
            const YES: bool = true;
        }
        <Probe<$type>>::YES
    }};
}

macro_rules! auto_traits_of {
    ($out:ident: $($type:ty),* $(,)?) => {
        $($out.push((
            stringify!($type).to_owned(),
            implements!($type: Send),
            implements!($type: Sync),
            implements!($type: Unpin),
            implements!($type: UnwindSafe),
            implements!($type: RefUnwindSafe),
            implements!($type: Copy),
            implements!($type: Clone),
        ));)*
    };
}

pub(crate) type Line = (String, bool, bool, bool, bool, bool, bool, bool);

macro_rules! auto_traits_by {
    ($out:ident: $(($key:ty, $value:ty))*) => {
        $(
            auto_traits_of! { $out:
                HashMap<$key, $value>, HashMap<$key, u8, $value>, Iter<'static, $key, $value>,
                IterMut<'static, $key, $value>, IntoIter<$key, $value>, Keys<'static, $key, $value>,
                Values<'static, $key, $value>, ValuesMut<'static, $key, $value>, IntoKeys<$key, $value>,
                IntoValues<$key, $value>, Drain<'static, $key, $value>, ExtractIf<'static, $key, $value, u8>,
                ExtractIf<'static, u8, $key, $value>, Entry<'static, $key, $value>,
                OccupiedEntry<'static, $key, $value>, VacantEntry<'static, $key, $value>,
            }
        )*
    };
}

macro_rules! auto_traits_over {
    ($out:ident: $($type:ty),*) => {
        auto_traits_by! { $out: $(($type, u8) (u8, $type) ($type, $type))* }
    };
}

pub(crate) fn auto_traits() -> Vec<Line> {
    let mut out = Vec::new();
    auto_traits_over! { out:
        u8, String, Cell<u8>, Rc<u8>, MutexGuard<'static, u8>, &'static mut u8, PhantomPinned, *mut u8,
        AssertUnwindSafe<Rc<u8>>, &'static Cell<u8>, RandomState
    }
    out
}

pub(crate) fn drop_glue() -> Vec<(&'static str, bool)> {
    let mut out = Vec::new();
    macro_rules! glue {
        ($($type:ty),* $(,)?) => { $(out.push((stringify!($type), std::mem::needs_drop::<$type>()));)* };
    }
    macro_rules! glue_by {
        ($($key:ty, $value:ty;)*) => {
            $(glue! {
                HashMap<$key, $value>, Iter<'static, $key, $value>, IterMut<'static, $key, $value>,
                IntoIter<$key, $value>, Keys<'static, $key, $value>, Values<'static, $key, $value>,
                ValuesMut<'static, $key, $value>, IntoKeys<$key, $value>, IntoValues<$key, $value>,
                Drain<'static, $key, $value>, ExtractIf<'static, $key, $value, u8>,
                ExtractIf<'static, u8, $key, $value>, Entry<'static, $key, $value>,
                OccupiedEntry<'static, $key, $value>, VacantEntry<'static, $key, $value>,
            })*
        };
    }
    glue_by! { u8, u8; String, u8; u8, String; String, String; }
    out
}
