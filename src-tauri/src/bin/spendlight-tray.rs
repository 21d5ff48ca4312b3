//! The tray program: tray, windows, and the server inside.

use std::process::ExitCode;

fn main() -> ExitCode {
    spendlight::tray::main()
}
