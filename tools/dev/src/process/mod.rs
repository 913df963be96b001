//! Starting, watching and stopping other programs.

mod identity;
mod printer;
mod spec;
mod stop;
mod supervisor;

pub(crate) use identity::{Identity, PidFiles};
pub(crate) use printer::Printer;
pub(crate) use spec::Spec;
pub(crate) use stop::{BROKER, Manners, POSTGRES, PROMPT, SERVICE, stop, sweep};
pub(crate) use supervisor::{Death, Supervisor};

/// How a program known by its name likes to be stopped: used for leftovers, whose
/// specification is gone.
pub(crate) fn manners_of(name: &str) -> Manners {
    match name {
        "postgres" => POSTGRES,
        "rabbitmq" => BROKER,
        "redis" | "epmd" | "nginx" | "traces" => PROMPT,
        _ => SERVICE,
    }
}

/// One line about a program that died: which, how, its last word and where the rest is.
pub(crate) fn obituary(supervisor: &Supervisor, death: &Death) -> String {
    let (last, log) = match supervisor.spec(&death.name) {
        Some(spec) => (spec.last_words(1), spec.log.display().to_string()),
        None => Default::default(),
    };
    format!(
        "{} died ({}): {} - see {log}",
        death.name,
        death.status,
        if last.is_empty() { "it said nothing" } else { &last }
    )
}
