//! The same questions to single models, to one model several times, and to the council: what each scores, costs and takes.

mod api;
mod contest;
mod judge;
mod page;
mod questions;
mod stats;
mod svg;
mod table;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use secrecy::SecretString;
use witan_config::Env;

use self::api::Api;
use self::contest::{Contestant, Entry};
use self::questions::Questions;

#[derive(Debug, Args)]
pub(crate) struct EvalCommand {
    /// The questions, a YAML file as the README shows.
    questions: PathBuf,
    /// Where the installation answers.
    #[arg(long, default_value = "http://localhost:8080")]
    url: String,
    /// The variable that holds an API key, so that the key is in no process list.
    #[arg(long, default_value = "WITAN_API_KEY")]
    key_env: String,
    /// The workspace to ask in, where the key works in several.
    #[arg(long)]
    workspace: Option<String>,
    /// Whom to ask.
    #[arg(long, default_value = "finance")]
    agent: String,
    /// Single models, separated by commas; the members of the agent's council unless told.
    #[arg(long, value_delimiter = ',')]
    models: Vec<String>,
    /// The model that is asked several times, merged by itself; the first of the single ones unless told.
    #[arg(long)]
    ensemble: Option<String>,
    /// The model that judges answers by rubrics. Should be none of those that are judged.
    #[arg(long)]
    judge: Option<String>,
    /// How often each question is asked of each.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    repeat: u32,
    /// How many questions are under way at a time.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=32))]
    parallel: u16,
    /// Writes an HTML page with charts here.
    #[arg(long)]
    html: Option<PathBuf>,
    /// Writes every answer with its score here, one JSON object a line.
    #[arg(long)]
    answers: Option<PathBuf>,
}

pub(crate) async fn run(command: EvalCommand) -> Result<()> {
    let text = std::fs::read_to_string(&command.questions)
        .with_context(|| format!("cannot read {}", command.questions.display()))?;
    let questions = Questions::parse(&text)?;
    questions.check_judge(command.judge.is_some())?;
    let key = Env::process().get(&command.key_env).map(SecretString::from);
    let key = key.with_context(|| format!("set {} to an API key", command.key_env))?;
    let api = Api::new(&command.url, key, command.workspace.as_deref())?;
    let contestants = contestants(&api, &command).await?;
    eprintln!(
        "{} questions, {} contestants, {} answers",
        questions.questions.len(),
        contestants.len(),
        questions.questions.len() * contestants.len() * command.repeat as usize
    );
    let contest = contest::Contest {
        api: &api,
        agent: &command.agent,
        judge: command.judge.as_deref(),
        parallel: usize::from(command.parallel),
    };
    let entries = contest.hold(&contestants, &questions.questions, command.repeat).await;
    if let Some(path) = &command.answers {
        let lines: Vec<String> = entries.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        write(path, &(lines.join("\n") + "\n"))?;
    }
    let rows = stats::rows(&contestants, &entries);
    print!("{}", table::render(&rows));
    if let Some(path) = &command.html {
        let title = questions.title.as_deref().unwrap_or("Evaluation");
        write(path, &page::render(title, &questions.questions, &rows, &entries))?;
        eprintln!("{}", path.display());
    }
    fail_if_nobody_answered(&entries)
}

async fn contestants(api: &Api, command: &EvalCommand) -> Result<Vec<Contestant>> {
    let models = match command.models.is_empty() {
        true => api.members(&command.agent).await?,
        false => command.models.clone(),
    };
    let ensemble = command.ensemble.clone().or_else(|| models.first().cloned());
    let mut contestants: Vec<Contestant> = models.into_iter().map(Contestant::Single).collect();
    contestants.extend(ensemble.map(Contestant::Ensemble));
    contestants.push(Contestant::Council);
    Ok(contestants)
}

fn write(path: &PathBuf, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn fail_if_nobody_answered(entries: &[Entry]) -> Result<()> {
    match entries.iter().find_map(|entry| entry.outcome.as_ref().err()) {
        Some(why) if entries.iter().all(|entry| entry.outcome.is_err()) => {
            anyhow::bail!("nobody answered: {why}")
        }
        _ => Ok(()),
    }
}
