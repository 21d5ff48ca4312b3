//! The command line.

/// A record allocates on one thread and frees on another, which the system's allocator is slow at.
/// It asks for no huge pages (`no_thp`): a start touches little of many, and would hold them all.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    spendlight::cli::main()
}
