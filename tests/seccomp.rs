//! A process in which the kernel refuses `membarrier(2)`, as some sandboxes do: everything works in the counted regime.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#![allow(unsafe_code)]

use std::process::Command;
use std::sync::Barrier;
use std::time::Duration;

use checkedmap::{CheckedMap, Mode};

/// Set in the child, which installs the filter before it touches a map.
const ROLE: &str = "SECCOMP_TEST_CHILD";

/// Has the kernel answer `membarrier` with `EPERM` from now on, in this thread and those it starts.
fn refuse_membarrier() {
    let statement = |code: u32, k: u32| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let number = u32::try_from(libc::SYS_membarrier).unwrap();
    let mut filter = [
        // The number of the system call is the first word of what the filter is shown.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0),
        libc::sock_filter { code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16, jt: 0, jf: 1, k: number },
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: takes plain numbers.
    let humble = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    // SAFETY: takes a pointer to a program that lives throughout.
    let installed = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    assert_eq!((humble, installed), (0, 0), "the filter was refused: {}", std::io::Error::last_os_error());
    // SAFETY: takes no pointers.
    let refused = unsafe { libc::syscall(libc::SYS_membarrier, libc::MEMBARRIER_CMD_QUERY, 0, 0) };
    assert_eq!((refused, std::io::Error::last_os_error().raw_os_error()), (-1, Some(libc::EPERM)));
}

fn child() {
    refuse_membarrier();
    let map = CheckedMap::builder().mode(Mode::Panic).build();
    // A streak that would make this thread the owner, and then reads that would be shared.
    for key in 0..10_000_u64 {
        map.insert(key, key);
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!((0..10_000).filter(|key| map.get(key).is_some()).count(), 10_000));
        }
    });
    // An overlap, by construction.
    let (inside, seen) = (Barrier::new(2), Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let held = map.write();
            inside.wait();
            seen.wait();
            drop(held);
        });
        inside.wait();
        assert!(map.try_get(&1).is_err(), "a read beside a write is refused");
        seen.wait();
    });
    assert_eq!(map.len(), 10_000);
    checkedmap::flush(Duration::from_secs(60)).unwrap();
    assert_eq!(checkedmap::books().detected, 1);
}

#[test]
fn everything_works_where_membarrier_is_refused() {
    if std::env::var_os(ROLE).is_some() {
        return child();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "everything_works_where_membarrier_is_refused", "--nocapture"])
        .env(ROLE, "1")
        .output()
        .unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}");
    assert!(told.contains("1 passed"), "{told}");
}
