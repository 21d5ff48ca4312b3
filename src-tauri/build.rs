//! Prepares the build: the pages are part of the program, and Tauri reads its configuration here. Without the `desktop`
//! feature nothing of Tauri is built.

fn main() {
    // The pages are taken in whole, so a new file among them must be noticed too.
    println!("cargo:rerun-if-changed=ui");
    #[cfg(feature = "desktop")]
    tauri_build::build();
}
