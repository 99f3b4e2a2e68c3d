//! Reads the command and starts it.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if cfg!(feature = "unrecorded") {
        eprintln!("yihu: built with the feature `unrecorded`, which is for a bench alone");
        return ExitCode::FAILURE;
    }
    yihu::cli::run()
}
