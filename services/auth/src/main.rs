//! The auth service: `serve`, `migrate`, `check-config` or `openapi`.

use std::process::ExitCode;

fn main() -> ExitCode {
    witan_host::main::<witan_auth::Auth>()
}
