//! Rules of the council, without IO.

pub mod agent;
pub mod agreement;
pub mod anonymise;
pub mod call;
mod json_text;
pub mod order;
pub mod outcome;
pub mod prompt;
pub mod ranking;
pub mod review;
pub mod sheet;
pub mod startup;
pub mod state;
pub mod synthesis;

#[cfg(test)]
mod simulation;
