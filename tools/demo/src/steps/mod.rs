//! The main job, in the order in which a person meets it.

mod account;
mod chat;
mod council;
mod export;
mod limits;
mod sign_up;
mod startups;
mod tasks;
mod team;
mod trace;
mod webhooks;

use anyhow::Result;

use crate::Options;
use crate::api::Api;
use crate::receiver::Receiver;
use crate::report::Report;

/// Walks the whole job and gives the number of steps that succeeded.
pub(crate) async fn walk(options: &Options) -> Result<usize> {
    let mut report = Report::new();
    let anonymous = Api::new(&options.gateway)?;
    let receiver = Receiver::start().await?;

    report.chapter("A person signs up and gets a workspace");
    let person = sign_up::run(&anonymous, &options.outbox, &mut report).await?;

    report.chapter("They look after their account");
    account::run(&anonymous, &person, &mut report).await?;

    report.chapter("They share their workspace");
    team::run(&anonymous, options, &person, &mut report).await?;

    report.chapter("They describe their start-up");
    let startup = startups::run(&person.api, &mut report).await?;

    report.chapter("A partner subscribes to webhooks");
    let endpoint = webhooks::subscribe(&person.api, &receiver, &mut report).await?;

    report.chapter("They chat with personas");
    chat::run(&person.api, &receiver, &mut report).await?;

    report.chapter("They ask the council");
    let run = council::run(&person.api, &startup, &mut report).await?;

    report.chapter("They follow it at work, and stop it");
    tasks::run(&person.api, &mut report).await?;

    report.chapter("The partner hears of it");
    webhooks::heard(&person.api, &receiver, &endpoint, &run, &mut report).await?;

    report.chapter("Usage is counted and limited");
    limits::run(&person.api, &mut report).await?;

    report.chapter("They take everything with them");
    export::run(&person.api, &mut report).await?;

    report.chapter("Nobody else sees any of it");
    startups::isolated(&anonymous, options, &startup, &mut report).await?;

    report.chapter("The operator sees all of it as one trace");
    trace::run(options, &run.trace, &mut report).await?;
    Ok(report.done())
}
