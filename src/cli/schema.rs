//! `yihu schema` and `yihu matrix`: the two texts that are committed, on the output.

use super::complain;
use crate::schema;
use std::process::ExitCode;

pub(super) fn print_sdl(federation: bool) -> ExitCode {
    let sdl = if federation {
        schema::subgraph_sdl()
    } else {
        schema::sdl()
    };
    print!("{sdl}");
    ExitCode::SUCCESS
}

pub(super) fn print_matrix() -> ExitCode {
    match schema::matrix() {
        Ok(matrix) => {
            print!("{}", matrix.render());
            ExitCode::SUCCESS
        }
        Err(error) => complain(&error),
    }
}
