use std::fs::File;
use std::io::{IsTerminal as _, Write as _, stdout};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::task::JoinHandle;

use crate::outside::Outside;

const COLOURS: [u8; 8] = [36, 33, 35, 32, 34, 96, 93, 95];
const WIDTH: usize = 10;

/// The merged log on the terminal: one line at a time, each with the name of who said it.
#[derive(Clone, Debug)]
pub(crate) struct Printer {
    colour: bool,
    out: Arc<Mutex<()>>,
}

impl Printer {
    pub(crate) fn for_terminal() -> Self {
        let colour = stdout().is_terminal() && Outside::read().get("NO_COLOR").is_none();
        Self { colour, out: Arc::default() }
    }

    /// A line of the supervisor itself.
    pub(crate) fn say(&self, text: &str) {
        let line = if self.colour { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() };
        self.write(&line);
    }

    fn write(&self, line: &str) {
        let _guard = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A closed terminal is no reason to stop supervising.
        let _ = writeln!(stdout(), "{line}");
    }

    fn prefixed(&self, name: &str, line: &str) -> String {
        if !self.colour {
            return format!("{name:<WIDTH$} | {line}");
        }
        let line = match () {
            () if line.contains(" ERROR ") => format!("\x1b[31m{line}\x1b[0m"),
            () if line.contains(" WARN ") => format!("\x1b[33m{line}\x1b[0m"),
            () => line.to_owned(),
        };
        let sum: usize = name.bytes().map(usize::from).sum();
        let colour = COLOURS[sum % COLOURS.len()];
        format!("\x1b[{colour}m{name:<WIDTH$} |\x1b[0m {line}")
    }

    /// Copies a program's output to the terminal and to its log until it closes.
    pub(crate) fn follow<R>(&self, name: &str, source: R, log: Arc<Mutex<File>>) -> JoinHandle<()>
    where
        R: AsyncRead + Unpin + Send + 'static,
    {
        let (printer, name) = (self.clone(), name.to_owned());
        #[expect(clippy::disallowed_methods, reason = "ends with the program whose output it copies")]
        tokio::spawn(async move {
            let mut lines = BufReader::new(source).split(b'\n');
            while let Ok(Some(bytes)) = lines.next_segment().await {
                let line = String::from_utf8_lossy(&bytes);
                printer.write(&printer.prefixed(&name, &line));
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = writeln!(log, "{line}");
            }
        })
    }
}
