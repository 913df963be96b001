use std::io::{IsTerminal as _, stdout};

use witan_config::Env;

/// Colours, or none: a file or pipe gets plain text, and `NO_COLOR` is respected (no-color.org).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    colour: bool,
}

const SERVICES: [u8; 8] = [36, 33, 35, 32, 34, 96, 93, 95];

impl Style {
    pub(crate) fn for_stdout() -> Self {
        let refused = Env::process().get("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: stdout().is_terminal() && !refused }
    }

    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self { colour: false }
    }

    /// A service's name, always in the same colour.
    pub(crate) fn service(self, name: &str) -> String {
        let sum: usize = name.bytes().map(usize::from).sum();
        self.paint(SERVICES[sum % SERVICES.len()], name)
    }

    pub(crate) fn error(self, text: &str) -> String {
        self.paint(31, text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.paint(32, text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint(2, text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint(1, text)
    }

    fn paint(self, code: u8, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
