//! What consumers gave up on: to list, read, send back and drop.

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use witan_events::dead_letters::{DeadLetter, DeadLetters};

use crate::broker::{Broker, UNREACHABLE};
use crate::style::Style;

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLettersCommand {
    /// List what the consumer of a queue gave up on.
    List {
        #[command(flatten)]
        place: Place,
        /// How many to show.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Print one with its errors and its event.
    Show {
        #[command(flatten)]
        place: Place,
        /// The event's id.
        id: String,
    },
    /// Send one back to its consumer, or all.
    Replay {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        which: Which,
    },
    /// Remove one for good, or all.
    Drop {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The consumer's queue, such as `billing.usage`.
    queue: String,
    #[command(flatten)]
    broker: Broker,
    /// As JSON: one object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// The event's id.
    id: Option<String>,
    /// Everything in the queue.
    #[arg(long)]
    all: bool,
}

pub(crate) async fn run(command: DeadLettersCommand) -> Result<()> {
    match command {
        DeadLettersCommand::List { place, limit } => list(&place, limit).await,
        DeadLettersCommand::Show { place, id } => show(&place, &id).await,
        DeadLettersCommand::Replay { place, which } => {
            let count = connect(&place).await?.replay(&place.queue, which.id.as_deref()).await;
            done(&place, "sent back", count.with_context(|| failed(&place))?, which.all)
        }
        DeadLettersCommand::Drop { place, which } => {
            let count = connect(&place).await?.discard(&place.queue, which.id.as_deref()).await;
            done(&place, "dropped", count.with_context(|| failed(&place))?, which.all)
        }
    }
}

async fn list(place: &Place, limit: usize) -> Result<()> {
    let letters = connect(place).await?.list(&place.queue, limit).await.with_context(|| failed(place))?;
    for letter in &letters {
        let line =
            if place.json { serde_json::to_string(letter)? } else { line(Style::for_stdout(), letter) };
        println!("{line}");
    }
    if !place.json {
        println!("{} in {}", letters.len(), place.queue);
    }
    Ok(())
}

async fn show(place: &Place, id: &str) -> Result<()> {
    let letter = connect(place).await?.show(&place.queue, id).await.with_context(|| failed(place))?;
    match letter {
        Some(letter) if place.json => println!("{}", serde_json::to_string(&letter)?),
        Some(letter) => println!("{}", serde_json::to_string_pretty(&letter)?),
        None => bail!("{} has no dead letter {id}", place.queue),
    }
    Ok(())
}

async fn connect(place: &Place) -> Result<DeadLetters> {
    DeadLetters::connect(&place.broker.config()?).await.context(UNREACHABLE)
}

fn failed(place: &Place) -> String {
    format!("the broker refused; is {} a consumer's queue, such as billing.usage?", place.queue)
}

fn done(place: &Place, what: &str, count: usize, all: bool) -> Result<()> {
    if count == 0 && !all {
        bail!("no dead letter with this id");
    }
    match place.json {
        true => println!("{}", serde_json::json!({ "queue": place.queue, "count": count })),
        false => println!("{count} {what}"),
    }
    Ok(())
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
