//! The chat service as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    witan_host::main::<witan_chat::Chat>()
}
