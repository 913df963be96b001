#![doc = include_str!("../README.md")]

use std::process::ExitCode;

use witan_config::Env;

mod all;
mod command;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] | ["serve"] => command::serve(&Env::process()),
        ["migrate"] => command::migrate(&Env::process()),
        ["check-config"] => command::check_config(&Env::process()),
        _ => {
            eprintln!("usage: witan-standalone [serve | migrate | check-config]");
            ExitCode::from(2)
        }
    }
}
