//! The command line.

fn main() -> std::process::ExitCode {
    spendlight::cli::main()
}
