//! What consumers gave up on: to list, read, send back and drop.

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use witan_events::dead_letters::{DeadLetter, DeadLetters, Which};

use crate::broker::{Broker, UNREACHABLE};
use crate::queues::Management;
use crate::style::Style;

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLettersCommand {
    /// List what the consumer of a queue gave up on, or what all of them did.
    List {
        /// The consumer's queue, such as `billing.usage`; all queues without it.
        queue: Option<String>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        types: Types,
        /// How many to show of a queue.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Print one with its errors and its event.
    Show {
        /// The consumer's queue, such as `billing.usage`.
        queue: String,
        /// The event's id.
        id: String,
        #[command(flatten)]
        place: Place,
    },
    /// Send one back to its consumer, or all.
    Replay(Many),
    /// Remove one for good, or all. All of every queue only by their type.
    Drop(Many),
}

#[derive(Debug, Args)]
pub(crate) struct Place {
    #[command(flatten)]
    broker: Broker,
    #[command(flatten)]
    management: Management,
    /// As JSON: one object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Types {
    /// Only events of this type: `*` stands for one segment, `#` for any number.
    #[arg(long = "type", value_name = "PATTERN")]
    pattern: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Many {
    /// The consumer's queue, such as `billing.usage`; with `--all`, all queues without it.
    #[arg(required_unless_present = "all")]
    queue: Option<String>,
    /// The event's id.
    #[arg(required_unless_present = "all", conflicts_with_all = ["all", "pattern"])]
    id: Option<String>,
    /// Everything in the queue, or in all of them.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    types: Types,
    #[command(flatten)]
    place: Place,
}

impl Types {
    fn which(&self) -> Which<'_> {
        self.pattern.as_deref().map_or(Which::All, Which::OfType)
    }
}

impl Many {
    fn which(&self) -> Which<'_> {
        self.id.as_deref().map_or_else(|| self.types.which(), Which::One)
    }
}

pub(crate) async fn run(command: DeadLettersCommand) -> Result<()> {
    match command {
        DeadLettersCommand::List { queue, place, types, limit } => {
            list(&place, queue, types.which(), limit).await
        }
        DeadLettersCommand::Show { queue, id, place } => show(&place, &queue, &id).await,
        DeadLettersCommand::Replay(many) => {
            let replay = async |letters: &DeadLetters, queue: &str| letters.replay(queue, many.which()).await;
            each(&many, "sent back", replay).await
        }
        DeadLettersCommand::Drop(many) => {
            if many.queue.is_none() && many.types.pattern.is_none() {
                bail!("name the queue whose dead letters are dropped, or their --type");
            }
            let drop = async |letters: &DeadLetters, queue: &str| letters.discard(queue, many.which()).await;
            each(&many, "dropped", drop).await
        }
    }
}

async fn list(place: &Place, queue: Option<String>, which: Which<'_>, limit: usize) -> Result<()> {
    let everywhere = queue.is_none();
    let letters = connect(place).await?;
    for queue in queues(place, queue).await? {
        let found = letters.list(&queue, which, limit).await.with_context(|| failed(&queue))?;
        for letter in &found {
            let line =
                if place.json { serde_json::to_string(letter)? } else { line(Style::for_stdout(), letter) };
            println!("{line}");
        }
        let worth_telling = !everywhere || !found.is_empty();
        if !place.json && worth_telling {
            println!("{} in {queue}", found.len());
        }
    }
    Ok(())
}

async fn show(place: &Place, queue: &str, id: &str) -> Result<()> {
    let letter = connect(place).await?.show(queue, id).await.with_context(|| failed(queue))?;
    match letter {
        Some(letter) if place.json => println!("{}", serde_json::to_string(&letter)?),
        Some(letter) => println!("{}", serde_json::to_string_pretty(&letter)?),
        None => bail!("{queue} has no dead letter {id}"),
    }
    Ok(())
}

/// Does it in the queue, or in every one; says how many that were.
async fn each(
    many: &Many,
    what: &str,
    work: impl AsyncFn(&DeadLetters, &str) -> Result<usize, witan_events::AmqpError>,
) -> Result<()> {
    let (place, everywhere) = (&many.place, many.queue.is_none());
    let letters = connect(place).await?;
    let mut total = 0;
    for queue in queues(place, many.queue.clone()).await? {
        let count = work(&letters, &queue).await.with_context(|| failed(&queue))?;
        total += count;
        match (place.json, everywhere) {
            (_, true) if count == 0 => {}
            (true, _) => println!("{}", serde_json::json!({ "queue": queue, "count": count })),
            (false, true) => println!("{count} {what} in {queue}"),
            (false, false) if count > 0 || many.all => println!("{count} {what}"),
            (false, false) => {}
        }
    }
    if total == 0 && !many.all {
        bail!("no dead letter with this id");
    }
    Ok(())
}

/// The one that was named, or those of all consumers.
async fn queues(place: &Place, named: Option<String>) -> Result<Vec<String>> {
    match named {
        Some(queue) => Ok(vec![queue]),
        None => place.management.consumers(&place.broker).await,
    }
}

async fn connect(place: &Place) -> Result<DeadLetters> {
    DeadLetters::connect(&place.broker.config()?).await.context(UNREACHABLE)
}

fn failed(queue: &str) -> String {
    format!("the broker refused; is {queue} a consumer's queue, such as billing.usage?")
}

fn line(style: Style, letter: &DeadLetter) -> String {
    let kind = letter.event.as_ref().map_or("not an event", |event| event.event_type.as_str());
    let when = letter.dead_at.as_deref().unwrap_or("at an unknown time");
    format!(
        "{}  {}  {}  {} tries  {}  {}",
        style.dim(when),
        style.bold(&letter.id),
        style.service(kind),
        letter.attempts,
        style.error(&letter.reason),
        letter.last_error,
    )
}
