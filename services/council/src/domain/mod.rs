//! Rules of the council, without IO.

pub mod agent;
pub mod agreement;
pub mod anonymise;
pub mod answer_text;
pub mod borda;
pub mod budget;
pub mod call;
pub(crate) mod conversation;
pub mod custom;
mod json_text;
pub mod mode;
pub mod order;
pub mod outcome;
pub mod position;
pub mod prompt;
pub mod ranking;
pub mod review;
pub mod session;
pub mod sheet;
pub mod sitting;
pub mod startup;
pub mod state;
pub mod synthesis;
pub mod vote;
pub mod window;
