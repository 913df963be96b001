//! `witan-council serve | migrate | check-config | openapi`

use std::process::ExitCode;

fn main() -> ExitCode {
    witan_host::main::<witan_council::Council>()
}
