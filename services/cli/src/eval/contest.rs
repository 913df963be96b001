use futures_util::{StreamExt as _, stream};
use serde::Serialize;

use super::api::Api;
use super::judge;
use super::questions::Question;

/// Who is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Contestant {
    /// One model.
    Single(String),
    /// One model several times, reviewed and merged by itself.
    Ensemble(String),
    /// The agent's council.
    Council,
}

impl Contestant {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Single(model) => model.clone(),
            Self::Ensemble(model) => format!("ensemble of {model}"),
            Self::Council => "council".to_owned(),
        }
    }

    /// The mode of a run, and the model that it names.
    pub(super) fn mode(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Single(model) => ("SINGLE", Some(model)),
            Self::Ensemble(model) => ("SELF_ENSEMBLE", Some(model)),
            Self::Council => ("COUNCIL", None),
        }
    }
}

/// A question answered, or not.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Entry {
    pub(super) contestant: String,
    pub(super) question: String,
    #[serde(flatten)]
    pub(super) outcome: Result<Scored, String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Scored {
    /// 0 to 1.
    pub(super) score: f64,
    pub(super) cost_micros: i64,
    pub(super) millis: u64,
    pub(super) answer: String,
}

pub(super) struct Contest<'a> {
    pub(super) api: &'a Api,
    pub(super) agent: &'a str,
    pub(super) judge: Option<&'a str>,
    pub(super) parallel: usize,
}

impl Contest<'_> {
    /// Asks everybody everything. Contestants alternate, so that a slow hour of a provider hits all alike.
    pub(super) async fn hold(
        &self,
        contestants: &[Contestant],
        questions: &[Question],
        repeat: u32,
    ) -> Vec<Entry> {
        let rounds = (0..repeat).flat_map(|_| questions.iter());
        let asked = rounds.flat_map(|question| contestants.iter().map(move |who| (who, question)));
        let asked: Vec<_> = asked.collect();
        let answers = stream::iter(asked).map(|(who, question)| self.entry(who, question));
        answers.buffered(self.parallel).collect().await
    }

    async fn entry(&self, who: &Contestant, question: &Question) -> Entry {
        let outcome = self.scored(who, question).await.map_err(|error| format!("{error:#}"));
        if let Err(why) = &outcome {
            eprintln!("{} did not answer {}: {why}", who.name(), question.id);
        }
        Entry { contestant: who.name(), question: question.id.clone(), outcome }
    }

    async fn scored(&self, who: &Contestant, question: &Question) -> anyhow::Result<Scored> {
        let answered = self.api.ask(self.agent, who, question).await?;
        let judged = match (&question.expect.rubric, self.judge) {
            (Some(rubric), Some(model)) => {
                Some(judge::judge(self.api, model, question, rubric, &answered.text).await?)
            }
            _ => None,
        };
        Ok(Scored {
            score: question.expect.score(&answered.text, judged),
            cost_micros: answered.cost_micros,
            millis: answered.millis,
            answer: answered.text,
        })
    }
}
