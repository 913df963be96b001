//! Runs programs and notices when one of them dies.
//!
//! Every program has a pid file from the moment it runs until it has stopped, so
//! that after a `kill -9` of the supervisor the next start can stop what is left.

use std::fs::OpenOptions;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result, anyhow, bail};
use tokio::process::Child;
use tokio::sync::mpsc;

use super::identity::{Identity, PidFiles};
use super::printer::Printer;
use super::spec::Spec;
use super::stop::{kill_group, stop};

/// A program that ended without being asked to.
#[derive(Debug)]
pub(crate) struct Death {
    pub(crate) name: String,
    pub(crate) status: String,
}

struct Running {
    spec: Spec,
    id: Identity,
}

/// Owns the running programs.
pub(crate) struct Supervisor {
    files: PidFiles,
    printer: Printer,
    running: Vec<Running>,
    deaths: mpsc::UnboundedReceiver<(Identity, ExitStatus)>,
    report: mpsc::UnboundedSender<(Identity, ExitStatus)>,
}

impl Supervisor {
    pub(crate) fn new(files: PidFiles, printer: Printer) -> Self {
        let (report, deaths) = mpsc::unbounded_channel();
        Self { files, printer, running: Vec::new(), deaths, report }
    }

    pub(crate) fn start(&mut self, spec: Spec) -> Result<()> {
        let mut child = spec.spawn()?;
        let pid = child.id().ok_or_else(|| anyhow!("{} ended at once", spec.name))?;
        let pid = i32::try_from(pid).context("process id out of range")?;
        let Some(id) = Identity::of(pid) else {
            bail!("{} ended at once; its log: {}", spec.name, spec.log.display());
        };
        self.files.record(&spec.name, &id)?;
        if spec.show {
            self.show(&spec, &mut child)?;
        }
        self.watch(id.clone(), child);
        self.running.push(Running { spec, id });
        Ok(())
    }

    fn show(&self, spec: &Spec, child: &mut Child) -> Result<()> {
        let log = OpenOptions::new().create(true).append(true).open(&spec.log)?;
        let log = Arc::new(Mutex::new(log));
        if let Some(out) = child.stdout.take() {
            self.printer.follow(&spec.name, out, Arc::clone(&log));
        }
        if let Some(err) = child.stderr.take() {
            self.printer.follow(&spec.name, err, log);
        }
        Ok(())
    }

    fn watch(&self, id: Identity, mut child: Child) {
        let report = self.report.clone();
        #[expect(clippy::disallowed_methods, reason = "ends with the process it waits for")]
        tokio::spawn(async move {
            if let Ok(status) = child.wait().await {
                let _ = report.send((id, status));
            }
        });
    }

    /// The specification of a program that runs or has just died.
    pub(crate) fn spec(&self, name: &str) -> Option<&Spec> {
        self.running.iter().find(|r| r.spec.name == name).map(|r| &r.spec)
    }

    /// Waits for the next program that ends by itself.
    pub(crate) async fn next_death(&mut self) -> Death {
        loop {
            let Some((id, status)) = self.deaths.recv().await else {
                return std::future::pending().await;
            };
            // Programs that were stopped on purpose are no longer in the list.
            if let Some(dead) = self.running.iter().find(|r| r.id == id) {
                return Death { name: dead.spec.name.clone(), status: describe(status) };
            }
        }
    }

    /// Starts a dead program again from its specification.
    pub(crate) fn restart(&mut self, name: &str) -> Result<()> {
        let index = self.running.iter().position(|r| r.spec.name == name);
        let index = index.with_context(|| format!("{name} was never started"))?;
        let dead = self.running.swap_remove(index);
        kill_group(&dead.id);
        self.start(dead.spec)
    }

    /// No longer expects a dead program to run.
    pub(crate) fn give_up(&mut self, name: &str) {
        self.running.retain(|r| r.spec.name != name);
        self.files.forget(name);
    }

    /// Stops the named programs side by side.
    pub(crate) async fn stop(&mut self, matches: impl Fn(&str) -> bool) {
        let (leaving, staying) =
            std::mem::take(&mut self.running).into_iter().partition(|r| matches(&r.spec.name));
        self.running = staying;
        let leaving: Vec<Running> = leaving;
        futures_util::future::join_all(leaving.iter().map(|r| stop(&r.id, r.spec.manners))).await;
        for gone in leaving {
            self.files.forget(&gone.spec.name);
        }
    }

    /// Kills everything at once: the second Ctrl-C.
    pub(crate) fn kill_all(&mut self) {
        for running in self.running.drain(..) {
            kill_group(&running.id);
            self.files.forget(&running.spec.name);
        }
    }
}

fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "for an unknown reason".to_owned(),
    }
}
