//! The tray program: tray, windows, and the server inside.

use std::process::ExitCode;

/// A record allocates on one thread and frees on another, which the system's allocator is slow at. This one hands out
/// first what was given back last, which is still in the processor's cache.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    spendlight::tray::main()
}
